"""Suggestions in the words of a trainer: put into a config's gaps, or written out as a new config.

How a trainer says a parameter is data: the `[write]` table of its dialect, else its `[keys]` turned round, else the
keys that it is known to take.  What a trainer's file cannot say is handed back with the reason.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from advisor import context as contexts
from advisor import editing, expressions, literals
from advisor.dialects import Dialect, Dialects, UnknownDialectError, read
from advisor.document import Document, KeyPath, format_key, parse_key
from advisor.expressions import UNKNOWN
from advisor.findings import CallError
from advisor.forms import FORMS, Unsaid
from advisor.parameters import vocabulary, word
from advisor.reading import read_bytes, read_file
from advisor.setup import Scope, Setup, build
from advisor.suggest import Advice

__all__ = [
    "FORMS",
    "Filled",
    "Unsaid",
    "Written",
    "fill",
    "names_for",
    "render",
    "said_by",
    "trainer_for",
    "write_back",
]


@dataclass(frozen=True, slots=True)
class Written:
    """A config as text, and what it could not say."""

    text: str
    unsaid: tuple[Unsaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A config with its gaps filled: its new bytes, what now stands under which key, and what was not set."""

    data: bytes
    values: dict[str, Any]
    unsaid: tuple[Unsaid, ...] = ()


#: For `trainer_for`: whichever library the setup's own learner belongs to.
LEARNER: Final = "learner"
SKLEARN: Final = "sklearn"
WRITTEN_LEARNERS: Final = ("xgboost", "lightgbm", "catboost")

#: Units of what is measured; all others count something.
_MEASURED: Final = frozenset({"share", "GiB", "Hz", "s"})
#: Facts about the run are told to the advisor, not to the trainer; a trainer is told of them where it has a key.
_FACTS: Final = frozenset({"data", "control", "model"})
_FACT_NAMES: Final = frozenset({"dataset_size", "steps_per_epoch", "world_size"})
#: Switches that another parameter says too: where that one is there, they are not missed.
_SAID_BY: Final = {
    "bf16": "precision",
    "fp16": "precision",
    "amp": "precision",
    "load_in_4bit": "adapter",
    "quantization_bits": "adapter",
    "lora_target_linear": "lora_target_modules",
    "use_dora": "adapter",
}


# ------------------------------------------------------------------------------------------------ how a trainer says it


@dataclass(frozen=True, slots=True)
class Row:
    """One way in which a trainer's file says a parameter, as in the `[write]` table."""

    key: str
    values: Mapping[str, Any] | None = None
    convert: str | None = None
    where: str | None = None
    also: Mapping[str, Any] | None = None
    says: str = ""

    @property
    def plain(self) -> bool:
        """Whether the canonical value stands there as it is."""
        return self.convert is None and self.values is None


def rows(dialect: Dialect, parameter: str) -> tuple[Row, ...]:
    """The ways in which a dialect says a parameter, none where it is not known to."""
    given = dialect.data.get("write", {}).get(parameter)
    if given is not None:
        return tuple(_row(item) for item in (given if isinstance(given, list) else [given]))
    key = _inverted(dialect).get(parameter) or _known_keys(dialect).get(parameter)
    if key is None and dialect.name == "generic":
        key = parameter
    return () if key is None else (Row(key),)


def _row(item: str | Mapping[str, Any]) -> Row:
    return Row(item) if isinstance(item, str) else Row(**{"key": "", **item})


@lru_cache(maxsize=8)
def _inverted(dialect: Dialect) -> dict[str, str]:
    """Parameter to key, where a dialect's key means the parameter and nothing else, whatever its other values mean."""
    out: dict[str, str] = {}
    depending_on_the_value: dict[str, str] = {}
    for key, meaning in dialect.data.get("keys", {}).items():
        meant = [{"parameter": one} if isinstance(one, str) else one for one in _items(meaning)]
        names: set[str] = {one.get("parameter", "") for one in meant}
        if len(names) != 1 or "" in names or "*" in key or any(set(one) - {"parameter", "value"} for one in meant):
            continue
        plain = all(set(one) == {"parameter"} for one in meant)
        (out if plain else depending_on_the_value).setdefault(names.pop(), key)
    return {**depending_on_the_value, **out}


