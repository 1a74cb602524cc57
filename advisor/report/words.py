"""Values, ranges and counts as a person writes them, on one line and safe to print."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from advisor.findings import Derived, Expected, Interval
from advisor.report.plain import plain

#: A value in a sentence is cut here; the file itself holds the rest.
_LONGEST = 80
_LONGEST_SENTENCE = 1000
#: Letters that would move the cursor, switch the direction of writing, break the line or fail to encode.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

#: A number below the one, and an integer above the other, is written with its exponent.
_SMALL, _LARGE = 0.01, 10**15


def printable(text: str) -> str:
    """`text` with control characters, direction marks, line breaks and lone surrogates as escapes."""
    if text.isprintable():
        return text
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    import unicodedata  # rarely needed

    if unicodedata.category(letter) not in _UNSAFE_CATEGORIES:
        return letter
    return letter.encode("unicode_escape", "backslashreplace").decode("ascii")


def sentence(text: str) -> str:
    """A message on one line; one that a stranger's file made endless is cut."""
    return printable(text if len(text) <= _LONGEST_SENTENCE else text[: _LONGEST_SENTENCE - 3] + "...")


def number(value: float) -> str:
    """A number as short as six digits allow, and small ones by their exponent: `0.02`, `5e-5`, `1.41421e-3`."""
    size = abs(value)
    if isinstance(value, int) and not isinstance(value, bool) and size < _LARGE:
        return str(value)
    if not math.isfinite(size) or size == 0 or _SMALL <= size < 1e9:
        text = f"{value:.6g}"
        return text if "e" not in text else f"{value:.0f}"
    mantissa, _, exponent = f"{value:.5e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def value_text(value: Any, longest: int = _LONGEST) -> str:
    """Any value on one line: numbers short, text as it is, `null`, `true` and `false` as in a config."""
    text = _value(plain(value))
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _value(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{printable(key)}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return printable(value[: 4 * _LONGEST]) or '""'


def interval_text(interval: Interval) -> str:
    """A range in words: `5e-5 to 5e-4`, `at most 0.5`, `about 0.9`."""
    low, high = interval.low, interval.high
    if low is None and high is None:
        return "" if interval.typical is None else f"about {value_text(interval.typical)}"
    if low is None or high is None:
        return f"at least {number(low)}" if high is None and low is not None else f"at most {number(high or 0)}"
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def expected_text(expected: Expected | None) -> str:
    """What is recommended, in words; empty where nothing can be said."""
    if expected is None:
        return ""
    if expected.one_of:
        return "one of " + ", ".join(value_text(choice) for choice in expected.one_of)
    if expected.relation:
        return printable(expected.relation)
    intervals = expected.intervals or ((expected.interval,) if expected.interval else ())
    return ", or ".join(filter(None, map(interval_text, intervals)))


def count(amount: int, word: str) -> str:
    """`1 warning`, `2 warnings`."""
    return f"{amount} {word}" if amount == 1 else f"{amount} {word}s"


def listing(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(parts)
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def snake_words(name: str) -> str:
    """`learning_rate` as it is said: `learning rate`."""
    return re.sub(r"[_\s]+", " ", name).strip()


def equation(one: Derived) -> tuple[str, str, str]:
    """A derived quantity as cells: `effective_batch_size`, `64`, `= 4 x 16`."""
    shown, terms = value_text(one.value), one.arithmetic.replace(" * ", " x ")
    return (one.name, shown, f"= {terms}" if terms not in ("", shown) else "")
