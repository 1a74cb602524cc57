"""Launch scripts and lists of flags, read as text and never run.

Each training command of a script is a document of its own: its flags (`--lr 1e-4`, `--lr=1e-4`, bare `--bf16`), its
`key=value` words, the script under `__command__` and other words under `__args__`. Dotted names nest. Variables that
the script sets are filled in; what only running could tell stays `${...}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from advisor.document import KeyPath, Place
from advisor.reading.common import Flaw, Reading, ReadingError, error_at, number_flaw
from advisor.reading.ini_format import convert_placed

COMMAND_KEY = "__command__"
"""The key that names the script which is launched."""
ARGS_KEY = "__args__"
"""The key of the words that belong to no flag."""

MAX_SCRIPT = 4_000_000
"""Longer texts (characters) are refused."""

_MAX_LENGTH = 100_000
_MAX_WORDS = 10_000

_NAME = r"[A-Za-z_]\w*"
_ASSIGNMENT = re.compile(rf"({_NAME})(\+?)=")
_FLAG = re.compile(r"--?[A-Za-z][\w./@:-]*")
_FLAG_PAIR = re.compile(r"(?P<flag>--?[A-Za-z][\w./@:-]*)=")
_OVERRIDE = re.compile(r"[+~]{0,2}(?P<key>[A-Za-z_@][\w./@-]*)=")
_SCRIPT = re.compile(r"[\w./~${}@+-]+\.(?:py|pyz|sh)$")
_SKIP = re.compile(r"(?:[ \t\f\v]|\\\r?\n|\r(?!\n))+")
_SEPARATOR = re.compile(r"\r?\n|;;?|&&|\|\|?|&(?![>])|[()]")
_REDIRECT = re.compile(r"\d*(?:&>>?|>>?&?|<<<|<>|<&?)(?:[ \t]*\d+(?=\s|$)|-(?=\s|$))?")
_HERE = re.compile(r"\d*<<(?P<dash>-?)[ \t]*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|()<>]+")
_PARAMETER = re.compile(
    rf"\$(?:(?P<name>{_NAME})|(?P<special>[\d@*#?$!-])|\{{(?P<braced>{_NAME})(?:\[[@*]\])?(?P<rest>[^{{}}]*)\}})"
)
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_CHUNK = re.compile(r"(?:[^\s\\]|\\(?!\r?\n))+")
_LINE_END = re.compile(r"\r?\n")
_PARENTHESIS = re.compile(r"[()]")
_DEFAULT = re.compile(r":?[-=](?P<default>.*)", re.DOTALL)
_NESTED = re.compile(rf"\$\{{(?P<name>{_NAME}):?[-=](?P<default>.*)\}}", re.DOTALL)
_BRACE = re.compile(r"\\.|\$\{|\}", re.DOTALL)
_ARITHMETIC = re.compile(r"[\d\s()+*/%-]{1,200}")
_KEYWORDS = frozenset((
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "for", "in", "case", "esac", "function",
    "time", "exec", "!", "{", "}",
))  # fmt: skip
_DECLARES = frozenset(("export", "declare", "local", "readonly", "typeset"))
_PREFIXES = frozenset(("sudo", "nohup", "env", "srun", "mpirun", "mpiexec", "numactl", "exec", "time", "nice", "jsrun"))
_NO_TRAINING = frozenset((  # commands that take flags and train nothing
    "cd", "mkdir", "rm", "cp", "mv", "ln", "ls", "cat", "echo", "printf", "source", ".", "set", "unset", "shift",
    "exit", "return", "test", "[", "[[", "conda", "mamba", "pip", "pip3", "uv", "apt", "apt-get", "wget", "curl",
    "tar", "unzip", "git", "module", "which", "nvidia-smi", "sleep", "kill", "wait", "read", "tee", "grep", "sed",
    "awk", "find", "chmod", "touch", "date", "trap", "eval", "ssh", "scp", "rsync", "docker", "sbatch",
))  # fmt: skip
_LAUNCHERS = re.compile(
    r"(?:.*/)?(?:python[\d.]*|torchrun|accelerate|deepspeed|composer|tune|trl|axolotl|llamafactory-cli|lightning|litgpt"
    r"|fairseq-[\w-]+|yolo|ludwig|spacy|horovodrun|colossalai|swift|xtuner|autotrain|paddle|nnUNetv2_train|mim|poetry)"
)


def read(text: str) -> list[Reading]:
    """Read every training command of a script, or a bare list of flags; without either, the variables it sets.

    Raises:
        ReadingError: a quote is never closed, or the variables grow without end.
    """
    if len(text) > MAX_SCRIPT:
        raise ReadingError(f"longer than {MAX_SCRIPT:,} characters: this is no launch script")
    script = _Script(text)
    readings = [_Command(words).reading() for words in _joined(script.commands()) if _is_training(words)]
    return readings or [script.variables_read()]


def _joined(commands: Iterable[list[_Word]]) -> Iterator[list[_Word]]:
    """The commands, where lines that start with a flag belong together: a list of flags, one a line."""
    flags: list[_Word] = []
    for words in commands:
        if _FLAG.match(words[0].text):
            flags.extend(words)
        else:
            yield words
    if flags:
        yield flags


@dataclass(slots=True)
class _Word:
    """One word of a command: its text without quotes, and where it stands with them."""

    text: str
    start: int
    end: int
    quoted: bool = False
    parts: list[_Word] = field(default_factory=list)  # the words that an unquoted variable falls into

    def tail(self, length: int) -> _Word:
        """What is left behind the first `length` characters (which hold no quotes)."""
        return _Word(self.text[length:], self.start + length, self.end, self.quoted)


class _Script:
    """Cuts a script into words and commands, and follows its variables."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.variables: dict[str, list[_Word]] = {}
        self._position = 0
        self._left = _MAX_WORDS
        self._here: list[tuple[str, bool]] = []

    def commands(self) -> Iterator[list[_Word]]:
        """The commands in their order; assignments take effect and are left out."""
        words: list[_Word] = []
        while self._position < len(self.text):
            if self._blank():
                continue
            separator = _SEPARATOR.match(self.text, self._position)
            if separator is not None:
                yield from self._finished(words)
                words = []
                self._position = separator.end()
                if separator.group()[-1] == "\n":
                    self._skip_here_documents()
                continue
            words.extend(self._next(may_assign=all(map(self._assigns, words))))
        yield from self._finished(words)

    def _finished(self, words: list[_Word]) -> Iterator[list[_Word]]:
        while words and not words[0].quoted and words[0].text in _KEYWORDS:
            if words[0].text == "for":
                self.variables.pop(words[1].text if len(words) > 1 else "", None)
                return
            words = words[1:]
        if words and words[0].text in _DECLARES:
            for word in words[1:]:
                self._assign(word)
            return
        if words and all(map(self._assigns, words)):
            for word in words:
                self._assign(word)
            return
        while words and self._assigns(words[0]):
            words = words[1:]  # set for this command only
        if words:
            yield words

    def _assigns(self, word: _Word) -> bool:
        return word.text in _DECLARES or _ASSIGNMENT.match(self.text, word.start) is not None

    def _assign(self, word: _Word) -> None:
        match = _ASSIGNMENT.match(word.text)
        if match is None:
            return
        value = word.tail(match.end())
        value.parts = word.parts
        before = self.variables.get(match[1], []) if match[2] else []
        self.variables[match[1]] = [*before, *(value.parts or [value])]

    def variables_read(self) -> Reading:
        """The variables that the script sets, as a mapping: all that a file of settings for a shell says."""
        data: dict[str, Any] = {}
        place = Place(0, len(self.text))
        flaws: list[Flaw] = []
        for name, words in self.variables.items():
            values = [_value(word) for word in words]
            if len(values) == 1:
                _put(data, place, (name,), values[0], (words[0].start - len(name) - 1, words[0].start - 1))
            elif values:
                _put(data, place, (name,), _listed(values), (words[0].start - 1, words[0].start - 1))
        return Reading(data, lambda: place, flaws)

    # -- words

    def _blank(self) -> bool:
        """Pass over blanks, line continuations and comments; whether there were any."""
        match = _SKIP.match(self.text, self._position)
        if match is not None:
            self._position = match.end()
            return True
        if self.text[self._position] == "#":
            end = self.text.find("\n", self._position)
            self._position = len(self.text) if end < 0 else end
            return True
        return False

    def _skip_here_documents(self) -> None:
        for word, dash in self._here:
            pattern = re.compile(rf"^{'[	]*' if dash else ''}{re.escape(word)}\r?$", re.M)
            end = pattern.search(self.text, self._position)
            self._position = end.end() if end else len(self.text)
        self._here.clear()

    def _next(self, *, may_assign: bool) -> list[_Word]:
        """The next word; several where an unquoted variable falls into several, none for a redirection."""
        here = _HERE.match(self.text, self._position)
        if here is not None:
            self._here.append((here["word"], bool(here["dash"])))
            self._position = here.end()
            return []
        redirect = _REDIRECT.match(self.text, self._position)
        if redirect is not None:
            self._position = redirect.end()
            if not redirect.group()[-1].isdigit() and redirect.group()[-1] != "-":
                self._blank_and_word()
            return []
        word = self._word()
        return [word] if may_assign and self._assigns(word) else self._split(word)

    def _blank_and_word(self) -> None:
        """Pass over the file that a redirection names."""
        while self._position < len(self.text) and self.text[self._position] in " \t":
            self._position += 1
        if self._position < len(self.text) and not _SEPARATOR.match(self.text, self._position):
            self._word()

    def _split(self, word: _Word) -> list[_Word]:
        words = word.parts or [word]
        self._left -= len(words)
        if self._left < 0 and len(words) > 1:
            raise error_at("the variables grow without end", self.text, word.start)
        return words

    def _word(self) -> _Word:
        word = _Word("", self._position, self._position)
        pieces: list[str] = []
        length = 0
        text = self.text
        while self._position < len(text):
            piece = self._piece(word)
            if piece is None:
                break
            pieces.append(piece)
            length += len(piece)
            if length > max(_MAX_LENGTH, len(text)):
                raise error_at("the variables grow without end", text, word.start)
        word.end = self._position
        word.text = "".join(pieces)
        if len(pieces) != 1 + (_ASSIGNMENT.match(text, word.start) is not None):
            word.parts = []  # more than the variable, array or quoted text that fell into words
        if self._position == word.start:  # a character that means something we do not follow
            self._position += 1
            word.end += 1
        return word

    def _piece(self, word: _Word) -> str | None:
        """The next piece of a word, with its quotes taken off and its variables filled in; None where the word ends."""
        text, start = self.text, self._position
        plain = _PLAIN.match(text, start)
        if plain is not None:
            self._position = plain.end()
            return plain.group()
        mark = text[start]
        if mark == "'":
            self._position = self._closing("'", start) + 1
            word.quoted = True
            self._keep_words(word, start)
            return text[start + 1 : self._position - 1]
        if mark == '"':
            return self._quoted(word)
        if mark == "\\" and not _SKIP.match(text, start):
            self._position = min(start + 2, len(text))
            return text[start + 1 : start + 2]
        if mark == "(" and word.start < start and text[start - 1] == "=" and _ASSIGNMENT.match(text, word.start):
            return self._array(word)
        return self._expansion(word, quoted=False) if mark in "$`" else None

    def _closing(self, mark: str, start: int) -> int:
        end = self.text.find(mark, start + 1)
        if end < 0:
            raise error_at(f"a quote {mark} that is never closed", self.text, start)
        return end

    def _quoted(self, word: _Word) -> str:
        """A double-quoted piece. One that is the whole value of a variable also keeps its words for later use."""
        text, start = self.text, self._position
        word.quoted = True
        self._position += 1
        pieces: list[str] = []
        inner: list[_Word] = []
        length = 0
        while True:
            if self._position >= len(text):
                raise error_at('a quote " that is never closed', text, start)
            at = self._position
            mark = text[at]
            if mark == '"':
                self._position += 1
                break
            if mark == "\\" and at + 1 < len(text):
                self._position += 3 if text.startswith("\r\n", at + 1) else 2
                piece = {"\n": " ", "\r": " "}.get(text[at + 1], text[at + 1])
                if text[at + 1] not in '"\\$`\n\r':
                    piece = "\\" + piece
            elif mark in "$`":
                nested = _Word("", at, at)
                piece = self._expansion(nested, quoted=True)
                inner.extend(nested.parts)
            else:
                match = _IN_QUOTES.match(text, at)
                self._position = match.end() if match else at + 1
                piece = text[at : self._position]
            pieces.append(piece)
            length += len(piece)
            if length > max(_MAX_LENGTH, len(text)):
                raise error_at("the variables grow without end", text, start)
        if inner:
            word.parts = inner
        else:
            self._keep_words(word, start)
        return "".join(pieces)

    def _keep_words(self, word: _Word, start: int) -> None:
        """For a variable that is set to a quoted text: the words in it."""
        if _ASSIGNMENT.fullmatch(self.text, word.start, start):
            word.parts = self._words_within(start + 1, self._position - 1)

    def _words_within(self, start: int, end: int) -> list[_Word]:
        """The words into which a quoted value falls when it is used without quotes, each at its own place."""
        words: list[_Word] = []
        for match in _CHUNK.finditer(self.text, start, end):
            name = _PARAMETER.fullmatch(match.group())
            known = self.variables.get(name["name"] or name["braced"] or "") if name else None
            if known is not None and name is not None and not name["rest"]:
                words.extend(known)
            else:
                filled = _PARAMETER.sub(lambda found: self._parameter(found)[0], match.group())
                filled = f"${{{filled}}}" if "$(" in filled else filled
                words.append(_Word(filled.strip("'\""), match.start(), match.end()))
            if len(words) > _MAX_WORDS or (words and len(words[-1].text) > _MAX_LENGTH):
                raise error_at("the variables grow without end", self.text, start)
        return words if len(words) > 1 else []

    def _array(self, word: _Word) -> str:
        """`ARGS=(--lr 1e-4 --bf16)`: the words of an array."""
        self._position += 1
        words: list[_Word] = []
        while self._position < len(self.text) and self.text[self._position] != ")":
            if self._blank() or self._line_end():
                continue
            words.extend(self._split(self._word()))
        self._position += 1
        word.parts = words or [_Word("", self._position, self._position)]
        return " ".join(part.text for part in words)

    def _line_end(self) -> bool:
        match = _LINE_END.match(self.text, self._position)
        if match is not None:
            self._position = match.end()
        return match is not None

    # -- expansions

    def _expansion(self, word: _Word, *, quoted: bool) -> str:
        text, start = self.text, self._position
        if text.startswith("$((", start):
            return self._arithmetic(start)
        if text.startswith("$(", start):
            self._position = _balanced(text, start + 1)
            return f"${{{text[start : self._position]}}}"
        if text[start] == "`":
            self._position = self._closing("`", start) + 1
            return f"${{{text[start : self._position]}}}"
        match = _PARAMETER.match(text, start)
        if match is None:
            return self._unreadable(start)
        self._position = match.end()
        value, parts = self._parameter(match)
        whole = word.start == start or _ASSIGNMENT.fullmatch(text, word.start, start) is not None
        array = match["braced"] is not None and "[" in match.group()
        if array or (whole and not quoted):
            word.parts = parts
        return value

    def _parameter(self, match: re.Match[str]) -> tuple[str, list[_Word]]:
        """The value of `$NAME` or `${NAME:-default}`, and the words it falls into where they are several."""
        name = match["name"] or match["braced"]
        known = self.variables.get(name) if name else None
        rest = match["rest"] or ""
        default = _DEFAULT.fullmatch(rest)
        if known is not None and (not rest or default):
            value = " ".join(part.text for part in known)
            return value, known if len(known) > 1 else []
        if default is not None:
            return default["default"].strip("'\""), []
        return f"${{{match.group().strip('${}')}}}", []

    def _unreadable(self, start: int) -> str:
        """`$'...'`, a lone `$`, or a nested `${NAME:-"${OTHER}/x"}`."""
        text = self.text
        if text.startswith("${", start):
            self._position = _behind_brace(text, start)
            nested = _NESTED.fullmatch(text, start, self._position)
            if nested is None:
                return text[start : self._position]
            known = self.variables.get(nested["name"])
            if known is not None:
                return " ".join(part.text for part in known)
            return _PARAMETER.sub(lambda found: self._parameter(found)[0], nested["default"]).strip("'\"")
        self._position = start + 1
        return "" if text.startswith(("$'", '$"'), start) else "$"

    def _arithmetic(self, start: int) -> str:
        self._position = _balanced(self.text, start + 1)
        source = self.text[start + 3 : self._position - 2]
        filled = re.sub(_NAME, lambda name: self._filled(name.group()), source.replace("$", ""))
        filled = filled.replace("{", "").replace("}", "")
        if _ARITHMETIC.fullmatch(filled):
            from advisor.reading.python_format import read as read_python

            try:
                value = read_python(f"x = ({filled.strip().replace('/', '//')})")[0].data["x"]
            except ReadingError:
                value = None
            if isinstance(value, int):
                return str(value)
        return f"${{{self.text[start : self._position]}}}"

    def _filled(self, name: str) -> str:
        known = self.variables.get(name)
        return known[0].text if known and len(known) == 1 else name


