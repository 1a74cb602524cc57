"""Configs of failures that users reported, in their trainers' own words: what is said of each, and of its repair."""

from __future__ import annotations

from pathlib import Path

import pytest

import advisor

Row = tuple[str, str, str | None]

CATBOOST = '"iterations": 500, "depth": 6, "loss_function": "Logloss"'
XGBOOST = '"objective": "reg:squarederror", "grow_policy": "lossguide", "max_leaves": 16, "eta": 0.1'
GOSS = '"objective": "binary", "num_leaves": 31, "boosting_type": "goss"'
VERL = (
    '"actor_rollout_ref.model.path": "Qwen/Qwen2.5-7B-Instruct", "actor_rollout_ref.rollout.tensor_model_parallel_size"'
)
AXOLOTL = "base_model: codellama/CodeLlama-7b-hf\nsequence_len: 2048\nmicro_batch_size: 2\nload_in_8bit: true\n"
DETECTRON = "MODEL: {META_ARCHITECTURE: GeneralizedRCNN}\nSOLVER: {IMS_PER_BATCH: 16, MAX_ITER: 40000, STEPS: "
DEEPSPEED = """
{"train_micro_batch_size_per_gpu": 4, "zero_optimization": {"stage": 3},
 "optimizer": {"type": "AdamW", "params": {"lr": 2e-5}},
 "scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 100%s}}}
"""


def errors_and_warnings(tmp_path: Path, name: str, text: str) -> list[Row]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = advisor.check(str(path)).findings
    return [(f.code, f.severity, f.place and f.place.key) for f in found if f.severity != "note"]


@pytest.mark.parametrize(
    ("name", "failing", "repaired", "expected"),
    [
        (
            "params.json",
            f'{{{CATBOOST}, "bootstrap_type": "Bayesian", "subsample": 0.7}}',
            f'{{{CATBOOST}, "bootstrap_type": "Bernoulli", "subsample": 0.7}}',
            [("TRE214", "error", "subsample")],
        ),
        (
            "params.json",
            f'{{{CATBOOST}, "auto_class_weights": "Balanced", "task_type": "GPU", "subsample": 0.8}}',
            f'{{{CATBOOST}, "auto_class_weights": "Balanced", "task_type": "GPU", "bootstrap_type": "MVS"}}',
            [("TRE214", "error", "subsample")],
        ),
        (
            "params.json",
            f'{{{CATBOOST}, "bootstrap_type": "Bernoulli", "bagging_temperature": 0.5}}',
            f'{{{CATBOOST}, "bootstrap_type": "Bayesian", "bagging_temperature": 0.5}}',
            [("TRE215", "error", "bagging_temperature")],
        ),
        (
            "params.json",
            f'{{{CATBOOST}, "bootstrap_type": "Poisson"}}',
            f'{{{CATBOOST}, "bootstrap_type": "Poisson", "task_type": "GPU"}}',
            [("TRE216", "warning", "bootstrap_type")],
        ),
        (
            "params.json",
            f'{{{XGBOOST}, "tree_method": "exact"}}',
            f'{{{XGBOOST}, "tree_method": "hist"}}',
            [("TRE217", "warning", "grow_policy")],
        ),
        (
            "params.json",
            f'{{{GOSS}, "bagging_fraction": 0.9, "bagging_freq": 1}}',
            f'{{{GOSS}, "bagging_fraction": 0.9, "bagging_freq": 0}}',
            [("TRE218", "error", "bagging_fraction")],
        ),
        (
            "run.json",
            f'{{{VERL}: 8, "trainer.n_gpus_per_node": 8}}',
            f'{{{VERL}: 4, "trainer.n_gpus_per_node": 8}}',
            [("ARC028", "error", '["actor_rollout_ref.rollout.tensor_model_parallel_size"]')],
        ),
        ("run.yaml", AXOLOTL, AXOLOTL + "adapter: lora\nlora_r: 16\n", [("ADP206", "error", "load_in_8bit")]),
        (
            "faster_rcnn.yaml",
            DETECTRON + "[50000]}\n",
            DETECTRON + "[30000]}\n",
            [("SCH007", "warning", "SOLVER.STEPS")],
        ),
        (
            "ds_config.json",
            DEEPSPEED % "",
            DEEPSPEED % ', "warmup_max_lr": 2e-5',
            [("SCH052", "error", "optimizer.params.lr")],
        ),
    ],
)
def test_a_reported_failure_is_named_and_its_repair_is_left_alone(
    tmp_path: Path, name: str, failing: str, repaired: str, expected: list[Row]
) -> None:
    assert errors_and_warnings(tmp_path, name, failing) == expected
    assert errors_and_warnings(tmp_path, name, repaired) == []


def test_a_limit_of_leaves_in_a_file_of_xgboost_is_not_taken_for_lightgbm(tmp_path: Path) -> None:
    path = tmp_path / "params.json"
    path.write_text(f'{{{XGBOOST}, "tree_method": "exact"}}', encoding="utf-8")
    (finding,) = [f for f in advisor.check(str(path)).findings if f.code == "TRE217"]
    assert finding.message == "the exact method ignores growth by loss"
