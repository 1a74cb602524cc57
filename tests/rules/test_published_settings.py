"""What was published and works draws no warning from the ranges; the same a hundredfold does."""

from __future__ import annotations

from typing import Any

import pytest

import advisor
from advisor import rules

RANGES = {rule.code for rule in rules.rules() if rule.kind == "range"}

# ruff: noqa: E501 - a table: one published setting a line
PUBLISHED: dict[str, dict[str, Any]] = {
    # vision
    "ResNet-50, 256 images": {"optimizer": "sgd_momentum", "model": "resnet50", "regime": "from_scratch", "learning_rate": 0.1, "weight_decay": 1e-4},
    "ResNet-50, 8192 images": {"optimizer": "sgd_momentum", "model": "resnet50", "regime": "from_scratch", "learning_rate": 3.2, "global_batch_size": 8192},
    "MobileNetV3": {"optimizer": "rmsprop", "model": "mobilenet_v3_large", "learning_rate": 0.064, "global_batch_size": 1024},
    "ViT-B/16, 4096 images": {"optimizer": "adamw", "model": "vit_base_patch16_224", "regime": "from_scratch", "learning_rate": 3e-3, "batch_size": 4096, "weight_decay": 0.3},
    "DINOv2": {"optimizer": "adamw", "model": "dinov2_vits14", "regime": "pretrain", "learning_rate": 4e-3, "weight_decay": 0.04},
    "MAE linear probe": {"optimizer": "lars", "model": "mae_vit_base", "regime": "linear_probe", "learning_rate": 6.4},
    "MoCo v2": {"optimizer": "sgd_momentum", "model": "mocov2", "learning_rate": 0.03, "weight_decay": 1e-4, "temperature": 0.2},
    "SimCLR": {"optimizer": "lars", "model": "simclr", "learning_rate": 4.8, "weight_decay": 1e-6},
    "CLIP": {"optimizer": "adamw", "model": "openai/clip-vit-base-patch32", "regime": "pretrain", "learning_rate": 5e-4, "batch_size": 32768, "weight_decay": 0.2, "beta2": 0.98},
    "Faster R-CNN": {"optimizer": "sgd_momentum", "model": "faster_rcnn_r50_fpn", "learning_rate": 0.02, "weight_decay": 1e-4, "global_batch_size": 16},
    "DETR": {"optimizer": "adamw", "model": "detr-resnet-50", "learning_rate": 1e-4, "backbone_learning_rate": 1e-5, "weight_decay": 1e-4, "gradient_clip_norm": 0.1},
    "YOLOv8": {"optimizer": "sgd_momentum", "model": "yolov8n", "learning_rate": 0.01, "momentum": 0.937, "weight_decay": 5e-4},
    "nnU-Net": {"optimizer": "sgd_momentum", "model": "nnunet", "learning_rate": 0.01, "momentum": 0.99, "weight_decay": 3e-5},
    "DCGAN": {"optimizer": "adam", "model": "dcgan", "learning_rate": 2e-4, "beta1": 0.5},
    "WGAN": {"optimizer": "rmsprop", "model": "wgan", "learning_rate": 5e-5},
    "StyleGAN3": {"optimizer": "adam", "model": "stylegan3", "learning_rate": 2.5e-3, "beta1": 0.0, "beta2": 0.99},
    "Stable Diffusion": {"optimizer": "adamw", "model": "stable-diffusion-v1-5", "regime": "full_finetune", "learning_rate": 1e-5},
    "Stable Diffusion XL": {"optimizer": "adamw", "model": "stable-diffusion-xl", "regime": "full_finetune", "learning_rate": 1e-6},
    "textual inversion": {"optimizer": "adamw", "model": "stable-diffusion-v1-5", "adapter": "textual_inversion", "learning_rate": 5e-4},
    # language
    "GPT-2 124M": {"optimizer": "adamw", "model": "gpt2", "regime": "pretrain", "learning_rate": 6e-4, "weight_decay": 0.1, "dropout": 0.0},
    "GPT-3 175B": {"optimizer": "adam", "domain": "llm", "num_parameters": 175e9, "regime": "pretrain", "learning_rate": 6e-5},
    "Mamba 130M": {"optimizer": "adamw", "model": "mamba-130m", "regime": "pretrain", "learning_rate": 3e-3},
    "RoBERTa": {"optimizer": "adam", "model": "roberta-base", "regime": "pretrain", "learning_rate": 6e-4, "beta2": 0.98, "epsilon": 1e-6, "weight_decay": 0.01},
    "BERT, fine-tuned": {"optimizer": "adamw", "model": "bert-base-uncased", "regime": "full_finetune", "learning_rate": 3e-5, "epochs": 3},
    "T5, Adafactor": {"optimizer": "adafactor", "model": "t5-base", "regime": "full_finetune", "learning_rate": 1e-3},
    "Alpaca": {"optimizer": "adamw", "model": "llama-7b", "task": "sft", "regime": "full_finetune", "learning_rate": 2e-5, "epochs": 3, "global_batch_size": 128},
    "QLoRA 7B": {"optimizer": "adamw", "model": "llama-7b", "adapter": "qlora", "learning_rate": 2e-4, "batch_size": 16, "weight_decay": 0, "gradient_clip_norm": 0.3},
    "QLoRA 65B": {"optimizer": "adamw", "model": "llama-65b", "adapter": "qlora", "learning_rate": 1e-4},
    "IA3": {"optimizer": "adamw", "model": "llama-7b", "adapter": "ia3", "learning_rate": 5e-3},
    "C3A": {"optimizer": "adamw", "model": "llama-7b", "adapter": "c3a", "learning_rate": 0.1},
    "Lion": {"optimizer": "lion", "model": "llama-7b", "regime": "full_finetune", "learning_rate": 3e-6, "weight_decay": 0.3},
    "Prodigy": {"optimizer": "prodigy", "model": "llama-7b", "adapter": "lora", "learning_rate": 1.0},
    "DPO": {"optimizer": "adamw", "model": "llama-7b", "task": "dpo", "learning_rate": 5e-7, "preference_beta": 0.1},
    "DPO, RMSprop": {"optimizer": "rmsprop", "model": "llama-7b", "task": "dpo", "learning_rate": 5e-7},
    "SimPO": {"optimizer": "adamw", "model": "llama-7b", "task": "simpo", "learning_rate": 6e-7, "preference_beta": 2.5},
    "GRPO": {"optimizer": "adamw", "model": "llama-7b", "task": "grpo", "learning_rate": 1e-6, "num_generations": 8},
    "AWD-LSTM": {"optimizer": "sgd", "model": "awd-lstm", "learning_rate": 30, "gradient_clip_norm": 0.25, "dropout": 0.65},
    "sentence encoder": {"optimizer": "adamw", "model": "sentence-transformers/all-MiniLM-L6-v2", "regime": "full_finetune", "learning_rate": 2e-5},
    # speech
    "wav2vec 2.0": {"optimizer": "adam", "model": "facebook/wav2vec2-base", "regime": "full_finetune", "learning_rate": 5e-5},
    "Whisper small": {"optimizer": "adamw", "model": "openai/whisper-small", "regime": "full_finetune", "learning_rate": 1e-5},
    "QuartzNet": {"optimizer": "novograd", "model": "QuartzNet15x5", "learning_rate": 0.05, "weight_decay": 1e-3},
    # agents, graphs, tables
    "PPO": {"optimizer": "adam", "model": "PPO", "learning_rate": 3e-4, "clip_range": 0.2, "gae_lambda": 0.95},
    "Rainbow": {"optimizer": "adam", "model": "rainbow", "learning_rate": 6.25e-5},
    "GCN": {"optimizer": "adam", "model": "GCN", "learning_rate": 1e-2, "weight_decay": 5e-4, "dropout": 0.5},
    "GAT": {"optimizer": "adam", "model": "GAT", "learning_rate": 5e-3, "dropout": 0.6},
    "SGC": {"optimizer": "adam", "model": "SGC", "learning_rate": 0.2},
    "FT-Transformer": {"optimizer": "adamw", "model": "FT-Transformer", "learning_rate": 1e-4},
    "XGBoost": {"model": "xgboost", "learning_rate": 0.3, "max_depth": 6},
    "Adadelta": {"optimizer": "adadelta", "regime": "from_scratch", "learning_rate": 1.0},
}  # fmt: skip


