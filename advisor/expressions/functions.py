"""The functions of values that an expression may call, by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from advisor.expressions.values import (
    LISTS,
    NO_ANSWER,
    NUMBERS,
    UNKNOWN,
    Unknown,
    UnusableError,
    Value,
    all_equal,
    finite,
    member,
    subscript,
)

MAX_MATCHED: Final = 256  # characters of a text that is searched; longer texts are unknown
MAX_FACTORS: Final = 64  # numbers that `product` multiplies


def _number(value: Value) -> Any:
    if type(value) not in NUMBERS:
        raise UnusableError
    return value


def _text(value: Value) -> str:
    if type(value) is not str:
        raise UnusableError
    return value


def _items(value: Value) -> Sequence[Value]:
    if type(value) not in LISTS:
        raise UnusableError
    return value  # type: ignore[no-any-return]


def _numbers(value: Value) -> list[Any]:
    return [_number(item) for item in _items(value)]


def _one_or_more(value: Value) -> list[Any]:
    """The numbers of a list, or a single number as one: many settings may be either."""
    return _numbers(value) if type(value) in LISTS else [_number(value)]


def _product(value: Value) -> Any:
    """The product of sizes; a list too long to be a shape has none (its product would grow without bound)."""
    numbers = _one_or_more(value)
    if len(numbers) > MAX_FACTORS:
        raise UnusableError
    return math.prod(numbers)


def _greatest_common_divisor(value: Value) -> int:
    """What divides every size given; of whole numbers only."""
    numbers = _one_or_more(value)
    if not all(float(number).is_integer() for number in numbers):
        raise UnusableError
    return math.gcd(*(int(number) for number in numbers))


def _sortable(value: Value) -> list[Any]:
    items = list(_items(value))
    if {type(item) for item in items} <= {str}:
        return items
    return [_number(item) for item in items]


def _of_number(compute: Callable[[Any], Any]) -> Callable[[Value], Value]:
    return lambda value: compute(_number(value))


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Value]:
    """`min` and `max` over several arguments or over one list; of a single number, that number."""
    return lambda *values: choose(_one_or_more(values[0]) if len(values) == 1 else _numbers(values))


def _round(value: Value, digits: Value = None) -> Value:
    if digits is None:
        return round(_number(value))
    if type(digits) is not int or abs(digits) > 30:
        raise UnusableError
    return round(_number(value), digits)


def _to_int(value: Value) -> int:
    return int(value if type(value) is str and len(value) <= 64 else _number(value))


def _to_float(value: Value) -> float:
    return float(value if type(value) is str and len(value) <= 64 else _number(value))


def _length(value: Value) -> int:
    if not isinstance(value, (str, list, tuple, dict)):
        raise UnusableError
    return len(value)


def _affix(test: Callable[[str, tuple[str, ...]], bool]) -> Callable[[Value, Value], bool]:
    def tested(text: Value, affixes: Value) -> bool:
        wanted = (affixes,) if type(affixes) is str else _items(affixes)
        return test(_text(text), tuple(_text(affix) for affix in wanted))

    return tested


def _ratio(values: Value) -> float:
    """The largest over the smallest absolute value, zeros left out."""
    sizes = [abs(number) for number in _numbers(values) if number != 0]
    return max(sizes) / min(sizes)  # type: ignore[no-any-return]


def _directly_before(values: Value, first: Value, second: Value) -> bool | Unknown:
    """Whether some element equal to `first` is immediately followed by one equal to `second`."""
    items = _items(values)
    verdict: bool | Unknown = False
    for one, other in pairwise(items):
        both = all_equal((one, other), (first, second), 0)
        if both is True:
            return True
        if both is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def _nearest_power_of_two(value: Value) -> float:
    number = _number(value)
    exponent = round(math.log2(number))
    return 2**exponent  # type: ignore[no-any-return]


def matched(text: Value, pattern: re.Pattern[str]) -> bool:
    """Whether a pattern is found in a text; a text of more than `MAX_MATCHED` characters has no answer."""
    if len(_text(text)) > MAX_MATCHED:
        raise UnusableError
    return pattern.search(text) is not None


class Function(NamedTuple):
    """A function of values: called when every argument is known, unknown when it has no answer."""

    call: Callable[..., Value]
    fewest: int
    most: int


FUNCTIONS: Final[Mapping[str, Function]] = {
    "min": Function(_extreme(min), 1, 16),
    "max": Function(_extreme(max), 1, 16),
    "abs": Function(_of_number(abs), 1, 1),
    "sqrt": Function(_of_number(math.sqrt), 1, 1),
    "log": Function(_of_number(math.log), 1, 1),
    "log2": Function(_of_number(math.log2), 1, 1),
    "log10": Function(_of_number(math.log10), 1, 1),
    "exp": Function(_of_number(math.exp), 1, 1),
    "floor": Function(_of_number(math.floor), 1, 1),
    "ceil": Function(_of_number(math.ceil), 1, 1),
    "round": Function(_round, 1, 2),
    "int": Function(_to_int, 1, 1),
    "float": Function(_to_float, 1, 1),
    "numeric": Function(lambda value: type(value) in NUMBERS, 1, 1),
    "divides": Function(lambda part, whole: _number(whole) % _number(part) == 0, 2, 2),
    "nearest_power_of_two": Function(_nearest_power_of_two, 1, 1),
    "len": Function(_length, 1, 1),
    "sum": Function(lambda values: sum(_numbers(values)), 1, 1),
    "sorted": Function(lambda values: sorted(_sortable(values)), 1, 1),
    "first": Function(lambda values: subscript(_items(values), 0), 1, 1),
    "last": Function(lambda values: subscript(_items(values), -1), 1, 1),
    "increasing": Function(lambda values: all(a < b for a, b in pairwise(_numbers(values))), 1, 1),
    "decreasing": Function(lambda values: all(a > b for a, b in pairwise(_numbers(values))), 1, 1),
    "ratio": Function(_ratio, 1, 1),
    "product": Function(_product, 1, 1),
    "gcd": Function(_greatest_common_divisor, 1, 1),
    "directly_before": Function(_directly_before, 3, 3),
    "lower": Function(lambda text: _text(text).lower(), 1, 1),
    "startswith": Function(_affix(str.startswith), 2, 2),
    "endswith": Function(_affix(str.endswith), 2, 2),
    "contains": Function(lambda container, item: member(item, container), 2, 2),
}


def checked(call: Callable[..., Value], *values: Value) -> Value:
    """A function's answer, or unknown where an argument is unknown or the function has none."""
    for value in values:
        if value is UNKNOWN:
            return UNKNOWN
    try:
        result = call(*values)
    except NO_ANSWER:
        return UNKNOWN
    return finite(result) if type(result) in NUMBERS else result
