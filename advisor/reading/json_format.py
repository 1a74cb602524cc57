"""JSON, and JSON as people write it: with comments and trailing commas.

The standard library's parser does the work on every sound file. A second, own scanner takes over where that one
refuses, where something irregular was seen, and where somebody asks for places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json import JSONDecodeError, decoder
from typing import Any

from advisor.document import KeyPath, Place
from advisor.reading.common import (
    MAX_DEPTH,
    MAX_DIGITS,
    Flaw,
    Reading,
    ReadingError,
    error_at,
    number_flaw,
    surely_shallow,
    too_deep,
)

_scan_string: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined] # not in typeshed
_LONG = 20  # digits (and sign) from which an integer may lie beyond 64 bits
_INFINITE = (float("inf"), float("-inf"))
_BLANK = re.compile(r"(?:[ \t\n\r\f\v\ufeff\xa0]+|//[^\n\r]*|#[^\n\r]*|/\*[\s\S]*?\*/)*")
_WORD = re.compile(r"""[^\s,:\[\]{}"'#]+""")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_PLACEHOLDER = re.compile(r"[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+")  # a template's word, replaced before the file is used
_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


class _IrregularError(Exception):
    """Seen on the quick way: the own scanner must have a look."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _IrregularError
    return value


def _constant(name: str) -> Any:
    raise _IrregularError(name)


def _integer(digits: str) -> int:
    if len(digits) >= _LONG:
        raise _IrregularError
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in _INFINITE:
        raise _IrregularError
    return value


_decode = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_real
).decode


def read(text: str) -> list[Reading]:
    """Read one JSON value; comments and trailing commas are taken, as many trainers do.

    Raises:
        ReadingError: the text is not JSON, or nested too deeply.
    """
    try:
        data = _decode(text)
    except (_IrregularError, ValueError, RecursionError):
        return [_read_with_care(text)]
    if not surely_shallow(text):
        return [_read_with_care(text)]
    return [Reading(data, lambda: Scanner(text).read()[1])]


def _read_with_care(text: str) -> Reading:
    scanner = Scanner(text)
    data, place = scanner.read()
    return Reading(data, lambda: place, scanner.flaws)


class Scanner:
    """Reads JSON value by value, without recursion, and remembers where each stands."""

    def __init__(self, text: str) -> None:
        """Take the text to read."""
        self.text = text
        self.flaws: list[Flaw] = []
        self._open: list[_Container] = []

    def read(self) -> tuple[Any, Place]:
        """The value that fills the whole text, and its place.

        Raises:
            ReadingError: the text is not JSON even with comments and trailing commas.
        """
        position = self._blank(0)
        value, place, position = self._value(position)
        while self._open:
            value, place, position = self._advance(self._blank(position))
        end = self._blank(position)
        if end < len(self.text):
            raise error_at(f"not valid JSON: {self._seen(end)} after the end of the value", self.text, end)
        return value, place

    def _advance(self, position: int) -> tuple[Any, Place, int]:
        """One more element of the innermost open container, or its end."""
        container = self._open[-1]
        mark = self.text[position : position + 1]
        if mark == container.closer:
            self._open.pop()
            container.place.end = position + 1
            return self._placed(container.value, container.place, position + 1)
        if container.wants_comma:
            if mark != ",":
                raise self._expected(f"a comma or '{container.closer}'", position)
            container.wants_comma = False
            return container.value, container.place, position + 1
        container.wants_comma = True
        if container.closer == "}":
            position = self._key(container, position)
        return self._value(position)

    def _key(self, container: _Container, position: int) -> int:
        if self.text[position : position + 1] != '"':
            raise self._expected("a key in double quotes", position)
        key, end = self._string(position)
        if key in container.value:
            first = container.place.children[key]
            detail = "is given more than once; the last one counts"
            self.flaws.append(Flaw("duplicate-key", (*self._path(), key), detail, position, end, (first[0], first[1])))
        container.key, container.key_start, container.key_end = key, position, end
        colon = self._blank(end)
        if self.text[colon : colon + 1] != ":":
            raise self._expected("a colon after the key", colon)
        return self._blank(colon + 1)

    def _value(self, position: int) -> tuple[Any, Place, int]:
        mark = self.text[position : position + 1]
        if mark in ("{", "["):
            if len(self._open) >= MAX_DEPTH:
                raise too_deep(self.text, position)
            place = Place(position, position + 1)
            value: Any = {} if mark == "{" else []
            self._open.append(_Container(value, "}" if mark == "{" else "]", place))
            return value, place, position + 1
        if mark == '"':
            value, end = self._string(position)
        else:
            value, end = self._word(position)
        place = Place(position, end)
        if self._open:
            self._note(value, place)
        return self._placed(value, place, end)

    def _placed(self, value: Any, place: Place, position: int) -> tuple[Any, Place, int]:
        """Put a finished value into the container around it."""
        if self._open:
            parent = self._open[-1]
            if parent.closer == "}":
                parent.value.pop(parent.key, None)
                parent.value[parent.key] = value
                parent.place.children[parent.key] = (parent.key_start, parent.key_end, place)
            else:
                parent.place.children[len(parent.value)] = (-1, -1, place)
                parent.value.append(value)
        return value, place, position

    def _note(self, value: Any, place: Place) -> None:
        flaw = number_flaw(value)
        if value.__class__ is str and len(value) > MAX_DIGITS and self.text[place.start] != '"':
            flaw = "huge-integer", f"is an integer of more than {MAX_DIGITS} digits"
        if flaw is not None:
            last = self._open[-1]
            step: str | int = last.key if last.closer == "}" else len(last.value)
            self.flaws.append(Flaw(flaw[0], (*self._path(), step), flaw[1], place.start, place.end))

    def _string(self, position: int) -> tuple[str, int]:
        try:
            return _scan_string(self.text, position + 1, False)
        except JSONDecodeError as error:
            reason = "a text that never ends" if error.msg.startswith("Unterminated") else error.msg.lower()
            raise error_at(f"not valid JSON: {reason}", self.text, error.pos) from None

    def _word(self, position: int) -> tuple[Any, int]:
        match = _WORD.match(self.text, position)
        if match is None:
            raise self._expected("a value", position)
        word = match.group()
        comment = word.find("//")
        if comment > 0:
            word = word[:comment]
        if word in _WORDS:
            return _WORDS[word], position + len(word)
        if _INTEGER.fullmatch(word):
            return (int(word) if len(word) <= MAX_DIGITS else word), position + len(word)
        if _FLOAT.fullmatch(word):
            return float(word), position + len(word)
        if _PLACEHOLDER.fullmatch(word):
            return f"${{{word}}}", position + len(word)
        raise self._expected("a value", position)

    def _blank(self, position: int) -> int:
        match = _BLANK.match(self.text, position)
        return match.end() if match else position

    def _path(self) -> KeyPath:
        """The key path of the innermost open container."""
        return tuple(outer.key if outer.closer == "}" else len(outer.value) for outer in self._open[:-1])

    def _seen(self, position: int) -> str:
        match = _WORD.match(self.text, position)
        word = match.group()[:30] if match else self.text[position : position + 1]
        return f"'{word}'" if word else "the end of the text"

    def _expected(self, what: str, position: int) -> ReadingError:
        seen = self._seen(position)
        return error_at(f"not valid JSON: expected {what}, found {seen}", self.text, position)


class _Container:
    """A list or mapping that has been opened and not yet closed."""

    __slots__ = ("closer", "key", "key_end", "key_start", "place", "value", "wants_comma")

    def __init__(self, value: Any, closer: str, place: Place) -> None:
        self.value = value
        self.closer = closer
        self.place = place
        self.wants_comma = False
        self.key = ""
        self.key_start = self.key_end = -1
