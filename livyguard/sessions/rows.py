"""The listing as a value: one row a session, with whose it is and how long it has been idle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

from livyguard.policy.footprint import Footprint
from livyguard.sessions.holders import Others
from livyguard.sessions.model import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livyguard.errors import LivyguardError
    from livyguard.sessions.application import Application
    from livyguard.sessions.holders import AtWork, Orphan
    from livyguard.sessions.model import LedgerEntry, OwnerSource, Session
    from livyguard.sessions.ownership import Ownership

__all__ = ["SessionList", "SessionRow", "Total", "sum_of"]

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of a listing.

    Attributes:
        quiet_seconds: since the end of its last statement; None while one runs, and where nobody can say.
        this_notebook: cells of this notebook run in it.
        application: what the cluster tells of it; None where it was not asked, or knows of none that lives.
        at_work: Livy calls it idle, and yet it holds executors that it would have given back: ``yes``; ``perhaps``
            where nobody says whether it would.
        most_share: per cent of the whole cluster that it can hold, by what the policy says of the workers.
    """

    session: Session
    ownership: Ownership
    quiet_seconds: int | None = None
    this_notebook: bool = False
    application: Application | None = None
    at_work: AtWork = "no"
    most_share: float | None = None

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

    @property
    def is_idle(self) -> bool:
        """Is nothing running in it, as far as anybody tells?"""
        return self.state == "idle" and self.at_work == "no"

    @property
    def idle_seconds(self) -> int | None:
        """For how long it has been idle; None while it is not, and where nobody can say."""
        return self.quiet_seconds if self.is_idle else None

    @property
    def lives_on(self) -> bool:
        """Has it ended for Livy, while its application goes on?"""
        return self.state in ENDED and self.application is not None and not self.application.is_over

    @property
    def app_id(self) -> str | None:
        """The application, as Livy tells it, else the cluster."""
        return self.session.app_id or (self.application.id if self.application else None)

    @property
    def held(self) -> Footprint:
        """What it holds now: executors without the driver, memory and cores with it; None each where nobody tells."""
        one = self.application
        return Footprint() if one is None else Footprint(one.executors, one.memory_mib, one.cores)

    @property
    def share(self) -> float | None:
        """Per cent of the whole cluster that it holds now, as YARN's scheduler counts."""
        return None if self.application is None else self.application.share

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard sessions --json`` prints."""
        session, ceiling, held = self.session, self.session.ceiling, self.held
        application = self.application
        return {
            "id": session.id,
            "name": session.name,
            "owner": self.owner,
            "owner_source": self.owner_source,
            "mine": self.mine,
            "state": session.state,
            "kind": session.kind,
            "idle_seconds": self.idle_seconds,
            "quiet_seconds": self.quiet_seconds if session.state == "idle" else None,
            "executors": ceiling.executors,
            "executors_held": held.executors,
            "memory_mib": ceiling.memory_mib,
            "memory_mib_held": held.memory_mib,
            "cores": ceiling.cores,
            "cores_held": held.cores,
            "cluster_share": self.share,
            "cluster_share_max": self.most_share,
            "app_id": self.app_id,
            "app_state": application.state if application else None,
            "queue": application.queue if application else None,
            "endpoint": session.endpoint,
            "this_notebook": self.this_notebook,
            "links": {
                "spark_ui": session.links.spark_ui,
                "driver_log": session.links.driver_log,
                "history_server": session.links.history_server,
            },
        }


@dataclass(frozen=True, slots=True)
class Total:
    """What one owner's sessions can hold together, None unless it is known of all, and hold now, as far as known.

    Attributes:
        share: per cent of the whole cluster that they hold now.
        most_share: likewise that they can hold.
        is_claimed: only tags name the owner, which anybody can write; these stand apart from what is theirs.
    """

    owner: str | None
    sessions: int
    ceiling: Footprint
    held: Footprint = field(default_factory=Footprint)
    share: float | None = None
    most_share: float | None = None
    is_claimed: bool = False


@dataclass(frozen=True)
class SessionList(Sequence[SessionRow]):
    """A listing, in the order it is shown.

    Attributes:
        rows: what the filters left.
        endpoints: URLs that were read.
        listed: how many sessions they list, before the filters.
        missing: session ids that were asked for and that Livy does not list.
        faults: endpoints that could not be read, where others could.
        clusters: which clusters were asked who holds them, in words.
        cluster_faults: why some could not be.
        orphans: applications that a Livy started and that have no session here.
        others: what else holds the clusters.
        not_looked_at: idle sessions shown whose last statement was not asked for, since there are too many.
    """

    rows: tuple[SessionRow, ...] = ()
    endpoints: tuple[str, ...] = ()
    listed: int = 0
    missing: tuple[int, ...] = ()
    faults: tuple[LivyguardError, ...] = field(default=(), compare=False)
    clusters: tuple[str, ...] = ()
    cluster_faults: tuple[LivyguardError, ...] = field(default=(), compare=False)
    orphans: tuple[Orphan, ...] = ()
    others: Others = field(default_factory=Others)
    not_looked_at: int = 0

    @overload
    def __getitem__(self, index: int) -> SessionRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SessionRow]: ...
    def __getitem__(self, index: int | slice) -> SessionRow | Sequence[SessionRow]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def totals(self) -> list[Total]:
        """Return what each owner's sessions can hold and hold, the largest first; those without an owner stand last."""
        by_owner: dict[tuple[str | None, bool], list[SessionRow]] = {}
        for row in self.rows:
            by_owner.setdefault((row.owner, row.owner_source == "claimed"), []).append(row)
        return sorted((_total(*owner, rows) for owner, rows in by_owner.items()), key=_rank)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object a session."""
        return [row.to_json() for row in self.rows]


def sum_of(amounts: Iterable[Footprint]) -> Footprint:
    """Add amounts up; what is known of none stays None."""
    return _added(amounts, _sum)


def most_of(ceilings: Iterable[Footprint]) -> Footprint:
    """Add ceilings up; what is not known of all is None, since it would be less than the most."""
    return _added(ceilings, _whole)


def _added(amounts: Iterable[Footprint], add: Callable[[Iterable[int | None]], int | None]) -> Footprint:
    them = list(amounts)
    return Footprint(
        executors=add(one.executors for one in them),
        memory_mib=add(one.memory_mib for one in them),
        cores=add(one.cores for one in them),
    )


def _total(owner: str | None, is_claimed: bool, rows: Sequence[SessionRow]) -> Total:
    return Total(
        owner,
        len(rows),
        most_of(row.session.ceiling for row in rows),
        sum_of(row.held for row in rows),
        _sum(row.share for row in rows),
        _whole(row.most_share for row in rows),
        is_claimed,
    )


def _whole(values: Iterable[Number | None]) -> Number | None:
    told = list(values)
    return None if None in told else _sum(told)


def _sum(values: Iterable[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _rank(total: Total) -> tuple[bool, int, int, int, str, bool]:
    held, most = total.held.memory_mib or 0, total.ceiling.executors or 0
    return total.owner is None, -held, -most, -total.sessions, total.owner or "", total.is_claimed
