"""A file as plain values whose places can be asked for later.

Reading a file gives values only. Where a value stands is worked out the first time that somebody asks, so that a
file without findings never pays for line numbers. Knows nothing of training.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way from the top of a document to a value: keys of mappings as text, positions in lists as integers from 0."""

_PLAIN_KEY = re.compile(r"""[^\s."'\[\]\x00-\x1f](?:[^."'\[\]\x00-\x1f]*[^\s."'\[\]\x00-\x1f])?""")
_STEP = re.compile(r"""\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<plain>[^."'\[\]]+)""")
_LINE_END = re.compile(r"\r\n|\n|\r")


def format_key(path: KeyPath) -> str:
    """Write a key path as a user reads it: `a.b[0].c`; a key that holds `.`, `[` or a quote is quoted, `a["b.c"].d`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts)


def parse_key(text: str) -> KeyPath:
    """Read back what `format_key` writes.

    Raises:
        ValueError: the text is not a key path.
    """
    path: list[str | int] = []
    position = 0
    while position < len(text):
        dotted = text[position] == "." and position > 0
        match = _STEP.match(text, position + dotted)
        if match is None or (match["plain"] is not None) != (dotted or (position == 0 and text[0] != "[")):
            raise ValueError(f"not a key path: {text!r} (at character {position + 1})")
        path.append(_step(match))
        position = match.end()
    return tuple(path)


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["quoted"] is not None:
        return str(json.loads(match["quoted"], strict=False))
    return match["plain"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text. Lines and columns start at 1 and count code points; `end*` is just behind the last one.

    `start` and `end` are offsets into `Document.text`, from 0: `text[start:end]` is the stretch.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Irregularity:
    """Something that can be read but is wrong whatever it means.

    Kinds: `duplicate-key`, `not-finite` (NaN, Infinity), `huge-integer` (beyond 64 bits), `recursive-alias`.
    `detail` is a clause for a sentence; `other` is the place of the earlier one of two that clash.
    """

    kind: str
    key: KeyPath
    detail: str
    span: Span | None = None
    other: Span | None = None


@dataclass(slots=True)
class Place:
    """Where a value stands (offsets into the text), and what it holds: key -> (key's start, key's end, place).

    An item of a list has no key of its own: its key offsets are -1.
    """

    start: int
    end: int
    children: dict[str | int, tuple[int, int, Place]] = field(default_factory=dict)

    def shifted(self, by: int) -> Place:
        """The same place where the text that it was found in starts at offset `by` of another one."""
        moved = {
            step: (start if start < 0 else start + by, end if end < 0 else end + by, place.shifted(by))
            for step, (start, end, place) in self.children.items()
        }
        return Place(self.start + by, self.end + by, moved)


class Lines:
    """The lines of a text, for turning offsets into line and column. CRLF, LF and CR each end one line."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        """Find the line starts of `text`."""
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1."""
        return self._starts[min(line, len(self._starts)) - 1] + column - 1


class Document:
    """One parsed document: plain values, and the means to say later where each of them stands.

    `data` holds dict, list, str, int, float, bool and None only. `text` is the whole text of the file without its
    byte order mark; `encoding` is what it was decoded with; `index` counts the documents of a file from 0.
    """

    __slots__ = ("_lines", "_locate", "_place", "data", "encoding", "format", "index", "irregularities", "name", "text")

    def __init__(  # noqa: PLR0913 - a record with names for its parts
        self,
        name: str,
        format: str,  # noqa: A002 - the field's word
        data: Any,
        *,
        text: str = "",
        irregularities: Sequence[Irregularity] = (),
        index: int = 0,
        encoding: str = "utf-8",
        locate: Callable[[], Place] | None = None,
    ) -> None:
        """Take values and, as `locate`, the way to find their places when somebody asks."""
        self.name = name
        self.format = format
        self.data = data
        self.text = text
        self.irregularities = tuple(irregularities)
        self.index = index
        self.encoding = encoding
        self._locate = locate
        self._place: Place | None = None
        self._lines: Lines | None = None

    def __repr__(self) -> str:
        """Name, format and number, without the data."""
        return f"Document({self.name!r}, {self.format!r}, index={self.index})"

    def get(self, key: KeyPath, default: Any = None) -> Any:
        """The value under `key`, or `default` where there is none."""
        value = self.data
        try:
            for step in key:
                value = value[step]
        except (KeyError, IndexError, TypeError):
            return default
        return value

    def span(self, key: KeyPath) -> Span | None:
        """Where the value under `key` stands; None where the document came from no text or has no such key.

        A value that a YAML alias or merge key brings in stands where it is written out.
        """
        entry = self._entry(key)
        return None if entry is None else self.span_of(entry[2].start, entry[2].end)

    def key_span(self, key: KeyPath) -> Span | None:
        """Where the key itself stands; None for an item of a list."""
        entry = self._entry(key)
        return None if entry is None or entry[0] < 0 else self.span_of(entry[0], entry[1])

    def raw(self, key: KeyPath) -> str | None:
        """The text of the value as written, with its quotes: `5e-5`, `"0.1"`."""
        entry = self._entry(key)
        return None if entry is None else self.text[entry[2].start : entry[2].end]

    def span_of(self, start: int, end: int) -> Span:
        """The span between two offsets into `text`."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return Span(*self._lines.at(start), *self._lines.at(end), start, end)

    def _entry(self, key: KeyPath) -> tuple[int, int, Place] | None:
        if self._locate is None:
            return None
        if self._place is None:
            self._place = self._locate()
        entry: tuple[int, int, Place] | None = (-1, -1, self._place)
        for step in key:
            entry = entry[2].children.get(step) if entry is not None else None
        return entry


def walk(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value of a document with its key path, in the order of the text: containers before what they hold."""
    stack: list[tuple[KeyPath, Any]] = [(path, data)]
    while stack:
        key, value = stack.pop()
        yield key, value
        if isinstance(value, dict):
            stack.extend(((*key, name), item) for name, item in reversed(value.items()))
        elif isinstance(value, list):
            stack.extend(((*key, index), item) for index, item in reversed(list(enumerate(value))))
