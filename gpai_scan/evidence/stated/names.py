"""Names of models in a sentence: links, identifiers, quoted and bare names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

_SITES: Final = frozenset((
    "datasets", "spaces", "papers", "blog", "docs", "collections", "models", "posts", "learn",
    "organizations", "tasks", "search", "join", "chat", "settings", "pricing",
    "inference-endpoints", "new",
))  # fmt: skip
_HUB: Final = re.compile(
    r"(?:huggingface\.co|hf\.co)/(?:models/)?(?P<a>[A-Za-z0-9][\w.-]{0,95})(?:/(?P<b>[A-Za-z0-9][\w.-]{0,95}))?(?P<rest>[^\s)\]\"']*)"
)
_ADDRESS: Final = re.compile(rf"https?:/{{1,2}}(?:www\.)?{_HUB.pattern}")
_LINK: Final = re.compile(
    r"\[(?P<text>[^\[\]]{1,150})\]\s{0,2}(?:\(\s?(?P<url>[^()\s]{1,500}(?:\([^()\s]{0,80}\)[^()\s]{0,80})?)(?:\s[^()]{0,100})?\)|(?P<bare>https?://[^\s)\]]{1,300}\)?))"
)
_ID: Final = re.compile(
    r"(?<![\w/.:@-])(?=[\w.-]{0,60}?[A-Z0-9-][\w.-]{0,60}/"
    r"|[\w.-]{1,61}/[\w.-]{0,95}?[A-Z0-9-])[A-Za-z0-9][\w.-]{0,60}/[A-Za-z0-9][\w.-]{1,95}(?![/\w])",
    re.ASCII,
)
_QUOTED: Final = re.compile(r"[\"“](?P<text>[A-Za-z][^\"”\[\]]{1,50})[\"”]")
_TOKEN: Final = r"(?=[\w.+-]*[A-Z0-9])(?=[\d.]*[A-Za-z])[A-Za-z0-9][\w+]*(?:[.-][\w+]+)*"
_MORE: Final = (
    r"(?:v?\d[\w.]*(?:-[\w.]+)*|[A-Z][\w+]*(?:[.-][\w+]+)*|[Ll]arge(?:-v\d)?|[Bb]ase|[Ss]mall|XL|XXL)"
    r"(?![\w-])"
)
_WORDS: Final = re.compile(rf"(?<![\w/.\u00c0-\u024f-]){_TOKEN}(?:[ ](?:{_MORE})){{0,4}}", re.ASCII)
_LOWER: Final = re.compile(
    r"(?<![\w/.-])[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*(?:\d|[-_](?:base|large|small|tiny|medium|mini"
    r"|xl|xxl|uncased|cased|instruct|chat|hf|v))[a-z0-9._-]*(?![\w/])"
    r"|(?<![\w/.-])[a-z]{3,}[ ]\d+(?:\.\d+)?[bB](?![\w/])",
    re.ASCII,
)
_ANY: Final = re.compile(rf"\[|https?:|{_ID.pattern}|{_WORDS.pattern}", re.ASCII)
FILLER: Final = re.compile(
    r"(?:\s|[\"'“‘(:：]|(?:the|a|an|our|its|their|this|that|existing|of|from|on|with|weights?"
    r"|checkpoints?|pre-?\s?trained|original|official"
    r"|base|baseline|backbone|open|open-?sourced?|open-?weights?|multi-?lingual|multi-?modal"
    r"|bilingual|monolingual|uncased|cased|large"
    r"|predecessor|previous|earlier|smaller|larger|strong|recent|lightweight|compact|efficient|underlying"
    r"|small|tiny|dense|publicly|available|released|popular|powerful|excellent|great|amazing"
    r"|awesome|latest|new|instruct|instruction-tuned"
    r"|chat|vision|visual|language|speech|text|causal|decoder-only|encoder-only|transformer"
    r"|transformers|foundation|foundational"
    r"|quantized|standard|default|full|unquantized|model|models|llm|llms|vlm|family|series|version"
    r"|variant|release|called|named|huggingface"
    r"|hugging\sface|le|la|les|el|los|las|un|une|una|du|de|des|del|modèle|modelo|modell|modello"
    r"|model's|\w{2,12}(?:ish|ese|ian|ean)|german|french|dutch|arabic|greek|catalan"
    r"|[A-Z][\w.&-]{1,24}(?:'|’)s)(?=[\s\"'“(\[]))*",
    re.IGNORECASE,
)
_TRIM: Final = re.compile(
    r"^(?:all|any|the|a|an|pre-?trained|🤗|👉)\s+|\s+(?:models?|checkpoints?|weights|series|family"
    r"|llms?)$",
    re.IGNORECASE,
)
NOT_A_MODEL: Final = re.compile(
    r"^['’]?s?[\s\"”')]{0,2}\s?(?:-?\s?(?:based\s|transformer\s|decoder\s|encoder\s|model\s|network\s"
    r"|language\smodel\s)?(?:architectures?|tokeni[sz]ers?|datasets?|data"
    r"|corpus|corpora|papers?|frameworks?|librar\w+|toolkit"
    r"|implementations?|code(?:base)?|scripts?|repo(?:sitory)?|styles?|formats?|templates?|cards?"
    r"|benchmarks?|APIs?|leaderboards?|GPUs?|TPUs?|structures?"
    r"|designs?|distributions?|noise|approach|methods?|algorithms?|techniques?|recipes?|license|trainer|engine|backend"
    r"|embeddings|encoder-decoder|prompts?|vocabulary)\b"
    r"|的?(?:架构|结构|数据集|分词器|框架|论文|协议)|アーキテクチャ|データセット|トークナイザ)",
    re.IGNORECASE,
)
_COMMON: Final = frozenset((
    "i", "we", "you", "he", "she", "it", "they", "the", "this", "that", "these", "those", "a",
    "an", "our", "its", "their", "to", "in", "on", "for", "with", "by", "as", "at", "if", "is",
    "are", "was", "and", "or", "but", "not", "no", "note", "english", "chinese", "french",
    "german", "japanese", "korean", "russian", "spanish", "arabic", "hindi", "gpu", "gpus", "tpu",
    "cpu", "ram", "vram", "api", "llm", "llms", "nlp", "ai", "ml", "rl", "rlhf", "sft", "dpo",
    "ppo", "grpo", "lora", "qlora", "peft", "moe", "gguf", "ggml", "awq", "gptq", "exl2", "exl3",
    "mlx", "onnx", "fp8", "fp16", "bf16", "fp32", "bfloat16", "float16", "float32",
    "int4", "int8", "int2", "4bit", "8bit", "4bits",
    "8bits", "4-bit", "8-bit", "nf4", "hugging", "face", "huggingface", "hf", "transformers",
    "pytorch", "tensorflow", "jax", "deepspeed", "megatron", "vllm", "sglang", "ollama", "python",
    "cuda", "nvidia", "h100", "a100", "v100", "a6000", "see", "please", "figure", "table",
    "section", "step", "steps", "stage", "here", "what", "how", "when", "where", "which", "who",
    "since", "then", "also", "however", "while", "both", "each", "all", "any", "some", "one",
    "two", "three", "first", "second", "wikipedia", "internet", "web", "github", "mit", "apache",
    "cc", "state-of-the-art", "scratch", "adamw", "adam", "json", "yaml", "q4", "q5", "q8",
    "q4_k_m", "lm", "kv", "cache", "huawei", "intel", "amd", "apple", "mac", "windows", "linux",
    "docker", "colab", "kaggle", "bpe", "unigram", "sentencepiece", "tiktoken", "rope", "gqa",
    "exllama", "exllamav2", "exllamav3", "llama.cpp", "llamacpp", "llmcompressor", "autogptq",
    "autoawq", "gptqmodel", "auto-round", "autoround", "mlx-lm", "mergekit", "axolotl", "unsloth",
    "trl", "llama-factory", "megatron-lm", "swiglu", "rnn", "cnn", "ssm", "gan", "vae", "mlp",
    "vit",
))  # fmt: skip


_MAKER: Final = re.compile(r"(?:'|’)s\s")
_BRACKET: Final = re.compile(r"(?:\s[\w.+-]{1,16}){0,3}?\s?[(<:]\s?(?:\[[\w./ -]{1,60}\]\()?")
_COUNTED: Final = re.compile(
    r"\s(?:(?:\w+\s)?tokens?|samples|examples|documents|pages|sentences|words|pairs|images|hours"
    r"|steps)\b",
    re.IGNORECASE,
)
"""What follows an amount of data: `Roughly 100B tokens` names no model."""
_CITATION: Final = re.compile(
    r"\bet al\b|\b(?:papers?|blog|report|here|link|article|arxiv)\b|^\W*\d{0,3}\W*$|\b(?:19"
    r"|20)\d\d\)?$",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(
    r"(?:^|-)(?:base|large|small|medium|tiny|mini|xl|xxl|cased|uncased)(?:-|$)|^[a-z]+\d$|-v\d$"
    r"|-\d+b$"
)


_COMPOUND: Final = re.compile(
    r"(?=[a-z_-]*[-_](?:base|large|small|tiny|medium|mini|xl|xxl|uncased|cased|instruct|chat|hf)\b)"
    r"(?<![\w/.-])[a-z]+(?:[-_][a-z]+){2,}(?![\w/])"
)
"""A name in lower case that is no word of the language: `stt_en_conformer_ctc_large`."""


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name in a sentence: as written or, where a link or the text gives it, the hub's id.

    `start` and `end` span what was read; `linked` tells whether it is an identifier.
    """

    text: str
    start: int
    end: int
    linked: bool

    @property
    def specific(self) -> bool:
        """Whether it is an identifier, or a name with a number in it or of many parts."""
        return (
            self.linked
            or any(c.isdigit() for c in self.text)
            or _COMPOUND.fullmatch(self.text) is not None
        )


