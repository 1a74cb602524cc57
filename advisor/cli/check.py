"""`hpadvise check`."""

from __future__ import annotations

from typing import Any

import click

from advisor import settings as project
from advisor.cli import options
from advisor.cli.output import file_look, look, write
from advisor.report import FORMATS, SHOW_PARAMETERS, renderer


@click.command("check", short_help="Check configs against the documented recommendations.")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@options.stdin_option
@options.format_option(*FORMATS)
@click.option("--select", metavar="CODES", multiple=True, callback=options.codes, help="Only these rules (LR, LR001).")
@click.option("--ignore", metavar="CODES", multiple=True, callback=options.codes, help="Not these rules.")
@click.option("--extend-select", metavar="CODES", multiple=True, callback=options.codes, help="These rules as well.")
@click.option(
    "--fail-on",
    type=click.Choice(project.FAIL_ON),
    help="The least severity that makes the exit status 1.  [default: warning]",
)
@click.option(
    "--profile",
    type=click.Choice(project.PROFILES),
    help="auto: what holds in the context; textbook: the documented ranges alone, strictly.  [default: auto]",
)
@options.set_option
@options.dialect_option
@options.with_option
@click.option("--show-unchecked", is_flag=True, help="Also list the rules that lacked a fact.")
@click.option(
    "--target", metavar="LIBRARY==VERSION", multiple=True, help="Which version reads the config (repeatable)."
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to share the files among.")
@click.option("--skip-unrelated", is_flag=True, help="Skip named files too where they are no training configs.")
@click.option("--statistics", is_flag=True, help="Counts by rule instead of single findings.")
@click.option("--quiet", "-q", is_flag=True, help="Findings only.")
@options.config_option
@options.output_option
def command(
    paths: tuple[str, ...], output_format: str, output: str | None, quiet: bool, statistics: bool, **asked: Any
) -> int:
    """Check configs: files, directories (searched), or - for standard input. Without a path, the current directory."""
    from advisor.engine import check_paths

    asked["places"] = output_format in SHOW_PARAMETERS
    report = check_paths(paths or (".",), options.engine_options(asked))
    appearance = (file_look if output else look)(
        quiet=quiet, statistics=statistics, show_unchecked=asked["show_unchecked"]
    )
    write(renderer(output_format)(report, appearance), output)
    return report.exit_status
