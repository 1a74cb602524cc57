"""Search spaces around the recommendation, and the search that a number of trials is good for.

A dimension is the documented range of the context, no further from the recommendation than `rules/space.toml` says, on
the parameter's own scale.  The same file says what is not worth a trial, and by which criteria a grid, random points or
Bayesian search is chosen.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal

from advisor import context as contexts
from advisor import expressions, packs, rules
from advisor.dialects import Dialect
from advisor.findings import CallError
from advisor.parameters import Parameter, vocabulary
from advisor.setup import Scope, Setup
from advisor.suggest import Advice, Explanation, advise, allowed_values, canonical, read_setup

__all__ = ["METHODS", "Aside", "Dimension", "Search", "Space", "grid_size", "search_space"]

METHODS: Final = ("grid", "random", "bayesian")

#: Categories of facts about the run, which no search sets.
_FACTS: Final = frozenset({"data", "control", "model"})
#: A choice that others depend on is asked about with at most so many values.
_MOST_BRANCHES: Final = 6
#: More grid steps than this along one parameter tell nothing new.
_MOST_STEPS: Final = 9
#: From this ratio of its ends on, a range of whole numbers is searched on a log scale.
_WIDE: Final = 8


@dataclass(frozen=True, slots=True)
class Dimension:
    """One parameter of a search.

    `name` is unique in the space; `key` is what a trial's config calls it (the two differ where the range depends on
    another choice, `under`).  Numbers lie from `low` to `high`, both included; `start` is the recommendation.
    """

    name: str
    key: str
    parameter: str
    kind: Literal["float", "integer", "choice"]
    start: Any
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()
    importance: int = 5
    why: str = ""
    context: str = ""
    sources: tuple[str, ...] = ()
    under: tuple[str, Any] | None = None

    def at(self, share: float) -> Any:
        """The value at a share, from 0 to 1, of the way through the dimension."""
        if self.low is None or self.high is None:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.kind == "integer" else _short(value, 4, self.low, self.high)

    def steps(self, count: int) -> tuple[Any, ...]:
        """Values for a grid: all choices, or `count` even steps; one is the recommendation alone."""
        if self.kind == "choice":
            return self.choices if count > 1 else (self.start,)
        if count == 1:
            return (self.start,)
        return tuple(dict.fromkeys(self.at(step / (count - 1)) for step in range(count)))

    @property
    def most_steps(self) -> int:
        """The longest grid that makes sense along this dimension."""
        if self.kind == "choice":
            return len(self.choices)
        if self.kind == "integer" and self.low is not None and self.high is not None:
            return int(min(_MOST_STEPS, self.high - self.low + 1))
        return _MOST_STEPS


@dataclass(frozen=True, slots=True)
class Aside:
    """A parameter that stays at its recommendation, and why."""

    name: str
    value: Any
    why: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """How to spend the trials: `none`, `grid`, `random` (low-discrepancy points) or `bayesian`, and why."""

    method: str
    trials: int
    parallel: int
    why: str
    sources: tuple[str, ...] = ()
    budget_given: bool = True


@dataclass(frozen=True)
class Space:
    """Dimensions, the most important first; what stays fixed; how to search; and points for those who list them.

    `points` maps names of dimensions to values: the grid, the low-discrepancy points, or for Bayesian search the
    recommendation alone.  Where there are several points the first is the recommendation, but for a grid.
    """

    dimensions: tuple[Dimension, ...]
    fixed: dict[str, Any]
    aside: tuple[Aside, ...]
    search: Search
    points: tuple[dict[str, Any], ...]
    advice: Advice
    metric: str = "loss"
    maximize: bool = False
    notes: tuple[str, ...] = ()

    @property
    def start(self) -> dict[str, Any]:
        """The recommendation as a point."""
        return point(self.dimensions, lambda dimension: dimension.start)

    def config(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The config of a trial: what is fixed, and a point under the keys that the trainer reads."""
        keys = {dimension.name: dimension.key for dimension in self.dimensions}
        return {**self.fixed, **{keys[name]: value for name, value in values.items()}}


