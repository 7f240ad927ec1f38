"""What must hold of whatever is read from hostile input, through the public functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from gpai_scan import evidence, schema
from gpai_scan.sources import Raw, documents, listing

HONEST: Final = "honest/sentinel-7b"
"""A sound repository that stands among the hostile ones: what is read from it must not change."""

_HONEST_FILES: Final = {
    "README.md": b"---\nlicense: mit\n---\n# Sentinel\n\nIt has 7.1B parameters and was trained "
    b"on 1.4 trillion tokens.\n\n| Model | Tokens |\n|---|---|\n| sentinel-7b | 1.4T |\n",
    "config.json": b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": '
    b'4096, "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008, '
    b'"vocab_size": 32000}',
}


def raw(path: str, contents: Sequence[bytes]) -> Raw:
    """Repositories `hostile/0`, `hostile/1`, … that hold one file each, and the honest one."""
    files = {f"hostile/{i}": {path: content} for i, content in enumerate(contents)}
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


def check_files(path: str, contents: Sequence[bytes]) -> int:
    """Reads hostile files under a path; the number of claims drawn from them."""
    found = claims(raw(path, contents))
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


_before: list[list[Mapping[str, object]]] = []


def _undisturbed() -> list[Mapping[str, object]]:
    if not _before:
        _before.append(honest(claims(raw("README.md", []))))
        assert _before[0], "nothing is read from the honest repository"
    return _before[0]
