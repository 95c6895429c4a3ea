"""``%livy_sessions`` and ``%livy_release`` typed in a shell without SparkMagic, before a Livy and a ResourceManager."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug import Response

from livyguard.bootstrap import Rights
from livyguard.errors import Refused
from livyguard.ledger import FileLedger
from livyguard.magics.release import release
from livyguard.sessions.model import StatementTimes
from livyguard.testing import FakeClock, FakeLedger, FakeStore, RecordingDisplay, a_session, an_entry
from tests.unit.magics.test_policy_magics import SHELL

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

TAG = "livyguard-0badcafe"
APP = "application_1700000000000_0001"
APPS = "/ws/v1/cluster/apps"


class World:
    """Alice's idle sessions 1 and 2, bob's 3, and an application of a session that is gone."""

    def __init__(self, tmp_path: Path, server: HTTPServer) -> None:
        self._home, self._server = tmp_path, server
        self.url = server.url_for("").rstrip("/")
        self.sessions = {1: "alice", 2: "alice", 3: "bob"}
        self.state = "RUNNING"
        server.expect_request("/sessions").respond_with_handler(lambda _: _as_json(self._listing()))
        for number in self.sessions:
            path = f"/sessions/{number}"
            server.expect_request(path, method="GET").respond_with_handler(self._one)
            server.expect_request(path, method="DELETE").respond_with_handler(self._delete)
            statement = {"id": 0, "started": 1_000, "completed": 2_000}
            server.expect_request(f"{path}/statements").respond_with_json(
                {"total_statements": 1, "statements": [statement]}
            )
        server.expect_request(APPS).respond_with_handler(lambda _: _as_json({"apps": {"app": [self._app()]}}))
        server.expect_request(f"{APPS}/{APP}").respond_with_handler(lambda _: _as_json({"app": self._app()}))
        server.expect_request(f"{APPS}/{APP}/state", method="PUT").respond_with_handler(self._kill)
        FileLedger(tmp_path / "state" / "livyguard", "k").record(
            an_entry(9, TAG, endpoint=self.url, login="alice", created=4e9)
        )
        (tmp_path / "policy.toml").write_text(f'[cluster]\nresource_manager = "{self.url}"\n')

    def type_in(self, *cells: str) -> list[dict[str, Any]]:
        surroundings = {
            **os.environ,
            "HOME": str(self._home),
            "IPYTHONDIR": str(self._home / "ipython"),
            "LIVYGUARD_URL": self.url.replace("http://", "http://alice:pw@"),
            "SPARKMAGIC_CONF_DIR": str(self._home),
            "XDG_STATE_HOME": str(self._home / "state"),
        }
        command = [sys.executable, "-c", SHELL, json.dumps(cells), str(self._home / "policy.toml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
        assert done.returncode == 0, done.stderr
        cells_seen: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["cells"]
        return cells_seen

    def _listing(self) -> dict[str, Any]:
        listed = [_session(number, owner) for number, owner in self.sessions.items()]
        return {"from": 0, "total": len(listed), "sessions": listed}

    def _one(self, request: Any) -> Response:
        number = int(request.path.rpartition("/")[2])
        owner = self.sessions.get(number)
        return _as_json({"msg": "not found"}, 404) if owner is None else _as_json(_session(number, owner))

    def _delete(self, request: Any) -> Response:
        del self.sessions[int(request.path.rpartition("/")[2])]
        return _as_json({"msg": "deleted"})

    def _app(self) -> dict[str, Any]:
        return {"id": APP, "state": self.state, "applicationTags": f"livyguard,{TAG}", "allocatedMB": 2048}

    def _kill(self, _request: Any) -> Response:
        self.state = "KILLED"
        return _as_json({"state": "KILLED"}, 202)


def _session(number: int, owner: str) -> dict[str, Any]:
    return {"id": number, "state": "idle", "owner": owner, "kind": "pyspark", "conf": {}}


def _as_json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


@pytest.fixture
def world(tmp_path: Path, httpserver: HTTPServer) -> World:
    return World(tmp_path, httpserver)


def test_applications_without_a_session_can_be_asked_for_and_ended(world: World) -> None:
    orphans, as_json, ended = world.type_in(
        "%livy_sessions --orphans", "%livy_sessions --orphans --json", f"%livy_release --app {APP}"
    )

    assert "this machine's: session 9, which is gone" in orphans["bundle"]["text/plain"]
    assert "<table" in orphans["bundle"]["text/html"]
    assert orphans["bundle"]["application/vnd.livyguard.orphans.v1+json"][0]["app_id"] == APP
    assert json.loads(as_json["out"])[0]["mine"] is True
    assert "YARN says KILLED" in ended["bundle"]["text/plain"]
    assert world.state == "KILLED"


def test_what_is_about_to_be_freed_is_shown_where_it_is_more_than_one(world: World) -> None:
    [released] = world.type_in("%livy_release --idle-for 1h")

    assert released["shown"][0].startswith("Freeing 2 sessions: 1 (alice, idle for ")
    assert "Released 2 sessions" in released["bundle"]["text/plain"]
    assert world.sessions == {3: "bob"}


def test_the_one_that_was_named_is_not_said_twice(world: World) -> None:
    [released] = world.type_in("%livy_release 1")

    assert not any("Freeing" in text for text in released["shown"])
    assert world.sessions == {2: "alice", 3: "bob"}


def test_applications_and_users_exclude_each_other(world: World) -> None:
    [refused] = world.type_in(f"%livy_release --app {APP} --all-users")

    assert "exclude --user and --all-users" in refused["error"]
    assert world.state == "RUNNING"


def test_one_user_and_all_users_exclude_each_other(world: World) -> None:
    [refused] = world.type_in("%livy_release --user bob --all-users")

    assert "--user and --all-users exclude each other" in refused["error"]
    assert world.sessions == {1: "alice", 2: "alice", 3: "bob"}


def test_an_operator_at_one_endpoint_is_none_at_another() -> None:
    """Who is asking may be somebody else at each, and the most patient idle time counts."""
    times = {7: StatementTimes(900_000.0, 996_000.0)}
    stores = [FakeStore.of(a_session(7, login="bob"), endpoint=f"http://{place}", statements=times) for place in "ab"]
    rights = {"http://a": Rights(frozenset(), is_operator=True), "http://b": Rights(frozenset())}
    kernel: Any = SimpleNamespace(
        stores=lambda url: [store for store in stores if url in {None, store.endpoint}],
        rights=lambda store: rights[store.endpoint],
        whose=lambda _stores: {},
        display=RecordingDisplay(),
        ledger=FakeLedger(),
        clock=FakeClock(),
        applications=None,
        has_sparkmagic=False,
    )
    options: dict[str, Any] = {
        "session": [],
        "app": [],
        "this": False,
        "idle_for": None,
        "user": None,
        "all_users": True,
    }
    options |= {"dry_run": False, "force": False, "json": False}

    with pytest.raises(Refused, match="Only an operator"):
        release(kernel, SimpleNamespace(**options, url=None))
    release(kernel, SimpleNamespace(**options, url="http://a"))

    assert [sorted(store.listed) for store in stores] == [[], [7]]
