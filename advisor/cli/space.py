"""`hpadvise space`."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from advisor import settings as project
from advisor.cli import options
from advisor.cli.output import file_look, look, write
from advisor.report.spaces import FORMATS, renderer

#: Engines that hand parameters to a library of their own, and so take no other names.
_OWN_NAMES = {"sklearn": "learner"}


@click.command("space")
@click.argument("path", required=False, metavar="[PATH]")
@options.set_option
@click.option("--budget", type=click.IntRange(min=1), metavar="N", help="Trials that can be run.")
@click.option("--parallel", type=click.IntRange(min=1), metavar="N", default=1, help="Trials at once.  [default: 1]")
@click.option(
    "--method",
    type=click.Choice(["auto", "grid", "random", "bayesian"]),
    default="auto",
    help="auto: by the budget and the number of parameters, with the reason.  [default: auto]",
)
@options.want_option
@options.within_option
@click.option("--metric", metavar="NAME", default="loss", help="What the trials report.  [default: loss]")
@click.option("--maximize", is_flag=True, help="More of the metric is better.")
@click.option("--names", metavar="TRAINER", help="Name the parameters as this trainer does.  [default: as PATH does]")
@options.dialect_option
@options.format_option(*FORMATS)
@options.config_option
@options.output_option
def command(path: str | None, output_format: str, output: str | None, **asked: Any) -> int:
    """A search space around the recommendation, for people or for the engine that searches it.

    \b
    hpadvise space train.yaml --budget 32
    hpadvise space --set model=bert-base --set fine_tuning=true --format ray --output sweep.py
    """
    from advisor.space import search_space
    from advisor.suggest import read_setup
    from advisor.writing import names_for, said_by, trainer_for

    settled = project.load(asked["config_file"])
    facts = {**settled.facts, **options.parse_facts(asked["facts"])}
    strict = output_format in _OWN_NAMES
    trainer = asked["names"] or _OWN_NAMES.get(output_format)
    setup = read_setup(path or {}, facts, asked["dialect"])
    names = names_for(setup, trainer)
    known = trainer_for(setup, trainer)
    said = None if strict or known.name == "generic" else partial(said_by, setup, trainer=known)
    space = search_space(
        path or {},
        want=asked["want"] or None,
        within=options.parse_within(asked["within"]),
        facts=facts,
        dialect=asked["dialect"],
        budget=asked["budget"],
        parallel=asked["parallel"],
        method=None if asked["method"] == "auto" else asked["method"],
        metric=asked["metric"],
        maximize=asked["maximize"],
        names=names,
        only_named=strict,
        said=said,
    )
    write(renderer(output_format)(space, file_look() if output else look()), output)
    return 0
