"""The main job end to end, through the public command, on small folders."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from gpai_scan import schema
from gpai_scan.run import run
from gpai_scan.settings import from_values
from gpai_scan.store import Store

LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 22,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "vocab_size": 32000,
    "tie_word_embeddings": False,
}
CARD = """---
license: apache-2.0
pipeline_tag: text-generation
---
# Small one

We pretrained this model from scratch on 3 trillion tokens.
"""


def repository(root: Path, repo_id: str, **files: str | bytes) -> None:
    folder = root / repo_id
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return build(tmp_path / "mirror")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one finished run over the mirror."""
    folder = tmp_path_factory.mktemp("scanned")
    scan(build(folder / "mirror"), folder)
    return folder


def build(root: Path) -> Path:
    config = json.dumps(LLAMA)
    repository(root, "lab/small-1.1b", README__md=CARD, config__json=config)
    repository(
        root,
        "copier/small-1.1b-GGUF",
        README__md="---\nbase_model: lab/small-1.1b\nbase_model_relation: quantized\n---\n",
    )
    repository(root, "quiet/thing-7b", README__md="Nothing is said here.\n")
    repository(root, "broken/json", README__md=CARD, config__json='{"hidden_size": ')
    repository(root, "broken/bytes", README__md=b"\xff\xfe\x00\x01" * 50, config__json=b"\x00")
    repository(root, "broken/types", config__json='{"hidden_size": "wide", "model_type": 3}')
    repository(root, "broken/empty", README__md="", config__json="")
    repository(root, "broken/absurd", README__md="Trained on 1e40 tokens.\n", config__json=config)
    repository(root, "broken/yaml", README__md="---\nlicense: [mit\n  x: : :\n---\nHello\n")
    return root


def scan(mirror: Path, out: Path, **options: object) -> pl.DataFrame:
    values = {"source": str(mirror), "db": out / "s.duckdb", "out": out / "tables"}
    run(from_values(values | {"executor": "serial"} | options))
    return pl.read_parquet(out / "tables" / "estimates.parquet")


def test_every_repository_is_a_row_with_a_figure_or_a_reason(scanned: Path) -> None:
    estimates = pl.read_parquet(scanned / "tables" / "estimates.parquet")
    rows = {row["repo_id"]: row for row in estimates.iter_rows(named=True)}
    assert len(rows) == 9
    model = rows["lab/small-1.1b"]
    assert model["parameters_total"] == pytest.approx(1_100_048_384)
    assert model["tokens"] == 3e12
    assert model["compute_flop"] == pytest.approx(1.98e22, rel=0.2)
    assert model["outputs"] == ["text"]
    copy = rows["copier/small-1.1b-GGUF"]
    assert (copy["relation"], copy["model_id"]) == ("quantized", "lab/small-1.1b")
    assert (copy["own_flop"], copy["compute_flop"]) == (0.0, model["compute_flop"])
    assert rows["broken/absurd"]["compute_flop"] is None
    for row in rows.values():
        assert (row["compute_flop"] is None) == (row["skip_reason"] is not None)


def test_every_figure_traces_to_a_file_and_its_words(scanned: Path) -> None:
    facts = pl.read_parquet(scanned / "tables" / "facts.parquet")
    tokens = facts.filter(
        (pl.col("repo_id") == "lab/small-1.1b") & (pl.col("quantity") == "tokens")
    ).row(0, named=True)
    assert (tokens["file"], tokens["line"]) == ("README.md", 7)
    assert "3 trillion tokens" in tokens["quote"]


def test_the_same_input_gives_the_same_bytes(scanned: Path, tmp_path: Path) -> None:
    scan(scanned / "mirror", tmp_path, executor="processes:2")
    for table in schema.TABLES:
        one = scanned / "tables" / f"{table.name}.parquet"
        two = tmp_path / "tables" / f"{table.name}.parquet"
        if one.exists() or two.exists():
            assert one.read_bytes() == two.read_bytes(), table.name


def test_a_limit_takes_the_first_repositories(mirror: Path, tmp_path: Path) -> None:
    rows = scan(mirror, tmp_path, limit=3, repositories_per_shard=2)
    assert rows["repo_id"].to_list() == ["broken/absurd", "broken/bytes", "broken/empty"]


def test_own_figures_make_another_scan(mirror: Path, tmp_path: Path) -> None:
    scan(mirror, tmp_path, limit=1)
    own = tmp_path / "own.csv"
    for value in ("1e12", "2e12"):
        own.write_text(f"repo_id,quantity,value,source\nbroken/absurd,tokens,{value},a letter\n")
        scan(mirror, tmp_path, limit=1, overrides=own)
    with Store.open(tmp_path / "s.duckdb") as store:
        assert len(store.scan_ids()) == 3


def test_a_second_run_reads_nothing_again_and_a_changed_file_is_read(
    mirror: Path, tmp_path: Path
) -> None:
    scan(mirror, tmp_path)
    before = written(tmp_path / "s.shards")
    scan(mirror, tmp_path)
    assert written(tmp_path / "s.shards") == before
    (mirror / "lab/small-1.1b/README.md").write_text(CARD.replace("3 trillion", "2 trillion"))
    rows = scan(mirror, tmp_path)
    assert rows.filter(pl.col("repo_id") == "lab/small-1.1b").item(0, "tokens") == 2e12
    with Store.open(tmp_path / "s.duckdb") as store:
        assert len(store.scan_ids()) == 2


def written(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpai_scan", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PATH": "", "PYTHONPATH": str(Path(__file__).parents[1]), "NO_COLOR": "1"},
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nope"), "no pipelines named 'nope'"),
        (("run", "--source", "nowhere"), "nowhere"),
        (("run", "--regime", "eu-final"), "eu-guidelines-final"),
        (("run", "--executor", "cloud"), "cloud"),
        (("ask", "abvoe"), "did you mean 'above'"),
        (("ask", "above", "--param", "treshold=1"), "did you mean 'threshold'"),
        (("why", "a/b", "--db", "none.duckdb"), "there is no database"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_exit_code_two(
    words: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = command(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_results_go_to_standard_output_and_talk_to_standard_error(
    mirror: Path, tmp_path: Path
) -> None:
    done = command("run", "--source", str(mirror), "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert {answer["regime"] for answer in answers} >= {"eu-guidelines-final", "threshold"}
    assert all(answer["definition"] for answer in answers)
    chain = command("why", "lab/small-1.1b", "--format", "csv", cwd=tmp_path)
    assert "3 trillion tokens" in chain.stdout
    missing = command("why", "lab/smal-1.1b", cwd=tmp_path)
    assert missing.returncode == 2
    assert "lab/small-1.1b" in missing.stderr
