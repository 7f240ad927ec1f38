"""A nightly pipeline over a folder, end to end through the public command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
ROOT = Path(__file__).parents[1]

CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "vocab_size": 32000,
    "tie_word_embeddings": False,
}


def mirror(folder: Path, names: list[str], tokens: str = "2 trillion") -> None:
    for name in names:
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.json").write_text(json.dumps(CONFIG))
        (place / "README.md").write_text(
            f"---\nlicense: apache-2.0\npipeline_tag: text-generation\n---\n# {name}\n\n"
            f"The model was trained on {tokens} tokens of text.\n"
        )


def pipeline(folder: Path) -> Path:
    path = folder / "night.toml"
    path.write_text(
        f'source = "{folder / "repos"}"\ndb = "{folder / "x.duckdb"}"\nout = "{folder / "out"}"\n'
        f'reports = "{folder / "reports"}"\nreport = true\nexecutor = "serial"\nreference = false\n'
    )
    return path


def night(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpai_scan", "--log", "json", "run", str(pipeline(folder)), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def status(folder: Path) -> dict[str, object]:
    state: dict[str, object] = json.loads((folder / "reports/status.json").read_text())
    return state


def report_bytes(folder: Path) -> dict[str, bytes]:
    root = (folder / "reports/latest").resolve()
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_two_nights_end_to_end(tmp_path: Path) -> None:
    names = [f"lab{i}/model-{i}" for i in range(5)]
    mirror(tmp_path / "repos", names)
    first = night(tmp_path)
    assert first.returncode == 0, first.stderr
    assert all(json.loads(line)["message"] for line in first.stderr.splitlines())
    assert status(tmp_path)["outcome"] == "published"
    mirror(tmp_path / "repos", names[:1], tokens="200 billion")
    mirror(tmp_path / "repos", ["lab9/new-model"])
    second = night(tmp_path)
    assert second.returncode == 0, second.stderr
    tables = tmp_path / "reports/latest/tables/changes"
    changed = pl.read_parquet(list(tables.rglob("*.parquet"))).filter(
        pl.col("change").cast(pl.String).is_in(["new", "threshold"])
    )
    rows = changed.select(
        "repo_id", pl.col("change").cast(pl.String), "before", "after",
        pl.col("cause").cast(pl.String),
    ).rows()  # fmt: skip
    assert ("lab9/new-model", "new", None, None, "upstream") in rows
    assert ("lab0/model-0", "threshold", "above", "not above", "upstream") in rows


def test_the_same_night_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        mirror(tmp_path / name / "repos", [f"lab{i}/model-{i}" for i in range(4)])
        assert night(tmp_path / name).returncode == 0
    one, two = report_bytes(tmp_path / "one"), report_bytes(tmp_path / "two")
    assert one == two
    assert len(one) > 15


def test_a_night_that_loses_repositories_is_held_back(tmp_path: Path) -> None:
    names = [f"lab{i}/model-{i}" for i in range(20)]
    mirror(tmp_path / "repos", names)
    assert night(tmp_path).returncode == 0
    published = status(tmp_path)["published"]
    for name in names[:12]:
        for file in (tmp_path / "repos" / name).iterdir():
            file.unlink()
        (tmp_path / "repos" / name).rmdir()
    held = night(tmp_path)
    assert held.returncode == 1
    assert "fewer_repositories" in held.stderr
    assert status(tmp_path)["outcome"] == "held back"
    assert (tmp_path / "reports/latest").resolve().name == published


@pytest.mark.slow
def test_a_kill_at_any_moment_of_a_night_costs_nothing(tmp_path: Path) -> None:
    names = [f"lab{i}/model-{i}" for i in range(12)]
    mirror(tmp_path / "repos", names)
    assert night(tmp_path).returncode == 0
    before = report_bytes(tmp_path)
    mirror(tmp_path / "repos", ["lab9/new-model"])
    seen = set()
    for attempt in range(6):
        child = subprocess.Popen(
            [sys.executable, "-m", "gpai_scan", "run", str(pipeline(tmp_path))],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(0.8 * (attempt + 1))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        seen.add(frozenset(report_bytes(tmp_path).items()))
    assert night(tmp_path).returncode == 0
    after = report_bytes(tmp_path)
    assert seen <= {frozenset(before.items()), frozenset(after.items())}
    assert after != before
