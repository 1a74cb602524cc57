"""Python configuration files, read from their syntax tree and never run.

What is literally written is a value: numbers and arithmetic on them, texts, lists, mappings, `dict(lr=1e-4)`, names
that were given a value before. A call becomes the mapping of its arguments with the called name under `__call__`
(`torch.optim.Adam(lr=1e-4)`); whatever only running could tell becomes the text `${source}`.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from advisor.document import KeyPath, Lines, Place
from advisor.reading.common import MAX_ALIASED, MAX_DEPTH, MAX_FLAWS, Flaw, Reading, ReadingError, number_flaw, too_deep

MAX_LENGTH = 4_000_000
"""Longer texts (characters) are refused: a syntax tree takes a thousand times the memory of its text."""
CALL_KEY = "__call__"
"""The key of a call's mapping that names what is called."""
ARGS_KEY = "__args__"
"""The key of a call's mapping that lists its positional arguments."""

_MAX_BITS = 4096
_MAX_ITEMS = 10_000
_MAX_COPIED = 1_000_000  # items and letters that operations and spreading may copy in a file
_MAPPINGS = frozenset((
    "dict", "OrderedDict", "defaultdict", "ConfigDict", "EasyDict", "edict", "Namespace", "SimpleNamespace", "AttrDict",
    "AttributeDict", "Munch", "Dict", "DotDict", "CN", "CfgNode", "Config",
))  # fmt: skip
_LISTS = frozenset(("list", "tuple", "set", "frozenset"))
_WRAPPERS = frozenset(("partial", "LazyCall", "L"))  # their first argument is what will be called
_CONVERSIONS: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "bool": bool, "abs": abs, "round": round, "min": min, "max": max,
}  # fmt: skip
_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.AST], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_CONFIG_FUNCTION = re.compile(r"(?:get|make|default)_.*config|get_cfg(?:_defaults)?|config")


