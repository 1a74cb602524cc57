"""Values of a wrong kind: beyond their bounds, not finite, text where a number belongs, fractions of counts."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor import spelling
from advisor.builtin.common import SETTINGS, Case, Hit, each_reading, place_at
from advisor.document import format_key
from advisor.expressions import format_number
from advisor.findings import Edit, Expected, Fix, Interval
from advisor.parameters import letters, vocabulary

if TYPE_CHECKING:
    from advisor.dialects import Reading
    from advisor.findings import Severity
    from advisor.setup import Setup


def _numbers(reading: Reading) -> list[Any]:
    """The numbers of a reading: one, or the elements of a list."""
    values = reading.value if isinstance(reading.value, list) else [reading.value]
    return [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


#: Categories in which a value at or below zero is a slip and not a trainer's word for "none".
_CORE = frozenset({"optimisation", "batch", "length", "regularisation", "adapter", "loss", "learner", "rl"})


def hard_bound(case: Case) -> Iterator[Hit]:
    """A value beyond what its definition allows."""
    for group, reading in each_reading(case.setup):
        parameter = vocabulary().parameters[reading.parameter]
        if not parameter.numeric or reading.state not in ("known", "list"):
            continue
        for value in _numbers(reading):
            if isinstance(value, float) and not math.isfinite(value):
                continue
            if parameter.allows(value) or value in parameter.off:
                continue
            if value in parameter.off_unknown and case.setup.dialect.name == "generic":
                continue
            if parameter.category not in _CORE and value <= 0:
                continue  # 0 and -1 are how trainers write "none" and "all" for what is no knob of training itself
            yield Hit(
                f"{parameter.title} is {format_number(value)}, but must be {parameter.bounds_text}",
                (parameter.name,),
                reading,
                value=value,
                group=group,
                expected=Expected(Interval(parameter.low, None, parameter.high), scale=parameter.scale),
                advice=_percent_hint(value, parameter.high),
            )
            break
    yield from _facts_beyond_bounds(case.setup)


def _facts_beyond_bounds(setup: Setup) -> Iterator[Hit]:
    for name, value in setup.facts.items():
        parameter = vocabulary().parameters.get(name)
        if parameter is None or not parameter.numeric or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if -math.inf < value < math.inf and not parameter.allows(value):
            yield Hit(
                f"{parameter.title} is {format_number(value)}, but must be {parameter.bounds_text}",
                (name,),
                value=value,
            )


def _percent_hint(value: float, high: float | None) -> str:
    if high == 1 and 1 < value <= 100:
        return f"a share is expected: {format_number(value)} percent is {format_number(value / 100)}"
    return ""


def not_finite(case: Case) -> Iterator[Hit]:
    """NaN or infinity where a number belongs."""
    for group, reading in each_reading(case.setup):
        for value in _numbers(reading):
            if isinstance(value, float) and not math.isfinite(value):
                title = vocabulary().parameters[reading.parameter].title
                # a limit of infinity is a way to write "no limit"
                if value == math.inf and vocabulary().parameters[reading.parameter].category in (
                    "length",
                    "control",
                    "batch",
                ):
                    continue
                yield Hit(
                    f"{title} is {value}, which is no number to train with", (reading.parameter,), reading, group=group
                )
                break


_ALMOST = re.compile(r"[-+]?\d[\d.]*(?:e[-+]?\d*)?[,;xX%]?|[-+]?\d[\d.]*e|[-+]?\d+,\d+", re.IGNORECASE)


def not_a_number(case: Case) -> Iterator[Hit]:
    """Text that starts like a number and is none, or a truth value where a number belongs."""
    for group, reading in each_reading(case.setup):
        parameter = vocabulary().parameters[reading.parameter]
        if reading.state != "text" or not parameter.numeric or parameter.category not in SETTINGS:
            continue
        raw = reading.raw
        digits = _absurd_digits(raw)
        if digits or (isinstance(raw, str) and _ALMOST.fullmatch(raw.strip())):
            what = f"an integer of {digits} digits" if digits else repr(raw)
            yield Hit(
                f"{parameter.title} is {what}, which is not a number{' to train with' if digits else ''}",
                (reading.parameter,),
                reading,
                value=raw,
                group=group,
            )
        elif isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
            message = f"{parameter.title} is the text {raw!r}, which Python takes as true"
            yield Hit(message, (reading.parameter,), reading, value=raw, group=group, severity="note")


def _absurd_digits(raw: Any) -> int:
    """How many digits an integer beyond the range of a float has; 0 for anything else."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return int((abs(raw).bit_length() - 1) * math.log10(2)) + 1 if abs(raw) > sys.float_info.max else 0
    text = raw.strip().lstrip("+-") if isinstance(raw, str) else ""
    return len(text) if len(text) > 300 and text.isdigit() else 0


