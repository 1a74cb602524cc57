"""YAML as PyYAML reads it (1.1), without constructing anything.

Values are built from the parser's events: no node objects, no recursion, no constructor that a tag could reach. Plain
scalars are resolved by PyYAML's own table, so that `5e-5` is the text which the trainer would get. Places come from a
second pass, made only when somebody asks. See docs/decisions/0002-reading-yaml.md for the measurements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import Reader
from yaml.resolver import Resolver

from advisor.document import KeyPath, Place
from advisor.reading.common import (
    MAX_ALIASED,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_FLAWS,
    Flaw,
    Reading,
    ReadingError,
    error_at,
    number_flaw,
    too_deep,
)

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
#: How newer versions of libyaml refuse deep nesting.
_TOO_DEEP = "maximum nesting depth"
_CORE = "tag:yaml.org,2002:"
_PYTHON = _CORE + "python/"
_NO_KEY = object()
TAG_KEY = "__tag__"
"""The key under which a mapping carries the custom tag that it was written with."""


def read(text: str) -> list[Reading]:
    """Read every document of a stream; documents that hold nothing are left out where others hold something.

    Raises:
        ReadingError: the text is not YAML, nested too deeply, or its aliases stand for too many values.
    """
    try:
        builders = list(_documents(text))
    except yaml.YAMLError as error:
        if _TOO_DEEP in str(error):  # the C scanner looks ahead, past the level at which ours is the word
            list(_documents(text, yaml.BaseLoader))
        raise _reading_error(error, text) from None
    compose = cache(lambda: list(yaml.compose_all(text, _Loader)))
    readings = [_reading(builder, compose, index) for index, builder in enumerate(builders)]
    return [reading for reading in readings if reading.data is not None] or readings[:1]


def _reading(builder: _Builder, compose: Callable[[], list[Any]], index: int) -> Reading:
    for flaw in builder.flaws:
        if flaw.kind == "duplicate-key":
            flaw.other = _first_key(compose()[index], flaw.key, builder.text)
    return Reading(builder.data, lambda: _places(compose()[index], builder.text), builder.flaws)


def _documents(text: str, loader: Any = _Loader) -> Iterator[_Builder]:
    parser = loader(text)
    try:
        get_event = parser.get_event
        while True:
            kind = type(get_event())
            if kind is DocumentStartEvent:
                yield _Builder(text).build(get_event)
            elif kind is StreamEndEvent:
                return
    finally:
        parser.dispose()


class _Frame:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "count", "key", "key_event", "merged", "start", "tag", "value")

    def __init__(self, value: Any, event: Any, count: int) -> None:
        self.value = value
        self.key: Any = _NO_KEY
        self.key_event: Any = None
        self.merged: dict[str, Any] | None = None
        self.tag = event.tag
        self.anchor = event.anchor
        self.start = event.start_mark.index
        self.count = count


class _Builder:
    """Builds the values of one document from its events."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: Any = None
        self.flaws: list[Flaw] = []
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0  # values so far, those behind aliases counted each time
        self._aliased = 0

    def build(self, get_event: Callable[[], Any]) -> _Builder:
        """Take the events of one document, up to the one that ends its root."""
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._start(event, {})
            elif kind is SequenceStartEvent:
                self._start(event, [])
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end(event)
            elif kind is AliasEvent:
                self._alias(event)
            if not self._frames:
                return self

    def _scalar(self, event: Any) -> None:
        tag = event.tag
        value = event.value
        frames = self._frames
        is_key = frames and frames[-1].key is _NO_KEY and frames[-1].value.__class__ is dict
        if is_key and tag is None and not event.anchor:
            self._put_key(value, event)
            return
        if tag is None or tag == "!":
            if event.implicit[0]:
                value = plain_value(value)
        else:
            value = _tagged(tag, value)
        self._count += 1
        if event.anchor:
            self._remember(event.anchor, value, 1, event)
        if is_key:
            self._put_key(event.value, event)
            return
        if value.__class__ is float or value.__class__ is int or len(event.value) > MAX_DIGITS:
            self._note_number(value, event)
        self._put(value)

    def _start(self, event: Any, value: Any) -> None:
        frame = _Frame(value, event, self._count)
        if len(self._frames) >= MAX_DEPTH:
            raise too_deep(self.text, frame.start)
        self._count += 1
        self._frames.append(frame)
        if frame.anchor:
            self._remember(frame.anchor, value, -1, event)

    def _end(self, event: Any) -> None:
        frame = self._frames.pop()
        value = frame.value
        if frame.merged is not None:
            own = dict(value)
            value.clear()
            value.update(frame.merged)
            value.update(own)
        if frame.tag is not None and value.__class__ is dict and not _is_plain_container(frame.tag):
            value[TAG_KEY] = _tag_text(frame.tag)
        if frame.anchor:
            self._anchors[frame.anchor] = (value, self._count - frame.count)
        if self._frames and self._frames[-1].key is _NO_KEY and self._frames[-1].value.__class__ is dict:
            self._put_key(" ".join(self.text[frame.start : event.end_mark.index].split()), event)
        else:
            self._put(value)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise error_at(f"not valid YAML: no anchor '&{event.anchor}' before this alias", self.text, _start(event))
        value, size = self._anchors[event.anchor]
        parent = self._frames[-1] if self._frames else None
        if parent is not None and parent.key is _NO_KEY and parent.value.__class__ is dict:
            self._put_key(str(value) if size == 1 else f"*{event.anchor}", event)
            return
        if size < 0:
            detail = f"'*{event.anchor}' stands for a value that contains it"
            self.flaws.append(Flaw("recursive-alias", self._path(), detail, _start(event), event.end_mark.index))
            value, size = f"*{event.anchor}", 1
        self._count += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise error_at(f"aliases stand for more than {MAX_ALIASED:,} values", self.text, _start(event))
        self._put(value)

    def _remember(self, anchor: str, value: Any, size: int, event: Any) -> None:
        if anchor in self._anchors:
            raise error_at(f"not valid YAML: the anchor '&{anchor}' is defined twice", self.text, _start(event))
        self._anchors[anchor] = (value, size)

    def _put_key(self, key: str, event: Any) -> None:
        frame = self._frames[-1]
        frame.key = key
        frame.key_event = event

    def _put(self, value: Any) -> None:
        if not self._frames:
            self.data = value
            return
        frame = self._frames[-1]
        if frame.value.__class__ is list:
            frame.value.append(value)
            return
        key = frame.key
        frame.key = _NO_KEY
        if key == "<<" and _merges(frame, value):
            return
        if key in frame.value:
            self._note_duplicate(frame, key)
        frame.value[key] = value

    def _note_duplicate(self, frame: _Frame, key: str) -> None:
        if len(self.flaws) >= MAX_FLAWS:
            return
        event = frame.key_event
        frame.key = key
        path = self._path()
        frame.key = _NO_KEY
        detail = "is given more than once; the last one counts"
        self.flaws.append(Flaw("duplicate-key", path, detail, _start(event), event.end_mark.index))

    def _note_number(self, value: Any, event: Any) -> None:
        flaw = number_flaw(value)
        if flaw is None and value.__class__ is str and event.implicit[0] and value.strip("+-").isdigit():
            flaw = "huge-integer", f"is an integer of more than {MAX_DIGITS} digits"
        if flaw is not None and len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(flaw[0], self._path(), flaw[1], _start(event), event.end_mark.index))

    def _path(self) -> KeyPath:
        """The key path of the value that comes next."""
        return tuple(str(frame.key) if frame.value.__class__ is dict else len(frame.value) for frame in self._frames)


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _merges(frame: _Frame, value: Any) -> bool:
    """Take a value under `<<` as YAML 1.1 means it: mappings whose keys hold where the mapping has none of its own."""
    if frame.key_event.__class__ is ScalarEvent and not frame.key_event.implicit[0]:
        return False
    several = value if value.__class__ is list else [value]
    if not all(item.__class__ is dict for item in several):
        return False
    merged = frame.merged if frame.merged is not None else {}
    for item in reversed(several):
        merged.update(item)
    frame.merged = merged
    return True


