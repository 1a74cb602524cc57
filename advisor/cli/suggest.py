"""`hpadvise suggest`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from advisor import settings as project
from advisor.cli import options
from advisor.cli.output import file_look, look, to_stderr, write
from advisor.findings import CallError
from advisor.forms import FORMS
from advisor.report.words import listing, value_text

if TYPE_CHECKING:
    from advisor.setup import Setup
    from advisor.suggest import Advice
    from advisor.writing import Unsaid

_AS_HELP = f"Print a config for another trainer: {listing(FORMS)}."


@click.command("suggest", short_help="Suggest values for what a config leaves open.")
@click.argument("path", required=False, metavar="[PATH]")
@options.set_option
@options.want_option
@options.within_option
@click.option("--write", "in_place", is_flag=True, help="Put the values into the gaps of PATH; comments stay.")
@click.option("--as", "form", type=click.Choice(list(FORMS)), metavar="TRAINER", help=_AS_HELP)
@options.dialect_option
@options.format_option("text", "table", "json")
@options.config_option
@options.output_option
def command(path: str | None, output_format: str, output: str | None, **asked: Any) -> int:
    """Suggest values for what a config leaves open, or start one from facts alone, and explain each.

    \b
    hpadvise suggest train.yaml
    hpadvise suggest train.yaml --write
    hpadvise suggest --set model=bert-base --set fine_tuning=true --as transformers
    """
    from advisor.report import advice as pages
    from advisor.suggest import advise, read_setup

    if asked["in_place"] and (asked["form"] or path is None):
        raise CallError("--write fills the gaps of the config at PATH; --as prints a new one")
    settled = project.load(asked["config_file"])
    setup = read_setup(path or {}, {**settled.facts, **options.parse_facts(asked["facts"])}, asked["dialect"])
    advice = advise(setup, asked["want"] or None, options.parse_within(asked["within"]))
    if asked["form"]:
        _write_form(setup, advice, asked["form"], output)
        return 0
    if asked["in_place"] and path is not None:
        _fill(path, setup, advice)
    render = {"text": pages.render_text, "table": pages.render_table, "json": pages.render_json}[output_format]
    write(render(advice, file_look() if output else look()), output)
    return 0


def _write_form(setup: Setup, advice: Advice, form: str, output: str | None) -> None:
    """Write the config; what it cannot say goes to standard error."""
    from advisor.writing import render

    made = render(setup, advice, form)
    write([made.text], output)
    _tell(made.unsaid, form)


def _fill(path: str, setup: Setup, advice: Advice) -> None:
    """Put the values into the file, and tell where, and what was left out, on standard error."""
    from advisor.writing import fill, write_back

    filled = fill(path, setup, advice)
    if filled.values:
        write_back(path, filled)
    to_stderr("".join(f"{path}: written: {key} = {value_text(value)}\n" for key, value in filled.values.items()))
    _tell(filled.unsaid, path)


def _tell(unsaid: Iterable[Unsaid], where: str) -> None:
    lines = [f"{where}: not written: {one.parameter} = {value_text(one.value)} ({one.why})\n" for one in unsaid]
    to_stderr("".join(lines))
