"""Optuna: trials that `check` rejects are pruned before they train, and the suggestion is the first trial.

    from advisor.integrations.optuna import Advisor

    guard = Advisor({"model": "resnet50", "dataset_size": 50_000})
    study = optuna.create_study()
    guard.enqueue(study, space)
    study.optimize(guard.objective(space, train), n_trials=50)

where `space(trial)` returns the config of a trial and `train(config)` the number to be minimised.  A pruned trial is
one of `n_trials`; with `callbacks=[MaxTrialsCallback(50, states=(TrialState.COMPLETE,))]` only the others count.

Samplers that know constraints are told that a rejected trial is infeasible: by `Trial.set_constraint` from Optuna 5 on,
before that by `TPESampler(constraints_func=guard.constraints)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from advisor.integrations._gate import Gate

if TYPE_CHECKING:
    import optuna

__all__ = ["Advisor", "recorded"]

#: Under this name a trial keeps why it was rejected.
REASONS = "hpadvise"
#: A space is explored for its conditional parts at most so often.
_PASSES = 32

SpaceFunction: TypeAlias = "Callable[[Any], Mapping[str, Any]]"


class Advisor(Gate):
    """Judges trials before they train: see the module's example."""

    def require(self, trial: optuna.Trial, config: Mapping[str, Any]) -> None:
        """For the first lines of an objective of your own; raises `optuna.TrialPruned` where `check` rejects."""
        problems = self.problems(config)
        trial.set_user_attr(REASONS, list(problems))
        if hasattr(trial, "set_constraint"):  # Optuna 5
            trial.set_constraint(REASONS, float(len(problems)))
        if problems:
            from optuna import TrialPruned

            raise TrialPruned("; ".join(problems))

    def objective(
        self, space: SpaceFunction, train: Callable[[Mapping[str, Any]], float]
    ) -> Callable[[optuna.Trial], float]:
        """An objective that asks `space` for a config, and `train` only where `check` lets it through."""

        def objective(trial: optuna.Trial) -> float:
            config = space(trial)
            self.require(trial, config)
            return train(config)

        return objective

    def enqueue(self, study: optuna.Study, space: SpaceFunction) -> dict[str, Any]:
        """Make the suggestion, inside the space, the next trial; returns it (empty where nothing can be said)."""
        names = recorded(space)
        values = {name: _whole(names[name], value) for name, value in self.suggestion(names).items()}
        if values:
            study.enqueue_trial(values, skip_if_exists=True)
        return values

    @staticmethod
    def constraints(trial: optuna.trial.FrozenTrial) -> Sequence[float]:
        """For a sampler's `constraints_func`: above zero, so infeasible, for each trial that was rejected."""
        return (float(len(trial.user_attrs.get(REASONS, ()))),)


def _whole(allowed: Any, value: Any) -> Any:
    """A whole number where the space has whole numbers."""
    whole = isinstance(allowed, tuple) and all(isinstance(end, int) for end in allowed)
    return round(value) if whole and isinstance(value, float) else value


def recorded(space: SpaceFunction) -> dict[str, Any]:
    """The choices (a list) or bounds (a pair) of every name that a space function suggests.

    The function is called with a stand-in for a trial, once for each value of a choice, so that conditional parts are
    seen too.
    """
    found: dict[str, Any] = {}
    waiting: list[dict[str, Any]] = [{}]
    for _ in range(_PASSES):
        if not waiting:
            break
        taken = waiting.pop(0)
        trial = _Recorder(taken)
        space(trial)
        for name, allowed in trial.allowed.items():
            if name not in found and isinstance(allowed, list):
                waiting += [{**taken, name: choice} for choice in allowed[1:]]
            found.setdefault(name, allowed)
    return found


class _Recorder:
    """Stands in for a trial and notes what it is asked for."""

    number = 0

    def __init__(self, taken: Mapping[str, Any]) -> None:
        self.taken = taken
        self.allowed: dict[str, Any] = {}
        self.params: dict[str, Any] = {}
        self.user_attrs: dict[str, Any] = {}

    def suggest_float(self, name: str, low: float, high: float, **_: Any) -> float:
        """Note bounds; the lower one is taken."""
        self.allowed[name] = (float(low), float(high))
        self.params[name] = float(low)
        return float(low)

    def suggest_int(self, name: str, low: int, high: int, **_: Any) -> int:
        """Note bounds; the lower one is taken."""
        self.allowed[name] = (int(low), int(high))
        self.params[name] = int(low)
        return int(low)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Note choices; the one that this pass is about is taken, else the first."""
        self.allowed[name] = list(choices)
        self.params[name] = self.taken.get(name, choices[0])
        return self.params[name]

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keep an attribute, as a trial does."""
        self.user_attrs[key] = value
