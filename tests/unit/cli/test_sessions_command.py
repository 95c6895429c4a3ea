import json
import re
import time

import pytest
import responses

from livyguard.cli.main import run
from livyguard.ledger import FileLedger
from livyguard.testing import an_entry

URL = "http://livy.example.com:8998"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("LIVYGUARD_URL", "SPARKMAGIC_CONF_DIR", "SPARKMAGIC_CONF_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def livy():
    """Alice's idle and busy session, bob's, and nobody's."""
    sessions = [
        {"id": 1, "state": "idle", "owner": "alice", "kind": "pyspark", "conf": {}},
        {"id": 2, "state": "busy", "owner": "alice", "kind": "pyspark", "conf": {}},
        {"id": 3, "state": "idle", "owner": "bob", "kind": "spark", "conf": {}},
        {"id": 4, "state": "idle", "owner": None, "kind": "sql", "conf": {}},
    ]
    statement = {"id": 0, "started": 1_000, "completed": 2_000}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{URL}/sessions", json={"from": 0, "total": 4, "sessions": sessions})
        mock.get(re.compile(rf"{URL}/sessions/\d/statements"), json={"total_statements": 1, "statements": [statement]})
        for session in sessions:
            mock.get(f"{URL}/sessions/{session['id']}", json=session)
        yield mock


ALICE = f"{URL.replace('http://', 'http://alice:s3cret@')}"


def test_everybody_is_listed_as_json(livy, capsys):
    assert run(["sessions", "--url", ALICE, "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["owner"], one["mine"]) for one in shown] == [
        (1, "alice", True),
        (2, "alice", True),
        (3, "bob", False),
        (4, None, None),
    ]


def test_everybody_is_listed_as_a_table_without_the_password(livy, capsys):
    assert run(["sessions", "--url", ALICE]) == 0

    out = capsys.readouterr().out
    assert out.startswith(f"4 Livy sessions on {URL}, 2 mine")
    assert "s3cret" not in out


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--mine"], [1, 2]),
        (["--user", "bob"], [3]),
        (["--state", "busy"], [2]),
        (["--idle"], [1, 3, 4]),
        (["--idle-for", "30m"], [1, 3, 4]),
        (["--sort", "kind"], [1, 2, 3, 4]),
        (["3", "4"], [3, 4]),
    ],
)
def test_options_filter_and_sort(livy, capsys, options, ids):
    assert run(["sessions", "--url", ALICE, "--json", *options]) == 0

    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ids


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--idle-for", "30"], "'30' has no unit"),
        (["--state", "idel"], "did you mean 'idle'"),
        (["--sort", "kin"], "did you mean 'kind'"),
        (["x", "y"], "No session id: 'x', 'y'"),
        (["idle"], "The listing's --state idle shows"),
        (["--url", "livy"], "is no Livy URL"),
        (["--idl"], "--idle"),
    ],
)
def test_what_cannot_be_understood_is_one_message_and_exit_2(livy, capsys, options, message):
    assert run(["sessions", "--url", ALICE, *options]) == 2

    told = capsys.readouterr()
    assert message in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_number_that_livy_does_not_list_is_said_beside_the_json(livy, capsys):
    assert run(["sessions", "1", "99", "--url", ALICE, "--json"]) == 0

    told = capsys.readouterr()
    assert [one["id"] for one in json.loads(told.out)] == [1]
    assert told.err == "Livy lists no session 99.\n"


def test_the_endpoint_is_found_in_the_environment(livy, capsys, monkeypatch):
    monkeypatch.setenv("LIVYGUARD_URL", URL)

    assert run(["sessions", "--json"]) == 0


def test_else_in_sparkmagics_configuration(livy, capsys, tmp_path):
    (tmp_path / ".sparkmagic").mkdir()
    credentials = {"url": URL, "username": "alice", "base64_password": "czNjcmV0", "auth": "Basic_Access"}
    (tmp_path / ".sparkmagic" / "config.json").write_text(json.dumps({"kernel_python_credentials": credentials}))

    assert run(["sessions", "--mine", "--json"]) == 0

    assert len(json.loads(capsys.readouterr().out)) == 2


