"""The rules' expression language: a small part of Python's expression syntax with unknown as a value.

An expression is text from a rule, a dialect or a vocabulary, and so perhaps from somebody else's pack: it is parsed
with `ast`, checked node by node against the tables below, and compiled once to closures. Nothing is ever passed to
`eval`. There is no attribute access, no call but of the functions listed here, and length, depth, exponents, patterns
and magnitudes are bounded.

Evaluating never raises: whatever cannot be computed (a name that the scope does not know, text plus number, a
division by zero, an overflow) is `UNKNOWN`, and `and`, `or`, `not` and comparisons treat it as Kleene's logic does.

Everything that depends on the values being single values stands in `SINGLE_VALUES`, an `Operators` table. A backend
over columns is another table of the same shape, whose entries take arrays with a mask for unknown; the walk over the
syntax stays the same.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol

__all__ = [
    "UNKNOWN",
    "Expression",
    "ExpressionError",
    "MappingScope",
    "Scope",
    "Template",
    "Unknown",
    "compile",
    "format_number",
    "format_value",
    "template",
]

MAX_LENGTH: Final = 2000  # characters of an expression or template
MAX_DEPTH: Final = 40  # nested operations
MAX_PATTERN: Final = 200  # characters of a regular expression
MAX_MATCHED: Final = 256  # characters of a text that is searched; longer texts are unknown
MAX_REPEATS: Final = 3  # unbounded repetitions in one regular expression
MAX_BITS: Final = 1024  # of an integer result: beyond what a float can hold nothing is a hyperparameter
MAX_FACTORS: Final = 64  # numbers that `product` multiplies
MAX_SHOWN: Final = 80  # characters of a text value in a message
MAX_LISTED: Final = 8  # elements of a list in a message


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

Value = Any  # None, bool, int, float, str, list, tuple, dict or UNKNOWN
Evaluate = Callable[["Scope"], Value]


class ExpressionError(ValueError):
    """A text that is no expression of this language; `message` says why, `column` (from 1) says where."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(f"{message} (column {column})")
        self.message = message
        self.column = column

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[str, int]]:
        return (ExpressionError, (self.message, self.column))


class Scope(Protocol):
    """What the names of an expression mean. Values are plain: None, bool, int, float, str, list, tuple, dict."""

    def value(self, name: str, /) -> Value:
        """The value of a name, or `UNKNOWN`; an explicit null is unknown too, `is_null` tells."""

    def given(self, name: str, /) -> bool:
        """Whether the config names it, whatever its value."""

    def is_null(self, name: str, /) -> bool:
        """Whether the config sets it to null."""

    def has_key(self, key: str, /) -> bool:
        """Whether the config holds a key of this spelling."""

    def is_default(self, name: str, /) -> bool:
        """Whether the config gives the very value that its trainer takes by default."""

    def isa(self, key: str, value: str, /) -> bool | Unknown:
        """Whether the value of `key` is `value` or stands below it in its hierarchy."""


class MappingScope:
    """A scope over a plain mapping, for converters and tests; `parents` is the hierarchy that `isa` climbs."""

    __slots__ = ("_keys", "_parents", "_values")

    def __init__(
        self,
        values: Mapping[str, Value],
        parents: Mapping[str, str] | None = None,
        keys: frozenset[str] = frozenset(),
    ) -> None:
        self._values = values
        self._parents = parents or {}
        self._keys = keys

    def value(self, name: str) -> Value:
        """The value of a name; absent and null are unknown."""
        found = self._values.get(name)
        return UNKNOWN if found is None else found

    def given(self, name: str) -> bool:
        """Whether the mapping holds the name, be it null."""
        return name in self._values

    def is_null(self, name: str) -> bool:
        """Whether the mapping holds the name with None."""
        return name in self._values and self._values[name] is None

    def has_key(self, key: str) -> bool:
        """Whether the mapping, or the further keys given, hold the key."""
        return key in self._values or key in self._keys

    def is_default(self, name: str) -> bool:  # noqa: ARG002 - a plain mapping has no trainer
        """A plain mapping has no trainer and so no defaults."""
        return False

    def isa(self, key: str, value: str) -> bool | Unknown:
        """Whether the value of `key` is `value` or has it as an ancestor."""
        current = self.value(key)
        if not isinstance(current, str):
            return UNKNOWN
        seen: set[str] = set()
        while current != value:
            seen.add(current)
            parent = self._parents.get(current)
            if parent is None or parent in seen:
                return False
            current = parent
        return True


