"""The vocabulary: sound bounds, unambiguous spellings, and words of many trainers read for what they mean there."""

from __future__ import annotations

import re
from typing import Any

import pytest

import advisor
from advisor import expressions, packs
from advisor.dialects import Dialects, read
from advisor.parameters import vocabulary
from advisor.reading import read_object

CONTRACT = """
optimizer learning_rate momentum beta1 beta2 epsilon rho weight_decay nesterov gradient_clip_norm
gradient_clip_value lr_schedule min_learning_rate lr_decay_rate lr_decay_steps lr_power lr_multiplier warmup_steps
warmup_ratio layerwise_lr_decay head_learning_rate backbone_learning_rate batch_size gradient_accumulation_steps
world_size global_batch_size batch_tokens reference_batch_size reference_learning_rate epochs max_steps
steps_per_epoch dataset_size early_stopping_patience eval_steps save_steps logging_steps dropout hidden_dropout
attention_dropout drop_path l1 l2 label_smoothing mixup_alpha cutmix_alpha ema_decay loss loss_weights loss_values
focal_gamma focal_alpha temperature kl_coefficient preference_beta model num_layers hidden_size num_attention_heads
num_key_value_heads intermediate_size activation kernel_size normalization batch_norm_momentum layers vocab_size
max_sequence_length model_max_length num_parameters pretrained frozen_layers adapter lora_rank lora_alpha
lora_dropout lora_target_modules quantization_bits precision loss_scale seed n_neighbors n_clusters n_estimators
max_depth n_topics n_factors subsample colsample num_leaves regularization_c kernel_gamma discount gae_lambda
clip_range entropy_coefficient value_coefficient n_steps n_envs buffer_size target_update_rate fine_tuning regime
domain task n_features n_classes n_tokens accelerator accelerator_memory trainer_class action_space n_actions
max_episode_steps environment algorithm budget
""".split()


@pytest.mark.parametrize("name", CONTRACT)
def test_every_name_of_the_contract_is_there(name: str) -> None:
    assert name in vocabulary().parameters


def test_bounds_are_sound() -> None:
    for parameter in vocabulary().parameters.values():
        if parameter.low is not None and parameter.high is not None:
            assert parameter.low < parameter.high, parameter.name
        assert parameter.description.endswith("."), parameter.name
        assert parameter.title, parameter.name
        bounded = parameter.low is not None or parameter.high is not None
        assert not bounded or parameter.numeric, f"{parameter.name} has bounds but is no number"


@pytest.mark.parametrize(
    ("name", "invalid", "valid"),
    [
        ("dropout", [1.0, -0.1], [0, 0.5]),
        ("beta2", [1.0, 99.9], [0.999]),
        ("beta1", [1.0, 9.0], [0.9, 0]),
        ("momentum", [1.0, 1.1, 9.0], [0.9, 0]),
        ("batch_size", [0, -8], [1]),
        ("learning_rate", [-1e-3], [1e-3, 30]),
        ("warmup_ratio", [1, 10], [0, 0.1]),
        ("label_smoothing", [1, 10], [0.1]),
        ("drop_path", [10], [0.1]),
        ("lora_rank", [0], [8]),
        ("lora_dropout", [5], [0.05]),
        ("weight_decay", [-0.01], [0, 0.1]),
        ("epsilon", [1e8, -1], [1e-8, 1e-30]),
        ("gradient_accumulation_steps", [0, -4], [1]),
        ("epochs", [-3], [0.5, 3]),
        ("subsample", [0, 24], [1, 0.5]),
        ("discount", [1.1], [0.99, 1]),
    ],
)
def test_hard_bounds(name: str, invalid: list[float], valid: list[float]) -> None:
    parameter = vocabulary().parameters[name]
    assert not [value for value in invalid if parameter.allows(value)]
    assert all(parameter.allows(value) for value in valid)


@pytest.mark.parametrize(
    "config",
    [
        {"batch_bins": 0, "batch_frames_inout": 0, "batch_size": 32},
        {"neftune_noise_alpha": 0.0},
        {"kl_threshold": 0, "algorithm": "ppo"},
        {"q_lora_rank": 0},
        {"layerwise_lr_decay": 0},
        {"layerwise_lr_decay": -1},
        {"relora_steps": 0},
        {"target_network_update_freq": 0, "tau": 0.005},
    ],
    ids=str,
)
def test_a_zero_that_switches_off_is_no_mistake(config: dict[str, Any]) -> None:
    report = advisor.check({"lr": 1e-3, **config})
    assert [finding for finding in report.findings if finding.severity == "error"] == []


def test_a_plain_spelling_means_one_parameter() -> None:
    owners: dict[tuple[str, ...], str] = {}
    for aliases in vocabulary().spellings():
        for alias in aliases:
            if alias.conditional or alias.also:
                continue
            owner = owners.setdefault(alias.words, alias.parameter)
            assert owner == alias.parameter, f"{'.'.join(alias.words)}: {owner} and {alias.parameter}"


