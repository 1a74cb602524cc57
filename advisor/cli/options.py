"""Options, and their parsing, that several commands share."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from advisor import settings as project
from advisor.findings import CallError

if TYPE_CHECKING:
    from advisor.engine import Options

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any] | click.Command)

_WORDS = {"true": True, "yes": True, "false": False, "no": False, "null": None, "none": None}
_INTEGER = re.compile(r"[+-]?\d+(_\d+)*\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.IGNORECASE | re.ASCII)
#: A number of more digits than this is taken for text.
_MOST_DIGITS = 400


def parse_value(text: str) -> Any:
    """A value as typed: a number, `true`/`false`, `null`, or else the text itself."""
    word = text.strip()
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if len(word) > _MOST_DIGITS:
        return text
    if _INTEGER.match(word):
        return int(word)
    return float(word) if _NUMBER.match(word) else text


def parse_pairs(option: str, example: str, pairs: Iterable[str]) -> dict[str, str]:
    """`NAME=TEXT` pairs as a mapping from canonical spellings of the names; the last of a name wins.

    Raises `CallError` for what is no such pair.
    """
    out: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        if not equals or not name:
            raise CallError(f"{option} takes pairs such as {option} {example}, not `{pair}`")
        out[name] = text
    return out


def parse_facts(pairs: Iterable[str]) -> dict[str, Any]:
    """`KEY=VALUE` pairs as facts."""
    return {name: parse_value(text) for name, text in parse_pairs("--set", "world_size=8", pairs).items()}


def parse_within(pairs: Iterable[str]) -> dict[str, Any]:
    """`NAME=A,B,C` as a list of choices, `NAME=LOW..HIGH` as a pair of bounds."""
    out: dict[str, Any] = {}
    for name, text in parse_pairs("--within", "batch_size=16,32", pairs).items():
        low, dots, high = text.partition("..")
        out[name] = (parse_value(low), parse_value(high)) if dots else [parse_value(part) for part in text.split(",")]
    return out


def engine_options(asked: dict[str, Any]) -> Options:
    """What the engine is asked for: the command line's word, where it says nothing the project's, else the default.

    `asked` may hold any of the options of `check`, under the names of the engine's fields.
    """
    from advisor.engine import Options

    settled = project.load(asked.get("config_file"))
    return Options(
        facts={**settled.facts, **parse_facts(asked.get("facts", ()))},
        dialect=asked.get("dialect"),
        profile=asked.get("profile") or settled.profile or "auto",
        select=asked.get("select") or settled.select,
        ignore=asked.get("ignore") or settled.ignore,
        extend_select=(*settled.extend_select, *asked.get("extend_select", ())),
        fail_on=asked.get("fail_on") or settled.fail_on or "warning",
        companions=asked.get("companions", ()),
        show_unchecked=asked.get("show_unchecked", False),
        target=asked.get("target", ()),
        jobs=asked.get("jobs"),
        stdin_filename=asked.get("stdin_filename"),
        skip_unrelated=asked.get("skip_unrelated", False),
        settings=settled,
        places=asked.get("places", True),
    )


class _Number(click.ParamType[float]):
    """A finite number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or an error that names the option."""
        if isinstance(value, (int, float)):
            return value
        number = parse_value(value)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            self.fail(f"`{value}` is not a finite number", param, ctx)
        return number


NUMBER = _Number()


def number_option(name: str, text: str, required: bool = False) -> Callable[[_Decorated], _Decorated]:
    """An option that takes a finite number."""
    return click.option(name, type=NUMBER, metavar="NUMBER", help=text, required=required)


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
want_option = click.option(
    "--want", metavar="NAMES", multiple=True, callback=codes, help="Only these parameters (a,b; repeatable)."
)
within_option = click.option(
    "--within",
    metavar="NAME=VALUES",
    multiple=True,
    help="Choices or a range to stay within (repeatable): --within batch_size=16,32 or learning_rate=1e-5..1e-3.",
)
dialect_option = click.option(
    "--dialect", metavar="NAME", help="Read every file as this trainer's instead of recognising it."
)
with_option = click.option(
    "--with", "companions", metavar="FILE", multiple=True, help="Another file of the same run (repeatable)."
)
stdin_option = click.option(
    "--stdin-filename", metavar="NAME", help="The name under which standard input (-) is read and reported."
)
config_option = click.option(
    "--config", "config_file", metavar="FILE", help="Settings to use instead of the nearest hpadvise.toml."
)
output_option = click.option("--output", metavar="FILE", help="Write there instead of to standard output.")


def format_option(*formats: str) -> Callable[[_Decorated], _Decorated]:
    """`--format`, with the formats that a command knows; the first is the default."""
    return click.option("--format", "output_format", type=click.Choice(formats), default=formats[0], show_default=True)
