"""Livy 0.5 to 0.9 and vendors' builds, each as it answers, behind the command itself and real HTTP."""

from __future__ import annotations

import json
import re

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from livyguard.cli.main import run
from livyguard.errors import SessionNotFound
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Transport
from tests.contract.differences import DIFFERENCES
from tests.contract.recorded.replay import HOUR, RECORDED, Recorded, recording

UNTIMED = ["0.5.0", "0.6.0"]
SIZELESS = [*UNTIMED, "0.7.0", "without-appinfo"]
ORDERED = ["0.8.0", "0.9.0", "cloudera-0.7.2"]


pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture(scope="module")
def threaded():
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def server(threaded):
    threaded.clear()
    yield threaded
    threaded.check_assertions()
    threaded.check_handler_errors()


@pytest.fixture
def livy(server, request):
    """The Livy of the version that the test is for: `livy` is parametrised indirectly."""
    recorded = Recorded(request.param)
    server.expect_request(re.compile("/.*")).respond_with_handler(recorded)
    return recorded


@pytest.fixture
def ask(server, capsys):
    """Run a command as alice; its exit code, what it prints as JSON, and what it says beside it."""

    def run_it(*arguments, user="alice"):
        url = server.url_for("").rstrip("/").replace("http://", f"http://{user}:s3cret@")
        code = run([*arguments, "--url", url, "--json"])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert "s3cret" not in told.out + told.err
        return code, json.loads(told.out) if told.out else None, told.err

    return run_it


def every(names):
    return pytest.mark.parametrize("livy", names, indirect=True)


def shown(server, capsys):
    assert run(["sessions", "--url", server.url_for("").rstrip("/").replace("http://", "http://alice:pw@")]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["0.8.0", "0.9.0"])
def test_what_is_recorded_has_the_keys_that_the_real_server_answers(name):
    session = recording(name)["session"]

    assert list(session) == DIFFERENCES["fields of a session"].on(name)
    assert list(session["appInfo"]) == DIFFERENCES["fields of appInfo"].on(name)


@every(RECORDED)
def test_owner_state_and_kind_are_told_of_every_version(livy, ask):
    livy.add(4, 1)
    livy.add(5, state="busy", proxyUser="bob", kind="spark")
    livy.add(6, state="starting", proxyUser=None, owner=None, appId=None)

    code, rows, told = ask("sessions")

    assert (code, told) == (0, "")
    assert [(row["id"], row["owner"], row["owner_source"], row["mine"], row["state"]) for row in rows] == [
        (4, "alice", "proxyUser", True, "idle"),
        (5, "bob", "proxyUser", False, "busy"),
        (6, None, None, None, "starting") if livy.words["source"]["tag"] in PRE_TAGS else (6, *CLAIMED),
    ]
    assert [row["kind"] for row in rows] == ["pyspark", "spark", "pyspark"]
    assert rows[0]["app_id"] == "application_1700000000000_0005"
    assert rows[0]["name"] == livy.words["session"].get("name")


#: Before 0.8 no conf is shown, and so no tag that claims whose a session is.
PRE_TAGS = [recording(name)["source"]["tag"] for name in SIZELESS]
CLAIMED = ("alice", "claimed", None, "starting")


@every(RECORDED)
def test_a_session_without_proxy_user_is_its_owners(livy, ask):
    livy.add(0, proxyUser=None, owner="alice")

    _, rows, _ = ask("sessions")

    assert [(row["owner"], row["owner_source"], row["mine"]) for row in rows] == [("alice", "owner", True)]


@every(RECORDED)
def test_the_ceiling_is_told_where_livy_shows_what_was_asked_for(livy, ask, request):
    livy.add(4)

    _, [row], _ = ask("sessions")

    sizes = row["executors"], row["memory_mib"] is not None, row["cores"]
    expected = (None, False, None) if request.node.callspec.params["livy"] in SIZELESS else (5, True, 11)
    assert sizes == expected