def plain_letters(text: str) -> str:
    """A name without marks on its letters."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def hub_id(url: str, text: str = "") -> str | None:
    """The repository of models that an address points to; None for other pages of the hub.

    A single part, as in `huggingface.co/gpt2`, may be an owner: it counts where `text` is it.
    """
    match = _HUB.search(url)
    if match is None or match["a"].lower() in _SITES:
        return None
    if match["b"] is None:
        same = re.sub(r"[\W_]", "", match["a"].lower()) == re.sub(r"[\W_]", "", text.lower())
        return match["a"] if same or _ALONE.search(match["a"]) else None
    return f"{match['a']}/{match['b'].removesuffix('.git').rstrip('.')}"


def after(sentence: str, position: int, strong: bool) -> Name | None:
    """The name that follows a position, past articles and adjectives.

    Where `strong` is false the words before it do not make sure that a model follows: the name
    must then be an identifier or hold a number.
    """
    filler = FILLER.match(sentence, position)
    begin = filler.end() if filler else position
    for candidate in (begin, position):
        name = at(sentence, candidate, lower=strong)
        if name is not None and (of := _MAKER.match(sentence, name.end)):
            name = at(sentence, of.end(), lower=strong) or name
        if name is not None and name.text.endswith(("'s", "’s")):
            name = at(sentence, name.end, lower=strong)  # the maker's
        if name is not None:
            break
    if name is None or NOT_A_MODEL.match(sentence[name.end : name.end + 40]):
        return None
    name = _addressed(sentence, name)
    return name if strong or name.specific else None


def _addressed(sentence: str, name: Name) -> Name:
    """A bare name with the identifier of the address that follows it in brackets."""
    bracket = None if name.linked else _BRACKET.match(sentence, name.end)
    if bracket is None:
        return name
    address = _ADDRESS.match(sentence, bracket.end())
    written = _ID.match(sentence, bracket.end()) if address is None else None
    identifier = hub_id(address[0]) if address else written[0] if written else None
    return replace(name, text=identifier, linked=True) if identifier else name


def at(sentence: str, position: int, lower: bool = True) -> Name | None:
    """The name that begins exactly at a position, of any kind."""
    while position < len(sentence) and sentence[position] in " \t\"'“‘(<":
        quoted = _QUOTED.match(sentence, position)
        if quoted:
            return _name(quoted["text"], quoted.start(), quoted.end())
        position += 1
    link = _LINK.match(sentence, position)
    if link:
        return _of_link(link)
    if sentence.startswith("http", position):
        found = _ADDRESS.match(sentence, position)
        name = hub_id(found[0]) if found else None
        return Name(name, position, found.end(), True) if name and found else None
    for pattern in (_ID, _WORDS, _LOWER) if lower else (_ID, _WORDS, _COMPOUND):
        match = pattern.match(sentence, position)
        if match:
            return _name(match[0], *match.span(), linked=pattern is _ID)
    return None


def _of_link(link: re.Match[str]) -> Name | None:
    url = link["url"] or link["bare"] or ""
    identifier = hub_id(url, _plain(link["text"]))
    if identifier:
        return Name(identifier, *link.span(), True)
    inside = _ID.search(link["text"])
    if inside:
        return Name(inside[0], *link.span(), True)
    if re.search(r"huggingface\.co/(?:datasets|spaces)/", url) or _CITATION.search(link["text"]):
        return None
    if NOT_A_MODEL.match(" " + link["text"].split(" ")[-1]):
        return None
    name = _name(link["text"], *link.span())
    return replace(name, end=link.end()) if name else None


def _plain(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" .,;:'\"`*_~()")
    for _ in range(3):
        text = _TRIM.sub("", text).strip()
    return text


def _name(text: str, start: int, end: int, linked: bool = False) -> Name | None:
    plain = _plain(text)
    trimmed = text.rstrip(" .,;:")
    words = plain.split(" ")
    while words and words[-1].lower() in _COMMON:
        words.pop()
    kept = " ".join(words)
    if not linked and re.search(r"\d", kept):
        kept = re.sub(r"\s(?:base|large|small)$", "", kept)
    if linked and re.fullmatch(r"[A-Z][A-Za-z]*/[A-Z][A-Za-z]*", kept):
        kept, linked = kept.partition("/")[0], False  # alternatives, not an owner and a name
    if not kept or words[0].lower() in _COMMON or not re.search(r"[A-Za-z]", kept):
        return None
    if re.fullmatch(r"\d+[x×](?:\d+\w?|[A-Z]{1,3}\d{2,4}\w{0,3})", kept):
        return None
    if re.fullmatch(r"(?i)(?:rank|top|step|epoch|stage|phase|figure|table|section)[- ]?\d+", kept):
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?[BbMmKkTt]?(?:bit|th|st|nd|rd|D|x)?s?", kept) or len(kept) < 2:
        return None
    return Name(kept, start, start + len(trimmed), linked)


def every(sentence: str, begin: int, end: int) -> list[Name]:
    """Names with a number in them, and identifiers, between two positions, left to right."""
    found: list[Name] = []
    position = begin
    while position < end:
        match = _ANY.search(sentence, position, end)
        if match is None:
            break
        name = at(sentence, match.start(), lower=False)
        position = max(
            match.end() if match[0] != "[" else match.start() + 1, name.end if name else 0
        )
        counted = name is not None and _COUNTED.match(sentence[name.end : name.end + 24])
        if name is not None and name.specific and name.end <= end and not counted:
            found.append(name)
    return found
