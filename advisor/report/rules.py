"""`hpadvise rules`: the list of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.paint import Paint
from advisor.report.words import printable

SCHEMA = "hpadvise/rules/1"
_FIELDS = ("code", "name", "severity", "summary")

#: Code, name, severity and summary of a rule.
Listed = tuple[str, str, str, str]


def render_text(rules: Sequence[Listed], look: Look) -> Iterator[str]:
    """One line a rule: code, severity, name, summary."""
    paint = Paint(look.colour)
    codes, names = (max((len(rule[i]) for rule in rules), default=0) for i in (0, 1))
    for code, name, severity, summary in rules:
        head = f"{paint(f'{code:{codes}}', 'code')}  {paint(f'{severity:7}', severity)}"
        yield f"{head}  {name:{names}}  {printable(summary)}\n"


def render_table(rules: Sequence[Listed], look: Look) -> Iterator[str]:
    """A table of the same columns."""
    from advisor.report.table import grid

    yield grid(_FIELDS, [tuple(rule) for rule in rules], look) + "\n"


def render_json(rules: Sequence[Listed], _look: Look) -> Iterator[str]:
    """One document."""
    yield dumps({"schema": SCHEMA, "rules": [dict(zip(_FIELDS, rule, strict=True)) for rule in rules]})
