"""What wears out unnoticed: clocks, heartbeats, the ledger."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from livyguard.doctor.advice import advice, edit
from livyguard.doctor.model import FAILURE, OK, SKIPPED, WARNING, Finding
from livyguard.hints.model import Fix
from livyguard.policy.wording import counted
from livyguard.sessions.model import UNTOLD

if TYPE_CHECKING:
    from livyguard.doctor.ports import LedgerFacts
    from livyguard.doctor.visit import Visit

__all__ = ["clocks", "heartbeat", "ledger"]

#: Seconds by which clocks may differ: less is an answer's way; from the second on Kerberos takes no ticket.
WORTH_A_WORD, KERBEROS_LETS_PASS = 60.0, 300.0
#: A laptop that is shut for so many seconds is nothing special.
NAP = 3_600.0


def clocks(visit: Visit) -> Finding:
    """Hold this machine's clock against those of Livy and of what runs the cluster."""
    skews = {"Livy": visit.at.livy.skew()}
    if visit.manager is not None:
        skews["what runs the cluster"] = visit.manager.skew()
    known = {name: skew for name, skew in skews.items() if skew is not None}
    if not known:
        return Finding(SKIPPED, "no server has told its time")
    worst = max(abs(skew) for skew in known.values())
    said = ", ".join(f"{name} {_apart(skew)}" for name, skew in known.items())
    if worst < WORTH_A_WORD:
        return Finding(OK, said)
    look = Fix("See whether this machine's clock is set by the network.", command="timedatectl", applicability="review")
    is_too_far = worst >= KERBEROS_LETS_PASS and visit.at.livy.ticket_seconds() is not None
    cause = (
        "Kerberos refuses tickets where clocks differ by five minutes."
        if is_too_far
        else "Idle times and dated grants are off by as much; Kerberos fails from five minutes on."
    )
    return Finding(FAILURE if is_too_far else WARNING, said, advice("LG967", cause, look, seen=[(said, "Date")]))


def _apart(skew: float) -> str:
    seconds = round(abs(skew))
    if seconds <= 1:
        return "has the same time"
    return f"is {seconds} s {'ahead of' if skew > 0 else 'behind'} this machine"


def heartbeat(visit: Visit) -> Finding:
    """Hold the pause between two heartbeats against the time after which Livy ends a session without one."""
    settings = visit.settings
    if settings is None:
        return Finding(SKIPPED, "not looked at: config.json was not read")
    if settings.heartbeat <= 0:
        return Finding(OK, "off: a notebook that sleeps keeps its session until Livy's own idle time-out")
    said = f"every {settings.refresh:.0f} s; Livy ends a session after {settings.heartbeat:.0f} s without one"
    if settings.refresh >= settings.heartbeat:
        cause = "The next heartbeat comes after Livy has ended the session."
    elif settings.heartbeat < 2 * settings.refresh:
        cause = "A single heartbeat that comes late, as on a busy network, ends the session."
    elif settings.heartbeat < NAP and visit.here.is_laptop():
        cause = f"This machine runs on a battery. When it sleeps for {settings.heartbeat:.0f} s the session is ended."
    else:
        return Finding(OK, said)
    fix = edit(
        "Set livy_server_heartbeat_timeout_seconds in config.json: 0 turns it off; then restart the kernel.",
        settings.file,
    )
    return Finding(WARNING, said, advice("LG968", cause, fix))


def ledger(visit: Visit) -> Finding:
    """Look whether this machine's record can be kept and read, and what it remembers that Livy no longer lists."""
    found = visit.here.ledger()
    gone = _gone(found, visit)
    said = f"{found.folder}: {counted(len(found.entries), 'session')} on {counted(found.pages, 'page')}"
    remembered = f"; {counted(gone, 'session')} that Livy no longer lists" if gone else ""
    doubts = []
    if found.fault is not None:
        doubts.append(f"nothing can be written there ({found.fault})")
    if found.broken:
        doubts.append(f"it cannot read {', '.join(found.broken)}")
    if found.foreign:
        doubts.append(f"others may write to {', '.join(found.foreign)}")
    if not doubts:
        return Finding(OK, f"{said}{remembered}")
    look = Fix("Look at the folder, whose it is and who may write.", command=f"ls -la {shlex.quote(found.folder)}")
    cause = "Where Livy tells no owner, only the ledger proves that a session is yours."
    hint = advice("LG969", cause, look, seen=[(doubt, "the ledger's folder") for doubt in doubts])
    return Finding(WARNING, f"{said}{remembered}; {'; '.join(doubts)}", hint)


def _gone(found: LedgerFacts, visit: Visit) -> int:
    """Count what is entered for a Livy that was listed whole, and is not in that listing."""
    gone = 0
    for entry in found.entries:
        if entry.endpoint in visit.listed and entry.session_id != UNTOLD:
            listed = visit.listed[entry.endpoint]
            gone += all(entry.tag not in session.tags and entry.session_id != session.id for session in listed)
    return gone
