"""Which situation a run is in: optimizer, regime, adapter, domain, task, model family and size, each with its evidence.

What is evidence for what is data (`rules/context/*.toml`).  Strong evidence decides alone, weak evidence needs a second
independent hint; a fact that was told outweighs what is read, and of two that agree the more specific stands.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from advisor import expressions, packs
from advisor.document import format_key
from advisor.expressions import UNKNOWN
from advisor.parameters import letters, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.dialects import Reading
    from advisor.setup import Scope, Setup

#: Context keys that are parameters of the vocabulary too: their value is evidence by itself.
_DIRECT = ("optimizer", "precision", "adapter", "lr_schedule")
_SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?(b|m|k)(?:illion)?(?![a-z0-9])", re.IGNORECASE)
_MIXTURE = re.compile(r"(?<![a-z0-9.])(\d+)x(\d+(?:\.\d+)?)b(?![a-z0-9])", re.IGNORECASE)
#: What an expression may ask of the file itself; it is always there.
FILE_FACTS = ("file_name", "run")
_SCALE = {"k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of the context, and what told it."""

    key: str
    value: Any
    evidence: str
    strong: bool = True
    reading: Reading | None = None


@lru_cache(maxsize=1)
def _hierarchy() -> dict[str, dict[str, dict[str, Any]]]:
    rows: dict[str, dict[str, dict[str, Any]]] = {
        key: dict(names) for key, names in packs.bundle()["context"]["value"].items()
    }
    for parameter, choices in vocabulary().choices.items():
        table = rows.setdefault(parameter, {})
        for name, choice in choices.items():
            table.setdefault(name, {"parent": choice.parent, "title": choice.title})
    rows["dialect"] = {
        name: {"parent": data.get("parent"), "title": data.get("title")}
        for name, data in packs.bundle()["dialects"].items()
    }
    return rows


@lru_cache(maxsize=4096)
def ancestors(key: str, value: str) -> tuple[str, ...]:
    """A context value and everything it is a kind of, the most specific first."""
    rows = _hierarchy().get(key, {})
    out: list[str] = []
    current: str | None = value
    while current is not None and current not in out:
        out.append(current)
        current = rows.get(current, {}).get("parent")
    return tuple(out)


def known_value(key: str, value: str) -> bool:
    """Whether a context value of this name exists."""
    return value in _hierarchy().get(key, {})


def values(key: str) -> tuple[str, ...]:
    """The named values of a context key; none where it has none."""
    return tuple(_hierarchy().get(key, ()))


@lru_cache(maxsize=64)
def _spellings(key: str) -> dict[str, str]:
    """The spellings of a context key's values, reduced to letters and digits, and what they stand for."""
    rows = _hierarchy().get(key, {})
    written = {letters(alias): name for name, row in rows.items() for alias in row.get("aliases", ())}
    return written | {letters(name): name for name in rows}


def named(key: str, text: str) -> str | None:
    """The context value that a text means in any of its spellings, or None."""
    if known_value(key, text):
        return text
    name = vocabulary().choice(key, text) or _spellings(key).get(letters(text))
    return name if name is not None and known_value(key, name) else None


def nearest(key: str, name: str) -> str | None:
    """The context value that a misspelt name probably meant, or None."""
    close = difflib.get_close_matches(letters(name), _spellings(key), n=1)
    return _spellings(key)[close[0]] if close else None


def hierarchical(key: str) -> bool:
    """Whether a context key has named values."""
    return key in _hierarchy()


def telling(key: str) -> bool:
    """Whether a context key decides recommendations: one with named values, or the size of the model."""
    return hierarchical(key) or key == "num_parameters"


def title(key: str, value: Any) -> str:
    """A context value in words."""
    if key == "num_parameters" and isinstance(value, int | float):
        return _size(value)
    row = _hierarchy().get(key, {}).get(value) if isinstance(value, str) else None
    return str((row or {}).get("title") or value).replace("_", " ")