# ---- single values: truth, equality, order, arithmetic --------------------------------------------------------------

_NUMBERS: Final = frozenset({int, float})  # bool is a truth value here, not a number
_LISTS: Final = frozenset({list, tuple})
_TOO_LARGE: Final = 1 << MAX_BITS


class _UnusableError(Exception):
    """The arguments are of a kind, or have values, for which a function has no answer."""


_NO_ANSWER: Final = (_UnusableError, ArithmeticError, ValueError, TypeError, RecursionError)


def _truth(value: Value) -> bool | Unknown:
    """True, false or unknown; a text is neither, because "false" is a text too."""
    if type(value) is bool:
        return value
    if value is None:
        return False
    if type(value) in _NUMBERS:
        return bool(value != 0)
    return UNKNOWN if not isinstance(value, (list, tuple, dict)) else len(value) > 0


def _equal(left: Value, right: Value, depth: int = 0) -> bool | Unknown:
    if left is UNKNOWN or right is UNKNOWN or depth > MAX_DEPTH:
        return UNKNOWN
    kinds = (type(left), type(right))
    if kinds[0] is str or kinds[0] in _NUMBERS:
        same_kind = kinds[1] is str if kinds[0] is str else kinds[1] in _NUMBERS
        return bool(same_kind and left == right)
    if kinds[0] in _LISTS and kinds[1] in _LISTS:
        return _all_equal(left, right, depth)
    if kinds == (dict, dict):
        if left.keys() != right.keys():
            return False
        return _all_equal(list(left.values()), [right[key] for key in left], depth)
    return kinds[0] is kinds[1] and bool(left == right)


def _all_equal(left: Sequence[Value], right: Sequence[Value], depth: int) -> bool | Unknown:
    if len(left) != len(right):
        return False
    verdict: bool | Unknown = True
    for one, other in zip(left, right, strict=True):
        same = _equal(one, other, depth + 1)
        if same is False:
            return False
        if same is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def _not(verdict: bool | Unknown) -> bool | Unknown:
    return UNKNOWN if verdict is UNKNOWN else not verdict


def _unequal(left: Value, right: Value) -> bool | Unknown:
    return _not(_equal(left, right))


def _member(item: Value, container: Value) -> bool | Unknown:
    """Kleene's `or` over the equalities with the elements; part of a text; key of a table."""
    kind = type(container)
    if kind is str:
        return item in container if type(item) is str else UNKNOWN
    if kind is dict:
        return item in container if type(item) in (str, int) else UNKNOWN
    if kind not in _LISTS:
        return UNKNOWN
    verdict: bool | Unknown = False
    for element in container:
        same = _equal(item, element)
        if same is True:
            return True
        if same is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def _not_member(item: Value, container: Value) -> bool | Unknown:
    return _not(_member(item, container))


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool | Unknown]:
    """An order of numbers, or of texts; between other kinds, and with NaN, there is none."""

    def ordered(left: Value, right: Value) -> bool | Unknown:
        if type(left) in _NUMBERS and type(right) in _NUMBERS:
            return compare(left, right) if left == left and right == right else UNKNOWN  # noqa: PLR0124 (NaN)
        if type(left) is str and type(right) is str:
            return compare(left, right)
        return UNKNOWN

    return ordered


def _finite(result: Value) -> Value:
    """A result as it is when it is a number that a float can hold."""
    if type(result) is float:
        return result if math.isfinite(result) else UNKNOWN
    if type(result) is int:
        return result if -_TOO_LARGE < result < _TOO_LARGE else UNKNOWN
    return UNKNOWN  # a complex power


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    def computed(left: Value, right: Value) -> Value:
        if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
            return UNKNOWN
        try:
            return _finite(compute(left, right))
        except _NO_ANSWER:
            return UNKNOWN

    return computed


