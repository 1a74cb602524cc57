"""How trainers spell things: recognising a dialect, and reading a document's keys as canonical parameters.

A dialect is data (`dialects/*.toml`); the generic reading by the vocabulary's spellings serves every key that a dialect
does not mention, and whole files that no dialect claims.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from advisor import expressions, packs
from advisor.dialects import references, spaces
from advisor.dialects.spaces import Space
from advisor.expressions import UNKNOWN, format_value
from advisor.parameters import Alias, Parameter, Vocabulary, number, vocabulary, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.document import Document, KeyPath

State = Literal["known", "null", "unset", "auto", "reference", "text", "list", "space"]

#: A file with more scalars than this is data, not a config.
MAX_LEAVES = 100_000

#: A little less than 1.0, for sums of weights that miss it by rounding.
_RECOGNISED = 0.999
#: A dialect with a parent needs this much of its own to be taken for more than its parent.
_OWN_SHARE = 0.4

_REFERENCE = re.compile(r"\$\{|^\$\(|^!|^@|\{\{|^<[a-zA-Z_ ]+>$|^\$[A-Za-z_]")
_NULLS = frozenset({"", "none", "null", "~", "nil", "undefined"})
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_OPTIONS = re.compile(r"\s*\w[\w.]*=[^\s=,](?:[^\s=]*[^\s=,])?(?:[\s;]+\w[\w.]*=[^\s=]+)*\s*$")
_TAG = re.compile(r"^!+(?:(?:new|name|apply|obj|object):)?")
_STEPS = re.compile(r"[./]|(?<=[a-zA-Z0-9])__(?=[a-zA-Z0-9])")
_OPTION = re.compile(r"(\w[\w.]*)=([^\s=;]+)")
#: What a class is recognised by as an optimizer or a schedule beside its own name: `torch.optim`, `optax`, a capital.
_BUILT = {
    "optimizer": re.compile(r"optim|optax|(?:^|[.:!])[A-Z]\w*$"),
    "lr_schedule": re.compile(r"sched|anneal|decay|LR$", re.IGNORECASE),
}
#: Keys by which a mapping names the class that it configures, and the longest such name.
_KINDS = ("type", "_target_", "class_path", "class_name", "_component_", "class", "TYPE", "NAME", "__call__", "__tag__")
MAX_KIND = 100


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar or a list without mappings in it, with its key path and the normalised words of that path."""

    path: KeyPath
    words: tuple[str, ...]
    value: Any
    typed: str = ""  # the ancestors with the kind that each says it is: `callbacks.early_stopping.config`
    reference: str = ""  # the text of the reference that the value was found by, `${optimizer.lr}`

    @property
    def joined(self) -> str:
        """The words as one text: `trainer.optimizer.lr`."""
        return ".".join(self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """A key read as a canonical parameter."""

    parameter: str
    value: Any
    state: State
    key: KeyPath
    document: Document
    raw: Any
    rank: tuple[int, int, int] = (1, 0, 0)
    group: str | None = None
    as_text: bool = False
    note: str = ""
    words: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the value can be judged."""
        return self.state == "known"


@dataclass(frozen=True)
class Run:
    """What was read of one training run."""

    name: str | None
    readings: tuple[Reading, ...]
    leaves: tuple[Leaf, ...]
    prefix: KeyPath = ()  # where the run starts in its document


@dataclass(frozen=True, slots=True)
class Built:
    """A mapping that a call or a tag says is an object of a class: `Adam(lr=...)`, `!new:torch.optim.Adam`."""

    path: KeyPath
    words: tuple[str, ...]
    name: str


class Source:
    """A document's leaves, with what conditions on keys may ask of it."""

    def __init__(self, document: Document, prefix: KeyPath = (), dialect: str = "") -> None:
        self.document = document
        self.dialect = dialect
        node = document.data
        for step in prefix:
            node = node[step]
        leaves, self.nodes, self.lists, self.built = _walk(node, prefix, len(prefix))
        self.leaves = [self._followed(leaf) for leaf in leaves]

    def _followed(self, leaf: Leaf) -> Leaf:
        """The leaf with what it refers to, where the file holds that."""
        if not isinstance(leaf.value, str) or leaf.value.lstrip()[:1] not in ("$", "@"):
            return leaf
        value = references.resolve(self.document.data, leaf.value, leaf.path)
        return leaf if value is UNKNOWN or value == leaf.value else replace(leaf, value=value, reference=leaf.value)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every node's words, joined."""
        return frozenset(self.nodes)

    @cached_property
    def path_text(self) -> str:
        """All paths, a line each, for patterns with wildcards."""
        return "\n".join(self.nodes)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The last words of all keys."""
        return frozenset(path.rpartition(".")[2] for path in self.nodes)

    @cached_property
    def _values(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for leaf in self.leaves:
            if leaf.words:
                out.setdefault(leaf.words[-1], leaf.value)
        return out

    @cached_property
    def texts(self) -> str:
        """All short texts that stand as values, in lower case, a line each: what a file names anywhere."""
        named = [leaf.value for leaf in self.leaves if isinstance(leaf.value, str) and len(leaf.value) < MAX_KIND]
        return "\n".join([*named, *(re.split(r"[.:!]", built.name)[-1] for built in self.built)]).lower()

    # The scope of the conditions that aliases and dialects put on keys: names are the last words of raw keys.
    def value(self, name: str) -> Any:
        """The value as written under a key, or unknown; `dialect` is the dialect's name, `texts` all text values."""
        if name == "dialect":
            return self.dialect
        if name == "texts":
            return self.texts
        return self._values.get(name, UNKNOWN)

    def given(self, name: str) -> bool:
        """Whether the key is there."""
        return name in self.keys

    def is_null(self, name: str) -> bool:
        """Whether the key is there and null."""
        return name in self._values and self._values[name] is None

    def has_key(self, key: str) -> bool:
        """Whether the key (its last word, or its whole path) is there."""
        return key in self.keys or key in self.paths

    def is_default(self, name: str) -> bool:  # noqa: ARG002 - raw keys have no defaults
        """Raw keys have no defaults."""
        return False

    def isa(self, key: str, value: str) -> Any:  # noqa: ARG002 - contexts are not known while keys are read
        """Contexts are not known while keys are read."""
        return UNKNOWN


def _walk(node: Any, prefix: KeyPath, skip: int) -> tuple[list[Leaf], list[str], list[Leaf], list[Built]]:
    """Leaves in document order, the joined words of every node, lists that hold mappings, objects that are built."""
    leaves: list[Leaf] = []
    lists: list[Leaf] = []
    built: list[Built] = []
    nodes: dict[str, None] = {}
    stack: list[tuple[KeyPath, tuple[str, ...], Any, str]] = [(prefix, (), node, "")]
    while stack and len(leaves) < MAX_LEAVES:
        path, words, value, typed = stack.pop()
        if words:
            nodes[".".join(words)] = None
        if isinstance(value, dict) and value:
            inner = _with_kind(typed, words, value)
            name = value.get("__call__") or value.get("__tag__")
            if isinstance(name, str) and words and len(name) < MAX_KIND:
                built.append(Built(path, words, _TAG.sub("", name)))
            stack.extend(
                (*_step(path, words, key), child, inner)
                for key, child in reversed(list(value.items()))
                if key != "__tag__"
            )
        elif isinstance(value, list) and any(_holds_mapping(item) for item in value):
            lists.append(Leaf(path, words, value, typed))
            stack.extend(((*path, i), words, item, typed) for i, item in reversed(list(enumerate(value))))
        elif words or len(path) > skip:
            if not words:
                continue
            leaves.append(Leaf(path, words, value, typed))
            for leaf in _unpacked(path, words, value):
                leaves.append(leaf)
                nodes[leaf.joined] = None
    return leaves, list(nodes), lists, built


def _with_kind(typed: str, words: tuple[str, ...], node: dict[Any, Any]) -> str:
    """The ancestors of a mapping's entries: those of the mapping, its own word, and the kind that it says it is."""
    kind = next((node[key] for key in _KINDS if isinstance(node.get(key), str)), "") or (words and node.get("name"))
    last = word(re.split(r"[./:]", kind)[-1]) if isinstance(kind, str) and len(kind) < MAX_KIND else ""
    return ".".join(part for part in (typed, words[-1] if words else "", last) if part)


def _kind_of(node: dict[Any, Any]) -> str:
    """The kind that a mapping says it is, as it is written; empty where it says none."""
    return next((node[key] for key in (*_KINDS, "layer", "kind") if isinstance(node.get(key), str)), "")


def _step(path: KeyPath, words: tuple[str, ...], key: Any) -> tuple[KeyPath, tuple[str, ...]]:
    return (*path, key), (*words, *_segment(str(key)))


@lru_cache(maxsize=20_000)
def _segment(key: str) -> tuple[str, ...]:
    """A key as words; a dotted or slashed key is several, and so is scikit-learn's `step__parameter`."""
    if len(key) > 200:
        return (key[:200],)
    return tuple(word(part) for part in _STEPS.split(key.strip()) if part.strip(" -")) or (key,)


def _holds_mapping(item: Any) -> bool:
    if isinstance(item, dict):
        return True
    return isinstance(item, list) and any(isinstance(inner, dict) for inner in item)


def _unpacked(path: KeyPath, words: tuple[str, ...], value: Any) -> Iterator[Leaf]:
    """Options packed in text: `optimizer_args: "weight_decay=0.1 betas=0.9,0.99"`, or a list of such texts."""
    texts = value if isinstance(value, list) else [value]
    for text in texts[:50]:
        if isinstance(text, str) and "=" in text and len(text) < 2000 and _OPTIONS.match(text):
            for key, option in _OPTION.findall(text):
                yield Leaf(path, (*words, word(key)), _listed(option))


def _listed(option: str) -> Any:
    option = option.strip("\"'()[],")
    return [part.strip() for part in option.split(",")] if "," in option else option


# ------------------------------------------------------------------------------------------------ dialects


def _pattern(text: str) -> re.Pattern[str] | str:
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
            if isinstance(pattern := _pattern(key), str)
        }

    @cached_property
    def _wild(self) -> list[tuple[re.Pattern[str], list[dict[str, Any]]]]:
        return [
            (pattern, _meanings(value))
            for key, value in self.data.get("keys", {}).items()
            if not isinstance(pattern := _pattern(key), str)
        ]

    @cached_property
    def _unset(self) -> list[tuple[re.Pattern[str] | str, list[Any]]]:
        return [(_pattern(key), values) for key, values in self.data.get("unset", {}).items()]

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

    @property
    def shared_run(self) -> str | None:
        """The name, as a word, of the run that holds what all runs of a file share."""
        base = self.data.get("runs", {}).get("base")
        return word(base) if base else None

    def runs(self, data: Any) -> list[KeyPath]:
        """The key paths at which the runs of a file start; one empty path where the file is one run."""
        each = self.data.get("runs", {}).get("each")
        if not each or not isinstance(data, dict):
            return [()]
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
    return _pattern(key)


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
        if hit and regex.search(_as_text(leaf.value)):
            return True
    return False


