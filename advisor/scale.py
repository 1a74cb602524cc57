"""Moving a setup: to another batch, number of devices or accumulation, to another optimizer, to LoRA, to another width.

Every move returns a `Scaling`: the rate, the arithmetic behind it, and advice where the rule that was used stops
holding. A move that nobody has documented is refused with a `ScaleError`, never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from advisor import laws

__all__ = ["RULES", "ScaleError", "Scaling", "convert", "lora", "momentum", "scale", "scale_learning_rate", "width"]


class ScaleError(ValueError):
    """The move cannot be made: an unknown rule, a missing number, or nothing documented leads from here to there."""


@dataclass(frozen=True)
class Scaling:
    """A setup after a move.

    `factor` is new rate over old rate. `rule` names what was applied, `arithmetic` shows it with numbers. `advice`
    holds one sentence for each limit that the move touches. `betas` and `epsilon` are set only where the rule changes
    them; `learning_rate_range`, `weight_decay` and `weight_decay_range` only where the source gives a range or moves
    the decay.
    """

    learning_rate: float
    factor: float
    rule: str
    arithmetic: str
    advice: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    betas: tuple[float, float] | None = None
    epsilon: float | None = None
    learning_rate_range: tuple[float, float] | None = None
    weight_decay: float | None = None
    weight_decay_range: tuple[float, float] | None = None


GOYAL = "Goyal et al. 2017, arXiv:1706.02677"
MALLADI = "Malladi et al. 2022, arXiv:2205.10287"
KRIZHEVSKY = "Krizhevsky 2014, arXiv:1404.5997"
MCCANDLISH = "McCandlish et al. 2018, arXiv:1812.06162"
LION = "Chen et al. 2023, arXiv:2302.06675"

LARGEST_JUMP = 64
"""Beyond this ratio of batch sizes no rule was shown to hold in one step."""
LARGEST_LINEAR_BATCH = 8192
"""Images a step up to which the linear rule was shown to hold for SGD."""
EASY_ADAPTIVE_RATIO = 8
"""Beyond this ratio the betas of the full adaptive rule leave the values that anyone uses."""


@dataclass(frozen=True)
class _Setup:
    learning_rate: float
    from_batch: float
    to_batch: float
    beta1: float
    beta2: float
    epsilon: float
    noise_scale: float | None

    @property
    def ratio(self) -> float:
        return self.to_batch / self.from_batch


@dataclass(frozen=True)
class _Rule:
    """How one rule computes, how it is written out, and who says so."""

    apply: Callable[[_Setup], laws.AdamScaling | float]
    written: str
    sources: tuple[str, ...]


def _critical(setup: _Setup) -> float:
    if setup.noise_scale is None:
        raise ScaleError("the critical rule needs the gradient noise scale (noise_scale), in samples")
    maximum = setup.learning_rate * (1 + setup.noise_scale / setup.from_batch)
    return laws.critical_batch_learning_rate(maximum, setup.noise_scale, setup.to_batch)


def _adaptive(setup: _Setup) -> laws.AdamScaling:
    return laws.adam_sde_scaling(
        setup.learning_rate,
        setup.from_batch,
        setup.to_batch,
        beta1=setup.beta1,
        beta2=setup.beta2,
        epsilon=setup.epsilon,
    )


_RULES: dict[str, _Rule] = {
    "sqrt": _Rule(
        lambda s: laws.square_root_scaling(s.learning_rate, s.from_batch, s.to_batch),
        "{lr:g} * sqrt({to:g} / {fro:g}) = {new:.6g}",
        (MALLADI, KRIZHEVSKY),
    ),
    "linear": _Rule(
        lambda s: laws.linear_scaling(s.learning_rate, s.from_batch, s.to_batch),
        "{lr:g} * {to:g} / {fro:g} = {new:.6g}",
        (GOYAL,),
    ),
    "none": _Rule(lambda s: s.learning_rate, "{lr:g} kept = {new:.6g}", ()),
    "adaptive": _Rule(
        _adaptive, "{lr:g} * sqrt({to:g} / {fro:g}) = {new:.6g}; beta' = 1 - {k:g} * (1 - beta)", (MALLADI,)
    ),
    "critical": _Rule(
        _critical, "{lr:g} * (1 + {noise:g} / {fro:g}) / (1 + {noise:g} / {to:g}) = {new:.6g}", (MCCANDLISH,)
    ),
}
RULES = tuple(_RULES)

_REFUSED_RULES = frozenset({"inverse", "inverse_sqrt", "decrease", "lower"})

# The rule that an optimizer takes when none is named. Longer names first decide: "adamw_8bit" is found as "adamw".
_RULE_OF_OPTIMIZER: dict[str, str] = {
    "prodigy": "none",
    "dadapt": "none",
    "adafactor": "sqrt",
    "adadelta": "sqrt",
    "adagrad": "sqrt",
    "adam": "sqrt",
    "rmsprop": "sqrt",
    "lamb": "sqrt",
    "lion": "sqrt",
    "sophia": "sqrt",
    "shampoo": "sqrt",
    "soap": "sqrt",
    "muon": "sqrt",
    "lars": "linear",
    "sgd": "linear",
    "momentum": "linear",
    "nesterov": "linear",
    "asgd": "linear",
}

_LINEAR_RECIPES = ("deit", "swin", "mae", "convnext")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def rule_for(optimizer: str | None) -> str:
    """Name of the rule that fits an optimizer: linear for SGD and LARS, none where it sets its own rate, else sqrt."""
    if optimizer is None:
        return "sqrt"
    letters = _letters(optimizer)
    return next((rule for name, rule in _RULE_OF_OPTIMIZER.items() if name in letters), "sqrt")


def _rule_named(rule: str | None, optimizer: str | None) -> str:
    name = (rule or rule_for(optimizer)).lower().replace("-", "_")
    if name in _REFUSED_RULES:
        raise ScaleError(
            "a larger batch never calls for a lower rate: every documented rule raises it or keeps it "
            "(the sentence that says otherwise contradicts its own formula)"
        )
    if name not in _RULES:
        raise ScaleError(f"unknown rule {rule!r}: choose one of {', '.join(RULES)}")
    return name


def _advice(setup: _Setup, rule: str, optimizer: str | None, recipe: str | None) -> tuple[str, ...]:
    """One sentence for each limit of the rule that this move touches."""
    ratio, adaptive = setup.ratio, rule in ("sqrt", "adaptive")
    beta1_end = 1 / (1 - setup.beta1)
    other = laws.linear_scaling(setup.learning_rate, setup.from_batch, setup.to_batch)
    is_linear_recipe = recipe is not None and any(name in _letters(recipe) for name in _LINEAR_RECIPES)
    said = (
        (
            not 1 / LARGEST_JUMP <= ratio <= LARGEST_JUMP,
            f"the batch changes by more than {LARGEST_JUMP} times in one step, farther than any rule was tested: go "
            "there in steps, or tune the rate again at the new batch",
        ),
        (
            rule == "linear" and setup.to_batch > LARGEST_LINEAR_BATCH and ratio > 1,
            f"the linear rule was shown up to about {LARGEST_LINEAR_BATCH} samples a step; above, raise the rate less "
            "(square root) or use LARS or LAMB",
        ),
        (rule == "linear" and ratio > 1, "warm up over about five epochs, as the linear rule was shown"),
        (
            adaptive and ratio > beta1_end,
            f"k = {ratio:g} exceeds 1/(1 - beta1) = {beta1_end:g}: the full adaptive rule has no betas there, only the "
            "rate is scaled",
        ),
        (
            rule == "adaptive" and ratio > EASY_ADAPTIVE_RATIO / 2,
            "beyond k of 4 to 8 the scaled betas leave the values that anyone uses: change only the rate",
        ),
        (
            setup.noise_scale is not None and setup.to_batch > setup.noise_scale and rule != "critical",
            "the batch is above the gradient noise scale: the best rate no longer grows with it",
        ),
        (
            adaptive and is_linear_recipe and ratio != 1,
            f"this recipe scales linearly although its optimizer is adaptive: {other:g} is its own value",
        ),
        (
            rule == "none" and optimizer is not None and rule_for(optimizer) == "none",
            "this optimizer finds its own step size: its rate stays 1.0 at any batch",
        ),
    )
    return tuple(sentence for touched, sentence in said if touched)


def scale(  # noqa: PLR0913 - a setup has these numbers, and each may move
    learning_rate: float,
    *,
    from_batch: float,
    to_batch: float | None = None,
    rule: str | None = None,
    optimizer: str | None = None,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    from_devices: float = 1,
    to_devices: float | None = None,
    from_accumulation: float = 1,
    to_accumulation: float | None = None,
    noise_scale: float | None = None,
    recipe: str | None = None,
) -> Scaling:
    """Move a learning rate to another effective batch.

    Args:
        learning_rate: peak rate at the old batch.
        from_batch: samples a device and micro-step before; the whole batch where devices and accumulation are left out.
        to_batch: the same afterwards; unchanged where left out.
        rule: "sqrt", "linear", "none", "adaptive" (Adam's betas and epsilon too), "critical" (needs `noise_scale`), or
            None for the one that fits `optimizer`.
        optimizer: its name in any usual spelling.
        beta1: Adam's first beta, only for the adaptive rule and its limits; likewise `beta2` and `epsilon`.
        beta2: see `beta1`.
        epsilon: see `beta1`.
        from_devices: data-parallel devices before; `to_devices` afterwards, unchanged where left out.
        to_devices: see `from_devices`.
        from_accumulation: micro-steps a step before; `to_accumulation` afterwards, unchanged where left out.
        to_accumulation: see `from_accumulation`.
        noise_scale: gradient noise scale in samples, where it was measured.
        recipe: name of the model or recipe, for those that scale linearly with AdamW.

    Raises:
        ScaleError: unknown rule, or one that lowers the rate as the batch grows.
        laws.LawError: a number outside the region of the rule, such as a beta that would fall below 0.
    """
    before = laws.effective_batch(from_batch, from_accumulation, from_devices)
    after = laws.effective_batch(
        from_batch if to_batch is None else to_batch,
        from_accumulation if to_accumulation is None else to_accumulation,
        from_devices if to_devices is None else to_devices,
    )
    name = _rule_named(rule, optimizer)
    setup = _Setup(learning_rate, before, after, beta1, beta2, epsilon, noise_scale)
    result = _RULES[name].apply(setup)
    full = result if isinstance(result, laws.AdamScaling) else None
    rate = full.learning_rate if full else float(result)  # type: ignore[arg-type]
    written = _RULES[name].written.format(
        lr=learning_rate, to=after, fro=before, new=rate, k=setup.ratio, noise=noise_scale or 0
    )
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule=name,
        arithmetic=written,
        advice=_advice(setup, name, optimizer, recipe),
        sources=_RULES[name].sources,
        betas=(full.beta1, full.beta2) if full else None,
        epsilon=full.epsilon if full else None,
    )


def scale_learning_rate(
    learning_rate: float, *, from_batch: float, to_batch: float, rule: str | None = None, optimizer: str | None = None
) -> float:
    """Learning rate at another batch size; `scale` without the explanation.

    >>> round(scale_learning_rate(5e-4, from_batch=128, to_batch=1024), 8)
    0.00141421
    """
    return scale(learning_rate, from_batch=from_batch, to_batch=to_batch, rule=rule, optimizer=optimizer).learning_rate


@dataclass(frozen=True)
class _Move:
    """A documented way from one optimizer to another: factors on the rate and on the decay."""

    rate: tuple[float, float]
    decay: tuple[float, float]
    source: str
    advice: tuple[str, ...] = ()
    absolute: bool = False  # the rate is a value of its own, not a factor
    only_for: tuple[str, ...] = ()  # recipes whose documentation states it


_SAME = ((1.0, 1.0), (1.0, 1.0))
_OWN_RATE = "leave it at 1.0: the optimizer finds its own step size"

_MOVES: dict[tuple[str, str], _Move] = {
    ("adamw", "lion"): _Move(
        (1 / 10, 1 / 3),
        (3, 10),
        LION,
        (
            "move rate and decay together, so that their product stays",
            "betas 0.9 and 0.99; prefer batches of 64 and more",
        ),
    ),
    ("lion", "adamw"): _Move((3, 10), (1 / 10, 1 / 3), LION, ("betas back to 0.9 and 0.999",)),
    ("adamw", "sophia"): _Move((1, 1), (2, 2), "Liu et al. 2023, arXiv:2305.14342", ("rho 0.01 to 0.1",)),
    ("adamw", "adamw8bit"): _Move(*_SAME, "bitsandbytes, optim/adamw.py"),
    ("adamw8bit", "adamw"): _Move(*_SAME, "bitsandbytes, optim/adamw.py"),
    ("adamw", "schedulefreeadamw"): _Move(
        (1, 10), (1, 1), "facebookresearch/schedule_free", ("constant after warm-up: no decay of the rate",)
    ),
    ("sgd", "schedulefreesgd"): _Move(
        (10, 50), (1, 1), "facebookresearch/schedule_free", ("constant after warm-up: no decay of the rate",)
    ),
    ("adamw", "prodigy"): _Move((1, 1), (1, 1), "konstmish/prodigy", (_OWN_RATE,), absolute=True),
    ("adamw", "dadaptation"): _Move((1, 1), (1, 1), "facebookresearch/dadaptation", (_OWN_RATE,), absolute=True),
    ("adam", "sgd"): _Move(
        (10, 10),
        (1, 1),
        "ultralytics, cfg/default.yaml: SGD 1e-2 where Adam has 1e-3",
        ("with momentum 0.937, as that recipe trains",),
        only_for=("yolo",),
    ),
    ("sgd", "adam"): _Move(
        (1 / 10, 1 / 10),
        (1, 1),
        "ultralytics, cfg/default.yaml: Adam 1e-3 where SGD has 1e-2",
        only_for=("yolo",),
    ),
}

_FAMILIES = {  # spelling, as letters -> name in the table of moves; the first that is found decides
    "schedulefreeadamw": "schedulefreeadamw",
    "adamwschedulefree": "schedulefreeadamw",
    "schedulefreesgd": "schedulefreesgd",
    "sgdschedulefree": "schedulefreesgd",
    "adamw8bit": "adamw8bit",
    "adam8bit": "adamw8bit",
    "pagedadamw": "adamw8bit",
    "dadapt": "dadaptation",
    "prodigy": "prodigy",
    "sophia": "sophia",
    "lion": "lion",
    "adamw": "adamw",
    "adam": "adam",
    "sgd": "sgd",
    "momentum": "sgd",
}


def _family(optimizer: str) -> str:
    letters = _letters(optimizer)
    found = next((family for spelling, family in _FAMILIES.items() if spelling in letters), None)
    if found is None:
        raise ScaleError(f"no documented way from or to {optimizer}")
    return found


def _move_between(source: str, target: str, recipe: str | None) -> _Move:
    # Adam without decoupled decay moves like AdamW, except where a way of its own is documented.
    aliases = [(source, target), *((a, b) for a in _adam_names(source) for b in _adam_names(target))]
    move = next((_MOVES[pair] for pair in aliases if pair in _MOVES), None)
    if move is None:
        raise ScaleError(
            f"nothing published leads from {source} to {target} by a factor: tune the rate anew, beginning with a "
            "learning-rate range test"
        )
    if move.only_for and not any(name in _letters(recipe or "") for name in move.only_for):
        raise ScaleError(
            f"from {source} to {target} a factor is documented for {', '.join(move.only_for)} only: elsewhere tune the "
            "rate anew, beginning with a learning-rate range test"
        )
    return move


def _adam_names(family: str) -> tuple[str, ...]:
    return ("adam", "adamw") if family in ("adam", "adamw") else (family,)


def _middle(low: float, high: float) -> float:
    return math.sqrt(low * high)


def convert(
    learning_rate: float,
    *,
    from_optimizer: str,
    to_optimizer: str,
    weight_decay: float | None = None,
    recipe: str | None = None,
) -> Scaling:
    """Move a rate (and a decay) to another optimizer, where the way is documented.

    Where the source gives a range of factors, the rate is its geometric middle and the range is kept beside it.

    Raises:
        ScaleError: nothing documented leads from one to the other (Adam to SGD in general, for one).
    """
    source, target = _family(from_optimizer), _family(to_optimizer)
    if source == target:
        return Scaling(learning_rate, 1.0, "same optimizer", f"{learning_rate:g} kept", weight_decay=weight_decay)
    move = _move_between(source, target, recipe)
    base = 1.0 if move.absolute else learning_rate
    rates = (base * move.rate[0], base * move.rate[1])
    rate = _middle(*rates)
    decays = None if not weight_decay else (weight_decay * move.decay[0], weight_decay * move.decay[1])
    low, high = (f"{end:.4g}" for end in rates)
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule=f"{source} to {target}",
        arithmetic=f"{learning_rate:g} -> {low}" + ("" if low == high else f" to {high}"),
        advice=move.advice,
        sources=(move.source,),
        learning_rate_range=rates,
        weight_decay=weight_decay if decays is None else _middle(*decays),
        weight_decay_range=decays,
    )


def lora(learning_rate: float) -> Scaling:
    """Move the rate of full fine-tuning to LoRA: ten times it (3 to 20 measured), nearly independent of the rank."""
    rate = laws.lora_learning_rate(learning_rate)
    return Scaling(
        learning_rate=rate,
        factor=10.0,
        rule="full fine-tuning to LoRA",
        arithmetic=f"{learning_rate:g} * 10 = {rate:.6g}",
        advice=(
            "train all linear layers: adapters on attention alone fall behind at any rank",
            "LoRA tolerates large batches less well than full fine-tuning",
        ),
        sources=("Schulman et al. 2025, LoRA Without Regret",),
        learning_rate_range=(laws.lora_learning_rate(learning_rate, 3), laws.lora_learning_rate(learning_rate, 20)),
    )


def width(
    learning_rate: float,
    *,
    from_width: float,
    to_width: float,
    optimizer: str = "adam",
    weight_decay: float | None = None,
) -> Scaling:
    """Move the rate of hidden matrices to another width under muP: over the width ratio for Adam, kept for SGD."""
    adaptive = rule_for(optimizer) == "sqrt"
    rate = laws.mup_learning_rate(learning_rate, from_width, to_width) if adaptive else float(learning_rate)
    ratio = to_width / from_width
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule="muP",
        arithmetic=f"{learning_rate:g} * {from_width:g} / {to_width:g} = {rate:.6g}"
        if adaptive
        else f"{learning_rate:g} kept",
        advice=(
            "holds in the maximal update parametrisation only: initialisation, output multiplier and the 1/d scale of "
            "attention change with the width too",
            "input and output weights, biases and norms keep their rate"
            if adaptive
            else "vector-like weights take the rate times the width ratio",
        ),
        sources=("Yang et al. 2022, arXiv:2203.03466", "microsoft/mup, mup/optim.py"),
        weight_decay=weight_decay if weight_decay is None or not adaptive else weight_decay * ratio,
    )


def momentum(learning_rate: float, *, from_momentum: float, to_momentum: float) -> Scaling:
    """Keep `lr / (1 - momentum)` while the momentum of SGD changes."""
    held = laws.effective_learning_rate(learning_rate, from_momentum)
    laws.averaging_horizon(to_momentum)  # refuses a momentum outside 0..1
    rate = held * (1 - to_momentum)
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule="momentum",
        arithmetic=f"{learning_rate:g} / (1 - {from_momentum:g}) * (1 - {to_momentum:g}) = {rate:.6g}",
        sources=("geometric series of a constant gradient",),
    )
