"""Search spaces around the recommendation, and the search that a number of trials is good for.

A dimension is the documented range of the context, no further from the recommendation than `rules/space.toml` says, on
the parameter's own scale.  The same file says what is not worth a trial, what matters more, and by which criteria a
grid, random points or Bayesian search is chosen.  One module a question: `finding` (which dimensions), `bounds` (from
where to where), `planning` (which search), `points` (of a plan), `dimensions` (what they are).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from advisor.findings import CallError
from advisor.forms import Unsaid
from advisor.report.words import value_text
from advisor.space.dimensions import Aside, Dimension, Search, Space, active, point
from advisor.space.finding import Finder, Found, named
from advisor.space.knowledge import knowledge
from advisor.space.planning import Call, plan
from advisor.space.points import grid_size, points
from advisor.suggest import Advice, allowed_values, canonical, read_setup

__all__ = ["METHODS", "Aside", "Dimension", "Search", "Space", "active", "grid_size", "point", "search_space"]

#: Advice and values by canonical name to values by the trainer's keys, and what cannot be said.
Say = Callable[[Advice, Mapping[str, Any]], tuple[Mapping[str, Any], Iterable[Unsaid]]]

METHODS: Final = ("grid", "random", "bayesian")


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
    said: Say | None = None,
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
        said: how the trainer's file says what stays fixed, where that is more than another name; with it a note tells
            what is tuned that the trainer has no key for.
        only_named: whether what `names` does not name is left out, because the trainer has no key for it.

    Raises:
        CallError: an unknown name, a config that cannot be read, a budget below 1, a search that is not there, or
            nothing that could be tuned.
    """
    _check_call(budget, parallel, method)
    if only_named and method == "bayesian":
        raise CallError("a library's own search is a grid or random points, not bayesian")
    allowed = allowed_values(within)
    wanted = None if want is None else [canonical(name) for name in want]
    setup = read_setup({} if config is None else config, facts, dialect)
    found = Finder(setup, wanted, allowed, knowledge()["library"]["without"] if only_named else ()).find()
    if only_named:
        found = named(found, names or {})
    dropped: list[Aside] = list(found.aside)
    told = setup.facts.get("budget")
    budget = int(told) if budget is None and isinstance(told, int | float) and told >= 1 else budget
    dimensions, search = plan(found.dimensions, dropped, Call(budget, parallel, method, only_named))
    renamed = tuple(_renamed(dimension, names or {}) for dimension in dimensions)
    fixed = _fixed(found, dimensions, tuned=search.method != "none")
    fixed |= {name: value for name, value in found.own.items() if name in fixed}
    aside = [_aside(one, fixed, found) for one in dropped]
    own = {name: value for name, value in found.own.items() if name not in (within or {})}
    notes = [*_outside(renamed, own), *(_nameless(renamed, names or {}) if said is not None else ())]
    if said is None:
        written = {(names or {}).get(name, name): value for name, value in fixed.items()}
    else:
        written = _said(said, found.advice, fixed, aside)
    searched = {dimension.key for dimension in renamed}
    return Space(
        dimensions=renamed,
        fixed={key: value for key, value in written.items() if key not in searched},
        aside=tuple(aside),
        search=search,
        points=tuple(points(renamed, search)),
        advice=found.advice,
        metric=metric,
        maximize=maximize,
        notes=tuple(notes),
    )


def _check_call(budget: int | None, parallel: int, method: str | None) -> None:
    for name, number in (("budget", budget), ("parallel", parallel)):
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
            raise CallError(f"{name} is a number of trials, at least 1, not {number!r}")
    if method is not None and method not in METHODS:
        raise CallError(f"no search is called {method!r}; known: {', '.join(METHODS)}")


def _fixed(found: Found, dimensions: Iterable[Dimension], *, tuned: bool) -> dict[str, Any]:
    """What every trial has, by canonical name."""
    searched = {one.parameter: one.low for one in dimensions}
    lowest = {name: low for name, low in searched.items() if tuned and low is not None}
    return {name: found.value(name, lowest) for name in found.advice.parameters if name not in searched}


def _aside(one: Aside, fixed: Mapping[str, Any], found: Found) -> Aside:
    """What is put aside with the value that every trial has, which is the config's own where it gives one."""
    value, recommended = fixed.get(one.name, one.value), found.advice.parameters.get(one.name)
    kept = one.name in found.own and value != recommended
    why = f"the config's own, where {value_text(recommended)} is recommended; {one.why}" if kept else one.why
    return replace(one, value=value, why=why)


def _said(said: Say, advice: Advice, fixed: Mapping[str, Any], aside: list[Aside]) -> dict[str, Any]:
    """What stays fixed as the trainer's file says it; what it cannot say is put aside with the reason."""
    written, unsaid = said(advice, fixed)
    for one in unsaid:
        place = next((place for place, other in enumerate(aside) if other.name == one.parameter), len(aside))
        why = "; ".join([*(other.why for other in aside[place : place + 1]), f"not set: {one.why}"])
        sources = aside[place].sources if place < len(aside) else ()
        aside[place : place + 1] = [Aside(one.parameter, one.value, why, sources)]
    return dict(written)


def _nameless(dimensions: Iterable[Dimension], names: Mapping[str, str]) -> Iterator[str]:
    """What is tuned under the name that it has here."""
    lost = dict.fromkeys(one.parameter for one in dimensions if one.parameter not in names)
    if lost:
        yield f"the trainer is not known to have a key that takes {', '.join(lost)} as written here"


def _outside(dimensions: Sequence[Dimension], own: Mapping[str, Any]) -> Iterator[str]:
    """What the config gives that no trial has, because it lies outside of all that is searched."""
    for name, value in own.items():
        searched = [one for one in dimensions if one.parameter == name]
        if searched and not any(one.holds(value) for one in searched):
            spans = ", or ".join(dict.fromkeys(one.span for one in searched))
            yield f"the config's {searched[0].key} = {value_text(value)} lies outside of what is searched: {spans}"


def _renamed(dimension: Dimension, names: Mapping[str, str]) -> Dimension:
    key = names.get(dimension.parameter, dimension.parameter)
    name = dimension.name.replace(dimension.parameter, key, 1)
    under = dimension.under and (names.get(dimension.under[0], dimension.under[0]), dimension.under[1])
    return replace(dimension, name=name, key=key, under=under)
