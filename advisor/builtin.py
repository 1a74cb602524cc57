"""Rules whose condition looks at every key: types, hard bounds, duplicates, unknown and renamed keys, contradictions.

Each function gives `Hit`s; severity, texts and sources are in the rule's record like those of any other rule.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from advisor import spelling
from advisor.dialects.spaces import Space
from advisor.document import format_key
from advisor.expressions import format_number
from advisor.findings import Edit, Expected, Fix, Interval, Place
from advisor.parameters import letters, vocabulary, word

if TYPE_CHECKING:
    from advisor.dialects import Leaf, Reading
    from advisor.document import Document, Irregularity, KeyPath, Span
    from advisor.findings import Severity
    from advisor.setup import Part, Scope, Setup


@dataclass(frozen=True)
class Hit:
    """What a built-in rule found, before the rule's record gives it code, severity and sources."""

    message: str
    parameters: tuple[str, ...] = ()
    reading: Reading | None = None
    place: Place | None = None
    value: Any = None
    expected: Expected | None = None
    severity: Severity | None = None
    group: str | None = None
    related: tuple[Reading, ...] = ()
    fix: Fix | None = None
    advice: str = ""


def _all(setup: Setup) -> Iterator[tuple[str | None, Reading]]:
    """Every reading of a setup with its group, each key once."""
    seen = set()
    for group, readings in ((None, setup.main), *setup.groups.items()):
        for reading in readings.values():
            identity = (id(reading.document), reading.key, reading.parameter)
            if identity not in seen:
                seen.add(identity)
                yield group, reading


