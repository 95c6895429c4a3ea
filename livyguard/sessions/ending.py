"""What became of the application of a deleted session, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.sessions.application import Application

__all__ = ["Ending", "by_hand", "named", "spared", "state_of"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of the application of a deleted session.

    Attributes:
        text: one or two sentences; empty where there is nothing to say.
        left: id of an application that lives on; None where none does, or nobody knows.
        is_over: YARN itself says that nothing of it is left.
    """

    text: str = ""
    left: str | None = None
    is_over: bool = False


def spared(application: Application, reason: str) -> Ending:
    """Return how the application of a session ends that is not killed, and why it is not."""
    if application.is_over:
        return Ending(f"Its application {application.id} had ended; YARN says {application.state}.", is_over=True)
    return Ending(f"{named(application)} is left alone: {reason}.", left=application.id)


def named(application: Application) -> str:
    """Begin a sentence: ``Its application application_1_0001 (RUNNING in queue default, 1,024 MiB)``."""
    held = f", {application.memory_mib:,} MiB" if application.memory_mib else ""
    return f"Its application {application.id} ({state_of(application)}{held})"


def by_hand(tag: str) -> str:
    """Return the commands that show the application of a tag, and end it."""
    return f"`yarn application -list -appTags {tag}` shows it, `yarn application -kill` ends it."


def state_of(application: Application) -> str:
    """Return ``RUNNING in queue default``."""
    return f"{application.state} in queue {application.queue}" if application.queue else application.state