def _balanced(text: str, start: int) -> int:
    """The offset behind the bracket that closes the one at `start`."""
    depth = 0
    for match in _PARENTHESIS.finditer(text, start):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return match.end()
    raise error_at("a bracket ( that is never closed", text, start)


def _behind_brace(text: str, start: int) -> int:
    """The offset behind the brace that closes the `${` at `start`, over those within; the end where none does."""
    depth = 0
    for match in _BRACE.finditer(text, start):
        depth += {"${": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return len(text)


def _is_training(words: list[_Word]) -> bool:
    """Whether a command may train: it launches a script, or starts with flags, or is given several."""
    first = words[0].text
    if _FLAG.match(first):
        return True
    name = next((word.text for word in words if word.text not in _PREFIXES), "").rsplit("/", 1)[-1]
    if name in _NO_TRAINING:
        return False
    options = sum(bool(_FLAG.match(word.text) or _OVERRIDE.match(word.text)) for word in words[1:])
    if name in ("python", "python3") and any(word.text == "-c" for word in words[1:3]):
        return False
    launched = _LAUNCHERS.fullmatch(name) or any(_SCRIPT.fullmatch(word.text) for word in words)
    return bool(options) if launched else options >= 2


class _Command:
    """One command: flags, overrides, and the rest."""

    def __init__(self, words: list[_Word]) -> None:
        self._words = words
        self._index = 0
        self.data: dict[str, Any] = {}
        self.place = Place(words[0].start, max(word.end for word in words))
        self._rest: list[_Word] = []
        self._script: _Word | None = None
        self._repeated: set[KeyPath] = set()

    def reading(self) -> Reading:
        """The command as a mapping."""
        if not _FLAG.match(self._words[0].text):
            self._rest.append(self._words[0])
            self._index = 1
        while self._index < len(self._words):
            self._take(self._words[self._index])
        self._name()
        flaws = []
        for key, (_, _, place) in self.place.children.items():
            flaw = number_flaw(self.data.get(str(key)))
            if flaw is not None:
                flaws.append(Flaw(flaw[0], (key,), flaw[1], place.start, place.end))
        return Reading(self.data, lambda: self.place, flaws)

    def _take(self, word: _Word) -> None:
        self._index += 1
        pair = _FLAG_PAIR.match(word.text)
        override = _OVERRIDE.match(word.text)
        if pair is not None:
            self._put(pair["flag"], _value(word.tail(pair.end())), (word.start, word.start + pair.end() - 1))
        elif _FLAG.fullmatch(word.text) and not word.quoted:
            self._flag(word)
        elif override is not None:
            start = word.start + override.start("key")
            self._put(override["key"], _value(word.tail(override.end())), (start, word.start + override.end() - 1))
        elif self._script is None and _SCRIPT.fullmatch(word.text):
            self._script = word
        else:
            self._rest.append(word)

    def _flag(self, flag: _Word) -> None:
        """A flag with the words that are its values: all up to the next flag."""
        if flag.text == "-m" and self._script is None and self._index < len(self._words):
            module = self._words[self._index]
            self._index += 1
            if not re.search(r"launch|torch\.distributed|run$", module.text):
                self._script = module
            return
        values: list[_Word] = []
        while self._index < len(self._words) and self._belongs(self._words[self._index], values):
            values.append(self._words[self._index])
            self._index += 1
        placed = [_value(value) for value in values]
        if not placed:
            placed = [(True, Place(flag.start, flag.end))]
        self._put(flag.text, placed[0] if len(placed) == 1 else _listed(placed), (flag.start, flag.end))

    def _belongs(self, word: _Word, values: list[_Word]) -> bool:
        """Whether a word is a value of the flag before it, not a flag, the script or an override."""
        if word.quoted:
            return not (values and _OVERRIDE.match(word.text))
        if _FLAG.match(word.text):
            return False
        if self._script is None and self._rest and _SCRIPT.fullmatch(word.text):
            return False
        if values and (word.text.startswith("${") or (_is_number(values[-1]) and not _is_number(word))):
            return False  # more flags, or an argument of its own
        return not (_OVERRIDE.match(word.text) and (values or "." in word.text.split("=")[0]))

    def _put(self, flag: str, placed: tuple[Any, Place], span: tuple[int, int]) -> None:
        key = flag.lstrip("-")
        path: KeyPath = tuple(key.split(".")) if "." in key and all(key.split(".")) else (key,)
        if not _fits(self.data, path):
            path = (key,)
        value = _found(self.data, path)
        if value is not _ABSENT:
            placed = self._again(path, placed)
        _put(self.data, self.place, path, placed, span)

    def _again(self, path: KeyPath, placed: tuple[Any, Place]) -> tuple[Any, Place]:
        """A flag that is repeated: a list of what it was given each time."""
        before = _found(self.data, path)
        place = self.place
        for step in path:
            place = place.children[step][2]
        if path in self._repeated and isinstance(before, list):
            before.append(placed[0])
            place.children[len(before) - 1] = (-1, -1, placed[1])
            return before, place
        self._repeated.add(path)
        return _listed([(before, place), placed])

    def _name(self) -> None:
        """Say what is run: the script, else the words before the first flag."""
        script = self._script
        if script is None and self._rest:
            head = [word for word in self._rest if word.text not in _PREFIXES] or self._rest
            script = head[0]
        rest = [word for word in self._rest if script is not None and word.start > script.start]
        if script is not None:
            _put(self.data, self.place, (COMMAND_KEY,), (script.text, Place(script.start, script.end)), (-1, -1))
        if rest:
            _put(self.data, self.place, (ARGS_KEY,), _listed([_value(word) for word in rest]), (-1, -1))


_ABSENT = object()


def _is_number(word: _Word) -> bool:
    return isinstance(convert_placed(word.text, 0)[0], int | float)


def _value(word: _Word) -> tuple[Any, Place]:
    value, place = convert_placed(word.text, word.start)
    plain = word.end - word.start == len(word.text)
    return value, place if plain else Place(word.start, word.end)


def _listed(placed: list[tuple[Any, Place]]) -> tuple[list[Any], Place]:
    ends = min(place.start for _, place in placed), max(place.end for _, place in placed)
    children: dict[str | int, tuple[int, int, Place]] = {
        index: (-1, -1, place) for index, (_, place) in enumerate(placed)
    }
    return [value for value, _ in placed], Place(*ends, children)


def _found(data: Any, path: KeyPath) -> Any:
    for step in path:
        data = data.get(step, _ABSENT) if isinstance(data, dict) else _ABSENT
    return data


def _fits(data: Any, path: KeyPath) -> bool:
    """Whether mappings can be nested along a path, with nothing else in the way."""
    for step in path[:-1]:
        if step in data and not isinstance(data[step], dict):
            return False
        data = data.get(step, {})
    return not isinstance(data.get(path[-1]), dict)


def _put(data: Any, place: Place, path: KeyPath, placed: tuple[Any, Place], span: tuple[int, int]) -> None:
    for step in path[:-1]:
        data = data.setdefault(step, {})
        place = place.children.setdefault(step, (*span, Place(*span)))[2]
    data[path[-1]] = placed[0]
    place.children[path[-1]] = (*span, placed[1])
