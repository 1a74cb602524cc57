"""A search space as one plain document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.plain import plain

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

SCHEMA = "hpadvise/space/1"


def render(space: Space, _look: Look) -> Iterator[str]:
    """One document: dimensions, what is fixed, what is left out and why, the search, and its points."""
    search = space.search
    yield dumps(
        {
            "schema": SCHEMA,
            "metric": {"name": space.metric, "goal": "maximize" if space.maximize else "minimize"},
            "search": {
                "method": search.method,
                "trials": search.trials,
                "parallel": search.parallel,
                "why": search.why,
                "sources": list(search.sources),
            },
            "dimensions": [_dimension(dimension) for dimension in space.dimensions],
            "fixed": plain(space.fixed),
            "not_tuned": [
                {"name": one.name, "value": plain(one.value), "why": one.why, "sources": list(one.sources)}
                for one in space.aside
            ],
            "notes": list(space.notes),
            "points": plain(list(space.points)),
        }
    )


def _dimension(dimension: Dimension) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": dimension.name,
        "key": dimension.key,
        "parameter": dimension.parameter,
        "kind": dimension.kind,
        "start": plain(dimension.start),
        "importance": dimension.importance,
        "importance_sources": list(dimension.ranked),
        "why": dimension.why,
        "context": dimension.context,
        "sources": list(dimension.sources),
    }
    if dimension.kind == "choice":
        out["choices"] = plain(list(dimension.choices))
    else:
        out |= {"low": dimension.low, "high": dimension.high, "scale": "log" if dimension.log else "linear"}
    if dimension.under is not None:
        out["under"] = {"name": dimension.under[0], "value": plain(dimension.under[1])}
    return out
