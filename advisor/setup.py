"""A training run as canonical parameters with provenance, and the quantities derived from them.

Unknown is a value: what is `auto`, a reference, not understood or simply absent cannot be judged, and nothing is
derived from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from advisor import expressions
from advisor.document import format_key
from advisor.expressions import UNKNOWN, Expression
from advisor.parameters import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from advisor.context import Context
    from advisor.dialects import Dialect, Reading, Run
    from advisor.document import Document, KeyPath

#: More groups of the same parameters than this are data, not networks.
MAX_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same quantity given twice: under two names in one place, or by a file and its companion."""

    parameter: str
    kept: Reading
    other: Reading
    companion: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A run's share of one file: the config itself, or a companion of it."""

    run: Run
    dialect: Dialect
    document: Document


@dataclass
class Setup:
    """One training run: what was read, group by group, and what was told beside the files."""

    dialect: Dialect
    parts: tuple[Part, ...]  # the config first, then its companions
    run: str | None = None
    main: dict[str, Reading] = field(default_factory=dict)
    groups: dict[str, dict[str, Reading]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every word of every key."""
        return frozenset(word for part in self.parts for leaf in part.run.leaves for word in leaf.words)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files of the run, the config first."""
        return tuple(part.document for part in self.parts)

    def reading(self, name: str, group: str | None = None) -> Reading | None:
        """How a parameter was given, in a group or else in the run as a whole."""
        if group is not None and name in self.groups.get(group, ()):
            return self.groups[group][name]
        return self.main.get(name)

    def holds_training(self) -> bool:
        """Whether at least one training parameter was found, be it null, `auto` or a reference."""
        categories = vocabulary().parameters
        return any(categories[name].category not in ("data", "control") for name in self.main)


def build(
    run: Run,
    dialect: Dialect,
    document: Document,
    facts: Mapping[str, Any],
    companions: Iterable[tuple[Run, Dialect, Document]] = (),
) -> Setup:
    """Arrange the readings of a run, and of its companion files, into a setup."""
    parts = (Part(run, dialect, document), *(Part(*companion) for companion in companions))
    setup = Setup(dialect, parts, run.name, facts=dict(facts))
    by_parameter: dict[str, list[Reading]] = {}
    for reading in run.readings:
        by_parameter.setdefault(reading.parameter, []).append(reading)
    for name, found in by_parameter.items():
        found.sort(key=_preference)
        setup.main[name] = found[0]
    filled: set[KeyPath] = set()
    for name, found in by_parameter.items():
        for other in found[1:]:
            prefix = _place(setup, name, other)
            if prefix is not None and prefix not in filled:
                filled.add(prefix)
                _fill(setup, prefix, name, other, run.readings)
    for part in parts[1:]:
        _add_companion(setup, part.run)
    return setup


#: States of a key whose value the file leaves open, so that it may be told beside it.
_LEFT_OPEN = frozenset({"auto", "reference", "text"})
_STATES = {"known": 0, "list": 1, "auto": 2, "reference": 2, "space": 2, "text": 3, "unset": 4, "null": 5}


def _preference(reading: Reading) -> tuple[int, ...]:
    """Readings that know more first, then what a dialect says before what the spelling suggests, then the outer key."""
    rank, alias, order = reading.rank
    return (_STATES[reading.state], int(reading.group is not None), rank, alias, len(reading.key), order)


def _place(setup: Setup, name: str, other: Reading) -> KeyPath | None:
    """Put a further reading of a parameter into its group, or note that it contradicts the first.

    Where the group is a part of the file, gives the key path of that part.
    """
    main = setup.main[name]
    if other.key == main.key or other.state in ("null", "unset"):
        return None
    if other.group is not None:
        group = _group(setup, other.group) if other.group != main.group else None
        if group is not None:
            group[name] = other
        return None
    split = next((i for i, (a, b) in enumerate(zip(main.key, other.key, strict=False)) if a != b), None)
    inner = None if split is None else other.key[split : len(other.key) - 1]
    transparent = vocabulary().transparent
    if not inner or all(str(step).lower() in transparent for step in inner):
        if main.known and other.known and main.value != other.value:
            setup.conflicts.append(Conflict(name, main, other, companion=False))
        return None
    return other.key[: (split or 0) + 1]


def _fill(setup: Setup, prefix: KeyPath, name: str, first: Reading, readings: Iterable[Reading]) -> None:
    """Make a part of the file a group of its own: with the reading that showed it to be one, and all others there."""
    group = _group(setup, _group_name(prefix))
    if group is None:
        return
    group.setdefault(name, first)
    for reading in readings:
        if reading.key[: len(prefix)] == prefix and reading.parameter != name:
            group.setdefault(reading.parameter, reading)


def _group_name(prefix: KeyPath) -> str:
    last = prefix[-1]
    if isinstance(last, int):
        before = next((str(step) for step in reversed(prefix[:-1]) if not isinstance(step, int)), "")
        return f"{before}[{last}]"
    return str(last)


def _group(setup: Setup, name: str) -> dict[str, Reading] | None:
    """The group of this name; None where there are too many already."""
    if name not in setup.groups and len(setup.groups) >= MAX_GROUPS:
        return None
    return setup.groups.setdefault(name, {})


def _add_companion(setup: Setup, run: Run) -> None:
    best: dict[str, Reading] = {}
    for reading in sorted(run.readings, key=_preference):
        best.setdefault(reading.parameter, reading)
    for name, reading in best.items():
        kept = setup.main.get(name)
        if kept is None or (not kept.known and reading.known):
            setup.main[name] = reading
        elif kept.known and reading.known and kept.value != reading.value:
            setup.conflicts.append(Conflict(name, kept, reading, companion=True))


@lru_cache(maxsize=1)
def _formulas() -> dict[str, list[str]]:
    return {name: row["formulas"] for name, row in vocabulary().derived.items()}


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a value was arrived at: the formula, the names it used, and the arithmetic in numbers."""

    name: str
    value: Any
    formula: Expression


def _file_name(setup: Setup) -> Any:
    """The file's name with its folder, in lower case; unknown for what came from no file."""
    name = setup.documents[0].name if setup.documents else ""
    parts = re.split(r"[/\\]", name.lower())[-2:]
    return "/".join(parts) if "." in parts[-1] else UNKNOWN


#: What expressions may ask of the file itself: evidence of contexts, never a parameter.
_ABOUT_THE_FILE: dict[str, Callable[[Setup], Any]] = {
    "file_name": _file_name,
    "run": lambda setup: setup.run or UNKNOWN,
}


class Scope:
    """What expressions see: a group's parameters over the run's, derived quantities, defaults, the context."""

    def __init__(self, setup: Setup, group: str | None = None, context: Context | None = None) -> None:
        self.setup = setup
        self.group = group
        self.context = context
        self._values: dict[str, Any] = {}
        self._pending: set[str] = set()
        self.derivations: dict[str, Derivation] = {}
        self.assumed: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        """The value of a parameter, derived quantity, fact or context key; `UNKNOWN` where it is not known."""
        if name in self._values:
            return self._values[name]
        if name in self._pending:
            return UNKNOWN
        self._pending.add(name)
        try:
            found = self._find(name)
        finally:
            self._pending.discard(name)
        if not self._pending or found is not UNKNOWN:
            self._values[name] = found
        return found

    def _find(self, name: str) -> Any:
        if name in _ABOUT_THE_FILE:
            return _ABOUT_THE_FILE[name](self.setup)
        reading = self.setup.reading(name, self.group)
        told = self.setup.facts.get(name, UNKNOWN)
        if reading is not None and reading.state not in ("null", "unset"):
            return reading.value if reading.known else told if reading.state in _LEFT_OPEN else UNKNOWN
        if told is not UNKNOWN:
            return told
        derived = self._derive(name)
        if derived is not UNKNOWN:
            return derived
        if reading is None and name in self.setup.dialect.defaults:
            self.assumed[name] = self.setup.dialect.defaults[name]
            return self.assumed[name]
        return UNKNOWN if self.context is None else self.context.value(name)

    def _derive(self, name: str) -> Any:
        """The value of the first formula that can be computed."""
        for text in _formulas().get(name, ()):
            formula = expressions.compile(text)
            value = formula.evaluate(self)
            if value is not UNKNOWN and value is not None:
                self.derivations[name] = Derivation(name, value, formula)
                return value
        return UNKNOWN

    def given(self, name: str) -> bool:
        """Whether the config or a fact names it, whatever its value."""
        return self.setup.reading(name, self.group) is not None or name in self.setup.facts

    def is_null(self, name: str) -> bool:
        """Whether it is named and null (or the trainer's word for it)."""
        reading = self.setup.reading(name, self.group)
        return reading is not None and reading.state in ("null", "unset")

    def is_default(self, name: str) -> bool:
        """Whether the file gives the very value that its trainer takes by default, as a dump of all arguments does."""
        reading = self.setup.reading(name, self.group)
        defaults = self.setup.dialect.defaults
        return reading is not None and reading.known and name in defaults and bool(reading.value == defaults[name])

    def has_key(self, key: str) -> bool:
        """Whether any key of the file has this word."""
        return key in self.setup.keys

    def values_of(self, key: str) -> Iterator[Any]:
        """The values under every key of this word; a section is there, unless it says itself that it is not enabled."""
        for leaf in (leaf for part in self.setup.parts for leaf in part.run.leaves if key in leaf.words):
            if leaf.words[-1] == key:
                yield leaf.value
            elif leaf.words[-1] not in ("enabled", "enable") or leaf.value is not False:
                yield True

    def isa(self, key: str, value: str) -> Any:
        """Whether a context key has this value or one below it; unknown where the context is."""
        return UNKNOWN if self.context is None else self.context.isa(key, value)

    def origins(self, name: str, seen: frozenset[str] = frozenset()) -> list[Reading]:
        """The readings that a value comes from, through the formulas that derived it."""
        if name in seen:
            return []
        reading = self.setup.reading(name, self.group)
        if reading is not None and reading.state not in ("null", "unset"):
            return [reading]
        self.value(name)
        derivation = self.derivations.get(name)
        if derivation is None:
            return []
        return [origin for used in sorted(derivation.formula.names) for origin in self.origins(used, seen | {name})]


def key_text(reading: Reading) -> str:
    """A reading's key as it is shown: `optimizer.params.lr`."""
    return format_key(reading.key)
