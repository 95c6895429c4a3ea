"""What the use cases need of the world, as Protocols: adapters implement them, tests bring fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from livyguard.capacity.namespace import NamespaceRoom
    from livyguard.capacity.queue import QueueRoom
    from livyguard.hints.model import Hint
    from livyguard.hints.start import Start
    from livyguard.policy.decision import Decision
    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Cluster, Policy
    from livyguard.policy.record import DecisionRecord
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import LedgerEntry, Session, StatementTimes
    from livyguard.sessions.outcome import ReleaseReport
    from livyguard.sessions.rows import SessionRow

__all__ = [
    "Clock",
    "ClusterView",
    "Clusters",
    "Created",
    "DecisionLog",
    "Display",
    "Holders",
    "IdentitySource",
    "Ledger",
    "Pods",
    "PolicySource",
    "Progress",
    "SessionStore",
    "StartLine",
    "Whose",
]


@dataclass(frozen=True, slots=True)
class Created:
    """A session that Livy has registered.

    Attributes:
        session: as livyguard sees it.
        answer: Livy's own JSON, for SparkMagic.
    """

    session: Session
    answer: Mapping[str, Any]


class SessionStore(Protocol):
    """One Livy endpoint. Every call has connect and read time-outs and raises the errors of ``livyguard.errors``."""

    @property
    def endpoint(self) -> str:
        """URL without a trailing slash."""

    @property
    def authenticated_user(self) -> str | None:
        """The user that the endpoint's authentication names (basic-auth user, Kerberos principal), or None."""

    def check_login(self) -> None:
        """Raise AuthenticationFailed where something is missing to log in with, and Livy wants it. Else asks nobody."""

    def sessions(self) -> list[Session]:
        """List every session, page by page, with GET /sessions only (per-session GETs keep heartbeats alive)."""

    def session(self, session_id: int) -> Session:
        """Read one session. Raises SessionNotFound."""

    def create(self, body: Mapping[str, Any]) -> Created:
        """POST once, never again. Raises LivyAnswer, or EndpointUnreachable with ``may_have_arrived``."""

    def adopt(self, tag: str) -> Created | None:
        """Find the session that carries the tag, after a POST whose answer was lost; None where there is none."""

    def delete(self, session_id: int) -> bool:
        """Delete; True if Livy deleted it, False if it was gone already (404). Raises AccessRefused."""

    def log_tail(self, session_id: int, size: int = 100) -> list[str]:
        """Return the last lines of the session's log (``from=-1``)."""

    def last_statement(self, session_id: int, *, must_ask: bool = False) -> StatementTimes | None:
        """Return the times of the last statement; None where there is none or Livy gives no times (before 0.7).

        Args:
            session_id: Livy's number.
            must_ask: ask a Livy that gives no times as well: it tells by an error that it cannot reach the driver.
        """


class Holders(Protocol):
    """What holds a cluster now. Every call has time-outs and raises ClusterError where it fails."""

    @property
    def place(self) -> str:
        """Return what is asked, in words: ``the ResourceManager http://rm:8088``, ``Kubernetes, namespace spark``."""

    def living(self) -> list[Application]:
        """Return the applications that hold, or wait for, resources; everybody's, in one request."""


class ClusterView(Holders, Protocol):
    """One YARN cluster, by its ResourceManager. Every call has time-outs and raises ClusterError where it fails."""

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications that carry a tag, whatever became of them."""

    def application(self, app_id: str) -> Application | None:
        """Read one application; None for one that YARN does not know, or no longer."""

    def queue(self, name: str, user: str | None) -> QueueRoom | None:
        """Return what a queue has left, of it one user's share, too; None where YARN does not tell."""

    def nodes(self) -> tuple[int, ...] | None:
        """Return what each node that is up has free, MiB; None where YARN does not tell."""

    def kill(self, app_id: str) -> None:
        """Tell YARN to kill an application, once; it is over when :meth:`application` says so."""


class Pods(Holders, Protocol):
    """One namespace of Kubernetes. Every call has time-outs and raises ClusterError where it fails or is refused."""

    @property
    def namespace(self) -> str | None:
        """Return its name; None while nothing tells it."""

    @property
    def requests(self) -> int:
        """Return how many requests were sent so far: a long list takes several."""

    def living_by_page(self) -> Iterator[Sequence[Application] | None]:
        """List what :meth:`living` returns with one request a step: None after each but the last, which has all."""

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications whose driver's pod carries a session's own tag."""

    def application(self, app_id: str) -> Application | None:
        """Read one application's pods; None where it has none any more."""

    def said_of(self, pod: str) -> tuple[str, ...]:
        """Return what the events say of a pod, by its name, oldest first."""

    def quota(self) -> NamespaceRoom:
        """Return what the quotas of the namespace leave."""


