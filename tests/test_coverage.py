"""Every check that was collected has its rule, or its reason among those that the documents give."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from advisor import rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
CHECKS = tomllib.loads((ROOT / "tests" / "coverage_checks.toml").read_text(encoding="utf-8"))["checks"]
REASONS = (ROOT / "docs" / "not-checked.md").read_text(encoding="utf-8")
HEADINGS = {heading.lower() for heading in re.findall(r"^## (.+)$", REASONS, re.MULTILINE)}


@pytest.mark.parametrize("check", CHECKS)
def test_points_to_a_rule_or_a_reason(check: str) -> None:
    covered = CHECKS[check]
    if isinstance(covered, str):
        marker, _, reason = covered.partition(": ")
        assert marker == "not-checked"
        assert reason.lower() in HEADINGS
    else:
        assert covered
        assert set(covered) <= set(rules.by_code())


def test_every_reason_is_used() -> None:
    used = {covered.partition(": ")[2].lower() for covered in CHECKS.values() if isinstance(covered, str)}
    assert used == HEADINGS
