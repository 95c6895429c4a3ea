"""What the doctor is told of machine, network, Livy and cluster, and who tells it. Nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Policy
    from livyguard.sessions.model import LedgerEntry, Session

__all__ = [
    "Certificate",
    "GuardFacts",
    "Here",
    "KernelFacts",
    "LedgerFacts",
    "LivyProbe",
    "LivyVersion",
    "Manager",
    "ManagerProbe",
    "NetworkProbe",
    "Page",
    "QueueFacts",
    "Server",
    "Settings",
    "SpecFacts",
    "StartupFile",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """SparkMagic's config.json.

    Attributes:
        file: where it is looked for.
        is_there: whether it exists; SparkMagic goes without.
        fault: why it cannot be used, one sentence.
        endpoints: ``(languages, URL, how it is logged in to)``, without passwords.
        names_none: it names no Livy, so that SparkMagic's own default is asked.
        verifies: whether certificates are looked at (``ignore_ssl_errors`` is not set).
        says_who_asks: whether ``custom_headers`` hold ``X-Requested-By``.
        heartbeat: seconds after which Livy ends a session that nobody asks for; 0 for never.
        refresh: seconds between two heartbeats.
    """

    file: str
    is_there: bool = True
    fault: str | None = None
    endpoints: tuple[tuple[str, str, str], ...] = ()
    names_none: bool = False
    verifies: bool = True
    says_who_asks: bool = False
    heartbeat: float = 60.0
    refresh: float = 30.0


class SpecFacts(NamedTuple):
    """One of SparkMagic's kernels as Jupyter lists it.

    Attributes:
        interpreter: what runs it; empty for whatever runs Jupyter.
        has_livyguard: None where nobody can tell.
    """

    name: str
    interpreter: str
    has_livyguard: bool | None


@dataclass(frozen=True, slots=True)
class KernelFacts:
    """Attributes: SparkMagic's version, None where it is not installed; its kernels; the folder of its PySpark one."""

    sparkmagic: str | None
    specs: tuple[SpecFacts, ...] = ()
    folder: str = "SITE-PACKAGES/sparkmagic/kernels/pysparkkernel"


class StartupFile(NamedTuple):
    """A start-up file of livyguard's.

    Attributes:
        options: in words: ``strict``.
        is_current: whether it is this version's.
    """

    file: str
    options: tuple[str, ...] = ()
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """The guard in this kernel.

    Attributes:
        is_guarding: every creation is judged.
        is_sparkmagic_loaded: else it waits for it.
        faults: what of SparkMagic is not as it should be.
        covered: methods that somebody else has put something over, after the guard.
    """

    is_guarding: bool
    is_sparkmagic_loaded: bool
    faults: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """This machine's record.

    Attributes:
        fault: why nothing can be written there, the end of a sentence.
        pages: how many files.
        broken: names of those that cannot be read.
        foreign: names of those that others own or may write to.
        entries: what they hold.
    """

    folder: str
    fault: str | None = None
    pages: int = 0
    broken: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    entries: tuple[LedgerEntry, ...] = ()


