"""A formula as the arithmetic that was done: its names as numbers, only the branch taken, without factors of one.

`default(accumulation, 1) * batch * devices` becomes `4 x 8`, which is how a reader checks a number by hand.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from advisor import expressions
from advisor.expressions import UNKNOWN, format_number
from advisor.findings import Derived
from advisor.parameters import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor import setup
    from advisor.expressions import Expression, Scope

_ONE = (1, 1.0)


def arithmetic(formula: Expression, scope: Scope) -> str:
    """The formula in numbers; empty where nothing was computed (a value taken over as it is)."""
    tree = _InNumbers(scope).visit(ast.parse(formula.text, mode="eval").body)
    if isinstance(tree, ast.Constant | ast.Name):
        return ""
    return ast.unparse(_Written().visit(tree)).replace("'", "").replace("*", "x").replace("xx", "^")


def derived(scope: setup.Scope) -> Iterator[Derived]:
    """Derived quantities with their arithmetic in numbers (`4 x 8 x 16`), but not those that only pass a value on."""
    for name, row in vocabulary().derived.items():
        scope.value(name)
        derivation = scope.derivations.get(name)
        if derivation is None or isinstance(derivation.value, bool) or not row.get("shown", True):
            continue
        shown = arithmetic(derivation.formula, scope)
        if shown:
            yield Derived(name, derivation.value, shown)


class _InNumbers(ast.NodeTransformer):
    """Names become numbers, conditions are decided, and what multiplies or divides by one goes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self.scope.value(node.id)
        return node if value is UNKNOWN or isinstance(value, list | dict) else ast.Constant(value)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        taken = expressions.compile(ast.unparse(node.test)).evaluate(self.scope) is True
        return self.visit(node.body if taken else node.orelse)

    def visit_Call(self, node: ast.Call) -> Any:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called == "default":
            known = expressions.compile(ast.unparse(node.args[0])).evaluate(self.scope) is not UNKNOWN
            return self.visit(node.args[0] if known else node.args[1])
        node.args = [self.visit(argument) for argument in node.args]
        values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        if called in ("max", "min") and len(values) == len(node.args) and len(set(values)) == 1:
            return node.args[0]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Mult | ast.Div) and _is_one(right):
            return left
        if isinstance(node.op, ast.Mult) and _is_one(left):
            return right
        return ast.BinOp(left, node.op, right)


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, bool | str) and node.value in _ONE


class _Written(ast.NodeTransformer):
    """Numbers in the spelling of the messages."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return ast.Name(format_number(value))
        return ast.Name(str(value))
