"""`hpadvise scale`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from advisor.cli import options
from advisor.cli.output import file_look, look, write
from advisor.findings import CallError

if TYPE_CHECKING:
    from advisor.scale import Scaling


@dataclass(frozen=True, slots=True)
class _Move:
    """A way to move a setup: the function of `advisor.scale`, its arguments by option, and those it cannot lack."""

    function: str
    arguments: Mapping[str, str]
    required: tuple[str, ...]


#: By the option that asks for the move; what asks for none of them moves to another batch.
_MOVES = {
    "--to-optimizer": _Move(
        "convert",
        {
            "--optimizer": "from_optimizer",
            "--to-optimizer": "to_optimizer",
            "--weight-decay": "weight_decay",
            "--recipe": "recipe",
        },
        ("--optimizer",),
    ),
    "--to-lora": _Move("lora", {}, ()),
    "--to-width": _Move(
        "width",
        {
            "--from-width": "from_width",
            "--to-width": "to_width",
            "--optimizer": "optimizer",
            "--weight-decay": "weight_decay",
        },
        ("--from-width",),
    ),
    "--to-momentum": _Move(
        "momentum", {"--from-momentum": "from_momentum", "--to-momentum": "to_momentum"}, ("--from-momentum",)
    ),
}
_BATCH = _Move(
    "scale",
    {
        "--from": "from_batch",
        "--to": "to_batch",
        "--from-devices": "from_devices",
        "--to-devices": "to_devices",
        "--from-accumulation": "from_accumulation",
        "--to-accumulation": "to_accumulation",
        "--rule": "rule",
        "--optimizer": "optimizer",
        "--recipe": "recipe",
        "--beta1": "beta1",
        "--beta2": "beta2",
        "--epsilon": "epsilon",
        "--noise-scale": "noise_scale",
    },
    ("--from",),
)


#: What a config tells of the setup as it is now, by option.
_READ = {
    "--lr": "learning_rate",
    "--optimizer": "optimizer",
    "--weight-decay": "weight_decay",
    "--beta1": "beta1",
    "--beta2": "beta2",
    "--epsilon": "epsilon",
    "--from-momentum": "momentum",
    "--from-width": "hidden_size",
    "--recipe": "model",
}
#: The same of its batch, read together: one that is told on the command line is that of the setup.
_READ_BATCH = {
    "--from": "batch_size",
    "--from-devices": "world_size",
    "--from-accumulation": "gradient_accumulation_steps",
}


@click.command("scale", short_help="Move a learning rate to another batch, optimizer or width.")
@click.argument("path", required=False, metavar="[PATH]")
@options.number_option("--lr", "The learning rate to move.  [default: that of PATH]")
@options.number_option("--from", "Batch size now: of all devices, or of one with --from-devices.")
@options.number_option("--to", "Batch size afterwards.  [default: as now]")
@options.number_option("--from-devices", "Devices now.  [default: 1]")
@options.number_option("--to-devices", "Devices afterwards.  [default: as now]")
@options.number_option("--from-accumulation", "Accumulated micro-steps now.  [default: 1]")
@options.number_option("--to-accumulation", "Accumulated micro-steps afterwards.  [default: as now]")
@click.option("--rule", metavar="NAME", help="sqrt, linear, none, adaptive or critical.  [default: by the optimizer]")
@click.option("--optimizer", metavar="NAME", help="Decides the rule: linear for SGD, square root for Adam and its kin.")
@click.option("--recipe", metavar="NAME", help="Model or recipe: a few scale linearly with AdamW.")
@options.number_option("--beta1", "Adam's first beta, for --rule adaptive.  [default: 0.9]")
@options.number_option("--beta2", "Adam's second beta, for --rule adaptive.  [default: 0.999]")
@options.number_option("--epsilon", "Adam's epsilon, for --rule adaptive.  [default: 1e-8]")
@options.number_option("--noise-scale", "Gradient noise scale in samples, for --rule critical.")
@click.option("--to-optimizer", metavar="NAME", help="Move from --optimizer to another one instead.")
@click.option("--to-lora", is_flag=True, help="Move from full fine-tuning to LoRA instead.")
@options.number_option("--from-width", "Hidden size now; with --to-width, move under muP instead.")
@options.number_option("--to-width", "Hidden size afterwards.")
@options.number_option("--from-momentum", "Momentum of SGD now; with --to-momentum, keep the effective rate instead.")
@options.number_option("--to-momentum", "Momentum of SGD afterwards.")
@options.number_option("--weight-decay", "Weight decay, where another optimizer or width moves it too.")
@options.set_option
@options.dialect_option
@options.config_option
@options.format_option("text", "json")
@options.output_option
def command(path: str | None, output_format: str, output: str | None, **asked: Any) -> int:
    """Move a learning rate to another batch size, number of devices, optimizer or width.

    \b
    hpadvise scale --lr 5e-4 --from 128 --to 1024
    hpadvise scale --lr 3e-4 --optimizer adamw --weight-decay 0.1 --to-optimizer lion
    hpadvise scale train.yaml --to-devices 8
    """
    from advisor.report import scaling

    facts, dialect, config_file = (asked.pop(name) for name in ("facts", "dialect", "config_file"))
    given = {
        f"--{name.replace('_', '-')}": value
        for name, value in asked.items()
        if value is not None and value is not False
    }
    if path is not None:
        given = {**_read(path, dialect, options.parse_facts(facts), config_file, given), **given}
    elif facts or dialect:
        raise CallError("--set and --dialect are about the config at PATH")
    lr = given.pop("--lr", None)
    if lr is None:
        raise CallError(
            f"{path} gives no learning rate: --lr" if path else "Missing option '--lr', or PATH to read it from."
        )
    result = _moved(lr, given)
    render = {"text": scaling.render_text, "json": scaling.render_json}[output_format]
    write(render(lr, result, file_look() if output else look()), output)
    return 0


def _read(
    path: str, dialect: str | None, facts: dict[str, Any], config_file: str | None, given: dict[str, Any]
) -> dict[str, Any]:
    """What a config tells of the setup as it is now, for the options that the move takes."""
    from advisor import settings as project
    from advisor.setup import Scope
    from advisor.suggest import read_setup

    setup = read_setup(path, {**project.load(config_file).facts, **facts}, dialect)
    scope = Scope(setup)
    wanted = {**_READ, **({} if "--from" in given else _READ_BATCH)}
    taken = {option: name for option, name in wanted.items() if option not in _READ_BATCH or scope.given(name)}
    found = {option: scope.value(name) for option, name in taken.items()}
    known = {option: value for option, value in found.items() if isinstance(value, int | float | str)}
    if "--from" in wanted:
        known |= _batch(path, known, scope.value("global_batch_size"), given)
    move = _move(given)[1]
    return {option: value for option, value in known.items() if option == "--lr" or option in move.arguments}


def _batch(path: str, known: Mapping[str, Any], whole: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the whole batch, where a config tells it: devices and micro-steps that it says nothing of."""
    if not isinstance(whole, int | float):
        return {}
    if "--from" not in known:
        return {"--from": whole, "--from-devices": 1, "--from-accumulation": 1}
    now = {option: value for option, value in {**known, **given}.items() if option in _READ_BATCH}
    told, open_ones = math.prod(now.values()), [option for option in _READ_BATCH if option not in now]
    if whole == told or not open_ones:
        return {}
    moved = next((option for option in ("--to-devices", "--to-accumulation") if option in given), None)
    if len(open_ones) > 1 and moved:
        raise CallError(
            f"{path} tells a batch of {whole:g} in all and not how it is made: {moved.replace('to', 'from', 1)}"
        )
    return {open_ones[0]: whole / told}


def _move(given: Mapping[str, Any]) -> tuple[str | None, _Move]:
    """The option that asks for the move, and the move."""
    target = next((name for name in _MOVES if name in given), None)
    return target, _MOVES[target] if target else _BATCH


def _moved(lr: float, given: dict[str, Any]) -> Scaling:
    """Call the move that the options ask for; an option that it has no use for is an error, not ignored."""
    from advisor import scale as moves
    from advisor.laws import LawError

    target, move = _move(given)
    missing = [name for name in move.required if name not in given]
    if missing:
        raise CallError(f"{f'{target} needs' if target else 'the batch size now is missing:'} {missing[0]}")
    idle = [name for name in given if name not in move.arguments and name != target]
    if idle:
        raise CallError(f"{idle[0]} has no use {f'with {target}' if target else 'in a move to another batch size'}")
    arguments = {keyword: given[name] for name, keyword in move.arguments.items() if name in given}
    try:
        result: Scaling = getattr(moves, move.function)(lr, **arguments)
    except (moves.ScaleError, LawError) as problem:
        raise CallError(str(problem)) from None
    return result
