"""How trainers spell things: recognising a dialect, and reading a document's keys as canonical parameters.

A dialect is data (`dialects/*.toml`); the generic reading by the vocabulary's spellings serves every key that a dialect
does not mention, and whole files that no dialect claims.
"""

from __future__ import annotations

from advisor.dialects.dialect import Dialect, Dialects, UnknownDialectError
from advisor.dialects.reading import Reading, Run, read
from advisor.dialects.source import Leaf
from advisor.dialects.spaces import Space
from advisor.dialects.values import State, interpret

__all__ = [
    "Dialect",
    "Dialects",
    "Leaf",
    "Reading",
    "Run",
    "Space",
    "State",
    "UnknownDialectError",
    "interpret",
    "read",
]