def test_spellings_are_words_that_a_key_can_have() -> None:
    transparent = vocabulary().transparent
    for aliases in vocabulary().spellings():
        for alias in aliases:
            assert alias.words[-1] not in transparent, alias
            assert not set(alias.words[:-1]) & transparent, alias
            for word in alias.words:
                assert word == word.lower(), alias
                assert "-" not in word, alias


def test_named_values_are_unambiguous() -> None:
    data = packs.bundle()["vocabulary"]["choice"]
    for parameter, rows in data.items():
        owners: dict[str, str] = {}
        for name, row in rows.items():
            for spelled in (*row.get("aliases", ()), name):
                reduced = re.sub(r"[^a-z0-9]", "", spelled.lower())
                assert owners.setdefault(reduced, name) == name, f"{parameter}: {spelled}"
            assert row.get("parent") is None or row["parent"] in rows, f"{parameter}: {name}"


def test_derived_formulas_speak_of_what_exists() -> None:
    words = vocabulary()
    for name, row in words.derived.items():
        for formula in row["formulas"]:
            for used in expressions.compile(formula).names:
                assert used in words.parameters or used in words.derived, f"{name}: {used}"


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("torch.optim.AdamW", "adamw"),
        ("adamw_torch_fused", "adamw"),
        ("paged_adamw_8bit", "paged_adamw_8bit"),
        ("bitsandbytes.optim.AdamW8bit", "adamw_8bit"),
        ("tf.keras.optimizers.Adam", "adam"),
        ("apex.optimizers.FusedLAMB", "lamb"),
        ("tf.train.MomentumOptimizer", "sgd_momentum"),
        ("Adam.v1", "adam"),
        ("LARS", "lars"),
        ("Prodigy", "prodigy"),
        ("AdamWScheduleFree", "schedule_free_adamw"),
        ("DAdaptAdam", "dadapt_adam"),
        ("RMSpropTF", "rmsprop"),
        ("MuonWithAuxAdam", "muon"),
    ],
)
def test_optimizers_by_their_many_names(spelled: str, name: str) -> None:
    assert vocabulary().choice("optimizer", spelled) == name


def test_optimizers_descend_from_each_other() -> None:
    assert vocabulary().ancestors("optimizer", "paged_adamw_8bit") == (
        "paged_adamw_8bit",
        "adamw_8bit",
        "adamw",
        "adam",
    )
    assert vocabulary().ancestors("optimizer", "nesterov") == ("nesterov", "sgd_momentum", "sgd")


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("torch.optim.lr_scheduler.CosineAnnealingLR", "cosine"),
        ("ReduceLROnPlateau", "plateau"),
        ("cosine_with_restarts", "cosine_with_restarts"),
        ("WarmupMultiStepLR", "multistep"),
        ("WarmupDecayLR", "linear"),
        ("inverse_sqrt", "inverse_sqrt"),
        ("get_linear_schedule_with_warmup", "linear"),
        ("OneCycleLR", "one_cycle"),
        ("warmup_linear.v1", "linear"),
        ("tri_stage", "warmup_stable_decay"),
    ],
)
def test_schedules_by_their_many_names(spelled: str, name: str) -> None:
    assert vocabulary().choice("lr_schedule", spelled) == name


def generic(config: dict[str, Any]) -> tuple[dict[str, Any], dict[tuple[str | None, str], Any]]:
    """What the generic reading makes of a config: values by parameter, and by group and parameter."""
    (run,) = read(read_object(config), Dialects().named("generic"))
    first: dict[str, Any] = {}
    grouped: dict[tuple[str | None, str], Any] = {}
    for reading in run.readings:
        if reading.state in ("known", "list"):
            first.setdefault(reading.parameter, reading.value)
            grouped.setdefault((reading.group, reading.parameter), reading.value)
    return first, grouped


TRAINERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "OpenMMLab": (
        {
            "optimizer": {"type": "SGD", "lr": 0.02, "momentum": 0.9, "weight_decay": 1e-4},
            "optimizer_config": {"grad_clip": {"max_norm": 35, "norm_type": 2}},
            "lr_config": {
                "policy": "step",
                "warmup": "linear",
                "warmup_iters": 500,
                "warmup_ratio": 0.001,
                "step": [8, 11],
            },
            "data": {"samples_per_gpu": 2, "workers_per_gpu": 2},
            "model": {
                "type": "RetinaNet",
                "bbox_head": {"loss_cls": {"type": "FocalLoss", "gamma": 2.0, "alpha": 0.25}},
            },
            "runner": {"type": "EpochBasedRunner", "max_epochs": 12},
        },
        {
            "optimizer": "sgd",
            "learning_rate": 0.02,
            "momentum": 0.9,
            "weight_decay": 1e-4,
            "gradient_clip_norm": 35,
            "lr_schedule": "step",
            "warmup_steps": 500,
            "warmup_start_factor": 0.001,
            "lr_decay_steps": [8, 11],
            "batch_size": 2,
            "focal_gamma": 2.0,
            "focal_alpha": 0.25,
            "epochs": 12,
        },
    ),
    "Detectron2": (
        {
            "SOLVER": {
                "BASE_LR": 0.02,
                "IMS_PER_BATCH": 16,
                "STEPS": "(60000, 80000)",
                "MAX_ITER": 90000,
                "WARMUP_FACTOR": 0.001,
                "GAMMA": 0.1,
                "WEIGHT_DECAY_NORM": 0.0,
                "CLIP_GRADIENTS": {"CLIP_VALUE": 1.0, "CLIP_TYPE": "norm"},
            },
            "INPUT": {"MIN_SIZE_TRAIN": [640, 672]},
        },
        {
            "learning_rate": 0.02,
            "global_batch_size": 16,
            "lr_decay_steps": [60000, 80000],
            "max_steps": 90000,
            "warmup_start_factor": 0.001,
            "lr_decay_rate": 0.1,
            "gradient_clip_norm": 1.0,
        },
    ),
    "fairseq": (
        {
            "optimization": {"max_update": 320000, "lr": [5e-4], "update_freq": [2], "clip_norm": 10.0},
            "optimizer": {"_name": "adam", "adam_betas": "(0.9,0.98)", "adam_eps": 1e-6, "weight_decay": 0.01},
            "lr_scheduler": {"_name": "polynomial_decay", "warmup_updates": 32000},
            "dataset": {"max_tokens": 1400000},
            "model": {"dropout": 0.1, "encoder_layerdrop": 0.05},
        },
        {
            "max_steps": 320000,
            "learning_rate": 5e-4,
            "gradient_accumulation_steps": 2,
            "gradient_clip_norm": 10.0,
            "optimizer": "adam",
            "beta1": 0.9,
            "beta2": 0.98,
            "epsilon": 1e-6,
            "weight_decay": 0.01,
            "lr_schedule": "polynomial",
            "warmup_steps": 32000,
            "batch_tokens": 1400000,
            "dropout": 0.1,
            "layerdrop": 0.05,
        },
    ),
    "SpeechBrain": (
        {
            "number_of_epochs": 30,
            "lr": 0.9,
            "lr_wav2vec": 1e-4,
            "batch_size": 6,
            "freeze_wav2vec": False,
            "grad_accumulation_factor": 2,
            "sample_rate": 16000,
            "n_mels": 80,
            "win_length": 25,
            "max_grad_norm": 5.0,
        },
        {
            "epochs": 30,
            "learning_rate": 0.9,
            "backbone_learning_rate": 1e-4,
            "batch_size": 6,
            "freeze_backbone": False,
            "gradient_accumulation_steps": 2,
            "sample_rate": 16000,
            "n_mels": 80,
            "gradient_clip_norm": 5.0,
        },
    ),
    "ESPnet": (
        {
            "optim": "adam",
            "optim_conf": {"lr": 0.002, "weight_decay": 1e-6},
            "scheduler": "warmuplr",
            "scheduler_conf": {"warmup_steps": 15000},
            "max_epoch": 50,
            "accum_grad": 4,
            "batch_bins": 16000000,
            "grad_clip": 5.0,
            "patience": "none",
            "encoder_conf": {
                "output_size": 256,
                "attention_heads": 4,
                "linear_units": 2048,
                "num_blocks": 12,
                "dropout_rate": 0.1,
            },
        },
        {
            "optimizer": "adam",
            "learning_rate": 0.002,
            "weight_decay": 1e-6,
            "warmup_steps": 15000,
            "epochs": 50,
            "gradient_accumulation_steps": 4,
            "batch_tokens": 16000000,
            "gradient_clip_norm": 5.0,
            "num_attention_heads": 4,
            "intermediate_size": 2048,
            "dropout": 0.1,
        },
    ),
    "NeMo": (
        {
            "trainer": {
                "devices": 8,
                "num_nodes": 2,
                "max_epochs": 100,
                "accumulate_grad_batches": 1,
                "gradient_clip_val": 0.3,
                "precision": 16,
            },
            "model": {
                "train_ds": {"batch_size": 32, "max_duration": 16.7},
                "validation_ds": {"batch_size": 64},
                "optim": {
                    "name": "novograd",
                    "lr": 0.01,
                    "betas": [0.8, 0.5],
                    "weight_decay": 0.001,
                    "sched": {"name": "CosineAnnealing", "warmup_steps": 1000, "warmup_ratio": None, "min_lr": 1e-5},
                },
            },
        },
        {
            "n_gpus_per_node": 8,
            "num_nodes": 2,
            "epochs": 100,
            "gradient_accumulation_steps": 1,
            "gradient_clip_norm": 0.3,
            "precision": "fp16",
            "batch_size": 32,
            "eval_batch_size": 64,
            "optimizer": "novograd",
            "learning_rate": 0.01,
            "beta1": 0.8,
            "beta2": 0.5,
            "weight_decay": 0.001,
            "lr_schedule": "cosine",
            "warmup_steps": 1000,
            "min_learning_rate": 1e-5,
        },
    ),
    "OpenNMT": (
        {
            "optim": "adam",
            "learning_rate": 2,
            "warmup_steps": 8000,
            "decay_method": "noam",
            "adam_beta2": 0.998,
            "max_grad_norm": 0,
            "batch_size": 4096,
            "batch_type": "tokens",
            "normalization": "tokens",
            "label_smoothing": 0.1,
            "accum_count": [8],
            "accum_steps": [0],
            "train_steps": 200000,
            "layers": 6,
            "hidden_size": 512,
            "heads": 8,
            "transformer_ff": 2048,
            "dropout": [0.1],
            "valid_steps": 10000,
        },
        {
            "optimizer": "adam",
            "learning_rate": 2,
            "warmup_steps": 8000,
            "lr_schedule": "noam",
            "beta2": 0.998,
            "gradient_clip_norm": 0,
            "batch_tokens": 4096,
            "label_smoothing": 0.1,
            "gradient_accumulation_steps": 8,
            "max_steps": 200000,
            "num_layers": 6,
            "hidden_size": 512,
            "num_attention_heads": 8,
            "intermediate_size": 2048,
            "dropout": 0.1,
            "eval_steps": 10000,
        },
    ),
    "Marian": (
        {
            "learn-rate": 0.0003,
            "mini-batch": 64,
            "lr-warmup": 16000,
            "lr-decay-inv-sqrt": [16000],
            "clip-norm": 5,
            "label-smoothing": 0.1,
            "after-epochs": 20,
            "early-stopping": 10,
            "valid-freq": 5000,
            "transformer-dropout": 0.1,
            "seed": 1111,
        },
        {
            "learning_rate": 0.0003,
            "batch_size": 64,
            "warmup_steps": 16000,
            "gradient_clip_norm": 5,
            "label_smoothing": 0.1,
            "epochs": 20,
            "early_stopping_patience": 10,
            "eval_steps": 5000,
            "dropout": 0.1,
            "seed": 1111,
        },
    ),
    "Paddle": (
        {
            "epoch": 80,
            "LearningRate": {
                "base_lr": 0.001,
                "schedulers": [
                    {"name": "CosineDecay", "max_epochs": 96},
                    {"name": "LinearWarmup", "start_factor": 0.0, "epochs": 5},
                ],
            },
            "OptimizerBuilder": {"optimizer": {"type": "AdamW", "weight_decay": 0.05}, "clip_grad_by_norm": 1.0},
            "TrainReader": {"batch_size": 8},
            "worker_num": 4,
        },
        {
            "epochs": 80,
            "learning_rate": 0.001,
            "schedule_steps": 96,
            "optimizer": "adamw",
            "weight_decay": 0.05,
            "gradient_clip_norm": 1.0,
            "batch_size": 8,
        },
    ),
    "Composer": (
        {
            "max_duration": "4800ba",
            "global_train_batch_size": 1024,
            "device_train_microbatch_size": 16,
            "precision": "amp_bf16",
            "optimizer": {
                "name": "decoupled_adamw",
                "lr": 6e-4,
                "betas": [0.9, 0.95],
                "eps": 1e-8,
                "weight_decay": 0.0,
            },
            "scheduler": {"name": "cosine_with_warmup", "t_warmup": "100ba", "alpha_f": 0.1},
            "algorithms": {"gradient_clipping": {"clipping_type": "norm", "clipping_threshold": 1.0}},
        },
        {
            "max_steps": 4800,
            "global_batch_size": 1024,
            "batch_size": 16,
            "precision": "bf16",
            "optimizer": "adamw",
            "learning_rate": 6e-4,
            "beta1": 0.9,
            "beta2": 0.95,
            "epsilon": 1e-8,
            "weight_decay": 0.0,
            "lr_schedule": "cosine",
            "warmup_steps": 100,
            "min_lr_ratio": 0.1,
            "gradient_clip_norm": 1.0,
        },
    ),
    "Keras": (
        {
            "optimizer": {
                "class_name": "AdamW",
                "config": {"learning_rate": 1e-3, "beta_1": 0.9, "epsilon": 1e-7, "clipnorm": 1.0},
            },
            "callbacks": [
                {"class_name": "ReduceLROnPlateau", "config": {"patience": 10, "factor": 0.5}},
                {"class_name": "EarlyStopping", "config": {"patience": 3}},
            ],
            "layers": [
                {"class_name": "BatchNormalization", "config": {"momentum": 0.99, "epsilon": 1e-3}},
                {"class_name": "Dropout", "config": {"rate": 0.5}},
            ],
            "loss": "SparseCategoricalCrossentropy",
            "from_logits": True,
            "epochs": 5,
        },
        {
            "optimizer": "adamw",
            "learning_rate": 1e-3,
            "beta1": 0.9,
            "epsilon": 1e-7,
            "gradient_clip_norm": 1.0,
            "plateau_patience": 10,
            "lr_decay_rate": 0.5,
            "early_stopping_patience": 3,
            "batch_norm_momentum": 0.99,
            "normalization_epsilon": 1e-3,
            "dropout": 0.5,
            "loss": "sparse_categorical_crossentropy",
            "from_logits": True,
            "epochs": 5,
        },
    ),
    "darknet": (
        {
            "net": {
                "batch": 64,
                "subdivisions": 16,
                "learning_rate": 0.001,
                "burn_in": 1000,
                "momentum": 0.9,
                "decay": 0.0005,
                "max_batches": 500200,
                "policy": "steps",
                "steps": "400000,450000",
            }
        },
        {
            "batch_size": 64,
            "gradient_accumulation_steps": 16,
            "learning_rate": 0.001,
            "warmup_steps": 1000,
            "momentum": 0.9,
            "weight_decay": 0.0005,
            "max_steps": 500200,
        },
    ),
    "Caffe": (
        {
            "base_lr": 0.01,
            "lr_policy": "step",
            "gamma": 0.1,
            "stepsize": 100000,
            "max_iter": 450000,
            "momentum": 0.9,
            "weight_decay": 0.0005,
            "iter_size": 2,
            "solver_type": "SGD",
        },
        {
            "learning_rate": 0.01,
            "lr_schedule": "step",
            "lr_decay_rate": 0.1,
            "lr_decay_steps": [100000],
            "max_steps": 450000,
            "momentum": 0.9,
            "weight_decay": 0.0005,
            "gradient_accumulation_steps": 2,
            "optimizer": "sgd",
        },
    ),
    "TensorFlow object detection": (
        {
            "train_config": {
                "batch_size": 24,
                "num_steps": 200000,
                "fine_tune_checkpoint": "model.ckpt",
                "optimizer": {
                    "rms_prop_optimizer": {
                        "learning_rate": {
                            "exponential_decay_learning_rate": {
                                "initial_learning_rate": 0.004,
                                "decay_steps": 800720,
                                "decay_factor": 0.95,
                            }
                        },
                        "momentum_optimizer_value": 0.9,
                        "decay": 0.9,
                        "epsilon": 1.0,
                    }
                },
            },
            "eval_config": {"batch_size": 1},
        },
        {
            "batch_size": 24,
            "max_steps": 200000,
            "learning_rate": 0.004,
            "optimizer": "rmsprop",
            "lr_decay_rate": 0.95,
            "momentum": 0.9,
            "rho": 0.9,
            "eval_batch_size": 1,
        },
    ),
    "AllenNLP": (
        {
            "data_loader": {"batch_sampler": {"type": "bucket", "batch_size": 32}},
            "trainer": {
                "num_epochs": 10,
                "patience": 3,
                "grad_norm": 5.0,
                "validation_metric": "+f1",
                "optimizer": {"type": "huggingface_adamw", "lr": 2e-5, "weight_decay": 0.1},
                "learning_rate_scheduler": {"type": "slanted_triangular", "cut_frac": 0.06},
            },
        },
        {
            "batch_size": 32,
            "epochs": 10,
            "early_stopping_patience": 3,
            "gradient_clip_norm": 5.0,
            "optimizer": "adamw",
            "learning_rate": 2e-5,
            "weight_decay": 0.1,
        },
    ),
    "timm": (
        {
            "opt": "rmsproptf",
            "opt_eps": 0.001,
            "lr": 0.064,
            "warmup_lr": 1e-6,
            "sched": "step",
            "decay_epochs": 2.4,
            "decay_rate": 0.969,
            "drop": 0.3,
            "drop_path": 0.2,
            "model_ema": True,
            "model_ema_decay": 0.9999,
            "reprob": 0.2,
            "amp": True,
            "smoothing": 0.1,
            "b": 256,
            "epochs": 450,
            "mixup": 0.8,
            "cutmix": 1.0,
        },
        {
            "optimizer": "rmsprop",
            "epsilon": 0.001,
            "learning_rate": 0.064,
            "warmup_start_lr": 1e-6,
            "lr_schedule": "step",
            "lr_decay_rate": 0.969,
            "dropout": 0.3,
            "drop_path": 0.2,
            "use_ema": True,
            "ema_decay": 0.9999,
            "random_erase": 0.2,
            "amp": True,
            "label_smoothing": 0.1,
            "batch_size": 256,
            "epochs": 450,
            "mixup_alpha": 0.8,
            "cutmix_alpha": 1.0,
        },
    ),
    "Megatron": (
        {
            "lr": 6e-5,
            "min-lr": 6e-6,
            "lr-decay-style": "cosine",
            "lr-warmup-fraction": 0.001,
            "micro-batch-size": 4,
            "global-batch-size": 1536,
            "train-iters": 500000,
            "lr-decay-iters": 430000,
            "weight-decay": 0.1,
            "adam-beta1": 0.9,
            "adam-beta2": 0.95,
            "clip-grad": 1.0,
            "num-layers": 96,
            "hidden-size": 12288,
            "num-attention-heads": 96,
            "seq-length": 2048,
            "tensor-model-parallel-size": 8,
            "pipeline-model-parallel-size": 16,
            "hidden-dropout": 0.1,
        },
        {
            "learning_rate": 6e-5,
            "min_learning_rate": 6e-6,
            "lr_schedule": "cosine",
            "warmup_ratio": 0.001,
            "batch_size": 4,
            "global_batch_size": 1536,
            "max_steps": 500000,
            "schedule_steps": 430000,
            "weight_decay": 0.1,
            "beta1": 0.9,
            "beta2": 0.95,
            "gradient_clip_norm": 1.0,
            "num_layers": 96,
            "hidden_size": 12288,
            "num_attention_heads": 96,
            "max_sequence_length": 2048,
            "tensor_parallel_size": 8,
            "pipeline_parallel_size": 16,
            "hidden_dropout": 0.1,
        },
    ),
    "MaxText": (
        {
            "learning_rate": 3e-5,
            "warmup_steps_fraction": 0.1,
            "cosine_learning_rate_final_fraction": 0.1,
            "per_device_batch_size": 12,
            "steps": 150001,
            "adam_b1": 0.9,
            "adam_b2": 0.95,
            "adam_eps": 1e-8,
            "adam_weight_decay": 0.1,
            "gradient_clipping_threshold": 1.0,
            "base_emb_dim": 2048,
            "base_num_query_heads": 16,
            "max_target_length": 2048,
            "dtype": "bfloat16",
        },
        {
            "learning_rate": 3e-5,
            "warmup_ratio": 0.1,
            "min_lr_ratio": 0.1,
            "batch_size": 12,
            "max_steps": 150001,
            "beta1": 0.9,
            "beta2": 0.95,
            "epsilon": 1e-8,
            "weight_decay": 0.1,
            "gradient_clip_norm": 1.0,
            "hidden_size": 2048,
            "num_attention_heads": 16,
            "precision": "bf16",
        },
    ),
    "ML-Agents": (
        {
            "trainer_type": "ppo",
            "hyperparameters": {
                "batch_size": 1024,
                "buffer_size": 10240,
                "learning_rate": 3e-4,
                "beta": 0.005,
                "epsilon": 0.2,
                "lambd": 0.95,
                "num_epoch": 3,
                "learning_rate_schedule": "linear",
            },
            "reward_signals": {"extrinsic": {"gamma": 0.99, "strength": 1.0}},
            "max_steps": 500000,
            "time_horizon": 64,
        },
        {
            "batch_size": 1024,
            "buffer_size": 10240,
            "learning_rate": 3e-4,
            "entropy_coefficient": 0.005,
            "clip_range": 0.2,
            "gae_lambda": 0.95,
            "n_updates_per_rollout": 3,
            "lr_schedule": "linear",
            "discount": 0.99,
            "max_steps": 500000,
            "n_steps": 64,
        },
    ),
    "RLlib": (
        {
            "env": "Pong",
            "gamma": 0.99,
            "lr": 5e-5,
            "train_batch_size": 4000,
            "sgd_minibatch_size": 128,
            "num_sgd_iter": 30,
            "lambda": 0.95,
            "clip_param": 0.3,
            "kl_coeff": 0.2,
            "vf_loss_coeff": 1.0,
            "entropy_coeff": 0.01,
            "rollout_fragment_length": 200,
            "grad_clip": 0.5,
        },
        {
            "discount": 0.99,
            "learning_rate": 5e-5,
            "n_updates_per_rollout": 30,
            "gae_lambda": 0.95,
            "clip_range": 0.3,
            "kl_coefficient": 0.2,
            "value_coefficient": 1.0,
            "entropy_coefficient": 0.01,
            "n_steps": 200,
            "gradient_clip_norm": 0.5,
        },
    ),
    "CleanRL": (
        {
            "env_id": "CartPole-v1",
            "total_timesteps": 500000,
            "learning_rate": 2.5e-4,
            "num_envs": 4,
            "num_steps": 128,
            "anneal_lr": True,
            "gamma": 0.99,
            "gae_lambda": 0.95,
            "num_minibatches": 4,
            "update_epochs": 4,
            "norm_adv": True,
            "clip_coef": 0.2,
            "ent_coef": 0.01,
            "vf_coef": 0.5,
            "max_grad_norm": 0.5,
            "target_kl": None,
        },
        {
            "max_steps": 500000,
            "learning_rate": 2.5e-4,
            "n_envs": 4,
            "n_steps": 128,
            "lr_schedule": "linear",
            "discount": 0.99,
            "gae_lambda": 0.95,
            "num_minibatches": 4,
            "n_updates_per_rollout": 4,
            "normalize_advantage": True,
            "clip_range": 0.2,
            "entropy_coefficient": 0.01,
            "value_coefficient": 0.5,
            "gradient_clip_norm": 0.5,
        },
    ),
    "rl_games": (
        {
            "algo": {"name": "a2c_continuous"},
            "config": {
                "learning_rate": 3e-4,
                "gamma": 0.99,
                "tau": 0.95,
                "e_clip": 0.2,
                "horizon_length": 32,
                "minibatch_size": 16384,
                "mini_epochs": 8,
                "critic_coef": 4,
                "entropy_coef": 0.0,
                "grad_norm": 1.0,
                "kl_threshold": 0.008,
                "max_epochs": 1000,
            },
        },
        {
            "learning_rate": 3e-4,
            "discount": 0.99,
            "gae_lambda": 0.95,
            "clip_range": 0.2,
            "n_steps": 32,
            "batch_size": 16384,
            "n_updates_per_rollout": 8,
            "value_coefficient": 4,
            "gradient_clip_norm": 1.0,
            "target_kl": 0.008,
            "epochs": 1000,
        },
    ),
    "DQN": (
        {
            "env": "CartPole",
            "lr": 1e-3,
            "gamma": 0.99,
            "tau": 0.005,
            "memory_size": 10000,
            "batch_size": 128,
            "eps_start": 0.9,
            "eps_end": 0.05,
            "eps_decay": 1000,
            "target_update": 10,
        },
        {
            "learning_rate": 1e-3,
            "discount": 0.99,
            "target_update_rate": 0.005,
            "buffer_size": 10000,
            "batch_size": 128,
            "exploration_initial_eps": 0.9,
            "exploration_final_eps": 0.05,
            "exploration_steps": 1000,
            "target_update_interval": 10,
        },
    ),
    "boosted trees": (
        {
            "booster": "gbtree",
            "eta": 0.1,
            "gamma": 0.2,
            "max_depth": 6,
            "min_child_weight": 1,
            "subsample": 0.8,
            "colsample_bytree": 0.8,
            "lambda": 1,
            "alpha": 0,
            "num_boost_round": 200,
        },
        {
            "learning_rate": 0.1,
            "min_split_loss": 0.2,
            "max_depth": 6,
            "min_child_weight": 1,
            "subsample": 0.8,
            "colsample": 0.8,
            "l2": 1,
            "l1": 0,
            "n_estimators": 200,
        },
    ),
    "support vectors": (
        {"model": "SVC", "kernel": "rbf", "C": 10, "gamma": 0.01},
        {"regularization_c": 10, "kernel_gamma": 0.01},
    ),
    "clusters": (
        {"model": "KMeans", "n_clusters": 8, "n_init": 10, "random_state": 0},
        {"n_clusters": 8, "n_init": 10, "seed": 0},
    ),
    "GraphGym": (
        {
            "gnn": {"layers_mp": 3, "dim_inner": 256, "dropout": 0.5, "act": "relu"},
            "optim": {"optimizer": "adam", "base_lr": 0.01, "weight_decay": 5e-4, "max_epoch": 200, "scheduler": "cos"},
            "train": {"batch_size": 128},
        },
        {
            "dropout": 0.5,
            "activation": "relu",
            "optimizer": "adam",
            "learning_rate": 0.01,
            "weight_decay": 5e-4,
            "epochs": 200,
            "lr_schedule": "cosine",
            "batch_size": 128,
        },
    ),
    "RecBole": (
        {
            "learning_rate": 0.001,
            "train_batch_size": 2048,
            "epochs": 300,
            "stopping_step": 10,
            "eval_step": 1,
            "learner": "adam",
            "weight_decay": 0.0,
        },
        {
            "learning_rate": 0.001,
            "batch_size": 2048,
            "epochs": 300,
            "early_stopping_patience": 10,
            "optimizer": "adam",
            "weight_decay": 0.0,
        },
    ),
    "DETR": (
        {
            "lr": 1e-4,
            "lr_backbone": 1e-5,
            "batch_size": 2,
            "weight_decay": 1e-4,
            "epochs": 300,
            "lr_drop": 200,
            "clip_max_norm": 0.1,
            "nheads": 8,
            "hidden_dim": 256,
            "dim_feedforward": 2048,
        },
        {
            "learning_rate": 1e-4,
            "backbone_learning_rate": 1e-5,
            "batch_size": 2,
            "weight_decay": 1e-4,
            "epochs": 300,
            "lr_decay_steps": [200],
            "gradient_clip_norm": 0.1,
            "num_attention_heads": 8,
            "hidden_size": 256,
            "intermediate_size": 2048,
        },
    ),
}


