"""Fixes that several families offer, and the cell that asks for other settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.hints.entry import RECOVER
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AGAIN", "IF_LOST", "NODES", "REPLACES", "configure", "title_of_start"]

#: After a start that failed.
AGAIN = Fix("Forget the failed start; your settings are kept. Then run the cell again.", cell=RECOVER.cell)
#: After a failure that the session may have survived: ``%livy_recover`` leaves a session alone that lives.
IF_LOST = Fix(
    "If the session ended, too: forget it; your settings are kept. It leaves a live session alone.", cell=RECOVER.cell
)
NODES = Fix("See which nodes are up, where the yarn command is at hand.", command="yarn node -list -all")
#: What to know before a cell with ``%%configure -f`` is run.
REPLACES = "It starts a new session and replaces what an earlier %%configure said."


def configure(settings: Mapping[str, Any]) -> str:
    """Return the cell that asks for a session with these settings, in SparkMagic's own shape."""
    return f"%%configure -f\n{json.dumps(settings)}"


def title_of_start(session_id: int | str | None, hindrance: str, *, is_over: bool = True) -> str:
    """Return the title of a start that failed, or of one that still waits."""
    session = f"Session {session_id}" if session_id is not None else "The session"
    return f"{session} {'did not start' if is_over else 'waits'}: {hindrance}"
