"""Rules against a setup: what is wrong, what is recommended in which context, and what could not be judged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor import builtin as builtin_rules
from advisor import context as contexts
from advisor import expressions, rules
from advisor.document import format_key
from advisor.expressions import UNKNOWN, format_number
from advisor.findings import SEVERITIES, Edit, Expected, Finding, Fix, Interval, NotChecked, Place, ranked
from advisor.parameters import vocabulary
from advisor.setup import Scope, Setup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.dialects import Reading
    from advisor.findings import Severity
    from advisor.rules import Match, Row, Rule

#: How far outside a range a value may lie before a note becomes a warning; on a linear scale its own `margin`.
LOG_ABOVE, LOG_BELOW = 3.0, 10.0
BAND_ABOVE, BAND_BELOW = 10.0, 30.0
TEXTBOOK_BELOW = 100.0
#: A relative tolerance below which a value counts as on the bound.
_EQUAL = 1e-6
#: Numbers smaller than this are zero.
_NOTHING = 1e-300


@dataclass(frozen=True)
class Judged:
    """The findings of a setup, and the rules that could not be judged."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    scope: Scope


def check(setup: Setup, active: Iterable[Rule], profile: str = "auto", target: dict[str, str] | None = None) -> Judged:
    """Judge a setup by the given rules; never raises for what the config holds."""
    active = list(active)
    scopes = {group: _scope(setup, group) for group in (None, *setup.groups)}
    found: list[Finding] = []
    missing: dict[str, NotChecked] = {}
    for rule in active:
        if rule.builtin is not None:
            found.extend(_builtin(rule, setup, scopes, target or {}))
            continue
        for group, scope in scopes.items():
            judge = _Judge(rule, setup, group, scope, profile)
            if not judge.concerned():
                continue
            found.extend(judge.findings())
            if judge.missing and group is None:
                missing[rule.code] = NotChecked(rule.code, rule.name, judge.missing)
    return Judged(ranked(_one_each(found)), tuple(missing.values()), scopes[None])


def _scope(setup: Setup, group: str | None) -> Scope:
    scope = Scope(setup, group)
    contexts.detect(setup, scope)
    return scope


def place_of(reading: Reading) -> Place:
    """Where a reading's value stands; this is when the line is looked up."""
    document = reading.document
    span = document.span(reading.key)
    if span is None and reading.key and isinstance(reading.key[-1], int):
        span = document.span(reading.key[:-1])
    key = format_key(reading.key)
    if span is None:
        return Place(document.name, key)
    return Place(document.name, key, span.line, span.column, span.end_line, span.end_column)


