"""A wheel, an editable install and a plain checkout each find their own packs, and the wheel one package alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import advisor

ROOT = Path(__file__).resolve().parent.parent

LOCATE = """
import advisor, json, pathlib, sys
from advisor import packs
packs.bundle()
print(json.dumps({
    "package": str(pathlib.Path(advisor.__file__).parent),
    "rules": str(packs.rules_directory()),
    "rule_count": len(packs.bundle()["rules"]),
    "pydantic": "pydantic" in sys.modules,
}))
"""

#: What an installer asks the build backend for.
EDITABLE = """
import os, sys
root, dist = sys.argv[1:]
os.chdir(root)
from hatchling.build import build_editable
os.makedirs(dist)
build_editable(dist)
"""


def run(arguments: list[str], folder: Path) -> str:
    result = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, "HPADVISE_CACHE_DIR": str(folder / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def locate(folder: Path, preparation: str) -> dict[str, object]:
    """Where a fresh interpreter finds package and rules; `-S` keeps this environment's own installation out."""
    libraries = f"import sys, site; {preparation}; sys.path.append({sysconfig.get_paths()['purelib']!r})\n"
    found: dict[str, object] = json.loads(run([sys.executable, "-I", "-S", "-c", libraries + LOCATE], folder))
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)],
        folder,
    )
    (found,) = (folder / "dist").glob("*.whl")
    return found


def test_the_wheel_holds_one_package_with_the_packs_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"advisor"}
    assert {"advisor/rules/sources.toml", "advisor/_bundle.jsonl", "advisor/py.typed"} <= set(names)
    packs = [name for name in names if name.endswith(".toml")]
    assert len(packs) == len(list((ROOT / "rules").rglob("*.toml"))) + len(list((ROOT / "advisor").rglob("*.toml")))
    (metadata,) = [name for name in names if name.endswith("/entry_points.txt")]
    assert "hpadvise = advisor.cli:main" in zipfile.ZipFile(wheel).read(metadata).decode()


def test_an_installed_wheel_uses_the_bundle_it_came_with(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    found = locate(tmp_path, f"sys.path.insert(0, {str(site)!r})")
    assert found["package"] == str(site / "advisor")
    assert found["rules"] == str(site / "advisor" / "rules")
    assert found["rule_count"]
    assert not found["pydantic"], "the bundle was built again"
    assert not (tmp_path / "cache").exists()


def test_a_checkout_uses_the_rules_beside_the_package(tmp_path: Path) -> None:
    found = locate(tmp_path, f"sys.path.insert(0, {str(ROOT)!r})")
    assert (found["package"], found["rules"]) == (str(ROOT / "advisor"), str(ROOT / "rules"))
    assert list((tmp_path / "cache").glob("*.jsonl"))


def test_an_editable_install_uses_the_rules_where_they_are_edited(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    run([sys.executable, "-c", EDITABLE, str(ROOT), str(dist)], tmp_path)
    with zipfile.ZipFile(*dist.glob("*.whl")) as wheel:
        assert not [name for name in wheel.namelist() if name.endswith(".toml")]
        wheel.extractall(tmp_path / "site")
    found = locate(tmp_path, f"site.addsitedir({str(tmp_path / 'site')!r})")
    assert (found["package"], found["rules"]) == (str(ROOT / "advisor"), str(ROOT / "rules"))


def test_the_version_is_written_once(wheel: Path) -> None:
    assert wheel.name.startswith(f"hpadvise-{advisor.__version__}-")
