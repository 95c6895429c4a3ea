"""Use case: what SparkMagic's own deletes may do, under the rules of ``%livy_release``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from livyguard.errors import ReleaseRefused
from livyguard.listing import list_sessions
from livyguard.recovery import recover
from livyguard.release import ReleaseRequest, release
from livyguard.sessions.outcome import ReleaseReport
from livyguard.sessions.selection import phase_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livyguard.applications import Applications
    from livyguard.ports import Clock, Display, Ledger, Notebook, SessionStore, Whose
    from livyguard.sessions.rows import SessionRow

__all__ = ["Cleanup", "forget_released", "tell_lost"]


class Cleanup:
    """Frees for SparkMagic: mine only, one foreign session never.

    Args:
        whose: returns what tells whose the sessions of an endpoint are, read anew each time.
        applications: what a starting session would leave in YARN is ended through it.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        display: Display,
        notebook: Notebook,
        whose: Callable[[SessionStore], Whose],
        applications: Applications | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._display = display
        self._notebook = notebook
        self._whose = whose
        self._applications = applications

    def everything_of_mine(self, store: SessionStore, *, force: bool) -> None:
        """Free all my sessions on an endpoint, the busy ones with ``force``, and say whose are left.

        SparkMagic would delete everybody's.
        """
        listed = list_sessions([store], self._ledger, self._clock, **self._whose(store))
        alive = [row for row in listed if phase_of(row.state) != "ended"]
        mine = tuple(row.id for row in alive if row.mine is True)
        report = self._release(store, mine, force=force, only_mine=True) if mine else ReleaseReport()
        forget_released(self._notebook, report)
        self._display.released(report)
        tell_lost(self._notebook, self._display)
        left = _left(row for row in alive if row.mine is not True)
        if left:
            self._display.notice(f"Left alone, since not proven to be yours: {left}.")

    def one(self, store: SessionStore, session_id: int) -> None:
        """Free one session by its number.

        Raises:
            ReleaseRefused: it is somebody else's, or nothing proves whose, or it is busy, or Livy would not.
        """
        report = self._release(store, (session_id,), force=False)
        if report.is_failure:
            reasons = "; ".join(str(outcome.reason) for outcome in report.outcomes)
            text = f"Session {session_id} is not deleted: {reasons}."
            raise ReleaseRefused(text.replace("--force frees", f"%livy_release {session_id} --force frees"))
        self._display.released(report)

    def _release(
        self, store: SessionStore, ids: tuple[int, ...], *, force: bool, only_mine: bool = False
    ) -> ReleaseReport:
        request = ReleaseRequest(ids=ids, force=force, only_mine=only_mine)
        whose = self._whose(store)
        return release([store], self._ledger, self._clock, request, applications=self._applications, **whose)


def forget_released(notebook: Notebook, report: ReleaseReport) -> None:
    """Reset the notebook whose session was freed, so that its next cell starts afresh."""
    freed = {
        (outcome.row.endpoint, outcome.session_id)
        for outcome in [*report.having("released"), *report.having("gone")]
        if outcome.row is not None
    }
    for session in notebook.sessions():
        if (session.store.endpoint, session.session_id) in freed:
            notebook.forget(session)


def tell_lost(notebook: Notebook, display: Display) -> None:
    """Reset the notebook whose session was gone before anybody freed it, and say so."""
    for one in recover(notebook).sessions:
        if one.outcome == "forgotten":
            display.notice(one.reason)


def _left(rows: Iterable[SessionRow]) -> str:
    owners = Counter(row.owner or "nobody known" for row in rows)
    return ", ".join(f"{count} of {owner}" for owner, count in sorted(owners.items()))
