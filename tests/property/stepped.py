"""Creators of sessions that go on when a test says so, one call of the outside world at a time.

Each runs ``Guard.create`` in a thread of its own. Every call of Livy, of the ResourceManager and of the ledger first
waits for its turn and is then carried out at once, while all others stand still. So whoever gives the turns chooses
the interleaving: nothing depends on time or on the machine's scheduler.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from livyguard.admission import Admission
from livyguard.applications import Applications
from livyguard.errors import AccessRefused, ClusterError, EndpointUnreachable, LivyAnswer
from livyguard.guard import Guard
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.identity import Identity
from livyguard.ports import Created
from livyguard.quotas import Quotas
from livyguard.sessions.application import Application, unique_tags
from livyguard.sessions.model import ABANDONED, ENDED, STARTING, Session
from livyguard.testing import FakeClock, FakeLedger, FakeStore, FakeYarn, RecordingDisplay
from livyguard.withdrawal import Withdrawal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livyguard.policy.model import Policy
    from livyguard.policy.record import DecisionRecord
    from livyguard.ports import Whose
    from livyguard.sessions.model import LedgerEntry

__all__ = ["Creator", "Kernel", "Killed", "Livy", "Turn"]

#: Seconds after which a creator that does not come to its next call is stuck; none ever waits that long.
STUCK = 60.0
QUIET = {"last_statement", "log_tail", "check_login"}


class Killed(BaseException):
    """The kernel is gone, as by SIGKILL: nothing of the product catches it, and nothing it does later counts."""


class Turn(Enum):
    """What becomes of a creator's next call."""

    WELL = "is answered"
    REFUSED = "finds nobody who listens"
    LOST = "is lost on its way"
    CUT = "is carried out, and its answer is lost"
    LATE = "is carried out after a while, and its answer is lost"
    FAILED = "is answered with a 5xx"
    INTERRUPTED = "is interrupted before it is made"
    LEFT = "is interrupted when it has been carried out"
    KILLED = "is never made: the kernel is killed"
    ORPHANED = "is carried out, and the kernel is killed"


#: Whose call comes to nothing, or loses its answer.
FAULTS = (Turn.REFUSED, Turn.LOST, Turn.CUT, Turn.LATE, Turn.FAILED)
INTERRUPTS = (Turn.INTERRUPTED, Turn.LEFT)
KILLS = (Turn.KILLED, Turn.ORPHANED)


@dataclass(eq=False)
class Livy:
    """One Livy server and the YARN behind it, whoever talks to them.

    Attributes:
        logs_in: it knows who asks, tells owners, and lets nobody delete what is another's.
        listed: its sessions by number.
        next: the number of the next session.
        running: YARN's applications by id.
        is_down: nobody can reach it.
        is_yarn_down: nobody can reach the ResourceManager.
        starts: how often it was started anew with nothing left.
        coming: what happens later: when, seconds, and what.
    """

    logs_in: bool
    clock: FakeClock = field(default_factory=FakeClock)
    listed: dict[int, Session] = field(default_factory=dict)
    next: int = 0
    running: dict[str, Application] = field(default_factory=dict)
    is_down: bool = False
    is_yarn_down: bool = False
    starts: int = 0
    coming: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    endpoint = "http://livy.example.com:8998"

    def catch_up(self) -> None:
        """Let happen what is due by now."""
        due = sorted((one for one in self.coming if one[0] <= self.clock.now()), key=lambda one: one[0])
        self.coming = [one for one in self.coming if one[0] > self.clock.now()]
        for _, happens in due:
            happens()

    def later(self, seconds: float, happens: Callable[[], object]) -> None:
        """Let something happen once so much time has passed."""
        self.coming.append((self.clock.now() + seconds, happens))

    def register(self, body: Mapping[str, Any], login: str | None, delay: float) -> dict[str, Any]:
        """Register a session; YARN has its application after a while. Returns what Livy answers to the POST."""
        number, self.next = self.next, self.next + 1
        answer = {**body, "id": number, "state": "starting", "owner": login, "appId": None, "log": []}
        session = session_from(answer, self.endpoint)
        assert session is not None
        self.listed[number] = session
        app_id = f"application_17{self.starts:02}_{number:04}"
        tags = session.tags | {f"livy-session-{number}-abcdefgh"}
        self.later(delay, lambda: self.running.setdefault(app_id, Application(app_id, "ACCEPTED", tags)))
        self.catch_up()
        return answer

    def application_of(self, session: Session) -> Application | None:
        """Return what YARN has of a session."""
        return next((one for one in self.running.values() if set(unique_tags(session.tags)) & one.tags), None)

    def end_application(self, session: Session) -> None:
        """Let YARN end what a session has there."""
        application = self.application_of(session)
        if application is not None:
            self.running[application.id] = replace(application, state="KILLED")

    def take_away(self, number: int) -> bool:
        """Delete a session; one that has come up takes its application along, one that starts leaves it to YARN."""
        session = self.listed.pop(number, None)
        if session is not None and session.state not in STARTING:
            self.end_application(session)
        return session is not None

    def come_up(self, number: int) -> None:
        """Let a session go idle."""
        session = self.listed[number]
        application = self.application_of(session)
        if session.state in STARTING and application is not None and not application.is_over:
            self.running[application.id] = replace(application, state="RUNNING")
            self.listed[number] = replace(session, state="idle", app_id=application.id)

    def die(self, number: int, state: str | None) -> None:
        """Let a session end by itself; None: it vanishes. One that is in error keeps its driver."""
        session = self.listed[number]
        if state is None:
            del self.listed[number]
        else:
            self.listed[number] = replace(session, state=state)
        if state is None or state in ENDED:
            self.end_application(session)
            tags = set(unique_tags(session.tags))
            self.coming.append((self.clock.now() + 3.0, lambda: self._end_tagged(tags)))

    def _end_tagged(self, tags: set[str]) -> None:
        for application in list(self.running.values()):
            if tags & application.tags:
                self.running[application.id] = replace(application, state="KILLED")

    def restart(self, *, recovers: bool) -> None:
        """Start anew: with every session ``recovering``, or with none and numbers from 0; YARN notices nothing."""
        self.is_down = False
        if recovers:
            for number, session in list(self.listed.items()):
                if session.state not in ENDED | ABANDONED:
                    self.listed[number] = replace(session, state="recovering")
        else:
            self.listed.clear()
            self.next = 0
            self.starts += 1


