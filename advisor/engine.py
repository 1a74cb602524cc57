"""From paths or objects to a report: reads, recognises, judges."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor import context as contexts
from advisor import rules
from advisor.check import check as judge
from advisor.dialects import Dialects, UnknownDialectError, interpret, read
from advisor.document import format_key
from advisor.expressions import format_value
from advisor.findings import AdviceError, CallError, FileReport, Place, ReadValue, Report
from advisor.packs import PackError, validated
from advisor.parameters import vocabulary
from advisor.reading import ReadingError, read_bytes, read_file, read_object
from advisor.settings import FAIL_ON, PROFILES
from advisor.setup import Setup, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from advisor.check import Judged
    from advisor.dialects import Dialect, Reading, Run
    from advisor.document import Document
    from advisor.rules import Rule
    from advisor.settings import Settings

__all__ = ["AdviceError", "Checker", "Options", "check", "check_paths"]

#: Fewer files than this are not worth starting processes for.
_PARALLEL = 64
#: More processes than this are not started: Windows can wait for no more, and nobody has as many to spare.
_MOST_JOBS = 61
#: What an option may be, where it is one of a few words.
_CHOICES = {"profile": PROFILES, "fail_on": FAIL_ON}


class Target(NamedTuple):
    """A file to check; `explicit` says that it counts whatever it holds, `problem` why it cannot be used."""

    path: str
    explicit: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a check is asked for, beside the files."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    dialect: str | None = None
    profile: str = "auto"
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: str = "warning"
    companions: tuple[str, ...] = ()
    show_unchecked: bool = False
    target: tuple[str, ...] = ()
    jobs: int | None = None
    stdin_filename: str | None = None
    skip_unrelated: bool = False  # named files too are skipped where they are no training configs
    settings: Settings | None = None
    places: bool = True  # look up where every parameter stands, not only those with findings


class Checker:
    """Options resolved once for all files of a call.  Raises `CallError` for what the call names and does not exist."""

    def __init__(self, options: Options) -> None:
        self.options = options
        for name, known in _CHOICES.items():
            if getattr(options, name) not in known:
                raise CallError(f"{name} is one of {', '.join(known)}, not {getattr(options, name)!r}")
        extra = {
            name: _own_dialect(name, table)
            for name, table in (options.settings.dialects if options.settings else {}).items()
        }
        try:
            self.dialects = Dialects(extra)
            self.forced = self.dialects.named(options.dialect) if options.dialect else None
        except (UnknownDialectError, PackError) as problem:
            raise CallError(str(problem)) from None
        try:
            self.rules = rules.selected(options.select or (), options.ignore, options.extend_select)
        except ValueError as problem:
            raise CallError(str(problem)) from None
        self.facts = facts(options.facts)
        self.target = dict(_target(pair) for pair in options.target)
        self.companions = list(self._read_companions())

    def _read_companions(self) -> Iterator[tuple[Run, Dialect, Document]]:
        for path in self.options.companions:
            try:
                documents = read_file(path)
            except ReadingError as problem:
                raise CallError(f"{path}: {problem}") from None
            for document in documents:
                dialect = self.dialects.recognise(document)
                for run in read(document, dialect):
                    yield run, dialect, document

    def setups(self, document: Document) -> list[Setup]:
        """The runs of a document."""
        dialect = self.forced or self.dialects.recognise(document)
        return [build(run, dialect, document, self.facts, self.companions) for run in read(document, dialect)]

    def runs(self, documents: Sequence[Document]) -> Iterator[tuple[Document, Setup, str | None]]:
        """Every run of a file, and what it is called where there are several."""
        for document in documents:
            for setup in self.setups(document):
                yield document, setup, setup.run or (f"document {document.index + 1}" if len(documents) > 1 else None)

    def reports(self, documents: Sequence[Document], *, explicit: bool) -> Iterator[FileReport]:
        """The report of every run of a file."""
        for document, setup, run in self.runs(documents):
            yield self.report(setup, document, run, explicit=explicit)

    def report(self, setup: Setup, document: Document, run: str | None, *, explicit: bool) -> FileReport:
        """One run, judged."""
        if not explicit and not setup.holds_training() and setup.dialect.name == "generic":
            return FileReport(document.name, "skipped", setup.dialect.name, run)
        judged = judge(setup, self._rules_for(document.name), self.options.profile, self.target)
        return FileReport(
            document.name,
            "checked",
            setup.dialect.name,
            run,
            context=_context(judged),
            parameters={name: _read_value(reading, places=self.options.places) for name, reading in setup.main.items()},
            groups={
                group: {name: _read_value(reading, places=self.options.places) for name, reading in readings.items()}
                for group, readings in setup.groups.items()
            },
            findings=judged.findings,
            not_checked=judged.not_checked if self.options.show_unchecked else (),
        )

    def _rules_for(self, path: str) -> Iterable[Rule]:
        settings = self.options.settings
        if settings is None or not settings.per_file_ignores:
            return self.rules
        from advisor.discovery import matches

        ignored = [
            code
            for pattern, codes in settings.per_file_ignores.items()
            if matches(path, pattern, settings.root)
            for code in codes
        ]
        return [rule for rule in self.rules if not any(rules.fits(code, rule) for code in ignored)]

    def file(self, target: Target) -> list[FileReport]:
        """The reports of one file; a file that cannot be read is reported as such."""
        if target.problem is not None:
            return [FileReport(target.path, "failed", problem=target.problem, counts=target.explicit)]
        try:
            documents = self.documents(target.path)
        except ReadingError as problem:
            name = self.name(target.path)
            return [failed(name, problem, counts=target.explicit or _shows_training(target.path))]
        return list(self.reports(documents, explicit=target.explicit))

    def documents(self, path: str) -> list[Document]:
        """The documents of a file, or of standard input (`-`).  Raises `ReadingError`."""
        if path == "-":
            if sys.stdin is None:
                raise ReadingError("standard input is closed")
            return read_bytes(sys.stdin.buffer.read(), self.name(path))
        return read_file(path)

    def name(self, path: str) -> str:
        """The name under which a file is reported."""
        return (self.options.stdin_filename or "<stdin>") if path == "-" else path


def _own_dialect(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """A user's dialect table, validated.  Raises `CallError`."""
    from advisor import schema

    try:
        data = validated(schema.Dialect, f"dialect {name}", {"name": name, **table})
    except PackError as problem:
        raise CallError(str(problem)) from None
    for place, parameter in _named_parameters(data):
        if parameter not in vocabulary().parameters:
            raise CallError(f"dialect {name}: {place}: {_no_parameter(parameter)}")
    return data