class UnknownDialectError(ValueError):
    """A dialect was named that does not exist."""


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


# ------------------------------------------------------------------------------------------------- reading


def read(document: Document, dialect: Dialect) -> list[Run]:
    """The runs of a document, each with its keys read as canonical parameters."""
    if not isinstance(document.data, dict | list):
        return [Run(None, (), ())]
    paths = dialect.runs(document.data)
    runs = [_read_run(document, dialect, path, named=paths != [()]) for path in paths]
    shared = next((run for run in runs if run.name is not None and word(run.name) == dialect.shared_run), None)
    return [_over(run, shared) if shared is not None and run is not shared else run for run in runs]


def _read_run(document: Document, dialect: Dialect, prefix: KeyPath, *, named: bool) -> Run:
    source = Source(document, prefix, dialect.name)
    reader = _Reader(source, dialect, vocabulary())
    name = str(prefix[-1]) if named and prefix else None
    return Run(name, tuple(reader.readings()), tuple(source.leaves), prefix)


def _over(run: Run, shared: Run) -> Run:
    """A run read over what all runs of its file share: it has what it does not give itself from there."""
    own = {reading.parameter for reading in run.readings}
    words = {leaf.words for leaf in run.leaves}
    return Run(
        run.name,
        (*run.readings, *(reading for reading in shared.readings if reading.parameter not in own)),
        (*run.leaves, *(leaf for leaf in shared.leaves if leaf.words not in words)),
    )


