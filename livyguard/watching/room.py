"""The ways to room that are there while a session waits: own idle sessions that may go, the largest that fits now."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.capacity.fitting import largest_request
from livyguard.hints.clocks import LIVY_CLOCK
from livyguard.hints.entry import FREE
from livyguard.hints.fixes import WAIT
from livyguard.hints.model import Evidence, Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure
from livyguard.policy.footprint import Footprint
from livyguard.policy.quota import Bound, Held, Usage
from livyguard.policy.redact import without_secrets
from livyguard.policy.way_out import way_out
from livyguard.policy.wording import idle_for
from livyguard.watching.found import left, size
from livyguard.watching.holders import LONGEST, MOST_NAMED, held
from livyguard.watching.less import SIZES, less_than_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Hint
    from livyguard.policy.quota import Amount
    from livyguard.sessions.rows import SessionRow
    from livyguard.watching.found import Found

__all__ = ["with_room"]

#: The family of what keeps a pod from running, and the codes of it that room mends.
OF_PODS, BY_NODES, BY_QUOTA = "LG4", "LG401", "LG403"
LACKING = frozenset({BY_NODES, BY_QUOTA})


def with_room(hint: Hint, found: Found) -> Hint:
    """Return the hint on a session that waits, or waited, with who holds what, and the ways to room that there are now.

    They take the place of what anybody could try: any idle session freed, any smaller request.
    """
    if hint.code.startswith(OF_PODS) and hint.code not in LACKING:
        return hint
    releasing, fitting = _releasing(found) or (_perhaps(found) if FREE in hint.fixes else None), _fitting(found)
    fixes = [fix for fix in hint.fixes if not (found.is_listed and fix == FREE)]
    if hint.code == BY_NODES:
        fixes = [less for fix in fixes if (less := less_than_asked(fix, found)) is not None]
    waiting = [fix for fix in fixes if fix.label.startswith(WAIT)]
    fixes = fixes[len(waiting) :]
    if found.room is not None:
        moves = (LIVY_CLOCK,) if found.is_over else ()
        fixes = [fix for fix in fixes if fix in moves or not (fix.cell or "").startswith("%%configure")]
    elif fitting is not None and hint.code == BY_QUOTA:
        fixes = [fix for fix in fixes if not any(f'"{each}"' in (fix.cell or "") for each in SIZES)]
    elif fitting is not None:  # the quota has let the driver in: what is lacking is a node
        fixes = [*fixes, fitting]
    front = [fix for fix in (releasing, fitting) if fix is not None and fix not in fixes]
    facts = (*hint.evidence, *held(found), *_quota(found), *(_nothing_fits(found) if fitting is None else ()))
    return replace(hint, evidence=facts, fixes=(*waiting, *front, *fixes))


def _releasing(found: Found) -> Fix | None:
    """Offer to free the fewest of one's own idle sessions whose end lets the driver start."""
    going = _going(found)
    if not going:
        return None
    numbers = " ".join(str(one.id) for one in going)
    told = ", ".join(_described(one) for one in going)
    return _free(f"Free your idle {'session' if len(going) == 1 else 'sessions'} {told}", numbers, found)


def _perhaps(found: Found) -> Fix | None:
    """Offer the own session that is idle for longest, where nobody tells what its end would give back."""
    if found.living and _is_measured(found):
        return None
    own = [_as_held(row, found) for row in found.around if row.mine is True]
    idle = [one for one in own if one.is_idle and not one.is_this]
    if not idle:
        return None
    first, *others = sorted(idle, key=lambda one: (-(one.idle_seconds or 0.0), one.id))
    told = f"; it may make room{_others(others)}"
    return _free(f"Free your idle session {_described(first)}", str(first.id), found, told)


def _others(others: Sequence[Held]) -> str:
    """Name the other idle ones, the longest idle first."""
    if not others:
        return ""
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return f", and so may {', '.join(_described(one) for one in others[:MOST_NAMED])}{more}"


def _free(what: str, numbers: str, found: Found, told: str = "") -> Fix:
    when = (
        "then start again."
        if found.is_over
        else "in another notebook or a terminal, while this one waits; the start then goes on by itself."
    )
    return Fix(
        f"{what}{told}; {when}" if told or found.is_over else f"{what}, {when}",
        cell=f"%livy_release {numbers}",
        terminal=f"livyguard release {numbers}",
        applicability="review",
    )


