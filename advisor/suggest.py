"""Values for what a run leaves open: each from a law, a range row or a documented practice, and each explained.

What belongs to which kind of run, and how its values are found, is data (`rules/suggest.toml` and `rules/suggest/`).
One parameter is decided at a time; a formula that names an undecided one has it decided first, so that no order is
written by hand.  A decided value is a fact like one that was told, and the answer goes through the same `check` as a
user's file.
"""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from advisor import context as contexts
from advisor import expressions, laws, packs, rules
from advisor.arithmetic import arithmetic, derived
from advisor.check import check as judge
from advisor.dialects import Dialects, UnknownDialectError, read
from advisor.expressions import UNKNOWN
from advisor.findings import CallError, Derived, Finding
from advisor.parameters import Parameter, letters, vocabulary
from advisor.reading import ReadingError, read_file, read_object
from advisor.setup import Scope, Setup, build

__all__ = ["Advice", "Explanation", "suggest"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a value comes from.

    `low` and `high` are the range it lies in, None where none is documented; `arithmetic` is the formula in numbers;
    `confidence` is A (a primary source), B (several recipes), C (practice), or "given" for a value of the user's.
    """

    parameter: str
    value: Any
    low: float | None = None
    high: float | None = None
    context: str = ""
    arithmetic: str = ""
    why: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = "C"


@dataclass(frozen=True)
class Advice:
    """What is suggested: plain values by canonical name, an explanation of each, and what to know beside them.

    `kind` is the kind of run that was recognised (in `rules/suggest/`) and `title` the same in words;
    `assumed` holds values that were needed to find the others and were neither given nor asked for; `unanswered` what
    was asked for and nothing is documented about; `derived` what follows from the values (steps an epoch, tokens a
    step) with its arithmetic; `findings` what `check` still says about the answer.
    """

    parameters: dict[str, Any]
    explanations: dict[str, Explanation]
    kind: str = ""
    title: str = ""
    assumed: dict[str, Any] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


# ----------------------------------------------------------------------------------------------------------- knowledge


@dataclass(frozen=True)
class _Way:
    """One way to a value."""

    value: str
    where: str | None
    law: bool
    low: float | None
    high: float | None
    why: str
    source: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class _Kind:
    """A kind of run: what belongs to it, and the ways to its values."""

    name: str
    title: str
    where: str
    parameters: tuple[str, ...]
    ways: Mapping[str, tuple[_Way, ...]]
    own_first: bool = False


@dataclass(frozen=True)
class _Note:
    """Guidance that is no value."""

    where: str
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class _Conversion:
    """What becomes, under another optimizer, of a value that is documented for AdamW."""

    where: str
    factor: float
    why: str
    source: tuple[str, ...]
    confidence: str | None


@dataclass(frozen=True)
class _Assumption:
    """A fact that is taken for granted where nothing else was told."""

    where: str
    fact: str
    value: Any


@dataclass(frozen=True)
class _Limit:
    """A ceiling that facts of the task put on whatever was found."""

    where: str | None
    high: str
    why: str


@dataclass(frozen=True)
class _Knowledge:
    kinds: tuple[_Kind, ...]
    ways: Mapping[str, tuple[_Way, ...]]
    notes: tuple[_Note, ...]
    preference: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, tuple[_Limit, ...]]
    instead: tuple[frozenset[str], ...]
    not_assumed: frozenset[str]
    memory: Mapping[str, Any]
    encoder_sizes: Sequence[Mapping[str, float]]
    belongs: Mapping[str, str]
    conversions: Mapping[str, tuple[_Conversion, ...]]
    assumptions: tuple[_Assumption, ...]


@lru_cache(maxsize=1)
def _knowledge() -> _Knowledge:
    data = packs.bundle()["other"]["suggest"]
    kinds = tuple(
        _Kind(name, row["title"], row["where"], tuple(row["parameters"]), _ways(row), row.get("own_first", False))
        for name, row in data["kind"].items()
    )
    notes = tuple(_Note(row["where"], row["text"], tuple(row.get("source", ()))) for row in data.get("note", ()))
    preference = {name: tuple(order) for name, order in data.get("preference", {}).items()}
    limits = {
        name: tuple(_Limit(row.get("where"), row["high"], row["why"]) for row in rows)
        for name, rows in data.get("limit", {}).items()
    }
    instead = tuple(frozenset(names) for names in data.get("instead", {}).get("one_of", ()))
    conversions = {
        name: tuple(
            _Conversion(row["where"], row["factor"], row["why"], tuple(row["source"]), row.get("confidence"))
            for row in rows
        )
        for name, rows in data.get("convert", {}).items()
    }
    return _Knowledge(
        kinds=kinds,
        ways=_ways(data["any"]),
        notes=notes,
        preference=preference,
        limits=limits,
        instead=instead,
        not_assumed=frozenset(data["assumed"]["never"]),
        memory=data["memory"],
        encoder_sizes=data["encoder_size"],
        belongs=data.get("belongs", {}),
        conversions=conversions,
        assumptions=tuple(_Assumption(**row) for row in data.get("assume", ())),
    )


def _ways(table: Mapping[str, Any]) -> dict[str, tuple[_Way, ...]]:
    return {
        name: tuple(_way(row) for row in rows)
        for name, rows in table.items()
        if isinstance(rows, list) and rows and isinstance(rows[0], dict)
    }


def _way(row: Mapping[str, Any]) -> _Way:
    return _Way(
        value=row["value"],
        where=row.get("where"),
        law=row.get("law", False),
        low=row.get("low"),
        high=row.get("high"),
        why=row["why"],
        source=tuple(row["source"]),
        confidence=row.get("confidence", "A"),
    )


_Ask = Callable[[str], Any]


#: Where the length of a sequence is not known.
_USUAL_LENGTH = 1024


def _isa(ask: _Ask, key: str, value: str) -> bool:
    found = ask(key)
    return isinstance(found, str) and value in contexts.ancestors(key, found)


def _bytes_per_parameter(ask: _Ask) -> float:
    """Of what is trained, and of a frozen reference model beside it where no adapter can be switched off to have it."""
    memory = _knowledge().memory
    adapter = next((size for kind, size in memory["adapter"].items() if _isa(ask, "adapter", kind)), None)
    if adapter is not None:
        return float(adapter)
    beside = any(_isa(ask, "task", task) for task in memory["with_reference"])
    return float(memory["full"] + (memory["reference"] if beside else 0))


def _length(ask: _Ask) -> float:
    length = ask("max_sequence_length")
    return _USUAL_LENGTH if length is UNKNOWN else length


def _words(ask: _Ask) -> dict[str, float]:
    """Words over which a model puts its logits: an encoder with a head has a handful of classes."""
    if _isa(ask, "family", "encoder_lm") and _isa(ask, "regime", "finetune"):
        return {"vocabulary": 2}
    words = ask("vocab_size")
    return {} if words is UNKNOWN else {"vocabulary": words}


def _sequence_gib(ask: _Ask, *, stored: bool = False) -> float:
    a_token = laws.transformer_memory_per_token(ask("num_parameters"), checkpointing=not stored, **_words(ask))
    return a_token * _length(ask) / 2**30


def _states_gib(ask: _Ask) -> float:
    return ask("num_parameters") * _bytes_per_parameter(ask) / 2**30  # type: ignore[no-any-return]


def _that_fit(ask: _Ask) -> float:
    """On one device; where its share alone would not fit, with everything sharded over all of them."""
    devices = ask("world_size")
    for shared in (1,) if devices is UNKNOWN else (1, devices):
        fit = laws.sequences_that_fit(
            ask("num_parameters"),
            _length(ask),
            ask("accelerator_memory"),
            _bytes_per_parameter(ask),
            devices=shared,
            **_words(ask),
        )
        if fit:
            return fit
    return 0


def _transformer_size(ask: _Ask) -> float:
    """Weights of a transformer by its shape; only transformers have heads, and of other nets this says nothing."""
    if not _is_number(ask("num_attention_heads")):
        raise laws.LawError("no transformer")
    return laws.transformer_parameters(ask("num_layers"), ask("hidden_size"))


def _depth(ask: _Ask) -> float:
    """Blocks of the model: as told, or of the usual encoder of its size (a vision transformer has at least twelve)."""
    if _is_number(ask("num_layers")):
        return ask("num_layers")  # type: ignore[no-any-return]
    vision = _isa(ask, "family", "vit") or _isa(ask, "family", "clip_vit")
    if not (vision or _isa(ask, "family", "bert") or _isa(ask, "family", "roberta")):
        raise laws.LawError("no encoder of the usual sizes")
    sizes = _knowledge().encoder_sizes
    blocks = next((row["blocks"] for row in sizes if ask("num_parameters") <= row["up_to"]), None)
    if blocks is None:
        raise laws.LawError("larger than the usual encoders")
    return max(12, blocks) if vision else blocks


def _tokens(ask: _Ask) -> float:
    """Tokens of the run; where they were not told, as many as are worth their compute for a model of the size."""
    told = ask("n_tokens")
    return laws.chinchilla_tokens(ask("num_parameters")) if told is UNKNOWN else told


def _compute(ask: _Ask) -> float:
    return laws.compute_of(ask("num_parameters"), _tokens(ask))


def _decayed_over_held(schedule: Any) -> float:
    """1 for a rate that is held; a schedule that was not told is taken for that, since most frameworks have none."""
    return 1.0 if schedule in (UNKNOWN, None, "constant") else laws.DECAYED_OVER_HELD


def _short_run(ask: _Ask) -> float:
    """What a run of fewer than 5,000 steps, about the length of small published examples, multiplies the rate by."""
    return min(3.0, max(1.0, laws.horizon_scaling(1.0, 5000, ask("total_steps"))))


#: Published laws as names of the formulas: each takes what it needs by asking, and is unknown where it does not hold.
_LAWS: Final[Mapping[str, Callable[[_Ask], float]]] = {
    "num_parameters": _transformer_size,
    "step_law_rate": lambda ask: laws.step_law_learning_rate(ask("num_parameters"), _tokens(ask)),
    "step_law_batch": lambda ask: laws.step_law_batch_tokens(_tokens(ask)),
    "deepseek_rate": lambda ask: laws.deepseek_learning_rate(_compute(ask)),
    "deepseek_batch": lambda ask: laws.deepseek_batch_tokens(_compute(ask)),
    "kaplan_rate": lambda ask: laws.kaplan_learning_rate(ask("num_parameters")),
    "compute_optimal_tokens": lambda ask: laws.chinchilla_tokens(ask("num_parameters")),
    "sequences_that_fit": _that_fit,
    "bytes_per_parameter": _bytes_per_parameter,
    "states_gib": _states_gib,
    "sequence_gib": _sequence_gib,
    "stored_sequence_gib": lambda ask: _sequence_gib(ask, stored=True),
    "depth": _depth,
    "neighbours_k": lambda ask: laws.neighbours(
        ask("dataset_size"), ask("n_classes") if ask("n_classes") is not UNKNOWN else None
    ),
    "clusters_k": lambda ask: laws.rule_of_thumb_clusters(ask("dataset_size")),
    "rbf_width": lambda ask: laws.rbf_gamma(ask("n_features")),
    "tsne_rate": lambda ask: laws.tsne_learning_rate(ask("dataset_size")),
    "short_run": _short_run,
    "decayed_over_held": lambda ask: _decayed_over_held(ask("lr_schedule")),
}

#: Context keys that make a recommendation more than one for an optimizer and a regime.
_TELLING: Final = frozenset({"model", "num_parameters", "task", "family", "domain", "adapter", "data", "env"})

#: Rounds in which what `check` says about the answer is put right.
_ROUNDS: Final = 4


# ------------------------------------------------------------------------------------------------------------ deciding


class _Decider(expressions.Over):
    """A setup in which gaps are filled one by one; what expressions see of it (the protocol of `expressions.Scope`)."""

    scope: Scope

    def __init__(self, setup: Setup, within: Mapping[str, Any]) -> None:
        self.setup = replace(setup, facts=dict(setup.facts))
        self.within = within
        self.decidable: frozenset[str] = frozenset()
        self.wanted: frozenset[str] = frozenset()
        self.made: dict[str, Explanation] = {}
        self.rests: dict[str, frozenset[str]] = {}
        self.pending: set[str] = set()
        self.kind = _knowledge().kinds[-1]
        self._refresh()
        self.taken_for_granted = dict(self._assume())
        self.kind = next(kind for kind in _knowledge().kinds if self.holds(kind.where))

    def _refresh(self) -> None:
        self.scope = Scope(self.setup)
        self.context = contexts.detect(self.setup, self.scope)

    def _assume(self) -> Iterator[tuple[str, Any]]:
        for one in _knowledge().assumptions:
            if self.open(one.fact) and self.holds(one.where):
                self.setup.facts[one.fact] = one.value
                self._refresh()
                yield one.fact, one.value

    def holds(self, condition: str | None) -> bool:
        """Whether a condition is known to hold; none does."""
        return condition is None or expressions.compile(condition).evaluate(self) is True

    # what expressions ask

    def value(self, name: str) -> Any:
        """A given, derived, decided or decidable value, or that of a law; at last what the trainer takes by itself."""
        found = self.scope.value(name)
        by_default = name in self.scope.assumed and name in self.decidable
        if found is not UNKNOWN and found is not None and not by_default:
            return found
        if name in self.pending:
            return UNKNOWN
        self.pending.add(name)
        try:
            made = self._found(name)
        finally:
            self.pending.discard(name)
        return found if by_default and made is UNKNOWN else made

    def _found(self, name: str) -> Any:
        if name in _LAWS:
            return self._law(name)
        if name in _OF_THE_SUGGESTION:
            told = _OF_THE_SUGGESTION[name](self)
            return UNKNOWN if told is None else told
        if name in self.kind.ways and not _exists(name):
            return next((_bounded(value, way.low, way.high) for way, value in self._quantity(name)), UNKNOWN)
        derived = vocabulary().derived.get(name)
        if derived is not None and name not in self.decidable:
            values = (expressions.compile(text).evaluate(self) for text in derived["formulas"])
            return next((value for value in values if value is not UNKNOWN), UNKNOWN)
        if name in self.decidable and self.open(name) and (name in self.wanted or self.belongs(name)):
            made = self.decide(name)
            return UNKNOWN if made is None else made.value
        return UNKNOWN

    def _quantity(self, name: str) -> Iterator[tuple[_Way, float]]:
        """Ways to a number that the formulas of a kind of run share and that is no parameter; the first one holds."""
        for way in self.kind.ways.get(name, ()):
            value: Any = expressions.compile(way.value).evaluate(self) if self.holds(way.where) else UNKNOWN
            if _is_number(value) and math.isfinite(value):
                yield way, value

    def _behind(self, formula: expressions.Expression) -> _Way | None:
        """How the shared number was found that a formula names."""
        names = [name for name in formula.names if name in self.kind.ways and not _exists(name)]
        return next((way for name in names for way, _ in self._quantity(name)), None)

    def _law(self, name: str) -> Any:
        try:
            return _LAWS[name](self.value)
        # outside its region or the range of numbers, or something that it needs is unknown
        except (laws.LawError, ArithmeticError, TypeError):
            return UNKNOWN

    def isa(self, key: str, value: str) -> Any:
        """Whether a context key is of a kind; decided first where it is open, false where it was not told.

        A suggestion begins from what is known, so that an unknown domain is taken as none of those asked for.
        """
        if self.context.value(key) is UNKNOWN and key in self.decidable:
            self.value(key)
        verdict = self.context.isa(key, value)
        return False if verdict is UNKNOWN else verdict

    # decisions

    def open(self, name: str) -> bool:
        """Whether the config leaves a parameter open: not named, null, or the trainer's word for unset."""
        reading = self.setup.reading(name)
        told = name in self.setup.facts
        return not told and (reading is None or reading.state in ("null", "unset", "auto"))

    def decide(self, name: str) -> Explanation | None:
        """Find a value and make it a fact; None where nothing is documented."""
        if name not in self.wanted and not rules.has_effect(name, self):
            return None
        parameter = vocabulary().parameters[name]
        made = next((way for way in self._candidates(parameter) if self._sayable(way)), None)
        if made is None:
            made = self._from_choices(parameter)
        if made is None:
            return None
        made = self._limited(made)
        made = replace(made, value=self.fitted(parameter, made.value))
        self.take(made)
        return made

    def _sayable(self, made: Explanation) -> bool:
        """Whether a value is a number where the caller allows a range of numbers (columns a split may be 'sqrt')."""
        return not _is_range(self.within.get(made.parameter)) or _is_number(made.value)

    def _limited(self, made: Explanation) -> Explanation:
        for limit in _knowledge().limits.get(made.parameter, ()):
            high = expressions.compile(limit.high).evaluate(self) if self.holds(limit.where) else UNKNOWN
            if _is_number(high) and _is_number(made.value) and made.value > high:
                made = replace(made, value=high, why=f"{made.why}; here {limit.why}")
        return made

    def belongs(self, name: str) -> bool:
        """Whether a parameter that nobody asked for is one of this run's, and not said in other words already."""
        return not self.superseded(name) and self.holds(_knowledge().belongs.get(name))

    def renew(self, name: str) -> None:
        """Decide anew what was computed from a value that has moved since."""
        for other in [other for other, names in self.rests.items() if name in names and other in self.made]:
            del self.made[other], self.setup.facts[other], self.rests[other]
            self._refresh()
            self.value(other)
            self.renew(other)

    def superseded(self, name: str) -> bool:
        """Whether another way of saying the same (warm-up in steps or as a share) is taken already."""
        others = {other for group in _knowledge().instead if name in group for other in group if other != name}
        return any(other in self.made or not self.open(other) for other in others)

    def take(self, made: Explanation) -> None:
        """Record a decision, and see the situation anew in its light."""
        self.made[made.parameter] = made
        self.setup.facts[made.parameter] = made.value
        self._refresh()

    def _candidates(self, parameter: Parameter) -> Iterator[Explanation]:
        """Ways to a value, the better ones first; lazily, since each may decide other parameters."""
        own = self.kind.ways.get(parameter.name, ())
        general = _knowledge().ways.get(parameter.name, ())
        yield from self._by_ways(parameter, [way for way in (*own, *general) if way.law])
        rows = self._rows(parameter)
        telling = rows is not None and self._telling(rows.row)
        if rows is not None and telling:
            yield from self._by_row(parameter, rows)
        yield from self._by_ways(parameter, own)
        if rows is not None and not telling and not rows.row.textbook:
            yield from self._by_row(parameter, rows)
        yield from self._by_ways(parameter, general)
        if rows is not None:
            yield from self._by_row(parameter, rows)

    def _telling(self, row: rules.Row) -> bool:
        """Whether a row knows more of the situation than the optimizer, and of an adapter where there is one."""
        adapted = self.isa("adapter", "peft") is True
        at_home = not adapted or "adapter" in row.when or row.when.get("regime") == "adapter"
        telling = _TELLING - {"domain"} if self.kind.own_first else _TELLING
        return not row.textbook and at_home and bool(telling & row.when.keys())

    def _by_ways(self, parameter: Parameter, ways: Sequence[_Way]) -> Iterator[Explanation]:
        for way in ways:
            if not self.holds(way.where):
                continue
            formula = expressions.compile(way.value)
            value = formula.evaluate(self)
            if value is UNKNOWN or value is None or not _usable(parameter, value):
                continue
            self.rests[parameter.name] = frozenset(formula.names)
            behind = self._behind(formula)
            made = Explanation(
                parameter.name,
                _bounded(value, way.low, way.high),
                way.low,
                way.high,
                self._situation(),
                self._arithmetic(formula),
                way.why if behind is None else f"{way.why}: {behind.why}",
                rules.cite(way.source if behind is None else (*way.source, *behind.source)),
                way.confidence if behind is None else max(way.confidence, behind.confidence),
            )
            condition = expressions.compile(way.where).names if way.where else frozenset[str]()
            yield made if "optimizer" in condition | formula.names else self._converted(made)

    def _rows(self, parameter: Parameter) -> rules.Match | None:
        rule = rules.range_rule(parameter.name)
        matches = rules.match_rows(rule, self.scope) if rule is not None else []
        return rules.leading(matches) if matches else None

    def _by_row(self, parameter: Parameter, match: rules.Match) -> Iterator[Explanation]:
        row = match.row
        typical = rules.typical(match, self)  # type: ignore[arg-type]  # it is only evaluated in
        value = typical if isinstance(typical, int | float) else _middle(row.low, row.high, parameter.scale)
        if value is None or not _usable(parameter, value):
            return
        formula = expressions.compile(row.reference) if row.reference else None
        self.rests[parameter.name] = frozenset(formula.names if formula is not None else ())
        shown = self._arithmetic(formula) if formula is not None and formula.evaluate(self) is not UNKNOWN else ""
        made = Explanation(
            parameter.name,
            _bounded(value, row.low, row.high),
            row.low,
            row.high,
            ", ".join(dict.fromkeys(str(contexts.title(key, self.value(key))) for key in row.when))
            or self._situation(),
            shown,
            f"the typical value of this context; {row.note}" if row.note else "the typical value of this context",
            rules.cite(row.source),
            row.confidence,
        )
        yield made if "optimizer" in row.when else self._converted(made)

    def _converted(self, made: Explanation) -> Explanation:
        """A value that is documented for AdamW, or without a word of the optimizer, for the optimizer of the run."""
        rows = _knowledge().conversions.get(made.parameter, ())
        row = next((row for row in rows if self.holds(row.where)), None)
        if row is None or not made.value or not _is_number(made.value):
            return made
        low, high = (None if end is None else float(f"{end * row.factor:.3g}") for end in (made.low, made.high))
        moved = replace(made, why=f"{made.why}; {row.why}", confidence=row.confidence or made.confidence)
        if row.factor == 1:
            return moved
        return replace(
            moved,
            value=made.value * row.factor,
            low=low,
            high=high,
            arithmetic=f"{made.arithmetic or expressions.format_number(made.value)} x {row.factor:g}",
            sources=(*made.sources, *rules.cite(row.source)),
        )

    def _from_choices(self, parameter: Parameter) -> Explanation | None:
        """Where nothing is documented but only some values are allowed: the middle one, and said to be no more."""
        choices = self.within.get(parameter.name)
        if choices is None:
            return None
        numbers = [choice for choice in choices if _is_number(choice)]
        if _is_range(choices):
            value = _middle(choices[0], choices[1], parameter.scale)
        else:
            value = sorted(numbers)[len(numbers) // 2] if len(numbers) == len(choices) else next(iter(choices))
        return Explanation(parameter.name, value, why="nothing is documented here: the middle of what was allowed")

    def _situation(self) -> str:
        known = self.context.describe(("family", "regime", "adapter"))
        return f"{self.kind.title}: {known}" if known else self.kind.title

    def _arithmetic(self, formula: expressions.Expression) -> str:
        """A formula with its names replaced by numbers; empty for a constant."""
        return arithmetic(formula, self) if formula.names else ""

    # what the caller allows

    def fitted(self, parameter: Parameter, value: Any) -> Any:
        """A value as it is handed out: rounded, and moved to the nearest that the caller allows."""
        allowed = self.within.get(parameter.name)
        if allowed is None:
            return _rounded(parameter, value)
        if _is_range(allowed):
            return _bounded(_rounded(parameter, value), *allowed)
        return _nearest(parameter, value, list(allowed))


def _around(decider: _Decider, factor: float) -> str | None:
    """The rate, and a factor below and above, as far as its range and the caller allow; None where nothing is left."""
    rate, allowed = decider.scope.value("learning_rate"), decider.within.get("learning_rate")
    if not _is_number(rate):
        return None
    made = decider.made.get("learning_rate")
    least, most = (made.low, made.high) if made is not None else (None, None)
    low, high = (_bounded(rate * by, least, most) for by in (1 / factor, factor))
    if allowed is None or _is_range(allowed):
        rates = {rate, *(_bounded(end, *(allowed or (None, None))) for end in (low, high))}
    else:
        rates = {rate, *(choice for choice in allowed if low <= choice <= high)}
    *others, last = (expressions.format_number(one) for one in sorted(rates))
    return f"{', '.join(others)} and {last}" if others else None


#: What a condition or a note may ask of the suggestion itself.
_OF_THE_SUGGESTION: Final[Mapping[str, Callable[[_Decider], Any]]] = {
    "kind": lambda decider: decider.kind.name,
    "decidable": lambda decider: sorted(n for n in decider.decidable if n in decider.made or decider.open(n)),
    "granted": lambda decider: list(decider.taken_for_granted),
    "learning_rate_low": lambda decider: getattr(decider.made.get("learning_rate"), "low", None),
    "learning_rate_high": lambda decider: getattr(decider.made.get("learning_rate"), "high", None),
    "rates_near": lambda decider: _around(decider, 2),
    "rates_around": lambda decider: _around(decider, 4),
    "learning_rate_confidence": lambda decider: getattr(decider.made.get("learning_rate"), "confidence", None),
}


# -------------------------------------------------------------------------------------------------------- plain values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _usable(parameter: Parameter, value: Any) -> bool:
    """Whether a value is of the parameter's kind and within its hard bounds."""
    if not parameter.numeric:
        return not _is_number(value)
    return _is_number(value) and math.isfinite(value) and parameter.allows(value)


def _bounded(value: Any, low: float | None, high: float | None) -> Any:
    if not _is_number(value):
        return value
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else value


def _middle(low: float | None, high: float | None, scale: str) -> float | None:
    if low is None or high is None:
        return low if high is None else high
    return math.sqrt(low * high) if scale == "log" and low > 0 else (low + high) / 2


def _rounded(parameter: Parameter, value: Any) -> Any:
    """Two digits for what is searched on a log scale, three for the rest, whole numbers for counts."""
    if not _is_number(value):
        return value
    if parameter.kind == "integer" or parameter.scale == "integer":
        return round(value)
    if abs(value) >= 100:
        return round(value)
    if 0.9 < value < 1:  # of 0.9999 what counts is how far it is from one
        return round(1 - float(f"{1 - value:.2g}"), 9)
    digits = 2 if parameter.scale == "log" else 3
    short = float(f"{value:.{digits}g}")
    return round(short) if short >= 2 and short == round(short) else short


def _is_range(allowed: Any) -> bool:
    return isinstance(allowed, tuple) and len(allowed) == 2 and all(_is_number(end) for end in allowed)


def _nearest(parameter: Parameter, value: Any, choices: list[Any]) -> Any:
    """The choice that is nearest to a number, in decades on a log scale, or that means the same word."""
    if parameter.numeric and _is_number(value):
        numbers = [choice for choice in choices if _is_number(choice)]
        return min(numbers, key=lambda choice: _distance(parameter, value, choice), default=value)
    meant = {choice: vocabulary().choice(parameter.name, str(choice)) or choice for choice in choices}
    order = [value, *_knowledge().preference.get(parameter.name, ())]
    for wanted in order:
        found = next((choice for choice, name in meant.items() if wanted in (name, choice)), None)
        if found is not None:
            return found
    return choices[0]


def _distance(parameter: Parameter, one: float, other: float) -> float:
    if parameter.scale != "linear" and one > 0 and other > 0:
        return abs(math.log(one / other))
    return abs(one - other)


# ---------------------------------------------------------------------------------------------------------- the answer


def suggest(
    facts_or_config: Any,
    want: Sequence[str] | None = None,
    within: Mapping[str, Any] | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    dialect: str | None = None,
) -> Advice:
    """Propose values for what a config or a set of facts leaves open.

    Args:
        facts_or_config: a path, a dict (of canonical names, facts, or a trainer's own keys), a Namespace, a dataclass
            or a pydantic model. What it gives is never contradicted.
        want: canonical names of what to propose; by default whatever belongs to such a run and is not given.
        within: for a parameter, the allowed choices (a list) or the allowed range (a tuple of two numbers).
        facts: what the config does not hold (`dataset_size`, `accelerator_memory`, ...).
        dialect: the trainer's dialect, where it is not to be recognised.

    Raises:
        CallError: an unknown name in `want`, `within` or `facts`, with a suggestion, a number there that is beyond its
            hard bounds, or a config that cannot be read.
    """
    return advise(read_setup(facts_or_config, facts, dialect), want, within)


def advise(setup: Setup, want: Sequence[str] | None = None, within: Mapping[str, Any] | None = None) -> Advice:
    """As `suggest`, for a setup that was read already; raises `CallError` for an unknown name."""
    wanted = None if want is None else [canonical(name) for name in want]
    decider = _Decider(setup, allowed_values(within))
    decider.wanted = frozenset(wanted or ())
    asked = wanted if wanted is not None else [n for n in decider.kind.parameters if _exists(n) and decider.open(n)]
    assumable = frozenset(n for n in decider.kind.parameters if _exists(n)) - _knowledge().not_assumed
    decider.decidable = assumable | {name for name in asked if decider.open(name)}
    for name in asked:
        decider.value(name)
    left = _put_right(decider)
    return _advice(decider, asked, left)


def _exists(name: str) -> bool:
    return name in vocabulary().parameters


def canonical(name: str) -> str:
    """A canonical parameter.  Raises `CallError` with a suggestion for a name that is none."""
    if _exists(name):
        return name
    words = vocabulary()
    spelled = next((alias.parameter for alias in words.spelled(name) if alias.words == (name,)), None)
    same = next((known for known in words.parameters if letters(known) == letters(name)), None)
    nearest = words.nearest(name) or next(iter(difflib.get_close_matches(name, words.parameters, n=1)), None)
    close = same or spelled or nearest
    hint = f"; did you mean {close!r}?" if close else "; `hpadvise explain parameters` lists the names"
    raise CallError(f"no parameter is called {name!r}{hint}")


def allowed_values(within: Mapping[str, Any] | None) -> dict[str, Any]:
    """By canonical name the allowed choices (a list) or the allowed range (a tuple of two numbers).

    Raises `CallError` for a name that does not exist and for what is neither.
    """
    return {name: _allowed(name, choices) for name, choices in ((canonical(n), c) for n, c in (within or {}).items())}


def _allowed(name: str, choices: Any) -> Any:
    parameter = vocabulary().parameters[name]
    if _is_range(choices) and parameter.kind not in ("choice", "boolean"):
        return _allowed_range(parameter, *choices)
    if isinstance(choices, str) or not isinstance(choices, Sequence) or not choices:
        raise CallError(f"within: {name} takes a list of choices or a (low, high) pair, not {choices!r}")
    impossible = [choice for choice in choices if not _possible(parameter, choice)]
    if impossible:
        wanted = " ".join(filter(None, (_KINDS[parameter.kind], parameter.bounds_text)))
        raise CallError(f"within: {name} is {wanted}; {', '.join(map(repr, impossible))} cannot be chosen from")
    if parameter.kind == "choice":
        _refuse_unknown(name, [str(choice) for choice in choices if choice is not None])
    return list(choices)


#: What a choice must be, by the kind of the parameter; others are words.
_KINDS: Final = {"number": "a number", "integer": "a whole number", "boolean": "true or false"}


def _possible(parameter: Parameter, choice: Any) -> bool:
    """Whether a value may be chosen: of the parameter's kind, and within its bounds."""
    if parameter.kind not in _KINDS:
        return True
    if not parameter.numeric:
        return isinstance(choice, bool)
    if not _is_number(choice) or not math.isfinite(choice):
        return False
    whole = parameter.kind != "integer" or choice == int(choice)
    return whole and _in_bounds(parameter, choice)


def _in_bounds(parameter: Parameter, value: float) -> bool:
    """Whether a number lies within the hard bounds, or stands for what is switched off or not given."""
    return parameter.allows(value) or value in (*parameter.off, *parameter.off_unknown, *parameter.unset)


def _allowed_range(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """A range with values of the parameter in it; an end that is a bound may be one that is itself excluded."""
    name = parameter.name
    if not math.isfinite(low) or not math.isfinite(high):
        raise CallError(f"within: the range of {name} has no end: {(low, high)}")
    if low > high:
        raise CallError(f"within: the range of {name} ends below its beginning: {(low, high)}")
    beyond = [
        end for end in (low, high) if end not in (parameter.low, parameter.high) and not _possible(parameter, end)
    ]
    if parameter.kind == "integer":
        beyond = [end for end in (low, high) if not parameter.allows(end)]
        low, high = math.ceil(low), math.floor(high)
    if beyond:
        raise CallError(f"within: {name} must be {parameter.bounds_text}, not {expressions.format_number(beyond[0])}")
    if low > high:
        raise CallError(f"within: no whole number lies in the range of {name}")
    return low, high


def _refuse_unknown(name: str, choices: Sequence[str]) -> None:
    """Names that anybody may have added are let through beside known ones, unless they are like one of those."""
    unknown = [choice for choice in choices if contexts.named(name, choice) is None]
    for choice in unknown:
        close = contexts.nearest(name, choice)
        if close or len(unknown) == len(choices):
            hint = f"; did you mean {close!r}?" if close else f"; `hpadvise explain {name}` lists them"
            raise CallError(f"within: no {name} is called {choice!r}{hint}")


def read_setup(config: Any, facts: Mapping[str, Any] | None = None, dialect: str | None = None) -> Setup:
    """The first run of a config; raises `CallError` where it cannot be read or a fact or dialect is none."""
    from advisor.engine import facts as canonical_facts

    dialects = Dialects()
    try:
        document = read_file(config)[0] if isinstance(config, str | os.PathLike) else read_object(config)
        trainer = dialects.named(dialect) if dialect else dialects.recognise(document)
    except UnknownDialectError as problem:
        raise CallError(str(problem)) from None
    except ReadingError as problem:
        name = f"{os.fspath(config)}: " if isinstance(config, str | os.PathLike) else ""
        raise CallError(f"{name}{problem}") from None
    told = canonical_facts({**_named(config), **(facts or {})})
    for name, value in told.items():
        parameter = vocabulary().parameters.get(name)
        if parameter is not None and parameter.numeric and not _in_bounds(parameter, value):
            raise CallError(f"{name} must be {parameter.bounds_text}, not {expressions.format_number(value)}")
    return build(read(document, trainer)[0], trainer, document, told)


def _named(config: Any) -> dict[str, Any]:
    """What a dict of facts says of the context by names that no trainer has as a key, and of the task in free words."""
    if not isinstance(config, Mapping):
        return {}
    own = {key: value for key, value in config.items() if contexts.hierarchical(key) and not _exists(key)}
    named = {key: value for key, value in own.items() if contexts.known_value(key, str(value))}
    alone = isinstance(config.get("task"), str) and "model" not in config  # it then says what kind of model it is
    return {**named, "task": config["task"]} if alone else named


def _put_right(decider: _Decider) -> tuple[Finding, ...]:
    """Bring the answer to where `check` is content with it; returns what that still says of it and of given values."""
    for _ in range(_ROUNDS):
        findings = _findings(decider)
        moved = [finding for finding in findings if finding.severity != "note" and _move(decider, finding)]
        if not moved:
            break
    return tuple(finding for finding in _findings(decider, given=True) if finding.severity != "note")


def _findings(decider: _Decider, *, given: bool = False) -> list[Finding]:
    """What `check` says about values of this answer, and at last about those that it was given."""
    judged = judge(decider.setup, rules.selected((), ()))
    about = (lambda name: name in decider.made or not decider.open(name)) if given else decider.made.__contains__
    return [finding for finding in judged.findings if any(map(about, finding.parameters))]


def _move(decider: _Decider, finding: Finding) -> bool:
    """Move one decided value to what a finding expects; false where it says nothing that can be followed."""
    for name, value in _remedies(decider, finding):
        made = decider.made.get(name)
        parameter = vocabulary().parameters.get(name)
        if made is None or parameter is None or not _usable(parameter, value):
            continue
        fitted = decider.fitted(parameter, value)
        if fitted == made.value:
            continue
        why = f"{made.why}; moved, because otherwise {finding.message}" if made.why else finding.message
        decider.rests.pop(name, None)  # it no longer follows from anything
        decider.take(replace(made, value=fitted, why=why, sources=(*made.sources, *finding.sources)))
        decider.renew(name)
        return True
    return False


def _remedies(decider: _Decider, finding: Finding) -> Iterator[tuple[str, Any]]:
    expected = finding.expected
    if expected is not None and expected.interval is not None and finding.parameters:
        interval, name = expected.interval, finding.parameters[0]
        current = decider.setup.facts.get(name)
        yield name, _bounded(current, interval.low, interval.high)
        yield name, interval.typical
    rule = rules.by_code().get(finding.code)
    for name, formula in rule.fix.items() if rule is not None else ():
        yield name, expressions.compile(formula).evaluate(decider)


def _advice(decider: _Decider, asked: Sequence[str], findings: tuple[Finding, ...]) -> Advice:
    explanations: dict[str, Explanation] = {}
    for name in asked:
        value = decider.scope.value(name)
        if name in decider.made:
            explanations[name] = decider.made[name]
        elif value is UNKNOWN or value is None:
            continue
        elif name not in decider.scope.assumed:
            explanations[name] = Explanation(name, value, why="given", confidence="given")
        elif name in decider.wanted:
            explanations[name] = Explanation(name, value, why="what the trainer takes by itself", confidence="given")
    return Advice(
        parameters={name: explanation.value for name, explanation in explanations.items()},
        explanations=explanations,
        kind=decider.kind.name,
        title=decider.kind.title,
        assumed=decider.taken_for_granted
        | {name: made.value for name, made in decider.made.items() if name not in explanations},
        unanswered=tuple(n for n in asked if n not in explanations and n in decider.wanted),
        derived=tuple(derived(decider.scope)),
        notes=tuple(_note(decider, note) for note in _knowledge().notes if decider.holds(note.where)),
        findings=findings,
    )


def _note(decider: _Decider, note: _Note) -> str:
    text = expressions.template(note.text).render(decider)
    return f"{text} ({'; '.join(rules.cite(note.source))})" if note.source else text