@every(RECORDED)
def test_the_idle_time_is_that_of_the_last_statement_where_livy_tells_times(livy, ask, request):
    livy.add(4, 9, 5, 2)

    _, [row], _ = ask("sessions")

    if request.node.callspec.params["livy"] in UNTIMED:
        assert row["idle_seconds"] is None
    else:
        assert row["idle_seconds"] == pytest.approx(2 * HOUR, abs=60)


@every(RECORDED)
def test_the_last_statement_is_asked_for_in_words_that_the_version_understands(livy, ask, request):
    livy.add(4, 9, 5, 2)

    ask("sessions")

    name = request.node.callspec.params["livy"]
    if name in ORDERED:
        assert livy.looks() == [(4, {"order": "desc", "size": "1"})]
    elif name in UNTIMED:
        assert livy.looks() == [(4, {"size": "1"})]
    else:
        assert livy.looks() == [(4, {"size": "1"}), (4, {"from": "2", "size": "1"})]


@every(UNTIMED)
def test_a_livy_that_tells_no_times_is_asked_for_them_once(livy, ask):
    livy.add(0)
    for number in range(1, 15):
        livy.add(number, 3)

    _, rows, _ = ask("sessions")

    assert [row["idle_seconds"] for row in rows] == [None] * 15
    looked_at = [number for number, _ in livy.looks()]
    assert len(looked_at) <= 2, "one session without statements tells nothing; the next one tells it for all"


@every([name for name in RECORDED if name not in UNTIMED])
def test_a_session_without_statements_has_no_idle_time_and_the_others_have(livy, ask):
    livy.add(0)
    livy.add(1, 3)

    _, rows, _ = ask("sessions")

    assert rows[0]["idle_seconds"] is None
    assert rows[1]["idle_seconds"] == pytest.approx(3 * HOUR, abs=60)


@every(RECORDED)
def test_neither_ttl_nor_conf_nor_anybodys_code_is_in_an_output(livy, ask, server, capsys):
    livy.add(4, 2)

    _, rows, told = ask("sessions")
    table = shown(server, capsys)
    _, report, released = ask("release", "--dry-run")

    everything = json.dumps([rows, report]) + told + released + table
    for word in ("ttl", "4h", "hunter2", "password", "spark.range", "text/plain"):
        assert word not in everything


@every(["0.8.0"])
def test_the_wrong_ttl_of_0_8_0_does_not_name_the_proxy_user_a_second_time(livy, ask):
    livy.add(4, proxyUser="bob-the-proxied", ttl="bob-the-proxied", conf={})

    _, [row], _ = ask("sessions")

    assert [key for key, value in row.items() if value == "bob-the-proxied"] == ["owner"]


@every([name for name in RECORDED if name != "without-appinfo"])
def test_links_are_those_of_appinfo(livy, ask):
    livy.add(4)

    _, [row], _ = ask("sessions")

    info = livy.words["session"]["appInfo"]
    assert row["links"]["spark_ui"] == info["sparkUiUrl"]
    assert row["links"]["driver_log"] == info["driverLogUrl"]


@every(RECORDED)
def test_a_session_is_released_and_is_gone_the_second_time(livy, ask):
    livy.add(4, 2)

    first, report, _ = ask("release", "4")
    second, again, _ = ask("release", "4")

    assert (first, [one["result"] for one in report["outcomes"]]) == (0, ["released"])
    assert (second, [one["result"] for one in again["outcomes"]]) == (0, ["gone"])
    assert livy.sessions == {}


@every(RECORDED)
def test_a_404_on_the_delete_means_gone_already(livy, ask):
    livy.add(4, 2)
    livy.vanished = {4}

    code, report, _ = ask("release", "4")

    assert (code, [one["result"] for one in report["outcomes"]]) == (0, ["gone"])


@every(RECORDED)
def test_a_403_with_nothing_in_it_refuses_and_says_so(livy, ask):
    livy.add(4, 2)
    livy.forbidden = {"/sessions/4/statements"}
    assert ask("sessions")[1][0]["idle_seconds"] is None

    handler = livy.__call__

    class Closed(Recorded):
        def __call__(self, request):
            return self._forbidden() if request.method == "DELETE" else handler(request)

    livy.__class__ = Closed
    code, report, told = ask("release", "4")

    assert (code, [one["result"] for one in report["outcomes"]]) == (1, ["refused"])
    assert report["outcomes"][0]["reason"]
    assert "\x1f" not in json.dumps(report, ensure_ascii=False) + told


