"""Values and ranges in words."""

from __future__ import annotations

import math

import pytest

from advisor.findings import Expected, Interval
from advisor.report.words import count, expected_text, listing, number, printable, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5e-5, "5e-5"),
        (3e-4, "3e-4"),
        (0.001, "1e-3"),
        (1.4142135623730951e-3, "1.41421e-3"),
        (1.25e-4, "1.25e-4"),
        (0.1, "0.1"),
        (30.0, "30"),
        (4194304, "4194304"),
        (1e20, "1e20"),
        (3.5e10, "3.5e10"),
        (10**30, "1e30"),
        (-0.5, "-0.5"),
        (1234567.0, "1234567"),
        (0.99995, "0.99995"),
        (0, "0"),
        (0.0, "0"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.02, "0.02"),
        ("adamw", "adamw"),
        ("", '""'),
        ([0.9, 0.999], "[0.9, 0.999]"),
        ({"lr": 1e-3}, "{lr: 1e-3}"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("\udc80", "\\udc80"),
        ("x" * 200, "x" * 77 + "..."),
    ],
)
def test_any_value_stands_on_one_line(value: object, text: str) -> None:
    assert value_text(value) == text


def test_an_integer_too_long_to_print_is_described() -> None:
    assert value_text(10**6000) == "an integer of about 6001 digits"


def test_what_could_harm_a_terminal_is_escaped_and_other_writing_is_not() -> None:
    assert printable("Größe 学習率 è") == "Größe 学習率 è"
    assert printable("a\u202eb\u2028c\x07") == "a\\u202eb\\u2028c\\x07"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (None, ""),
        (Expected(Interval(5e-5, 2e-4, 5e-4)), "5e-5 to 5e-4"),
        (Expected(Interval(None, None, 0.5)), "at most 0.5"),
        (Expected(Interval(1, None, None)), "at least 1"),
        (Expected(Interval(1.0, 1.0, 1.0)), "1"),
        (Expected(Interval(None, 0.9, None)), "about 0.9"),
        (Expected(Interval(1, None, 2), (Interval(1, None, 2), Interval(5, None, 9))), "1 to 2, or 5 to 9"),
        (Expected(relation="warmup_steps < total_steps"), "warmup_steps < total_steps"),
        (Expected(one_of=("linear", "cosine", 3)), "one of linear, cosine, 3"),
    ],
)
def test_expectations_in_words(expected: Expected | None, text: str) -> None:
    assert expected_text(expected) == text


def test_counts_and_lists() -> None:
    assert [count(amount, "warning") for amount in (0, 1, 2)] == ["0 warnings", "1 warning", "2 warnings"]
    assert [listing(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