def point(dimensions: Iterable[Dimension], choose: Any) -> dict[str, Any]:
    """A value for each dimension that the choices before it leave active; `choose` maps a dimension to a value."""
    out: dict[str, Any] = {}
    for dimension in dimensions:
        if active(dimension, out):
            out[dimension.name] = choose(dimension)
    return out


def active(dimension: Dimension, values: Mapping[str, Any]) -> bool:
    """Whether the choices made so far leave a dimension in play."""
    return dimension.under is None or values.get(dimension.under[0]) == dimension.under[1]


def grid_size(choices: Iterable[int]) -> int:
    """The trials of a full grid: the product of the numbers of choices, 1 for none."""
    return math.prod(choices)


# ----------------------------------------------------------------------------------------------------------- knowledge


@dataclass(frozen=True)
class _Criterion:
    """A kind of search and when it is the one to take."""

    where: str
    method: str
    why: str
    source: tuple[str, ...]


@lru_cache(maxsize=1)
def _knowledge() -> dict[str, Any]:
    data: dict[str, Any] = packs.bundle()["other"]["space"]
    return data


def _criteria() -> Iterator[_Criterion]:
    for row in _knowledge()["search"]:
        yield _Criterion(row["where"], row["method"], row["why"], tuple(row["source"]))


# --------------------------------------------------------------------------------------------------------- the space


def search_space(  # noqa: PLR0913 - the public call, keyword by keyword
    config: Any = None,
    *,
    want: Sequence[str] | None = None,
    within: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    dialect: str | None = None,
    budget: int | None = None,
    parallel: int = 1,
    method: str | None = None,
    metric: str = "loss",
    maximize: bool = False,
    names: Mapping[str, str] | None = None,
    only_named: bool = False,
) -> Space:
    """A search space around the recommendation for a config or a set of facts.

    Args:
        config: a path, a dict or an object, as for `suggest`; its numbers that are worth tuning become dimensions that
            start from them, its choices stay as they are.
        want: canonical names of what to tune; by default what is worth it for such a run, the most important first.
        within: for a parameter the choices (a list) or the range (a tuple of two numbers) to stay within.
        facts: what the config does not hold; these stay fixed.
        dialect: the trainer's dialect, where it is not to be recognised.
        budget: how many trials can be run; decides the search and drops what so many cannot tune.
        parallel: how many of them run at once.
        method: one of `METHODS`, where it is not to be chosen.
        metric, maximize: what the trials report, and whether more of it is better.
        names: keys of the trials' configs by canonical name, where they differ from the canonical names.
        only_named: whether what `names` does not name is left out, because the trainer has no key for it.

    Raises:
        CallError: an unknown name, a config that cannot be read, a budget below 1, or nothing that could be tuned.
    """
    _check_call(budget, parallel, method)
    allowed = allowed_values(within)
    wanted = None if want is None else [canonical(name) for name in want]
    setup = read_setup({} if config is None else config, facts, dialect)
    found = _Finder(setup, wanted, allowed).find()
    if only_named:
        found = _named(found, names or {})
    dropped: list[Aside] = list(found.aside)
    told = setup.facts.get("budget")
    budget = int(told) if budget is None and isinstance(told, int | float) and told >= 1 else budget
    dimensions, search = _plan(found.dimensions, dropped, _Call(budget, parallel, method))
    renamed = tuple(_renamed(dimension, names or {}) for dimension in dimensions)
    return Space(
        dimensions=renamed,
        fixed={(names or {}).get(name, name): value for name, value in _fixed(found.advice, dimensions).items()},
        aside=tuple(dropped),
        search=search,
        points=tuple(_points(renamed, search)),
        advice=found.advice,
        metric=metric,
        maximize=maximize,
    )


