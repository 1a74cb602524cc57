"""What the names of an expression mean: the protocol, and a scope over a plain mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from advisor.expressions.values import UNKNOWN, Unknown, Value


class Scope(Protocol):
    """What the names of an expression mean. Values are plain: None, bool, int, float, str, list, tuple, dict."""

    def value(self, name: str, /) -> Value:
        """The value of a name, or `UNKNOWN`; an explicit null is unknown too, `is_null` tells."""

    def given(self, name: str, /) -> bool:
        """Whether the config names it, whatever its value."""

    def is_null(self, name: str, /) -> bool:
        """Whether the config sets it to null."""

    def has_key(self, key: str, /) -> bool:
        """Whether the config holds a key of this spelling."""

    def values_of(self, key: str, /) -> Iterable[Value]:
        """The values under every key of this spelling, as written; True for one that heads a section."""

    def is_default(self, name: str, /) -> bool:
        """Whether the config gives the very value that its trainer takes by default."""

    def isa(self, key: str, value: str, /) -> bool | Unknown:
        """Whether the value of `key` is `value` or stands below it in its hierarchy."""


class Over:
    """A scope over another one, to which it leaves whatever it does not answer itself."""

    scope: Scope

    def given(self, name: str) -> bool:
        """Whether the config, or a fact, names it."""
        return self.scope.given(name)

    def is_null(self, name: str) -> bool:
        """Whether it is named and null."""
        return self.scope.is_null(name)

    def is_default(self, name: str) -> bool:
        """Whether its value is the trainer's own default."""
        return self.scope.is_default(name)

    def has_key(self, key: str) -> bool:
        """Whether the file has a key of this word."""
        return self.scope.has_key(key)

    def values_of(self, key: str) -> Iterable[Any]:
        """The values under every key of this word."""
        return self.scope.values_of(key)

    def isa(self, key: str, value: str) -> Any:
        """Whether a context key is of a kind."""
        return self.scope.isa(key, value)


class MappingScope:
    """A scope over a plain mapping, for converters and tests; `parents` is the hierarchy that `isa` climbs."""

    __slots__ = ("_keys", "_parents", "_values")

    def __init__(
        self,
        values: Mapping[str, Value],
        parents: Mapping[str, str] | None = None,
        keys: frozenset[str] = frozenset(),
    ) -> None:
        self._values = values
        self._parents = parents or {}
        self._keys = keys

    def value(self, name: str) -> Value:
        """The value of a name; absent and null are unknown."""
        found = self._values.get(name)
        return UNKNOWN if found is None else found

    def given(self, name: str) -> bool:
        """Whether the mapping holds the name, be it null."""
        return name in self._values

    def is_null(self, name: str) -> bool:
        """Whether the mapping holds the name with None."""
        return name in self._values and self._values[name] is None

    def has_key(self, key: str) -> bool:
        """Whether the mapping, or the further keys given, hold the key."""
        return key in self._values or key in self._keys

    def values_of(self, key: str) -> Iterable[Value]:
        """The value of the key; a further key has none that is known."""
        return (self._values[key],) if key in self._values else (UNKNOWN,) if key in self._keys else ()

    def is_default(self, name: str) -> bool:  # noqa: ARG002 - a plain mapping has no trainer
        """A plain mapping has no trainer and so no defaults."""
        return False

    def isa(self, key: str, value: str) -> bool | Unknown:
        """Whether the value of `key` is `value` or has it as an ancestor."""
        current = self.value(key)
        if not isinstance(current, str):
            return UNKNOWN
        seen: set[str] = set()
        while current != value:
            seen.add(current)
            parent = self._parents.get(current)
            if parent is None or parent in seen:
                return False
            current = parent
        return True
