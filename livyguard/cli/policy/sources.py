"""Which policy a command is about: the one that is named, else the one in force here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from livyguard.config import PolicyFiles

__all__ = ["NOT_INSTALLED", "policy_files", "searched"]

NOT_INSTALLED = "No policy is installed: nothing is limited."


def policy_files(place: Path | None, *, is_quiet: bool = True) -> PolicyFiles:
    """Return the policy of a file or folder, else the one in force here.

    Args:
        place: None for the one in force.
        is_quiet: say nothing on standard error of what this version does not enforce.
    """
    from livyguard.config import PolicyFiles

    def say(text: str) -> None:
        if not is_quiet:
            click.echo(f"warning: {text}", err=True)

    if place is not None:
        return PolicyFiles((place,), say, required=place)
    return PolicyFiles.here(say)


def searched() -> tuple[str, ...]:
    """Return where a policy is looked for."""
    from livyguard.config import default_search_path

    return tuple(map(str, default_search_path()))