def _items(meaning: Any) -> list[Any]:
    return meaning if isinstance(meaning, list) else [meaning]


@lru_cache(maxsize=8)
def _known_keys(dialect: Dialect) -> dict[str, str]:
    """Parameter to a key that the trainer is known to take and that the vocabulary reads as the parameter."""
    at = dialect.known.get("at", "")
    out: dict[str, str] = {}
    for key in dialect.known.get("keys", ()):
        for alias in vocabulary().spelled(word(key)):
            if len(alias.words) == 1 and not alias.conditional and alias.convert is None:
                if alias.parameter not in out or key == alias.parameter:
                    out[alias.parameter] = f"{at}.{key}" if at else key
                break
    return out


class _Saying(expressions.Over):
    """What a row's expressions see: `value`, and otherwise the setup with everything that was suggested."""

    def __init__(self, scope: Scope, value: Any) -> None:
        self.scope = scope
        self.said = value

    def value(self, name: str) -> Any:
        """The value to be written under the name `value`, else that of a parameter."""
        return self.said if name == "value" else self.scope.value(name)

    def given(self, name: str) -> bool:
        """Whether the config, a fact or the suggestion names it."""
        return name == "value" or self.scope.given(name)


@dataclass(frozen=True, slots=True)
class _Said:
    """A value as a trainer's file holds it, with what stands beside it."""

    parameter: str
    key: KeyPath
    value: Any
    also: tuple[tuple[KeyPath, Any], ...]
    plain: bool

    @property
    def pairs(self) -> Iterator[tuple[KeyPath, Any]]:
        """Everything to be set, what lies deeper later: a class is named before its arguments."""
        yield from sorted([(self.key, self.value), *self.also], key=lambda pair: len(pair[0]))


def _say(dialect: Dialect, parameter: str, value: Any, scope: Scope) -> _Said | Unsaid:
    """A value in a dialect's words."""
    if isinstance(value, str):
        value = vocabulary().choice(parameter, value) or value
    saying = _Saying(scope, value)
    why = ""
    for row in rows(dialect, parameter):
        if row.where is not None and expressions.compile(row.where).evaluate(saying) is not True:
            continue
        if not row.key:
            return Unsaid(parameter, value, why or row.says)
        made = _spelled(row, value, saying)
        if made is not UNKNOWN:
            also = tuple((parse_key(key), _beside(item, saying)) for key, item in (row.also or {}).items())
            return _Said(parameter, parse_key(row.key), made, also, row.plain)
        why = why or _unspelled(row, value, saying, dialect)
    return Unsaid(parameter, value, why or f"{dialect.title} has no key for it that is known here")


def _spelled(row: Row, value: Any, saying: _Saying) -> Any:
    if row.values is not None:
        return row.values.get(value, UNKNOWN) if isinstance(value, str) else UNKNOWN
    if row.convert is not None:
        made = expressions.compile(row.convert).evaluate(saying)
        return list(made) if isinstance(made, tuple) else made
    return value


def _unspelled(row: Row, value: Any, saying: _Saying, dialect: Dialect) -> str:
    if row.convert is None:
        return f"{dialect.title} has no word for {value}"
    derived = vocabulary().derived
    missing = dict.fromkeys(expressions.compile(row.convert).missing(saying))
    names = ", ".join(derived.get(name, {}).get("title") or name for name in missing)
    return f"{row.key} needs what is not known here: {names}" if names else f"{row.key} cannot be computed"


def _beside(item: Any, saying: _Saying) -> Any:
    """A value that stands beside another: a literal, or computed where the table says `from`."""
    if isinstance(item, dict) and set(item) == {"from"}:
        made = expressions.compile(item["from"]).evaluate(saying)
        return None if made is UNKNOWN else made
    return item


def _scope(setup: Setup, advice: Advice) -> tuple[Setup, Scope]:
    """The setup with everything that was suggested, and what expressions see of it."""
    filled = replace(setup, facts={**setup.facts, **advice.assumed, **advice.parameters})
    filled.main = {n: r for n, r in setup.main.items() if r.known or n not in advice.parameters}
    scope = Scope(filled)
    contexts.detect(filled, scope)
    return filled, scope


