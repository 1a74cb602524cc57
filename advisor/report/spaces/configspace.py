"""A search space as the JSON of ConfigSpace, which SMAC, DEHB and others search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor.report import Look
from advisor.report.json import dumps
from advisor.report.plain import plain

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_KINDS = {"float": "uniform_float", "integer": "uniform_int"}


def render(space: Space, _look: Look) -> Iterator[str]:
    """What `ConfigSpace.ConfigurationSpace.from_json` reads; what is fixed are constants."""
    yield dumps(
        {
            "name": "hpadvise",
            "hyperparameters": [
                *(_hyperparameter(dimension) for dimension in space.dimensions),
                *(_constant(name, value) for name, value in space.fixed.items()),
            ],
            "conditions": [
                {"type": "EQ", "child": one.name, "parent": one.under[0], "value": plain(one.under[1])}
                for one in space.dimensions
                if one.under is not None
            ],
            "forbiddens": [],
            "python_module_version": "1.2.0",
            "format_version": 0.4,
        }
    )


def _hyperparameter(dimension: Dimension) -> dict[str, Any]:
    if dimension.kind == "choice" and len(dimension.choices) == 1:
        return {**_constant(dimension.name, dimension.start), "meta": {"key": dimension.key}}
    out: dict[str, Any] = {"name": dimension.name, "default_value": plain(dimension.start)}
    if dimension.kind == "choice":
        out |= {"type": "categorical", "choices": plain(list(dimension.choices)), "weights": None}
    else:
        out |= {
            "type": _KINDS[dimension.kind],
            "lower": dimension.low,
            "upper": dimension.high,
            "log": dimension.log,
        }
    return {**out, "meta": {"key": dimension.key}}


def _constant(name: str, value: Any) -> dict[str, Any]:
    return {"type": "constant", "name": name, "value": plain(value), "meta": None}
