"""What a search space is made of: dimensions, what is left aside, how to search, and the points of a plan."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from advisor.findings import Interval
from advisor.report.words import interval_text, value_text
from advisor.space.knowledge import knowledge
from advisor.suggest import Advice

__all__ = ["Aside", "Dimension", "Search", "Space", "active", "point", "short"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One parameter of a search.

    `name` is unique in the space; `key` is what a trial's config calls it (the two differ where the range depends on
    another choice, `under`).  Numbers lie from `low` to `high`, both included; `start` is the recommendation.
    `importance` is 1 for what is tuned first, and `ranked` who says so where it is not the same in all kinds of runs.
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
    ranked: tuple[str, ...] = ()
    why: str = ""
    context: str = ""
    sources: tuple[str, ...] = ()
    under: tuple[str, Any] | None = None

    def holds(self, value: Any) -> bool:
        """Whether a value lies in the dimension."""
        if self.low is None or self.high is None:
            return value in self.choices
        return isinstance(value, int | float) and self.low <= value <= self.high

    @property
    def span(self) -> str:
        """What is searched, in words: `2e-5 to 5e-5`, or the choices."""
        if self.low is None or self.high is None:
            return ", ".join(value_text(choice) for choice in self.choices)
        return interval_text(Interval(self.low, None, self.high))

    def at(self, share: float) -> Any:
        """The value at a share, from 0 to 1, of the way through the dimension."""
        if self.low is None or self.high is None:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.kind == "integer" else short(value, 4, self.low, self.high)

    def steps(self, count: int) -> tuple[Any, ...]:
        """Values for a grid: `count` of them; one is the recommendation alone.

        Of a range and of choices in an order they are even steps, of other choices the first; what is recommended is
        among the choices.
        """
        if count == 1:
            return (self.start,)
        if self.kind == "choice":
            return self._choices(count)
        return tuple(dict.fromkeys(self.at(step / (count - 1)) for step in range(count)))

    def _choices(self, count: int) -> tuple[Any, ...]:
        if count >= len(self.choices):
            return self.choices
        if not self.ordered:
            others = [choice for choice in self.choices if choice != self.start]
            return (self.start, *others[: count - 1])
        choices = sorted(self.choices)
        start, last = choices.index(self.start), len(choices) - 1
        places = [round(step * last / (count - 1)) for step in range(count)]
        nearest = min(range(count), key=lambda step: abs(places[step] - start))
        places[nearest] = start
        return tuple(choices[place] for place in places)

    @property
    def ordered(self) -> bool:
        """Whether there is a way between its values: numbers."""
        return all(isinstance(choice, int | float) and not isinstance(choice, bool) for choice in self.choices)

    @property
    def most_steps(self) -> int:
        """The longest grid that makes sense along this dimension."""
        if self.kind == "choice":
            return len(self.choices)
        most: int = knowledge()["plan"]["most_steps"]
        if self.kind == "integer" and self.low is not None and self.high is not None:
            return int(min(most, self.high - self.low + 1))
        return most


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
    recommendation alone.  Where there are several points the first is the recommendation, but for a grid.  What the
    config itself gives takes the recommendation's place wherever it can; `notes` say where it cannot.
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

    @property
    def grid(self) -> tuple[dict[str, Any], ...]:
        """A grid of no more points than there are trials, whatever the plan."""
        from advisor.space.points import grid

        return tuple(grid(self.dimensions, self.search.trials))

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


def short(value: float, digits: int, low: float = -math.inf, high: float = math.inf) -> float:
    """A number of few digits, within bounds."""
    return min(max(float(f"{value:.{digits}g}"), low), high)
