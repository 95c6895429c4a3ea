"""Public fakes for tests of what stands on livyguard's ports: a Livy, a YARN, a ledger, a clock, a display."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from livyguard.errors import AccessRefused, LivyAnswer, LivyguardError, SessionNotFound
from livyguard.policy.footprint import bearing, ceiling_of
from livyguard.ports import Created
from livyguard.sessions.application import Application
from livyguard.sessions.model import UNTOLD, LedgerEntry, Session, StatementTimes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.capacity.queue import QueueRoom
    from livyguard.hints.model import Hint
    from livyguard.hints.start import Start
    from livyguard.policy.decision import Decision
    from livyguard.policy.model import Cluster
    from livyguard.ports import SessionStore
    from livyguard.sessions.outcome import ReleaseReport
    from livyguard.sessions.rows import SessionRow

__all__ = [
    "FakeClock",
    "FakeLedger",
    "FakeStore",
    "FakeYarn",
    "RecordingDisplay",
    "RecordingProgress",
    "RecordingStart",
    "a_session",
    "an_application",
    "an_entry",
]

Answer = TypeVar("Answer")

ENDPOINT = "http://livy.example.com:8998"


def a_session(session_id: int = 0, state: str = "idle", **fields: Any) -> Session:
    """Return a session with what matters to a test."""
    return replace(Session(endpoint=ENDPOINT, id=session_id, state=state, kind="pyspark"), **fields)


def an_entry(session_id: int = 0, tag: str = "livyguard-0badcafe", **fields: Any) -> LedgerEntry:
    """Return a ledger entry with what matters to a test."""
    return replace(
        LedgerEntry(endpoint=ENDPOINT, session_id=session_id, tag=tag, kernel="kernel-1", created=0.0), **fields
    )


def an_application(
    number: int = 1, state: str = "ACCEPTED", tag: str = "livyguard-0badcafe", **fields: Any
) -> Application:
    """Return an application that carries the tag of one session, and what else matters to a test."""
    tags = frozenset({"livyguard", tag})
    return replace(Application(id=f"application_1700000000000_{number:04}", state=state, tags=tags), **fields)


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self._now += seconds


class FakeLedger:
    """A ledger in memory."""

    fault: str | None = None

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        self._entries = {(entry.endpoint, entry.tag): entry for entry in entries}

    def entries(self) -> Sequence[LedgerEntry]:
        """Return every entry."""
        return list(self._entries.values())

    def record(self, entry: LedgerEntry) -> None:
        """Add or replace the entry of (endpoint, tag)."""
        self._entries[entry.endpoint, entry.tag] = entry

    def forget(self, endpoint: str, session_id: int, tag: str) -> None:
        """Drop an entry."""
        entry = self._entries.get((endpoint, tag))
        if entry is not None and entry.session_id in {session_id, UNTOLD}:
            del self._entries[endpoint, tag]


class _Scripted:
    """A fake that notes each call, raises what a test has planned for it, and lets things happen after it."""

    faults: dict[str, list[LivyguardError]]
    calls: list[tuple[str, Any]]
    after: dict[str, Any]

    def asked(self, method: str) -> list[Any]:
        """Return the arguments of every call of a method."""
        return [argument for name, argument in self.calls if name == method]

    def _called(self, method: str, argument: Any) -> None:
        self.calls.append((method, argument))
        if self.faults.get(method):
            raise self.faults[method].pop(0)

    def _done(self, method: str, answer: Answer) -> Answer:
        if method in self.after:
            self.after.pop(method)(self)
        return answer


@dataclass(eq=False)
class FakeStore(_Scripted):
    """A Livy in memory.

    Attributes:
        listed: its sessions by id; a test may change them between two calls.
        next_id: of the session that is created next, at least; 0 again where Livy restarts without recovery.
        statements: the last statement of a session.
        refused: ids whose DELETE, log and statements Livy's access control refuses.
        faults: what the next call of a method raises, by its name: ``{"delete": [error]}``.
        calls: every call, as ``(method, argument)``.
        after: run after a call of a method, by its name; for what happens in between.
    """

    listed: dict[int, Session] = field(default_factory=dict)
    next_id: int = 0
    endpoint: str = ENDPOINT
    authenticated_user: str | None = None
    statements: dict[int, StatementTimes] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    faults: dict[str, list[LivyguardError]] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, *sessions: Session, **fields: Any) -> FakeStore:
        """Return a Livy that lists the sessions."""
        store = cls(**fields)
        store.listed = {session.id: replace(session, endpoint=store.endpoint) for session in sessions}
        return store

    def check_login(self) -> None:
        """Pass, unless ``faults`` holds something for it."""
        if self.faults.get("check_login"):
            self._called("check_login", None)

    def sessions(self) -> list[Session]:
        """List every session."""
        self._called("sessions", None)
        return self._done("sessions", [self.listed[number] for number in sorted(self.listed)])

    def session(self, session_id: int) -> Session:
        """Read one session. Raises SessionNotFound."""
        self._called("session", session_id)
        if session_id not in self.listed:
            raise self._not_found(session_id)
        return self._done("session", self.listed[session_id])

    def create(self, body: Mapping[str, Any]) -> Created:
        """Register a session under the next number, in state ``starting``."""
        self._called("create", dict(body))
        number = max(self.next_id, max(self.listed, default=-1) + 1)
        self.next_id = number + 1
        sizes = bearing(body)
        conf = body.get("conf") or {}
        tags = frozenset(tag for tag in str(conf.get("spark.yarn.tags", "")).split(",") if tag.startswith("livyguard"))
        session = Session(
            endpoint=self.endpoint,
            id=number,
            state="starting",
            kind=body.get("kind"),
            name=body.get("name"),
            login=self.authenticated_user,
            proxy_user=body.get("proxyUser"),
            tags=tags,
            tells_tags=bool(conf),
            sizes=sizes,
            ceiling=ceiling_of(sizes, {}),
        )
        self.listed[number] = session
        answer = {**body, "id": number, "state": "starting", "owner": session.login, "appId": None, "log": []}
        return self._done("create", Created(session, answer))

    def adopt(self, tag: str) -> Created | None:
        """Find the session that carries the tag."""
        self._called("adopt", tag)
        for session in self.listed.values():
            if tag in session.tags:
                answer = {"id": session.id, "state": session.state, "owner": session.login, "appId": session.app_id}
                return self._done("adopt", Created(session, answer))
        return self._done("adopt", None)

    def delete(self, session_id: int) -> bool:
        """Delete; False if it was gone already. Raises AccessRefused."""
        self._called("delete", session_id)
        self._check(session_id)
        return self._done("delete", self.listed.pop(session_id, None) is not None)

    def log_tail(self, session_id: int, size: int = 100) -> list[str]:
        """Return no lines."""
        self._called("log_tail", session_id)
        self._check(session_id)
        return self._done("log_tail", [])[:size]

    def last_statement(self, session_id: int) -> StatementTimes | None:
        """Return what the test put into ``statements``."""
        self._called("last_statement", session_id)
        if session_id not in self.listed:
            raise self._not_found(session_id)
        if session_id in self.refused:
            return None
        return self._done("last_statement", self.statements.get(session_id))

    def _check(self, session_id: int) -> None:
        if session_id in self.refused:
            raise AccessRefused(403, "", url=f"{self.endpoint}/sessions/{session_id}")

    def _not_found(self, session_id: int) -> LivyAnswer:
        message = f"Session '{session_id}' not found."
        return SessionNotFound(404, message, url=f"{self.endpoint}/sessions/{session_id}")


@dataclass(eq=False)
class FakeYarn(_Scripted):
    """A cluster in memory, and the only one there is: both a ``ClusterView`` and the ``Clusters`` that lead to it.

    Attributes:
        running: its applications by id; a test may change them between two calls.
        is_configured: whether the policy names its ResourceManager.
        manager_is_yarn: what the policy says of the cluster's manager.
        dies_after: how many looks after a kill an application still lives.
        policy: what the policy says of the cluster.
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

    def holders(self, store: SessionStore) -> FakeYarn | None:
        """Return this cluster, if it is configured."""
        return self.view(store)

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


