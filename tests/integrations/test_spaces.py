"""What `hpadvise space` writes is taken and run by the engines that it is written for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests_engine import engine

from advisor import cli

optuna = engine("optuna")

BERT = ["--set", "model=bert-base", "--set", "fine_tuning=true", "--set", "dataset_size=8000"]
CONDITIONAL = ["--set", "model=resnet50", "--set", "dataset_size=50000", "--want", "optimizer,learning_rate,momentum"]
SPACES = {"random": [*BERT, "--budget", "16"], "bayesian": [*BERT, "--budget", "40"], "grid": [*BERT, "--budget", "9"]}
SPACES["grid"] += ["--want", "learning_rate"]
SPACES["conditional"] = [*CONDITIONAL, "--budget", "40"]

TRAIN = """
import json, math, pathlib

def train(config):
    with pathlib.Path({log!r}).open("a") as log:
        log.write(json.dumps(config) + "\\n")
    return abs(math.log(config["learning_rate"] / 3e-5))
"""


def written(form: str, name: str, tmp_path: Path) -> Path:
    path = tmp_path / f"sweep_{name}.{'json' if 'json' in form or form == 'configspace' else 'py'}"
    assert cli.main(["space", *SPACES[name], "--format", form, "--output", str(path)]) == 0
    return path


def run(path: Path) -> list[dict[str, Any]]:
    """Run a generated module as its docstring says, and return the configs that were trained."""
    log = path.with_suffix(".log")
    (path.parent / "mine.py").write_text(TRAIN.format(log=str(log)))
    call = [sys.executable, path.name, "mine:train"]
    done = subprocess.run(call, cwd=path.parent, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in log.read_text().splitlines()]


def document(name: str, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "space.json"
    assert cli.main(["space", *SPACES[name], "--format", "json", "--output", str(path)]) == 0
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def inside(config: dict[str, Any], space: dict[str, Any]) -> bool:
    """Whether a trained config lies in the space: every active dimension there, every other absent."""
    wanted = dict(space["fixed"])
    for dimension in space["dimensions"]:
        under = dimension.get("under")
        if under and config.get(under["name"]) != under["value"]:
            continue
        key, value = dimension["key"], config[dimension["key"]]
        there = (
            value in dimension["choices"] if "choices" in dimension else dimension["low"] <= value <= dimension["high"]
        )
        if not there:
            return False
        wanted[key] = value
    return wanted == config


@pytest.mark.parametrize("name", SPACES)
def test_optuna_runs_the_module(name: str, tmp_path: Path) -> None:
    space = document(name, tmp_path)
    configs = run(written("optuna", name, tmp_path))
    assert len(configs) == space["search"]["trials"]
    assert all(inside(config, space) for config in configs)
    if name != "grid":
        first = {one["key"]: one["start"] for one in space["dimensions"] if "under" not in one}
        assert first.items() <= configs[0].items()


@pytest.mark.parametrize("name", ["random", "bayesian", "conditional"])
def test_ray_runs_the_module(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine("ray.tune")
    monkeypatch.setenv("RAY_AIR_NEW_OUTPUT", "0")
    space = document(name, tmp_path)
    path = written("ray", name, tmp_path)
    path.write_text(path.read_text().replace(f"NUM_SAMPLES = {space['search']['trials']}", "NUM_SAMPLES = 4"))
    configs = run(path)
    assert len(configs) == 4
    assert all(inside(config, space) for config in configs)


@pytest.mark.parametrize("name", SPACES)
def test_optuna_reads_the_distributions(name: str, tmp_path: Path) -> None:
    data = json.loads(written("optuna-json", name, tmp_path).read_text())
    read = {key: optuna.distributions.json_to_distribution(json.dumps(value)) for key, value in data.items()}
    study = optuna.create_study()
    trial = study.ask(fixed_distributions=read)
    assert trial.params.keys() == data.keys()


@pytest.mark.parametrize("name", SPACES)
def test_configspace_reads_and_samples_the_space(name: str, tmp_path: Path) -> None:
    configspace = engine("ConfigSpace")
    space = document(name, tmp_path)
    read = configspace.ConfigurationSpace.from_json(written("configspace", name, tmp_path))
    keys = {dimension["name"]: dimension["key"] for dimension in space["dimensions"]}
    for sample in [read.get_default_configuration(), *read.sample_configuration(20)]:
        config = {keys.get(name, name): plain(value) for name, value in sample.items()}
        assert inside(config, space)


def plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


@pytest.mark.parametrize("name", SPACES)
def test_hydra_reads_the_sweep(name: str, tmp_path: Path) -> None:
    engine("hydra")
    import yaml
    from hydra.core.override_parser.overrides_parser import OverridesParser

    path = tmp_path / "sweep.yaml"
    assert cli.main(["space", *SPACES[name], "--format", "hydra", "--output", str(path)]) == 0
    params = yaml.safe_load(path.read_text())["hydra"]["sweeper"]["params"]
    parsed = OverridesParser.create().parse_overrides([f"{key}={value}" for key, value in params.items()])
    assert all(override.is_sweep_override() for override in parsed)


def test_sklearn_searches_the_grid_and_the_distributions(tmp_path: Path) -> None:
    engine("sklearn")
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
    from sklearn.svm import SVC

    path = tmp_path / "grid.py"
    told = ["--set", "model=SVC", "--set", "n_features=4", "--budget", "9", "--method", "grid"]
    assert cli.main(["space", *told, "--format", "sklearn", "--output", str(path)]) == 0
    made: dict[str, Any] = {}
    exec(path.read_text(), made)
    x, y = load_iris(return_X_y=True)
    grid = GridSearchCV(SVC().set_params(**made["FIXED"]), made["PARAM_GRID"]).fit(x, y)
    assert len(grid.cv_results_["params"]) == made["N_ITER"] == 9
    assert grid.best_score_ > 0.9
    found = RandomizedSearchCV(SVC(), made["PARAM_DISTRIBUTIONS"], n_iter=5, random_state=0).fit(x, y)
    assert found.best_score_ > 0.9
