"""What the syntax means over one kind of value: `SINGLE_VALUES`.

Everything that depends on the values being single values stands in this table.  A backend over columns is another table
of the same shape, whose entries take arrays with a mask for unknown; the walk over the syntax stays the same.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from advisor.expressions.functions import FUNCTIONS, Function, checked
from advisor.expressions.values import (
    Value,
    arithmetic,
    equal,
    member,
    negated,
    not_member,
    ordering,
    power,
    sign,
    subscript,
    truth,
    unequal,
)


class Operators(NamedTuple):
    """What the syntax means over one kind of value; a backend over columns is another such table."""

    compare: Mapping[type[ast.cmpop], Callable[[Value, Value], Value]]
    binary: Mapping[type[ast.operator], Callable[[Value, Value], Value]]
    unary: Mapping[type[ast.unaryop], Callable[[Value], Value]]
    functions: Mapping[str, Function]
    truth: Callable[[Value], Value]
    subscript: Callable[[Value, int | str], Value]
    call: Callable[..., Value]


SINGLE_VALUES: Final = Operators(
    compare={
        ast.Eq: equal,
        ast.NotEq: unequal,
        ast.Lt: ordering(operator.lt),
        ast.LtE: ordering(operator.le),
        ast.Gt: ordering(operator.gt),
        ast.GtE: ordering(operator.ge),
        ast.In: member,
        ast.NotIn: not_member,
    },
    binary={
        ast.Add: arithmetic(operator.add),
        ast.Sub: arithmetic(operator.sub),
        ast.Mult: arithmetic(operator.mul),
        ast.Div: arithmetic(operator.truediv),
        ast.FloorDiv: arithmetic(operator.floordiv),
        ast.Mod: arithmetic(operator.mod),
        ast.Pow: arithmetic(power),
    },
    unary={
        ast.USub: sign(operator.neg),
        ast.UAdd: sign(operator.pos),
        ast.Not: lambda value: negated(truth(value)),
    },
    functions=FUNCTIONS,
    truth=truth,
    subscript=subscript,
    call=checked,
)
