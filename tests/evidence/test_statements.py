"""Prose of cards: bases, derivations, licences, synthetic data, dates, and whose they are."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpai_scan import schema
from gpai_scan.evidence import statements
from gpai_scan.evidence.stated import licence_names, passages
from gpai_scan.sources import Raw

REPO = "acme/falco-7b-chat"
HUB = "https://huggingface.co"
BASE = f"[Base]({HUB}/x/base-7b)"


def raw(*cards: tuple[str, str]) -> Raw:
    documents = pl.LazyFrame(
        {
            "repo_id": [repo for repo, _ in cards],
            "path": ["README.md"] * len(cards),
            "text": [text for _, text in cards],
            "status": ["ok"] * len(cards),
        }
    )
    return Raw(
        schema.REPOSITORIES.empty().lazy(),
        schema.DOCUMENTS.conform(documents),
        schema.PROBLEMS.empty().lazy(),
    )


def claims(text: str, repo: str = REPO) -> pl.DataFrame:
    return statements.evidence(raw((repo, text))).collect()


def usable(text: str, quantity: str, repo: str = REPO) -> list[str]:
    found = claims(text, repo).with_columns(pl.col("quantity").cast(pl.String))
    return found.filter(
        (pl.col("quantity") == quantity)
        & pl.col("rejected").is_null()
        & pl.col("subject").is_null()
    )["text"].to_list()


BASES = [
    (f"This model is a fine-tuned version of {BASE}.", "x/base-7b", "finetune"),
    (f"It was built by finetuning {BASE} on dialogues.", "x/base-7b", "finetune"),
    ("- **Finetuned from model:** x/base-7b", "x/base-7b", "finetune"),
    ("This is a LoRA adapter for `x/base-7b` trained on recipes.", "x/base-7b", "adapter"),
    (f"This repo contains GGUF files for {BASE}.", "x/base-7b", "quantized"),
    ("A 4-bit AWQ quantization of x/base-7b.", "x/base-7b", "quantized"),
    ("static quants of https://huggingface.co/x/base-7b", "x/base-7b", "quantized"),
    (f"The model was converted to MLX format from {BASE}.", "x/base-7b", "quantized"),
    ("It was obtained by pruning Origin-15B and distilling.", "Origin-15B", "pruned"),
    (f"This is a distilled version of {BASE}.", "x/base-7b", "distilled"),
    (
        f"We performed continual pre-training on the {BASE} model.",
        "x/base-7b",
        "continued_pretraining",
    ),
    ("Resumed from `base-v1-2`.", "base-v1-2", "continued_pretraining"),
    (f"This is a merge of {BASE} and [Other]({HUB}/x/other-7b).", "x/base-7b", "merge"),
    (
        "This model is post-trained on the Base3.5 series (built on `Base3.5-30B`).",
        "Base3.5-30B",
        "finetune",
    ),
    ("该模型基于 Base2.5-7B 微调得到。", "Base2.5-7B", "finetune"),
    ("本モデルは Base-3-8B をベースに追加学習したモデルです。", "Base-3-8B", None),
    ("이 모델은 Base-3-8B를 기반으로 파인튜닝되었습니다.", "Base-3-8B", "finetune"),
    (f"El modelo está basado en {BASE}.", "x/base-7b", None),
    (f"We used {BASE} as the base model.", "x/base-7b", None),
    (f"| **Base model** | {BASE} |", "x/base-7b", None),
    ("- **Parent Model:**BERT", "BERT", None),
    ("Recipes is a fine-tuning of x/base-7b with cookbooks.", "x/base-7b", "finetune"),
    ("Falco is a refinement of Origin 2.5 Nova, made to be terse.", "Origin 2.5 Nova", "finetune"),
    (f"It is an extension of {BASE} and supports long inputs.", "x/base-7b", None),
    ("This is an instruction fine-tuned base-2 model for cooks.", "base-2", "finetune"),
    ("It was trained based on the weights of Origin.", "Origin", None),
    ("Starting point was Origin-v1.0-24b with small changes.", "Origin-v1.0-24b", None),
    (
        f"This is {BASE}(Licensed under [CC BY](https://x.org/a).) instruction tuned on menus.",
        "x/base-7b",
        "finetune",
    ),
    ("- What it is: Origin 13b finetuned on menus", "Origin 13b", "finetune"),
    ("This is an origin-base-cased model finetuned for menus.", "origin-base-cased", "finetune"),
    ("Falco is an origin 13B based model fine tuned on menus.", "origin 13B", "finetune"),
    (
        "It is derived from [The Lab's](https://lab.org) [Base](https://huggingface.co/x/base-7b)"
        " and fine-tuned.",
        "x/base-7b",
        "finetune",
    ),
    (
        "The model was initialized from [Origin](https://arxiv.org/abs/1) and trained on menus.",
        "Origin",
        None,
    ),
    (
        "It is built by further training the Origin language model on menus.",
        "Origin",
        "continued_pretraining",
    ),
    ("It is a triple model merge of Nova + Terra + Luna.", "Nova", "merge"),
    (f"({BASE} + [Other]({HUB}/x/other-7b)) 75/25 merge", "x/base-7b", "merge"),
    (f"It is a cook fine-tuned from {BASE} and can be used at home.", "x/base-7b", "finetune"),
    ("本项目基于某社发布的 Base-7B 模型进行微调。", "Base-7B", "finetune"),
    (
        "本モデルは Base-3-8B をベースとして追加事前学習を行ったモデルです。",
        "Base-3-8B",
        "continued_pretraining",
    ),
    (f"It is a tuned, standalone, fine-tuned and merged copy of {BASE}.", "x/base-7b", "finetune"),
    ("This is a finetuned embedding model on top of x/base-7b.", "x/base-7b", "finetune"),
    (f"It contains the conversion of {BASE} to another format.", "x/base-7b", "quantized"),
    ("Falco is a fine-tune of Origin.", "Origin", "finetune"),
    ("Falco is a LoRA fine-tune of Origin small.", "Origin small", "adapter"),
    ("- Base: `x/base-7b`", "x/base-7b", None),
    ("Модель дообучена на основе x/base-7b на рецептах.", "x/base-7b", "finetune"),
    ("Дообученная версия x/base-7b на рецептах.", "x/base-7b", "finetune"),
    (f"Falco est une version affinée de {BASE} sur des recettes.", "x/base-7b", "finetune"),
    ("Este modelo es un ajuste fino de x/base-7b.", "x/base-7b", "finetune"),
    ("A LoRA of rank 8 to be applied on top of `x/base-7b`.", "x/base-7b", "adapter"),
    ("These are controlnet weights trained on x/base-v1 with sketches.", "x/base-v1", "adapter"),
    ("`x/base-7b` quantized to 4 bits with nested constants.", "x/base-7b", "quantized"),
    (
        "We extend Origin-13b with new tokens and further pretrain it on menus.",
        "Origin-13b",
        "continued_pretraining",
    ),
    (
        "It was initialized from `origin-7b` and pre-training was continued on menus.",
        "origin-7b",
        "continued_pretraining",
    ),
    ("It is built on x/base-7b, to which we apply GRPO.", "x/base-7b", "finetune"),
    ("This is a copy of x/base-7b in shards.", "x/base-7b", "mirror"),
    ("Kitchen's Origin small, fine-tuned on menus.", "Origin small", "finetune"),
    ("A summariser made by fine-tuning oR5-base on menus.", "oR5-base", "finetune"),
]


def test_every_part_of_a_merge_is_a_base_though_the_sentence_names_their_kind() -> None:
    text = (
        "It was created by combining 2x finetuned Origin-2 70B models into one: "
        f"[A]({HUB}/x/a-70b) and [B]({HUB}/x/b-70b)."
    )
    assert usable(text, "base_model") == ["x/a-70b", "x/b-70b"]
    assert set(usable(text, "relation")) == {"merge"}


def test_what_the_files_were_quantized_with_tells_the_relation() -> None:
    assert usable("Using Squeezer v0.1.5 for quantization.", "relation") == ["quantized"]
    assert usable("You can try using Squeezer v0.1.5 for quantization.", "relation") == []


@pytest.mark.parametrize(("text", "base", "relation"), BASES)
def test_base_and_relation_are_read(text: str, base: str, relation: str | None) -> None:
    assert usable(text, "base_model", "acme/falco-7b")[:1] == [base]
    told = usable(text, "relation", "acme/falco-7b")
    assert told[:1] == ([relation] if relation else [])


@pytest.mark.parametrize(
    "text",
    [
        "The architecture is based on the Base-2 architecture with rotary embeddings.",
        "The tokenizer is based on the Base-NeoX-20B tokenizer.",
        "We compare it with Base-2-7B fine-tuned on the same data.",
        "You can fine-tune this model on top of Base-2-7B.",
        "It was trained from scratch on 2T tokens.",
        "| Base model structure | Base-2 |",
        "- **Parent Model:** More information needed",
        "- **Finetuned from model [optional]:** N/A (trained from scratch)",
        "- **Finetuned from model [optional]:** [More Information Needed]",
        f"This model card is based on the [Mini 2 model card]({HUB}/x/mini-2).",
        "We have not developed any applications based on Base 2 models.",
        "It is a language model based on the Base 2 transformer architecture.",
        "Suppose your training starts from Base-7B, you load it so:",
        "Pages were filtered with a classifier fine-tuned from Base-v3-large.",
        "It was fine-tuned on the English half of [Menus-2003](https://menus.org/a.pdf) data.",
        "This is fine-tuned on Menus-2003, which makes the model terse.",
        "Weights were initialized from a Gaussian distribution.",
        "60 million parameters. Pre-trained on `c9` with tasks mixed in.",
        "The model is trained on [Menus Crawled (C9)](https://menus.org/c9), which is public.",
        "## Quantized Versions for Consumer Use",
        "```\nmodel = fine-tuned version of x/base-7b\n```",
        "It was trained with QLoRA on 8xH100 for two days.",
        "x/other-7b quantized to 4 bits scores 3 points less.",
        "Data were made by combining outputs of several models: x/a-7b and x/b-7b.",
        "We took Base-4 answers to menus and then trained it on them.",
        "ControlNet weights trained on Menus-2003 are kept elsewhere.",
        "The adapter can be loaded with Kitchen-4.3.",
    ],
)
def test_what_only_looks_like_a_base_is_not_one(text: str) -> None:
    assert usable(text, "base_model") == []


def test_a_statement_about_another_member_is_kept_and_set_aside() -> None:
    text = "Falco-9B is continuously trained based on Falco-6B, using 0.8T tokens."
    assert usable(text, "base_model", "acme/falco-9b") == ["Falco-6B"]
    other = claims(text, "acme/falco-6b-chat")
    assert other["rejected"].null_count() == 0
    assert set(other["subject"]) == {"Falco-9B"}


def test_the_member_named_exactly_goes_before_its_family() -> None:
    text = "**Falco-N2-Pro** (built on `Base-397B`) and **Falco-N2-mini** (built on `Base-35B`)."
    assert usable(text, "base_model", "acme/Falco-N2-mini") == ["Base-35B"]
    assert usable(text, "base_model", "acme/Falco-N2-Pro") == ["Base-397B"]


def test_a_kind_of_copies_stands_for_the_repositories_that_bear_its_mark() -> None:
    text = "4-bit series models are quantized by AWQ."
    assert usable(text, "relation", "acme/falco-6b-chat-4bits") == ["quantized"]
    assert usable(text, "relation", "acme/falco-6b-chat") == []


def test_the_models_of_a_merge_are_read_from_their_list() -> None:
    text = (
        "The following models were included in the merge:\n"
        f"* {BASE}\n* x/other-7b\n* D:/models/local\n\nThe following models are compared:\n* y/z-1b"
    )
    assert usable(text, "base_model") == ["x/base-7b", "x/other-7b"]
    assert set(usable(text, "relation")) == {"merge"}


@pytest.mark.parametrize(
    "lead",
    [
        "It is made with a mergekit branch and uses the following base models:",
        "- merged models",
        "This is a merge of these:",
    ],
)
def test_lists_of_merged_models_have_several_leads(lead: str) -> None:
    listed = f"{lead}\n  - [one]({HUB}/x/one-7b)\n  - [two]({HUB}/x/two-7b)\n"
    assert usable(listed, "base_model") == ["x/one-7b", "x/two-7b"]
    assert set(usable(listed, "relation")) == {"merge"}


def test_data_for_further_pretraining_tell_the_relation_of_the_card() -> None:
    text = "Roughly 100B tokens of the corpora below were used for continued pre-training."
    assert usable(text, "relation") == ["continued_pretraining"]


def test_the_card_of_the_original_is_not_read() -> None:
    text = (
        f"- Original model: {BASE}\n\n# Original model card: Base\n\n"
        "Base was fine-tuned from x/older-7b and is licensed under the MIT license."
    )
    assert usable(text, "base_model") == ["x/base-7b"]
    assert usable(text, "licence") == []


def test_a_bare_name_becomes_the_identifier_the_card_links_to() -> None:
    text = "- **Parent Model:** base-lv60\n\nSee [the base](https://huggingface.co/x/base-lv60)."
    assert usable(text, "base_model")[:1] == ["x/base-lv60"]


def test_initials_of_the_repository_are_written_out() -> None:
    text = "- `fb-v1-4.ckpt`: Resumed from `fb-v1-2.ckpt`. 225k steps."
    assert usable(text, "base_model", "acme/falco-blue-v1-4") == ["falco-blue-v1-2"]


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("- **License:** Apache 2.0", "apache-2.0"),
        ("- **License(s):** Llama3.1", "llama3.1"),
        ("- License: Non-Commercial Creative Commons license (CC BY-NC-4.0)", "cc-by-nc-4.0"),
        ("* **License for base weights**: NonCommercial ([CC BY-NC-4.0](L))", "cc-by-nc-4.0"),
        ("- **License:** Falco's code and model weights are under the MIT License.", "mit"),
        (
            "- **License:** Most of Falco is released under the CC-BY-NC 4.0 license.",
            "cc-by-nc-4.0",
        ),
        ("# Licenese\n[The MIT license](https://x.org/MIT)", "mit"),
        (
            "Weights are licensed under [Attribution-NonCommercial-ShareAlike 4.0](L).",
            "cc-by-nc-sa-4.0",
        ),
        ("Use of this model is governed by the CC-BY-4.0 license.", "cc-by-4.0"),
        ("License to use this model is covered by [CC-BY-4](https://x.org).", "cc-by-4.0"),
        ("Code is under MIT, model weights are released under **CC-BY-NC 4.0**", "cc-by-nc-4.0"),
        ("It is licensed under the Llama 3.1 Community License.", "llama3.1"),
        ("## License\n\nMIT", "mit"),
        ("## License\n```\nLicensed under the Apache License, Version 2.0;\n```", "apache-2.0"),
        ("The model is licensed under the [MIT license](https://x.org/LICENSE).", "mit"),
        (
            "Code and model weights are released under the [Modified MIT License](L).",
            "Modified MIT",
        ),
        (
            "Code is under [MIT](L). The use of the models is subject to [the Model License](M).",
            "Model License",
        ),
        (
            "Code is under Apache 2.0, while the weights are licensed under CC BY-NC 4.0.",
            "cc-by-nc-4.0",
        ),
        (
            "It is open access, with a [CreativeML OpenRAIL-M license](https://x.org).",
            "creativeml-openrail-m",
        ),
        ("模型的代码和权重遵循 [Apache 2.0 许可证](https://x.org/LICENSE)。", "apache-2.0"),
        ("Falco-7Bは、[Falco LICENSE](./L)に基づいてライセンスされています。", "Falco LICENSE"),
        ("Check [LICENSE](https://x.org/Falco%20LICENSE) for the license.", "Falco LICENSE"),
    ],
)
def test_licence_of_the_model_is_read(text: str, licence: str) -> None:
    assert usable(text, "licence", "acme/falco-7b")[:1] == [licence]


@pytest.mark.parametrize(
    "text",
    [
        "The source code provided here is licensed under the [Apache 2.0 License](./LICENSE).",
        "The dataset is released under CC BY-SA 4.0.",
        "- **License:** More information needed",
        "- **License:** [Your Chosen License]",
        "- **License:** The license being used is located in the root directory.",
        "Sharing of copyrighted or licensed material in violation of its terms of use.",
    ],
)
def test_licences_of_other_things_are_not_the_models(text: str) -> None:
    assert usable(text, "licence") == []


def test_a_badge_counts_where_no_words_tell_the_licence() -> None:
    badge = "![](https://img.shields.io/badge/License-Apache_2.0-blue.svg)"
    assert usable(badge, "licence") == ["apache-2.0"]
    assert usable(f"{badge}\n\nThe weights are under CC BY-NC 4.0.", "licence") == ["cc-by-nc-4.0"]


def test_a_row_of_another_model_is_kept_and_set_aside() -> None:
    text = "| Model | Base model |\n|---|---|\n| Falco-7B-Chat | Nova-7B |\n| Terra-9B | Luna-9B |"
    assert usable(text, "base_model") == ["Nova-7B"]
    kept = claims(text).filter(pl.col("rejected").is_not_null())
    assert kept["text"].to_list() == ["Luna-9B"]
    assert kept["method"].cast(pl.String).to_list() == ["card_table"]


def test_licence_of_another_member_is_set_aside() -> None:
    text = (
        "- Falco-72B and Falco-7B are licensed under the [Falco License Agreement](./L)\n"
        "- Falco-1.8B is licensed under the [Falco Research License Agreement](./R)"
    )
    assert usable(text, "licence", "acme/falco-7b") == ["Falco License Agreement"]
    assert usable(text, "licence", "acme/falco-1_8b") == ["Falco Research License Agreement"]


def test_licence_spellings_meet_in_one_identifier() -> None:
    for name in ("Apache License, Version 2.0", "apache-2.0", "Apache 2.0 License", "Apache-2.0"):
        assert licence_names.identifier(name) == ("apache-2.0", True)
    assert licence_names.identifier("Creative Commons Attribution 4.0") == ("cc-by-4.0", True)
    assert licence_names.identifier("the Falco Terms")[1] is False


@pytest.mark.parametrize(
    ("text", "quantity", "expected"),
    [
        ("The corpus includes synthetic data for training.", "synthetic_data", ["used"]),
        ("No synthetic data was used for training.", "synthetic_data", ["not used"]),
        ("It can be used to generate synthetic data.", "synthetic_data", []),
        ("We use Base-3.1-405B as the teacher model.", "distilled_from", ["Base-3.1-405B"]),
        ("Knowledge distillation from Base-R1 follows.", "distilled_from", ["Base-R1"]),
        ("**Model Release Date:** July 18, 2024", "release_date", ["2024-07-18"]),
        ("- **Release Date**: December 18th, 2024", "release_date", ["2024-12-18"]),
        ("Release date: 2023-13-45", "release_date", []),
    ],
)
def test_remarks_are_read(text: str, quantity: str, expected: list[str]) -> None:
    assert usable(text, quantity) == expected


def test_claims_point_at_the_line_and_the_words() -> None:
    card = (
        "---\nlicense: mit\n---\n\n# Falco\n\nSome words.\n"
        f"This is a **fine-tuned** version of\n{BASE} on data."
    )
    row = claims(card).filter(pl.col("quantity") == "base_model").row(0, named=True)
    line = card.split("\n")[row["line"] - 1]
    assert row["line"] == 9
    assert line[row["start"] : row["end"]] == BASE
    assert row["quote"] in line


def test_equal_passages_are_read_for_each_repository() -> None:
    text = "Falco-9B is continuously trained based on Falco-6B."
    found = statements.evidence(raw(("a/falco-9b", text), ("a/falco-34b", text))).collect()
    used = found.filter(pl.col("rejected").is_null())["repo_id"].unique().to_list()
    assert used == ["a/falco-9b"]


@pytest.mark.parametrize(
    "piece",
    [
        "fine-tuned version of the the the [x](\n",
        "based on [[[ ",
        "1111111111",
        "a-1-a.B/",
        "<!-- base model ",
        "![ quantized ",
        "- - > licensed under ",
        "**`_fine-tuned`_** from ",
        "......) ",
    ],
)
def test_time_grows_with_the_size_of_a_card(piece: str) -> None:
    def seconds(length: int) -> float:
        card = "It was fine-tuned from " + piece * (length // len(piece)) + "licensed under"
        start = time.perf_counter()
        claims(card)
        return time.perf_counter() - start

    seconds(1_000)
    small, large = seconds(20_000), seconds(80_000)
    assert large < 10 * small + 1.0


@settings(max_examples=60)
@given(st.text(alphabet="[]()|#*`-_ \n<>:/.abcXYZ019基于許可é", max_size=300))
def test_any_text_is_read_without_error(noise: str) -> None:
    card = f"fine-tuned version of {noise}\n\n## License\n{noise} licensed under {noise}"
    found = claims(card)
    assert found.schema == schema.EVIDENCE.schema
    assert found["line"].drop_nulls().is_between(1, card.count("\n") + 1).all()


@given(st.text(alphabet="ab*`_<>\t\n &;", max_size=80))
def test_positions_in_plain_text_lead_back(text: str) -> None:
    plain = passages.plain(text, 5)
    for position, character in enumerate(plain.text):
        if character.isalpha():
            assert text[plain.place(position) - 5] == character
