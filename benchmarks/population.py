"""Who is in a synthetic hub: any repository can be told from the seed and its place alone.

Of every twenty places one is a model of its own, nine (45 %) are made from one, ten are the rest
of a hub: small trainings, agents, empty and forgotten repositories. Derivatives prefer famous
bases, some are made from other derivatives, and bases are older than what is made from them.
Nothing here is the name of a real model or publisher.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

BLOCK: Final = 20
"""Places after which the kinds repeat: 1 root, 4 fine-tunes, 2 adapters, 2 quantised, 1 merge."""

_MASK: Final = (1 << 64) - 1
_START: Final = (
    "b", "br", "d", "dr", "f", "g", "gl", "h", "k", "kl", "l", "m", "n", "n", "p", "pr", "r", "s",
    "st", "t", "tr", "v", "w", "z",
)  # fmt: skip
_VOWEL: Final = (
    "a", "e", "i", "o", "u", "a", "e", "o", "ia", "io", "au",
)  # fmt: skip
_END: Final = (
    "", "n", "r", "l", "s", "x", "ra", "na", "lis", "dor", "vek", "mi", "",
)  # fmt: skip
_TASKS: Final = (
    "chat", "instruct", "ner", "sentiment", "summaries",
    "code", "math", "legal", "medical", "story", "qa",
)  # fmt: skip
_LANGUAGES: Final = (
    "en", "zh", "fr", "de", "es", "ja", "ru", "ko", "pt", "it", "ar", "hi", "pl", "no",
)  # fmt: skip
_QUANTS: Final = ("GGUF", "AWQ", "GPTQ-Int4", "4bit", "FP8", "bnb-4bit", "exl2", "8bit")


@dataclass(frozen=True, slots=True)
class Shape:
    """An architecture family's layout; widths in channels, `experts` (all, used at once)."""

    family: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    inner: int
    vocabulary: int
    tied: bool = False
    experts: tuple[int, int] = (0, 0)

    @property
    def parameters(self) -> int:
        """All parameters by the family's own arithmetic, small terms (norms, biases) left out."""
        return self._count(self.experts[0] or 1)

    @property
    def active(self) -> int:
        """Parameters used for one token."""
        return self._count(self.experts[1] or 1)

    def _count(self, experts: int) -> int:
        head = self.width // self.heads
        gates = 3 if self.family not in _PLAIN else 2
        attention = 2 * self.width**2 + 2 * self.width * self.kv_heads * head
        layer = attention + gates * self.width * self.inner * experts
        return self.layers * layer + self.vocabulary * self.width * (1 if self.tied else 2)


_PLAIN: Final = frozenset({"bert", "gpt2", "vit", "whisper", "t5"})

# Layouts as such families have them, commonest first: small encoders outnumber everything.
SHAPES: Final = (
    *[Shape("bert", 12, 768, 12, 12, 3072, 30522, tied=True)] * 6,
    *[Shape("bert", 6, 384, 12, 12, 1536, 50265, tied=True)] * 4,
    *[Shape("gpt2", 12, 768, 12, 12, 3072, 50257, tied=True)] * 5,
    *[Shape("t5", 12, 768, 12, 12, 2048, 32128, tied=True)] * 3,
    *[Shape("vit", 12, 768, 12, 12, 3072, 1, tied=True)] * 4,
    *[Shape("whisper", 24, 1024, 16, 16, 4096, 51865, tied=True)] * 2,
    *[Shape("qwen2", 24, 896, 14, 2, 4864, 151936, tied=True)] * 5,
    *[Shape("llama", 22, 2048, 32, 4, 5632, 32000)] * 5,
    *[Shape("llama", 28, 3072, 24, 8, 8192, 128256, tied=True)] * 4,
    *[Shape("mistral", 32, 4096, 32, 8, 14336, 32768)] * 5,
    *[Shape("llama", 32, 4096, 32, 8, 14336, 128256)] * 4,
    *[Shape("gemma2", 42, 3584, 16, 8, 14336, 256000, tied=True)] * 2,
    *[Shape("llama", 40, 5120, 40, 40, 13824, 32000)] * 2,
    Shape("qwen2", 64, 5120, 40, 8, 27648, 152064),
    Shape("mixtral", 32, 4096, 32, 8, 14336, 32000, experts=(8, 2)),
    Shape("qwen3_moe", 48, 2048, 32, 4, 768, 151936, experts=(128, 8)),
    Shape("llama", 80, 8192, 64, 8, 28672, 128256),
    Shape("deepseek_v3", 61, 7168, 128, 128, 2048, 129280, experts=(256, 8)),
)


@dataclass(frozen=True, slots=True)
class Model:
    """One repository: its name, what it was made from and how, and the shape of its root."""

    place: int
    repo_id: str
    relation: str | None
    bases: tuple[str, ...]
    shape: Shape
    tokens: float
    mix: int
    """64 bits that every further choice about the repository is drawn from."""

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.repo_id.partition("/")[2]


