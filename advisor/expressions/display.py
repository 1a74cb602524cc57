"""Numbers and values as people write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from advisor.expressions.values import UNKNOWN, Value

MAX_SHOWN: Final = 80  # characters of a text value in a message
MAX_LISTED: Final = 8  # elements of a list in a message
_DIGITS: Final = 4
_SMALL: Final = 0.01  # below, the exponent reads better than the zeros
_LARGE: Final = 10**9  # whole numbers below are counts, and exact


def format_number(number: float) -> str:
    """A number with four significant digits as people write it: `0.1`, `3e-4`, `1.414e-3`, `128`, `1000000`.

    Whole numbers below 1e9 are exact, and a share just below one keeps the digits that tell it from one.
    """
    if isinstance(number, int) and abs(number) >= 10**300:
        return f"{'-' if number < 0 else ''}1e{int(abs(number).bit_length() * math.log10(2))}"
    value = float(number)
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if value == int(value) and size < _LARGE:
        return str(int(value))
    if size < _SMALL or size >= _LARGE:
        mantissa, exponent = f"{value:.{_DIGITS - 1}e}".split("e")
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    if size >= 10 ** (_DIGITS - 1):
        return f"{value:.0f}"
    return f"{value:.{_digits_needed(size)}g}"


def _trimmed(mantissa: str) -> str:
    return mantissa.rstrip("0").rstrip(".")


def _digits_needed(size: float) -> int:
    """Four, or more where the distance from one is what the number says (0.99995)."""
    digits = _DIGITS
    while digits < 15 and size < 1 and abs(float(f"{size:.{digits}g}") - size) > 0.05 * (1 - size):
        digits += 1
    return digits


_WORDS: Final[Mapping[Any, str]] = {True: "true", False: "false", None: "null"}


def format_value(value: Value) -> str:
    """A value for a one-line message: numbers by `format_number`, long texts cut, unknown as `?`."""
    return _formatted(value, 0)


def _formatted(value: Value, depth: int) -> str:
    if value is UNKNOWN:
        return "?"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, (int, float)):
        return format_number(value)
    if isinstance(value, (list, tuple)):
        items = ["..."] if depth > 2 else [_formatted(item, depth + 1) for item in value[:MAX_LISTED]]
        return f"[{', '.join(items)}{', ...' if len(value) > MAX_LISTED else ''}]"
    text = value if isinstance(value, str) else "{...}"
    shown = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
    return (
        shown
        if shown.isprintable()
        else "".join([mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in shown])
    )
