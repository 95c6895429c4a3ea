"""What the commands say of a cluster behind Livy, and what an operator's cron job prints."""

import json
import re

import pytest
import responses

from livyguard.cli.main import run
from livyguard.ledger import FileLedger
from livyguard.testing import an_entry

LIVY, RM = "http://livy.example.com:8998", "http://rm.example.com:8088"
ALICE = LIVY.replace("http://", "http://alice:s3cret@")
APPS = f"{RM}/ws/v1/cluster/apps"
TAG = "livyguard-0badcafe"
OPERATORS = 'operators = { users = ["alice"] }\ndefaults.limits."executors.max" = { max = 4 }'


def app(number, **fields):
    return {"id": f"application_1700000000000_{number:04}", "state": "RUNNING", **fields}


def session(number, owner, state="idle", **fields):
    return {"id": number, "state": state, "owner": owner, "kind": "pyspark", "conf": {}, **fields}


class World:
    """A Livy and a ResourceManager over HTTP, and a policy that names the latter."""

    def __init__(self, tmp_path, monkeypatch, mock):
        self.sessions, self.apps, self.deleted = {}, [], []
        self.mock, self._tmp_path, self._monkeypatch = mock, tmp_path, monkeypatch
        mock.add_callback("GET", f"{LIVY}/sessions", self._listing)
        mock.add_callback("GET", re.compile(rf"{LIVY}/sessions/\d+$"), self._one)
        mock.add_callback("DELETE", re.compile(rf"{LIVY}/sessions/\d+$"), self._delete)
        mock.add_callback("GET", re.compile(rf"{LIVY}/sessions/\d+/statements"), self._statements)
        mock.add_callback("GET", APPS, self._apps)
        self.policy("")

    def policy(self, text, cluster=f'resource_manager = "{RM}"'):
        file = self._tmp_path / "policy.toml"
        file.write_text(f"version = 1\n{text}\n[cluster]\n{cluster}\n")
        self._monkeypatch.setenv("LIVYGUARD_POLICY", str(file))

    def add(self, *sessions):
        self.sessions.update({one["id"]: one for one in sessions})

    def _listing(self, _request):
        listed = list(self.sessions.values())
        return 200, {}, json.dumps({"from": 0, "total": len(listed), "sessions": listed})

    def _one(self, request):
        one = self.sessions.get(int(request.url.rpartition("/")[2]))
        return (404, {}, json.dumps({"msg": "not found"})) if one is None else (200, {}, json.dumps(one))

    def _delete(self, request):
        number = int(request.url.rpartition("/")[2])
        self.deleted.append(number)
        gone = self.sessions.pop(number).get("appId")
        self.apps = [one for one in self.apps if one["id"] != gone]
        return 200, {}, json.dumps({"msg": "deleted"})

    def _statements(self, _request):
        return 200, {}, json.dumps({"total_statements": 1, "statements": [{"id": 0, "started": 1, "completed": 2_000}]})

    def _apps(self, _request):
        return 200, {}, json.dumps({"apps": {"app": self.apps}})


@pytest.fixture
def world(own_home, monkeypatch):
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield World(own_home, monkeypatch, mock)


