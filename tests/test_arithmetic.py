"""Formulas as the arithmetic that was done."""

from __future__ import annotations

import pytest

from advisor import expressions
from advisor.arithmetic import arithmetic


@pytest.mark.parametrize(
    ("formula", "values", "shown"),
    [
        ("batch * default(steps, 1) * devices", {"batch": 4, "steps": 8, "devices": 16}, "4 x 8 x 16"),
        ("batch * default(steps, 1) * devices", {"batch": 4, "devices": 16}, "4 x 16"),
        ("alpha / sqrt(r) if rs == True else alpha / r", {"alpha": 32, "r": 16, "rs": False}, "32 / 16"),
        ("alpha / sqrt(r) if rs == True else alpha / r", {"alpha": 32, "r": 16, "rs": True}, "32 / sqrt(16)"),
        ("world / (pipe * max(a, b))", {"world": 16, "pipe": 1, "a": 1, "b": 1}, ""),
        ("epochs", {"epochs": 3}, ""),
        ("n ** 0.5", {"n": 5e-4}, "5e-4 ^ 0.5"),
    ],
)
def test_arithmetic(formula: str, values: dict[str, object], shown: str) -> None:
    assert arithmetic(expressions.compile(formula), expressions.MappingScope(values)) == shown  # type: ignore[arg-type]