def mix(seed: int, place: int, salt: int = 0) -> int:
    """64 well-mixed bits of a place (splitmix64): the same on every machine."""
    x = (seed * 0xD1342543DE82EF95 + place * 0x9E3779B97F4A7C15 + salt * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def word(bits: int) -> str:
    """An invented word of two or three syllables."""
    parts = []
    for _ in range(2 + bits % 2):
        parts.append(_START[bits % len(_START)] + _VOWEL[(bits >> 8) % len(_VOWEL)])
        bits >>= 13
    return "".join(parts) + _END[bits % len(_END)]


def owner(seed: int, place: int, bits: int) -> str:
    """A namespace; few own much, most own one thing."""
    number = int((place // 6 + 1) * ((bits & 0xFFFF) / 0x10000) ** 2)
    own = mix(seed, number, 7)
    name = word(own)
    kind = (own >> 40) % 10
    if kind < 5:
        return f"{name}{number}"
    return f"{name}-{('ai', 'labs', 'research', 'org', 'nlp')[kind - 5]}-{number}"


@lru_cache(maxsize=200_000)
def root(seed: int, place: int) -> Model:
    """The model of its own at a place divisible by `BLOCK`."""
    bits = mix(seed, place)
    shape = SHAPES[(bits >> 3) % len(SHAPES)]
    size = shape.parameters
    label = f"{size / 1e9:.0f}B" if size >= 3e9 else f"{size / 1e9:.1f}b"
    label = label if size >= 3e8 else ("base", "small", "mini")[bits % 3]
    name = f"{word(mix(seed, place, 1)).title()}-{label}-{place}"
    ratio = (20, 60, 200, 600, 2000, 5000)[(bits >> 20) % 6]
    tokens = float(f"{size * ratio:.2g}")
    return Model(place, f"{owner(seed, place, bits >> 32)}/{name}", None, (), shape, tokens, bits)


def model(seed: int, place: int) -> Model:
    """The repository at a place."""
    slot = place % BLOCK
    if slot == 0:
        return root(seed, place)
    if slot < 10:
        return _derivative(seed, place, slot)
    return _other(seed, place)


def _base(seed: int, place: int, bits: int, slot: int) -> Model:
    """A famous base most often; now and then a fine-tune of one."""
    block = int((place // BLOCK + 1) * ((bits & 0xFFFFF) / 0x100000) ** 3)
    inner = block * BLOCK + 1 + (bits >> 20) % 4
    if slot > 1 and (bits >> 24) % 5 == 0 and inner < place:
        return model(seed, inner)
    return root(seed, block * BLOCK)


def _derivative(seed: int, place: int, slot: int) -> Model:
    bits = mix(seed, place)
    base = _base(seed, place, bits, slot)
    bases: tuple[str, ...] = (base.repo_id,)
    stem = base.name
    if slot < 5:
        relation, name = "finetune", f"{stem}-{_TASKS[(bits >> 30) % len(_TASKS)]}"
        if (bits >> 36) % 8 == 0:  # the name says nothing of the base
            name = f"{word(mix(seed, place, 1))}-v{bits % 4}"
    elif slot < 7:
        relation, name = "adapter", f"{stem}-{('lora', 'qlora', 'adapter', 'dora')[bits % 4]}"
    elif slot < 9:
        relation, name = "quantized", f"{stem}-{_QUANTS[(bits >> 30) % len(_QUANTS)]}"
    elif (bits >> 30) % 3 == 0:
        relation, name = "mirror", stem
    else:
        second = _base(seed, place, mix(seed, place, 2), slot)
        bases = (base.repo_id, second.repo_id)
        relation, name = "merge", f"{stem}-{second.name.partition('-')[0]}-slerp"
    repo_id = f"{owner(seed, place, bits >> 32)}/{name[:80]}-{place}"
    return Model(place, repo_id, relation, bases, base.shape, base.tokens, bits)


def _other(seed: int, place: int) -> Model:
    bits = mix(seed, place)
    kind = (bits >> 30) % 6
    task, language = _TASKS[bits % len(_TASKS)], _LANGUAGES[(bits >> 8) % len(_LANGUAGES)]
    name = (
        f"{task}-{language}-run{bits % 1000}",
        f"my-model-{bits % 10000}",
        f"agent-maze-v{bits % 5}",
        f"{word(bits)}-checkpoint-{bits % 100}00",
        f"{task}-finetuned-{word(bits)}",
        f"{word(bits)}{bits % 100}",
    )[kind]
    shape = SHAPES[(bits >> 16) % 20]
    repo_id = f"{owner(seed, place, bits >> 32)}/{name}-{place}"
    return Model(place, repo_id, None, (), shape, 0.0, bits)