class Kernel:
    """One notebook's kernel: a guard with its real collaborators, on ports that wait for their turn.

    Args:
        livy: the server.
        user: who works in it.
        ledger: of their machine; shared with the kernels of the same.
        policy: in force.
        name: of the kernel.
    """

    def __init__(self, livy: Livy, user: str, ledger: FakeLedger, policy: Policy, name: str) -> None:
        self.livy, self.user, self.ledger, self.name = livy, user, ledger, name
        self.creator: Creator | None = None
        self.creators: list[Creator] = []
        self.is_dead = False
        self.display = RecordingDisplay()
        self._policy = policy
        clock, yarn, page = livy.clock, _Yarn(self), _Ledger(self)
        self.store = _Store(self)
        self.journal = Journal(page, clock)
        self.guard = Guard(
            admission=Admission(self, self, Quotas(page, clock, yarn, self.whose), clock),
            withdrawal=Withdrawal(self.journal, Applications(yarn, page, clock), self.display, clock),
            journal=self.journal,
            display=self.display,
            clock=clock,
            kernel=name,
            decisions=self,
        )

    def __repr__(self) -> str:
        return self.name

    @property
    def is_free(self) -> bool:
        """Can another cell be run in it?"""
        return not self.is_dead and (self.creator is None or self.creator.is_over)

    def policy(self) -> Policy:
        """Return the policy in force; a kernel is its own PolicySource."""
        return self._policy

    def who(self, store: object) -> Identity:
        """Return who works here; a kernel is its own IdentitySource."""
        return Identity(self.user, "reported" if self.livy.logs_in else "claimed", "a test")

    def record(self, record: DecisionRecord) -> None:
        """Write nothing down; a kernel is its own DecisionLog."""

    def whose(self, store: object) -> Whose:
        """Return what tells whose sessions are, beside the ledger."""
        login = self.journal.login(self.store)
        logins = {} if login is None else {self.livy.endpoint: login}
        return {"this": {}, "shared_accounts": SHARED_ACCOUNTS, "logins": logins}


