"""From the syntax of an expression to closures: parsed with `ast`, checked node by node, compiled once."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from advisor.expressions.functions import matched
from advisor.expressions.operators import SINGLE_VALUES, Operators
from advisor.expressions.regexes import pattern_problem
from advisor.expressions.scope import MappingScope, Scope
from advisor.expressions.values import MAX_DEPTH, NUMBERS, UNKNOWN, Value, finite, switched_on

MAX_LENGTH: Final = 2000  # characters of an expression or template

Evaluate: TypeAlias = Callable[[Scope], Value]


class ExpressionError(ValueError):
    """A text that is no expression of this language; `message` says why, `column` (from 1) says where."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(f"{message} (column {column})")
        self.message = message
        self.column = column

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[str, int]]:
        return (ExpressionError, (self.message, self.column))


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
        if type(value) not in NUMBERS or finite(value) is UNKNOWN:
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
        evaluate, subscript = value.evaluate, self.operators.subscript
        return _Node(lambda scope: subscript(evaluate(scope), index), (value,))

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

    def switched_on(self, node: ast.Call) -> _Node:
        if not node.args:
            raise self.error(node, "this function takes the key, and then values that also mean off")
        key, *off = node.args
        name, also = self.text_literal(key), [self.visit(word) for word in off]
        if not all(word.constant for word in also):
            raise self.error(node, "what means off must be written as it is")
        words = [word.evaluate(_NOTHING) for word in also]
        return _Node(lambda scope: switched_on(scope.values_of(name), words))

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
        problem = pattern_problem(text)
        if problem:
            raise self.error(written, problem)
        pattern, value = re.compile(text), self.visit(subject)
        evaluate, call = value.evaluate, self.operators.call
        return _Node(lambda scope: call(matched, evaluate(scope), pattern), (value,))


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
    "switched_on": _Compiler.switched_on,
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
