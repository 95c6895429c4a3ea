"""Putting a file in its place: whoever reads meanwhile sees the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import click

__all__ = ["place"]

#: Everybody may read a policy: the notebooks of all users do.
_MODE = 0o644


def place(content: bytes, file: Path) -> None:
    """Write a file through another one beside it, or leave what was there; nothing else stays behind.

    A symbolic link keeps pointing where it points; the file there is replaced.

    Args:
        content: all of it.
        file: its folder is made where there is none.

    Raises:
        ClickException: it cannot be written; the text says why (exit code 1).
    """
    try:
        target = file.resolve()
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except (FileExistsError, NotADirectoryError):
        raise click.ClickException(f"{file} cannot be written: a file stands where a folder is wanted.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(handle, _MODE)
            os.fsync(handle)
        partial.replace(file)
    except BaseException:  # Ctrl-C too: what is half written does not stay
        partial.unlink(missing_ok=True)
        raise
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Have the folder written down too, so that the new name survives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems know no such thing
            os.fsync(handle)
    finally:
        os.close(handle)