def _power(base: float, exponent: float) -> Any:
    if abs(exponent) > MAX_BITS:
        raise _UnusableError
    if type(base) is int and type(exponent) is int and exponent > 0 and base.bit_length() * exponent > 2 * MAX_BITS:
        raise _UnusableError
    return base**exponent


def _sign(compute: Callable[[Any], Any]) -> Callable[[Value], Value]:
    return lambda value: compute(value) if type(value) in _NUMBERS else UNKNOWN


def _item(container: Value, index: int | str) -> Value:
    if type(container) is dict:
        return container.get(index, UNKNOWN)
    if type(container) in _LISTS and type(index) is int and -len(container) <= index < len(container):
        return container[index]
    return UNKNOWN


# ---- functions ------------------------------------------------------------------------------------------------------


def _number(value: Value) -> Any:
    if type(value) not in _NUMBERS:
        raise _UnusableError
    return value


def _text(value: Value) -> str:
    if type(value) is not str:
        raise _UnusableError
    return value


def _items(value: Value) -> Sequence[Value]:
    if type(value) not in _LISTS:
        raise _UnusableError
    return value  # type: ignore[no-any-return]


def _numbers(value: Value) -> list[Any]:
    return [_number(item) for item in _items(value)]


def _one_or_more(value: Value) -> list[Any]:
    """The numbers of a list, or a single number as one: many settings may be either."""
    return _numbers(value) if type(value) in _LISTS else [_number(value)]


def _product(value: Value) -> Any:
    """The product of sizes; a list too long to be a shape has none (its product would grow without bound)."""
    numbers = _one_or_more(value)
    if len(numbers) > MAX_FACTORS:
        raise _UnusableError
    return math.prod(numbers)


def _greatest_common_divisor(value: Value) -> int:
    """What divides every size given; of whole numbers only."""
    numbers = _one_or_more(value)
    if not all(float(number).is_integer() for number in numbers):
        raise _UnusableError
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
        raise _UnusableError
    return round(_number(value), digits)


def _to_int(value: Value) -> int:
    return int(value if type(value) is str and len(value) <= 64 else _number(value))


def _to_float(value: Value) -> float:
    return float(value if type(value) is str and len(value) <= 64 else _number(value))


def _length(value: Value) -> int:
    if not isinstance(value, (str, list, tuple, dict)):
        raise _UnusableError
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
        both = _all_equal((one, other), (first, second), 0)
        if both is True:
            return True
        if both is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def _nearest_power_of_two(value: Value) -> float:
    number = _number(value)
    exponent = round(math.log2(number))
    return 2**exponent  # type: ignore[no-any-return]


def _matches(text: Value, pattern: re.Pattern[str]) -> bool:
    if len(_text(text)) > MAX_MATCHED:
        raise _UnusableError
    return pattern.search(text) is not None


class _Function(NamedTuple):
    """A function of values: called when every argument is known, unknown when it has no answer."""

    call: Callable[..., Value]
    fewest: int
    most: int


_FUNCTIONS: Final[Mapping[str, _Function]] = {
    "min": _Function(_extreme(min), 1, 16),
    "max": _Function(_extreme(max), 1, 16),
    "abs": _Function(_of_number(abs), 1, 1),
    "sqrt": _Function(_of_number(math.sqrt), 1, 1),
    "log": _Function(_of_number(math.log), 1, 1),
    "log2": _Function(_of_number(math.log2), 1, 1),
    "log10": _Function(_of_number(math.log10), 1, 1),
    "exp": _Function(_of_number(math.exp), 1, 1),
    "floor": _Function(_of_number(math.floor), 1, 1),
    "ceil": _Function(_of_number(math.ceil), 1, 1),
    "round": _Function(_round, 1, 2),
    "int": _Function(_to_int, 1, 1),
    "float": _Function(_to_float, 1, 1),
    "numeric": _Function(lambda value: type(value) in _NUMBERS, 1, 1),
    "divides": _Function(lambda part, whole: _number(whole) % _number(part) == 0, 2, 2),
    "nearest_power_of_two": _Function(_nearest_power_of_two, 1, 1),
    "len": _Function(_length, 1, 1),
    "sum": _Function(lambda values: sum(_numbers(values)), 1, 1),
    "sorted": _Function(lambda values: sorted(_sortable(values)), 1, 1),
    "first": _Function(lambda values: _item(_items(values), 0), 1, 1),
    "last": _Function(lambda values: _item(_items(values), -1), 1, 1),
    "increasing": _Function(lambda values: all(a < b for a, b in pairwise(_numbers(values))), 1, 1),
    "decreasing": _Function(lambda values: all(a > b for a, b in pairwise(_numbers(values))), 1, 1),
    "ratio": _Function(_ratio, 1, 1),
    "product": _Function(_product, 1, 1),
    "gcd": _Function(_greatest_common_divisor, 1, 1),
    "directly_before": _Function(_directly_before, 3, 3),
    "lower": _Function(lambda text: _text(text).lower(), 1, 1),
    "startswith": _Function(_affix(str.startswith), 2, 2),
    "endswith": _Function(_affix(str.endswith), 2, 2),
    "contains": _Function(lambda container, item: _member(item, container), 2, 2),
}


