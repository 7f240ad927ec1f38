"""Repositories for the stand-in hub: made up, but shaped as the real list is."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_FAMILIES = ("llama", "qwen2", "bert", "gpt_neox", "mistral", "t5")


def hub_id(number: int) -> str:
    """A stable identifier whose first eight digits are the second of creation."""
    return f"{int(EPOCH.timestamp()) + number * 60:08x}{number:016x}"


def commit(name: str, version: int = 0) -> str:
    return hashlib.sha1(f"{name}@{version}".encode()).hexdigest()


def repository(number: int, *, heavy: bool = False) -> dict[str, Any]:
    """One listed repository; every ninth has no tensors, every seventh is a quantised copy."""
    family = _FAMILIES[number % len(_FAMILIES)]
    name = f"org{number % 97}/{family}-{number}"
    size = float(10 ** (6 + number % 6))
    created = EPOCH + timedelta(minutes=number)
    item: dict[str, Any] = {
        "_id": hub_id(number),
        "id": name,
        "author": name.split("/")[0],
        "sha": commit(name),
        "createdAt": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "lastModified": (created + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "gated": "auto" if number % 50 == 49 else False,
        "private": False,
        "disabled": False,
        "downloads": number * 37 % 1000,
        "downloadsAllTime": number * 91 % 9000,
        "likes": number % 13,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["transformers", "safetensors", family, "license:apache-2.0", "region:us"],
        "cardData": {"license": "apache-2.0", "language": ["en"], "tags": ["made-up"]},
        "config": {"architectures": [f"{family.title()}ForCausalLM"], "model_type": family},
        "baseModels": None,
        "siblings": [
            {"rfilename": path}
            for path in (".gitattributes", "README.md", "config.json", "model.safetensors")
        ],
    }
    if number % 9:
        item["safetensors"] = {"parameters": {"BF16": size}, "total": size}
    if number % 7 == 6:
        base = {"_id": hub_id(number - 1), "id": repository_name(number - 1)}
        item["baseModels"] = {"relation": "quantized", "models": [base]}
    if heavy:
        item["config"]["tokenizer_config"] = {"chat_template": "{% for m in messages %}" * 40}
        item["siblings"] += [
            {"rfilename": f"model-{i:05d}-of-00012.safetensors"} for i in range(12)
        ]
    return item


def repository_name(number: int) -> str:
    return f"org{number % 97}/{_FAMILIES[number % len(_FAMILIES)]}-{number}"


def odd_items(after: int) -> list[object]:
    """Items no list should hold, each of which some list has held; created after this number."""
    odd: list[dict[str, Any]] = [
        {"id": "odd/self", "cardData": {"self": 1, "license": "mit"}},
        {"id": "odd/null-fields", "tags": None, "siblings": None},
        {"id": "odd/types", "tags": "x", "downloads": "many", "sha": 7},
        {"id": "odd/no-total", "safetensors": {"parameters": {"F32": 5}}},
        {"id": "odd/no-parameters", "safetensors": {"total": 5}},
        {"id": "odd/created", "createdAt": "yesterday"},
        {"id": "odd/../../escape"},
        {"id": "odd/" + "x" * 10_000},
        {"id": 'it\'s/"quoted"'},
        {},
    ]
    identified = [
        {"_id": f"{hub_id(after)[:16]}{place + 1:08x}"} | one for place, one in enumerate(odd)
    ]
    return [*identified, None, 17, ["a", "list"]]


ODD_ROWS = 7
"""Of the odd items, those that are a repository all the same."""
ODD_PROBLEMS = 6
"""Those that can only be set aside."""


def catalogue(count: int, *, heavy: bool = False) -> list[object]:
    """So many repositories in order of creation, with all the odd items in their midst."""
    half = count // 2
    made: list[object] = [repository(number, heavy=heavy) for number in range(count)]
    return made[:half] + odd_items(half - 1) + made[half:]