class Here(Protocol):
    """This machine and this kernel. Each call may raise anything; none changes anything."""

    def settings(self) -> Settings:
        """Return what SparkMagic's config.json says."""

    def kernels(self) -> KernelFacts:
        """Return SparkMagic and its kernels."""

    def startup_files(self) -> Sequence[StartupFile]:
        """Return livyguard's start-up files."""

    def guard(self) -> GuardFacts | None:
        """Return the guard of this kernel; None outside of one."""

    def policy(self) -> Policy | None:
        """Return the policy in force. Raises InvalidPolicy."""

    def policy_places(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the files in force, and where files are looked for."""

    def is_laptop(self) -> bool:
        """Tell whether this machine runs on a battery, so that it sleeps."""

    def ledger(self) -> LedgerFacts:
        """Return the ledger."""


class Certificate(NamedTuple):
    """A server's.

    Attributes:
        protocol: ``TLSv1.3``.
        until: seconds since the epoch; None where it was not looked at.
    """

    protocol: str
    until: float | None


class NetworkProbe(Protocol):
    """The way to one server. Each call raises EndpointUnreachable where it fails."""

    via: str | None
    """The proxy on the way, ``proxy.example.com:3128``."""

    def resolve(self) -> Sequence[str]:
        """Return the addresses of the server, or of the proxy."""

    def connect(self) -> None:
        """Open a connection, and close it."""

    def handshake(self) -> Certificate | None:
        """Shake hands; None where an operator's own transport does that, which nobody else can."""


@dataclass(frozen=True, slots=True)
class Page:
    """Livy's listing, or the beginning of it.

    Attributes:
        total: how many sessions there are.
        with_log: ids of those whose log is shown.
        keys: of a listed session; empty without one.
    """

    sessions: tuple[Session, ...]
    total: int
    with_log: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()


class LivyVersion(NamedTuple):
    """What ``/version`` says; None where it says nothing."""

    version: str | None
    branch: str | None = None


class LivyProbe(Protocol):
    """One Livy. Each call raises the errors of ``livyguard.errors``."""

    def page(self) -> Page:
        """Return the first page of the listing."""

    def sessions(self) -> Sequence[Session]:
        """Return the whole listing."""

    def version(self) -> LivyVersion:
        """Return what it says of itself."""

    def wants_header(self) -> bool | None:
        """Tell whether it wants ``X-Requested-By``; None where its answer does not tell.

        Raises:
            LivyAnswer: it wants it, and the header that is sent does not arrive.
        """

    def skew(self) -> float | None:
        """Return how many seconds its clock is ahead of ours, by the last answer; None without one."""

    def ticket_seconds(self) -> float | None:
        """Return how long the Kerberos ticket lasts; None where none is used."""

    def login(self) -> str | None:
        """Return as whom it is asked; None without a log-in."""


class Manager(NamedTuple):
    """A ResourceManager, or what stands for it.

    Attributes:
        place: what is asked, in words.
        version: of Hadoop.
        active_nodes: None where it is not told.
    """

    place: str
    version: str | None = None
    active_nodes: int | None = None
    free_mib: int | None = None


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue of YARN's.

    Attributes:
        path: ``root.users``.
        state: ``RUNNING``; None where it is not told.
        used_share: of what it may ever have, 0 to 1.
        free_mib: what it may still have; None where it is not told.
        pending: applications that wait.
    """

    path: str
    state: str | None = None
    used_share: float | None = None
    free_mib: int | None = None
    pending: int | None = None


class ManagerProbe(Protocol):
    """What runs the cluster. Each call raises ClusterError."""

    @property
    def place(self) -> str:
        """What is asked, in words; asks nobody."""

    def info(self) -> Manager:
        """Ask whether it is there."""

    def queues(self) -> Sequence[QueueFacts]:
        """Return the queues that take applications; none where it knows no queues."""

    def skew(self) -> float | None:
        """Return how many seconds its clock is ahead of ours, by the last answer."""


@dataclass(frozen=True, slots=True)
class Server:
    """One Livy, and what leads to it and stands behind it.

    Attributes:
        url: without login.
        source: what named it, in words.
        manager: what runs the cluster; None where the policy does not say. Raises ClusterError.
        who: who is asking there.
        queue: the queue that a session without settings would go to; None for YARN's own default.
        mine: tells whether a session is mine; None where nothing proves either.
        is_operator: the policy lets us free other people's sessions.
    """

    url: str
    source: str
    network: NetworkProbe
    livy: LivyProbe
    manager: Callable[[], ManagerProbe | None]
    who: Callable[[], Identity]
    queue: Callable[[], str | None]
    mine: Callable[[Session], bool | None]
    is_operator: Callable[[], bool] = field(default=lambda: False)
