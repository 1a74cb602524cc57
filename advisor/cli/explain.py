"""`hpadvise explain`."""

from __future__ import annotations

import click

from advisor.cli import options
from advisor.cli.output import file_look, look, write


@click.command("explain", short_help="Explain a rule, a parameter or a topic, with its sources.")
@click.argument("name", metavar="CODE|PARAMETER|TOPIC")
@options.format_option("text", "json")
@options.output_option
def command(name: str, output_format: str, output: str | None) -> int:
    """Explain a rule, a parameter or a topic, with its sources.

    \b
    hpadvise explain LR001
    hpadvise explain weight_decay
    hpadvise explain parameters
    hpadvise explain topics
    """
    from advisor.explain import explain
    from advisor.report import explained as pages

    render = {"text": pages.render_text, "json": pages.render_json}[output_format]
    write(render(explain(name), file_look() if output else look()), output)
    return 0
