"""Setting values in a text by key path, leaving every other byte, and so every comment, as it is.

A format's editor says which characters to put where; what comes out is read again, and handed over only where it holds
exactly what was there before, and what was set.  Knows nothing of training.
"""

from __future__ import annotations

import copy
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from advisor import literals
from advisor.document import Document, KeyPath, format_key
from advisor.reading import ReadingError, read_bytes

__all__ = ["FORMATS", "EditError", "edited", "replace_file"]

#: Characters to take out (from, to), and what to put there.
Patch: TypeAlias = tuple[int, int, str]

_LINE = re.compile(r"[^\r\n]*")


class EditError(Exception):
    """A change that this text does not take; the message says why."""


def edited(document: Document, changes: Sequence[tuple[KeyPath, Any]]) -> str:
    """The text of a document with values set, in order; missing mappings on the way are made.

    Raises:
        EditError: the format cannot be edited, or a value cannot be put there.
    """
    for key, value in changes:
        document = _set(document, key, value)
    return document.text


def replace_file(path: Path, data: bytes) -> None:
    """Put new bytes in a file's place at once: a reader sees the old ones or the new ones; raises `OSError`."""
    target = path.resolve()
    with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
        temporary = Path(part.name)
        try:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
            shutil.copymode(target, temporary)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _set(document: Document, key: KeyPath, value: Any) -> Document:
    editor = FORMATS.get(document.format)
    if editor is None:
        raise EditError(f"{document.format} files are read, not written")
    depth = _depth(document.data, key)
    if depth < len(key) and document.get(key[:depth], ...) is None:
        depth -= 1  # an empty mapping, which many formats write as null
    if depth < len(key):
        value = _nested(key[depth + 1 :], value)
        key = key[: depth + 1]
    if not isinstance(document.get(key[:-1]), dict | list):
        raise EditError(f"{format_key(key[:-1])} is a value here, and holds no others")
    try:
        patches = editor(document, key, value)
    except ValueError as problem:
        raise EditError(str(problem)) from None
    text = document.text
    for start, end, new in sorted(patches, reverse=True):
        text = text[:start] + new + text[end:]
    return _checked(document, text, key, value)


