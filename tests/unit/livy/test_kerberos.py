"""Tickets that are there, missing and run out, as the real library sees them; no KDC is asked."""

import sys
import time

import pytest
from requests_kerberos import HTTPKerberosAuth
from requests_kerberos.exceptions import KerberosExchangeError
from werkzeug import Response

from livyguard.errors import AuthenticationFailed
from livyguard.kerberos import Careful, careful, ticket_of, why_refused
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Transport
from tests.unit import tickets

WANTS_A_TICKET = {"WWW-Authenticate": "Negotiate"}


class Login(HTTPKerberosAuth):
    """Gets a token without a KDC."""

    def generate_request_header(self, response, host, is_preemptive=False):
        return "Negotiate VElDS0VU"


class LoginWithoutToken(HTTPKerberosAuth):
    """Is told by the KDC that there is no such service."""

    def generate_request_header(self, response, host, is_preemptive=False):
        raise KerberosExchangeError


class Bare(Login):
    """A site's own, which has only what it needs itself."""

    def __init__(self):
        self.mutual_authentication = 3
        self.pos = None
        self._num_401s = 0

    def __call__(self, request):
        return request


@pytest.fixture
def ticket(monkeypatch, tmp_path):
    """Put a ticket where the library looks; None leaves nothing there."""
    return tickets.looked_for_in(tmp_path, monkeypatch)


@pytest.fixture
def livy(httpserver):
    """A Livy behind Kerberos that takes any token."""

    def answer(request):
        if "Authorization" not in request.headers:
            return Response("<title>Error 401 Authentication required</title>", 401, WANTS_A_TICKET)
        return Response('{"sessions": [], "total": 0}', headers={"WWW-Authenticate": "Negotiate UFJPT0Y="})

    httpserver.expect_request("/sessions").respond_with_handler(answer)
    return httpserver


def client(livy, auth):
    return LivyClient(Transport(livy.url_for(""), auth))


def trusting(cls=Login, **options):
    return cls(mutual_authentication=3, **options)


def test_a_good_ticket_logs_in(livy, ticket):
    ticket(3600)

    assert client(livy, trusting()).sessions() == []
    assert [request.headers.get("Authorization") for request, _ in livy.log] == [None, "Negotiate VElDS0VU"]


@pytest.mark.parametrize("verb", ["sessions", "create"])
def test_a_ticket_that_has_run_out_is_not_sent(livy, ticket, verb):
    ticket(-1)
    store = client(livy, trusting())

    with pytest.raises(AuthenticationFailed) as caught:
        store.sessions() if verb == "sessions" else store.create({})

    assert str(caught.value) == (
        f"The Kerberos ticket has expired, and {store.endpoint} wants one. Run `kinit` where this runs, then try again."
    )
    assert [request.headers.get("Authorization") for request, _ in livy.log] == [None]


def test_without_a_ticket_it_is_said_where_one_was_looked_for(livy, ticket):
    place = ticket(None)
    store = client(livy, trusting())

    with pytest.raises(AuthenticationFailed) as caught:
        store.sessions()

    assert str(caught.value) == (
        f"There is no Kerberos ticket in {place}, and {store.endpoint} wants one."
        " Run `kinit` where this runs, then try again."
    )


def test_the_principal_that_is_configured_is_the_one_to_get_a_ticket_for(livy, ticket):
    ticket(3600)

    with pytest.raises(AuthenticationFailed) as caught:
        client(livy, trusting(principal="etl@EXAMPLE.COM")).sessions()

    assert str(caught.value).startswith("There is no Kerberos ticket of etl@EXAMPLE.COM, and ")
    assert "Run `kinit etl@EXAMPLE.COM`" in str(caught.value)


def test_a_server_that_wants_no_kerberos_gets_no_complaint_about_tickets(httpserver, ticket):
    ticket(None)
    httpserver.expect_request("/sessions").respond_with_json({"sessions": [], "total": 0})

    assert client(httpserver, trusting()).sessions() == []


