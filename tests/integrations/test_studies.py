"""A study of suggestions end to end, with short trainings of the learners that need scikit-learn alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests_engine import engine

engine("sklearn")

ROOT = Path(__file__).resolve().parent.parent.parent


def _run(cache: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.studies", "boosting-diabetes", "--quick", "--jobs", "1"]
    command += ["--cache", str(cache), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_study_runs_and_is_repeated_by_its_seeds(tmp_path: Path) -> None:
    first = _run(tmp_path / "first")
    figures = json.loads(first.splitlines()[-1])
    assert figures["scale"] == {"seeds": 1, "pool": 4, "repeats": 1}
    assert set(figures["regret_and_trials"]) == {"boosting-diabetes", "all"}
    who = ["suggested", "defaults", "random 1", "random 4", "random 16", "random 64"]
    assert list(figures["regret_and_trials"]["boosting-diabetes"]) == who
    assert figures["regret_and_trials"]["boosting-diabetes"]["random 64"] == [0.0, 4.0]
    assert _run(tmp_path / "second") == first


def test_what_was_trained_is_not_trained_again(tmp_path: Path) -> None:
    first = _run(tmp_path)
    kept = tmp_path / "losses.jsonl"
    lines = kept.read_text().splitlines()
    assert len(lines) == 6
    kept.write_text("".join(f"{json.dumps([json.loads(line)[0], 1.0])}\n" for line in lines))
    assert _run(tmp_path) != first
    assert len(kept.read_text().splitlines()) == 6
