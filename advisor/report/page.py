"""A page of text: a title, and sections of paragraphs or of aligned rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from advisor.report import Look
from advisor.report.paint import Paint
from advisor.report.words import printable

_INDENT = "  "
_GAP = "  "
#: A cell longer than this does not push the columns behind it further.
_WIDEST_COLUMN = 34
#: What the last column gets where the others leave less.
_NARROWEST = 24


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its heading, then paragraphs, then rows whose columns stand below each other."""

    heading: str
    rows: Sequence[Sequence[str]] = ()
    paragraphs: Sequence[str] = ()
    header: Sequence[str] = ()  # names of the columns, where they need any

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.rows or self.paragraphs)


@dataclass(frozen=True, slots=True)
class Page:
    """A title and what stands below it; empty sections are left out."""

    title: str
    sections: Sequence[Section]


def render(pages: Iterable[Page], look: Look) -> Iterator[str]:
    """The pages below each other, each section set off by an empty line."""
    paint = Paint(look.colour)
    for number, page in enumerate(pages):
        yield ("\n" if number else "") + f"{paint(printable(page.title), 'heading')}\n"
        for section in filter(None, page.sections):
            yield "\n"
            yield from _section(section, look, paint)


def _section(section: Section, look: Look, paint: Paint) -> Iterator[str]:
    indent = _INDENT if section.heading else ""
    if section.heading:
        yield f"{paint(printable(section.heading), 'heading')}\n"
    for paragraph in section.paragraphs:
        yield from (f"{indent}{line}\n" for line in _wrapped(printable(paragraph), look.width - len(indent)))
    rows = [[printable(cell) for cell in row] for row in section.rows]
    widths = _widths([section.header, *rows] if section.header else rows)
    if section.header:
        yield from (paint(line, "label") for line in _row(section.header, widths, indent, look))
    for row in rows:
        yield from _row(row, widths, indent, look)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """The width of each column: its longest cell, not counting those that are too long to wait for."""
    columns = max((len(row) for row in rows), default=0)
    cells = [[len(row[column]) for row in rows if column < len(row)] for column in range(columns)]
    return [max((length for length in lengths if length <= _WIDEST_COLUMN), default=0) for lengths in cells]


def _row(row: Sequence[str], widths: Sequence[int], indent: str, look: Look) -> Iterator[str]:
    """A row; on a terminal its last cell is wrapped in its own column."""
    last = max((column for column, cell in enumerate(row) if cell), default=0)
    head = indent + "".join(f"{cell:{width}}{_GAP}" for cell, width in zip(row[:last], widths, strict=False))
    room = max(_NARROWEST, look.width - len(head))
    for number, line in enumerate(_wrapped(row[last], room) if row else [""]):
        yield f"{head if number == 0 else ' ' * len(head)}{line}".rstrip() + "\n"


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, max(_NARROWEST, room), break_long_words=False, break_on_hyphens=False) or [""]
