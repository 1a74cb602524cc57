"""A recommended range and a value against it, drawn in one line of characters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from advisor.findings import Expected, Interval
from advisor.report.words import number

#: A value further away than this many decades is drawn at the edge, as an arrow.
_FURTHEST_DECADES = 10
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Strokes:
    """The characters of a bar."""

    track: str
    range: str
    typical: str
    value: str
    below: str
    above: str


UNICODE = Strokes(track="┄", range="━", typical="┿", value="●", below="◀", above="▶")
ASCII = Strokes(track=".", range="=", typical="+", value="O", below="<", above=">")


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn bar: the cells between the labels of its two ends, and which cell holds the value."""

    left: str
    cells: str
    right: str
    mark: int


def bar(value: object, expected: Expected | None, *, unicode: bool, width: int = 40) -> Bar | None:
    """The bar for a value and what is expected of it; None where there is no range or no number to draw."""
    if expected is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    intervals = expected.intervals or ((expected.interval,) if expected.interval else ())
    bounds = [bound for one in intervals for bound in (one.low, one.high) if bound is not None and math.isfinite(bound)]
    try:
        amount = float(value)
    except OverflowError:
        amount = math.inf if value > 0 else -math.inf
    if not bounds or math.isnan(amount):
        return None
    strokes = UNICODE if unicode else ASCII
    logarithmic = expected.scale == "log" or (expected.scale == "integer" and max(bounds) > 100 * max(1, min(bounds)))
    axis = _log_axis(bounds, amount) if logarithmic else _linear_axis(bounds, amount)
    return _draw(axis, intervals, amount, strokes, width)


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    share: Callable[[float], float]  # where on the axis a number lies, 0 at its left end and 1 at its right


def _log_axis(bounds: Sequence[float], value: float) -> _Axis | None:
    """From the decade below the least to the decade above the largest number; zero lies at the left end."""
    positive = [bound for bound in bounds if bound > 0]
    if not positive:
        return _linear_axis(bounds, value)
    least, largest = math.log10(min(positive)), math.log10(max(positive))
    if 0 < value < math.inf:
        place = math.log10(value)
        least = min(least, max(place, least - _FURTHEST_DECADES))
        largest = max(largest, min(place, largest + _FURTHEST_DECADES))
    low, high = math.floor(least + 1e-9), math.ceil(largest - 1e-9)
    high = high if high > low else low + 1
    if low < -300 or high > 300:
        return None
    return _Axis(10.0**low, 10.0**high, lambda x: (math.log10(x) - low) / (high - low) if x > 0 else -1.0)


def _linear_axis(bounds: Sequence[float], value: float) -> _Axis | None:
    points = [*bounds, value] if math.isfinite(value) else list(bounds)
    low, high = min(0.0, *points), max(points)
    high = low + 1.0 if high <= low else high
    if not 0 < high - low < math.inf:
        return None
    return _Axis(low, high, lambda x: (x - low) / (high - low))


def _draw(axis: _Axis | None, intervals: Sequence[Interval], value: float, strokes: Strokes, width: int) -> Bar | None:
    if axis is None:
        return None

    def cell(x: float) -> int:
        return min(width - 1, max(0, round(axis.share(x) * (width - 1)))) if math.isfinite(x) else width - 1

    cells = [strokes.track] * width
    for one in intervals:
        start = 0 if one.low is None else cell(one.low)
        stop = width - 1 if one.high is None else cell(one.high)
        cells[start : stop + 1] = [strokes.range] * (stop + 1 - start)
    for one in intervals:
        if isinstance(one.typical, (int, float)) and not isinstance(one.typical, bool):
            cells[cell(one.typical)] = strokes.typical
    share = axis.share(value) if math.isfinite(value) else math.copysign(2.0, value)
    mark = 0 if share < -_SLACK else width - 1 if share > 1 + _SLACK else cell(value)
    cells[mark] = strokes.below if share < -_SLACK else strokes.above if share > 1 + _SLACK else strokes.value
    return Bar(number(axis.low), "".join(cells), number(axis.high), mark)
