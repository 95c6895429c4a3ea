"""``livyguard``: the command. Each subcommand is imported when it is asked for, so that ``--help`` stays quick."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from livyguard._version import __version__
from livyguard.cli.group import Group
from livyguard.errors import CellFailure, LivyguardError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cli", "main"]

#: Name → where it is, and what ``--help`` says of it.
COMMANDS = {
    "sessions": ("livyguard.cli.sessions:sessions", "Show who holds the cluster."),
    "release": ("livyguard.cli.release:release", "Free idle sessions of mine."),
    "policy": ("livyguard.cli.policy:policy", "Write, check, test, show and install a policy."),
    "plan": ("livyguard.cli.plan:plan", "How many workers people need, or what fits."),
    "diagnose": ("livyguard.cli.diagnose:diagnose", "Say what an error or a log means, and what to do."),
    "doctor": ("livyguard.cli.doctor:doctor", "Check the chain to the cluster, and say what to fix."),
    "explain": ("livyguard.cli.diagnose:explain", "Show the long form of a code."),
    "enable": ("livyguard.cli.enable:enable", "Load the guard in every kernel."),
    "disable": ("livyguard.cli.enable:disable", "Leave nothing of that behind."),
    "sandbox": ("livyguard.sandbox.command:sandbox", "Serve a Livy of one's own on this machine, with real PySpark."),
}

FAILURE, INTERRUPTED = 1, 130


class LazyGroup(Group):
    """Knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands that this installation holds."""
        return [name for name, (place, _) in COMMANDS.items() if _is_there(place.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livyguard")
def cli() -> None:
    """Share one Spark cluster through Apache Livy without starving each other."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code; whatever goes wrong is one message, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character gets its code
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        result: Any = cli.main(args=arguments, prog_name="livyguard", standalone_mode=False)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        code = _reader_gone()
    except LivyguardError as error:
        code = _complain(_explained(error), error.exit_code)
    except CellFailure as failure:
        code = _complain(str(failure), FAILURE)
    except Exception as error:  # noqa: BLE001 - a fault of livyguard itself is told like any other
        code = _complain(f"livyguard itself failed: {type(error).__name__}: {error}", FAILURE)
    return code


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _explained(error: LivyguardError) -> str:
    from livyguard.views import fault

    return fault.text(error, "livyguard explain", in_terminal=True)


def _complain(text: str, code: int) -> int:
    from livyguard.hints.redaction import redact
    from livyguard.views.text import plain

    for line in redact(text).splitlines():
        click.echo(plain(line, limit=1_000), err=True)
    return code


def _reader_gone() -> int:
    """Whoever read us has left (``| head``); keep the interpreter from complaining when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILURE


if __name__ == "__main__":
    main()