def names_for(setup: Setup, names: str | None = None) -> dict[str, str]:
    """Canonical names to the keys of a trainer, for searches that hand their parameters to it.

    The trainer is that of `trainer_for`; where none is named, what the config holds keeps its own keys.  A parameter
    whose key takes other values than the canonical ones is left out.

    Raises:
        CallError: no trainer is called so.
    """
    trainer, scope = trainer_for(setup, names), Scope(setup)
    contexts.detect(setup, scope)
    own = _own_keys(setup) if names is None else {}
    if trainer.name == "generic":
        return own
    found = ((parameter, _first(trainer, parameter, scope)) for parameter in vocabulary().parameters)
    return {parameter: row.key for parameter, row in found if row is not None and row.plain and row.key} | own


def _own_keys(setup: Setup) -> dict[str, str]:
    """Canonical names to the keys under which a config holds their values as they are."""
    there = {name: read for name, read in setup.main.items() if read.known and read.document in setup.documents}
    return {
        name: format_key(read.key)
        for name, read in there.items()
        if read.document.get(read.key) == read.value and not any(isinstance(step, int) for step in read.key)
    }


def said_by(
    setup: Setup, advice: Advice, values: Mapping[str, Any], trainer: Dialect
) -> tuple[dict[str, Any], tuple[Unsaid, ...]]:
    """Values by a trainer's keys, dots between their steps, for searches that set them; and what it cannot say.

    What the config itself has beside them stays as it is.
    """
    said, lost = _everything(trainer, {n: _counted(n, v) for n, v in values.items()}, _scope(setup, advice)[1])
    own = _own_keys(setup) if trainer is setup.dialect else {}
    out: dict[str, Any] = {}
    for found in said:
        kept = found.plain and found.parameter in own
        one = replace(found, key=parse_key(own[found.parameter])) if kept else found
        if any(isinstance(step, int) for step in one.key):
            lost.append(Unsaid(one.parameter, one.value, f"{format_key(one.key)} stands in a list"))
            continue
        there = {key for key, _ in one.also if any(document.get(key) is not None for document in setup.documents)}
        out |= {format_key(key): value for key, value in one.pairs if key == one.key or key not in there}
    return out, tuple(lost)


def trainer_for(setup: Setup, names: str | None) -> Dialect:
    """The trainer that is named (`learner`: the library of the setup's own learner), else that of the config.

    Raises:
        CallError: no trainer is called so.
    """
    dialects = Dialects()
    if names == LEARNER:
        context = contexts.detect(setup, Scope(setup))
        families = contexts.ancestors("family", str(context.value("family")))
        names = next((name for name in families if name in WRITTEN_LEARNERS), SKLEARN)
    try:
        return setup.dialect if names is None else dialects.named(FORMS[names].dialect if names in FORMS else names)
    except UnknownDialectError as problem:
        raise CallError(str(problem)) from None


def _first(trainer: Dialect, parameter: str, scope: Scope) -> Row | None:
    """The row that says a parameter in this setup."""
    for row in rows(trainer, parameter):
        if row.where is None or expressions.compile(row.where).evaluate(_Saying(scope, UNKNOWN)) is True:
            return row
    return None


# --------------------------------------------------------------------------------------------------------- a new config


def render(setup: Setup, advice: Advice, form: str) -> Written:
    """A setup, with what was suggested for it, as a new config in one of `FORMS`; raises `CallError` for another."""
    if form not in FORMS:
        raise CallError(f"no form is called {form!r}; known: {', '.join(FORMS)}")
    target = FORMS[form]
    dialect = Dialects().named(target.dialect)
    _, scope = _scope(setup, advice)
    values = _values(setup, advice)
    said, unsaid = _everything(dialect, values, scope)
    if target.format == "torch":
        return _torch(said, values, unsaid)
    data: dict[str, Any] = {}
    for one in said:
        for key, value in one.pairs:
            _put(data, key, value)
    return Written(literals.DOCUMENTS[target.format](data), tuple(unsaid))


