"""What a round knows by now: what one check has seen for those that come after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.doctor.ports import Here, ManagerProbe, Page, Server, Settings
    from livyguard.policy.model import Policy
    from livyguard.sessions.model import Session

__all__ = ["Visit"]


@dataclass
class Visit:
    """One round.

    Attributes:
        now: seconds since the epoch when it began.
        server: the Livy that is looked at; None while it is this machine.
        blocked: checks that could not be made or failed, and why in a clause.
        settings: config.json.
        policy: in force; None without one.
        page: the first page of this Livy's listing.
        manager: what runs the cluster behind this Livy.
        free_mib: what the cluster has left.
        listed: all sessions by Livy, where all were listed.
    """

    here: Here
    now: float
    server: Server | None = None
    blocked: dict[str, str] = field(default_factory=dict)
    settings: Settings | None = None
    policy: Policy | None = None
    page: Page | None = None
    manager: ManagerProbe | None = None
    free_mib: int | None = None
    listed: dict[str, tuple[Session, ...]] = field(default_factory=dict)

    @property
    def at(self) -> Server:
        """The Livy that is looked at; checks of one are made only where there is one."""
        if self.server is None:
            raise LookupError("no Livy is looked at")
        return self.server

    def turned_to(self, server: Server | None) -> Visit:
        """Return the same round at one Livy, of which nothing is known yet.

        A record of its own: what an earlier Livy answers when nobody waits for it any more is not taken for this one's.
        """
        return Visit(
            self.here,
            self.now,
            server,
            dict(self.blocked),
            settings=self.settings,
            policy=self.policy,
            listed=self.listed,
        )
