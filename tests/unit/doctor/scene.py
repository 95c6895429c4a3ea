"""A chain in which everything is as it should be, for tests that break one link of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from livyguard.doctor.examination import Doctor, Seconds
from livyguard.doctor.ports import (
    Certificate,
    GuardFacts,
    KernelFacts,
    LedgerFacts,
    LivyVersion,
    Manager,
    Page,
    QueueFacts,
    Server,
    Settings,
    SpecFacts,
    StartupFile,
)
from livyguard.policy.identity import Identity
from livyguard.policy.model import Policy, parse
from livyguard.testing import FakeClock, a_session

if TYPE_CHECKING:
    from livyguard.doctor.model import Report

URL = "https://livy.example.com:8998"
NOW = 1_000_000.0
DAY = 86_400.0
KERNELS = KernelFacts("0.23.0", (SpecFacts("pysparkkernel", "python", has_livyguard=True),))
GUARD = GuardFacts(is_guarding=True, is_sparkmagic_loaded=True)
LEDGER = LedgerFacts("/home/alice/.local/state/livyguard", pages=1)
CERTIFICATE = Certificate("TLSv1.3", NOW + 200 * DAY)
READ_AGAIN = AssertionError("the first page was the whole listing")
VERSION = LivyVersion("0.9.0-incubating")
CLUSTER = Manager("the ResourceManager http://rm:8088", "3.3.6", 10, 40 * 1024)
KEYS = frozenset({"id", "name", "conf", "ttl", "idleTimeout"})
POLICY = """
version = 1
[defaults.limits]
"executors.max" = { max = 4, default = 2 }
[[tenant]]
name = "analysts"
users = ["alice"]
[tenant.limits]
"executors.max" = { max = 8, default = 5 }
"""


def policy(text: str = POLICY) -> Policy:
    return parse(text, source="policy.toml")


def _of(value: Any) -> Any:
    """Return a planned answer: raise an exception, run a function, hand out anything else."""
    if isinstance(value, BaseException):
        raise value
    return value() if callable(value) else value


@dataclass
class Here:
    """This machine; a field may be an exception or a function."""

    said_settings: Any = field(
        default_factory=lambda: Settings(
            "/home/alice/.sparkmagic/config.json", endpoints=(("PySpark", URL, "Kerberos"),)
        )
    )
    said_kernels: Any = KERNELS
    said_startup_files: Any = (StartupFile("/opt/venv/etc/ipython/startup/50-livyguard.py", ("strict",)),)
    said_guard: Any = GUARD
    said_policy: Any = field(default_factory=policy)
    said_policy_places: Any = (("policy.toml",), ("/etc/livyguard",))
    said_is_laptop: Any = False
    said_ledger: Any = LEDGER

    def __getattr__(self, name: str) -> Any:
        if f"said_{name}" not in {each.name for each in fields(self)}:
            raise AttributeError(name)
        return lambda: _of(getattr(self, f"said_{name}"))


@dataclass
class Network:
    via: str | None = None
    said_resolve: Any = ("10.0.0.7",)
    said_connect: Any = None
    said_handshake: Any = CERTIFICATE

    def resolve(self) -> Any:
        return _of(self.said_resolve)

    def connect(self) -> Any:
        return _of(self.said_connect)

    def handshake(self) -> Any:
        return _of(self.said_handshake)


@dataclass
class Livy:
    said_page: Any = field(
        default_factory=lambda: Page(
            (a_session(1, login="alice", tells_login=True), a_session(2, login="bob", tells_login=True)), 2, keys=KEYS
        )
    )
    said_sessions: Any = READ_AGAIN
    said_version: Any = VERSION
    said_header: Any = False
    said_skew: Any = 0.4
    said_ticket: Any = 8 * 3600.0
    user: str | None = "alice"

    def page(self) -> Any:
        return _of(self.said_page)

    def sessions(self) -> Any:
        return _of(self.said_sessions)

    def version(self) -> Any:
        return _of(self.said_version)

    def wants_header(self) -> Any:
        return _of(self.said_header)

    def skew(self) -> Any:
        return _of(self.said_skew)

    def ticket_seconds(self) -> Any:
        return _of(self.said_ticket)

    def login(self) -> str | None:
        return self.user


@dataclass
class ResourceManager:
    place: str = "the ResourceManager http://rm:8088"
    said_info: Any = CLUSTER
    said_queues: Any = (QueueFacts("root.default", "RUNNING", 0.5, 20 * 1024, 0), QueueFacts("root.dev", "RUNNING"))
    said_skew: Any = -0.3

    def info(self) -> Any:
        return _of(self.said_info)

    def queues(self) -> Any:
        return _of(self.said_queues)

    def skew(self) -> Any:
        return _of(self.said_skew)


def a_server(
    network: Network | None = None,
    livy: Livy | None = None,
    manager: Any = None,
    **changes: Any,
) -> Server:
    served = ResourceManager() if manager is None else manager
    server = Server(
        url=URL,
        source="config.json",
        network=network or Network(),
        livy=livy or Livy(),
        manager=lambda: _of(served) if isinstance(served, BaseException) else served,
        who=lambda: Identity("alice", "reported", "the login"),
        queue=lambda: None,
        mine=lambda session: None if session.owner is None else session.owner == "alice",
    )
    return replace(server, **changes)


def examine(
    here: Here | None = None, *servers: Server, seconds: Seconds | None = None, progress: Any = None, **changes: Any
) -> Report:
    """Make the round; the changes are those of the one server, where none is given."""
    wanted = list(servers) or [a_server(**changes)]
    doctor = Doctor(here or Here(), lambda: wanted, FakeClock(NOW), progress, seconds or Seconds())
    return doctor.examine()


def check(name: str, here: Here | None = None, **changes: Any) -> Any:
    """Make the round, and return one check of it."""
    (found,) = [each for each in examine(here, **changes).checks if each.name == name]
    return found


def hangs() -> None:
    """Do not answer before long after any test has ended."""
    threading.Event().wait(30)
