"""``livyguard enable`` and ``livyguard disable``: the guard in every kernel, by one IPython start-up file."""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from livyguard._version import __version__
from livyguard.startup_file import (
    NAME,
    OPTIONS,
    enabled,
    folders,
    is_current,
    is_ours,
    options_of,
    source,
    with_options,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["disable", "enable"]


def _describe(file: Path) -> str:
    """Name the file and its options."""
    words = ", ".join(OPTIONS[name] for name in options_of(file))
    stale = "" if is_current(file) else "; of another version: `livyguard enable` renews it"
    return f"{file}{f' ({words})' if words else ''}{stale}"


@click.command()
@click.option("--sys-prefix", is_flag=True, help="For everybody who uses this environment.")
@click.option("--user", is_flag=True, help="For you, in every environment.")
@click.option("--kernels", is_flag=True, help="Only in notebook kernels, not in a terminal's IPython.")
@click.option("--strict", is_flag=True, help="If livyguard does not load, refuse Spark cells.")
@click.option("--check", is_flag=True, help="Change nothing; say where the guard is enabled and whether it can load.")
def enable(sys_prefix: bool, user: bool, kernels: bool, strict: bool, check: bool) -> None:
    """Load livyguard in every kernel, without %load_ext.

    Example: livyguard enable --sys-prefix --strict
    """
    if check:
        raise SystemExit(_check())
    if sys_prefix == user:
        raise click.UsageError("Say for whom: --sys-prefix or --user, one of them.")
    file = folders()["user" if user else "sys-prefix"] / NAME
    if file.exists() and not is_ours(file):
        raise click.ClickException(f"{file} is not livyguard's; it stays as it is.")
    options = [name for name, wanted in (("STRICT", strict), ("KERNELS_ONLY", kernels)) if wanted]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(with_options(source(), options), "utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"Enabled: {_describe(file)}\nKernels that start from now on are guarded.")


@click.command()
def disable() -> None:
    """Take the start-up file away, wherever `livyguard enable` put it.

    Example: livyguard disable
    """
    files = enabled()
    for file in files:
        try:
            file.unlink()
        except OSError as error:
            raise click.ClickException(f"{file} cannot be removed: {error.strerror}.") from None
        with contextlib.suppress(OSError):  # the first folder that is not empty ends it
            for folder in list(file.parents)[:3]:
                folder.rmdir()
        click.echo(f"Disabled: {file}")
    with contextlib.suppress(OSError):  # IPython makes its folder when it is asked where that is
        folders()["user"].parents[1].rmdir()
    if not files:
        click.echo("Not enabled anywhere; nothing to do.")


def _check() -> int:
    files = enabled()
    for file in files:
        click.echo(f"Enabled: {_describe(file)}")
    if not files:
        click.echo("Not enabled. `livyguard enable --sys-prefix` loads the guard in every kernel of this environment.")
    try:
        import_module("livyguard.magics.extension")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from loading is the answer
        raise click.ClickException(f"livyguard does not load in {sys.prefix}: {error}") from None
    click.echo(f"livyguard {__version__} loads in {sys.prefix}.")
    return 0 if files else 1
