"""Regular expressions in expressions: those that could take exponential time are refused."""

from __future__ import annotations

import re
from typing import Final

MAX_PATTERN: Final = 200  # characters of a regular expression
MAX_REPEATS: Final = 3  # unbounded repetitions in one regular expression

# A repeated group that itself repeats, or chooses, can take exponential time: such patterns are refused by their
# spelling. What remains takes at most polynomial time in texts of MAX_MATCHED characters.
_PATTERN_PART: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[:=!<>a-zA-Z]*)?|[*+]|\{\d*,?\d*\}|.", re.S)
_REPEAT: Final = re.compile(r"[*+]|\{\d*,?\d*\}")


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression is refused; None where it can be used."""
    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    if re.search(r"\\[1-9]|\(\?[P(]", pattern):
        return "the pattern refers back to a group"
    groups = [False]  # whether the group, from the outermost in, holds a repetition or a choice
    repeats, closed_busy = 0, False
    for part in _PATTERN_PART.findall(pattern):
        repeating = _REPEAT.fullmatch(part) is not None
        if repeating and closed_busy:
            return "the pattern repeats a group that itself repeats or chooses"
        closed_busy = False
        repeats += repeating
        if part.startswith("("):
            groups.append(False)
        elif part == ")" and len(groups) > 1:
            closed_busy = groups.pop()
            groups[-1] |= closed_busy
        elif repeating or part == "|":
            groups[-1] = True
    if repeats > MAX_REPEATS:
        return f"the pattern has more than {MAX_REPEATS} repetitions"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        return f"the pattern is no regular expression: {problem}"
    return None
