"""A page of text: a title, and sections of paragraphs or of aligned rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from advisor.report import Look
from advisor.report.paint import Paint
from advisor.report.words import printable

_INDENT = "  "
_GAP = "  "
#: A column is made narrower to let the others fit, but not than this, nor, as long as it helps, than its longest word.
_NARROWEST = 12


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
    """The pages below each other, each section set off by an empty line, nothing wider than the look allows."""
    paint = Paint(look.colour)
    for number, page in enumerate(pages):
        yield ("\n" if number else "") + f"{paint(printable(page.title), 'heading')}\n"
        for section in filter(None, page.sections):
            yield "\n"
            yield from _section(section, look.width, paint)


def _section(section: Section, width: int, paint: Paint) -> Iterator[str]:
    indent = _INDENT if section.heading else ""
    room = width - len(indent)
    if section.heading:
        yield f"{paint(printable(section.heading), 'heading')}\n"
    hanging = _INDENT if len(section.paragraphs) > 1 else ""  # several are a list
    for paragraph in section.paragraphs:
        for number, line in enumerate(_wrapped(printable(paragraph), room - len(hanging))):
            yield f"{indent}{hanging if number else ''}{line}\n"
    rows = [[printable(cell) for cell in row] for row in section.rows]
    widths = _widths([section.header, *rows] if section.header else rows, room)
    if section.header:
        yield from (f"{indent}{paint(line, 'label')}\n" for line in _lines(section.header, widths))
    for row in rows:
        yield from (f"{indent}{line}\n" for line in _lines(row, widths))


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column: its longest cell, the widest columns made narrower until all fit."""
    columns = list(zip_longest(*rows, fillvalue=""))
    widths = [max(map(len, column)) for column in columns]
    words = [max(len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    for floors in (words, [0] * len(words)):
        limits = [max(floor, min(width, _NARROWEST)) for floor, width in zip(floors, widths, strict=True)]
        _shrink(widths, limits, sum(widths) + len(_GAP) * (len(widths) - 1) - room)
    return widths


def _shrink(widths: list[int], limits: Sequence[int], excess: int) -> None:
    """Take the excess from the widest columns, one by one, none below its limit."""
    for _ in range(excess):
        spare = [width if width > limit else 0 for width, limit in zip(widths, limits, strict=True)]
        if not any(spare):
            return
        widths[spare.index(max(spare))] -= 1


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """A row as lines, each cell wrapped in its own column."""
    cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=False)]
    for parts in zip_longest(*cells, fillvalue=""):
        yield _GAP.join(f"{part:{width}}" for part, width in zip(parts, widths, strict=False)).rstrip()


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, max(1, room), break_on_hyphens=False) or [""]
