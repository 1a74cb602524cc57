"""What a raw value says of a parameter: its state, and the value where that is known."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from advisor.expressions import UNKNOWN, format_value
from advisor.parameters import Alias, Parameter, Vocabulary, number, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable


State = Literal["known", "null", "unset", "auto", "reference", "text", "list", "space"]

_REFERENCE = re.compile(r"\$\{|^\$\(|^!|^@|\{\{|^<[a-zA-Z_ ]+>$|^\$[A-Za-z_]")
_NULLS = frozenset({"", "none", "null", "~", "nil", "undefined"})
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def interpret(raw: Any, parameter: Parameter, words: Vocabulary) -> tuple[State, Any]:
    """What a raw value says of a parameter: its state, and the value where that is known."""
    if raw is None:
        return "null", None
    if isinstance(raw, str):
        text = raw.strip()
        low = text.lower()
        if low in _NULLS:
            # `precision: none`, `scheduler: none` are values; for numbers the text stands for "not given"
            named = words.choice(parameter.name, text) if text and parameter.kind == "choice" else None
            return ("known", named) if named else ("null", None)
        if low == "auto" or low.startswith("auto_"):
            return "auto", "auto"
        if _REFERENCE.search(text):
            return "reference", text
        raw = _bracketed(text) or raw
    kinds: dict[str, Callable[[Any], tuple[State, Any]]] = {
        "number": lambda value: _as_number(value, parameter),
        "integer": lambda value: _as_number(value, parameter),
        "boolean": _as_boolean,
        "choice": lambda value: _as_choice(value, parameter, words),
        "text": lambda value: ("known", value if not isinstance(value, str) else value.strip()),
        "list": lambda value: ("known", value if isinstance(value, list) else _separated(value)),
    }
    state, value = kinds[parameter.kind](raw)
    if state == "known" and parameter.unset and not isinstance(value, bool | list) and value in parameter.unset:
        return "unset", value
    return state, value


def _separated(value: Any) -> list[Any]:
    """The elements of a list of plain words written with commas, `q_proj,v_proj`; else the value as the only one."""
    if isinstance(value, str) and re.fullmatch(r"[\w.-]+(\s*,\s*[\w.-]+)+", value.strip()):
        parts = [part.strip() for part in value.split(",")]
        return [part if (found := number(part)) is None else found for part in parts]
    return [value]


def _bracketed(text: str) -> list[Any] | None:
    """The elements of a list written as text, `(60000, 80000)` or `[8, 11]`; None where it is none."""
    if len(text) > 1000 or not re.fullmatch(r"\(.*\)|\[.*\]", text) or any(mark in text[1:-1] for mark in "()[]{}=<"):
        return None
    parts = [part.strip().strip("\"'") for part in text[1:-1].split(",") if part.strip()]
    return [part if (found := number(part)) is None else found for part in parts]


def _as_number(raw: Any, parameter: Parameter) -> tuple[State, Any]:
    if isinstance(raw, bool):
        return "text", raw
    if isinstance(raw, list):
        if len(raw) == 1:
            return interpret(raw[0], parameter, vocabulary())
        found = [number(item) if isinstance(item, str) else item for item in raw]
        usable = found and all(isinstance(item, int | float) and not isinstance(item, bool) for item in found)
        return ("list", found) if usable else ("text", raw)
    value = number(raw) if isinstance(raw, str) else raw
    if isinstance(value, float) and parameter.kind == "integer" and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return ("known", value) if _computable(value) else ("text", raw)


def _computable(value: Any) -> TypeGuard[float]:
    """Whether a value is an amount: an integer beyond the range of a float is digits, nothing can be computed of it."""
    return isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    )


def as_text(raw: Any) -> str:
    """A value as Python writes it; an integer too long for that by its size."""
    try:
        return str(raw)
    except ValueError:
        return format_value(raw)


def _as_choice(raw: Any, parameter: Parameter, words: Vocabulary) -> tuple[State, Any]:
    if isinstance(raw, list):
        return interpret(raw[0], parameter, words) if len(raw) == 1 else ("list", raw)
    text = as_text(raw)
    return "known", words.choice(parameter.name, text) or text.strip()


def _as_boolean(raw: Any) -> tuple[State, Any]:
    truth = _TRUTHS.get(raw.strip().lower()) if isinstance(raw, str) else raw
    return ("known", bool(truth)) if isinstance(truth, int | float) and truth in (0, 1) else ("text", raw)


def element(raw: Any, index: int) -> Any:
    """An element of a list, or of a list packed in text (`0.9,0.999`, `(0.9, 0.95)`)."""
    if isinstance(raw, str) and "," in raw:
        raw = [part.strip() for part in raw.strip("()[] ").split(",")]
    if isinstance(raw, list) and -len(raw) <= index < len(raw):
        return raw[index]
    return UNKNOWN


def possible(parameter: Parameter, value: Any, alias: Alias) -> bool:
    """Whether a value can be of this parameter at all: `warmup: true` is no number of steps."""
    if alias.index is not None:
        return isinstance(value, list | str)
    if alias.convert is not None and alias.value is not None:
        return True  # the alias itself says which values it converts
    if parameter.numeric:
        return not isinstance(value, bool | dict) and (
            not isinstance(value, list) or all(not isinstance(item, list | dict | bool) for item in value)
        )
    if parameter.kind in ("choice", "text"):
        return isinstance(value, str | int | float | type(None)) and not isinstance(value, bool)
    if parameter.kind == "boolean":
        return isinstance(value, bool | str | type(None)) or value in (0, 1)
    return not isinstance(value, bool)
