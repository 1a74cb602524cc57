"""Where output goes and what it can show there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from advisor.findings import CallError
from advisor.report import Look

#: Where nobody says how wide it is.
_PAGE_WIDTH = 100
_WIDEST = 120


def look(stream: TextIO | None = None, environment: Mapping[str, str] = os.environ, **asked: bool) -> Look:
    """What a stream (standard output where none is given) can show, with what the caller asked for."""
    stream = sys.stdout if stream is None else stream
    if stream is None:  # Python's own word for a standard output that was closed
        return Look(**asked)
    terminal = _is_terminal(stream)
    return Look(
        terminal=terminal,
        colour=_wants_colour(terminal, environment),
        unicode=_encodes(stream, "━●"),
        width=_width(stream, environment) if terminal else _PAGE_WIDTH,
        **asked,
    )


def file_look(**asked: bool) -> Look:
    """The look of what goes into a file: no colour, nothing that only a terminal shows."""
    return Look(unicode=True, **asked)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _width(stream: TextIO, environment: Mapping[str, str]) -> int:
    """The columns of a terminal: what `COLUMNS` says, else what the terminal says; no more than lines are read well."""
    told = environment.get("COLUMNS", "")
    try:
        columns = int(told) if told.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return min(columns, _WIDEST) or _PAGE_WIDTH


def _wants_colour(terminal: bool, environment: Mapping[str, str]) -> bool:
    """`NO_COLOR` first, then `FORCE_COLOR`, then whether it is a terminal that can."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def _encodes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(pieces: Iterable[str], path: str | None = None) -> None:
    """Write to standard output, or to a file where one is named.

    What the stream cannot encode is written as escapes; a reader that went away, or never was there, is no error.
    Raises `CallError` where the file or standard output cannot be written.
    """
    if path is not None:
        _write_file(pieces, Path(path))
        return
    if sys.stdout is None:
        return
    try:
        for piece in pieces:
            sys.stdout.write(_encodable(piece, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
    except OSError as problem:
        abandon_stdout()
        raise CallError(f"cannot write to standard output: {problem.strerror or problem}") from None


def to_stderr(text: str) -> None:
    """Write a problem with the call to standard error."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(_encodable(text, sys.stderr))
        sys.stderr.flush()
    except OSError:  # there is nobody left to tell
        return


def abandon_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's own last flush says nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _encodable(text: str, stream: TextIO) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _write_file(pieces: Iterable[str], path: Path) -> None:
    text = "".join(pieces)
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as problem:
        raise CallError(f"cannot write {path}: {problem.strerror or problem}") from None