@dataclass
class _Reader:
    """Reads the leaves of one run."""

    source: Source
    dialect: Dialect
    words: Vocabulary
    searched: set[KeyPath] = field(default_factory=set)

    def readings(self) -> Iterator[Reading]:
        for order, leaf in enumerate(self.source.leaves):
            space = self._space_at(leaf)
            if space is not None:
                parent, found = space
                if parent.path not in self.searched:
                    self.searched.add(parent.path)
                    yield from (replace(r, value=found, state="space") for r in self._read(parent, order))
                continue
            yield from self._read(leaf, order)
        yield from self._choices_as_keys()
        yield from self._built()
        yield from self._layers()

    def _layers(self) -> Iterator[Reading]:
        """A model written as a list of layers, each a mapping that names its kind, as their kinds in order."""
        for found in self.source.lists:
            named = [_kind_of(item) for item in found.value if isinstance(item, dict)]
            kinds = [self.words.choice("layers", name) or "other" for name in named]
            if len(kinds) > 1 and sum(kind != "other" for kind in kinds) * 2 > len(kinds):
                document = self.source.document
                yield Reading(
                    "layers", kinds, "known", found.path, document, named, (1, 0, 0), words=found.words
                )  # fmt: skip
                yield from self._output_of(found)

    def _output_of(self, found: Leaf) -> Iterator[Reading]:
        """Width and activation of the last layer of a list; a dense layer that names no activation has none."""
        document, activated = self.source.document, False
        for index in range(len(found.value) - 1, -1, -1):
            item = found.value[index]
            if not isinstance(item, dict):
                return
            kind = self.words.choice("layers", _kind_of(item))
            inner = next((key for key in ("config", "params", "kwargs") if isinstance(item.get(key), dict)), None)
            settings: dict[Any, Any] = item if inner is None else item[inner]
            path = (*found.path, index) if inner is None else (*found.path, index, inner)
            named = settings.get("activation") if kind != "softmax" else "softmax"
            if not activated and kind in ("relu", "softmax", "dense", "conv"):
                text = named if isinstance(named, str) else "linear" if kind in ("dense", "conv") else _kind_of(item)
                value = self.words.choice("output_activation", text) or text
                key = (*path, "activation") if isinstance(settings.get("activation"), str) else (*found.path, index)
                yield Reading("output_activation", value, "known", key, document, text, (2, 0, 0), words=found.words)
                activated = True
            width = next((w for w in ("units", "filters", "out_features") if isinstance(settings.get(w), int)), None)
            if kind in ("dense", "conv"):
                if width is not None:
                    size = settings[width]
                    key = (*path, width)
                    yield Reading("output_units", size, "known", key, document, size, (2, 0, 0), words=found.words)
                return
            if kind not in ("relu", "softmax", "flatten", "dropout"):
                return

    def _space_at(self, leaf: Leaf) -> tuple[Leaf, Space] | None:
        """The search space that a leaf is, or is a part of: `learning_rate: {min: 1e-5, max: 1e-3}`."""
        found: spaces.Found | None = None
        path, words = leaf.path, leaf.words
        if isinstance(leaf.value, str) and leaf.value.rstrip().endswith(")"):
            found = spaces.of_text(leaf.value)
        elif leaf.words and leaf.words[-1] in spaces.WORDS:
            for depth in range(1, min(spaces.DEPTH, len(leaf.path) - 1) + 1):
                outer = spaces.of_mapping(self._node(leaf.path[:-depth]))
                if outer is not None:
                    found, path, words = outer, leaf.path[:-depth], leaf.words[:-depth]
        if found is None:
            return None
        if found.name is not None and _segment(found.name) != words[-1:]:
            words = (*words, *_segment(found.name))
        if not words:
            return None
        # a value of the range stands for it where spellings ask what kind of value they stand at
        space = found.space
        sample = next((v for v in (space.high, space.low, *space.choices) if v is not None), None)
        return Leaf(path, words, sample), space

    def _node(self, path: KeyPath) -> Any:
        node: Any = self.source.document.data
        for step in path:
            node = node[step]
        return node

    def _read(self, leaf: Leaf, order: int) -> Iterator[Reading]:
        meanings = self.dialect.meanings(leaf.joined)
        if meanings is not None:
            for meaning in meanings:
                made = self._by_meaning(leaf, meaning, order)
                if made is not None:
                    yield made
            return
        yield from self._generic(leaf, order)

    def _by_meaning(self, leaf: Leaf, meaning: dict[str, Any], order: int) -> Reading | None:
        alias = Alias(
            meaning["parameter"],
            leaf.words,
            0,
            value=meaning.get("value"),
            where=meaning.get("where"),
            convert=meaning.get("convert"),
            index=meaning.get("index"),
            group=meaning.get("group"),
        )
        return self._reading(leaf, alias, (0, 0, order)) if self._conditions(leaf, alias) else None

    def _generic(self, leaf: Leaf, order: int) -> Iterator[Reading]:
        words = leaf.words
        while len(words) > 1 and words[-1] in self.words.transparent:
            words = words[:-1]
        candidates = self.words.spelled(words[-1])
        if not candidates:
            return
        suffix = (*(w for w in words[:-1] if w not in self.words.transparent), words[-1])
        ancestors = ".".join(words[:-1])
        taken: tuple[int, bool] | None = None
        for alias in candidates:
            size = len(alias.words)
            shared = alias.index is not None  # the elements of one list are several parameters
            if suffix[-size:] != alias.words or (taken and not alias.also and taken != (size, shared)):
                continue
            if (taken and not alias.also and not shared) or not self._fits(leaf, alias, ancestors):
                continue
            made = self._reading(leaf, alias, (1, alias.order, order))
            if made is not None:
                yield made
                if not alias.also:
                    taken = (size, shared)

    def _fits(self, leaf: Leaf, alias: Alias, ancestors: str) -> bool:
        typed = leaf.typed or ancestors
        if alias.under is not None and not alias.under.search(typed):
            return False
        if alias.not_under is not None and alias.not_under.search(typed):
            return False
        if alias.under is None and ancestors:
            for exclusion in self.words.exclusions:
                if exclusion.covers(alias.parameter) and exclusion.under.search(ancestors):
                    return False
        if not self._conditions(leaf, alias):
            return False
        parameter = self.words.parameters.get(alias.parameter)
        if parameter is None:
            return False
        return _possible(parameter, leaf.value, alias)

    def _conditions(self, leaf: Leaf, alias: Alias) -> bool:
        if alias.value is not None:
            value = number(leaf.value) if isinstance(leaf.value, str) else leaf.value
            scope = expressions.MappingScope(
                {"value": leaf.value if value is None else value, "raw": _as_text(leaf.value)}
            )
            if expressions.compile(alias.value).evaluate(scope) is not True:
                return False
        return alias.where is None or expressions.compile(alias.where).evaluate(self.source) is True

    def _reading(self, leaf: Leaf, alias: Alias, rank: tuple[int, int, int]) -> Reading | None:
        parameter = self.words.parameters.get(alias.parameter)
        if parameter is None:
            return None
        raw: Any = leaf.value
        if alias.index is not None:
            raw = _element(raw, alias.index)
            if raw is UNKNOWN:
                return None
        key = (*leaf.path, alias.index) if alias.index is not None and isinstance(leaf.value, list) else leaf.path
        state, value = interpret(raw, parameter, self.words)
        if state == "known" and self.dialect.means_unset(leaf.joined, raw):
            state = "unset"
        if state == "known" and alias.convert is not None:
            value = expressions.compile(alias.convert).evaluate(expressions.MappingScope({"value": value}))
            if value is UNKNOWN:
                state, value = "text", raw
        text = state == "known" and parameter.numeric and isinstance(raw, str)
        note = f"written as {raw!r}" if alias.convert is not None and state == "known" else ""
        note = ", ".join(part for part in (f"from {leaf.reference}" if leaf.reference else "", note) if part)
        return Reading(
            alias.parameter, value, state, key, self.source.document, raw, rank, alias.group, text, note, leaf.words
        )

    def _choices_as_keys(self) -> Iterator[Reading]:
        """A registry that names the optimizer by a key: `optimizer: {AdamW: {lr: 1e-4}}`."""
        seen = set()
        for leaf in self.source.leaves:
            for position in range(1, len(leaf.words) - 1):
                parent, name = leaf.words[position - 1], leaf.words[position]
                if parent not in ("optimizer", "optim", "optimizers") or name in seen:
                    continue
                seen.add(name)
                found = self.words.choice("optimizer", name)
                if found is not None:
                    depth = _depth_of(leaf, position)
                    yield Reading(
                        "optimizer", found, "known", leaf.path[:depth], self.source.document, name, (2, 0, 0),
                        words=leaf.words[: position + 1],
                    )  # fmt: skip

    def _built(self) -> Iterator[Reading]:
        """Optimizers and schedules that are built by a call or a tag, whatever the key is called.

        A dialect may say more of one by the name of what is built, as if it stood below: `wav2vec_opt_class.__call__`.
        """
        for order, built in enumerate(self.source.built):
            leaf = Leaf(built.path, (*built.words, "_call_"), built.name)
            meanings = self.dialect.meanings(leaf.joined)
            if meanings is not None:
                made = (self._by_meaning(leaf, meaning, order) for meaning in meanings)
                yield from (reading for reading in made if reading is not None)
                continue
            for parameter, marks in _BUILT.items():
                found = self.words.choice(parameter, built.name) if marks.search(built.name) else None
                if found is not None:
                    yield Reading(
                        parameter,
                        found,
                        "known",
                        built.path,
                        self.source.document,
                        built.name,
                        (2, 0, order),
                        words=built.words,
                    )


