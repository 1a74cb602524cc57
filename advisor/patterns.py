"""What a regular expression cannot do without: pieces of plain text, one of which is in every text it matches.

Tables of names hold hundreds of patterns, and compiling one takes longer than looking for its pieces in a name. The
pieces are found when the bundle is built; a pattern is compiled only for a text that has one of them.
"""

from __future__ import annotations

import re

_LOOK_AROUND = re.compile(r"\(\?<?[=!][^()]*\)")
_PART = re.compile(r"\\.|\[[^\]]*\]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[?*]|\{0?,")


def pieces(pattern: str) -> list[str]:
    """Lower-case literal texts, one of which every match of `pattern` contains; empty where none can be named.

    Understands alternatives at the top, groups, sets, escapes and quantifiers; a group is taken to hold no text.
    """
    found = [_longest_run(branch) for branch in _alternatives(_LOOK_AROUND.sub("", pattern))]
    return sorted(set(found)) if all(found) else []


def _alternatives(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern, with every group replaced by a mark that is no literal."""
    branches, depth = [""], 0
    for part in _PART.findall(pattern):
        if part == "(":
            depth += 1
            if depth == 1:
                branches[-1] += "\0"
        elif part == ")":
            depth -= 1
        elif depth == 0 and part == "|":
            branches.append("")
        elif depth == 0:
            branches[-1] += part
    return branches


def _longest_run(branch: str) -> str:
    """The longest run of plain characters of a pattern without groups, or an empty text."""
    runs = [""]
    parts = _PART.findall(branch)
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if len(part) == 1 and (part.isalnum() or part in "-_ /") and not _QUANTIFIER.match(following):
            runs[-1] += part.lower()
        else:
            runs.append("")
    return max(runs, key=len)
