"""`hpadvise suggest`."""

from __future__ import annotations

from typing import Any

import click

from advisor import settings as project
from advisor.cli import options
from advisor.cli.output import file_look, look, write


@click.command("suggest", short_help="Suggest values for what a config leaves open.")
@click.argument("path", required=False, metavar="[PATH]")
@options.set_option
@click.option(
    "--want", metavar="NAMES", multiple=True, callback=options.codes, help="Only these parameters (a,b; repeatable)."
)
@click.option(
    "--within",
    metavar="NAME=VALUES",
    multiple=True,
    help="Choices or a range to stay within (repeatable): --within batch_size=16,32 or learning_rate=1e-5..1e-3.",
)
@options.dialect_option
@options.format_option("text", "table", "json")
@options.config_option
@options.output_option
def command(path: str | None, output_format: str, output: str | None, **asked: Any) -> int:
    """Suggest values for what a config leaves open, or start one from facts alone, and explain each.

    \b
    hpadvise suggest train.yaml
    hpadvise suggest --set model=bert-base --set fine_tuning=true --set dataset_size=8000
    """
    from advisor.report import advice as pages
    from advisor.suggest import suggest

    settled = project.load(asked["config_file"])
    advice = suggest(
        path or {},
        want=asked["want"] or None,
        within=options.parse_within(asked["within"]),
        facts={**settled.facts, **options.parse_facts(asked["facts"])},
        dialect=asked["dialect"],
    )
    render = {"text": pages.render_text, "table": pages.render_table, "json": pages.render_json}[output_format]
    write(render(advice, file_look() if output else look()), output)
    return 0
