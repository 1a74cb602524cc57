"""`hpadvise rules`."""

from __future__ import annotations

import click

from advisor.cli import options
from advisor.cli.output import file_look, look, write
from advisor.findings import CallError


@click.command("rules", short_help="List the rules.")
@click.option("--select", metavar="CODES", multiple=True, callback=options.codes, help="Only these rules (LR, LR001).")
@options.format_option("text", "table", "json")
@options.output_option
def command(select: tuple[str, ...], output_format: str, output: str | None) -> int:
    """List the rules. `hpadvise explain CODE` tells more about one."""
    from advisor import rules
    from advisor.report import rules as pages

    wanted = tuple(code.upper() for code in select)
    listed = [rule for rule in rules.listing() if not wanted or rule[0].startswith(wanted)]
    if not listed:
        raise CallError(f"no rule has a code that begins with {' or '.join(wanted)}; `hpadvise rules` lists them")
    render = {"text": pages.render_text, "table": pages.render_table, "json": pages.render_json}[output_format]
    write(render(listed, file_look() if output else look()), output)
    return 0
