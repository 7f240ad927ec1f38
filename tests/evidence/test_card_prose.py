from __future__ import annotations

import pytest
import reading

TOKENS = [
    ("It was pretrained on over 2.2 trillion tokens with a context length of 2048.", 2.2e12),
    ("We pre-train it on 14.8 trillion diverse and high-quality tokens, then align it.", 14.8e12),
    ("A decoder-only model trained on 1,500B tokens of a web corpus.", 1.5e12),
    ("The model saw 299,892,736,000 ~= 300B tokens during training.", 299892736000.0),
    ("Total seen tokens: **366B**", 366e9),
    ("- **Training tokens:** 27T", 27e12),
    ("**Training data:** 3.4T tokens", 3.4e12),
    ("It was pretrained on a large-scale dataset, comprising over 7 trillion tokens.", 7e12),
    ("Trained on\n3 trillion\ntokens of text.", 3e12),
    ("\\~15 trillion tokens were used for pretraining.", 15e12),
    ("Le modèle a été entraîné sur 1 500 milliards de tokens.", 1.5e12),
    ("Das Modell wurde auf 2,5 Billionen Token vortrainiert.", 2.5e12),
    ("El modelo fue entrenado con 2 billones de tokens.", 2e12),
    ("模型在2.6万亿词元上进行预训练。", 2.6e12),
    ("約1兆7000億トークンで事前学習されています。", 1.7e12),
    ("Модель обучена на 1,2 трлн токенов.", 1.2e12),
    ("이 모델은 2조 개의 토큰으로 학습되었습니다.", 2e12),
]
NOT_TOKENS = [
    "It supports a context window of 128K tokens.",
    "The context length is 1,048,576 tokens.",
    "We use a vocabulary of 151,851 tokens.",
    "Generate with max_new_tokens=32768.",
    "It generates up to 8,192 tokens.",
    "Trained with sequences of 4,194,304 tokens in length.",
    "The throughput was 24k tokens per second per GPU, which is 5M tokens per minute.",
    "The learning rate is stepped down at 1.6 trillion tokens.",
    "Checkpoints were saved every 4B tokens.",
    "The 1T-token checkpoint was released in May.",
    "In ablations on a small model we trained on 100B tokens.",
    "We will train on 10T tokens next year.",
    "You can train a chinchilla-optimal model on 22B tokens in a day.",
    "It costs $2 per 1,000,000 tokens.",
]


@pytest.mark.parametrize(("text", "value"), TOKENS)
def test_tokens_seen(text: str, value: float) -> None:
    assert reading.used(text)["tokens"][0] == pytest.approx(value)


@pytest.mark.parametrize("text", NOT_TOKENS)
def test_what_are_not_tokens_seen(text: str) -> None:
    assert "tokens" not in reading.used(text)


def test_a_pool_and_a_data_set_are_not_tokens_seen() -> None:
    text = "The corpus contains 950B tokens. We sampled 100B from a pool of 1 trillion tokens."
    found = reading.used(text)
    assert found["unique_tokens"] == [950e9]
    assert "tokens" not in found


def test_epochs_times_data() -> None:
    text = "The training corpus contains 40 billion tokens. The model was trained for 3 epochs."
    assert reading.used(text)["tokens"] == [120e9]


def test_the_size_of_the_training_data_is_read_once_where_nothing_else_is_said() -> None:
    said = "The pre-training corpus comprises 500B tokens."
    found = reading.claims(said).filter(quantity="tokens")
    assert found["value"].to_list() == [500e9]
    assert found["method"].to_list() == ["card_data"]
    assert found["note"].to_list() == ["size of the training data (line 1), taken as read once"]
    assert reading.used(f"{said}\n\nTraining stopped after 1T tokens.")["tokens"] == [1e12]


@pytest.mark.parametrize(
    "text",
    [
        "We also publish HeapNet, an open data set that contains 500B tokens.",
        "The corpus contains 500B unique tokens.",
        "One epoch of the training data has 500B tokens.",
    ],
)
def test_other_sizes_of_data_are_not_tokens_seen(text: str) -> None:
    assert "tokens" not in reading.used(text)


