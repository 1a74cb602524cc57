"""Configurations held in memory: mappings, namespaces, dataclasses, models, framework objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

from advisor.reading.common import MAX_DEPTH, ReadingError

_PLAIN = (str, bool, int, float, type(None))


def plain(obj: Any) -> Any:
    """The plain values that an object holds.

    Raises:
        ReadingError: the object is no configuration.
    """
    value = _plain(obj, ())
    if not isinstance(value, dict | list):
        raise ReadingError(f"cannot read a configuration from an object of type {type(obj).__name__}")
    return value


def _plain(value: Any, above: tuple[int, ...]) -> Any:
    if isinstance(value, _PLAIN):
        return _unwrapped(value)
    if id(value) in above:
        return "(itself)"
    if len(above) >= MAX_DEPTH:
        raise ReadingError(f"nested more than {MAX_DEPTH} levels deep")
    above = (*above, id(value))
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, above) for key, item in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(item, above) for item in value]
    held = _held(value)
    return _plain(held, above) if held is not None else _described(value)


def _unwrapped(value: Any) -> Any:
    """A plain value without the subclass that it may be of (a text enumeration, a number with units)."""
    if isinstance(value, Enum):
        return _unwrapped(value.value) if isinstance(value.value, _PLAIN) else str(value.value)
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    return value


def _key(key: Any) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)


def _held(value: Any) -> Any:
    """What an object says of itself, by the first of the ways that it offers; None where it offers none."""
    if isinstance(value, type) or (callable(value) and not hasattr(value, "__dict__")):
        return None
    for ask in _WAYS:
        try:
            held = ask(value)
        except Exception:  # noqa: S112 - another's code; the next way may work
            continue
        if held is not None:
            return held
    return None


def _scalar(value: Any) -> Any:
    """A number of another library: numpy and torch scalars have `item()`."""
    if getattr(value, "shape", None) in ((), None) and hasattr(value, "item") and hasattr(value, "dtype"):
        return [value.item()][0] if isinstance(value.item(), _PLAIN) else None
    return None


def _dataclass(value: Any) -> Any:
    if not is_dataclass(value):
        return None
    return {item.name: getattr(value, item.name) for item in fields(value) if hasattr(value, item.name)}


def _method(name: str) -> Callable[[Any], Any]:
    def ask(value: Any) -> Any:
        method = getattr(value, name, None)
        held = method() if callable(method) else None
        return held if isinstance(held, Mapping) else None

    return ask


def _param_groups(value: Any) -> Any:
    """A torch optimizer: its groups without the weights, and what it is."""
    groups = getattr(value, "param_groups", None)
    if not isinstance(groups, list) or not callable(getattr(value, "state_dict", None)):
        return None
    plain_groups = [{key: item for key, item in group.items() if key != "params"} for group in groups]
    shared = plain_groups[0] if len(plain_groups) == 1 else {"param_groups": plain_groups}
    return {"optimizer": type(value).__name__, **shared}


def _keras(value: Any) -> Any:
    """A Keras object: its configuration, and what it is."""
    method = getattr(value, "get_config", None)
    held = method() if callable(method) else None
    return {"class_name": type(value).__name__, "config": held} if isinstance(held, Mapping) else None


def _attributes(value: Any) -> Any:
    held = {
        name: item
        for name, item in getattr(value, "__dict__", {}).items()
        if not name.startswith("_") and not callable(item)
    }
    return held or None


def _simple(value: Any) -> Any:
    """A member of an enumeration, or a path."""
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, PurePath) else None


_WAYS: tuple[Callable[[Any], Any], ...] = (
    _simple,
    _scalar,
    _param_groups,
    _dataclass,
    _method("model_dump"),
    _method("to_container"),
    _method("to_dict"),
    _keras,
    _method("get_params"),
    _attributes,
)


def _described(value: Any) -> Any:
    """What stands for a value that has no plain form: the name of a class or function, else its type."""
    name = getattr(value, "__qualname__", None)
    module = getattr(value, "__module__", None)
    return f"{module}.{name}" if isinstance(name, str) else f"${{{type(value).__name__}}}"
