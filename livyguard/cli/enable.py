"""``livyguard enable`` and ``livyguard disable``: the guard in every kernel, by one IPython start-up file."""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livyguard._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["disable", "enable"]

_NAME = "50-livyguard.py"
_MARK = "_LivyguardStartup"
#: The variables of the start-up file, in words.
_OPTIONS = {"STRICT": "strict", "KERNELS_ONLY": "kernels only"}


def folders() -> dict[str, Path]:
    """Return where start-up files are read from: of this environment, and of this user."""
    from IPython.paths import get_ipython_dir

    return {
        "sys-prefix": Path(sys.prefix, "etc", "ipython", "startup"),
        "user": Path(get_ipython_dir(), "profile_default", "startup"),
    }


def source() -> str:
    """Return the text of the start-up file: beside the package in a wheel, in jupyter-config/ in a checkout."""
    package = Path(__file__).parent.parent
    shipped = package / "cli" / _NAME
    return (shipped if shipped.exists() else package.parent / "jupyter-config" / "ipython" / _NAME).read_text("utf-8")


def _is_ours(file: Path) -> bool:
    return file.is_file() and _MARK in file.read_text("utf-8", errors="replace")


def _enabled() -> list[Path]:
    return [file for folder in folders().values() if _is_ours(file := folder / _NAME)]


def _with_options(text: str, options: Iterable[str]) -> str:
    for name in options:
        text = text.replace(f"\n{name} = False\n", f"\n{name} = True\n")
    return text


def _describe(file: Path) -> str:
    """Name the file and its options."""
    text = file.read_text("utf-8", errors="replace")
    set_here = [name for name in _OPTIONS if f"\n{name} = True\n" in text]
    words = ", ".join(_OPTIONS[name] for name in set_here)
    stale = "" if text == _with_options(source(), set_here) else "; of another version: `livyguard enable` renews it"
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
    file = folders()["user" if user else "sys-prefix"] / _NAME
    if file.exists() and not _is_ours(file):
        raise click.ClickException(f"{file} is not livyguard's; it stays as it is.")
    options = [name for name, wanted in (("STRICT", strict), ("KERNELS_ONLY", kernels)) if wanted]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_with_options(source(), options), "utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"Enabled: {_describe(file)}\nKernels that start from now on are guarded.")


@click.command()
def disable() -> None:
    """Take the start-up file away, wherever `livyguard enable` put it.

    Example: livyguard disable
    """
    files = _enabled()
    for file in files:
        try:
            file.unlink()
        except OSError as error:
            raise click.ClickException(f"{file} cannot be removed: {error.strerror}.") from None
        with contextlib.suppress(OSError):  # the first folder that is not empty ends it
            for folder in list(file.parents)[:3]:
                folder.rmdir()
        click.echo(f"Disabled: {file}")
    if not files:
        click.echo("Not enabled anywhere; nothing to do.")


def _check() -> int:
    files = _enabled()
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