def _depth(data: Any, key: KeyPath) -> int:
    """How many steps of a path are there."""
    for depth, step in enumerate(key):
        there = isinstance(data, dict) and step in data
        if not there and not (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            return depth
        data = data[step]
    return len(key)


def _nested(path: KeyPath, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _checked(document: Document, text: str, key: KeyPath, value: Any) -> Document:
    """The text read again, where it holds what it has to."""
    try:
        again = read_bytes(text.encode("utf-8"), document.name, document.format)[document.index]
    except (ReadingError, IndexError, UnicodeError):
        raise EditError(f"{format_key(key)} cannot be put into this file") from None
    expected = copy.deepcopy(document.data)
    parent = expected
    for step in key[:-1]:
        parent = parent[step]
    if isinstance(parent, list) and key[-1] == len(parent):
        parent.append(value)
    else:
        parent[key[-1]] = value
    if not _same(expected, again.data):
        raise EditError(f"{format_key(key)} cannot be put into this file without changing something else")
    again.encoding = document.encoding
    return again


def _same(expected: Any, found: Any) -> bool:
    """Whether two documents hold the same; a number may have become text, as in formats that know only text."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(_same(expected[key], found[key]) for key in expected)
    if isinstance(expected, list | tuple) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_same, expected, found))
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(expected, found, rel_tol=1e-12) or (math.isnan(expected) and math.isnan(found))
    return bool(expected == found) or literals.ini_text(expected) == literals.ini_text(found)


# ------------------------------------------------------------------------------------------------------------- places


def _span(document: Document, key: KeyPath) -> tuple[int, int]:
    span = document.span(key)
    if span is None:
        raise EditError(f"{format_key(key)} has no place in this file")
    return span.start, span.end


def _exists(document: Document, key: KeyPath) -> bool:
    return _depth(document.data, key) == len(key)


def _children(document: Document, key: KeyPath) -> list[KeyPath]:
    """What a mapping or list holds, in the order of the text."""
    node = document.get(key)
    steps: Sequence[str | int] = list(node) if isinstance(node, dict) else range(len(node))
    found = [(*key, step) for step in steps]
    return sorted(found, key=lambda child: _span(document, child)[0])


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _line_end(text: str, offset: int) -> int:
    match = _LINE.match(text, offset)
    return match.end() if match else len(text)


def _newline(text: str) -> str:
    match = re.search(r"\r\n|\n|\r", text)
    return match[0] if match else "\n"


def _below(text: str, offset: int, lines: str) -> Patch:
    """Lines put below the line of an offset, or at it where it begins a line."""
    end = _newline(text)
    if offset and text[offset - 1] in "\r\n":
        return offset, offset, lines
    at = _line_end(text, offset)
    if at == len(text):  # the last line has no end of its own
        return at, at, end + lines.removesuffix(end)
    at += 2 if text[at : at + 2] == "\r\n" else 1
    return at, at, lines


def _replaced(document: Document, key: KeyPath, text: str) -> list[Patch]:
    """A value in the place of another; behind a mark (`key:`, `key =`) a blank is kept."""
    start, end = _span(document, key)
    glued = start == end and start > 0 and document.text[start - 1] in ":="
    return [(start, end, f" {text}" if glued else text)]


# ------------------------------------------------------------------------------------------- brackets, as JSON has them


def _in_brackets(document: Document, key: KeyPath, entry: str) -> list[Patch]:
    """One more entry behind the last of a bracketed mapping or list, on a line of its own where the others are."""
    parent = key[:-1]
    start, end = _span(document, parent)
    text = document.text
    children = _children(document, parent)
    if not children:
        return [(start + 1, end - 1, entry)]
    last = _span(document, children[-1])[1]
    first = document.key_span(children[-1])
    head = _span(document, children[-1])[0] if first is None else first.start
    indent = text[_line_start(text, head) : head]
    if indent.strip() or _line_start(text, head) <= start:
        return [(last, last, f", {entry}")]
    rest = text[last : _line_end(text, last)].lstrip()
    comma = rest.startswith(",")
    line = f"{_newline(text)}{indent}{entry}"
    if rest and not comma and rest[0] in "]}":
        return [(last, last, f",{line}")]
    at = _line_end(text, last)
    if not rest:
        return [(last, last, f",{line}")]
    return [*([] if comma else [(last, last, ",")]), (at, at, line + ("," if comma else ""))]


def _json(document: Document, key: KeyPath, value: Any) -> list[Patch]:
    text = literals.json_text(value)
    if _exists(document, key):
        return _replaced(document, key, text)
    name = "" if isinstance(key[-1], int) else f"{literals.json_text(key[-1])}: "
    return _in_brackets(document, key, name + text)


# ---------------------------------------------------------------------------------------------------------------- YAML


def _yaml(document: Document, key: KeyPath, value: Any) -> list[Patch]:
    if _exists(document, key):
        return _replaced(document, key, literals.yaml_text(value))
    parent, text, end = key[:-1], document.text, _newline(document.text)
    start, stop = _span(document, parent)
    if text[start] in "{[":
        name = "" if isinstance(key[-1], int) else f"{literals.yaml_text(key[-1])}: "
        return _in_brackets(document, key, name + literals.yaml_text(value))
    children = _children(document, parent)
    if not children:
        raise EditError(f"{format_key(parent)} holds nothing that shows how it is indented")
    if isinstance(key[-1], int):
        indent = " " * (start - _line_start(text, start))
        return [_below(text, stop, literals.yaml_item(value, indent, end))]
    first = document.key_span(children[0])
    column = 0 if first is None else first.column - 1
    return [_below(text, stop, literals.yaml_block({str(key[-1]): value}, " " * column, end))]


# ---------------------------------------------------------------------------------------------------------------- TOML


def _toml(document: Document, key: KeyPath, value: Any) -> list[Patch]:
    if _exists(document, key):
        return _replaced(document, key, literals.toml_text(value))
    if isinstance(key[-1], int):
        raise EditError("a list of tables is not extended")
    parent, text = key[:-1], document.text
    if parent and text[_span(document, parent)[0]] == "{":
        entry = f"{literals.toml_key(str(key[-1]))} = {literals.toml_text(value)}"
        at = _span(document, parent)[1] - 1
        return [(at, at, f", {entry}" if document.get(parent) else entry)]
    if isinstance(value, dict):
        return _toml_table(document, key, value)
    return _toml_pair(document, key, value)


def _toml_pair(document: Document, key: KeyPath, value: Any) -> list[Patch]:
    """A pair in its table: behind the last one there, below the header, or before the first table of the file."""
    parent, text, end = key[:-1], document.text, _newline(document.text)
    line = f"{literals.toml_key(str(key[-1]))} = {literals.toml_text(value)}{end}"
    children = _children(document, parent)
    own = [_span(document, child)[1] for child in children if _is_pair(document, child)]
    if own:
        return [_below(text, max(own), line)]
    if parent and text[_span(document, parent)[0]] == "[":
        return [_below(text, _span(document, parent)[1], line)]
    if parent:  # a table that only its subtables name
        return _toml_table(document, parent, {str(key[-1]): value})
    first = min((_span(document, child)[0] for child in children), default=len(text))
    first = _line_start(text, first)
    return [(first, first, line + end)]


def _toml_table(document: Document, key: KeyPath, value: dict[str, Any]) -> list[Patch]:
    """A table of its own at the end of the file."""
    end = _newline(document.text)
    names = tuple(step for step in key if not isinstance(step, int))
    block = literals.toml_block(value, names).replace("\n", end)
    return [_below(document.text, len(document.text), f"{end}{block}")]


def _is_pair(document: Document, key: KeyPath) -> bool:
    """Whether a value stands behind an equals sign, and not below a header of its own."""
    start, _ = _span(document, key)
    return not document.text[_line_start(document.text, start) : start + 1].lstrip().startswith("[")


# ----------------------------------------------------------------------------------------------------------------- INI


def _ini(document: Document, key: KeyPath, value: Any) -> list[Patch]:
    text, end = document.text, _newline(document.text)
    if isinstance(value, dict):
        if len(key) != 1 or any(isinstance(item, dict) for item in value.values()):
            raise EditError("an INI file has sections and values, nothing deeper")
        lines = "".join(f"{name} = {literals.ini_text(item)}{end}" for name, item in value.items())
        return [_below(text, len(text), f"{end}[{key[0]}]{end}{lines}")]
    if _exists(document, key):
        return _replaced(document, key, literals.ini_text(value))
    line = f"{key[-1]} = {literals.ini_text(value)}{end}"
    own = [child for child in _children(document, key[:-1]) if not isinstance(document.get(child), dict)]
    if own:
        return [_below(text, _span(document, own[-1])[1], line)]
    if len(key) == 1:
        raise EditError("a value needs a section in this file")
    return [_below(text, _span(document, key[:-1])[1], line)]


#: The formats that can be edited, and how.
FORMATS: Final[dict[str, Callable[[Document, KeyPath, Any], list[Patch]]]] = {
    "json": _json,
    "yaml": _yaml,
    "toml": _toml,
    "ini": _ini,
}
