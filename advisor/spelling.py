"""Which known key a misspelt one was meant to be.

A slip is one letter dropped, doubled, exchanged or swapped with its neighbour; in a long key two.  Another word that
happens to be alike (`eval_steps`, `save_steps`) differs by more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Keys with fewer letters have neighbours by chance.
SHORTEST = 4
#: From this length on two slips are taken for slips.
_LONG = 13
_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


def meant(key: str, known: Iterable[str]) -> str | None:
    """The known key that `key` is a slip of, or None.

    Of several equally near ones the one with the same letters, then the one most alike at its ends.
    """
    letters, near = set(key), []
    for candidate in known:
        allowed = _allowed(candidate)
        if not allowed or abs(len(candidate) - len(key)) > allowed or len(letters.symmetric_difference(candidate)) > 4:
            continue
        slips = distance(key, candidate, allowed)
        if slips <= allowed and not another_number(key, candidate):
            near.append((slips, sorted(key) != sorted(candidate), -sum(_shared(key, candidate)), candidate))
    return min(near)[-1] if near else None


def _allowed(known: str) -> int:
    return 0 if len(known) < SHORTEST else 1 if len(known) < _LONG else 2


def another_number(one: str, other: str) -> bool:
    """Whether two keys differ in the value of a digit alone: `adam_beta1` and `adam_beta2` are two keys, not a slip."""
    digits = re.compile(r"\d")
    same_form = digits.sub("#", one) == digits.sub("#", other)
    return same_form and sorted(one) != sorted(other)


def _shared(one: str, other: str) -> tuple[int, int]:
    """How many letters two keys share at their beginning, and at the end of what is left."""
    most = min(len(one), len(other))
    start = next((i for i in range(most) if one[i] != other[i]), most)
    end = next((i for i in range(most - start) if one[-1 - i] != other[-1 - i]), most - start)
    return start, end


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop, exchange or swap with a neighbour to make one key the other; `most + 1` for any more.

    The restricted Damerau-Levenshtein distance ("optimal string alignment"), of the parts that are not alike.
    """
    start, end = _shared(one, other)
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        current = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, current[-1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > most and (not before or min(row) > most):
            return most + 1
        before, row = row, current
    return min(row[-1], most + 1)


#: No known word has more letters; the candidates grow with the word.
_LONGEST = 60


def slipped(word: str, known: Callable[[str], bool]) -> str | None:
    """The known word that `word` is a slip of by one letter dropped, doubled, put in or swapped; None where none is.

    For words that anybody may coin: an exchanged letter is another word there (`adamp`), and so is another ending
    (`generated_tokens`, `coeff`, `lionw`) or beginning (`radam`), a word taken apart (`snap_shot`) or numbered
    (`lambda_2`).
    """
    if len(word) > _LONGEST:
        return None
    return next((candidate for candidate in _unslipped(word) if known(candidate)), None)


def _unslipped(word: str) -> Iterator[str]:
    """What a word may have been before one letter slipped."""
    for i in range(2, len(word)):
        before, letter, after = word[: i - 1], word[i - 1], word[i:]
        if letter != after[0]:
            yield before + after[0] + letter + after[1:]
    for i in range(1, len(word)):
        if not (word[i].isdigit() or word[i] == "_") and word[i + 1 : i + 2] not in ("", "_"):
            yield word[:i] + word[i + 1 :]
    for i in range(1, len(word) + 1):
        ending = word[i : i + 1] in ("", "_")
        numbered = word[i - 1] == "_" and word[i : i + 1].isdigit()
        for letter in _LETTERS:
            if not (numbered or (ending and letter in "sd")):
                yield word[:i] + letter + word[i:]
