"""LG101 to LG106, LG108 to LG110, LG112: Livy's 404 for this notebook's session; what led to it is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog import lost_text as lost
from livyguard.hints.catalog import sessions_parts as parts
from livyguard.hints.catalog import sessions_text as text
from livyguard.hints.catalog.sessions_parts import duration
from livyguard.hints.entry import MINE, RECOVER, Entry
from livyguard.hints.fixes import whole_log
from livyguard.hints.loss import EXPIRED, GONE, INACTIVE, was_down
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.entry import Finding
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_RECOVERY = Fix(
    "For the operator, in livy.conf: sessions outlive a restart, where a state store keeps them.",
    command="livy.server.recovery.mode = recovery",
    applicability="manual",
)


def _restart_clue(case: Case) -> str:
    """Say what the numbers that Livy lists now suggest; they prove nothing, as the newest may just be the lost one."""
    if case.listed_ids is None or case.session_id is None or case.session_id <= max(case.listed_ids, default=-1):
        return ""
    listed = "Livy lists no session at all" if not case.listed_ids else "every number that Livy lists now is lower"
    fits = "That fits its listing" if was_down(case) else "A restart of Livy fits as well"
    return f" {fits}: {listed}, and numbers start again at 0 after one."


def _outage(case: Case) -> str:
    """Say what Livy's being away suggests; nothing where it was there all the time."""
    if not was_down(case):
        return ""
    return (
        f"Livy itself was away between the last sight of it and its loss ({excerpt(case.silence)}), and one that is "
        f"restarted without recovery forgets its sessions: that is likeliest.{_restart_clue(case)} "
    )


def _unknown(case: Case) -> Finding | None:
    outage = _outage(case)
    cause = (
        f"{outage}Livy keeps no record of why. One of: it lay idle longer than Livy's time-out (1 hour unless the "
        "operator set another); one statement ran longer than that; somebody deleted it; its application ended; Livy "
        f"was restarted; this address leads to another Livy than before.{'' if outage else _restart_clue(case)}"
    )
    return parts.lost(case, "LG101", cause, rank=60, more=(_RECOVERY,) if outage else ())


def _idle(case: Case) -> Finding | None:
    if case.find(INACTIVE):
        cause = (
            "Livy's own log says so: nothing had run in it, or one statement had run, for longer than its time-out "
            "(livy.server.session.timeout, or the session's own idleTimeout). Its variables are lost."
        )
        return parts.lost(case, "LG102", cause, rank=84)
    cause = (
        f"Nothing had run in it for {duration(case.unused_seconds or 0)}, and Livy deletes a session that lies idle "
        f"for {duration(case.session_timeout)} (livy.server.session.timeout, or the session's own idleTimeout). Its "
        "variables are lost."
    )
    return parts.lost(case, "LG102", cause, rank=80)


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
    return parts.lost(case, "LG103", cause, rank=80, more=(advice,))


def _restarted(case: Case) -> Finding | None:
    belongs = "this number now belongs to another session, perhaps somebody else's"
    if case.is_renumbered and not case.is_another:
        belongs = "a session that was created here later has a lower number"
    cause = (
        f"Livy was restarted without recovery: it numbers sessions from 0 again, and {belongs}. All sessions of before "
        "are gone."
    )
    return parts.lost(case, "LG104", cause, rank=95)


def _ended(case: Case) -> Finding | None:
    known = (
        f"this notebook last saw it {case.last_state}" if case.last_state else "YARN says that its application failed"
    )
    cause = (
        f"It had already ended: {excerpt(known)}. Livy lists an ended session for ten minutes, then forgets it. The "
        "driver's log, if YARN keeps it, says why it ended."
    )
    return parts.lost(case, "LG105", cause, rank=85, more=whole_log(case))


def _deleted(case: Case) -> Finding | None:
    if case.is_struck_out:
        cause = (
            "It was freed from this machine: a %livy_release, %%cleanup or `livyguard release` that ran here struck it "
            "out of this machine's ledger. Its variables are lost."
        )
        return parts.lost(case, "LG106", cause, rank=85)
    tools = "%%cleanup" if case.heartbeat_seconds is not None else "%%cleanup, a heartbeat that stopped in a sleep"
    when = "before it was missed" if case.missed is not None else "ago"
    used = (
        f"It was in use {duration(case.unused_seconds or 0)} {when}, so Livy's idle time-out of "
        f"{duration(case.session_timeout)} is not the reason, unless the operator made it shorter."
    )
    deleted = f"omebody or some tool deleted it ({tools}), or its application was killed."
    if outage := _outage(case):
        return parts.lost(case, "LG106", f"{outage}Else s{deleted} {used}", rank=70, more=(_RECOVERY,))
    return parts.lost(case, "LG106", f"{used} S{deleted}{_restart_clue(case)}", rank=70)


