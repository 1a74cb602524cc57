"""The rules as typed views of the bundle, and which row of a range rule applies in a context.

The order in which contexts outweigh one another is written here and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from advisor import context as contexts
from advisor import expressions, packs
from advisor.expressions import UNKNOWN
from advisor.parameters import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.findings import Severity
    from advisor.setup import Scope

Verdict = Literal[True, False] | expressions.Unknown

#: Context keys from the most to the least telling; all others count as the last.
ORDER = ("model", "num_parameters", "task", "family", "optimizer", "regime")
#: Keys that are judged in the place of another: a domain is a wide family, an adapter is a kind of regime.
SAME_PLACE = {"domain": "family", "adapter": "regime"}
#: Bases that state a range of their own; the others put a band around a single value.
STATED = ("published-range", "several-sources")


@dataclass(frozen=True)
class Row:
    """A recommended range and the context in which it holds."""

    when: dict[str, Any]
    low: float | None
    typical: float | str | None
    high: float | None
    basis: str
    confidence: str
    textbook: bool
    source: tuple[str, ...]
    where: str | None = None
    reference: str | None = None
    warn_above: float | None = None
    warn_below: float | None = None
    severity: Severity | None = None
    note: str = ""

    @property
    def stated(self) -> bool:
        """Whether the sources state the range itself."""
        return self.basis in STATED

    @property
    def contextual(self) -> bool:
        """Whether the row binds anything but the optimizer."""
        return any(key != "optimizer" for key in self.when)


@dataclass(frozen=True)
class Match:
    """A row that applies, how specific it is, and the keys that bound it."""

    row: Row
    rank: tuple[int, ...]


class Rule:
    """One documented recommendation.

    What it looks at is in `data`; what it says, and its ranges, may be in `told`, a table by code that is read only for
    rules with something to look at.
    """

    def __init__(self, data: Mapping[str, Any], told: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._judged = data
        self._told = told or {data["code"]: data}
        self.code: str = data["code"]
        self.name: str = data["name"]
        self.severity: Severity = data["severity"]
        self.preview: bool = data.get("preview", False)
        self.builtin: str | None = data.get("builtin")
        self.parameter: str | None = data.get("parameter")
        self.when: dict[str, Any] = data.get("when", {})
        self.where: str | None = data.get("where")
        self.require: str | None = data.get("require")
        self.blame: tuple[str, ...] = tuple(data.get("blame", ()))
        self.fix: dict[str, str] = data.get("fix", {})
        self.fix_safety: Literal["safe", "unsafe"] = data.get("fix_safety", "unsafe")
        self.suppressed_by: tuple[str, ...] = tuple(data.get("suppressed_by", ()))
        self.grades: list[dict[str, Any]] = data.get("grade", [])
        self.confidence: str = data.get("confidence", "A")

    @cached_property
    def data(self) -> dict[str, Any]:
        """The whole record."""
        return {**self._told[self.code], **self._judged}

    @property
    def summary(self) -> str:
        """What the rule looks for, in half a sentence."""
        return str(self._told[self.code]["summary"])

    @property
    def why(self) -> str:
        """Why it matters."""
        return str(self._told[self.code]["why"])

    @property
    def message(self) -> str:
        """The template of what is wrong; empty where the summary says it."""
        return str(self._told[self.code].get("message", ""))

    @property
    def advice(self) -> str:
        """The template of what to do about it, or nothing."""
        return str(self._told[self.code].get("advice", ""))

    @property
    def relation(self) -> str:
        """What is expected, as people write it."""
        return self._told[self.code].get("relation", "") or self.require or ""

    @property
    def source(self) -> tuple[str, ...]:
        """Keys of the sources."""
        return tuple(packs.source_keys(self._told[self.code].get("source")))

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of a range rule."""
        return [
            Row(
                when=row.get("when", {}),
                low=row.get("low"),
                typical=row.get("typical"),
                high=row.get("high"),
                basis=row.get("basis", "published-range"),
                confidence=row.get("confidence", "A"),
                textbook=row.get("textbook", False),
                source=tuple(packs.source_keys(row["source"])),
                where=row.get("where"),
                reference=row.get("reference"),
                warn_above=row.get("warn_above"),
                warn_below=row.get("warn_below"),
                severity=row.get("severity"),
                note=row.get("note", ""),
            )
            for row in self._told[self.code].get("range", ())
        ]

    @property
    def kind(self) -> str:
        """`range`, `relation` or `builtin`."""
        if self.builtin:
            return "builtin"
        return "range" if self.parameter and self.require is None else "relation"

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that decide whether the rule has anything to look at."""
        return frozenset({self.parameter} if self.kind == "range" and self.parameter else self.blame)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules in the order of their codes."""
    bundle = packs.bundle()
    return tuple(sorted((Rule(data, bundle["told"]) for data in bundle["rules"]), key=lambda rule: rule.code))