def _named_parameters(dialect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parameters that a dialect's table speaks of, each with the place there."""
    for key, meaning in dialect.get("keys", {}).items():
        for one in meaning if isinstance(meaning, list) else [meaning]:
            parameter = one if isinstance(one, str) else one.get("parameter", "")
            if parameter:
                yield f"keys.{key}", parameter
    for part in ("defaults", "write"):
        yield from ((part, parameter) for parameter in dialect.get(part, {}))


def _target(pair: str) -> tuple[str, str]:
    library, mark, version = pair.partition("==")
    if not mark or not version:
        raise CallError(f"--target takes LIBRARY==VERSION, not {pair!r}")
    return library.strip(), version.strip()


def facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts told beside the files, as canonical values.  Raises `CallError` for a name that does not exist."""
    words = vocabulary()
    out: dict[str, Any] = {}
    for name, raw in given.items():
        parameter = words.parameters.get(name)
        if parameter is None and contexts.hierarchical(name):
            out[name] = _named_value(name, str(raw))
            continue
        if parameter is None:
            raise CallError(_no_parameter(name))
        state, value = interpret(raw, parameter, words)
        wanted = _TAKES.get(parameter.kind)
        usable = state not in ("text", "list") and not (isinstance(value, float) and not math.isfinite(value))
        if wanted is not None and not usable:
            raise CallError(f"{name} takes {wanted}, not {quoted(raw)}")
        if state == "known":
            out[name] = _named_value(name, str(value)) if parameter.closed else value
    return out


def _no_parameter(name: str) -> str:
    close = vocabulary().nearest(name)
    hint = f"; did you mean {close!r}?" if close else "; `hpadvise explain parameters` lists the names"
    return f"no parameter or fact is called {name!r}{hint}"


def _named_value(key: str, text: str) -> str:
    """The value of a context key that a text means.  Raises `CallError` where it means none."""
    found = contexts.named(key, text)
    if found is not None:
        return found
    closed = [name for name, parameter in vocabulary().parameters.items() if parameter.closed]
    other = next((f"{one}={contexts.named(one, text)}" for one in closed if contexts.named(one, text)), None)
    close = other or contexts.nearest(key, text)
    hint = f"; did you mean {close!r}?" if close else f"; `hpadvise explain {key}` lists them" if key in closed else ""
    raise CallError(f"no {key} is called {quoted(text)}{hint}")


def quoted(raw: Any) -> str:
    """A value in a sentence, cut where it is long."""
    return repr(format_value(raw)) if isinstance(raw, str) else format_value(raw)


#: What a fact must be, by the kind of the parameter; others are free text.
_TAKES = {"number": "a number", "integer": "a number", "boolean": "true or false"}


def failed(path: str, problem: ReadingError, *, counts: bool) -> FileReport:
    """The report of a file that cannot be read."""
    place = Place(path, line=problem.line, column=problem.column) if problem.line else None
    return FileReport(path, "failed", problem=problem.message, place=place, counts=counts)


def _shows_training(path: str) -> bool:
    """Whether a file found by searching that does not parse is a config after all."""
    from advisor.discovery import looks_like_training

    try:
        with Path(path).open("rb") as file:
            return looks_like_training(file.read(200_000).decode("utf-8", "replace"))
    except OSError:
        return False


def _read_value(reading: Reading, *, places: bool) -> ReadValue:
    """A parameter as read; its place is looked up only for a report that shows it."""
    span = reading.document.span(reading.key) if places else None
    value = None if reading.state == "space" else reading.value
    return ReadValue(value, format_key(reading.key), span.line if span else None, span.column if span else None)


def _context(judged: Judged) -> dict[str, Any]:
    context = judged.scope.context
    if context is None:
        return {}
    return {key: fact.value for key, fact in context.facts.items() if key != "dialect" and contexts.telling(key)}


# --------------------------------------------------------------------------------------------------- calls


def check_paths(paths: Iterable[str], options: Options) -> Report:
    """Check files, directories and standard input (`-`); raises `CallError` for a call that cannot be carried out."""
    checker = Checker(options)
    found = list(targets(paths, options))
    jobs = options.jobs or (min(os.cpu_count() or 1, 8) if len(found) >= _PARALLEL else 1)
    jobs = min(jobs, len(found), _MOST_JOBS)
    if jobs > 1 and all(target.path != "-" for target in found):  # only this process has its input
        files = _in_parallel(found, options, jobs)
    else:
        files = [report for target in found for report in checker.file(target)]
    return Report(tuple(files), options.fail_on)


def targets(paths: Iterable[str], options: Options) -> Iterator[Target]:
    """The files that paths name; a folder that is composed as one config is a target itself."""
    from advisor.discovery import Problem, find
    from advisor.reading.hydra_folder import composable

    include = options.settings.include if options.settings else ()
    exclude = options.settings.exclude if options.settings else ()
    root = options.settings.root if options.settings else None
    named = list(paths)
    folders = [path for path in named if Path(path).is_dir() and composable(path)]
    yield from (Target(path, explicit=True) for path in folders)
    searched = [path for path in named if path not in folders]
    for item in find(searched, include=include, exclude=exclude, root=root) if searched or not folders else ():
        if isinstance(item, Problem):
            yield Target(item.path, item.explicit, item.message)
        else:
            yield Target(item.path, item.path == "-" or (item.explicit and not options.skip_unrelated))


_worker: Checker | None = None


def _start_worker(options: Options) -> None:
    global _worker  # noqa: PLW0603 - a process's own checker
    _worker = Checker(options)


def _work(target: Target) -> list[FileReport]:
    return [] if _worker is None else _worker.file(target)


def _in_parallel(found: list[Target], options: Options, jobs: int) -> list[FileReport]:
    """The files shared among processes, in the order in which they were found."""
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(options,)) as pool:
        chunk = max(1, min(32, len(found) // (jobs * 4)))
        return [report for reports in pool.map(_work, found, chunksize=chunk) for report in reports]


def check(  # noqa: PLR0913 - the public call, keyword by keyword as the contract has it
    config: Any,
    *,
    facts: Mapping[str, Any] | None = None,
    dialect: str | None = None,
    profile: str = "auto",
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    fail_on: str = "warning",
    companions: Sequence[str] = (),
) -> Report:
    """Check a config: a path, a dict, a Namespace, a dataclass, a pydantic model or a framework's own object.

    `facts` are what the config does not hold (`fine_tuning`, `world_size`, `dataset_size`, ...).  Raises `CallError`
    for an unknown fact, dialect or rule; what is wrong with the config itself is in the report.
    """
    options = Options(
        facts=dict(facts or {}),
        dialect=dialect,
        profile=profile,
        select=_texts(select) or None,
        ignore=_texts(ignore),
        fail_on=fail_on,
        companions=_texts(companions),
        jobs=1,  # a training script that asks for advice is not started again in other processes
    )
    if isinstance(config, str | os.PathLike):
        return check_paths([os.fspath(config)], options)
    checker = Checker(options)
    try:
        documents = [read_object(config)]
    except ReadingError as problem:
        return Report((failed("<config>", problem, counts=True),), fail_on)
    return Report(tuple(checker.reports(documents, explicit=True)), fail_on)


def _texts(given: Sequence[str | os.PathLike[str]] | str | os.PathLike[str] | None) -> tuple[str, ...]:
    """One text, or several, as several."""
    several = [given] if isinstance(given, str | os.PathLike) else given or ()
    return tuple(os.fspath(one) for one in several)