class Clusters(Protocol):
    """Which cluster is behind an endpoint, as the policy says."""

    def view(self, store: SessionStore) -> ClusterView | None:
        """Return the cluster; None where the policy names no ResourceManager for it. Raises ClusterError."""

    def holders(self, store: SessionStore) -> Holders | None:
        """Return what tells who holds the cluster, YARN or Kubernetes; None where nothing is configured for it.

        Raises ClusterError.
        """

    def pods(self, store: SessionStore) -> Pods | None:
        """Return the namespace that its sessions run in; None where the cluster is none of Kubernetes.

        Raises ClusterError.
        """

    def described(self, store: SessionStore) -> Cluster | None:
        """Return what the policy says of it; None where it says nothing."""

    def is_yarn(self, store: SessionStore) -> bool | None:
        """Tell whether it is one of YARN; None where the policy does not say."""


class Ledger(Protocol):
    """This machine's record of the sessions that it created; one small file a kernel."""

    @property
    def fault(self) -> str | None:
        """Why it is kept in memory only, one sentence; None while it is written."""

    def entries(self) -> Sequence[LedgerEntry]:
        """Return every entry of every kernel on this machine for this user."""

    def record(self, entry: LedgerEntry) -> None:
        """Add or replace the entry of (endpoint, tag) in this kernel's file."""

    def forget(self, endpoint: str, session_id: int, tag: str) -> None:
        """Drop an entry, whichever kernel wrote it."""


class PolicySource(Protocol):
    """Where the policy comes from."""

    def policy(self) -> Policy | None:
        """Return the policy in force; None if there is none. Raises InvalidPolicy where none was ever valid."""


class IdentitySource(Protocol):
    """Who is asking, at one endpoint."""

    def who(self, store: SessionStore) -> Identity:
        """Return the best known identity; ``reported`` outranks ``claimed``."""


class DecisionLog(Protocol):
    """Where an operator reads what was asked and what was given."""

    def record(self, record: DecisionRecord) -> str | None:
        """Write one decision where the policy asks for it; return why that was not possible, else None."""


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Return seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class NotebookSession:
    """A session that this notebook uses.

    Attributes:
        name: SparkMagic's name for it; ``session_name`` in the wrapper kernels.
        session_id: Livy's number.
        store: the endpoint it lives on.
        entry: what was noted when it was created here; None for one that SparkMagic did not create through the guard.
        again: the magic that starts it again, ``%spark add -s one …``; None where the next cell does that by itself.
    """

    name: str
    session_id: int
    store: SessionStore
    entry: LedgerEntry | None = None
    again: str | None = None


class Notebook(Protocol):
    """What SparkMagic holds in this kernel."""

    def sessions(self) -> list[NotebookSession]:
        """Return the sessions that cells of this notebook run in."""

    def stores(self) -> list[SessionStore]:
        """Return the endpoints that SparkMagic knows in this kernel, the notebook's own first."""

    def failed_start(self) -> str | None:
        """Return the error of a failed start that SparkMagic repeats in every cell; None if there is none."""

    def forget(self, session: NotebookSession) -> None:
        """Make SparkMagic forget a session, without a word to Livy; the next cell starts afresh, settings kept."""

    def forget_failed_start(self) -> None:
        """Let the next cell try again."""


class Whose(TypedDict):
    """What tells whose sessions are, beside the ledger; the keyword arguments of the listing and the release.

    Attributes:
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation.
        shared_accounts: log-ins that name nobody.
        logins: who we are at an endpoint, in Livy's own words.
    """

    this: Mapping[tuple[str, int], LedgerEntry | None]
    shared_accounts: frozenset[str]
    logins: Mapping[str, str]


class Progress(Protocol):
    """One line that says how far a command is; it appears once the command has taken a second. Never raises.

    Called from the thread that runs the command alone.
    """

    def show(self, text: str) -> None:
        """Say how far it is; takes the place of what was said before."""

    def close(self) -> None:
        """Leave the last state as it is, or take the line away where it would stand in the way; once or often."""


class StartLine(Protocol):
    """How a start is going, in one place that is updated; it appears once the start has taken a second. Never raises.

    Called from the thread that waits for the session alone.
    """

    def show(self, start: Start) -> None:
        """Say how it is going, in place of what was said before."""

    def close(self, start: Start) -> None:
        """Leave how it ended, or take the line away where it would stand in the way; once or often."""


class Display(Protocol):
    """What the person sees while a use case works. Never raises, never waits for input."""

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal: every violation, and the nearest request that would pass."""

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return the text of a failure: what happened, then the best hint with its fixes."""

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given; nothing for an allow that changes nothing."""

    def notice(self, text: str) -> None:
        """Show one sentence."""

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""

    def freeing(self, entry: LedgerEntry) -> str:
        """Return what a person runs to free a session, in backticks."""

    def releasing(self, rows: Sequence[SessionRow]) -> None:
        """Show what is about to be freed."""

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed and what was not."""

    def progress(self) -> Progress:
        """Return a line for one command."""

    def starting(self) -> StartLine:
        """Return what says how one start is going."""
