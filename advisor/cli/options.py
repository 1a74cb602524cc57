"""Options and their parsing that several commands share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click

from advisor.findings import CallError

_WORDS = {"true": True, "yes": True, "false": False, "no": False, "null": None, "none": None}
_INTEGER = re.compile(r"[+-]?\d+(_\d+)*\Z")
_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.IGNORECASE)
#: More digits than this are no number that a person typed on purpose.
_MOST_DIGITS = 400


def parse_value(text: str) -> Any:
    """A value as typed: a number, `true`/`false`, `null`, or else the text itself."""
    word = text.strip()
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if _INTEGER.match(word) and len(word) <= _MOST_DIGITS:
        return int(word)
    return float(word) if _NUMBER.match(word) else text


def parse_facts(pairs: Iterable[str]) -> dict[str, Any]:
    """`KEY=VALUE` pairs as a mapping; the last of a key wins.

    Raises `CallError` for what is no such pair.
    """
    facts: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip().lstrip("-").replace("-", "_")
        if not equals or not key:
            raise CallError(f"--set takes KEY=VALUE, such as --set world_size=8, not `{pair}`")
        facts[key] = parse_value(value)
    return facts


def codes(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Rule codes, given as several options or separated by commas."""
    return tuple(code for value in values for code in re.split(r"[,\s]+", value) if code)


set_option = click.option(
    "--set",
    "facts",
    metavar="KEY=VALUE",
    multiple=True,
    help="A fact or parameter that the file does not hold (repeatable): --set world_size=8.",
)
config_option = click.option(
    "--config", "config_file", metavar="FILE", help="Settings to use instead of the nearest hpadvise.toml."
)
output_option = click.option("--output", metavar="FILE", help="Write there instead of to standard output.")
