"""Single values: unknown, and truth, equality, order and arithmetic with it in three-valued (Kleene) logic.

Nothing here raises for what a value is: what has no answer is `UNKNOWN`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

MAX_DEPTH: Final = 40  # nested operations
MAX_BITS: Final = 1024  # of an integer result: beyond what a float can hold nothing is a hyperparameter


class Unknown:
    """The type of `UNKNOWN`, the value of whatever the config does not say."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false: compare with `is True`, `is False` or `is UNKNOWN`")

    def __reduce__(self) -> str:
        return "UNKNOWN"  # a copy or a pickle is the one object again


UNKNOWN: Final = Unknown()

Value: TypeAlias = Any  # None, bool, int, float, str, list, tuple, dict or UNKNOWN

NUMBERS: Final = frozenset({int, float})  # bool is a truth value here, not a number
LISTS: Final = frozenset({list, tuple})
_TOO_LARGE: Final = 1 << MAX_BITS


class UnusableError(Exception):
    """The arguments are of a kind, or have values, for which a function has no answer."""


NO_ANSWER: Final = (UnusableError, ArithmeticError, ValueError, TypeError, RecursionError)


def truth(value: Value) -> bool | Unknown:
    """True, false or unknown; a text is neither, because "false" is a text too."""
    if type(value) is bool:
        return value
    if value is None:
        return False
    if type(value) in NUMBERS:
        return bool(value != 0)
    return UNKNOWN if not isinstance(value, (list, tuple, dict)) else len(value) > 0


#: Texts that say "off" where a value may also be a truth value, a number or a name.
_OFF: Final = frozenset({"", "none", "null", "nil", "false", "no", "off", "0", "disable", "disabled", "~"})
#: What a text begins with that stands for another value.
_REFERENCES: Final = ("{{", "$", "@")


def switched_on(values: Iterable[Value], off: Sequence[Value] = ()) -> bool | Unknown:
    """Whether a value switches something on: not false, null, zero, empty, a word for that, or one of `off`."""
    verdict: bool | Unknown = False
    for value in values:
        one = _is_on(value, off)
        if one is True:
            return True
        if one is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def _is_on(value: Value, off: Sequence[Value]) -> bool | Unknown:
    if type(value) is str:
        text = value.strip().lower()
        if text == "auto" or text.startswith(_REFERENCES):
            return UNKNOWN
        return text not in _OFF and text not in [str(word) for word in off]
    if type(value) in NUMBERS and value < 0:
        return UNKNOWN  # a trainer's word for "none" as often as for "all"
    if any(equal(value, word) is True for word in off):
        return False
    return truth(value)


def equal(left: Value, right: Value, depth: int = 0) -> bool | Unknown:
    """Equality of values of one kind; integers and floats are one kind, booleans another."""
    if left is UNKNOWN or right is UNKNOWN or depth > MAX_DEPTH:
        return UNKNOWN
    kinds = (type(left), type(right))
    if kinds[0] is str or kinds[0] in NUMBERS:
        same_kind = kinds[1] is str if kinds[0] is str else kinds[1] in NUMBERS
        return bool(same_kind and left == right)
    if kinds[0] in LISTS and kinds[1] in LISTS:
        return all_equal(left, right, depth)
    if kinds == (dict, dict):
        if left.keys() != right.keys():
            return False
        return all_equal(list(left.values()), [right[key] for key in left], depth)
    return kinds[0] is kinds[1] and bool(left == right)


def all_equal(left: Sequence[Value], right: Sequence[Value], depth: int) -> bool | Unknown:
    """Whether two sequences are equal element by element."""
    if len(left) != len(right):
        return False
    verdict: bool | Unknown = True
    for one, other in zip(left, right, strict=True):
        same = equal(one, other, depth + 1)
        if same is False:
            return False
        if same is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def negated(verdict: bool | Unknown) -> bool | Unknown:
    """Kleene's `not`."""
    return UNKNOWN if verdict is UNKNOWN else not verdict


def unequal(left: Value, right: Value) -> bool | Unknown:
    """The negation of `equal`."""
    return negated(equal(left, right))


def member(item: Value, container: Value) -> bool | Unknown:
    """Kleene's `or` over the equalities with the elements; part of a text; key of a table."""
    kind = type(container)
    if kind is str:
        return item in container if type(item) is str else UNKNOWN
    if kind is dict:
        return item in container if type(item) in (str, int) else UNKNOWN
    if kind not in LISTS:
        return UNKNOWN
    verdict: bool | Unknown = False
    for element in container:
        same = equal(item, element)
        if same is True:
            return True
        if same is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def not_member(item: Value, container: Value) -> bool | Unknown:
    """The negation of `member`."""
    return negated(member(item, container))


def ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool | Unknown]:
    """An order of numbers, or of texts; between other kinds, and with NaN, there is none."""

    def ordered(left: Value, right: Value) -> bool | Unknown:
        if type(left) in NUMBERS and type(right) in NUMBERS:
            return compare(left, right) if left == left and right == right else UNKNOWN  # noqa: PLR0124 (NaN)
        if type(left) is str and type(right) is str:
            return compare(left, right)
        return UNKNOWN

    return ordered


def finite(result: Value) -> Value:
    """A result as it is when it is a number that a float can hold."""
    if type(result) is float:
        return result if math.isfinite(result) else UNKNOWN
    if type(result) is int:
        return result if -_TOO_LARGE < result < _TOO_LARGE else UNKNOWN
    return UNKNOWN  # a complex power


def arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    """An operation on two numbers; unknown where it fails or its result is no finite number."""

    def computed(left: Value, right: Value) -> Value:
        if type(left) not in NUMBERS or type(right) not in NUMBERS:
            return UNKNOWN
        try:
            return finite(compute(left, right))
        except NO_ANSWER:
            return UNKNOWN

    return computed


def power(base: float, exponent: float) -> Any:
    """A power of bounded size; raises `UnusableError` beyond."""
    if abs(exponent) > MAX_BITS:
        raise UnusableError
    if type(base) is int and type(exponent) is int and exponent > 0 and base.bit_length() * exponent > 2 * MAX_BITS:
        raise UnusableError
    return base**exponent


def sign(compute: Callable[[Any], Any]) -> Callable[[Value], Value]:
    """A unary operation on a number."""
    return lambda value: compute(value) if type(value) in NUMBERS else UNKNOWN


def subscript(container: Value, index: int | str) -> Value:
    """An element of a list or tuple, or an entry of a table; unknown where there is none."""
    if type(container) is dict:
        return container.get(index, UNKNOWN)
    if type(container) in LISTS and type(index) is int and -len(container) <= index < len(container):
        return container[index]
    return UNKNOWN
