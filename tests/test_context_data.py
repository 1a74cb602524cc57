"""The context tables: names hang together, patterns are sound, well-known names mean what the field means by them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import advisor
from advisor import context, packs
from advisor.patterns import pieces

ROOM = Path(__file__).resolve().parent.parent / "rules" / "context"


def tables(name: str) -> dict[str, Any]:
    return packs.parse_toml(name, (ROOM / f"{name}.toml").read_text(encoding="utf-8"))


VALUES: dict[str, dict[str, dict[str, Any]]] = tables("values")["value"]
MODELS: list[dict[str, Any]] = tables("models")["model"]
EVIDENCE: list[dict[str, Any]] = tables("evidence")["evidence"]
TASKS: list[dict[str, Any]] = tables("tasks")["task"]


def test_every_parent_exists_and_no_name_is_its_own_ancestor() -> None:
    for key, names in VALUES.items():
        for name in names:
            line = [name]
            while (parent := names[line[-1]].get("parent")) is not None:
                assert parent in names, f"{key}.{line[-1]}: no parent {parent}"
                assert parent not in line, f"{key}.{name} is its own ancestor"
                line.append(parent)


def test_every_name_is_snake_case_and_has_a_title() -> None:
    for key, names in VALUES.items():
        for name, row in names.items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), f"{key}.{name}"
            assert row.get("title"), f"{key}.{name}"


def given_by(row: dict[str, Any]) -> dict[str, Any]:
    return row.get("gives") or {
        key: row[key] for key in ("family", "domain", "task", "regime", "adapter") if key in row
    }


@pytest.mark.parametrize("row", [*MODELS, *EVIDENCE, *TASKS], ids=lambda row: row.get("match", row.get("where"))[:60])
def test_what_a_row_gives_is_a_name_that_exists(row: dict[str, Any]) -> None:
    found = given_by(row)
    assert found
    for key, value in found.items():
        assert context.known_value(key, value), f"{key} = {value}"


@pytest.mark.parametrize("row", [*MODELS, *TASKS], ids=lambda row: row["match"][:60])
def test_patterns_compile_and_match_no_empty_name(row: dict[str, Any]) -> None:
    pattern = re.compile(row["match"])
    assert not pattern.search("")
    assert not pattern.search("output")
    assert "(" not in row["match"] or row["match"].count("(") == row["match"].count(")")


def test_no_model_pattern_is_hidden_by_an_earlier_identical_one() -> None:
    seen = [row["match"] for row in MODELS]
    assert len(seen) == len(set(seen))


def test_every_row_of_evidence_names_what_it_looks_at() -> None:
    assert all(row["from"] for row in EVIDENCE)


def test_sizes_are_plausible_numbers_of_parameters() -> None:
    for row in MODELS:
        for word, size in row.get("sizes", {}).items():
            assert 1e4 <= size <= 2e12, f"{row['match']}: {word}"


# ---- names and what the field means by them: name, family or an ancestor of it, domain, parameters (within 15%)
NAMES: list[tuple[str, str, str | None, float | None]] = [
    ("bert-base-uncased", "bert", "nlp", 110e6),
    ("google/bert_uncased_L-2_H-128_A-2", "bert", "nlp", None),
    ("FacebookAI/roberta-large", "roberta", "nlp", 355e6),
    ("xlm-roberta-base", "xlm_roberta", "nlp", 278e6),
    ("microsoft/deberta-v3-large", "deberta_v3", "nlp", 435e6),
    ("google/electra-small-discriminator", "electra", "nlp", 14e6),
    ("albert-base-v2", "albert", "nlp", 11.7e6),
    ("distilbert-base-cased", "distilbert", "nlp", 66e6),
    ("answerdotai/ModernBERT-base", "modernbert", "nlp", 149e6),
    ("t5-large", "t5", "nlp", 770e6),
    ("google/flan-t5-xxl", "flan_t5", "nlp", 11.3e9),
    ("google/mt5-small", "mt5", "nlp", 300e6),
    ("facebook/bart-base", "bart", "nlp", 139e6),
    ("Helsinki-NLP/opus-mt-de-en", "transformer_mt", "nlp", None),
    ("facebook/nllb-200-3.3B", "nllb", "nlp", 3.3e9),
    ("openai-community/gpt2-medium", "gpt2", "llm", 355e6),
    ("EleutherAI/gpt-neo-1.3B", "gpt_neo", "llm", 1.3e9),
    ("EleutherAI/gpt-neox-20b", "gpt_neox", "llm", 20e9),
    ("EleutherAI/pythia-410m-deduped", "pythia", "llm", 410e6),
    ("facebook/opt-6.7b", "opt", "llm", 6.7e9),
    ("bigscience/bloom-7b1", "bloom", "llm", None),
    ("huggyllama/llama-13b", "llama1", "llm", 13e9),
    ("huggyllama/llama-30b", "llama1", "llm", 30e9),
    ("meta-llama/Llama-2-70b-hf", "llama2", "llm", 70e9),
    ("meta-llama/Llama-3.2-3B-Instruct", "llama3", "llm", 3e9),
    ("meta-llama/Llama-4-Scout-17B-16E", "llama4", "llm", None),
    ("mistralai/Mistral-7B-v0.3", "mistral", "llm", 7e9),
    ("mistralai/Mixtral-8x22B-v0.1", "mixtral", "llm", 176e9),
    ("Qwen/Qwen2.5-0.5B", "qwen2", "llm", 0.5e9),
    ("Qwen/Qwen3-235B-A22B", "qwen_moe", "llm", 235e9),
    ("google/gemma-2-9b-it", "gemma", "llm", 9e9),
    ("microsoft/phi-2", "phi", "llm", 2.7e9),
    ("tiiuae/falcon-40b", "falcon", "llm", 40e9),
    ("01-ai/Yi-34B", "yi", "llm", 34e9),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "qwen2", "llm", 1.5e9),
    ("deepseek-ai/DeepSeek-V3", "deepseek_v3", "llm", 671e9),
    ("THUDM/chatglm3-6b", "chatglm", "llm", 6e9),
    ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "tinyllama", "llm", 1.1e9),
    ("allenai/OLMo-2-1124-7B", "olmo2", "llm", 7e9),
    ("HuggingFaceTB/SmolLM2-360M", "smollm", "llm", 360e6),
    ("state-spaces/mamba-790m", "mamba", "llm", 790e6),
    ("LlamaForCausalLM", "llama", "llm", None),
    ("llava-hf/llava-v1.6-mistral-7b-hf", "llava", "vlm", 7e9),
    ("google/vit-large-patch32-384", "vit", "vision", 304e6),
    ("vit_small_patch16_224.dino", "vit", "vision", 22e6),
    ("ViT-L/14", "vit", "vision", 304e6),
    ("deit3_base_patch16_224", "deit3", "vision", 86e6),
    ("microsoft/swin-small-patch4-window7-224", "swin", "vision", 49.6e6),
    ("convnext_tiny.fb_in1k", "convnext", "vision", 28.6e6),
    ("facebook/dinov2-giant", "dinov2", "vision", 1e9),
    ("resnet50", "resnet", "vision", 25.6e6),
    ("torchvision.models.resnet101", "resnet", "vision", 44.5e6),
    ("wide_resnet50_2", "wide_resnet", "vision", None),
    ("vgg19_bn", "cnn_without_norm", "vision", 143.7e6),
    ("efficientnet_b4", "efficientnet", "vision", 19.3e6),
    ("mobilenet_v3_small", "mobilenet_v3", "vision", 2.5e6),
    ("densenet201", "densenet", "vision", 20e6),
    ("yolov8m.pt", "yolo", "vision", 26e6),
    ("faster_rcnn_R_101_FPN_3x", "faster_rcnn", "vision", None),
    ("Mask R-CNN with a Swin-T backbone", "mask_rcnn", "vision", None),
    ("RetinaNet ResNet-101", "retinanet", "vision", None),
    ("facebook/detr-resnet-101", "detr", "vision", None),
    ("IDEA-Research/dino-detr", "dino_detr", "vision", None),
    ("facebook/dino-vits8", "dino", "vision", None),
    ("ssdlite320_mobilenet_v3_large", "ssdlite", "vision", None),
    ("deeplabv3plus_resnet101", "deeplab", "vision", None),
    ("nvidia/segformer-b5-finetuned-ade-640-640", "segformer", "vision", 84.7e6),
    ("U-Net (VGG16 encoder)", "unet", "vision", None),
    ("openai/clip-vit-large-patch14", "clip_vit", "contrastive", 428e6),
    ("google/siglip-so400m-patch14-384", "siglip", "contrastive", None),
    ("sentence-transformers/all-mpnet-base-v2", "sentence_transformer", "contrastive", None),
    ("BAAI/bge-large-en-v1.5", "sentence_transformer", "contrastive", 335e6),
    ("MoCo v2", "moco", "contrastive", None),
    ("stable-diffusion-v1-5/stable-diffusion-v1-5", "stable_diffusion", "diffusion", None),
    ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl", "diffusion", None),
    ("stabilityai/stable-diffusion-3.5-large", "sd3", "diffusion", 8e9),
    ("black-forest-labs/FLUX.1-schnell", "flux", "diffusion", None),
    ("DiT-XL/2", "dit", "diffusion", 675e6),
    ("facebook/wav2vec2-large-960h", "wav2vec2", "speech", 317e6),
    ("openai/whisper-tiny.en", "whisper", "speech", 39e6),
    ("openai/whisper-large-v2", "whisper_large_v2", "speech", 1550e6),
    ("Tacotron 2", "tacotron", "speech", None),
    ("HiFi-GAN", "hifi_gan", "speech", None),
    ("StyleGAN3", "stylegan", "gan", None),
    ("WGAN-GP", "wgan_gp", "gan", None),
    ("CycleGAN", "image_to_image_gan", "gan", None),
    ("beta-VAE", "vae", "vae", None),
    ("GraphSAGE", "graphsage", "graph", None),
    ("GATv2", "gat", "graph", None),
    ("RecurrentPPO", "ppo", "rl", None),
    ("QR-DQN", "dqn", "rl", None),
    ("MADDPG", "ddpg", "rl", None),
    ("AWD-LSTM", "awd_lstm", "nlp", None),
    ("LSTM language model", "rnn_lm", "nlp", None),
    ("bidirectional LSTM", "lstm", None, None),
    ("LGBMRegressor", "lightgbm", "tabular", None),
    ("xgb.XGBRanker", "xgboost", "tabular", None),
    ("sklearn.ensemble.RandomForestRegressor", "sklearn_random_forest", "tabular", None),
    ("FT-Transformer", "ft_transformer", "tabular", None),
    ("three-layer CNN", "small_cnn", None, None),
    ("2-layer MLP", "mlp", None, None),
    ("Temporal Fusion Transformer", "tft", "time_series", None),
    ("picodet_s_320_coco_lcnet", "light_yolo", "vision", None),
    ("YOLOv6-lite-l", "light_yolo", "vision", None),
    ("yolov6l", "yolo", "vision", None),
    ("our own LLM", "decoder_lm", "llm", None),
    ("7B LLM", "decoder_lm", "llm", 7e9),
]


@pytest.mark.parametrize(("name", "family", "domain", "size"), NAMES, ids=[row[0] for row in NAMES])
def test_a_well_known_name(name: str, family: str, domain: str | None, size: float | None) -> None:
    found = context.model_facts(name)
    assert family in context.ancestors("family", found["family"])
    assert found.get("domain") == domain
    if size is not None:
        assert found["num_parameters"] == pytest.approx(size, rel=0.15)


@pytest.mark.parametrize(
    "name",
    [
        "model",
        "net",
        "policy",
        "my_experiment",
        "adopt",
        "edit",
        "optimal",
        "sample",
        "sequential",
        "./outputs/run_3",
        "auto",
    ],
)
def test_a_name_that_says_nothing(name: str) -> None:
    assert "family" not in context.model_facts(name)


def test_facts_of_checkpoints() -> None:
    assert context.model_facts("roberta-base")["model_max_length"] == 512
    assert context.model_facts("gpt2-xl")["model_max_length"] == 1024
    assert context.model_facts("google/t5-v1_1-base")["pretrained_precision"] == "bf16"
    assert "model_max_length" not in context.model_facts("meta-llama/Llama-3.1-8B")
    assert "pretrained_precision" not in context.model_facts("bert-base-cased")


@pytest.mark.parametrize("name", [row[0] for row in NAMES])
def test_pieces_never_hide_a_match(name: str) -> None:
    for row in MODELS:
        if re.search(row["match"], name, re.IGNORECASE):
            needed = pieces(row["match"])
            assert not needed or any(piece in name.lower() for piece in needed), row["match"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("mobile-?_?net", ["mobile"]),
        ("nets?|ab*c", ["a", "net"]),
        (r"(?<![a-z])vit(?![a-z])|deit\d", ["deit", "vit"]),
        ("(gan|vae)-x", ["-x"]),
        ("(gan|vae)", []),
        ("[ab]c+d{0,2}|x", ["c", "x"]),
        (r"\bq-?lora\b", ["lora"]),
    ],
)
def test_pieces_of_a_pattern(pattern: str, expected: list[str]) -> None:
    assert pieces(pattern) == expected


# ---- free text about the task
TEXTS: list[tuple[str, dict[str, str]]] = [
    ("LLM SFT", {"task": "sft", "domain": "llm", "regime": "finetune"}),
    ("QLoRA fine-tuning of a chat model", {"adapter": "qlora", "regime": "finetune"}),
    ("DPO on top of an SFT model", {"task": "dpo", "domain": "llm"}),
    ("RLHF with PPO", {"task": "ppo_lm", "domain": "llm"}),
    ("GRPO for maths", {"task": "grpo", "domain": "llm"}),
    ("training a reward model", {"task": "reward_model"}),
    ("continual pre-training", {"task": "continued_pretraining"}),
    ("LLM pretraining", {"regime": "pretrain", "domain": "llm"}),
    ("object detection (aerial images)", {"task": "detection", "domain": "vision"}),
    ("instance segmentation", {"task": "instance_segmentation", "domain": "vision"}),
    ("ImageNet classification", {"task": "image_classification", "domain": "vision", "data": "imagenet"}),
    ("named-entity recognition", {"task": "token_classification", "domain": "nlp"}),
    ("news classification", {"task": "text_classification", "domain": "nlp"}),
    ("machine translation", {"task": "translation", "domain": "nlp"}),
    ("automatic speech recognition", {"task": "speech_recognition", "domain": "speech"}),
    ("text-to-speech", {"task": "text_to_speech", "domain": "speech"}),
    ("reinforcement learning (Atari)", {"domain": "rl", "regime": "rl", "env": "atari"}),
    ("node classification", {"domain": "graph"}),
    ("click-through rate prediction", {"domain": "recommendation"}),
    ("DreamBooth", {"task": "dreambooth", "domain": "diffusion"}),
]


def told(text: str) -> dict[str, str]:
    found = context.Context()
    for row in TASKS:
        if re.search(row["match"], text, re.IGNORECASE):
            for key, value in row["gives"].items():
                found.add(context.Fact(key, value, text))
    return {key: fact.value for key, fact in found.facts.items()}


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[row[0] for row in TEXTS])
def test_free_text_is_understood(text: str, expected: dict[str, str]) -> None:
    found = told(text)
    for key, value in expected.items():
        assert value in context.ancestors(key, found[key])


@pytest.mark.parametrize("text", ["", "any", "smoke test", "debugging", "experiment 3"])
def test_text_that_says_nothing(text: str) -> None:
    assert told(text) == {}


def test_pretraining_words_do_not_turn_continued_training_into_a_start() -> None:
    assert "regime" not in told("continued pre-training")


def test_reinforcement_learning_of_a_language_model_is_no_agent() -> None:
    assert told("RL fine-tuning of a language model").get("domain") == "llm"
    assert told("reinforcement learning from human feedback").get("regime") != "rl"


def test_a_file_is_named_after_the_model_that_its_base_file_builds(tmp_path: Path) -> None:
    recipe = tmp_path / "mask_rcnn_r50_fpn_1x.yml"
    recipe.write_text("epoch: 12\nLearningRate:\n  base_lr: 0.01\n", encoding="utf-8")
    found = advisor.check(recipe).files[0].context
    assert found["family"] == "mask_rcnn"
    assert found["domain"] == "vision"


def test_the_name_of_a_file_never_contradicts_what_stands_in_it(tmp_path: Path) -> None:
    recipe = tmp_path / "bert.yml"
    recipe.write_text("env_id: CartPole-v1\ngae_lambda: 0.95\nclip_range: 0.2\nlearning_rate: 3e-4\n", encoding="utf-8")
    found = advisor.check(recipe).files[0].context
    assert found["domain"] == "rl"
    assert found.get("family") != "bert"


def test_a_checkpoint_that_is_called_untrained_is_trained_from_scratch() -> None:
    def rated(model: str) -> list[tuple[str, str]]:
        config = {"model_name_or_path": model, "per_device_train_batch_size": 6, "optim": "adamw_torch"}
        findings = advisor.check({**config, "num_train_epochs": 4, "learning_rate": 1.5e-3}).findings
        return [(finding.code, finding.severity) for finding in findings if finding.code == "LR001"]

    assert rated("./tts-untrained-600M/") == []
    assert rated("./tts-600M/") == [("LR001", "warning")]


@pytest.mark.parametrize(
    ("config", "family"),
    [({"policy_delay": 2}, None), ({"policy_delay": 2, "target_policy_noise": 0.2}, "td3")],
    ids=["delay", "noise"],
)
def test_a_delayed_actor_is_not_td3s_alone(config: dict[str, Any], family: str | None) -> None:
    found = advisor.check({"learning_rate": 1e-3, **config}).files[0].context
    assert (found["domain"], found.get("family")) == ("rl", family)
