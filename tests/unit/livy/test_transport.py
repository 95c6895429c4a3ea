"""Time-outs, retries, redirects: against a real server, since responses cannot show a slow or broken connection."""

import socket
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests
import responses
from requests.auth import HTTPBasicAuth
from requests_kerberos.exceptions import KerberosExchangeError, MutualAuthenticationError
from urllib3.exceptions import MaxRetryError, NewConnectionError
from werkzeug import Response

from livyguard.errors import AuthenticationFailed, EndpointUnreachable, InvalidInput
from livyguard.livy.transport import Timeouts, Transport, patient_adapter
from livyguard.patience import asking_once

#: For what is never answered; whatever comes is waited for as long as livyguard does.
QUICK = Timeouts(connect=0.5, read=0.3, create=0.3, delete=0.3)
PATIENCE = 60


def requests_to(server, method):
    return [request for request, _ in server.log if request.method == method]


@contextmanager
def a_server_that(serve):
    """A socket server on a free port; ``serve(connection)`` answers each connection in a thread of its own.

    At the end ``arrived`` holds all that was sent, however late the server came to it.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    last = socket.socket()
    last.bind(("127.0.0.1", 0))
    arrived, threads = [], []

    def answer(connection):
        with connection:
            arrived.append(connection.recv(65_536))
            serve(connection)

    def run():
        while True:
            connection, caller = listener.accept()
            if caller == last.getsockname():
                connection.close()
                return
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=run, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", arrived
    finally:
        last.connect(listener.getsockname())  # accepted after all that came before
        accepting.join(PATIENCE)
        last.close()
        listener.close()
        for thread in threads:
            thread.join(PATIENCE)


def test_a_passing_503_is_asked_again_until_it_has_passed(httpserver):
    httpserver.expect_ordered_request("/sessions").respond_with_data("busy", status=503)
    httpserver.expect_ordered_request("/sessions").respond_with_json({"sessions": []})

    answer = Transport(httpserver.url_for("")).request("GET", "/sessions")

    assert answer.json() == {"sessions": []}
    assert len(requests_to(httpserver, "GET")) == 2


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_whoever_watches_is_told_at_once_and_nothing_is_asked_twice(httpserver, status):
    httpserver.expect_request("/sessions").respond_with_data("busy", status=status)

    with asking_once():
        answer = Transport(httpserver.url_for("")).request("GET", "/sessions")

    assert answer.status_code == status
    assert len(requests_to(httpserver, "GET")) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_post_is_sent_exactly_once_whatever_the_answer(httpserver, status):
    httpserver.expect_request("/sessions").respond_with_data("no", status=status)

    answer = Transport(httpserver.url_for("")).request("POST", "/sessions", body={})

    assert answer.status_code == status
    assert len(requests_to(httpserver, "POST")) == 1


def test_the_last_answer_counts_when_a_fault_does_not_pass(httpserver):
    httpserver.expect_request("/sessions").respond_with_data("no", status=503, headers={"Retry-After": "0"})

    answer = Transport(httpserver.url_for("")).request("GET", "/sessions")

    assert answer.status_code == 503
    assert len(requests_to(httpserver, "GET")) == 4


def test_a_long_retry_after_is_cut_down():
    answer = SimpleNamespace(headers={"Retry-After": "86400"})

    assert patient_adapter().max_retries.get_retry_after(answer) == 10


def test_a_post_whose_connection_was_refused_is_not_sent_again():
    refused = NewConnectionError(None, "refused")
    retries = patient_adapter().max_retries

    assert retries.increment("GET", "/sessions", error=refused).total == retries.total - 1
    with pytest.raises(MaxRetryError):
        retries.increment("POST", "/sessions", error=refused)


def test_a_slow_answer_to_a_get_ends_in_a_time_out_and_is_not_waited_for_twice():
    stop = threading.Event()

    with a_server_that(lambda _connection: stop.wait(PATIENCE)) as (url, arrived):
        with pytest.raises(EndpointUnreachable, match="accepted the GET, and did not answer") as caught:
            Transport(url, timeouts=QUICK).request("GET", "/sessions")
        stop.set()

    assert len(arrived) == 1
    assert caught.value.endpoint == url


def test_a_post_that_is_not_answered_may_have_arrived():
    stop = threading.Event()

    with a_server_that(lambda _connection: stop.wait(PATIENCE)) as (url, arrived):
        with pytest.raises(EndpointUnreachable) as caught:
            Transport(url, timeouts=QUICK).request("POST", "/sessions", body={})
        stop.set()

    assert caught.value.may_have_arrived
    assert len(arrived) == 1


def test_a_post_that_is_cut_may_have_arrived_and_is_not_sent_again():
    with (
        a_server_that(lambda _connection: None) as (url, arrived),
        pytest.raises(EndpointUnreachable, match="cut before the POST was answered") as caught,
    ):
        Transport(url).request("POST", "/sessions", body={"kind": "pyspark"})

    assert caught.value.may_have_arrived
    assert len(arrived) == 1


def test_a_get_that_is_cut_is_asked_again():
    answers = [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"]

    with a_server_that(lambda connection: connection.sendall(answers.pop(0))) as (url, arrived):
        answer = Transport(url).request("GET", "/sessions")

    assert answer.json() == {}
    assert len(arrived) == 2


def test_half_an_answer_is_no_answer():
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{"sessions": ['

    with (
        a_server_that(lambda connection: connection.sendall(half)) as (url, _),
        pytest.raises(EndpointUnreachable, match="cut before"),
    ):
        Transport(url).request("GET", "/sessions")


def test_a_refused_connection_says_where_and_how_long():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(EndpointUnreachable, match=rf"{url} refuses the connection \(after") as caught:
        Transport(url).request("POST", "/sessions", body={})

    assert not caught.value.may_have_arrived


def test_the_host_that_a_redirect_leads_to_is_named_where_it_is_the_one_that_refuses(httpserver):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = f"http://127.0.0.1:{listener.getsockname()[1]}"
    headers = {"Location": f"{dead.replace('//', '//user:s3cret@')}/sessions"}
    httpserver.expect_request("/sessions").respond_with_data("", status=307, headers=headers)
    url = httpserver.url_for("").rstrip("/")

    with pytest.raises(EndpointUnreachable, match=rf"{dead} \(to which {url} redirects\) refuses") as caught:
        Transport(url).request("POST", "/sessions", body={})

    assert caught.value.endpoint == url


def test_a_name_that_does_not_resolve_is_told_as_that():
    with pytest.raises(EndpointUnreachable, match="its name does not resolve"):
        Transport("http://livy.invalid:8998").request("POST", "/sessions", body={})


def test_a_server_without_tls_is_told_as_a_tls_fault(httpserver):
    url = httpserver.url_for("").replace("http://", "https://")

    with pytest.raises(EndpointUnreachable, match=f"TLS with {url.rstrip('/')} fails"):
        Transport(url).request("POST", "/sessions", body={})


@responses.activate
def test_a_connection_that_does_not_come_about_is_told_with_the_wait():
    responses.get("http://livy/sessions", body=requests.ConnectTimeout())

    with pytest.raises(EndpointUnreachable, match="No connection to http://livy within") as caught:
        Transport("http://livy").request("GET", "/sessions")

    assert not caught.value.may_have_arrived


@responses.activate
def test_an_authentication_that_breaks_down_is_no_matter_of_the_network():
    responses.get("http://livy/sessions", body=KerberosExchangeError("it holds the ticket"))

    with pytest.raises(AuthenticationFailed) as caught:
        Transport("http://livy").request("GET", "/sessions")

    assert str(caught.value) == "The authentication with http://livy fails: KerberosExchangeError."


@responses.activate
def test_an_answer_of_who_knows_whom_may_mean_that_the_request_was_carried_out():
    responses.post("http://livy/sessions", body=MutualAuthenticationError("it holds the ticket"))

    with pytest.raises(EndpointUnreachable, match="answered the POST and did not prove to be the server") as caught:
        Transport("http://livy").request("POST", "/sessions", body={})

    assert caught.value.may_have_arrived


def test_a_url_that_no_request_can_be_made_of_is_told_so():
    with pytest.raises(InvalidInput, match="is no URL that can be asked"):
        Transport("http://*.example.com").request("GET", "/sessions")


def test_an_unreachable_proxy_is_told_as_the_proxy(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(EndpointUnreachable, match="The proxy on the way"):
        Transport("http://livy.example.com").request("POST", "/sessions", body={})


def test_a_standby_server_sends_on_and_the_log_in_goes_along(httpserver):
    def active(request):
        return Response(f"{request.authorization.username}:{request.get_data(as_text=True)}")

    moved = {"Location": httpserver.url_for("/active/sessions")}
    httpserver.expect_request("/standby/sessions", method="POST").respond_with_data("", status=307, headers=moved)
    httpserver.expect_request("/active/sessions", method="POST").respond_with_handler(active)

    transport = Transport(httpserver.url_for("/standby"), HTTPBasicAuth("alice", "secret"))
    answer = transport.request("POST", "/sessions", body={"kind": "sql"})

    assert answer.text == 'alice:{"kind": "sql"}'


def test_a_307_to_another_host_keeps_the_log_in(httpserver):
    other = httpserver.url_for("/active/sessions").replace("localhost", "127.0.0.1")
    first = httpserver.url_for("/standby").replace("127.0.0.1", "localhost")
    httpserver.expect_request("/standby/sessions").respond_with_data("", status=307, headers={"Location": other})
    httpserver.expect_request("/active/sessions").respond_with_handler(
        lambda request: Response(str(request.authorization.username))
    )

    assert Transport(first, ("alice", "secret")).request("GET", "/sessions").text == "alice"


def test_a_302_to_another_host_does_not_get_the_password(httpserver):
    other = httpserver.url_for("/login").replace("localhost", "127.0.0.1")
    first = httpserver.url_for("").replace("127.0.0.1", "localhost")
    httpserver.expect_request("/sessions").respond_with_data("", status=302, headers={"Location": other})
    httpserver.expect_request("/login").respond_with_handler(lambda request: Response(repr(request.authorization)))

    assert Transport(first, ("alice", "secret")).request("GET", "/sessions").text == "None"


def test_a_post_does_not_follow_a_302(httpserver):
    httpserver.expect_request("/sessions").respond_with_data("", status=302, headers={"Location": "/elsewhere"})

    assert Transport(httpserver.url_for("")).request("POST", "/sessions", body={}).status_code == 302


def test_redirects_in_circles_end(httpserver):
    httpserver.expect_request("/sessions").respond_with_data("", status=307, headers={"Location": "/sessions"})

    with pytest.raises(EndpointUnreachable, match="redirects in circles"):
        Transport(httpserver.url_for("")).request("GET", "/sessions")


def test_base_path_and_query_stay_with_every_request(httpserver):
    httpserver.expect_request(
        "/gateway/livy/sessions", query_string={"user.name": "alice", "from": "0"}
    ).respond_with_data("fine")

    transport = Transport(httpserver.url_for("/gateway/livy/") + "?user.name=alice")

    assert transport.request("GET", "/sessions", params={"from": 0}).text == "fine"
    assert transport.endpoint == httpserver.url_for("/gateway/livy")
    assert transport.user == "alice"


def test_every_request_names_its_sender_for_csrf_and_says_json(httpserver):
    httpserver.expect_request("/sessions").respond_with_data("fine")

    Transport(httpserver.url_for(""), headers={"X-Site": "7"}).request("DELETE", "/sessions")

    headers = httpserver.log[0][0].headers
    assert headers["X-Requested-By"] == "livyguard"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Site"] == "7"


def test_a_password_in_the_url_logs_in_and_is_shown_nowhere(httpserver):
    httpserver.expect_request("/sessions").respond_with_handler(
        lambda request: Response(f"{request.authorization.username} {request.authorization.password}")
    )
    host = httpserver.url_for("").removeprefix("http://")

    transport = Transport(f"http://alice:p%40ss@{host}")

    assert transport.request("GET", "/sessions").text == "alice p@ss"
    assert "p@ss" not in transport.endpoint + repr(transport._place)
    assert "@" not in transport.endpoint


@pytest.mark.parametrize("url", ["livy:8998", "ftp://livy", "http://", "", "http://livy:port", "//livy"])
def test_what_is_no_url_is_told_so(url):
    with pytest.raises(InvalidInput, match="is no Livy URL"):
        Transport(url)


def test_the_password_of_a_wrong_url_is_not_repeated():
    with pytest.raises(InvalidInput) as caught:
        Transport("htp://alice:secret@livy")

    assert "secret" not in str(caught.value)


def test_an_ipv6_address_keeps_its_brackets():
    assert Transport("http://[::1]:8998/").endpoint == "http://[::1]:8998"