def not_an_integer(case: Case) -> Iterator[Hit]:
    """A fraction where a count belongs; a width that a program tells may be the mean of several layers."""
    for group, reading in each_reading(case.setup):
        parameter = vocabulary().parameters[reading.parameter]
        value = reading.value
        if parameter.kind != "integer" or reading.state != "known" or not isinstance(value, float):
            continue
        if parameter.averaged and reading.document.format == "object":
            continue
        if math.isfinite(value) and not value.is_integer() and parameter.allows(value):
            yield Hit(
                f"{parameter.title} is {format_number(value)}, but counts are whole numbers",
                (parameter.name,),
                reading,
                value=value,
                group=group,
            )


#: What becomes of a number written as text, by what is known of the file's reader.
_TEXT_SEVERITY: dict[str, Severity | None] = {"text": "error", "unknown": "note", "convert": None}


def number_as_text(case: Case) -> Iterator[Hit]:
    """A number that the file's reader sees as text: `5e-5` in YAML 1.1, or a quoted number.

    Where the reader is known to leave it as text every place is an error to mend.  Where it is not known, the file is
    written in one habit: that is one note, at the value that matters most.
    """
    severity = _TEXT_SEVERITY[case.setup.dialect.yaml_numbers]
    if severity is None:
        return
    written = [(group, reading) for group, reading in each_reading(case.setup) if _is_text(reading)]
    written.sort(key=lambda pair: vocabulary().parameters[pair[1].parameter].importance)
    certain = [pair for pair in written if severity == "error" and _is_plain(pair[1])]
    for group, reading in certain:
        yield _text_hit(group, reading, "error")
    doubtful = [pair for pair in written if pair not in certain]
    if doubtful:
        group, reading = doubtful[0]
        others = tuple(other for _, other in doubtful[1:])
        yield _text_hit(group, reading, "note", others)


def _is_text(reading: Reading) -> bool:
    """Whether a number, or a list of them, stands as text in a format that tells the two apart."""
    if _is_list_text(reading):
        return True
    tells = reading.as_text and reading.known and reading.document.format in ("yaml", "json")
    return tells and re.fullmatch(r"[-+]?[\d.]+(?:e[-+]?\d+)?", str(reading.raw).strip(), re.IGNORECASE) is not None


def _is_list_text(reading: Reading) -> bool:
    """Whether a list of numbers stands as text, `"[60, 120]"`."""
    listed = isinstance(reading.raw, str) and reading.raw.strip()[:1] in ("[", "(") and bool(_numbers(reading))
    return listed and isinstance(reading.value, list) and reading.document.format in ("yaml", "json")


def _is_plain(reading: Reading) -> bool:
    """Whether the number is text only because YAML 1.1 wants a dot, and not because it stands in quotes."""
    raw = str(reading.raw).strip()
    return reading.document.format == "yaml" and "e" in raw.lower() and reading.document.raw(reading.key) == raw


def _text_hit(group: str | None, reading: Reading, severity: Severity, others: tuple[Reading, ...] = ()) -> Hit:
    raw = str(reading.raw).strip()
    plain = _is_plain(reading)
    if _is_list_text(reading):
        title = vocabulary().parameters[reading.parameter].title
        message = f"{title} {raw!r} is text, not a list"
        hint = f"write [{raw[1:-1].strip()}] without quotes"
        return Hit(message, (reading.parameter,), reading, value=raw, group=group, severity="note", advice=hint)
    why = "YAML 1.1 (PyYAML) reads a number with an exponent but no dot or sign as text" if plain else "it is quoted"
    more = f" (like {len(others)} more in this file)" if others else ""
    edits = tuple(Edit(r.document.name, format_key(r.key), "set", r.value) for r in (reading, *others))
    return Hit(
        f"{vocabulary().parameters[reading.parameter].title} {raw!r} is text, not a number: {why}{more}",
        (reading.parameter,),
        reading,
        value=raw,
        group=group,
        severity=severity,
        related=others,
        fix=Fix("safe", edits),
        advice=f"write {_dotted(raw)}" if plain else "remove the quotes",
    )


