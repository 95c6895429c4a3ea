"""Which of the causes behind Livy's one 404 the evidence carries: the first clock that ran out, else what was seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = [
    "EXPIRED",
    "GOING",
    "GONE",
    "INACTIVE",
    "NOT_ACTIVE",
    "NO_LONGER",
    "missed",
    "number",
    "reason",
    "runs_as_another",
    "was_down",
]

# {"msg":"Session '13' not found."} from Livy 0.6 on, the same words as a bare string before; or a lost race of DELETEs.
# Who types it off leaves the full stop out: then the line ends there.
_NOT_FOUND = re.compile(
    r"Session (?='\d+' not|\d+ already)'?(\d{1,10})'? "
    r"""(?:not found(?:\.|(?=["'}]{0,3}[ \t]{0,9}(?:\n|\Z)))|already stopped\.)"""
)
#: Whose words they are, where the full stop is missing: an answer of Livy's, or a text of nothing else.
_OF_LIVY = re.compile(
    r"/sessions/\d|status code '404'|with error payload|\"msg\":|An error was encountered"
    r"|\b(?:[Ll]ivy|[Ss]park|[Nn]otebook|[Kk]ernel)\b"
)
# What Livy says of a dead session as long as it lists it: 400, or 500 from 0.9 on.
NOT_ACTIVE = re.compile(
    r"requirement failed: Session isn't active"
    r"|IllegalStateException: Session is in state (?:dead|error|killed|success)\b"
)
# The server's own log, where somebody pasted it (SessionManager.scala, SessionHeartbeat.scala).
INACTIVE = re.compile(r"Deleting InteractiveSession (\d{1,10}) because it was inactive for more than ")
EXPIRED = re.compile(r"\bSession (\d{1,10}) expired\. Last heartbeat is at ")
#: What stands in a text of each of them.
GONE = ("' not found", " already stopped.", "Session isn't active")
#: Livy is deleting it, for ten seconds where a statement runs; until then it says that the session isn't active.
GOING = "shutting_down"
#: Not GOING: so looks a session, too, that somebody is just deleting.
NO_LONGER = {"dead": "LG105", "error": "LG105", "success": "LG111", "killed": "LG113"}
#: Livy looks for idle sessions once a minute, and clocks differ.
_SLACK = 120.0


def reason(case: Case) -> str | None:
    """Name the code that the evidence carries; None where the session is not known to be gone."""
    if case.is_another or case.is_renumbered or runs_as_another(case):
        return "LG104"
    if case.find(NOT_ACTIVE):
        return _why_going(case) if case.last_state == GOING else "LG114"
    if number(case) is None:
        return "LG108" if case.find(EXPIRED) else None
    return _seen(case) or _first_clock(case) or ("LG101" if case.unused_seconds is None else "LG106")


def number(case: Case) -> int | None:
    """Return the number of the session that Livy does not find; None where no text says so."""
    match = missed(case)
    return int(match[1]) if match else None


def missed(case: Case) -> re.Match[str] | None:
    """Return Livy's own words that it does not know a session; others say the like of sessions of their own."""
    match = case.find(_NOT_FOUND)
    if match is None or match[0].endswith(".") or _OF_LIVY.search(case.text):
        return match
    return match if case.text.strip(" \t\r\n\"'{}") == match[0] else None


def runs_as_another(case: Case) -> bool:
    """Tell whether the number now belongs to another application."""
    return bool(case.app_id and case.found_app_id and case.app_id != case.found_app_id)


def was_down(case: Case) -> bool:
    """Tell whether Livy itself was away between the last sight of the session and its miss.

    One that is restarted without recovery forgets its sessions. Not where it lists higher numbers: it kept them.
    """
    if case.silent is None or case.lost is None or max(case.listed_ids or (), default=-1) > (number(case) or 0):
        return False
    return (case.last_seen is None or case.last_seen <= case.silent) and case.silent <= case.lost


def _why_going(case: Case) -> str:
    """Name the code of why Livy is deleting a session; whoever asked for it, where no clock did."""
    return "LG106" if case.is_struck_out else _first_clock(case) or "LG115"


def _seen(case: Case) -> str | None:
    """Name the code of what was seen, which outweighs every clock."""
    for told, code in ((EXPIRED, "LG108"), (INACTIVE, "LG102")):
        if any(int(match[1]) == number(case) for match in told.finditer(case.text)):
            return code
    if case.answers_again or case.noted_endpoint is not None:
        return "LG110"
    if case.last_state in NO_LONGER:
        return NO_LONGER[case.last_state]
    if case.app_state == "FAILED":
        return "LG105"
    if case.was_known is False and _is_above_all(case):
        return "LG112"
    return "LG106" if case.is_struck_out else None


def _is_above_all(case: Case) -> bool:
    """Tell whether the number is one that Livy, as far as anybody here knows, has not handed out yet."""
    asked = number(case)
    known = {*(case.listed_ids or ()), *(case.noted_ids or ())}
    return asked is not None and case.listed_ids is not None and asked > max(known, default=-1)


def _first_clock(case: Case) -> str | None:
    """Name the clock of Livy's that ran out first before the session was missed; None where none did."""
    if case.lost is None:
        return None
    clocks = []
    if case.heartbeat_seconds and case.last_seen is not None and not was_down(case):
        clocks.append((case.last_seen + case.heartbeat_seconds, 0.0, "LG108"))
    if case.last_active is not None:
        clocks.append((case.last_active + case.session_timeout, _SLACK, "LG103" if case.is_busy else "LG102"))
    if case.ttl_seconds is not None and case.created is not None:
        clocks.append((case.created + case.ttl_seconds, _SLACK, "LG109"))
    run_out = [(end, code) for end, slack, code in clocks if end - slack <= case.lost]
    return min(run_out)[1] if run_out else None
