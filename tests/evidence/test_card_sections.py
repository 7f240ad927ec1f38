from __future__ import annotations

import pytest
import reading

FAMILY = """# Orca family

## Orca-7B

### Data

It was trained on 1T tokens for 240,000 steps.

## Orca-13B

### Data

It was trained on 2T tokens for 480,000 steps.

## Limits

It saw 3T tokens in all.
"""


@pytest.mark.parametrize(("repo_id", "tokens"), [("x/orca-7b", 1e12), ("x/orca-13b", 2e12)])
def test_a_section_of_another_member_is_not_of_this_one(repo_id: str, tokens: float) -> None:
    found = reading.used(FAMILY, repo_id)
    assert found["tokens"] == [tokens, 3e12]
    assert len(found["steps"]) == 1
    assert {reason for _, _, reason in reading.rejected(FAMILY, repo_id)} <= {"other_member"}


@pytest.mark.parametrize(
    ("ours", "other", "repo_id"),
    [
        ("Chat model", "Base model", "x/heron-chat"),
        ("German Heron", "Italian Heron", "x/heron-german-cased"),
        (
            "Pretraining of herGPT3Large",
            "Pretraining of herGPT3Medium",
            "x/hergpt3large_based_on_it",
        ),
        ("Heron small", "Heron large", "x/heron-small"),
    ],
)
def test_headings_that_tell_members_apart(ours: str, other: str, repo_id: str) -> None:
    text = (
        f"# {other}\n\nIt was trained on 1T tokens.\n\n# {ours}\n\nIt was trained on 2T tokens.\n"
    )
    assert reading.used(text, repo_id)["tokens"] == [2e12]


@pytest.mark.parametrize(
    ("one", "two", "repo_id"),
    [
        ("Stage 1", "Stage 2", "x/heron-2"),
        ("Training data", "Training code", "x/heron-code"),
        ("Heron base", "Heron usage", "x/heron-base"),
        ("Orca-7B", "Orca-13B", "y/wren-5b"),
    ],
)
def test_headings_that_tell_no_members_apart(one: str, two: str, repo_id: str) -> None:
    text = f"# {one}\n\nIt was trained on 1T tokens.\n\n# {two}\n\nIt was trained on 2T tokens.\n"
    assert 1e12 in reading.used(text, repo_id)["tokens"]


def test_a_remark_in_code_is_no_heading() -> None:
    code = "```python\n# Orca-7B\nload()\n# Orca-13B\n```"
    text = f"{code}\n\nIt was trained on 1T tokens.\n\nIn all it was trained on 2T tokens.\n"
    assert reading.used(text, "x/orca-7b")["tokens"] == [1e12, 2e12]
