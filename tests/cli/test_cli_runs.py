"""The command line as people run it: in a terminal, over many files, and over files that others published."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from advisor import cli

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT.parent / "shared" / "corpus" / "dev"

LORA = """base_model: meta-llama/Llama-3.1-8B
adapter: lora
lora_r: 16
lora_alpha: 32
micro_batch_size: 4
gradient_accumulation_steps: 8
num_epochs: 3
learning_rate: 0.02
optimizer: adamw_torch
"""


@pytest.fixture
def lora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.yaml"
    path.write_text(LORA)
    return path


def in_a_terminal(*arguments: str, **environment: str) -> str:
    """What the command prints where its output is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "advisor", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "90", **environment},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    process.wait(60)
    return shown.decode().replace("\r\n", "\n")


def test_a_pipe_gets_lines_and_nothing_else(lora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", lora.name]) == 1
    out, err = capsys.readouterr()
    first, last = out.splitlines()
    assert first.startswith("train.yaml:8:16: LR001 warning learning rate 0.02 is 40x above the recommended ")
    assert last == "1 warning in 1 of 1 file"
    assert err == ""


def test_a_terminal_gets_colour_and_a_block(lora: Path) -> None:
    shown = in_a_terminal("check", lora.name, PYTHONUTF8="1", NO_COLOR="", FORCE_COLOR="")
    assert "\x1b[33mwarning\x1b[0m" in shown
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert re.search(r"\n    recommended  1e-4 to 5e-4, typically 2e-4\n +1e-4 ━+┿━+┄+●┄* 0.1\n", plain)
    assert "\n    suggested    learning_rate = 2e-4\n" in plain
    assert "\x1b" not in in_a_terminal("check", lora.name, NO_COLOR="1")


def test_a_terminal_without_unicode_gets_ascii(lora: Path) -> None:
    shown = in_a_terminal("check", lora.name, PYTHONIOENCODING="ascii", PYTHONUTF8="0", NO_COLOR="1")
    assert shown.isascii()
    assert re.search(r"1e-4 =+\+=+\.+O\.* 0.1", shown)


def test_an_effective_batch_becomes_visible(lora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["show", lora.name, "--set", "world_size=16"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"\n  global_batch_size +512 += 4 x 8 x 16\n", out)
    assert re.search(r"\n  batch_size +4 samples +line 5 +micro_batch_size\n", out)
    assert re.search(r"\n  world_size +16 devices +told\n", out)
    assert "read as axolotl, because of `base_model`" in out


def test_jobs_never_change_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(12):
        (tmp_path / f"{number}.yaml").write_text(LORA.replace("0.02", f"{number + 1}.0"))
    (tmp_path / "broken.json").write_text('{"learning_rate": ')
    shown = []
    for jobs in ("1", "3"):
        assert cli.main(["check", "--format", "json", "--jobs", jobs, str(tmp_path)]) == 2
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert json.loads(shown[0])["summary"] == {
        "files": 13,
        "checked": 12,
        "skipped": 0,
        "failed": 1,
        "errors": 0,
        "warnings": 12,
        "notes": 0,
    }


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="no published configs beside this checkout")
def test_published_configs_are_all_read_or_said_why_not(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    families = [str(folder) for folder in sorted(PUBLISHED.iterdir())[::4] if folder.is_dir()]
    status = cli.main(["check", "--format", "json", "--fail-on", "never", "--output", str(target), *families])
    document = json.loads(target.read_text(), parse_constant=pytest.fail)
    assert status in (0, 2)
    assert document["summary"]["files"] == len(document["files"]) > 100
    for file in document["files"]:
        assert file["status"] in ("checked", "skipped", "failed")
        assert bool(file["problem"]) is (file["status"] == "failed")
        for finding in file["findings"]:
            assert finding["line"] is None or finding["line"] >= 1
            assert finding["message"]
            assert "\n" not in finding["message"]
            assert len(finding["parameters"]) <= 4
