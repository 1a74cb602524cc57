"""Dialects as typed views of their tables, and which of them a document is written in."""

from __future__ import annotations

import fnmatch
import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from advisor import packs
from advisor.dialects.source import Source
from advisor.dialects.values import as_text
from advisor.parameters import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.document import Document, KeyPath


#: A little less than 1.0, for sums of weights that miss it by rounding.
_RECOGNISED = 0.999
#: A dialect with a parent needs this much of its own to be taken for more than its parent.
_OWN_SHARE = 0.4


class UnknownDialectError(ValueError):
    """A dialect was named that does not exist."""


class Dialect:
    """How one trainer writes a config: a typed view of its table."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.name: str = data["name"]
        self.title: str = data.get("title") or self.name
        self.yaml_numbers: str = data.get("yaml_numbers", "unknown")
        self.defaults: dict[str, Any] = data.get("defaults", {})
        self.facts: dict[str, Any] = data.get("facts", {})
        self.known: dict[str, Any] = data.get("known", {})
        self.renamed: dict[str, Any] = data.get("renamed", {})

    @cached_property
    def known_sections(self) -> dict[str, frozenset[str]]:
        """The keys that the trainer knows, as words, by the section that they stand in (`""`: the top of the file)."""
        rows = {**self.known.get("sections", {}), self.known.get("at", ""): self.known.get("keys", ())}
        return {
            ".".join(word(part) for part in section.split(".")): frozenset(word(key) for key in keys)
            for section, keys in rows.items()
            if keys
        }

    @cached_property
    def _plain(self) -> dict[str, list[dict[str, Any]]]:
        return {
            pattern: _meanings(value)
            for key, value in self.data.get("keys", {}).items()
            if isinstance(pattern := key_pattern(key), str)
        }

    @cached_property
    def _wild(self) -> list[tuple[re.Pattern[str], list[dict[str, Any]]]]:
        return [
            (pattern, _meanings(value))
            for key, value in self.data.get("keys", {}).items()
            if not isinstance(pattern := key_pattern(key), str)
        ]

    @cached_property
    def _unset(self) -> list[tuple[re.Pattern[str] | str, list[Any]]]:
        return [(key_pattern(key), values) for key, values in self.data.get("unset", {}).items()]

    def meanings(self, joined: str) -> list[dict[str, Any]] | None:
        """What the dialect says of a key: a list of meanings (empty: no parameter), or None where it says nothing."""
        found = self._plain.get(joined)
        if found is None:
            found = next((meanings for pattern, meanings in self._wild if pattern.match(joined)), None)
        return found

    def means_unset(self, joined: str, value: Any) -> bool:
        """Whether this value under this key stands for "not given"."""
        for pattern, values in self._unset:
            hit = pattern == joined if isinstance(pattern, str) else bool(pattern.match(joined))
            if hit and any(value == unset and type(value) is not bool for unset in values):
                return True
        return False

    def spellings(self, parameter: str) -> Iterator[str]:
        """How the trainer spells the named values of a parameter, as its `[write]` table has them."""
        given = self.data.get("write", {}).get(parameter)
        for row in given if isinstance(given, list) else [given]:
            said = row.get("values", {}) if isinstance(row, dict) else {}
            yield from (text for text in said.values() if isinstance(text, str))

    @property
    def shared_run(self) -> str | None:
        """The name, as a word, of the run that holds what all runs of a file share."""
        base = self.data.get("runs", {}).get("base")
        return word(base) if base else None

    def runs(self, data: Any) -> list[KeyPath]:
        """The key paths at which the runs of a file start; one empty path where the file is one run."""
        each = self.data.get("runs", {}).get("each")
        if not isinstance(data, dict) or not (each or self.name == "generic"):
            return [()]
        if each is None:
            return [(key,) for key, child in data.items() if isinstance(child, dict)] if _side_by_side(data) else [()]
        paths: list[KeyPath] = [()]
        for step in each.split("."):
            paths = [
                (*path, key)
                for path in paths
                for key, child in _at(data, path).items()
                if (step == "*" or word(str(key)) == step) and isinstance(child, dict)
            ]
        return paths or [()]

    def score(self, source: Source) -> float:
        """How surely a document is of this dialect; 1.0 recognises."""
        marks = self.data.get("recognise", {})
        formats = marks.get("format")
        if formats and source.document.format not in (*formats, "object"):
            return 0.0
        total = 0.0
        name = re.split(r"[/\\]", source.document.name)[-1].lower()
        for glob, weight in marks.get("filename", {}).items():
            total += weight * fnmatch.fnmatch(name, glob.lower())
        for sign, table in ((1, marks.get("keys", {})), (-1, marks.get("against", {}))):
            for key, weight in table.items():
                total += sign * weight * _present(_compiled(key), source)
        for key, (regex, weight) in marks.get("values", {}).items():
            total += weight * _valued(_compiled(key), re.compile(regex, re.IGNORECASE), source)
        return total

    def evidence(self, source: Source) -> dict[str, float]:
        """The marks of this dialect that a document bears, with their weights."""
        marks = self.data.get("recognise", {})
        name = re.split(r"[/\\]", source.document.name)[-1].lower()
        files = {
            glob: weight for glob, weight in marks.get("filename", {}).items() if fnmatch.fnmatch(name, glob.lower())
        }
        keys = {key: weight for key, weight in marks.get("keys", {}).items() if _present(_compiled(key), source)}
        values = {
            key: weight
            for key, (regex, weight) in marks.get("values", {}).items()
            if _valued(_compiled(key), re.compile(regex, re.IGNORECASE), source)
        }
        return {**keys, **values, **files}


@lru_cache(maxsize=4096)
def _compiled(key: str) -> re.Pattern[str] | str:
    return key_pattern(key)


def _at(data: Any, path: KeyPath) -> dict[str, Any]:
    for step in path:
        data = data[step]
    return data if isinstance(data, dict) else {}


def _meanings(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else [value]
    made = [{"parameter": row} if isinstance(row, str) else row for row in rows]
    return [row for row in made if row.get("parameter")]


def _present(pattern: re.Pattern[str] | str, source: Source) -> bool:
    return pattern in source.paths if isinstance(pattern, str) else bool(pattern.search(source.path_text))


def _valued(pattern: re.Pattern[str] | str, regex: re.Pattern[str], source: Source) -> bool:
    for leaf in source.leaves:
        joined = leaf.joined
        hit = pattern == joined if isinstance(pattern, str) else bool(pattern.match(joined))
        if hit and regex.search(as_text(leaf.value)):
            return True
    return False


class Dialects:
    """All dialects, with the user's own."""

    def __init__(self, extra: dict[str, dict[str, Any]] | None = None) -> None:
        tables = packs.bundle()["dialects"]
        if extra:
            tables = {**tables, **extra}
            for name in extra:
                packs.inherit(tables, name, ())
        self._all = {name: Dialect(data) for name, data in tables.items()}
        self._all.setdefault("generic", Dialect({"name": "generic", "title": "generic"}))

    def __iter__(self) -> Iterator[Dialect]:
        return iter(self._all.values())

    def named(self, name: str) -> Dialect:
        """The dialect of this name; raises `UnknownDialectError` with a suggestion."""
        if name not in self._all:
            import difflib

            close = difflib.get_close_matches(name, self._all, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(self._all))}"
            raise UnknownDialectError(f"unknown dialect {name!r}{hint}")
        return self._all[name]

    def recognise(self, document: Document) -> Dialect:
        """The dialect that a document is written in; `generic` where none is recognised."""
        if not isinstance(document.data, dict):
            return self.named("generic")
        source = Source(document)
        scores = {name: dialect.score(source) for name, dialect in self._all.items()}
        best, best_score = self.named("generic"), _RECOGNISED
        for name, dialect in self._all.items():
            score, parent = scores[name], dialect.data.get("parent")
            if parent is not None and score >= _OWN_SHARE:
                score += scores[parent]  # what marks the parent marks its child too
            if score > best_score:
                best, best_score = dialect, score
        return best

    def evidence(self, document: Document, dialect: Dialect) -> list[str]:
        """The marks that a document was recognised by, the most telling first; those of the parent count too."""
        source = Source(document)
        found: dict[str, float] = {}
        current: Dialect | None = dialect
        while current is not None and isinstance(document.data, dict):
            found = {**current.evidence(source), **found}
            current = self._all.get(current.data.get("parent") or "")
        return sorted(found, key=lambda mark: -found[mark])


