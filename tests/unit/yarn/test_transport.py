"""Which ResourceManager answers, what is asked again, and what a kill may do only once."""

import socket
import threading

import pytest
import requests
import responses
from pytest_httpserver import HTTPServer
from werkzeug import Response

from livyguard.errors import ClusterError
from livyguard.patience import asking_once
from livyguard.yarn import transport
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.login import Login
from livyguard.yarn.transport import Transport

PATH = "/ws/v1/cluster/apps"
NONE = {"apps": {}}
APP = "application_1_0001"
#: What a standby of 3.3.6 answers, with 307 and without a Location, while none of the pair is active.
NO_ACTIVE = {"Refresh": "4;url=http://localhost:8088/ws/v1/cluster/apps?next.refresh.interval=1"}


def manager(*urls, user=None):
    return ResourceManager(Transport(",".join(urls), Login(user=user)))


def methods(server):
    return [request.method for request, _ in server.log]


def standby_of(server, active, status=307):
    """Let a server send on as a standby ResourceManager does."""

    def send_on(request):
        target = f"{active}{request.full_path.rstrip('?')}"
        return Response("This is standby RM.", status=status, headers={"Location": target})

    server.expect_request(f"{PATH}").respond_with_handler(send_on)
    server.expect_request(f"{PATH}/{APP}/state").respond_with_handler(send_on)


@pytest.fixture
def second():
    """The other one of a pair."""
    with HTTPServer(host="127.0.0.1", port=0) as server:
        yield server


def test_the_reported_user_goes_with_every_request(httpserver):
    httpserver.expect_request(PATH, query_string={"applicationTags": "x", "user.name": "alice"}).respond_with_json(NONE)
    state = f"{PATH}/{APP}/state"
    httpserver.expect_request(state, method="PUT", query_string={"user.name": "alice"}).respond_with_json({}, 202)

    rm = manager(httpserver.url_for(""), user="alice")

    assert rm.tagged("x") == []
    rm.kill(APP)


@pytest.mark.parametrize("path", ["", "/", "/cluster", "/ws/v1/cluster", "/cluster/?a=b"])
def test_the_url_may_be_the_one_of_the_pages(httpserver, path):
    httpserver.expect_request(PATH).respond_with_json(NONE)

    assert manager(httpserver.url_for("").rstrip("/") + path).tagged("x") == []


def test_a_base_path_in_front_of_it_is_kept(httpserver):
    httpserver.expect_request(f"/gateway/yarn{PATH}").respond_with_json(NONE)

    assert manager(httpserver.url_for("/gateway/yarn")).tagged("x") == []


def test_a_passing_fault_is_asked_again_for_a_get_alone(httpserver):
    httpserver.expect_ordered_request(PATH).respond_with_data("busy", status=503)
    httpserver.expect_ordered_request(PATH).respond_with_json(NONE)
    httpserver.expect_ordered_request(f"{PATH}/{APP}/state").respond_with_data("busy", status=503)
    rm = manager(httpserver.url_for(""))

    assert rm.tagged("x") == []
    with pytest.raises(ClusterError, match="503"):
        rm.kill(APP)

    assert methods(httpserver) == ["GET", "GET", "PUT"]


def test_whoever_watches_asks_once_in_a_second(httpserver):
    httpserver.expect_request(PATH).respond_with_data("busy", status=503)

    with asking_once(), pytest.raises(ClusterError, match="503"):
        manager(httpserver.url_for("")).living()

    assert methods(httpserver) == ["GET"]


@pytest.mark.parametrize(
    ("status", "is_passing"),
    [(429, True), (502, True), (503, True), (504, True), (401, False), (403, False), (500, False)],
)
def test_whether_a_fault_may_pass_is_told_by_its_status(httpserver, status, is_passing):
    httpserver.expect_request(PATH).respond_with_data("no", status=status)

    with asking_once(), pytest.raises(ClusterError) as fault:
        manager(httpserver.url_for("")).living()

    assert fault.value.is_passing == is_passing


def test_a_connection_that_fails_may_pass_and_a_server_that_is_none_of_yarns_does_not(httpserver):
    httpserver.expect_request(PATH).respond_with_data("<p>welcome</p>")

    with pytest.raises(ClusterError) as refused:
        manager("http://127.0.0.1:1").living()
    with pytest.raises(ClusterError) as another:
        manager(httpserver.url_for("")).living()

    assert (refused.value.is_passing, another.value.is_passing) == (True, False)


def test_a_fault_that_does_not_pass_is_told_after_three_tries(httpserver, monkeypatch):
    monkeypatch.setattr(transport, "PAUSES", (0.0, 0.0))
    httpserver.expect_request(PATH).respond_with_data("<p>down for repair</p>", status=503)

    with pytest.raises(ClusterError, match=r"refuses to show applications \(503\): down for repair\."):
        manager(httpserver.url_for("")).living()

    assert methods(httpserver) == ["GET"] * 3


