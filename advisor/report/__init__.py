"""One renderer a format; each is a function of a `Report` and of how the output looks, and yields pieces of text.

Renderers know findings and nothing of how they came about.  A renderer's module is imported when its format is
asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from advisor.findings import Report

#: The formats and the modules whose `render` writes them.
FORMATS = {
    "text": "advisor.report.text",
    "table": "advisor.report.table",
    "json": "advisor.report.json",
}

#: The formats that show where every parameter stands; the others spare a clean file the search for places.
SHOW_PARAMETERS = frozenset({"json"})


@dataclass(frozen=True, slots=True)
class Look:
    """How output is to look: what the stream can show, and what the caller asked to see."""

    terminal: bool = False  # a person reads it: blocks below findings, wrapped to `width`
    colour: bool = False
    unicode: bool = False  # the stream can encode box-drawing characters
    width: int = 100
    quiet: bool = False  # findings only
    show_unchecked: bool = False
    statistics: bool = False  # counts by rule instead of single findings


Renderer = Callable[[Report, Look], Iterator[str]]


def renderer(name: str) -> Renderer:
    """The renderer of a format of `FORMATS`."""
    render: Renderer = import_module(FORMATS[name]).render
    return render
