import json
import re

import pytest
import responses
from requests.auth import HTTPBasicAuth

from livyguard.errors import AccessRefused, AuthenticationFailed, LivyAnswer, NotLivy, SessionNotFound
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Transport
from livyguard.sessions.model import StatementTimes

URL = "http://livy.example.com:8998"
NOW = 1_700_000_000.0


@pytest.fixture
def livy():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client():
    return LivyClient(Transport(URL), now=lambda: NOW)


def sizes(livy):
    return [(int(call.request.params["from"]), int(call.request.params["size"])) for call in livy.calls]


class Listing:
    """A Livy that pages a list which may change between two pages."""

    def __init__(self, livy, sessions, **between):
        self.sessions, self.between, self.calls = sessions, between, 0
        livy.add_callback(responses.GET, re.compile(f"{URL}/sessions.*"), self.page)

    def page(self, request):
        start, size = int(request.params["from"]), int(request.params["size"])
        body = {"from": start, "total": len(self.sessions), "sessions": self.sessions[start : start + size]}
        self.calls += 1
        change = self.between.get(f"after_{self.calls}")
        if change:
            change(self.sessions)
        return 200, {}, json.dumps(body)


def listed(*numbers):
    return [{"id": number, "state": "idle", "kind": "pyspark", "conf": {}} for number in numbers]


def test_all_pages_are_read_in_the_order_of_ids(livy, client):
    Listing(livy, listed(*range(250)))

    assert [session.id for session in client.sessions()] == list(range(250))
    assert len(livy.calls) == 3


def test_an_empty_livy_takes_one_request(livy, client):
    Listing(livy, [])

    assert client.sessions() == []
    assert sizes(livy) == [(0, 101)]


def test_exactly_a_page_takes_one_request(livy, client):
    Listing(livy, listed(*range(100)))

    assert len(client.sessions()) == 100
    assert len(livy.calls) == 1


def test_a_session_that_ends_between_two_pages_makes_none_of_the_others_vanish(livy, client):
    Listing(livy, listed(*range(250)), after_1=lambda sessions: sessions.pop(3))

    assert set(range(250)) - {session.id for session in client.sessions()} <= {3}


def test_many_that_end_between_two_pages_make_none_of_the_others_vanish(livy, client):
    def end_many(sessions):
        del sessions[5:180]

    Listing(livy, listed(*range(400)), after_2=end_many)

    assert {session.id for session in client.sessions()} >= set(range(180, 400))


def test_a_session_that_begins_between_two_pages_is_listed_once(livy, client):
    Listing(livy, listed(*range(150)), after_1=lambda sessions: sessions.extend(listed(150)))

    assert [session.id for session in client.sessions()] == list(range(151))


def test_a_list_that_never_stands_still_ends_nevertheless(livy, client):
    class Restless(Listing):
        def page(self, request):
            self.sessions = listed(*range(self.calls * 1000, self.calls * 1000 + 300))
            return super().page(request)

    Restless(livy, [])

    assert client.sessions()
    assert len(livy.calls) < 60


def test_a_listing_without_a_total_is_read_until_a_page_is_short(livy, client):
    def page(request):
        start = int(request.params["from"])
        return 200, {}, json.dumps({"sessions": listed(*range(130))[start : start + 100]})

    livy.add_callback(responses.GET, re.compile(f"{URL}/sessions.*"), page)

    assert len(client.sessions()) == 130


def test_items_that_are_no_sessions_are_passed_over(livy, client):
    items = ["text", None, {"state": "idle"}, {"id": "7"}, {"id": True}, {"id": 4}]
    livy.get(f"{URL}/sessions", json={"from": 0, "total": 6, "sessions": items})

    [session] = client.sessions()

    assert (session.id, session.state, session.owner) == (4, "unknown", None)


def test_a_null_list_is_an_empty_one(livy, client):
    livy.get(f"{URL}/sessions", json={"from": 0, "total": 0, "sessions": None})

    assert client.sessions() == []