def read(text: str) -> list[Reading]:
    """Read the assignments of one Python file.

    Raises:
        ReadingError: the text is not Python, too long, or nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise ReadingError(f"longer than {MAX_LENGTH:,} characters: this is no configuration")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _Reader(text)
        reader.module(tree)
    except SyntaxError as error:
        raise _syntax_error(error) from None
    except (RecursionError, MemoryError):
        raise ReadingError("nested too deeply to be read") from None
    except ValueError as error:
        raise ReadingError(f"not valid Python: {error}") from None
    _cut_circles(reader.top, text)
    _check_size(reader.top.value, text)
    reader.flaws = reader.flaws[:MAX_FLAWS]
    for flaw in reader.flaws:
        flaw.key = _path_of(reader.top.place, flaw.key, flaw.start)
    return [Reading(reader.top.value, lambda: reader.top.place, reader.flaws)]


def _check_size(data: Any, text: str) -> None:
    """Refuse values that, through names used several times, are next to endless."""
    left = MAX_ALIASED + len(text)
    stack = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        left -= 1
        if depth > MAX_DEPTH:
            raise ReadingError(f"the values lie in each other more than {MAX_DEPTH} levels deep")
        if left < 0:
            raise ReadingError(f"values used again and again make more than {MAX_ALIASED:,} of them")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        stack.extend((item, depth + 1) for item in inner)


def _cut_circles(top: _Scope, text: str) -> None:
    """Where a mapping was put into itself (`c.init = format("...", c)`), the inner one becomes a reference.

    Once for the whole file, each value looked at once, however often it is named.
    """
    inside: set[int] = set()
    done: set[int] = set()
    stack: list[tuple[Any, Place, Iterator[Any] | None]] = [(top.value, top.place, None)]
    while stack:
        value, place, steps = stack.pop()
        if steps is None:
            inside.add(id(value))
            steps = iter(list(value) if isinstance(value, dict) else range(len(value)))
        for step in steps:
            inner, at = value[step], place.children.get(step, (-1, -1, place))
            if not isinstance(inner, dict | list) or id(inner) in done:
                continue
            if id(inner) in inside:
                value[step] = f"${{{' '.join(text[at[2].start : at[2].end].split())}}}"
                place.children[step] = (*at[:2], Place(at[2].start, at[2].end))
                continue
            stack += [(value, place, steps), (inner, at[2], None)]
            break
        else:
            inside.discard(id(value))
            done.add(id(value))


def _path_of(root: Place, key: KeyPath, start: int) -> KeyPath:
    """The path of the key or value that stands at an offset; `key` where it has been replaced since."""
    stack: list[tuple[Place, KeyPath]] = [(root, ())]
    seen: set[int] = set()
    while stack:
        place, path = stack.pop()
        for step, (key_start, _, inner) in place.children.items():
            if start in (key_start, inner.start) and (*path, step)[-len(key) :] == key:
                return (*path, step)
            if id(inner) not in seen:
                seen.add(id(inner))
                stack.append((inner, (*path, step)))
    return key


def _syntax_error(error: SyntaxError) -> ReadingError:
    return ReadingError(f"not valid Python: {error.msg}", error.lineno, max(error.offset or 1, 1))


class _Unknown(Exception):  # noqa: N818 - a signal, not an error
    """An expression whose value only running could tell."""


class _Scope:
    """The names of a module, class or function: their values, and where they were given."""

    def __init__(self, value: dict[str, Any], place: Place, outer: _Scope | None = None) -> None:
        self.value = value
        self.place = place
        self.outer = outer

    def find(self, name: str) -> tuple[Any, Place] | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.value:
                return scope.value[name], scope.place.children[name][2]
            scope = scope.outer
        return None


class _Reader:
    """Goes through the statements of one file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.flaws: list[Flaw] = []
        self.top = _Scope({}, Place(0, len(text)))
        self._imported: dict[str, str] = {}
        self._lines = Lines(text)
        self._ascii = text.isascii()
        self._depth = 0
        self._copied = 0

    # -- statements

    def module(self, tree: ast.Module) -> None:
        """Follow a file; one that is nothing but a mapping or a call stands for what it holds."""
        body = tree.body
        if len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Dict | ast.Call):
            value, place = self._evaluate(body[0].value, self.top)
            if isinstance(value, dict):
                self.top = _Scope(value, place)
            return
        self.run(body, self.top)

    def run(self, statements: Iterable[ast.stmt], scope: _Scope) -> Any:
        """Follow statements in order; gives the value that a `return` among them names."""
        for statement in statements:
            if isinstance(statement, ast.Return):
                return self._evaluate(statement.value, scope) if statement.value else None
            handle = _STATEMENTS.get(type(statement))
            if handle is not None:
                handle(self, statement, scope)
        return None

    def _assign(self, statement: ast.Assign, scope: _Scope) -> None:
        value, place = self._evaluate(statement.value, scope)
        for target in statement.targets:
            self._bind(target, value, place, scope)

    def _assign_annotated(self, statement: ast.AnnAssign, scope: _Scope) -> None:
        if statement.value is not None:
            self._bind(statement.target, *self._evaluate(statement.value, scope), scope)

    def _assign_augmented(self, statement: ast.AugAssign, scope: _Scope) -> None:
        value = ast.BinOp(statement.target, statement.op, statement.value)
        self._bind(statement.target, *self._evaluate(ast.copy_location(value, statement.value), scope), scope)

    def _bind(self, target: ast.expr, value: Any, place: Place, scope: _Scope) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, place, scope)
            return
        home = self._home(target, scope)
        if home is None:
            return
        container, container_place, name = home
        start, end = self._key_span(target)
        container[name] = value
        container_place.children[name] = (start, end, place)
        flaw = number_flaw(value)
        if flaw is not None and flaw[0] == "huge-integer" and scope is self.top and container is scope.value:
            self.flaws.append(Flaw(flaw[0], (name,), flaw[1], place.start, place.end))

    def _unpack(self, targets: Sequence[ast.expr], value: Any, place: Place, scope: _Scope) -> None:
        known = isinstance(value, list) and len(value) == len(targets)
        for index, target in enumerate(targets):
            if known:
                self._bind(target, value[index], place.children.get(index, (0, 0, place))[2], scope)
            else:
                self._bind(target, self._reference(target), place, scope)

    def _home(self, target: ast.expr, scope: _Scope) -> tuple[dict[str, Any], Place, str] | None:
        """The mapping that a target writes to, its place, and the key: `a.b["c"] = 1` writes `c` into `a.b`."""
        if isinstance(target, ast.Name):
            return scope.value, scope.place, target.id
        name = _step(target)
        if name is None or not isinstance(target, ast.Attribute | ast.Subscript):
            return None
        known = scope.find(target.value.id) if isinstance(target.value, ast.Name) else None
        if known is not None and isinstance(known[0], dict):
            return known[0], known[1], name
        outer = self._home(target.value, scope)
        if outer is None:
            return None
        value, place, key = outer
        if not isinstance(value.get(key), dict):
            span = self._key_span(target.value)
            value[key] = {}
            place.children[key] = (*span, Place(*span))
        return value[key], place.children[key][2], name

    def _expression(self, statement: ast.Expr, scope: _Scope) -> None:
        """`config.update(dict(lr=1))` changes a mapping; other expressions say nothing."""
        call = statement.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "update"):
            return
        value, place = self._evaluate(call.func.value, scope)
        if isinstance(value, dict):
            changes: tuple[dict[str, Any], Place] = ({}, Place(0, 0))
            for argument in call.args:
                self._spread(argument, changes, scope)
            self._keywords(call.keywords, changes, scope)
            value.update(changes[0])
            place.children.update(changes[1].children)

    def _imports(self, statement: ast.Import | ast.ImportFrom, _: _Scope) -> None:
        origin = f"{statement.module}." if isinstance(statement, ast.ImportFrom) and statement.module else ""
        for name in statement.names:
            self._imported[name.asname or name.name.split(".")[0]] = (
                origin + name.name if origin or name.asname else name.name.split(".")[0]
            )

    def _class(self, statement: ast.ClassDef, scope: _Scope) -> None:
        """The attributes of a class of settings, as a mapping under its name."""
        start = self._offset(statement.lineno, statement.col_offset)
        inner = _Scope({}, Place(start, self._end(statement)), scope)
        self.run(statement.body, inner)
        if inner.value:
            scope.value[statement.name] = inner.value
            begin = self.text.find(statement.name, start)
            scope.place.children[statement.name] = (begin, begin + len(statement.name), inner.place)

    def _function(self, statement: ast.FunctionDef, scope: _Scope) -> None:
        """A function that builds the configuration: what it returns is as good as written at the top."""
        if not _CONFIG_FUNCTION.fullmatch(statement.name):
            return
        inner = _Scope({}, Place(0, 0), scope)
        returned = self.run(statement.body, inner)
        if isinstance(returned, tuple) and isinstance(returned[0], dict):
            for name, value in returned[0].items():
                scope.value[name] = value
                scope.place.children[name] = returned[1].children[name]

    def _nested(self, statement: ast.With | ast.Try, scope: _Scope) -> None:
        self.run(statement.body, scope)

    def _branches(self, statement: ast.If | ast.For | ast.While, scope: _Scope) -> None:
        """Names that are set only on some way through the file are unknown."""
        if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
            return
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind(node, self._reference(node), self._place(node), scope)

    def _delete(self, statement: ast.Delete, scope: _Scope) -> None:
        for target in statement.targets:
            if isinstance(target, ast.Name):
                scope.value.pop(target.id, None)
                scope.place.children.pop(target.id, None)

    # -- expressions

    def _evaluate(self, node: ast.expr, scope: _Scope) -> tuple[Any, Place]:
        """The value of an expression and its place; a reference where it cannot be known."""
        handle = _EXPRESSIONS.get(type(node))
        if handle is None:
            return self._reference(node), self._place(node)
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH * 2:
                raise too_deep(self.text, self._place(node).start)
            return handle(self, node, scope)
        except _Unknown:
            return self._reference(node), self._place(node)
        finally:
            self._depth -= 1

    def _constant(self, node: ast.Constant, _: _Scope) -> tuple[Any, Place]:
        if not isinstance(node.value, str | int | float | bool | None):
            raise _Unknown
        return node.value, self._place(node)

    def _name(self, node: ast.Name, scope: _Scope) -> tuple[Any, Place]:
        known = scope.find(node.id)
        if known is not None:
            return known[0], self._used(node, known[1])
        if node.id in self._imported:
            return self._imported[node.id], self._place(node)
        raise _Unknown

    def _used(self, node: ast.expr, place: Place) -> Place:
        """A value named here and written elsewhere: it stands here, what it holds stands there."""
        here = self._place(node)
        here.children = place.children
        return here

    def _attribute(self, node: ast.Attribute, scope: _Scope) -> tuple[Any, Place]:
        name = _dotted(node)
        root = name.split(".")[0] if name else ""
        if name and scope.find(root) is None and root in self._imported:
            return self._imported[root] + name[len(root) :], self._place(node)
        return self._item(node, node.attr, scope)

    def _subscript(self, node: ast.Subscript, scope: _Scope) -> tuple[Any, Place]:
        key, _ = self._evaluate(node.slice, scope)
        return self._item(node, key, scope)

    def _item(self, node: ast.Attribute | ast.Subscript, key: Any, scope: _Scope) -> tuple[Any, Place]:
        value, place = self._evaluate(node.value, scope)
        try:
            if isinstance(value, list) and key.__class__ is int:
                index = range(len(value))[key]
                return value[index], self._used(node, place.children[index][2])
            if isinstance(value, dict):
                return value[str(key)], self._used(node, place.children[str(key)][2])
        except (KeyError, IndexError):
            pass
        raise _Unknown

    def _unary(self, node: ast.UnaryOp, scope: _Scope) -> tuple[Any, Place]:
        value, _ = self._evaluate(node.operand, scope)
        apply = _UNARY.get(type(node.op))
        if apply is None or not isinstance(value, int | float):
            raise _Unknown
        return apply(value), self._place(node)

    def _binary(self, node: ast.BinOp, scope: _Scope) -> tuple[Any, Place]:
        left, left_place = self._evaluate(node.left, scope)
        right, right_place = self._evaluate(node.right, scope)
        apply = _OPERATORS.get(type(node.op))
        if apply is None or _is_reference(left) or _is_reference(right) or not _is_bounded(node.op, left, right):
            raise _Unknown
        try:
            value = apply(left, right)
        except (ArithmeticError, TypeError, ValueError):
            raise _Unknown from None
        if not isinstance(value, int | float | str | list):
            raise _Unknown
        if isinstance(value, str | list):
            self._copy(value)
        place = self._place(node)
        if isinstance(value, list) and isinstance(left, list) and isinstance(right, list):
            moved: dict[str | int, tuple[int, int, Place]] = {
                int(index) + len(left): entry for index, entry in right_place.children.items()
            }
            place.children = {**left_place.children, **moved}
        return value, place

    def _copy(self, value: str | list[Any] | dict[str, Any]) -> None:
        """Count what is copied; a file that copies without measure is not followed any further."""
        self._copied += len(value)
        if self._copied > _MAX_COPIED:
            raise _Unknown

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: _Scope) -> tuple[Any, Place]:
        values: list[Any] = []
        place = self._place(node)
        for item in node.elts:
            if isinstance(item, ast.Starred):
                inner, inner_place = self._evaluate(item.value, scope)
                if not isinstance(inner, list):
                    raise _Unknown
                self._copy(inner)
                for index, value in enumerate(inner):
                    place.children[len(values)] = inner_place.children.get(index, (-1, -1, inner_place))
                    values.append(value)
                continue
            value, at = self._evaluate(item, scope)
            place.children[len(values)] = (-1, -1, at)
            values.append(value)
        return values, place

    def _dict(self, node: ast.Dict, scope: _Scope) -> tuple[Any, Place]:
        mapping: tuple[dict[str, Any], Place] = ({}, self._place(node))
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                self._spread(item, mapping, scope)
                continue
            name = self._evaluate(key, scope)[0]
            at = self._place(key)
            self._put(mapping, name if isinstance(name, str) else str(name), (at.start, at.end), item, scope)
        return mapping

    def _put(
        self, mapping: tuple[dict[str, Any], Place], key: str, span: tuple[int, int], item: ast.expr, scope: _Scope
    ) -> None:
        first = mapping[1].children.get(key)
        if first is not None and first[0] >= mapping[1].start:
            detail = "is given more than once; the last one counts"
            self.flaws.append(Flaw("duplicate-key", (key,), detail, *span, (first[0], first[1])))
        value, place = self._evaluate(item, scope)
        mapping[0][key] = value
        mapping[1].children[key] = (*span, place)

    def _spread(self, item: ast.expr, mapping: tuple[dict[str, Any], Place], scope: _Scope) -> None:
        value, place = self._evaluate(item, scope)
        if not isinstance(value, dict):
            raise _Unknown
        self._copy(value)
        mapping[0].update(value)
        mapping[1].children.update(place.children)

    def _keywords(self, keywords: list[ast.keyword], mapping: tuple[dict[str, Any], Place], scope: _Scope) -> None:
        for keyword in keywords:
            if keyword.arg is None:
                self._spread(keyword.value, mapping, scope)
                continue
            start = self._offset(keyword.lineno, keyword.col_offset)
            self._put(mapping, keyword.arg, (start, start + len(keyword.arg)), keyword.value, scope)

    def _call(self, node: ast.Call, scope: _Scope) -> tuple[Any, Place]:
        name, arguments = self._called(node, scope)
        short = name.rsplit(".", 1)[-1]
        if short in _CONVERSIONS and name == short and not node.keywords:
            return self._convert(short, arguments, node, scope)
        if name in _LISTS and len(arguments) == 1 and not node.keywords:
            value, place = self._evaluate(arguments[0], scope)
            if not isinstance(value, list):
                raise _Unknown
            return value, place
        mapping: tuple[dict[str, Any], Place] = ({}, self._place(node))
        if short in _MAPPINGS:
            for argument in arguments:
                self._spread(argument, mapping, scope)
            self._keywords(node.keywords, mapping, scope)
            return mapping
        callee = self._place(node.func)
        mapping[0][CALL_KEY] = name
        mapping[1].children[CALL_KEY] = (callee.start, callee.end, callee)
        if arguments:
            listed = ast.copy_location(ast.List(arguments, ast.Load()), node)
            mapping[0][ARGS_KEY], place = self._evaluate(listed, scope)
            mapping[1].children[ARGS_KEY] = (-1, -1, place)
        self._keywords(node.keywords, mapping, scope)
        return mapping

    def _called(self, node: ast.Call, scope: _Scope) -> tuple[str, list[ast.expr]]:
        """What is called, by its full name, and with which positional arguments: `partial(f, 1)` calls `f`."""
        func: ast.expr = node.func
        arguments = list(node.args)
        if isinstance(func, ast.Call) and (_dotted(func.func) or "").rsplit(".", 1)[-1] in _WRAPPERS and func.args:
            func = func.args[0]
        name = _dotted(func)
        if name is not None and name.rsplit(".", 1)[-1] in _WRAPPERS and arguments:
            name = _dotted(arguments.pop(0))
        if name is None:
            raise _Unknown
        root = name.split(".")[0]
        if scope.find(root) is not None:
            raise _Unknown
        return self._imported.get(root, root) + name[len(root) :], arguments

    def _convert(self, name: str, arguments: list[ast.expr], node: ast.Call, scope: _Scope) -> tuple[Any, Place]:
        values = [self._evaluate(argument, scope)[0] for argument in arguments]
        if not all(isinstance(value, int | float | str) and not _is_reference(value) for value in values):
            raise _Unknown
        try:
            return _CONVERSIONS[name](*values), self._place(node)
        except (TypeError, ValueError, ArithmeticError):
            raise _Unknown from None

    # -- places

    def _reference(self, node: ast.expr) -> str:
        place = self._place(node)
        return f"${{{' '.join(self.text[place.start : place.end].split())}}}"

    def _place(self, node: ast.expr) -> Place:
        return Place(self._offset(node.lineno, node.col_offset), self._end(node))

    def _end(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, line: int, column: int) -> int:
        """The offset of a line and a column that counts bytes, as syntax trees have it."""
        start = self._lines.offset(line, 1)
        if self._ascii:
            return start + column
        return start + len(self.text[start : start + column].encode()[:column].decode("utf-8", "ignore"))

    def _key_span(self, target: ast.expr) -> tuple[int, int]:
        """The last word of a target: `lr` in `config.lr`, `"lr"` in `config["lr"]`."""
        place = self._place(target.slice if isinstance(target, ast.Subscript) else target)
        start = place.end - len(target.attr) if isinstance(target, ast.Attribute) else place.start
        return start, place.end