class Creator:
    """One ``Guard.create``, in a thread of its own; begins at once and stands at its first call when this returns.

    Args:
        kernel: in which it runs.
        executors: how many it asks for, at most and from the start.
        delay: seconds until YARN has the application of its session.
        name: of the creator.

    Attributes:
        waits_for: the call that it is about to make; None while it runs, and when it is over.
        calls: every call that it has made, and what became of each.
        created: what it was given; None where it got no session.
        fault: why not.
        tags: those of the sessions that it has asked for.
        numbers: those that Livy gave these sessions.
        has_lost_sight: Livy was started anew since it last saw its session there.
    """

    def __init__(self, kernel: Kernel, executors: int, delay: float, name: str) -> None:
        self.kernel, self.executors, self.delay, self.name = kernel, executors, delay, name
        self.waits_for: str | None = None
        self.calls: list[tuple[str, Turn]] = []
        self.created: Created | None = None
        self.fault: BaseException | None = None
        self.tags: set[str] = set()
        self.numbers: list[int] = []
        self.wronged: list[str] = []
        self.is_over = self.is_killed = False
        self.interrupts = 0
        self.livy_faults: list[bool] = []
        self.yarn_faults: list[bool] = []
        self._noticed = len(kernel.display.notices)
        self._turn = Turn.WELL
        self._goes, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        kernel.creator = self
        kernel.creators.append(self)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._wait()

    def __repr__(self) -> str:
        return self.name

    @property
    def message(self) -> str:
        """All that it told, and why it failed."""
        decision = getattr(self.fault, "decision", None)
        gave_way = "" if decision is None else decision.gave_way
        return "\n".join([*self.kernel.display.notices[self._noticed :], gave_way, str(self.fault or "")])

    @property
    def got(self) -> bool:
        """Does somebody have its session?"""
        return self.created is not None

    def is_at(self, call: str) -> bool:
        """Does it stand at a call? ``count`` is the listing after the POST, ``enter`` the ledger's record after it."""
        after = {"count": "livy.sessions", "enter": "ledger.record"}
        return self.waits_for == after.get(call, call) and (call not in after or bool(self.tags))

    def step(self, turn: Turn = Turn.WELL) -> None:
        """Let it make the call that it waits for and go on to the next; returns when it stands there, or is over."""
        assert not self.is_over
        self._turn = turn
        self._goes.release()
        self._wait()

    def end(self) -> None:
        """Kill it, if it is not over."""
        if not self.is_over:
            self.step(Turn.KILLED)
        self._thread.join(STUCK)

    def stand(self, what: str) -> Turn:
        """Wait for the turn to make a call; in the creator's own thread. Returns what becomes of it."""
        if self.is_killed:
            raise Killed
        self.waits_for = what
        self._stands.release()
        self._goes.acquire()
        self.waits_for = None
        self.kernel.livy.catch_up()
        turn = self._turn
        self.calls.append((what, turn))
        self.interrupts += turn in INTERRUPTS
        if turn is Turn.INTERRUPTED:
            raise KeyboardInterrupt
        if turn is Turn.KILLED:
            self._die()
        return turn

    def leave(self, turn: Turn) -> None:
        """Come back from a call that was carried out."""
        if turn is Turn.LEFT:
            raise KeyboardInterrupt
        if turn is Turn.ORPHANED:
            self._die()

    def _die(self) -> None:
        self.is_killed = self.kernel.is_dead = True
        raise Killed

    def _run(self) -> None:
        asked = {
            "kind": "pyspark",
            "numExecutors": self.executors,
            "conf": {"spark.dynamicAllocation.maxExecutors": str(self.executors)},
        }
        try:
            self.created = self.kernel.guard.create(self.kernel.store, asked)
            self.kernel.guard.hand_over()
        except BaseException as fault:  # noqa: BLE001 - whatever a cell can end with
            self.fault = fault
        self.is_over = True
        self._stands.release()

    def _wait(self) -> None:
        if not self._stands.acquire(timeout=STUCK):
            raise AssertionError(f"{self} does not come to its next call, after {self.calls}")


