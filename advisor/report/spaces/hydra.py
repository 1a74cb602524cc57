"""A search space as a Hydra experiment for its sweepers: Optuna's, or the basic one for a grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor.literals import yaml_block
from advisor.report import Look
from advisor.report.plain import plain
from advisor.report.spaces.common import comment, conditional, joined, note, preamble, steps, yaml_scalar

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_SAMPLERS = {"random": "random", "bayesian": "tpe"}

_HEAD = """# @package _global_
defaults:
  - override /hydra/sweeper: optuna  # pip install hydra-optuna-sweeper
  - override /hydra/sweeper/sampler: {sampler}

hydra:
  sweeper:
    direction: {direction}
    n_trials: {trials}
    n_jobs: {parallel}
    params:
"""
_GRID_HEAD = """# @package _global_
hydra:
  sweeper:
    params:
"""


def render(space: Space, _look: Look) -> Iterator[str]:
    """A file for the folder `experiment` of a Hydra application; what is fixed stands at the top level."""
    search = space.search
    sampler = _SAMPLERS.get(search.method)
    direction = "maximize" if space.maximize else "minimize"
    head = _GRID_HEAD if sampler is None else _HEAD
    first, rest = head.split("\n", 1)
    yield first + "\n" + comment(preamble(space))
    yield comment(_use(space, sampler))
    if conditional(space):
        yield comment(["Sweepers know no conditions: each range spans what all choices need."])
    yield rest.format(sampler=sampler, direction=direction, trials=search.trials, parallel=search.parallel)
    for dimension in joined(space):
        said = note(dimension)
        yield comment([said], "      # ") if said else ""
        values = [value for one in space.dimensions if one.key == dimension.key for value in steps(space.points, one)]
        text = ",".join(map(_word, dict.fromkeys(values))) if sampler is None else _sweep(dimension)
        yield f"      {yaml_scalar(dimension.key)}: {_quoted(text)}\n"
    if space.fixed:
        yield "\n"
    yield yaml_block(_nested(plain(space.fixed)))


def _use(space: Space, sampler: str | None) -> Iterator[str]:
    """How to run it: the mode is no matter of a file, and a sampler cannot be told where to begin."""
    yield "Run: python app.py --multirun +experiment=NAME_OF_THIS_FILE"
    if sampler is not None:
        start = {dimension.key: dimension.start for dimension in joined(space)}
        told = " ".join(f"{key}={_word(value)}" for key, value in start.items())
        yield f"First the recommendation, which no sweeper knows: python app.py +experiment=NAME_OF_THIS_FILE {told}"


def _nested(fixed: dict[str, Any]) -> dict[str, Any]:
    """Dotted keys as Hydra's nested nodes."""
    out: dict[str, Any] = {}
    for key, value in fixed.items():
        node = out
        *above, last = key.split(".")
        for step in above:
            node = node.setdefault(step, {})
        node[last] = value
    return out


def _sweep(dimension: Dimension) -> str:
    if dimension.kind == "choice":
        return f"choice({', '.join(map(_word, dimension.choices))})"
    span = f"interval({_word(dimension.low)}, {_word(dimension.high)})"
    span = f"int({span})" if dimension.kind == "integer" else span
    return f"tag(log, {span})" if dimension.log else span


def _word(value: Any) -> str:
    """A value in the grammar of Hydra's overrides."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"'{value}'" if isinstance(value, str) and not value.replace("_", "").isalnum() else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"' if "'" in text or ": " in text else text