def _numbers(reading: Reading) -> list[Any]:
    """The numbers of a reading: one, or the elements of a list."""
    values = reading.value if isinstance(reading.value, list) else [reading.value]
    return [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


#: Categories in which a value at or below zero is a slip and not a trainer's word for "none".
_CORE = frozenset({"optimisation", "batch", "length", "regularisation", "adapter", "loss", "learner", "rl"})


def hard_bound(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A value beyond what its definition allows."""
    for group, reading in _all(setup):
        parameter = vocabulary().parameters[reading.parameter]
        if not parameter.numeric or reading.state not in ("known", "list"):
            continue
        for value in _numbers(reading):
            if isinstance(value, float) and not math.isfinite(value):
                continue
            if parameter.allows(value) or value in parameter.off:
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
    yield from _facts_beyond_bounds(setup)


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


def not_finite(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """NaN or infinity where a number belongs."""
    for group, reading in _all(setup):
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


def irregular(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """What a document holds that no training can use, whatever key it stands under."""
    for document, found, name in _irregularities(setup, *_IRREGULAR):
        if found.kind == "not-finite" and name is not None:
            continue
        yield Hit(
            f"`{format_key(found.key)}` {found.detail}",
            (name,) if name else (),
            place=_place(document, found.key, found.span),
            severity=_IRREGULAR[found.kind],
        )


def _irregularities(setup: Setup, *kinds: str) -> Iterator[tuple[Document, Irregularity, str | None]]:
    """What is irregular in the run's share of its files, and the parameter that it befell, if it is one."""
    named = {(id(reading.document), reading.key): reading.parameter for _, reading in _all(setup)}
    for part in setup.parts:
        prefix = part.run.prefix
        for found in part.document.irregularities:
            if found.kind in kinds and found.key[: len(prefix)] == prefix:
                yield part.document, found, named.get((id(part.document), found.key))


#: Kinds of irregularity that are told as they are; the duplicate key has a rule of its own.
_IRREGULAR: dict[str, Severity] = {"not-finite": "note", "huge-integer": "warning", "recursive-alias": "warning"}


def _place(document: Document, key: KeyPath, span: Span | None) -> Place:
    ends = (span.line, span.column, span.end_line, span.end_column) if span else ()
    return Place(document.name, format_key(key), *ends)


#: Categories in which text that starts like a number is a slip and not a name.
_NUMERIC_CATEGORIES = frozenset({"optimisation", "batch", "length", "regularisation", "adapter", "rl"})
_ALMOST = re.compile(r"[-+]?\d[\d.]*(?:e[-+]?\d*)?[,;xX%]?|[-+]?\d[\d.]*e|[-+]?\d+,\d+", re.IGNORECASE)


def not_a_number(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """Text that starts like a number and is none, or a truth value where a number belongs."""
    for group, reading in _all(setup):
        parameter = vocabulary().parameters[reading.parameter]
        if reading.state != "text" or not parameter.numeric or parameter.category not in _NUMERIC_CATEGORIES:
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


def not_an_integer(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A fraction where a count belongs; a width that a program tells may be the mean of several layers."""
    for group, reading in _all(setup):
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


def number_as_text(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A number that the file's reader sees as text: `5e-5` in YAML 1.1, or a quoted number.

    Where the reader is known to leave it as text every place is an error to mend.  Where it is not known, the file is
    written in one habit: that is one note, at the value that matters most.
    """
    severity = _TEXT_SEVERITY[setup.dialect.yaml_numbers]
    if severity is None:
        return
    written = [(group, reading) for group, reading in _all(setup) if _is_text(reading)]
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


def boolean_as_text(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """`"False"` in quotes: text that is not empty counts as true."""
    for group, reading in _all(setup):
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
    read = {(id(reading.document), reading.key) for _, reading in _all(setup)}
    for part in setup.parts:
        quoted = [
            leaf for leaf in part.run.leaves if leaf.value == "False" and (id(part.document), leaf.path) not in read
        ]
        if quoted and part.document.format in ("yaml", "json", "toml"):
            more = f" (like {len(quoted) - 1} more in this file)" if len(quoted) > 1 else ""
            path = quoted[0].path
            yield Hit(
                f"`{format_key(path)}` is the text 'False', which Python takes as true{more}",
                place=_place(part.document, path, part.document.span(path)),
                advice="write false without quotes",
            )


#: Named values that anybody may add to; what is like one of them by chance is no slip.
_OPEN = frozenset({"loss", "layers", "adapter"})
#: Values with fewer letters are like one another by chance.
_LONG_VALUE = 5


def misspelt_value(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A name that is no value of its key, one letter away from one that is; `ture` where a truth value belongs."""
    words = vocabulary()
    for group, reading in _all(setup):
        parameter, raw = words.parameters[reading.parameter], reading.raw
        if not isinstance(raw, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]*", raw):
            continue
        close = None
        if parameter.kind == "boolean" and reading.state == "text":
            close = spelling.slipped(raw.lower(), ("true", "false").__contains__)
        elif parameter.kind == "choice" and parameter.name not in _OPEN and words.choice(parameter.name, raw) is None:
            values = words.choice_spellings(parameter.name)
            close = spelling.slipped(letters(raw), lambda text: len(text) >= _LONG_VALUE and text in values)  # noqa: B023
        if close is not None:
            yield Hit(
                f"{parameter.title} is {raw!r}; did you mean `{close}`?",
                (parameter.name,),
                reading,
                value=raw,
                group=group,
                advice=f"write `{close}`",
            )


def duplicate_key(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """The same key twice in one mapping: parsers keep the last one silently."""
    for document, found, name in _irregularities(setup, "duplicate-key"):
        earlier = f" (first at line {found.other.line})" if found.other else ""
        yield Hit(
            f"`{format_key(found.key)}` is given twice{earlier}; parsers silently keep one of the two",
            (name,) if name else (),
            place=_place(document, found.key, found.span),
            advice="keep the one that is meant",
        )


def conflicting_values(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """One quantity under two names with different values, in one place."""
    for conflict in setup.conflicts:
        if conflict.companion:
            continue
        parameter = vocabulary().parameters[conflict.parameter]
        if not parameter.numeric or parameter.category in ("data", "model"):
            continue  # a model has many parts, each with a width and a depth of its own
        yield Hit(
            f"{parameter.title} is given twice: `{format_key(conflict.kept.key)}` = {_plain(conflict.kept.value)} and "
            f"`{format_key(conflict.other.key)}` = {_plain(conflict.other.value)}",
            (conflict.parameter,),
            conflict.other,
            value=conflict.other.value,
            related=(conflict.kept,),
            advice="keep one of them",
        )


def companion_mismatch(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A file and its companion (a DeepSpeed JSON) give the same quantity different values."""
    for conflict in setup.conflicts:
        parameter = vocabulary().parameters[conflict.parameter]
        if not conflict.companion or not parameter.numeric:
            continue
        yield Hit(
            f"{parameter.title} is {_plain(conflict.kept.value)} in {conflict.kept.document.name} but "
            f"{_plain(conflict.other.value)} in {conflict.other.document.name}",
            (conflict.parameter,),
            conflict.other,
            value=conflict.other.value,
            related=(conflict.kept,),
            advice='give it in one place, or "auto" in the engine\'s file',
        )


def _plain(value: Any) -> str:
    return format_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def unknown_key(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A key that the trainer does not know, close to one that it does, or to a word of the field."""
    for part in setup.parts:
        yield from _unknown_in(part, setup)
        yield from _unheard_in(part, setup)


def _unknown_in(part: Part, setup: Setup) -> Iterator[Hit]:
    """Misspelt keys of one file, in every section whose keys the dialect knows."""
    dialect = part.dialect
    seen: set[KeyPath] = set()
    for leaf in part.run.leaves if dialect.known_sections else ():
        for path, section in _steps(leaf, len(part.run.prefix)):
            known = dialect.known_sections.get(section)
            if known is None or path in seen:
                continue
            seen.add(path)
            key = word(str(path[-1]))
            renamed = f"{section}.{key}" if section else key
            if key in known or renamed in dialect.renamed:
                continue
            close = spelling.meant(key, known)
            if close is not None and close not in setup.keys and not _is_another(key, close):
                yield _misspelt(part, setup, path, close, leaf)


#: Keys with fewer letters are like one another by chance.
_LONG_KEY = 7


def _unheard_in(part: Part, setup: Setup) -> Iterator[Hit]:
    """Misspelt words of the field in the sections whose keys nobody has listed."""
    words = vocabulary()
    sections = part.dialect.known_sections
    for leaf in part.run.leaves:
        key = leaf.words[-1] if leaf.words else ""
        if len(key) < _LONG_KEY or not isinstance(leaf.path[-1], str) or words.spelled(key):
            continue
        *_, (path, section) = _steps(leaf, len(part.run.prefix))
        if section in sections or not isinstance(leaf.value, int | float | str | list):
            continue
        close = spelling.slipped(key, words.plain)
        if close is not None and close not in setup.keys and word(str(path[-1])) == key:
            named = _said_by(part, (*leaf.words[:-1], close))
            if named is None or named in setup.main:
                continue
            if words.parameters[named].category in _NUMERIC_CATEGORIES - {"rl"}:
                yield _misspelt(part, setup, path, close, leaf)


def _said_by(part: Part, words: tuple[str, ...]) -> str | None:
    """The parameter that a key stands for, by the dialect or else by its plain spelling."""
    meanings = part.dialect.meanings(".".join(words))
    if meanings:
        return str(meanings[0]["parameter"])
    plain = (
        alias.parameter
        for alias in vocabulary().spelled(words[-1])
        if alias.words == words[-1:] and not alias.conditional
    )
    return next(plain, None) if meanings is None else None


def _is_another(key: str, close: str) -> bool:
    """Whether a key is a word of the field for something else: `cp_size` is no slip of `tp_size`."""
    said, meant = ({alias.parameter for alias in vocabulary().spelled(name)} for name in (key, close))
    return bool(said and meant and not said & meant)


def _steps(leaf: Leaf, start: int) -> Iterator[tuple[KeyPath, str]]:
    """The keys that lead to a leaf, each with the words of the section that it stands in."""
    section: list[str] = []
    for end in range(start, len(leaf.path)):
        step = leaf.path[end]
        if isinstance(step, int):
            continue
        yield leaf.path[: end + 1], ".".join(section)
        section.append(word(step))


def _misspelt(part: Part, setup: Setup, path: KeyPath, close: str, leaf: Leaf) -> Hit:
    document = part.document
    parameter = next((r.parameter for r in setup.main.values() if r.key[: len(path)] == path), None)
    named = parameter or _said_by(part, (*leaf.words[: len(path) - len(part.run.prefix) - 1], close))
    return Hit(
        f"{part.dialect.title} does not know the key `{path[-1]}`; did you mean `{close}`?",
        (named,) if named else (),
        place=_place(document, path, document.key_span(path)),
        value=leaf.value if leaf.path == path and not isinstance(leaf.value, list) else None,
        fix=Fix("unsafe", (Edit(document.name, format_key(path), "rename", close),)),
        advice=f"rename it to `{close}`",
    )


def renamed_key(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A key renamed or removed in the version of the library that reads the config."""
    for part in setup.parts:
        library = part.dialect.data.get("library")
        version = target.get(str(library)) if library else None
        if version is not None:
            yield from _renamed_in(part, setup, f"{library} {version}", _version(version))


def _renamed_in(part: Part, setup: Setup, library: str, version: tuple[int, ...]) -> Iterator[Hit]:
    seen: set[KeyPath] = set()
    for leaf in part.run.leaves if part.dialect.renamed else ():
        for path, section in _steps(leaf, len(part.run.prefix)):
            name = ".".join(filter(None, (section, word(str(path[-1])))))
            row = part.dialect.renamed.get(name)
            if row is None or path in seen:
                continue
            seen.add(path)
            row = {"to": row} if isinstance(row, str) else row
            if version >= _version(row.get("removed") or row.get("since") or "0"):
                yield _renamed(part, setup, path, row, library)


def _renamed(part: Part, setup: Setup, path: KeyPath, row: dict[str, str], library: str) -> Hit:
    document, new = part.document, row.get("to")
    when = f"gone by {row['removed']}" if row.get("removed") else f"since {row['since']}" if row.get("since") else ""
    known = next((r.parameter for r in setup.main.values() if r.key == path), None)
    change = f"is now called `{new}`" if new else "is no longer known"
    note = f": {row['note']}" if row.get("note") else ""
    return Hit(
        f"`{path[-1]}` {change} in {library}{f' ({when})' if when else ''}{note}",
        (known,) if known else (),
        place=_place(document, path, document.key_span(path)),
        fix=Fix("safe", (Edit(document.name, format_key(path), "rename", new),)) if new else None,
        advice=f"write `{new}`" if new else "remove it",
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:4])


_SCORES = re.compile(
    r"(^|[_/. ])(acc|acc1|accuracy|top1|f1|auc|auroc|map|map50|miou|iou|jaccard_index|dice|bleu|rouge|r2|precision"
    r"|recall|psnr|ssim|ndcg|mcc|kappa|reward)([_/. 0-9@-]|$)"
)
_LOSSES = re.compile(r"(^|[_/. ])(loss|mse|mae|rmse|perplexity|ppl|wer|cer|eer|fid|mape)([_/. 0-9-]|$)")


def monitored_direction(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """A monitored score and, beside it, the mode that says which end of it is good; each callback has its own pair."""
    for part in setup.parts:
        yield from _monitored_in(part)


def _monitored_in(part: Part) -> Iterator[Hit]:
    for metric, mode in _monitored_pairs(part):
        name = metric.value.strip().lower()
        direction = "min" if mode is metric else mode.value.strip().lower()
        wrong = (direction == "max" and _LOSSES.search(name) and "neg" not in name) or (
            direction == "min" and _SCORES.search(name) and "loss" not in name and "err" not in name
        )
        if wrong:
            better = "larger" if direction == "max" else "smaller"
            yield Hit(
                message=f"{metric.value} is watched in mode {direction}, as if {better} were better",
                parameters=("monitor_mode", "monitor"),
                place=_place(part.document, mode.path, part.document.span(mode.path)),
                value=direction,
                expected=Expected(one_of=("min" if direction == "max" else "max",)),
                advice=f"set the mode to {'min' if direction == 'max' else 'max'}",
            )


def _monitored_pairs(part: Part) -> Iterator[tuple[Leaf, Leaf]]:
    """Scores with the modes that belong to them: beside one another, or a plateau schedule and the only score."""
    beside: dict[KeyPath, dict[str, Leaf]] = {}
    for leaf in part.run.leaves:
        if leaf.path and isinstance(leaf.value, str):
            beside.setdefault(leaf.path[:-1], {})[word(str(leaf.path[-1]))] = leaf
    alone: list[Leaf] = []
    for leaves in beside.values():
        metric = leaves.get("monitor")
        if metric is None:
            continue
        # Lightning's callbacks take the smaller score for the better one unless they are told otherwise
        mode = leaves.get("mode", metric if part.dialect.name == "lightning" and "callbacks" in metric.words else None)
        if mode is not None:
            yield metric, mode
        else:
            alone.append(metric)
    if len({metric.value for metric in alone}) == 1:
        for path, leaves in beside.items():
            about = " ".join(leaf.value for near in (path, path[:-1]) for leaf in beside.get(near, {}).values())
            if "mode" in leaves and "monitor" not in leaves and "plateau" in about.lower():
                yield alone[0], leaves["mode"]


def detection_filters(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """Darknet's detection layers, each behind a convolution that must have a channel for every number it predicts."""
    for part in setup.parts:
        document = part.document
        if document.format == "ini" and isinstance(document.data, dict):
            before = _sections(document, "convolutional")
            for head, kind in [(s, k) for k in ("yolo", "region") for s in _sections(document, k)]:
                behind = [section for section in before if section.start < head.start]
                wanted = _predictions(head.data, kind)
                if behind and wanted is not None:
                    yield from _filters_hit(document, behind[-1], wanted, head.data)


@dataclass(frozen=True)
class _Section:
    """A section of an INI file that may occur many times: its key, its entries, and where its first entry stands."""

    key: KeyPath
    data: dict[str, Any]
    start: int


def _sections(document: Document, name: str) -> list[_Section]:
    found = document.data.get(name)
    many = [((name, i), item) for i, item in enumerate(found)] if isinstance(found, list) else [((name,), found)]
    out = []
    for key, data in many:
        span = document.span((*key, next(iter(data)))) if isinstance(data, dict) and data else None
        if span is not None:
            out.append(_Section(key, data, span.start))
    return out


def _predictions(head: dict[str, Any], kind: str) -> int | None:
    """Numbers that a detection layer predicts at each place: box, objectness and classes, for each of its anchors."""
    classes, mask = head.get("classes"), head.get("mask")
    anchors = head.get("num") if kind == "region" or mask is None else len(mask) if isinstance(mask, list) else 1
    if not isinstance(classes, int) or not isinstance(anchors, int):
        return None
    return anchors * (classes + 5)


def _filters_hit(document: Document, section: _Section, wanted: int, head: dict[str, Any]) -> Iterator[Hit]:
    filters = section.data.get("filters")
    if isinstance(filters, int) and filters != wanted:
        key = (*section.key, "filters")
        yield Hit(
            message=f"{filters} filters before a detection layer of {head['classes']} classes, which needs {wanted}",
            parameters=("num_classes",),
            place=_place(document, key, document.span(key)),
            value=filters,
            expected=Expected(relation="filters = anchors x (classes + 5)"),
            fix=Fix("unsafe", (Edit(document.name, format_key(key), "set", wanted),)),
            advice=f"set `filters={wanted}` in the convolution before it: anchors x (classes + 5)",
        )


def _spaces(setup: Setup) -> Iterator[tuple[Reading, Space]]:
    for _, reading in _all(setup):
        if reading.state == "space" and isinstance(reading.value, Space):
            yield reading, reading.value


def impossible_space(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """Search ranges that are empty, or logarithmic over zero, or beyond the hard bounds of what is searched."""
    for reading, space in _spaces(setup):
        parameter = vocabulary().parameters[reading.parameter]
        if space.low is None or space.high is None:
            continue
        shown = f"the search range {format_number(space.low)} to {format_number(space.high)} of the {parameter.title}"
        problem = severity = None
        if space.low > space.high:
            problem = f"{shown} is empty: its lower end lies above its upper end"
        elif space.log and space.low <= 0:
            problem = f"{shown} cannot be sampled on a logarithmic scale"
        elif (parameter.low is not None and space.low < parameter.low) or (
            parameter.high is not None and space.high > parameter.high
        ):
            problem, severity = f"{shown} reaches beyond what is possible ({parameter.bounds_text})", "warning"
        if problem:
            yield Hit(
                message=problem,
                parameters=(reading.parameter,),
                reading=reading,
                severity=cast("Severity | None", severity),
                advice="keep the range inside the bounds, its lower end above zero where the scale is logarithmic",
            )


def linear_space(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """Learning rates searched on a linear scale over more than a decade."""
    for reading, space in _spaces(setup):
        if reading.parameter not in ("learning_rate", "head_learning_rate", "backbone_learning_rate") or space.log:
            continue
        if space.low is None or space.high is None or space.high <= 0 or space.low < 0:
            continue
        if space.low == 0 or space.high / space.low > 10:
            bounds = f"{format_number(space.low)} to {format_number(space.high)}"
            share = 0.9 if space.low == 0 else (space.high - space.high / 10) / (space.high - space.low)
            yield Hit(
                message=(
                    f"the learning rate is searched evenly from {bounds}: "
                    f"{share:.0%} of the trials fall into the uppermost decade"
                ),
                parameters=(reading.parameter,),
                reading=reading,
                advice="sample it on a logarithmic scale",
            )


def thin_budget(setup: Setup, scope: Scope, target: dict[str, str]) -> Iterator[Hit]:  # noqa: ARG001
    """Few trials for the number of parameters that are searched."""
    budget = scope.value("budget")
    searched = [reading for reading, _ in _spaces(setup)]
    if not isinstance(budget, int | float) or isinstance(budget, bool) or budget <= 0 or not searched:
        return
    allowed = 1 if budget < 10 else 2 if budget < 25 else None
    if allowed is not None and len(searched) > allowed:
        first = "the learning rate alone" if allowed == 1 else "the learning rate and beta1"
        yield Hit(
            message=f"{format_number(budget)} trials for {len(searched)} searched parameters are few",
            parameters=("budget", *dict.fromkeys(reading.parameter for reading in searched))[:4],
            reading=setup.main.get("budget", searched[0]),
            value=budget,
            advice=f"search {first}, or run more trials",
        )


REGISTRY: dict[str, Callable[[Setup, Scope, dict[str, str]], Iterator[Hit]]] = {
    "hard-bound": hard_bound,
    "not-finite": not_finite,
    "not-a-number": not_a_number,
    "not-an-integer": not_an_integer,
    "irregular": irregular,
    "number-as-text": number_as_text,
    "boolean-as-text": boolean_as_text,
    "misspelt-value": misspelt_value,
    "duplicate-key": duplicate_key,
    "conflicting-values": conflicting_values,
    "companion-mismatch": companion_mismatch,
    "unknown-key": unknown_key,
    "renamed-key": renamed_key,
    "monitored-direction": monitored_direction,
    "detection-filters": detection_filters,
    "impossible-space": impossible_space,
    "linear-space": linear_space,
    "thin-budget": thin_budget,
}
