"""`hpadvise scale`."""

from __future__ import annotations

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


@click.command("scale", short_help="Move a learning rate to another batch, optimizer or width.")
@options.number_option("--lr", "The learning rate to move.", required=True)
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
@options.format_option("text", "json")
@options.output_option
def command(lr: float, output_format: str, output: str | None, **asked: Any) -> int:
    """Move a learning rate to another batch size, number of devices, optimizer or width.

    \b
    hpadvise scale --lr 5e-4 --from 128 --to 1024
    hpadvise scale --lr 3e-4 --optimizer adamw --weight-decay 0.1 --to-optimizer lion
    """
    from advisor.report import scaling

    given = {
        f"--{name.replace('_', '-')}": value
        for name, value in asked.items()
        if value is not None and value is not False
    }
    result = _moved(lr, given)
    render = {"text": scaling.render_text, "json": scaling.render_json}[output_format]
    write(render(lr, result, file_look() if output else look()), output)
    return 0


def _moved(lr: float, given: dict[str, Any]) -> Scaling:
    """Call the move that the options ask for; an option that it has no use for is an error, not ignored."""
    from advisor import scale as moves
    from advisor.laws import LawError

    target = next((name for name in _MOVES if name in given), None)
    move = _MOVES[target] if target else _BATCH
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