@pytest.mark.parametrize("body", ["[]", '"text"', "{}", '{"sessions": 3}', "17"])
def test_json_that_is_no_listing_is_no_livy(livy, client, body):
    livy.get(f"{URL}/sessions", body=body, content_type="application/json")

    with pytest.raises(NotLivy):
        client.sessions()


def test_a_page_of_a_proxy_is_no_livy_and_its_title_is_told(livy, client):
    livy.get(f"{URL}/sessions", body="<html><title>Sign in</title><p>…</p></html>", content_type="text/html")

    with pytest.raises(NotLivy, match="a page that says “Sign in”"):
        client.sessions()


def test_an_empty_page_is_no_livy(livy, client):
    livy.get(f"{URL}/sessions", body="")

    with pytest.raises(NotLivy, match="an empty page"):
        client.sessions()


def test_404_for_the_listing_is_a_wrong_base_path(livy, client):
    livy.get(f"{URL}/sessions", status=404, body="<html><title>Not Found</title></html>")

    with pytest.raises(NotLivy, match="base path"):
        client.sessions()


def test_401_names_what_the_server_offers(livy, client):
    livy.get(f"{URL}/sessions", status=401, headers={"WWW-Authenticate": "Negotiate, Basic realm=Livy"})

    with pytest.raises(AuthenticationFailed, match=r"a request without a log-in .401.; it offers Basic and Negotiate"):
        client.sessions()


def test_401_names_who_was_refused_and_never_the_password(livy):
    livy.get(f"{URL}/sessions", status=401)

    with pytest.raises(AuthenticationFailed) as caught:
        LivyClient(Transport(URL, HTTPBasicAuth("alice", "s3cret"))).sessions()

    assert str(caught.value) == f"{URL} does not accept the log-in of alice (401); it names no way to log in."


def test_403_at_the_door_is_a_matter_of_who_we_are(livy, client):
    livy.get(f"{URL}/sessions", status=403, body="<title>Error 403 User not authorised to use Livy.</title>")

    with pytest.raises(AuthenticationFailed, match="User not authorised to use Livy"):
        client.sessions()


@pytest.mark.parametrize("body", ['{"msg": "Session \'38\' not found."}', "\"Session '38' not found.\""])
def test_404_for_a_session_is_read_in_both_spellings(livy, client, body):
    livy.get(f"{URL}/sessions/38", status=404, body=body)

    with pytest.raises(SessionNotFound) as caught:
        client.session(38)

    assert caught.value.message == "Session '38' not found."
    assert caught.value.body == body
    assert caught.value.url == f"{URL}/sessions/38"


def test_an_empty_403_is_somebody_elses_session(livy, client):
    livy.delete(f"{URL}/sessions/3", status=403, body="")

    with pytest.raises(AccessRefused) as caught:
        client.delete(3)

    assert str(caught.value) == "Livy answered 403."


def test_a_500_is_livys_answer_in_its_own_words(livy, client):
    livy.get(f"{URL}/sessions/3", status=500, body='"java.lang.IllegalStateException: RPC channel is closed."')

    with pytest.raises(LivyAnswer, match="RPC channel is closed") as caught:
        client.session(3)

    assert caught.value.status == 500


def test_a_session_is_read(livy, client):
    livy.get(f"{URL}/sessions/3", json={"id": 3, "state": "busy", "owner": "alice", "proxyUser": None})

    assert client.session(3).owner == "alice"


def test_an_object_that_is_no_session_is_no_livy(livy, client):
    livy.get(f"{URL}/sessions/3", json={"status": "ok"})
    livy.post(f"{URL}/sessions", json={"status": "ok"}, status=201)

    with pytest.raises(NotLivy):
        client.session(3)
    with pytest.raises(NotLivy):
        client.create({})


