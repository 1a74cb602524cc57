"""How long hpadvise takes, as ratios to what no tool can avoid, measured in one run.

    python benchmarks/speed.py            a table (of the hpadvise that this Python has installed)
    python benchmarks/speed.py --json     the same as JSON

Three questions, each answered against a yardstick taken in turn with the measurement, so that a busy or slow machine
changes both alike:

- start-up: `hpadvise check` of one clean JSON file against `python -c pass`;
- many files: checking a folder in one process against parsing the same files and doing nothing with them;
- library: `advisor.check(dict)` in a warm process, in microseconds and against `json.loads` of the same values.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

import advisor
from advisor.engine import Options, check_paths

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "sound"
FORMATS = ("json", "yaml", "toml")


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def compared(action: Callable[[], object], yardstick: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of both, in seconds, taken in turn after one unmeasured round."""
    action(), yardstick()
    pairs = [(seconds(action), seconds(yardstick)) for _ in range(rounds)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def start_up(folder: Path, rounds: int) -> tuple[float, float]:
    """One process over one clean file, against an interpreter that does nothing."""

    def process(*arguments: str) -> Callable[[], object]:
        command = [sys.executable, *arguments]
        return lambda: subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    target = str(EXAMPLES / "bert-classification.json")
    return compared(process("-m", "advisor", "check", target), process("-c", "pass"), rounds)


def parse(path: Path) -> object:
    """Parse a file with what a training script would use."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    if path.suffix == ".toml":
        return toml.loads(text)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def many_files(folder: Path, kind: str, count: int, rounds: int) -> tuple[float, float]:
    """Seconds a file to check a folder of one format, against parsing alone."""
    place = folder / kind
    place.mkdir()
    (example,) = EXAMPLES.glob(f"*.{kind}")
    paths = [place / f"run-{number}.{kind}" for number in range(count)]
    for path in paths:
        path.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")

    def check() -> None:
        report = check_paths([str(path) for path in paths], Options(jobs=1))
        assert report.ok, report.findings

    checking, parsing = compared(check, lambda: [parse(path) for path in paths], rounds)
    return checking / count, parsing / count


def library(rounds: int) -> tuple[float, float]:
    """Seconds of `advisor.check` over a dict, against `json.loads` of the same values."""
    text = (EXAMPLES / "bert-classification.json").read_text(encoding="utf-8")
    config: dict[str, Any] = json.loads(text)
    return compared(lambda: advisor.check(config), lambda: json.loads(text), rounds)


def measure(rounds: int, count: int) -> dict[str, dict[str, float]]:
    """Every measurement by name: seconds, the yardstick's seconds, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {"start-up": start_up(folder, rounds)}
        for kind in FORMATS:
            found[f"{kind} file"] = many_files(folder, kind, count, max(3, rounds // 4))
        found["library call"] = library(rounds * 10)
    return {
        name: {"seconds": taken, "yardstick": yardstick, "ratio": taken / yardstick}
        for name, (taken, yardstick) in found.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=20, help="repetitions of each measurement")
    parser.add_argument("--files", type=int, default=100, help="files of each format")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    found = measure(options.rounds, options.files)
    if options.json:
        print(json.dumps({"python": platform.python_version(), "measurements": found}, indent=2))
        return
    print(f"{'':14}{'time':>12}{'yardstick':>12}{'ratio':>8}{'a second':>10}")
    for name, row in found.items():
        time_ms, yardstick_ms = row["seconds"] * 1e3, row["yardstick"] * 1e3
        print(f"{name:14}{time_ms:9.3f} ms{yardstick_ms:9.3f} ms{row['ratio']:8.1f}{1 / row['seconds']:10.0f}")


if __name__ == "__main__":
    main()
