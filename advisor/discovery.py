"""Which files to check: those that were named, and those that a search of the named folders finds."""

# The functions of os keep a path as it was typed, and are quick on large trees.
# ruff: noqa: PTH100, PTH110, PTH116, PTH118, PTH122

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset((".json", ".jsonc", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".gin"))
"""What a search takes for a config; other files when they are named, or by a pattern of `include`."""

SKIPPED_FOLDERS = frozenset(("node_modules", "__pycache__", "site-packages"))
"""Folders that hold what tools wrote, not what somebody decided. Hidden folders are left out as well."""

_GIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A file to check. `explicit` says that it was named, not found by a search; `-` is standard input."""

    path: str
    explicit: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A path that cannot be checked, and why. `explicit` says that it was named."""

    path: str
    message: str
    explicit: bool = True


def find(
    paths: Iterable[str | os.PathLike[str]],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    root: Path | None = None,
) -> Iterator[Found | Problem]:
    """The files that `paths` name, folders searched, in the order of the paths and by name within a folder.

    A search leaves out hidden folders, virtual environments, `SKIPPED_FOLDERS`, and what git ignores. It reads links
    to files and does not follow links to folders. Every file comes once, however often it is named or found.

    Args:
        paths: files, folders, or `-` for standard input.
        include: patterns as in `.gitignore` of files that a search takes besides `SUFFIXES`.
        exclude: patterns of files and folders that a search leaves out; a file that is named is checked all the same.
        root: the folder that patterns are relative to; the current one if None.
    """
    named = [os.fspath(path) for path in paths]
    search = _Search(_patterns(include), _patterns(exclude), root or Path.cwd(), _named_files(named))
    for path in named:
        if path == "-":
            yield Found(path, explicit=True)
            continue
        try:
            about = os.stat(path)
        except (OSError, ValueError) as error:
            yield Problem(path, _reason(path, error))
            continue
        if stat.S_ISDIR(about.st_mode):
            yield from search.folder(path)
        elif search.is_new(about):
            yield Found(path, explicit=True)


def _named_files(paths: Iterable[str]) -> frozenset[tuple[int, int]]:
    """What identifies the files among the paths: they count as named also where a search finds them first."""
    known: set[tuple[int, int]] = set()
    for path in paths:
        try:
            about = os.stat(path)
        except (OSError, ValueError):
            continue
        if not stat.S_ISDIR(about.st_mode):
            known.add((about.st_dev, about.st_ino))
    return frozenset(known)


def _reason(path: str, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link to nothing" if Path(path).is_symlink() else "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if Path(path).is_symlink():
        return "a link that leads back to itself"
    return f"cannot be opened: {getattr(error, 'strerror', None) or error}"


class _Search:
    """One search over several folders, which remembers what it has found."""

    def __init__(
        self,
        include: re.Pattern[str] | None,
        exclude: re.Pattern[str] | None,
        root: Path,
        named: frozenset[tuple[int, int]],
    ) -> None:
        self._include = include
        self._exclude = exclude
        self._root = os.path.abspath(root)
        self._named = named
        self._seen: set[tuple[int, int]] = set()

    def is_new(self, about: os.stat_result) -> bool:
        """Whether a file has not been found before; from now on it has."""
        identity = (about.st_dev, about.st_ino)
        if identity in self._seen:
            return False
        self._seen.add(identity)
        return True

    def folder(self, path: str) -> Iterator[Found | Problem]:
        """The configs below a folder."""
        ignored = _ignored_by_git(path)
        folders = [path]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                yield Problem(folder, _reason(folder, error), explicit=folder == path)
                continue
            inner = []
            for entry in entries:
                if os.path.normpath(entry.path) in ignored:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not self._is_skipped(entry):
                        inner.append(entry.path)
                elif self._is_wanted(entry):
                    yield from self._file(entry)
            folders.extend(reversed(inner))

    def _file(self, entry: os.DirEntry[str]) -> Iterator[Found | Problem]:
        try:
            about = os.stat(entry.path)
        except OSError as error:
            yield Problem(entry.path, _reason(entry.path, error), explicit=False)
            return
        if stat.S_ISREG(about.st_mode) and self.is_new(about):
            yield Found(entry.path, explicit=(about.st_dev, about.st_ino) in self._named)

    def _is_skipped(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS or self._matches(self._exclude, entry.path):
            return True
        return os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))

    def _is_wanted(self, entry: os.DirEntry[str]) -> bool:
        if os.path.splitext(entry.name)[1].lower() not in SUFFIXES and not self._matches(self._include, entry.path):
            return False
        return not self._matches(self._exclude, entry.path)

    def _matches(self, pattern: re.Pattern[str] | None, path: str) -> bool:
        return pattern is not None and _fits(pattern, path, self._root)