def test_deleting_tells_whether_there_was_something(livy, client):
    livy.delete(f"{URL}/sessions/3", json={"msg": "deleted"})
    livy.delete(f"{URL}/sessions/4", status=404, json={"msg": "Session '4' not found."})

    assert client.delete(3) is True
    assert client.delete(4) is False


def test_a_created_session_comes_with_livys_own_answer(livy, client):
    answer = {"id": 9, "state": "starting", "owner": "alice", "log": ["stdout: "]}
    livy.post(f"{URL}/sessions", json=answer, status=201)

    created = client.create({"kind": "pyspark"})

    assert created.session.id == 9
    assert created.answer == answer
    assert json.loads(livy.calls[0].request.body) == {"kind": "pyspark"}


@pytest.mark.parametrize("page", ["", "<html><title>Error 403 Forbidden</title></html>"])
def test_a_403_without_livys_words_on_a_creation_is_a_matter_of_who_we_are(livy, client, page):
    livy.post(f"{URL}/sessions", status=403, body=page)

    with pytest.raises(AuthenticationFailed, match=r"refuses to create a session for us.*403") as caught:
        client.create({})

    assert caught.value.exit_code == 3


def test_a_refused_creation_is_livys_answer(livy, client):
    livy.post(f"{URL}/sessions", status=403, json={"msg": "User 'a' not allowed to impersonate 'Some(b)'."})

    with pytest.raises(LivyAnswer, match="not allowed to impersonate") as caught:
        client.create({})

    assert not isinstance(caught.value, AccessRefused)


@pytest.mark.parametrize(
    "conf",
    [
        {"spark.yarn.tags": "livy-session-1-x, livyguard ,livyguard-0badcafe"},
        {"spark.kubernetes.driver.label.livyguard": "0badcafe"},
    ],
)
def test_a_session_is_adopted_by_its_tag(livy, client, conf):
    livy.get(f"{URL}/sessions", json={"total": 2, "sessions": [{"id": 0, "conf": None}, {"id": 1, "conf": conf}]})

    created = client.adopt("livyguard-0badcafe")

    assert created.session.id == 1
    assert created.answer["conf"] == conf


def test_nothing_is_adopted_by_half_a_tag(livy, client):
    conf = {"spark.yarn.tags": "livyguard,livyguard-0badcafe0"}
    livy.get(f"{URL}/sessions", json={"total": 1, "sessions": [{"id": 1, "conf": conf}]})

    assert client.adopt("livyguard-0badcafe") is None


def test_the_tail_of_the_log_is_asked_for(livy, client):
    livy.get(f"{URL}/sessions/3/log", json={"id": 3, "from": 0, "total": 2, "log": ["one", None, "two"]})

    assert client.log_tail(3, 50) == ["one", "two"]
    assert livy.calls[0].request.params == {"from": "-1", "size": "50"}


def test_a_log_that_is_none_is_empty(livy, client):
    livy.get(f"{URL}/sessions/3/log", json={"id": 3})

    assert client.log_tail(3) == []


def statements(*numbers, total=None, **fields):
    times = {"code": "secret()", "output": {"data": "secret"}, "started": 1_699_999_000_000, "completed": 0} | fields
    items = [{"id": number, **times} for number in numbers]
    return {"total_statements": len(numbers) if total is None else total, "statements": items}


def test_the_last_statement_is_one_request_and_only_its_times_come_out(livy, client):
    livy.get(f"{URL}/sessions/3/statements", json=statements(41, total=42, completed=1_699_999_500_000))

    times = client.last_statement(3)

    assert times == StatementTimes(started=1_699_999_000.0, completed=1_699_999_500.0, count=42)
    assert livy.calls[0].request.params == {"order": "desc", "size": "1"}
    assert len(livy.calls) == 1


def test_a_running_statement_has_no_end(livy, client):
    livy.get(f"{URL}/sessions/3/statements", json=statements(5))

    assert client.last_statement(3).is_running


