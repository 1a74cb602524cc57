"""`--profile textbook`: the documented ranges alone, in every context, and a warning for everything outside them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import advisor
from advisor import rules

#: Optimizer, and the documented initial rates for training from scratch.
FROM_SCRATCH = {
    "sgd": (1e-2, 1e-1),
    "sgd_momentum": (1e-3, 1e-2),
    "adagrad": (1e-3, 1e-2),
    "adadelta": (1e-2, 1e-1),
    "rmsprop": (1e-3, 1e-2),
    "adam": (1e-3, 1e-2),
    "adamax": (1e-3, 1e-2),
    "nadam": (1e-3, 1e-2),
}
Rate = tuple[str, dict[str, Any], float, float]
RATES: list[Rate] = [
    *((f"{name}", {"optimizer": name}, low, high) for name, (low, high) in FROM_SCRATCH.items()),
    *(
        (f"{name}, fine-tuning", {"optimizer": name, "fine_tuning": True}, low / 100, high / 10)
        for name, (low, high) in FROM_SCRATCH.items()
    ),
    ("momentum beside sgd", {"optimizer": "sgd", "momentum": 0.9}, 1e-3, 1e-2),
    ("momentum beside sgd, fine-tuning", {"optimizer": "SGD", "momentum": 0.9, "fine_tuning": True}, 1e-5, 1e-3),
    ("no momentum beside sgd", {"optimizer": "sgd", "momentum": 0.0}, 1e-2, 1e-1),
]


def found(config: dict[str, Any], profile: str = "textbook") -> list[tuple[Any, ...]]:
    report = advisor.check(config, profile=profile)
    return [(f.code, f.severity, f.parameters[0], f.value) for f in report.findings]


@pytest.mark.parametrize(("setup", "low", "high"), [pytest.param(s, lo, hi, id=name) for name, s, lo, hi in RATES])
def test_initial_learning_rate(setup: dict[str, Any], low: float, high: float) -> None:
    for inside in (low, (low * high) ** 0.5, high):
        assert found({**setup, "learning_rate": inside}) == []
    for outside in (low / 1.1, high * 1.1):
        assert found({**setup, "learning_rate": outside}) == [("LR001", "warning", "learning_rate", outside)]


@pytest.mark.parametrize("name", FROM_SCRATCH)
def test_the_range_is_told(name: str) -> None:
    (finding,) = advisor.check({"optimizer": name, "learning_rate": 40.0}, profile="textbook").findings
    low, high = FROM_SCRATCH[name]
    assert finding.expected is not None
    assert finding.expected.interval is not None
    assert (finding.expected.interval.low, finding.expected.interval.high) == (low, high)
    assert "documented" in finding.message
    assert finding.sources == ("Deep learning: hyperparameters (2025)",)


@pytest.mark.parametrize(
    "config",
    [
        {"optimizer": "adamw", "model": "llama-2-7b", "adapter": "lora", "learning_rate": 2e-3},
        {"optimizer": "adam", "domain": "gan", "regime": "from_scratch", "learning_rate": 2e-4},
        {"optimizer": "rmsprop", "model": "mobilenet_v3_large", "regime": "from_scratch", "learning_rate": 0.064},
        {"optimizer": "sgd", "model": "resnet50", "regime": "from_scratch", "learning_rate": 0.2},
    ],
    ids=["LoRA", "GAN", "MobileNet", "ImageNet"],
)
def test_known_contexts_do_not_soften_it(config: dict[str, Any]) -> None:
    assert found(config) == [("LR001", "warning", "learning_rate", config["learning_rate"])]


SILENT: list[dict[str, Any]] = [
    {"batch_size": 1},
    {"batch_size": 1024},
    {"dropout": 0},
    {"dropout": 0.2},
    {"dropout": 0.5},
    {"weight_decay": 0, "optimizer": "sgd"},
    {"weight_decay": 1e-4, "optimizer": "sgd"},
    {"weight_decay": 5e-4, "optimizer": "sgd"},
    {"weight_decay": 5e-4, "optimizer": "adam"},
    {"momentum": 0.9, "optimizer": "sgd"},
    {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "optimizer": "adam"},
    {"early_stopping_patience": 10},
    {"early_stopping_patience": 20},
    {"early_stopping_patience": 30},
    {"lr_schedule": "plateau", "plateau_patience": 10, "lr_decay_rate": 0.5},
    {"lr_schedule": "plateau", "plateau_patience": 10, "lr_decay_rate": 0.1},
    {"lr_schedule": "plateau", "min_lr_ratio": 1 / 1024},
    *({"kernel_size": size} for size in (1, 3, 5, 7)),
    {"kernel_size": [7, 1]},
    {"kernel_size": [1, 7]},
    {"loss_values": [1.0, 100.0]},
    {"layers": ["conv", "batch_norm", "relu", "flatten", "dense", "dropout", "dense"]},
    {"optimizer": "lion", "learning_rate": 1e-4},  # an optimizer that the documents do not name
]
WARNED: list[tuple[dict[str, Any], str, str]] = [
    ({"batch_size": 1025}, "BAT101", "batch_size"),
    ({"batch_size": 8192}, "BAT101", "batch_size"),
    ({"normalization": "batch_norm", "batch_size": 1}, "NRM001", "batch_size"),
    ({"dropout": 0.1}, "DRP001", "dropout"),
    ({"dropout": 0.51}, "DRP001", "dropout"),
    ({"weight_decay": 2e-4, "optimizer": "sgd"}, "WD001", "weight_decay"),
    ({"weight_decay": 1e-3, "optimizer": "adam"}, "WD001", "weight_decay"),
    ({"momentum": 0.95, "optimizer": "sgd"}, "OPT101", "momentum"),
    ({"beta1": 0.8, "optimizer": "adam"}, "OPT102", "beta1"),
    ({"beta2": 0.95, "optimizer": "adam"}, "OPT103", "beta2"),
    ({"epsilon": 1e-6, "optimizer": "adam"}, "OPT104", "epsilon"),
    ({"early_stopping_patience": 5}, "LEN102", "early_stopping_patience"),
    ({"early_stopping_patience": 50}, "LEN102", "early_stopping_patience"),
    ({"lr_schedule": "plateau", "plateau_patience": 3}, "SCH108", "plateau_patience"),
    ({"lr_schedule": "plateau", "lr_decay_rate": 0.9}, "SCH104", "lr_decay_rate"),
    ({"lr_schedule": "plateau", "min_lr_ratio": 1e-4}, "SCH109", "min_lr_ratio"),
    ({"kernel_size": 4}, "NET101", "kernel_size"),
    ({"kernel_size": 11}, "NET101", "kernel_size"),
    ({"loss_values": [1.0, 101.0]}, "LOS009", "loss_values"),
    ({"layers": ["dense", "dropout", "batch_norm"]}, "NRM004", "layers"),
    ({"recurrent_dropout": 0.2}, "NRM007", "recurrent_dropout"),
]


@pytest.mark.parametrize("config", SILENT, ids=str)
def test_as_documented(config: dict[str, Any]) -> None:
    assert found(config) == []


@pytest.mark.parametrize(("config", "code", "parameter"), WARNED, ids=str)
def test_outside_is_a_warning(config: dict[str, Any], code: str, parameter: str) -> None:
    assert found(config) == [(code, "warning", parameter, config[parameter])]


def test_only_textbook_rows_are_judged() -> None:
    """Ranges that the documents do not give (LoRA, clipping, smoothing) are silent under the profile."""
    config = {"lora_rank": 4096, "gradient_clip_norm": 500.0, "label_smoothing": 0.6}
    codes = {code for code, *_ in found(config)}
    ranged = {rule.code for rule in rules.rules() if rule.kind == "range"}
    assert codes & ranged == set()
    assert {"ADP101", "CLP101", "DRP005"} <= {code for code, *_ in found(config, "auto")}


def test_every_textbook_row_cites_the_documents() -> None:
    rows = [row for rule in rules.rules() for row in rule.rows if row.textbook]
    assert len(rows) > 20
    assert [row.source for row in rows if "textbook-ranges" not in row.source] == []


def test_unknown_contexts_fall_back_on_it_mildly() -> None:
    """Without the profile: above a documented rate a warning, below it a note for two orders of magnitude."""
    assert found({"optimizer": "sgd", "learning_rate": 0.2}, "auto") == [("LR001", "warning", "learning_rate", 0.2)]
    assert found({"optimizer": "adam", "learning_rate": 2e-5}, "auto") == [("LR001", "note", "learning_rate", 2e-5)]
    assert found({"optimizer": "adam", "learning_rate": 5e-6}, "auto") == [("LR001", "warning", "learning_rate", 5e-6)]
    assert found({"dropout": 0.1}, "auto") == [("DRP001", "note", "dropout", 0.1)]
    assert found({"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1}, "auto") == []


def test_on_the_command_line() -> None:
    call = [sys.executable, "-m", "advisor", "check", "-", "--profile", "textbook", "--format", "json"]
    config = json.dumps({"optimizer": "SGD", "lr": 0.2, "dropout": 0.4})
    result = subprocess.run(call, input=config, capture_output=True, text=True, check=False, timeout=60)
    (finding,) = json.loads(result.stdout)["files"][0]["findings"]
    assert result.returncode == 1
    assert (finding["code"], finding["severity"], finding["key"], finding["value"]) == ("LR001", "warning", "lr", 0.2)
    assert (finding["expected"]["low"], finding["expected"]["high"]) == (0.01, 0.1)
