"""The points of a plan: a grid that fits into the trials, or low-discrepancy points."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from advisor.space.dimensions import Dimension, Search, active, point

__all__ = ["grid", "grid_size", "points"]


def grid_size(choices: Iterable[int]) -> int:
    """The trials of a full grid: the product of the numbers of choices, 1 for none."""
    return math.prod(choices)


def points(dimensions: Sequence[Dimension], search: Search) -> Iterator[dict[str, Any]]:
    """The points of a plan, the recommendation first but for a grid."""
    if search.method == "grid":
        yield from grid(dimensions, search.trials)
        return
    found = [point(dimensions, lambda dimension: dimension.start)]
    if search.method == "random":
        for shares in _spread(len(dimensions), _TRIES * (search.trials - 1)):
            share = dict(zip((d.name for d in dimensions), shares, strict=True))
            made = point(dimensions, lambda dimension, share=share: dimension.at(share[dimension.name]))
            if made not in found and len(found) < search.trials:
                found.append(made)
    yield from found


def grid(dimensions: Sequence[Dimension], budget: int) -> list[dict[str, Any]]:
    """A grid that fits into the budget, with more steps for what matters more."""
    counts = [1 for _ in dimensions]
    grown = True
    while grown:
        grown = False
        for place, dimension in enumerate(dimensions):
            more = _next_count(dimension, counts[place])
            attempt = [*counts[:place], more, *counts[place + 1 :]]
            if more > counts[place] and len(_product(dimensions, attempt)) <= budget:
                counts, grown = attempt, True
    if dimensions and max(counts) == 1:  # choices that are too many to be had at once
        counts[0] = min(budget, dimensions[0].most_steps)
    return _product(dimensions, counts)


def _next_count(dimension: Dimension, count: int) -> int:
    """The next longer grid along a dimension: three steps, then one more each time; without an order all at once."""
    if not dimension.ordered:
        return len(dimension.choices)
    return min(3 if count == 1 else count + 1, dimension.most_steps)


def _product(dimensions: Sequence[Dimension], counts: Sequence[int]) -> list[dict[str, Any]]:
    """Every combination of the steps, without those that a choice rules out."""
    out: list[dict[str, Any]] = [{}]
    for dimension, count in zip(dimensions, counts, strict=True):
        steps = dimension.steps(count)
        out = [
            extended
            for values in out
            for extended in ([{**values, dimension.name: s} for s in steps] if active(dimension, values) else [values])
        ]
    return out


#: Points that are drawn for each that is wanted: where all is a choice they fall upon each other.
_TRIES: Final = 4
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


def _spread(dimensions: int, count: int, seed: int = 0) -> Iterator[tuple[float, ...]]:
    """Points of a scrambled and shifted Halton sequence in the unit cube: the same for the same seed.

    Source: the quasi-random search of the Deep Learning Tuning Playbook.
    """
    draw = random.Random(seed)  # noqa: S311 - points of a search, not secrets
    bases = [_PRIMES[place % len(_PRIMES)] for place in range(dimensions)]
    digits = [[0, *draw.sample(range(1, base), base - 1)] for base in bases]
    shifts = [draw.random() for _ in bases]
    for index in range(1, count + 1):
        yield tuple(
            (_radical_inverse(index, base, order) + shift) % 1.0
            for base, order, shift in zip(bases, digits, shifts, strict=True)
        )


def _radical_inverse(index: int, base: int, order: Sequence[int]) -> float:
    """The digits of an index in a base, permuted and mirrored at the point."""
    value, scale = 0.0, 1.0 / base
    while index:
        index, digit = divmod(index, base)
        value += order[digit] * scale
        scale /= base
    return value