def test_a_cookie_is_not_kept(httpserver):
    httpserver.expect_request(PATH).respond_with_json(NONE, headers={"Set-Cookie": "hadoop.auth=u=alice; Path=/"})
    rm = manager(httpserver.url_for(""), user="alice")

    rm.living()
    rm.living()

    assert [request.cookies.to_dict() for request, _ in httpserver.log] == [{}, {}]


def test_a_standby_sends_on_to_the_active_one_with_method_and_body(httpserver, second):
    standby_of(httpserver, second.url_for("").rstrip("/"))
    second.expect_request(PATH, query_string={"applicationTags": "x"}).respond_with_json(NONE)
    second.expect_request(f"{PATH}/{APP}/state", method="PUT", json={"state": "KILLED"}).respond_with_json({}, 202)
    rm = manager(httpserver.url_for(""))

    assert rm.tagged("x") == []
    rm.kill(APP)

    assert methods(second) == ["GET", "PUT"]


def test_a_kill_is_not_followed_where_the_method_would_be_lost(httpserver, second):
    standby_of(httpserver, second.url_for("").rstrip("/"), status=302)

    with pytest.raises(ClusterError, match="where a PUT is not followed"):
        manager(httpserver.url_for("")).kill(APP)

    assert methods(second) == []


def test_of_two_the_one_that_knows_an_active_one_answers_and_is_asked_first_then(httpserver, second):
    httpserver.expect_request(PATH).respond_with_data("Can not find any active RM.", 307, headers=NO_ACTIVE)
    second.expect_request(PATH).respond_with_json(NONE)
    rm = manager(httpserver.url_for(""), second.url_for(""))

    assert rm.tagged("x") == []
    assert rm.tagged("x") == []

    assert (len(httpserver.log), len(second.log)) == (1, 2)
    assert rm.url == second.url_for("").rstrip("/")


def test_where_the_first_refuses_connections_a_kill_goes_to_the_second(nobody, second):
    second.expect_request(f"{PATH}/{APP}/state", method="PUT").respond_with_json({}, 202)

    manager(nobody, second.url_for("")).kill(APP)

    assert methods(second) == ["PUT"]


def test_a_kill_that_may_have_arrived_is_not_sent_a_second_time(deaf, second, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUTS", (1.0, 0.2))

    with pytest.raises(ClusterError, match="did not answer a PUT in time"):
        manager(deaf, second.url_for("")).kill(APP)

    assert second.log == []


def test_none_that_answers_is_one_sentence_each(nobody, httpserver):
    httpserver.expect_request(PATH).respond_with_data("Can not find any active RM.", 307, headers=NO_ACTIVE)

    with pytest.raises(ClusterError) as caught:
        manager(nobody, httpserver.url_for("")).tagged("x")

    assert str(caught.value) == (
        f"No connection to the ResourceManager {nobody}. {httpserver.url_for('').rstrip('/')} is a standby "
        "ResourceManager and knows of no active one."
    )


def test_redirects_in_circles_end(httpserver):
    standby_of(httpserver, httpserver.url_for("").rstrip("/"))

    with pytest.raises(ClusterError, match="redirects in circles"):
        manager(httpserver.url_for("")).tagged("x")


def test_nothing_is_followed_out_of_http(httpserver):
    httpserver.expect_request(PATH).respond_with_data("", status=302, headers={"Location": "ftp://elsewhere/x"})

    with pytest.raises(ClusterError, match="sends on to ftp://elsewhere"):
        manager(httpserver.url_for("")).tagged("x")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"nonsense\r\n\r\n"])
def test_a_connection_that_is_cut_is_told(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=cut, daemon=True)
        thread.start()
        try:
            with pytest.raises(ClusterError, match=r"ResourceManager http://127\.0\.0\.1"):
                manager(f"http://127.0.0.1:{listener.getsockname()[1]}").tagged("x")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_no_tls_where_it_was_expected_is_told(httpserver):
    url = httpserver.url_for("").replace("http://", "https://").rstrip("/")

    with pytest.raises(ClusterError, match=f"TLS with the ResourceManager {url} fails"):
        manager(url).tagged("x")


def test_no_connection_in_time_is_told():
    with responses.RequestsMock() as network:
        network.get(f"http://rm:8088{PATH}", body=requests.ConnectTimeout())

        with pytest.raises(ClusterError, match="No connection to the ResourceManager http://rm:8088"):
            manager("http://rm:8088").tagged("x")


@pytest.mark.parametrize("urls", ["rm:8088", "rm", "ftp://rm", "http://", "http://rm:x", "http://a:secret@rm:8088"])
def test_what_is_no_url_is_told_without_a_password(urls):
    with pytest.raises(ClusterError, match="is no URL that can be asked") as caught:
        Transport(f"http://rm1:8088,{urls}")

    assert "secret" not in str(caught.value)


def test_an_empty_setting_is_told():
    with pytest.raises(ClusterError, match="is empty"):
        Transport(" , ")
