"""What a project has settled on: `hpadvise.toml`, or `[tool.hpadvise]` in `pyproject.toml`.

The nearest such file at or above the current folder holds.  What the command line says wins over it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from advisor.findings import SEVERITIES, CallError

FILE_NAME = "hpadvise.toml"
FAIL_ON = (*SEVERITIES, "never")
PROFILES = ("auto", "textbook")


@dataclass(frozen=True, slots=True)
class Settings:
    """A project's settings; each is None or empty where the project says nothing.

    Patterns are as in `.gitignore`, relative to `root`, the folder of the settings file.
    """

    path: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: str | None = None
    profile: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # pattern -> codes
    facts: Mapping[str, Any] = field(default_factory=dict)
    dialects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # name -> table, as in advisor/dialects

    @property
    def root(self) -> Path:
        """The folder that the patterns are relative to."""
        return self.path.parent if self.path else Path.cwd()


def load(path: str | Path | None = None) -> Settings:
    """The settings of a file, or of the nearest one at or above the current folder; empty settings where there is none.

    Raises `CallError` where the file cannot be read, is not TOML, or says what no setting means.
    """
    if path is None:
        return _nearest(Path.cwd())
    file = Path(path)
    text = _text(file)
    return _parsed(file, text)


def _nearest(folder: Path) -> Settings:
    for parent in (folder, *folder.parents):
        own, shared = parent / FILE_NAME, parent / "pyproject.toml"
        if own.is_file():
            return _parsed(own, _text(own))
        if shared.is_file() and "hpadvise" in (text := _text(shared)) and (found := _parsed(shared, text)).path:
            return found
    return Settings()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise CallError(f"the settings {path} cannot be read: {why}") from None


def _parsed(path: Path, text: str) -> Settings:
    if sys.version_info >= (3, 11):  # imported here because only a project with settings pays for it
        import tomllib
    else:
        import tomli as tomllib
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise CallError(f"the settings {path} are not TOML: {problem}") from None
    if path.name == "pyproject.toml":
        tools = data.get("tool")
        table = tools.get("hpadvise") if isinstance(tools, dict) else None
        if table is None:
            return Settings()
        where = f"[tool.hpadvise] of {path}"
    else:
        table, where = data, str(path)
    if not isinstance(table, dict):
        raise CallError(f"{where} is not a table")
    return _settings(path, where, table)


def _settings(path: Path, where: str, table: Mapping[str, Any]) -> Settings:
    values: dict[str, Any] = {}
    for key, value in table.items():
        setting = _SETTINGS.get(key.replace("_", "-"))
        if setting is None:
            _refuse(where, f"has no setting `{key}`", key, _SETTINGS)
        try:
            values[setting.field] = setting.read(value)
        except _UnfitError as unfit:
            problem = f"`{unfit.key or key}` is to be {unfit.wanted}, not {_shown(value)}"
            _refuse(where, problem, str(value), unfit.choices)
    return Settings(path=path, **values)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse(where: str, problem: str, word: str, known: Any) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(word.lower(), list(known), n=1)
    raise CallError(f"{where}: {problem}" + (f"; did you mean `{close[0]}`?" if close else ""))


class _UnfitError(Exception):
    """A setting's value is not of the wanted form."""

    def __init__(self, wanted: str, choices: tuple[str, ...] = (), key: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.choices, self.key = wanted, choices, key


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(filter(None, map(str.strip, value.split(","))))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _UnfitError("a list of texts")


def _texts_by_pattern(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _UnfitError("a table of lists of codes by pattern")
    return {pattern: _texts(codes) for pattern, codes in value.items()}


def _table(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _UnfitError("a table")


def _tables(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()):
        return value
    raise _UnfitError("a table of tables, one for each dialect")


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise _UnfitError("one of " + ", ".join(choices), choices)

    return read


class _Setting(NamedTuple):
    field: str
    read: Callable[[Any], Any]


_SETTINGS = {
    "select": _Setting("select", _texts),
    "ignore": _Setting("ignore", _texts),
    "extend-select": _Setting("extend_select", _texts),
    "fail-on": _Setting("fail_on", _one_of(FAIL_ON)),
    "profile": _Setting("profile", _one_of(PROFILES)),
    "include": _Setting("include", _texts),
    "exclude": _Setting("exclude", _texts),
    "per-file-ignores": _Setting("per_file_ignores", _texts_by_pattern),
    "facts": _Setting("facts", _table),
    "dialect": _Setting("dialects", _tables),
}
