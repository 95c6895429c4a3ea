"""A session 7 that waits in YARN's queue, and whoever watches it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.applications import Applications
from livyguard.capacity.queue import QueueRoom
from livyguard.census import Census
from livyguard.policy.model import Cluster
from livyguard.testing import (
    FakeClock,
    FakeLedger,
    FakeStore,
    FakeYarn,
    RecordingDisplay,
    a_session,
    an_application,
    an_entry,
)
from livyguard.watching.watch import Watch

if TYPE_CHECKING:
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import Session

ME, QUEUE = "alice", "root.narrow"
ENTRY = an_entry(7)
AM_LIMIT = (
    "Application is added to the scheduler and is not yet activated. Queue's AM resource limit exceeded.  Details : AM "
    "Partition = <DEFAULT_PARTITION>; AM Resource Request = <memory:1024, vCores:1>; Queue Resource Limit for AM = "
    "<memory:3072, vCores:1>; User AM Resource Limit of the queue = <memory:3072, vCores:1>; Queue AM Resource Usage = "
    "<memory:3072, vCores:3>; "
)
ACTIVATED = "Application is Activated, waiting for resources to be assigned for AM.  Details : AM Partition = x"
FULL = QueueRoom("narrow", driver_limit=3072, drivers=3072, active=3, free=4096, step=256)


def waiting(said: str = AM_LIMIT, **fields: Any) -> Application:
    """Return the application of session 7 in the queue."""
    return an_application(
        1, queue=QUEUE, diagnostics=said, started=100.0, **{"containers": 0, "user": "livy", **fields}
    )


def running(number: int, session: int, *, driver: int = 1024, executors: int = 0, **fields: Any) -> Application:
    """Return the application of a session that holds the queue."""
    held = driver + 1024 * executors
    told = {"memory_mib": held, "containers": 1 + executors, "driver_mib": driver, "cores": 1, "queue": QUEUE}
    return an_application(number, "RUNNING", f"livyguard-{session:08}", **{**told, **fields})


class Scene:
    """Who watches looks once a second, while the time passes."""

    def __init__(self, *applications: Application, sessions: tuple[Session, ...] = (), **yarn: Any) -> None:
        self.clock, self.ledger, self.display = FakeClock(), FakeLedger([ENTRY]), RecordingDisplay()
        self.store = FakeStore.of(a_session(7, "starting", login=ME), *sessions, authenticated_user=ME)
        fields = {"rooms": {QUEUE: FULL}, "policy": Cluster(manager="yarn"), **yarn}
        self.yarn = FakeYarn.of(*applications, **fields)
        self.applications = Applications(self.yarn, self.ledger, self.clock)
        self.seconds: Counter[tuple[str, int]] = Counter()
        self.log: list[str] = []

    def watch(self, asked: dict[str, Any] | None = None) -> Watch:
        return Watch(
            self.store,
            ENTRY,
            clock=self.clock,
            applications=self.applications,
            line=self.display.starting(),
            rows=lambda: Census([self.store], self.ledger, self.clock).count().rows,
            asked=asked or {},
        )

    def pass_time(self, watch: Watch, seconds: int, step: float = 1.0) -> None:
        for _ in range(round(seconds / step)):
            watch.look("starting", self.log)
            self.clock.sleep(step)

    @property
    def said(self) -> list[Any]:
        return self.display.starts[0].said

    def becomes(self, **fields: Any) -> None:
        app = next(iter(self.yarn.running))
        self.yarn.running[app] = replace(self.yarn.running[app], **fields)


def asked_when(fake: Any, clock: FakeClock) -> list[float]:
    """Return when each call that is a request comes, from here on."""
    moments: list[float] = []
    called = fake._called

    def note(method: str, argument: Any) -> None:
        moments.append(clock.now())
        called(method, argument)

    fake._called = note
    return moments
