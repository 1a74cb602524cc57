"""What one suggested config is worth beside a random search, on real trainings on the CPU.

    python -m benchmarks.studies                    all studies (an hour or so on two cores)
    python -m benchmarks.studies mlp-digits         one of them; --list names them
    python -m benchmarks.studies --quick            a few short trainings each, to see that everything runs

Needs `pip install '.[studies]'`. `studies.toml` says what is trained and on what, `measures.py` what is measured. The
losses are kept under `build/studies`, so that a second run trains only what is new; --cache names another folder.

`docs/studies.md` has the figures.

A seed chooses what is held out and draws a random pool of its own. The suggestion and the framework's defaults are
trained several times for each seed, and compared with the pool of that seed:

- regret: 0 is the best config of the pool, 1 a median draw; the median over runs;
- trials: how many random trials it takes on average to do as well; the geometric mean over runs. The pool's size is
  its ceiling. The rows of random search show how the measure reads: the best of k draws is worth more than k.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from tabulate import tabulate

import advisor
from benchmarks.studies import training
from benchmarks.studies.measures import best_of, beyond_noise, equivalent_trials, geometric_mean, regret

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "build" / "studies"
SEARCHES = (1, 4, 16, 64)

Study = Mapping[str, Any]
Config = Mapping[str, Any]


class Scale(NamedTuple):
    """How many seeds, random draws for each, and trainings of the suggestion and of the defaults for each."""

    seeds: int = 3
    pool: int = 48
    repeats: int = 3


QUICK = Scale(seeds=1, pool=4, repeats=1)


class Run(NamedTuple):
    """One training."""

    study: Study
    config: Config
    split: int
    seed: int


def studies(quick: bool = False) -> dict[str, Study]:
    """All studies by name, with their spaces and defaults; in quick mode with short trainings."""
    table = toml.loads((HERE / "studies.toml").read_text(encoding="utf-8"))
    found = {}
    for row in table["study"]:
        study = {**row, "space": table["space"][row["space"]], "defaults": table["defaults"][row["defaults"]]}
        for part in ("facts", "fixed"):
            own = row.get(part, {})
            study[part] = {**own, **{k: v for k, v in row.get("quick", {}).items() if quick and k in own}}
        found[row["name"]] = study
    return found


def drawn(space: Mapping[str, Any], source: random.Random) -> Config:
    """One random draw from a space."""
    return {name: _draw(axis, source) for name, axis in space.items()}


def _draw(axis: Any, source: random.Random) -> Any:
    if isinstance(axis, list):
        return source.choice(axis)
    low, high = axis["low"], axis["high"]
    if axis.get("log"):
        value = math.exp(source.uniform(math.log(low), math.log(high)))
    elif axis.get("whole"):
        return source.randint(low, high)
    else:
        value = source.uniform(low, high)
    return round(value) if axis.get("whole") else float(f"{value:.6g}")


def suggested(study: Study, split: int = 0) -> Config:
    """What the advisor proposes, asked as a user of the space would."""
    within = {n: a if isinstance(a, list) else (a["low"], a["high"]) for n, a in study["space"].items()}
    return advisor.suggest(training.facts(study, split), want=list(within), within=within).parameters


class Plan(NamedTuple):
    """The trainings of a study: of the suggestion and of the defaults, in the same order of seeds, and each pool."""

    own: dict[str, list[Run]]
    pools: list[list[Run]]

    def runs(self) -> list[Run]:
        """All of them."""
        return [run for group in (*self.own.values(), *self.pools) for run in group]


def planned(study: Study, scale: Scale) -> Plan:
    """What has to be trained for a study."""
    configs = {"suggested": suggested(study), "defaults": study["defaults"]}
    seeds = [(split, repeat) for split in range(scale.seeds) for repeat in range(scale.repeats)]
    own = {who: [Run(study, config, split, repeat) for split, repeat in seeds] for who, config in configs.items()}
    pools = []
    for split in range(scale.seeds):
        source = random.Random(f"{study['name']} {split}")
        pools.append([Run(study, drawn(study["space"], source), split, 1000 + n) for n in range(scale.pool)])
    return Plan(own, pools)


# ------------------------------------------------------------------------------------------------------------- training


def losses(runs: Iterable[Run], cache: Path | None, jobs: int) -> dict[str, float]:
    """The loss of each run by its key; those in the cache are not trained again."""
    known: dict[str, float] = {}
    path = cache / "losses.jsonl" if cache else None
    if path and path.is_file():
        known.update(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    missing = {name: run for run in runs if (name := key(run)) not in known}
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    for name, loss in _trained(missing, jobs):
        known[name] = loss
        if path:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, loss]) + "\n")
    return known


def key(run: Run) -> str:
    """What tells a training from any other: all that goes into it, the code included."""
    code = "".join((HERE / name).read_text(encoding="utf-8") for name in ("training.py", "data.py", "policy.py"))
    study = {part: run.study.get(part) for part in ("data", "trainer", "facts", "fixed")}
    said = json.dumps([study, run.config, run.split, run.seed, code], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _trained(runs: Mapping[str, Run], jobs: int) -> Iterator[tuple[str, float]]:
    if jobs == 1 or len(runs) < 2:
        yield from ((name, training.train(*run)) for name, run in runs.items())
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as workers:
        started = {workers.submit(training.train, *run): name for name, run in runs.items()}
        for done, future in enumerate(as_completed(started), 1):
            if done % 50 == 0:
                print(f"{done} of {len(runs)} trained", file=sys.stderr)
            yield started[future], future.result()


# ------------------------------------------------------------------------------------------------------------ measuring


class Row(NamedTuple):
    """What a config, or a random search, is worth in a study, or in all of them."""

    study: str
    who: str
    loss: float
    regret: float
    trials: float


def measured(name: str, plan: Plan, loss: Mapping[str, float]) -> tuple[list[Row], bool]:
    """The rows of a study, and whether the suggestion is worse than the defaults beyond noise."""
    pools = [[loss[key(run)] for run in pool] for pool in plan.pools]
    own = {who: [loss[key(run)] for run in group] for who, group in plan.own.items()}
    rows = []
    for who, scores in own.items():
        beside = [(score, pools[run.split]) for score, run in zip(scores, plan.own[who], strict=True)]
        rows.append(_row(name, who, beside, [equivalent_trials(score, pool) for score, pool in beside]))
    for k in SEARCHES:
        best = [best_of(k, pool) for pool in pools]
        beside = [(score, pool) for (score, _), pool in zip(best, pools, strict=True)]
        rows.append(_row(name, f"random {k}", beside, [trials for _, trials in best]))
    return rows, beyond_noise(own["suggested"], own["defaults"])


def _row(study: str, who: str, beside: list[tuple[float, list[float]]], trials: Iterable[float]) -> Row:
    regrets = [regret(score, pool) for score, pool in beside]
    loss = statistics.median(score for score, _ in beside)
    return Row(study, who, loss, statistics.median(regrets), geometric_mean(trials))


def together(rows: list[Row]) -> list[Row]:
    """One row for each who over all studies: the median regret and the geometric mean of the trials."""
    found = []
    for who in dict.fromkeys(row.who for row in rows):
        same = [row for row in rows if row.who == who]
        regrets, trials = [row.regret for row in same], [row.trials for row in same]
        found.append(Row("all", who, math.nan, statistics.median(regrets), geometric_mean(trials)))
    return found


def main() -> None:
    """Train what is not in the cache, measure, and print the table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="STUDY", help="these studies only")
    parser.add_argument("--list", action="store_true", help="name the studies and what is suggested for each")
    parser.add_argument("--quick", action="store_true", help="a few short trainings; the figures mean nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="trainings at a time, one thread each")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder in which the losses are kept")
    for name, value in Scale()._asdict().items():
        parser.add_argument(f"--{name}", type=int, help=f"default {value}")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # one core a training: what comes out does not depend on how many there are
    table = studies(options.quick)
    if unknown := [name for name in options.names if name not in table]:
        parser.error(f"no study is called {', '.join(unknown)}; there are {', '.join(table)}")
    table = {name: study for name, study in table.items() if not options.names or name in options.names}
    if options.list:
        print("\n".join(f"{name}: {json.dumps(suggested(study))}" for name, study in table.items()))
        return
    said = {name: getattr(options, name) for name in Scale._fields if getattr(options, name) is not None}
    scale = (QUICK if options.quick else Scale())._replace(**said)
    plans = {name: planned(study, scale) for name, study in table.items()}
    loss = losses([run for plan in plans.values() for run in plan.runs()], options.cache, options.jobs)
    rows, worse = [], []
    for name, plan in plans.items():
        own, lost = measured(name, plan, loss)
        rows += own
        worse += [name] if lost else []
    rows += together(rows)
    lines = [[row.study if row.who == "suggested" else "", *row[1:]] for row in rows]
    print(tabulate(lines, headers=["study", "", "loss", "regret", "trials"], floatfmt=("", "", ".4g", ".2f", ".1f")))
    print(f"\nworse than the framework's defaults beyond noise: {', '.join(worse) or 'in no study'}\n")
    figures: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        figures.setdefault(row.study, {})[row.who] = [round(row.regret, 4), round(row.trials, 2)]
    print(json.dumps({"scale": scale._asdict(), "worse_than_defaults": worse, "regret_and_trials": figures}))


if __name__ == "__main__":
    main()
