"""What the hints of a lost session have in common: its evidence, its title, the way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import humanize

from livyguard.hints.entry import MINE, RECOVER, Finding
from livyguard.hints.loss import (
    EXPIRED,
    GOING,
    INACTIVE,
    NOT_ACTIVE,
    missed,
    number,
    reason,
    runs_as_another,
    was_down,
)
from livyguard.hints.model import Evidence
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case
    from livyguard.hints.model import Fix

__all__ = ["duration", "evidence", "lost", "session"]

_MOMENT = 5.0

_NOTEBOOK = "this notebook"
_LEDGER = "this machine's ledger"


def duration(seconds: float) -> str:
    """Return a length of time in words, to the minute from one minute on."""
    if seconds < _MOMENT:
        return "a moment"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} seconds"
    return humanize.precisedelta(seconds // 60 * 60, minimum_unit="minutes", format="%0.0f")


def session(case: Case) -> str:
    """Return ``session 13``, by Livy's words, else by what was asked for."""
    found = number(case)
    found = case.session_id if found is None else found
    return f"session {found}" if found is not None else "the session"


def lost(
    case: Case,
    code: str,
    cause: str,
    *,
    rank: int,
    more: tuple[Fix, ...] = (),
    fixes: tuple[Fix, ...] = (),
    title: str | None = None,
) -> Finding | None:
    """Return the finding where this is the code that the evidence carries.

    Args:
        case: what is known.
        code: of the entry that asks.
        cause: as it would explain it.
        rank: of the hint.
        more: what to do beside the way on.
        fixes: what to do instead of the usual.
        title: what happened, where that is another thing than a session that is gone.
    """
    if reason(case) != code:
        return None
    is_going = case.last_state == GOING and number(case) is None
    title = title or f"Livy {'is ending' if is_going else 'no longer knows'} {session(case)} of this notebook"
    return Finding(title, cause, evidence(case), fixes or (RECOVER, MINE, *more), rank)


def evidence(case: Case) -> tuple[Evidence, ...]:
    """Return all that is known of the lost session, Livy's own words first."""
    facts = []
    if match := missed(case) or case.find(NOT_ACTIVE):
        facts.append(case.quote(match, "Livy's answer"))
    if match := case.find(EXPIRED) or case.find(INACTIVE):
        facts.append(case.quote(match, "Livy's own log"))
    if case.last_state:
        ago = f", {duration(case.now - case.last_seen)} ago" if case.now and case.last_seen else ""
        facts.append(Evidence(excerpt(f"last seen {case.last_state}{ago}"), _NOTEBOOK))
    if was_down(case) and case.now is not None and case.silent is not None:
        ago = f"{duration(case.now - case.silent)} ago"
        facts.append(Evidence(excerpt(f"Livy did not answer {ago} ({case.silence}); it was not seen since"), _NOTEBOOK))
    if case.missed is not None and case.now is not None:
        facts.append(Evidence(f"missed for the first time {duration(case.now - case.missed)} ago", _NOTEBOOK))
    return (*facts, *_times(case), *_identity(case), *_numbers(case))


def _times(case: Case) -> list[Evidence]:
    facts = []
    if case.now is not None and case.last_active is not None:
        what = "statement running since" if case.is_busy else "last statement ended"
        what = what if case.last_statement is not None else "no statement; created"
        facts.append(Evidence(f"{what} {duration(max(case.now - case.last_active, 0.0))} ago", _NOTEBOOK))
    if case.heartbeat_seconds:
        told = f"heartbeatTimeoutInSecond of the session: {case.heartbeat_seconds:.0f}"
        facts.append(Evidence(told, _NOTEBOOK))
    if case.ttl_seconds is not None:
        facts.append(Evidence(f"ttl of the session: {duration(case.ttl_seconds)}", _NOTEBOOK))
    return facts


def _identity(case: Case) -> list[Evidence]:
    facts = []
    if runs_as_another(case):
        facts.append(Evidence(excerpt(f"it ran as {case.app_id}; its number is now {case.found_app_id}"), _NOTEBOOK))
    elif case.is_another:
        facts.append(Evidence("the session with its number now is not the one that was created here", _NOTEBOOK))
    if case.is_renumbered:
        facts.append(Evidence("a session created later has a lower number", _LEDGER))
    if case.noted_endpoint is not None:
        facts.append(Evidence(excerpt(f"created at {case.noted_endpoint}"), _LEDGER))
    if case.is_struck_out:
        facts.append(Evidence("its entry was struck out since this notebook wrote it", _LEDGER))
    return facts


def _numbers(case: Case) -> list[Evidence]:
    facts = []
    if case.answers_again and reason(case) == "LG110":
        facts.append(Evidence("the same address answered for the session, and denied it", _NOTEBOOK))
    if case.listed_ids is not None:
        listed = ", ".join(str(one) for one in sorted(case.listed_ids)[-10:]) or "none"
        facts.append(Evidence(f"numbers listed now: {listed}", "Livy's listing"))
    if case.was_known is False and case.noted_ids is not None:
        noted = ", ".join(str(one) for one in sorted(case.noted_ids)[-10:]) or "none"
        facts.append(Evidence(f"numbers of this endpoint: {noted}", _LEDGER))
    return facts
