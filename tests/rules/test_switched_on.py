"""A key written as off excuses nothing: the rule speaks as if it were not there, and is silent where it is on."""

from __future__ import annotations

from typing import Any

import pytest

import advisor

FP16 = {"torch_dtype": "float16", "fp16": True, "learning_rate": 1e-5}
PIPELINE = {"num_layers": 30, "pipeline_model_parallel_size": 4}
CONTRASTIVE = {"domain": "contrastive", "batch_size": 1}
VERL = {"dialect": "verl", "ppo_mini_batch_size": 8, "batch_size": 3, "world_size": 8, "advantage_estimator": "gae"}
TREES = {"family": "lightgbm", "max_depth": 3, "num_leaves": 255}


def codes(config: dict[str, Any]) -> set[str]:
    return {finding.code for finding in advisor.check(config).findings}


@pytest.mark.parametrize(
    ("code", "config", "key", "off", "on"),
    [
        ("PRC006", FP16, "load_in_4bit", False, True),
        ("PRC006", FP16, "quantization_config", None, {"bits": 4}),
        ("PRC006", FP16, "freeze_llm", "false", True),
        ("ARC009", PIPELINE, "account_for_embedding_in_pipeline_split", False, True),
        ("ARC009", PIPELINE, "pipeline_model_parallel_layout", None, "Et|(tt|)*14L"),
        ("ARC009", PIPELINE, "decoder_first_pipeline_num_layers", 0, 6),
        ("BAT214", CONTRASTIVE, "hard_negatives", False, True),
        ("BAT214", CONTRASTIVE, "num_negatives", 0, 7),
        ("BAT214", CONTRASTIVE, "train_group_size", 1, 8),
        ("PRF224", VERL, "use_dynamic_bsz", False, True),
        ("PRF224", VERL, "ulysses_sequence_parallel_size", 1, 2),
        ("TRE201", TREES, "max_leaf_nodes", None, 31),
    ],
)
def test_a_key_that_is_off_excuses_nothing(code: str, config: dict[str, Any], key: str, off: Any, on: Any) -> None:
    assert code in codes(config)
    assert code in codes({**config, key: off})
    assert code not in codes({**config, key: on})


@pytest.mark.parametrize("value", ["${negatives}", "auto", -1])
def test_a_key_of_which_nobody_knows_whether_it_is_on_leaves_the_rule_unchecked(value: Any) -> None:
    report = advisor.check({**CONTRASTIVE, "num_negatives": value}, select=["BAT214"])
    assert not report.findings


@pytest.mark.parametrize(
    ("config", "fact", "expected"),
    [
        (
            {"model_name_or_path": None, "learning_rate": 1e-4, "freeze_lm": True, "freeze_vi_t": True},
            "regime",
            "adapter",
        ),
        ({"learning_rate": 1e-4, "freeze_lm": False, "freeze_vi_t": True}, "regime", None),
        ({"learning_rate": 1e-4, "tune_mm_mlp_adapter": True}, "domain", "vlm"),
        ({"learning_rate": 1e-4, "tune_mm_mlp_adapter": False}, "domain", None),
        ({"learning_rate": 1e-4, "pre_seq_len": None}, "adapter", None),
        ({"learning_rate": 1e-4, "pre_seq_len": 128}, "adapter", "p_tuning"),
        ({"learning_rate": 1e-4, "ref_model": None}, "task", None),
        ({"learning_rate": 1e-4, "ref_model": "x/y-7b"}, "task", "preference_optimization"),
    ],
)
def test_what_is_off_is_no_evidence(config: dict[str, Any], fact: str, expected: str | None) -> None:
    (file,) = advisor.check(config).files
    assert file.context.get(fact) == expected