_FEWEST_RUNS, _SHARE_OF_RUNS = 3, 0.75
_RUN_LIKE = (re.compile(r"(^|_)(lr|learning_rate)$"), re.compile(r"epoch|batch|max_steps|max_frame|timesteps|max_iter"))


def _side_by_side(data: dict[Any, Any]) -> bool:
    """Whether the sections of a file are runs: nearly every one has a learning rate, and a length or a batch."""
    sections = [child for child in data.values() if isinstance(child, dict)]
    if len(sections) < _FEWEST_RUNS or len(sections) < len(data):
        return False
    alike = 0
    for section in sections:
        words = {word(str(key)) for key in _keys_below(section)}
        alike += all(any(pattern.search(name) for name in words) for pattern in _RUN_LIKE)
    return alike >= _SHARE_OF_RUNS * len(sections)


def _keys_below(data: dict[Any, Any]) -> Iterator[Any]:
    for key, child in data.items():
        yield key
        if isinstance(child, dict):
            yield from _keys_below(child)


def key_pattern(text: str) -> re.Pattern[str] | str:
    """A key pattern over joined words: `*` is one segment, `**` any number; plain text stays text."""
    words = [part if part in ("*", "**") else word(part) for part in text.split(".")]
    if not any("*" in part for part in words):
        return ".".join(words)
    out = []
    for position, part in enumerate(words):
        last = position == len(words) - 1
        if part == "**":
            out.append(r"[^\n]*" if last else r"(?:[^\n]*\.)?")
        else:
            out.append("[^.\n]*".join(re.escape(piece) for piece in part.split("*")) + ("" if last else r"\."))
    return re.compile("^" + "".join(out) + "$", re.MULTILINE)
