"""From a file, a text or an object to `Document`s. One module a format, each loaded only when it is needed."""

from __future__ import annotations

import codecs
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.document import Document, Irregularity, Place
from advisor.reading.common import MAX_BYTES, MAX_FLAWS, Flaw, Reading, ReadingError, error_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike

__all__ = ["FORMATS", "ReadingError", "read_bytes", "read_file", "read_object"]

FORMATS = {
    ".json": "json",
    ".jsonc": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".cfg": "ini",
    ".ini": "ini",
    ".conf": "ini",
    ".py": "python",
    ".gin": "gin",
    ".sh": "shell",
    ".bash": "shell",
}
"""The format that a suffix stands for; what has none of these is told by its text."""

_LOOSE = frozenset((".cfg", ".conf", ".ini"))  # suffixes that any format may have

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_file(path: str | PathLike[str]) -> list[Document]:
    """Read a file; its suffix, or else its text, says the format.  A folder of Hydra is composed where Hydra is there.

    Raises:
        ReadingError: it cannot be opened or read; the message says why and what to do.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, IsADirectoryError | PermissionError) and Path(path).is_dir():
            from advisor.reading import hydra_folder

            if hydra_folder.composable(name):
                return [hydra_folder.compose(name)]
        raise ReadingError(_reason(error)) from None
    return read_bytes(data, name)


def _reason(error: OSError | ValueError) -> str:
    reasons: dict[type[Exception], str] = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "this is a folder, not a file",
        PermissionError: "no permission to read it",
    }
    known = reasons.get(type(error))
    if known is None:
        known = f"cannot be opened: {getattr(error, 'strerror', None) or error}"
    return known


def read_bytes(data: bytes, name: str, format: str | None = None) -> list[Document]:  # noqa: A002 - the field's word
    """Read the bytes of a file as one document, or as several where a YAML stream holds several.

    `format` is one of the values of `FORMATS`; without it the suffix of `name`, or else the text, says which.

    Raises:
        ReadingError: the bytes are no text, empty, too many, or not what their format demands.
    """
    if len(data) > MAX_BYTES:
        raise ReadingError(f"larger than {MAX_BYTES // 1024 // 1024} MB: this is no configuration")
    text, encoding = _decode(data)
    if not text.strip():
        raise ReadingError("the file is empty", 1, 1)
    suffix = Path(name).suffix.lower()
    chosen, readings = _read_text(text, format or FORMATS.get(suffix), sure=bool(format) or suffix not in _LOOSE)
    if not readings:
        readings = [Reading(None, _nowhere)]
    documents = []
    for index, reading in enumerate(readings):
        document = Document(
            name, chosen, reading.data, text=text, index=index, encoding=encoding, locate=reading.locate
        )
        if reading.flaws:
            document.irregularities = tuple(_irregularities(document, reading.flaws))
        documents.append(document)
    return documents


def _read_text(text: str, chosen: str | None, *, sure: bool) -> tuple[str, list[Reading]]:
    """The format of a text and what its reader makes of it; other formats are tried where the name leaves doubt."""
    problem: ReadingError | None = None
    if chosen is not None:
        try:
            return chosen, _reader(chosen)(text)
        except ReadingError as error:
            if sure:
                raise
            problem = error
    from advisor.reading.sniffing import read_unknown

    try:
        return read_unknown(text, _reader)
    except ReadingError:
        if problem is not None:
            raise problem from None
        raise


def _reader(format_name: str) -> Callable[[str], list[Reading]]:
    reader: Callable[[str], list[Reading]] = import_module(f"advisor.reading.{format_name}_format").read
    return reader


def _nowhere() -> Place:
    return Place(0, 0)


def _irregularities(document: Document, flaws: list[Flaw]) -> Iterable[Irregularity]:
    for flaw in flaws[:MAX_FLAWS]:
        span = document.span_of(flaw.start, flaw.end) if flaw.start >= 0 else None
        other = document.span_of(*flaw.other) if flaw.other else None
        yield Irregularity(flaw.kind, flaw.key, flaw.detail, span, other)


def _decode(data: bytes) -> tuple[str, str]:
    """The text of a file and how it was encoded; the byte order mark is left out."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding in ("utf-8", "utf-8-sig") and b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise ReadingError("this is a binary file, not a text", line)
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        what = f"byte 0x{data[error.start]:02x}" if error.start < len(data) else "the end"
        kind = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        raise error_at(f"not {kind} text: {what} does not belong there", before, len(before)) from None


def read_object(obj: Any, name: str = "<config>") -> Document:
    """Read a configuration that is held in memory: a mapping, `Namespace`, dataclass, model or framework object.

    Raises:
        ReadingError: nothing can be read from such an object.
    """
    from advisor.reading.object_format import plain

    return Document(name, "object", plain(obj))
