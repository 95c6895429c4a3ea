"""The endpoints that the conformance suite runs against: the sandbox, and any real Livy 0.9.

``LIVYGUARD_CONTRACT_URL`` adds a real one. It has to run Spark in local mode and to tell users apart by
``?user.name=`` without asking for it (hadoop-auth's simple type with anonymous.allowed=true).
"""

from __future__ import annotations

import os
import time

import pytest
import requests

from livyguard.sandbox import Sandbox

_REAL = os.environ.get("LIVYGUARD_CONTRACT_URL")
ENDPOINTS = ["sandbox", *(["livy"] if _REAL else [])]
_PATIENCE = 120.0


class Livy:
    """Asks one endpoint, and cleans up what it created."""

    def __init__(self, url):
        self.url = url
        self._created = []

    def ask(self, method, path, **options):
        # Asked for gzip, Livy 0.9 sends compressed nothing, without Content-Encoding, where a body is empty.
        headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
        return requests.request(method, self.url + path, timeout=60, headers=headers, **options)

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def create(self, query="", **body):
        answer = self.ask("POST", f"/sessions{query}", json=body)
        assert answer.status_code == 201, answer.text
        session = answer.json()
        self._created.append(session["id"])
        return session

    def create_idle(self, **body):
        session = self.create(**body)
        assert self.states_until(session["id"], "idle")[-1] == "idle"
        return session["id"]

    def states_until(self, session_id, *wanted):
        """Collect the states that a session goes through until it reaches one of ``wanted``."""
        seen = []
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            state = self.get(f"/sessions/{session_id}/state").json()["state"]
            if state not in seen[-1:]:
                seen.append(state)
            if state in {*wanted, "dead", "error", "killed"}:
                return seen
            time.sleep(0.02)
        raise AssertionError(f"session {session_id} went through {seen}, not to {wanted}")

    def submit(self, session_id, code, **fields):
        answer = self.ask("POST", f"/sessions/{session_id}/statements", json={"code": code, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def statement_when(self, session_id, statement_id, *states):
        """Read a statement again and again until it is in one of ``states``."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            statement = self.get(f"/sessions/{session_id}/statements/{statement_id}").json()
            if statement["state"] in states:
                return statement
            time.sleep(0.02)
        raise AssertionError(f"statement {statement} never became {states}")

    def run(self, session_id, code, **fields):
        """Run a statement and give its output."""
        return self.statement_when(session_id, self.submit(session_id, code, **fields), "available")["output"]

    def clean(self):
        while self._created:
            self.ask("DELETE", f"/sessions/{self._created.pop()}")


@pytest.fixture(scope="session", params=ENDPOINTS)
def livy_url(request):
    """An endpoint on which nothing needs Spark: sessions come and go quickly on the sandbox."""
    if request.param == "livy":
        yield _REAL
        return
    with Sandbox(engine="none") as sandbox:
        yield sandbox.url


@pytest.fixture(scope="session", params=ENDPOINTS)
def spark_url(request):
    """An endpoint with real PySpark."""
    if request.param == "livy":
        yield _REAL
        return
    with Sandbox(engine="pyspark", cores=1) as sandbox:
        yield sandbox.url


@pytest.fixture
def livy(livy_url):
    """Ask the endpoint without Spark."""
    livy = Livy(livy_url)
    yield livy
    livy.clean()


@pytest.fixture(scope="module")
def spark_livy(spark_url):
    """Ask the endpoint with real PySpark."""
    livy = Livy(spark_url)
    yield livy
    livy.clean()


@pytest.fixture(scope="module")
def spark_session(spark_livy):
    """One PySpark session for a whole module."""
    return spark_livy.create_idle(kind="pyspark", name="shared-by-the-module")


@pytest.fixture(scope="session")
def livy_class():
    """The client itself, for fixtures of a module's scope."""
    return Livy
