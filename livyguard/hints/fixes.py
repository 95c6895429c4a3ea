"""Fixes that several families offer, and the title of a start that failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.entry import RECOVER
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["AGAIN", "IF_LOST", "NODES", "WAIT", "title_of_start", "whole_log"]

#: How the label of what comes before all else begins while a cluster grows.
WAIT = "Wait for the node that is being added"
_APPLICATION = re.compile(r"\bapplication_\d{1,20}_\d{1,10}\b")

#: After a start that failed.
AGAIN = Fix("Forget the failed start; your settings are kept. Then run the cell again.", cell=RECOVER.cell)
#: After a failure that the session may have survived: ``%livy_recover`` leaves a session alone that lives.
IF_LOST = Fix(
    "If the session ended, too: forget it; your settings are kept. It leaves a live session alone.", cell=RECOVER.cell
)
NODES = Fix("See which nodes are up, where the yarn command is at hand.", command="yarn node -list -all")


def whole_log(case: Case) -> tuple[Fix, ...]:
    """Return what has the whole log of an application that ended in YARN read; nothing where none is known.

    In cluster mode Livy has the words of spark-submit alone, and the driver's own stay with YARN.
    """
    match = _APPLICATION.fullmatch(case.app_id or "") or _APPLICATION.search(case.text)
    if match is None:
        return ()
    return (
        Fix(
            "Have its driver's whole log read, where the yarn command is at hand: the reason may stand there alone.",
            command=f"yarn logs -applicationId {match[0]} | livyguard diagnose -",
            applicability="review",
        ),
    )


def title_of_start(session_id: int | str | None, hindrance: str, *, is_over: bool = True) -> str:
    """Return the title of a start that failed, or of one that still waits."""
    session = f"Session {session_id}" if session_id is not None else "The session"
    return f"{session} {'did not start' if is_over else 'waits'}: {hindrance}"