def _size(value: float) -> str:
    for unit, scale in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= scale:
            return f"{value / scale:.3g}{unit} parameters"
    return f"{value:g} parameters"


class Context:
    """Facts by key.  `value` answers for expressions; a fact of a model (its length limit) is among them."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.weak: dict[tuple[str, Any], list[Fact]] = {}

    def value(self, key: str) -> Any:
        """The value of a context key, or `UNKNOWN`."""
        fact = self.facts.get(key)
        return UNKNOWN if fact is None else fact.value

    def isa(self, key: str, value: str) -> Any:
        """Whether a context key has this value or one below it; unknown where the key is."""
        found = self.value(key)
        if found is UNKNOWN:
            return UNKNOWN
        return value in ancestors(key, found) if isinstance(found, str) else found == value

    def add(self, fact: Fact) -> None:
        """Take a fact in: a known key keeps its value unless the new one is a kind of it.

        Weak facts count from the second hint on; hints with the same evidence are one.
        """
        if not fact.strong:
            hints = self.weak.setdefault((fact.key, fact.value), [])
            if any(hint.evidence == fact.evidence for hint in hints):
                return
            hints.append(fact)
            if len(hints) < 2:
                return
            fact = Fact(fact.key, fact.value, " and ".join(hint.evidence for hint in hints), True, hints[0].reading)
        old = self.facts.get(fact.key)
        if old is None or (
            old.value != fact.value and isinstance(fact.value, str) and old.value in ancestors(fact.key, fact.value)
        ):
            self.facts[fact.key] = fact

    def describe(self, keys: tuple[str, ...]) -> str:
        """Some of the context in words: `LoRA fine-tuning, language models`."""
        return ", ".join(title(key, self.facts[key].value) for key in keys if key in self.facts)


@lru_cache(maxsize=512)
def _pattern(match: str) -> re.Pattern[str]:
    return re.compile(match, re.IGNORECASE)


def _matching(table: str, text: str) -> Iterator[dict[str, Any]]:
    """The rows of a table whose pattern is found in a text; compiled only where one of its pieces is there."""
    lower = text.lower()
    for row in packs.bundle()["context"][table]:
        pieces = row.get("pieces")
        if (not pieces or any(piece in lower for piece in pieces)) and _pattern(row["match"]).search(text):
            yield row


def model_size(name: str) -> float | None:
    """The number of parameters that a model's name states (`7B`, `8x7B`, `350m`), or None."""
    mixture = _MIXTURE.search(name)
    if mixture:
        return float(mixture[1]) * float(mixture[2]) * 1e9
    found = [float(m[1]) * _SCALE[m[2].lower()] for m in _SIZE.finditer(re.sub(r"[_/]", " ", name))]
    usable = [size for size in found if 1e6 <= size <= 5e12]
    return max(usable) if usable else None


@lru_cache(maxsize=2048)
def model_facts(name: str) -> dict[str, Any]:
    """What a model's name tells: family, domain, size, known limits.

    The first row that is found decides: the table has whole systems before the backbones their names also mention.
    """
    text = name.lower()
    row = next(_matching("model", text), {})
    out: dict[str, Any] = {key: row[key] for key in ("family", "domain", "task", "regime", "adapter") if row.get(key)}
    out.update(row.get("facts", {}))
    sizes = row.get("sizes", {})
    named = [word for word in sorted(sizes, key=len, reverse=True) if _has_word(text, word)]
    # `2_1_5b` may be version 2 of 1.5b or version 2.1 of 5b: only the family's own table knows.
    written = [word for word in named if "_" in word]
    size = sizes[written[0]] if written else model_size(name)
    if size is None and named:
        size = sizes[named[0]]
    if size is not None:
        out["num_parameters"] = size
        heads = next((heads for count, heads in row.get("heads", ()) if abs(size / count - 1) < 0.05), None)
        if heads is not None:
            out["checkpoint_heads"] = heads
    return out