@lru_cache(maxsize=1)
def by_code() -> dict[str, Rule]:
    """All rules by code."""
    return {rule.code: rule for rule in rules()}


def range_rule(parameter: str) -> Rule | None:
    """The range rule of a parameter, or None."""
    return next((rule for rule in rules() if rule.kind == "range" and rule.parameter == parameter), None)


def listing() -> list[tuple[str, str, str, str]]:
    """Code, name, severity and summary of every rule."""
    return [(rule.code, rule.name, rule.severity, rule.summary) for rule in rules()]


def selected(select: Iterable[str], ignore: Iterable[str], extend: Iterable[str] = ()) -> list[Rule]:
    """The rules that a selection of codes, names or prefixes leaves; preview rules only where they are named.

    Raises `ValueError` for a selector that fits no rule.
    """
    select, ignore, extend = tuple(select), tuple(ignore), tuple(extend)
    for selector in (*select, *ignore, *extend):
        if not any(fits(selector, rule) for rule in rules()):
            raise ValueError(f"no rule has a code or name that fits {selector!r}; `hpadvise rules` lists them")
    out = []
    for rule in rules():
        default = not select and not rule.preview
        named = default or any(fits(s, rule) for s in (*select, *extend))
        if named and not any(fits(s, rule) for s in ignore):
            out.append(rule)
    return out


def fits(selector: str, rule: Rule) -> bool:
    """Whether a selector (`all`, a code or the beginning of one, a name) means a rule; an empty one means none."""
    wanted = selector.strip().upper()
    return wanted == "ALL" or (wanted != "" and rule.code.startswith(wanted)) or rule.name == selector.strip()


def cite(keys: Iterable[str]) -> tuple[str, ...]:
    """Short citations for source keys."""
    sources = packs.bundle()["sources"]
    return tuple(sources[key]["cite"] if key in sources else key for key in keys)


# ------------------------------------------------------------------------------------------ which row applies


def applies(when: dict[str, Any], scope: Scope, *, assume: dict[str, Any] | None = None) -> Verdict:
    """Whether a context condition holds: False where any key contradicts, unknown where one cannot be told."""
    verdict: Verdict = True
    for key, wanted in when.items():
        held, _ = _bound(key, wanted, scope, assume or {})
        if held is False:
            return False
        if held is UNKNOWN:
            verdict = UNKNOWN
    return verdict


def has_effect(parameter: str, scope: expressions.Scope) -> bool:
    """Whether a parameter may have any effect in a setup: plain Adam has no momentum (`rules/needs.toml`)."""
    condition = packs.bundle()["other"]["needs"]["needs"].get(parameter)
    return condition is None or expressions.compile(condition).evaluate(scope) is not False


def missing(when: dict[str, Any], scope: Scope) -> tuple[str, ...]:
    """The keys of a context condition that cannot be told."""
    return tuple(key for key, wanted in when.items() if _bound(key, wanted, scope, {})[0] is UNKNOWN)


def _bound(key: str, wanted: Any, scope: Scope, assume: dict[str, Any]) -> tuple[Verdict, int]:
    """Whether one key of a condition holds, and how deep in the hierarchy the wanted value stands."""
    found = _found(key, scope, assume)
    if not isinstance(wanted, list):
        return (UNKNOWN, 0) if found is UNKNOWN else _met(key, wanted, found)
    verdicts = [(UNKNOWN, 0) if found is UNKNOWN else _met(key, one, found) for one in wanted]
    held = [depth for verdict, depth in verdicts if verdict is True]
    if held:
        return True, max(held)
    return (UNKNOWN, 0) if any(verdict is UNKNOWN for verdict, _ in verdicts) else (False, 0)


