"""429, 502, 503, resets, half answers, hangs: over real sockets, through the commands and the client."""

import json
import threading
import time

import pytest

from livyguard.bootstrap import SystemClock
from livyguard.cli.main import run
from livyguard.errors import EndpointUnreachable
from livyguard.livy.answers import message_of
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Timeouts, Transport
from livyguard.release import ReleaseRequest, release
from livyguard.testing import FakeLedger
from tests.unreliable import FAULTS, Fault, unreliable_livy

FIRST, SECOND = r"GET /sessions\?from=0.*", r"GET /sessions\?from=(?!0&).*"
PASSING = [429, 502, 503, 504, "reset", "reset in the middle", "half an answer", "broken gzip"]
LASTING = {
    429: "answers 429 again and again: Out of order",
    502: "answers 502 again and again: Out of order",
    503: "answers 503 again and again: Out of order",
    "reset": "was cut before the GET was answered in full",
    "reset in the middle": "was cut before the GET was answered in full",
    "half an answer": "was cut before the GET was answered in full",
    "half the JSON": "with JSON that breaks off or is broken",
    "broken gzip": "was cut before the GET was answered in full",
    "half a gzip": "with JSON that breaks off or is broken",
    "a page": "answers /sessions with a page that says “Sign in”, not with JSON",
    "nothing": "answers /sessions with an empty page, not with JSON",
    "very deep": "with JSON that breaks off or is broken",
    "other JSON": "with JSON that is no listing of sessions",
    401: "does not accept the log-in of alice (401)",
    403: "refuses to list its sessions to us (403): Out of order",
    404: "knows no /sessions (404); its base path may be another",
}


pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def livy():
    with unreliable_livy() as server:
        server.add(*range(150))
        server.headers = {"Retry_After": "0"}
        yield server


@pytest.fixture
def ask(livy, capsys):
    """Run a command as alice: exit code, what it printed as JSON, what it said beside it."""

    def run_it(*arguments):
        code = run([*arguments, "--url", livy.at(), "--json"])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert "livyguard itself failed" not in told.err
        assert "hunter2" not in told.out + told.err
        assert "s3cret" not in told.out + told.err
        return code, json.loads(told.out) if told.out else None, told.err

    return run_it


def results(report):
    return {one["id"]: one["result"] for one in report["outcomes"]}


@pytest.mark.parametrize("page", [FIRST, SECOND], ids=["first-page", "second-page"])
@pytest.mark.parametrize("what", PASSING)
def test_a_fault_that_passes_is_not_noticed_in_the_listing(livy, ask, what, page):
    livy.faults = [Fault(what, page)]

    code, rows, told = ask("sessions", "--user", "nobody-yet")

    assert (code, rows, told) == (0, [], "")
    assert livy.faults == []
    assert livy.count("GET /sessions") == 3


@pytest.mark.parametrize("page", [FIRST, SECOND], ids=["first-page", "second-page"])
@pytest.mark.parametrize("what", LASTING, ids=str)
def test_a_fault_that_lasts_is_one_sentence_and_no_part_of_the_listing_is_passed_off_as_all(livy, ask, what, page):
    livy.faults = [Fault(what, page, times=None)]

    code, rows, told = ask("sessions")

    assert (code, rows) == (3, None)
    said, source, *hint = told.splitlines()
    assert LASTING[what] in said
    assert said.count(livy.url) >= 1
    assert source.startswith("  from  --url")
    assert [line[:4] for line in hint[:2]] in ([], ["", "LG60"], ["", "LG61"])


@pytest.mark.parametrize("what", ["a page", 503, "reset in the middle", "half the JSON", 500])
def test_nothing_is_deleted_where_the_listing_could_not_be_read_to_its_end(livy, ask, what):
    livy.faults = [Fault(what, SECOND, times=None)]

    code, report, told = ask("release")

    assert code in {1, 3}
    assert report is None
    assert told
    assert livy.count("DELETE .*") == 0


