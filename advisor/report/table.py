"""`--format table`: the findings as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from advisor.findings import FileReport, Finding, Report, ranked
from advisor.report import Look
from advisor.report.paint import Paint
from advisor.report.text import closing_line, problem_line, statistics, unchecked
from advisor.report.words import expected_text, printable, sentence, value_text

_HEADERS = ("place", "severity", "code", "parameter", "value", "recommended", "message")
#: What the message column is to have at the least.
_NARROWEST = 36
#: The columns that the message repeats, in the order in which a narrow terminal does without them.
_SPARED = ("recommended", "value", "parameter")


def render(report: Report, look: Look) -> Iterator[str]:
    """One table of all findings, the most important of each file first; then what could not be used, and a sum."""
    paint = Paint(look.colour)
    rows = [_row(file, finding, paint) for file in report.files for finding in ranked(file.findings)]
    if rows and not look.statistics:
        yield grid(*_fitting(rows, look), look) + "\n"
    yield from (problem_line(file, paint) for file in report.files if file.status == "failed")
    if look.show_unchecked:
        for file in report.files:
            yield from unchecked(file, paint)
    if look.statistics:
        yield from statistics(report, paint)
    if not look.quiet:
        yield ("\n" if rows else "") + closing_line(report, paint)


def grid(headers: Sequence[str], rows: Sequence[Sequence[str]], look: Look) -> str:
    """A table whose last column is wrapped to what the terminal leaves."""
    widths: list[int | None] = [None] * len(headers)
    if look.terminal and rows:
        widths[-1] = max(_NARROWEST, look.width - _taken(headers, rows))
    return str(tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True, maxcolwidths=widths))


def _taken(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The width of all columns but the last, with the gaps between them."""
    columns = zip(*[[f"{header}  " for header in headers], *rows], strict=True)  # a header is padded by two
    return sum(max(len(_bare(cell)) for cell in column) + 2 for column in list(columns)[:-1])


def _fitting(rows: Sequence[Sequence[str]], look: Look) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Headers and rows with as many columns as leave room for the message."""
    headers: Sequence[str] = _HEADERS
    for spared in _SPARED:
        if not look.terminal or look.width - _taken(headers, rows) >= _NARROWEST:
            break
        index = headers.index(spared)
        headers, *rows = ([*row[:index], *row[index + 1 :]] for row in [headers, *rows])
    return headers, rows


def _row(file: FileReport, finding: Finding, paint: Paint) -> tuple[str, ...]:
    place = finding.place
    path = printable(place.path if place and place.path else file.path)
    return (
        f"{path}:{place.line}:{place.column}" if place and place.line else path,
        paint(finding.severity, finding.severity),
        finding.code,
        ", ".join(finding.parameters[:1]),
        "" if finding.value is None else value_text(finding.value, 24),
        expected_text(finding.expected),
        sentence(finding.message),
    )


def _bare(text: str) -> str:
    return text if "\x1b" not in text else text.split("m", 1)[1].rsplit("\x1b", 1)[0]
