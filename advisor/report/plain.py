"""Values of a config as data that any JSON reader accepts: finite, bounded, and of JSON's own types."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

#: Beyond this a JSON reader that holds numbers as doubles would see an infinity.
_LARGEST = 10**308
#: A value is data from a stranger's file: aliases can make a small text a huge tree.
_MOST_ITEMS = 10_000
_DEEPEST = 32
_CUT = "..."
_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}


def plain(value: Any) -> Any:
    """`value` in JSON's types.

    NaN, infinities and integers beyond a double's range become text; what is neither number, text, list nor mapping
    (dates, objects) becomes its text; trees are cut, with `"..."`, below 32 levels and after 10,000 items.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    return _plain(value, 0, [_MOST_ITEMS])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _NOT_FINITE.get(value, "NaN")
    if isinstance(value, Mapping):
        return _mapping(value, depth, left)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _items(value, depth, left)
    return _text(value)


def _integer(value: int) -> int | str:
    if -_LARGEST <= value <= _LARGEST:
        return int(value)
    try:
        return str(int(value))
    except ValueError:  # the interpreter's own limit on the digits of a conversion
        return f"an integer of about {int(value.bit_length() * math.log10(2)) + 1} digits"


def _mapping(value: Mapping[Any, Any], depth: int, left: list[int]) -> dict[str, Any] | str:
    if depth >= _DEEPEST:
        return _CUT
    out: dict[str, Any] = {}
    for key in value:
        if left[0] <= 0:
            out[_CUT] = _CUT
            break
        left[0] -= 1
        out[key if isinstance(key, str) else str(_plain(key, _DEEPEST, left))] = _plain(value[key], depth + 1, left)
    return out


def _items(value: list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any], depth: int, left: list[int]) -> Any:
    if depth >= _DEEPEST:
        return _CUT
    out: list[Any] = []
    for item in islice(value, _MOST_ITEMS):
        if left[0] <= 0:
            break
        left[0] -= 1
        out.append(_plain(item, depth + 1, left))
    return out if len(out) == len(value) else [*out, _CUT]


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # an object's own `__str__` is a stranger's code
        return f"<{type(value).__name__}>"
