"""A namespace of Kubernetes in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livyguard.capacity.namespace import NamespaceRoom
from livyguard.testing.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.errors import LivyguardError
    from livyguard.sessions.application import Application

__all__ = ["FakePods"]


@dataclass(eq=False)
class FakePods(Scripted):
    """The ``Pods`` of one namespace.

    Attributes:
        running: its applications by id; a test may change them between two calls.
        left: what its quotas leave.
        events: what they say of a pod, by its name.
        pages: how many requests a listing takes.
        requests: how many were sent.
        faults: what the next call of a method raises, by its name.
        calls: every call, as ``(method, argument)``.
        after: run after a call of a method, by its name.
    """

    running: dict[str, Application] = field(default_factory=dict)
    left: NamespaceRoom = field(default_factory=NamespaceRoom)
    events: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pages: int = 1
    requests: int = 0
    faults: dict[str, list[LivyguardError]] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)

    place, namespace = "Kubernetes, namespace spark", "spark"

    @classmethod
    def of(cls, *applications: Application, **fields: Any) -> FakePods:
        """Return a namespace with the applications' pods."""
        return cls({application.id: application for application in applications}, **fields)

    def living(self) -> list[Application]:
        """Return the applications that are not over."""
        self._send("living", "", self.pages)
        return self._done("living", self._alive)

    @property
    def _alive(self) -> list[Application]:
        return [one for one in self.running.values() if not one.is_over]

    def living_by_page(self) -> Iterator[list[Application] | None]:
        """Return the same, with one request a step."""
        for page in range(1, self.pages + 1):
            self._send("living", "")
            yield None if page < self.pages else self._done("living", self._alive)

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications that carry a tag."""
        self._send("tagged", tag)
        return self._done("tagged", [one for one in self.running.values() if tag in one.tags])

    def application(self, app_id: str) -> Application | None:
        """Read one application."""
        self._send("application", app_id)
        return self._done("application", self.running.get(app_id))

    def said_of(self, pod: str) -> tuple[str, ...]:
        """Return what the test says that events say of a pod."""
        self._send("said_of", pod)
        return self._done("said_of", self.events.get(pod, ()))

    def quota(self) -> NamespaceRoom:
        """Return what the test says that quotas leave."""
        self._send("quota", "")
        return self._done("quota", self.left)

    def _send(self, method: str, argument: str, requests: int = 1) -> None:
        self.requests += requests
        self._called(method, argument)
