"""A search space as a Python module for Ray Tune, which runs on one machine or on a cluster as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.report import Look
from advisor.report.spaces.common import comment, docstring, literal, note, preamble

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

_USE = (
    "",
    "Run: python THIS_FILE my_package.my_module:train",
    "On a cluster: ray job submit --working-dir . -- python THIS_FILE my_package.my_module:train",
    "where train(config) trains with a dict of parameters and returns the number to be {goal} "
    "(or calls ray.tune.report itself).",
)

_CONFIG = '''

def config_of(point):
    """The config of a trial: what is fixed, and the parameters that the choices of the point leave in play."""
    config = dict(FIXED)
    for name, value in point.items():
        key, choice, wanted = UNDER.get(name, (name, None, None))
        if choice is None or point[choice] == wanted:
            config[key] = value
    return config


def trainable(train):
    """`train`, which takes a config, as Ray calls it."""

    def run(point):
        result = train(config_of(point))
        return {METRIC: result} if isinstance(result, (int, float)) else result

    return run
'''

_ALGORITHMS = {
    "bayesian": '''

def algorithm(num_samples):
    """Bayesian search that begins with the recommendation (Ray's Optuna searcher: pip install optuna)."""
    from ray.tune.search.optuna import OptunaSearch

    return OptunaSearch(metric=METRIC, mode=MODE, points_to_evaluate=POINTS[:num_samples], seed=0)
''',
    "other": '''

def algorithm(num_samples):
    """The planned points, the recommendation among them."""
    return BasicVariantGenerator(points_to_evaluate=POINTS[:num_samples], random_state=0, max_concurrent=MAX_CONCURRENT)
''',
}

_TUNER = '''

def tuner(train, num_samples=NUM_SAMPLES, run_config=None):
    """A tuner of `train`; wrap it in `ray.tune.with_resources` for GPUs."""
    return tune.Tuner(
        trainable(train),
        param_space=SPACE,
        tune_config=tune.TuneConfig(
            metric=METRIC,
            mode=MODE,
            num_samples=num_samples,
            max_concurrent_trials=MAX_CONCURRENT,
            search_alg=algorithm(num_samples),
        ),
        run_config=run_config,
    )


if __name__ == "__main__":
    sys.path.insert(0, "")
    module, _, function = sys.argv[1].partition(":")
    best = tuner(getattr(importlib.import_module(module), function)).fit().get_best_result()
    print(best.metrics[METRIC], config_of(best.config))
'''


def render(space: Space, _look: Look) -> Iterator[str]:
    """The module."""
    bayesian = space.search.method == "bayesian"
    goal = "maximised" if space.maximize else "minimised"
    yield docstring([*preamble(space), *(line.format(goal=goal) for line in _USE)])
    yield "\nimport importlib\nimport sys\n\nfrom ray import tune\n"
    yield "" if bayesian else "from ray.tune.search.basic_variant import BasicVariantGenerator\n"
    yield f'\nMETRIC = {literal(space.metric)}\nMODE = "{"max" if space.maximize else "min"}"\n'
    yield f"NUM_SAMPLES = {space.search.trials}\nMAX_CONCURRENT = {space.search.parallel}\n\n"
    yield f"#: What every trial has.\nFIXED = {literal(space.fixed)}\n\n"
    yield f"#: What is tried first: the recommendation, and what was planned.\nPOINTS = {_points(space)}\n\n"
    yield "SPACE = {\n"
    for dimension in space.dimensions:
        said = note(dimension)
        yield comment([said], "    # ") if said else ""
        yield f"    {literal(dimension.name)}: tune.{_domain(dimension)},\n"
    yield "}\n\n#: What is in play only below a choice: name in the space -> key of the config, choice, its value.\n"
    yield f"UNDER = {literal(_under(space))}\n"
    yield _CONFIG + _ALGORITHMS["bayesian" if bayesian else "other"] + _TUNER


def _points(space: Space) -> str:
    """The points, each with a value for every dimension, as Ray's generators want it."""
    starts = {dimension.name: dimension.start for dimension in space.dimensions}
    return literal([{**starts, **values} for values in space.points])


def _under(space: Space) -> dict[str, tuple[object, ...]]:
    return {
        dimension.name: [dimension.key, *(dimension.under or (None, None))]  # type: ignore[misc]
        for dimension in space.dimensions
        if dimension.under is not None or dimension.key != dimension.name
    }


def _domain(dimension: Dimension) -> str:
    if dimension.kind == "choice":
        return f"choice({literal(list(dimension.choices))})"
    log = "log" if dimension.log else ""
    if dimension.kind == "integer":  # the end is outside of Ray's ranges of integers
        end = int(dimension.high or 0) + 1
        return f"{log}randint({literal(dimension.low)}, {end})"
    return f"{log}uniform({literal(dimension.low)}, {literal(dimension.high)})"