def _dotted(raw: str) -> str:
    """A number in the spelling that YAML 1.1 takes as a number: `5e-5` -> `5.0e-5`."""
    mantissa, _, exponent = raw.lower().partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[:1] in '+-' else '+' + exponent}"


def boolean_as_text(case: Case) -> Iterator[Hit]:
    """`"False"` in quotes: text that is not empty counts as true."""
    for group, reading in each_reading(case.setup):
        parameter = vocabulary().parameters[reading.parameter]
        raw = reading.raw
        if parameter.kind != "boolean" or not isinstance(raw, str) or reading.value is not False:
            continue
        if reading.document.format in ("yaml", "json", "toml"):
            yield Hit(
                f"{parameter.title} is the text {raw!r}, which Python takes as true",
                (parameter.name,),
                reading,
                value=raw,
                group=group,
                advice="write false without quotes",
            )
    yield from _quoted_elsewhere(case.setup)


#: Words of keys whose values are texts: names of classes and tags, answers, and variables that can hold nothing else.
_TEXTS = re.compile(
    r"-?\d+|true|false|yes|no|(\w+_)?(names?|labels?|tags?|titles?|texts?|prompts?|answers?|tokens?|words?|class(es)?"
    r"|categor(y|ies)|choices?|options|descriptions?|comments?|notes?|verbalizers?|id2label|label2id|vocab\w*|metadata"
    r"|mappings?|env(ironment)?(_?var(iable)?s)?)"
)


def _quoted_elsewhere(setup: Setup) -> Iterator[Hit]:
    """`"False"` in the place of a flag that is no parameter: one finding a file, at the first."""
    read = {(id(reading.document), reading.key) for _, reading in each_reading(setup)}
    for part in setup.parts:
        quoted = [
            leaf
            for leaf in part.run.leaves
            if leaf.value == "False"
            and (id(part.document), leaf.path) not in read
            and isinstance(leaf.path[-1], str)
            and not any(_TEXTS.fullmatch(word) for word in leaf.words)
        ]
        if quoted and part.document.format in ("yaml", "json", "toml"):
            more = f" (like {len(quoted) - 1} more in this file)" if len(quoted) > 1 else ""
            path = quoted[0].path
            yield Hit(
                f"`{format_key(path)}` is the text 'False', which Python takes as true{more}",
                place=place_at(part.document, path, part.document.span(path)),
                advice="write false without quotes",
            )


#: Named values that anybody may add to; what is like one of them by chance is no slip.
_OPEN = frozenset({"loss", "layers", "adapter"})
#: Values with fewer letters are like one another by chance.
_LONG_VALUE = 5


def _as_written(setup: Setup, parameter: str, reduced: str) -> str:
    """A spelling that is known by its letters, as the trainer writes it, else as the vocabulary does."""
    own = setup.dialect.spellings(parameter)
    written = (said for said in own if letters(said) == reduced)
    return next(written, None) or vocabulary().choice_written(parameter, reduced)


def misspelt_value(case: Case) -> Iterator[Hit]:
    """A name that is no value of its key, one letter away from one that is; `ture` where a truth value belongs."""
    words = vocabulary()
    for group, reading in each_reading(case.setup):
        parameter, raw = words.parameters[reading.parameter], reading.raw
        if not isinstance(raw, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]*", raw):
            continue
        close = None
        if parameter.kind == "boolean" and reading.state == "text":
            close = spelling.slipped(raw.lower(), ("true", "false").__contains__)
        elif parameter.kind == "choice" and parameter.name not in _OPEN and words.choice(parameter.name, raw) is None:
            values = words.choice_spellings(parameter.name)
            close = spelling.slipped(letters(raw), lambda text: len(text) >= _LONG_VALUE and text in values)  # noqa: B023
            close = close and _as_written(case.setup, parameter.name, close)
        if close is not None:
            yield Hit(
                f"{parameter.title} is {raw!r}; did you mean `{close}`?",
                (parameter.name,),
                reading,
                value=raw,
                group=group,
                advice=f"write `{close}`",
            )
