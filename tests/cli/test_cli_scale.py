"""`hpadvise scale PATH`: the setup as it is now is read from a config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor import cli

CONFIGS = {
    "hf.yaml": "model_name_or_path: bert-base\nlearning_rate: 3e-5\nper_device_train_batch_size: 16\n"
    "gradient_accumulation_steps: 2\noptim: adamw_torch\nweight_decay: 0.01\nnum_train_epochs: 3\n",
    "pl.yaml": "trainer: {max_epochs: 10, devices: 4, accumulate_grad_batches: 2}\n"
    "optimizer: {class_path: torch.optim.SGD, init_args: {lr: 0.1, momentum: 0.9}}\n"
    "data: {class_path: my.Data, init_args: {batch_size: 64}}\n",
    "ds.json": '{"train_batch_size": 256, "train_micro_batch_size_per_gpu": 8, "optimizer": {"type": "AdamW", '
    '"params": {"lr": 1e-4, "betas": [0.9, 0.95]}}, "zero_optimization": {"stage": 2}}\n',
    "whole.json": '{"train_batch_size": 256, "optimizer": {"type": "Adam", "params": {"lr": 1e-4}}, '
    '"zero_optimization": {"stage": 2}}\n',
    "yolo.yaml": "model: yolov8n.pt\noptimizer: SGD\nlr0: 0.01\nmomentum: 0.937\nbatch: 16\nepochs: 100\nimgsz: 640\n",
    "xgb.json": '{"booster": "gbtree", "objective": "binary:logistic", "eta": 0.1, "max_depth": 6}\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in CONFIGS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("call", "rule", "arithmetic"),
    [
        ("hf.yaml --to-devices 8", "sqrt", "3e-05 * sqrt(256 / 32) = 8.48528e-05"),
        ("hf.yaml --to 8 --set world_size=4", "sqrt", "3e-05 * sqrt(64 / 128) = 2.12132e-05"),
        ("hf.yaml --from 32 --to 64", "sqrt", "3e-05 * sqrt(64 / 32) = 4.24264e-05"),
        ("hf.yaml --lr 1e-4 --to 32", "sqrt", "0.0001 * sqrt(64 / 32) = 0.000141421"),
        ("pl.yaml --to-devices 8", "linear", "0.1 * 1024 / 512 = 0.2"),
        ("pl.yaml --to-momentum 0.95", "momentum", "0.1 / (1 - 0.9) * (1 - 0.95) = 0.05"),
        ("ds.json --to 16", "sqrt", "0.0001 * sqrt(512 / 256) = 0.000141421"),
        ("ds.json --from-devices 32 --to-devices 64", "sqrt", "0.0001 * sqrt(512 / 256) = 0.000141421"),
        ("whole.json --to 512", "sqrt", "0.0001 * sqrt(512 / 256) = 0.000141421"),
        ("hf.yaml --to-optimizer lion", "adamw to lion", "3e-05 -> 3e-06 to 1e-05"),
        ("yolo.yaml --to-optimizer adam", "sgd to adam", "0.01 -> 0.001"),
    ],
)
def test_the_setup_is_that_of_the_config(
    call: str, rule: str, arithmetic: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["scale", *call.split(), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["rule"], found["arithmetic"]) == (rule, arithmetic)


def test_the_adaptive_rule_moves_the_betas_of_the_config(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scale", "ds.json", "--to", "16", "--rule", "adaptive", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["betas"] == pytest.approx([0.8, 0.9])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("ds.json --to-devices 8", "ds.json tells a batch of 256 in all and not how it is made: --from-devices"),
        ("xgb.json --to 8", "the batch size now is missing: --from"),
        ("hf.yaml --to-width 2048", "--to-width needs --from-width"),
        ("absent.yaml --to 8", "absent.yaml"),
        ("--to 8", "Missing option '--lr', or PATH to read it from."),
        ("--lr 1e-3 --from 8 --to 16 --set world_size=2", "--set and --dialect are about the config at PATH"),
    ],
)
def test_what_a_config_does_not_tell_is_asked_for(
    call: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["scale", *call.split()]) == 2
    assert says in capsys.readouterr().err
