"""Moving a setup: the documented rules, what they say about their limits, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from advisor import laws, packs
from advisor import scale as scaling
from advisor.parameters import vocabulary
from advisor.scale import ScaleError, scale, scale_learning_rate


@pytest.mark.parametrize(
    ("rate", "from_batch", "to_batch", "rule", "expected"),
    [
        (5e-4, 128, 1024, None, 1.41421e-3),
        (5e-4, 128, 1024, "sqrt", 1.41421e-3),
        (5e-4, 128, 1024, "linear", 4e-3),
        (5e-4, 128, 1024, "none", 5e-4),
        (1e-3, 256, 64, "sqrt", 5e-4),
        (0.1, 256, 8192, "linear", 3.2),
        (0.1, 256, 32, "linear", 0.0125),
        (3e-4, 32, 4096, "sqrt", 3.39411e-3),
    ],
)
def test_rate_at_another_batch(rate: float, from_batch: int, to_batch: int, rule: str | None, expected: float) -> None:
    got = scale_learning_rate(rate, from_batch=from_batch, to_batch=to_batch, rule=rule)
    assert got == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("optimizer", "rule"),
    [
        (None, "sqrt"),
        ("torch.optim.AdamW", "sqrt"),
        ("paged_adamw_8bit", "sqrt"),
        ("RMSprop", "sqrt"),
        ("LAMB", "sqrt"),
        ("Lion", "sqrt"),
        ("sgd", "linear"),
        ("SGD_momentum", "linear"),
        ("keras.optimizers.SGD", "linear"),
        ("LARS", "linear"),
        ("Prodigy", "none"),
        ("DAdaptAdam", "none"),
        ("an optimizer of next year", "sqrt"),
    ],
)
def test_rule_by_optimizer(optimizer: str | None, rule: str) -> None:
    assert scale(1e-3, from_batch=32, to_batch=64, optimizer=optimizer).rule == rule


def test_arithmetic_and_factor_are_shown() -> None:
    got = scale(5e-4, from_batch=128, to_batch=1024)
    assert got.factor == pytest.approx(8**0.5)
    assert got.arithmetic == "0.0005 * sqrt(1024 / 128) = 0.00141421"
    assert any("Malladi" in source for source in got.sources)
    assert got.advice == ()


def test_devices_and_accumulation_make_the_batch() -> None:
    moved = scale(1e-4, from_batch=4, from_devices=1, to_devices=4, from_accumulation=1, to_accumulation=8)
    assert moved.arithmetic.startswith("0.0001 * sqrt(128 / 4)")
    same = scale(1e-4, from_batch=4, to_batch=2, from_accumulation=8, to_accumulation=16)
    assert same.learning_rate == pytest.approx(1e-4)


def test_full_adaptive_rule_moves_betas_and_epsilon() -> None:
    got = scale(1e-3, from_batch=64, to_batch=256, rule="adaptive")
    assert got.learning_rate == pytest.approx(2e-3)
    assert got.betas == pytest.approx((0.6, 0.996))
    assert got.epsilon == pytest.approx(5e-9)


def test_full_adaptive_rule_ends_where_beta1_would_be_negative() -> None:
    with pytest.raises(laws.LawError, match=r"beta1 would become -0\.2"):
        scale(1e-3, from_batch=1, to_batch=12, rule="adaptive")


def test_critical_batch() -> None:
    got = scale(1e-3, from_batch=1e9, to_batch=250, rule="critical", noise_scale=1000)
    assert got.learning_rate == pytest.approx(2e-4, rel=1e-3)
    with pytest.raises(ScaleError, match="noise_scale"):
        scale(1e-3, from_batch=64, to_batch=128, rule="critical")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"from_batch": 32, "to_batch": 4096}, "more than 64 times"),
        ({"from_batch": 4096, "to_batch": 32}, "more than 64 times"),
        ({"from_batch": 256, "to_batch": 16384, "optimizer": "sgd"}, "up to about 8192"),
        ({"from_batch": 256, "to_batch": 512, "optimizer": "sgd"}, "five epochs"),
        ({"from_batch": 256, "to_batch": 16384, "optimizer": "sgd"}, r"\(square root\) or use LARS or LAMB$"),
        ({"from_batch": 256, "to_batch": 16384, "optimizer": "lars"}, r"raise the rate less \(square root\)$"),
        ({"from_batch": 32, "to_batch": 512}, r"exceeds 1/\(1 - beta1\) = 10, where the derivation of the rule ends"),
        ({"from_batch": 32, "to_batch": 256, "rule": "adaptive"}, "beyond k of 4 to 8"),
        ({"from_batch": 512, "to_batch": 1024, "optimizer": "adamw", "recipe": "deit_small"}, "0.002 is its own value"),
        ({"from_batch": 64, "to_batch": 256, "noise_scale": 100.0}, "above the gradient noise scale"),
        (
            {"from_batch": 64, "to_batch": 256, "optimizer": "prodigy"},
            r"finds its own step size: .*; its authors leave it at 1\.0, not 0\.001$",
        ),
    ],
)
def test_advice_where_a_rule_stops_holding(arguments: dict[str, object], says: str) -> None:
    advice = "\n".join(scale(1e-3, **arguments).advice)  # type: ignore[arg-type]
    assert re.search(says, advice, re.MULTILINE), advice


@pytest.mark.parametrize(
    "arguments",
    [
        {"from_batch": 64, "to_batch": 256},
        {"from_batch": 256, "to_batch": 64, "optimizer": "sgd"},
        {"from_batch": 256, "to_batch": 256, "optimizer": "sgd"},
        {"from_batch": 32, "to_batch": 2048, "rule": "none"},
    ],
)
def test_no_advice_where_the_rule_holds(arguments: dict[str, object]) -> None:
    assert scale(1e-3, **arguments).advice == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["inverse", "inverse-sqrt", "decrease"])
def test_lowering_the_rate_for_a_larger_batch_is_refused(rule: str) -> None:
    with pytest.raises(ScaleError, match="never calls for a lower rate"):
        scale(1e-3, from_batch=64, to_batch=128, rule=rule)


def test_unknown_rule_lists_the_known_ones() -> None:
    with pytest.raises(ScaleError, match="sqrt, linear, none, adaptive, critical"):
        scale(1e-3, from_batch=64, to_batch=128, rule="cubic")


@pytest.mark.parametrize(
    ("move", "arguments", "says"),
    [
        ("convert", {"learning_rate": 0}, "learning_rate must be a positive finite number, not 0"),
        ("convert", {"learning_rate": -1e-3}, "learning_rate must be a positive finite number, not -0.001"),
        ("convert", {"weight_decay": -0.1}, "weight_decay must be a finite number of at least 0, not -0.1"),
        ("convert", {"weight_decay": 1e308}, "weight_decay must be a finite number of at least 0, not inf"),
        ("scale", {"learning_rate": "fast"}, "learning_rate must be a positive finite number, not 'fast'"),
        ("scale", {"beta1": 1}, "beta1 must be at least 0 and below 1, not 1"),
        ("scale", {"epsilon": -1e-8}, "epsilon must be a finite number of at least 0, not -1e-08"),
        ("scale", {"learning_rate": 1e308, "rule": "linear"}, "the new learning rate must be a positive finite number"),
        (
            "scale",
            {"from_batch": 1e-200, "from_devices": 1e-200, "rule": "none"},
            "too large or too small to compute with",
        ),
        ("width", {"to_width": 0}, "to_width must be a positive finite number, not 0"),
        ("momentum", {"to_momentum": -0.5}, "to_momentum must be at least 0 and below 1, not -0.5"),
        ("lora", {"learning_rate": float("nan")}, "learning_rate must be a positive finite number, not nan"),
    ],
)
def test_numbers_that_no_setup_has_are_refused(move: str, arguments: dict[str, Any], says: str) -> None:
    sound: dict[str, dict[str, Any]] = {
        "convert": {"from_optimizer": "adamw", "to_optimizer": "lion"},
        "scale": {"from_batch": 32, "to_batch": 1024},
        "width": {"from_width": 256, "to_width": 512, "optimizer": "sgd"},
        "momentum": {"from_momentum": 0.9, "to_momentum": 0.95},
        "lora": {},
    }
    with pytest.raises(laws.LawError, match=re.escape(says)):
        getattr(scaling, move)(**{"learning_rate": 1e-3, **sound[move], **arguments})


def test_adamw_to_lion_keeps_rate_times_decay() -> None:
    got = scaling.convert(3e-4, from_optimizer="AdamW", to_optimizer="lion", weight_decay=0.1)
    assert got.learning_rate_range == pytest.approx((3e-5, 1e-4))
    assert got.weight_decay_range == pytest.approx((0.3, 1.0))
    assert got.weight_decay is not None
    assert got.learning_rate * got.weight_decay == pytest.approx(3e-5)
    back = scaling.convert(
        got.learning_rate, from_optimizer="lion", to_optimizer="adamw", weight_decay=got.weight_decay
    )
    assert back.learning_rate == pytest.approx(3e-4)
    assert back.weight_decay == pytest.approx(0.1)


def test_a_decay_that_does_not_carry_over_is_named() -> None:
    lost = "the weight decay of 0.1 does not carry over: it is tuned anew"
    assert scaling.convert(3e-4, from_optimizer="adamw", to_optimizer="adam", weight_decay=0.1).advice[0] == lost
    kept = scaling.convert(3e-4, from_optimizer="adamw", to_optimizer="adam", weight_decay=0)
    assert kept.weight_decay == 0
    assert not any("carry over" in advice for advice in kept.advice)


def test_only_a_change_of_the_states_cites_their_source() -> None:
    assert scaling.convert(0.1, from_optimizer="sgd", to_optimizer="nesterov").sources == ()
    assert len(scaling.convert(1e-3, from_optimizer="adamw", to_optimizer="adamw_8bit").sources) == 1
    assert scale(1.0, from_batch=64, to_batch=256, optimizer="prodigy").advice == (
        "this optimizer finds its own step size: the rate is a factor on it, kept at any batch",
    )


def test_quantised_states_keep_the_rate_and_self_tuning_optimizers_take_one() -> None:
    assert scaling.convert(3e-4, from_optimizer="adamw", to_optimizer="adamw_8bit").learning_rate == 3e-4
    assert scaling.convert(3e-4, from_optimizer="adamw", to_optimizer="Prodigy").learning_rate == 1.0


def test_adam_to_sgd_only_where_a_recipe_documents_it() -> None:
    got = scaling.convert(1e-3, from_optimizer="adam", to_optimizer="SGD", recipe="yolov8n")
    assert got.learning_rate == pytest.approx(1e-2)
    with pytest.raises(ScaleError, match="documented for yolo only"):
        scaling.convert(1e-3, from_optimizer="adam", to_optimizer="sgd")
    with pytest.raises(ScaleError, match="nothing published"):
        scaling.convert(1e-3, from_optimizer="lion", to_optimizer="sgd")
    with pytest.raises(ScaleError, match="no optimizer of this name is known"):
        scaling.convert(1e-3, from_optimizer="adam", to_optimizer="made-up")


def test_full_fine_tuning_to_lora() -> None:
    got = scaling.lora(2e-5)
    assert got.learning_rate == pytest.approx(2e-4)
    assert got.learning_rate_range == pytest.approx((6e-5, 4e-4))


def test_width_transfer() -> None:
    adam = scaling.width(3e-3, from_width=256, to_width=2048, weight_decay=0.1)
    assert adam.learning_rate == pytest.approx(3.75e-4)
    assert adam.weight_decay == pytest.approx(0.8)
    assert scaling.width(3e-3, from_width=256, to_width=2048, optimizer="sgd").learning_rate == 3e-3


def test_momentum_keeps_the_effective_rate() -> None:
    assert scaling.momentum(0.1, from_momentum=0.9, to_momentum=0.99).learning_rate == pytest.approx(0.01)
    with pytest.raises(laws.LawError):
        scaling.momentum(0.1, from_momentum=0.9, to_momentum=1.0)


# ------------------------------------------------------------------------------------------------- the knowledge itself

KNOWLEDGE: dict[str, Any] = packs.bundle()["other"]["scale"]


def test_every_optimizer_that_is_named_is_one_of_the_vocabulary() -> None:
    same = {name: row["others"] for name, row in KNOWLEDGE["same"].items()}
    named = {*KNOWLEDGE["follows"], *KNOWLEDGE["alike"], *KNOWLEDGE["alike"].values(), *KNOWLEDGE["refused"]}
    named |= {*same, *(other for others in same.values() for other in others)}
    named |= {name for row in KNOWLEDGE["move"] for name in (row["from"], row["to"])}
    named |= {name for row in KNOWLEDGE["scaling"].values() for name in row["derived_for"]}
    named |= {name for names in KNOWLEDGE["width"].values() for name in names}
    assert not named - set(vocabulary().choices["optimizer"])
    assert set(KNOWLEDGE["follows"].values()) <= set(scaling.RULES) == set(KNOWLEDGE["scaling"])


def test_every_way_and_rule_has_a_source() -> None:
    rows = [*KNOWLEDGE["move"], *KNOWLEDGE["scaling"].values(), *KNOWLEDGE["same"].values()]
    keys = {key for row in rows for key in row["source"]}
    assert not keys - set(packs.bundle()["sources"])
    assert all(row["source"] for row in KNOWLEDGE["move"])


# --------------------------------------------------------------------------------------------------- between optimizers


@pytest.mark.parametrize(
    ("source", "target", "rate", "decay"),
    [
        ("adamw_torch_fused", "paged_adamw_32bit", 3e-4, 0.1),
        ("adamw_bnb_8bit", "adamw", 3e-4, 0.1),
        ("adamw", "Muon", 3e-4, 0.1),
        ("muon", "adamw", 3e-4, 0.1),
        ("adamw", "adan", 3e-4 * 50**0.5, None),
        ("adam", "adamw", 3e-4, None),
        ("adamw", "torch.optim.Adam", 3e-4, None),
        ("adam", "lion_8bit", 3e-4 / 30**0.5, 0.1 * 30**0.5),
    ],
)
def test_a_documented_way(source: str, target: str, rate: float, decay: float | None) -> None:
    got = scaling.convert(3e-4, from_optimizer=source, to_optimizer=target, weight_decay=0.1)
    assert got.learning_rate == pytest.approx(rate)
    assert got.weight_decay == (None if decay is None else pytest.approx(decay))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("adafactor", "Adafactor scales its step by the size of the weights"),
        ("lamb", "LAMB scales the step of each layer"),
        ("galore_adamw", "projected gradients"),
        ("radam", "from adamw to radam by a factor: tune the rate anew"),
        ("rmsprop", "from adamw to rmsprop by a factor: tune the rate anew"),
    ],
)
def test_no_way_is_refused_with_the_reason(target: str, why: str) -> None:
    with pytest.raises(ScaleError, match=why):
        scaling.convert(3e-4, from_optimizer="adamw", to_optimizer=target)


def test_where_a_rule_is_usual_but_not_derived_this_is_said() -> None:
    told = (
        "the rule was derived for Adam, RMSprop and LAMB: for lion it is usual and not shown, so look at the rate again"
    )
    assert told in scale(1e-4, from_batch=64, to_batch=256, optimizer="lion").advice[0]
    assert scale(1e-4, from_batch=64, to_batch=256, optimizer="adamw_8bit").advice == ()
    unknown = scale(1e-4, from_batch=64, to_batch=256, optimizer="an optimizer of next year")
    assert unknown.advice == (
        "no optimizer called an optimizer of next year is known: it is taken for an adaptive one",
    )


def test_a_recipe_is_known_by_its_words() -> None:
    assert scale(1e-3, from_batch=512, to_batch=1024, optimizer="adamw", recipe="llama-eval").advice == ()
    assert "0.002" in scale(1e-3, from_batch=512, to_batch=1024, optimizer="adamw", recipe="vit_mae").advice[0]


@pytest.mark.parametrize("optimizer", ["prodigy", "lars", "muon", "an optimizer of next year"])
def test_no_width_is_moved_where_the_rule_is_not_published(optimizer: str) -> None:
    with pytest.raises(ScaleError, match="published for Adam, Adamax, RMSprop, Adagrad and SGD, not"):
        scaling.width(1e-3, from_width=256, to_width=512, optimizer=optimizer)
