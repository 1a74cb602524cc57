"""`hpadvise suggest`: proposed values, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from advisor.findings import Interval
from advisor.report import Look
from advisor.report.json import derived_document, dumps, finding_document
from advisor.report.page import Page, Section, render
from advisor.report.plain import plain
from advisor.report.words import equation, interval_text, listing, value_text

if TYPE_CHECKING:
    from advisor.suggest import Advice, Explanation

SCHEMA = "hpadvise/advice/1"


def render_text(advice: Advice, look: Look) -> Iterator[str]:
    """The values as a config would hold them; then for each its range, context, arithmetic, reason and sources."""
    explained = {name: advice.explanations[name] for name in advice.parameters if name in advice.explanations}
    sections = [
        Section("", rows=[(name, value_text(value)) for name, value in advice.parameters.items()]),
        Section("In numbers", rows=[equation(one) for one in advice.derived]),
        *(Section(f"{name} = {value_text(told.value)}", rows=_rows(told)) for name, told in explained.items()),
        Section("Assumed on the way", rows=[(name, value_text(value)) for name, value in advice.assumed.items()]),
        Section("Nothing documented about", paragraphs=[listing(advice.unanswered)] if advice.unanswered else ()),
        Section("Notes", paragraphs=advice.notes),
        Section("Check says", rows=_said(advice)),
    ]
    title = f"Suggested for {advice.title}" if advice.title else "Suggested"
    return render([Page(title if advice.parameters else "Nothing to suggest: nothing is left open", sections)], look)


def _said(advice: Advice) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.message) for one in advice.findings]


def _rows(told: Explanation) -> list[tuple[str, str]]:
    rows = [
        ("range", interval_text(Interval(told.low, None, told.high))),
        ("context", told.context),
        ("arithmetic", told.arithmetic),
        ("why", told.why),
        ("sources", "; ".join(told.sources)),
        ("confidence", told.confidence),
    ]
    return [(label, text) for label, text in rows if text]


def render_table(advice: Advice, look: Look) -> Iterator[str]:
    """One row a value; then what to know beside them."""
    from advisor.report.table import grid  # tabulate is loaded for tables alone

    headers = ("parameter", "value", "range", "confidence", "why")
    yield grid(headers, [_cells(name, value, advice) for name, value in advice.parameters.items()], look) + "\n"
    told = [Section("Notes", paragraphs=advice.notes), Section("Check says", rows=_said(advice))]
    if advice.notes or advice.findings:
        yield from islice(render([Page("", told)], look), 1, None)  # it has no title


def _cells(name: str, value: Any, advice: Advice) -> tuple[str, ...]:
    told = advice.explanations.get(name)
    if told is None:
        return (name, value_text(value), "", "", "")
    return (name, value_text(value), interval_text(Interval(told.low, None, told.high)), told.confidence, told.why)


def render_json(advice: Advice, _look: Look) -> Iterator[str]:
    """One document."""
    explanations = {
        name: {
            "value": plain(told.value),
            "low": plain(told.low),
            "high": plain(told.high),
            "context": told.context,
            "arithmetic": told.arithmetic,
            "why": told.why,
            "sources": list(told.sources),
            "confidence": told.confidence,
        }
        for name, told in advice.explanations.items()
    }
    yield dumps(
        {
            "schema": SCHEMA,
            "parameters": plain(advice.parameters),
            "explanations": explanations,
            "assumed": plain(advice.assumed),
            "unanswered": list(advice.unanswered),
            "derived": [derived_document(one) for one in advice.derived],
            "notes": list(advice.notes),
            "findings": [finding_document(finding) for finding in advice.findings],
        }
    )