def _checked(call: Callable[..., Value], *values: Value) -> Value:
    """A function's answer, or unknown where an argument is unknown or the function has none."""
    for value in values:
        if value is UNKNOWN:
            return UNKNOWN
    try:
        result = call(*values)
    except _NO_ANSWER:
        return UNKNOWN
    return _finite(result) if type(result) in _NUMBERS else result


class Operators(NamedTuple):
    """What the syntax means over one kind of value; a backend over columns is another such table."""

    compare: Mapping[type[ast.cmpop], Callable[[Value, Value], Value]]
    binary: Mapping[type[ast.operator], Callable[[Value, Value], Value]]
    unary: Mapping[type[ast.unaryop], Callable[[Value], Value]]
    functions: Mapping[str, _Function]
    truth: Callable[[Value], Value]
    item: Callable[[Value, int | str], Value]
    call: Callable[..., Value]


SINGLE_VALUES: Final = Operators(
    compare={
        ast.Eq: _equal,
        ast.NotEq: _unequal,
        ast.Lt: _ordering(operator.lt),
        ast.LtE: _ordering(operator.le),
        ast.Gt: _ordering(operator.gt),
        ast.GtE: _ordering(operator.ge),
        ast.In: _member,
        ast.NotIn: _not_member,
    },
    binary={
        ast.Add: _arithmetic(operator.add),
        ast.Sub: _arithmetic(operator.sub),
        ast.Mult: _arithmetic(operator.mul),
        ast.Div: _arithmetic(operator.truediv),
        ast.FloorDiv: _arithmetic(operator.floordiv),
        ast.Mod: _arithmetic(operator.mod),
        ast.Pow: _arithmetic(_power),
    },
    unary={
        ast.USub: _sign(operator.neg),
        ast.UAdd: _sign(operator.pos),
        ast.Not: lambda value: _not(_truth(value)),
    },
    functions=_FUNCTIONS,
    truth=_truth,
    item=_item,
    call=_checked,
)


# ---- from syntax to closures ----------------------------------------------------------------------------------------


class _Node:
    """One operation: its closure, and what is needed to say later why its result is unknown."""

    __slots__ = ("children", "constant", "evaluate", "name", "relevant")

    def __init__(
        self,
        evaluate: Evaluate,
        children: tuple[_Node, ...] = (),
        *,
        name: str | None = None,
        constant: bool = False,
        relevant: Callable[[Scope], tuple[_Node, ...]] | None = None,
    ) -> None:
        self.evaluate = evaluate
        self.children = children
        self.name = name
        self.constant = constant
        self.relevant = relevant

    def missing(self, scope: Scope) -> Iterator[str]:
        """The names below that are unknown, as far as they make this unknown."""
        if self.evaluate(scope) is not UNKNOWN:
            return
        if self.name is not None:
            yield self.name
        for child in self.children if self.relevant is None else self.relevant(scope):
            yield from child.missing(scope)


def _literal(value: Value) -> _Node:
    return _Node(lambda _: value, constant=True)


_MISSPELT_LITERALS: Final = {"true": "True", "false": "False", "null": "None", "none": "None"}


