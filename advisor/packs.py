"""The knowledge of the advisor as one validated bundle of plain values.

The sources are the TOML files of `vocabulary/`, `dialects/` and `rules/`.  Parsing and validating them takes a hundred
times longer than a check may, so the result is kept as JSON: shipped inside a wheel, and otherwise in the user's cache
directory.  The bundle carries a digest of the sources it was made from, and that digest is compared with the sources
on every start, so a bundle can never be stale without being noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Raise when the form of the bundle changes, so that one written by another version is not read.
FORM = 3

HERE = Path(__file__).resolve().parent
SHIPPED = HERE / "_bundle.json"


class PackError(Exception):
    """A pack (vocabulary, dialect or rules) that cannot be used; the message names the file and the place in it."""


def rules_directory() -> Path:
    """Where the rules are: inside the package in a wheel, beside it in a checkout or an editable install.

    Raises `PackError` where neither exists.
    """
    for candidate in (HERE / "rules", HERE.parent / "rules"):
        if (candidate / "types.toml").is_file():
            return candidate
    raise PackError("the rules are missing: this installation of hpadvise is not complete")


def _sources() -> list[tuple[str, Path]]:
    """Every source file under a name that does not depend on where it is installed."""
    roots = {"vocabulary": HERE / "vocabulary", "dialects": HERE / "dialects", "rules": rules_directory()}
    return [
        (f"{room}/{path.relative_to(root).as_posix()}", path)
        for room, root in roots.items()
        for path in sorted(root.rglob("*.toml"))
    ]


@lru_cache(maxsize=1)
def bundle() -> dict[str, Any]:
    """All knowledge as plain values, validated.

    Raises `PackError` where a source does not parse or does not hold to its schema.
    """
    texts = [(name, path.read_bytes()) for name, path in _sources()]
    digest = _digest(texts)
    cached = _cache_directory() / f"bundle-{digest}.json"
    for candidate in (SHIPPED, cached):
        found = _load(candidate, digest)
        if found is not None:
            return found
    built = build(texts)
    built["digest"] = digest
    _store(cached, built)
    return built


def _digest(texts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.blake2b(f"form {FORM}".encode(), digest_size=16)
    for name, text in texts:
        digest.update(f"\0{name}\0{len(text)}\0".encode())
        digest.update(text)
    return digest.hexdigest()


def _cache_directory() -> Path:
    base = os.environ.get("HPADVISE_CACHE_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "hpadvise"


def _load(path: Path, digest: str) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("digest") == digest else None


def _store(path: Path, built: dict[str, Any]) -> None:
    """Write the bundle atomically; a cache that cannot be written only costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
            json.dump(built, part, separators=(",", ":"))
        Path(part.name).replace(path)
        stale = sorted(path.parent.glob("bundle-*.json"), key=lambda p: p.stat().st_mtime, reverse=True)[4:]
        for old in stale:
            old.unlink(missing_ok=True)
    except OSError:
        return


