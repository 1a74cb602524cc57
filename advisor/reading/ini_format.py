"""INI in its many forms: `key = value` with or without sections, dotted sections, repeated sections.

An own line reader, because the standard one forgets places. `[a.b]` opens a mapping inside a mapping; a section that
is given several times (network descriptions, one section a layer) becomes a list of mappings. Values are what they
look like: numbers, booleans, JSON or Python literals, comma-separated numbers; everything else stays text.
"""

from __future__ import annotations

import re
from typing import Any

from advisor.document import KeyPath, Place
from advisor.reading.common import MAX_DEPTH, MAX_DIGITS, Flaw, Reading, ReadingError, error_at, number_flaw
from advisor.reading.json_format import Scanner

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_SECTION = re.compile(r"\[(?P<name>[^\]\r\n]+)\]\s*(?:[#;].*)?$")
_PAIR = re.compile(r"""(?P<key>"[^"]*"|[^=:\s"'\[{](?:[^=:]*[^=:\s])?)\s*(?P<mark>[=:])[ \t]*(?P<value>.*)$""")
_BARE = re.compile(r"[A-Za-z_@-][\w.@-]*$")
_COMMENT = re.compile(r"(?:^|\s)[#;].*$")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
_INTEGER = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)*")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NUMBERS = re.compile(rf"(?:{_FLOAT.pattern})(?:\s*,\s*(?:{_FLOAT.pattern}))+\s*,?")
_WORDS: dict[str, Any] = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
    "none": None, "null": None,
    "nan": float("nan"), "inf": float("inf"), "-inf": float("-inf"),
}  # fmt: skip


def read(text: str) -> list[Reading]:
    """Read one INI file.

    Raises:
        ReadingError: a line is neither section, pair, comment nor continuation.
    """
    reader = _Reader(text)
    data, place = reader.read()
    return [Reading(data, lambda: place, reader.flaws)]


