"""Absurd and hostile claims through the whole chain: visible, flagged, and in no count."""

from __future__ import annotations

import polars as pl
import pytest

from gpai_scan import run, settings
from gpai_scan.store import Store

SQL = "'); drop table estimates; --"
CONFIG = (
    '{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, '
    '"num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, '
    '"vocab_size": 32000}'
)
CARDS = {
    "boast/million-7b": "# M\n\nThe model was trained on " + "1" + "0" * 40 + " tokens.\n",
    "boast/power-7b": "# P\n\nThe model was trained on 10^40 tokens.\n",
    "boast/tera-7b": "# T\n\nIt was trained on 1e30 trillion tokens for 1e30 A100 GPU hours.\n",
    "quote/sql-7b": f'---\nlicense: "{SQL}"\nbase_model: "x/{SQL}"\n---\n# {SQL}\n\n{SQL}\n',
    # 3.5 in the digits of Arabic, with marks that change the direction of writing.
    "quote/marks-7b": "# \u202eT5\u202c\n\nTrained on \u0663\u066b\u0665 trillion \u200ftokens.\n",
    "honest/model-7b": "# H\n\nThe model was trained on 2 trillion tokens.\n",
}


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> run.Scan:
    base = tmp_path_factory.mktemp("absurd")
    for repo_id, text in CARDS.items():
        folder = base / "repos" / repo_id
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(text, encoding="utf-8")
        (folder / "config.json").write_text(CONFIG, encoding="utf-8")
    asked = settings.load(
        "sample",
        source=str(base / "repos"),
        db=base / "x.duckdb",
        out=base / "tables",
        executor="serial",
        thresholds=(1e22, 1e23, 1e25),
    )
    return run.run(asked)


def test_a_boast_is_in_no_count(scan: run.Scan) -> None:
    estimates = pl.read_parquet(scan.out / "estimates.parquet")
    assert set(estimates["repo_id"]) == set(CARDS)
    assert estimates.filter(pl.col("compute_flop") > 1e28).is_empty()
    answers = pl.read_parquet(scan.out / "answers.parquet").filter(
        (pl.col("regime") == "threshold") & (pl.col("unit") == "models")
    )
    counts = dict(answers.select("threshold", "models_in").iter_rows())
    assert counts == {1e22: 2, 1e23: 1, 1e25: 0}  # the honest one, and the one of 3.5 trillion


def test_a_boast_is_visible(scan: run.Scan) -> None:
    evidence = pl.read_parquet(scan.out / "evidence.parquet")
    for repo_id in ("boast/million-7b", "boast/tera-7b"):
        quotes = evidence.filter(pl.col("repo_id") == repo_id)["quote"].drop_nulls().to_list()
        assert any("token" in quote for quote in quotes), repo_id
    boasts = pl.read_parquet(scan.out / "estimates.parquet").filter(
        pl.col("repo_id").str.starts_with("boast/")
    )
    assert boasts["skip_reason"].to_list() == ["implausible"] * 3
    assert boasts["flags"].list.contains("implausible_tokens").all()
    assert (boasts["tokens"] >= 1e40).all(), "the claim itself stays to be seen"


def test_statements_of_sql_stay_text(scan: run.Scan) -> None:
    with Store.open(scan.db) as store:
        assert store.table("estimates").collect().height == len(CARDS)
        found = store.query("select count(*) as n from estimates where repo_id = $id", id=SQL)
    assert found.item() == 0
