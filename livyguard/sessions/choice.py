"""What a release is asked to free, which sessions that means, and whether each may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.policy.wording import idle_for
from livyguard.sessions.selection import Release, Skip, phase_of, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.sessions.rows import SessionRow
    from livyguard.sessions.selection import Verdict

__all__ = ["ReleaseRequest", "asked", "judge", "scope"]

HALF_AN_HOUR = 1_800.0


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What somebody asks to be freed; with nothing set: my sessions idle for long, never this notebook's.

    Attributes:
        ids: these.
        apps: these applications, by their ids: such as have no session any more.
        this: this notebook's.
        idle_for: only those idle for at least so many seconds; None: ``idle_after`` where no session was named.
        user: of this owner.
        all_users: of everybody.
        dry_run: only say what would be done.
        only_mine: nothing that is not proven to be mine, whatever else is asked.
        force: also what the table of verdicts keeps behind ``--force``.
        is_operator: the policy lets whoever asks free other people's sessions.
        idle_after: the policy's ``idle.after`` in seconds.
    """

    ids: tuple[int, ...] = ()
    apps: tuple[str, ...] = ()
    this: bool = False
    idle_for: float | None = None
    user: str | None = None
    all_users: bool = False
    dry_run: bool = False
    only_mine: bool = False
    force: bool = False
    is_operator: bool = False
    idle_after: float = HALF_AN_HOUR

    @property
    def is_by_id(self) -> bool:
        """Were sessions named?"""
        return bool(self.ids) or self.this

    @property
    def is_for_others(self) -> bool:
        """Are other people's sessions asked for?"""
        return self.all_users or self.user is not None

    @property
    def threshold(self) -> float | None:
        """Return how long a session must have been idle; None where that does not matter."""
        return self.idle_for if self.idle_for is not None or self.is_by_id else self.idle_after


def scope(rows: Sequence[SessionRow], request: ReleaseRequest) -> list[SessionRow]:
    """Return what was asked for, whatever may become of it."""
    if request.ids:
        return [row for row in rows if row.id in request.ids]
    if request.this:
        return [row for row in rows if row.this_notebook]
    if request.apps:
        return []
    alive = [row for row in rows if phase_of(row.state) != "ended" or row.lives_on]
    if request.all_users:
        return alive
    if request.user is not None and request.is_operator:
        return [row for row in alive if row.owner == request.user]
    return [row for row in alive if row.mine is True and request.user in {None, row.owner}]


def asked(request: ReleaseRequest) -> str:
    """Say whose sessions are asked for, as the end of "no live session"."""
    if request.this:
        return "of this notebook"
    if request.all_users:
        return "at all"
    return "that is known to be yours" if request.user is None else f"of {request.user}"


def judge(row: SessionRow, request: ReleaseRequest, *, is_cluster_read: bool = True) -> Verdict:
    """Return the verdict of the table, then of the idle time.

    Args:
        row: the session.
        request: what is asked.
        is_cluster_read: whether what the session holds is as well known as it can be. Where the policy names a
            ResourceManager that cannot be asked, nobody knows what still runs in other people's sessions.
    """
    if row.this_notebook and not request.is_by_id:
        return Skip("this notebook uses it; --this frees it")
    if request.only_mine and row.mine is not True:
        return Skip("it is not proven to be yours")
    if row.owner_source == "claimed" and request.user is not None and not (request.all_users or request.is_by_id):
        return Skip(f"a tag claims that it is {row.owner}'s, and tags can be written by anybody; its number names it")
    judged = verdict(
        row,
        asked_by_id=request.is_by_id,
        force=request.force,
        is_operator=request.is_operator,
        for_others=request.is_for_others,
    )
    if isinstance(judged, Release) and request.threshold is not None and row.state == "idle":
        return _at_work(row, request, is_cluster_read) or _long_enough(row, request.threshold) or judged
    return judged


def _at_work(row: SessionRow, request: ReleaseRequest, is_cluster_read: bool) -> Skip | None:
    """Return why a session that Livy calls idle may have work to do; None for no such reason, and with force."""
    if request.force:
        return None
    if row.at_work != "no":
        count = row.held.executors
        which = "an executor" if count == 1 else f"{count} executors"
        text = f"no statement runs, but it holds {which}"
        if row.at_work == "perhaps":
            return Skip(
                f"{text}, and whether it would give them back is not known: [cluster] dynamic_allocation in the policy "
                "says it; --force frees it nevertheless"
            )
        return Skip(f"{text}: a streaming query may be running, or a table is cached; --force frees it nevertheless")
    if row.mine is not True and not is_cluster_read:
        return Skip("its cluster cannot be asked whether something runs in it; --force frees it nevertheless")
    if row.mine is not True and row.application is not None and row.held.executors is None:
        return Skip(
            "its cluster does not show us what it holds, so something may run in it; --force frees it nevertheless"
        )
    return None


def _long_enough(row: SessionRow, threshold: float) -> Skip | None:
    if threshold <= 0:
        return None  # whatever is idle is idle long enough
    if row.quiet_seconds is None:
        return Skip("Livy does not tell how long it has been idle")
    if row.quiet_seconds < threshold:
        return Skip(f"it has been idle for {idle_for(row.quiet_seconds)} only, not for {idle_for(threshold)}")
    return None
