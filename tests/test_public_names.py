"""The library's public names: there, loaded late, and not taken over by the modules that share them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import advisor

ROOT = Path(__file__).resolve().parent.parent


def test_every_public_name_is_there() -> None:
    assert {"AdviceError", "Finding", "Report", "check", "explain", "scale_learning_rate", "suggest"} <= set(
        advisor.__all__
    )
    assert set(advisor.__all__) <= set(dir(advisor))
    for name in advisor.__all__:
        assert getattr(advisor, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'advisor' has no attribute 'chekc'"):
        _ = advisor.chekc  # type: ignore[attr-defined]


@pytest.mark.parametrize("first", ["import advisor.suggest", "import advisor.check", "import advisor.explain", "pass"])
def test_a_module_of_the_same_name_does_not_take_its_place(first: str) -> None:
    code = (
        f"{first}\nimport advisor\nprint(callable(advisor.suggest), callable(advisor.check), callable(advisor.explain))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True True True\n"


def test_the_three_lines_of_the_readme() -> None:
    report = advisor.check({"optimizer": "adam", "learning_rate": 0.3})
    assert not report.ok
    assert [(finding.code, finding.severity) for finding in report.findings] == [("LR001", "warning")]
    with pytest.raises(advisor.AdviceError, match=r"LR001 warning: learning rate 0\.3 is 30x above"):
        report.raise_for_findings()
    assert advisor.scale_learning_rate(5e-4, from_batch=128, to_batch=1024) == pytest.approx(1.41421e-3, rel=1e-5)
    assert advisor.explain("LR001").kind == "rule"


def test_a_call_that_names_nothing_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="did you mean 'learning_rate'"):
        advisor.check({}, facts={"lerning_rate": 1})
    with pytest.raises(advisor.CallError, match="did you mean 'axolotl'"):
        advisor.check({}, dialect="axolotle")
