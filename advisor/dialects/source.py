"""A document as leaves: scalars and lists under the words of their key paths, and what conditions may ask of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from advisor.dialects import references
from advisor.expressions import UNKNOWN
from advisor.parameters import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.document import Document, KeyPath

#: A file with more scalars than this is data, not a config.
MAX_LEAVES = 100_000
#: Keys by which a mapping names the class that it configures, and the longest such name.
_KINDS = ("type", "_target_", "class_path", "class_name", "_component_", "class", "TYPE", "NAME", "__call__", "__tag__")
MAX_KIND = 100

_OPTIONS = re.compile(r"\s*\w[\w.]*=[^\s=,](?:[^\s=]*[^\s=,])?(?:[\s;]+\w[\w.]*=[^\s=]+)*\s*$")
_OPTION = re.compile(r"(\w[\w.]*)=([^\s=;]+)")
_TAG = re.compile(r"^!+(?:(?:new|name|apply|obj|object):)?")
_STEPS = re.compile(r"[./]|(?<=[a-zA-Z0-9])__(?=[a-zA-Z0-9])")


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

    def values_of(self, key: str) -> Iterator[Any]:
        """The values under every such key; a section is there."""
        for leaf in self.leaves:
            if leaf.words[-1:] == (key,) or leaf.joined == key:
                yield leaf.value
            elif key in leaf.words or leaf.joined.startswith(f"{key}."):
                yield True

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


def kind_of(node: dict[Any, Any]) -> str:
    """The kind that a mapping says it is, as it is written; empty where it says none."""
    return next((node[key] for key in (*_KINDS, "layer", "kind") if isinstance(node.get(key), str)), "")


def _step(path: KeyPath, words: tuple[str, ...], key: Any) -> tuple[KeyPath, tuple[str, ...]]:
    return (*path, key), (*words, *segment(str(key)))


@lru_cache(maxsize=20_000)
def segment(key: str) -> tuple[str, ...]:
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


def depth_of(leaf: Leaf, position: int) -> int:
    """How many steps of the path make up the first `position + 1` words."""
    count = 0
    for depth, step in enumerate(leaf.path):
        count += 0 if isinstance(step, int) else len(segment(str(step)))
        if count > position:
            return depth + 1
    return len(leaf.path)