def _torch(said: Iterable[_Said], values: Mapping[str, Any], unsaid: Iterable[Unsaid]) -> Written:
    """A module that names PyTorch's classes as Lightning's files do; whatever is no argument of them is a constant."""
    from advisor.torch_module import SHAPES, module

    name: str | None = None
    arguments: dict[str, Any] = {}
    used: set[str] = set()
    for one in said:
        if one.parameter == "optimizer":
            name = str(one.value)
        elif one.key[:2] == ("optimizer", "init_args"):
            arguments[str(one.key[2])] = one.value
            used.add(one.parameter)
    kept = {parameter: value for parameter, value in values.items() if parameter not in used}
    no_schedule = values.get("lr_schedule") not in SHAPES
    lost = {"optimizer"} | ({"lr_schedule"} if no_schedule else set())
    why = "no class of PyTorch is known for it: it is a constant of the module"
    return Written(
        module(name, arguments if name else {}, kept if name else values),
        tuple(one._replace(why=why) for one in unsaid if one.parameter in lost),
    )


def _values(setup: Setup, advice: Advice) -> dict[str, Any]:
    """Every parameter of the run: what the config gave, what was told, and what was suggested."""
    read_here = {name: reading.value for name, reading in setup.main.items() if reading.known}
    told = {name: value for name, value in setup.facts.items() if name in vocabulary().parameters}
    return {name: _counted(name, value) for name, value in {**read_here, **told, **advice.parameters}.items()}


def _counted(name: str, value: Any) -> Any:
    """A number of epochs, steps or tokens as a whole number where it is one: trainers count with it."""
    unit = vocabulary().parameters[name].unit
    counts = unit and unit not in _MEASURED
    return int(value) if counts and isinstance(value, float) and value.is_integer() else value


def _everything(dialect: Dialect, values: Mapping[str, Any], scope: Scope) -> tuple[list[_Said], list[Unsaid]]:
    said: list[_Said] = []
    unsaid: list[Unsaid] = []
    for name, value in values.items():
        made = _say(dialect, name, value, scope)
        if isinstance(made, _Said):
            said.append(made)
        elif not _is_fact(name) and _SAID_BY.get(name) not in values:
            unsaid.append(made)
    section = _classless(dialect, unsaid)
    if section:
        lost = [one for one in said if one.key[: len(section)] == section]
        unsaid += [
            Unsaid(one.parameter, one.value, "an argument of the optimizer, which has no name here") for one in lost
        ]
        said = [one for one in said if one not in lost]
    return said, unsaid


def _classless(dialect: Dialect, unsaid: Iterable[Unsaid]) -> KeyPath:
    """The section that holds an optimizer's class and its arguments, where the class cannot be said: it stays empty."""
    if not any(one.parameter == "optimizer" for one in unsaid):
        return ()
    keys = (parse_key(row.key) for row in rows(dialect, "optimizer") if row.key)
    return next((key[:-1] for key in keys), ())


def _is_fact(name: str) -> bool:
    return vocabulary().parameters[name].category in _FACTS or name in _FACT_NAMES


def _put(data: dict[str, Any], key: KeyPath, value: Any) -> None:
    """Set a value in nested mappings and lists, which are made on the way."""
    node: Any = data
    for step, following in zip(key, (*key[1:], None), strict=True):
        if isinstance(step, int):
            node.extend({} for _ in range(step + 1 - len(node)))
        if following is None:
            node[step] = value
        elif isinstance(node, dict):
            node = node.setdefault(step, [] if isinstance(following, int) else {})
        else:
            node = node[step]


# --------------------------------------------------------------------------------------------- the gaps of a config


def fill(path: str | os.PathLike[str], setup: Setup, advice: Advice) -> Filled:
    """The config at a path with what was suggested put into its gaps; comments and all else stay as they are.

    Nothing is written: `write_back` does that.  Raises `CallError` where the file cannot be edited at all.
    """
    documents = read_file(path)
    document = documents[0]
    if len(documents) > 1 or len(read(document, setup.dialect)) > 1:
        raise CallError(f"{path} holds several runs; only a file of one run is written to")
    if document.format not in editing.FORMATS:
        raise CallError(f"{document.format} files are read, not written; --as writes a new config")
    if not isinstance(document.data, dict):
        raise CallError(f"{path} holds no mapping of keys to values")
    _, scope = _scope(setup, advice)
    filler = _Filler(document, setup, scope)
    untouched = Scope(setup)
    for name, told in advice.explanations.items():
        by_itself = untouched.value(name) == told.value and name in untouched.assumed  # the trainer does so unasked
        if told.confidence != "given" and not by_itself:
            filler.take(name, _counted(name, told.value))
    text = filler.document.text
    return Filled(text.encode(document.encoding), filler.values, tuple(filler.unsaid))


