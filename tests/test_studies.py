"""The arithmetic of the studies of suggestions, and that their table asks for what the advisor knows."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.studies import __main__ as runner
from benchmarks.studies import measures, training

POOL = [4.0, 1.0, 3.0, 2.0]  # best 1, median 2.5


@pytest.mark.parametrize(
    ("score", "regret", "trials"),
    [
        (0.5, -1 / 3, 5.0),  # better than all four: the fifth of five
        (1.0, 0.0, 2.5),  # a tie counts for the pool
        (2.5, 1.0, 5 / 3),
        (9.0, 16 / 3, 1.0),
        (math.inf, math.inf, 1.0),
    ],
)
def test_a_score_is_placed_in_its_pool(score: float, regret: float, trials: float) -> None:
    assert measures.regret(score, POOL) == pytest.approx(regret)
    assert measures.equivalent_trials(score, POOL) == pytest.approx(trials)


def test_diverged_draws_are_the_worst() -> None:
    assert measures.equivalent_trials(2.5, [*POOL, math.inf]) == 2.0
    assert measures.regret(2.0, [1.0, math.inf, math.inf]) == math.inf
    assert measures.regret(1.0, [1.0, math.inf, math.inf]) == 0.0


@pytest.mark.parametrize(
    ("k", "median", "trials"),
    [
        (1, 2.0, math.exp((math.log(4) + math.log(2) + math.log(4 / 3)) / 4)),  # every rank has a quarter
        (2, 2.0, math.exp((7 * math.log(4) + 5 * math.log(2) + 3 * math.log(4 / 3)) / 16)),
        (64, 1.0, 4.0),
    ],
)
def test_the_best_of_random_draws_is_exact(k: int, median: float, trials: float) -> None:
    score, worth = measures.best_of(k, POOL)
    assert score == median
    assert worth == pytest.approx(trials, rel=1e-6)


def test_the_best_of_random_draws_is_what_drawing_gives() -> None:
    source = random.Random(0)
    pool = [source.random() for _ in range(20)]
    best = sorted(min(source.choices(pool, k=4)) for _ in range(4001))
    score, worth = measures.best_of(4, pool)
    assert score == best[2000]
    ranked = sorted(pool)
    assert worth == pytest.approx(measures.geometric_mean(20 / (1 + ranked.index(b)) for b in best), rel=0.05)


def test_noise_is_two_standard_errors_of_the_paired_difference() -> None:
    assert measures.beyond_noise([1.2, 2.1, 3.2], [1.0, 2.0, 3.0])
    assert not measures.beyond_noise([1.2, 1.8, 3.1], [1.0, 2.0, 3.0])
    assert not measures.beyond_noise([0.8, 1.9, 2.8], [1.0, 2.0, 3.0])
    assert measures.beyond_noise([math.inf, math.inf, 1.0], [1.0, 2.0, 3.0])


@pytest.fixture(name="data", autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"dataset_size": 1000, "n_features": 10, "n_classes": 10, "n_tokens": 200000, "vocab_size": 100}
    monkeypatch.setattr(training, "facts", lambda study, _: {**told, **study["facts"]})


@pytest.mark.parametrize("name", runner.studies())
def test_the_advisor_answers_all_that_a_study_asks(name: str) -> None:
    study = runner.studies()[name]
    config = runner.suggested(study)
    assert config.keys() == study["space"].keys()
    for axis, value in config.items():
        choices = study["space"][axis]
        assert value in choices if isinstance(choices, list) else choices["low"] <= value <= choices["high"]


def test_draws_stay_in_their_space_and_are_repeated_by_their_seed() -> None:
    for study in runner.studies().values():
        space: Mapping[str, Any] = study["space"]
        first, again = (runner.drawn(space, random.Random(1)) for _ in range(2))
        assert first == again != runner.drawn(space, random.Random(2))
        for _ in range(50):
            for axis, value in runner.drawn(space, random.Random()).items():
                choices = space[axis]
                assert value in choices if isinstance(choices, list) else choices["low"] <= value <= choices["high"]


def test_a_study_is_measured_from_losses() -> None:
    """With a made-up loss that only the rate decides, best at a thousandth."""
    study = runner.studies()["mlp-digits"]
    plan = runner.planned(study, runner.Scale(seeds=2, pool=30, repeats=1))
    loss = {runner.key(run): abs(math.log10(run.config["learning_rate"]) + 3) for run in plan.runs()}
    rows, worse = runner.measured("mlp-digits", plan, loss)
    found = {row.who: row for row in rows}
    assert list(found) == ["suggested", "defaults", "random 1", "random 4", "random 16", "random 64"]
    assert found["defaults"].loss == 0.0
    assert found["defaults"].trials == 31.0
    assert found["random 1"].regret > found["random 4"].regret > found["random 16"].regret
    assert worse == (found["suggested"].loss > 0)


def test_quick_mode_shortens_what_it_names() -> None:
    quick, full = runner.studies(quick=True), runner.studies()
    assert quick["mlp-digits"]["facts"] == {**full["mlp-digits"]["facts"], "epochs": 2}
    assert quick["transformer-topics"]["fixed"] == {"tokens": 6400}
