"""Real Optuna: rejected trials never train, and the suggestion is tried first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from tests_engine import engine

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