class _Filler:
    """Puts values into a document one by one; what cannot be put there is remembered with the reason."""

    def __init__(self, document: Document, setup: Setup, scope: Scope) -> None:
        self.document = document
        self.setup = setup
        self.scope = scope
        self.values: dict[str, Any] = {}
        self.unsaid: list[Unsaid] = []

    def take(self, name: str, value: Any) -> None:
        """Put one value where its parameter belongs."""
        reading = self.setup.main.get(name)
        if reading is not None and reading.state == "auto":
            self.unsaid.append(Unsaid(name, value, f"{format_key(reading.key)} is auto: the trainer decides"))
            return
        made = _say(self.setup.dialect, name, value, self.scope)
        if isinstance(made, Unsaid):
            self.unsaid.append(made)
            return
        if reading is not None:
            made = replace(made, key=reading.key)
        elif self.setup.dialect.name == "generic":
            made = replace(made, key=(*self._section(name), *made.key))
        self._set(self._clear_of_lists(made), value)

    def _set(self, made: _Said, value: Any) -> None:
        pairs = [(key, item) for key, item in made.pairs if key == made.key or self.document.get(key) is None]
        before = self.document
        try:
            text = editing.edited(before, pairs)
        except editing.EditError as problem:
            self.unsaid.append(Unsaid(made.parameter, value, str(problem)))
            return
        after = read_bytes(text.encode("utf-8"), before.name, before.format)[0]
        if made.plain and not self._reads(after, made.parameter, value):
            self.unsaid.append(Unsaid(made.parameter, value, f"{format_key(made.key)} would mean something else here"))
            return
        self.document = after
        self.values.update((format_key(key), item) for key, item in pairs)

    def _reads(self, document: Document, name: str, value: Any) -> bool:
        """Whether a document is read as having this value, and no parameter less than before."""
        again = build(read(document, self.setup.dialect)[0], self.setup.dialect, document, {})
        found = again.main.get(name)
        if found is None or not found.known or not set(self.setup.main) <= set(again.main):
            return False
        if isinstance(found.value, int | float) and isinstance(value, int | float):
            return math.isclose(found.value, value, rel_tol=1e-9)
        return bool(found.value == value) or found.value == [value]

    def _clear_of_lists(self, made: _Said) -> _Said:
        """The same with new items of a list (callbacks) behind those that are there already."""
        place = next((depth for depth, step in enumerate(made.key) if isinstance(step, int)), None)
        if place is None:
            return made
        there = self.setup.documents[0].get(made.key[:place])
        shift = len(there) if isinstance(there, list) else 0

        def moved(key: KeyPath) -> KeyPath:
            step = key[place] if len(key) > place else None
            return (*key[:place], step + shift, *key[place + 1 :]) if isinstance(step, int) else key

        return replace(made, key=moved(made.key), also=tuple((moved(key), value) for key, value in made.also))

    def _section(self, name: str) -> KeyPath:
        """Where a file of no known trainer keeps such parameters, or else all of them; else the top level."""
        places: dict[KeyPath, list[str]] = {}
        for other, reading in self.setup.main.items():
            if not _is_fact(other) and reading.document is self.setup.documents[0]:
                places.setdefault(reading.key[:-1], []).append(vocabulary().parameters[other].category)
        usable = {place: found for place, found in places.items() if isinstance(self.document.get(place), dict)}
        category = vocabulary().parameters[name].category
        alike = [place for place, found in usable.items() if category in found]
        if alike:
            return max(alike, key=lambda place: usable[place].count(category))
        mixed = [place for place, found in usable.items() if len(set(found)) > 1]
        return mixed[0] if len(mixed) == 1 else ()


def write_back(path: str | os.PathLike[str], filled: Filled) -> None:
    """Put a filled config in its file's place; raises `CallError` where that is not possible."""
    try:
        editing.replace_file(Path(path), filled.data)
    except OSError as problem:
        raise CallError(f"cannot write {path}: {problem.strerror or problem}") from None
