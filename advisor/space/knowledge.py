"""What `rules/space.toml` knows: what is worth tuning, how far around the recommendation, and which search when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from advisor import expressions, packs

__all__ = ["Criterion", "criteria", "knowledge", "reason"]


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


def reason(name: str, scope: expressions.Scope) -> Mapping[str, Any] | None:
    """Why a parameter stays as recommended unless it is asked for, in the setup that the scope sees."""
    rows: list[Mapping[str, Any]] = knowledge()["aside"].get(name, [])
    return next((row for row in rows if expressions.compile(row.get("where", "True")).evaluate(scope) is True), None)


def criteria() -> Iterator[Criterion]:
    """The kinds of search, in the order in which they are considered."""
    for row in knowledge()["search"]:
        yield Criterion(row["where"], row["method"], row["why"], tuple(row["source"]))
