"""What a listing and a release ask of Livy, counted at the server: milliseconds are goals, counts are held."""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from livyguard.bootstrap import connect
from livyguard.listing import list_sessions
from livyguard.release import ReleaseRequest, release
from livyguard.testing import FakeClock, FakeLedger, an_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

NOW = 1_000_000.0
#: Seconds for which a held request waits for one more than there may be.
LOOKOUT = 0.05


class Livy:
    """A Livy 0.9 on threads of its own, that notes what it is asked and how much of it at once."""

    def __init__(self, server: HTTPServer) -> None:
        self.sessions: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.most: dict[str, int] = defaultdict(int)
        self.threads: set[threading.Thread] = set()
        self._under_way: dict[str, int] = defaultdict(int)
        self._change = threading.Condition()
        self._url = server.url_for("").rstrip("/")
        server.expect_request(re.compile(r"/sessions.*")).respond_with_handler(self._answer)

    def add(self, number: int, owner: str = "bob", state: str = "idle") -> None:
        """Let it list one more."""
        conf = {"spark.yarn.tags": f"livyguard,{tag(number)}", "spark.executor.instances": "2"}
        listed = {"id": number, "owner": owner, "state": state, "kind": "pyspark", "appId": None}
        self.sessions[number] = {**listed, "executorMemory": "1g", "driverMemory": "1g", "conf": conf}

    def store(self) -> Any:
        """Return what the commands work with, as alice."""
        return connect(self._url, auth=("alice", "pw"))

    def kinds(self) -> list[str]:
        """Return the kinds of what it was asked, in order."""
        return [kind_of(method, path) for method, path, _ in self.asked]

    def of(self, number: int) -> list[str]:
        """Return what was asked of one session, in order."""
        return [
            kind_of(method, path) for method, path, _ in self.asked if f"{path}/".startswith(f"/sessions/{number}/")
        ]

    def _answer(self, request: Request) -> Response:
        kind = kind_of(request.method, request.path)
        with self._change:
            self.threads.add(threading.current_thread())
            self.asked.append((request.method, request.path, dict(request.args)))
            self._under_way[kind] += 1
            self.most[kind] = max(self.most[kind], self._under_way[kind])
            self._change.notify_all()
            if kind in {"STATEMENTS", "DELETE"}:
                self._change.wait_for(lambda: self._under_way[kind] > LIMITS[kind], LOOKOUT)
            self._under_way[kind] -= 1
            return self._of(kind, request)

    def _of(self, kind: str, request: Request) -> Response:
        if kind == "PAGE":
            start, size = int(request.args["from"]), int(request.args["size"])
            page = list(self.sessions.values())[start : start + size]
            return of_json({"from": start, "total": len(self.sessions), "sessions": page})
        number = int(request.path.split("/")[2])
        if number not in self.sessions:
            return of_json({"msg": f"Session '{number}' not found."}, 404)
        if kind == "STATEMENTS":
            last = {"id": 0, "code": "1", "started": (NOW - 7_300) * 1000, "completed": (NOW - 7_200) * 1000}
            return of_json({"total_statements": 1, "statements": [last]})
        return of_json(self.sessions.pop(number) if kind == "DELETE" else self.sessions[number])


LIMITS = {"STATEMENTS": 8, "DELETE": 16}


def of_json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json;charset=utf-8")


def kind_of(method: str, path: str) -> str:
    if path == "/sessions":
        return "PAGE"
    return "STATEMENTS" if path.endswith("/statements") else method


def tag(number: int) -> str:
    return f"livyguard-{number:08x}"


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def livy(server: HTTPServer) -> Livy:
    server.clear()
    return Livy(server)


def listed(livy: Livy, ledger: FakeLedger | None = None, **options: Any) -> Any:
    return list_sessions([livy.store()], ledger or FakeLedger(), FakeClock(NOW), **options)


def freed(livy: Livy, ledger: FakeLedger | None = None, **asked: Any) -> list[str]:
    report = release([livy.store()], ledger or FakeLedger(), FakeClock(NOW), ReleaseRequest(**asked))
    return [outcome.result for outcome in report.outcomes]


def test_a_thousand_sessions_take_ten_pages_and_nothing_else(livy):
    for number in range(1_000):
        livy.add(number)

    rows = listed(livy)

    assert [row.id for row in rows] == list(range(1_000))
    assert {(row.owner, row.state, row.session.ceiling.executors) for row in rows} == {("bob", "idle", 2)}
    assert livy.kinds() == ["PAGE"] * 10


def test_what_the_ledger_knows_of_mine_is_not_asked_of_livy(livy):
    for number in range(150):
        livy.add(number, "alice")
    ledger = FakeLedger([an_entry(number, tag(number), endpoint=livy.store().endpoint) for number in range(150)])

    rows = listed(livy, ledger)

    assert {row.mine for row in rows} == {True}
    assert all(row.idle_seconds is not None for row in rows)
    assert livy.kinds() == ["PAGE"] * 2


@pytest.mark.parametrize(("options", "looks"), [({}, 20), ({"idle": True}, 50), ({"idle_for": 60.0}, 50)])
def test_few_last_statements_are_asked_for_and_eight_at_once_at_most(livy, options, looks):
    for number in range(120):
        livy.add(number, "alice" if number < 60 else "bob")

    listed(livy, **options)

    assert livy.kinds() == ["PAGE"] * 2 + ["STATEMENTS"] * looks
    assert 1 < livy.most["STATEMENTS"] <= 8
    assert {(args["order"], args["size"]) for _, path, args in livy.asked if "statements" in path} == {("desc", "1")}


def test_a_listing_leaves_no_thread_behind(livy):
    for number in range(120):
        livy.add(number)
    before = set(threading.enumerate())

    listed(livy, idle=True)

    assert set(threading.enumerate()) - before <= livy.threads


@pytest.mark.parametrize("state", ["starting", "recovering", "busy", "dead"])
def test_a_single_session_of_others_is_never_asked_for(livy, state):
    for number in range(5):
        livy.add(number, state=state)

    listed(livy, idle=True)

    assert livy.kinds() == ["PAGE"]


def test_a_release_reads_again_looks_once_deletes_and_looks_whether_it_is_gone(livy):
    for number in range(100):
        livy.add(number, "alice")
    entries = [
        an_entry(number, tag(number), endpoint=livy.store().endpoint, created=NOW - 9_000, last_statement=NOW - 8_000)
        for number in range(100)
    ]

    assert freed(livy, FakeLedger(entries)) == ["released"] * 100
    assert [livy.of(number) for number in range(100)] == [["GET", "STATEMENTS", "DELETE", "GET"]] * 100
    assert len(livy.asked) == 1 + 4 * 100
    assert 1 < livy.most["DELETE"] <= 16


def test_by_number_it_is_the_same(livy):
    for number in range(20):
        livy.add(number, "alice")

    assert freed(livy, ids=tuple(range(20))) == ["released"] * 20
    assert [livy.of(number) for number in range(20)] == [["GET", "STATEMENTS", "DELETE", "GET"]] * 20


def test_where_nothing_tells_how_long_it_was_idle_one_look_more_chooses_it(livy):
    for number in range(20):
        livy.add(number, "alice")

    assert freed(livy) == ["released"] * 20
    assert [livy.of(number) for number in range(20)] == [["STATEMENTS", "GET", "STATEMENTS", "DELETE", "GET"]] * 20


def test_a_release_leaves_no_thread_behind(livy):
    for number in range(20):
        livy.add(number, "alice")
    before = set(threading.enumerate())

    freed(livy)

    assert set(threading.enumerate()) - before <= livy.threads