class _Store(FakeStore):
    """What one kernel sees of Livy."""

    def __init__(self, kernel: Kernel) -> None:
        user = kernel.user if kernel.livy.logs_in else None
        super().__init__(listed=kernel.livy.listed, endpoint=kernel.livy.endpoint, authenticated_user=user)
        self._kernel = kernel
        self._turn = Turn.WELL
        self._seen: tuple[int, set[int]] = (-1, set())

    def _called(self, method: str, argument: Any) -> None:
        if method in QUIET:
            return
        creator = self._creator
        turn = self._turn = creator.stand(f"livy.{method}")
        fault = self._fault(method, turn)
        creator.livy_faults.append(fault is not None or turn in FAULTS)
        if fault is not None:
            raise fault

    def _fault(self, method: str, turn: Turn) -> Exception | None:
        if self._kernel.livy.is_down or turn is Turn.REFUSED:
            return EndpointUnreachable("Nobody listens.", self.endpoint)
        if turn is Turn.LOST or (turn is Turn.LATE and method != "create"):
            return EndpointUnreachable("The connection was cut.", self.endpoint, may_have_arrived=True)
        if turn is Turn.FAILED and method in {"create", "delete"}:
            return LivyAnswer(500, "an error", url=self.endpoint)
        return EndpointUnreachable("503 again and again.", self.endpoint) if turn is Turn.FAILED else None

    def _done(self, method: str, answer: Any) -> Any:
        if method in QUIET:
            return answer
        if self._turn is Turn.CUT:
            raise EndpointUnreachable("The answer was cut.", self.endpoint, may_have_arrived=True)
        self._creator.leave(self._turn)
        return answer

    @property
    def _creator(self) -> Creator:
        creator = self._kernel.creator
        assert creator is not None
        return creator

    def sessions(self) -> list[Session]:
        listed = super().sessions()
        self._see(listed)
        return listed

    def session(self, session_id: int) -> Session:
        found = super().session(session_id)
        self._see([found])
        return found

    def adopt(self, tag: str) -> Created | None:
        created = super().adopt(tag)
        self._see(self.listed.values())
        return created

    def _see(self, listed: Any) -> None:
        """Note which numbers are this creator's own, as far as it can know."""
        own = {one.id for one in listed if one.tags & self._creator.tags}
        self._seen = self._kernel.livy.starts, own

    def create(self, body: Mapping[str, Any]) -> Created:
        self._called("create", dict(body))
        livy, creator = self._kernel.livy, self._creator
        creator.tags.update(unique_tags(str(body["conf"]["spark.yarn.tags"]).split(",")))
        if self._turn is Turn.LATE:
            livy.later(2.0, lambda: None if livy.is_down else self._register(body, creator))
            raise EndpointUnreachable("The connection was cut.", self.endpoint, may_have_arrived=True)
        answer = self._register(body, creator)
        session = self.listed[answer["id"]]
        self._seen = livy.starts, {session.id}
        return self._done("create", Created(session, answer))

    def _register(self, body: Mapping[str, Any], creator: Creator) -> dict[str, Any]:
        answer = self._kernel.livy.register(body, self.authenticated_user, creator.delay)
        creator.numbers.append(answer["id"])
        return answer

    def delete(self, session_id: int) -> bool:
        self._called("delete", session_id)
        livy, creator = self._kernel.livy, self._creator
        session = livy.listed.get(session_id)
        own = {tag for each in self._kernel.creators for tag in each.tags}
        if session is not None and not session.tags & own:
            if livy.logs_in and session.login != self._kernel.user:
                raise AccessRefused(403, "", url=self.endpoint)
            if self._seen[0] == livy.starts:  # else Livy was started anew between its last look and this
                creator.wronged.append(f"session {session_id} of somebody else")
        return self._done("delete", livy.take_away(session_id))


class _Yarn(FakeYarn):
    """What one kernel sees of YARN."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(running=kernel.livy.running)
        self._kernel = kernel
        self._turn = Turn.WELL

    def _called(self, method: str, argument: Any) -> None:
        creator = self._kernel.creator
        assert creator is not None
        turn = self._turn = creator.stand(f"yarn.{method}")
        is_lost = self._kernel.livy.is_yarn_down or turn in FAULTS
        creator.yarn_faults.append(is_lost)
        if is_lost and turn is not Turn.CUT:
            raise ClusterError("The ResourceManager does not answer.")

    def _done(self, method: str, answer: Any) -> Any:
        creator = self._kernel.creator
        assert creator is not None
        if self._turn is Turn.CUT:
            raise ClusterError("The ResourceManager's answer was cut.")
        creator.leave(self._turn)
        return answer


class _Ledger(FakeLedger):
    """What one kernel reads and writes of its machine's ledger."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self._entries = kernel.ledger._entries
        self._kernel = kernel

    def _stand(self, what: str) -> Turn:
        creator = self._kernel.creator
        assert creator is not None
        return creator.stand(f"ledger.{what}")

    def entries(self) -> list[LedgerEntry]:
        turn, creator = self._stand("entries"), self._kernel.creator
        assert creator is not None
        creator.leave(turn)
        return list(super().entries())

    def record(self, entry: LedgerEntry) -> None:
        turn, creator = self._stand("record"), self._kernel.creator
        assert creator is not None
        super().record(entry)
        creator.leave(turn)

    def forget(self, endpoint: str, session_id: int, tag: str) -> None:
        turn, creator = self._stand("forget"), self._kernel.creator
        assert creator is not None
        super().forget(endpoint, session_id, tag)
        creator.leave(turn)