def _depth_of(leaf: Leaf, position: int) -> int:
    """How many steps of the path make up the first `position + 1` words."""
    count = 0
    for depth, step in enumerate(leaf.path):
        count += 0 if isinstance(step, int) else len(_segment(str(step)))
        if count > position:
            return depth + 1
    return len(leaf.path)


def _element(raw: Any, index: int) -> Any:
    """An element of a list, or of a list packed in text (`0.9,0.999`, `(0.9, 0.95)`)."""
    if isinstance(raw, str) and "," in raw:
        raw = [part.strip() for part in raw.strip("()[] ").split(",")]
    if isinstance(raw, list) and -len(raw) <= index < len(raw):
        return raw[index]
    return UNKNOWN


def _possible(parameter: Parameter, value: Any, alias: Alias) -> bool:
    """Whether a value can be of this parameter at all: `warmup: true` is no number of steps."""
    if alias.index is not None:
        return isinstance(value, list | str)
    if alias.convert is not None and alias.value is not None:
        return True  # the alias itself says which values it converts
    if parameter.numeric:
        return not isinstance(value, bool | dict) and (
            not isinstance(value, list) or all(not isinstance(item, list | dict | bool) for item in value)
        )
    if parameter.kind in ("choice", "text"):
        return isinstance(value, str | int | float | type(None)) and not isinstance(value, bool)
    if parameter.kind == "boolean":
        return isinstance(value, bool | str | type(None)) or value in (0, 1)
    return not isinstance(value, bool)