def _heartbeat(case: Case) -> Finding | None:
    gap = "for longer than its heartbeat allows"
    if case.lost is not None and case.last_seen is not None and not case.find(EXPIRED):
        allowed = duration(case.heartbeat_seconds or 0)
        gap = f"for {duration(case.lost - case.last_seen)}, and its heartbeat allows {allowed}"
    cause = (
        f"Nobody had asked Livy for it {gap}: the computer slept, the kernel was paused, or the network was gone. Livy "
        "deletes such a session, busy or not."
    )
    advice = Fix(
        "Where computers sleep: no heartbeat, in SparkMagic's config.json; Livy's idle time-out stays.",
        command='"livy_server_heartbeat_timeout_seconds": 0',
        applicability="manual",
    )
    return parts.lost(case, "LG108", cause, rank=82, more=(advice,))


def _ttl(case: Case) -> Finding | None:
    age = (case.lost or 0) - (case.created or 0)
    cause = (
        f"It was created {duration(age)} before, and its ttl is {duration(case.ttl_seconds or 0)}: Livy deletes it "
        "then, whatever runs in it. Its variables are lost."
    )
    advice = Fix(
        f"Ask for a longer life, where the policy allows it. {REPLACES}",
        cell=configure({"ttl": "24h"}),
        applicability="review",
    )
    return parts.lost(case, "LG109", cause, rank=81, more=(advice,))


def _elsewhere(case: Case) -> Finding | None:
    if case.answers_again:
        cause = (
            "The same address knows it in one answer and not in the next: several Livys stand behind it, and the "
            "balancer does not keep a client at one of them. The session and its variables may be there still."
        )
    else:
        cause = (
            f"It was created at {excerpt(case.noted_endpoint or '')}, and was looked for at "
            f"{excerpt(case.endpoint or 'another address')}. There it may live on."
        )
    again = Fix(
        "Look again: it may be there in the next answer. Then run the cell again.", cell="%livy_sessions --mine"
    )
    advice = Fix(
        "For the operator: keep a client at one Livy (sticky sessions), or give each Livy its own address.",
        command='"kernel_python_credentials": {"url": "http://livy-1.example.com:8998"}',
        applicability="manual",
    )
    forget = Fix(
        "Where it stays away: forget it, and start another. If it lives on at the other Livy, it holds its executors "
        "until somebody deletes it there; your settings are kept.",
        cell=RECOVER.cell,
        applicability="review",
    )
    return parts.lost(case, "LG110", cause, rank=90, fixes=(again, forget, advice))


def _never(case: Case) -> Finding | None:
    cause = (
        "Neither this notebook nor this machine's ledger has ever seen it, and its number is higher than every one "
        "that Livy lists: it never was, or was there before a restart of Livy. A slip of the keyboard, or a number of "
        "another Livy."
    )
    title = f"Livy has no {parts.session(case)}, and nobody here has ever seen one"
    return parts.lost(case, "LG112", cause, rank=75, fixes=(MINE, RECOVER), title=title)


ENTRIES = (
    Entry("LG101", "session-not-found", "Livy no longer knows the session", text.NOT_FOUND, _unknown, ("LG1",), GONE),
    Entry("LG102", "session-idle-timeout", "the session lay idle too long", text.IDLE, _idle, needles=GONE),
    Entry(
        "LG103", "session-busy-timeout", "one statement ran longer than Livy's time-out", text.BUSY, _busy, needles=GONE
    ),
    Entry("LG104", "livy-restarted", "Livy was restarted and numbers sessions anew", text.RESTARTED, _restarted),
    Entry("LG105", "session-had-ended", "the session had ended before", text.ENDED, _ended, needles=GONE),
    Entry("LG106", "session-deleted", "the session was taken away while in use", text.DELETED, _deleted, needles=GONE),
    Entry(
        "LG108",
        "session-heartbeat-lost",
        "nobody asked for the session in time",
        lost.HEARTBEAT,
        _heartbeat,
        needles=(*GONE, " expired. Last heartbeat is at "),
    ),
    Entry("LG109", "session-ttl", "the session's time to live is over", lost.TTL, _ttl, needles=GONE),
    Entry(
        "LG110",
        "wrong-livy",
        "the address leads to another Livy now and then",
        lost.ELSEWHERE,
        _elsewhere,
        needles=GONE,
    ),
    Entry("LG112", "session-never-existed", "the session never was", lost.NEVER, _never, needles=GONE),
)
