"""A reader that fails on one repository costs that repository and no other."""

from __future__ import annotations

import sys
from types import ModuleType

import polars as pl
import pytest

from gpai_scan import evidence, reading, schema
from gpai_scan.errors import InvalidInput
from gpai_scan.sources import Raw, documents, listing

CARD = b"# Model\n\nIt has 7.1B parameters and was trained on 1.4 trillion tokens.\n"


def raw(names: list[str]) -> Raw:
    rows = []
    for name in names:
        status, text = documents.interpret("README.md", CARD, len(CARD))
        rows.append(documents.Document(name, "README.md", None, status, len(CARD), text=text))
    listed = listing.of_items([listing.Answer(None, None, n) for n in sorted(names)], hub="folder")
    return Raw(listed.repositories.lazy(), documents.rows(rows).lazy(), listed.problems.lazy())


def touchy(monkeypatch: pytest.MonkeyPatch, names: set[str], error: BaseException) -> None:
    """Adds a reader, as an extension would, that fails on some repositories."""

    def read(given: Raw) -> pl.LazyFrame:
        if names & set(given.repositories.collect()["repo_id"]):
            raise error
        return schema.EVIDENCE.empty().lazy()

    module = ModuleType("gpai_scan.evidence.touchy")
    module.evidence = read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(evidence, "MODULES", (*evidence.MODULES, "touchy"))


@pytest.mark.parametrize(
    "error", [ValueError("odd"), pl.exceptions.PanicException("index"), RecursionError()]
)
def test_the_culprit_is_set_aside_and_the_rest_read(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"lab/model-{i:02}" for i in range(13)]
    before = reading.read(raw([n for n in names if n != "lab/model-05"]))
    touchy(monkeypatch, {"lab/model-05"}, error)
    after = reading.read(raw(names))
    assert after["repositories"].height == 13
    assert after["problems"].select("repo_id", "reason").rows() == [("lab/model-05", "unreadable")]
    assert type(error).__name__ in after["problems"]["detail"][0]
    for table in ("evidence", "facts", "documentation"):
        assert after[table].equals(before[table]), table


def test_errors_on_purpose_and_faults_of_all_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"lab/model-{i:02}" for i in range(30)]
    touchy(monkeypatch, {"lab/model-03"}, InvalidInput("on purpose"))
    with pytest.raises(InvalidInput, match="on purpose"):
        reading.read(raw(names))
    touchy(monkeypatch, set(names), KeyError("everywhere"))
    with pytest.raises(KeyError, match="everywhere"):
        reading.read(raw(names))
