"""The listing as a value: one row a session, with whose it is and how long it has been idle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from livyguard.policy.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.errors import LivyguardError
    from livyguard.sessions.model import LedgerEntry, OwnerSource, Session
    from livyguard.sessions.ownership import Ownership

__all__ = ["SessionList", "SessionRow", "Total", "sum_of"]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of a listing.

    Attributes:
        idle_seconds: since the end of its last statement; None while it is not idle, and where nobody can say.
        executors_held: executors it has now; None where the cluster manager was not asked.
        this_notebook: cells of this notebook run in it.
    """

    session: Session
    ownership: Ownership
    idle_seconds: int | None = None
    executors_held: int | None = None
    this_notebook: bool = False

    @property
    def id(self) -> int:
        """Livy's number."""
        return self.session.id

    @property
    def endpoint(self) -> str:
        """URL of the Livy that lists it."""
        return self.session.endpoint

    @property
    def state(self) -> str:
        """Livy's word."""
        return self.session.state

    @property
    def owner(self) -> str | None:
        """Whose it is, as shown."""
        return self.ownership.owner

    @property
    def owner_source(self) -> OwnerSource | None:
        """What told the owner."""
        return self.ownership.source

    @property
    def mine(self) -> bool | None:
        """Whether it is mine; None where nothing proves either."""
        return self.ownership.mine

    @property
    def entry(self) -> LedgerEntry | None:
        """The ledger entry that proves it was created from here."""
        return self.ownership.entry

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard sessions --json`` prints."""
        session, ceiling = self.session, self.session.ceiling
        return {
            "id": session.id,
            "name": session.name,
            "owner": self.owner,
            "owner_source": self.owner_source,
            "mine": self.mine,
            "state": session.state,
            "kind": session.kind,
            "idle_seconds": self.idle_seconds,
            "executors": ceiling.executors,
            "executors_held": self.executors_held,
            "memory_mib": ceiling.memory_mib,
            "cores": ceiling.cores,
            "app_id": session.app_id,
            "endpoint": session.endpoint,
            "this_notebook": self.this_notebook,
            "links": {"spark_ui": session.links.spark_ui, "driver_log": session.links.driver_log},
        }


@dataclass(frozen=True, slots=True)
class Total:
    """What one owner's sessions can hold together; None where it is known of none of them."""

    owner: str | None
    sessions: int
    ceiling: Footprint


@dataclass(frozen=True)
class SessionList(Sequence[SessionRow]):
    """A listing, in the order it is shown.

    Attributes:
        rows: what the filters left.
        endpoints: URLs that were read.
        listed: how many sessions they list, before the filters.
        missing: session ids that were asked for and that Livy does not list.
        faults: endpoints that could not be read, where others could.
    """

    rows: tuple[SessionRow, ...] = ()
    endpoints: tuple[str, ...] = ()
    listed: int = 0
    missing: tuple[int, ...] = ()
    faults: tuple[LivyguardError, ...] = field(default=(), compare=False)

    @overload
    def __getitem__(self, index: int) -> SessionRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SessionRow]: ...
    def __getitem__(self, index: int | slice) -> SessionRow | Sequence[SessionRow]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def totals(self) -> list[Total]:
        """Return what each owner's sessions can hold, the largest first; sessions without an owner stand last."""
        owners = {row.owner for row in self.rows}
        by_owner = {owner: [row.session.ceiling for row in self.rows if row.owner == owner] for owner in owners}
        totals = [Total(owner, len(ceilings), sum_of(ceilings)) for owner, ceilings in by_owner.items()]
        return sorted(totals, key=_rank)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object a session."""
        return [row.to_json() for row in self.rows]


def sum_of(ceilings: Iterable[Footprint]) -> Footprint:
    """Add ceilings up; what is known of none stays None."""
    known = list(ceilings)
    return Footprint(
        executors=_sum(ceiling.executors for ceiling in known),
        memory_mib=_sum(ceiling.memory_mib for ceiling in known),
        cores=_sum(ceiling.cores for ceiling in known),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _rank(total: Total) -> tuple[bool, int, int, str]:
    return total.owner is None, -(total.ceiling.executors or 0), -total.sessions, total.owner or ""
