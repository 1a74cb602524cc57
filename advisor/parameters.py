"""The vocabulary: every canonical parameter with kind, unit, scale and hard bounds, and the spellings of named values.

The words themselves are data (`vocabulary/*.toml`); this module gives them types and answers the two questions that the
rest of the house asks: which parameter may a key be, and what does a value mean.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from advisor import packs

if TYPE_CHECKING:
    from collections.abc import Iterator

Scale = Literal["log", "linear", "integer"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hyperparameter (or fact) under its canonical name.

    `low` and `high` are hard bounds: a value beyond them is invalid whatever the context; an open bound is itself
    invalid.
    `margin` is how far outside a recommended range a value on a linear scale may lie before that is worth a warning.
    `off` holds the values that deliberately switch it off, `off_unknown` those that do so in programs that nobody
    knows, `unset` those that mean "not given"; `averaged` says that a program may tell it as a mean over layers;
    `closed` that a fact told of it must be one of its named values.
    """

    name: str
    title: str
    kind: str
    description: str
    category: str
    scale: Scale = "linear"
    unit: str = ""
    low: float | None = None
    low_open: bool = False
    high: float | None = None
    high_open: bool = False
    averaged: bool = False
    margin: float = 0.1
    importance: int = 5
    off: tuple[Any, ...] = ()
    off_unknown: tuple[Any, ...] = ()
    unset: tuple[Any, ...] = ()
    closed: bool = False

    @property
    def numeric(self) -> bool:
        """Whether a value is a number."""
        return self.kind in ("number", "integer")

    def allows(self, value: float) -> bool:
        """Whether a finite number lies within the hard bounds."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.high_open and value == self.high)))

    @property
    def bounds_text(self) -> str:
        """The hard bounds as people write them: `at least 1`, `above 0 and below 1`; empty without bounds."""
        parts = []
        if self.low is not None:
            parts.append(f"{'above' if self.low_open else 'at least'} {self.low:g}")
        if self.high is not None:
            parts.append(f"{'below' if self.high_open else 'at most'} {self.high:g}")
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Alias:
    """One spelling of a parameter: the last words of a key, and the conditions under which they mean it."""

    parameter: str
    words: tuple[str, ...]
    order: int
    under: re.Pattern[str] | None = None
    not_under: re.Pattern[str] | None = None
    value: str | None = None
    where: str | None = None
    convert: str | None = None
    index: int | None = None
    group: str | None = None
    also: bool = False  # read in addition to what the key means otherwise: `fp16: true` is a flag and a precision

    @property
    def conditional(self) -> bool:
        """Whether it holds only under conditions; such a spelling is asked before a plain one of the same length."""
        conditions = (self.under, self.not_under, self.value, self.where, self.index)
        return any(condition is not None for condition in conditions)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Ancestors under which keys are no parameters of training."""

    under: re.Pattern[str]
    parameters: frozenset[str]
    unless: frozenset[str]

    def covers(self, parameter: str) -> bool:
        """Whether the exclusion speaks of this parameter."""
        return parameter not in self.unless and (not self.parameters or parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class Choice:
    """A named value such as the optimizer `adamw`."""

    name: str
    title: str
    parent: str | None
    facts: dict[str, Any]


def word(text: str) -> str:
    """One segment of a key in snake case: `--batchSize` -> `batch_size`."""
    text = text.strip().lstrip("-").strip()
    if not text.islower():
        if not text.isupper():
            text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
        text = text.lower()
    return re.sub(r"[-\s]+", "_", text).replace("__", "_")


def letters(text: str) -> str:
    """A spelling reduced to what distinguishes it: `torch.optim.AdamW` -> `torchoptimadamw`."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


class Vocabulary:
    """All canonical parameters, with indices for reading keys and values."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self.transparent = frozenset(data["transparent"])
        self._spelled: dict[str, list[Alias]] = {}

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every canonical parameter by name."""
        out = {}
        for name, row in self._data["parameter"].items():
            fields = {key: value for key, value in row.items() if key != "aliases"}
            for key in ("off", "off_unknown", "unset"):
                fields[key] = tuple(fields.get(key, ()))
            out[name] = Parameter(name=name, **fields)
        return out

    def spelled(self, word: str) -> list[Alias]:
        """What a key with this last word may be: longest spelling first, then those with conditions, then as written.

        The vocabulary has thousands of spellings and a file a few dozen words: each is made when it is first asked for.
        """
        found = self._spelled.get(word)
        if found is None:
            found = [_alias(name, order, alias) for name, order, alias in self._data["spellings"].get(word, ())]
            found.sort(key=lambda a: (-len(a.words), not a.conditional, a.order))
            self._spelled[word] = found
        return found

    def spellings(self) -> Iterator[list[Alias]]:
        """Every spelling, by last word."""
        return (self.spelled(word) for word in self._data["spellings"])

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        """Where words are something else."""
        return [
            Exclusion(re.compile(row["under"]), frozenset(row.get("parameters", ())), frozenset(row.get("unless", ())))
            for row in self._data["excluded"]
        ]

    @cached_property
    def derived(self) -> dict[str, dict[str, Any]]:
        """Formulas of the derived quantities by name."""
        return cast("dict[str, dict[str, Any]]", self._data["derived"])

    @cached_property
    def choices(self) -> dict[str, dict[str, Choice]]:
        """Named values by parameter and name."""
        plain = ("title", "parent", "aliases")
        return {
            parameter: {
                name: Choice(
                    name,
                    row.get("title") or name,
                    row.get("parent"),
                    {key: value for key, value in row.items() if key not in plain},
                )
                for name, row in rows.items()
            }
            for parameter, rows in self._data["choice"].items()
        }

    @cached_property
    def _spellings(self) -> dict[str, dict[str, str]]:
        out: dict[str, dict[str, str]] = {}
        for parameter, rows in self._data["choice"].items():
            spellings = out.setdefault(parameter, {})
            for name, row in rows.items():
                for alias in [*row.get("aliases", ()), name]:
                    spellings.setdefault(letters(alias), name)
        return out

    def choice(self, parameter: str, text: str) -> str | None:
        """The canonical name of a spelled value, or None where it is not known.

        A dotted path is tried whole and then from its last segment (`torch.optim.AdamW`); version suffixes such as
        `.v1` and one trailing word (`Adam_op`, `AdamOptimizer`) are forgiven.
        """
        spellings = self._spellings.get(parameter)
        if not spellings:
            return None
        text = text.strip().lstrip("@!")
        text = re.sub(r"\.v\d+$", "", text)
        last = re.split(r"[./:]", text)[-1]
        for candidate in (text, last):
            reduced = letters(candidate)
            if reduced in spellings:
                return spellings[reduced]
            for suffix in ("optimizer", "scheduler", "schedule", "lr", "loss", "op", "fn"):
                if reduced.endswith(suffix) and reduced[: -len(suffix)] in spellings:
                    return spellings[reduced[: -len(suffix)]]
        return None

    def choice_spellings(self, parameter: str) -> dict[str, str]:
        """The spellings of a parameter's named values, reduced to letters and digits, and what they stand for."""
        return self._spellings.get(parameter, {})

    def choice_written(self, parameter: str, reduced: str) -> str:
        """A spelling that is known by its letters and digits alone as the data writes it: `adamw_torch`."""
        rows = self._data["choice"].get(parameter, {})
        written = (alias for name, row in rows.items() for alias in (name, *row.get("aliases", ())))
        return next((alias for alias in written if letters(alias) == reduced), reduced)

    def plain(self, word: str) -> bool:
        """Whether a word by itself names a parameter, wherever it stands."""
        return word in self._data["spellings"] and any(
            alias.words == (word,) and not alias.conditional for alias in self.spelled(word)
        )

    def ancestors(self, parameter: str, name: str) -> tuple[str, ...]:
        """A named value and what it descends from, the most specific first."""
        rows = self.choices.get(parameter, {})
        out: list[str] = []
        current: str | None = name
        while current is not None and current not in out:
            out.append(current)
            current = rows[current].parent if current in rows else None
        return tuple(out)

    def nearest(self, name: str) -> str | None:
        """The canonical parameter that a misspelt name probably meant, or None."""
        close = difflib.get_close_matches(word(name), self.parameters, n=1, cutoff=0.75)
        return close[0] if close else None


def _alias(parameter: str, order: int, row: str | dict[str, Any]) -> Alias:
    if isinstance(row, str):
        return Alias(parameter, tuple(row.split(".")), order)
    return Alias(
        parameter,
        tuple(row["key"].split(".")),
        order,
        re.compile(row["under"]) if row.get("under") else None,
        re.compile(row["not_under"]) if row.get("not_under") else None,
        row.get("value"),
        row.get("where"),
        row.get("convert"),
        row.get("index"),
        row.get("group"),
        row.get("also", False),
    )


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The built-in vocabulary."""
    return Vocabulary(packs.bundle()["vocabulary"])


_NUMBER = re.compile(r"[-+]?(\d[\d_,]*\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_UNITS = {
    "ba": 1.0,
    "ep": 1.0,
    "steps": 1.0,
    "step": 1.0,
    "epochs": 1.0,
    "epoch": 1.0,
    "iter": 1.0,
    "iters": 1.0,
    "k": 1e3,
}
_SCHEDULED = re.compile(r"(?:lin|linear|const|constant)_([-+.\de]+)$", re.IGNORECASE)


def number(text: str) -> float | int | None:
    """A number from text, as trainers write it (`1e-4`, `739_328`, `1,000`, `4800ba`, `10%`, `lin_2.5e-4`), or None."""
    text = text.strip()
    if len(text) > 400:
        return None
    scheduled = _SCHEDULED.match(text)
    if scheduled:
        text = scheduled[1]
    match = _NUMBER.match(text)
    if not match:
        return None
    rest = text[match.end() :].strip().lower()
    digits = (
        match[0].replace("_", "").replace(",", "")
        if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", match[0])
        else match[0].replace("_", "")
    )
    try:
        value: float | int = int(digits) if re.fullmatch(r"[-+]?\d+", digits) else float(digits)
    except ValueError:
        return None
    if rest == "%":
        return value / 100
    if rest and rest not in _UNITS:
        return None
    factor = _UNITS.get(rest, 1.0)
    scaled = value if factor == 1.0 else value * factor
    return scaled if isinstance(scaled, int) or math.isfinite(scaled) else None
