"""A search space as a Python module for Optuna: a function that suggests, and a study that uses it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.spaces.common import comment, docstring, literal, note, preamble

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_USE = (
    "",
    "Run: python THIS_FILE my_package.my_module:train",
    "where train(config) trains with a dict of parameters and returns the number to be {goal}.",
)

_SEARCH = '''

def search(train, n_trials=N_TRIALS, storage=None):
    """Run the trials; `storage` (a database's URL) lets several processes or machines share them."""
    study = optuna.create_study(
        study_name="hpadvise",
        direction=DIRECTION,
        sampler=optuna.samplers.{sampler}(seed=0),
        storage=storage,
        load_if_exists=storage is not None,
    )
    for point in POINTS:
        study.enqueue_trial(point, skip_if_exists=True)
    study.optimize(lambda trial: train(suggest(trial)), n_trials=n_trials, n_jobs={parallel})
    return study


if __name__ == "__main__":
    sys.path.insert(0, "")
    module, _, function = sys.argv[1].partition(":")
    found = search(getattr(importlib.import_module(module), function), storage=(sys.argv[2:] or [None])[0])
    print(found.best_value, found.best_params)
'''


def render(space: Space, _look: Look) -> Iterator[str]:
    """The module."""
    goal = "maximised" if space.maximize else "minimised"
    yield docstring([*preamble(space), *(line.format(goal=goal) for line in _USE)])
    yield "\nimport importlib\nimport sys\n\nimport optuna\n\n"
    yield f'DIRECTION = "{"maximize" if space.maximize else "minimize"}"\nN_TRIALS = {space.search.trials}\n\n'
    yield f"#: What every trial has.\nFIXED = {literal(space.fixed)}\n\n"
    yield f"#: What is tried first: the recommendation, and the points that were planned.\nPOINTS = {_points(space)}\n"
    yield '\n\ndef suggest(trial):\n    """The config of a trial."""\n    config = dict(FIXED)\n'
    yield from _suggestions(space)
    yield "    return config\n"
    sampler = "TPESampler" if space.search.method == "bayesian" else "RandomSampler"
    yield _SEARCH.format(sampler=sampler, parallel=space.search.parallel)


def _points(space: Space) -> str:
    return literal(list(space.points))


def _suggestions(space: Space) -> Iterator[str]:
    keys = {dimension.name: dimension.key for dimension in space.dimensions}
    for under, dimensions in groupby(space.dimensions, key=lambda dimension: dimension.under):
        indent = "    "
        if under is not None:
            yield f"    if config[{keys[under[0]]!r}] == {under[1]!r}:\n"
            indent = "        "
        for dimension in dimensions:
            said = note(dimension)
            yield comment([said], f"{indent}# ") if said else ""
            yield f"{indent}config[{dimension.key!r}] = trial.{suggestion(dimension)}\n"


def suggestion(dimension: Dimension) -> str:
    """The call of a trial that suggests a value."""
    if dimension.kind == "choice":
        return f"suggest_categorical({dimension.name!r}, {literal(list(dimension.choices))})"
    kind = "int" if dimension.kind == "integer" else "float"
    log = ", log=True" if dimension.log else ""
    return f"suggest_{kind}({dimension.name!r}, {literal(dimension.low)}, {literal(dimension.high)}{log})"
