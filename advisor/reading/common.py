"""What the readers of all formats share: their error, their limits, and the form of what they hand over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from advisor.document import KeyPath, Lines, Place

MAX_BYTES = 32 * 1024 * 1024
"""Larger files are refused: no configuration is that long, and a checkpoint given by mistake is said so at once."""
MAX_DEPTH = 100
"""Deeper nesting is refused, so that nobody who walks the values can run out of stack."""
MAX_ALIASED = 100_000
"""Values that the aliases of one YAML document may stand for, so that nobody who walks them can be held up."""
MAX_FLAWS = 100
"""Irregularities told of one document, so that a file made of nothing else holds nobody up."""
MAX_INTEGER = 2**64
"""From here on an integer fits no machine word: it is read, and reported."""
MAX_DIGITS = 4300
"""Python itself converts no longer integers (`sys.get_int_max_str_digits`); longer ones stay text."""


class ReadingError(Exception):
    """A text or object that cannot be read; `message` says what and why, `line` and `column` are from 1 or None."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Say what cannot be read and where."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(slots=True)
class Flaw:
    """An irregularity before its offsets become lines: see `advisor.document.Irregularity`."""

    kind: str
    key: KeyPath
    detail: str
    start: int = -1
    end: int = -1
    other: tuple[int, int] | None = None


@dataclass(slots=True)
class Reading:
    """What a format's reader makes of a text: the values of one document, and how to find their places."""

    data: Any
    locate: Callable[[], Place]
    flaws: list[Flaw] = field(default_factory=list)


def error_at(message: str, text: str, offset: int) -> ReadingError:
    """An error at an offset of the text."""
    return ReadingError(message, *Lines(text).at(min(offset, len(text))))


_NO_BRACKETS = re.compile(r"[^\[\]{}]+")


def surely_shallow(text: str) -> bool:
    """Whether brackets are nested at most `MAX_DEPTH` deep; False means: look with care, they may stand in texts."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return True
    brackets = _NO_BRACKETS.sub("", text)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace("[]", "").replace("{}", "")
        if not brackets:
            return True
    return False


def is_too_deep(data: Any) -> bool:
    """Whether values lie more than `MAX_DEPTH` deep."""
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for value in level:
            if value.__class__ is dict:
                inner.extend(value.values())
            elif value.__class__ is list:
                inner.extend(value)
        if not inner:
            return False
        level = inner
    return True


def too_deep(text: str, offset: int) -> ReadingError:
    """The error for a value that lies too deep."""
    return error_at(f"nested more than {MAX_DEPTH} levels deep", text, offset)


def number_flaw(value: Any) -> tuple[str, str] | None:
    """Kind and detail of what is wrong with a number whatever it means, or None."""
    if value.__class__ is float and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - NaN
        return "not-finite", "is not a finite number"
    if value.__class__ is int and not -MAX_INTEGER < value < MAX_INTEGER:
        return "huge-integer", "is an integer beyond 64 bits"
    return None