class _Judge:
    """One rule against one group of a setup."""

    def __init__(self, rule: Rule, setup: Setup, group: str | None, scope: Scope, profile: str) -> None:
        self.rule, self.setup, self.group, self.scope, self.profile = rule, setup, group, scope, profile
        self.missing: tuple[str, ...] = ()

    def concerned(self) -> bool:
        """Whether the config (or, for a group, the group itself) says anything that the rule looks at."""
        names = self.rule.names
        if self.group is not None:
            return any(name in self.setup.groups[self.group] for name in names)
        return any(self._given(name) for name in names)

    def _given(self, name: str) -> bool:
        return self.scope.given(name) or (name not in vocabulary().parameters and self.scope.value(name) is not UNKNOWN)

    def findings(self) -> Iterator[Finding]:
        if self.rule.kind == "range":
            yield from self._range()
        else:
            yield from self._relation()

    # ------------------------------------------------------------------------------------------ ranges

    def _range(self) -> Iterator[Finding]:
        name = self.rule.parameter or ""
        value = self.scope.value(name)
        parameter = vocabulary().parameters[name]
        if not isinstance(value, int | float) or isinstance(value, bool) or not -math.inf < value < math.inf:
            self.missing = (name,) if value is UNKNOWN else ()
            return
        if value in parameter.off or not parameter.allows(value):
            return
        if not self._holds(self.rule.where):
            return  # the number means something else here, or may do so
        matches = rules.match_rows(self.rule, self.scope, self.profile)
        if not matches:
            self.missing = self._unknown_context()
            return
        graded = [(match, _grade(value, match.row, parameter.scale, name, self.profile)) for match in matches]
        if any(severity is None for _, severity in graded):
            return
        if self.profile != "textbook" and _between(value, [match.row for match in matches]):
            return
        # of several accepted ranges the nearest one speaks
        match, severity = max(
            graded, key=lambda pair: (SEVERITIES.index(pair[1] or "note"), -_distance(value, pair[0].row))
        )
        severity = severity or "note"
        if self.profile != "textbook":  # which is strict: a warning, whatever the rule is capped at
            severity = _milder(severity, self.rule.severity)
        yield self._outside(value, match, [m for m, _ in graded], severity)

    def _unknown_context(self) -> tuple[str, ...]:
        known = self.scope.value
        keys = dict.fromkeys(key for row in self.rule.rows for key in row.when)
        return tuple(key for key in keys if known(key) is UNKNOWN)[:4]

    def _outside(self, value: float, match: Match, matches: list[Match], severity: Severity) -> Finding:
        row, name = match.row, self.rule.parameter or ""
        parameter = vocabulary().parameters[name]
        typical = rules.typical(rules.leading(matches), self.scope)
        intervals = tuple(dict.fromkeys(Interval(m.row.low, m.row.typical, m.row.high) for m in matches))
        above = row.high is not None and value > row.high
        bound = row.high if above else row.low
        reading = self.setup.reading(name, self.group)
        side = "above" if above else "below"
        kind = "documented" if row.textbook else "recommended"
        distance = _how_far(value, bound, parameter.scale)
        text = f"{parameter.title} {format_number(value)} is {distance}{side} the {kind} {_range_text(row)}"
        context = self._context_text(row)
        advice = ""
        fix = None
        if isinstance(typical, int | float):
            advice = f"try {format_number(typical)}"
            if reading is not None and reading.key:
                fix = Fix("unsafe", (Edit(reading.document.name, format_key(reading.key), "set", _rounded(typical)),))
        if row.textbook and not above and name == "learning_rate" and not self.scope.given("fine_tuning"):
            advice = "if this is fine-tuning, say so (`fine_tuning: true`): lower rates are right there"
        return Finding(
            code=self.rule.code,
            name=self.rule.name,
            severity=severity,
            message=f"{text} for {context}" if context else text,
            parameters=(name,),
            place=place_of(reading) if reading is not None else None,
            value=value,
            expected=Expected(Interval(row.low, typical, row.high), intervals, scale=parameter.scale),
            group=self.group,
            related=self._evidence_places(row),
            fix=fix,
            sources=rules.cite(row.source),
            why=self.rule.why,
            advice=advice,
            context=context,
            importance=parameter.importance,
        )

    def _context_text(self, row: Row) -> str:
        """The context that chose a row, in words, with its evidence."""
        if self.scope.context is None:
            return ""
        parts = []
        for key in row.when:
            fact = self.scope.context.facts.get(key)
            if fact is not None:
                shown = contexts.title(key, fact.value)
                parts.append(f"{shown} ({fact.evidence})" if fact.evidence and fact.evidence != shown else shown)
            elif (value := self.scope.value(key)) is not UNKNOWN:
                shown = contexts.title(key, value) if isinstance(value, str) else format_number(value)
                parts.append(f"{key.replace('_', ' ')} {shown}")
        return ", ".join(dict.fromkeys(parts))

    def _evidence_places(self, row: Row) -> tuple[Place, ...]:
        facts = self.scope.context.facts if self.scope.context is not None else {}
        readings = {
            id(fact.reading): fact.reading
            for key in row.when
            if (fact := facts.get(key)) is not None and fact.reading is not None and fact.reading.key
        }
        return tuple(place_of(reading) for reading in readings.values())[:3]

    # --------------------------------------------------------------------------------------- relations

    def _relation(self) -> Iterator[Finding]:
        verdict = rules.applies(self.rule.when, self.scope)
        if verdict is not True:
            if verdict is UNKNOWN:
                self.missing = rules.missing(self.rule.when, self.scope)
            return
        if self._holds(self.rule.where) and self._holds(self.rule.require) is False:
            yield self._broken()

    def _holds(self, text: str | None) -> bool | None:
        """Whether a condition holds; None, and what is missing, where that is not known."""
        if text is None:
            return True
        condition = expressions.compile(text)
        held = condition.evaluate(self.scope)
        if held is UNKNOWN:
            self.missing = condition.missing(self.scope) or tuple(sorted(condition.names))
            return None
        return bool(held)

    def _broken(self) -> Finding:
        rule = self.rule
        severity = next(
            (g["severity"] for g in rule.grades if expressions.compile(g["where"]).evaluate(self.scope) is True),
            rule.severity,
        )
        readings = self._blamed()
        names = tuple(dict.fromkeys([r.parameter for r in readings] + [n for n in rule.blame if n in self.setup.facts]))
        first = readings[0] if readings else None
        message = expressions.template(rule.message or rule.summary).render(self.scope)
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=severity,
            message=message,
            parameters=names[:4] or rule.blame[:4],
            place=place_of(first) if first is not None else None,
            value=first.value if first is not None else self.setup.facts.get(rule.blame[0]),
            expected=Expected(relation=rule.relation),
            group=self.group,
            related=tuple(place_of(reading) for reading in readings[1:4]),
            fix=self._fix(),
            sources=rules.cite(rule.source),
            why=rule.why,
            advice=expressions.template(rule.advice).render(self.scope) if rule.advice else "",
            importance=min(
                (vocabulary().parameters[n].importance for n in names if n in vocabulary().parameters), default=5
            ),
        )

    def _blamed(self) -> list[Reading]:
        """The readings to blame, culprit first: a derived quantity stands for what it was derived from."""
        out: dict[int, Reading] = {}
        for name in self.rule.blame:
            for reading in self.scope.origins(name):
                out.setdefault(id(reading), reading)
            null = self.setup.reading(name, self.group)
            if null is not None:
                out.setdefault(id(null), null)
        return list(out.values())

    def _fix(self) -> Fix | None:
        edits = []
        for name, text in self.rule.fix.items():
            reading = self.setup.reading(name, self.group)
            value = expressions.compile(text).evaluate(self.scope)
            if reading is None or not reading.key or value is UNKNOWN:
                return None
            edits.append(Edit(reading.document.name, format_key(reading.key), "set", _rounded(value)))
        return Fix(self.rule.fix_safety, tuple(edits)) if edits else None


