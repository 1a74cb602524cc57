"""A search space for people: what is tuned and where, what is not, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.page import Page, Section
from advisor.report.page import render as page
from advisor.report.spaces.common import headline, sentence
from advisor.report.words import value_text

if TYPE_CHECKING:
    from advisor.space import Dimension, Space


def render(space: Space, look: Look) -> Iterator[str]:
    """The dimensions with range, scale and start; the search and its reason; what stays fixed and why."""
    search = space.search
    tuned = [dimension for dimension in space.dimensions if dimension.most_steps > 1]
    why = [sentence(search.why, search.sources)]
    if not search.budget_given:
        why.append(f"No budget was given: {search.trials} trials are assumed, and nothing is dropped.")
    ranked = dict.fromkeys(source for dimension in tuned for source in dimension.ranked)
    if ranked:
        why.append(sentence("what matters more comes first", ranked))
    why += [sentence(note, ()) for note in space.notes]
    sections = [
        Section("", rows=[_row(dimension) for dimension in tuned]),
        Section("How", paragraphs=why),
        Section("Not tuned", rows=[(aside.name, value_text(aside.value), aside.why) for aside in space.aside]),
        Section("Why these ranges", rows=[row for dimension in tuned if (row := _reason(dimension))]),
    ]
    return page([Page(headline(space), sections)], look)


def _row(dimension: Dimension) -> tuple[str, ...]:
    where = f"where {dimension.under[0]} = {value_text(dimension.under[1])}" if dimension.under else ""
    scale = "choice" if dimension.kind == "choice" else "log" if dimension.log else "linear"
    return (dimension.key, dimension.span, scale, f"start {value_text(dimension.start)}", where)


def _reason(dimension: Dimension) -> tuple[str, ...] | None:
    text = "; ".join(part for part in (dimension.context, dimension.why, "; ".join(dimension.sources)) if part)
    return (dimension.name, text) if text else None
