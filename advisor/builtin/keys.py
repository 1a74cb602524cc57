"""Keys: given twice, unknown to the trainer, renamed, contradicting each other, or holding what nobody can use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from advisor import spelling
from advisor.builtin.common import SETTINGS, Case, Hit, each_reading, place_at
from advisor.document import format_key
from advisor.expressions import format_number
from advisor.findings import Edit, Fix
from advisor.parameters import vocabulary, word

if TYPE_CHECKING:
    from advisor.dialects import Leaf
    from advisor.document import Document, Irregularity, KeyPath
    from advisor.findings import Severity
    from advisor.setup import Part, Setup


def irregular(case: Case) -> Iterator[Hit]:
    """What a document holds that no training can use, whatever key it stands under."""
    for document, found, name in _irregularities(case.setup, *_IRREGULAR):
        if found.kind == "not-finite" and name is not None:
            continue
        yield Hit(
            f"`{format_key(found.key)}` {found.detail}",
            (name,) if name else (),
            place=place_at(document, found.key, found.span),
            severity=_IRREGULAR[found.kind],
        )


def _irregularities(setup: Setup, *kinds: str) -> Iterator[tuple[Document, Irregularity, str | None]]:
    """What is irregular in the run's share of its files, and the parameter that it befell, if it is one."""
    named = {(id(reading.document), reading.key): reading.parameter for _, reading in each_reading(setup)}
    for part in setup.parts:
        prefix = part.run.prefix
        for found in part.document.irregularities:
            if found.kind in kinds and found.key[: len(prefix)] == prefix:
                yield part.document, found, named.get((id(part.document), found.key))


#: Kinds of irregularity that are told as they are; the duplicate key has a rule of its own.
_IRREGULAR: dict[str, Severity] = {"not-finite": "note", "huge-integer": "warning", "recursive-alias": "warning"}


def duplicate_key(case: Case) -> Iterator[Hit]:
    """The same key twice in one mapping: parsers keep the last one silently."""
    for document, found, name in _irregularities(case.setup, "duplicate-key"):
        earlier = f" (first at line {found.other.line})" if found.other else ""
        yield Hit(
            f"`{format_key(found.key)}` is given twice{earlier}; parsers silently keep one of the two",
            (name,) if name else (),
            place=place_at(document, found.key, found.span),
            advice="keep the one that is meant",
        )


def conflicting_values(case: Case) -> Iterator[Hit]:
    """One quantity under two names with different values, in one place."""
    for conflict in case.setup.conflicts:
        if conflict.companion:
            continue
        parameter = vocabulary().parameters[conflict.parameter]
        if not parameter.numeric or parameter.category in ("data", "model"):
            continue  # a model has many parts, each with a width and a depth of its own
        yield Hit(
            f"{parameter.title} is given twice: `{format_key(conflict.kept.key)}` = {_plain(conflict.kept.value)} and "
            f"`{format_key(conflict.other.key)}` = {_plain(conflict.other.value)}",
            (conflict.parameter,),
            conflict.other,
            value=conflict.other.value,
            related=(conflict.kept,),
            advice="keep one of them",
        )


def companion_mismatch(case: Case) -> Iterator[Hit]:
    """A file and its companion (a DeepSpeed JSON) give the same quantity different values."""
    for conflict in case.setup.conflicts:
        parameter = vocabulary().parameters[conflict.parameter]
        if not conflict.companion or not parameter.numeric:
            continue
        yield Hit(
            f"{parameter.title} is {_plain(conflict.kept.value)} in {conflict.kept.document.name} but "
            f"{_plain(conflict.other.value)} in {conflict.other.document.name}",
            (conflict.parameter,),
            conflict.other,
            value=conflict.other.value,
            related=(conflict.kept,),
            advice='give it in one place, or "auto" in the engine\'s file',
        )


def _plain(value: Any) -> str:
    return format_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def unknown_key(case: Case) -> Iterator[Hit]:
    """A key that the trainer does not know, close to one that it does, or to a word of the field."""
    for part in case.setup.parts:
        yield from _unknown_in(part, case.setup)
        yield from _unheard_in(part, case.setup)


def _unknown_in(part: Part, setup: Setup) -> Iterator[Hit]:
    """Misspelt keys of one file, in every section whose keys the dialect knows."""
    dialect = part.dialect
    seen: set[KeyPath] = set()
    for leaf in part.run.leaves if dialect.known_sections else ():
        for path, section in _steps(leaf, len(part.run.prefix)):
            known = dialect.known_sections.get(section)
            if known is None or path in seen:
                continue
            seen.add(path)
            key = word(str(path[-1]))
            renamed = f"{section}.{key}" if section else key
            if key in known or renamed in dialect.renamed:
                continue
            close = spelling.meant(key, known)
            if close is not None and close not in setup.keys and not _is_another(key, close):
                yield _misspelt(part, setup, path, close, leaf)


#: Keys with fewer letters are like one another by chance.
_LONG_KEY = 7


