"""Moving a setup: to another batch, number of devices or accumulation, to another optimizer, to LoRA, to another width.

Every move returns a `Scaling`: the rate, the arithmetic behind it, and advice where the rule that was used stops
holding. A move that nobody has documented is refused with a `ScaleError`, never guessed. Which rule an optimizer
follows, and which ways lead from one to another, is data (`rules/scale.toml`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Final, ParamSpec

from advisor import laws, packs
from advisor.parameters import vocabulary

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


_Asked = ParamSpec("_Asked")
#: What moves are told beside numbers, and the numbers that may be zero; those below one are shares.
_WORDS: Final = frozenset({"rule", "optimizer", "recipe", "from_optimizer", "to_optimizer"})
_FROM_ZERO: Final = frozenset({"weight_decay", "epsilon"})
_SHARES: Final = frozenset({"beta1", "beta2", "from_momentum", "to_momentum"})


def _checked(move: Callable[_Asked, Scaling]) -> Callable[_Asked, Scaling]:
    """A move that is made of sound numbers only, and whose result is a number."""

    @wraps(move)
    def checked(*args: _Asked.args, **kwargs: _Asked.kwargs) -> Scaling:
        for name, value in {**dict(zip(("learning_rate",), args, strict=False)), **kwargs}.items():
            if value is not None and name not in _WORDS:
                _check(name, value)
        try:
            moved = move(*args, **kwargs)
        except ArithmeticError:
            raise laws.LawError("the numbers are too large or too small to compute with") from None
        _check("the new learning rate", moved.learning_rate)
        _check("weight_decay", moved.weight_decay or 0)
        return moved

    return checked


def _check(name: str, value: Any) -> None:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if name in _SHARES:
        sound, wanted = 0 <= number < 1, "at least 0 and below 1"
    elif name in _FROM_ZERO:
        sound, wanted = 0 <= number < math.inf, "a finite number of at least 0"
    else:
        sound, wanted = 0 < number < math.inf, "a positive finite number"
    if not sound:
        raise laws.LawError(f"{name} must be {wanted}, not {value!r}")


@lru_cache(maxsize=1)
def _knowledge() -> Mapping[str, Any]:
    data: Mapping[str, Any] = packs.bundle()["other"]["scale"]
    return data


def _cited(keys: Iterable[str]) -> tuple[str, ...]:
    """Sources with the numbers under which their papers are found."""
    sources = packs.bundle()["sources"]
    rows = ((key, sources.get(key, {})) for key in keys)
    parts = ((row.get("cite", key), row.get("arxiv")) for key, row in rows)
    return tuple(f"{cite}, arXiv:{arxiv}" if arxiv else cite for cite, arxiv in parts)


@lru_cache(maxsize=64)
def _kinds(optimizer: str) -> tuple[str, ...]:
    """An optimizer by its name in the vocabulary, and what it is a kind of, the nearest first; empty where unknown."""
    name = vocabulary().choice("optimizer", optimizer)
    return () if name is None else tuple(vocabulary().ancestors("optimizer", name))


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


#: How each rule computes; how it is written out, and who says so, is data.
_RULES: Final[Mapping[str, Callable[[_Setup], laws.AdamScaling | float]]] = {
    "sqrt": lambda s: laws.square_root_scaling(s.learning_rate, s.from_batch, s.to_batch),
    "linear": lambda s: laws.linear_scaling(s.learning_rate, s.from_batch, s.to_batch),
    "none": lambda s: s.learning_rate,
    "adaptive": _adaptive,
    "critical": _critical,
}
RULES: Final = tuple(_RULES)

_REFUSED_RULES: Final = frozenset({"inverse", "inverse_sqrt", "decrease", "lower"})


def rule_for(optimizer: str | None) -> str:
    """Name of the rule that fits an optimizer: linear for SGD and LARS, none where it sets its own rate, else sqrt."""
    follows: Mapping[str, str] = _knowledge()["follows"]
    return next((follows[kind] for kind in _kinds(optimizer or "") if kind in follows), "sqrt")


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
    limit = _knowledge()["limit"]
    jump, linear_batch, beta_ratio = limit["jump"], limit["linear_batch"], limit["beta_ratio"]
    derived_for = _knowledge()["scaling"][rule]["derived_for"]
    beta1_end = 1 / (1 - setup.beta1)
    other = laws.linear_scaling(setup.learning_rate, setup.from_batch, setup.to_batch)
    is_linear_recipe = _named(recipe, _knowledge()["linear"]["recipes"])
    kinds = _kinds(optimizer or "")
    made_for_more = not set(limit["beyond"]).isdisjoint(kinds)
    said = (
        (
            not 1 / jump <= ratio <= jump,
            f"the batch changes by more than {jump} times in one step, farther than any rule was tested: go "
            "there in steps, or tune the rate again at the new batch",
        ),
        (
            rule == "linear" and setup.to_batch > linear_batch and ratio > 1,
            f"the linear rule was shown up to about {linear_batch} samples a step; above, raise the rate less "
            + ("(square root)" if made_for_more else f"(square root) or use {_listed(limit['beyond'], 'or')}"),
        ),
        (rule == "linear" and ratio > 1, "warm up over about five epochs, as the linear rule was shown"),
        (
            adaptive and ratio > beta1_end,
            f"k = {ratio:g} exceeds 1/(1 - beta1) = {beta1_end:g}, where the derivation of the rule ends: look at the "
            "rate again at the new batch",
        ),
        (
            rule == "adaptive" and ratio > beta_ratio,
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
            "this optimizer finds its own step size: the rate is a factor on it, kept at any batch"
            + ("" if setup.learning_rate == 1 else f"; its authors leave it at 1.0, not {setup.learning_rate:g}"),
        ),
        (
            optimizer is not None and not kinds,
            f"no optimizer called {optimizer} is known: it is taken for an adaptive one",
        ),
        (
            adaptive and ratio != 1 and bool(kinds) and not set(derived_for) & set(kinds),
            f"the rule was derived for {_listed(derived_for)}: for {optimizer} it is usual and not shown, so look at "
            "the rate again at the new batch",
        ),
    )
    return tuple(sentence for touched, sentence in said if touched)


def _named(recipe: str | None, names: Iterable[str]) -> bool:
    """Whether a word of a recipe's or model's name begins with one of these: `swin_t`, `yolov8n.pt`."""
    return any(word.startswith(tuple(names)) for word in re.split(r"[^a-z0-9]+", (recipe or "").lower()))


def _listed(names: Iterable[str], conjunction: str = "and") -> str:
    titles = [vocabulary().choices["optimizer"][name].title for name in names]
    return f" {conjunction} ".join(filter(None, (", ".join(titles[:-1]), *titles[-1:])))


@_checked
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
    result = _RULES[name](setup)
    told = _knowledge()["scaling"][name]
    full = result if isinstance(result, laws.AdamScaling) else None
    rate = full.learning_rate if full else float(result)  # type: ignore[arg-type]
    written = told["written"].format(
        lr=learning_rate, to=after, fro=before, new=rate, k=setup.ratio, noise=noise_scale or 0
    )
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule=name,
        arithmetic=written,
        advice=_advice(setup, name, optimizer, recipe),
        sources=_cited(told["source"]),
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
    """A documented way from one optimizer to another: factors on the rate, and on the decay where it carries over."""

    rate: tuple[float, float]
    decay: tuple[float, float] | None
    advice: tuple[str, ...]
    source: tuple[str, ...]
    absolute: bool
    only_for: tuple[str, ...]


@lru_cache(maxsize=1)
def _moves() -> dict[tuple[str, str], _Move]:
    return {
        (row["from"], row["to"]): _Move(
            (row["rate"][0], row["rate"][1]),
            (row["decay"][0], row["decay"][1]) if "decay" in row else None,
            tuple(row.get("advice", ())),
            tuple(row["source"]),
            row.get("absolute", False),
            tuple(row.get("only_for", ())),
        )
        for row in _knowledge()["move"]
    }


def _family(optimizer: str) -> str:
    """The optimizer that stands for all between which nothing changes."""
    kinds = _kinds(optimizer)
    if not kinds:
        raise ScaleError(f"no documented way from or to {optimizer}: no optimizer of this name is known")
    return next((head for head, row in _knowledge()["same"].items() if kinds[0] in row["others"]), kinds[0])


def _move_between(source: str, target: str, recipe: str | None) -> _Move:
    alike = _knowledge()["alike"]
    pairs = [(a, b) for a in (source, alike.get(source, source)) for b in (target, alike.get(target, target))]
    move = next((_moves()[pair] for pair in pairs if pair in _moves()), None)
    anew = "tune the rate anew, beginning with a learning-rate range test"
    if move is None:
        refused = _knowledge()["refused"]
        why = next((f"{refused[name]}: " for name in (target, source) if name in refused), "")
        raise ScaleError(f"nothing published leads from {source} to {target} by a factor: {why}{anew}")
    if move.only_for and not _named(recipe, move.only_for):
        raise ScaleError(
            f"from {source} to {target} a factor is documented for {', '.join(move.only_for)} only: elsewhere {anew}"
        )
    return move


def _middle(low: float, high: float) -> float:
    return math.sqrt(low * high)


@_checked
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
        kept = f"{learning_rate:g} kept"
        alike = _knowledge()["same"].get(source, {}) if _kinds(from_optimizer)[0] != _kinds(to_optimizer)[0] else {}
        return Scaling(
            learning_rate,
            1.0,
            "same optimizer",
            kept,
            sources=_cited(alike.get("source", ())),
            weight_decay=weight_decay,
        )
    move = _move_between(source, target, recipe)
    base = 1.0 if move.absolute else learning_rate
    rates = (base * move.rate[0], base * move.rate[1])
    rate = _middle(*rates)
    decays, advice = None, move.advice
    if weight_decay and move.decay:
        decays = (weight_decay * move.decay[0], weight_decay * move.decay[1])
    elif weight_decay:
        advice = (f"the weight decay of {weight_decay:g} does not carry over: it is tuned anew", *advice)
    low, high = (f"{end:.4g}" for end in rates)
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule=f"{source} to {target}",
        arithmetic=f"{learning_rate:g} -> {low}" + ("" if low == high else f" to {high}"),
        advice=advice,
        sources=_cited(move.source),
        learning_rate_range=rates,
        weight_decay=_middle(*decays) if decays else None if move.decay is None and weight_decay else weight_decay,
        weight_decay_range=decays,
    )


@_checked
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
        sources=_cited(["lora-without-regret"]),
        learning_rate_range=(laws.lora_learning_rate(learning_rate, 3), laws.lora_learning_rate(learning_rate, 20)),
    )


@_checked
def width(
    learning_rate: float,
    *,
    from_width: float,
    to_width: float,
    optimizer: str = "adam",
    weight_decay: float | None = None,
) -> Scaling:
    """Move the rate of hidden matrices to another width under muP: over the width ratio for Adam, kept for SGD.

    Raises:
        ScaleError: an optimizer for which no such rule is published.
    """
    known = _knowledge()["width"]
    kinds = set(_kinds(optimizer))
    adaptive = bool(kinds & set(known["over"]))
    if not adaptive and not kinds & set(known["kept"]):
        raise ScaleError(
            f"the rule of muP is published for {_listed([*known['over'], *known['kept']])}, not {optimizer}"
        )
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
        sources=_cited(["mup"]),
        weight_decay=weight_decay if weight_decay is None or not adaptive else weight_decay * ratio,
    )


@_checked
def momentum(learning_rate: float, *, from_momentum: float, to_momentum: float) -> Scaling:
    """Keep `lr / (1 - momentum)` while the momentum of SGD changes."""
    held = laws.effective_learning_rate(learning_rate, from_momentum)
    rate = held * (1 - to_momentum)
    return Scaling(
        learning_rate=rate,
        factor=rate / learning_rate,
        rule="momentum",
        arithmetic=f"{learning_rate:g} / (1 - {from_momentum:g}) * (1 - {to_momentum:g}) = {rate:.6g}",
        sources=("geometric series of a constant gradient",),
    )
