"""Ray Tune: a searcher whose trials `check` lets through, beginning with the suggestion.

    from advisor.integrations.ray import suggestion, searcher

    facts = {"model": "resnet50", "dataset_size": 50_000}
    search = searcher(OptunaSearch(points_to_evaluate=[suggestion(space, facts)]), facts)
    tune.Tuner(train, param_space=space, tune_config=tune.TuneConfig(metric="loss", mode="min", search_alg=search))

A rejected config is told to the searcher below as failed, and never becomes a trial.  Without a searcher below, configs
are drawn at random from the space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import advisor
from advisor.integrations._gate import Gate

__all__ = ["checked", "searcher", "suggestion"]

#: A space of which so many configs in a row are rejected is no space to search.
MOST_REJECTED = 200


def suggestion(
    param_space: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    dialect: str | None = None,
) -> dict[str, Any]:
    """The suggested value for each parameter of a Ray search space, inside it."""
    within = {name: allowed for name, domain in param_space.items() if (allowed := _allowed(domain)) is not None}
    constant = {name: value for name, value in param_space.items() if not _searched(value)}
    values = Gate(facts, config={**(config or {}), **constant}, dialect=dialect).suggestion(within)
    return {name: round(value) if _whole(within[name]) else value for name, value in values.items()}


def searcher(
    inner: Any = None,
    facts: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    dialect: str | None = None,
    fail_on: str = "warning",
) -> Any:
    """A `ray.tune.search.Searcher` around another one (or around random draws) that hands out what `check` accepts.

    `facts` are what the configs do not hold, `config` what all of them have in common; `fail_on` is the least severity
    that rejects.  Where it draws at random itself, the suggestion is the first config.
    """
    return _searcher_class()(inner, Gate(facts, config=config, dialect=dialect, fail_on=fail_on))


def checked(  # noqa: PLR0913 - keyword by keyword
    train: Callable[[dict[str, Any]], Any],
    facts: Mapping[str, Any] | None = None,
    *,
    metric: str,
    mode: str,
    config: Mapping[str, Any] | None = None,
    dialect: str | None = None,
    fail_on: str = "warning",
) -> Callable[[dict[str, Any]], Any]:
    """A function trainable that returns the worst value instead of training where `check` rejects its config.

    For search algorithms that are no searchers (grids, lists of points): the trial is started, the training is not.
    """
    gate = Gate(facts, config=config, dialect=dialect, fail_on=fail_on)

    def trainable(trial_config: dict[str, Any]) -> Any:
        problems = gate.problems(trial_config)
        if problems:
            return {metric: float("inf" if mode == "min" else "-inf"), "hpadvise": "; ".join(problems)}
        return train(trial_config)

    return trainable


def _allowed(domain: Any) -> Any:
    """A Ray domain as choices or bounds; None for what is neither."""
    from ray.tune.search.sample import Categorical, Float, Integer

    if isinstance(domain, Categorical):
        return list(domain.categories)
    if isinstance(domain, Integer):
        return (domain.lower, domain.upper - 1)
    return (domain.lower, domain.upper) if isinstance(domain, Float) else None


def _searched(value: Any) -> bool:
    """Whether a value of a space has a domain in it, so that trials differ in it."""
    from ray.tune.search.sample import Domain

    if isinstance(value, dict):
        return "grid_search" in value or any(map(_searched, value.values()))
    return isinstance(value, Domain) or callable(value)


def _whole(allowed: Any) -> bool:
    return isinstance(allowed, tuple) and all(isinstance(end, int) for end in allowed)


def _drawn(space: Any) -> Any:
    """A space with a value drawn for every domain in it."""
    from ray.tune.search.sample import Domain

    if isinstance(space, Domain):
        return space.sample()
    return {name: _drawn(inner) for name, inner in space.items()} if isinstance(space, dict) else space


@lru_cache(maxsize=1)
def _searcher_class() -> Any:
    """The class, made where Ray is there to give it its base."""
    from ray.tune.search import Searcher

    class AdvisedSearch(Searcher):  # type: ignore[misc, unused-ignore]  # Ray may not be there to be checked against
        """Hands out configs that `check` accepts."""

        _metric: Any
        _mode: Any

        def __init__(self, inner: Any, gate: Gate) -> None:
            super().__init__(metric=getattr(inner, "metric", None), mode=getattr(inner, "mode", None))
            self.inner = inner
            self.gate = gate
            self.space: dict[str, Any] = {}
            self.begun = False
            self.below: dict[str, str] = {}  # a trial's name for the searcher below: each of its configs has its own
            self.rejected: list[tuple[str, ...]] = []

        def set_search_properties(self, metric: Any, mode: Any, config: dict[str, Any], **spec: Any) -> bool:
            """Take over what the tuner was given."""
            self._metric, self._mode = metric or self.metric, mode or self.mode
            self.space = config
            return True if self.inner is None else bool(self.inner.set_search_properties(metric, mode, config, **spec))

        def suggest(self, trial_id: str) -> Any:
            """The next config; raises `advisor.CallError` where the whole space is rejected."""
            for attempt in range(MOST_REJECTED):
                self.below[trial_id] = f"{trial_id}_{attempt}" if attempt else trial_id
                found = self._next(trial_id)
                if not isinstance(found, dict):
                    return found  # nothing for now, or finished
                problems = self.gate.problems(found)
                if not problems:
                    return found
                self.rejected.append(problems)
                if self.inner is not None:
                    self.inner.on_trial_complete(self.below[trial_id], error=True)
            raise advisor.CallError(
                f"{MOST_REJECTED} configs in a row are rejected, the last by {self.rejected[-1][0]}"
            )

        def _next(self, trial_id: str) -> Any:
            if self.inner is not None:
                return self.inner.suggest(self.below[trial_id])
            drawn = _drawn(self.space)
            if not self.begun:
                self.begun = True
                given = self.gate
                drawn |= suggestion(self.space, given.facts, config=given.config, dialect=given.dialect)
            return drawn

        def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
            """Pass a result on."""
            if self.inner is not None:
                self.inner.on_trial_result(self.below.get(trial_id, trial_id), result)

        def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
            """Pass an end on."""
            if self.inner is not None:
                self.inner.on_trial_complete(self.below.pop(trial_id, trial_id), result, error)

        def set_max_concurrency(self, max_concurrent: int) -> bool:
            """Leave the limit to the searcher below."""
            return False if self.inner is None else bool(self.inner.set_max_concurrency(max_concurrent))

        def save(self, checkpoint_path: str) -> None:
            """Write the state, with that of the searcher below."""
            from ray import cloudpickle

            with open(checkpoint_path, "wb") as file:  # noqa: PTH123 - Ray's own signature
                cloudpickle.dump(self.__dict__, file)

        def restore(self, checkpoint_path: str) -> None:
            """Read the state back."""
            from ray import cloudpickle

            with open(checkpoint_path, "rb") as file:  # noqa: PTH123 - Ray's own signature
                self.__dict__.update(cloudpickle.load(file))

    return AdvisedSearch
