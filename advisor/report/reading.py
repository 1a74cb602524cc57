"""`hpadvise show`: what was read of a config, laid out for a person or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from advisor.findings import Reading, ReadingValue
from advisor.report import Look
from advisor.report.json import derived_document, dumps
from advisor.report.page import Page, Section, render
from advisor.report.plain import plain
from advisor.report.words import count, equation, listing, value_text

SCHEMA = "hpadvise/reading/1"


def render_text(readings: Iterable[Reading], look: Look) -> Iterator[str]:
    """One page a run: parameters with their places, what is assumed, what follows, the context, what is unknown."""
    return render(map(_page, readings), look)


def render_json(readings: Iterable[Reading], _look: Look) -> Iterator[str]:
    """One document with the same content as the pages."""
    yield dumps({"schema": SCHEMA, "files": [_document(reading) for reading in readings]})


def _page(reading: Reading) -> Page:
    title = reading.path if reading.run is None else f"{reading.path}, run {reading.run}"
    if reading.problem is not None:
        return Page(title, [Section("", paragraphs=[f"could not be read: {reading.problem}"])])
    recognised = listing(reading.dialect_evidence)
    how = f"read as {reading.dialect or 'generic'}" + (f", because of {recognised}" if recognised else "")
    sections = [
        Section("", paragraphs=[how]),
        Section(
            count(len(reading.values), "parameter") if reading.values else "No training parameter",
            rows=_values(reading.values),
            paragraphs=() if reading.values else ["nothing in the file is the name of one"],
        ),
        *(Section(f"Group {name}", rows=_values(values)) for name, values in reading.groups.items()),
        Section(
            "Assumed where the file says nothing",
            rows=[(name, value_text(value), why) for name, value, why in reading.defaults],
        ),
        Section("Derived", rows=[equation(one) for one in reading.derived]),
        Section("Context", rows=[(key, value_text(value), evidence) for key, value, evidence in reading.context]),
        Section("Not known", rows=[(name, why) for name, why in reading.unknown]),
    ]
    return Page(title, sections)


def _values(values: Iterable[ReadingValue]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"{value_text(value)} {unit}".rstrip(),
            "" if line is None else f"line {line}",
            key if key and key != name else "",
            note,
        )
        for name, value, unit, key, line, note in values
    ]


def _document(reading: Reading) -> dict[str, Any]:
    out: dict[str, Any] = {"path": reading.path}
    if reading.run is not None:
        out["run"] = reading.run
    return out | {
        "dialect": reading.dialect,
        "evidence": list(reading.dialect_evidence),
        "problem": reading.problem,
        "parameters": _records(reading.values),
        "groups": {name: _records(values) for name, values in reading.groups.items()},
        "defaults": [{"name": name, "value": plain(value), "why": why} for name, value, why in reading.defaults],
        "derived": [derived_document(one) for one in reading.derived],
        "context": [{"name": key, "value": plain(value), "evidence": why} for key, value, why in reading.context],
        "unknown": [{"name": name, "why": why} for name, why in reading.unknown],
    }


def _records(values: Iterable[ReadingValue]) -> list[dict[str, Any]]:
    return [
        {"name": name, "value": plain(value), "unit": unit, "key": key, "line": line, "note": note}
        for name, value, unit, key, line, note in values
    ]
