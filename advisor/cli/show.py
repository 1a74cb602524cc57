"""`hpadvise show`."""

from __future__ import annotations

from typing import Any

import click

from advisor.cli import options
from advisor.cli.output import file_look, look, write


@click.command("show", short_help="Show what was read of a config, and how.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.format_option("text", "json")
@options.set_option
@options.dialect_option
@options.with_option
@options.stdin_option
@options.config_option
@options.output_option
def command(paths: tuple[str, ...], output_format: str, output: str | None, **asked: Any) -> int:
    """Show what was read: trainer, parameters and where they stand, derived quantities, context, what is unknown."""
    from advisor.report import reading
    from advisor.show import read_paths

    readings = read_paths(paths, options.engine_options(asked))
    render = {"text": reading.render_text, "json": reading.render_json}[output_format]
    write(render(readings, file_look() if output else look()), output)
    return 2 if any(one.problem is not None for one in readings) else 0
