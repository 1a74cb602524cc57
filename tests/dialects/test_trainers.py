"""Every trainer's own form: recognised without being told, and read right.

The configs are in `trainers/*.toml`, each with what is to come of it:

- `reads` values of canonical parameters; `states` what stands for no value (`unset`, `null`, `auto`, ...);
- `groups` the values of further networks; `absent` parameters that must not be read;
- `assumes` defaults of the trainer; `derives` quantities that follow, with the facts that are `told`;
- `spaces` searched ranges `[low, high, scale]`, or the choices;
- `runs` the names of the runs, of which the first is checked, or `run`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisor import context as contexts
from advisor import packs
from advisor.dialects import Dialect, Dialects, Space, read
from advisor.parameters import vocabulary
from advisor.reading import read_bytes
from advisor.setup import Scope, Setup, build

ROOM = Path(__file__).parent / "trainers"
DIALECTS = Dialects()
ROWS: list[dict[str, Any]] = [
    row
    for path in sorted(ROOM.glob("*.toml"))
    for row in packs.parse_toml(path.name, path.read_text(encoding="utf-8"))["trainer"]
]


def same(value: Any) -> Any:
    return pytest.approx(value, rel=1e-4) if isinstance(value, float) else value


def setup_of(row: dict[str, Any]) -> Setup:
    document = read_bytes(row["text"].lstrip("\n").encode(), row["file"])[0]
    dialect = DIALECTS.recognise(document)
    assert dialect.name == row["dialect"], f"recognised by {DIALECTS.evidence(document, dialect)}"
    runs = read(document, dialect)
    assert [run.name for run in runs] == row.get("runs", [None])
    run = next(run for run in runs if run.name == row.get("run", runs[0].name))
    return build(run, dialect, document, row.get("told", {}))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['dialect']}-{row['file']}")
def test_a_trainers_own_form_is_recognised_and_read(row: dict[str, Any]) -> None:
    setup = setup_of(row)
    main = setup.main
    for name, value in row.get("reads", {}).items():
        assert name in main, f"{name} was not read; read {sorted(main)}"
        assert (main[name].state in ("known", "list"), main[name].value) == (True, same(value)), name
    for name, state in row.get("states", {}).items():
        assert name in main and main[name].state == state, (name, main.get(name))
    for group, values in row.get("groups", {}).items():
        assert {n: setup.groups[group][n].value for n in values} == {n: same(v) for n, v in values.items()}
    for name in row.get("absent", ()):
        assert name not in main or not main[name].known, f"{name} was read from {main[name].key}"
    scope = Scope(setup)
    for name, value in row.get("assumes", {}).items():
        assert scope.value(name) == same(value) and name not in main, name
    for name, value in row.get("derives", {}).items():
        assert scope.value(name) == same(value), name


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "spaces" in row], ids=lambda row: f"{row['dialect']}-{row['file']}"
)
def test_searched_ranges_are_read_in_the_unit_of_the_value(row: dict[str, Any]) -> None:
    main = setup_of(row).main
    for name, wanted in row["spaces"].items():
        found = main[name].value
        assert main[name].state == "space" and isinstance(found, Space), name
        if wanted[-1] in ("log", "linear"):
            assert (found.low, found.high) == (same(float(wanted[0])), same(float(wanted[1]))), name
            assert bool(found.log) == (wanted[2] == "log"), name
        else:
            assert list(found.choices) == wanted, name


def test_every_dialect_has_a_config_of_its_own() -> None:
    shown = {row["dialect"] for row in ROWS}
    assert {dialect.name for dialect in DIALECTS} - shown == {"generic"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['dialect']}-{row['file']}")
def test_the_generic_reading_finds_the_learning_rate_without_the_dialect(row: dict[str, Any]) -> None:
    """What no dialect says is read by the vocabulary alone: the trainer that nobody has listed is the common case."""
    if "learning_rate" not in row.get("reads", {}) or "runs" in row:
        pytest.skip("the rate stands in a run, or is none")
    document = read_bytes(row["text"].lstrip("\n").encode(), row["file"])[0]
    generic = DIALECTS.named("generic")
    values = [
        r.value
        for r in read(document, generic)[0].readings
        if r.parameter in ("learning_rate", "reference_learning_rate")
    ]
    assert same(row["reads"]["learning_rate"]) in values or row["dialect"] in GENERIC_MISSES


#: Trainers whose word for the rate is nobody else's, or that keep it below what is augmentation elsewhere (`pipeline`).
GENERIC_MISSES = frozenset({"kair", "pykeen"})


@pytest.mark.parametrize("dialect", list(DIALECTS), ids=lambda dialect: dialect.name)
def test_what_a_dialect_speaks_of_is_in_the_vocabulary(dialect: Dialect) -> None:
    words = vocabulary()
    meant = {row["parameter"] for meanings in dialect_meanings(dialect) for row in meanings}
    assert not (meant | set(dialect.defaults)) - set(words.parameters)
    for name, value in dialect.defaults.items():
        assert name not in words.choices or words.choice(name, str(value)) == value, (name, value)
    for name, rows in dialect.facts.items():
        for row in rows if isinstance(rows, list) else [rows]:
            value = row["value"] if isinstance(row, dict) else row
            known = contexts.hierarchical(name) and contexts.known_value(name, str(value))
            assert known or name in words.parameters, (name, value)


def dialect_meanings(dialect: Dialect) -> list[list[dict[str, Any]]]:
    rows = (value if isinstance(value, list) else [value] for value in dialect.data.get("keys", {}).values())
    return [[{"parameter": r} if isinstance(r, str) else r for r in row if r not in ("", {})] for row in rows]
