"""Use case: free sessions. Choose, show, read again, delete, check that it is gone, report."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from livyguard.census import Census
from livyguard.errors import Refused
from livyguard.freeing import Freeing
from livyguard.leftovers import LeftOvers
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.choice import ReleaseRequest, asked, judge, scope
from livyguard.sessions.filters import in_order
from livyguard.sessions.outcome import Outcome, ReleaseReport, not_released
from livyguard.sessions.selection import Refuse, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.applications import Applications
    from livyguard.census import Counted
    from livyguard.ports import Clock, Ledger, Progress, SessionStore
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["ReleaseRequest", "release"]

#: Livy answers a DELETE when the session is stopped, so many are under way at once.
CONCURRENCY = 16
#: Seconds after which it is said anew how far a release is.
BREATH = 0.5


def release(
    stores: Sequence[SessionStore],
    ledger: Ledger,
    clock: Clock,
    request: ReleaseRequest,
    *,
    this: Mapping[tuple[str, int], LedgerEntry | None] | None = None,
    shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
    logins: Mapping[str, str] | None = None,
    show: Callable[[Sequence[SessionRow]], None] | None = None,
    applications: Applications | None = None,
    progress: Progress | None = None,
    done: Callable[[Outcome], None] | None = None,
) -> ReleaseReport:
    """Free what was asked for, as far as it may be freed.

    Args:
        stores: the endpoints.
        ledger: this machine's record of what it created; what is freed is struck out.
        clock: the time.
        request: what is asked.
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation.
        shared_accounts: log-ins that name nobody.
        logins: as in :func:`livyguard.listing.list_sessions`.
        show: told what is about to be freed, before anything is.
        applications: knows what the sessions hold in their clusters, and ends what Livy would leave there.
        progress: says how far it is.
        done: told each outcome, the moment that it is one.

    Raises:
        Refused: other people's sessions were asked for by somebody who is no operator.
        EndpointError: no endpoint could be read.
    """
    census = Census(
        stores,
        ledger,
        clock,
        this=this,
        shared_accounts=shared_accounts,
        logins=logins,
        clusters=applications.clusters if applications is not None else None,
        progress=progress,
    )
    if (request.all_users or request.user not in {None, *census.users()}) and not request.is_operator:
        whom = "everybody" if request.all_users else request.user
        raise Refused(f"Only an operator may free the sessions of {whom}; the policy's `operators` names them.")
    counted = census.count()
    outcomes, chosen = _choose(census, counted, request)
    if applications is not None:
        left = LeftOvers({store.endpoint: store for store in stores}, ledger, applications, request, logins or {})
        outcomes = [
            left.of(outcome) if outcome.row is None and outcome.result == "gone" else outcome for outcome in outcomes
        ]
        outcomes += [left.named(app_id, counted) for app_id in request.apps]
    note = done or _keep
    for outcome in outcomes:
        note(outcome)
    if show is not None and chosen:
        show(chosen)
    freeing = Freeing(census, ledger, request, applications, counted.unread)
    outcomes += _each(freeing.foretell if request.dry_run else freeing.free, chosen, census.tell, note)
    ordered = tuple(sorted(outcomes, key=_place))
    return ReleaseReport(
        ordered,
        is_dry_run=request.dry_run,
        asked=asked(request),
        notes=tuple(str(fault) for fault in counted.cluster_faults),
        unread=tuple(str(fault) for fault in counted.faults),
    )


def _choose(census: Census, counted: Counted, request: ReleaseRequest) -> tuple[list[Outcome], list[SessionRow]]:
    """Part what was asked for into what is decided already and what may be freed."""
    listed = [row.id for row in counted.rows]
    missing = [number for number in request.ids if number not in listed]
    if counted.faults:  # another endpoint may list it
        outcomes = [Outcome(number, "failed", f"where it is, is not known: {counted.faults[0]}") for number in missing]
    else:
        outcomes = [Outcome(number, "gone", "Livy lists no such session") for number in missing]
    wanted = scope(counted.rows, request)
    if request.threshold:  # whatever is idle is idle for 0 s
        census.tell("Asking for the last statements of idle sessions")
        found = census.with_idle(wanted)
        there = {(row.endpoint, row.id) for row in found}
        vanished = [row for row in wanted if (row.endpoint, row.id) not in there]
        outcomes += [Outcome(row.id, "gone", "it was gone already", row) for row in vanished]
        wanted = found
    chosen = []
    for row in in_order(wanted):
        judged = judge(row, request, is_cluster_read=row.endpoint not in counted.unread)
        if request.ids and listed.count(row.id) > 1:
            judged = Refuse(f"several endpoints list a session {row.id}; --url says which is meant")
        elif request.ids and counted.faults:
            judged = Refuse("an endpoint that cannot be read may list that number, too; --url says which is meant")
        if isinstance(judged, Release):
            chosen.append(row)
        else:
            outcomes.append(not_released(row, judged))
    return outcomes, chosen


def _each(
    act: Callable[[SessionRow], Outcome],
    rows: Sequence[SessionRow],
    tell: Callable[[str], None],
    note: Callable[[Outcome], None],
) -> list[Outcome]:
    """Act on each, several at once; an interruption lets those end that have begun, tells them, and begins no other."""
    if not rows:
        return []
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(max_workers=CONCURRENCY) as pool:
        pending = {pool.submit(_safely, act, row) for row in rows}
        try:
            while pending:
                tell(f"Releasing sessions: {len(outcomes)} of {len(rows)}")
                done, _ = wait(pending, timeout=BREATH, return_when=FIRST_COMPLETED)
                for one in done:
                    pending.discard(one)
                    outcomes.append(one.result())
                    note(outcomes[-1])
            tell(f"Releasing sessions: {len(outcomes)} of {len(rows)}")
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            for one in pending:
                if not one.cancelled():
                    note(one.result())
            raise
    return outcomes


def _safely(act: Callable[[SessionRow], Outcome], row: SessionRow) -> Outcome:
    """Act on one; whatever befalls it, the others go on, and what was done to them is told."""
    try:
        return act(row)
    except Exception as error:  # noqa: BLE001 - a fault of livyguard itself is told like any other
        return Outcome(row.id, "failed", f"livyguard itself failed: {type(error).__name__}: {error}", row)


def _place(outcome: Outcome) -> tuple[str, bool, int, str]:
    """Order by endpoint and number, applications without a session last."""
    endpoint = outcome.row.endpoint if outcome.row else ""
    return endpoint, outcome.session_id is None, outcome.session_id or 0, outcome.app_id or ""


def _keep(_outcome: Outcome) -> None:
    """Tell nobody; the report has it."""