def test_data_of_one_language_is_a_part_of_more_tokens() -> None:
    said = "Our Korean training data contains about 90B tokens."
    assert reading.used(said)["unique_tokens"] == [90e9]
    assert "unique_tokens" not in reading.used(f"{said}\n\nIt was trained on 2T tokens.")


@pytest.mark.parametrize(("repo_id", "epochs"), [("x/finch-2b", 1.0), ("x/finch-2b-filtered", 1.5)])
def test_each_variant_has_its_epochs(repo_id: str, epochs: float) -> None:
    text = (
        'Training made 1 epoch over the Heap for "standard" models, and 1.5 epochs over the '
        "filtered Heap."
    )
    assert reading.used(text, repo_id)["epochs"][-1] == epochs


def test_steps_times_batch_times_length() -> None:
    text = (
        "We trained for 140,000 steps with a global batch size of 1,024 sequences "
        "and a sequence length of 2048."
    )
    found = reading.claims(text).filter(quantity="tokens")
    assert found["value"].to_list() == [140_000 * 1024 * 2048.0]
    assert found["method"].to_list() == ["card_derived"]


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("We continually pre-train it on 48B tokens.", "continued_pretraining"),
        ("It was trained from scratch on 48B tokens.", "pretraining"),
        ("It was fine-tuned on 48B tokens of dialogue.", "post_training"),
        ("We fined-tuned it on 48B tokens of dialogue.", "post_training"),
        ("We anneal on an additional 48B tokens of training data.", "continued_pretraining"),
        ("It was trained on 48B tokens.", None),
        ("The model adds 48B tokens of mostly Korean pre-training.", "continued_pretraining"),
        (
            "It was made by continued pretraining of Finch 7B. It was trained on 48B tokens.",
            "continued_pretraining",
        ),
        ("Long-context extension used 48B tokens.", "continued_pretraining"),
        ("SFT: 48B tokens", "post_training"),
        (
            "It learned German through continuous pretraining on 48B tokens.",
            "continued_pretraining",
        ),
        ("# Bear-7B-Instruct\n\nIt was trained on 48B tokens.", None),
        ("# Instruction tuning\n\nIt was trained on 48B tokens.", "post_training"),
        ("使用了 480 亿 tokens 进行增量预训练。", "continued_pretraining"),
        ("It is based on Bear-7B and trained on 48B tokens.", "continued_pretraining"),
        ("Stage-2 pretraining used 48B tokens of German text.", "continued_pretraining"),
        ("It was trained on 48B tokens of additional data.", "continued_pretraining"),
        ("約480億トークンで追加事前学習を行いました。", "continued_pretraining"),
        ("本模型在已有模型的基础上继续预训练了 480 亿 tokens。", "continued_pretraining"),
        ("기존 모델에 480억 토큰을 추가로 사전학습했습니다.", "continued_pretraining"),
    ],
)
def test_the_stage_of_the_training(text: str, stage: str | None) -> None:
    frame = reading.claims(text).filter(quantity="tokens", value=48e9)
    assert frame["stage"].to_list() == [stage]


@pytest.mark.parametrize(
    ("repo_id", "tokens"),
    [("x/Finch-2B", 2e12), ("x/Finch-9B", 8e12), ("x/Finch-27B", 13e12)],
)
@pytest.mark.parametrize(
    "text",
    [
        "The 27B model was trained with 13 trillion tokens, the 9B model was trained with "
        "8 trillion tokens, and 2B model was trained with 2 trillion tokens.",
        "Finch 2B, 9B and 27B are trained on 2T, 8T and 13T tokens respectively.",
    ],
)
def test_each_size_has_its_figure(text: str, repo_id: str, tokens: float) -> None:
    assert reading.used(text, repo_id)["tokens"] == [tokens]


