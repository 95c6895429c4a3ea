"""LG1xx: the session that this notebook used is gone. Livy's 404 is one; what led to it is told apart here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import humanize

from livyguard.hints.catalog import sessions_text as text
from livyguard.hints.entry import MINE, RECOVER, Entry, Finding
from livyguard.hints.model import Evidence, Fix
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# {"msg":"Session '13' not found."} from Livy 0.6 on, the same words as a bare string before; or a lost race of DELETEs.
_NOT_FOUND = re.compile(r"Session '?(\d{1,10})'? (?:not found|already stopped)\b")
# What Livy says of a dead session as long as it lists it.
_NOT_ACTIVE = re.compile(r"requirement failed: Session isn't active")
#: What stands in each of them.
_GONE = (" not found", " already stopped")
#: Not ``shutting_down``: so looks a session, too, that somebody is just deleting.
_NO_LONGER = frozenset({"dead", "killed", "success", "error"})
#: Livy looks for idle sessions once a minute, and clocks differ.
_SLACK = 120.0
_MOMENT = 5.0

_NOTEBOOK = "this notebook"


def duration(seconds: float) -> str:
    """Return a length of time in words, to the minute from one minute on."""
    if seconds < _MOMENT:
        return "a moment"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} seconds"
    return humanize.precisedelta(seconds // 60 * 60, minimum_unit="minutes", format="%0.0f")


def _is_gone(case: Case) -> bool:
    return case.find(_NOT_FOUND) is not None


def _number_is_reused(case: Case) -> bool:
    return case.is_another or _runs_as_another(case)


def _runs_as_another(case: Case) -> bool:
    return bool(case.app_id and case.found_app_id and case.app_id != case.found_app_id)


def _session(case: Case) -> str:
    match = case.find(_NOT_FOUND)
    number = match[1] if match else case.session_id
    return f"session {number}" if number is not None else "the session"


def _reason(case: Case) -> str | None:
    """Name the code that the evidence carries; None where the session is not known to be gone."""
    if _number_is_reused(case):
        return "LG104"
    if case.find(_NOT_ACTIVE) or (_is_gone(case) and case.last_state in _NO_LONGER):
        return "LG105"
    if not _is_gone(case):
        return None
    unused = case.unused_seconds
    if unused is None:
        return "LG101"
    if unused >= case.session_timeout - _SLACK:
        return "LG103" if case.is_busy else "LG102"
    return "LG106"


def _evidence(case: Case) -> tuple[Evidence, ...]:
    """Return all that is known of the lost session, Livy's own words first."""
    facts = []
    if match := case.find(_NOT_FOUND) or case.find(_NOT_ACTIVE):
        facts.append(case.quote(match, "Livy's answer"))
    if case.last_state:
        ago = f", {duration(case.now - case.last_seen)} ago" if case.now and case.last_seen else ""
        facts.append(Evidence(excerpt(f"last seen {case.last_state}{ago}"), _NOTEBOOK))
    if case.unused_seconds is not None:
        what = "statement running since" if case.is_busy else "last statement ended"
        what = what if case.last_statement is not None else "no statement; created"
        facts.append(Evidence(f"{what} {duration(case.unused_seconds)} ago", _NOTEBOOK))
    if _runs_as_another(case):
        facts.append(Evidence(excerpt(f"it ran as {case.app_id}; its number is now {case.found_app_id}"), _NOTEBOOK))
    elif case.is_another:
        facts.append(Evidence("the session with its number now is not the one that was created here", _NOTEBOOK))
    if case.listed_ids is not None:
        listed = ", ".join(str(number) for number in sorted(case.listed_ids)[-10:]) or "none"
        facts.append(Evidence(f"sessions listed now: {listed}", "Livy's listing"))
    return tuple(facts)


