"""A document's keys read as canonical parameters, run by run: by what its dialect says, else by their spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from advisor import expressions
from advisor.dialects import spaces
from advisor.dialects.dialect import Dialect
from advisor.dialects.source import Leaf, Source, depth_of, kind_of, segment
from advisor.dialects.spaces import Space
from advisor.dialects.values import State, as_text, element, interpret, possible
from advisor.expressions import UNKNOWN
from advisor.parameters import Alias, Vocabulary, number, vocabulary, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.document import Document, KeyPath


#: What a class is recognised by as an optimizer or a schedule beside its own name: `torch.optim`, `optax`, a capital.
_BUILT = {
    "optimizer": re.compile(r"optim|optax|(?:^|[.:!])[A-Z]\w*$"),
    "lr_schedule": re.compile(r"sched|anneal|decay|LR$", re.IGNORECASE),
}


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
            named = [kind_of(item) for item in found.value if isinstance(item, dict)]
            kinds = [self.words.choice("layers", name) or "other" for name in named]
            if sum(kind != "other" for kind in kinds) * 2 > len(kinds):
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
            kind = self.words.choice("layers", kind_of(item))
            inner = next((key for key in ("config", "params", "kwargs") if isinstance(item.get(key), dict)), None)
            settings: dict[Any, Any] = item if inner is None else item[inner]
            path = (*found.path, index) if inner is None else (*found.path, index, inner)
            named = settings.get("activation") if kind != "softmax" else "softmax"
            if not activated and kind in ("relu", "softmax", "dense", "conv"):
                text = named if isinstance(named, str) else "linear" if kind in ("dense", "conv") else kind_of(item)
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
        if found.name is not None and segment(found.name) != words[-1:]:
            words = (*words, *segment(found.name))
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
        return possible(parameter, leaf.value, alias)

    def _conditions(self, leaf: Leaf, alias: Alias) -> bool:
        if alias.value is not None:
            value = number(leaf.value) if isinstance(leaf.value, str) else leaf.value
            scope = expressions.MappingScope(
                {"value": leaf.value if value is None else value, "raw": as_text(leaf.value)}
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
            raw = element(raw, alias.index)
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
                    depth = depth_of(leaf, position)
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
