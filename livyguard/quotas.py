"""Use case: count what a user, and the other members of their tenant, hold at one Livy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from livyguard.census import Census
from livyguard.holdings import read_clusters
from livyguard.policy.tenancy import resolve, resolve_member
from livyguard.sessions.ownership import is_the_one, may_be
from livyguard.sessions.quota import Counting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Policy
    from livyguard.policy.quota import Usage
    from livyguard.policy.tenancy import Tenancy
    from livyguard.ports import Clock, Clusters, Ledger, SessionStore, Whose
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["Quotas"]


class Quotas:
    """Counts sessions for quotas.

    Args:
        ledger: this machine's record of what it created.
        clock: the time.
        clusters: which cluster is behind an endpoint; asked only where Livy does not tell how large a session is, and
            where it matters what could be freed.
        whose: returns what tells whose the sessions of an endpoint are, beside the ledger.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, clusters: Clusters, whose: Callable[[SessionStore], Whose]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._clusters = clusters
        self._whose = whose

    def read(
        self,
        store: SessionStore,
        policy: Policy,
        tenancy: Tenancy,
        *,
        without: Collection[int] = (),
        closely: bool = False,
    ) -> Usage:
        """Return what is held before a request, by one listing.

        Args:
            store: the Livy.
            policy: in force.
            tenancy: of whoever asks, there.
            without: numbers of sessions that the request replaces.
            closely: also for how long the user's own sessions are idle, and what still runs in them.

        Raises:
            LivyguardError: the sessions cannot be listed.
        """
        census, rows = self._rows(store, closely=closely)
        kept = [row for row in rows if row.id not in without]
        return self._usage(store, census, kept, tenancy, policy, closely=closely)

    def below(
        self, store: SessionStore, policy: Policy, tenancy: Tenancy, entry: LedgerEntry, *, closely: bool = False
    ) -> Usage | None:
        """Return what is held by the sessions that Livy registered before one that is there now, by one listing.

        Numbers grow, and Livy registers them in one lock: every session with a lower one is in the listing.

        Returns:
            The usage without that session; None where Livy no longer lists it.

        Raises:
            LivyguardError: the sessions cannot be listed.
        """
        census, rows = self._rows(store, closely=closely)
        if not any(is_it(row, entry) for row in rows):
            return None
        lower = [row for row in rows if row.id < entry.session_id]
        return self._usage(store, census, lower, tenancy, policy, closely=closely)

    def survey(self, store: SessionStore, policy: Policy, who: Identity, *, is_me: bool = True) -> Usage:
        """Return what somebody holds, and what the cluster says of it, where it can be asked.

        Args:
            store: the Livy.
            policy: in force.
            who: of whom.
            is_me: it is whoever asks, so that this machine's ledger and log-in prove what is theirs.

        Raises:
            LivyguardError: the sessions cannot be listed.
        """
        census, rows = self._rows(store, closely=True)
        tenancy = resolve(policy, who, store.endpoint, self._clock.now())
        return self._usage(store, census, rows, tenancy, policy, is_joined=True, is_me=is_me)

    def _rows(self, store: SessionStore, *, closely: bool) -> tuple[Census, list[SessionRow]]:
        clusters = self._clusters if closely else None
        census = Census([store], self._ledger, self._clock, clusters=clusters, **self._whose(store))
        return census, census.count().rows

    def _usage(
        self,
        store: SessionStore,
        census: Census,
        rows: Sequence[SessionRow],
        tenancy: Tenancy,
        policy: Policy,
        *,
        closely: bool = False,
        is_joined: bool = False,
        is_me: bool = True,
    ) -> Usage:
        @cache
        def member(owner: str, tags: frozenset[str]) -> tuple[Tenancy, frozenset[int]] | None:
            theirs = resolve_member(policy, owner, tags, store.endpoint)
            layers = tenancy.layers_with(theirs)
            return (theirs, layers) if layers else None

        counting = Counting(tenancy, member, census.shared_accounts, is_me=is_me, noted=census.noted)
        if not (closely or is_joined) and _hides_members(rows, tenancy):
            rows, is_joined = read_clusters(self._clusters, [store], _silently).joined(rows), True
        usage = counting.usage(rows)
        if closely:
            idle = {one.id for one in usage.held if one.is_own and one.is_idle}
            return counting.usage(_dated(census, rows, idle))
        bounded = {each.amount for each in tenancy.quotas}
        if not is_joined and any(one.assumed & bounded for one in usage.held):
            usage = counting.usage(read_clusters(self._clusters, [store], _silently).joined(rows))
        return usage.unfreed()


def _hides_members(rows: Iterable[SessionRow], tenancy: Tenancy) -> bool:
    """Tell whether somebody may belong to the team by a tag that Livy does not show, and the cluster does."""
    return any(each.is_team for each in tenancy.quotas) and not all(row.session.tells_tags for row in rows)


def is_it(row: SessionRow, entry: LedgerEntry) -> bool:
    """Tell whether a listed session is the one that was entered, as far as Livy tells."""
    return is_the_one(row.session, entry) or may_be(row.session, entry)


def _dated(census: Census, rows: Iterable[SessionRow], ids: Collection[int]) -> list[SessionRow]:
    """Return the rows, those of some ids with the time for which they have been idle; what vanished is left out."""
    all_rows = list(rows)
    known = {row.id: row for row in census.with_idle(row for row in all_rows if row.id in ids)}
    return [known[row.id] if row.id in ids else row for row in all_rows if row.id in known or row.id not in ids]


def _silently(_text: str) -> None:
    pass