@pytest.mark.parametrize(
    "text",
    [
        "The 175B model was trained on 992 A100 GPUs.",
        "Grebe 3 was trained on 15T tokens.",
        "Unlike ours, Grebe-13B was trained on 15T tokens.",
    ],
)
def test_figures_of_other_models(text: str) -> None:
    found = reading.used(text, "x/Finch-1.3B")
    assert not set(found) & {"tokens", "accelerator_count"}


@pytest.mark.parametrize(
    ("text", "total", "active"),
    [
        ("It has 671B total parameters with 37B activated for each token.", 671e9, 37e9),
        (
            "A mixture with 32 billion activated parameters and 1 trillion total parameters.",
            1e12,
            32e9,
        ),
        ("- Number of parameters: 30.5B in total and 3.3B activated", 30.5e9, 3.3e9),
        ("- **Total parameters:** 310B total / 15B activated", 310e9, 15e9),
        (
            "It has **355** billion total parameters with **32** billion active parameters.",
            355e9,
            32e9,
        ),
        ("模型总参数量为 1000 亿，激活参数 100 亿参数。", 100e9, 10e9),
    ],
)
def test_total_and_active_parameters(text: str, total: float, active: float) -> None:
    found = reading.used(text, "x/mixture")
    assert found["parameters_total"][0] == pytest.approx(total)
    assert found["parameters_active"][0] == pytest.approx(active)


@pytest.mark.parametrize(
    "text",
    [
        "It uses a 400M parameter vision encoder.",
        "Of these, 3,596,615,680 embedding parameters.",
        "It outperforms models with over 70B parameters.",
        "This is an 80 billion parameter assistant.",
    ],
)
def test_sizes_that_are_not_this_model(text: str) -> None:
    assert "parameters_total" not in reading.used(text, "x/finch-7b")


HOURS = [
    ("Pretraining used a cumulative 3.3M GPU hours on A100-80GB.", 3.3e6),
    ("It took only 2.664M H800 GPU hours.", 2.664e6),
    ("The run required 2.1 million H100-hours to complete.", 2.1e6),
    ("Training needed **39.3**M GPU hours.", 39.3e6),
    ("It was trained for roughly 2500 V100-days.", 60000.0),
    ("Training took about 600 TPUv3 chip-days.", 14400.0),
    ("The training took 12 days on 32 GPUs, i.e., 9’216 GPU hours.", 9216.0),
    ("We trained our models for 812.321 GPU hours.", 812321.0),
    ("It was trained on 172k A100 GPU hours and 86k H200 GPU hours.", 258e3),
    ("The number of GPU hours that training took (320,256) is known.", 320256.0),
    ("- **Hours used:** 150000", 150000.0),
    ("训练共计约60万 GPU小时。", 600e3),
]


@pytest.mark.parametrize(("text", "hours"), HOURS)
def test_accelerator_hours(text: str, hours: float) -> None:
    assert reading.used(text)["accelerator_hours"][0] == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("The model was trained on 384 H100 GPUs for 24 days.", 384 * 24 * 24.0),
        ("Trained on 64 A100 GPUs. Training took two weeks.", 64 * 14 * 24.0),
        ("**GPUs:** 512 H100-80G<br>\n**Training time:** 10 days", 512 * 240.0),
        ("学習には128枚のA100 GPUを用い、約30日間かかりました。", 128 * 720.0),
        ("For training we used 8 nodes with 8 NVIDIA A100 GPUs each for 48 hours.", 64 * 48.0),
        ("- **Hardware Type:** 512 A100 GPUs\n- **Hours used:** 672 hours (28 days)", 512 * 672.0),
    ],
)
def test_devices_times_duration(text: str, hours: float) -> None:
    assert reading.used(text)["accelerator_hours"] == [pytest.approx(hours)]


