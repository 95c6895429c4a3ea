"""Putting a file in its place: whoever reads meanwhile sees the old one or the new one, whole."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_there", "place"]

#: Everybody may read a policy: the notebooks of all users do.
_MODE, _FOLDER_MODE = 0o644, 0o755


def is_there(file: Path) -> bool:
    """Tell whether anything stands in a place; what cannot be looked at is told when it is written."""
    with suppress(OSError):
        return file.is_symlink() or file.exists()
    return False


def place(content: bytes, file: Path, *, kept: Path | None = None) -> None:
    """Write a file through another one beside it, or leave what was there; what is half written does not stay.

    A symbolic link keeps pointing where it points; the file there is replaced.

    Args:
        content: all of it.
        file: its folder is made where there is none, for everybody to read.
        kept: where what stood there goes, if anything did.

    Raises:
        ClickException: it cannot be written; the text says why (exit code 1).
    """
    try:
        target = file.resolve()
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        _make(target.parent)
        with _beside(target, content) as new:
            if kept is not None and target.exists():
                with _beside(kept, target.read_bytes()) as old:
                    old.replace(kept)
            new.replace(target)
        _sync(target.parent)
    except (FileExistsError, NotADirectoryError):
        raise click.ClickException(f"{file} cannot be written: a file stands where a folder is wanted.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None


def _make(folder: Path) -> None:
    """Make a folder and those above it; whatever the umask, who reads a policy gets to it."""
    if folder.exists():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    folder.chmod(_FOLDER_MODE)


@contextmanager
def _beside(file: Path, content: bytes) -> Iterator[Path]:
    """Write a hidden file in the same folder, down to the disk; it is gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(handle, _MODE)
            os.fsync(handle)
        yield partial
    finally:  # Ctrl-C too
        partial.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Have the folder written down too, so that the new name survives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems know no such thing
            os.fsync(handle)
    finally:
        os.close(handle)