def interpret(raw: Any, parameter: Parameter, words: Vocabulary) -> tuple[State, Any]:
    """What a raw value says of a parameter: its state, and the value where that is known."""
    if raw is None:
        return "null", None
    if isinstance(raw, str):
        text = raw.strip()
        low = text.lower()
        if low in _NULLS:
            # `precision: none`, `scheduler: none` are values; for numbers the text stands for "not given"
            named = words.choice(parameter.name, text) if text and parameter.kind == "choice" else None
            return ("known", named) if named else ("null", None)
        if low == "auto" or low.startswith("auto_"):
            return "auto", "auto"
        if _REFERENCE.search(text):
            return "reference", text
        raw = _bracketed(text) or raw
    kinds: dict[str, Callable[[Any], tuple[State, Any]]] = {
        "number": lambda value: _as_number(value, parameter),
        "integer": lambda value: _as_number(value, parameter),
        "boolean": _as_boolean,
        "choice": lambda value: _as_choice(value, parameter, words),
        "text": lambda value: ("known", value if not isinstance(value, str) else value.strip()),
        "list": lambda value: ("known", value if isinstance(value, list) else _separated(value)),
    }
    state, value = kinds[parameter.kind](raw)
    if state == "known" and parameter.unset and not isinstance(value, bool | list) and value in parameter.unset:
        return "unset", value
    return state, value