def _warnings(config: dict[str, Any]) -> list[tuple[str, str]]:
    report = advisor.check(config, fail_on="never")
    return [(f.code, f.message) for f in report.findings if f.code in RANGES and f.severity != "note"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_is_left_alone(name: str) -> None:
    assert _warnings(PUBLISHED[name]) == []


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "Rainbow"])  # classic control takes such rates
def test_a_hundredfold_rate_is_found(name: str) -> None:
    config = PUBLISHED[name] | {"learning_rate": PUBLISHED[name]["learning_rate"] * 100}
    found = advisor.check(config, fail_on="never").findings
    assert any("learning_rate" in f.parameters and f.severity != "note" for f in found)


def test_the_textbook_speaks_where_nothing_is_known() -> None:
    assert _warnings({"optimizer": "adam", "learning_rate": 0.3})
    assert not _warnings({"optimizer": "adam", "learning_rate": 3e-5})  # the fine-tuning band: a note
    assert _warnings({"optimizer": "sgd", "batch_size": 8192})
    assert not _warnings({"optimizer": "adam", "weight_decay": 0.01})  # decoupled in most trainers: a note


def test_the_textbook_alone_flags_what_it_does_not_know() -> None:
    config = {"optimizer": "adamw", "model": "llama-7b", "task": "dpo", "learning_rate": 5e-7}
    found = advisor.check(config, profile="textbook", fail_on="never").findings
    assert [f.severity for f in found if f.code == "LR001"] == ["warning"]


def _said(**config: Any) -> list[tuple[str, str]]:
    found = advisor.check(
        {"optimizer": "adam", "model": "lstm", "fine_tuning": False, "beta2": 0.999, **config}
    ).findings
    return sorted((finding.code, finding.severity) for finding in found)


def test_rate_and_epsilon_of_adam_are_judged_together() -> None:
    assert _said(learning_rate=0.3, epsilon=1e-8) == [("LR001", "warning")]
    assert _said(learning_rate=0.3, epsilon=0.05) == []
    assert _said(learning_rate=0.3, epsilon=2e-3) == [("LR001", "warning")]
    assert _said(learning_rate=1e-3, epsilon=20.0) == [("OPT230", "warning")]
    assert _said(learning_rate=1e-3, epsilon=0.1) == []


def test_less_momentum_and_a_longer_memory_are_no_alarm() -> None:
    assert _said(learning_rate=1e-3, beta1=0.3) == []
    assert _said(learning_rate=1e-3, beta1=0.9, beta2=0.99999) == []
    assert _said(learning_rate=1e-3, beta1=0.9, beta2=0.2) == [("OPT103", "warning")]


def test_between_two_accepted_ranges_no_bound_is_crossed() -> None:
    assert _said(learning_rate=1e-3, weight_decay=3e-4) == []
    assert _said(learning_rate=1e-3, weight_decay=6e-4) == [("WD001", "note")]
    strict = advisor.check({"optimizer": "adam", "weight_decay": 3e-4}, profile="textbook").findings
    assert [finding.code for finding in strict] == ["WD001"]