@pytest.mark.parametrize("name", RECORDED)
def test_an_error_reads_the_same_in_every_versions_wrapping(server, ask, name):
    body = json.dumps(recording(name)["rejected"])
    server.expect_request("/sessions").respond_with_data(body, 400, content_type="application/json")

    code, rows, told = ask("sessions")

    assert (code, rows) == (1, None)
    assert told.splitlines()[0] == "Livy answered 400: Rejected, too many sessions are being created!"


@every(RECORDED)
def test_a_session_that_is_not_there_reads_the_same_in_every_versions_wrapping(livy, server):
    with pytest.raises(SessionNotFound) as caught:
        LivyClient(Transport(server.url_for(""))).session(38)

    assert str(caught.value) == "Livy answered 404: Session '38' not found."


SESSION = recording("0.7.0")["session"]


@pytest.mark.parametrize(
    "listing",
    [
        {"from": 0, "sessions": [SESSION]},
        {"sessions": [SESSION], "from": None, "total": None},
        {"from": 0, "total": "1", "sessions": [SESSION]},
        {"from": 0, "total": 3, "sessions": [SESSION, None, "busy"]},
        {"from": 0, "total": 2, "sessions": [SESSION, {**SESSION, "id": "f00d-cafe"}]},
        {"from": 0, "total": 2, "sessions": [SESSION, {"state": "idle"}], "_links": {"self": "/"}},
        {"from": 0, "total": 1, "sessions": [{**SESSION, "log": None, "appInfo": None, "name": None, "x": [1]}]},
        {"from": 0, "total": 1, "sessions": [{**SESSION, "appInfo": ["?"], "log": "?", "name": 7}]},
    ],
    ids=["no-total", "nulls", "total-as-text", "no-objects", "ids-as-text", "no-id", "null-fields", "other-types"],
)  # fmt: skip
def test_what_a_vendors_listing_lacks_or_adds_hides_no_session(server, ask, listing):
    server.expect_request("/sessions").respond_with_json(listing)
    server.expect_request("/sessions/4/statements").respond_with_json({"total_statements": 0, "statements": None})

    code, rows, told = ask("sessions")

    assert (code, told) == (0, "")
    assert [(row["id"], row["owner"], row["state"]) for row in rows] == [(4, "alice", "idle")]


@pytest.mark.parametrize("listing", [{"from": 0, "total": 0, "sessions": None}, {"sessions": []}])
def test_a_listing_of_null_is_empty(server, ask, listing):
    server.expect_request("/sessions").respond_with_json(listing)

    assert ask("sessions") == (0, [], "")


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"from": 0, "total": 1, "sessions": [SESSION]}, "status": "ok"},
        {"sessions": {"4": SESSION}, "total": 1},
        [SESSION],
        "sessions",
        None,
    ],
    ids=["wrapped", "by-id", "bare-list", "text", "null"],
)
def test_a_gateway_that_wraps_the_listing_is_told_and_nothing_is_shown(server, ask, answer):
    server.expect_request("/sessions").respond_with_json(answer)

    code, rows, told = ask("sessions")

    assert (code, rows) == (3, None)
    assert "Something else than Livy may be listening there." in told


def test_a_statement_with_times_that_are_none_tells_nothing(server, ask):
    sessions = [{**SESSION, "id": number} for number in range(6)]
    server.expect_request("/sessions").respond_with_json({"from": 0, "total": 6, "sessions": sessions})
    for number, ended in enumerate(["NaN", "1e999", "1" + "0" * 400, '"now"', "true", "-1"]):
        body = f'{{"total_statements": 1, "statements": [{{"id": 0, "started": {ended}, "completed": {ended}}}]}}'
        path = f"/sessions/{number}/statements"
        server.expect_request(path).respond_with_handler(lambda _request, body=body: Response(body))

    code, rows, told = ask("sessions")

    assert (code, told) == (0, "")
    assert [row["idle_seconds"] for row in rows] == [None] * 6
