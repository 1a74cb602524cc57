"""The packs as one bundle: built and validated, kept on disk, and never stale or broken without being noticed."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from advisor import packs, store
from advisor.packs import PackError

ROOT = Path(__file__).resolve().parent.parent

RULE = """
[[rule]]
code = "LR901"
name = "too-high"
summary = "s"
why = "w"
severity = "warning"
parameter = "learning_rate"
[[rule.range]]
high = 1
source = "x"
"""


def build(**files: str) -> dict[str, Any]:
    """A bundle of files given as `rules__a="..."`."""
    return packs.build([(f"{name.replace('__', '/')}.toml", text.encode()) for name, text in files.items()])


# ---- building --------------------------------------------------------------------------------------------------------


def test_files_of_a_room_are_one_table() -> None:
    built = build(
        vocabulary__a='[choice.optimizer.adam]\ntitle = "Adam"',
        vocabulary__b='[choice.optimizer.sgd]\ntitle = "SGD"',
        rules__a=RULE,
        rules__sources='[x]\ncite = "X"',
        rules__other="[table]\nkey = 1",
    )
    assert built["vocabulary"]["choice"]["optimizer"] == {"adam": {"title": "Adam"}, "sgd": {"title": "SGD"}}
    assert built["rules"] == [
        {"code": "LR901", "name": "too-high", "severity": "warning", "parameter": "learning_rate"}
    ]
    assert built["told"] == {"LR901": {"summary": "s", "why": "w", "range": [{"high": 1.0, "source": "x"}]}}
    assert (built["sources"], built["other"]) == ({"x": {"cite": "X"}}, {"other": {"table": {"key": 1}}})


def test_spellings_are_found_by_their_last_word() -> None:
    head = '[parameter.learning_rate]\ntitle = "t"\nkind = "number"\ndescription = "d"\ncategory = "c"\n'
    built = build(vocabulary__a=head + 'aliases = ["lr", "optimizer.lr", { key = "eta", under = "sgd" }]')
    name = "learning_rate"
    assert built["vocabulary"]["spellings"] == {
        "lr": [(name, 0, "lr"), (name, 1, "optimizer.lr")],
        "eta": [(name, 2, {"key": "eta", "under": "sgd"})],
        name: [(name, 3, name)],
    }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"rules__a": "[[rule]"}, "rules/a.toml: "),
        ({"rules__a": RULE.replace("severity", "severty")}, r"rules/a.toml: rule.0.severity \(LR901\): Field required"),
        ({"rules__a": RULE.replace("high = 1", "high = 1\nlow = 2")}, r"\(LR901\).* low 2.0 is above high 1.0"),
        ({"rules__a": RULE.replace("parameter =", 'require = "a <"\nparameter =')}, r"rule.0.require \(LR901\)"),
        ({"rules__a": RULE.replace("[[rule.range]]", "[[rule.rnge]]")}, "rule.0.rnge"),
        ({"vocabulary__a": "[parameter.x]\ntitle = 1"}, "vocabulary/a.toml: parameter.x.title"),
        ({"dialects__a": 'title = "no name"'}, "dialects/a.toml: name"),
        ({"dialects__a": 'name = "a"\nparent = "b"'}, "dialect a: unusable parent 'b'"),
        ({"dialects__a": 'name = "a"\nparent = "b"', "dialects__b": 'name = "b"\nparent = "a"'}, "unusable parent"),
        ({"rules__sources": '[x]\ntitle = "no citation"'}, "rules/sources.toml: x: cite"),
        (
            {"vocabulary__a": '[derived.x]\nformulas = ["1"]', "vocabulary__b": '[derived.x]\nformulas = ["2"]'},
            "vocabulary/b.toml: derived.x is defined twice",
        ),
        (
            {"rules__sources": '[x]\ncite = "1"', "rules__sources_b": '[x]\ncite = "2"'},
            "rules/sources_b.toml: sources.x is defined twice",
        ),
        ({"rules__suggest__a": "[limit]"}, r"rules/suggest/a.toml: holds tables of kinds of run"),
        (
            {"rules__suggest": 'order = ["x"]', "rules__suggest__a": "[kind.x]\n[kind.y]"},
            "rules/suggest.toml: order: y on one side only",
        ),
        (
            {"vocabulary__a": '[choice.x.y]\ntitle = "1"', "vocabulary__b": '[choice.x.y]\ntitle = "2"'},
            "vocabulary/b.toml: choice.x.y is defined twice",
        ),
    ],
)
def test_a_mistake_in_a_pack_is_told_with_its_place(files: dict[str, str], words: str) -> None:
    with pytest.raises(PackError, match=words):
        build(**files)


def test_a_dialect_inherits_what_it_does_not_restate() -> None:
    built = build(
        dialects__a='name = "a"\nparent = "b"\n[keys]\nx = "epochs"\n[known]\nkeys = ["x"]\n[recognise.keys]\nq = 1.0',
        dialects__b='name = "b"\nparent = "c"\nlibrary = "lib"\n[keys]\nx = "seed"\ny = "seed"\n[known]\nkeys = ["y"]',
        dialects__c='name = "c"\nyaml_numbers = "text"\n[defaults]\nseed = 42\n[recognise.keys]\np = 1.0',
    )
    child = built["dialects"]["a"]
    assert child["keys"] == {"x": "epochs", "y": "seed"}
    assert child["known"]["keys"] == ["y", "x"]
    assert (child["library"], child["yaml_numbers"], child["defaults"]) == ("lib", "text", {"seed": 42})
    assert child["recognise"]["keys"] == {"q": 1.0}, "what recognises a dialect is its own"


# ---- the text of a bundle --------------------------------------------------------------------------------------------

BUILT = {"a": {"b": {"c": [1, 2]}, "d": {}}, "e": [3]}


def test_a_bundle_is_read_entry_by_entry() -> None:
    digest, tables = store.unpack(store.pack(BUILT, {"a": 1, "a.b": 1}, "0f"))
    assert digest == "0f"
    assert list(tables) == ["a", "e"]
    assert (len(tables), "a" in tables, "c" in tables) == (2, True, False)
    assert tables["a"]["b"]["c"] == [1, 2]
    assert tables["a"]["d"] == {}
    assert tables["e"] is tables["e"]
    with pytest.raises(KeyError):
        tables["a"]["nothing"]


DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda text: b"",
    lambda text: text[:-1],
    lambda text: text[5:],
    lambda text: text.replace(b"1", b"7"),
    lambda text: text.replace(b'{"a":[0', b'{"a":[9'),
    lambda text: b'{"digest":"0f","index":[]}\n' + b"%08x" % zlib.crc32(b'{"digest":"0f","index":[]}\n'),
    lambda text: b"[1]",
    lambda text: b"null",
    lambda text: b"{}",
    lambda text: b"[" * 99_999,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_bundle_is_none(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    path.write_bytes(damage(store.pack(BUILT, {}, "0f")))
    with pytest.raises(ValueError, match=r"\w"):
        store.unpack(path.read_bytes())
    assert store.load(str(path)) is None


# ---- keeping it ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, and small packs of which a bundle is made, so that building one costs nothing."""
    monkeypatch.setenv("HPADVISE_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules" / "types.toml"
    rule.write_text(RULE)
    os.utime(rule, (1e9, 1e9))
    monkeypatch.setattr(packs, "SHIPPED", str(tmp_path / "_bundle.jsonl"))
    monkeypatch.setattr(packs, "_sources", lambda: store.listing(str(tmp_path / "rules"), "rules"))
    yield tmp_path
    packs.bundle.cache_clear()


def codes() -> list[str]:
    """What a new process would have."""
    packs.bundle.cache_clear()
    return list(packs.bundle()["told"])


def never(*_: object) -> Any:
    raise AssertionError("the sources were looked into")


def edit(folder: Path, before: str, after: str, *, when: float | None = None) -> None:
    path = folder / "rules" / "types.toml"
    path.write_text(path.read_text().replace(before, after))
    if when is not None:
        os.utime(path, (when, when))


def test_a_second_start_does_not_look_into_the_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes() == ["LR901"]
    monkeypatch.setattr(store, "texts", never)
    assert codes() == ["LR901"]


def test_an_edit_is_noticed_by_its_time_even_where_the_size_stays(folder: Path) -> None:
    assert codes() == ["LR901"]
    edit(folder, "LR901", "LR902", when=1.1e9)
    assert codes() == ["LR902"]


def test_a_file_changed_a_moment_ago_is_looked_into(folder: Path) -> None:
    edit(folder, "LR901", "LR902")
    status = (folder / "rules/types.toml").stat()
    assert codes() == ["LR902"]
    edit(folder, "LR902", "LR903")
    os.utime(folder / "rules/types.toml", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert codes() == ["LR903"]


def test_a_touched_file_costs_no_new_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes() == ["LR901"]
    edit(folder, "", "", when=1.1e9)
    monkeypatch.setattr(packs, "build", never)
    assert codes() == ["LR901"]


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"digest": "x"}', b"\xff\xfe", b"[[[["])
@pytest.mark.parametrize("kind", ["bundle-*", "sources-*"])
def test_a_damaged_cache_is_made_anew(folder: Path, damage: bytes, kind: str) -> None:
    assert codes() == ["LR901"]
    (path,) = (folder / "cache").glob(kind)
    whole = path.read_bytes()
    for text in (damage, whole[: len(whole) // 2], whole.replace(b"LR901", b"LR777")):
        path.write_bytes(text)
        assert codes() == ["LR901"]
        assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_only_costs_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("no folder")
    monkeypatch.setenv("HPADVISE_CACHE_DIR", str(folder / "file"))
    assert codes() == ["LR901"]
    monkeypatch.setattr(store, "cache_folder", lambda: None)
    assert codes() == ["LR901"]


def test_a_write_that_fails_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(store.os, "replace", full)
    assert codes() == ["LR901"]
    assert list((folder / "cache").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_a_cache_is_for_its_owner_alone_and_no_planted_link_is_followed(folder: Path) -> None:
    old = os.umask(0)
    try:
        assert codes() == ["LR901"]
    finally:
        os.umask(old)
    cache = folder / "cache"
    assert {oct(path.stat().st_mode & 0o777) for path in (cache, *cache.iterdir())} == {"0o700", "0o600"}
    (folder / "precious").write_text("precious")
    for path in list(cache.iterdir()):
        path.unlink()
        path.symlink_to(folder / "precious")
    assert codes() == ["LR901"]
    assert (folder / "precious").read_text() == "precious"
    assert not any(path.is_symlink() for path in cache.iterdir())


def test_threads_of_one_process_may_build_at_once(folder: Path) -> None:
    cache = store.Cache(str(folder / "cache"))
    texts = [b"%d" % number * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: cache.keep("0f", text), texts * 4))
    (kept,) = (folder / "cache").iterdir()
    assert kept.read_bytes() in texts


def test_the_cache_keeps_few_bundles(folder: Path) -> None:
    for number in range(7):
        edit(folder, "LR9", "LR9", when=1e9 + number)
        edit(folder, f"LR90{number + 1}" if number else "LR901", f"LR90{number + 2}", when=1e9 + number)
        codes()
    kept = sorted(path.name.partition("-")[0] for path in (folder / "cache").iterdir())
    assert kept == ["bundle"] * 4 + ["sources"] * 4


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HPADVISE_CACHE_DIR": "/a"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/hpadvise"),
        ({"XDG_CACHE_HOME": "not/absolute"}, None),
        ({"HOME": "/c"}, "/c/.cache/hpadvise"),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HPADVISE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert store.cache_folder() == expected


def test_nobody_at_home_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HPADVISE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(store.os.path, "expanduser", lambda path: path)
    assert store.cache_folder() is None


# ---- the bundle of a wheel -------------------------------------------------------------------------------------------


def test_a_shipped_bundle_is_used_without_a_look_at_the_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packs.write_shipped(packs.SHIPPED)
    with monkeypatch.context() as patch:
        patch.setattr(store, "texts", never)
        assert codes() == ["LR901"]
    assert not (folder / "cache").exists()


@pytest.mark.parametrize("after", ["LR9021", "LR902"], ids=["another-size", "later-than-the-installation"])
def test_a_shipped_bundle_of_edited_sources_is_not_used(folder: Path, after: str) -> None:
    packs.write_shipped(packs.SHIPPED)
    later = Path(packs.SHIPPED).stat().st_mtime + 3600
    edit(folder, 'code = "LR901"', f'code = "{after}"'.replace("21", "2"), when=later)
    if after == "LR9021":
        edit(folder, "high = 1", "high = 10", when=1e9)
    assert codes() == ["LR902"]


def test_an_installation_whose_times_tell_nothing_is_compared_by_contents(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs.write_shipped(packs.SHIPPED)
    edit(folder, "", "", when=Path(packs.SHIPPED).stat().st_mtime + 3600)
    monkeypatch.setattr(packs, "build", never)
    assert codes() == ["LR901"]


# ---- the real one ----------------------------------------------------------------------------------------------------

BUILD = "from advisor import packs; print(len(packs.bundle()['rules']))"


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "HPADVISE_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BUILD]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = {process.communicate()[0] for process in running}
    assert len(counts) == 1
    assert [process.returncode for process in running] == [0, 0]
    assert {path.name.partition("-")[0] for path in (tmp_path / "cache").iterdir()} <= {"bundle", "sources"}


def test_no_rule_is_silenced_in_a_circle() -> None:
    causes = {rule["code"]: tuple(rule.get("suppressed_by", ())) for rule in packs.bundle()["rules"]}

    def above(code: str, seen: tuple[str, ...]) -> None:
        assert code not in seen, f"{' <- '.join((*seen, code))}"
        for other in causes:
            if other != code and other.startswith(causes[code]):
                above(other, (*seen, code))

    for code in causes:
        above(code, ())
