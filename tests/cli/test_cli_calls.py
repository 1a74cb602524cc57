"""What the command line makes of its arguments, and what it does where a call cannot be carried out."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from advisor import cli, engine, show
from advisor.cli import options, output
from advisor.findings import CallError, FileReport, Finding, Place, Reading, Report

ROOT = Path(__file__).resolve().parents[2]
NOTE = Finding("LR001", "n", "note", "a note", place=Place("a.json", "lr", 2, 3))


class Engine:
    """Stands in for the engine: keeps what it was asked for, and answers with what the test wants."""

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        self.options: dict[str, Any] = {}
        self.answer: Report | Exception = Report(())

    def __call__(self, paths: Any, asked: engine.Options) -> Any:
        self.paths = tuple(paths)
        self.options = asdict(asked)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    made = Engine()
    monkeypatch.setattr(engine, "check_paths", made)
    monkeypatch.chdir(tmp_path)
    return made


def test_a_call_without_options_asks_for_the_defaults(fake: Engine) -> None:
    assert cli.main(["check"]) == 0
    assert fake.paths == (".",)
    wanted = {
        "facts": {},
        "dialect": None,
        "profile": "auto",
        "select": None,
        "ignore": (),
        "extend_select": (),
        "fail_on": "warning",
        "companions": (),
        "show_unchecked": False,
        "target": (),
        "jobs": None,
        "stdin_filename": None,
    }
    assert {name: fake.options[name] for name in wanted} == wanted


def test_every_option_reaches_the_engine(fake: Engine) -> None:
    call = (
        "check a.yaml - --set world_size=8 --set fine-tuning=true --set task=LLM=SFT --set world_size=16"
        " --select LR,BAT001 --select REG --ignore LR002 --extend-select NEW --fail-on note --profile textbook"
        " --dialect axolotl --with ds.json --show-unchecked --target transformers==5.1 --jobs 3 --stdin-filename x.json"
    )
    assert cli.main(call.split()) == 0
    assert fake.paths == ("a.yaml", "-")
    wanted = {
        "facts": {"world_size": 16, "fine_tuning": True, "task": "LLM=SFT"},
        "dialect": "axolotl",
        "profile": "textbook",
        "select": ("LR", "BAT001", "REG"),
        "ignore": ("LR002",),
        "extend_select": ("NEW",),
        "fail_on": "note",
        "companions": ("ds.json",),
        "show_unchecked": True,
        "target": ("transformers==5.1",),
        "jobs": 3,
        "stdin_filename": "x.json",
    }
    assert {name: fake.options[name] for name in wanted} == wanted


def test_the_command_line_outweighs_the_settings(fake: Engine, tmp_path: Path) -> None:
    (tmp_path / "hpadvise.toml").write_text(
        'select = ["A"]\nignore = ["B"]\nextend-select = ["C"]\nfail-on = "note"\nprofile = "textbook"\n'
        "[facts]\nworld_size = 2\nmodel = 'x'\n"
    )
    cli.main(["check"])
    assert fake.options["select"] == ("A",)
    assert (fake.options["ignore"], fake.options["fail_on"], fake.options["profile"]) == (("B",), "note", "textbook")
    cli.main("check --select D --extend-select E --fail-on never --profile auto --set world_size=4".split())
    assert (fake.options["select"], fake.options["extend_select"]) == (("D",), ("C", "E"))
    assert (fake.options["fail_on"], fake.options["profile"]) == ("never", "auto")
    assert fake.options["facts"] == {"world_size": 4, "model": "x"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("-1", -1),
        ("1_000", 1000),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("2.", 2.0),
        ("TRUE", True),
        ("false", False),
        ("null", None),
        ("None", None),
        ("4x8", "4x8"),
        ("RTX 2080 Ti", "RTX 2080 Ti"),
        ("discrete(3)", "discrete(3)"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("", ""),
        ("٣", "٣"),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_values_as_typed(text: str, value: object) -> None:
    parsed = options.parse_value(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(()), 0),
        (Report((FileReport("a", "checked", findings=(NOTE,)),)), 0),
        (Report((FileReport("a", "checked", findings=(NOTE,)),), fail_on="note"), 1),
        (Report((FileReport("a", "failed", problem="x"), FileReport("b", "checked", findings=(NOTE,)))), 2),
        (Report((FileReport("a", "failed", problem="x", counts=False),)), 0),
    ],
)
def test_the_status_is_the_report_s(fake: Engine, report: Report, status: int) -> None:
    fake.answer = report
    assert cli.main(["check"]) == status


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("check --frmat json", "No such option '--frmat'. Did you mean '--format'?\nTry `hpadvise check --help`."),
        ("check --fail-on loud", "Invalid value for '--fail-on': 'loud' is not one of"),
        ("check --jobs 0", "Invalid value for '--jobs': 0 is not in the range x>=1."),
        ("check --set world_size", "--set takes pairs such as --set world_size=8, not `world_size`"),
        ("check --set =3", "--set takes pairs such as --set world_size=8, not `=3`"),
        ("check --config none.toml", "the settings none.toml cannot be read: No such file or directory"),
        ("check --output no/such/folder", "cannot write no/such/folder: No such file or directory"),
        ("chekc x", "there is no command `chekc`; did you mean `check`?"),
        ("configs", "there is no command `configs`; to check it: hpadvise check configs"),
        ("frobnicate", "no command `frobnicate`. Commands: check, suggest, scale, space, explain, rules, show"),
        ("--frobnicate", "No such option '--frobnicate'."),
        ("rules --select NO,NON", "no rule has a code that begins with NO or NON"),
        ("explain larning_rate", "nothing is called 'larning_rate'; did you mean 'learning_rate'?"),
        ("suggest none.yaml", "none.yaml: there is no such file"),
        ("suggest --within batch_size", "--within takes pairs such as --within batch_size=16,32, not `batch_size`"),
        ("suggest --within batch_size=9..3", "the range of batch_size ends below its beginning"),
        ("suggest --set dataset_sze=4", "no parameter or fact is called 'dataset_sze'; did you mean 'dataset_size'?"),
        ("suggest --want lerning_rate", "no parameter is called 'lerning_rate'; did you mean 'learning_rate'?"),
        ("scale --from 3", "Missing option '--lr', or PATH to read it from."),
        ("scale --lr nan --from 3", "Invalid value for '--lr': `nan` is not a finite number"),
        ("scale --lr 1e-3", "the batch size now is missing: --from"),
        ("scale --lr 1e-3 --to-width 8", "--to-width needs --from-width"),
        ("scale --lr 1e-3 --to-lora --from 8", "--from has no use with --to-lora"),
        ("scale --lr 1e-3 --from 8 --weight-decay 1", "--weight-decay has no use in a move to another batch size"),
        ("scale --lr 1e-3 --from 8 --to 16 --rule inverse", "a larger batch never calls for a lower rate"),
        ("scale --lr 1e-3 --from 8 --to -1", "must be a positive finite number, not -1"),
    ],
)
def test_a_call_that_cannot_be_carried_out(
    fake: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, call: str, said: str
) -> None:
    (tmp_path / "configs").mkdir()
    assert cli.main(call.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("hpadvise: ")
    assert said in err


@pytest.mark.parametrize(
    "call", ["check --format json --frob", "check --frob --format=json", "check call --format json"]
)
def test_json_is_a_document_even_then(fake: Engine, capsys: pytest.CaptureFixture[str], call: str) -> None:
    fake.answer = CallError("no fact is called 'a'")
    assert cli.main(call.split()) == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["schema"], document["files"]) == ("hpadvise/report/1", [])
    assert document["problem"] in err
    assert set(document["summary"].values()) == {0}


def test_a_defect_of_ours_is_a_sentence_and_on_request_a_traceback(
    fake: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.answer = RuntimeError("boom")
    assert cli.main(["check"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "hpadvise: internal error (RuntimeError: boom); this is a defect of hpadvise, please report it."
    )
    assert err.count("\n") == 1
    monkeypatch.setenv(cli.TRACEBACK_VARIABLE, "1")
    cli.main(["check"])
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_quietly(fake: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    fake.answer = KeyboardInterrupt()  # type: ignore[assignment]
    assert cli.main(["check"]) == 130
    assert capsys.readouterr().out == ""


def test_output_into_a_file(fake: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fake.answer = Report((FileReport("a\udcff.json", "checked", findings=(NOTE,)),), fail_on="note")
    assert cli.main(["check", "--output", "report.txt"]) == 1
    assert capsys.readouterr().out == ""
    assert (tmp_path / "report.txt").read_text().startswith("a.json:2:3: LR001 note a note\n")


def test_help_names_the_commands_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [shown.index(f"\n  {name} ") for name in cli.COMMANDS] == sorted(
        shown.index(f"\n  {name} ") for name in cli.COMMANDS
    )


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert (out, err[:22]) == ("", "Usage: hpadvise [OPTIO")


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: hpadvise {command} ")


def test_choices_and_ranges_to_stay_within() -> None:
    assert options.parse_within(["batch-size=16,32", "learning_rate=1e-5..1e-3", "optimizer=adamw"]) == {
        "batch_size": [16, 32],
        "learning_rate": (1e-5, 1e-3),
        "optimizer": ["adamw"],
    }


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == "hpadvise 0.1.0\n"


class Terminal(io.StringIO):
    """A stream that says what a test wants of it."""

    def __init__(self, terminal: bool, encoding: str) -> None:
        super().__init__()
        self._terminal, self._encoding = terminal, encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_unless_the_environment_says_otherwise(
    terminal: bool, environment: dict[str, str], colour: bool
) -> None:
    look = output.look(Terminal(terminal, "utf-8"), environment)
    assert (look.terminal, look.colour) == (terminal, colour)


def test_the_width_is_the_terminal_s_or_what_columns_says() -> None:
    widths = [output.look(Terminal(terminal, "utf-8"), {"COLUMNS": text}).width for terminal, text in WIDTHS]
    assert widths == [90, 120, 100, 100, 100]


WIDTHS = [(True, "90"), (True, "300"), (True, "0"), (True, "wide"), (False, "90")]


def test_a_stream_that_cannot_encode_the_drawing_gets_ascii() -> None:
    assert output.look(Terminal(True, "utf-8"), {}).unicode
    assert not output.look(Terminal(True, "ascii"), {}).unicode
    assert not output.look(Terminal(True, "latin-1"), {}).unicode


def test_show_gives_status_2_for_what_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "read_paths", lambda _paths, _options: [Reading("a.json", problem="it is empty")])
    assert cli.main(["show", "a.json"]) == 2
    assert capsys.readouterr().out == "a.json\n\ncould not be read: it is empty\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    code = (
        "import sys; from advisor.cli.output import write; write('x' * 99 + '\\n' for _ in range(100_000)); sys.exit(7)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 7
    assert process.stderr.read() == b""
    process.stderr.close()