def listed(capsys, *options):
    assert run(["sessions", "--url", ALICE, "--json", *options]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


def test_the_listing_tells_what_is_held(world, capsys):
    world.add(session(1, "alice", "busy", appId=app(1)["id"]))
    held = {"allocatedMB": 6144, "allocatedVCores": 7, "runningContainers": 4, "clusterUsagePercentage": 37.5}
    world.apps = [app(1, queue="root.a", **held)]

    [row], _ = listed(capsys)

    assert (row["executors_held"], row["memory_mib_held"], row["cores_held"]) == (3, 6144, 7)
    assert (row["cluster_share"], row["queue"]) == (37.5, "root.a")
    assert run(["sessions", "--url", ALICE]) == 0
    assert re.search(r"3 of \?\s+6.0 GiB of \?\s+7 of \?\s+38 %\s+root.a", capsys.readouterr().out)


def test_orphans_are_told_beside_the_sessions_and_by_themselves(world, capsys, tmp_path):
    FileLedger(tmp_path / "state" / "livyguard", "k").record(an_entry(9, TAG, endpoint=LIVY, created=4e9))
    world.add(session(1, "alice"))
    world.apps = [
        app(1, applicationTags=f"livyguard,{TAG}", allocatedMB=2048, allocatedVCores=1, user="alice"),
        app(2, applicationTags="livy-session-7-abcd1234", allocatedMB=1024, allocatedVCores=1, user="bob"),
        app(3, allocatedMB=4096, allocatedVCores=4, user="etl"),
    ]

    assert run(["sessions", "--url", ALICE]) == 0
    shown = capsys.readouterr().out

    assert "Applications without a session on this endpoint (another Livy may own them)" in shown
    assert f"livyguard release --app {app(1)['id']}" in shown
    assert "this machine's: session 9, which is gone" in shown
    assert "1 other application holds 4.0 GiB and 4 cores" in shown
    orphans, _ = listed(capsys, "--orphans")
    assert [(one["app_id"][-4:], one["user"], one["mine"]) for one in orphans] == [
        ("0001", "alice", True),
        ("0002", "bob", None),
    ]


def test_orphans_and_the_filters_of_sessions_exclude_each_other(world, capsys):
    assert run(["sessions", "--url", ALICE, "--orphans", "--mine"]) == 2
    assert "--orphans shows applications" in capsys.readouterr().err


def test_where_there_is_none_that_is_said(world, capsys):
    assert run(["sessions", "--url", ALICE, "--orphans"]) == 0
    assert capsys.readouterr().out.startswith(f"Every application of a Livy in the ResourceManager {RM} has its")


def test_a_resource_manager_that_is_away_is_told_and_the_sessions_are_listed(world, capsys):
    world.policy("", 'resource_manager = "http://127.0.0.1:9"')
    world.add(session(1, "alice"))

    rows, said = listed(capsys)

    assert [row["id"] for row in rows] == [1]
    assert "What sessions hold now, and applications without a session, are not shown: " in said
    assert "No connection to the ResourceManager http://127.0.0.1:9." in said


def test_an_operators_cron_job_prints_a_line_an_action(world, capsys):
    world.policy(OPERATORS)
    world.add(session(1, "alice"), session(2, "bob"), session(3, "bob", "busy"), session(4, None))

    assert run(["release", "--url", ALICE, "--all-users", "--idle-for", "2h", "--json"]) == 0

    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert {(line["id"], line["owner"], line["result"]) for line in lines} == {
        (1, "alice", "released"),
        (2, "bob", "released"),
        (4, None, "released"),
    }
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line["at"]) for line in lines)
    assert told.err == ""
    assert sorted(world.deleted) == [1, 2, 4]


def test_its_dry_run_prints_what_it_would_do(world, capsys):
    world.policy(OPERATORS)
    world.add(session(2, "bob"))

    assert run(["release", "--url", ALICE, "--all-users", "--idle-for", "2h", "--json", "--dry-run"]) == 0

    assert [json.loads(line)["result"] for line in capsys.readouterr().out.splitlines()] == ["would-release"]
    assert world.deleted == []


def test_with_nothing_to_do_it_prints_nothing(world, capsys):
    world.policy(OPERATORS)
    world.add(session(3, "bob", "busy"))

    assert run(["release", "--url", ALICE, "--all-users", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_what_its_cluster_does_not_tell_is_said_beside_the_lines(world, capsys):
    world.policy(OPERATORS, 'resource_manager = "http://127.0.0.1:9"')
    world.add(session(1, "alice"), session(2, "bob"))

    assert run(["release", "--url", ALICE, "--all-users", "--json"]) == 0

    told = capsys.readouterr()
    assert [json.loads(line)["id"] for line in told.out.splitlines()] == [1]
    assert "No connection to the ResourceManager" in told.err


def test_an_application_is_ended_by_its_id(world, capsys, tmp_path):
    FileLedger(tmp_path / "state" / "livyguard", "k").record(an_entry(9, TAG, endpoint=LIVY, created=4e9))
    one = app(1, applicationTags=f"livyguard,{TAG}")
    world.apps = [one]
    world.mock.add_callback("GET", f"{APPS}/{one['id']}", lambda _request: (200, {}, json.dumps({"app": one})))

    def kill(_request):
        one["state"] = "KILLED"
        return 202, {}, "{}"

    world.mock.add_callback("PUT", f"{APPS}/{one['id']}/state", kill)

    assert run(["release", "--url", ALICE, "--app", one["id"]]) == 0
    assert "YARN says KILLED" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["7", "application_x_1", "application_1_1;rm", ""])
def test_what_is_no_application_is_one_message(world, capsys, word):
    assert run(["release", "--url", ALICE, "--app", word]) == 2
    assert f"No application id: {word!r}." in capsys.readouterr().err


def test_applications_and_users_exclude_each_other(world, capsys):
    assert run(["release", "--url", ALICE, "--app", app(1)["id"], "--all-users"]) == 2
    assert "exclude --user and --all-users" in capsys.readouterr().err


def test_one_user_and_all_users_exclude_each_other(world, capsys):
    assert run(["release", "--url", ALICE, "--user", "bob", "--all-users"]) == 2
    assert "--user and --all-users exclude each other" in capsys.readouterr().err
