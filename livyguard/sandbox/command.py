"""``livyguard sandbox``: the command."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from livyguard.sandbox.server import Options, Server

__all__ = ["sandbox"]


@click.command()
@click.option("--port", default=0, show_default="a free one", help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; it has no access control.")
@click.option(
    "--engine",
    type=click.Choice(["pyspark", "none"]),
    default="pyspark",
    show_default=True,
    help="What runs statements: real PySpark, or nothing (each is answered with its own code).",
)
@click.option("--slots", type=click.IntRange(min=0), help="How many sessions find room; the next one waits and dies.")
@click.option(
    "--start-timeout",
    type=click.FloatRange(min=0),
    default=90.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a session waits for room.",
)
@click.option(
    "--retain",
    type=click.FloatRange(min=0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a dead session stays listed.",
)
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True, help="Cores of one PySpark session.")
@click.option(
    "--seed-session",
    "seeds",
    multiple=True,
    metavar="OWNER[:STATE[:EXECUTORS[:IDLE]]]",
    help="A session of somebody else that is there from the start, as in bob:idle:4:45m. Repeatable.",
)
@click.option(
    "--livy",
    "livy",
    is_flag=False,
    flag_value="0.9.0",
    metavar="[VERSION]",
    help="Run the real Apache Livy instead (0.9.0 unless told), with users, ACLs and CSRF protection, on local Spark: "
    "$LIVY_HOME, else $LIVYGUARD_LIVY_ARCHIVE, else downloaded from Apache.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that gets the URL when the sandbox listens.",
)
@click.pass_context
def sandbox(context: click.Context, /, ready_file: Path | None, livy: str | None, **options: object) -> None:
    """Run a Livy-compatible server for one laptop, with real PySpark behind it.

    It is a sandbox: one machine, no cluster, no access control, no time-outs. Users are told apart by
    ?user.name=NAME or by basic authentication with any password.
    """
    if livy is not None:
        _refuse_what_livy_has_not(context)
        _run_livy(livy, context.params["port"], ready_file)
        return
    options["seeds"] = tuple(options["seeds"])  # type: ignore[arg-type]  # click gives a sequence of strings
    try:
        from livyguard.sandbox.server import Options  # noqa: PLC0415 - mounted in a command that has no sandbox extra

        asyncio.run(_serve(Options(**options), ready_file))  # type: ignore[arg-type]  # click has checked each
    except ImportError as missing:
        raise _lacks(missing) from None


def _lacks(missing: ImportError) -> click.ClickException:
    package = (missing.name or "").split(".")[0]
    return click.ClickException(f"The sandbox needs {package}: run pip install 'livyguard[sandbox]'.")


def _refuse_what_livy_has_not(context: click.Context) -> None:
    """Name every option that means nothing to a real Livy."""
    given = [
        next(iter(option.opts))
        for option in context.command.params
        if option.name not in {"livy", "port", "ready_file"}
        and context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"The real Livy knows nothing of {', '.join(given)}: --livy goes with --port and --ready-file."
        )


def _run_livy(version: str, port: int, ready_file: Path | None) -> None:
    try:
        from livyguard.sandbox.livy.command import serve  # noqa: PLC0415 - see above

        serve(version, port, ready_file)
    except ImportError as missing:
        raise _lacks(missing) from None


async def _serve(options: Options, ready_file: Path | None) -> None:
    from livyguard.sandbox.java import JavaNotFound  # noqa: PLC0415 - see above
    from livyguard.sandbox.seed import InvalidSeed  # noqa: PLC0415 - see above
    from livyguard.sandbox.server import Server  # noqa: PLC0415 - see above

    try:
        server = Server(options)
    except InvalidSeed as fault:
        raise click.BadParameter(str(fault), param_hint="--seed-session") from None
    except JavaNotFound as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as fault:
        raise click.ClickException(f"Cannot listen on {options.host}:{options.port}: {fault.strerror}.") from None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    click.echo(_banner(server, options))
    if ready_file is not None:
        await asyncio.to_thread(ready_file.write_text, server.url, encoding="utf-8")
    try:
        await stop.wait()
    finally:
        click.echo("The sandbox stops; its sessions end.")
        await server.close()


def _banner(server: Server, options: Options) -> str:
    behind = "none: each statement is answered with its own code"
    if options.engine == "pyspark":
        behind = f"real PySpark, {options.cores} cores a session, {server.java}"
    room = "" if options.slots is None else f"\n  room    {options.slots} sessions; the next one waits and dies"
    return (
        f"livyguard sandbox: Livy's REST API for this machine alone. It is no Apache Livy and no cluster.\n"
        f"  url     {server.url}\n"
        f"  engine  {behind}{room}\n"
        f"  stop    Ctrl-C, which ends its sessions"
    )
