"""What every reading of the rules hands to a renderer: immutable findings, grouped by file.

Nothing here knows how findings are made or shown.  The JSON form of these types is section 3 of the contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
Status = Literal["checked", "skipped", "failed"]

#: What can have become of a file, in the order of the summary.
STATUSES: tuple[Status, ...] = ("checked", "skipped", "failed")

#: Most severe first; the order in which findings are ranked.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value or key stands: 1-based, columns in code points; `key` is a rendered key path such as `a.b[0].c`."""

    path: str
    key: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A recommended range; `None` is an absent bound."""

    low: float | None = None
    typical: float | str | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a rule recommends: a range (`interval`; all of them where there are several), a relation, or a choice."""

    interval: Interval | None = None
    intervals: tuple[Interval, ...] = ()
    relation: str | None = None
    one_of: tuple[Any, ...] = ()
    scale: Literal["log", "linear", "integer"] = "linear"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a config: `set` a value, `rename` a key to `value`, or `delete` it."""

    path: str
    key: str
    op: Literal["set", "rename", "delete"]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that resolve a finding.  `safe` never changes what the user meant; `unsafe` may."""

    safety: Literal["safe", "unsafe"]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict on one run."""

    code: str
    name: str
    severity: Severity
    message: str  # one sentence: what is wrong, what is recommended, in which context
    parameters: tuple[str, ...] = ()  # canonical names, the culprit first, at most four
    place: Place | None = None
    value: Any = None
    expected: Expected | None = None
    group: str | None = None  # parameter group (generator, head, ...), where there are several
    related: tuple[Place, ...] = ()
    fix: Fix | None = None
    sources: tuple[str, ...] = ()  # short citations
    why: str = ""
    advice: str = ""  # what to do, one sentence
    context: str = ""  # the context that chose the recommendation, with its evidence, in words
    importance: int = 5  # 1 is what matters most; ranks findings of equal severity


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which a reader should meet them: severity, then importance, then place."""
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[int, int, int, int, str]:
    place = finding.place
    line = place.line if place and place.line else 0
    column = place.column if place and place.column else 0
    return (SEVERITIES.index(finding.severity), finding.importance, line, column, finding.code)


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A parameter as it was read, for the report: value, its key as written, and where it stands."""

    value: Any
    key: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule that could not be judged, with the facts that were missing."""

    code: str
    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything said about one run of one file."""

    path: str
    status: Status
    dialect: str | None = None
    run: str | None = None
    problem: str | None = None  # why the file could not be used
    place: Place | None = None  # and where in it
    context: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, ReadValue] = field(default_factory=dict)
    groups: dict[str, dict[str, ReadValue]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    counts: bool = (
        True  # a failed file found by searching that shows no training keys does not count for the exit status
    )

    @property
    def problem_text(self) -> str | None:
        """Why the file could not be used, with the line and column where they are known."""
        if self.problem is None or self.place is None or self.place.line is None:
            return self.problem
        column = "" if self.place.column is None else f", column {self.place.column}"
        return f"{self.problem} (line {self.place.line}{column})"

    @property
    def empty(self) -> bool:
        """Whether a file was read and nothing in it was there to be judged."""
        return self.status == "checked" and not (self.parameters or self.groups or self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one call."""

    files: tuple[FileReport, ...]
    fail_on: str = "warning"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the files, the most important first within each."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def ok(self) -> bool:
        """Whether no finding is at or above `fail_on` and every file could be used."""
        return self.exit_status == 0

    @property
    def exit_status(self) -> int:
        """0 nothing at or above `fail_on`; 1 findings at or above it; 2 a file could not be used."""
        if any(file.status == "failed" and file.counts for file in self.files):
            return 2
        return int(bool(self.failing()))

    def failing(self) -> tuple[Finding, ...]:
        """The findings at or above `fail_on`."""
        if self.fail_on == "never":
            return ()
        worst = SEVERITIES[: SEVERITIES.index(self.fail_on) + 1]
        return tuple(finding for finding in self.findings if finding.severity in worst)

    def tally(self) -> dict[str, int]:
        """How many of each: entries by status, then findings by severity, as in the `summary` of the JSON form."""
        statuses = [file.status for file in self.files]
        severities = [finding.severity for finding in self.findings]
        return {
            "files": len(statuses),
            **{status: statuses.count(status) for status in STATUSES},
            **{f"{severity}s": severities.count(severity) for severity in SEVERITIES},
        }

    def raise_for_findings(self) -> None:
        """Raise `AdviceError` where `ok` is false, for use at the top of a training script."""
        if not self.ok:
            raise AdviceError(self)


class AdviceError(Exception):
    """A config has findings at or above `fail_on`, or could not be used; `report` holds them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = [f"{f.code} {f.severity}: {f.message}" for f in report.failing()]
        lines += [f"{f.path}: {f.problem_text}" for f in report.files if f.status == "failed"]
        super().__init__("\n".join(lines))


class CallError(ValueError):
    """The call itself cannot be carried out: it names an option value, fact, dialect or rule that does not exist.

    The message is a sentence for the person who made the call, with a suggestion where there is a likely one.
    """


class ReadingValue(NamedTuple):
    """One parameter as it was read: canonical name, value and unit, the key as written, its line, and a remark."""

    name: str
    value: Any
    unit: str = ""
    key: str | None = None
    line: int | None = None
    note: str = ""


class Assumed(NamedTuple):
    """A value that the file does not hold and the trainer takes by itself, and why we think so."""

    name: str
    value: Any
    why: str = ""


class Derived(NamedTuple):
    """A quantity that follows from others; `arithmetic` shows how, such as `4 x 8 x 16`."""

    name: str
    value: Any
    arithmetic: str = ""


class Fact(NamedTuple):
    """A fact of the context and, in words, what it was concluded from."""

    key: str
    value: Any
    evidence: str = ""


class Unknown(NamedTuple):
    """Something that would have been of use and could not be known, and why."""

    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one run of one file, for people: `hpadvise show`."""

    path: str
    run: str | None = None
    dialect: str | None = None
    dialect_evidence: tuple[str, ...] = ()
    values: tuple[ReadingValue, ...] = ()
    groups: dict[str, tuple[ReadingValue, ...]] = field(default_factory=dict)
    defaults: tuple[Assumed, ...] = ()
    derived: tuple[Derived, ...] = ()
    context: tuple[Fact, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    problem: str | None = None  # why nothing could be read
