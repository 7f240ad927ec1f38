"""`count`, `sweep`, `regimes` and `why` through the command line, on a small stored scan."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from judging import Row, derived, frame, made, people

from gpai_scan import counting, rules, schema, store
from gpai_scan.cli import main
from gpai_scan.parquet import write

REGIMES = ("eu-draft-2025-04", "eu-guidelines-final")


def scan_rows() -> list[Row]:
    base = made(repo_id="lab/base", flop=9e23, licence="apache-2.0", gated="no", tokens=1e12,
                parameters_active=1.5e11, parameters_total=1.5e11, tokens_method="card_text",
                parameters_active_method="weights", compute_method="architecture")  # fmt: skip
    return [
        base,
        made(repo_id="acme/large", flop=2.34e25, licence="llama3.1", tokens=1e13,
             created_at=datetime(2024, 7, 1, tzinfo=UTC)),
        made(repo_id="acme/ears", flop=5e23, narrow=["transcription_only"], licence="mit"),
        made(repo_id="acme/small", flop=3e22, licence="mit"),
        made(repo_id="acme/silent", parameters_total=7e10),
        derived(base, "lab/chat", 3.2e21, licence="apache-2.0",
                created_at=datetime(2025, 9, 1, tzinfo=UTC)),
        derived(base, "other/tuned", 4e23, licence="mit"),
        derived(base, "copies/base-GGUF", 0.0, relation="quantized"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan")
    rows = scan_rows()
    estimates = frame(rows)
    owners = people(
        lab={"entity_id": "hub:lab", "country": "FR", "eu_status": "EU",
             "entity_type": "academia"},
        acme={"entity_id": "hub:acme", "country": "US", "eu_status": "non-EU",
              "entity_type": "company"},
        copies={"entity_id": "hub:copies", "role": "re-uploader"},
    )  # fmt: skip
    loaded = [rules.load(name) for name in REGIMES]
    verdicts = rules.verdicts(estimates, owners, loaded).collect().lazy()
    ids = [row["repo_id"] for row in rows]
    repositories = schema.REPOSITORIES.conform(
        pl.LazyFrame(
            {
                "repo_id": ids,
                "namespace": [i.split("/")[0] for i in ids],
                "safetensors_total": [7e9] * len(ids),
                "model_type": ["llama"] * len(ids),
                "downloads_30d": [1000.0] * len(ids),
            }
        )
    ).sort("repo_id")
    links = schema.LINEAGE.conform(
        pl.LazyFrame(
            [{"repo_id": r["repo_id"], "base_repo_id": r["base_repo_id"]}
             for r in rows if r.get("base_repo_id")]
        )
    ).sort("repo_id")  # fmt: skip
    scans = schema.SCANS.conform(
        pl.LazyFrame({"scan_id": ["t"], "complete": [True], "repositories": [len(ids)]})
    )
    made_from = {
        schema.SCANS: scans,
        schema.ESTIMATES: estimates,
        schema.ENTITIES: owners,
        schema.VERDICT_TABLE: verdicts,
        schema.ANSWERS: counting.answers(verdicts, estimates, owners, loaded, [1e23]),
        schema.REPOSITORIES: repositories,
        schema.LINEAGE: links,
    }
    tables = {}
    for table, rows_of in made_from.items():
        tables[table.name] = folder / f"{table.name}.parquet"
        write(table, rows_of, tables[table.name])
    path = folder / "scan.duckdb"
    store.write_scan(path, "t", tables)
    return path


@dataclass(frozen=True)
class Done:
    """What a command wrote and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, code: int = 0) -> Done:
    """A command in this process, through the same entry point as `gpai-scan`."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["gpai-scan", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
        ended = 0
    except SystemExit as stop:
        ended = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.argv = before
    done = Done(ended, out.getvalue(), err.getvalue())
    assert done.returncode == code, done.stderr
    return done


def answered(*arguments: object) -> list[dict[str, Any]]:
    return json.loads(run(*arguments, "--format", "json").stdout)


def test_count_says_how_many_and_what_was_counted(database: Path) -> None:
    rows = answered("count", "--db", database)
    gpai = next(r for r in rows if r["rule"] == "gpai" and r["unit"] == "models")
    assert (gpai["models_in"], gpai["models_out"], gpai["models_unknown"]) == (2, 2, 1)
    assert gpai["entities_in"] == 2
    assert "> 1e23" in gpai["definition"]
    assert next(r for r in rows if r["rule"] == "tier:gpai")["models_in"] == 3


def test_count_at_thresholds_stored_or_not(database: Path) -> None:
    rows = answered("count", "--db", database, "-t", "1e23", "-t", "1e25", "--unit", "models")
    assert [(r["threshold"], r["models_in"]) for r in rows] == [(1e23, 3), (1e25, 1)]


def test_count_a_rule_of_ones_own_in_words_and_in_a_file(database: Path, tmp_path: Path) -> None:
    words = "training_compute > 1e22 and licence is mit"
    rows = answered("count", "--db", database, "--rule", words)
    assert {(r["unit"], r["models_in"]) for r in rows} == {("models", 2), ("repositories", 3)}
    path = tmp_path / "mine.toml"
    path.write_text(f'id = "mine"\n[[rule]]\nid = "small"\nwhen = "{words}"\n', encoding="utf-8")
    again = answered("count", "--db", database, "--regime", path)
    assert [r["models_in"] for r in again] == [r["models_in"] for r in rows]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("country", {"FR": 1, "US": 1}),
        ("eu_status", {"EU": 1, "non-EU": 1}),
        ("entity_type", {"academia": 1, "company": 1}),
        ("licence", {"apache-2.0": 1, "llama3.1": 1, "mit": 0, "unknown": 0}),
        ("licence_class", {"yes": 1, "no": 1, "unknown": 0}),
        ("modality", {"text": 2}),
    ],
)
def test_count_by(database: Path, group: str, expected: dict[str, int]) -> None:
    rows = answered("count", "--db", database, "--by", group)
    assert {r[group]: r["models_in"] for r in rows} == expected


def test_count_lists_the_models_with_their_reasons(database: Path) -> None:
    rows = answered("count", "--db", database, "--models")
    assert [r["repo_id"] for r in rows] == ["acme/large", "lab/chat"]
    assert all(r["reason"] for r in rows)
    modifiers = answered("count", "--db", database, "--models", "--clause", "modifier")
    assert [r["repo_id"] for r in modifiers] == ["other/tuned"]


def test_count_against_another_rule_set(database: Path) -> None:
    bridge = answered("count", "--db", database, "--regime", REGIMES[0], "--against", REGIMES[1])
    assert bridge[0]["models_in"] == 7
    assert bridge[-1]["models_in"] == 2
    moved = answered(
        "count", "--db", database, "--regime", REGIMES[0], "--against", REGIMES[1], "--moved"
    )
    assert {r["repo_id"] for r in moved} == {"acme/ears", "acme/small"}


def test_count_the_exemption_and_what_to_look_up(database: Path) -> None:
    rows = {r["repo_id"]: r for r in answered("count", "--db", database, "--exempt")}
    assert rows["acme/large"]["exempt_lenient"] is False
    next_up = answered("count", "--db", database, "--investigate", 3)
    assert next_up[0]["model"] == "acme/silent"


def test_count_with_figures_no_hub_shows(database: Path, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("entity_id,entity_revenue_usd\nhub:acme,6e8\n", encoding="utf-8")
    rule = "training_compute > 1e25 and entity_revenue_usd > 5e8"
    before = answered("count", "--db", database, "--rule", rule, "--unit", "models")
    after = answered(
        "count", "--db", database, "--rule", rule, "--unit", "models", "--metrics", table
    )
    assert (before[0]["models_in"], before[0]["models_unknown"]) == (0, 2)
    assert (after[0]["models_in"], after[0]["models_unknown"]) == (1, 1)


def test_count_by_reach_and_place_in_the_value_chain(database: Path) -> None:
    rows = answered(
        "count", "--db", database, "--unit", "models",
        "--rule", "descendants >= 2 and family_downloads_30d > 3000",
    )  # fmt: skip
    assert rows[0]["models_in"] == 1
    assert "stands in for" in rows[0]["definition"]


def test_fail_if_gives_exit_code_one(database: Path) -> None:
    done = run("count", "--db", database, "--fail-if", "models_in > 2", code=1)
    assert "models_in > 2" in done.stderr
    run("count", "--db", database, "--fail-if", "models_in > 200")
    run("count", "--db", database, "--fail-if", "nonsense", code=2)


def test_sweep(database: Path) -> None:
    rows = answered("sweep", "--db", database, "--from", "1e22", "--to", "1e26", "--steps", "5")
    assert [r["models_in"] for r in rows] == [4, 3, 1, 1, 0]
    run("sweep", "--db", database, "--from", "1e26", "--to", "1e22", code=2)


def test_sweep_relative_to_the_frontier(database: Path) -> None:
    rows = answered("sweep", "--db", database, "--regime", REGIMES[1], "--relative", "--steps", "3")
    assert rows[0]["models_in"] == 2
    assert rows[-1]["models_in"] == 0


def test_the_published_table_needs_no_scan(tmp_path: Path) -> None:
    rows = answered("count", "--published", "--db", tmp_path / "none", "-t", "1e23")
    assert next(r for r in rows if r["unit"] == "repositories")["models_in"] == 378


def test_regimes_lists_shows_and_checks(tmp_path: Path) -> None:
    assert len(answered("regimes")) == 20
    shown = {r["rule"]: r for r in answered("regimes", "eu-guidelines-final")}
    assert shown["modifier"]["test"] == "modification_ratio > 0.3333"
    path = tmp_path / "mine.toml"
    path.write_text('id = "mine"\n[[rule]]\nid = "a"\nmetrik = "likes"\n', encoding="utf-8")
    wrong = run("regimes", path, code=2)
    assert "mine.toml, line 4: unknown key 'metrik'" in wrong.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("count", "--regime", "eu-guideline"),
        ("count", "--by", "contry"),
        ("count", "--rule", "traning_compute > 1"),
        ("count", "--rule", "likes > 1", "--regime", "eu-draft-2025-04"),
        ("count", "--clause", "gpia"),
        ("count", "--against", "nobody"),
        ("sweep", "--rule", "likes > 1 or downloads_30d > 1"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(
    database: Path, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments, "--db", database, code=2)
    assert done.stderr.startswith("Error: ")


def test_why_ends_with_the_figure_to_notify(database: Path) -> None:
    rows = answered("why", "acme/large", "--db", database, "--regime", REGIMES[1])
    last = rows[-1]
    assert (last["step"], last["value"]) == ("notification", "2.3e25 FLOP")
    verdicts = {r["what"]: r for r in rows if r["step"] == "verdict"}
    systemic = verdicts[f"{REGIMES[1]}, systemic"]
    assert systemic["value"] == "in"
    assert "section 2.3" in systemic["where"]
    assert "asked: > 1e25" in systemic["words"]
    exemption = next(r for r in rows if r["step"] == "exemption")
    assert exemption["value"] == "strict no, lenient no"


def test_why_judges_a_rule_set_the_scan_was_not_judged_by(database: Path) -> None:
    rows = answered("why", "acme/large", "--db", database, "--regime", "kr-ai-basic-act")
    verdict = next(r for r in rows if r["step"] == "verdict")
    assert verdict["value"] == "out"


def test_why_says_when_the_duties_began(database: Path) -> None:
    words = {}
    for name in ("acme/large", "lab/chat"):
        rows = answered("why", name, "--db", database, "--regime", REGIMES[1])
        words[name] = next(r["words"] for r in rows if r["step"] == "date")
    assert "comply by 2027-08-02" in words["acme/large"]
    assert "duties from placing on the market" in words["lab/chat"]


def test_what_a_text_leaves_open_is_an_assumption(database: Path) -> None:
    clause = ("--regime", REGIMES[0], "--clause", "distinct-model-gpai", "--unit", "models")
    written = answered("count", "--db", database, *clause)
    exact = answered("count", "--db", database, *clause, "--assume", "thirds=exact")
    assert (written[0]["models_in"], exact[0]["models_in"]) == (1, 0)
    run("count", "--db", database, "--assume", "thirds=rough", code=2)
    run("count", "--db", database, "--assume", "third=exact", code=2)
