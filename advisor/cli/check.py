"""`hpadvise check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from advisor import settings as project
from advisor.cli import options
from advisor.cli.output import file_look, look, write
from advisor.report import FORMATS, renderer

if TYPE_CHECKING:
    from advisor.engine import Options


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("--stdin-filename", metavar="NAME", help="The name under which standard input (-) is read and reported.")
@click.option("--format", "output_format", type=click.Choice(list(FORMATS)), default="text", show_default=True)
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
@click.option("--dialect", metavar="NAME", help="Read every file as this trainer's instead of recognising it.")
@click.option("--with", "companions", metavar="FILE", multiple=True, help="Another file of the same run (repeatable).")
@click.option("--show-unchecked", is_flag=True, help="Also list the rules that lacked a fact.")
@click.option(
    "--target", metavar="LIBRARY==VERSION", multiple=True, help="Which version reads the config (repeatable)."
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to share the files among.")
@click.option("--statistics", is_flag=True, help="Counts by rule instead of single findings.")
@click.option("--quiet", "-q", is_flag=True, help="Findings only.")
@options.config_option
@options.output_option
def command(output_format: str, output: str | None, **asked: Any) -> int:
    """Check configs: files, directories (searched), or - for standard input. Without a path, the current directory."""
    from advisor.engine import check_paths  # noqa: PLC0415 - `--help` does without

    shown = {name: asked.pop(name) for name in ("quiet", "statistics")} | {"show_unchecked": asked["show_unchecked"]}
    paths = asked.pop("paths") or (".",)
    report = check_paths(paths, check_options(asked))
    appearance = file_look(**shown) if output else look(**shown)
    write(renderer(output_format)(report, appearance), output)
    return report.exit_status


def check_options(asked: dict[str, Any]) -> Options:
    """What the engine is asked for: the command line's word, where it says nothing the project's, else the default."""
    from advisor.engine import Options  # noqa: PLC0415

    settled = project.load(asked["config_file"])
    return Options(
        facts={**settled.facts, **options.parse_facts(asked["facts"])},
        dialect=asked["dialect"],
        profile=asked["profile"] or settled.profile or "auto",
        select=asked["select"] or settled.select,
        ignore=asked["ignore"] or settled.ignore,
        extend_select=(*settled.extend_select, *asked["extend_select"]),
        fail_on=asked["fail_on"] or settled.fail_on or "warning",
        companions=asked["companions"],
        show_unchecked=asked["show_unchecked"],
        target=asked["target"],
        jobs=asked["jobs"],
        stdin_filename=asked["stdin_filename"],
        settings=settled,
    )
