"""LG114 to LG117: Livy lists the session, and it takes no code: ended, ending, cut off, or not back yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import states_text as text
from livyguard.hints.catalog.sessions_parts import lost
from livyguard.hints.entry import MINE, RECOVER, Entry, Finding
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# SparkMagic's words after its 15 seconds, Livy's own to a statement (InteractiveSession.ensureRunning), and those of a
# SparkMagic that does not know the state.
_STATE = (
    r"did not reach idle status in time\. Current status is {0}\b|Session is in state {0}\b"
    r"|Status '{0}' not supported by session"
)
_SHUTTING_DOWN = re.compile(f"{_STATE.format('shutting_down')}|Remote context is shutting down")
_RECOVERING = re.compile(_STATE.format("recovering"))
_UNRECOVERED = re.compile(r"Cannot recover interactive session (\d{1,10}) because its RSCDriver URI is unknown")
# rsc/rpc/Rpc.java; Netty's own where the channel broke meanwhile.
# The second is of Livy's only in an answer: Spark's own network layer says it too, and Livy's at every farewell.
_CHANNEL = re.compile(
    r"RPC channel is closed\b"
    r"|(?:Invalid status code '500' from |Livy answered 500\b)[^\n]{0,400}?java\.nio\.channels\.ClosedChannelException"
)

_ANSWER = "Livy's answer"
_AGAIN = Fix("See in a minute whether it is idle again; then run the cell again.", cell="%livy_sessions --mine")
_FORGET = Fix(
    "Once it is dead: forget it; your settings are kept. It leaves a session alone that is still being recovered.",
    cell=RECOVER.cell,
)


def _name(case: Case) -> str:
    return f"Session {case.session_id}" if case.session_id is not None else "The session"


def _inactive(case: Case) -> Finding | None:
    seen = f" This notebook last saw it {case.last_state}." if case.last_state in {"dead", "error", "killed"} else ""
    cause = (
        f"Livy still lists it, and its driver has ended: it takes no code any more.{seen} Livy keeps it for ten "
        "minutes, with its log, which says why."
    )
    logs = Fix("Read the end of its log, as long as Livy has it.", cell="%%logs\n ")
    title = f"{_name(case)} has ended; Livy still lists it"
    return lost(case, "LG114", cause, rank=60, fixes=(RECOVER, logs, MINE), title=title)


def _shutting_down(case: Case) -> Finding | None:
    cause = (
        "It is on its way out: somebody deleted it, a time-out of Livy's ended it, or its driver stops. In some "
        "seconds it is gone with its variables."
    )
    title = f"{_name(case)} is shutting down"
    match = case.find(_SHUTTING_DOWN)
    if match is None:
        return lost(case, "LG115", cause, rank=65, title=title)
    return Finding(title, cause, (case.quote(match, _ANSWER),), (RECOVER, MINE), rank=65)


def _channel_closed(case: Case) -> Finding | None:
    match = case.find(_CHANNEL)
    if match is None:
        return None
    cause = (
        "Livy lists the session and cannot speak to its driver: the driver ended without a word (out of memory, "
        "killed, its node lost), or the network between them broke. A session that Livy 0.9 recovered on YARN stays so."
    )
    free = Fix(
        "If it stays so: free the session and what it holds; the next cell starts a new one.",
        cell="%livy_release --this",
        applicability="review",
    )
    title = f"{_name(case)} has lost its driver"
    return Finding(title, cause, (case.quote(match, _ANSWER),), (RECOVER, free, MINE), rank=55)


def _recovering(case: Case) -> Finding | None:
    failed = case.find(_UNRECOVERED)
    if failed is not None:
        cause = (
            "Livy was restarted while the session was starting: its driver had not called back, so that nobody knows "
            "where it is. The session is dead."
        )
        title = f"Livy could not recover session {failed[1]}"
        return Finding(title, cause, (case.quote(failed, "session log"),), (RECOVER, MINE), rank=70)
    match = case.find(_RECOVERING)
    if match is None:
        return None
    cause = (
        "Livy was restarted and is looking for the session's driver again. If that is alive, the session comes back "
        "with all its variables; after ten minutes without Livy a driver ends itself."
    )
    title = f"{_name(case)} is being recovered"
    return Finding(title, cause, (case.quote(match, _ANSWER),), (_AGAIN, _FORGET), rank=65)


ENTRIES = (
    Entry(
        "LG114",
        "session-not-active",
        "the session has ended and is still listed",
        text.INACTIVE,
        _inactive,
        yields_to=("LG2", "LG3"),
        needles=("Session isn't active", "Session is in state "),
    ),
    Entry(
        "LG115",
        "session-shutting-down",
        "the session is shutting down",
        text.SHUTTING_DOWN,
        _shutting_down,
        needles=("shutting_down", "Remote context is shutting down", "Session isn't active"),
    ),
    Entry(
        "LG116",
        "session-driver-lost",
        "Livy cannot speak to the session's driver",
        text.CHANNEL,
        _channel_closed,
        yields_to=("LG2", "LG3", "LG101", "LG105"),
        needles=("RPC channel is closed", "ClosedChannelException"),
    ),
    Entry(
        "LG117",
        "session-recovering",
        "Livy is recovering the session",
        text.RECOVERING,
        _recovering,
        needles=("recovering", "RSCDriver URI is unknown"),
        severity="warning",
    ),
)