class _Compiler:
    """Walks the syntax once; every kind of node that has no entry in `_VISIT` is refused."""

    def __init__(self, source: str, operators: Operators) -> None:
        self.source = source
        self.operators = operators
        self.names: set[str] = set()
        self.depth = 0

    def error(self, node: ast.AST, message: str) -> ExpressionError:
        return ExpressionError(message, _column(self.source, getattr(node, "col_offset", 0)))

    def visit(self, node: ast.expr) -> _Node:
        visit = _VISIT.get(type(node))
        if visit is None:
            raise self.error(node, f"{_KIND.get(type(node), type(node).__name__.lower())} is not allowed here")
        if self.depth >= MAX_DEPTH:
            raise self.error(node, f"nested more than {MAX_DEPTH} deep")
        self.depth += 1
        result = visit(self, node)
        self.depth -= 1
        return result

    def constant(self, node: ast.Constant) -> _Node:
        value = node.value
        if value is None or type(value) in (bool, str):
            return _literal(value)
        if type(value) not in _NUMBERS or _finite(value) is UNKNOWN:
            raise self.error(node, f"{type(value).__name__} literal is not allowed, or too large")
        return _literal(value)

    def name(self, node: ast.Name) -> _Node:
        name = self.value_name(node)
        return _Node(lambda scope: scope.value(name), name=name)

    def value_name(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name):
            raise self.error(node, "a name is needed here")
        if node.id in _MISSPELT_LITERALS:
            raise self.error(node, f"write {_MISSPELT_LITERALS[node.id]}")
        if node.id in self.operators.functions or node.id in _NAME_FUNCTIONS:
            raise self.error(node, f"{node.id} is a function: it needs arguments")
        self.names.add(node.id)
        return node.id

    def sequence(self, node: ast.Tuple | ast.List) -> _Node:
        parts = tuple(self.visit(element) for element in node.elts)
        if all(part.constant for part in parts):
            return _literal(tuple(part.evaluate(_NOTHING) for part in parts))
        evaluates = [part.evaluate for part in parts]
        return _Node(lambda scope: tuple([evaluate(scope) for evaluate in evaluates]), parts)

    def subscript(self, node: ast.Subscript) -> _Node:
        value = self.visit(node.value)
        index: Value = self.visit(node.slice).evaluate(_NOTHING) if _is_literal(node.slice) else None
        if type(index) not in (int, str):
            raise self.error(node.slice, "an index must be a whole number or a text")
        evaluate, item = value.evaluate, self.operators.item
        return _Node(lambda scope: item(evaluate(scope), index), (value,))

    def unary(self, node: ast.UnaryOp) -> _Node:
        apply = self.operators.unary.get(type(node.op))
        if apply is None:
            raise self.error(node, "this operator is not allowed")
        operand = self.visit(node.operand)
        evaluate = operand.evaluate
        if operand.constant:
            return _literal(apply(evaluate(_NOTHING)))
        return _Node(lambda scope: apply(evaluate(scope)), (operand,))

    def binary(self, node: ast.BinOp) -> _Node:
        apply = self.operators.binary.get(type(node.op))
        if apply is None:
            raise self.error(node, "this operator is not allowed")
        left, right = self.visit(node.left), self.visit(node.right)
        first, second = left.evaluate, right.evaluate
        if left.constant and right.constant:
            return _literal(apply(first(_NOTHING), second(_NOTHING)))
        return _Node(lambda scope: apply(first(scope), second(scope)), (left, right))

    def boolean(self, node: ast.BoolOp) -> _Node:
        """Kleene's `and` and `or`: one deciding operand is enough, else one unknown is."""
        parts = tuple(self.visit(value) for value in node.values)
        evaluates = [part.evaluate for part in parts]
        truth = self.operators.truth
        deciding = isinstance(node.op, ast.Or)

        def evaluate(scope: Scope) -> Value:
            verdict: Value = not deciding
            for one in evaluates:
                value = truth(one(scope))
                if value is deciding:
                    return deciding
                if value is UNKNOWN:
                    verdict = UNKNOWN
            return verdict

        return _Node(evaluate, parts)

    def comparison(self, node: ast.Compare) -> _Node:
        operands = (self.visit(node.left), *(self.visit(value) for value in node.comparators))
        tests: list[Callable[[Value, Value], Value]] = []
        for kind in node.ops:
            test = self.operators.compare.get(type(kind))
            if test is None:
                raise self.error(node, "`is` is not allowed: write == or is_null(x)")
            tests.append(test)
        if len(tests) == 1:
            left, right, test = operands[0].evaluate, operands[1].evaluate, tests[0]
            return _Node(lambda scope: test(left(scope), right(scope)), operands)
        return _Node(_chain(operands, tests), operands)

    def conditional(self, node: ast.IfExp) -> _Node:
        test, chosen, other = self.visit(node.test), self.visit(node.body), self.visit(node.orelse)
        decide, when_true, when_false = test.evaluate, chosen.evaluate, other.evaluate
        truth = self.operators.truth

        def evaluate(scope: Scope) -> Value:
            verdict = truth(decide(scope))
            if verdict is UNKNOWN:
                return UNKNOWN
            return when_true(scope) if verdict else when_false(scope)

        def relevant(scope: Scope) -> tuple[_Node, ...]:
            verdict = truth(decide(scope))
            return (test,) if verdict is UNKNOWN else ((chosen,) if verdict else (other,))

        return _Node(evaluate, relevant=relevant)

    def call(self, node: ast.Call) -> _Node:
        if not isinstance(node.func, ast.Name):
            raise self.error(node, "only the listed functions can be called")
        if node.keywords:
            raise self.error(node, "arguments cannot be named")
        build = _NAME_FUNCTIONS.get(node.func.id)
        if build is not None:
            return build(self, node)
        function = self.operators.functions.get(node.func.id)
        if function is None:
            raise self.error(node, f"there is no function {node.func.id}")
        if not function.fewest <= len(node.args) <= function.most:
            raise self.error(node, f"{node.func.id} takes {_counted(function.fewest, function.most)}")
        arguments = tuple(self.visit(argument) for argument in node.args)
        return _Node(_application(self.operators.call, function.call, arguments), arguments)

    # functions that look at a name, or at an argument before it is a value

    def arguments(self, node: ast.Call, count: int) -> list[ast.expr]:
        if len(node.args) != count:
            raise self.error(node, f"this function takes {_counted(count, count)}")
        return node.args

    def text_literal(self, node: ast.expr) -> str:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            raise self.error(node, "a text in quotes is needed here")
        return node.value

    def given(self, node: ast.Call) -> _Node:
        name = self.value_name(self.arguments(node, 1)[0])
        return _Node(lambda scope: scope.given(name))

    def is_null(self, node: ast.Call) -> _Node:
        name = self.value_name(self.arguments(node, 1)[0])
        return _Node(lambda scope: scope.is_null(name))

    def is_default(self, node: ast.Call) -> _Node:
        name = self.value_name(self.arguments(node, 1)[0])
        return _Node(lambda scope: scope.is_default(name))

    def known(self, node: ast.Call) -> _Node:
        evaluate = self.visit(self.arguments(node, 1)[0]).evaluate
        return _Node(lambda scope: evaluate(scope) is not UNKNOWN)

    def has_key(self, node: ast.Call) -> _Node:
        key = self.text_literal(self.arguments(node, 1)[0])
        return _Node(lambda scope: scope.has_key(key))

    def default(self, node: ast.Call) -> _Node:
        value, otherwise = (self.visit(argument) for argument in self.arguments(node, 2))
        first, second = value.evaluate, otherwise.evaluate

        def evaluate(scope: Scope) -> Value:
            found = first(scope)
            return second(scope) if found is UNKNOWN else found

        return _Node(evaluate, (value, otherwise))

    def isa(self, node: ast.Call) -> _Node:
        subject, kinds = self.arguments(node, 2)
        key = self.value_name(subject)
        listed = kinds.elts if isinstance(kinds, (ast.Tuple, ast.List)) else [kinds]
        wanted = [self.text_literal(kind) for kind in listed]

        def evaluate(scope: Scope) -> Value:
            verdict: Value = False
            for kind in wanted:
                holds = scope.isa(key, kind)
                if holds is True:
                    return True
                if holds is UNKNOWN:
                    verdict = UNKNOWN
            return verdict

        return _Node(evaluate, name=key)

    def matches(self, node: ast.Call) -> _Node:
        subject, written = self.arguments(node, 2)
        text = self.text_literal(written)
        problem = _pattern_problem(text)
        if problem:
            raise self.error(written, problem)
        pattern, value = re.compile(text), self.visit(subject)
        evaluate, call = value.evaluate, self.operators.call
        return _Node(lambda scope: call(_matches, evaluate(scope), pattern), (value,))