def write_shipped(target: Path = SHIPPED) -> Path:
    """Build the bundle for a wheel, beside the package where no target is named; returns where."""
    texts = [(name, path.read_bytes()) for name, path in _sources()]
    built = build(texts)
    built["digest"] = _digest(texts)
    target.write_text(json.dumps(built, separators=(",", ":")), encoding="utf-8")
    return target


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """TOML as plain values; raises `PackError` with the file and place."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib  # type: ignore[import-not-found, no-redef, unused-ignore]
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PackError(f"{name}: {problem}") from None


def build(texts: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """Parse and validate the sources; raises `PackError`."""
    from advisor import patterns, schema

    out: dict[str, Any] = {
        "vocabulary": {"parameter": {}, "choice": {}, "derived": {}, "excluded": [], "transparent": []},
        "dialects": {},
        "context": {"value": {}, "evidence": [], "model": [], "task": []},
        "rules": [],
        "sources": {},
        "other": {},
    }
    for name, content in texts:
        data = parse_toml(name, content.decode("utf-8"))
        room, _, rest = name.partition("/")
        if room == "vocabulary":
            _merge(out["vocabulary"], validated(schema.VocabularyFile, name, data), name)
        elif room == "dialects":
            dialect = validated(schema.Dialect, name, data)
            out["dialects"][dialect["name"]] = dialect
        elif rest.startswith("context/"):
            _merge(out["context"], validated(schema.ContextFile, name, data), name)
        elif rest.startswith("sources"):
            out["sources"].update({key: validated(schema.Source, f"{name}: {key}", row) for key, row in data.items()})
        elif rest == "topics.toml":
            out["other"]["topics"] = validated(schema.TopicFile, name, data)
        elif "rule" in data or not data:
            out["rules"].extend(validated(schema.RuleFile, name, data).get("rule", []))
        else:
            out["other"][rest.removesuffix(".toml")] = data
    _resolve_dialect_parents(out["dialects"])
    out["vocabulary"]["spellings"] = _index_spellings(out["vocabulary"]["parameter"])
    for row in (*out["context"]["model"], *out["context"]["task"]):
        row["pieces"] = patterns.pieces(row["match"])
    return out


def _index_spellings(parameters: dict[str, dict[str, Any]]) -> dict[str, list[tuple[str, int, Any]]]:
    """Last word of a spelling -> parameter, place in its list, and the spelling; every name spells itself."""
    index: dict[str, list[tuple[str, int, Any]]] = {}
    for name, row in parameters.items():
        spelled = row.get("aliases") or []
        own = any(name == (alias if isinstance(alias, str) else alias["key"]) for alias in spelled)
        for order, alias in enumerate([*spelled, *([] if own else [name])]):
            key = alias if isinstance(alias, str) else alias["key"]
            index.setdefault(key.rpartition(".")[2], []).append((name, order, alias))
    return index


def validated(model: Any, name: str, data: Any) -> dict[str, Any]:
    """A table as the schema `model` has it; raises `PackError` with the name of the file and the place in it."""
    from pydantic import ValidationError

    try:
        result: dict[str, Any] = model.model_validate(data).model_dump(exclude_unset=True, by_alias=True)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        label = _label(data, first["loc"])
        raise PackError(f"{name}: {place}{label}: {first['msg']}") from None
    return result


def _label(data: Any, place: tuple[int | str, ...]) -> str:
    """The code of the rule that a validation error is in, where it is in one."""
    try:
        for part in place[:2]:
            data = data[part]
    except (KeyError, IndexError, TypeError):
        return ""
    return f" ({data['code']})" if isinstance(data, dict) and "code" in data else ""


def _merge(into: dict[str, Any], data: dict[str, Any], name: str) -> None:
    """Add a file's tables and lists to those of the others; the same name twice is a mistake."""
    for key, value in data.items():
        if isinstance(value, list):
            into[key].extend(value)
            continue
        for inner, row in value.items():
            if inner in into[key] and key not in ("choice", "value"):
                raise PackError(f"{name}: {key}.{inner} is defined twice")
            if inner in into[key]:
                into[key][inner].update(row)
            else:
                into[key][inner] = row


def _resolve_dialect_parents(dialects: dict[str, dict[str, Any]]) -> None:
    """Give every dialect what its ancestors say and it does not."""
    for name in list(dialects):
        inherit(dialects, name, ())


#: Parts of a dialect in which a child adds to what its parent says; what recognises it is its own.
_INHERITED_TABLES = ("keys", "unset", "defaults", "facts", "renamed", "write")


def inherit(dialects: dict[str, dict[str, Any]], name: str, seen: tuple[str, ...]) -> dict[str, Any]:
    """Resolve `parent` of one dialect in place; raises `PackError` for an unknown parent or a circle."""
    dialect = dialects[name]
    parent_name = dialect.get("parent")
    if parent_name is None or dialect.get("_resolved"):
        return dialect
    if parent_name not in dialects or parent_name in (*seen, name):
        raise PackError(f"dialect {name}: unusable parent {parent_name!r}")
    parent = inherit(dialects, parent_name, (*seen, name))
    for table in _INHERITED_TABLES:
        dialect[table] = {**parent.get(table, {}), **dialect.get(table, {})}
    for scalar in ("yaml_numbers", "library", "homepage"):
        if scalar in parent:
            dialect.setdefault(scalar, parent[scalar])
    known = dict(parent.get("known", {}))
    own = dialect.get("known", {})
    known.update({**own, "keys": [*known.get("keys", []), *own.get("keys", [])]})
    dialect["known"] = known
    dialect["_resolved"] = True
    return dialect


def source_keys(value: str | list[str] | None) -> list[str]:
    """`source` of a row or rule as a list of keys."""
    return [value] if isinstance(value, str) else list(value or [])


def words(text: str) -> str:
    """A name as words: `warmup-longer-than-training` -> `warmup longer than training`."""
    return re.sub(r"[-_]+", " ", text)
