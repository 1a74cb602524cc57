"""The formats of `check`, over a report made by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.findings import (
    AdviceError,
    Edit,
    Expected,
    FileReport,
    Finding,
    Fix,
    Interval,
    NotChecked,
    Place,
    ReadValue,
    Report,
)
from advisor.report import FORMATS, Look, renderer

RATE = Finding(
    code="LR001",
    name="learning-rate-out-of-range",
    severity="warning",
    message="learning rate 0.02 is 40x above the recommended 5e-5 to 5e-4 for LoRA",
    parameters=("learning_rate",),
    place=Place("train.yaml", "learning_rate", 31, 16, 31, 20),
    value=0.02,
    expected=Expected(Interval(5e-5, 2e-4, 5e-4), scale="log"),
    related=(Place("train.yaml", "lora_r", 12, 9),),
    fix=Fix("unsafe", (Edit("train.yaml", "learning_rate", "set", 2e-4),)),
    sources=("Dettmers et al. 2023",),
    why="Too high a rate diverges.",
    advice="try 2e-4",
    context="LoRA (`lora_r`)",
    importance=1,
)
DROPOUT = Finding(
    code="REG001",
    name="dropout-out-of-range",
    severity="note",
    message="dropout 0.1 is below 0.2 to 0.5",
    parameters=("dropout",),
    place=Place("train.yaml", "d.dropout", 3, 12),
    value=0.1,
    group="discriminator",
)
WARMUP = Finding(
    code="SCH004",
    name="warmup-longer-than-training",
    severity="error",
    message="warm-up takes 2000 steps, the whole run only 500",
    parameters=("warmup_steps", "max_steps"),
    expected=Expected(relation="warmup_steps < total_steps"),
)
CHECKED = FileReport(
    "train.yaml",
    "checked",
    "axolotl",
    context={"regime": "adapter"},
    parameters={"learning_rate": ReadValue(0.02, "learning_rate", 31, 16)},
    findings=(DROPOUT, RATE, WARMUP),
    not_checked=(NotChecked("BAT003", "batch-too-large", ("world_size", "dataset_size")),),
)
CLEAN = FileReport("clean.json", "checked", "generic", parameters={"epochs": ReadValue(3, "epochs", 1, 12)})
EMPTY = FileReport("empty.json", "checked", "generic")
SKIPPED = FileReport("package.json", "skipped")
FAILED = FileReport("broken.json", "failed", problem="expected a comma", place=Place("broken.json", None, 3, 4))
ALL = Report((CHECKED, CLEAN, SKIPPED, FAILED))


def text(report: Report, form: str = "text", **look: object) -> str:
    return "".join(renderer(form)(report, Look(**look)))  # type: ignore[arg-type]


def document(report: Report, **look: object) -> dict[str, object]:
    return json.loads(text(report, "json", **look))  # type: ignore[no-any-return]


def test_text_has_one_line_a_finding_the_most_important_first() -> None:
    assert text(ALL) == (
        "train.yaml:1:1: SCH004 error warm-up takes 2000 steps, the whole run only 500\n"
        "train.yaml:31:16: LR001 warning learning rate 0.02 is 40x above the recommended 5e-5 to 5e-4 for LoRA\n"
        "train.yaml:3:12: REG001 note dropout 0.1 is below 0.2 to 0.5 [discriminator]\n"
        "broken.json:3:4: error: expected a comma\n"
        "1 error, 1 warning and 1 note in 1 of 2 files; 1 file could not be used\n"
    )


def test_a_terminal_gets_a_block_below_each_finding() -> None:
    report = Report((replace(CHECKED, findings=(RATE,)),))
    assert text(report, terminal=True, width=60, unicode=True) == (
        "train.yaml:31:16: LR001 warning learning rate 0.02 is 40x above the recommended 5e-5 to 5e-4 for LoRA\n"
        "    value        0.02\n"
        "    recommended  5e-5 to 5e-4, typically 2e-4\n"
        "                 1e-5 ┄┄┄┄┄┄┄━━━━━━┿━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄●┄┄┄┄┄┄┄ 0.1\n"
        "    context      LoRA (`lora_r`)\n"
        "    why          Too high a rate diverges.\n"
        "    suggested    learning_rate = 2e-4\n"
        "    source       Dettmers et al. 2023\n"
        "\n"
        "1 warning in 1 of 1 file\n"
    )


def test_a_block_repeats_nothing() -> None:
    said = replace(RATE, message=f"learning rate 0.02 is too high for {RATE.context}", advice="lower it")
    note = replace(RATE, code="LR002", severity="note")
    shown = text(Report((replace(CHECKED, findings=(said, RATE, note)),)), terminal=True)
    assert shown.count("Too high a rate diverges.") == 1
    assert shown.count("    context ") == 2
    assert shown.count("    advice       lower it") == 1


def test_colour_marks_severity_and_changes_nothing_else() -> None:
    plain, painted = text(ALL), text(ALL, colour=True)
    assert "\x1b[1;31merror\x1b[0m" in painted
    assert "\x1b" not in plain
    import re

    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


@pytest.mark.parametrize(
    ("files", "closing"),
    [
        ((), "No training config found\n"),
        ((SKIPPED,), "No training config found\n"),
        ((CLEAN,), "All checks passed in 1 file\n"),
        ((CLEAN, replace(CLEAN, path="other.json"), SKIPPED), "All checks passed in 2 files\n"),
        ((replace(CLEAN, run="a"), replace(CLEAN, run="b")), "All checks passed in 1 file\n"),
        ((replace(CHECKED, findings=(RATE, RATE)), CLEAN), "2 warnings in 1 of 2 files\n"),
        ((EMPTY,), "No training parameter found in empty.json\n"),
        ((CLEAN, EMPTY), "All checks passed in 1 file; no training parameter found in empty.json\n"),
        ((CLEAN, replace(EMPTY, path=CLEAN.path, run="b")), "All checks passed in 1 file\n"),
        ((EMPTY, replace(EMPTY, path="b.json")), "No training parameter found in 2 files\n"),
        ((FAILED,), "1 file could not be used\n"),
        ((CLEAN, FAILED), "All checks passed in 1 file; 1 file could not be used\n"),
    ],
)
def test_the_last_line_sums_up(files: tuple[FileReport, ...], closing: str) -> None:
    assert text(Report(files)).splitlines(keepends=True)[-1] == closing


def test_quiet_leaves_the_findings() -> None:
    assert text(ALL, quiet=True, terminal=True).count("\n") == 4
    assert text(Report((CLEAN,)), quiet=True) == ""


def test_unchecked_rules_are_listed_on_request() -> None:
    assert "BAT003" not in text(ALL)
    shown = "train.yaml: BAT003 not checked: batch-too-large needs world_size and dataset_size\n"
    assert shown in text(ALL, show_unchecked=True)
    assert shown in text(ALL, "table", show_unchecked=True)


def test_statistics_count_by_rule() -> None:
    report = Report((replace(CHECKED, findings=(RATE, RATE, DROPOUT)),))
    assert text(report, statistics=True) == (
        "2  LR001  warning  learning-rate-out-of-range\n"
        "1  REG001  note     dropout-out-of-range\n"
        "2 warnings and 1 note in 1 of 1 file\n"
    )
    assert document(report, statistics=True)["statistics"] == {"LR001": 2, "REG001": 1}


def test_a_run_is_named_where_a_file_holds_several() -> None:
    report = Report((replace(CHECKED, run="CartPole-v1", findings=(WARMUP, DROPOUT)),))
    first, second, _ = text(report).splitlines()
    assert first.endswith("only 500 [CartPole-v1]")
    assert second.endswith("to 0.5 [CartPole-v1 and discriminator]")


def test_a_problem_stands_at_its_place() -> None:
    report = Report((FileReport("a.json", "failed", problem="a comma is missing", place=Place("a.json", None, 3, 4)),))
    assert text(report).splitlines()[0] == "a.json:3:4: error: a comma is missing"
    assert document(report)["files"][0]["problem"] == "a comma is missing (line 3, column 4)"  # type: ignore[index]
    with pytest.raises(AdviceError, match=r"a.json: a comma is missing \(line 3, column 4\)"):
        report.raise_for_findings()


def test_table() -> None:
    lines = text(ALL, "table").splitlines()
    assert lines[0].split() == ["place", "severity", "code", "parameter", "value", "recommended", "message"]
    assert lines[3].startswith("train.yaml:31:16  warning     LR001   learning_rate  0.02     5e-5 to 5e-4")
    assert lines[5] == "broken.json:3:4: error: expected a comma"
    assert lines[-1] == "1 error, 1 warning and 1 note in 1 of 2 files; 1 file could not be used"


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_a_table_fits_the_terminal(width: int) -> None:
    lines = text(ALL, "table", terminal=True, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert ("recommended" in lines[0]) is (width >= 160)


def test_json_is_the_documented_document() -> None:
    assert document(Report((replace(CHECKED, findings=(RATE,)),))) == {
        "schema": "hpadvise/report/1",
        "files": [
            {
                "path": "train.yaml",
                "dialect": "axolotl",
                "status": "checked",
                "problem": None,
                "context": {"regime": "adapter"},
                "parameters": {"learning_rate": {"value": 0.02, "key": "learning_rate", "line": 31, "column": 16}},
                "findings": [
                    {
                        "code": "LR001",
                        "name": "learning-rate-out-of-range",
                        "severity": "warning",
                        "parameters": ["learning_rate"],
                        "key": "learning_rate",
                        "line": 31,
                        "column": 16,
                        "value": 0.02,
                        "expected": {"low": 5e-05, "typical": 0.0002, "high": 0.0005},
                        "message": "learning rate 0.02 is 40x above the recommended 5e-5 to 5e-4 for LoRA",
                        "end_line": 31,
                        "end_column": 20,
                        "group": None,
                        "related": [{"path": "train.yaml", "key": "lora_r", "line": 12, "column": 9}],
                        "fix": {
                            "safety": "unsafe",
                            "edits": [{"path": "train.yaml", "key": "learning_rate", "op": "set", "value": 0.0002}],
                        },
                        "sources": ["Dettmers et al. 2023"],
                    }
                ],
            }
        ],
        "summary": {"files": 1, "checked": 1, "skipped": 0, "failed": 0, "errors": 0, "warnings": 1, "notes": 0},
    }


def test_json_of_a_value_that_no_file_holds_and_of_a_relation() -> None:
    finding = document(Report((replace(CHECKED, findings=(WARMUP,)),)))["files"][0]["findings"][0]  # type: ignore[index]
    assert (finding["line"], finding["column"], finding["key"], finding["fix"]) == (None, None, None, None)
    assert finding["expected"] == {"relation": "warmup_steps < total_steps"}


def test_json_names_runs_groups_and_unchecked_rules_where_there_are_any() -> None:
    grouped = replace(CHECKED, run="a", groups={"generator": {"learning_rate": ReadValue(1e-4, "g.lr", 2, 7)}})
    (entry,) = document(Report((grouped,)), show_unchecked=True)["files"]  # type: ignore[misc]
    assert entry["run"] == "a"
    assert entry["groups"] == {"generator": {"learning_rate": {"value": 1e-4, "key": "g.lr", "line": 2, "column": 7}}}
    assert entry["not_checked"] == [
        {"code": "BAT003", "name": "batch-too-large", "missing": ["world_size", "dataset_size"]}
    ]
    (plain,) = document(Report((CHECKED,)))["files"]  # type: ignore[misc]
    assert not {"run", "groups", "not_checked"} & set(plain)


def test_json_of_several_ranges_choices_and_edits() -> None:
    near, far = Interval(1e-3, None, 1e-2), Interval(1, None, None)
    finding = replace(
        RATE,
        expected=Expected(near, (near, far), one_of=("a", "b")),
        fix=Fix("safe", (Edit("t", "a", "rename", "b"), Edit("t", "c", "delete"))),
    )
    (shown,) = document(Report((replace(CHECKED, findings=(finding,)),)))["files"][0]["findings"]  # type: ignore[index]
    assert shown["expected"] == {
        "low": 1e-3,
        "high": 1e-2,
        "intervals": [{"low": 1e-3, "high": 1e-2}, {"low": 1}],
        "one_of": ["a", "b"],
    }
    assert shown["fix"]["edits"] == [
        {"path": "t", "key": "a", "op": "rename", "value": "b"},
        {"path": "t", "key": "c", "op": "delete"},
    ]


def _bomb() -> list[object]:
    bomb: list[object] = ["lol"]
    for _ in range(40):
        bomb = [bomb] * 9
    return bomb


def _deep() -> list[object]:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


HOSTILE = {
    "nan": math.nan,
    "inf": -math.inf,
    "long": 10**400,
    "longer": 10**6000,
    "surrogate": "\udcff",
    "escape": "\x1b[2J\n",
    "object": object(),
    "bomb": _bomb(),
    "deep": _deep(),
    "keys": {None: 1, 2: {3}, "\udcff": b"x"},
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", FORMATS)
def test_hostile_values_are_shown_in_bounds_and_in_every_format(name: str, form: str) -> None:
    value = HOSTILE[name]
    finding = replace(RATE, value=value, message=f"value {value}"[:99] if isinstance(value, str) else "value")
    report = Report((replace(CHECKED, path="tr\udcffain\n.yaml", findings=(finding,), context={"x": value}),))
    shown = text(report, form, terminal=True)
    assert len(shown) < 2_000_000
    assert "\x1b" not in shown
    if form == "json":
        json.loads(shown, parse_constant=pytest.fail)
        shown.encode("ascii")
    else:
        shown.encode("utf-8")


_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(_values, st.text())
def test_json_holds_any_value_and_text_any_message(value: object, words: str) -> None:
    finding = replace(RATE, value=value, message=words, place=None)
    report = Report((FileReport(words, "checked", findings=(finding,), context={"x": value}),))
    json.loads(text(report, "json"), parse_constant=pytest.fail)
    assert text(report, quiet=True).count("\n") == 1