def _unheard_in(part: Part, setup: Setup) -> Iterator[Hit]:
    """Misspelt words of the field in the sections whose keys nobody has listed."""
    words = vocabulary()
    sections = part.dialect.known_sections
    slipped = cache(lambda key: spelling.slipped(key, words.plain))  # the keys of a list of blocks recur
    for leaf in part.run.leaves:
        key = leaf.words[-1] if leaf.words else ""
        if len(key) < _LONG_KEY or not isinstance(leaf.path[-1], str) or words.spelled(key):
            continue
        *_, (path, section) = _steps(leaf, len(part.run.prefix))
        if section in sections or not isinstance(leaf.value, int | float | str | list):
            continue
        close = slipped(key)
        if close is not None and close not in setup.keys and word(str(path[-1])) == key:
            named = _said_by(part, (*leaf.words[:-1], close))
            if named is None or named in setup.main:
                continue
            if words.parameters[named].category in SETTINGS - {"rl"}:
                yield _misspelt(part, setup, path, close, leaf)


def _said_by(part: Part, words: tuple[str, ...]) -> str | None:
    """The parameter that a key stands for, by the dialect or else by its plain spelling."""
    meanings = part.dialect.meanings(".".join(words))
    if meanings:
        return str(meanings[0]["parameter"])
    plain = (
        alias.parameter
        for alias in vocabulary().spelled(words[-1])
        if alias.words == words[-1:] and not alias.conditional
    )
    return next(plain, None) if meanings is None else None


def _is_another(key: str, close: str) -> bool:
    """Whether a key is a word of the field for something else: `cp_size` is no slip of `tp_size`."""
    said, meant = ({alias.parameter for alias in vocabulary().spelled(name)} for name in (key, close))
    return bool(said and meant and not said & meant)


def _steps(leaf: Leaf, start: int) -> Iterator[tuple[KeyPath, str]]:
    """The keys that lead to a leaf, each with the words of the section that it stands in."""
    section: list[str] = []
    for end in range(start, len(leaf.path)):
        step = leaf.path[end]
        if isinstance(step, int):
            continue
        yield leaf.path[: end + 1], ".".join(section)
        section.append(word(step))


def _misspelt(part: Part, setup: Setup, path: KeyPath, close: str, leaf: Leaf) -> Hit:
    document = part.document
    section = ".".join(word(step) for step in path[len(part.run.prefix) : -1] if isinstance(step, str))
    listed = section in part.dialect.known_sections  # a trainer is blamed only where all its keys are known
    why = f"{part.dialect.title} does not know the key `{path[-1]}`" if listed else f"`{path[-1]}` is one letter off"
    parameter = next((r.parameter for r in setup.main.values() if r.key[: len(path)] == path), None)
    named = parameter or _said_by(part, (*leaf.words[: len(path) - len(part.run.prefix) - 1], close))
    return Hit(
        f"{why}; did you mean `{close}`?",
        (named,) if named else (),
        place=place_at(document, path, document.key_span(path)),
        value=leaf.value if leaf.path == path and not isinstance(leaf.value, list) else None,
        fix=Fix("unsafe", (Edit(document.name, format_key(path), "rename", close),)),
        advice=f"rename it to `{close}`",
    )


def renamed_key(case: Case) -> Iterator[Hit]:
    """A key renamed or removed in the version of the library that reads the config."""
    for part in case.setup.parts:
        library = part.dialect.data.get("library")
        version = case.target.get(str(library)) if library else None
        if version is not None:
            yield from _renamed_in(part, case.setup, f"{library} {version}", _version(version))


def _renamed_in(part: Part, setup: Setup, library: str, version: tuple[int, ...]) -> Iterator[Hit]:
    seen: set[KeyPath] = set()
    for leaf in part.run.leaves if part.dialect.renamed else ():
        for path, section in _steps(leaf, len(part.run.prefix)):
            name = ".".join(filter(None, (section, word(str(path[-1])))))
            row = part.dialect.renamed.get(name)
            if row is None or path in seen:
                continue
            seen.add(path)
            row = {"to": row} if isinstance(row, str) else row
            if version >= _version(row.get("removed") or row.get("since") or "0"):
                yield _renamed(part, setup, path, row, library)


def _renamed(part: Part, setup: Setup, path: KeyPath, row: dict[str, str], library: str) -> Hit:
    document, new = part.document, row.get("to")
    when = f"gone by {row['removed']}" if row.get("removed") else f"since {row['since']}" if row.get("since") else ""
    known = next((r.parameter for r in setup.main.values() if r.key == path), None)
    change = f"is now called `{new}`" if new else "is no longer known"
    note = f": {row['note']}" if row.get("note") else ""
    return Hit(
        f"`{path[-1]}` {change} in {library}{f' ({when})' if when else ''}{note}",
        (known,) if known else (),
        place=place_at(document, path, document.key_span(path)),
        fix=Fix("safe", (Edit(document.name, format_key(path), "rename", new),)) if new else None,
        advice=f"write `{new}`" if new else "remove it",
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:4])
