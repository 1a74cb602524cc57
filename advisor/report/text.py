"""`--format text`: one line a finding that editors can jump from, on a terminal with a short block below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from advisor.findings import SEVERITIES, FileReport, Finding, Report, ranked
from advisor.report import Look
from advisor.report.paint import Paint
from advisor.report.words import count, expected_text, listing, printable, sentence, snake_words, value_text

_INDENT = "    "
_LABEL = 13


def render(report: Report, look: Look) -> Iterator[str]:
    """Findings file by file, the most important first; then, unless quiet, one closing line."""
    paint = Paint(look.colour)
    told: set[str] = set()  # rules whose reason was given: once is enough
    for file in report.files:
        if file.status == "failed":
            yield problem_line(file, paint)
        if not look.statistics:
            for finding in ranked(file.findings):
                yield finding_line(file, finding, paint)
                if look.terminal and not look.quiet:
                    yield from _block(finding, look, paint, told)
        if look.show_unchecked:
            yield from unchecked(file, paint)
    if look.statistics:
        yield from statistics(report, paint)
    if not look.quiet:
        yield closing_line(report, paint)


def finding_line(file: FileReport, finding: Finding, paint: Paint) -> str:
    """`path:line:column: CODE severity message`; a value that no line holds counts for the file's first."""
    place = finding.place
    line = place.line if place and place.line else 1
    column = place.column if place and place.column else 1
    path = printable(place.path if place and place.path else file.path)
    where = f"{paint(path, 'path')}:{line}:{column}:"
    verdict = f"{paint(finding.code, 'code')} {paint(finding.severity, finding.severity)}"
    belongs = listing(filter(None, (printable(file.run or ""), printable(finding.group or ""))))
    return f"{where} {verdict} {sentence(finding.message)}{f' [{belongs}]' if belongs else ''}\n"


def problem_line(file: FileReport, paint: Paint) -> str:
    """The line for a file that could not be used."""
    place = file.place
    where = f":{place.line}:{place.column or 1}" if place and place.line else ""
    why = printable(file.problem or "could not be read")
    return f"{paint(printable(file.path), 'path')}{where}: {paint('error', 'error')}: {why}\n"


def _block(finding: Finding, look: Look, paint: Paint, told: set[str]) -> Iterator[str]:
    """What stands below a finding on a terminal: value, range, why, source, suggestion; nothing twice."""
    name = snake_words(finding.parameters[0]) if finding.parameters else "value"
    suggested = _suggested(finding, name)
    tells = finding.severity != "note" and finding.code not in told
    rows = [
        ("value", value_text(finding.value) if finding.value is not None else ""),
        ("recommended", _recommended(finding)),
        ("", _bar(finding, look, paint)),
        ("context", "" if finding.context in finding.message else printable(finding.context)),
        ("why", printable(finding.why) if tells else ""),
        ("advice", "" if suggested and finding.advice.startswith("try ") else printable(finding.advice)),
        ("suggested", suggested),
        ("source", printable("; ".join(finding.sources))),
    ]
    if tells:
        told.add(finding.code)
    for label, text in rows:
        if text:
            yield from row(label, text, look, paint)
    yield "\n"


def row(label: str, text: str, look: Look, paint: Paint) -> Iterator[str]:
    """A label and its text, wrapped to the terminal with a hanging indent."""
    import textwrap  # only a terminal needs it

    room = max(30, look.width - len(_INDENT) - _LABEL)
    lines = [text] if "\x1b" in text or not label else textwrap.wrap(text, room) or [""]
    for number, line in enumerate(lines):
        head = label if number == 0 else ""
        yield f"{_INDENT}{paint(head, 'label')}{' ' * (_LABEL - len(head))}{line}\n"


def _recommended(finding: Finding) -> str:
    text = expected_text(finding.expected)
    interval = finding.expected.interval if finding.expected else None
    if not text or interval is None or interval.typical is None or interval.low == interval.high:
        return text
    return f"{text}, typically {value_text(interval.typical)}"


def _bar(finding: Finding, look: Look, paint: Paint) -> str:
    from advisor.report.bar import bar  # only a terminal needs it

    drawn = bar(finding.value, finding.expected, unicode=look.unicode)
    if drawn is None:
        return ""
    before, mark, after = drawn.cells[: drawn.mark], drawn.cells[drawn.mark], drawn.cells[drawn.mark + 1 :]
    return f"{drawn.left} {before}{paint(mark, finding.severity)}{after} {drawn.right}"


def _suggested(finding: Finding, name: str) -> str:
    if finding.fix is None:
        return ""
    words = {"set": "{key} = {value}", "rename": "rename {key} to {value}", "delete": "delete {key}"}
    edits = [
        words[edit.op].format(key=printable(edit.key or name), value=value_text(edit.value))
        for edit in finding.fix.edits
    ]
    return ", ".join(edits)


def unchecked(file: FileReport, paint: Paint) -> Iterator[str]:
    """The rules that could not be judged, each with the facts that it would have needed."""
    for item in file.not_checked:
        missing = listing(map(printable, item.missing)) or "something that the config does not say"
        path, code = paint(printable(file.path), "path"), paint(item.code, "code")
        yield f"{path}: {code} not checked: {item.name} needs {missing}\n"


def statistics(report: Report, paint: Paint) -> Iterator[str]:
    """How often each rule spoke, the most frequent first."""
    kinds = Counter((finding.code, finding.severity, finding.name) for finding in report.findings)
    width = len(str(max(kinds.values(), default=0)))
    for (code, severity, name), amount in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        yield f"{amount:{width}}  {paint(code, 'code')}  {paint(f'{severity:7}', severity)}  {name}\n"


def closing_line(report: Report, paint: Paint) -> str:
    """What came out in all, in one sentence; what was not judged is not called passed."""
    tally = report.tally()
    passed = {file.path for file in report.files if file.status == "checked" and not file.empty}
    judged = len(passed)
    empty = {file.path for file in report.files if file.empty} - passed  # of several documents some may hold nothing
    failed = len({file.path for file in report.files if file.status == "failed"})
    found = [
        paint(count(tally[f"{severity}s"], severity), severity) for severity in SEVERITIES if tally[f"{severity}s"]
    ]
    parts = []
    if found:
        touched = len({file.path for file in report.files if file.findings})
        parts.append(f"{listing(found)} in {touched} of {count(judged, 'file')}")
    elif judged:
        parts.append(paint(f"All checks passed in {count(judged, 'file')}", "good"))
    if empty:
        where = printable(next(iter(empty))) if len(empty) == 1 else count(len(empty), "file")
        parts.append(f"no training parameter found in {where}")
    if failed:
        parts.append(paint(f"{count(failed, 'file')} could not be used", "error"))
    text = "; ".join(parts or ["no training config found"])
    return (text if text.startswith("\x1b") else text[:1].upper() + text[1:]) + "\n"