@pytest.mark.parametrize("page", [FIRST, SECOND], ids=["first-page", "second-page"])
@pytest.mark.parametrize("what", ["hang", "hang in the middle"])
def test_a_page_that_never_comes_ends_in_a_time_out_that_is_waited_for_once(livy, page, what):
    livy.faults = [Fault(what, page, times=None)]
    pages = 1 if page == FIRST else 2

    class Quick(Timeouts):
        def of(self, method):
            return (self.connect, 0.3) if livy.count("GET /sessions") == pages - 1 else super().of(method)

    with pytest.raises(EndpointUnreachable, match="accepted the GET, and did not answer it within"):
        LivyClient(Transport(livy.at(), timeouts=Quick())).sessions()

    livy.closing.set()
    livy.settle()
    assert livy.count("GET /sessions") == pages


def test_a_retry_after_is_waited_for(livy, ask):
    livy.headers = {"Retry_After": "1"}
    livy.faults = [Fault(429)]
    started = time.monotonic()

    assert ask("sessions", "--user", "nobody-yet")[0] == 0
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("words", ["soon", "-5", "Tue, 99 Foo 2026", "", "1e9", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_no_matter_of_the_log_in(livy, ask, words):
    livy.headers = {"Retry_After": words}
    livy.faults = [Fault(429)]

    assert ask("sessions", "--user", "nobody-yet") == (0, [], "")


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 0001 00:00:00 -0000", "Fri, 31 Dec 9999 23:59:59 +0000", "99999999999999999999", "\x1b[2J"]
)
def test_a_clock_that_is_wrong_by_ages_breaks_no_listing(livy, ask, date):
    livy.sessions = {number: livy.sessions[number] for number in range(3)}

    def send(handler, body):
        handler.date_time_string = lambda *_: date
        handler.send(body)

    livy.faults = [Fault(send, "GET .*/statements.*", times=None)]

    code, rows, told = ask("sessions")

    assert (code, told) == (0, "")
    assert [row["id"] for row in rows] == [0, 1, 2]
    assert ask("release", "--dry-run")[0] == 0


@pytest.mark.parametrize("path", ["GET .*/statements.*", r"GET /sessions/\d+", r"DELETE /sessions/\d+"])
@pytest.mark.parametrize("what", [429, 502, 503, "reset"])
def test_a_fault_that_passes_is_not_noticed_in_a_release(livy, ask, what, path):
    livy.sessions = {number: livy.sessions[number] for number in range(3)}
    livy.faults = [Fault(what, path, times=2)]

    code, report, _ = ask("release")

    assert code == 0
    assert livy.sessions == {}
    assert set(results(report)) == {0, 1, 2}
    # a DELETE that was carried out before the connection broke is answered with 404 the second time
    assert set(results(report).values()) <= ({"released", "gone"} if what == "reset" else {"released"})
    assert max(livy.deleted.values()) == 1


@pytest.mark.parametrize("what", ["reset in the middle", "half an answer", "a page", 500])
def test_one_session_that_cannot_be_read_again_keeps_no_other_from_being_freed(livy, ask, what):
    livy.sessions = {number: livy.sessions[number] for number in range(4)}
    livy.faults = [Fault(what, "GET /sessions/2", times=None)]

    code, report, _ = ask("release")

    assert code == 1
    assert results(report) == {0: "released", 1: "released", 2: "failed", 3: "released"}
    assert list(livy.sessions) == [2]
    assert next(one["reason"] for one in report["outcomes"] if one["id"] == 2)


@pytest.mark.parametrize("what", ["half an answer", "reset in the middle"])
def test_a_delete_whose_answer_breaks_off_is_looked_up(livy, ask, what):
    livy.sessions = {1: livy.sessions[1]}
    livy.faults = [Fault(what, "DELETE .*", times=None)]

    code, report, _ = ask("release", "1")

    assert (code, results(report)) == (0, {1: "released"})
    assert livy.deleted == {1: 1}


def test_a_delete_that_is_refused_for_ever_is_a_failure_that_says_so(livy, ask):
    livy.sessions = {1: livy.sessions[1]}
    livy.faults = [Fault(503, "DELETE .*", times=None)]

    code, report, _ = ask("release", "1")

    assert (code, results(report)) == (1, {1: "failed"})
    assert "503" in report["outcomes"][0]["reason"]
    assert list(livy.sessions) == [1]


@pytest.mark.parametrize(("is_gone", "result"), [(True, "released"), (False, "failed")])
def test_a_delete_that_hangs_times_out_and_is_looked_up(livy, is_gone, result):
    livy.sessions = {1: livy.sessions[1]}
    hangs = threading.Event()

    def hang(handler, body):
        if not is_gone:
            livy.add(1)
        hangs.set()
        FAULTS["hang"](handler, body)

    class Slower(Transport):
        """Nothing is looked up before the server has done its part, however late it came to it."""

        def request(self, method, path, **content):
            try:
                return super().request(method, path, **content)
            finally:
                assert method != "DELETE" or hangs.wait(60)

    livy.faults = [Fault(hang, "DELETE .*", times=None)]
    client = LivyClient(Slower(livy.at(), timeouts=Timeouts(delete=0.3)))

    report = release([client], FakeLedger(), SystemClock(), ReleaseRequest(ids=(1,)))

    assert [one.result for one in report.outcomes] == [result]
    assert livy.count("DELETE .*") == 1


def test_an_answer_to_a_creation_that_breaks_off_may_mean_a_session(httpserver):
    httpserver.expect_request("/sessions").respond_with_data('{"id": 4, "state": "sta', 201)

    with pytest.raises(EndpointUnreachable, match="breaks off") as caught:
        LivyClient(Transport(httpserver.url_for(""))).create({"kind": "pyspark"})

    assert caught.value.may_have_arrived


HOSTILE_CONF = {
    "spark.dynamicAllocation.minExecutors": "1" * 5_000,
    "spark.executor.instances": "9" * 5_000,
    "spark.executor.memory": "9" * 5_000 + "g",
    "spark.executor.cores": "NaN",
    "spark.dynamicAllocation.maxExecutors": {"a": [1]},
    "spark.yarn.tags": ["livyguard"],
    "spark.driver.memory": None,
}


@pytest.mark.parametrize(
    "fields",
    [
        {"conf": HOSTILE_CONF},
        *({"conf": {key: value}} for key, value in HOSTILE_CONF.items()),
        {"conf": "text"},
        {"conf": [1]},
        {"driverMemory": "9" * 5_000 + "g", "numExecutors": -1, "executorCores": 1e300},
        {"numExecutors": 10**30, "executorMemory": "1e9t", "driverCores": "many"},
        {"numExecutors": [], "executorMemory": {}, "driverCores": True},
        {"state": 7, "kind": {}, "appId": [], "owner": 1, "proxyUser": {}},
        {"appInfo": {"sparkUiUrl": 7, "driverLogUrl": {"a": 1}}},
        {"appInfo": {"sparkUiUrl": "http://[::1", "driverLogUrl": "http://h:99999999/"}},
    ],
)  # fmt: skip
def test_one_session_with_strange_fields_hides_nobodys(livy, ask, capsys, fields):
    livy.sessions = {number: livy.sessions[number] for number in range(3)}
    livy.add(1, **fields)

    code, rows, told = ask("sessions")

    assert (code, told) == (0, "")
    assert sorted(row["id"] for row in rows) == [0, 1, 2]
    assert run(["sessions", "--url", livy.at()]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 4
    assert ask("release", "--dry-run")[0] in {0, 1}


@pytest.mark.parametrize("body", ["<a " * 50_000, "<!--" * 50_000, "[" * 100_000, '{"msg":' * 50_000, "x" * 10**6])
def test_an_error_page_made_to_be_slow_is_read_at_once(body):
    started = time.thread_time()

    assert len(message_of(body)) <= 500
    assert time.thread_time() - started < 5
