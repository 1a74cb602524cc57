"""Real Optuna: rejected trials never train, and the suggestion is tried first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from tests_engine import engine

import advisor

optuna = engine("optuna")

from advisor.integrations.optuna import REASONS, Advisor, recorded  # noqa: E402 - after the skip

FACTS = {"model": "bert-base", "fine_tuning": True, "dataset_size": 8000, "optimizer": "adamw"}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def space(trial: Any) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-6, 1.0, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [8, 16, 32]),
    }


def test_rejected_trials_are_pruned_before_they_train() -> None:
    guard = Advisor(FACTS)
    trained: list[float] = []

    def train(config: Any) -> float:
        trained.append(config["learning_rate"])
        return float(config["learning_rate"])

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    first = guard.enqueue(study, space)
    study.optimize(guard.objective(space, train), n_trials=20)
    states = [trial.state for trial in study.trials]
    pruned = [trial for trial in study.trials if trial.state == optuna.trial.TrialState.PRUNED]
    assert states.count(optuna.trial.TrialState.COMPLETE) == len(trained) >= 1
    assert pruned
    assert max(trained) < 1e-3 < max(trial.params["learning_rate"] for trial in pruned)
    assert all("learning rate" in trial.user_attrs[REASONS][0] for trial in pruned)
    assert study.trials[0].params == first
    assert first["learning_rate"] == pytest.approx(3e-5)


def test_constraints_tell_a_sampler_which_trials_were_infeasible() -> None:
    guard = Advisor(FACTS)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0, constraints_func=guard.constraints))
    study.optimize(guard.objective(space, lambda config: config["learning_rate"]), n_trials=12)
    for trial in study.trials:
        rejected = trial.state == optuna.trial.TrialState.PRUNED
        assert (guard.constraints(trial)[0] > 0) == rejected


def test_an_objective_of_ones_own_asks_in_its_first_lines() -> None:
    guard = Advisor(FACTS, fail_on="error")

    def objective(trial: Any) -> float:
        config = space(trial) | {"warmup_steps": 500, "max_steps": 100}
        guard.require(trial, config)
        raise AssertionError("a warm-up longer than the run was trained")

    study = optuna.create_study()
    study.optimize(objective, n_trials=2)
    assert {trial.state for trial in study.trials} == {optuna.trial.TrialState.PRUNED}


def test_the_conditional_parts_of_a_space_are_seen() -> None:
    def conditional(trial: Any) -> dict[str, Any]:
        config = {"optimizer": trial.suggest_categorical("optimizer", ["adamw", "sgd"])}
        name = f"lr_{config['optimizer']}"
        config["lr"] = trial.suggest_float(name, 1e-5, 1e-1, log=True)
        return config

    assert recorded(conditional) == {"optimizer": ["adamw", "sgd"], "lr_adamw": (1e-5, 1e-1), "lr_sgd": (1e-5, 1e-1)}


def test_the_suggestion_of_a_conditional_space_is_tried_on_its_own_branch() -> None:
    def conditional(trial: Any) -> dict[str, Any]:
        optimizer = {"name": trial.suggest_categorical("optimizer", ["sgd", "adamw"])}
        name = f"lr_{optimizer['name']}"
        bounds = (1e-3, 1.0) if optimizer["name"] == "sgd" else (1e-6, 1e-1)
        optimizer["lr"] = trial.suggest_float(name, *bounds, log=True)
        if optimizer["name"] == "sgd":
            optimizer["momentum"] = trial.suggest_float("momentum", 0.0, 0.99)
        return {"model": "bert-base", "fine_tuning": True, "optimizer": optimizer}

    study = optuna.create_study()
    guard = Advisor({"dataset_size": 8000})
    values = guard.enqueue(study, conditional)
    assert values == {"optimizer": "adamw", "lr_adamw": pytest.approx(3e-5)}
    study.optimize(guard.objective(conditional, lambda config: config["optimizer"]["lr"]), n_trials=1)
    assert study.trials[0].params == values
    assert study.best_value == pytest.approx(3e-5)


def test_the_suggestion_lies_on_the_steps_of_the_space(recwarn: pytest.WarningsRecorder) -> None:
    def stepped(trial: Any) -> dict[str, Any]:
        return {
            "warmup_ratio": trial.suggest_float("warmup_ratio", 0.0, 0.2, step=0.05),
            "num_epochs": trial.suggest_int("num_epochs", 2, 10, step=4),
        }

    study = optuna.create_study()
    guard = Advisor(FACTS)
    values = guard.enqueue(study, stepped)
    assert values == {"warmup_ratio": 0.05, "num_epochs": 2}
    study.optimize(guard.objective(stepped, lambda config: 0.0), n_trials=1)
    assert study.trials[0].params == values
    assert not [warning for warning in recwarn if "out of range" in str(warning.message)]


def test_what_the_space_does_not_search_is_a_fact() -> None:
    def fixed(trial: Any) -> dict[str, Any]:
        return {"model": "resnet50", "optimizer": "sgd", "lr": trial.suggest_float("lr", 1e-6, 10.0, log=True)}

    assert Advisor({"dataset_size": 50_000}).enqueue(optuna.create_study(), fixed) == {"lr": 0.2}


def test_a_space_that_returns_no_config_is_an_error() -> None:
    guard = Advisor(FACTS)

    def forgetful(trial: Any) -> Any:
        trial.suggest_float("lr", 1e-5, 1e-3)

    with pytest.raises(advisor.CallError, match="a mapping of keys to values, not None"):
        optuna.create_study().optimize(guard.objective(forgetful, lambda config: 0.0), n_trials=1)
    with pytest.raises(advisor.CallError, match="a mapping of keys to values, not None"):
        guard.enqueue(optuna.create_study(), forgetful)


def test_names_of_the_trainer_and_bounds_of_the_space_are_kept_to() -> None:
    def bounded(trial: Any) -> dict[str, Any]:
        return {"lr": trial.suggest_float("lr", 1e-6, 1e-5), "num_epochs": trial.suggest_int("num_epochs", 1, 2)}

    study = optuna.create_study()
    values = Advisor(FACTS).enqueue(study, bounded)
    assert values == {"lr": 1e-5, "num_epochs": 2}
    assert isinstance(values["num_epochs"], int)


def test_the_framework_is_not_loaded_before_it_must_be(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import advisor.integrations.optuna, advisor.integrations.ray, sys; print({'optuna', 'ray'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout == "set()\n"