def _found(key: str, scope: Scope, assume: dict[str, Any]) -> Any:
    """The value that a condition asks about: of the context where that knows the key, else of the setup."""
    found: Any = UNKNOWN
    if scope.context is not None and contexts.hierarchical(key):
        found = scope.context.value(key)
    if found is UNKNOWN:
        found = scope.value(key)
    return assume.get(key, UNKNOWN) if found is UNKNOWN or found is None or _not_understood(key, found) else found


def _met(key: str, wanted: Any, found: Any) -> tuple[Verdict, int]:
    """Whether a known value meets one condition, and how deep that stands in the hierarchy of the key."""
    if isinstance(wanted, dict):
        if not isinstance(found, int | float) or isinstance(found, bool) or math.isnan(found):
            return UNKNOWN, 0
        return wanted.get("min", float("-inf")) <= found <= wanted.get("max", float("inf")), 1
    if isinstance(wanted, str) and isinstance(found, str):
        if contexts.hierarchical(key):
            return wanted in contexts.ancestors(key, found), len(contexts.ancestors(key, wanted))
        if key == "model":
            return wanted.lower() in found.lower(), 1
    return bool(found == wanted), 1


def _not_understood(key: str, found: Any) -> bool:
    """Whether free text was said of a context and nobody knows what it means: it contradicts nothing.

    An optimizer (or another named value) that is not known is known to be none of those that are.
    """
    free = contexts.hierarchical(key) and key not in vocabulary().choices
    return free and isinstance(found, str) and not contexts.known_value(key, found)


def match_rows(rule: Rule, scope: Scope, profile: str = "auto") -> list[Match]:
    """The rows whose range counts in this context: the most specific, with what their basis asks to be united with.

    Empty where no row is known to apply.  A textbook row applies only where no other does, or alone under the profile
    `textbook`; where the regime is not known it is taken as training from scratch.
    """
    textbook = _matches([row for row in rule.rows if row.textbook], scope, {"regime": "from_scratch"})
    if profile == "textbook":
        return _top(textbook)
    return _top(_matches([row for row in rule.rows if not row.textbook], scope, {})) or _top(textbook)


def _matches(rows: Iterable[Row], scope: Scope, assume: dict[str, Any]) -> Iterator[Match]:
    for row in rows:
        if applies(row.when, scope, assume=assume) is not True:
            continue
        if row.where is not None and expressions.compile(row.where).evaluate(scope) is not True:
            continue
        yield Match(row, _rank(row, scope, assume))


def _rank(row: Row, scope: Scope, assume: dict[str, Any]) -> tuple[int, ...]:
    slots = dict.fromkeys((*ORDER, "rest"), 0)
    for key, wanted in row.when.items():
        slot = SAME_PLACE.get(key, key)
        slot = slot if slot in slots else "rest"
        depth = _bound(key, wanted, scope, assume)[1]
        # a family outweighs the domain that it lies in, however deep the domain stands
        slots[slot] = max(slots[slot], depth + (10 if key == "family" else 0)) if slot != "rest" else slots[slot] + 1
    return tuple(slots.values())


def _top(matches: Iterable[Match]) -> list[Match]:
    """The most specific rows; single values with a band are united with the next level that states a range."""
    ranked = sorted(matches, key=lambda match: match.rank, reverse=True)
    out: list[Match] = []
    for match in ranked:
        if out and match.rank != out[-1].rank and any(kept.row.stated for kept in out):
            break
        out.append(match)
    return out


def leading(matches: list[Match]) -> Match:
    """The row that gives the typical value and the first source: stated ranges first, then the better grade."""
    strength = {"published-range": 0, "several-sources": 1, "published-value": 2, "value-with-band": 3}
    best_rank = max(match.rank for match in matches)
    return min(
        matches,
        key=lambda m: (m.rank != best_rank, strength.get(m.row.basis, 4), m.row.confidence, m.row.typical is None),
    )


def typical(match: Match, scope: Scope) -> float | str | None:
    """The typical value of a row: its formula where that can be computed, else the number it states."""
    if match.row.reference is not None:
        value = expressions.compile(match.row.reference).evaluate(scope)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return match.row.typical
