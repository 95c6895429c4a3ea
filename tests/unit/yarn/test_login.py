"""How a ResourceManager is logged in to, with the real Kerberos library up to the KDC: what is sent, and what never."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pytest_httpserver import HTTPServer
from requests_kerberos import HTTPKerberosAuth
from requests_kerberos.exceptions import KerberosExchangeError
from werkzeug import Response

from livyguard.errors import ClusterError
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.login import Login
from livyguard.yarn.transport import Transport
from tests.unit import tickets

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug import Request

    from livyguard.yarn.login import Kind

    Ticket = Callable[[float | None], str]

PATH = "/ws/v1/cluster/apps"
APP = "application_1_0001"
STATE = f"{PATH}/{APP}/state"
TOKEN, PROOF = "Negotiate VElDS0VU", "Negotiate UFJPT0Y="
WANTS_KERBEROS = {"WWW-Authenticate": "Negotiate", "Set-Cookie": "hadoop.auth=; HttpOnly"}
REMEMBERED = {"Set-Cookie": "hadoop.auth=u=alice&t=kerberos&e=9999999999999&s=x; Path=/"}


class Exchange(HTTPKerberosAuth):
    """Kerberos without a KDC: one token, and one proof of the server."""

    def __init__(self) -> None:
        super().__init__(force_preemptive=True)

    def generate_request_header(self, response: Any, host: str, is_preemptive: bool = False) -> str:
        return TOKEN

    def authenticate_server(self, response: Any) -> bool:
        return bool(response.headers["WWW-Authenticate"] == PROOF)


class NoSuchService(Exchange):
    """Is told by the KDC that it does not know the server."""

    def generate_request_header(self, response: Any, host: str, is_preemptive: bool = False) -> str:
        raise KerberosExchangeError


@pytest.fixture
def ticket(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Ticket:
    """Put a ticket where the library looks; None leaves nothing there."""
    return tickets.looked_for_in(tmp_path, monkeypatch)


@pytest.fixture
def kerberized(httpserver: HTTPServer) -> HTTPServer:
    """A ResourceManager behind Kerberos, which remembers who logged in by a cookie, as hadoop-auth does."""

    def answer(request: Request) -> Response:
        if "hadoop.auth" in request.cookies:
            return Response('{"apps": null}')
        if request.headers.get("Authorization") != TOKEN:
            return Response("<title>Error 401 Authentication required</title>", 401, WANTS_KERBEROS)
        headers = {"WWW-Authenticate": PROOF, **REMEMBERED}
        return Response('{"apps": null}' if request.method == "GET" else "{}", 200, headers)

    httpserver.expect_request(PATH).respond_with_handler(answer)
    httpserver.expect_request(STATE, method="PUT").respond_with_handler(answer)
    return httpserver


def manager(
    server: HTTPServer, kind: Kind | None, user: str | None = "alice", negotiate: Callable[[], Any] = Exchange
) -> ResourceManager:
    return ResourceManager(Transport(server.url_for(""), Login(kind, user, negotiate)))


def sent(server: HTTPServer) -> list[tuple[str, str | None, str | None]]:
    """Return of each request the method, the log-in, and the name."""
    return [
        (request.method, request.headers.get("Authorization"), request.args.get("user.name"))
        for request, _ in server.log
    ]


@pytest.mark.parametrize(("kind", "name"), [(None, "alice"), ("simple", "alice"), ("none", None)])
def test_a_name_is_told_unless_the_policy_says_none(httpserver: HTTPServer, kind: Kind | None, name: str) -> None:
    httpserver.expect_request(PATH).respond_with_json({"apps": None})
    httpserver.expect_request(STATE, method="PUT").respond_with_json({}, 202)
    rm = manager(httpserver, kind)

    rm.living()
    rm.kill(APP)

    assert sent(httpserver) == [("GET", None, name), ("PUT", None, name)]


def test_kerberos_is_given_at_once_with_no_name_and_each_time_anew(kerberized: HTTPServer, ticket: Ticket) -> None:
    ticket(3600)
    rm = manager(kerberized, "kerberos")

    assert rm.living() == []
    assert rm.living() == []
    rm.kill(APP)

    assert sent(kerberized) == [("GET", TOKEN, None), ("GET", TOKEN, None), ("PUT", TOKEN, None)]


def test_where_the_policy_says_nothing_kerberos_is_given_once_it_is_asked_for(
    kerberized: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)
    rm = manager(kerberized, None)

    rm.living()
    rm.living()
    rm.kill(APP)

    asked, *by_kerberos = sent(kerberized)
    assert asked == ("GET", None, "alice")
    assert by_kerberos == [("GET", TOKEN, None), ("GET", TOKEN, None), ("PUT", TOKEN, None)]


def test_a_kill_that_was_refused_for_want_of_kerberos_is_carried_out_once(
    kerberized: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)

    manager(kerberized, None).kill(APP)

    assert sent(kerberized) == [("PUT", None, "alice"), ("PUT", TOKEN, None)]
    assert [response.status_code for _, response in kerberized.log] == [401, 200]


def test_of_two_that_are_refused_at_once_both_try_again(kerberized: HTTPServer) -> None:
    login = Login(None, "alice", Exchange)
    refused = [requests.get(kerberized.url_for(PATH), timeout=10) for _ in range(2)]

    assert [login.takes_up(answer) for answer in refused] == [True, True]
    assert login.query == {}


@pytest.mark.parametrize("verb", ["living", "kill"])
@pytest.mark.parametrize(
    ("seconds", "lack"), [(None, "There is no Kerberos ticket in {}"), (-1, "The Kerberos ticket has expired")]
)
def test_without_a_good_ticket_nothing_is_sent(
    kerberized: HTTPServer, ticket: Ticket, seconds: float | None, lack: str, verb: str
) -> None:
    place = ticket(seconds)
    rm = manager(kerberized, "kerberos")

    with pytest.raises(ClusterError) as caught:
        rm.living() if verb == "living" else rm.kill(APP)

    assert str(caught.value) == (
        f"{lack.format(place)}, and {rm.place} wants one. Run `kinit` where this runs, then try again."
    )
    assert kerberized.log == []


def test_a_ticket_that_runs_out_in_between_is_not_sent_though_the_server_remembers_us(
    kerberized: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)
    rm = manager(kerberized, "kerberos")
    rm.living()
    ticket(-1)

    with pytest.raises(ClusterError, match="The Kerberos ticket has expired"):
        rm.living()

    assert len(kerberized.log) == 1


def test_where_the_policy_says_nothing_a_missing_ticket_is_told_once_one_is_wanted(
    kerberized: HTTPServer, ticket: Ticket
) -> None:
    ticket(-1)

    with pytest.raises(
        ClusterError, match=r"The Kerberos ticket has expired, and the ResourceManager http://.* wants one"
    ):
        manager(kerberized, None).living()

    assert sent(kerberized) == [("GET", None, "alice")]


@pytest.mark.parametrize("kind", ["simple", "none"])
def test_another_log_in_than_the_server_takes_is_named(kerberized: HTTPServer, ticket: Ticket, kind: Kind) -> None:
    ticket(3600)
    rm = manager(kerberized, kind)

    with pytest.raises(ClusterError) as caught:
        rm.living()

    assert str(caught.value) == (
        f"The ResourceManager {rm.url} refuses to show applications (401): it wants Kerberos, and the policy says "
        f'resource_manager_auth = "{kind}".'
    )
    assert len(kerberized.log) == 1


@pytest.mark.parametrize(
    ("kind", "offered", "wants"),
    [
        (None, "PseudoAuth", "it wants a name, and nothing reports yours"),
        ("simple", "PseudoAuth", "it wants a name, and nothing reports yours"),
        ("none", "PseudoAuth", 'it wants a name, and the policy says resource_manager_auth = "none"'),
        (None, "Basic realm=x", "it wants a log-in that livyguard does not have"),
        ("none", "", "it wants a log-in that livyguard does not have"),
    ],
)
def test_what_else_it_wants_is_told(httpserver: HTTPServer, kind: Kind | None, offered: str, wants: str) -> None:
    httpserver.expect_request(PATH).respond_with_data("", 401, headers={"WWW-Authenticate": offered})

    with pytest.raises(ClusterError) as caught:
        manager(httpserver, kind, user=None).living()

    assert str(caught.value).endswith(f"refuses to show applications (401): {wants}.")


@pytest.mark.parametrize("answered", [{"WWW-Authenticate": "Negotiate Tm9uc2Vuc2U="}, {}])
def test_a_server_that_does_not_prove_itself_is_not_believed(
    httpserver: HTTPServer, ticket: Ticket, answered: dict[str, str]
) -> None:
    ticket(3600)
    httpserver.expect_request(PATH).respond_with_json({"apps": None}, headers=answered)
    rm = manager(httpserver, "kerberos")

    with pytest.raises(ClusterError) as caught:
        rm.living()

    assert str(caught.value) == (
        f"The ResourceManager {rm.url} answered the GET and did not prove to be the server that it says it is "
        "(Kerberos' mutual authentication), so the answer is not used. Does it take Kerberos, as the policy's "
        'resource_manager_auth = "kerberos" says?'
    )


def test_a_kill_whose_answer_is_not_believed_is_not_sent_to_the_other_of_a_pair(
    httpserver: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)
    httpserver.expect_request(STATE, method="PUT").respond_with_json({}, 202)
    urls = f"{httpserver.url_for('')},{httpserver.url_for('').replace('localhost', '127.0.0.1')}"

    with pytest.raises(ClusterError, match="answered the PUT and did not prove"):
        ResourceManager(Transport(urls, Login("kerberos", None, Exchange))).kill(APP)

    assert len(httpserver.log) == 1


@pytest.mark.parametrize("kind", [None, "kerberos"])
def test_a_standby_and_the_active_one_both_get_a_token_and_have_to_prove_themselves(
    kerberized: HTTPServer, ticket: Ticket, kind: Kind | None
) -> None:
    def send_on(request: Request) -> Response:
        if request.headers.get("Authorization") != TOKEN:
            return Response("", 401, WANTS_KERBEROS)
        location = f"{kerberized.url_for('').rstrip('/')}{request.full_path.rstrip('?')}"
        return Response("This is standby RM.", 307, {"Location": location, "WWW-Authenticate": PROOF})

    ticket(3600)
    with HTTPServer(host="127.0.0.1", port=0) as standby:
        standby.expect_request(STATE, method="PUT").respond_with_handler(send_on)
        manager(standby, kind).kill(APP)

        first = [("PUT", None, "alice")] if kind is None else []
        assert sent(standby) == [*first, ("PUT", TOKEN, None)]
    assert sent(kerberized) == [("PUT", TOKEN, None)]


def test_a_refusal_in_spite_of_a_ticket_says_whose_log_in_and_what_the_kdc_said(
    httpserver: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)
    httpserver.expect_request(PATH).respond_with_data("", 401, headers=WANTS_KERBEROS)

    with pytest.raises(ClusterError) as caught:
        manager(httpserver, "kerberos").living()

    text = str(caught.value)
    assert "refuses to show applications (401): it does not accept the log-in of alice@EXAMPLE.COM; " in text
    assert "no Kerberos ticket for HTTP@localhost can be had: " in text


def test_a_refusal_by_kerberos_is_final(httpserver: HTTPServer, ticket: Ticket) -> None:
    ticket(3600)
    httpserver.expect_request(STATE, method="PUT").respond_with_data("", 401, headers=WANTS_KERBEROS)
    told, found_out = manager(httpserver, "kerberos"), manager(httpserver, None)

    counts = []
    for rm in (told, found_out, found_out):
        with pytest.raises(ClusterError, match=r"the log-in of alice@EXAMPLE\.COM"):
            rm.kill(APP)
        counts.append(len(httpserver.log) - sum(counts))

    assert counts[1:] == [counts[0] + 1, counts[0]]


def test_a_server_that_the_kdc_does_not_know_is_not_asked(kerberized: HTTPServer, ticket: Ticket) -> None:
    ticket(3600)
    rm = manager(kerberized, "kerberos", negotiate=NoSuchService)

    with pytest.raises(ClusterError) as caught:
        rm.living()

    said = f"The ResourceManager {rm.url} is not asked: no Kerberos ticket for HTTP@localhost can be had: "
    assert str(caught.value).startswith(said)
    assert kerberized.log == []


def test_where_nothing_says_why_the_exchange_failed_it_is_told_without(
    kerberized: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    rm = manager(kerberized, "kerberos", negotiate=NoSuchService)

    with pytest.raises(ClusterError) as caught:
        rm.living()

    assert str(caught.value) == f"The ResourceManager {rm.url} is not asked: Kerberos gives nothing to log in with."


def test_without_the_library_it_is_said_what_to_install(
    kerberized: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests_kerberos", None)
    rm = ResourceManager(Transport(kerberized.url_for(""), Login("kerberos")))

    with pytest.raises(ClusterError, match=r"Kerberos cannot be had here, .* Install requests-kerberos\.$"):
        rm.living()

    assert kerberized.log == []


def test_each_try_has_a_token_of_its_own(httpserver: HTTPServer, ticket: Ticket) -> None:
    """A server takes a token once; a second one with the same would be refused as a replay."""
    ticket(3600)
    made: list[Exchange] = []

    def negotiate() -> Exchange:
        made.append(Exchange())
        return made[-1]

    httpserver.expect_ordered_request(PATH).respond_with_data("busy", 503, headers={"WWW-Authenticate": PROOF})
    httpserver.expect_ordered_request(PATH).respond_with_json({"apps": None}, headers={"WWW-Authenticate": PROOF})

    assert manager(httpserver, "kerberos", negotiate=negotiate).living() == []

    assert (len(made), len(httpserver.log)) == (2, 2)


def test_what_yarn_itself_refuses_a_user_of_kerberos_is_told_in_its_words(
    httpserver: HTTPServer, ticket: Ticket
) -> None:
    ticket(3600)
    refusal = {"RemoteException": {"message": "User alice may not"}}
    httpserver.expect_request(STATE, method="PUT").respond_with_json(refusal, 403, headers={"WWW-Authenticate": PROOF})

    with pytest.raises(ClusterError, match=rf"refuses to kill {APP} \(403\): User alice may not\."):
        manager(httpserver, "kerberos").kill(APP)