def _named(found: _Found, names: Mapping[str, str]) -> _Found:
    """What a trainer has keys for; the rest is put aside."""
    tuned = [dimension for dimension in found.dimensions if dimension.parameter in names]
    lost = dict.fromkeys(one.parameter for one in found.dimensions if one.parameter not in names)
    aside = [Aside(name, found.advice.parameters.get(name), "there is no key for it") for name in lost]
    parameters = {name: value for name, value in found.advice.parameters.items() if name in names}
    known = [one for one in found.aside if one.name in names]
    return _Found(replace(found.advice, parameters=parameters), tuned, [*aside, *known])


@dataclass(frozen=True, slots=True)
class _Call:
    budget: int | None
    parallel: int
    method: str | None


def _check_call(budget: int | None, parallel: int, method: str | None) -> None:
    for name, number in (("budget", budget), ("parallel", parallel)):
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
            raise CallError(f"{name} is a number of trials, at least 1, not {number!r}")
    if method is not None and method not in METHODS:
        raise CallError(f"no search is called {method!r}; known: {', '.join(METHODS)}")


def _fixed(advice: Advice, dimensions: Iterable[Dimension]) -> dict[str, Any]:
    tuned = {dimension.parameter for dimension in dimensions}
    return {name: value for name, value in advice.parameters.items() if name not in tuned}


def _renamed(dimension: Dimension, names: Mapping[str, str]) -> Dimension:
    key = names.get(dimension.parameter, dimension.parameter)
    name = dimension.name.replace(dimension.parameter, key, 1)
    under = dimension.under and (names.get(dimension.under[0], dimension.under[0]), dimension.under[1])
    return replace(dimension, name=name, key=key, under=under)


# ---------------------------------------------------------------------------------------- which dimensions there are


@dataclass
class _Found:
    advice: Advice
    dimensions: list[Dimension] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)