def test_a_broken_configuration_is_one_message_and_exit_2(capsys, tmp_path):
    (tmp_path / ".sparkmagic").mkdir()
    (tmp_path / ".sparkmagic" / "config.json").write_text("{")

    assert run(["sessions"]) == 2

    assert "is no JSON" in capsys.readouterr().err


@pytest.mark.parametrize("status", [401, 403])
def test_an_endpoint_that_does_not_accept_us_is_exit_3(capsys, status):
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/sessions", status=status)

        assert run(["sessions", "--url", URL]) == 3

    assert str(status) in capsys.readouterr().err


def test_an_endpoint_that_is_not_there_is_exit_3_and_says_what_named_it(capsys, monkeypatch):
    monkeypatch.setenv("LIVYGUARD_URL", "http://127.0.0.1:1")

    assert run(["sessions"]) == 3

    err = capsys.readouterr().err.splitlines()
    assert err[0].startswith("http://127.0.0.1:1 refuses the connection")
    assert err[1] == "  from  $LIVYGUARD_URL; --url or LIVYGUARD_URL names another"


def test_words_of_a_hostile_server_reach_the_terminal_harmless(capsys):
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/sessions", status=500, body='{"msg": "\\u001b[31mboo"}')

        assert run(["sessions", "--url", URL]) == 1

    assert r"\x1b[31mboo" in capsys.readouterr().err


def test_my_idle_session_is_released_and_what_is_freed_is_said_first(livy, capsys):
    livy.delete(f"{URL}/sessions/1", json={"msg": "deleted"})
    livy.replace(
        responses.GET,
        f"{URL}/sessions/1",
        json={"id": 1, "state": "idle", "owner": "alice", "kind": "pyspark", "conf": {}},
    )

    def gone(request):
        livy.replace(responses.GET, f"{URL}/sessions/1", status=404, json={"msg": "Session '1' not found."})
        return 200, {}, '{"msg": "deleted"}'

    livy.remove(responses.DELETE, f"{URL}/sessions/1")
    livy.add_callback(responses.DELETE, f"{URL}/sessions/1", gone)

    assert run(["release", "--url", ALICE, "--json"]) == 0

    told = capsys.readouterr()
    assert told.err.startswith("Freeing 1 session: 1 (alice, idle for")
    assert {one["id"]: one["result"] for one in json.loads(told.out)["outcomes"]} == {1: "released", 2: "skipped"}


def test_a_ledger_that_cannot_be_written_is_said_once(livy, capsys, tmp_path):
    ledger = tmp_path / "state" / "livyguard"
    FileLedger(ledger, "k").record(an_entry(endpoint=URL, session_id=1, created=time.time()))
    (ledger / ".lock").unlink()
    (ledger / ".lock").mkdir()
    session = {"id": 1, "state": "idle", "owner": "alice", "conf": {"spark.yarn.tags": "livyguard-0badcafe"}}
    livy.replace(responses.GET, f"{URL}/sessions", json={"from": 0, "total": 1, "sessions": [session]})
    livy.replace(responses.GET, f"{URL}/sessions/1", json=session)
    livy.delete(f"{URL}/sessions/1", status=404, json={"msg": "Session '1' not found."})

    assert run(["release", "1", "--url", ALICE]) == 0

    assert capsys.readouterr().err.count("livyguard cannot be written (Is a directory)") == 1


def test_a_dry_run_deletes_nothing(livy, capsys):
    assert run(["release", "--url", ALICE, "--dry-run"]) == 0

    assert "nothing was deleted" in capsys.readouterr().out
    assert {call.request.method for call in livy.calls} == {"GET"}


def test_a_foreign_session_is_refused_with_exit_1(livy, capsys):
    assert run(["release", "3", "--force", "--url", ALICE]) == 1

    assert "it is bob's" in capsys.readouterr().out


def test_only_operators_release_for_others(livy, capsys):
    assert run(["release", "--all-users", "--url", ALICE]) == 1

    assert "Only an operator" in capsys.readouterr().err


def test_numbers_and_users_exclude_each_other(livy, capsys):
    assert run(["release", "3", "--user", "bob", "--url", ALICE]) == 2
