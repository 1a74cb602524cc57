"""What the renderers of search spaces share: the words that stand above a file, and its Python and YAML."""

from __future__ import annotations

import pprint
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from advisor.literals import yaml_text
from advisor.report.plain import plain
from advisor.report.words import count, printable, value_text

if TYPE_CHECKING:
    from advisor.space import Dimension, Space

WIDTH = 110

METHODS = {
    "grid": "grid search",
    "random": "quasi-random search",
    "bayesian": "Bayesian search",
}


def headline(space: Space, methods: Mapping[str, str] = METHODS) -> str:
    """`Quasi-random search over 3 parameters: 16 trials`."""
    if space.search.method == "none":
        return "No search: 1 trial of the suggestion"
    method = methods[space.search.method]
    tuned = len({dimension.parameter for dimension in space.dimensions if dimension.most_steps > 1})
    trials = count(space.search.trials, "trial")
    return f"{method[0].upper()}{method[1:]} over {count(tuned, 'parameter')}: {trials}"


def preamble(space: Space, methods: Mapping[str, str] = METHODS) -> Iterator[str]:
    """Sentences that stand above a generated file: what it is, why this search, what is left out."""
    yield f"{headline(space, methods)}. Written by hpadvise."
    yield sentence(space.search.why, space.search.sources)
    yield from (sentence(note, ()) for note in space.notes)
    for aside in space.aside:
        yield f"Not tuned: {aside.name} = {value_text(aside.value)} ({aside.why})."


def sentence(text: str, sources: Iterable[str]) -> str:
    """A reason as a sentence with its sources in brackets."""
    cited = "; ".join(sources)
    return f"{text[:1].upper()}{text[1:]}{f' ({cited})' if cited else ''}."


def comment(lines: Iterable[str], mark: str = "# ") -> str:
    """Lines as a block of comments, wrapped."""
    wrapped = [part for line in lines for part in textwrap.wrap(printable(line), WIDTH - len(mark)) or [""]]
    return "".join(f"{mark}{line}".rstrip() + "\n" for line in wrapped)


def docstring(lines: Iterable[str]) -> str:
    """Lines as the docstring of a module."""
    text = "\n".join(part for line in lines for part in textwrap.wrap(printable(line), WIDTH) or [""])
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{escaped}\n"""\n'


def literal(value: Any) -> str:
    """A plain value as Python writes it, long ones over several lines."""
    return pprint.pformat(plain(value), width=WIDTH, sort_dicts=False)


def note(dimension: Dimension) -> str:
    """Why a dimension lies where it does, on one line."""
    cited = "; ".join(dimension.sources)
    parts = [dimension.context, dimension.why, cited]
    return printable("; ".join(part for part in parts if part))


def yaml_scalar(value: Any) -> str:
    """A plain value as every YAML reader understands it."""
    return yaml_text(plain(value))


def steps(points: Iterable[Mapping[str, Any]], dimension: Dimension) -> list[Any]:
    """The values of a dimension that occur in points, in order."""
    found = dict.fromkeys(values[dimension.name] for values in points if dimension.name in values)
    return list(found) if dimension.kind == "choice" else sorted(found)


def joined(space: Space) -> list[Dimension]:
    """One dimension a key, for engines without conditions: the hull of all that a key has below different choices."""
    from dataclasses import replace

    out: dict[str, Dimension] = {}
    for dimension in space.dimensions:
        old = out.get(dimension.key)
        alone = replace(dimension, name=dimension.key, under=None)
        out[dimension.key] = alone if old is None else _hull(old, alone)
    return list(out.values())


def _hull(one: Dimension, other: Dimension) -> Dimension:
    from dataclasses import replace

    if one.kind == "choice" or other.kind == "choice":
        ends = [[d.start] if d.kind != "choice" else list(d.choices) for d in (one, other)]
        return replace(one, kind="choice", choices=tuple(dict.fromkeys([*ends[0], *ends[1]])), low=None, high=None)
    low, high = min(_low(one), _low(other)), max(_high(one), _high(other))
    return replace(one, low=low, high=high, log=one.log or other.log)


def _low(dimension: Dimension) -> float:
    return 0.0 if dimension.low is None else dimension.low


def _high(dimension: Dimension) -> float:
    return 0.0 if dimension.high is None else dimension.high


def conditional(space: Space) -> bool:
    """Whether any dimension depends on a choice."""
    return any(dimension.under is not None for dimension in space.dimensions)