# -------------------------------------------------------------------------------------------------- severity


def _grade(value: float, row: Row, scale: str, name: str, profile: str) -> Severity | None:
    """How bad a value is by one row: None inside the range, else note or warning."""
    above, below = _beyond(value, row.low, row.high)
    if not above and not below:
        return None
    if profile == "textbook":
        return "warning"
    if row.severity == "note" or (row.confidence == "C" and not row.textbook):
        return "note"
    low, high = _warning_bounds(row, scale, name)
    far_above, far_below = _beyond(value, low, high)
    return "warning" if (above and far_above) or (below and far_below) else "note"


def _between(value: float, rows: list[Row]) -> bool:
    """Whether a value lies above one accepted range and below another: there is no bound that it crosses."""
    sides = [_beyond(value, row.low, row.high) for row in rows]
    return any(above for above, _ in sides) and any(below for _, below in sides)


def _beyond(value: float, low: float | None, high: float | None) -> tuple[bool, bool]:
    """Whether a value lies above the upper and below the lower bound; what rounding makes of a bound is the bound."""
    above = high is not None and value > high and not math.isclose(value, high, rel_tol=_EQUAL, abs_tol=_NOTHING)
    below = low is not None and value < low and not math.isclose(value, low, rel_tol=_EQUAL, abs_tol=_NOTHING)
    return above, below


def _warning_bounds(row: Row, scale: str, name: str) -> tuple[float | None, float | None]:
    """Beyond which values a note becomes a warning."""
    if row.textbook:
        low = row.low / TEXTBOOK_BELOW if row.low is not None and scale == "log" else None
        high = row.high
    elif scale == "linear":
        margin = vocabulary().parameters[name].margin
        low = None if row.low is None else row.low - margin
        high = None if row.high is None else row.high + margin
    else:
        wide_above, wide_below = (LOG_ABOVE, LOG_BELOW) if row.stated else (BAND_ABOVE, BAND_BELOW)
        low = None if row.low is None else row.low / wide_below
        high = None if row.high is None else row.high * wide_above
    return (
        row.warn_below if row.warn_below is not None else low,
        row.warn_above if row.warn_above is not None else high,
    )


