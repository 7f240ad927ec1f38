"""What must hold of whatever is read from hostile input, through the public functions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Final

import polars as pl

from gpai_scan import evidence, rules, schema
from gpai_scan.errors import GpaiScanError
from gpai_scan.rules.published import published
from gpai_scan.sources import Raw, documents, listing, modelscope

HONEST: Final = "honest/sentinel-7b"
"""A sound repository that stands among the hostile ones: what is read from it must not change."""

EVERY: Final = 20
"""One rule set of so many that load is also asked for its verdicts, which take longer."""

_HONEST_FILES: Final = {
    "README.md": b"---\nlicense: mit\n---\n# Sentinel\n\nIt has 7.1B parameters and was trained "
    b"on 1.4 trillion tokens.\n\n| Model | Tokens |\n|---|---|\n| sentinel-7b | 1.4T |\n",
    "config.json": b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": '
    b'4096, "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, '
    b'"vocab_size": 32000}',
}

_NOTHING: Final[Mapping[str, bytes]] = {}


def raw(path: str, contents: Sequence[bytes], beside: Mapping[str, bytes] = _NOTHING) -> Raw:
    """Repositories `hostile/0`, `hostile/1`, … that hold one hostile file each, and the honest one.

    `beside` are sound files that all of them hold too.
    """
    files = {f"hostile/{i}": {**beside, path: content} for i, content in enumerate(contents)}
    files[HONEST] = _HONEST_FILES
    rows = []
    for repo_id, held in files.items():
        for name, content in held.items():
            status, text = documents.interpret(name, content, len(content))
            rows.append(documents.Document(repo_id, name, None, status, len(content), text=text))
    answers = [listing.Answer(None, None, repo_id) for repo_id in sorted(files)]
    listed = listing.of_items(answers, hub="folder")
    return Raw(listed.repositories.lazy(), documents.rows(rows).lazy(), listed.problems.lazy())


def claims(made: Raw) -> pl.DataFrame:
    """All claims, after checking what must hold of each."""
    found = evidence.read(made).collect()
    assert found.schema == schema.EVIDENCE.schema
    known = made.repositories.select("repo_id")
    wrong = {
        "about nobody": found.join(known.collect(), on="repo_id", how="anti"),
        "not finite": found.filter(
            pl.any_horizontal(pl.col("value", "low", "high").is_finite().not_())
        ),
        "negative": found.filter(pl.any_horizontal(pl.col("value", "low", "high") < 0)),
        "ends crossed": found.filter(
            (pl.col("low") > pl.col("value") * 1.000001)
            | (pl.col("value") > pl.col("high") * 1.000001)
        ),
        "long quote": found.filter(pl.col("quote").str.len_chars() > 200),
        "no place": found.filter(pl.col("file").is_null() & pl.col("quote").is_null()),
    }
    for what, rows in wrong.items():
        if not rows.is_empty():
            row = rows.row(0, named=True)
            raise AssertionError(f"{rows.height} claims are {what}, the first: {row}")
    return found


def honest(found: pl.DataFrame) -> list[Mapping[str, object]]:
    """What was read from the honest repository."""
    return found.filter(repo_id=HONEST).rows(named=True)


def check_files(
    path: str, contents: Sequence[bytes], beside: Mapping[str, bytes] = _NOTHING
) -> int:
    """Reads hostile files under a path; the number of claims drawn from them."""
    found = claims(raw(path, contents, beside))
    assert honest(found) == _undisturbed(), "an honest repository reads differently among these"
    return found.height


def check_page(contents: Sequence[bytes]) -> int:
    """Reads hostile list pages; every item must be a row or a problem with its reason."""
    frames = []
    for content in contents:
        listed = listing.of_page(content, hub="huggingface", listing_file="page")
        assert listed.repositories.schema == schema.REPOSITORIES.schema
        assert listed.problems.schema == schema.PROBLEMS.schema
        assert listed.problems["reason"].null_count() == 0
        frames.append(listed.repositories)
    every = pl.concat(frames)
    names = every["repo_id"]
    assert names.null_count() == 0
    bad = names.filter(names.str.contains(r"[\x00-\x1f]|(^|/)\.{1,2}(/|$)|^/|/$|/.*/"))
    assert bad.is_empty(), f"unsafe names: {bad.to_list()}"
    none = schema.DOCUMENTS.empty().lazy(), schema.PROBLEMS.empty().lazy()
    claims(Raw(every.unique("repo_id").lazy(), *none))
    return every.height


def check_modelscope(contents: Sequence[bytes]) -> int:
    """Reads hostile answers of ModelScope: in the Hub's words they are list pages."""
    hub = modelscope.ModelScope()
    for content in contents:
        marks = hub.marks(content)
        assert marks is None or all(
            mark.lastModified is None or mark.lastModified.endswith("Z") for mark in marks
        )
    return check_page([hub.page(content) for content in contents])


def check_items(contents: Sequence[bytes]) -> int:
    """Reads hostile answers about one repository each: a row, with what is wrong in `reason`."""
    ids = [f"hostile/{i:06d}" for i in range(len(contents))]
    answers = [
        listing.Answer(content, f"{repo_id}/model_info.json", repo_id)
        for repo_id, content in zip(ids, contents, strict=True)
    ]
    listed = listing.of_items(answers, hub="folder")
    assert listed.repositories["repo_id"].to_list() == ids
    assert listed.problems["reason"].null_count() == 0
    none = schema.DOCUMENTS.empty().lazy(), schema.PROBLEMS.empty().lazy()
    return claims(Raw(listed.repositories.lazy(), *none)).height


def check_rules(contents: Sequence[bytes]) -> int:
    """Loads hostile rule files: a rule set, or one sentence that says what is wrong."""
    loaded = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rule.toml"
        for content in contents:
            path.write_bytes(content)
            loaded += _refused(partial(rules.load, str(path)))
    return _judged(loaded)


def check_conditions(contents: Sequence[bytes]) -> int:
    """Reads hostile conditions of the option `--rule`."""
    texts = [content.decode("utf-8", "replace") for content in contents]
    return _judged([found for text in texts for found in _refused(partial(rules.inline, text))])


def _refused(load: Callable[[], rules.Regime]) -> list[rules.Regime]:
    try:
        return [load()]
    except GpaiScanError as error:
        assert str(error).strip(), "an error without words"
        return []


def _judged(loaded: Sequence[rules.Regime]) -> int:
    """Asks some of the rule sets of a few models; every verdict is one of three."""
    for regime in loaded[::EVERY]:
        verdicts = rules.verdicts(*_models(), [regime]).collect()
        assert verdicts.schema == schema.VERDICT_TABLE.schema
        assert verdicts["verdict"].null_count() == 0
        likely = verdicts["probability"].drop_nulls()
        assert likely.is_between(0, 1).all(), f"no probability: {likely.to_list()[:5]}"
    return len(loaded)


@cache
def _models() -> tuple[pl.LazyFrame, pl.LazyFrame]:
    estimates, entities = published()
    return estimates.collect().sample(40, seed=1).lazy(), entities.collect().lazy()


_before: list[list[Mapping[str, object]]] = []


def _undisturbed() -> list[Mapping[str, object]]:
    if not _before:
        _before.append(honest(claims(raw("README.md", []))))
        assert _before[0], "nothing is read from the honest repository"
    return _before[0]
