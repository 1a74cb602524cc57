"""A project's settings: where they are found, what they may say, and how a mistake in them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.findings import CallError
from advisor.settings import Settings, load

FULL = """
select = ["LR", "BAT001"]
ignore = "REG"
extend-select = ["NEW001"]
fail-on = "error"
profile = "textbook"
include = ["*.conf"]
exclude = ["old/**"]

[per-file-ignores]
"experiments/*.yaml" = ["LR001"]

[facts]
world_size = 8

[dialect.ours]
keys = { step_size = "learning_rate" }
"""


def test_every_setting(tmp_path: Path) -> None:
    path = tmp_path / "hpadvise.toml"
    path.write_text(FULL)
    assert load(path) == Settings(
        path=path,
        select=("LR", "BAT001"),
        ignore=("REG",),
        extend_select=("NEW001",),
        fail_on="error",
        profile="textbook",
        include=("*.conf",),
        exclude=("old/**",),
        per_file_ignores={"experiments/*.yaml": ("LR001",)},
        facts={"world_size": 8},
        dialects={"ours": {"keys": {"step_size": "learning_rate"}}},
    )
    assert load(path).root == tmp_path


def test_the_nearest_file_upwards_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    (tmp_path / "hpadvise.toml").write_text('fail-on = "note"')
    assert load().fail_on == "note"
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.other]\nhpadvise = 1\n')
    assert load().fail_on == "note"
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.hpadvise]\nfail-on = "never"\n')
    assert load().fail_on == "never"
    (tmp_path / "a" / "hpadvise.toml").write_text('fail-on = "error"')
    assert load().fail_on == "error"


def test_no_settings_are_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().fail_on is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []", "has no setting `selct`; did you mean `select`?"),
        ("fail-on = 'warn'", "`fail-on` is to be one of error, warning, note, never, not 'warn'"),
        ("fail-on = 'warn'", "did you mean `warning`?"),
        ("profile = 3", "`profile` is to be one of auto, textbook, not 3"),
        ("select = [1]", "`select` is to be a list of texts, not [1]"),
        ("facts = 1", "`facts` is to be a table, not 1"),
        ("per-file-ignores = ['a']", "`per-file-ignores` is to be a table of lists of codes by pattern"),
        ("[dialect]\nours = 1", "`dialect` is to be a table of tables, one for each dialect"),
        ("a = = 1", "not TOML: Invalid value (at line 1, column 5)"),
        ("a" + "[" * 5000, "not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "hpadvise.toml"
    path.write_text(text)
    with pytest.raises(CallError) as problem:
        load(path)
    assert str(path) in str(problem.value)
    assert said in str(problem.value)


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="cannot be read: No such file or directory"):
        load(tmp_path / "none.toml")
    with pytest.raises(CallError, match="cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(CallError, match="not UTF-8"):
        load(tmp_path / "latin.toml")


def test_in_pyproject_the_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool]\nhpadvise = 3\n")
    with pytest.raises(CallError, match=r"\[tool.hpadvise\] of .*pyproject.toml is not a table"):
        load(path)
