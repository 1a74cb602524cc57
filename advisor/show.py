"""What was read of a config, for people: `hpadvise show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import context as contexts
from advisor.arithmetic import derived
from advisor.document import format_key
from advisor.engine import Checker, failed, quoted, targets
from advisor.findings import Assumed, Fact, Reading, ReadingValue, Unknown
from advisor.parameters import vocabulary
from advisor.reading import ReadingError
from advisor.setup import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor import dialects
    from advisor.document import Document
    from advisor.engine import Options
    from advisor.setup import Setup


def read_paths(paths: Iterable[str], options: Options) -> list[Reading]:
    """What was read of every run of the files; raises `CallError` for a call that cannot be carried out."""
    checker = Checker(options)
    shown: list[Reading] = []
    for target in targets(paths, options):
        if target.problem is not None:
            shown.append(Reading(target.path, problem=target.problem))
            continue
        try:
            documents = checker.documents(target.path)
        except ReadingError as error:
            shown.append(
                Reading(
                    checker.name(target.path),
                    problem=failed(checker.name(target.path), error, counts=True).problem_text,
                )
            )
            continue
        evidence = {id(document): _recognised_by(checker, document) for document in documents}
        shown += [
            _shown(setup, document, run, evidence[id(document)])
            for document, setup, run in checker.runs(documents)
            if target.explicit or setup.holds_training()
        ]
    return shown


def _recognised_by(checker: Checker, document: Document) -> tuple[str, ...]:
    """What told the dialect of a document: the four most telling marks."""
    if checker.forced is not None:
        return ("--dialect",)
    marks = checker.dialects.evidence(document, checker.dialects.recognise(document))
    return tuple(f"`{mark}`" for mark in marks[:4])


def _shown(setup: Setup, document: Document, run: str | None, evidence: tuple[str, ...]) -> Reading:
    scope = Scope(setup)
    context = contexts.detect(setup, scope)
    unknown = [
        Unknown(name, _why_unknown(reading))
        for name, reading in setup.main.items()
        if reading.state not in ("known", "unset")
    ]
    return Reading(
        document.name,
        run,
        setup.dialect.title,
        evidence,
        values=(
            *(_reading_value(name, reading) for name, reading in setup.main.items() if reading.state == "known"),
            *(ReadingValue(name, value, _unit(name), note="told") for name, value in setup.facts.items()),
        ),
        groups={
            group: tuple(_reading_value(name, reading) for name, reading in readings.items())
            for group, readings in setup.groups.items()
        },
        defaults=tuple(
            Assumed(name, value, f"the default of {setup.dialect.title}")
            for name, value in setup.dialect.defaults.items()
            if name not in setup.main
        ),
        derived=tuple(derived(scope)),
        context=tuple(
            Fact(key, contexts.title(key, fact.value) if isinstance(fact.value, str) else fact.value, fact.evidence)
            for key, fact in context.facts.items()
            if key != "dialect" and contexts.telling(key)
        ),
        unknown=tuple(unknown),
    )


def _why_unknown(reading: dialects.Reading) -> str:
    reasons = {
        "null": "null: the trainer's own default holds",
        "auto": "auto: chosen when training starts",
        "reference": f"refers to {reading.raw}",
        "text": f"{quoted(reading.raw)} is not understood",
        "list": "several values",
        "space": "a search space",
    }
    return reasons.get(reading.state, reading.state)


def _unit(name: str) -> str:
    parameter = vocabulary().parameters.get(name)
    return parameter.unit if parameter is not None else ""


def _reading_value(name: str, reading: dialects.Reading) -> ReadingValue:
    span = reading.document.span(reading.key)
    return ReadingValue(
        name, reading.value, _unit(name), format_key(reading.key), span.line if span else None, reading.note
    )