@pytest.mark.parametrize("trainer", TRAINERS)
def test_words_of_trainers_without_a_dialect(trainer: str) -> None:
    config, wanted = TRAINERS[trainer]
    found, _ = generic(config)
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"warmup": 0.01, "lr": 1}, {"warmup_ratio": 0.01}),
        ({"warmup": 2000, "lr": 1}, {"warmup_steps": 2000}),
        ({"keep_prob": 0.9}, {"dropout": pytest.approx(0.1)}),
        ({"one_minus_beta1": 0.1}, {"beta1": pytest.approx(0.9)}),
        ({"fp16": {"enabled": True}}, {"fp16": True, "precision": "fp16"}),
        ({"bf16": True, "fp16": False}, {"bf16": True, "precision": "bf16", "fp16": False}),
        ({"amp": False, "dtype": "float16"}, {"precision": "pure_fp16", "amp": False}),
        (
            {"norm": {"type": "BatchNorm2d", "momentum": 0.9, "eps": 1e-5}},
            {"batch_norm_momentum": 0.9, "normalization": "batch_norm"},
        ),
        ({"optimizer": {"name": "adam", "params": {"lr": 0.1}}}, {"optimizer": "adam", "learning_rate": 0.1}),
        ({"optimizer": {"AdamW": {"lr": 0.1}}}, {"optimizer": "adamw", "learning_rate": 0.1}),
        ({"momentum": 0.9, "lr": 0.1}, {"momentum": 0.9}),
        ({"learning_rate": "1e-5"}, {"learning_rate": 1e-5}),
        ({"batch_size_type": "frame", "batch_size_per_gpu": 38400}, {"batch_tokens": 38400, "batch_size": None}),
        ({"algorithms": {"ema": {"smoothing": 0.9999}}}, {"ema_decay": 0.9999, "label_smoothing": None}),
        ({"batch_size_type": "sample", "batch_size_per_gpu": 16}, {"batch_tokens": None, "batch_size": 16}),
    ],
)
def test_words_that_depend_on_their_value_or_place(config: dict[str, Any], wanted: dict[str, Any]) -> None:
    found, _ = generic(config)
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("config", "silent"),
    [
        ({"profiler": {"warmup_steps": 3}}, "warmup_steps"),
        ({"evaluation": {"batch_size": 8}}, "batch_size"),
        ({"val": {"dropout": 0.5}}, "dropout"),
        ({"norm": {"type": "BN", "momentum": 0.1}}, "momentum"),
        ({"norm": {"type": "BN", "eps": 1e-3}}, "epsilon"),
        ({"loss": {"name": "ppo", "epsilon": 0.2}}, "epsilon"),
        ({"moco": {"momentum": 0.999}}, "momentum"),
        ({"planner_cfgs": {"momentum": 0.1}}, "momentum"),
        ({"cem": {"momentum": 0.1}}, "momentum"),
        ({"scheduler": {"gamma": 0.1, "step_size": 30}}, "discount"),
        ({"scheduler": {"type": "cosine", "epochs": 100}}, "epochs"),
        ({"mixup": {"alpha": 0.2}}, "lora_alpha"),
        ({"jobs": {"test": {"steps": 12}}}, "max_steps"),
        ({"generation": {"temperature": 0.7}}, "temperature"),
        ({"tokenizer": {"model": "spm.model"}}, "model"),
        ({"encoder": {"depth": 50}}, "num_layers"),
    ],
)
def test_words_that_are_something_else_there(config: dict[str, Any], silent: str) -> None:
    found, _ = generic(config)
    assert silent not in found


def test_rates_of_several_networks_are_told_apart() -> None:
    _, grouped = generic({"lr": 2e-4, "lr_d": 4e-4, "generator_lr": 1e-4, "unet_lr": 1e-5, "actor_lr": 3e-4})
    assert grouped[None, "learning_rate"] == 2e-4
    assert grouped["discriminator", "learning_rate"] == 4e-4
    assert grouped["generator", "learning_rate"] == 1e-4
    assert grouped["unet", "learning_rate"] == 1e-5
    assert grouped["actor", "learning_rate"] == 3e-4


SAMPLES = {"epsilon": 1e-8, "normalization": "layer_norm", "activation": "relu", "loss": "mse", "precision": "bf16"}


def test_canonical_names_are_their_own_spelling() -> None:
    kinds = {"number": 1, "integer": 1, "boolean": True, "text": "x", "choice": "x", "list": ["a"]}
    for name in CONTRACT:
        value = SAMPLES.get(name, kinds[vocabulary().parameters[name].kind])
        found, _ = generic({name: value})
        assert name in found, name
