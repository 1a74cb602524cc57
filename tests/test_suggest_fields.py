"""Suggestions field by field: what the original recipe, the trainer's documentation or its best kept example takes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import advisor
from advisor import context, laws
from advisor.suggest import Advice


def asked(**facts: Any) -> Advice:
    return advisor.suggest(facts)


def notes(**facts: Any) -> str:
    return "\n".join(asked(**facts).notes)


RECIPES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    # one row a recipe: what it is, what was told, the kind it is taken for, what it takes
    (
        "Whisper, community recipe: 1e-5, 32 utterances a step, ten passes",
        {"model": "openai/whisper-small", "fine_tuning": True, "dataset_size": 10_000},
        "speech",
        {"learning_rate": 1e-5, "batch_size": 16, "gradient_accumulation_steps": 2, "max_steps": 3125},
    ),
    (
        "adapters on Whisper, PEFT's example",
        {"model": "openai/whisper-large-v2", "adapter": "lora", "fine_tuning": True},
        "speech",
        {"learning_rate": 1e-3, "lora_rank": 32, "lora_alpha": 64, "gradient_accumulation_steps": 2},
    ),
    (
        "wav2vec 2.0 from nothing: 1.6 hours a step",
        {"model": "facebook/wav2vec2-base", "task": "self-supervised pretraining"},
        "speech",
        {"learning_rate": 5e-4, "batch_size": 16, "gradient_accumulation_steps": 24, "max_steps": 400_000},
    ),
    (
        "Conformer: 0.05 / sqrt(512)",
        {"model": "conformer", "task": "speech recognition"},
        "speech",
        {"learning_rate": 2.2e-3, "beta2": 0.98, "weight_decay": 1e-6, "warmup_steps": 10_000},
    ),
    (
        "Tacotron 2, hparams.py",
        {"model": "tacotron2", "task": "text to speech", "dataset_size": 13_100},
        "speech",
        {"learning_rate": 1e-3, "batch_size": 64, "weight_decay": 1e-6, "epochs": 500, "gradient_clip_norm": 1},
    ),
    (
        "VITS, ljs_base.json",
        {"model": "vits", "task": "tts", "dataset_size": 13_100},
        "speech",
        {"learning_rate": 2e-4, "beta1": 0.8, "beta2": 0.99, "batch_size": 64, "lr_schedule": "exponential"},
    ),
    (
        "RetinaNet on eight devices: 16 images, 0.01",
        {"model": "retinanet-r50", "dataset_size": 118_000, "world_size": 8},
        "detection",
        {"learning_rate": 0.01, "batch_size": 2, "warmup_steps": 1000, "epochs": 12, "lr_schedule": "step"},
    ),
    (
        "a detector on few images warms up over a tenth of the run: 12 x 125 steps",
        {"model": "faster-rcnn-r50", "dataset_size": 2000, "fine_tuning": True},
        "detection",
        {"learning_rate": 0.02, "batch_size": 16, "warmup_steps": 150},
    ),
    (
        "DETR: 1e-4 and a tenth of it below, 16 images, clipping at 0.1, no warm-up",
        {"model": "detr-r50", "dataset_size": 118_000, "world_size": 8},
        "detection",
        {
            "learning_rate": 1e-4,
            "backbone_learning_rate": 1e-5,
            "batch_size": 2,
            "gradient_clip_norm": 0.1,
            "warmup_steps": 0,
        },
    ),
    (
        "DETR that is tuned further",
        {"model": "facebook/detr-resnet-50", "fine_tuning": True, "dataset_size": 1000},
        "detection",
        {"learning_rate": 3e-5, "backbone_learning_rate": 3e-6, "epochs": 30},
    ),
    (
        "YOLO, default.yaml",
        {"model": "yolov8n", "dataset_size": 5000},
        "detection",
        {"learning_rate": 0.01, "batch_size": 16, "momentum": 0.937, "warmup_epochs": 3, "lr_schedule": "linear"},
    ),
    (
        "nnU-Net, nnUNetTrainer.py",
        {"model": "nnunet", "dataset_size": 200},
        "segmentation",
        {
            "optimizer": "sgd",
            "learning_rate": 0.01,
            "momentum": 0.99,
            "weight_decay": 3e-5,
            "batch_size": 2,
            "epochs": 1000,
        },
    ),
    (
        "DeepLabv3: 16 crops, polynomial to the power of 0.9, 40,000 steps",
        {"model": "deeplabv3", "dataset_size": 10_582},
        "segmentation",
        {"learning_rate": 0.01, "batch_size": 16, "lr_power": 0.9, "epochs": 60},
    ),
    (
        "SegFormer: ten times the rate for the head",
        {"model": "nvidia/segformer-b2", "fine_tuning": True, "dataset_size": 2975},
        "segmentation",
        {"learning_rate": 6e-5, "head_learning_rate": 6e-4, "batch_size": 16, "weight_decay": 0.01},
    ),
    (
        "SDXL in full: 1e-6",
        {"model": "stabilityai/stable-diffusion-xl-base-1.0", "fine_tuning": True},
        "diffusion",
        {"learning_rate": 1e-6, "batch_size": 1, "gradient_accumulation_steps": 4, "max_steps": 15_000},
    ),
    (
        "a style of thirty images as an adapter",
        {"model": "stabilityai/stable-diffusion-xl-base-1.0", "adapter": "lora", "dataset_size": 30},
        "diffusion",
        {"learning_rate": 1e-4, "batch_size": 1, "gradient_accumulation_steps": 4, "max_steps": 1500},
    ),
    (
        "DreamBooth: 5e-6, about a hundred steps an image",
        {"model": "runwayml/stable-diffusion-v1-5", "task": "dreambooth", "dataset_size": 5},
        "diffusion",
        {"learning_rate": 5e-6, "batch_size": 1, "gradient_accumulation_steps": 1, "max_steps": 500},
    ),
    (
        "textual inversion: 5e-4, 3000 steps",
        {"model": "runwayml/stable-diffusion-v1-5", "task": "textual inversion", "dataset_size": 5},
        "diffusion",
        {"learning_rate": 5e-4, "max_steps": 3000, "gradient_accumulation_steps": 4},
    ),
    (
        "ControlNet: 1e-5, four a step",
        {"model": "runwayml/stable-diffusion-v1-5", "task": "controlnet", "dataset_size": 50_000},
        "diffusion",
        {"learning_rate": 1e-5, "batch_size": 4, "gradient_accumulation_steps": 1},
    ),
    (
        "DDPM on CIFAR-10",
        {"model": "ddpm", "task": "CIFAR-10 from scratch", "dataset_size": 50_000},
        "diffusion",
        {"learning_rate": 2e-4, "batch_size": 128, "max_steps": 800_000, "warmup_steps": 5000, "ema_decay": 0.9999},
    ),
    (
        "DiT: 256 images, no decay",
        {"model": "DiT-XL/2", "dataset_size": 1_281_167},
        "diffusion",
        {"learning_rate": 1e-4, "batch_size": 256, "weight_decay": 0},
    ),
    (
        "WGAN-GP",
        {"model": "wgan-gp"},
        "gan",
        {"learning_rate": 1e-4, "beta1": 0, "beta2": 0.9, "n_critic": 5},
    ),
    ("StyleGAN2", {"model": "stylegan2"}, "gan", {"learning_rate": 2e-3, "beta1": 0, "beta2": 0.99, "batch_size": 32}),
    (
        "MAE: 1.5e-4 for 256 images, 4096 of them",
        {
            "model": "mae-vit-base",
            "task": "masked autoencoder pretraining",
            "dataset_size": 1_281_167,
            "world_size": 64,
        },
        "vision_pretext",
        {"learning_rate": 2.4e-3, "batch_size": 64, "epochs": 800, "warmup_epochs": 40, "beta2": 0.95},
    ),
    (
        "DINO: 5e-4 for 256 images",
        {"model": "dino-vit-small", "task": "self-supervised pretraining", "dataset_size": 1_281_167},
        "vision_pretext",
        {"learning_rate": 2e-3, "batch_size": 1024, "epochs": 100, "weight_decay": 0.04, "gradient_clip_norm": 3},
    ),
    (
        "SimCLR: 0.3 for 256 images under LARS",
        {"model": "simclr-resnet50", "dataset_size": 1_281_167},
        "image_pretext",
        {"optimizer": "lars", "learning_rate": 4.8, "batch_size": 4096, "weight_decay": 1e-6, "temperature": 0.1},
    ),
    (
        "CLIP from nothing",
        {"model": "clip-vit-b-32", "fine_tuning": False, "dataset_size": 400_000_000},
        "image_pretext",
        {"learning_rate": 5e-4, "batch_size": 32_768, "beta2": 0.98, "epsilon": 1e-6, "epochs": 32},
    ),
    (
        "sentence encoders: one pass, similarities times twenty",
        {"model": "sentence-transformers/all-mpnet-base-v2", "fine_tuning": True, "dataset_size": 50_000},
        "image_pretext",
        {"learning_rate": 2e-5, "batch_size": 64, "temperature": 0.05, "epochs": 1, "warmup_ratio": 0.1},
    ),
    (
        "a reranker is a classifier of pairs",
        {"model": "BAAI/bge-reranker-base", "fine_tuning": True, "task": "reranking", "dataset_size": 10_000},
        "encoder_finetuning",
        {"learning_rate": 2e-5, "epochs": 1, "batch_size": 32},
    ),
    (
        "a convolutional network that is tuned: 0.01 for 256 images, linear in the batch",
        {"model": "resnet50", "fine_tuning": True, "dataset_size": 2000},
        "vision_finetuning",
        {"learning_rate": 6.2e-4, "head_learning_rate": 6.2e-3, "batch_size": 16, "momentum": 0.9},
    ),
    (
        "GAT",
        {"model": "gat", "dataset_size": 2708},
        "graph",
        {"learning_rate": 5e-3, "dropout": 0.6, "weight_decay": 5e-4, "early_stopping_patience": 100},
    ),
    (
        "SchNet regresses without noise or decay",
        {"model": "schnet", "dataset_size": 110_000},
        "graph",
        {"learning_rate": 5e-4, "dropout": 0, "weight_decay": 0, "batch_size": 32},
    ),
    (
        "prompts learn slowly, at large rates",
        {"model": "meta-llama/Llama-3.2-1B", "adapter": "prompt_tuning", "fine_tuning": True, "dataset_size": 2000},
        "lora",
        {"learning_rate": 1e-2, "num_virtual_tokens": 20, "epochs": 10},
    ),
    (
        "IA3, PEFT's example",
        {"model": "bigscience/bloom-560m", "adapter": "ia3", "fine_tuning": True},
        "lora",
        {"learning_rate": 8e-3, "epochs": 3},
    ),
    (
        "larger models take smaller rates",
        {"model": "meta-llama/Llama-3.1-70B", "fine_tuning": True, "task": "sft"},
        "language_finetuning",
        {"learning_rate": 5e-6, "weight_decay": 0},
    ),
    (
        "NeuMF.py",
        {"model": "ncf", "dataset_size": 1_000_000},
        "recommender",
        {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 256, "epochs": 100},
    ),
    (
        "LightGCN",
        {"model": "lightgcn", "dataset_size": 800_000},
        "recommender",
        {"learning_rate": 1e-3, "batch_size": 2048, "l2": 1e-4, "hidden_size": 64, "epochs": 1000},
    ),
    (
        "SASRec",
        {"model": "sasrec", "dataset_size": 50_000},
        "recommender",
        {"learning_rate": 1e-3, "batch_size": 128, "dropout": 0.5, "hidden_size": 50, "epochs": 200},
    ),
    (
        "DLRM: one pass of plain descent",
        {"model": "dlrm", "dataset_size": 45_000_000},
        "recommender",
        {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 2048, "epochs": 1},
    ),
    (
        "NeRF, run_nerf.py",
        {"model": "nerf"},
        "neural_field",
        {"optimizer": "adam", "learning_rate": 5e-4, "batch_size": 4096, "lr_schedule": "exponential"},
    ),
    (
        "hash grids",
        {"model": "instant-ngp"},
        "neural_field",
        {"learning_rate": 1e-2, "epsilon": 1e-15, "max_steps": 30_000},
    ),
    (
        "PointNet, train.py",
        {"model": "pointnet", "dataset_size": 9843},
        "point_cloud",
        {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 32, "epochs": 250},
    ),
    (
        "SlowFast: 0.1 for 64 clips",
        {"model": "slowfast", "dataset_size": 240_000, "world_size": 8},
        "video",
        {"learning_rate": 0.1, "batch_size": 8, "epochs": 196, "weight_decay": 1e-4, "dropout": 0.5},
    ),
    (
        "DeepXDE: Adam, then L-BFGS",
        {"task": "physics-informed neural network"},
        "physics",
        {"optimizer": "adam", "learning_rate": 1e-3, "max_steps": 15_000, "weight_decay": 0, "dropout": 0},
    ),
    (
        "PatchTST",
        {"model": "patchtst", "task": "forecasting", "dataset_size": 8000},
        "forecasting",
        {"learning_rate": 1e-4, "batch_size": 128, "epochs": 100},
    ),
    (
        "TFT",
        {"model": "tft", "task": "forecasting", "dataset_size": 50_000},
        "forecasting",
        {"learning_rate": 1e-3, "batch_size": 64, "dropout": 0.1},
    ),
    (
        "PPO on a language model is no pre-training",
        {"model": "EleutherAI/pythia-1b", "task": "ppo", "dataset_size": 100_000},
        "preference",
        {"kl_coefficient": 0.05, "clip_range": 0.2, "epochs": 1},
    ),
    (
        "256 sequences a step, as BERT",
        {"model": "bert-base", "fine_tuning": False},
        "masked_pretraining",
        {"learning_rate": 1e-4, "batch_size": 256},
    ),
    (
        "continued pre-training warms up to a part of the first peak",
        {"model": "meta-llama/Llama-3.1-8B", "task": "continued pretraining", "n_tokens": 1e10},
        "language_pretraining",
        {"learning_rate": 5e-5, "min_learning_rate": 5e-6, "beta2": 0.95},
    ),
]


@pytest.mark.parametrize(("facts", "kind", "expected"), [row[1:] for row in RECIPES], ids=[row[0] for row in RECIPES])
def test_recipes(facts: dict[str, Any], kind: str, expected: dict[str, Any]) -> None:
    advice = advisor.suggest(facts)
    assert advice.kind == kind
    assert {name: advice.parameters.get(name) for name in expected} == expected
    assert not advice.findings


# ---------------------------------------------------------------------------------- what a run cannot have, is not said


@pytest.mark.parametrize(
    ("facts", "absent"),
    [
        ({"model": "mistral-7b", "task": "dpo"}, {"lora_rank", "lora_alpha", "lora_dropout", "num_generations"}),
        ({"model": "stable-diffusion-v1-5", "fine_tuning": True}, {"lora_rank", "lora_alpha", "ema_decay"}),
        ({"model": "detr-r50"}, {"momentum", "warmup_epochs"}),
        ({"model": "yolov8n"}, {"backbone_learning_rate", "gradient_clip_norm", "warmup_steps"}),
        ({"model": "resnet50", "fine_tuning": True}, {"layerwise_lr_decay", "drop_path", "gradient_clip_norm"}),
        ({"model": "vit-base", "fine_tuning": True, "optimizer": "adamw"}, {"momentum"}),
        ({"model": "llama-3.2-1b", "adapter": "prompt_tuning", "fine_tuning": True}, {"lora_dropout", "lora_rank"}),
        ({"model": "gcn", "dataset_size": 2708}, {"batch_size"}),
    ],
)
def test_a_parameter_that_is_not_of_the_run_is_not_proposed(facts: dict[str, Any], absent: set[str]) -> None:
    assert absent.isdisjoint(advisor.suggest(facts).parameters)
    name = sorted(absent)[0]
    assert name in {*advisor.suggest(facts, want=[name]).parameters, *advisor.suggest(facts, want=[name]).unanswered}


# ------------------------------------------------------------------------------------------------- laws of pre-training


def test_without_a_number_of_tokens_a_model_is_pretrained_on_twenty_a_parameter() -> None:
    advice = asked(domain="llm", num_parameters=3e9)
    assert advice.parameters["learning_rate"] == pytest.approx(
        laws.step_law_learning_rate(3e9, 6e10), rel=0.01
    )  # 6.4e-4, not the 2e-5 of fine-tuning
    assert advice.parameters["batch_tokens"] * advice.parameters["max_steps"] == pytest.approx(6e10, rel=1e-3)
    assert any("taken as 20 a parameter, 6e10" in note for note in advice.notes)


@pytest.mark.parametrize("devices", [None, 4, 7])
@pytest.mark.parametrize("accumulation", [None, 4])
@pytest.mark.parametrize("length", [None, 1024, 2000])
@pytest.mark.parametrize("told", [{}, {"accelerator_memory": 24}, {"batch_size": 8}, {"batch_tokens": 500_000}])
def test_pretraining_comes_to_the_tokens_it_was_told(
    devices: int | None, accumulation: int | None, length: int | None, told: dict[str, Any]
) -> None:
    facts = {"world_size": devices, "gradient_accumulation_steps": accumulation, "max_sequence_length": length}
    given = {name: value for name, value in facts.items() if value is not None} | told
    advice = asked(domain="llm", num_parameters=3.5e8, n_tokens=7e9, **given)
    numbers = {one.name: one.value for one in advice.derived}
    assert numbers["total_tokens"] == pytest.approx(7e9, rel=1e-3)
    taken = {**given, **advice.parameters}
    if "batch_tokens" not in given:
        step = taken["batch_size"] * (length or 1024) * taken["gradient_accumulation_steps"] * (devices or 1)
        assert taken["batch_tokens"] == taken["batch_size"] * (length or 1024)
        assert taken["max_steps"] * step == pytest.approx(7e9, rel=1e-3)
        if accumulation is None:
            assert step == pytest.approx(262_144, rel=0.15)


def test_the_tokens_of_a_step_are_shared_among_devices() -> None:
    facts = {"num_parameters": 3.5e8, "n_tokens": 7e9}
    one, four = (advisor.suggest(facts | {"world_size": n}, want=["batch_tokens"]) for n in (1, 4))
    assert (one.parameters["batch_tokens"], four.parameters["batch_tokens"]) == (262_144, 65_536)
    assert "Step Law" in four.explanations["batch_tokens"].why


def test_a_smaller_step_than_the_law_speaks_of_takes_a_smaller_rate() -> None:
    facts = {"domain": "llm", "num_parameters": 3.5e8, "n_tokens": 7e9, "max_sequence_length": 1024}
    small = asked(**facts, batch_size=8, gradient_accumulation_steps=4).explanations["learning_rate"]
    assert small.value == pytest.approx(laws.step_law_learning_rate(3.5e8, 7e9) * (32_768 / 242_649) ** 0.5, rel=0.02)
    assert asked(**facts, batch_size=8).parameters["gradient_accumulation_steps"] == 32


def test_memory_counts_where_the_length_was_not_told() -> None:
    facts = {"domain": "llm", "num_parameters": 3.5e8, "n_tokens": 7e9}
    assert asked(**facts).parameters["batch_size"] == 256
    assert asked(**facts, accelerator_memory=24).parameters["batch_size"] == 8


def test_laws_say_by_how_much_they_disagree_and_what_to_measure() -> None:
    told = notes(domain="llm", num_parameters=1e9, n_tokens=2e10)
    assert "disagree up to 2.9 times (Step Law 9.96e-4, DeepSeek 9.638e-4, Kaplan 3.481e-4)" in told
    assert "with 5e-4, 1e-3 and 2e-3" in told
    small = notes(domain="llm", num_parameters=1e7, n_tokens=2e8)
    assert "disagree up to 6.5 times (Step Law 6.461e-3, Kaplan 9.905e-4)" in small
    assert "beyond the runs that the Step Law was fitted on" in notes(domain="llm", num_parameters=7e9, n_tokens=1e11)
    assert "only DeepSeek's law" in notes(domain="llm", num_parameters=7e10, n_tokens=1.5e13)


def test_what_to_measure_lies_within_what_is_documented_and_allowed() -> None:
    facts = {"domain": "llm", "num_parameters": 1e9, "n_tokens": 2e10}
    narrow = advisor.suggest(facts, within={"learning_rate": (8e-4, 1.5e-3)})
    assert any("measure first, with 8e-4, 1e-3 and 1.5e-3 on" in note for note in narrow.notes)
    chosen = advisor.suggest(facts, within={"learning_rate": [1e-5, 6e-4, 1e-3]})
    assert any("measure first, with 6e-4 and 1e-3 on" in note for note in chosen.notes)
    one = advisor.suggest(facts, within={"learning_rate": [1e-3]})
    assert not any("measure first" in note for note in one.notes)
    assert "measure first, with 1e-3, 2e-3 and 4e-3 on" in notes(**facts, learning_rate=2e-3)
    field = {"model": "nerf", "optimizer": "prodigy"}
    assert not any("measure first" in note for note in advisor.suggest(field, within={"learning_rate": (1, 2)}).notes)


@pytest.mark.parametrize("model", ["xgboost", "lightgbm", "catboost"])
def test_nobody_measures_the_rate_of_trees_with_a_tenth_of_the_rounds(model: str) -> None:
    assert "tenth of the run" not in notes(model=model, dataset_size=1000)


def test_the_reason_for_a_value_is_no_note_on_the_ends_of_its_range() -> None:
    told = asked(domain="llm", num_parameters=8e9, n_tokens=1.6e11).explanations
    assert (told["epsilon"].value, told["epsilon"].why) == (1e-8, "as in published runs")
    few = asked(num_parameters=3.5e8, n_tokens=7e9).explanations["beta1"]
    assert few.why == "the typical value of this context; 0.99 to 0.999 in long runs, as for momentum"


def test_the_size_of_a_model_is_context_in_words() -> None:
    assert context.title("num_parameters", 8e9) == "8B parameters"
    assert context.title("num_parameters", 124_000_000) == "124M parameters"
    told = asked(domain="llm", num_parameters=8e9, n_tokens=1e15).explanations["learning_rate"]
    assert told.context == "8B parameters, large language models, pre-training"


@pytest.mark.parametrize(
    ("facts", "batch"),
    [({"adapter": "lora"}, 16), ({"adapter": "lora", "dataset_size": 20_000}, 40), ({"task": "sft"}, 128)],
)
def test_without_a_number_of_samples_the_batch_is_the_usual_one(facts: dict[str, Any], batch: int) -> None:
    made = asked(model="meta-llama/Llama-3.1-8B", fine_tuning=True, **facts).parameters
    assert made["batch_size"] * made["gradient_accumulation_steps"] == batch


def test_laws_of_pretraining_are_not_told_to_those_who_tune() -> None:
    for facts in ({"fine_tuning": True}, {"task": "dpo"}, {"task": "continued pretraining", "n_tokens": 1e10}):
        assert "published laws" not in notes(model="meta-llama/Llama-3.1-8B", **facts)


def test_what_follows_from_a_value_that_check_moved_follows_it() -> None:
    made = asked(domain="llm", num_parameters=1e9, n_tokens=1e12, max_sequence_length=2048).parameters
    assert made["learning_rate"] == 1e-3  # the Step Law's 3.3e-3 is above what such models were trained with
    assert made["min_learning_rate"] == 1e-4


def test_tokens_do_not_make_a_language_model_of_an_image_network() -> None:
    assert asked(model="resnet50", fine_tuning=True, n_tokens=100).kind == "vision_finetuning"


# --------------------------------------------------------------------------------------------------------------- memory


def test_memory_is_counted_aloud() -> None:
    facts = {"model": "meta-llama/Llama-3.1-8B", "adapter": "lora", "fine_tuning": True, "max_sequence_length": 2048}
    told = notes(**facts, accelerator_memory=24)
    assert "room for about 2 x 2048 tokens" in told
    assert "(0.9 x 24 - 14.9 GiB of weights and states) / 3.31 GiB" in told
    assert "leave it on" in told
    assert asked(**facts, accelerator_memory=24).parameters["batch_size"] == 2
    assert asked(**facts, accelerator_memory=80).parameters["batch_size"] == 16


def test_what_one_device_cannot_hold_is_sharded() -> None:
    facts = {"model": "meta-llama/Llama-3.1-8B", "fine_tuning": True, "task": "sft", "max_sequence_length": 4096}
    many = advisor.suggest({**facts, "accelerator_memory": 80, "world_size": 8, "dataset_size": 52_000})
    assert many.parameters["batch_size"] == 8
    assert many.parameters["gradient_accumulation_steps"] == 2  # 8 x 2 x 8 = 128
    assert any("119.2 GiB (8e9 x 16 bytes)" in note and "14.9 GiB on each" in note for note in many.notes)
    alone = notes(**facts, accelerator_memory=80)
    assert "do not fit into 1 x 80 GiB: shard them over 3 or more" in alone
    assert "14.9 GiB for weights in half precision, 4.5 GiB in 4 bits" in alone


def test_nobody_who_trains_an_adapter_is_told_to_train_one() -> None:
    told = notes(model="llama-2-70b", adapter="lora", fine_tuning=True, accelerator_memory=80)
    assert "or train an adapter" not in told
    assert "quantise the weights to 4 bits" in told


def test_a_reference_model_takes_room_too() -> None:
    plain = notes(model="llama-2-7b", fine_tuning=True, task="sft", accelerator_memory=80)
    preference = notes(model="llama-2-7b", fine_tuning=True, task="dpo", accelerator_memory=80)
    assert "(16 bytes each)" in plain
    assert "(18 bytes each)" in preference


def test_sharding_and_a_small_vocabulary_leave_more_room() -> None:
    assert laws.sequences_that_fit(8e9, 4096, 80) == 0
    assert laws.sequences_that_fit(8e9, 4096, 80, devices=8) == 8
    assert laws.sequences_that_fit(1.1e8, 512, 24, vocabulary=2) > 2 * laws.sequences_that_fit(1.1e8, 512, 24)
    assert laws.transformer_memory_per_token(8e9, checkpointing=False) > 3 * laws.transformer_memory_per_token(8e9)


# ------------------------------------------------------------------------------------------ layers, freezing, measuring


def test_few_samples_freeze_most_of_the_model() -> None:
    told = notes(model="google/vit-base-patch16-224-in21k", fine_tuning=True, dataset_size=500)
    assert "freeze all 12 blocks and train the head alone" in told
    assert "unfreeze the upper 4 blocks and leave the lower 8 frozen" in told
    assert "train the head alone for one epoch" in notes(model="vit-base", fine_tuning=True, dataset_size=5000)
    assert "freeze none" in notes(model="vit-base", fine_tuning=True, dataset_size=50_000)


def test_rates_by_layer_are_numbers_of_this_model() -> None:
    told = notes(model="facebook/vit-mae-base", fine_tuning=True, dataset_size=50_000, batch_size=256)
    # 5e-4 at the head, times 0.75 a block: 5e-4 x 0.75 ** 12 = 1.584e-5
    assert "head 5e-4, block 12 3.75e-4, block 6 6.674e-5, block 1 1.584e-5, embedding 1.188e-5" in told
    encoder = notes(model="bert-large", fine_tuning=True, dataset_size=2500)
    assert "0.9 of the one above: block 24 2.7e-5" in encoder
    stages = notes(model="resnet50", fine_tuning=True, dataset_size=200_000)
    assert "1e-4 at the stem to 0.01 at the last stage, 0.1 for the new head" in stages


def test_recurrent_language_models_are_tuned_layer_by_layer() -> None:
    told = notes(model="awd-lstm", fine_tuning=True, domain="nlp")
    assert "4e-3, 1.538e-3, 5.917e-4, 2.276e-4" in told  # each 2.6 times less
    assert "unfreeze one layer an epoch, the last first" in told


def test_where_sources_lie_far_apart_three_rates_are_measured_first() -> None:
    told = notes(model="google/vit-base-patch16-224-in21k", fine_tuning=True, dataset_size=50_000)
    assert "anywhere from 5e-6 to 3e-4: measure first, with 5e-6, 2e-5 and 8e-5" in told


def test_a_range_test_has_numbers() -> None:
    general = notes(optimizer="adam")
    assert "100 steps from 1e-7 to 10, the rate times 1.2 each step" in general
    assert math.isclose(1e-7 * 1.2**100, 10, rel_tol=0.2)
    muon = notes(model="meta-llama/Llama-3.1-8B", fine_tuning=True, optimizer="muon")
    assert "100 steps from 2e-8 to 0.02, the rate times 1.15 each step" in muon
    assert math.isclose(1.15**100, 1e6, rel_tol=0.2)


# ------------------------------------------------------------------------------------------- what was told, and assumed


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"model": "openai/whisper-small"}, "speech"),
        ({"model": "stabilityai/stable-diffusion-xl-base-1.0"}, "diffusion"),
        ({"model": "google/vit-base-patch16-224"}, "vision_finetuning"),
        ({"model": "distilbert-base-uncased", "task": "text classification"}, "encoder_finetuning"),
    ],
)
def test_a_released_checkpoint_is_tuned_and_that_is_said(facts: dict[str, Any], kind: str) -> None:
    advice = advisor.suggest(facts)
    assert advice.kind == kind
    assert advice.assumed["fine_tuning"] is True
    assert any("taken as fine-tuned" in note for note in advice.notes)
    assert advisor.suggest({**facts, "fine_tuning": False}).assumed.get("fine_tuning") is None


def test_the_name_of_a_shape_is_no_checkpoint() -> None:
    assert "fine_tuning" not in asked(model="DiT-XL/2").assumed
    assert "fine_tuning" not in asked(model="vit-base").assumed


def test_another_optimizer_than_adamw_gets_a_rate_of_its_own() -> None:
    facts = {"model": "meta-llama/Llama-3.1-8B", "fine_tuning": True}
    lion = advisor.suggest({**facts, "optimizer": "lion"}).explanations["learning_rate"]
    assert (lion.value, lion.low, lion.high, lion.arithmetic) == (4e-6, 1e-6, 8e-6, "2e-5 x 0.2")
    assert any("Lion" in source for source in lion.sources)
    muon = advisor.suggest({**facts, "optimizer": "muon"}).explanations["learning_rate"]
    assert muon.confidence == "C"
    assert advisor.suggest({**facts, "optimizer": "prodigy"}).parameters["learning_rate"] == 1


def test_a_small_convolution_of_an_old_benchmark_is_no_video_network() -> None:
    assert asked(model="3c3d", domain="vision", dataset_size=50_000).kind == "convolutional"


def test_memory_does_not_halve_the_batch_of_an_encoder() -> None:
    facts = {"model": "bert-base", "fine_tuning": True, "max_sequence_length": 128, "accelerator_memory": 24}
    assert advisor.suggest({**facts, "dataset_size": 400_000}).parameters["batch_size"] == 32
    assert advisor.suggest({**facts, "dataset_size": 8000}).parameters["batch_size"] == 16


# ------------------------------------------------------------------------------------------- configs of other trainers


def written(tmp_path: Path, text: str, **facts: Any) -> Advice:
    config = tmp_path / "train.yaml"
    config.write_text(text)
    return advisor.suggest(config, facts=facts)


def test_what_a_trainer_takes_by_itself_is_no_word_of_the_user(tmp_path: Path) -> None:
    text = "model_name_or_path: openai/whisper-small\nper_device_train_batch_size: 8\n"
    advice = written(tmp_path, text, dataset_size=20_000)
    # the trainer's own rate is 5e-5, which is five times what Whisper bears
    assert advice.parameters["learning_rate"] == 1e-5
    assert advice.parameters["gradient_accumulation_steps"] == 4
    assert "batch_size" not in advice.parameters
    assert "epochs" not in advice.parameters


def test_a_builder_of_torchtune_says_that_an_adapter_is_trained(tmp_path: Path) -> None:
    text = "model:\n  _component_: torchtune.models.llama3_1.{}\noptimizer:\n  _component_: torch.optim.AdamW\n"
    assert written(tmp_path, text.format("lora_llama3_1_8b")).parameters["learning_rate"] == 2e-4
    assert written(tmp_path, text.format("qlora_llama3_1_8b")).parameters["gradient_clip_norm"] == 0.3
    assert written(tmp_path, text.format("llama3_1_8b")).kind == "language_finetuning"
