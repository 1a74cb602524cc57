"""Start-up is a feature: what a check of a clean file loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SLOW = {"pydantic", "tabulate", "yaml", "importlib.metadata", "tomllib", "tomli"}

RUN = """
import sys
from advisor.cli import main
status = main(sys.argv[1:])
print("\\n" + " ".join(sorted(sys.modules)))
raise SystemExit(status)
"""


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that the command line holds after a call, which must find nothing."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "HPADVISE_CACHE_DIR": str(folder / "cache"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return set(result.stdout.splitlines()[-1].split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.json").write_text((ROOT / "examples/sound/bert-classification.json").read_text())
    loaded(tmp_path, "check", "train.json")  # fills the cache
    return tmp_path


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_clean_check_of_json_loads_nothing_slow(folder: Path, form: str) -> None:
    modules = loaded(folder, "check", "--format", form, "train.json")
    assert not SLOW & modules
    assert "advisor.schema" not in modules


def test_importing_the_package_loads_none_of_it() -> None:
    code = "import sys, advisor; print([name for name in sys.modules if name.startswith('advisor.')])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert result.stdout.strip() == "[]"