# -- scalars ----------------------------------------------------------------------------------------------------------


def _sexagesimal(text: str, convert: Callable[[str], Any]) -> Any:
    value = convert("0")
    for digits in text.split(":"):
        value = value * 60 + convert(digits)
    return value


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    digits = digits.lstrip("+-")
    if ":" in digits:
        return sign * int(_sexagesimal(digits, int))
    if digits[:2] in ("0b", "0x"):
        return sign * int(digits[2:], 2 if digits[1] == "b" else 16)
    return sign * int(digits, 8 if digits[0] == "0" and digits != "0" else 10)


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign = -1.0 if digits[0] == "-" else 1.0
    digits = digits.lstrip("+-")
    if digits in (".inf", ".nan"):
        return sign * float(digits[1:])
    return sign * float(_sexagesimal(digits, float) if ":" in digits else float(digits))


_TRUE = frozenset(("yes", "true", "on"))
_BY_TAG: dict[str, Callable[[str], Any]] = {
    _CORE + "null": lambda _: None,
    _CORE + "bool": lambda text: text.lower() in _TRUE,
    _CORE + "int": _integer,
    _CORE + "float": _float,
    _PYTHON + "int": _integer,
    _PYTHON + "long": _integer,
    _PYTHON + "float": _float,
    _PYTHON + "bool": lambda text: text.lower() in _TRUE,
    _PYTHON + "none": lambda _: None,
}
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {
    first: list(pairs) for first, pairs in Resolver.yaml_implicit_resolvers.items()
}


