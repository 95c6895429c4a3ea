"""Who holds what a session waits for, in words: owners, numbers and amounts, nothing of anybody's code or settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.model import Evidence
from livyguard.hints.redaction import excerpt
from livyguard.policy.wording import counted
from livyguard.sessions.holders import is_livys
from livyguard.sessions.model import ENDED
from livyguard.sessions.rows import SessionList
from livyguard.watching.found import size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.policy.footprint import Footprint
    from livyguard.sessions.application import Application
    from livyguard.sessions.rows import SessionRow, Total
    from livyguard.watching.found import Found

__all__ = ["held"]

#: So many holders are named, of so many letters.
MOST_NAMED, LONGEST = 4, 60
NOBODY = "nobody known"


def held(found: Found) -> tuple[Evidence, ...]:
    """Return who holds the queue, or the cluster, the largest first; nothing where nobody could be asked."""
    rows = [row for row in found.around if row.state not in ENDED or row.lives_on]
    is_asked = bool(found.living)
    named = [_owner(total, rows, is_asked=is_asked) for total in SessionList(tuple(rows)).totals()]
    named += [_user(user, theirs) for user, theirs in _others(found)]
    if not named:
        return ()
    more = f"; {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    where = "the cluster"
    if is_asked and found.is_of_queue:
        where = f"queue {excerpt(found.queue, longest=LONGEST)}"
    elif is_asked and found.namespace:
        where = f"namespace {excerpt(found.namespace, longest=LONGEST)}"
    return (Evidence("; ".join(named[:MOST_NAMED]) + more, f"held in {where}", is_current=True),)


def _owner(total: Total, rows: Sequence[SessionRow], *, is_asked: bool) -> str:
    theirs = [row for row in rows if row.owner == total.owner]
    is_mine = all(row.mine is True for row in theirs)
    who = "you" if is_mine else excerpt(total.owner or NOBODY, longest=LONGEST)
    sessions = counted(total.sessions, "session")
    if is_asked:
        return _told(who, sessions, total.held)
    return _told(who, sessions, total.ceiling, "up to ")


def _others(found: Found) -> list[tuple[str, list[Application]]]:
    """Return what is no session of this Livy, by YARN's user."""
    ids = {row.app_id for row in found.rows}
    if found.waiting is not None:
        ids.add(found.waiting.id)
    users: dict[str, list[Application]] = {}
    for one in found.living:
        if one.id not in ids and found.is_here(one) and one.containers:
            users.setdefault(one.user or NOBODY, []).append(one)
    return sorted(users.items(), key=lambda pair: -_memory(pair[1]))


def _user(user: str, theirs: Sequence[Application]) -> str:
    are_livys = all(any(is_livys(tag) for tag in one.tags) for one in theirs)
    applications = counted(len(theirs), "application")
    what = f"{applications} of a Livy that this one does not list" if are_livys else f"{applications} beside Livy"
    return f"{excerpt(user, longest=LONGEST)}: {what}, {size(_memory(theirs))}"


def _told(who: str, sessions: str, amount: Footprint, most: str = "") -> str:
    parts = [sessions]
    if amount.executors is not None:
        parts.append(f"{most}{counted(amount.executors, 'executor')}")
    if amount.memory_mib:
        parts.append(f"{most}{size(amount.memory_mib)}")
    return f"{who}: {', '.join(parts)}"


def _memory(applications: Sequence[Application]) -> int:
    return sum(one.memory_mib or 0 for one in applications)