def test_a_log_in_that_does_not_wait_for_the_401_needs_its_ticket_at_once(livy, ticket):
    ticket(-1)

    with pytest.raises(AuthenticationFailed, match="has expired"):
        client(livy, trusting(force_preemptive=True)).sessions()

    assert livy.log == []


def test_what_the_kdc_said_is_told_where_the_log_in_fails_in_spite_of_a_ticket(livy, ticket):
    ticket(3600)

    with pytest.raises(AuthenticationFailed) as caught:
        client(livy, trusting(LoginWithoutToken)).sessions()

    text = str(caught.value)
    assert "does not accept the log-in of alice (401); no Kerberos ticket for HTTP@localhost can be had: " in text
    assert 'KDC for realm "EXAMPLE.COM"' in text
    assert "Major" not in text


def test_a_sites_own_log_in_that_lacks_the_librarys_settings_is_told_the_same(livy, ticket):
    ticket(None)

    with pytest.raises(AuthenticationFailed, match="Run `kinit` where this runs"):
        client(livy, Bare()).sessions()
    ticket(3600)
    assert why_refused(Bare(), "livy.example.com").startswith(
        "no Kerberos ticket for HTTP@livy.example.com can be had: "
    )


def test_only_kerberos_is_made_careful():
    basic = ("alice", "x")

    assert careful(basic, "http://livy", AuthenticationFailed) is basic
    assert isinstance(careful(HTTPKerberosAuth(), "http://livy", AuthenticationFailed), Careful)
    assert why_refused(basic, "livy") is None


def test_a_log_in_by_password_needs_no_ticket(ticket):
    ticket(None)

    assert ticket_of(HTTPKerberosAuth(principal="alice@EXAMPLE.COM", password="x")).fault is None


def test_a_refusal_that_requests_kerberos_has_emptied_is_still_a_refusal(httpserver, ticket):
    def answer(request):
        refused = Response("<title>no rule for this principal</title>", 403)
        return refused if "Authorization" in request.headers else Response("", 401, WANTS_A_TICKET)

    ticket(3600)
    httpserver.expect_request("/sessions").respond_with_handler(answer)

    with pytest.raises(AuthenticationFailed, match=r"refuses to list its sessions to us \(403\)"):
        client(httpserver, Login()).sessions()


def test_without_the_library_nothing_is_said_about_tickets(monkeypatch):
    monkeypatch.setitem(sys.modules, "gssapi", None)
    auth = HTTPKerberosAuth(principal="alice@EXAMPLE.COM")

    assert ticket_of(auth) == ("alice@EXAMPLE.COM", None)
    assert why_refused(auth, "livy") is None


@pytest.mark.parametrize("seconds", [None, -1])
def test_a_log_in_that_will_fail_is_known_before_anything_is_asked_for(livy, ticket, seconds):
    ticket(seconds)

    with pytest.raises(AuthenticationFailed, match="Run `kinit`"):
        client(livy, trusting()).check_login()


def test_a_good_ticket_is_not_tried_out(livy, ticket):
    ticket(3600)

    client(livy, trusting()).check_login()

    assert livy.log == []


def test_a_livy_that_wants_no_log_in_passes_without_a_ticket(httpserver, ticket):
    ticket(None)
    httpserver.expect_request("/sessions").respond_with_json({"sessions": [], "total": 0})

    client(httpserver, trusting()).check_login()


def test_a_livy_that_remembers_us_by_its_cookie_needs_no_ticket(httpserver, ticket):
    cookie = f"hadoop.auth=u=alice&t=kerberos&e={int(time.time() + 60) * 1000}&s=x; HttpOnly"
    httpserver.expect_request("/sessions").respond_with_json({"sessions": []}, headers={"Set-Cookie": cookie})
    ticket(None)
    store = client(httpserver, trusting())
    store.sessions()
    asked = len(httpserver.log)

    store.check_login()

    assert len(httpserver.log) == asked
    assert store.authenticated_user == "alice"
