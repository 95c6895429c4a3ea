"""Fixes that several families offer, and the title of a start that failed."""

from __future__ import annotations

from livyguard.hints.entry import RECOVER
from livyguard.hints.model import Fix

__all__ = ["AGAIN", "IF_LOST", "NODES", "title_of_start"]

#: After a start that failed.
AGAIN = Fix("Forget the failed start; your settings are kept. Then run the cell again.", cell=RECOVER.cell)
#: After a failure that the session may have survived: ``%livy_recover`` leaves a session alone that lives.
IF_LOST = Fix(
    "If the session ended, too: forget it; your settings are kept. It leaves a live session alone.", cell=RECOVER.cell
)
NODES = Fix("See which nodes are up, where the yarn command is at hand.", command="yarn node -list -all")


def title_of_start(session_id: int | str | None, hindrance: str, *, is_over: bool = True) -> str:
    """Return the title of a start that failed, or of one that still waits."""
    session = f"Session {session_id}" if session_id is not None else "The session"
    return f"{session} {'did not start' if is_over else 'waits'}: {hindrance}"
