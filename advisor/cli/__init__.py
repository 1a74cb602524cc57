"""The command line: parse, call, render.  A command's module is imported when the command is called."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from advisor import __version__

#: The commands, in the order in which `--help` names them; each lives in the module of its name.
COMMANDS = ("check", "suggest", "scale", "space", "explain", "rules", "show")

#: The call, or an input, could not be used.
UNUSABLE = 2
#: As shells report a process that was interrupted.
INTERRUPTED = 130
#: Set to see where an internal error comes from.
TRACEBACK_VARIABLE = "HPADVISE_TRACEBACK"


class Commands(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"advisor.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; a name that is no command but a path gets told so."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            _unknown_command(args[0])
        return super().resolve_command(ctx, args)


def _unknown_command(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, COMMANDS, n=1)
    if close:
        hint = f"; did you mean `{close[0]}`?"
    elif os.path.exists(name):  # noqa: PTH110 - the text may be no valid path
        hint = f"; to check it: hpadvise check {name}"
    else:
        hint = ". Commands: " + ", ".join(COMMANDS)
    raise click.UsageError(f"there is no command `{name}`{hint}")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hpadvise", message="%(prog)s %(version)s")
def group() -> None:
    """Checks training configs: is this learning rate right, here? And says why, with sources."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; never raises for a user's mistake."""
    arguments = list(sys.argv[1:] if args is None else args)
    try:
        status = group.main(arguments, prog_name="hpadvise", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        from advisor.cli.output import abandon_stdout

        abandon_stdout()
        return 0
    except Exception as problem:  # the last border before the user: a sentence instead of a traceback
        return _refuse(problem, arguments)
    return status if isinstance(status, int) else 0


def _refuse(problem: Exception, arguments: list[str]) -> int:
    """Say why the call could not be carried out; with `--format json` also as a document."""
    from advisor.cli.output import to_stderr, write

    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        to_stderr(problem.format_message() + "\n")
        return UNUSABLE
    message = _sentence(problem)
    context: Any = getattr(problem, "ctx", None)
    hint = f"\nTry `{context.command_path} --help`." if isinstance(problem, click.UsageError) and context else ""
    to_stderr(f"hpadvise: {message}{hint}\n")
    if arguments[:1] == ["check"] and _asks_for_json(arguments):
        from advisor.report.json import dumps, refusal

        write([dumps(refusal(message))])
    return UNUSABLE


def _sentence(problem: Exception) -> str:
    from advisor.findings import CallError

    if isinstance(problem, CallError):
        return str(problem)
    if isinstance(problem, click.ClickException):
        return problem.format_message()
    if os.environ.get(TRACEBACK_VARIABLE):
        import traceback

        traceback.print_exception(problem)
    return (
        f"internal error ({type(problem).__name__}: {problem}); this is a defect of hpadvise, please report it. "
        f"{TRACEBACK_VARIABLE}=1 shows where it arose"
    )


def _asks_for_json(arguments: list[str]) -> bool:
    pairs = itertools.pairwise(arguments)
    return "--format=json" in arguments or ("--format", "json") in pairs
