"""Real Ray on this machine: rejected configs never become trials, and the suggestion is tried first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests_engine import engine

ray = engine("ray")
engine("ray.tune")
engine("optuna")

from ray import tune  # noqa: E402 - after the skip

import advisor  # noqa: E402
from advisor.integrations.ray import checked, searcher, suggestion  # noqa: E402

FACTS = {"model": "bert-base", "fine_tuning": True, "dataset_size": 8000, "optimizer": "adamw"}
SPACE = {
    "learning_rate": tune.loguniform(1e-6, 1.0),
    "batch_size": tune.choice([8, 16, 32]),
    "epochs": tune.randint(2, 5),
}


@pytest.fixture(scope="module", autouse=True)
def _cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


def trainable() -> Callable[[dict[str, Any]], dict[str, float]]:
    """A training function that Ray sends by value: its workers do not see this module."""

    def train(config: dict[str, Any]) -> dict[str, float]:
        return {"loss": config["learning_rate"]}

    return train


def fitted(tmp_path: Path, **settings: Any) -> Any:
    return tune.Tuner(
        trainable(),
        param_space=SPACE,
        tune_config=tune.TuneConfig(metric="loss", mode="min", max_concurrent_trials=2, **settings),
        run_config=tune.RunConfig(storage_path=str(tmp_path), name="run", verbose=0),
    ).fit()


def test_random_draws_that_are_rejected_never_start(tmp_path: Path) -> None:
    search = searcher(facts=FACTS)
    results = fitted(tmp_path, search_alg=search, num_samples=6)
    rates = [result.config["learning_rate"] for result in results]
    assert not results.errors
    assert len(rates) == 6
    assert max(rates) < 1e-3
    assert any(rate == pytest.approx(3e-5) for rate in rates)
    assert search.rejected


def test_a_searcher_below_is_told_what_was_rejected(tmp_path: Path) -> None:
    from ray.tune.search.optuna import OptunaSearch

    first = suggestion(SPACE, FACTS)
    inner = OptunaSearch(points_to_evaluate=[first], seed=0)
    search = searcher(inner, FACTS)
    results = fitted(tmp_path, search_alg=search, num_samples=5)
    assert len(results) == 5
    assert not results.errors
    assert first in [result.config for result in results]
    assert search.rejected
    assert all(result.config["learning_rate"] < 1e-3 for result in results)


def test_suggestions_lie_in_the_space() -> None:
    first = suggestion(SPACE, FACTS)
    assert first == {"learning_rate": pytest.approx(3e-5), "batch_size": 16, "epochs": 3}


def test_a_trainable_that_is_rejected_does_not_train() -> None:
    def never(config: dict[str, Any]) -> float:
        raise AssertionError("trained")

    guarded = checked(never, FACTS, metric="loss", mode="min")
    assert guarded({"learning_rate": 0.5})["loss"] == float("inf")
    assert checked(trainable(), FACTS, metric="loss", mode="min")({"learning_rate": 3e-5}) == {"loss": 3e-5}


def test_a_space_without_a_sound_config_is_said_so() -> None:
    search = searcher(facts=FACTS)
    search.set_search_properties("loss", "min", {"learning_rate": tune.uniform(10, 20)})
    search.begun = True
    with pytest.raises(advisor.CallError, match="200 configs in a row are rejected"):
        search.suggest("a")


def test_constants_of_a_space_are_facts() -> None:
    space = {"model": "resnet50", "optimizer": "sgd", "lr": tune.loguniform(1e-6, 10.0)}
    assert suggestion(space, {"dataset_size": 50_000}) == {"lr": 0.2}