def _milder(one: Severity, other: Severity) -> Severity:
    return SEVERITIES[max(SEVERITIES.index(one), SEVERITIES.index(other))]


def _distance(value: float, row: Row) -> float:
    """How far a value lies outside a row's range, in decades for positive numbers."""
    bound = row.high if row.high is not None and value > row.high else row.low
    if bound is None:
        return 0.0
    if value > 0 and bound > 0:
        return abs(math.log10(value) - math.log10(bound))
    return abs(value - bound)


def _how_far(value: float, bound: float | None, scale: str) -> str:
    """How far a value lies outside, in words that end with a blank: `40x `; nothing where a factor says nothing."""
    if bound is None or scale == "linear" or bound <= 0 or value <= 0:
        return ""
    ratio = max(value / bound, bound / value)
    return f"{ratio:.3g}x " if ratio < 1000 else f"{float(f'{ratio:.2g}'):,.0f}x "


def _range_text(row: Row) -> str:
    if row.low is not None and row.low == row.high:
        return format_number(row.low)
    if row.low is not None and row.high is not None:
        return f"{format_number(row.low)} to {format_number(row.high)}"
    if row.high is not None:
        return f"maximum of {format_number(row.high)}"
    return f"minimum of {format_number(row.low or 0)}"


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) and not value.is_integer() else value


# --------------------------------------------------------------------------------------------- one each


def _builtin(rule: Rule, setup: Setup, scopes: dict[str | None, Scope], target: dict[str, str]) -> Iterator[Finding]:
    """The findings of a rule whose condition is code: it looks at every key."""
    for hit in builtin_rules.REGISTRY[rule.builtin or ""](builtin_rules.Case(setup, scopes[None], target)):
        parameter = vocabulary().parameters.get(hit.parameters[0]) if hit.parameters else None
        yield Finding(
            code=rule.code,
            name=rule.name,
            severity=hit.severity or rule.severity,
            message=hit.message,
            parameters=hit.parameters[:4],
            place=hit.place or (place_of(hit.reading) if hit.reading is not None else None),
            value=hit.value,
            expected=hit.expected,
            group=hit.group,
            related=tuple(place_of(reading) for reading in hit.related[:3]),
            fix=hit.fix,
            sources=rules.cite(rule.source),
            why=rule.why,
            advice=hit.advice,
            importance=1 if parameter is None else parameter.importance,
        )


def _one_each(found: list[Finding]) -> list[Finding]:
    """One mistake, one finding: a root cause silences what follows from it, and a place is named once by a rule."""
    by_code = rules.by_code()
    invalid = [f for f in found if f.severity == "error" and by_code[f.code].builtin]
    out: dict[tuple[Any, ...], Finding] = {}
    for finding in found:
        rule = by_code[finding.code]
        if not rule.builtin and any(_explains(cause, cause.parameters[:1], finding) for cause in invalid):
            continue
        causes = [
            f
            for f in found
            if f is not finding and f.code.startswith(rule.suppressed_by) and not _is_milder(f, finding)
        ]
        if any(_explains(cause, cause.parameters, finding) for cause in causes):
            continue
        place = finding.place
        identity = (
            finding.code,
            finding.parameters[:1],
            place and (place.path, place.key),
            finding.value if place is None else None,
        )
        out.setdefault(identity, finding)
    return list(out.values())


def _explains(cause: Finding, names: tuple[str, ...], finding: Finding) -> bool:
    """Whether a finding only repeats what another one says of one of `names`, in the same group or the same place."""
    if set(names).isdisjoint(finding.parameters):
        return False
    places = [place for place in (finding.place, *finding.related) if place is not None]
    return cause.group == finding.group or any(_same_place(cause.place, place) for place in places)


def _is_milder(one: Finding, other: Finding) -> bool:
    """Whether one finding weighs less than another: a note explains no alarm away."""
    return SEVERITIES.index(one.severity) > SEVERITIES.index(other.severity)


def _same_place(one: Place | None, other: Place) -> bool:
    return one is not None and (one.path, one.key) == (other.path, other.key)