class RecordingDisplay:
    """A display that keeps what it was told to show."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.notices: list[str] = []
        self.hints: list[Hint] = []
        self.reports: list[ReleaseReport] = []
        self.lines: list[RecordingProgress] = []
        self.plans: list[list[int]] = []
        self.starts: list[RecordingStart] = []

    def denial(self, decision: Decision) -> str:
        """Return the refusal's properties in one line."""
        refused = ", ".join(violation.property for violation in decision.violations)
        return f"denied: {refused}"

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return the text and the hints' codes."""
        return "\n".join([text, *(hint.code for hint in hints)])

    def decision(self, decision: Decision) -> None:
        """Keep a decision."""
        self.decisions.append(decision)

    def notice(self, text: str) -> None:
        """Keep a sentence."""
        self.notices.append(text)

    def hint(self, hint: Hint) -> None:
        """Keep a hint."""
        self.hints.append(hint)

    def freeing(self, entry: LedgerEntry) -> str:
        """Return the magic that frees a session."""
        return f"`%livy_release {entry.session_id}`"

    def releasing(self, rows: Sequence[SessionRow]) -> None:
        """Keep which sessions are about to be freed."""
        self.plans.append([row.id for row in rows])

    def released(self, report: ReleaseReport) -> None:
        """Keep a report."""
        self.reports.append(report)

    def progress(self) -> RecordingProgress:
        """Return a line that keeps what it said."""
        self.lines.append(RecordingProgress())
        return self.lines[-1]

    def starting(self) -> RecordingStart:
        """Return a line that keeps what it said of a start."""
        self.starts.append(RecordingStart())
        return self.starts[-1]


class RecordingStart:
    """A line on one start that keeps what it said."""

    def __init__(self) -> None:
        self.said: list[Start] = []
        self.ended: Start | None = None

    def show(self, start: Start) -> None:
        """Keep how it is going."""
        self.said.append(start)

    def close(self, start: Start) -> None:
        """Keep how it ended."""
        self.ended = start


class RecordingProgress:
    """A line that keeps what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.is_closed = False

    def show(self, text: str) -> None:
        """Keep what is said."""
        self.said.append(text)

    def close(self) -> None:
        """Say nothing more."""
        self.is_closed = True