_VISIT: Final[Mapping[type[ast.expr], Callable[[_Compiler, Any], _Node]]] = {
    ast.Constant: _Compiler.constant,
    ast.Name: _Compiler.name,
    ast.Tuple: _Compiler.sequence,
    ast.List: _Compiler.sequence,
    ast.Subscript: _Compiler.subscript,
    ast.UnaryOp: _Compiler.unary,
    ast.BinOp: _Compiler.binary,
    ast.BoolOp: _Compiler.boolean,
    ast.Compare: _Compiler.comparison,
    ast.IfExp: _Compiler.conditional,
    ast.Call: _Compiler.call,
}

_NAME_FUNCTIONS: Final[Mapping[str, Callable[[_Compiler, ast.Call], _Node]]] = {
    "given": _Compiler.given,
    "known": _Compiler.known,
    "is_null": _Compiler.is_null,
    "is_default": _Compiler.is_default,
    "default": _Compiler.default,
    "has_key": _Compiler.has_key,
    "isa": _Compiler.isa,
    "matches": _Compiler.matches,
}

_KIND: Final[Mapping[type[ast.AST], str]] = {
    ast.Attribute: "attribute access",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.Dict: "a table literal",
    ast.Set: "a set literal",
}

_NOTHING: Final = MappingScope({})


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _counted(fewest: int, most: int) -> str:
    number = str(fewest) if fewest == most else f"{fewest} to {most}"
    return f"{number} argument{'' if most == 1 else 's'}"


