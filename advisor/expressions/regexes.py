"""Regular expressions in expressions and dialects: those that could take long are refused by their spelling.

A backtracking search tries every way in which a pattern can match.  A group that is repeated and itself repeats or
chooses has exponentially many, and is refused whatever it holds; of the rest the ways are counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_PATTERN: Final = 200  # characters of a regular expression
MAX_WAYS: Final = 2048  # in which one may match: alternatives are added, what follows one another is multiplied
_WAYS_OF_REPETITION: Final = 16  # so that two are allowed, and three, cubic in the length of the text, are not

_PART: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[:=!<>a-zA-Z]*)?|[*+?]|\{\d*,?\d*\}|.", re.S)
_REPETITION: Final = re.compile(r"[*+]|\{\d*,?\d*\}")


@dataclass(slots=True)
class _Group:
    """An open group: in how many ways its closed alternatives match, the current one, and the last part of that."""

    closed: int = 0
    current: int = 1
    last: int = 1
    busy: bool = False  # whether it holds a repetition, a choice or something optional
    last_busy: bool = False

    def take(self, ways: int = 1, *, busy: bool = False) -> None:
        """One more part."""
        self.current *= ways
        self.last, self.last_busy = ways, busy
        self.busy |= busy

    def choose(self) -> None:
        """The end of an alternative."""
        self.closed, self.current, self.busy = self.closed + self.current, 1, True

    def make_optional(self) -> None:
        """The last part may be left out: one way more."""
        self.current = self.current // self.last * (self.last + 1)
        self.busy = self.last_busy = True


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression is refused; None where it can be used."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    if re.search(r"\\[1-9]|\(\?[P(]", pattern):
        return "the pattern refers back to a group"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        return f"the pattern is no regular expression: {problem}"
    return _cost_problem(pattern)


def _cost_problem(pattern: str) -> str | None:
    groups = [_Group()]
    quantified = False  # a `?` behind a quantifier only makes it lazy
    for part in _PART.findall(pattern):
        group = groups[-1]
        repetition = _REPETITION.fullmatch(part) is not None
        if repetition and group.last_busy:
            return "the pattern repeats a group that itself repeats or chooses"
        if repetition:
            group.take(_WAYS_OF_REPETITION, busy=True)
        elif part == "?" and not quantified:
            group.make_optional()
        elif part.startswith("("):
            groups.append(_Group())
        elif part == ")" and len(groups) > 1:
            inner = groups.pop()
            groups[-1].take(inner.closed + inner.current, busy=inner.busy)
        elif part == "|":
            group.choose()
        elif part != "?":
            group.take()
        quantified = repetition or part == "?"
    if groups[0].closed + groups[0].current > MAX_WAYS:
        return "the pattern may match in too many ways: it has too many repetitions, choices or optional parts"
    return None