@pytest.mark.parametrize(
    "text",
    [
        "It needs 172.8K GPU hours per trillion tokens.",
        "It uses less than 80% of the GPU hours of its predecessor.",
        "The models are trained on 680,000 hours of audio.",
        "- **Hours used:** More information needed",
        "For inference we use 8 A100 GPUs for 3 hours.",
        "Evaluation took 300 GPU hours.",
        "You can train it in 32 hours with 8 A100.",
        "We need 4x A100 GPUs with at least 80GB of memory to run it.",
        "An additional 32 A100 GPUs were kept in reserve during training for 20 days.",
    ],
)
def test_hours_that_are_not_of_training(text: str) -> None:
    assert "accelerator_hours" not in reading.used(text)


@pytest.mark.parametrize(
    ("text", "count", "model"),
    [
        ("Trained on 384 A100 80GB GPUs.", 384.0, "A100 SXM4 80GB"),
        ("- **Hardware:** 32 x 8 x A100 GPUs", 256.0, "A100 SXM4 40GB"),
        ("- **Hardware Type:** 8xH100", 8.0, "H100 SXM5"),
        ("It was trained on a TPU v4-512.", 256.0, "TPU v4"),
        ("We trained on 2048 TPU v3 cores.", 1024.0, "TPU v3"),
        ("训练使用1024张H800 GPU。", 1024.0, "H800 SXM5"),
    ],
)
def test_hardware(text: str, count: float, model: str) -> None:
    found = reading.used(text)
    assert found["accelerator_count"] == [count]
    assert found["accelerator_model"] == [model]


@pytest.mark.parametrize(
    ("text", "quantity", "value"),
    [
        ("We reach a model FLOPs utilization (MFU) of 54.9% in training.", "utilisation", 0.549),
        ("It was trained with 3.8e25 FLOPs in total.", "training_flop", 3.8e25),
        ("Carbon emitted: 11250 kg CO2 eq. during training.", "emissions", 11250e3),
        ("The project consumed 225 MWh of energy.", "energy", 225e3),
        ("The model was trained on 680,000 hours of labelled audio.", "audio_hours", 680e3),
        ("It was trained for 32B samples seen.", "samples_seen", 32e9),
        ("We fine-tuned it on 2M pairs.", "dataset_samples", 2e6),
        ("Training used bfloat16 mixed precision.", "precision", "bf16"),
    ],
)
def test_other_quantities(text: str, quantity: str, value: float | str) -> None:
    got = reading.used(text)[quantity]
    assert got == [value if isinstance(value, str) else pytest.approx(value)]


def test_the_prefix_of_a_unit_of_energy_is_of_its_own_figure() -> None:
    assert reading.used("The project consumed 3 and 5 kWh of energy.")["energy"] == [5.0]
    assert reading.used("Training emitted 3 and 5 kg CO2.")["emissions"] == [5000.0]


def test_per_gpu_flop_rates_are_not_compute() -> None:
    assert "training_flop" not in reading.used("About 150 TFLOP per GPU per second in training.")


def test_a_name_leading_a_list_item_owns_what_follows() -> None:
    text = (
        "- `coot-v1-2`: 515k steps at resolution 512x512.\n"
        "- `coot-v1-3`: resumed. 195k steps at resolution 512x512.\n"
    )
    assert reading.used(text, "x/coot-v1-3")["steps"] == [195e3]


def test_what_names_the_model_wins_over_what_names_the_family() -> None:
    text = (
        "All models were trained on 3T tokens.\n\n"
        "| Model | Tokens |\n|---|---|\n| crane-7B | 2.4T |\n| crane-72B | 3T |\n"
    )
    assert reading.used(text, "x/crane-7B")["tokens"] == [2.4e12]


def test_what_is_said_of_the_base_by_name_is_not_of_the_derivative() -> None:
    text = (
        "---\nbase_model: org/heron-7b\n---\n\n# Notes\n\n"
        "heron-7b was trained on 2T tokens. This model was fine-tuned on 30M tokens.\n"
    )
    found = reading.claims(text, "me/my-heron-7b-tuned").filter(quantity="tokens")
    assert dict(found.select("value", "rejected").iter_rows()) == {2e12: "base_model", 30e6: None}