def _ignored_by_git(folder: str) -> frozenset[str]:
    """The files and folders below `folder` that git ignores; none outside a repository or without git."""
    start = os.path.realpath(folder)
    if not any((parent / ".git").exists() for parent in (Path(start), *Path(start).parents)):
        return frozenset()
    import subprocess

    command = ["git", "-c", "core.fsmonitor=false", "-C", start, "ls-files", "-z"]
    command += ["--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the folder is an argument of its own
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=True,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    if names & {"./", "."}:  # the folder itself is ignored, but it was named
        return frozenset()
    return frozenset(os.path.normpath(os.path.join(folder, name)) for name in names)


# -- patterns as in .gitignore ----------------------------------------------------------------------------------------


def matches(path: str, pattern: str, root: str | os.PathLike[str]) -> bool:
    """Whether a pattern as in `.gitignore`, relative to `root`, means a path."""
    return _fits(re.compile(_pattern(pattern)), path, os.path.abspath(root))


def _fits(pattern: re.Pattern[str], path: str, root: str) -> bool:
    try:
        relative = os.path.relpath(os.path.abspath(path), root)
    except ValueError:  # on another drive
        relative = path
    return pattern.search("/" + relative.replace(os.sep, "/")) is not None


_GLOB = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")
_GLOB_WORDS = {"**/": "(?:[^/]+/)*", "/**": "/.+", "**": ".*", "*": "[^/]*", "?": "[^/]", "[": r"\["}


def _patterns(globs: Sequence[str]) -> re.Pattern[str] | None:
    """One expression for several patterns, to be searched in `/path/relative/to/root`."""
    return re.compile("|".join(map(_pattern, globs))) if globs else None


def _pattern(glob: str) -> str:
    """A pattern with a slash inside counts from the root, one without matches at any depth, both whole subtrees."""
    body = glob.strip().rstrip("/")
    anchored = "/" in body
    body = body.removeprefix("./").removeprefix("/")
    return ("^/" if anchored else "/") + "".join(map(_glob_word, _GLOB.findall(body))) + "(?:/|$)"


def _glob_word(word: str) -> str:
    if word.startswith("[") and len(word) > 1:
        return _glob_set(word)
    return _GLOB_WORDS.get(word) or re.escape(word)


def _glob_set(word: str) -> str:
    """`[abc]`, `[a-z]` or `[!a-z]`; one that means nothing, such as `[z-a]`, is the text that it is."""
    negated = word[1] == "!"
    inner = re.sub(r"[^\w-]", r"\\\g<0>", word[2:-1] if negated else word[1:-1])
    try:
        re.compile(f"[{inner}]")
    except re.error:
        return re.escape(word)
    return f"[{'^/' if negated else ''}{inner}]"


# -- files that do not parse ------------------------------------------------------------------------------------------

_TELLING = (
    r"learning[_-]?rate|(?:base[_-]?|init(?:ial)?[_-]?|max[_-]?|min[_-]?|peak[_-]?)?lr|weight[_-]?decay"
    r"|(?:micro[_-]?)?batch[_-]?size(?:[_-]per[_-]gpu)?|optimi[sz]er|optim|lr[_-]?scheduler(?:[_-]type)?"
    r"|warm[_-]?up[_-]?(?:steps|ratio|epochs|iters)|(?:num[_-]|max[_-]|n[_-]|train[_-]){0,2}epochs"
    r"|grad(?:ient)?[_-]accumulation[_-]steps|lora[_-](?:r|rank|alpha)|max[_-]grad[_-]norm"
)
_HINTS = r"epoch|dropout|momentum|betas?[12]?|max[_-]steps|loss|seed|n[_-]estimators|max[_-]depth|discount|gamma"
_KEY = re.compile(
    rf"(?<![a-z0-9])(?:(?P<telling>{_TELLING})|(?P<hint>{_HINTS}))(?=[\"'\]]*\s*[:=]|\s+[\d.])", re.IGNORECASE
)


def looks_like_training(text: str) -> bool:
    """Whether a text that does not parse shows keys of training: one telling key, or two that hint at it."""
    hints: set[str] = set()
    for match in _KEY.finditer(text):
        if match["telling"]:
            return True
        hints.add(match["hint"].lower())
        if len(hints) > 1:
            return True
    return False
