"""Findings that once were wrong, told too much or too little: what is said now, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import advisor
from advisor.findings import Finding


def of(code: str, config: dict[str, Any] | Path) -> list[Finding]:
    return [finding for finding in advisor.check(config).findings if finding.code == code]


def severities(code: str, config: dict[str, Any] | Path) -> list[str]:
    return [finding.severity for finding in of(code, config)]


def test_an_interval_of_validation_is_counted_in_epochs_only_where_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("val_interval: 500\nnum_epochs: 20\nlr: 0.001\n", encoding="utf-8")
    assert of("EVA023", path) == []
    path.write_text("validate_interval: 500\nnum_epochs: 20\nlr: 0.001\n", encoding="utf-8")
    assert of("EVA023", path) == []
    path.write_text("val_interval: 500\nby_epoch: true\nnum_epochs: 20\nlr: 0.001\n", encoding="utf-8")
    assert severities("EVA023", path) == ["warning"]


@pytest.mark.parametrize(
    ("activation", "words"),
    [(None, "an output without activation gives no probability"), ("linear", "linear gives no probability")],
)
def test_an_output_without_activation_is_named(activation: str | None, words: str) -> None:
    config = {"from_logits": False, "loss": "categorical_crossentropy", "output_activation": activation}
    (finding,) = of("LOS002", config)
    assert finding.message.startswith(words)


@pytest.mark.parametrize(
    ("rate", "epsilon", "expected"),
    [
        (0.1, 0.1, []),  # descent with momentum at 0.1 x 0.1 / 0.1
        (10.0, 1.0, []),
        (2.0, 0.1, ["warning"]),
        (30.0, 1.0, ["warning"]),
        (0.05, 5e-3, ["warning"]),  # gradients are as large as this epsilon
    ],
)
def test_a_large_epsilon_bears_the_rates_of_descent(rate: float, epsilon: float, expected: list[str]) -> None:
    config = {"optimizer": "adam", "learning_rate": rate, "beta1": 0.9, "epsilon": epsilon}
    assert severities("LR001", config) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-5, None), (-0.01, "TYP004"), (-2.5, "TYP004"), (-100, "TYP004")],
)
def test_a_decay_is_an_exponent_only_where_it_can_be_one(value: float, expected: str | None) -> None:
    codes = [
        f.code for f in advisor.check({"wd": value, "optimizer": "sgd", "lr": 0.1}).findings if f.severity == "error"
    ]
    assert codes == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("tensor", "generation", "words"),
    [(4, 8, "split over 8"), (8, 4, "split over 8"), (3, 4, "split over 3"), (4, 2, None), (8, None, "split over 8")],
)
def test_heads_are_split_by_either_parallelism(tensor: int, generation: int | None, words: str | None) -> None:
    config: dict[str, Any] = {"model": "Qwen/Qwen2.5-7B-Instruct", "tensor_parallel_size": tensor}
    if generation:
        config["generation_parallel_size"] = generation
    messages = [finding.message for finding in of("ARC028", config)]
    assert len(messages) == bool(words)
    assert all(words in message for message in messages if words)


def test_a_horizon_is_measured_by_the_run_where_its_steps_are_known() -> None:
    config = {"lr_schedule": "cosine", "epochs": 15, "schedule_steps": 900_000_000}
    assert of("SCH053", config) == []
    assert severities("SCH053", {**config, "schedule_steps": 2_000_000_000}) == ["warning"]
    assert severities("SCH053", {**config, "dataset_size": 50_000, "batch_size": 100}) == ["warning"]


def test_a_momentum_that_every_file_of_a_trainer_carries_is_no_slip() -> None:
    assert severities("OPT220", {"optimizer": "adamw", "momentum": 0.9}) == ["note"]
    for dialect in ("timm", "openpcdet"):
        report = advisor.check(
            {"opt": "adamw", "optimization": {"optimizer": "adam", "momentum": 0.9}}, dialect=dialect
        )
        assert not [finding for finding in report.findings if finding.code == "OPT220"]


def test_an_epsilon_above_the_range_is_a_note_beside_its_rate() -> None:
    config = {"optimizer": "adam", "learning_rate": 100.0, "beta1": 0.9, "epsilon": 500.0}
    assert [(f.code, f.severity) for f in advisor.check(config).findings] == [("OPT104", "note")]


@pytest.mark.parametrize(
    ("extra", "family"),
    [({}, None), ({"n_importance": 128}, "nerf"), ({"white_bkgd": True}, "nerf")],
)
def test_near_and_far_alone_are_no_rays(extra: dict[str, Any], family: str | None) -> None:
    (file,) = advisor.check({"near": 0.1, "far": 100.0, "lr": 5e-4, **extra}).files
    assert file.context.get("family") == family


@pytest.mark.parametrize(
    ("rate", "batch", "expected"),
    [(3e-4, 256, []), (0.03, 256, []), (9.0, 8192, []), (9.0, 256, ["warning"]), (1e-7, None, ["warning"])],
)
def test_rates_of_self_supervision_without_an_optimizer(rate: float, batch: int | None, expected: list[str]) -> None:
    config: dict[str, Any] = {"model": "simclr", "learning_rate": rate}
    if batch:
        config["batch_size"] = batch
        config["world_size"] = 1
    assert severities("LR001", config) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"lora_rank": 0, "lora_alpha": 0, "learning_rate": 1e-4}, []),
        ({"use_lora": False, "lora_r": 0, "lora_alpha": 0}, []),
        ({"lora_r": 8, "lora_alpha": 0}, [("ADP225", "error", "lora_alpha")]),
        ({"adapter": "lora", "lora_alpha": 0}, [("ADP225", "error", "lora_alpha")]),
        ({"adapter": "lora", "lora_r": 0}, [("ADP226", "error", "lora_r")]),
        ({"use_lora": True, "lora_r": 0}, [("ADP226", "error", "lora_r")]),
        ({"network_dim": 16, "network_alpha": 0}, []),
        ({"lora_r": -8}, [("TYP004", "error", "lora_r")]),
    ],
)
def test_no_adapter_is_a_rank_of_zero(config: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    findings = [f for f in advisor.check(config).findings if f.code in ("TYP004", "ADP225", "ADP226")]
    assert [(f.code, f.severity, f.place and f.place.key) for f in findings] == expected


@pytest.mark.parametrize(("dialect", "expected"), [("openrlhf", []), ("verl", []), ("axolotl", ["TYP004"])])
def test_a_trainer_says_itself_whether_rank_zero_is_no_adapter(dialect: str, expected: list[str]) -> None:
    report = advisor.check(
        {"lora_r" if dialect == "axolotl" else "lora_rank": 0, "learning_rate": 1e-6}, dialect=dialect
    )
    assert [f.code for f in report.findings if f.code in ("TYP004", "ADP226")] == expected


@pytest.mark.parametrize("name", ["num_cycles", "restart_steps", "ghost_batch_size", "min_loss_scale", "sam_rho"])
def test_zero_is_a_word_for_off_in_a_program_that_nobody_knows(name: str) -> None:
    config = {"learning_rate": 0.001, "optimizer": "adam", name: 0}
    assert [f for f in advisor.check(config).findings if f.severity == "error"] == []
    assert [f.severity for f in advisor.check({**config, name: -3}).findings if f.severity == "error"] == ["error"]


def test_zero_is_an_error_in_a_program_that_is_known() -> None:
    config = {"learning_rate": 0.001, "restart_steps": 0}
    report = advisor.check(config, dialect="lightning")
    assert [(f.code, f.severity) for f in report.findings if f.parameters == ("restart_steps",)] == [
        ("TYP004", "error")
    ]


def test_frozen_norms_and_patches_of_volumes_are_no_single_samples() -> None:
    config = {"TrainReader": {"batch_size": 1}, "ResNet": {"depth": 50, "norm_type": "bn"}}
    assert "NRM001" not in {f.code for f in advisor.check(config, dialect="paddledetection").findings}
    config["ResNet"]["freeze_norm"] = False
    assert "NRM001" in {f.code for f in advisor.check(config, dialect="paddledetection").findings}
    plain = {"batch_size": 1, "normalization": "batch_norm"}
    assert severities("NRM001", plain) == ["warning"]
    assert "NRM001" not in {f.code for f in advisor.check(plain, dialect="monai").findings}


def test_a_cut_on_the_last_epoch_is_a_note() -> None:
    config = {"lr_schedule": "step", "epochs": 200}
    assert severities("SCH008", {**config, "lr_decay_steps": 200}) == ["note"]
    assert severities("SCH008", {**config, "lr_decay_steps": 201}) == ["warning"]
    assert severities("SCH008", {**config, "lr_decay_steps": 199}) == []


def test_positions_of_an_encoder_are_not_those_of_the_language_model_behind_it() -> None:
    config = {"model": "openai/whisper-large-v3", "max_seq_length": 2048}
    assert severities("LEN006", config) == ["error"]
    assert severities("LEN006", {**config, "llm_path": "x/vicuna-7b"}) == []
    assert severities("LEN006", {"model": "roberta-large", "max_seq_length": 2048, "llm_path": "x/y"}) == ["error"]