def _chain(operands: Sequence[_Node], tests: Sequence[Callable[[Value, Value], Value]]) -> Evaluate:
    """`a < b < c`: the conjunction of its links, each operand evaluated at most once."""
    first = operands[0].evaluate
    links = [(test, node.evaluate) for test, node in zip(tests, operands[1:], strict=True)]

    def evaluate(scope: Scope) -> Value:
        verdict: Value = True
        left = first(scope)
        for test, operand in links:
            right = operand(scope)
            holds = test(left, right)
            if holds is False:
                return False
            if holds is UNKNOWN:
                verdict = UNKNOWN
            left = right
        return verdict

    return evaluate


def _application(call: Callable[..., Value], function: Callable[..., Value], arguments: Sequence[_Node]) -> Evaluate:
    """A function over its arguments; one and two arguments, the usual cases, without a list in between."""
    evaluates = [argument.evaluate for argument in arguments]
    if len(evaluates) == 1:
        (only,) = evaluates
        return lambda scope: call(function, only(scope))
    if len(evaluates) == 2:
        one, two = evaluates
        return lambda scope: call(function, one(scope), two(scope))
    return lambda scope: call(function, *[evaluate(scope) for evaluate in evaluates])


# A repeated group that itself repeats, or chooses, can take exponential time: such patterns are refused by their
# spelling. What remains takes at most polynomial time in texts of MAX_MATCHED characters.
_PATTERN_PART: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[:=!<>a-zA-Z]*)?|[*+]|\{\d*,?\d*\}|.", re.S)
_REPEAT: Final = re.compile(r"[*+]|\{\d*,?\d*\}")


