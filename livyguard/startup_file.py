"""livyguard's IPython start-up file: where it goes, whether one there is ours, and of this version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NAME", "OPTIONS", "enabled", "folders", "is_current", "is_ours", "options_of", "source", "with_options"]

NAME = "50-livyguard.py"
_MARK = "_LivyguardStartup"
#: The variables of the start-up file, in words.
OPTIONS = {"STRICT": "strict", "KERNELS_ONLY": "kernels only"}


def folders(own: Path | None = None) -> dict[str, Path]:
    """Return where start-up files are read from: of this environment, and of this user.

    Args:
        own: the user's IPython folder; None asks IPython, which makes a temporary one where it can write to none.
    """
    if own is None:
        from IPython.paths import get_ipython_dir  # noqa: PLC0415 - only where it is asked for

        own = Path(get_ipython_dir())
    return {
        "sys-prefix": Path(sys.prefix, "etc", "ipython", "startup"),
        "user": own / "profile_default" / "startup",
    }


def source() -> str:
    """Return the text of the start-up file: beside the package in a wheel, in jupyter-config/ in a checkout."""
    package = Path(__file__).parent
    shipped = package / "cli" / NAME
    return (shipped if shipped.exists() else package.parent / "jupyter-config" / "ipython" / NAME).read_text("utf-8")


def is_ours(file: Path) -> bool:
    """Tell livyguard's file from somebody else's."""
    return file.is_file() and _MARK in file.read_text("utf-8", errors="replace")


def enabled(own: Path | None = None) -> list[Path]:
    """Return the start-up files of livyguard's that are there; ``own`` as for :func:`folders`."""
    return [file for folder in folders(own).values() if is_ours(file := folder / NAME)]


def with_options(text: str, options: Iterable[str]) -> str:
    """Return the text of the file with some of its variables set."""
    for name in options:
        text = text.replace(f"\n{name} = False\n", f"\n{name} = True\n")
    return text


def options_of(file: Path) -> list[str]:
    """Return the variables that are set in a file."""
    text = file.read_text("utf-8", errors="replace")
    return [name for name in OPTIONS if f"\n{name} = True\n" in text]


def is_current(file: Path) -> bool:
    """Tell whether it is what this version writes."""
    return file.read_text("utf-8", errors="replace") == with_options(source(), options_of(file))
