"""`--format json`: the report as one document, section 3 of the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from advisor.findings import (
    Derived,
    Edit,
    Expected,
    FileReport,
    Finding,
    Interval,
    NotChecked,
    Place,
    ReadValue,
    Report,
    ranked,
)
from advisor.report import Look
from advisor.report.plain import plain

SCHEMA = "hpadvise/report/1"


def render(report: Report, look: Look) -> Iterator[str]:
    """One JSON document in ASCII, whatever the report holds."""
    yield dumps(document(report, look))


def dumps(data: Any) -> str:
    """JSON in ASCII (lone surrogates escaped), refusing NaN and infinities, with a closing line feed."""
    return json.dumps(data, indent=2, allow_nan=False, ensure_ascii=True) + "\n"


def document(report: Report, look: Look) -> dict[str, Any]:
    """The report in JSON's types."""
    out: dict[str, Any] = {
        "schema": SCHEMA,
        "files": [_file(file, look) for file in report.files],
        "summary": report.tally(),
    }
    if look.statistics:
        out["statistics"] = dict(Counter(finding.code for finding in report.findings).most_common())
    return out


def derived_document(one: Derived) -> dict[str, Any]:
    """A derived quantity: name, value, and the arithmetic in numbers."""
    return {"name": one.name, "value": plain(one.value), "arithmetic": one.arithmetic}


def refusal(problem: str) -> dict[str, Any]:
    """The document for a call that could not be carried out: no files, and why."""
    return {"schema": SCHEMA, "files": [], "problem": problem, "summary": Report(()).tally()}


def _file(file: FileReport, look: Look) -> dict[str, Any]:
    out: dict[str, Any] = {"path": file.path}
    if file.run is not None:
        out["run"] = file.run
    out |= {
        "dialect": file.dialect,
        "status": file.status,
        "problem": file.problem_text,
        "context": plain(file.context),
        "parameters": _parameters(file.parameters),
    }
    if file.groups:
        out["groups"] = {name: _parameters(group) for name, group in file.groups.items()}
    out["findings"] = [finding_document(finding) for finding in ranked(file.findings)]
    if look.show_unchecked:
        out["not_checked"] = [_not_checked(item) for item in file.not_checked]
    return out


def _parameters(parameters: dict[str, ReadValue]) -> dict[str, Any]:
    return {
        name: {"value": plain(read.value), "key": read.key, "line": read.line, "column": read.column}
        for name, read in parameters.items()
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding in JSON's types."""
    place = finding.place or Place(path="")
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "parameters": list(finding.parameters),
        "key": place.key,
        "line": place.line,
        "column": place.column,
        "value": plain(finding.value),
        "expected": _expected(finding.expected),
        "message": finding.message,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "group": finding.group,
        "related": [
            {"path": near.path, "key": near.key, "line": near.line, "column": near.column} for near in finding.related
        ],
        "fix": None
        if finding.fix is None
        else {"safety": finding.fix.safety, "edits": [_edit(edit) for edit in finding.fix.edits]},
        "sources": list(finding.sources),
    }


def _expected(expected: Expected | None) -> dict[str, Any] | None:
    if expected is None:
        return None
    out = _interval(expected.interval) if expected.interval else {}
    if len(expected.intervals) > 1:
        out["intervals"] = [_interval(interval) for interval in expected.intervals]
    if expected.relation is not None:
        out["relation"] = expected.relation
    if expected.one_of:
        out["one_of"] = plain(expected.one_of)
    return out


def _interval(interval: Interval) -> dict[str, Any]:
    bounds = {"low": interval.low, "typical": interval.typical, "high": interval.high}
    return {name: plain(bound) for name, bound in bounds.items() if bound is not None}


def _edit(edit: Edit) -> dict[str, Any]:
    out = {"path": edit.path, "key": edit.key, "op": edit.op}
    return out if edit.op == "delete" else {**out, "value": plain(edit.value)}


def _not_checked(item: NotChecked) -> dict[str, Any]:
    return {"code": item.code, "name": item.name, "missing": list(item.missing)}
