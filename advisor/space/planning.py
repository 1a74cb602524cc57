"""How to search a space: by which method, with how many trials, and what so many of them can tune."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from advisor import expressions, rules
from advisor.report.words import count as counted
from advisor.space.dimensions import Aside, Dimension, Search
from advisor.space.knowledge import Criterion, criteria, knowledge
from advisor.space.points import grid, grid_size

__all__ = ["Call", "plan"]


@dataclass(frozen=True, slots=True)
class Call:
    """What of the search was told: trials, how many of them at once, a method, whether a library's own search runs."""

    budget: int | None
    parallel: int
    method: str | None
    library: bool = False


def plan(dimensions: list[Dimension], aside: list[Aside], call: Call) -> tuple[list[Dimension], Search]:
    """The dimensions that the trials can tune, and the search; what is dropped is put aside with the reason."""
    numbers = knowledge()["plan"]
    count = _at_once(dimensions)
    budget = call.budget or max(numbers["least"], min(numbers["most"], numbers["trials_per_dimension"] * count))
    kept = dimensions if call.budget is None else _affordable(dimensions, budget, aside)
    combinations = _combinations(kept)
    scope = expressions.MappingScope(
        {
            "budget": budget,
            "parallel": call.parallel,
            "library": call.library,
            "dimensions": _at_once(kept),
            "parameters": counted(_at_once(kept), "parameter"),
            "trials_per_dimension": numbers["trials_per_dimension"],
            **({} if combinations is None else {"combinations": combinations}),
        }
    )
    chosen = _asked_for(call.method) or _chosen(scope)
    why = expressions.template(chosen.why).render(scope)
    trials = 1 if chosen.method == "none" else budget
    if chosen.method == "grid":
        trials = len(grid(kept, budget))
    search = Search(chosen.method, trials, call.parallel, why, rules.cite(chosen.source), call.budget is not None)
    return kept, search


def _chosen(scope: expressions.MappingScope) -> Criterion:
    return next(row for row in criteria() if expressions.compile(row.where).evaluate(scope) is True)


def _asked_for(method: str | None) -> Criterion | None:
    return None if method is None else Criterion("True", method, "as asked for", ())


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
    numbers = knowledge()["plan"]
    most = max(1, budget // numbers["trials_per_dimension"])
    if _combinations(dimensions) is not None and (_combinations(dimensions) or 0) <= budget:
        return dimensions
    kept: list[Dimension] = []
    for dimension in dimensions:
        if dimension.most_steps == 1 or _at_once([*kept, dimension]) <= most:
            kept.append(dimension)
        elif all(dimension.parameter != dropped.name for dropped in aside):
            others = f"{budget} trials tune {most} of {_at_once(dimensions)}, and others matter more"
            why = "one trial tunes nothing" if budget == 1 else others
            aside.append(Aside(dimension.parameter, dimension.start, why, rules.cite(numbers["source"])))
    return kept


def _combinations(dimensions: Sequence[Dimension]) -> int | None:
    """The combinations of the choices; None where a dimension is continuous or depends on another."""
    if not dimensions or any(d.kind != "choice" or d.under is not None for d in dimensions):
        return None
    return grid_size(len(dimension.choices) for dimension in dimensions)