def _is_measured(found: Found) -> bool:
    """Is it known what is lacking, so that what an end would give back can be held against it?"""
    return found.driver is not None and _left(found) is not None


def _going(found: Found) -> Sequence[Held]:
    own = [_as_held(row, found) for row in found.around if row.mine is True and row.application is not None]
    usage, left = Usage(tuple(own)), _left(found)
    if found.driver is None or left is None or left >= found.driver:
        return ()
    going = way_out([_bound("memory", usage, left)], usage, Footprint(memory_mib=found.driver))
    active = _active(found)
    if going or active is None:
        return going
    # Where nothing else runs in its queue YARN starts a driver, whatever its limit says.
    return way_out([_bound("sessions", usage, 1 - active)], usage, Footprint())


def _as_held(row: SessionRow, found: Found) -> Held:
    """Return what the end of a session gives back: of drivers' share its driver, else all that it holds."""
    one, gives = row.application, 0
    if one is not None and not one.is_over:
        gives = (one.driver_mib if found.is_of_queue else one.memory_mib) or 0
    return Held(
        id=row.id,
        memory_mib=gives,
        is_idle=row.state == "idle" and row.at_work != "yes",
        idle_seconds=row.quiet_seconds,
        is_this=row.this_notebook,
    )


def _bound(amount: Amount, usage: Usage, left: int) -> Bound:
    return Bound(amount, sum(one.holds(amount) for one in usage.held) + left, is_team=False, rule="")


def _left(found: Found) -> int | None:
    if found.is_of_queue:
        return found.left_for_drivers
    room = found.room
    if room is None:
        return None
    return min((each for each in (room.free, room.largest_free) if each is not None), default=None)


def _active(found: Found) -> int | None:
    """Return how many applications run in the queue; None where that does not bear on it, or nobody tells."""
    if not found.is_of_queue:
        return None
    if found.room is not None:
        return found.room.active
    return sum(bool(one.containers) for one in found.living if found.is_here(one)) or None


def _described(one: Held) -> str:
    parts = [size(one.memory_mib)] if one.memory_mib else []
    parts += [] if one.idle_seconds is None else [f"idle {idle_for(one.idle_seconds)}"]
    return f"{one.id} ({', '.join(parts)})" if parts else str(one.id)


def _fitting(found: Found) -> Fix | None:
    """Offer the largest request that would start now; on Kubernetes, that the namespace's quotas let in."""
    room = found.fits if found.room is None else found.room
    offer = None if room is None else largest_request(found.asked, found.effective, room, found.cluster)
    if offer is None:
        return None
    kept, secret = without_secrets(offer.body)
    kept.pop("kind", None)  # it comes with the kernel
    lost = f" It is without your {' and '.join(offer.without)}." if offer.without else ""
    lost += " Values that look secret are left out of it; add them again." if secret else ""
    text = json.dumps(kept)
    what = "Ask for" if found.is_over else "Interrupt this start, and ask for"
    most = "would start now" if found.room is not None else "the namespace's quota lets in now"
    return Fix(
        f"{what} the largest that {most}. {REPLACES}{lost}",
        cell=configure(kept),
        terminal=f"echo {shlex.quote(text)} | livyguard sessions --start -",
        applicability="review",
    )


def _quota(found: Found) -> tuple[Evidence, ...]:
    """Say what the namespace's quotas leave."""
    told = left(found.quota)
    if told is None:
        return ()
    where = f" of namespace {excerpt(found.namespace, longest=LONGEST)}" if found.namespace else ""
    return (Evidence(told, f"left by the quota{where}", is_current=True),)


def _nothing_fits(found: Found) -> tuple[Evidence, ...]:
    """Say how large a driver would start now, where that is less than was asked for."""
    largest = None if found.room is None else found.room.largest_driver
    if largest is None or (found.driver is not None and largest >= found.driver):
        return ()
    said = f"room for a driver of {size(largest)} at most" if largest else "no room for a driver of any size now"
    return (Evidence(said, "ResourceManager", is_current=True),)
