"""Optuna's distributions as JSON: name to what `optuna.distributions.json_to_distribution` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.plain import plain

if TYPE_CHECKING:
    from advisor.space import Dimension, Space


def render(space: Space, _look: Look) -> Iterator[str]:
    """One document."""
    yield dumps({dimension.name: distribution(dimension) for dimension in space.dimensions})


def distribution(dimension: Dimension) -> dict[str, Any]:
    """One dimension in Optuna's form."""
    if dimension.kind == "choice":
        return {"name": "CategoricalDistribution", "attributes": {"choices": plain(list(dimension.choices))}}
    ends = {"low": dimension.low, "high": dimension.high, "log": dimension.log}
    if dimension.kind == "integer":
        return {"name": "IntDistribution", "attributes": {**ends, "step": 1}}
    return {"name": "FloatDistribution", "attributes": {**ends, "step": None}}
