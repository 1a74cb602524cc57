"""The published hook, run by the real pre-commit over a repository as people have them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"

#: Files of the kinds that the hook looks at, and that have nothing to do with training.
UNRELATED = {
    "docker-compose.yml": "services:\n  web:\n    image: nginx\n    ports: ['80:80']\n",
    "package.json": '{"name": "site", "version": "1.0.0", "scripts": {"build": "make"}}\n',
    "setup.cfg": "[metadata]\nname = thing\n\n[flake8]\nmax-line-length = 100\n",
    "pyproject.toml": "[project]\nname = 'thing'\nversion = '1.0'\n",
    "mkdocs.yml": "site_name: docs\nmarkdown_extensions:\n  - x:\n      f: !!python/name:material.emoji.twemoji\n",
    "chart/templates/app.yaml": "{{- if .Values.enabled }}\nkind: Service\n{{- end }}\n",
    "tsconfig.json": '{\n  // comments are usual here\n  "compilerOptions": {"strict": true,},\n}\n',
}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def hook() -> dict[str, object]:
    """The published hook, but run from this checkout instead of an environment that pre-commit installs."""
    (published,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert published["language"] == "python"
    command, _, rest = published["entry"].partition(" ")
    assert command == "hpadvise"
    return {**published, "language": "system", "entry": f'"{sys.executable}" -m advisor {rest}'}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    config = {"repos": [{"repo": "local", "hooks": [hook()]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "the hook")
    return folder


def run_hooks(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git(folder, "add", "-A")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color=never", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PRE_COMMIT_HOME": str(folder.parent / "home"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )


def test_sound_and_unrelated_files_pass(repository: Path) -> None:
    shutil.copytree(EXAMPLES / "sound", repository / "configs")
    for name, text in UNRELATED.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result = run_hooks(repository, "--all-files", "--verbose")
    assert result.returncode == 0, result.stdout
    assert "Passed" in result.stdout
    assert run_hooks(repository).stdout.count("\n") == 1


@pytest.mark.parametrize("name", sorted(path.name for path in (EXAMPLES / "faulty").iterdir()))
def test_a_faulty_config_stops_the_commit(repository: Path, name: str) -> None:
    (repository / name).write_text((EXAMPLES / "faulty" / name).read_text())
    result = run_hooks(repository)
    assert result.returncode == 1
    assert "exit code: 1" in result.stdout
    assert f"{name}:" in result.stdout


def test_other_files_do_not_start_the_hook(repository: Path) -> None:
    (repository / "train.py").write_text("learning_rate = 10\n")
    assert "no files to check" in run_hooks(repository).stdout


@pytest.mark.skipif(
    not os.environ.get("HPADVISE_TEST_INSTALL"), reason="installs from a registry; set HPADVISE_TEST_INSTALL=1"
)
def test_pre_commit_installs_the_hook_from_the_repository(repository: Path) -> None:
    (repository / "train.yaml").write_text((EXAMPLES / "faulty" / "lora-sft.yaml").read_text())
    git(repository, "add", "-A")
    result = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", "--color=never", str(ROOT), "hpadvise", "--all-files"],
        cwd=repository,
        env={**os.environ, "PRE_COMMIT_HOME": str(repository.parent / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert "train.yaml:" in result.stdout, result.stdout + result.stderr
    assert "exit code: 1" in result.stdout
