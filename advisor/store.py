"""The bundle of all knowledge on disk: a file of lines that are parsed when they are asked for, found without reading
what it was made from.

Last come an index (the digest, and for every table where its entries stand) and a check sum of all before it.  A check
needs a few per cent of what is known, and parsing the rest would take longer than the check; for the same reason paths
are texts here, and what builds a bundle is loaded where one is built.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Bundles kept in a cache; others are of sources that were edited since.
_KEPT = 4
#: How the name of a file begins that is being written.
_PART = "part-"
_DIGEST = re.compile(r"[0-9a-f]{32}")
#: An installer writes a package's files within this many seconds.
_INSTALLATION = 60
#: A file may be edited twice within one tick of its clock: seconds before its time of change can be relied on.
_TICK = 2


class Source(NamedTuple):
    """A source file: a name that does not depend on where it is installed, its path, its size, when it was changed."""

    name: str
    path: str
    size: int
    changed: int  # nanoseconds


class Table(Mapping[str, Any]):
    """A table of a bundle; an entry is parsed when it is first asked for."""

    __slots__ = ("_index", "_lines", "_parsed")

    def __init__(self, lines: bytes, index: Mapping[str, Any]) -> None:
        """Take the text of the bundle and where each entry stands in it: a range, or a table of ranges."""
        self._lines = lines
        self._index = index
        self._parsed: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._parsed:
            place = self._index[key]
            table = isinstance(place, dict)
            self._parsed[key] = Table(self._lines, place) if table else json.loads(self._lines[place[0] : place[1]])
        return self._parsed[key]

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


def pack(built: Mapping[str, Any], depths: Mapping[str, int], digest: str) -> bytes:
    """A bundle as lines; `depths` says of a dotted path how many levels of tables below it are entries of their own."""
    lines = bytearray()

    def put(value: Any, depth: int, path: str) -> Any:
        depth = depths.get(path, depth)
        if depth:
            return {key: put(item, depth - 1, f"{path}.{key}") for key, item in value.items()}
        start = len(lines)
        lines.extend(_dumped(value) + b"\n")
        return [start, len(lines)]

    index = {key: put(value, 0, key) for key, value in built.items()}
    whole = bytes(lines) + _dumped({"digest": digest, "index": index}) + b"\n"
    return whole + _check_sum(whole)


def unpack(text: bytes) -> tuple[str, Table]:
    """Digest and tables of a bundle.  Raises `ValueError` where the text is none, or not whole."""
    end = text.rfind(b"\n") + 1
    if _check_sum(memoryview(text)[:end]) != text[end:]:
        raise ValueError("the text was changed or cut")
    try:
        last = json.loads(text[text.rfind(b"\n", 0, end - 1) + 1 : end])
        digest, index = last["digest"], last["index"]
    except (TypeError, KeyError, RecursionError) as problem:
        raise ValueError("the text has no index") from problem
    if not (isinstance(digest, str) and isinstance(index, dict)):
        raise ValueError("the text has no index")  # noqa: TRY004 - of what stands in a file
    return digest, Table(text, index)


def _check_sum(text: bytes | memoryview) -> bytes:
    return b"%08x" % zlib.crc32(text)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def load(path: str, digest: str | None = None) -> Table | None:
    """The bundle of a file; None where it cannot be read or is of other sources than those of the digest."""
    try:
        with open(path, "rb") as file:
            made_of, tables = unpack(file.read())
    except (OSError, ValueError):
        return None
    return tables if digest in (None, made_of) else None


def digest_of(texts: Iterable[tuple[str, bytes]]) -> str:
    """What tells the contents of sources from any others."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    for name, text in texts:
        digest.update(f"\0{name}\0{len(text)}\0".encode())
        digest.update(text)
    return digest.hexdigest()


def texts(sources: Iterable[Source]) -> list[tuple[str, bytes]]:
    """The contents of sources by their names."""
    found = []
    for item in sources:
        with open(item.path, "rb") as file:
            found.append((item.name, file.read()))
    return found


def source(name: str, path: str) -> Source:
    """A file as it is now; of an installation without it, one that is empty."""
    try:
        status = os.stat(path)
    except OSError:
        return Source(name, os.devnull, 0, 0)
    return Source(name, path, status.st_size, status.st_mtime_ns)


