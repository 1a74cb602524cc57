"""Values set in a text: what was asked for is there, and every other byte as before."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.document import parse_key
from advisor.editing import EditError, edited, replace_file
from advisor.literals import DOCUMENTS, toml_text, yaml_text
from advisor.reading import read_bytes


def after_all(name: str, text: str, *changes: tuple[str, Any]) -> str:
    document = read_bytes(text.encode(), name)[0]
    return edited(document, [(parse_key(key), value) for key, value in changes])


CASES: dict[str, tuple[str, str, list[tuple[str, Any]], str]] = {
    "YAML: a null, an empty value and a number": (
        "a.yaml",
        "lr: null # later\nwd:\nbatch: 8   # small\n",
        [("lr", 3e-5), ("wd", 0.1), ("batch", 16)],
        "lr: 3.0e-05 # later\nwd: 0.1\nbatch: 16   # small\n",
    ),
    "YAML: behind the last key of its mapping": (
        "a.yaml",
        "optimizer:\n    name: adam # fast\n\n# what follows\nbatch: 8\n",
        [("optimizer.lr", 0.001), ("epochs", 3)],
        "optimizer:\n    name: adam # fast\n    lr: 0.001\n\n# what follows\nbatch: 8\nepochs: 3\n",
    ),
    "YAML: mappings on the way": (
        "a.yaml",
        "a: 1\n",
        [("trainer.optimizer.lr", 0.1), ("trainer.optimizer.wd", 0.2)],
        "a: 1\ntrainer:\n  optimizer:\n    lr: 0.1\n    wd: 0.2\n",
    ),
    "YAML: an empty mapping": ("a.yaml", "opt:\nb: 1\n", [("opt.lr", 0.1)], "opt: {lr: 0.1}\nb: 1\n"),
    "YAML: in a flow mapping": ("a.yaml", "opt: {name: adam}\n", [("opt.lr", 0.1)], "opt: {name: adam, lr: 0.1}\n"),
    "YAML: one more item of a list": (
        "a.yaml",
        "callbacks:\n  - name: Save # often\n",
        [("callbacks[1].name", "Stop"), ("callbacks[1].patience", 3)],
        "callbacks:\n  - name: Save # often\n  - name: Stop\n    patience: 3\n",
    ),
    "YAML: text that would be something else": (
        "a.yaml",
        "a: 1\n",
        [("b", "1e-4"), ("c", "no"), ("d", "x: y")],
        'a: 1\nb: "1e-4"\nc: "no"\nd: "x: y"\n',
    ),
    "YAML: line ends of Windows, and a last line without one": (
        "a.yaml",
        "a: 1\r\nb:\r\n  c: 2",
        [("b.d", 3), ("e", 4)],
        "a: 1\r\nb:\r\n  c: 2\r\n  d: 3\r\ne: 4",
    ),
    "YAML: below a text of several lines": ("a.yaml", "t: |\n  x\n  y\n", [("b", 1)], "t: |\n  x\n  y\nb: 1\n"),
    "YAML: in the first of several documents": ("a.yaml", "a: 1\n---\nb: 1\n", [("c", 2)], "a: 1\nc: 2\n---\nb: 1\n"),
    "JSON: on a line of its own": (
        "a.json",
        '{\n    "a": 1,\n    "b": {"c": null}\n}\n',
        [("b.c", 0.1), ("b.d", True), ("e", [1, 2])],
        '{\n    "a": 1,\n    "b": {"c": 0.1, "d": true},\n    "e": [1, 2]\n}\n',
    ),
    "JSON: with comments and a comma at the end": (
        "a.jsonc",
        '{\n  "a": 1, // one\n  "b": 2, // two\n}\n',
        [("c", 3)],
        '{\n  "a": 1, // one\n  "b": 2, // two\n  "c": 3,\n}\n',
    ),
    "JSON: behind a comment": ("a.jsonc", '{\n  "a": 1 // one\n}\n', [("b", 2)], '{\n  "a": 1, // one\n  "b": 2\n}\n'),
    "JSON: nothing there yet": ("a.json", "{}", [("a", 1), ("b.c", 2)], '{"a": 1, "b": {"c": 2}}'),
    "TOML: in its table": (
        "a.toml",
        "# top\nseed = 1\n\n[opt] # fast\nname = 'adam'\n\n[opt.more]\nx = 1\n",
        [("opt.lr", 3e-5), ("batch", 8), ("opt.more.y", 2), ("new.a", 1)],
        "# top\nseed = 1\nbatch = 8\n\n[opt] # fast\nname = 'adam'\nlr = 3e-05\n\n[opt.more]\nx = 1\ny = 2\n\n"
        "[new]\na = 1\n",
    ),
    "TOML: before the first table": ("a.toml", "[a]\nx = 1\n", [("lr", 0.1)], "lr = 0.1\n\n[a]\nx = 1\n"),
    "TOML: a table that only its subtable names": (
        "a.toml",
        "[a.b]\nx = 1\n",
        [("a.y", 2)],
        "[a.b]\nx = 1\n\n[a]\ny = 2\n",
    ),
    "TOML: in an inline table": ("a.toml", "a = {x = 1}\n", [("a.y", 2)], "a = {x = 1, y = 2}\n"),
    "INI: in its section": (
        "a.ini",
        "[train]\nlr = 1 \nempty =\n; more\n[opt]\nname=a\n",
        [("train.empty", 3), ("train.wd", 0.1), ("opt.z", True), ("new.q", "x")],
        "[train]\nlr = 1 \nempty = 3\nwd = 0.1\n; more\n[opt]\nname=a\nz = true\n\n[new]\nq = x\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_is_set_and_the_rest_stays(case: str) -> None:
    name, text, changes, expected = CASES[case]
    assert after_all(name, text, *changes) == expected


REFUSED = {
    "a format that is only read": ("a.py", "lr = 1\n", "wd", "python files are read, not written"),
    "a scalar on the way": ("a.yaml", "a: 1\n", "a.b", "a is a value here"),
    "a value at the top of an INI file": ("a.ini", "[a]\nx = 1\n", "lr", "needs a section"),
    "a list of tables": ("a.toml", "[[a]]\nx = 1\n", "a[1]", "a list of tables is not extended"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_set_is_refused(case: str) -> None:
    name, text, key, said = REFUSED[case]
    with pytest.raises(EditError, match=said):
        after_all(name, text, (key, 1))


def test_null_is_no_value_of_toml() -> None:
    with pytest.raises(EditError, match="TOML has no null"):
        after_all("a.toml", "a = 1\n", ("b", None))


KEYS = st.text("abcdefgh_", min_size=1, max_size=6)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12),
)
DATA = st.recursive(
    st.dictionaries(KEYS, SCALARS, min_size=1, max_size=4),
    lambda inner: st.dictionaries(KEYS, st.one_of(SCALARS, inner), min_size=1, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(data=DATA, path=st.lists(KEYS, min_size=1, max_size=3), value=SCALARS, form=st.sampled_from(list(DOCUMENTS)))
def test_an_edit_holds_or_is_refused(data: dict[str, Any], path: list[str], value: Any, form: str) -> None:
    text = DOCUMENTS[form](data)
    document = read_bytes(text.encode(), f"a.{form}")[0]
    assert document.data == data
    try:
        out = edited(document, [(tuple(path), value)])
    except EditError:
        return
    again = read_bytes(out.encode(), f"a.{form}")[0]
    assert again.get(tuple(path)) == value
    if document.get(tuple(path)) is None and form != "json":
        assert not set(text.splitlines()) - set(out.splitlines())


@pytest.mark.parametrize("value", [1e-5, 1e16, -2.5e-7, 1, True, "auto", "1_000", "a b", "", [1, "x"], {"a": None}])
def test_yaml_is_read_back(value: Any) -> None:
    import yaml

    assert yaml.safe_load(f"a: {yaml_text(value)}") == {"a": value}


def test_toml_quotes_what_it_must() -> None:
    assert toml_text({"a.b": ["x", 1e-5]}) == '{"a.b" = ["x", 1e-05]}'


def test_a_file_is_replaced_with_its_rights_and_through_links(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text("a: 1\n")
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    replace_file(link, b"a: 2\n")
    assert real.read_text() == "a: 2\n"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_a_failed_replacement_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        replace_file(path, b"a: 2\n")
    assert [found.name for found in tmp_path.iterdir()] == ["a.yaml"]
    assert path.read_text() == "a: 1\n"