def test_before_0_8_the_order_is_ignored_and_the_last_one_is_asked_for_by_its_place(livy, client):
    def answer(request):
        last = request.params.get("from") == "41"
        return 200, {}, json.dumps(statements(41 if last else 0, total=42, completed=7000 if last else 1000))

    livy.add_callback(responses.GET, re.compile(f"{URL}/sessions/3/statements.*"), answer)

    assert client.last_statement(3).completed == 7.0
    assert len(livy.calls) == 2


def test_what_the_listing_showed_decides_whether_order_is_asked_for(livy, client):
    livy.get(f"{URL}/sessions", json={"total": 1, "sessions": [{"id": 3, "state": "idle", "appId": "x"}]})
    livy.get(f"{URL}/sessions/3/statements", json=statements(2, total=3))
    client.sessions()

    client.last_statement(3)

    assert [call.request.params for call in livy.calls][1:] == [{"size": "1"}, {"from": "2", "size": "1"}]


def test_a_newer_livy_is_not_asked_twice_for_its_first_statement(livy, client):
    livy.get(f"{URL}/sessions", json={"total": 1, "sessions": listed(3)})
    livy.get(f"{URL}/sessions/3/statements", json=statements(0, total=2))
    client.sessions()

    client.last_statement(3)

    assert len(livy.calls) == 2


def test_no_statement_and_no_times_are_none(livy, client):
    livy.get(f"{URL}/sessions/1/statements", json={"total_statements": 0, "statements": []})
    livy.get(f"{URL}/sessions/2/statements", json={"total_statements": 1, "statements": [{"id": 0, "code": "1"}]})
    livy.get(f"{URL}/sessions/3/statements", json={"statements": None})

    assert [client.last_statement(number) for number in (1, 2, 3)] == [None, None, None]


def test_a_livy_that_tells_no_times_is_asked_only_where_somebody_must_know_whether_its_driver_answers(livy, client):
    livy.get(f"{URL}/sessions/2/statements", json={"total_statements": 1, "statements": [{"id": 0, "code": "1"}]})
    client.last_statement(2)
    livy.get(f"{URL}/sessions/3/statements", status=500, json="java.lang.IllegalStateException: RPC channel is closed.")

    assert client.last_statement(3) is None
    with pytest.raises(LivyAnswer, match="RPC channel is closed"):
        client.last_statement(3, must_ask=True)


def test_statements_that_are_not_shown_to_us_are_none(livy, client):
    livy.get(f"{URL}/sessions/3/statements", status=403, body="")

    assert client.last_statement(3) is None


def test_the_servers_clock_is_put_right(livy, client):
    ahead = "Tue, 14 Nov 2023 23:13:20 GMT"  # an hour after NOW
    livy.get(
        f"{URL}/sessions/3/statements",
        json=statements(0, completed=int((NOW + 3600 - 60) * 1000)),
        headers={"Date": ahead},
    )

    assert client.last_statement(3).completed == NOW - 60


@pytest.mark.parametrize("date", ["Tue, 14 Nov 2023 22:13:21 GMT", "yesterday"])
def test_no_skew_is_read_from_a_second_or_from_nonsense(livy, client, date):
    livy.get(f"{URL}/sessions/3/statements", json=statements(0, completed=1000), headers={"Date": date})

    assert client.last_statement(3).completed == 1.0


def test_who_we_are_is_told_by_the_authentication_else_by_the_url():
    assert LivyClient(Transport(URL)).authenticated_user is None
    assert LivyClient(Transport(URL, ("alice", "x"))).authenticated_user == "alice"
    assert LivyClient(Transport(f"{URL}/?user.name=bob")).authenticated_user == "bob"


def test_a_livy_that_repeats_itself_is_not_asked_for_ever(livy, client):
    livy.get(f"{URL}/sessions", json={"total": 500, "sessions": listed(1, 2)})

    assert [session.id for session in client.sessions()] == [1, 2]
    assert len(livy.calls) < 30