def _restart_clue(case: Case) -> str:
    """Say what the numbers that Livy lists now suggest; they prove nothing, as the newest may just be the lost one."""
    if case.listed_ids is None or case.session_id is None or case.session_id <= max(case.listed_ids, default=-1):
        return ""
    listed = "Livy lists no session at all" if not case.listed_ids else "every number that Livy lists now is lower"
    return f" A restart of Livy fits as well: {listed}, and numbers start again at 0 after one."


def _unknown(case: Case) -> Finding | None:
    cause = (
        "Livy keeps no record of why. One of: it lay idle longer than Livy's time-out (1 hour unless the operator set "
        "another); one statement ran longer than that; somebody deleted it; its application ended; Livy was "
        f"restarted; this address leads to another Livy than before.{_restart_clue(case)}"
    )
    return _found(case, "LG101", cause, rank=60)


def _idle(case: Case) -> Finding | None:
    cause = (
        f"Nothing had run in it for {duration(case.unused_seconds or 0)}, and Livy deletes a session that lies idle "
        f"for {duration(case.session_timeout)} (livy.server.session.timeout). Its variables are lost."
    )
    return _found(case, "LG102", cause, rank=80)


def _busy(case: Case) -> Finding | None:
    cause = (
        f"One statement had run for {duration(case.unused_seconds or 0)}. Livy counts from its start and deletes the "
        f"session after {duration(case.session_timeout)}, busy or not, unless the operator sets "
        "livy.server.session.timeout-check.skip-busy=true (Livy 0.7 and later)."
    )
    advice = Fix(
        "For the operator, in livy.conf: let running statements finish.",
        command="livy.server.session.timeout-check.skip-busy = true",
        applicability="manual",
    )
    return _found(case, "LG103", cause, rank=80, more=(advice,))


def _restarted(case: Case) -> Finding | None:
    cause = (
        "Livy was restarted without recovery: it numbers sessions from 0 again, and this number now belongs to another "
        "session, perhaps somebody else's. All sessions of before are gone."
    )
    return _found(case, "LG104", cause, rank=95)


def _ended(case: Case) -> Finding | None:
    known = f"this notebook last saw it {case.last_state}" if case.last_state in _NO_LONGER else "it is not active"
    cause = (
        f"It had already ended: {known}. Livy lists an ended session for ten minutes, then forgets it. The driver's "
        "log, if YARN keeps it, says why it ended."
    )
    return _found(case, "LG105", cause, rank=85)


def _deleted(case: Case) -> Finding | None:
    cause = (
        f"It was in use {duration(case.unused_seconds or 0)} ago, so Livy's idle time-out of "
        f"{duration(case.session_timeout)} is not the reason, unless the operator made it shorter. Somebody or some "
        "tool deleted it (%%cleanup, a heartbeat that stopped while the computer slept), or its application was killed."
        f"{_restart_clue(case)}"
    )
    return _found(case, "LG106", cause, rank=70)


def _found(case: Case, code: str, cause: str, *, rank: int, more: tuple[Fix, ...] = ()) -> Finding | None:
    if _reason(case) != code:
        return None
    session = _session(case)
    title = f"Livy no longer knows {session} of this notebook"
    return Finding(title, cause, _evidence(case), (RECOVER, MINE, *more), rank)


ENTRIES = (
    Entry("LG101", "session-not-found", "Livy no longer knows the session", text.NOT_FOUND, _unknown, ("LG1",), _GONE),
    Entry("LG102", "session-idle-timeout", "the session lay idle too long", text.IDLE, _idle, needles=_GONE),
    Entry(
        "LG103",
        "session-busy-timeout",
        "one statement ran longer than Livy's time-out",
        text.BUSY,
        _busy,
        needles=_GONE,
    ),
    Entry("LG104", "livy-restarted", "Livy was restarted and numbers sessions anew", text.RESTARTED, _restarted),
    Entry(
        "LG105",
        "session-had-ended",
        "the session had ended before",
        text.ENDED,
        _ended,
        needles=(*_GONE, "Session isn't active"),
    ),
    Entry("LG106", "session-deleted", "the session was taken away while in use", text.DELETED, _deleted, needles=_GONE),
)
