"""The knowledge of the advisor as one validated bundle of plain values.

The sources are the TOML files of `vocabulary/`, `dialects/` and `rules/`.  Parsing and validating them takes a hundred
times longer than a check may, so the result is kept: shipped inside a wheel, and otherwise in the user's cache
directory.  The bundle carries a digest of the sources it was made from and of the code that made it.  Whether these
are still the same is seen by their sizes and times, and by their contents where those tell nothing, so a bundle is
never stale without being noticed.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from advisor import store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE = os.path.dirname(os.path.abspath(__file__))
SHIPPED = os.path.join(HERE, "_bundle.jsonl")

#: The code that makes a bundle of the sources.
_MAKERS = ("packs.py", "patterns.py", "schema.py", "store.py")
#: The tables of which every entry is parsed by itself: how many levels of tables stand above the entries.
_DEPTHS = {"vocabulary": 1, "vocabulary.spellings": 1, "dialects": 1, "context": 1, "told": 1, "other": 1}


#: What of a rule is asked for only where it has something to look at, or to say.
_TOLD = ("range", "summary", "why", "message", "advice", "relation", "source", "good", "bad", "notes")


#: Tables of tables to which several files may add.
_SHARED = ("choice", "value")


class PackError(Exception):
    """A pack (vocabulary, dialect or rules) that cannot be used; the message names the file and the place in it."""


def rules_directory() -> str:
    """Where the rules are: inside the package in a wheel, beside it in a checkout or an editable install.

    Raises `PackError` where neither exists.
    """
    for candidate in (os.path.join(HERE, "rules"), os.path.join(os.path.dirname(HERE), "rules")):
        if os.path.isfile(os.path.join(candidate, "types.toml")):
            return candidate
    raise PackError("the rules are missing: this installation of hpadvise is not complete")


def _sources() -> list[store.Source]:
    """Every source file, and the code that makes a bundle of them."""
    rooms = {
        "vocabulary": os.path.join(HERE, "vocabulary"),
        "dialects": os.path.join(HERE, "dialects"),
        "rules": rules_directory(),
    }
    made_by = [store.source(f"code/{name}", os.path.join(HERE, name)) for name in _MAKERS]
    return [*(source for room, root in rooms.items() for source in store.listing(root, room)), *made_by]


@lru_cache(maxsize=1)
def bundle() -> Mapping[str, Any]:
    """All knowledge as plain values, validated; a table of it is parsed when it is first asked for.

    Raises `PackError` where a source does not parse or does not hold to its schema.
    """
    sources = _sources()
    shipped = store.load(SHIPPED)
    if shipped is not None and store.untouched(SHIPPED, sources, shipped["sizes"]):
        return shipped
    cache = store.Cache(store.cache_folder())
    digest = cache.digest(sources)
    found = None if digest is None else store.load(SHIPPED, digest) or cache.bundle(digest)
    return _by_contents(sources, cache) if found is None else found


def _by_contents(sources: list[store.Source], cache: store.Cache) -> Mapping[str, Any]:
    """The bundle of sources whose names and times tell nothing: one that is there already, or a new one."""
    texts = store.texts(sources)
    digest = store.digest_of(texts)
    found = store.load(SHIPPED, digest) or cache.bundle(digest)
    if found is None:
        packed = _packed(texts, digest)
        cache.keep(digest, packed)
        found = store.unpack(packed)[1]
    cache.remember(sources, digest)
    return found


def _packed(texts: list[tuple[str, bytes]], digest: str) -> bytes:
    return store.pack({**build(texts), "sizes": {name: len(text) for name, text in texts}}, _DEPTHS, digest)


def write_shipped(target: str | os.PathLike[str] = SHIPPED) -> None:
    """Build the bundle for a wheel, beside the package where no target is named."""
    texts = store.texts(_sources())
    with open(target, "wb") as file:
        file.write(_packed(texts, store.digest_of(texts)))


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
        "told": {},
        "sources": {},
        "other": {},
        "kinds": {"kind": {}},
    }
    for name, content in texts:
        if not name.endswith(".toml"):
            continue
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
            sources = {key: validated(schema.Source, f"{name}: {key}", row) for key, row in data.items()}
            _merge(out, {"sources": sources}, name)
        elif rest.startswith("suggest/"):
            if data.keys() != {"kind"}:
                raise PackError(f"{name}: holds tables of kinds of run, [kind.NAME], and nothing else")
            _merge(out["kinds"], data, name)
        elif rest == "topics.toml":
            out["other"]["topics"] = validated(schema.TopicFile, name, data)
        elif "rule" in data or not data:
            out["rules"].extend(validated(schema.RuleFile, name, data).get("rule", []))
        else:
            out["other"][rest.removesuffix(".toml")] = data
    _order_kinds(out["other"].get("suggest"), out.pop("kinds")["kind"])
    _resolve_dialect_parents(out["dialects"])
    out["vocabulary"]["spellings"] = _index_spellings(out["vocabulary"]["parameter"])
    out["told"] = {rule["code"]: {key: rule.pop(key) for key in _TOLD if key in rule} for rule in out["rules"]}
    for row in (*out["context"]["model"], *out["context"]["task"]):
        row["pieces"] = patterns.pieces(row["match"])
    return out


def _index_spellings(parameters: dict[str, dict[str, Any]]) -> dict[str, list[tuple[str, int, Any]]]:
    """Last word of a spelling -> parameter, place in its list, and the spelling; every name spells itself."""
    index: dict[str, list[tuple[str, int, Any]]] = {}
    for name, row in parameters.items():
        spelled = row.pop("aliases", [])
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
        # of the errors about one value, one for each form that it may have, the one that got furthest tells most
        told = max(problem.errors(), key=lambda error: len(error["loc"]))
        label = _label(data, told["loc"])
        message = told["msg"].removeprefix("Value error, ")
        raise PackError(f"{name}: {_key_text(data, told['loc'])}{label}: {message}") from None
    return result


def _key_text(data: Any, place: tuple[int | str, ...]) -> str:
    """The place of a validation error, without the names of the forms that a value may have."""
    known = []
    for position, part in enumerate(place):
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
        elif position < len(place) - 1:
            continue
        known.append(str(part))
    return ".".join(known)


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
            if key in _SHARED:
                _add(into[key].setdefault(inner, {}), row, f"{name}: {key}.{inner}")
            else:
                _add(into[key], {inner: row}, f"{name}: {key}")


def _add(table: dict[str, Any], rows: dict[str, Any], place: str) -> None:
    for key, row in rows.items():
        if key in table:
            raise PackError(f"{place}.{key} is defined twice")
        table[key] = row


def _order_kinds(suggest: dict[str, Any] | None, kinds: dict[str, Any]) -> None:
    """Give `suggest` the kinds of run of its folder, in the order in which it looks for them."""
    if suggest is None:
        return
    order = suggest.pop("order")
    if sorted(order) != sorted(kinds):
        raise PackError(f"rules/suggest.toml: order: {', '.join(sorted(set(order) ^ set(kinds)))} on one side only")
    suggest["kind"] = {name: kinds[name] for name in order}


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
    # a default that the parent has and the child has not is taken back by an empty text
    dialect["defaults"] = {name: value for name, value in dialect["defaults"].items() if value != ""}
    for scalar in ("yaml_numbers", "library", "homepage"):
        if scalar in parent:
            dialect.setdefault(scalar, parent[scalar])
    known = dict(parent.get("known", {}))
    own = dialect.get("known", {})
    known.update(
        {
            **own,
            "keys": [*known.get("keys", []), *own.get("keys", [])],
            "sections": {**known.get("sections", {}), **own.get("sections", {})},
        }
    )
    dialect["known"] = known
    dialect["_resolved"] = True
    return dialect


def source_keys(value: str | list[str] | None) -> list[str]:
    """`source` of a row or rule as a list of keys."""
    return [value] if isinstance(value, str) else list(value or [])


def words(text: str) -> str:
    """A name as words: `warmup-longer-than-training` -> `warmup longer than training`."""
    return re.sub(r"[-_]+", " ", text)
