"""What a score is worth beside a random search.  Scores are losses: lower is better; no run is lost, a diverged one is
the worst.

The draws of a random search are taken from a pool of trained configs with replacement, so what the best of k draws is
like needs no resampling: the best rank is at most r with probability `1 - (1 - r / n) ** k`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence


def regret(score: float, pool: Sequence[float]) -> float:
    """Distance from the best of the pool, in units of what a median draw is from it: 0 the best, 1 a median draw."""
    best, median = min(pool), statistics.median(pool)
    if not math.isfinite(score) or not math.isfinite(median):
        return math.inf if score > best else 0.0
    return (score - best) / max(median - best, 1e-12)


def equivalent_trials(score: float, pool: Sequence[float]) -> float:
    """Random trials that it takes on average to do as well: one over the probability that a draw is at least as good.

    The score counts as one draw more, so that a pool of n answers at most n + 1, and never infinity.
    """
    return (len(pool) + 1) / (1 + sum(other <= score for other in pool))


def best_of(k: int, pool: Sequence[float]) -> tuple[float, float]:
    """Median of the best of k random draws, and the geometric mean of the trials that it is worth."""
    ranked, n = sorted(pool), len(pool)
    within = [1 - (1 - rank / n) ** k for rank in range(n + 1)]
    middle = next(rank for rank in range(1, n + 1) if within[rank] >= 0.5)
    worth = math.fsum((within[rank] - within[rank - 1]) * math.log(n / rank) for rank in range(1, n + 1))
    return ranked[middle - 1], math.exp(worth)


def geometric_mean(values: Iterable[float]) -> float:
    """Mean of quantities that are compared by their ratios."""
    return math.exp(statistics.fmean(math.log(value) for value in values))


def beyond_noise(scores: Sequence[float], others: Sequence[float]) -> bool:
    """Whether scores are worse than those of the same seeds by more than two standard errors of the difference."""
    differences = [score - other for score, other in zip(scores, others, strict=True)]
    if not all(map(math.isfinite, differences)):
        return statistics.median(scores) > statistics.median(others)
    if len(differences) < 2:
        return False
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return statistics.fmean(differences) > 2 * error
