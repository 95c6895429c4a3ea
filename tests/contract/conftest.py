"""The endpoints of the conformance suite: the sandbox, and the real Livy 0.9.0 and 0.8.0, started here.

The real ones run Spark in local mode and tell users apart by ``?user.name=`` without asking for it.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import requests

from livyguard.sandbox import Sandbox
from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.contract.differences import DIFFERENCES
from tests.live.conftest import livy_home, untraced
from tests.live.people import LONG_STARTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Door", "livy_home"]

REAL = ["0.9.0", "0.8.0"]
OPTIONS = LivyOptions(
    users=True,
    anonymous=True,
    conf=LONG_STARTS,
)
PATIENCE = 240.0


class Door:
    """What a statement waits for, for as long as its test wants it to run.

    Args:
        file: that opens it, once it is there.

    Attributes:
        code: of a statement that ends when the door is open; a cancel does not wake Python from its sleep.
        opened: when it was, in epoch milliseconds.
    """

    def __init__(self, file: Path) -> None:
        self.code = f"import os, time\nwhile not os.path.exists({str(file)!r}):\n    time.sleep(0.1)"
        self.opened = 0
        self._file = file

    def open(self) -> None:
        self.opened = time.time_ns() // 1_000_000
        self._file.touch()


@dataclass(frozen=True)
class Endpoint:
    """One of the three.

    Attributes:
        name: "sandbox", "0.9.0" or "0.8.0".
        url: where sessions are created that need no Spark. On the sandbox nothing runs there: statements are answered
            with their own code, and sessions have an application's id as on YARN.
        spark_url: where there is real PySpark.
        drivers: the processes behind its sessions, by session id; those of deleted sessions too.
        end_drivers: ends those of deleted sessions.
    """

    name: str
    url: str
    spark_url: str
    drivers: Callable[[], dict[int, psutil.Process]] = dict
    end_drivers: Callable[[], None] = lambda: None


class Livy:
    """Asks one endpoint, and cleans up what it created."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        self.url = url
        self._endpoint = endpoint
        self._created: list[int] = []

    def known(self, difference: str) -> Any:
        """Return this endpoint's own answer where endpoints differ."""
        return DIFFERENCES[difference].on(self._endpoint.name)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        # Asked for gzip, Livy 0.9 sends compressed nothing, without Content-Encoding, where a body is empty.
        headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
        return requests.request(method, self.url + path, timeout=60, headers=headers, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: str) -> requests.Response:
        """Post text as it is."""
        return self.ask("POST", path, data=body.encode(), headers={"Content-Type": "application/json"})

    def create(self, query: str = "", **body: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/sessions{query}", json=body)
        assert answer.status_code == 201, answer.text
        session = answer.json()
        self._created.append(session["id"])
        return session

    def create_idle(self, **body: Any) -> int:
        session = self.create(**body)
        assert self.states_until(session["id"], "idle")[-1] == "idle"
        return session["id"]

    def state(self, session_id: int) -> str:
        return self.get(f"/sessions/{session_id}/state").json()["state"]

    def states_until(self, session_id: int, *wanted: str) -> list[str]:
        """Collect the states that a session goes through until it reaches one of ``wanted``."""
        seen: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = self.state(session_id)
            if state not in seen[-1:]:
                seen.append(state)
            if state in {*wanted, "dead", "error", "killed"}:
                return seen
            time.sleep(0.02)
        raise AssertionError(f"session {session_id} went through {seen}, not to {wanted}")

    def submit(self, session_id: int, code: str, **fields: Any) -> int:
        answer = self.ask("POST", f"/sessions/{session_id}/statements", json={"code": code, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def statement_when(self, session_id: int, statement_id: int, *states: str) -> dict[str, Any]:
        """Read a statement again and again until it is in one of ``states``.

        Livy's driver writes ``output``, ``state`` and ``completed``, in this order and while it is read: one that is
        over counts when its time is there.
        """
        path = f"/sessions/{session_id}/statements/{statement_id}"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            statement = self.get(path).json()
            is_over = statement["state"] in {"available", "cancelled"}
            if statement["state"] in states and (statement["completed"] or not is_over):
                return statement
            time.sleep(0.02)
        raise AssertionError(f"statement {statement} never became {states}")

    def run(self, session_id: int, code: str, **fields: Any) -> dict[str, Any]:
        """Run a statement and give its output."""
        return self.statement_when(session_id, self.submit(session_id, code, **fields), "available")["output"]

    def delete(self, session_id: int) -> requests.Response:
        """Delete a session, and end its driver if Livy forgets to."""
        answer = self.ask("DELETE", f"/sessions/{session_id}")
        self._endpoint.end_drivers()
        return answer

    def clean(self) -> None:
        """Delete what was created. Livy waits for drivers that have just begun to listen; the dead are quicker."""
        drivers = self._endpoint.drivers()
        for session_id in self._created:
            if session_id in drivers:
                with contextlib.suppress(psutil.NoSuchProcess):
                    drivers[session_id].kill()
            self.ask("DELETE", f"/sessions/{session_id}")
        self._created.clear()
        self._endpoint.end_drivers()


@pytest.fixture(
    scope="session", params=["sandbox", *(pytest.param(version, marks=pytest.mark.live) for version in REAL)]
)
def endpoint(request, tmp_path_factory, livy_home):
    """One after the other: pytest runs all tests of one before it starts the next."""
    version = request.param
    if version == "sandbox":
        with Sandbox(engine="none") as light, Sandbox(engine="pyspark", cores=1) as spark:
            yield Endpoint(version, light.url, spark.url)
        return
    with untraced(), LivyServer(OPTIONS, livy_home(version), tmp_path_factory.mktemp(f"livy-{version}")) as server:
        yield Endpoint(version, server.url, server.url, server.drivers, server.end_drivers)


def asking(endpoint, url):
    """Ask one URL of an endpoint; what was created there does not outlive the fixture."""
    livy = Livy(endpoint, url)
    yield livy
    livy.clean()


@pytest.fixture
def livy(endpoint):
    """Ask where no Spark is needed, for one test."""
    yield from asking(endpoint, endpoint.url)


@pytest.fixture(scope="module")
def light(endpoint):
    """Ask where no Spark is needed, for a module."""
    yield from asking(endpoint, endpoint.url)


@pytest.fixture(scope="module")
def spark_livy(endpoint):
    """Ask where real PySpark is, for a module."""
    yield from asking(endpoint, endpoint.spark_url)


@pytest.fixture(scope="module")
def spark_session(spark_livy):
    """One PySpark session for a whole module."""
    return spark_livy.create_idle(kind="pyspark")


@pytest.fixture
def door(tmp_path):
    """A door that is open when the test is over: the module's session goes on, whatever became of the test."""
    door = Door(tmp_path / "open")
    yield door
    door.open()
