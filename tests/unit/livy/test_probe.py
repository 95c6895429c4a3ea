"""What the doctor asks of a Livy over HTTP: few requests, none that changes anything."""

from __future__ import annotations

import time

import pytest
import responses
from werkzeug import Response

from livyguard.errors import LivyAnswer, NotLivy
from livyguard.livy.client import LivyClient
from livyguard.livy.probe import Probe
from livyguard.livy.transport import Transport

JETTY = "<html><title>Error 400 Missing Required Header for CSRF protection.</title></html>"
SESSIONS = {
    "from": 0,
    "total": 2,
    "sessions": [
        {"id": 4, "state": "idle", "owner": "alice", "conf": {}, "log": []},
        {"id": 5, "state": "idle", "owner": "bob", "conf": {}, "log": ["stdout: "]},
    ],
}


@pytest.fixture
def asked(httpserver):
    """What reached the server, as ``METHOD path``, with the header's value."""

    def asked():
        return [(f"{seen.method} {seen.path}", seen.headers.get("X-Requested-By")) for seen, _ in httpserver.log]

    return asked


@pytest.fixture
def probe(httpserver):
    return Probe(LivyClient(Transport(httpserver.url_for("").rstrip("/"))))


def protected(request):
    """Answer as Livy's filter for CSRF does."""
    return Response(JETTY, 400) if "X-Requested-By" not in request.headers else Response("", 405)


def test_without_protection_one_post_to_a_resource_that_takes_none_tells_so(httpserver, probe, asked):
    httpserver.expect_request("/version", method="GET").respond_with_json({})

    httpserver.expect_request("/version", method="POST").respond_with_data("", 405)

    assert probe.wants_header() is False
    assert asked() == [("POST /version", None)]
    assert httpserver.log[0][0].data == b""


def test_with_protection_a_second_one_shows_that_the_header_arrives(httpserver, probe, asked):
    httpserver.expect_request("/version", method="POST").respond_with_handler(protected)

    assert probe.wants_header() is True
    assert asked() == [("POST /version", None), ("POST /version", "livyguard")]


def test_a_header_that_is_lost_on_the_way_is_a_fault(httpserver, probe):
    httpserver.expect_request("/version", method="POST").respond_with_data(JETTY, 400)

    with pytest.raises(LivyAnswer, match="CSRF"):
        probe.wants_header()


@pytest.mark.parametrize(("status", "body"), [(400, "what?"), (403, ""), (502, "")])
def test_an_answer_that_tells_nothing_is_taken_for_nothing(httpserver, probe, status, body):
    httpserver.expect_request("/version", method="POST").respond_with_data(body, status)

    assert probe.wants_header() is None


def test_the_first_page_tells_sessions_features_and_whose_log_is_shown(httpserver, probe, asked):
    httpserver.expect_request("/sessions").respond_with_json(SESSIONS)

    page = probe.page()

    assert [(session.id, session.owner) for session in page.sessions] == [(4, "alice"), (5, "bob")]
    assert (page.total, page.with_log) == (2, {5})
    assert {"conf", "owner"} <= page.keys
    assert asked() == [("GET /sessions", "livyguard")]


def test_an_empty_listing_is_one(httpserver, probe):
    httpserver.expect_request("/sessions").respond_with_json({"from": 0, "total": 0, "sessions": []})

    page = probe.page()

    assert (page.sessions, page.total, page.keys) == ((), 0, frozenset())


@pytest.mark.parametrize("answer", ['{"sessions": 7}', "{}", "<html>Sign in</html>"])
def test_what_is_no_listing_is_no_livy(httpserver, probe, answer):
    httpserver.expect_request("/sessions").respond_with_data(answer)

    with pytest.raises(NotLivy):
        probe.page()


@pytest.mark.parametrize(
    ("answer", "status", "version"),
    [
        ({"version": "0.8.0-incubating", "branch": "b"}, 200, "0.8.0-incubating"),
        ({"version": "<unknown>"}, 200, None),
        ({}, 200, None),
        ({}, 404, None),
    ],
)
def test_the_version_is_told_or_not(httpserver, probe, answer, status, version):
    httpserver.expect_request("/version").respond_with_json(answer, status)

    assert probe.version().version == version


@pytest.mark.parametrize("ahead", [0, 400, -90])
def test_the_clocks_are_held_against_each_other(httpserver, ahead):
    probe = Probe(LivyClient(Transport(httpserver.url_for("").rstrip("/"))), lambda: time.time() - ahead)
    assert probe.skew() is None
    httpserver.expect_request("/sessions").respond_with_json(SESSIONS)

    probe.page()

    assert abs(probe.skew() - ahead) < 3


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}])
@responses.activate
def test_a_time_that_is_none_tells_nothing(headers):
    responses.get("http://livy:8998/sessions", json=SESSIONS, headers=headers)
    probe = Probe(LivyClient(Transport("http://livy:8998")))

    probe.page()

    assert probe.skew() is None


def test_who_is_asked_as_and_no_ticket(httpserver):
    probe = Probe(LivyClient(Transport(httpserver.url_for("").replace("http://", "http://alice:pw@"))))

    assert probe.login() == "alice"
    assert probe.ticket_seconds() is None