def _pattern_problem(pattern: str) -> str | None:
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    if re.search(r"\\[1-9]|\(\?[P(]", pattern):
        return "the pattern refers back to a group"
    groups = [False]  # whether the group, from the outermost in, holds a repetition or a choice
    repeats, closed_busy = 0, False
    for part in _PATTERN_PART.findall(pattern):
        repeating = _REPEAT.fullmatch(part) is not None
        if repeating and closed_busy:
            return "the pattern repeats a group that itself repeats or chooses"
        closed_busy = False
        repeats += repeating
        if part.startswith("("):
            groups.append(False)
        elif part == ")" and len(groups) > 1:
            closed_busy = groups.pop()
            groups[-1] |= closed_busy
        elif repeating or part == "|":
            groups[-1] = True
    if repeats > MAX_REPEATS:
        return f"the pattern has more than {MAX_REPEATS} repetitions"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        return f"the pattern is no regular expression: {problem}"
    return None


# ---- the public names -----------------------------------------------------------------------------------------------


class Expression:
    """A compiled expression; made by `compile`, immutable, shared between threads."""

    __slots__ = ("_node", "evaluate", "names", "text")

    text: str
    names: frozenset[str]
    evaluate: Evaluate
    """The value in a scope, or `UNKNOWN`; never raises as long as the scope does not."""

    def __init__(self, text: str, names: frozenset[str], node: _Node) -> None:
        self.text = text
        self.names = names
        self.evaluate = node.evaluate
        self._node = node

    def missing(self, scope: Scope) -> tuple[str, ...]:
        """The names whose being unknown made the result unknown, in the order of the text.

        Empty when the result is known, and when it is unknown for another reason, such as a division by zero.
        """
        return tuple(dict.fromkeys(self._node.missing(scope)))

    def __repr__(self) -> str:
        return f"compile({self.text!r})"

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        return (compile, (self.text,))


@lru_cache(maxsize=8192)
def compile(text: str) -> Expression:  # noqa: A001 (as re.compile)
    """Compile an expression; raises `ExpressionError` for any text that is none."""
    source = text.replace("\n", " ").replace("\r", " ").strip()
    compiler = _Compiler(source, SINGLE_VALUES)
    node = compiler.visit(_parse(source))
    return Expression(text, frozenset(compiler.names), node)


def _parse(source: str) -> ast.expr:
    if not source:
        raise ExpressionError("an expression is needed here")
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on style would name a file that does not exist
            return ast.parse(source, "<expression>", "eval").body
    except SyntaxError as problem:
        raise ExpressionError(problem.msg, max(1, problem.offset or 1)) from None
    except (ValueError, MemoryError, RecursionError) as problem:
        raise ExpressionError(str(problem) or "nested too deeply") from None


def _column(source: str, offset: int) -> int:
    """The column, in characters from 1, of an offset in UTF-8 bytes."""
    if source.isascii():
        return offset + 1
    return len(source.encode("utf-8", "replace")[:offset].decode("utf-8", "replace")) + 1


class Template:
    """A message with expressions in braces; made by `template`."""

    __slots__ = ("_parts", "names", "text")

    text: str
    names: frozenset[str]

    def __init__(self, text: str, parts: tuple[str | Expression, ...]) -> None:
        self.text = text
        self._parts = parts
        self.names = frozenset().union(*(part.names for part in parts if isinstance(part, Expression)))

    def render(self, scope: Scope) -> str:
        """The message with every value written as people write it, `?` for an unknown one."""
        return "".join([part if isinstance(part, str) else format_value(part.evaluate(scope)) for part in self._parts])

    def __repr__(self) -> str:
        return f"template({self.text!r})"

    def __reduce__(self) -> tuple[Callable[[str], Template], tuple[str]]:
        return (template, (self.text,))


_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Compile a message: `{expression}` is evaluated, `{{` and `}}` are braces; raises `ExpressionError`."""
    parts: list[str | Expression] = []
    end = 0
    for match in _BRACES.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(_template_part(match))
        end = match.end()
    parts.append(text[end:])
    return Template(text, tuple(part for part in parts if part != ""))


def _template_part(match: re.Match[str]) -> str | Expression:
    if match[1] is None:
        if len(match[0]) == 1:
            raise ExpressionError(f"a lone {match[0]}: write it twice to mean the character", match.start() + 1)
        return match[0][0]
    try:
        return compile(match[1])
    except ExpressionError as problem:
        raise ExpressionError(problem.message, match.start(1) + problem.column) from None


# ---- numbers and values as people write them ------------------------------------------------------------------------

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
