"""`hpadvise explain`: a rule, a parameter or a topic in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.page import Page, Section, render

if TYPE_CHECKING:
    from advisor.explain import Explained

SCHEMA = "hpadvise/explanation/1"


def render_text(explained: Explained, look: Look) -> Iterator[str]:
    """A page: text under headings, and the recommended ranges as a table before the sources."""
    sections = [Section(heading, paragraphs=text.split("\n")) for heading, text in explained.body]
    table = Section("Recommended" if sections else "", rows=explained.rows, header=explained.columns)
    last = sections.pop() if sections and sections[-1].heading == "Sources" else Section("")
    title = (
        f"{explained.name}: {explained.title}" if explained.kind == "parameter" and explained.body else explained.title
    )
    return render([Page(title, [*sections, table, last])], look)


def render_json(explained: Explained, _look: Look) -> Iterator[str]:
    """One document."""
    yield dumps(
        {
            "schema": SCHEMA,
            "kind": explained.kind,
            "name": explained.name,
            "title": explained.title,
            "sections": [{"heading": heading, "text": text} for heading, text in explained.body],
            "rows": [dict(zip(explained.columns, row, strict=True)) for row in explained.rows],
        }
    )