def _has_word(text: str, word: str) -> bool:
    """Whether a name has this word: letters end at digits, so that `resnet50` has `50` and `yolov8n` has `n`."""
    before = r"(?<!\d)" if word[0].isdigit() else "(?<![a-z])"
    after = r"(?!\d)" if word[-1].isdigit() else "(?![a-z])"
    return re.search(before + re.escape(word) + after, text) is not None


def detect(setup: Setup, scope: Scope) -> Context:
    """The context of one group of a setup; `scope` is given the context so that evidence may build on evidence."""
    context = Context()
    scope.context = context

    def learn(fact: Fact) -> None:
        context.add(fact)
        scope._values.pop(fact.key, None)  # what was not known a row ago is now

    for fact in _told(setup):
        learn(fact)
    for fact in _direct(scope):
        learn(fact)
    for fact in _from_text(scope, "task", told_only=True):
        learn(fact)
    for _ in range(2):
        for fact in _from_evidence(scope):
            learn(fact)
        for fact in _from_model(scope):
            learn(fact)
        for fact in _from_text(scope, "model", told_only=False):
            learn(fact)
        for fact in _from_dialect(setup, scope):
            learn(fact)
        for fact in _from_file_name(scope, context):
            learn(fact)
        scope._values.clear()
    return context


def _told(setup: Setup) -> Iterator[Fact]:
    """Facts given with `--set` (or as plain keys of a library call)."""
    for key, value in setup.facts.items():
        if key == "fine_tuning":
            regime = "finetune" if value is True else "from_scratch"
            yield Fact("regime", regime, f"fine_tuning = {str(value).lower()} was told")
        elif hierarchical(key) and isinstance(value, str):
            name = named(key, value)
            if name is not None:
                yield Fact(key, name, f"{key} = {value} was told")


def _direct(scope: Scope) -> Iterator[Fact]:
    """Parameters whose value is context by itself, and facts that stand in the file."""
    setup = scope.setup
    reading = setup.reading("fine_tuning", scope.group)
    if reading is not None and reading.known and isinstance(reading.value, bool):
        regime = "finetune" if reading.value else "from_scratch"
        yield Fact("regime", regime, _shown(reading), reading=reading)
    for key in (*_DIRECT, "regime", "domain", "task", "family"):
        reading = setup.reading(key, scope.group)
        if reading is not None and reading.known and isinstance(reading.value, str):
            name = named(key, reading.value)
            if name is not None:
                yield Fact(key, name, _shown(reading), reading=reading)
        elif reading is None and key in _DIRECT:
            value = scope.value(key)
            if isinstance(value, str) and known_value(key, value) and key in scope.assumed:
                yield Fact(key, value, f"the default of {setup.dialect.title}")


def _shown(reading: Reading) -> str:
    """A reading as evidence: `lora_r` at line 12 (the line is looked up only when somebody asks)."""
    return f"`{format_key(reading.key)}`" if reading.key else reading.parameter


def _from_evidence(scope: Scope) -> Iterator[Fact]:
    for row in packs.bundle()["context"]["evidence"]:
        if not any(_is_there(name, scope) for name in row["from"]):
            continue
        if expressions.compile(row["where"]).evaluate(scope) is not True:
            continue
        shown, reading = _evidence(row, scope)
        for key, value in row["gives"].items():
            yield Fact(key, value, shown, row.get("strength", "strong") == "strong", reading)


def _is_there(name: str, scope: Scope) -> bool:
    """Whether something of this name was read, told or found out: what no row is looked at without."""
    return (
        scope.setup.reading(name, scope.group) is not None
        or scope.has_key(name)
        or name in scope.setup.facts
        or name in FILE_FACTS
        or (scope.context is not None and name in scope.context.facts)
    )


