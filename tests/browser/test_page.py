"""The page in a real browser: right counts, no harm, no request, usable by everyone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import synthetic

from gpai_scan import counting, report, rules, schema
from gpai_scan.report.content import positions
from gpai_scan.report.curves import curves

pytest.importorskip("vl_convert", reason="needs `pip install 'gpai-scan[report]'`")
pytestmark = pytest.mark.browser

HOSTILE = (
    "evil/<script>document.title='owned'</script>",
    "evil/<img src=x onerror=alert(1)>",
    "=cmd|'calc'!A0/m",
    "+1/m",
    "-1/m",
    "@sum/m",
    "rtl/\u202egnp.model",
    "rtl/\u0646\u0645\u0648\u0630\u062c",
    "long/" + "x" * 10_000,
    '</script><script>alert(1)</script>/"quoted" & more',
    "vega/{{datum.x}}${1}",
)
EVIL_QUOTE = "<b onclick=alert(1)>12T</b> tokens \u202e<script>alert(2)</script>"


def write(frames: synthetic.Frames, folder: Path) -> Path:
    """A report with the slider's counts of two rule sets."""
    row = frames["scans"].collect().row(0, named=True)
    regimes = [rules.load("eu-guidelines-final"), rules.load("eu-draft-2025-04")]
    swept = curves(frames, regimes, positions())
    report.write(frames, row, folder, sweep=swept)
    return folder / "index.html"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(synthetic.scan(300), tmp_path_factory.mktemp("plain") / "report")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = synthetic.scan(60, names=HOSTILE)
    frames["facts"] = frames["facts"].with_columns(quote=pl.lit(EVIL_QUOTE))
    frames["entities"] = frames["entities"].with_columns(entity=pl.lit("=1+1<script>"))
    frames["estimates"] = frames["estimates"].with_columns(licence=pl.lit("</td><script>"))
    return write(frames, tmp_path_factory.mktemp("hostile") / "report")


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_slider_gives_the_counts_of_the_counting(
    plain: Path, visit: Callable[..., Any]
) -> None:
    frames = synthetic.scan(300)
    here = visit(plain)
    thresholds = positions()
    steps = list(range(4, len(thresholds), len(thresholds) // 10))[:10]
    wanted = counting.answers(
        schema.VERDICT_TABLE.empty().lazy(),
        frames["estimates"],
        frames["entities"],
        [],
        [thresholds[step] for step in steps],
    ).collect()
    seen = set()
    for step in steps:
        row = wanted.row(
            by_predicate=(pl.col("threshold") == thresholds[step]) & (pl.col("unit") == "models"),
            named=True,
        )
        here.move(step)
        assert number(here.text("#models-in")) == row["models_in"]
        assert number(here.text("#entities-in")) == row["entities_in"]
        assert number(here.text("#models-unknown")) == row["models_unknown"]
        assert number(here.text("#models-out")) == row["models_out"]
        assert f"{thresholds[step]:.3g}".replace("e+", "e") in here.text("#threshold")
        seen.add(row["models_in"])
    assert len(seen) >= 5
    assert here.complaints == []


def test_the_keyboard_moves_the_slider_and_the_rule_set(
    plain: Path, visit: Callable[..., Any]
) -> None:
    here = visit(plain)
    here.page.locator("#slider").focus()
    before = here.text("#threshold")
    here.page.keyboard.press("ArrowRight")
    assert here.text("#threshold") != before
    here.page.keyboard.press("Home")
    assert here.text("#threshold") == "1e18 FLOP"
    assert here.page.get_attribute("#slider", "aria-valuetext") == "1e18 FLOP"
    here.page.select_option("#population", label="eu-guidelines-final, gpai: models")
    assert "generates text or speech" in here.text("#definition")
    assert here.complaints == []


def test_charts_are_drawn_and_follow_the_slider(plain: Path, visit: Callable[..., Any]) -> None:
    here = visit(plain)
    for chart in ("#curve", "#frontier", "#group-0", "#group-3"):
        assert here.page.locator(f"{chart} svg path").count() > 3
    here.move(0)
    here.page.wait_for_timeout(300)
    bars = here.page.inner_html("#group-0")
    here.move(150)
    here.page.wait_for_timeout(300)
    assert here.page.inner_html("#group-0") != bars


def test_search_finds_sorts_pages_and_shows_evidence(
    plain: Path, visit: Callable[..., Any]
) -> None:
    here = visit(plain)
    assert here.text("#found") == "300 models"
    assert here.page.locator("#list tbody th").count() == 50
    here.page.click("#next")
    assert here.text("#where") == "51 to 100"
    here.page.fill("#search", "MODEL-00007")
    assert here.text("#found") == "1 models"
    here.page.click("#list summary")
    details = here.text("#list details")
    assert "num_hidden_layers 7" in details
    assert "README.md, line 12" in details
    assert "Verdicts: eu-guidelines-final, gpai: in." in details
    link = here.page.get_attribute("#list details a", "href")
    assert link == f"https://huggingface.co/lab0/model-00007/blob/{7:040x}/config.json#L1"
    here.page.fill("#search", "num_hidden_layers 8")
    assert "model-00008" in here.text("#list tbody")
    here.page.fill("#search", "no such thing")
    assert here.text("#found") == "0 models"
    here.page.fill("#search", "")
    here.move(120)
    here.page.check("#above")
    assert here.text("#found") == f"{here.text('#models-in')} models"
    here.page.uncheck("#above")
    here.page.click("[data-sort=repo_id]")
    assert here.page.inner_text("#list tbody th a").startswith("lab0/model-00000")
    assert here.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_an_accessibility_check_finds_nothing(
    plain: Path, visit: Callable[..., Any], scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    here = visit(plain, color_scheme=scheme, viewport={"width": width, "height": 800})
    here.page.click("#list summary")
    found = axe.Axe().run(here.page)
    assert found.violations_count == 0, found.generate_report()
    assert here.page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_asked_of_any_host(plain: Path, visit: Callable[..., Any]) -> None:
    here = visit(plain)
    here.move(3)
    here.page.fill("#search", "lab1")
    here.page.wait_for_timeout(300)
    assert [url for url in here.requests if not url.startswith("blob:")] == [plain.as_uri()]
    refused = here.page.evaluate(
        "fetch('https://example.org/').then(() => 'sent', (error) => 'refused')"
    )
    assert refused == "refused"


def test_hostile_names_quotes_and_owners_do_no_harm(
    hostile: Path, visit: Callable[..., Any]
) -> None:
    here = visit(hostile)
    title = here.page.title()
    for summary in here.page.locator("#list summary").all():
        summary.click()
    here.move(10)
    here.page.wait_for_timeout(300)
    assert here.complaints == []
    assert here.page.title() == title
    assert here.page.locator("script").count() == 3
    assert here.page.locator("#list img, #list b, #list script").count() == 0
    said = here.text("#list tbody")
    assert "evil/<script>document.title='owned'</script>" in said
    assert "\u202e" not in said
    assert "\\u202egnp.model" in said
    assert "<b onclick=alert(1)>12T</b> tokens" in said
    long = here.page.locator("#list bdi[title^='long/xxx']")
    assert len(long.get_attribute("title") or "") == 10_005
    assert len(long.inner_text()) < 130
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_an_export_has_no_cell_a_spreadsheet_would_run(
    hostile: Path, visit: Callable[..., Any]
) -> None:
    here = visit(hostile)
    with here.page.expect_download() as started:
        here.page.click("#export")
    text = Path(started.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 60
    names = {row["repo_id"] for row in rows}
    assert {"'=cmd|'calc'!A0/m", "'+1/m", "'-1/m", "'@sum/m"} <= names
    cells = [cell for row in rows for cell in row.values() if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]


def test_it_prints_and_reads_without_scripts(plain: Path, browser: Any) -> None:  # noqa: ANN401
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(plain.as_uri())
    assert "eu-guidelines-final" in page.inner_text("#rules") or "threshold" in page.inner_text(
        "#rules"
    )
    assert "need JavaScript" in page.inner_text("#answer")
    assert len(page.pdf()) > 10_000
    context.close()


def test_ten_thousand_models_fit_in_five_megabytes(
    tmp_path: Path, visit: Callable[..., Any]
) -> None:
    path = write(synthetic.scan(12_000), tmp_path / "report")
    assert path.stat().st_size < 5_000_000
    here = visit(path)
    assert "10,000 of 12,000 models" in here.text("#models")
    here.page.fill("#search", "model-00777")
    assert here.text("#found") == "1 models"
    assert here.complaints == []
