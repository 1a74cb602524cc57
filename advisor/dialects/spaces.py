"""Search spaces where values stand: the mappings, calls and texts by which engines write a range or a list of choices.

Bounds are given in the unit of the value itself: where an engine writes exponents (W&B's `log_uniform`, Determined's
`log`, Hyperopt's `hp.loguniform`) they are raised.  What is drawn from a distribution without bounds (`normal`) is a
space whose bounds are unknown.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.parameters import number, word

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A mapping with more entries than this is no search space.
MAX_ENTRIES = 16

#: What engines call the two ends and the list of choices.
_LOW = ("min", "low", "lower", "min_value", "minimum", "lower_bound", "minval")
_HIGH = ("max", "high", "upper", "max_value", "maximum", "upper_bound", "maxval")
_LISTED = ("values", "categories", "feasible_points", "choices", "options", "list", "sequence", "vals", "cells")
_PAIRS = ("_value", "bounds", "range", "value")
#: Mappings inside a space that only hold what belongs to it, by the engines that have them: Katib, Optuna, KerasTuner,
#: Vizier, SigOpt.
_HOLDERS = ("feasible_space", "attributes", "config", "double_value_spec", "integer_value_spec", "bounds", "value")
#: Where a space says what kind it is, and where it says that it is logarithmic.
_KINDS = (
    "_type", "type", "distribution", "space", "kind", "class_name", "parameter_type", "sampler", "method", "__call__",
)  # fmt: skip
_SCALES = ("scaling", "scale", "log_scale", "log", "scaling_type", "scale_type", "sampling", "prior", "transformation")
#: What else may stand in a space.
_BESIDE = (
    "q", "step", "base", "mu", "sigma", "default", "default_value", "probabilities", "count", "value_type", "digits",
    "is_ordered", "is_fidelity", "ordered", "weights", "conditions", "meta", "dtype", "quantization", "size", "num",
)  # fmt: skip
_NAMES = ("name", "parameter_id", "_name")

_MARKS = frozenset([*_LOW, *_HIGH, *_LISTED, "_value", "bounds", "range"])
_WORDS = frozenset([*_MARKS, *_PAIRS, *_HOLDERS, *_KINDS, *_SCALES, *_BESIDE, *_NAMES])
#: The last words of keys that a space can have; a leaf below another one is part of none.
WORDS = frozenset([*_WORDS, "_call_", "_args_"])
#: How far below its own mapping a leaf of a space can stand: `{parameterId, doubleValueSpec: {minValue}}`.
DEPTH = 2

#: Functions that stand for a space, in code or as text.
_RANGES = re.compile(
    r"(?:suggest_|sample_)?(?:q|n|inv_?)?(?P<log>q?log_?)?(?:uniform(?:_float|_int|_integer)?(?:_hyperparameter)?|interval|float|int"
    r"|integer|real|range|rand_?int)(?:_values)?"
)
_CHOICES = re.compile(r"(?:suggest_)?(?:categorical(?:_hyperparameter)?|choice|grid_search|discrete_uniform)")
#: Where such functions come from; of those without a module only names are taken that nothing else has.
_ENGINES = frozenset(
    ["tune", "hp", "trial", "space", "optuna", "skopt", "cs", "csh", "nni", "scope", "hyperopt", "sherpa"]
)
_ALONE = re.compile(
    r"(?:q|n)?log_?uniform(?:_values)?|interval|choice|range|q?uniform|randint|tag|Real|Integer|Categorical|Float|"
    r"\w+Hyperparameter|grid_search|sample_\w+|suggest_\w+"
)
_TEXT = re.compile(r"\s*(?P<name>[a-z][\w.]*)\((?P<args>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*", re.IGNORECASE)
#: Kinds whose bounds are exponents, with the base: W&B's, and those of engines that say `kind` (Polyaxon).
_EXPONENTS = {"log_uniform": math.e, "q_log_uniform": math.e}


@dataclass(frozen=True, slots=True)
class Space:
    """A search space found where a value stands: bounds (in the value's own unit), whether sampled on a log scale."""

    low: float | None = None
    high: float | None = None
    log: bool | None = None
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A space and, where it is an entry of a list, the name of what is searched."""

    space: Space
    name: str | None = None


def of_mapping(node: Any) -> Found | None:
    """The search space that a mapping is, or None: one that holds nothing but the words of spaces, and bounds."""
    if not isinstance(node, dict) or not node or len(node) > MAX_ENTRIES:
        return None
    settings = _settings(node)
    if settings is None:
        return _of_call(node)
    name = next((settings[key] for key in _NAMES if isinstance(settings.get(key), str)), None)
    if name is not None and name.endswith("Distribution"):  # Optuna names the kind so
        name = None
    elif name is not None and not settings.keys() & {*_KINDS, *_SCALES, "bounds"}:
        return None
    return Found(_of_settings(settings), name) if settings.keys() & _MARKS else None


def of_text(text: str) -> Found | None:
    """The search space that a text is, `loguniform(1e-5, 1e-1)` or `tag(log, interval(1e-5, 1e-1))`, or None."""
    match = _TEXT.fullmatch(text) if len(text) < 300 else None
    if match is None:
        return None
    arguments = _split(match["args"])
    if match["name"] == "tag" and arguments:
        inner = of_text(arguments[-1])
        scaled = inner is not None and arguments[0].strip() == "log"
        return Found(Space(inner.space.low, inner.space.high, scaled, inner.space.choices)) if inner else None
    return _of_function(match["name"], [_scalar(a) for a in arguments if "=" not in a], _named(arguments))


def _settings(node: dict[Any, Any]) -> dict[str, Any] | None:
    """The entries of a space by their words, those of its inner mappings among them; None where others are there."""
    settings: dict[str, Any] = {}
    for key, value in node.items():
        name = _word(key)
        if name not in _WORDS:
            return None
        if isinstance(value, dict) and name in _HOLDERS:
            inner = _settings(value) if len(value) <= MAX_ENTRIES else None
            if inner is None:
                return None
            settings.update({k: v for k, v in inner.items() if k not in settings})
        else:
            settings[name] = value
    return settings


def _word(key: Any) -> str:
    text = str(key)
    return text if text.startswith("_") else word(text)


def _of_settings(settings: dict[str, Any]) -> Space:
    kind = next((str(settings[key]).lower() for key in _KINDS if isinstance(settings.get(key), str)), "")
    log = "log" in kind or any(_is_log(settings[key]) for key in _SCALES if key in settings)
    listed = next((settings[key] for key in _LISTED if isinstance(settings.get(key), list)), None)
    pair = next((settings[key] for key in _PAIRS if isinstance(settings.get(key), list)), None)
    if listed is None and pair is not None and (re.search("choice|categor|discrete|ordinal", kind) or len(pair) < 2):
        listed = pair
    if listed is not None:
        return Space(choices=tuple(listed))
    if "normal" in kind:
        return Space(log=log)
    low, high = (_bound(settings, names) for names in (_LOW, _HIGH))
    if low is None and high is None and pair is not None:
        low, high = numeric(pair[0]), numeric(pair[1])
    base = math.e if "kind" in settings and "log" in kind else _EXPONENTS.get(kind)
    if kind == "log" and "minval" in settings:  # Determined
        base = numeric(settings.get("base", 10))
    return Space(*_raised(low, high, base), log)


def _bound(settings: dict[str, Any], names: Iterable[str]) -> float | None:
    return next((numeric(settings[name]) for name in names if name in settings), None)


def _raised(low: float | None, high: float | None, base: float | None) -> tuple[float | None, float | None]:
    """Bounds that were written as exponents, as values."""
    if base is None or base <= 0 or low is None or high is None:
        return low, high
    try:
        return base**low, base**high
    except OverflowError:
        return low, high


def _is_log(value: Any) -> bool:
    return value is True or (isinstance(value, str) and "log" in value.lower())


def _of_call(node: dict[Any, Any]) -> Found | None:
    """`tune.loguniform(1e-5, 1e-1)`, `trial.suggest_float("lr", 1e-5, 1e-1, log=True)`: a call as readers give it."""
    name, arguments = node.get("__call__"), node.get("__args__", [])
    if not isinstance(name, str) or not isinstance(arguments, list):
        return None
    named = {_word(key): value for key, value in node.items() if not str(key).startswith("__")}
    return _of_function(name, arguments, named)


def _of_function(name: str, arguments: list[Any], named: dict[str, Any]) -> Found | None:
    *modules, last = name.split(".")
    if not (modules[-1].lower() in _ENGINES if modules else _ALONE.fullmatch(last)):
        return None
    function = word(last)
    title = next((a for a in arguments[:1] if isinstance(a, str) and numeric(a) is None), None)
    if title is None:
        title = next((named[key] for key in _NAMES if isinstance(named.get(key), str)), None)
    values = arguments[1:] if title is not None and arguments[:1] == [title] else arguments
    if _CHOICES.fullmatch(function):
        listed = values[0] if len(values) == 1 and isinstance(values[0], list) else named.get("choices", values)
        return Found(Space(choices=tuple(listed)), title) if isinstance(listed, list) and listed else None
    match = _RANGES.fullmatch(function)
    if match is None:
        return None
    if len(values) == 1 and isinstance(values[0], list):  # ConfigSpace: Float("lr", (1e-5, 1e-1))
        values = values[0]
    low, high = (_bound(named, names) for names in (_LOW, _HIGH))
    ends = [numeric(value) for value in values[:2]]
    low = ends[0] if low is None and ends else low
    high = ends[1] if high is None and len(ends) > 1 else high
    if low is None and high is None:
        return None
    log = bool(match["log"]) or any(_is_log(named[key]) for key in _SCALES if key in named)
    exponents = math.e if match["log"] and modules[-1:] == ["hp"] else None  # Hyperopt's bounds are exponents
    return Found(Space(*_raised(low, high, exponents), log), title)


def _split(text: str) -> list[str]:
    """Arguments at their commas, those inside brackets left together."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _named(arguments: Iterable[str]) -> dict[str, Any]:
    pairs = (argument.split("=", 1) for argument in arguments if "=" in argument)
    return {word(key): _scalar(value) for key, value in pairs}


def _scalar(text: str) -> Any:
    text = text.strip().strip("\"'")
    if text in ("True", "true"):
        return True
    if text[:1] == "[" and text[-1:] == "]":
        return [_scalar(part) for part in _split(text[1:-1])]
    found = number(text)
    return text if found is None else found


def numeric(value: Any) -> float | None:
    """A bound as a number; None for what is none, or none that arithmetic could be done with."""
    found = number(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if isinstance(found, int) and abs(found) > sys.float_info.max:
        return None
    return float(found) if math.isfinite(found) else None
