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

from advisor.integrations._gate import Gate, leaves, mapping

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
            config = mapping(space(trial))
            self.require(trial, config)
            return train(config)

        return objective

    def enqueue(self, study: optuna.Study, space: SpaceFunction) -> dict[str, Any]:
        """Make the suggestion, inside the space, the next trial; returns it (empty where nothing can be said)."""
        values = self._suggested(space)
        if values:
            study.enqueue_trial(values, skip_if_exists=True)
        return values

    def _suggested(self, space: SpaceFunction) -> dict[str, Any]:
        """The suggestion on the branch of a conditional space that it chooses itself."""
        taken: dict[str, Any] = {}
        for _ in range(_PASSES):
            trial = _Recorder(taken)
            config = mapping(space(trial))
            keys = {value.name: key for key, value in leaves(config) if isinstance(value, _MARKED)}
            allowed = {name: [taken[name]] if name in taken else ends for name, ends in trial.allowed.items()}
            found = self.suggestion(allowed, _unmarked(config), {**{name: name for name in allowed}, **keys})
            values = {name: trial.fitting(name, value) for name, value in found.items()}
            chosen = {name: values.get(name, trial.params[name]) for name in _choices(trial)}
            if all(trial.params[name] == value for name, value in chosen.items()):
                return {**{name: taken[name] for name in taken if name in allowed}, **values}
            taken = chosen
        return {}

    @staticmethod
    def constraints(trial: optuna.trial.FrozenTrial) -> Sequence[float]:
        """For a sampler's `constraints_func`: above zero, so infeasible, for each trial that was rejected."""
        return (float(len(trial.user_attrs.get(REASONS, ()))),)


def _choices(trial: _Recorder) -> list[str]:
    return [name for name, allowed in trial.allowed.items() if isinstance(allowed, list)]


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


class _Float(float):
    """A suggested number that knows the name it was suggested under, wherever in a config it is put."""

    name = ""


class _Int(int):
    """The same for whole numbers."""

    name = ""


class _Text(str):
    """The same for texts."""

    name = ""


_MARKED = (_Float, _Int, _Text)


def _marked(name: str, value: Any) -> Any:
    """A value that knows its name; switches and other values do not."""
    kinds = {float: _Float, int: _Int, str: _Text}
    kind = kinds.get(type(value))
    if kind is None:
        return value
    made = kind(value)
    made.name = name
    return made


def _unmarked(config: Any) -> Any:
    """A config of plain values."""
    if isinstance(config, Mapping):
        return {key: _unmarked(value) for key, value in config.items()}
    plain = next((kind for kind in (float, int, str) if isinstance(config, _MARKED) and isinstance(config, kind)), None)
    return config if plain is None else plain(config)


class _Recorder:
    """Stands in for a trial and notes what it is asked for."""

    number = 0

    def __init__(self, taken: Mapping[str, Any]) -> None:
        self.taken = taken
        self.allowed: dict[str, Any] = {}
        self.steps: dict[str, float] = {}
        self.params: dict[str, Any] = {}
        self.user_attrs: dict[str, Any] = {}

    def suggest_float(self, name: str, low: float, high: float, *, step: float | None = None, **_: Any) -> Any:
        """Note bounds; the lower one is taken."""
        return self._noted(name, (float(low), float(high)), float(low), step)

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, **_: Any) -> Any:
        """Note bounds; the lower one is taken."""
        return self._noted(name, (int(low), int(high)), int(low), step)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Note choices; the one that this pass is about is taken, else the first."""
        return self._noted(name, list(choices), self.taken.get(name, choices[0]), None)

    def _noted(self, name: str, allowed: Any, value: Any, step: float | None) -> Any:
        self.allowed[name] = allowed
        self.params[name] = value
        if step is not None:
            self.steps[name] = step
        return _marked(name, value)

    def fitting(self, name: str, value: Any) -> Any:
        """A value as the space has it: on its steps, whole where it has whole numbers."""
        step, allowed = self.steps.get(name), self.allowed[name]
        if step is None or not isinstance(allowed, tuple):
            return value
        low, high = allowed
        fitted = min(low + round((value - low) / step) * step, high)
        return round(fitted) if isinstance(low, int) else fitted

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keep an attribute, as a trial does."""
        self.user_attrs[key] = value