def _step(target: ast.expr) -> str | None:
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return target.slice.value if isinstance(target.slice.value, str) else None
    return None


def _dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, or None where the expression is no dotted name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


def _is_bounded(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether an operation gives something of reasonable size."""
    if isinstance(op, ast.Pow):
        whole = isinstance(left, int) and isinstance(right, int)
        return isinstance(left, int | float) and (not whole or int(left).bit_length() * abs(right) <= _MAX_BITS)
    if isinstance(op, ast.Mult):
        sized = [value for value in (left, right) if isinstance(value, str | list)]
        counts = [value for value in (left, right) if isinstance(value, int)]
        if sized:
            return bool(counts) and len(sized[0]) * max(counts[0], 0) <= _MAX_ITEMS
        return all(not isinstance(value, int) or value.bit_length() <= _MAX_BITS for value in counts)
    if isinstance(op, ast.Add) and isinstance(left, str | list):
        return isinstance(right, type(left)) and len(left) + len(right) <= _MAX_ITEMS
    return isinstance(left, int | float) and isinstance(right, int | float)


_STATEMENTS: dict[type[ast.stmt], Callable[[_Reader, Any, _Scope], None]] = {
    ast.Assign: _Reader._assign,
    ast.AnnAssign: _Reader._assign_annotated,
    ast.AugAssign: _Reader._assign_augmented,
    ast.Expr: _Reader._expression,
    ast.Import: _Reader._imports,
    ast.ImportFrom: _Reader._imports,
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.With: _Reader._nested,
    ast.Try: _Reader._nested,
    ast.If: _Reader._branches,
    ast.For: _Reader._branches,
    ast.While: _Reader._branches,
    ast.Delete: _Reader._delete,
}
_EXPRESSIONS: dict[type[ast.expr], Callable[[_Reader, Any, _Scope], tuple[Any, Place]]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._attribute,
    ast.Subscript: _Reader._subscript,
    ast.UnaryOp: _Reader._unary,
    ast.BinOp: _Reader._binary,
    ast.List: _Reader._sequence,
    ast.Tuple: _Reader._sequence,
    ast.Set: _Reader._sequence,
    ast.Dict: _Reader._dict,
    ast.Call: _Reader._call,
}