def _evidence(row: dict[str, Any], scope: Scope) -> tuple[str, Reading | None]:
    """The keys that made a row of evidence hold, in words, and the first of them."""
    names = row["from"]
    readings = [reading for name in names if (reading := scope.setup.reading(name, scope.group)) is not None]
    if readings:
        return " and ".join(dict.fromkeys(_shown(reading) for reading in readings[:2])), readings[0]
    keys = [name for name in names if scope.has_key(name)]
    if keys:
        return " and ".join(f"`{key}`" for key in keys[:2]), None
    facts = [name for name in names if name in scope.setup.facts]
    if facts:
        return " and ".join(f"{name} = {scope.setup.facts[name]} was told" for name in facts[:2]), None
    known = scope.context.facts if scope.context is not None else {}
    founded = [known[name] for name in names if name in known]  # what told them tells this too
    if founded:
        return " and ".join(dict.fromkeys(fact.evidence for fact in founded[:2])), founded[0].reading
    values = [title(name, value) for name in names if (value := scope.value(name)) is not UNKNOWN]
    return " and ".join(values[:2]) or row["where"], None


def _model_names(scope: Scope) -> Iterator[tuple[str, str, Reading | None]]:
    """What was told describes the whole, a file's key perhaps only a part; the file may make it more specific."""
    told = scope.setup.facts.get("model")
    if isinstance(told, str):
        yield told, f"model = {told} was told", None
    reading = scope.setup.reading("model", scope.group)
    if reading is not None and reading.known and isinstance(reading.value, str):
        yield reading.value, _shown(reading), reading
    task = scope.setup.facts.get("task")
    if isinstance(task, str) and not isinstance(told, str):
        yield task, f"task = {task} was told", None


def _from_model(scope: Scope) -> Iterator[Fact]:
    for name, shown, reading in _model_names(scope):
        for key, value in model_facts(name[:300]).items():
            yield Fact(key, value, shown, reading=reading)


def _from_file_name(scope: Scope, context: Context) -> Iterator[Fact]:
    """The model that a file is named after, where the file itself tells none: recipes often leave it to a base file.

    Only what kind of model it is, and only where that is of the domain which is known.
    """
    path = scope.value("file_name")
    if not isinstance(path, str) or context.value("family") is not UNKNOWN:
        return
    name = path.rpartition("/")[2].rpartition(".")[0]
    facts = model_facts(name[:100])
    domain, known = facts.get("domain"), context.value("domain")
    if domain is None or (
        known is not UNKNOWN and known not in ancestors("domain", domain) and domain not in ancestors("domain", known)
    ):
        return
    for key in ("family", "domain", "task"):
        if key in facts:
            yield Fact(key, facts[key], f"the file name, {name}")


def _from_text(scope: Scope, key: str, *, told_only: bool) -> Iterator[Fact]:
    """What free text about the task (or in a model's description) says."""
    texts: list[tuple[str, str]] = []
    told = scope.setup.facts.get(key)
    if isinstance(told, str):
        texts.append((told, f"{key} = {told} was told"))
    reading = scope.setup.reading(key, scope.group)
    # a model's name is free text only where it has several words: "ChatGLM-6B P-Tuning v2"
    if reading is not None and reading.known and isinstance(reading.value, str) and (told_only or " " in reading.value):
        texts.append((reading.value, _shown(reading)))
    for text, shown in texts:
        for row in _matching("task", text[:300]):
            for name, value in row["gives"].items():
                yield Fact(name, value, shown)


def _from_dialect(setup: Setup, scope: Scope) -> Iterator[Fact]:
    yield Fact("dialect", setup.dialect.name, f"a {setup.dialect.title} config")
    for key, given in setup.dialect.facts.items():
        for row in given if isinstance(given, list) else [given]:
            where = row.get("where") if isinstance(row, dict) else None
            value = row["value"] if isinstance(row, dict) else row
            if where is not None and expressions.compile(where).evaluate(scope) is not True:
                continue
            if key == "fine_tuning":
                yield Fact("regime", "finetune" if value else "from_scratch", f"a {setup.dialect.title} config")
            elif scope.context is not None and scope.context.value(key) is UNKNOWN:
                # What is usual for a trainer only fills a gap: it does not refine what the file itself told.
                yield Fact(key, value, f"a {setup.dialect.title} config")
            break
