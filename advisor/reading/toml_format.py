"""TOML: values by the standard library's parser, places by an own light scan."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, time
from typing import Any

from advisor.document import Place, walk
from advisor.reading.common import (
    MAX_DEPTH,
    MAX_DIGITS,
    Flaw,
    Reading,
    ReadingError,
    error_at,
    is_too_deep,
    number_flaw,
    surely_shallow,
    too_deep,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_AT = re.compile(r" ?\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_SUSPECT = re.compile(r"\b(?:nan|inf)\b|[0-9_]{19}|[eE]\+?[0-9_]{3}")
_LONG_KEY = re.compile(rf"""(?<![\w"'.-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{MAX_DEPTH}}}""")
_DIGITS = re.compile(rf"[0-9][0-9_]{{{MAX_DIGITS},}}")
_DATES = re.compile(r"[0-9]{2}[-:][0-9]{2}")


def read(text: str) -> list[Reading]:
    """Read one TOML document. Dates become text.

    Raises:
        ReadingError: the text is not TOML, or nested too deeply.
    """
    if not surely_shallow(text):
        _check_depth(text)
    dotted = _LONG_KEY.search(text)
    if dotted is not None:
        raise too_deep(text, dotted.start())
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _reading_error(error, text) from None
    except RecursionError:
        raise ReadingError("nested too deeply to be read") from None
    except ValueError as error:
        raise _refused_value(error, text) from None
    if is_too_deep(data):
        raise too_deep(text, 0)
    if _DATES.search(text):
        data = _without_dates(data)
    reading = Reading(data, lambda: _Scanner(text).read())
    if _SUSPECT.search(text):
        _note_numbers(reading)
    return [reading]


def _check_depth(text: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = match.group()
        depth += (mark in ("[", "{")) - (mark in ("]", "}"))
        if mark == "\n" and depth < 0:
            depth = 0
        if depth > MAX_DEPTH:
            raise too_deep(text, match.start())


def _reading_error(error: Exception, text: str) -> ReadingError:
    message = str(error)
    match = _AT.search(message)
    if match is None:
        return ReadingError(f"not valid TOML: {message}")
    problem = f"not valid TOML: {message[: match.start()]}"
    if match["line"] is None:
        return error_at(f"{problem} at the end of the text", text, len(text))
    return ReadingError(problem, int(match["line"]), int(match["column"]))


def _refused_value(error: ValueError, text: str) -> ReadingError:
    """The error for what is TOML and no value of Python's: an integer with too many digits to be converted."""
    digits = _DIGITS.search(text)
    if digits is None:
        return ReadingError(f"not valid TOML: {error}")
    return error_at(f"an integer of more than {MAX_DIGITS} digits", text, digits.start())


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_dates(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def _note_numbers(reading: Reading) -> None:
    for path, value in walk(reading.data):
        flaw = number_flaw(value)
        if flaw is None:
            continue
        place = reading.locate()
        for step in path:
            place = place.children[step][2] if step in place.children else Place(-1, -1)
        reading.flaws.append(Flaw(flaw[0], path, flaw[1], place.start, place.end))


# -- places -----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r'"""[\s\S]*?"""+'
    r"|'''[\s\S]*?'''+"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{},=.\n]"
    r"|[^\s\[\]{},=.#\"']+"
)
_VALUE_WORD = re.compile(r"[^\s\[\]{},#]+(?: [0-9]{2}:[^\s\[\]{},#]+)?")


class _Scanner:
    """Walks a text that is known to be TOML, and notes where keys and values stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.root = Place(0, len(text))

    def read(self) -> Place:
        """The places of the whole document."""
        table = self.root
        while (mark := self._peek(lines=True)) is not None:
            if mark == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.root

    def _header(self) -> Place:
        start = self.position
        double = self.text.startswith("[[", start)
        self.position += 2 if double else 1
        keys = self._dotted()
        self._peek()
        self.position += 2 if double else 1
        parent = self._descend(self.root, keys[:-1])
        name, key_start, key_end = keys[-1]
        table = Place(start, self.position)
        if double:
            entry = parent.children.setdefault(name, (key_start, key_end, Place(start, self.position)))
            entry[2].children[len(entry[2].children)] = (-1, -1, table)
            return table
        entry = parent.children.setdefault(name, (key_start, key_end, table))
        return entry[2]

    def _descend(self, place: Place, keys: list[tuple[str, int, int]]) -> Place:
        """Go down tables by name, into the last element of an array of tables."""
        for name, start, end in keys:
            place = place.children.setdefault(name, (start, end, Place(start, end)))[2]
            last = len(place.children) - 1
            if last in place.children:
                place = place.children[last][2]
        return place

    def _pair(self, table: Place) -> None:
        keys = self._dotted()
        self._peek()
        self.position += 1  # the equals sign
        value = self._value()
        parent = self._descend(table, keys[:-1])
        parent.children[keys[-1][0]] = (keys[-1][1], keys[-1][2], value)

    def _dotted(self) -> list[tuple[str, int, int]]:
        keys: list[tuple[str, int, int]] = []
        while True:
            self._peek()
            match = _TOKEN.match(self.text, self.position)
            if match is None:
                return keys
            keys.append((_key_name(match.group()), match.start(), match.end()))
            self.position = match.end()
            if self._peek() != ".":
                return keys
            self.position += 1

    def _value(self) -> Place:
        mark = self._peek()
        start = self.position
        if mark in ("[", "{"):
            return self._container(Place(start, start), "]" if mark == "[" else "}")
        pattern = _TOKEN if mark in ('"', "'") else _VALUE_WORD
        match = pattern.match(self.text, start)
        self.position = match.end() if match else start + 1
        return Place(start, self.position)

    def _container(self, place: Place, closer: str) -> Place:
        self.position += 1
        while (mark := self._peek(lines=True)) is not None and mark != closer:
            if mark == ",":
                self.position += 1
            elif closer == "]":
                place.children[len(place.children)] = (-1, -1, self._value())
            else:
                self._pair(place)
        self.position += 1
        place.end = self.position
        return place

    def _peek(self, lines: bool = False) -> str | None:
        """The next character that is neither blank nor comment (nor, where `lines`, the end of a line)."""
        text = self.text
        while self.position < len(text):
            mark = text[self.position]
            if mark in " \t\r" or (lines and mark == "\n"):
                self.position += 1
            elif mark == "#" and lines:
                end = text.find("\n", self.position)
                self.position = len(text) if end < 0 else end
            else:
                return mark
        return None


def _key_name(token: str) -> str:
    if token[:1] not in ('"', "'"):
        return token
    return str(next(iter(tomllib.loads(f"{token} = 0"))))