def listing(root: str, room: str) -> list[Source]:
    """The TOML files below a folder, in the order of their names, folder by folder."""
    found: list[Source] = []
    folders = [(root, room)]
    while folders:
        folder, name = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append((entry.path, f"{name}/{entry.name}"))
                elif entry.name.endswith(".toml"):
                    found.append(source(f"{name}/{entry.name}", entry.path))
    return sorted(found, key=lambda item: item.name.split("/"))


# ------------------------------------------------------------------------------------------------- an installation


def untouched(bundle: str, sources: Iterable[Source], sizes: Mapping[str, int]) -> bool:
    """Whether an installed package's sources are those that its bundle came with: the same files of the same sizes,
    none changed since they were installed together.
    """
    try:
        installed = os.stat(bundle).st_mtime_ns
    except OSError:
        return False
    latest = installed + _INSTALLATION * 10**9
    sources = list(sources)
    return {s.name: s.size for s in sources} == dict(sizes) and all(s.changed <= latest for s in sources)


# --------------------------------------------------------------------------------------------------------- a cache


def cache_folder() -> str | None:
    """Where bundles are kept between calls; None where nobody says and there is no home."""
    given = os.environ.get("HPADVISE_CACHE_DIR")
    if given:
        return given
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "hpadvise") if os.path.isabs(base) else None


class Cache:
    """Bundles by the digest of their sources, and digests by the names, sizes and times of the sources.

    A cache that cannot be read or written only costs time.
    """

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def digest(self, sources: Iterable[Source]) -> str | None:
        """The digest of sources that have not been touched since it was remembered."""
        stamp = _stamp(sources)
        path = self._stamp_path(stamp)
        if path is None:
            return None
        try:
            with open(path, "rb") as file:
                kept, _, digest = file.read().rpartition(b"\n")
        except OSError:
            return None
        known = digest.decode("ascii", "replace")
        return known if kept == stamp and _DIGEST.fullmatch(known) else None

    def remember(self, sources: Iterable[Source], digest: str) -> None:
        """Remember a digest by the states of its sources, unless one was changed so lately that it may change again."""
        sources = list(sources)
        stamp = _stamp(sources)
        path = self._stamp_path(stamp)
        settled = max((source.changed for source in sources), default=0) < time.time_ns() - _TICK * 10**9
        if path is not None and settled:
            self._write(path, stamp + b"\n" + digest.encode())

    def bundle(self, digest: str) -> Table | None:
        """The bundle of sources with this digest, if it is there and whole."""
        path = self._path(f"bundle-{digest}.jsonl")
        return None if path is None else load(path, digest)

    def keep(self, digest: str, text: bytes) -> None:
        """Keep a bundle, and not too many others."""
        path = self._path(f"bundle-{digest}.jsonl")
        if path is not None:
            self._write(path, text)

    def _path(self, name: str) -> str | None:
        return None if self.folder is None else os.path.join(self.folder, name)

    def _stamp_path(self, stamp: bytes) -> str | None:
        return self._path(f"sources-{zlib.crc32(stamp):08x}.txt")

    def _write(self, path: str, text: bytes) -> None:
        """Write a file whole or not at all, whoever else does the same at the same time; nobody else may read it."""
        import tempfile

        folder = os.path.dirname(path)
        part = None
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=_PART, dir=folder)
            with open(handle, "wb") as file:
                file.write(text)
            os.replace(part, path)
            self._tidy(folder)
        except OSError:
            if part is not None:
                _remove(part)

    @staticmethod
    def _tidy(folder: str) -> None:
        """Remove what is old: all but the latest of each kind, and what a writer that was stopped left behind."""
        for kind in ("bundle-", "sources-", _PART):
            with os.scandir(folder) as entries:
                found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.startswith(kind)]
            for _, path in sorted(found, reverse=True)[_KEPT:]:
                _remove(path)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def _stamp(sources: Iterable[Source]) -> bytes:
    return os.fsencode("\n".join(f"{s.path}|{s.size}|{s.changed}" for s in sources))
