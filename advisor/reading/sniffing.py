"""Which format a text without a telling name is in: the first one that fits and makes sense of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from advisor.reading.common import Reading, ReadingError

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = (
    # name, sign in the text, formats to try in this order
    ("script", re.compile(r"\A#!.*sh\b"), ("shell",)),
    (
        "python script",
        re.compile(r"\A#!.*python|^(?:from [\w.]+ import |import \w|def \w+\(|class \w+)", re.M),
        ("python",),
    ),
    ("python literal", re.compile(r"\A\s*(?:\w+\(|\{(?=[^\"]*')).*(?:\}|\))\s*\Z", re.S), ("python", "yaml")),
    ("braces", re.compile(r"\A(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*\{", re.S), ("json", "yaml", "python")),
    (
        "section",
        re.compile(r"^[ \t]*\[\[?[^\[\]\n,]+\]\]?[ \t]*(?:[#;].*)?\r?$", re.M),
        ("toml", "ini", "json", "yaml"),
    ),
    ("bracket", re.compile(r"\A\s*\["), ("json", "yaml", "python")),
    ("flags", re.compile(r"(?:^|\s)--?[A-Za-z][\w.-]*(?:[ =]|\s*$)", re.M), ("yaml", "shell")),
    ("assignments", re.compile(r"^[ \t]*[\w.]+[ \t]*=", re.M), ("toml", "python", "ini", "yaml")),
)
_REST = ("yaml", "ini")


def _says_something(data: Any) -> bool:
    """Whether values were found, not only one text or names without a value."""
    if isinstance(data, dict):
        return any(value is not None for value in data.values())
    return isinstance(data, list) and bool(data)


def read_unknown(text: str, reader: Callable[[str], Callable[[str], list[Reading]]]) -> tuple[str, list[Reading]]:
    """The format of a text, and what its reader makes of it.

    Raises:
        ReadingError: no reader makes sense of it; the error is that of the likeliest format.
    """
    formats = next((formats for _, sign, formats in _SIGNS if sign.search(text)), _REST)
    first: ReadingError | None = None
    plain: tuple[str, list[Reading]] | None = None
    for name in formats:
        try:
            readings = reader(name)(text)
        except ReadingError as error:
            first = first or error
            continue
        if any(_says_something(reading.data) for reading in readings):
            return name, readings
        plain = plain or (name, readings)
    if plain is not None and first is None:
        return plain
    raise first or ReadingError("this is no configuration in a form that is known")
