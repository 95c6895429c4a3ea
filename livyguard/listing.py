"""Use case: who holds the cluster, everybody, mine first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.census import Census
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.filters import RowFilter, in_order, known_states
from livyguard.sessions.rows import SessionList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.ports import Clock, Clusters, Ledger, Progress, SessionStore
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["list_sessions"]

#: Every look at a last statement makes a driver send all that it still holds, so there are few in one command.
MOST_LOOKS_AT_MINE = 20
MOST_LOOKS = 50


def list_sessions(
    stores: Sequence[SessionStore],
    ledger: Ledger,
    clock: Clock,
    *,
    ids: Iterable[int] = (),
    mine: bool = False,
    user: str | None = None,
    states: Iterable[str] = (),
    idle: bool = False,
    idle_for: float | None = None,
    sort: str | None = None,
    this: Mapping[tuple[str, int], LedgerEntry | None] | None = None,
    shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
    logins: Mapping[str, str] | None = None,
    clusters: Clusters | None = None,
    progress: Progress | None = None,
) -> SessionList:
    """List the sessions of one or several endpoints, and what holds the clusters behind them.

    A cluster that cannot be asked is a fault of the listing, which goes on without it.

    Idle times come from the ledger, which costs nothing; else from the last statement: of my sessions always, of
    others' only with ``idle``, ``idle_for`` or ``ids``.

    Args:
        stores: the endpoints.
        ledger: this machine's record of what it created.
        clock: the time.
        ids: only these.
        mine: only mine.
        user: only this owner's.
        states: only in these states.
        idle: only idle ones.
        idle_for: only those idle for at least so many seconds.
        sort: a column; default mine first, then by number.
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation.
        shared_accounts: log-ins that name nobody.
        logins: who we are at an endpoint where only Livy's answer to this kernel's own POST told it.
        clusters: which clusters are behind the endpoints; each is asked once. None asks none.
        progress: says how far it is.

    Raises:
        InvalidInput: there is no such column or state.
        EndpointError: no endpoint could be read.
    """
    in_order((), sort)  # a column that does not exist is told before anybody is asked
    asked = tuple(ids)
    wanted = RowFilter(frozenset(asked), mine, user, known_states(states), idle, idle_for)
    census = Census(
        stores,
        ledger,
        clock,
        this=this,
        shared_accounts=shared_accounts,
        logins=logins,
        clusters=clusters,
        progress=progress,
    )
    counted = census.count()
    rows = in_order(row for row in counted.rows if wanted.lets_through(row))
    rows, not_looked_at = _with_idle(census, rows, others=idle or idle_for is not None or bool(asked))
    rows = [row for row in rows if wanted.is_idle_long_enough(row)]
    numbers = {row.id for row in counted.rows}
    return SessionList(
        rows=tuple(rows if sort is None else in_order(rows, sort)),
        endpoints=tuple(store.endpoint for store in stores),
        listed=len(counted.rows),
        missing=tuple(number for number in asked if number not in numbers),
        faults=tuple(counted.faults),
        clusters=counted.clusters,
        cluster_faults=counted.cluster_faults,
        orphans=counted.orphans,
        others=counted.others,
        not_looked_at=not_looked_at,
    )


def _with_idle(census: Census, rows: Sequence[SessionRow], *, others: bool) -> tuple[list[SessionRow], int]:
    """Look at last statements, of so many sessions at most; the rest stays unknown, and is counted."""
    unknown = [row for row in rows if row.state == "idle" and row.quiet_seconds is None]
    wanted_of_mine = [row for row in unknown if row.mine is True]
    wanted_of_others = [row for row in unknown if row.mine is not True and others]
    of_mine = wanted_of_mine[:MOST_LOOKS_AT_MINE]
    of_others = wanted_of_others[: MOST_LOOKS - len(of_mine)]
    looked_at = {(row.endpoint, row.id) for row in of_mine + of_others}
    if looked_at:
        whose = "an idle session" if len(looked_at) == 1 else f"{len(looked_at)} idle sessions"
        census.tell(f"Asking for the last statement of {whose}")
    known = {(row.endpoint, row.id): row for row in census.with_idle([*of_mine, *of_others])}
    shown = [
        known.get((row.endpoint, row.id), row)
        for row in rows
        if (row.endpoint, row.id) not in looked_at or (row.endpoint, row.id) in known
    ]
    return shown, len(wanted_of_mine) + len(wanted_of_others) - len(looked_at)
