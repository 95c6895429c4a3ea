"""Use case: who holds the cluster, everybody, mine first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.census import Census
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.filters import RowFilter, in_order, known_states
from livyguard.sessions.rows import SessionList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.ports import Clock, Ledger, SessionStore
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
) -> SessionList:
    """List the sessions of one or several endpoints.

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

    Raises:
        InvalidInput: there is no such column or state.
        EndpointError: no endpoint could be read.
    """
    in_order((), sort)  # a column that does not exist is told before anybody is asked
    asked = tuple(ids)
    wanted = RowFilter(frozenset(asked), mine, user, known_states(states), idle, idle_for)
    census = Census(stores, ledger, clock, this=this, shared_accounts=shared_accounts, logins=logins)
    everything, faults = census.rows()
    rows = in_order(row for row in everything if wanted.lets_through(row))
    rows = _with_idle(census, rows, others=idle or idle_for is not None or bool(asked))
    rows = [row for row in rows if wanted.is_idle_long_enough(row)]
    numbers = {row.id for row in everything}
    return SessionList(
        rows=tuple(in_order(rows, sort)),
        endpoints=tuple(store.endpoint for store in stores),
        listed=len(everything),
        missing=tuple(number for number in asked if number not in numbers),
        faults=tuple(faults),
    )


def _with_idle(census: Census, rows: Sequence[SessionRow], *, others: bool) -> list[SessionRow]:
    """Look at last statements, of so many sessions at most; the rest stays unknown."""
    unknown = [row for row in rows if row.state == "idle" and row.idle_seconds is None]
    of_mine = [row for row in unknown if row.mine is True][:MOST_LOOKS_AT_MINE]
    of_others = [row for row in unknown if row.mine is not True and others][: MOST_LOOKS - len(of_mine)]
    looked_at = {(row.endpoint, row.id) for row in of_mine + of_others}
    known = {(row.endpoint, row.id): row for row in census.with_idle([*of_mine, *of_others])}
    return [
        known.get((row.endpoint, row.id), row)
        for row in rows
        if (row.endpoint, row.id) not in looked_at or (row.endpoint, row.id) in known
    ]
