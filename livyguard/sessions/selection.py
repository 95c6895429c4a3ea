"""What may be released: the verdict on one session, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from livyguard.sessions.model import ABANDONED, ENDED, STARTING

if TYPE_CHECKING:
    from livyguard.sessions.model import Session
    from livyguard.sessions.rows import SessionRow

__all__ = ["Phase", "Refuse", "Release", "Skip", "Verdict", "changed", "phase_of", "verdict"]

Phase = Literal["idle", "busy", "starting", "ended"]


@dataclass(frozen=True, slots=True)
class Release:
    """It may be deleted.

    Attributes:
        note: what is said beside it; None where there is nothing to say.
    """

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """It may not be deleted by whoever asks; somebody asked for it, so this is a failure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """It is left alone, and nothing is wrong with that."""

    reason: str


Verdict = Release | Refuse | Skip


def phase_of(state: str) -> Phase:
    """Return what matters of a state; one that livyguard does not know counts as busy."""
    if state in ENDED:
        return "ended"
    if state in STARTING:
        return "starting"
    return "idle" if state == "idle" or state in ABANDONED else "busy"


def verdict(
    row: SessionRow,
    *,
    asked_by_id: bool,
    force: bool = False,
    is_operator: bool = False,
    for_others: bool = False,
) -> Verdict:
    """Say whether a session may be released.

    Args:
        row: the session, read just now.
        asked_by_id: its number was typed, or it is the notebook's own and was asked for.
        force: ``--force``.
        is_operator: the policy names whoever asks as an operator.
        for_others: ``--user`` or ``--all-users``.
    """
    phase = phase_of(row.state)
    if phase == "ended" and not row.lives_on:
        return Skip(f"it has ended ({row.state}) and holds nothing")
    if phase == "ended" and row.mine is not True and row.session.app_id is None and not asked_by_id:
        return Skip(f"it has ended ({row.state}), and a tag alone, which anybody can write, says what goes on of it")
    if row.mine is True or (is_operator and (force or for_others)):
        return _of_ones_own(row, phase, asked_by_id=asked_by_id, force=force)
    if row.mine is False:
        return Refuse(f"it is {row.owner}'s" + ("; an operator adds --force" if is_operator else ""))
    return _of_nobody_known(row, phase, asked_by_id=asked_by_id, force=force)


def _of_ones_own(row: SessionRow, phase: Phase, *, asked_by_id: bool, force: bool) -> Verdict:
    if phase == "idle":
        return Release()
    if phase == "ended":
        return Release(f"it has ended for Livy ({row.state}), and its application {row.app_id} goes on")
    if phase == "starting":
        return Release(_left_in_the_queue(row)) if asked_by_id else Skip(f"it is {row.state}")
    if asked_by_id and force:
        return Release(f"it was {row.state}: the running statement is lost")
    if asked_by_id:
        return Refuse(f"it is {row.state}; --force frees it nevertheless, and what runs in it is lost")
    return Skip(f"it is {row.state}")


def _of_nobody_known(row: SessionRow, phase: Phase, *, asked_by_id: bool, force: bool) -> Verdict:
    why = "nothing proves whose it is: " + _doubt(row)
    if phase != "idle":
        return Refuse(f"it is {row.state}, and {why}")
    if asked_by_id and force:
        return Release(why)
    if asked_by_id:
        return Refuse(f"{why}; --force frees it nevertheless")
    return Skip(why)


def _doubt(row: SessionRow) -> str:
    if row.owner_source == "claimed":
        return f"a tag claims that it is {row.owner}'s, and tags can be written by anybody"
    if row.owner is not None and row.session.login is None:
        return f"Livy logs nobody in, so {row.owner} may be anybody, and this machine has no record of creating it"
    if row.owner is not None:
        return f"{row.owner} is a shared account, and this machine has no record of creating it"
    return "Livy names no owner, and this machine has no record of creating it"


def _left_in_the_queue(row: SessionRow) -> str:
    """Return the warning that Livy does not take back what it has handed to the cluster manager."""
    name = row.session.app_id or (f"with the tag {row.entry.tag}" if row.entry else None)
    which = f"its application {name}" if name else "its application"
    return f"it was {row.state}: {which} may stay in the queue for a while"


def changed(before: Session, now: Session) -> bool:
    """Tell whether a number means another session than a moment ago: numbers start again when Livy does.

    An application that was not known before is the same session, further on.
    """
    applications = {before.app_id, now.app_id} - {None}
    return (
        (before.login, before.proxy_user, before.tags, before.kind) != (now.login, now.proxy_user, now.tags, now.kind)
        or len(applications) > 1
        or (before.app_id is not None and now.app_id is None)
    )
