"""A Livy that tells users apart and refuses much, one notebook in front of it, and the session that it has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.live.people import Desk, Person, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.lab import Kernel

__all__ = ["FORBIDDEN", "OPTIONS", "desk_of", "ends", "running", "session"]

#: What the operator does not let anybody set.
FORBIDDEN = "spark.executor.extraJavaOptions"
OPTIONS = LivyOptions(
    users=True,
    access_control=True,
    csrf=True,
    conf={
        "livy.server.access-control.allowed-users": "alice,bob,admin",
        "livy.server.heartbeat-watchdog.interval": "1s",
        # Livy looks once a minute: what has ended is there for a cell or two, and gone with the next look.
        "livy.server.session.state-retain.sec": "10s",
        "livy.server.session.ttl-check": "true",
    },
)


@contextmanager
def running(options: LivyOptions, home: Path, folder: Path) -> Iterator[LivyServer]:
    """Run a Livy whose sessions have all ended when it does.

    Args:
        options: how it runs; it has users.
        home: an unpacked Livy.
        folder: its own.
    """
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-blacklist.conf").write_text(f"{FORBIDDEN}\n")
    with LivyServer(options, home, folder) as server:
        yield server
        admin = Person(server, "admin")
        for number in admin.sessions():
            admin.delete(number)
        server.end_drivers()


@contextmanager
def desk_of(folder: Path, url: str, **settings: Any) -> Iterator[Desk]:
    """Yield alice's machine; SparkMagic asks for no session between two cells.

    Args:
        folder: her home.
        url: of the Livy, or of what stands before it.
        settings: more of SparkMagic's config.json.
    """
    desk = Desk(folder, url)
    patience: Mapping[str, Any] = {
        "livy_server_heartbeat_timeout_seconds": 0,
        "livy_session_startup_timeout_seconds": 300,
    }
    desk.configure(custom_headers={"X-Requested-By": "sparkmagic"}, **patience, **settings)
    yield desk
    desk.stop()


def session(notebook: Kernel, admin: Person) -> int:
    """Let the notebook have a session, and return its number."""
    before = set(admin.sessions())
    notebook.fine("kept = 1")
    (number,) = set(admin.sessions()) - before
    return number


def ends(admin: Person, number: int) -> None:
    """Wait until Livy knows a session no longer."""
    until(lambda: number not in admin.sessions())
