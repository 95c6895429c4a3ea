"""A Livy session, as far as livyguard needs to know it, and what proves whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from livyguard.policy.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.request import Entry

__all__ = [
    "ABANDONED",
    "ENDED",
    "STARTING",
    "UNTOLD",
    "LedgerEntry",
    "Links",
    "OwnerSource",
    "Session",
    "StatementTimes",
]

#: Livy is still bringing it up; Livy blocks if asked for the statements of such a session.
STARTING = frozenset({"not_started", "starting", "recovering"})
#: Holds nothing any more; Livy lists it for some minutes.
ENDED = frozenset({"shutting_down", "dead", "killed", "success"})
#: The interpreter died in a live driver: it holds its executors until somebody deletes it.
ABANDONED = frozenset({"error"})
#: The number of a session that was asked for, until Livy tells it.
UNTOLD = -1

OwnerSource = Literal["proxyUser", "owner", "ledger", "claimed"]


@dataclass(frozen=True, slots=True)
class Links:
    """Where a person can look on: URLs as Livy's ``appInfo`` gives them, else the cluster.

    Attributes:
        history_server: the application's page on Spark's history server, which outlives the session; the policy says
            where that server is.
    """

    spark_ui: str | None = None
    driver_log: str | None = None
    history_server: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One interactive session in Livy's listing.

    Attributes:
        endpoint: URL of the Livy that listed it, without a trailing slash.
        id: Livy's number; starts again at 0 when Livy restarts without recovery, so never proof of anything.
        state: Livy's word: ``idle``, ``busy``, ``starting``, …
        login: Livy's ``owner``: who authenticated; None without authentication.
        tells_login: the answer has a field for it, so that an empty one means that Livy logged nobody in; some vendors'
            builds have none.
        proxy_user: Livy's ``proxyUser``: whom it acts for.
        tags: the reserved ``livyguard…`` tags of its ``spark.yarn.tags`` (conf is seen from Livy 0.8 on), nothing else
            of its conf: conf holds people's secrets.
        tells_tags: Livy shows a conf, so that a tag which is not in ``tags`` is not there. An empty one tells nothing:
            a server may keep it to itself, or have lost it when it was restarted.
        ceiling: what it can hold.
        sizes: what it asked for that bears on that, folded; empty where Livy does not show it. With the policy's words
            on the cluster more may follow from it.
        dynamic_allocation: what its conf says of ``spark.dynamicAllocation.enabled``; None where it says nothing.
        least_executors: what dynamic allocation leaves it while nothing runs, ``minExecutors``.
    """

    endpoint: str
    id: int
    state: str
    kind: str | None = None
    name: str | None = None
    login: str | None = None
    proxy_user: str | None = None
    app_id: str | None = None
    tags: frozenset[str] = field(default_factory=frozenset)
    tells_tags: bool = False
    ceiling: Footprint = field(default_factory=Footprint)
    sizes: Mapping[str, Entry] = field(default_factory=dict, compare=False, repr=False)
    dynamic_allocation: bool | None = None
    least_executors: int = 0
    links: Links = field(default_factory=Links)
    tells_login: bool = True

    @property
    def owner(self) -> str | None:
        """Whose it is, as Livy tells it: ``proxyUser``, else ``owner``."""
        return self.proxy_user or self.login


@dataclass(frozen=True, slots=True)
class StatementTimes:
    """When a session's last statement began and ended, seconds since the epoch; None where it has not.

    Code and results of the statement, which the same answer holds, are cut off in the adapter.

    Attributes:
        count: how many statements Livy still holds of the session; None where nobody counted.
    """

    started: float | None
    completed: float | None
    count: int | None = None

    @property
    def is_running(self) -> bool:
        """Has it begun and not ended?"""
        return self.started is not None and self.completed is None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What this machine remembers of a session that it created.

    Attributes:
        endpoint: URL of the Livy, without a trailing slash.
        session_id: Livy's number for it; :data:`UNTOLD` while Livy has not told one.
        tag: the tag ``livyguard-<8 hex>`` that this session alone carries.
        app_id: the application, once Livy told it.
        login: Livy's ``owner`` in the answer to the POST: who we are at this endpoint, in Livy's own words.
        user: who asked, as far as known; shown, never acted on.
        notebook: path of the notebook, where Jupyter tells it.
        kernel: id of the kernel that made it.
        created: seconds since the epoch.
        last_statement: end of the last statement, or its start while it runs; None before the first.
        is_busy: a statement of this kernel is running now.
        ceiling: the most that it can hold, as its tag says it; None where it was not worked out.
    """

    endpoint: str
    session_id: int
    tag: str
    kernel: str
    created: float
    app_id: str | None = None
    login: str | None = None
    user: str | None = None
    notebook: str | None = None
    last_statement: float | None = None
    is_busy: bool = False
    ceiling: str | None = None
