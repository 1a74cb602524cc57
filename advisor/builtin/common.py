"""What built-in rules share: the form of what they find, and how they go through a setup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.document import format_key
from advisor.findings import Expected, Fix, Place

if TYPE_CHECKING:
    from advisor.dialects import Reading
    from advisor.document import Document, KeyPath, Span
    from advisor.findings import Severity
    from advisor.setup import Scope, Setup


#: The categories of what one sets for training itself: text that starts like a number is a slip there, not a name.
SETTINGS = frozenset({"optimisation", "batch", "length", "regularisation", "adapter", "rl"})


class Case(NamedTuple):
    """What a built-in rule is asked about: a setup, what expressions see of it, and the targeted version by library."""

    setup: Setup
    scope: Scope
    target: Mapping[str, str]


@dataclass(frozen=True)
class Hit:
    """What a built-in rule found, before the rule's record gives it code, severity and sources."""

    message: str
    parameters: tuple[str, ...] = ()
    reading: Reading | None = None
    place: Place | None = None
    value: Any = None
    expected: Expected | None = None
    severity: Severity | None = None
    group: str | None = None
    related: tuple[Reading, ...] = ()
    fix: Fix | None = None
    advice: str = ""


def each_reading(setup: Setup) -> Iterator[tuple[str | None, Reading]]:
    """Every reading of a setup with its group, each key once."""
    seen = set()
    for group, readings in ((None, setup.main), *setup.groups.items()):
        for reading in readings.values():
            identity = (id(reading.document), reading.key, reading.parameter)
            if identity not in seen:
                seen.add(identity)
                yield group, reading


def place_at(document: Document, key: KeyPath, span: Span | None) -> Place:
    """The place of a key or value of a document, by the span that was looked up for it."""
    ends = (span.line, span.column, span.end_line, span.end_column) if span else ()
    return Place(document.name, format_key(key), *ends)
