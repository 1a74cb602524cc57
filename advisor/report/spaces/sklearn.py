"""A search space as the dictionaries that scikit-learn's searches take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.spaces.common import METHODS, docstring, literal, preamble, steps

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_USE = (
    "",
    "GridSearchCV(estimator, PARAM_GRID), or RandomizedSearchCV(estimator, PARAM_DISTRIBUTIONS, n_iter=N_ITER).",
    "In a pipeline, put the name of the step and two underscores before each name.",
)
_METHODS = {**METHODS, "random": "random search"}


def render(space: Space, _look: Look) -> Iterator[str]:
    """A module with a grid and with distributions."""
    yield docstring([*preamble(space, _METHODS), *_USE])
    distributions = _tables([{one.key: _distribution(one) for one in branch} for branch in _branches(space)])
    used = [name for name in ("loguniform", "randint", "uniform") if f" {name}(" in distributions]
    yield f"\nfrom scipy.stats import {', '.join(used)}\n\n" if used else "\n"
    yield f"N_ITER = {space.search.trials}\n\n"
    yield f"#: What every trial has: estimator.set_params(**FIXED).\nFIXED = {literal(space.fixed)}\n\n"
    grid = space.grid
    listed = [{d.key: [v for v in steps(grid, d) if d.holds(v)] for d in branch} for branch in _branches(space)]
    grids = [{key: literal(values) for key, values in table.items()} for table in listed if all(table.values())]
    yield f"PARAM_GRID = {_tables(grids)}\n\n"
    yield f"PARAM_DISTRIBUTIONS = {distributions}\n"


def _branches(space: Space) -> list[list[Dimension]]:
    """The dimensions of each value of a choice that others depend on; all of them where none does."""
    from dataclasses import replace

    unders = list(dict.fromkeys(one.under for one in space.dimensions if one.under is not None))
    if not unders:
        return [list(space.dimensions)]
    return [
        [
            replace(one, choices=(under[1],), start=under[1]) if one.name == under[0] else one
            for one in space.dimensions
            if one.under in (None, under)
        ]
        for under in unders
    ]


def _distribution(dimension: Dimension) -> str:
    if dimension.kind == "choice":
        return literal(list(dimension.choices))
    low, high = dimension.low or 0, dimension.high or 0
    if dimension.kind == "integer" and not dimension.log:
        return f"randint({literal(low)}, {literal(int(high) + 1)})"
    if dimension.kind == "integer":  # no distribution of whole numbers on a log scale: even steps on it
        return literal(list(dimension.steps(8)))
    return f"loguniform({literal(low)}, {literal(high)})" if dimension.log else f"uniform({low!r}, {high - low!r})"


def _tables(tables: Sequence[Mapping[str, str]]) -> str:
    """A list of dictionaries whose values are code."""
    out = "[\n"
    for table in tables:
        out += "    {\n" + "".join(f"        {literal(key)}: {code},\n" for key, code in table.items()) + "    },\n"
    return out + "]"
