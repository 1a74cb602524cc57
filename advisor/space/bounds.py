"""From where to where a parameter is searched: its documented range near the recommendation, on its own scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from advisor.parameters import Parameter
from advisor.space.dimensions import Dimension, short
from advisor.space.knowledge import knowledge
from advisor.suggest import Explanation

__all__ = ["numeric"]


def numeric(
    base: Dimension, parameter: Parameter, told: Explanation, allowed: tuple[float, float] | None
) -> Dimension | None:
    """A numeric dimension; None where a single value is all there is."""
    row = knowledge()["dimension"].get(parameter.name, {})
    if told.value == 0 and allowed is None:
        return _switched_off(base, told)
    low, high = allowed if allowed is not None else _window(parameter, told, row)
    low, high = _inside(parameter, low, high)
    whole = "integer" in (parameter.kind, parameter.scale) or parameter.unit in knowledge()["whole"]["units"]
    if whole:
        low, high = max(math.ceil(low), 0), math.floor(high)
    else:
        low, high = short(low, 3), short(high, 3)
    if not low < high:
        return None
    start = min(max(told.value, low), high)
    if row.get("step") == "power":
        powers = tuple(2**n for n in range(int(high).bit_length()) if low <= 2**n <= high)
        nearest = min(powers, key=lambda power: abs(math.log(power / start)), default=None)
        return replace(base, choices=powers, start=nearest) if len(powers) > 1 else None
    if row.get("step") == "nines" and len(near_one := _nines(low, high, start)) > 2:
        return replace(base, choices=near_one, start=start)
    log = low > 0 and (high / low >= knowledge()["around"]["wide"] if whole else parameter.scale == "log")
    kind: Literal["float", "integer"] = "integer" if whole else "float"
    return replace(base, kind=kind, low=low, high=high, log=log, start=round(start) if whole else start)


def _nines(low: float, high: float, start: float) -> tuple[float, ...]:
    """0.9, 0.95, 0.98, 0.99, ...: even steps of the distance to one, which is what counts of such a share.

    No further from the recommendation than what is searched on a log scale; the recommendation is among them.
    """
    distance, factor = 1 - start, knowledge()["around"]["log"]
    found = {start} if distance > 0 else set()
    for tenth in range(1, 8):
        for step in (5, 2, 1):
            value = round(1 - step * 10.0**-tenth, 9)
            near = distance / factor <= (1 - value) * 1.000001 and (1 - value) <= distance * factor * 1.000001
            if low <= value <= high and near:
                found.add(value)
    return tuple(sorted(found))


def _switched_off(base: Dimension, told: Explanation) -> Dimension | None:
    """Where the recommendation is to leave it off: that, and values up to the documented end."""
    if not told.high:
        return None
    shares = knowledge()["around"]["off"]
    choices = (0, *(short(told.high * share, 2) for share in shares))
    return replace(base, choices=choices, start=0, why=f"{base.why}; off, or on a little" if base.why else "")


def _window(parameter: Parameter, told: Explanation, row: Mapping[str, Any]) -> tuple[float, float]:
    """The documented range, no further from the recommendation than is sensible to search."""
    around = knowledge()["around"]
    value = told.value
    if parameter.scale == "linear":
        reach = row.get("reach", around["linear"])
        reach = reach if parameter.high is not None else max(reach, abs(value))
        low, high = value - reach, value + reach
    else:
        factor = row.get("factor", around[parameter.scale])
        low, high = value / factor, value * factor
    low = low if told.low is None else max(low, told.low)
    return low, high if told.high is None else min(high, told.high)


def _inside(parameter: Parameter, low: float, high: float) -> tuple[float, float]:
    """A range within the hard bounds, a hundredth of its width away from one that is itself invalid."""
    width = high - low
    if parameter.low is not None and (low < parameter.low or (parameter.low_open and low == parameter.low)):
        low = parameter.low + (width / 100 if parameter.low_open else 0)
    if parameter.high is not None and (high > parameter.high or (parameter.high_open and high == parameter.high)):
        high = parameter.high - (width / 100 if parameter.high_open else 0)
    return low, high
