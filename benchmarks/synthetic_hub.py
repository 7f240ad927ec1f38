"""A synthetic hub of any size, as its list pages, as a folder of repositories, or as a crawl.

    python -m benchmarks.synthetic_hub OUT --repositories 300000 --cards 15000 --layout pages

Everything follows from the seed and a repository's place, so pages are made side by side and any
one can be made again alone. Names, texts and figures are invented; see `population` and `texts`.
A page holds 1,000 items of about 1.5 KB, as the hub's API sends them: a third without metadata,
one in 2,000 with values of a kind that should not be there.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks import texts
from benchmarks.population import BLOCK, Model, mix, model

PAGE: Final = 1000
_EPOCH: Final = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)
_DAYS: Final = 1700
_TASK: Final = {
    "bert": "fill-mask",
    "vit": "image-classification",
    "whisper": "automatic-speech-recognition",
    "t5": "text2text-generation",
}


@dataclass(frozen=True, slots=True)
class Hub:
    """What determines a synthetic hub: how many repositories, with how many cards, which seed."""

    repositories: int
    cards: int
    seed: int = 7

    @property
    def pages(self) -> int:
        """Number of list pages."""
        return -(-self.repositories // PAGE)

    def model(self, place: int) -> Model:
        """The repository at a place."""
        return model(self.seed, place)

    def models(self, page: int) -> Iterator[Model]:
        """The repositories of a page, oldest first."""
        first = page * PAGE
        for place in range(first, min(first + PAGE, self.repositories)):
            yield model(self.seed, place)

    def has_details(self, made: Model) -> bool:
        """Whether card and configuration were fetched: models of their own come first."""
        roots = -(-self.repositories // BLOCK)
        if made.place % BLOCK == 0:
            share = self.cards / roots
        else:
            share = (self.cards - roots) / max(self.repositories - roots, 1)
        return (mix(self.seed, made.place, 5) & 0xFFFFF) / 0x100000 < share

    def page(self, number: int) -> bytes:
        """The JSON of a list page."""
        return ("[" + ",".join(self.item(made) for made in self.models(number)) + "]").encode()

    def item(self, made: Model) -> str:
        """The JSON of one listed repository."""
        odd = _odd(made, self)
        return json.dumps(self.answer(made), ensure_ascii=False) if odd is None else odd

    def answer(self, made: Model) -> dict[str, Any]:
        """What the hub's API says about a repository."""
        bits = made.mix
        created = _EPOCH + timedelta(days=_DAYS * made.place / self.repositories)
        changed = created + timedelta(minutes=bits % 40_000)
        front = texts.front_matter(made)
        answer: dict[str, Any] = {
            "_id": f"{int(created.timestamp()):08x}{made.place:016x}",
            "id": made.repo_id,
            "author": made.repo_id.partition("/")[0],
            "sha": revision(made),
            "createdAt": _time(created),
            "lastModified": _time(changed),
            "private": False,
            "disabled": bits % 900 == 0,
            "gated": ("auto", "manual")[bits & 1] if (bits >> 4) % 40 == 0 else False,
            "downloads": int(10 ** (((bits >> 8) & 0xFF) / 45)) if bits % 3 else 0,
            "downloadsAllTime": int(10 ** (((bits >> 8) & 0xFF) / 36)),
            "likes": bits % 7 if (bits >> 6) % 9 == 0 else 0,
            "cardData": front or None,
            "tags": _tags(made, front),
            "siblings": [{"rfilename": name} for name in files(made)],
            "baseModels": None,
            "config": {},
            "safetensors": None,
            "model-index": None,
        }
        if bits % 3:
            answer["library_name"] = "peft" if made.relation == "adapter" else "transformers"
            answer["pipeline_tag"] = _TASK.get(made.shape.family, "text-generation")
            answer["config"] = _projection(made)
        if made.bases and (bits >> 12) % 10 < 8 and made.relation != "mirror":
            models = [{"_id": f"{mix(1, made.place):024x}"[:24], "id": base} for base in made.bases]
            answer["baseModels"] = {"relation": made.relation, "models": models}
        _weights(made, answer)
        return answer


def revision(made: Model) -> str:
    """The commit at the head of a repository, 40 hexadecimal digits."""
    return f"{mix(3, made.place):016x}{made.mix:016x}{made.place:08x}"


def files(made: Model) -> list[str]:
    """What stands in a repository."""
    bits = made.mix
    if made.relation is None and made.place % BLOCK and bits % 20 < 4:
        return [".gitattributes"]
    names = [".gitattributes", "README.md", "config.json", "tokenizer.json"]
    if made.relation == "adapter":
        return [*names[:2], "adapter_config.json", "adapter_model.safetensors"]
    if made.name.rpartition("-")[0].endswith("GGUF"):
        return [*names[:2], *(f"{made.name}.Q{q}_K_M.gguf" for q in (4, 5, 8))]
    parts = min(1 + int(made.shape.parameters * 2 / 5e9), 40)
    kind = ("model", "safetensors") if bits % 4 else ("pytorch_model", "bin")
    if parts == 1:
        return [*names, f"{kind[0]}.{kind[1]}"]
    return [*names, *(f"{kind[0]}-{i:05}-of-{parts:05}.{kind[1]}" for i in range(1, parts + 1))]


