"""The worked examples of the recommendations, through the public interface: exact rule, severity and value.

Where each of the 44 stands:

| example | what | test |
| --- | --- | --- |
| 1-6 | the rate at another batch: square root and linear rule, a jump of more than 64 | test_scale.py, and here |
| 7-10, 13-27, 30 | recipes' formulas, fitted laws, schedules, optimizers, LoRA, tokens a step | test_laws.py |
| 11, 12 | the full adaptive rule, and where its beta1 would be negative | test_laws.py, test_scale.py |
| 28 | from full fine-tuning to LoRA | test_scale.py, and here |
| 29 | the effective batch | test_laws.py, and here from a config |
| 31-42, 44 | configs: what is found in them, and what is not | here |
| 43 | trials of a grid | test_laws.py |
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple

import pytest

import advisor

NOTHING: list[tuple[Any, ...]] = []


class Example(NamedTuple):
    """A config, and the (code, severity, parameter, value) of each of its findings."""

    number: str
    config: dict[str, Any]
    findings: list[tuple[Any, ...]]


AWD_LSTM = {"model": "awd-lstm", "optimizer": "sgd", "learning_rate": 30}
LLAMA_SFT = {"model": "llama-2-7b", "task": "sft", "regime": "full_finetune", "optimizer": "adamw"}
PRETRAINING = {"domain": "llm", "regime": "pretrain", "optimizer": "adamw"}
QLORA = {"model": "llama-2-7b", "adapter": "qlora", "load_in_4bit": True, "optimizer": "paged_adamw_32bit"}
PURE_FP16 = {"optimizer": "adamw", "precision": "pure_fp16", "epsilon": 1e-8}

EXAMPLES = [
    Example(
        "31 MobileNetV3 with RMSprop at its recipe's rate",
        {"model": "mobilenet_v3_large", "optimizer": "rmsprop", "learning_rate": 0.064, "batch_size": 1024},
        NOTHING,
    ),
    Example("32 decay of pre-training", {**PRETRAINING, "weight_decay": 0.1}, NOTHING),
    Example(
        "32 decay of pre-training, 20 times too low",
        {**PRETRAINING, "weight_decay": 5e-4},
        [("WD001", "warning", "weight_decay", 5e-4)],
    ),
    Example(
        "33 CIFAR ResNet with the decay of its recipe",
        {"model": "resnet18", "dataset": "cifar10", "optimizer": "sgd", "momentum": 0.9, "weight_decay": 5e-4},
        NOTHING,
    ),
    Example(
        "34 QLoRA as published",
        {**QLORA, "learning_rate": 2e-4, "batch_size": 16, "weight_decay": 0, "gradient_clip_norm": 0.3},
        NOTHING,
    ),
    Example("35 QLoRA, too high", {**QLORA, "learning_rate": 1e-2}, [("LR001", "warning", "learning_rate", 1e-2)]),
    Example("35 QLoRA, low", {**QLORA, "learning_rate": 2e-5}, [("LR001", "note", "learning_rate", 2e-5)]),
    Example(
        "35 QLoRA of which nothing else is told, too high",
        {"adapter": "qlora", "learning_rate": 1e-2},
        [("LR001", "warning", "learning_rate", 1e-2)],
    ),
    Example(
        "35 QLoRA of which nothing else is told, low",
        {"adapter": "qlora", "learning_rate": 2e-5},
        [("LR001", "note", "learning_rate", 2e-5)],
    ),
    Example(
        "36 full fine-tuning of 7B at a rate for LoRA and above",
        {**LLAMA_SFT, "learning_rate": 1e-3},
        [("LR001", "warning", "learning_rate", 1e-3)],
    ),
    Example("36 full fine-tuning of 7B", {**LLAMA_SFT, "learning_rate": 2e-5}, NOTHING),
    Example("37 epsilon in pure fp16", PURE_FP16, [("PRC005", "error", "epsilon", 1e-8)]),
    Example("37 epsilon with master weights", {**PURE_FP16, "precision": "fp16", "master_weights": True}, NOTHING),
    Example(
        "38 heads that do not divide",
        {"hidden_size": 768, "num_attention_heads": 10},
        [("ARC001", "error", "num_attention_heads", 10)],
    ),
    Example("38 heads of 64", {"hidden_size": 768, "num_attention_heads": 12}, NOTHING),
    Example("39 dropout of one", {"dropout": 1.0}, [("TYP004", "error", "dropout", 1.0)]),
    Example("39 beta2 of one", {"beta2": 1.0}, [("TYP004", "error", "beta2", 1.0)]),
    Example("39 momentum of one", {"momentum": 1.0}, [("TYP004", "error", "momentum", 1.0)]),
    Example("39 no batch", {"batch_size": 0}, [("TYP004", "error", "batch_size", 0)]),
    Example("39 negative rate", {"learning_rate": -1e-3}, [("TYP004", "error", "learning_rate", -1e-3)]),
    Example("40 AWD-LSTM, clipped", {**AWD_LSTM, "gradient_clip_norm": 0.25}, NOTHING),
    Example(
        "40 AWD-LSTM, not clipped",
        AWD_LSTM,
        [("LR001", "warning", "learning_rate", 30), ("OPT219", "warning", "learning_rate", 30)],
    ),
    Example(
        "41 dropout directly before batch norm",
        {"layers": ["dense", "dropout", "batch_norm", "relu", "dense"]},
        [("NRM004", "warning", "layers", ["dense", "dropout", "batch_norm", "relu", "dense"])],
    ),
    Example("41 dropout after the last batch norm", {"layers": ["dense", "batch_norm", "relu", "dropout"]}, NOTHING),
    Example("42 losses far apart", {"loss_values": [2.3, 0.002]}, [("LOS009", "warning", "loss_values", [2.3, 0.002])]),
    Example("42 losses close enough", {"loss_values": [2.3, 0.1]}, NOTHING),
    Example(
        "44 leaves at the limit of the depth",
        {"max_depth": 7, "num_leaves": 127},
        [("TRE202", "note", "num_leaves", 127)],
    ),
    Example("44 leaves below the limit", {"max_depth": 7, "num_leaves": 70}, NOTHING),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.number)
def test_findings(example: Example) -> None:
    report = advisor.check(example.config)
    found = [(f.code, f.severity, f.parameters[0], f.value) for f in report.findings]
    assert found == example.findings
    assert report.ok == all(severity == "note" for _, severity, _, _ in example.findings)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({**PRETRAINING, "weight_decay": 5e-4}, "20x below the recommended 0.01 to 0.1"),
        ({**QLORA, "learning_rate": 1e-2}, "20x above the recommended 1e-4 to 5e-4"),
        ({**LLAMA_SFT, "learning_rate": 1e-3}, "25x above the recommended 5e-6 to 4e-5 for 7B parameters"),
        (PURE_FP16, "epsilon 1e-8 rounds to zero in fp16"),
        ({"hidden_size": 768, "num_attention_heads": 10}, "768 cannot be split into 10 heads"),
        ({"loss_values": [2.3, 0.002]}, "differ by a factor of 1150"),
    ],
)
def test_the_message_gives_the_numbers(config: dict[str, Any], says: str) -> None:
    assert says in advisor.check(config).findings[0].message


def _cli(*arguments: str, config: dict[str, Any] | None = None) -> tuple[int, Any]:
    result = subprocess.run(
        [sys.executable, "-m", "advisor", *arguments, "--format", "json"],
        input=json.dumps(config) if config is not None else "",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return result.returncode, json.loads(result.stdout)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--lr 5e-4 --from 128 --to 1024", 1.41421e-3),
        ("--lr 5e-4 --from 128 --to 1024 --rule linear", 4e-3),
        ("--lr 1e-3 --from 256 --to 64", 5e-4),
        ("--lr 0.1 --from 256 --to 8192 --optimizer sgd", 3.2),
        ("--lr 0.1 --from 256 --to 32 --optimizer sgd", 0.0125),
        ("--lr 3e-4 --from 32 --to 4096", 3.39411e-3),
        ("--lr 2e-5 --to-lora", 2e-4),
        ("--lr 3e-3 --from-width 256 --to-width 2048", 3.75e-4),
    ],
)
def test_the_command_moves_the_rate(arguments: str, expected: float) -> None:
    status, answer = _cli("scale", *arguments.split())
    assert status == 0
    assert answer["learning_rate"] == pytest.approx(expected, rel=1e-3)
    assert answer["sources"]


def test_a_jump_of_more_than_64_is_advised_against() -> None:
    assert "more than 64 times" in _cli("scale", "--lr", "3e-4", "--from", "32", "--to", "4096")[1]["advice"][0]
    assert _cli("scale", "--lr", "5e-4", "--from", "128", "--to", "1024")[1]["advice"] == []


def test_the_effective_batch_is_shown_with_its_arithmetic() -> None:
    config = {"batch_size": 4, "gradient_accumulation_steps": 8, "world_size": 4, "learning_rate": 1e-4}
    _, shown = _cli("show", "-", config=config)
    derived = {row["name"]: row for row in shown["files"][0]["derived"]}
    assert derived["global_batch_size"]["value"] == 128
    assert derived["global_batch_size"]["arithmetic"] == "4 x 8 x 4"


def test_suggestions_for_full_fine_tuning_and_for_an_adapter_are_a_decade_apart() -> None:
    run = {"model": "llama-2-7b", "task": "sft"}
    full = advisor.suggest({**run, "regime": "full_finetune"}, want=["learning_rate"]).parameters["learning_rate"]
    lora = advisor.suggest({**run, "adapter": "lora"}, want=["learning_rate"]).parameters["learning_rate"]
    assert (full, lora) == (pytest.approx(2e-5), pytest.approx(2e-4))
