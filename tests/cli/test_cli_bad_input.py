"""Files as they should not be: each gets one clear line with its place, and the others are checked all the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor import cli

SOUND = '{"learning_rate": 0.001, "optimizer": "adam"}'
#: Ten times slower than it has ever to be, so that a busy machine does not fail the test.
PATIENCE = 120


def write(name: str, content: str | bytes) -> Callable[[], None]:
    """Makes a file of the current folder."""
    return lambda: Path(name).write_bytes(content if isinstance(content, bytes) else content.encode()) and None


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


UNUSABLE: dict[str, tuple[Callable[[], object], str]] = {
    "missing": (lambda: None, "bad.json: error: there is no such file"),
    "empty": (write("bad.json", ""), "bad.json:1:1: error: the file is empty"),
    "only spaces": (write("bad.json", " \n\n"), "bad.json:1:1: error: the file is empty"),
    "binary": (write("bad.json", bytes(range(256))), "bad.json:1:1: error: this is a binary file, not a text"),
    "not UTF-8": (
        write("bad.json", '{"a": "café"}'.encode("latin-1")),
        "bad.json:1:11: error: not UTF-8 text: byte 0xe9 does not belong there",
    ),
    "truncated JSON": (
        write("bad.json", '{"learning_rate": 0.001,\n "optimizer": "ad'),
        "bad.json:2:15: error: not valid JSON: a text that never ends",
    ),
    "truncated YAML": (
        write("bad.yaml", "learning_rate: 0.001\nbetas: [0.9,"),
        "bad.yaml:2:13: error: not valid YAML: did not find expected node content (while parsing a flow node)",
    ),
    "truncated TOML": (
        write("bad.toml", "learning_rate = 0.001\nbetas = [0.9,"),
        "bad.toml:2:14: error: not valid TOML: Invalid value at the end of the text",
    ),
    "deep JSON": (write("bad.json", "[" * 100_000 + "]" * 100_000), "bad.json:1:101: error: nested more than 100"),
    "deep open JSON": (write("bad.json", '{"a":' * 100_000), "bad.json:1:501: error: nested more than 100 levels deep"),
    "deep YAML": (write("bad.yaml", "[" * 500 + "]" * 500), "bad.yaml:1:101: error: nested more than 100"),
    "deep TOML": (
        write("bad.toml", "a = " + "[" * 100_000 + "]" * 100_000),
        "bad.toml:1:105: error: nested more than 100 levels deep",
    ),
    "alias bomb": (
        write(
            "bad.yaml",
            "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(30)),
        ),
        "bad.yaml:6:10: error: aliases stand for more than 100,000 values",
    ),
    "duplicate key in TOML": (
        write("bad.toml", "learning_rate = 0.1\nlearning_rate = 0.2\n"),
        "bad.toml:2:20: error: not valid TOML: Cannot overwrite a value",
    ),
    "broken link": (lambda: Path("bad.json").symlink_to("nowhere.json"), "bad.json: error: a link to nothing"),
    "link to itself": (
        lambda: Path("bad.json").symlink_to("bad.json"),
        "bad.json: error: a link that leads back to itself",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_gives_status_2_and_hides_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, line = UNUSABLE[name]
    make()
    write("other.json", '{"learning_rate": -1}')()
    bad = line.partition(":")[0]
    assert cli.main(["check", bad, "other.json"]) == 2
    out, err = capsys.readouterr()
    first, second, last = out.splitlines()
    assert first.startswith(line)
    assert second == "other.json:1:19: TYP004 error learning rate is -1, but must be at least 0"
    assert last == "1 error in 1 of 1 file; 1 file could not be used"
    assert err == ""
    assert cli.main(["check", "--format", "json", bad, "other.json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert [entry["status"] for entry in document["files"]] == ["failed", "checked"]
    assert document["files"][0]["problem"]
    assert document["summary"]["failed"] == 1


WRONG = {
    "duplicate key in JSON": (
        "bad.json",
        '{"learning_rate": 0.001,\n "learning_rate": 0.01}',
        "bad.json:2:2: KEY001 warning `learning_rate` is given twice (first at line 1); "
        "parsers silently keep one of the two",
    ),
    "duplicate key in YAML": (
        "bad.yaml",
        "learning_rate: 0.001\nlearning_rate: 0.01\n",
        "bad.yaml:2:1: KEY001 warning `learning_rate` is given twice (first at line 1); "
        "parsers silently keep one of the two",
    ),
    "NaN in JSON": (
        "bad.json",
        '{"learning_rate": NaN}',
        "bad.json:1:19: TYP003 error learning rate is nan, which is no number to train with",
    ),
    "infinity in YAML": (
        "bad.yaml",
        "optimizer: adam\nlearning_rate: .inf\n",
        "bad.yaml:2:16: TYP003 error learning rate is inf, which is no number to train with",
    ),
    "CRLF": (
        "bad.yaml",
        "optimizer: adam\r\nlearning_rate: -1\r\n",
        "bad.yaml:2:16: TYP004 error learning rate is -1, but must be at least 0",
    ),
    "byte order mark": (
        "bad.json",
        '\ufeff{"learning_rate": -1}',
        "bad.json:1:19: TYP004 error learning rate is -1, but must be at least 0",
    ),
    "a name that is no text": (
        os.fsdecode(b"bad\xff.json"),
        '{"learning_rate": -1}',
        "bad\\udcff.json:1:19: TYP004 error learning rate is -1, but must be at least 0",
    ),
    "a line break in the name": (
        "bad\n.json",
        '{"learning_rate": -1}',
        "bad\\n.json:1:19: TYP004 error learning rate is -1, but must be at least 0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_can_be_used_but_is_wrong_is_a_finding(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, content, line = WRONG[name]
    write(path, content)()
    assert cli.main(["check", path]) == 1
    assert capsys.readouterr().out.splitlines()[0] == line
    cli.main(["check", path, "--format", "json"])
    (entry,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["files"]
    assert entry["path"] == path


@pytest.mark.parametrize("digits", [400, 5000])
def test_an_absurd_integer_is_a_finding(digits: int, capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.json", '{"batch_size": ' + "9" * digits + "}")()
    assert cli.main(["check", "bad.json"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        f"bad.json:1:16: TYP002 error batch size per device is an integer of {digits} digits, "
        "which is not a number to train with\n"
    )
    cli.main(["check", "bad.json", "--format", "json"])
    json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("content", ["[1, 2, 3]", "42", '"text"', "null"])
def test_a_list_or_a_scalar_at_the_top_holds_nothing_to_check(content: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.json", content)()
    assert cli.main(["check", "bad.json"]) == 0
    assert capsys.readouterr().err == ""


def test_a_tag_is_data_and_never_made_into_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.yaml", "learning_rate: -1\nx: !!python/object/apply:os.mkdir [made]\n")()
    assert cli.main(["check", "bad.yaml"]) == 1
    assert not Path("made").exists()


def test_the_same_file_twice_is_checked_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.json", '{"learning_rate": -1}')()
    assert cli.main(["check", "bad.json", "./bad.json", "."]) == 1
    assert capsys.readouterr().out.count("TYP004") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_that_may_not_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.json", SOUND)()
    Path("bad.json").chmod(0)
    assert cli.main(["check", "bad.json"]) == 2
    assert capsys.readouterr().out.startswith("bad.json: error: cannot be opened: Permission denied")


def test_a_directory_named_like_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.json").mkdir()
    assert cli.main(["check", "bad.json"]) == 0
    assert capsys.readouterr().out == "No training config found\n"


TEN_MEGABYTES = {
    "big.json": lambda: '{"learning_rate": 0.001, "data": [' + ", ".join(["1.5"] * 2_000_000) + "]}",
    "big.yaml": lambda: "learning_rate: 0.001\n" + "".join(f"key{i}: {'word ' * 40}\n" for i in range(50_000)),
    "long.json": lambda: '{"note": "' + "x" * 10_000_000 + '", "learning_rate": -1}',
}


@pytest.mark.parametrize(("path", "status"), [("big.json", 0), ("big.yaml", 0), ("long.json", 1)])
def test_ten_megabytes_take_no_longer_than_a_person_waits(path: str, status: int) -> None:
    write(path, TEN_MEGABYTES[path]())()
    assert Path(path).stat().st_size >= 10_000_000
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "check", path],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert len(done.stdout) < 300


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, where in ((None, "<stdin>"), ("train.json", "train.json")):
        read, wrote = os.pipe()
        os.write(wrote, b'{"learning_rate": -1}')
        os.close(wrote)
        with os.fdopen(read) as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            assert cli.main(["check", "-", *(["--stdin-filename", name] if name else [])]) == 1
        assert capsys.readouterr().out.splitlines()[0] == (
            f"{where}:1:19: TYP004 error learning rate is -1, but must be at least 0"
        )


@pytest.mark.parametrize(
    ("stream", "words", "status"),
    [
        ("stdout", ["check", "bad.json"], 1),
        ("stderr", ["check", "--format", "nothing"], 2),
        ("stdin", ["check", "-"], 2),
    ],
)
def test_a_closed_stream_is_no_defect(
    stream: str, words: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bad.json", '{"learning_rate": -1}')()
    monkeypatch.setattr(f"sys.{stream}", None)
    assert cli.main(words) == status


@pytest.mark.parametrize("values", ["learning_rate=a..b", "batch_size=", "batch_size=16,x"])
def test_numbers_are_chosen_from_numbers(values: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("suggest", "space"):
        assert cli.main([command, "--within", values]) == 2
        name = values.partition("=")[0]
        assert re.match(rf"hpadvise: within: {name} is a (whole )?number at least \d; ", capsys.readouterr().err)