class _Reader:
    """Goes through the lines, keeping the open section and the pair that may be continued."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.flaws: list[Flaw] = []
        self.data: dict[str, Any] = {}
        self.place = Place(0, len(text))
        self._path: KeyPath = ()
        self._section = (self.data, self.place)
        self._pair: tuple[str, int, int, int, int] | None = None  # key, its span, the value's span

    def read(self) -> tuple[dict[str, Any], Place]:
        """The values of the file and their places."""
        for match in _LINE.finditer(self.text):
            line = match.group().rstrip()
            stripped = line.strip()
            if not stripped or stripped[0] in "#;":
                continue
            start = match.start() + len(line) - len(line.lstrip())
            if self._continues(line, stripped):
                self._extend(start, stripped)
                continue
            self._refuse_nesting(line, start)
            self._close()
            self._open(stripped, start)
        self._close()
        return self.data, self.place

    def _continues(self, line: str, stripped: str) -> bool:
        """Whether a line carries on the value before it: it is indented, or a bracket of that value is open."""
        if self._pair is None:
            return False
        if _open_brackets(self.text[self._pair[3] : self._pair[4]]) > 0:
            return True
        return line[0] in " \t" and not _PAIR.match(stripped) and not _SECTION.match(stripped)

    def _refuse_nesting(self, line: str, start: int) -> None:
        """`key:` with indented pairs below it is YAML under another name."""
        if self._pair is None or line[0] not in " \t" or self._pair[3] < self._pair[4]:
            return
        if self.text[self._pair[2] : self._pair[3]].strip() == ":":
            raise error_at("not valid INI: indented pairs below a key without a value", self.text, start)

    def _extend(self, start: int, stripped: str) -> None:
        if self._pair is not None:
            end = start + len(_COMMENT.sub("", stripped)) if '"' not in stripped else start + len(stripped)
            self._pair = (*self._pair[:4], end)

    def _open(self, stripped: str, start: int) -> None:
        section = _SECTION.match(stripped)
        if section is not None:
            self._enter(section["name"].strip(), start + 1, start + 1 + len(section["name"]))
            return
        pair = _PAIR.match(stripped)
        if pair is not None:
            begin = start + pair.start("value")
            self._pair = (pair["key"].strip('"'), start, start + pair.end("key"), begin, begin + _length(pair["value"]))
        elif _BARE.match(stripped):
            self._put(stripped, None, start, start + len(stripped), Place(start + len(stripped), start + len(stripped)))
        else:
            raise error_at("not valid INI: expected '[section]' or 'key = value'", self.text, start)

    def _enter(self, name: str, start: int, end: int) -> None:
        """Open a section: dots nest, a second one of the same name makes a list."""
        steps = [step.strip() for step in name.split(".")]
        if not all(steps):
            steps = [name]
        if len(steps) > MAX_DEPTH:
            raise error_at(f"nested more than {MAX_DEPTH} levels deep", self.text, start)
        self._path = ()
        value, place = self.data, self.place
        for step in steps[:-1]:
            value, place = self._down(value, place, step, start, end)
        self._section = self._open_section(value, place, steps[-1], start, end)

    def _down(self, value: dict[str, Any], place: Place, step: str, start: int, end: int) -> tuple[Any, Place]:
        inner = value.get(step)
        if isinstance(inner, list) and inner and isinstance(inner[-1], dict):
            self._path = (*self._path, step, len(inner) - 1)
            return inner[-1], place.children[step][2].children[len(inner) - 1][2]
        if not isinstance(inner, dict):
            if step in value:
                self._note_duplicate((*self._path, step), place, step, start, end)
            inner = value[step] = {}
            place.children[step] = (start, end, Place(start, end))
        self._path = (*self._path, step)
        return inner, place.children[step][2]

    def _open_section(self, value: dict[str, Any], place: Place, step: str, start: int, end: int) -> tuple[Any, Place]:
        before = value.get(step)
        if not _is_section(before):
            return self._down(value, place, step, start, end)
        first = place.children[step]
        if isinstance(before, dict) and not any(not isinstance(item, dict) for item in before.values()):
            return self._down(value, place, step, start, end)  # so far only the parent of other sections
        if isinstance(before, dict):
            value[step] = [before]
            place.children[step] = (first[0], first[1], Place(first[2].start, first[2].end, {0: (-1, -1, first[2])}))
        items = value[step]
        items.append({})
        place.children[step][2].children[len(items) - 1] = (-1, -1, Place(start, end))
        self._path = (*self._path, step, len(items) - 1)
        return items[-1], place.children[step][2].children[len(items) - 1][2]

    def _close(self) -> None:
        """Put the pair that is now complete into its section."""
        if self._pair is None:
            return
        key, key_start, key_end, start, end = self._pair
        self._pair = None
        raw = self.text[start:end]
        value, place = convert_placed(raw, start)
        flaw = number_flaw(value)
        if flaw is None and len(raw) > MAX_DIGITS and _INTEGER.fullmatch(raw):
            flaw = "huge-integer", f"is an integer of more than {MAX_DIGITS} digits"
        if flaw is not None:
            self.flaws.append(Flaw(flaw[0], (*self._path, key), flaw[1], start, end))
        self._put(key, value, key_start, key_end, place)

    def _put(self, key: str, value: Any, start: int, end: int, place: Place) -> None:
        section, section_place = self._section
        if key in section:
            self._note_duplicate((*self._path, key), section_place, key, start, end)
        section[key] = value
        section_place.children[key] = (start, end, place)

    def _note_duplicate(self, path: KeyPath, place: Place, key: str, start: int, end: int) -> None:
        first = place.children[key]
        detail = "is given more than once; the last one counts"
        self.flaws.append(Flaw("duplicate-key", path, detail, start, end, (first[0], first[1])))


def _is_section(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _length(value: str) -> int:
    """How much of the rest of a line is the value: an inline comment and blanks at the end are not."""
    hidden = _QUOTED.sub(lambda match: "x" * len(match.group()), value)
    comment = _COMMENT.search(hidden)
    return len(value[: comment.start()].rstrip() if comment else value.rstrip())


def _open_brackets(value: str) -> int:
    if value[:1] not in ("[", "{"):
        return 0
    bare = _QUOTED.sub("", value)
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")


def convert(raw: str) -> Any:
    """What a value looks like: number, boolean, JSON or Python literal, comma-separated numbers; else its text."""
    return convert_placed(raw, 0)[0]


def convert_placed(raw: str, start: int) -> tuple[Any, Place]:
    """The value that a text looks like, and its place; `start` is the offset of the text."""
    text = raw.strip()
    place = Place(start, start + len(raw))
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word], place
    if len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text), place
        if _FLOAT.fullmatch(text):
            return float(text), place
        if _NUMBERS.fullmatch(text):
            return _numbers(raw, place)
    if text[:1] in _LITERALS:
        return _literal(raw, place)
    return text, place


_LITERALS = frozenset("[{(\"'")


def _numbers(raw: str, place: Place) -> tuple[list[Any], Place]:
    values: list[Any] = []
    for match in _FLOAT.finditer(raw):
        begin = place.start + match.start()
        place.children[len(values)] = (-1, -1, Place(begin, begin + len(match.group())))
        values.append(convert(match.group()))
    return values, place


def _literal(raw: str, place: Place) -> tuple[Any, Place]:
    scanner = Scanner(raw)
    try:
        value, inner = scanner.read()
    except ReadingError:
        return plain_literal(raw.strip()), place
    return value, inner.shifted(place.start)


def plain_literal(text: str) -> Any:
    """A Python literal as plain values (tuples and sets as lists); the text itself where it is none."""
    from ast import literal_eval

    if len(text) > MAX_DIGITS or sum(map(text.count, "([{")) > MAX_DEPTH:
        return text
    try:
        return plain_values(literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def plain_values(value: Any) -> Any:
    """Python's literals as the values a document may hold."""
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_values(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
