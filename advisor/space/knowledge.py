"""What `rules/space.toml` knows: what is worth tuning, how far around the recommendation, and which search when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from advisor import packs

__all__ = ["Criterion", "criteria", "knowledge"]


@dataclass(frozen=True)
class Criterion:
    """A kind of search and when it is the one to take."""

    where: str
    method: str
    why: str
    source: tuple[str, ...]


@lru_cache(maxsize=1)
def knowledge() -> dict[str, Any]:
    """The tables of the file."""
    data: dict[str, Any] = packs.bundle()["other"]["space"]
    return data


def criteria() -> Iterator[Criterion]:
    """The kinds of search, in the order in which they are considered."""
    for row in knowledge()["search"]:
        yield Criterion(row["where"], row["method"], row["why"], tuple(row["source"]))