def _separated(value: Any) -> list[Any]:
    """The elements of a list of plain words written with commas, `q_proj,v_proj`; else the value as the only one."""
    if isinstance(value, str) and re.fullmatch(r"[\w.-]+(\s*,\s*[\w.-]+)+", value.strip()):
        return [part.strip() for part in value.split(",")]
    return [value]


def _bracketed(text: str) -> list[Any] | None:
    """The elements of a list written as text, `(60000, 80000)` or `[8, 11]`; None where it is none."""
    if len(text) > 1000 or not re.fullmatch(r"\(.*\)|\[.*\]", text) or any(mark in text[1:-1] for mark in "()[]{}=<"):
        return None
    parts = [part.strip().strip("\"'") for part in text[1:-1].split(",") if part.strip()]
    return [part if (found := number(part)) is None else found for part in parts]


def _as_number(raw: Any, parameter: Parameter) -> tuple[State, Any]:
    if isinstance(raw, bool):
        return "text", raw
    if isinstance(raw, list):
        if len(raw) == 1:
            return interpret(raw[0], parameter, vocabulary())
        found = [number(item) if isinstance(item, str) else item for item in raw]
        usable = found and all(isinstance(item, int | float) and not isinstance(item, bool) for item in found)
        return ("list", found) if usable else ("text", raw)
    value = number(raw) if isinstance(raw, str) else raw
    if isinstance(value, float) and parameter.kind == "integer" and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return ("known", value) if _computable(value) else ("text", raw)


def _computable(value: Any) -> TypeGuard[float]:
    """Whether a value is an amount: an integer beyond the range of a float is digits, nothing can be computed of it."""
    return isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    )


def _as_text(raw: Any) -> str:
    """A value as Python writes it; an integer too long for that by its size."""
    try:
        return str(raw)
    except ValueError:
        return format_value(raw)


def _as_choice(raw: Any, parameter: Parameter, words: Vocabulary) -> tuple[State, Any]:
    if isinstance(raw, list):
        return interpret(raw[0], parameter, words) if len(raw) == 1 else ("list", raw)
    text = _as_text(raw)
    return "known", words.choice(parameter.name, text) or text.strip()


def _as_boolean(raw: Any) -> tuple[State, Any]:
    truth = _TRUTHS.get(raw.strip().lower()) if isinstance(raw, str) else raw
    return ("known", bool(truth)) if isinstance(truth, int | float) and truth in (0, 1) else ("text", raw)
