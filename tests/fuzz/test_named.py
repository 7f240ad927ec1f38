"""Things that once broke somebody's reader, by name, through the public commands.

Each stands in a repository of its own beside a sound one. Every repository is a row in the end, the
sound one reads as it does alone, and every command answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import hostile
import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
CARD = "# Model\n\nThe model was trained on 2 trillion tokens and has 7B parameters.\n"
CONFIG = (
    '{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, '
    '"num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, '
    '"vocab_size": 32000}'
)
LONG = 100_000_000
"""Bytes of a line that should not be."""


def front(text: str) -> bytes:
    return f"---\n{text}\n---\n{CARD}".encode()


def config(value: str) -> bytes:
    return CONFIG.replace("4096", value).encode()


CARDS: dict[str, bytes] = {
    "alias-bomb": hostile.SEEDS["front_matter"][0] + CARD.encode(),
    "alias-of-itself": front("a: &a\n  b: *a\nlicense: *a"),
    "nested-yaml": front("x: " + "[" * 50_000 + "]" * 50_000),
    "nested-quotes": b"> " * 100_000 + CARD.encode(),
    "long-line": b"trained on " * (LONG // 11) + CARD.encode(),
    "zero-bytes": b"\0" * 100 + CARD.encode(),
    "zero-byte-late": b"x" * 9000 + b"\0\n" + CARD.encode(),
    "not-utf8": b"\xff\xc3\x28\xed\xa0\x80\n" + CARD.encode(),
    "utf16": ("\ufeff" + CARD).encode("utf-16-le"),
    "right-to-left": f"\u202e\u2066{CARD}\u2069\u200f".encode(),
    "unterminated": b"---\nlicense: mit\n" + CARD.encode(),
    "script": b"<script>alert(1)</script>\n" + CARD.encode(),
}
CONFIGS: dict[str, bytes] = {
    "infinite": config("1e999"),
    "power": config("1" + "0" * 400),
    "not-a-number": config("NaN"),
    "negative": config("-4096"),
    "nested-json": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "long-line-json": b'{"model_type": "' + b"x" * LONG + b'"}',
    "half-a-pair": config('"\\ud800"'),
    "digits": config("４０９６"),
}
NAMES = (
    *("it's", 'say"so', "a;drop table estimates", "back\\slash", "percent%s", "$(id)", "a b"),
    *("new\nline", "esc\x1b[31m", "\u202ereversed", "na\u0301me", "x" * 200, "-rf", "=1+1"),
)
"""Names of folders; those with control characters can be no repository's."""
UNUSABLE = ("new\nline", "esc\x1b[31m")


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpai_scan", *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("named")
    files = {f"card/{name}": (content, CONFIG.encode()) for name, content in CARDS.items()}
    files |= {f"config/{name}": (CARD.encode(), content) for name, content in CONFIGS.items()}
    files |= {f"name/{name}": (CARD.encode(), CONFIG.encode()) for name in (*NAMES, "sound")}
    for repo_id, (card, configuration) in files.items():
        folder = base / "repos" / repo_id
        folder.mkdir(parents=True)
        (folder / "README.md").write_bytes(card)
        (folder / "config.json").write_bytes(configuration)
    done = command(base, "run", "--source", "repos", "--db", "x.duckdb", "--out", "t")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return base


def rows(scanned: Path, prefix: str) -> dict[str, dict[str, object]]:
    found = pl.read_parquet(scanned / "t/estimates.parquet").to_dicts()
    return {r["repo_id"].removeprefix(prefix): r for r in found if r["repo_id"].startswith(prefix)}


def test_every_repository_is_a_row_or_a_problem(scanned: Path) -> None:
    assert set(rows(scanned, "card/")) == set(CARDS)
    assert set(rows(scanned, "config/")) == set(CONFIGS)
    assert set(rows(scanned, "name/")) == {"sound", *NAMES} - set(UNUSABLE)
    problems = pl.read_parquet(scanned / "t/problems.parquet")
    assert problems.filter(pl.col("reason") == "bad_name").height == len(UNUSABLE)


def test_the_rest_of_a_card_is_read(scanned: Path) -> None:
    """Only what is no text at all, or stands behind the first million bytes, says nothing."""
    read = {name for name, row in rows(scanned, "card/").items() if row["tokens"] == 2e12}
    assert read == set(CARDS) - {"zero-bytes", "long-line"}
    assert all(row["tokens"] == 2e12 for row in rows(scanned, "name/").values())


def test_no_figure_is_beyond_what_can_be(scanned: Path) -> None:
    for name, row in (rows(scanned, "config/") | rows(scanned, "card/")).items():
        total = row["parameters_total"]
        assert total is None or 6e9 < float(str(total)) < 8e9, name


@pytest.mark.parametrize("name", ["it's", "a;drop table estimates", "\u202ereversed", "-rf"])
def test_a_name_can_be_asked_for(name: str, scanned: Path) -> None:
    done = command(scanned, "why", "--db", "x.duckdb", "--format", "json", "--", f"name/{name}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_every_command_answers(scanned: Path) -> None:
    for words in (
        ("count", "--threshold", "1e22"),
        ("ask", "above", "--format", "csv"),
        ("sweep", "--format", "csv"),
        ("status",),
        ("report", "--out", "report"),
    ):
        done = command(scanned, *words, "--db", "x.duckdb")
        assert done.returncode == 0, (words, done.stderr)
        assert "\x1b[31m" not in done.stdout
    page = (scanned / "report/index.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
