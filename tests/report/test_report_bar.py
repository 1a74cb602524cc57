"""A range and a value, drawn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.findings import Expected, Interval
from advisor.report.bar import bar


def drawn(value: object, expected: Expected, *, unicode: bool = False, width: int = 21) -> str:
    line = bar(value, expected, unicode=unicode, width=width)
    assert line is not None
    return f"{line.left} {line.cells} {line.right}"


@pytest.mark.parametrize(
    ("value", "low", "typical", "high", "text"),
    [
        (0.1, 1e-5, 1e-4, 1e-3, "1e-5 =====+=====.........O 0.1"),
        (1e-7, 1e-5, 1e-4, 1e-3, "1e-7 O.........=====+===== 1e-3"),
        (1e-4, 1e-5, None, 1e-3, "1e-5 ==========O========== 1e-3"),
        (0, 1e-5, None, 1e-3, "1e-5 <==================== 1e-3"),
        (-1e-3, 1e-5, None, 1e-3, "1e-5 <==================== 1e-3"),
        (math.inf, 1e-5, None, 1e-3, "1e-5 ====================> 1e-3"),
        (10**400, 1e-5, None, 1e-3, "1e-5 ====================> 1e-3"),
        (1e-2, None, None, 1e-3, "1e-3 =...................O 0.01"),
        (1e-3, 0, None, 1e-2, "1e-3 O==================== 0.01"),
    ],
)
def test_decades(value: float, low: float | None, typical: float | None, high: float, text: str) -> None:
    assert drawn(value, Expected(Interval(low, typical, high), scale="log")) == text


def test_a_linear_scale_begins_at_zero() -> None:
    assert drawn(0.1, Expected(Interval(0.2, None, 0.5))) == "0 ....O...============= 0.5"
    assert drawn(0.9, Expected(Interval(0.2, 0.5, 0.5))) == "0 ....=======+........O 0.9"
    assert drawn(-1, Expected(Interval(0, None, 1))) == "-1 O.........=========== 1"


def test_several_ranges() -> None:
    two = (Interval(1e-3, None, 1e-2), Interval(1, None, 10))
    assert drawn(0.1, Expected(two[0], two, scale="log")) == "1e-3 ======....O....====== 10"


def test_in_unicode() -> None:
    line = drawn(0.1, Expected(Interval(1e-5, 1e-4, 1e-3), scale="log"), unicode=True)
    assert line == "1e-5 ━━━━━┿━━━━━┄┄┄┄┄┄┄┄┄● 0.1"


@pytest.mark.parametrize("value", ["adamw", None, True, math.nan, [1]])
def test_what_is_no_number_is_not_drawn(value: object) -> None:
    assert bar(value, Expected(Interval(0.2, None, 0.5)), unicode=False) is None


@pytest.mark.parametrize(
    "expected", [None, Expected(), Expected(relation="a < b"), Expected(Interval(None, 0.5, None))]
)
def test_what_is_no_range_is_not_drawn(expected: Expected | None) -> None:
    assert bar(0.3, expected, unicode=False) is None


_bounds = st.none() | st.floats(allow_nan=False) | st.integers()


@given(st.floats() | st.integers(), _bounds, _bounds, _bounds, st.sampled_from(["log", "linear", "integer"]))
def test_any_numbers_give_a_bar_of_the_asked_width_or_none(
    value: float, low: float | None, typical: float | None, high: float | None, scale: str
) -> None:
    expected = Expected(Interval(low, typical, high), scale=scale)  # type: ignore[arg-type]
    line = bar(value, expected, unicode=False, width=30)
    assert line is None or len(line.cells) == 30