@lru_cache(maxsize=8192)
def plain_value(text: str) -> Any:
    """What PyYAML makes of a plain scalar: `5e-5` is text, `0x10` is 16, `on` is true; dates stay text."""
    if len(text) > MAX_DIGITS:
        return text
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _converted(tag, text)
    return text


def _converted(tag: str, text: str) -> Any:
    convert = _BY_TAG.get(tag)
    try:
        return text if convert is None else convert(text)
    except (ValueError, IndexError, OverflowError):
        return text


_REFERENCE = re.compile(r"<([\w.]+)>")


def _tagged(tag: str, text: str) -> Any:
    """A scalar with a tag, as data: core types converted, references as `${name}`, what would be built as a mapping."""
    if tag in _BY_TAG:
        return _converted(tag, text)
    if tag.startswith(_PYTHON):
        kind, _, name = tag.removeprefix(_PYTHON).partition(":")
        return name if kind in ("name", "module") else text if not name or text else {TAG_KEY: _tag_text(tag)}
    if tag.startswith(_CORE):
        return text
    if not text:
        return {TAG_KEY: _tag_text(tag)}
    reference = _REFERENCE.fullmatch(text) if tag == "!ref" else None
    return f"${{{reference[1]}}}" if reference else f"${{{_tag_text(tag)} {text}}}"


def _tag_text(tag: str) -> str:
    return "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag


def _is_plain_container(tag: str) -> bool:
    """Whether a tag on a mapping says no more than that it is one."""
    return tag == "!" or (tag.startswith(_CORE) and ":" not in tag.removeprefix(_CORE))


# -- places -----------------------------------------------------------------------------------------------------------


def _places(root: Any, text: str) -> Place:
    """The places of a composed document. What an alias or a merge brings in keeps the place where it is written."""
    return _place(root, text, {}) if root is not None else Place(0, 0)


def _place(node: Any, text: str, known: dict[int, Place]) -> Place:
    """One node and what it holds; the depth was bounded when the values were read."""
    if id(node) in known:
        return known[id(node)]
    start, end = node.start_mark.index, node.end_mark.index
    place = known[id(node)] = Place(start, start)
    if isinstance(node, yaml.ScalarNode):
        place.end = start + len(text[start:end].rstrip())
        return place
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            place.children[index] = (-1, -1, _place(item, text, known))
    else:
        _place_keys(node, place, text, known)
    place.end = end if node.flow_style else _block_end(place, end)
    return place


def _block_end(place: Place, end: int) -> int:
    """Where a block ends: with the last thing in it, not behind the blank lines and comments up to the next thing."""
    ends = [max(key_end, inner.end if inner.start >= key_end else 0) for _, key_end, inner in place.children.values()]
    return max((last for last in ends if place.start < last <= end), default=end)


def _place_keys(node: Any, place: Place, text: str, known: dict[int, Place]) -> None:
    merged: dict[str | int, tuple[int, int, Place]] = {}
    for key, value in node.value:
        child = _place(value, text, known)
        if key.value == "<<" and not key.style and not isinstance(value, yaml.ScalarNode):
            several = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for item in reversed(several):
                merged.update(_place(item, text, known).children)
            continue
        place.children[_key_text(key, text)] = (key.start_mark.index, key.end_mark.index, child)
    for name, entry in merged.items():
        place.children.setdefault(name, entry)


def _key_text(key: Any, text: str) -> str:
    if isinstance(key, yaml.ScalarNode):
        return str(key.value)
    return " ".join(text[key.start_mark.index : key.end_mark.index].split())


def _first_key(node: Any, path: KeyPath, text: str) -> tuple[int, int] | None:
    """Where the key at the end of a path is given for the first time."""
    for step in path[:-1]:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in reversed(node.value) if _key_text(key, text) == step), None)
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            if _key_text(key, text) == path[-1]:
                return key.start_mark.index, key.end_mark.index
    return None


def _reading_error(error: yaml.YAMLError, text: str) -> ReadingError:
    """PyYAML's complaint as one sentence with a place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None)
    if mark is None or not problem:
        return _unreadable_character(error, text)
    context = getattr(error, "context", None)
    if text[mark.index : mark.index + 1] == "\t":
        problem = "a tab where YAML allows only spaces"
    message = f"not valid YAML: {problem}{f' ({context})' if context else ''}"
    return error_at(message, text, mark.index)


def _unreadable_character(error: yaml.YAMLError, text: str) -> ReadingError:
    found = Reader.NON_PRINTABLE.search(text)
    if found is None:
        return ReadingError(f"not valid YAML: {str(error).splitlines()[0]}")
    return error_at(f"not valid YAML: the control character {found.group()!r} is not allowed", text, found.start())
