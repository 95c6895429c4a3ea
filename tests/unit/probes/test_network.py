"""The way to a server: real sockets, real certificates."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time

import pytest
import trustme
from pytest_httpserver import HTTPServer

from livyguard.errors import EndpointUnreachable
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.probes.network import Way

YEAR = dt.timedelta(days=365)


def now():
    return dt.datetime.now(dt.timezone.utc)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def bundle(authority, tmp_path):
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


@pytest.fixture
def serve():
    """Serve with a certificate; return the port."""
    running = []

    def serve(certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server = HTTPServer(ssl_context=context)
        server.start()
        running.append(server)
        return server.port

    yield serve
    for server in running:
        server.clear()
        server.stop()


def fault(call):
    with pytest.raises(EndpointUnreachable) as caught:
        call()
    return str(caught.value)


def test_a_good_certificate_is_told_with_its_end(authority, bundle, serve):
    port = serve(authority.issue_cert("localhost", not_after=now() + YEAR))

    certificate = Way(f"https://localhost:{port}", verify=bundle).handshake()

    assert certificate.protocol.startswith("TLSv1.")
    assert abs(certificate.until - (time.time() + 365 * 86_400)) < 86_400


@pytest.mark.parametrize(
    ("issued", "said"),
    [
        ({"not_after": now() - YEAR, "not_before": now() - 2 * YEAR}, "certificate has expired"),
        ({"host": "other.example.com"}, "ostname mismatch"),
    ],
)
def test_a_certificate_that_is_over_or_anothers_is_refused_with_the_reason(authority, bundle, serve, issued, said):
    port = serve(authority.issue_cert(issued.pop("host", "localhost"), **issued))

    text = fault(Way(f"https://localhost:{port}", verify=bundle).handshake)

    assert text.startswith(f"TLS with https://localhost:{port} fails: certificate verify failed: ")
    assert said in text


def test_an_authority_that_nobody_knows_is_refused(authority, serve):
    port = serve(authority.issue_cert("localhost"))

    assert "certificate verify failed: " in fault(Way(f"https://localhost:{port}").handshake)


def test_a_certificate_that_nobody_looks_at_has_no_end(authority, serve):
    port = serve(authority.issue_cert("other.example.com"))

    assert Way(f"https://localhost:{port}", verify=False).handshake().until is None


def test_a_server_without_tls_and_one_that_says_nothing(httpserver, deaf):
    plain = httpserver.url_for("").replace("http:", "https:").rstrip("/")

    assert fault(Way(plain).handshake).startswith(f"TLS with {plain} fails: ")
    silent = Way(deaf.replace("http:", "https:"), seconds=0.05)
    assert fault(silent.handshake).endswith("fails: no handshake within 0 s.")


def test_authorities_that_are_not_there_are_told(httpserver, tmp_path):
    text = fault(Way("https://localhost:1", verify=str(tmp_path / "gone.pem")).handshake)

    assert "authorities" in text


def test_an_operators_own_transport_cannot_be_looked_at():
    assert Way("https://localhost:1", is_plain=False).handshake() is None


def test_a_port_that_is_open_and_one_that_is_closed(httpserver, nobody):
    Way(httpserver.url_for("")).connect()

    assert fault(Way(nobody).connect) == (
        f"{nobody} refuses the connection (after less than 1 s). Is Livy running there?"
    )


def test_a_connection_that_nobody_takes_is_given_up():
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))

    text = fault(Way(f"http://127.0.0.1:{port}", seconds=0.1).connect)

    assert text == f"No connection to http://127.0.0.1:{port} within 0 s."
    for one in [*waiting, full]:
        one.close()


def test_names_resolve_or_are_told():
    assert list(Way("http://127.0.0.1:8998").resolve()) == ["127.0.0.1"]
    text = fault(Way("http://no-such-host.invalid:8998").resolve)
    assert text == "The host of http://no-such-host.invalid:8998 is not known: its name does not resolve."


def test_the_proxy_is_asked_instead_of_the_server(nobody):
    proxy = nobody.replace("http://", "http://alice:s3cret@")

    way = Way("http://livy.example.com:8998", {"http": proxy})

    assert way.via == nobody.removeprefix("http://")
    assert list(way.resolve()) == ["127.0.0.1"]
    text = fault(way.connect)
    assert text.startswith(f"The proxy {way.via} on the way to http://livy.example.com:8998 refuses the connection")
    assert "s3cret" not in text


def test_the_handshake_goes_through_the_proxy_with_its_log_in():
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse():
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4_096).decode())
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

        answering = threading.Thread(target=refuse)
        answering.start()
        way = Way("https://livy:8998", {"https": f"http://alice:pw@127.0.0.1:{listener.getsockname()[1]}"})
        text = fault(way.handshake)
        answering.join()

    assert heard[0].startswith("CONNECT livy:8998 HTTP/1.")
    assert "Proxy-Authorization: Basic YWxpY2U6cHc=" in heard[0]
    assert "407" in text


def test_a_proxy_of_another_kind_cannot_be_looked_through():
    assert Way("https://livy:8998", {"https": "socks5://127.0.0.1:1080"}).handshake() is None


def test_what_is_told_is_what_a_hint_is_found_by(nobody):
    def codes(call):
        return [hint.code for hint in diagnose(Case(error=fault(call)))][:1]

    assert codes(Way("http://no-such-host.invalid:8998").resolve) == ["LG606"]
    assert codes(Way(nobody).connect) in (["LG604"], ["LG501"])  # on this machine it may be a tunnel that is down
    assert codes(Way(nobody.replace("http:", "https:")).handshake) == ["LG607"]