def _weights(made: Model, answer: dict[str, Any]) -> None:
    """Adds the counts the hub draws from the weights; a good third of repositories have none."""
    names, total, bits = files(made), made.shape.parameters, made.mix
    if any(name.endswith(".gguf") for name in names):
        answer["gguf"] = {
            "total": total,
            "architecture": made.shape.family,
            "context_length": 1024 << bits % 8,
            "totalFileSize": int(total * 2.3),
        }
    elif made.relation == "adapter":
        answer["safetensors"] = {"parameters": {"F32": total // 200}, "total": total // 200}
    elif made.relation == "quantized" and names[-1].endswith(".safetensors"):
        packed = {"I32": total // 8, "F16": total // 50}
        answer["safetensors"] = {"parameters": packed, "total": sum(packed.values())}
    elif names[-1].endswith(".safetensors") and bits % 7:
        dtype = ("BF16", "F16", "F32")[bits % 3]
        answer["safetensors"] = {"parameters": {dtype: total}, "total": total}


def _projection(made: Model) -> dict[str, Any]:
    """The hub's extract of the configuration, with the chat template that makes it long."""
    full = texts.configuration(made)
    shown = ("architectures", "model_type", "quantization_config")
    kept: dict[str, Any] = {key: full[key] for key in shown if key in full}
    template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}" * (made.mix % 9)
    kept["tokenizer_config"] = {"eos_token": "</s>", "chat_template": template}
    return kept


def _tags(made: Model, front: dict[str, object]) -> list[str]:
    tags = ["transformers", "safetensors", made.shape.family, "region:us"]
    if isinstance(front.get("license"), str):
        tags.append(f"license:{front['license']}")
    if made.bases and made.relation != "mirror" and (made.mix >> 12) % 10 < 8:
        tags += [f"base_model:{base}" for base in made.bases]
        tags += [f"base_model:{made.relation}:{base}" for base in made.bases]
    return tags


def _odd(made: Model, hub: Hub) -> str | None:
    """One item in 2,000 as nobody expects it: wrong kinds, absurd numbers, no name, not an item."""
    bits = mix(hub.seed, made.place, 9)
    if bits % 2000:
        return None
    answer = hub.answer(made)
    forms: tuple[Any, ...] = (
        answer | {"safetensors": {"total": "7B", "parameters": None}},
        answer | {"tags": None, "cardData": ["a", 1], "config": "none", "siblings": [None]},
        answer | {"gguf": {"total": -5}, "downloads": "many", "likes": None},
        answer | {"safetensors": {"total": 10**40, "parameters": {"F32": 10**40}}},
        answer | {"createdAt": "yesterday", "lastModified": 12, "gated": {"a": 1}},
        {"_id": answer["_id"], "downloads": 3},
        answer
        | {"baseModels": [answer["id"]], "cardData": {"self": 1, "base_model": answer["id"]}},
        None,
    )
    return json.dumps(forms[(bits >> 16) % len(forms)])


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_pages(hub: Hub, out: Path, numbers: range) -> int:
    """Writes list pages as `pages/000123.json.gz`; the bytes of their JSON."""
    (out / "pages").mkdir(parents=True, exist_ok=True)
    size = 0
    for number in numbers:
        content = hub.page(number)
        size += len(content)
        (out / "pages" / f"{number:06}.json.gz").write_bytes(gzip.compress(content, 1, mtime=0))
    return size


def write_folder(hub: Hub, out: Path) -> int:
    """Writes repositories as a folder source has them; only for small hubs."""
    for number in range(hub.pages):
        for made in hub.models(number):
            place = out / made.repo_id
            place.mkdir(parents=True, exist_ok=True)
            (place / "model_info.json").write_text(hub.item(made), encoding="utf-8")
            if hub.has_details(made):
                (place / "README.md").write_text(texts.card(made), encoding="utf-8")
                configuration = json.dumps(texts.configuration(made), indent=2)
                (place / "config.json").write_text(configuration, encoding="utf-8")
    return hub.repositories


def main() -> None:
    """Writes a hub as the options say."""
    options = argparse.ArgumentParser(description="Write a synthetic hub.")
    options.add_argument("out", type=Path)
    options.add_argument("--repositories", type=int, default=30_000)
    options.add_argument("--cards", type=int, default=1_500)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--layout", choices=("pages", "folder"), default="pages")
    chosen = options.parse_args()
    hub = Hub(chosen.repositories, chosen.cards, chosen.seed)
    if chosen.layout == "folder":
        write_folder(hub, chosen.out)
    else:
        write_pages(hub, chosen.out, range(hub.pages))


if __name__ == "__main__":
    main()
