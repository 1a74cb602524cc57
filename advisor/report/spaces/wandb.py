"""A search space as a Weights & Biases sweep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.spaces.common import comment, conditional, joined, note, preamble, steps, yaml_scalar

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_METHODS = {"none": "grid", "grid": "grid", "random": "random", "bayesian": "bayes"}
_DISTRIBUTIONS = {
    ("float", True): "log_uniform_values",
    ("float", False): "uniform",
    ("integer", True): "q_log_uniform_values",
    ("integer", False): "int_uniform",
}


def render(space: Space, _look: Look) -> Iterator[str]:
    """The YAML that `wandb sweep` takes."""
    yield comment(preamble(space))
    if conditional(space):
        yield comment(["Sweeps know no conditions: each range spans what all choices need."])
    goal = "maximize" if space.maximize else "minimize"
    yield f"program: train.py  # yours\nmethod: {_METHODS[space.search.method]}\n"
    yield f"metric:\n  name: {yaml_scalar(space.metric)}\n  goal: {goal}\nrun_cap: {space.search.trials}\nparameters:\n"
    listed = space.search.method in ("none", "grid")
    for dimension in joined(space):
        said = note(dimension)
        yield comment([said], "  # ") if said else ""
        yield f"  {yaml_scalar(dimension.key)}:\n"
        yield from (_values(space, dimension) if listed else _distribution(dimension))
    for key, value in space.fixed.items():
        yield f"  {yaml_scalar(key)}:\n    value: {yaml_scalar(value)}\n"


def _values(space: Space, dimension: Dimension) -> Iterator[str]:
    found = [value for one in space.dimensions if one.key == dimension.key for value in steps(space.points, one)]
    yield f"    values: {yaml_scalar(list(dict.fromkeys(found)))}\n"


def _distribution(dimension: Dimension) -> Iterator[str]:
    if dimension.kind == "choice":
        yield f"    values: {yaml_scalar(list(dimension.choices))}\n"
        return
    yield f"    distribution: {_DISTRIBUTIONS[dimension.kind, dimension.log]}\n"
    yield f"    min: {yaml_scalar(dimension.low)}\n    max: {yaml_scalar(dimension.high)}\n"
    if dimension.kind == "integer" and dimension.log:
        yield "    q: 1\n"