class _Finder:
    """Finds the dimensions of a setup, with those that depend on a choice once for each of its values."""

    def __init__(self, setup: Setup, want: Sequence[str] | None, within: Mapping[str, Any]) -> None:
        self.want = want
        self.within = dict(within)
        self.given = {name: reading.value for name, reading in setup.main.items() if reading.known}
        self.setup = self._unbound(setup)

    def _unbound(self, setup: Setup) -> Setup:
        """The setup with its context told, and without the numbers that are to be tuned.

        What the trainer takes where the config says nothing is no choice of anybody's, and so no bound either.
        """
        context = contexts.detect(setup, Scope(setup))
        told = {key: fact.value for key, fact in context.facts.items() if key != "dialect" and contexts.telling(key)}
        undecided = Dialect({**setup.dialect.data, "defaults": {}})
        kept = replace(setup, dialect=undecided, facts={**told, **setup.facts})
        kind = advise(kept).kind
        names = self.want if self.want is not None else _belonging(kind)
        loose = {name for name in names if name in setup.main and name not in setup.facts and self._loosened(name)}
        main = {name: reading for name, reading in kept.main.items() if name not in loose}
        return replace(kept, main=main, facts={k: v for k, v in kept.facts.items() if k not in loose or k in told})

    def _loosened(self, name: str) -> bool:
        """Whether a value that the config gives is one to tune: asked for, or a number worth it."""
        if self.want is not None or name in self.within:
            return True
        return vocabulary().parameters[name].numeric and name not in _knowledge()["aside"]

    def find(self) -> _Found:
        """The dimensions; raises `CallError` where there is nothing to tune."""
        found = self._plain(self.setup)
        branch = next((d for d in found.dimensions if self._branches(d)), None)
        if branch is not None:
            found.dimensions = self._branched(found, branch)
        if not found.dimensions and not found.aside:
            raise CallError("nothing here has a documented range to search; name parameters with --want or --within")
        return found

    def _branches(self, dimension: Dimension) -> bool:
        texts = all(isinstance(choice, str) for choice in dimension.choices)
        return dimension.kind == "choice" and texts and len(dimension.choices) <= _MOST_BRANCHES

    def _plain(self, setup: Setup) -> _Found:
        advice = advise(setup, self._names(setup), self._narrowed())
        found = _Found(advice)
        for order, (name, told) in enumerate(advice.explanations.items()):
            made = self._made(name, told)
            if isinstance(made, Aside):
                found.aside.append(made)
            elif made is not None:
                found.dimensions.append(replace(made, importance=made.importance * 100 + order))
        found.dimensions.sort(key=lambda dimension: dimension.importance)
        found.dimensions = [replace(made, importance=made.importance // 100) for made in found.dimensions]
        return found

    def _names(self, setup: Setup) -> list[str] | None:
        """What advice is needed about: what belongs to the run, what is wanted, what has bounds of its own."""
        if self.want is None and not self.within:
            return None
        belonging = [name for name in _belonging(advise(setup).kind) if name not in setup.main]
        return list(dict.fromkeys([*(self.want or ()), *self.within, *belonging]))

    def _narrowed(self) -> dict[str, Any]:
        return {name: allowed for name, allowed in self.within.items() if name in vocabulary().parameters}

    def _made(self, name: str, told: Explanation) -> Dimension | Aside | None:
        """A dimension, or why there is none; None for what was given and is no matter of the search."""
        asked = name in (self.want or ()) or name in self.within
        parameter = vocabulary().parameters[name]
        if told.confidence == "given" and not asked:
            return None
        if not self._applies(name):
            return None
        aside = _knowledge()["aside"].get(name)
        if not asked and aside is not None:
            return Aside(name, told.value, aside["why"], rules.cite(aside["source"]))
        if not asked and (self.want is not None or parameter.category in _FACTS):
            return Aside(name, told.value, "not asked for" if self.want is not None else "a fact of the run")
        made = self._dimension(parameter, told, asked=asked)
        if made is None:
            why = "a choice: compare others by naming it" if not parameter.numeric else "documented as this one value"
            return Aside(name, told.value, why)
        return replace(made, start=self._start(made))

    def _applies(self, name: str) -> bool:
        """Whether a parameter has any effect in this setup: plain Adam has no momentum."""
        condition = _knowledge()["needs"].get(name)
        scope = Scope(self.setup)
        contexts.detect(self.setup, scope)
        return condition is None or expressions.compile(condition).evaluate(scope) is not False

    def _start(self, made: Dimension) -> Any:
        """The config's own value where it lies in the dimension, else the recommendation."""
        given = self.given.get(made.parameter)
        if made.kind == "choice":
            return given if given in made.choices else made.start
        inside = isinstance(given, int | float) and made.low is not None and made.high is not None
        return given if inside and made.low <= given <= made.high else made.start  # type: ignore[operator]

    def _dimension(self, parameter: Parameter, told: Explanation, *, asked: bool) -> Dimension | None:
        allowed = self.within.get(parameter.name)
        listed = allowed if isinstance(allowed, list) else None
        if listed is None and not parameter.numeric and asked:
            row = _knowledge()["dimension"].get(parameter.name, {})
            listed = _others(parameter.name, told.value, row.get("choices", ()))
        base = Dimension(
            parameter.name,
            parameter.name,
            parameter.name,
            "choice",
            told.value,
            importance=parameter.importance,
            why=told.why,
            context=told.context,
            sources=told.sources,
        )
        if listed is not None:
            return replace(base, choices=tuple(listed)) if len(listed) > 1 else None
        if not parameter.numeric or not isinstance(told.value, int | float) or isinstance(told.value, bool):
            return None
        ends = allowed if isinstance(allowed, tuple) else None
        return _numeric(base, parameter, told, ends)

    def _branched(self, found: _Found, branch: Dimension) -> list[Dimension]:
        """The dimensions where a choice is open: those that differ with it stand once below each of its values."""
        by_choice = {choice: self._given_choice(branch, choice) for choice in branch.choices}
        order = [d.parameter for d in found.dimensions]
        order += [d.parameter for made in by_choice.values() for d in made.dimensions]
        order += [name for made in by_choice.values() for name in made.advice.parameters]
        out: list[Dimension] = [branch]
        for name in dict.fromkeys(order):
            if name != branch.parameter:
                out += _variants(branch, {choice: _of(made, name) for choice, made in by_choice.items()})
        tuned = {dimension.parameter for dimension in out}
        found.aside = [aside for aside in found.aside if aside.name not in tuned]
        return out

    def _given_choice(self, branch: Dimension, choice: Any) -> _Found:
        setup = replace(self.setup, facts={**self.setup.facts, branch.parameter: choice})
        inner = _Finder.__new__(_Finder)
        inner.setup, inner.given = setup, self.given
        inner.want = None if self.want is None else [name for name in self.want if name != branch.parameter]
        inner.within = {name: allowed for name, allowed in self.within.items() if name != branch.parameter}
        return inner._plain(setup)


def _belonging(kind: str) -> list[str]:
    """What is proposed for a kind of run, of the vocabulary's parameters."""
    names = packs.bundle()["other"]["suggest"]["kind"][kind]["parameters"]
    return [name for name in names if name in vocabulary().parameters]


def _others(name: str, value: Any, choices: Iterable[Any]) -> list[Any]:
    """A recommended choice and the usual others, without those that are a kind of it or it of them."""
    words = vocabulary()

    def akin(one: Any, other: Any) -> bool:
        return isinstance(one, str) and isinstance(other, str) and other in words.ancestors(name, one)

    return [value, *(other for other in choices if not akin(value, other) and not akin(other, value))]


def _of(found: _Found, name: str) -> Dimension | None:
    """The dimension of a parameter, or the one value that it has there; None where it has no effect."""
    tuned = next((d for d in found.dimensions if d.parameter == name), None)
    if tuned is not None or not any(aside.name == name for aside in found.aside):
        return tuned
    value = found.advice.parameters[name]
    importance = vocabulary().parameters[name].importance
    return Dimension(name, name, name, "choice", value, choices=(value,), importance=importance)


def _variants(branch: Dimension, by_choice: Mapping[Any, Dimension | None]) -> Iterator[Dimension]:
    """One dimension where it is the same for every choice, else one for each choice that has it.

    What has one and the same value for every choice is none.
    """
    there = [made for made in by_choice.values() if made is not None]
    same = {(made.kind, made.low, made.high, made.log, made.choices) for made in there}
    if len(same) == 1 and len(there) == len(by_choice):
        yield from [made for made in there[:1] if made.most_steps > 1]
        return
    for choice, made in by_choice.items():
        if made is not None:
            yield replace(made, name=f"{made.name}_{choice}", under=(branch.name, choice))


# ------------------------------------------------------------------------------------------------- bounds of numbers


def _numeric(
    base: Dimension, parameter: Parameter, told: Explanation, allowed: tuple[float, float] | None
) -> Dimension | None:
    """A numeric dimension; None where a single value is all there is."""
    row = _knowledge()["dimension"].get(parameter.name, {})
    if told.value == 0 and allowed is None:
        return _switched_off(base, told)
    low, high = allowed if allowed is not None else _window(parameter, told, row)
    low, high = _inside(parameter, low, high)
    whole = parameter.kind == "integer" or parameter.scale == "integer"
    if whole:
        low, high = max(math.ceil(low), 0), math.floor(high)
    else:
        low, high = _short(low, 3), _short(high, 3)
    if not low < high:
        return None
    start = min(max(told.value, low), high)
    if row.get("step") == "power":
        powers = tuple(2**n for n in range(int(high).bit_length()) if low <= 2**n <= high)
        nearest = min(powers, key=lambda power: abs(math.log(power / start)), default=None)
        return replace(base, choices=powers, start=nearest) if len(powers) > 1 else None
    log = low > 0 and (high / low >= _WIDE if whole else parameter.scale == "log")
    kind: Literal["float", "integer"] = "integer" if whole else "float"
    return replace(base, kind=kind, low=low, high=high, log=log, start=round(start) if whole else start)


def _switched_off(base: Dimension, told: Explanation) -> Dimension | None:
    """Where the recommendation is to leave it off: that, and values up to the documented end."""
    if not told.high:
        return None
    choices = (0, _short(told.high / 100, 2), _short(told.high / 10, 2), told.high)
    return replace(base, choices=choices, start=0, why=f"{base.why}; off, or on a little" if base.why else "")


def _window(parameter: Parameter, told: Explanation, row: Mapping[str, Any]) -> tuple[float, float]:
    """The documented range, no further from the recommendation than is sensible to search."""
    around = _knowledge()["around"]
    value = told.value
    if parameter.scale == "linear":
        reach = around["linear"] if parameter.high is not None else max(around["linear"], abs(value))
        low, high = value - reach, value + reach
    else:
        factor = row.get("factor", around[parameter.scale])
        low, high = value / factor, value * factor
    low = low if told.low is None else max(low, told.low)
    return low, high if told.high is None else min(high, told.high)


def _inside(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """A range within the hard bounds, a hundredth of its width away from one that is itself invalid."""
    width = high - low
    if parameter.low is not None and (low < parameter.low or (parameter.low_open and low == parameter.low)):
        low = parameter.low + (width / 100 if parameter.low_open else 0)
    if parameter.high is not None and (high > parameter.high or (parameter.high_open and high == parameter.high)):
        high = parameter.high - (width / 100 if parameter.high_open else 0)
    return low, high


def _short(value: float, digits: int, low: float = -math.inf, high: float = math.inf) -> float:
    """A number of few digits, within bounds."""
    return min(max(float(f"{value:.{digits}g}"), low), high)


# -------------------------------------------------------------------------------------------------- how to search it


def _plan(dimensions: list[Dimension], aside: list[Aside], call: _Call) -> tuple[list[Dimension], Search]:
    """The dimensions that the trials can tune, and the search; what is dropped is put aside with the reason."""
    plan = _knowledge()["plan"]
    count = _at_once(dimensions)
    budget = call.budget or max(plan["least"], min(plan["most"], plan["trials_per_dimension"] * count))
    kept = dimensions if call.budget is None else _affordable(dimensions, budget, aside)
    combinations = _combinations(kept)
    scope = expressions.MappingScope(
        {
            "budget": budget,
            "parallel": call.parallel,
            "dimensions": _at_once(kept),
            "trials_per_dimension": plan["trials_per_dimension"],
            **({} if combinations is None else {"combinations": combinations}),
        }
    )
    chosen = _asked_for(call.method) or _chosen(scope)
    why = expressions.template(chosen.why).render(scope)
    trials = 1 if chosen.method == "none" else budget
    if chosen.method == "grid":
        trials = len(_grid(kept, budget))
    search = Search(chosen.method, trials, call.parallel, why, rules.cite(chosen.source), call.budget is not None)
    return kept, search


def _chosen(scope: expressions.MappingScope) -> _Criterion:
    return next(row for row in _criteria() if expressions.compile(row.where).evaluate(scope) is True)


def _asked_for(method: str | None) -> _Criterion | None:
    return None if method is None else _Criterion("True", method, "as asked for", ())


def _at_once(dimensions: Iterable[Dimension]) -> int:
    """How many dimensions one trial sets: of those below a choice, only the most that one value has."""
    below: dict[Any, int] = {}
    count = 0
    for dimension in dimensions:
        if dimension.most_steps == 1:
            continue
        if dimension.under is None:
            count += 1
        else:
            below[dimension.under] = below.get(dimension.under, 0) + 1
    return count + max(below.values(), default=0)


def _affordable(dimensions: list[Dimension], budget: int, aside: list[Aside]) -> list[Dimension]:
    """The most important dimensions that so many trials can tune: at least one, whatever the budget."""
    plan = _knowledge()["plan"]
    most = max(1, budget // plan["trials_per_dimension"])
    if _combinations(dimensions) is not None and (_combinations(dimensions) or 0) <= budget:
        return dimensions
    kept: list[Dimension] = []
    for dimension in dimensions:
        if dimension.most_steps == 1 or _at_once([*kept, dimension]) <= most:
            kept.append(dimension)
        elif all(dimension.parameter != dropped.name for dropped in aside):
            why = f"{budget} trials tune {most} of {_at_once(dimensions)}, and others matter more"
            aside.append(Aside(dimension.parameter, dimension.start, why, rules.cite(plan["source"])))
    return kept


def _combinations(dimensions: Sequence[Dimension]) -> int | None:
    """The combinations of the choices; None where a dimension is continuous or depends on another."""
    if not dimensions or any(d.kind != "choice" or d.under is not None for d in dimensions):
        return None
    return grid_size(len(dimension.choices) for dimension in dimensions)


def _grid(dimensions: Sequence[Dimension], budget: int) -> list[dict[str, Any]]:
    """A grid that fits into the budget, with more steps for what matters more."""
    counts = [1 for _ in dimensions]
    grown = True
    while grown:
        grown = False
        for place, dimension in enumerate(dimensions):
            more = _next_count(dimension, counts[place])
            attempt = [*counts[:place], more, *counts[place + 1 :]]
            if more > counts[place] and len(_product(dimensions, attempt)) <= budget:
                counts, grown = attempt, True
    return _product(dimensions, counts)


def _next_count(dimension: Dimension, count: int) -> int:
    """The next longer grid along a dimension: all choices at once, three steps to begin with, then one more."""
    if dimension.kind == "choice":
        return len(dimension.choices)
    return min(3 if count == 1 else count + 1, dimension.most_steps)


def _product(dimensions: Sequence[Dimension], counts: Sequence[int]) -> list[dict[str, Any]]:
    """Every combination of the steps, without those that a choice rules out."""
    out: list[dict[str, Any]] = [{}]
    for dimension, count in zip(dimensions, counts, strict=True):
        steps = dimension.steps(count)
        out = [
            extended
            for values in out
            for extended in ([{**values, dimension.name: s} for s in steps] if active(dimension, values) else [values])
        ]
    return out


def _points(dimensions: Sequence[Dimension], search: Search) -> Iterator[dict[str, Any]]:
    if search.method == "grid":
        yield from _grid(dimensions, search.trials)
        return
    yield point(dimensions, lambda dimension: dimension.start)
    if search.method == "random":
        for shares in _spread(len(dimensions), search.trials - 1):
            share = dict(zip((d.name for d in dimensions), shares, strict=True))
            yield point(dimensions, lambda dimension, share=share: dimension.at(share[dimension.name]))


_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


def _spread(dimensions: int, count: int, seed: int = 0) -> Iterator[tuple[float, ...]]:
    """Points of a scrambled and shifted Halton sequence in the unit cube: the same for the same seed.

    Source: the quasi-random search of the Deep Learning Tuning Playbook.
    """
    draw = random.Random(seed)  # noqa: S311 - points of a search, not secrets
    bases = [_PRIMES[place % len(_PRIMES)] for place in range(dimensions)]
    digits = [[0, *draw.sample(range(1, base), base - 1)] for base in bases]
    shifts = [draw.random() for _ in bases]
    for index in range(1, count + 1):
        yield tuple(
            (_radical_inverse(index, base, order) + shift) % 1.0
            for base, order, shift in zip(bases, digits, shifts, strict=True)
        )


def _radical_inverse(index: int, base: int, order: Sequence[int]) -> float:
    """The digits of an index in a base, permuted and mirrored at the point."""
    value, scale = 0.0, 1.0 / base
    while index:
        index, digit = divmod(index, base)
        value += order[digit] * scale
        scale /= base
    return value
