"""Suggestions: what is proposed, that it follows from the facts, and that `check` has nothing to say against it."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import advisor
from advisor import context as contexts
from advisor import expressions, packs
from advisor.findings import CallError
from advisor.parameters import vocabulary
from advisor.suggest import _LAWS, _OF_THE_SUGGESTION, Advice

KNOWLEDGE: dict[str, Any] = packs.bundle()["other"]["suggest"]
SEVERITIES_OF_BUGS = ("warning", "error")


def ways() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, table in [*KNOWLEDGE["kind"].items(), ("any", KNOWLEDGE["any"])]:
        for parameter, rows in table.items():
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict):
                    yield name, parameter, row


# ------------------------------------------------------------------------------------------------- the knowledge itself


def test_every_kind_proposes_known_parameters() -> None:
    known = set(vocabulary().parameters)
    unknown = {(name, p) for name, kind in KNOWLEDGE["kind"].items() for p in kind["parameters"] if p not in known}
    shared = {"step_tokens"}  # a number that the formulas of a kind share
    unknown |= {(name, parameter) for name, parameter, _ in ways() if parameter not in known | shared}
    assert not unknown


def test_every_expression_compiles_and_names_what_exists() -> None:
    words = vocabulary()
    known = {*words.parameters, *words.derived, *_LAWS, *_OF_THE_SUGGESTION, "step_tokens"}
    known |= {"regime", "adapter", "domain", "task", "family", "env", "data", "run"}
    texts = [row[key] for _, _, row in ways() for key in ("value", "where") if row.get(key)]
    texts += [kind["where"] for kind in KNOWLEDGE["kind"].values()] + [note["where"] for note in KNOWLEDGE["note"]]
    texts += [*KNOWLEDGE["belongs"].values(), *(row["where"] for row in KNOWLEDGE["assume"])]
    texts += [row["where"] for rows in KNOWLEDGE["convert"].values() for row in rows]
    unknown = {(name, text) for text in texts for name in expressions.compile(text).names if name not in known}
    assert not unknown


def test_every_context_value_asked_for_exists() -> None:
    texts = [row.get("where") or "" for _, _, row in ways()] + [kind["where"] for kind in KNOWLEDGE["kind"].values()]
    texts += [*KNOWLEDGE["belongs"].values(), *(row["where"] for row in (*KNOWLEDGE["note"], *KNOWLEDGE["assume"]))]
    texts += [row.get("where", "") for rows in KNOWLEDGE["limit"].values() for row in rows]
    asked = {match for text in texts for match in re.findall(r"isa\((\w+), '(\w+)'\)", text)}
    assert not {(key, value) for key, value in asked if not contexts.known_value(key, value)}


def test_every_source_exists() -> None:
    assert not {key for _, _, row in ways() for key in row["source"] if key not in packs.bundle()["sources"]}


def test_every_way_says_why() -> None:
    assert all(row["why"] and row["source"] for _, _, row in ways())


def test_last_kind_takes_everything() -> None:
    assert list(KNOWLEDGE["kind"].values())[-1]["where"] == "True"


# ------------------------------------------------------------------------------------------------------- what comes out

BERT = {"optimizer": "adamw", "model": "bert-base", "fine_tuning": True, "dataset_size": 8000}


def test_fine_tuning_an_encoder() -> None:
    advice = advisor.suggest(BERT, want=["learning_rate", "batch_size", "epochs"], within={"batch_size": [16, 32, 64]})
    assert advice.parameters == {"learning_rate": pytest.approx(3e-5), "batch_size": 16, "epochs": 3}
    explained = advice.explanations["learning_rate"]
    assert explained.low is not None
    assert explained.high is not None
    assert explained.low <= 3e-5 <= explained.high
    assert explained.sources
    assert explained.confidence == "A"


def one(facts: dict[str, Any], parameter: str, **more: Any) -> Any:
    return advisor.suggest(facts, want=[parameter], **more).parameters.get(parameter)


@pytest.mark.parametrize(
    ("facts", "parameter", "low", "high"),
    [
        ({"model": "llama-7b", "adapter": "lora", "fine_tuning": True}, "learning_rate", 1e-4, 5e-4),
        ({"model": "llama-7b", "fine_tuning": True, "task": "sft"}, "learning_rate", 1e-5, 4e-5),
        ({"model": "llama-7b", "task": "dpo", "fine_tuning": True}, "learning_rate", 2e-7, 5e-6),
        ({"model": "llama-7b", "task": "dpo", "fine_tuning": True}, "preference_beta", 0.05, 0.5),
        ({"model": "resnet50", "dataset_size": 1_281_167, "optimizer": "sgd_momentum"}, "learning_rate", 0.05, 0.2),
        ({"model": "vit-base", "dataset_size": 1_281_167}, "learning_rate", 5e-4, 4e-3),
        ({"model": "yolov8n", "task": "object detection", "optimizer": "sgd"}, "learning_rate", 5e-3, 2e-2),
        ({"model": "whisper-small", "fine_tuning": True}, "learning_rate", 5e-6, 2e-5),
        ({"model": "gcn", "domain": "graph", "optimizer": "adam"}, "learning_rate", 5e-3, 2e-2),
        ({"algorithm": "ppo", "domain": "rl"}, "discount", 0.98, 0.999),
        ({"algorithm": "ppo", "domain": "rl"}, "learning_rate", 1e-4, 1e-3),
        ({"algorithm": "sac", "domain": "rl"}, "batch_size", 64, 512),
        ({"model": "xgboost", "dataset_size": 10_000}, "max_depth", 3, 10),
        ({"model": "lightgbm", "dataset_size": 10_000}, "num_leaves", 16, 255),
        ({"model": "dit-xl", "domain": "diffusion"}, "learning_rate", 5e-5, 2e-4),
        ({"model": "vae", "optimizer": "adam"}, "learning_rate", 4.5e-5, 1e-3),
        ({"model": "lstm", "optimizer": "adam"}, "learning_rate", 1e-3, 3e-3),
        ({"model": "KNeighborsClassifier", "dataset_size": 400, "n_classes": 2}, "n_neighbors", 19, 19),
        ({"model": "KMeans", "dataset_size": 200}, "n_clusters", 10, 10),
        ({"model": "SVC", "n_features": 20}, "kernel_gamma", 0.05, 0.05),
        ({"model": "SVR", "n_features": 20}, "regularization_c", 3, 3),
        ({"model": "RandomForestClassifier", "n_features": 64}, "colsample", 0.125, 0.125),
        ({"model": "RandomForestRegressor", "n_features": 64}, "colsample", 0.333, 0.333),
        ({"model": "DecisionTreeClassifier", "dataset_size": 400}, "min_samples_leaf", 7, 7),
        ({"model": "SGDClassifier", "dataset_size": 1000, "n_features": 20}, "alpha_regularization", 1e-3, 1e-3),
        ({"model": "SGDClassifier", "dataset_size": 1000, "n_features": 20}, "learning_rate", 0.05, 0.05),
        ({"model": "XGBClassifier", "n_estimators": 400, "dataset_size": 1000}, "learning_rate", 0.025, 0.025),
        ({"model": "LGBMRegressor", "learning_rate": 0.05, "dataset_size": 1000}, "n_estimators", 200, 200),
        ({"model": "vae", "optimizer": "adam", "dataset_size": 1347, "epochs": 20}, "learning_rate", 1e-3, 3e-3),
        ({"model": "lstm", "optimizer": "adam", "hidden_size": 64}, "dropout", 0, 0),
        ({"algorithm": "ppo", "environment": "CartPole-v1", "max_steps": 12000, "n_envs": 8}, "n_steps", 32, 32),
        ({"algorithm": "ppo", "environment": "CartPole-v1"}, "gae_lambda", 0.8, 0.8),
        ({"model": "lstm", "optimizer": "adam", "dataset_size": 3600, "epochs": 1}, "batch_size", 16, 16),
    ],
)
def test_values_of_many_kinds(facts: dict[str, Any], parameter: str, low: float, high: float) -> None:
    assert low <= one(facts, parameter) <= high


def test_scaling_laws_decide_pretraining() -> None:
    facts = {"num_parameters": 4e8, "n_tokens": 8e9, "max_sequence_length": 2048, "optimizer": "adamw"}
    advice = advisor.suggest(facts, want=["learning_rate", "batch_size"])
    assert advice.parameters["learning_rate"] == pytest.approx(1.4e-3, rel=0.05)
    assert advice.parameters["batch_size"] == 128
    assert any("Step Law" in source for source in advice.explanations["learning_rate"].sources)
    assert any("measure" in note for note in advice.notes), "laws disagree, and that is said"


def test_rate_falls_with_width_and_rises_with_the_batch() -> None:
    facts = {"domain": "tabular", "model": "mlp", "optimizer": "adam", "dataset_size": 5000, "task": "classification"}
    narrow = one({**facts, "hidden_size": 64, "batch_size": 32}, "learning_rate")
    wide = one({**facts, "hidden_size": 512, "batch_size": 32}, "learning_rate")
    larger = one({**facts, "hidden_size": 512, "batch_size": 128}, "learning_rate")
    held = one({**facts, "hidden_size": 512, "batch_size": 128, "lr_schedule": "constant"}, "learning_rate")
    assert narrow / wide == pytest.approx(8, rel=0.1)
    assert larger / wide == pytest.approx(2, rel=0.1)
    assert held < larger


def test_momentum_keeps_the_effective_rate() -> None:
    facts = {"domain": "vision", "model": "cnn", "dataset_size": 60000, "batch_size": 128, "lr_schedule": "constant"}
    plain = one({**facts, "optimizer": "sgd"}, "learning_rate")
    heavy = one({**facts, "optimizer": "sgd_momentum", "momentum": 0.99}, "learning_rate")
    assert plain == pytest.approx(100 * heavy)


def test_regression_with_many_samples_needs_no_dropout() -> None:
    facts = {"domain": "tabular", "model": "mlp", "optimizer": "adam", "dataset_size": 20000}
    assert one({**facts, "task": "regression"}, "dropout") == 0
    assert one({**facts, "task": "classification"}, "dropout") > 0


def test_fine_tuning_is_one_to_two_orders_below_training_from_scratch() -> None:
    scratch = one({"model": "vit-base", "optimizer": "adamw", "fine_tuning": False}, "learning_rate")
    tuned = one({"model": "vit-base", "optimizer": "adamw", "fine_tuning": True}, "learning_rate")
    assert 5 <= scratch / tuned <= 200


def test_adapters_learn_faster_than_full_fine_tuning() -> None:
    full = one({"model": "llama-7b", "optimizer": "adamw", "fine_tuning": True}, "learning_rate")
    lora = one({"model": "llama-7b", "optimizer": "adamw", "fine_tuning": True, "adapter": "lora"}, "learning_rate")
    assert 3 <= lora / full <= 20


@pytest.mark.parametrize("adapter", ["prefix_tuning", "ia3", "prompt_tuning", "vera"])
@pytest.mark.parametrize("model", ["bert-base", "t5-base", "llama-7b"])
def test_small_adapters_have_rates_of_their_own_whatever_they_sit_on(model: str, adapter: str) -> None:
    rate = one({"model": model, "optimizer": "adamw", "fine_tuning": True, "adapter": adapter}, "learning_rate")
    assert 1e-3 <= rate <= 1e-2


def test_a_rate_that_is_held_is_half_of_one_that_decays() -> None:
    for facts in ({"model": "mlp", "domain": "tabular", "dataset_size": 5000}, {"model": "lstm", "batch_size": 50}):
        given = {**facts, "optimizer": "adam", "hidden_size": 256}
        decayed = one({**given, "lr_schedule": "cosine"}, "learning_rate")
        assert one({**given, "lr_schedule": "constant"}, "learning_rate") == pytest.approx(decayed / 2, rel=0.05)


def test_an_average_of_weights_never_rounds_to_one() -> None:
    decay = one({"model": "vit-base", "dataset_size": 1_281_167, "fine_tuning": False}, "ema_decay")
    assert decay == pytest.approx(0.9999)
    short = one({"model": "vit-base", "dataset_size": 500, "fine_tuning": False, "epochs": 50}, "ema_decay")
    assert 0.9 <= short < 0.999


def test_smaller_language_models_take_larger_rates_and_smaller_batches() -> None:
    facts = {"domain": "llm", "optimizer": "adamw", "fine_tuning": False, "max_sequence_length": 256}
    advice = [
        advisor.suggest({**facts, "num_parameters": n, "n_tokens": 20 * n}, want=["learning_rate", "batch_tokens"])
        for n in (2e5, 1e7, 1e8, 1e9)
    ]
    batches = [a.parameters["batch_tokens"] for a in advice]
    assert batches == sorted(batches)
    assert batches[0] < 16384
    rates = [a.parameters["learning_rate"] for a in advice]
    assert 1e-3 <= rates[0] <= 5e-3
    assert rates[1] > rates[2] > rates[3]


@pytest.mark.parametrize(
    ("environment", "low", "high"), [("CartPole-v1", 4e-4, 1e-3), ("Phoenix-v5", 2e-4, 3e-4), ("Hopper-v4", 3e-4, 3e-4)]
)
def test_the_environment_decides_the_rate_of_ppo(environment: str, low: float, high: float) -> None:
    assert low <= one({"algorithm": "PPO", "environment": environment}, "learning_rate") <= high


def test_the_algorithm_says_more_of_an_agent_than_its_network() -> None:
    facts = {"domain": "rl", "model": "mlp", "optimizer": "adam", "algorithm": "ppo"}
    want = ["learning_rate", "discount", "clip_range", "n_steps", "entropy_coefficient", "epochs"]
    control = advisor.suggest({**facts, "environment": "HalfCheetah-v4"}, want=want)
    assert control.kind == "on_policy"
    assert control.parameters == {
        "learning_rate": 3e-4,
        "discount": 0.99,
        "clip_range": 0.2,
        "n_steps": 2048,
        "entropy_coefficient": 0,
        "epochs": 10,
    }
    atari = advisor.suggest({**facts, "model": "cnn", "environment": "Pong-v0"}, want=want)
    assert atari.parameters == {
        "learning_rate": 2.5e-4,
        "discount": 0.99,
        "clip_range": 0.1,
        "n_steps": 128,
        "entropy_coefficient": 0.01,
        "epochs": 4,
    }
    assert one({**facts, "environment": "Pendulum-v1"}, "discount") == 0.9
    assert one({**facts, "algorithm": "a2c", "environment": "CartPole-v1"}, "n_steps") == 5


def test_a_language_model_of_a_size_has_layers_and_a_width_that_make_it() -> None:
    facts = {"domain": "llm", "num_parameters": 4.3e8, "n_tokens": 2e10, "fine_tuning": False}
    shape = advisor.suggest(facts, want=["num_layers", "hidden_size", "dropout"]).parameters
    assert 12 * shape["num_layers"] * shape["hidden_size"] ** 2 == pytest.approx(4.3e8, rel=0.1)
    assert shape["dropout"] == 0
    assert one({**facts, "hidden_size": 1024}, "num_layers") == 34


def test_epochs_follow_from_given_steps() -> None:
    facts = {"model": "lstm", "max_steps": 10_000, "batch_size": 50, "dataset_size": 100_000}
    assert one(facts, "epochs") == 5


def test_a_network_on_tables_is_no_image_network() -> None:
    facts = {"domain": "tabular", "model": "resnet", "task": "regression", "optimizer": "adamw", "dataset_size": 5000}
    assert advisor.suggest(facts, want=["dropout"]).kind == "tabular_network"


def test_smaller_language_models_bear_larger_rates_of_adapters() -> None:
    facts = {"adapter": "lora", "optimizer": "adamw", "fine_tuning": True}
    small = one({**facts, "model": "llama-3.2-1b"}, "learning_rate")
    large = one({**facts, "model": "llama-3.1-70b"}, "learning_rate")
    assert 2 <= small / large <= 10


def test_a_released_model_without_more_is_fine_tuned_and_that_is_said() -> None:
    for model, kind in (("bert-base", "encoder_finetuning"), ("gpt2", "language_finetuning")):
        advice = advisor.suggest({"model": model, "optimizer": "adamw"})
        assert advice.kind == kind
        assert any("taken as fine-tuned" in note for note in advice.notes)


def test_what_follows_from_the_values_is_shown_with_its_arithmetic() -> None:
    facts = {"model": "bert-base", "fine_tuning": True, "optimizer": "adamw", "dataset_size": 8000}
    advice = advisor.suggest(facts)
    shown = {one.name: (one.value, one.arithmetic) for one in advice.derived}
    batch, epochs = advice.parameters["batch_size"], advice.parameters["epochs"]
    steps = -(-8000 // batch)
    assert shown["steps_per_epoch"] == (steps, f"ceil(8000 / {batch})")
    assert shown["total_steps"] == (epochs * steps, f"ceil({epochs} x {steps})")
    assert shown["warmup_total_steps"][1] == f"{advice.parameters['warmup_ratio']} x {epochs * steps}"


def test_batch_follows_the_memory_of_the_device() -> None:
    facts = {"model": "meta-llama/Llama-3.1-8B", "adapter": "lora", "fine_tuning": True, "max_sequence_length": 2048}
    want = ["batch_size", "gradient_accumulation_steps"]
    small = advisor.suggest({**facts, "accelerator_memory": 24}, want=want).parameters
    large = advisor.suggest({**facts, "accelerator_memory": 80}, want=want).parameters
    assert small["batch_size"] < large["batch_size"]
    assert small["batch_size"] * small["gradient_accumulation_steps"] == pytest.approx(
        large["batch_size"] * large["gradient_accumulation_steps"], rel=0.5
    )


def test_what_does_not_fit_is_said() -> None:
    facts = {"model": "llama-7b", "fine_tuning": True, "accelerator_memory": 24}
    assert any("do not fit" in note for note in advisor.suggest(facts).notes)


def test_unknown_model_gets_a_range_test() -> None:
    assert any("range test" in note for note in advisor.suggest({"optimizer": "adam"}).notes)


# ------------------------------------------------------------------------------------------------------ the user's word


def test_given_values_are_kept_and_not_proposed() -> None:
    given = {**BERT, "learning_rate": 1e-5}
    assert "learning_rate" not in advisor.suggest(given).parameters
    asked = advisor.suggest(given, want=["learning_rate"])
    assert asked.parameters == {"learning_rate": 1e-5}
    assert asked.explanations["learning_rate"].confidence == "given"


def test_values_depend_on_those_given() -> None:
    facts = {"model": "llama-7b", "adapter": "lora", "fine_tuning": True, "lora_rank": 64}
    assert one(facts, "lora_alpha") == 128


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ({"learning_rate": [1e-5, 1e-4, 1e-3]}, 1e-5),
        ({"learning_rate": (1e-4, 1e-3)}, 1e-4),
        ({"learning_rate": (1e-6, 1e-3)}, 3e-5),
    ],
)
def test_choices_and_ranges_are_kept(within: dict[str, Any], expected: float) -> None:
    assert one(BERT, "learning_rate", within=within) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "allowed", "expected"),
    [
        ("alpha_regularization", (1e-4, 1e2), 0.1),  # between powers of ten
        ("min_samples_split", (2, 128), 65),
        ("max_features", (0.2, 0.6), 0.4),  # 'sqrt' is no number
        ("min_samples_split", [2, 8, 32], 8),
    ],
)
def test_where_nothing_is_documented_the_middle_of_what_is_allowed_is_taken(
    name: str, allowed: Any, expected: float
) -> None:
    facts = {"model": "RandomForestClassifier"} if name == "max_features" else {"family": "gaussian_process"}
    assert one(facts, name, within={name: allowed}) == pytest.approx(expected)


def test_a_choice_comes_back_as_it_was_spelled() -> None:
    facts = {"model": "resnet18", "dataset_size": 50000}
    assert one(facts, "optimizer", within={"optimizer": ["torch.optim.SGD", "torch.optim.Adam"]}) == "torch.optim.SGD"
    assert one(facts, "optimizer", within={"optimizer": ["RMSprop", "torch.optim.AdamW"]}) == "torch.optim.AdamW"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"want": ["lerning_rate"]}, "did you mean 'learning_rate'"),
        ({"within": {"batchsize": [16]}}, "did you mean 'batch_size'"),
        ({"within": {"batch_size": "16"}}, "takes a list of choices"),
        ({"within": {"batch_size": (64, 16)}}, "ends below its beginning"),
        ({"within": {"batch_size": (3.5, 3.6)}}, "no whole number lies in the range of batch_size"),
        ({"within": {"batch_size": [8, 3.5]}}, r"batch_size is a whole number at least 1; 3\.5 cannot be chosen from"),
        (
            {"within": {"dropout": [0.5, 1, 2]}},
            "dropout is a number at least 0 and below 1; 1, 2 cannot be chosen from",
        ),
        ({"within": {"learning_rate": (-1, 1)}}, "learning_rate must be at least 0, not -1"),
        ({"within": {"optimizer": ["foo", "bar"]}}, "no optimizer is called 'foo'; `hpadvise explain optimizer`"),
        ({"within": {"optimizer": ["adamw", "lino"]}}, "no optimizer is called 'lino'; did you mean 'lion'"),
        ({"within": {"bf16": [1, 2]}}, "bf16 is true or false; 1, 2 cannot be chosen from"),
        ({"facts": {"dataset_size": -5}}, "dataset_size must be at least 1, not -5"),
        ({"facts": {"batch_size": "-4"}}, "batch_size must be at least 1, not -4"),
        ({"facts": {"datset_size": 5}}, "did you mean 'dataset_size'"),
    ],
)
def test_mistakes_are_errors_with_a_suggestion(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(CallError, match=says):
        advisor.suggest(BERT, **arguments)


def test_a_file_is_read_as_check_reads_it(tmp_path: Path) -> None:
    config = tmp_path / "train.yaml"
    config.write_text("model_name_or_path: bert-base-uncased\noptim: adamw_torch\nlearning_rate: 2.0e-5\n")
    advice = advisor.suggest(config)
    assert "learning_rate" not in advice.parameters
    assert advice.parameters["batch_size"] in (16, 32)
    with pytest.raises(CallError):
        advisor.suggest(tmp_path / "missing.yaml")


def test_values_are_plain() -> None:
    for value in advisor.suggest(BERT).parameters.values():
        assert type(value) in (int, float, str, bool, list)


# --------------------------------------------------------------------------------------- the answer stands before check

SITUATIONS: list[dict[str, Any]] = [
    {"domain": "tabular", "model": "mlp", "task": "classification"},
    {"domain": "tabular", "model": "mlp", "task": "regression"},
    {"domain": "vision", "model": "cnn"},
    {"model": "resnet50"},
    {"model": "vgg16"},
    {"model": "vit-base"},
    {"model": "swin-tiny"},
    {"model": "resnet50", "fine_tuning": True},
    {"model": "vit-base", "fine_tuning": True},
    {"model": "bert-base", "fine_tuning": True},
    {"model": "roberta-large", "fine_tuning": True},
    {"model": "t5-base", "fine_tuning": True},
    {"model": "gpt2", "n_tokens": 2.5e9, "max_sequence_length": 1024, "num_parameters": 1.24e8},
    {"domain": "llm", "num_parameters": 1e9, "n_tokens": 2e10, "max_sequence_length": 4096},
    {"model": "meta-llama/Llama-3.1-8B", "fine_tuning": True, "task": "sft"},
    {"model": "meta-llama/Llama-3.1-8B", "fine_tuning": True, "adapter": "lora"},
    {"model": "llama-2-70b", "fine_tuning": True, "adapter": "qlora"},
    {"model": "mistral-7b", "fine_tuning": True, "task": "dpo"},
    {"model": "mistral-7b", "fine_tuning": True, "task": "dpo", "adapter": "lora"},
    {"model": "qwen-7b", "fine_tuning": True, "task": "grpo"},
    {"model": "stable-diffusion-v1-5", "fine_tuning": True, "adapter": "lora"},
    {"model": "dit-xl"},
    {"model": "dcgan"},
    {"model": "yolov8n"},
    {"model": "faster-rcnn-r50"},
    {"model": "detr-r50"},
    {"model": "deeplabv3"},
    {"model": "whisper-small", "fine_tuning": True},
    {"model": "wav2vec2-base", "fine_tuning": True},
    {"model": "gcn"},
    {"model": "gat"},
    {"algorithm": "ppo", "domain": "rl"},
    {"algorithm": "sac", "domain": "rl"},
    {"algorithm": "dqn", "domain": "rl"},
    {"model": "lstm"},
    {"model": "vae"},
    {"model": "simclr"},
    {"model": "xgboost"},
    {"model": "lightgbm"},
    {"model": "catboost"},
    {"model": "RandomForestClassifier"},
    {"optimizer": "adamw", "fine_tuning": True},
    {},
]
OPTIMIZERS: list[dict[str, Any]] = [
    {},
    {"optimizer": "adamw"},
    {"optimizer": "adam"},
    {"optimizer": "sgd", "momentum": 0.9},
]
SIZES: list[dict[str, Any]] = [{}, {"dataset_size": 500}, {"dataset_size": 50_000}]
BATCHES: list[dict[str, Any]] = [{}, {"batch_size": 8}]
GRID = [
    {**size, **batch, **optimizer, **situation}
    for situation, optimizer, size, batch in itertools.product(SITUATIONS, OPTIMIZERS, SIZES, BATCHES)
]


def contradictions(facts: dict[str, Any], advice: Advice) -> list[str]:
    """What `check` warns of in the answer and does not already warn of in what was given."""
    before = {f.code for f in advisor.check(facts).findings if f.severity in SEVERITIES_OF_BUGS}
    after = advisor.check({**facts, **advice.parameters}).findings
    # what only concerns given values is not the suggestion's
    made = {name for name, told in advice.explanations.items() if told.confidence != "given"}
    return [
        f"{f.code} {f.message}"
        for f in after
        if f.severity in SEVERITIES_OF_BUGS and f.code not in before and not made.isdisjoint(f.parameters)
    ]


def test_grid_is_a_thousand_situations() -> None:
    assert len(GRID) >= 1000


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: "-".join(map(str, s.values())) or "nothing")
def test_check_is_clean_on_every_suggestion(situation: dict[str, Any]) -> None:
    wrong = []
    for facts in GRID:
        if not situation.items() <= facts.items() or not _the_same(situation, facts):
            continue
        advice = advisor.suggest(facts)
        wrong += [(facts, said) for said in contradictions(facts, advice)]
    assert not wrong


def _the_same(situation: dict[str, Any], facts: dict[str, Any]) -> bool:
    varied = {"optimizer", "momentum", "dataset_size", "batch_size"}
    return {key for key in facts if key not in varied} == {key for key in situation if key not in varied}


# ------------------------------------------------------------------------------------------- facts told in free words

ASKED = [
    "learning_rate",
    "batch_size",
    "momentum",
    "weight_decay",
    "dropout",
    "num_layers",
    "hidden_size",
    "warmup_ratio",
    "lr_schedule",
    "beta1",
    "beta2",
    "epsilon",
    "activation",
    "discount",
    "clip_range",
    "l1",
    "epochs",
    "gae_lambda",
    "entropy_coefficient",
    "n_steps",
    "lora_rank",
    "lora_alpha",
]
#: What any kind of run may tell of itself.
TOLD: dict[str, list[Any]] = {
    "optimizer": ["adam", "adamw", "sgd", "rmsprop", "lion", None],
    "batch_size": [None, None, 16, 128, 512],
    "lr_schedule": [None, "constant", "cosine"],
    "hidden_size": [None, None, 64, 512],
}
WORDS: dict[str, dict[str, list[Any]]] = {
    "tables": {
        "domain": ["tabular"],
        "task": ["classification", "regression"],
        "model": ["mlp", "resnet", "ft_transformer", None],
        "dataset_size": [300, 5000, 45222, 581012],
        "n_features": [4, 60, None],
        "n_classes": [2, 10, None],
        "epochs": [None, 50],
    },
    "images": {
        "domain": ["vision"],
        "task": ["classification", "reconstruction", None],
        "fine_tuning": [True, False, None],
        "model": [
            "cnn",
            "wide_resnet",
            "resnet18",
            "vgg16",
            "vae",
            "autoencoder",
            "mlp",
            "vit",
            "efficientnet",
            "3c3d",
            None,
        ],
        "dataset_size": [2000, 50000, 1281167],
    },
    "text": {
        "domain": ["nlp", "language", "llm"],
        "task": ["language modelling", "language modeling", "pretraining", None],
        "model": ["transformer", "gpt", "llama", "mamba", "moe", None],
        "num_parameters": [2e6, 6e7, 4.3e8, 1e9, 7e9],
        "n_tokens": [1e8, 2e9, 2e10, 1e12, None],
        "max_sequence_length": [128, 2048, None],
        "fine_tuning": [False, None],
    },
    "fine-tuning": {
        "domain": ["nlp"],
        "task": ["classification", "instruction tuning", "summarization", None],
        "fine_tuning": [True],
        "model": ["bert-base", "roberta-large", "t5-base", "llama-3.1-8b", "llama-3.2-1b", "qwen2.5-7b", "gpt2", None],
        "adapter": ["lora", "qlora", "none", None],
        "dataset_size": [500, 8000, 200000],
    },
    "agents": {
        "domain": ["rl", None],
        "algorithm": ["ppo", "a2c", "dqn", "sac", "td3", "ddpg", "reinforce"],
        "model": ["mlp", "cnn", None],
        "environment": [
            "CartPole-v1",
            "Pendulum-v1",
            "HalfCheetah-v4",
            "Pong-v0",
            "brax_ant",
            "MiniGrid-Empty",
            "unheard of",
        ],
    },
    "sequences": {
        "domain": ["nlp", "speech", None],
        "task": ["language modelling", "classification", None],
        "model": ["rnn", "lstm", "gru", "irnn"],
        "max_steps": [10000, None],
        "dataset_size": [25000, 2650000],
        "n_classes": [2, 83],
    },
    "others": {
        "domain": ["graph", "diffusion", "time series", None],
        "dataset_size": [2708, 100000, None],
        "model": ["gcn", "gat", "whisper-small", "ddpm", "ncf", "tcn", "quadratic"],
    },
}


@pytest.mark.parametrize("kind", WORDS)
def test_facts_in_free_words_are_answered_and_the_answer_is_clean(kind: str) -> None:
    chooser = random.Random(kind)
    for _ in range(25):
        told = {name: chooser.choice(values) for name, values in {**TOLD, **WORDS[kind]}.items()}
        facts = {name: value for name, value in told.items() if value is not None}
        advice = advisor.suggest(facts, want=ASKED)
        assert all(type(value) in (int, float, str, bool) for value in advice.parameters.values()), facts
        assert {"learning_rate", "batch_size", "weight_decay", "epochs"} <= advice.parameters.keys(), facts
        assert not contradictions(facts, advice), facts


@pytest.mark.parametrize(
    "facts",
    [
        {"domain": "xyzzy", "model": "foo", "optimizer": "bar", "task": "?"},
        {"domain": 3, "model": 7, "dataset_size": "many", "environment": 5, "algorithm": 3},
        {"domain": ["a"], "model": {"x": 1}, "optimizer": True},
        {"domain": "tabular", "model": "mlp", "dataset_size": -5, "n_features": 0, "n_classes": 0, "hidden_size": 0},
        {"domain": "nlp", "num_parameters": "7B", "n_tokens": "1T", "max_sequence_length": -1},
        {"domain": "nlp", "model": "transformer", "num_parameters": math.nan, "n_tokens": math.inf},
        {"domain": "llm", "num_parameters": 1e-300, "n_tokens": 1e300, "hidden_size": 1e30, "num_layers": 1e30},
        {
            "domain": "vision",
            "model": "vae",
            "optimizer": "sgd",
            "momentum": 1.0,
            "batch_size": -3,
            "epochs": -1,
            "lr_schedule": "zigzag",
        },
        {"model": "lstm", "max_steps": 10**400, "dataset_size": 1, "batch_size": 10**400},
    ],
)
def test_nonsense_is_answered_too(facts: dict[str, Any]) -> None:
    assert advisor.suggest(facts, want=ASKED).parameters["learning_rate"] > 0


def test_a_residual_network_gets_the_rate_of_its_data_and_no_dropout() -> None:
    for samples, per_image in ((1_281_167, 0.1 / 256), (50_000, 0.1 / 128)):
        facts = {"model": "resnet50", "task": "image classification", "optimizer": "sgd", "dataset_size": samples}
        made = advisor.suggest(facts).parameters
        assert made["learning_rate"] == pytest.approx(per_image * made["batch_size"])
        assert made["dropout"] == 0


@pytest.mark.parametrize(
    ("model", "rounds"),
    [("HistGradientBoostingRegressor", 10), ("GradientBoostingClassifier", 10), ("xgboost", 50), ("lightgbm", 50)],
)
def test_boosting_that_keeps_the_trees_of_its_patience_waits_less(model: str, rounds: int) -> None:
    made = advisor.suggest({"model": model, "dataset_size": 400}, want=["early_stopping_patience"])
    assert made.parameters == {"early_stopping_patience": rounds}


@pytest.mark.parametrize(("samples", "width", "decay"), [(200, 128, 3e-3), (1000, 128, 1e-3), (5000, 256, 2e-4)])
def test_few_samples_get_a_narrow_network_and_a_prior_that_weighs_more(samples: int, width: int, decay: float) -> None:
    facts = {"domain": "tabular", "task": "classification", "dataset_size": samples, "optimizer": "adam"}
    made = advisor.suggest(facts, want=["hidden_size", "weight_decay"]).parameters
    assert made == {"hidden_size": width, "weight_decay": decay}


def test_a_short_run_takes_a_larger_rate() -> None:
    facts = {"domain": "tabular", "task": "classification", "dataset_size": 64000, "optimizer": "adam"}
    facts |= {"hidden_size": 256, "batch_size": 128, "lr_schedule": "constant"}
    steps_of_an_epoch = 500
    long, short = (advisor.suggest({**facts, "epochs": n}, want=["learning_rate"]) for n in (20, 1))
    assert long.parameters == {"learning_rate": 1e-3}
    assert short.parameters["learning_rate"] == pytest.approx(1e-3 * (5000 / steps_of_an_epoch) ** 0.32, rel=0.03)
    assert "2.089" in short.explanations["learning_rate"].arithmetic
    assert any("Bjorck" in source for source in short.explanations["learning_rate"].sources)


def test_a_small_convolutional_network_under_adam_takes_a_larger_rate() -> None:
    facts = {"family": "small_cnn", "domain": "vision", "optimizer": "adam", "epochs": 15, "dataset_size": 54000}
    facts |= {"batch_size": 128, "lr_schedule": "cosine"}
    rates = [
        advisor.suggest({**facts, "num_parameters": n}, want=["learning_rate"]).parameters["learning_rate"]
        for n in (3500, 35000, 10**6)
    ]
    assert rates == [pytest.approx(2e-3 * 10**0.5, rel=0.02), 2e-3, 2e-3]


def test_the_environment_that_a_run_is_named_for_counts_like_one_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "ppo.yml").write_text("CartPole-v1:\n  n_timesteps: 100000\n  policy: MlpPolicy\n  n_envs: 8\n")
    made = advisor.suggest(tmp_path / "ppo.yml", want=["discount", "gae_lambda"]).parameters
    assert made == {"discount": 0.98, "gae_lambda": 0.8}


def test_what_is_wrong_with_a_given_value_is_said_beside_the_answer() -> None:
    advice = advisor.suggest({"model": "resnet50", "optimizer": "sgd"}, facts={"learning_rate": 50})
    assert "learning_rate" not in advice.parameters
    assert [(f.code, f.severity, f.value) for f in advice.findings] == [("LR001", "warning", 50)]
    sound = advisor.suggest({"model": "resnet50", "optimizer": "sgd"}, facts={"learning_rate": 0.1})
    assert sound.findings == ()


def test_a_choice_that_is_not_known_is_let_through_beside_one_that_is() -> None:
    assert one({"model": "resnet50"}, "optimizer", within={"optimizer": ["quuxopt", "adamw"]}) == "adamw"
    assert one(BERT, "batch_size", within={"batch_size": (3.5, 9.2)}) == 9


def test_facts_beyond_the_range_of_numbers_crash_nothing() -> None:
    advice = advisor.suggest({"model": "llama-7b"}, facts={"fine_tuning": True, "accelerator_memory": 1e308})
    assert advice.parameters["optimizer"] == "adamw"
