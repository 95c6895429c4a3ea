"""A cluster in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from livyguard.testing.scripted import Scripted

if TYPE_CHECKING:
    from livyguard.capacity.queue import QueueRoom
    from livyguard.errors import LivyguardError
    from livyguard.policy.model import Cluster
    from livyguard.ports import Holders, Pods, SessionStore
    from livyguard.sessions.application import Application

__all__ = ["FakeYarn"]


@dataclass(eq=False)
class FakeYarn(Scripted):
    """A cluster in memory, and the only one there is: both a ``ClusterView`` and the ``Clusters`` that lead to it.

    Attributes:
        running: its applications by id; a test may change them between two calls.
        is_configured: whether the policy names its ResourceManager.
        manager_is_yarn: what the policy says of the cluster's manager.
        dies_after: how many looks after a kill an application still lives.
        policy: what the policy says of the cluster.
        namespace: what stands in its place where the cluster is Kubernetes.
        rooms: what its queues have left, by name.
        free: what its nodes have free, MiB; None where it does not tell.
        faults: what the next call of a method raises, by its name: ``{"kill": [error]}``.
        calls: every call, as ``(method, argument)``.
        after: run after a call of a method, by its name; for what happens in between.
    """

    running: dict[str, Application] = field(default_factory=dict)
    is_configured: bool = True
    manager_is_yarn: bool | None = None
    dies_after: int = 0
    policy: Cluster | None = None
    namespace: Pods | None = None
    rooms: dict[str, QueueRoom] = field(default_factory=dict)
    free: tuple[int, ...] | None = None
    faults: dict[str, list[LivyguardError]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)
    _dying: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, *applications: Application, **fields: Any) -> FakeYarn:
        """Return a cluster that knows the applications."""
        return cls({application.id: application for application in applications}, **fields)

    def view(self, store: SessionStore) -> FakeYarn | None:  # noqa: ARG002 - the port's signature
        """Return this cluster, if it is configured."""
        return self if self.is_configured else None

    place = "the ResourceManager http://rm.example.com:8088"

    def holders(self, store: SessionStore) -> Holders | None:
        """Return this cluster, if it is configured."""
        return self.view(store) or self.namespace

    def pods(self, store: SessionStore) -> Pods | None:  # noqa: ARG002 - the port's signature
        """Return the namespace, if the cluster is Kubernetes."""
        return None if self.is_configured else self.namespace

    def described(self, store: SessionStore) -> Cluster | None:  # noqa: ARG002 - the port's signature
        """Return what the test says that the policy says."""
        return self.policy

    def is_yarn(self, store: SessionStore) -> bool | None:  # noqa: ARG002 - the port's signature
        """Return what the policy says."""
        return True if self.is_configured else self.manager_is_yarn

    def living(self) -> list[Application]:
        """Return the applications that are not over, some of which may have died of a kill by now."""
        self._called("living", "")
        for app_id in self._dying:
            self._dying[app_id] -= 1
            self._die(app_id)
        return self._done("living", [one for one in self.running.values() if not one.is_over])

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications that carry a tag."""
        self._called("tagged", tag)
        return self._done("tagged", [one for one in self.running.values() if tag in one.tags])

    def application(self, app_id: str) -> Application | None:
        """Read one application, which may have died of a kill by now."""
        self._called("application", app_id)
        self._dying = {dying: left - (dying == app_id) for dying, left in self._dying.items()}
        self._die(app_id)
        return self._done("application", self.running.get(app_id))

    def queue(self, name: str, user: str | None) -> QueueRoom | None:  # noqa: ARG002 - the port's signature
        """Return what the test says that the queue has left."""
        self._called("queue", name)
        return self._done("queue", self.rooms.get(name))

    def nodes(self) -> tuple[int, ...] | None:
        """Return what the test says that the nodes have free."""
        self._called("nodes", "")
        return self._done("nodes", self.free)

    def kill(self, app_id: str) -> None:
        """Kill at once, or after ``dies_after`` looks."""
        self._called("kill", app_id)
        self._dying[app_id] = self.dies_after
        self._die(app_id)
        self._done("kill", None)

    def _die(self, app_id: str) -> None:
        known = self.running.get(app_id)
        if known is not None and not known.is_over and self._dying.get(app_id, 1) <= 0:
            self.running[app_id] = replace(known, state="KILLED")
