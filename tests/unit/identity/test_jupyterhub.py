"""Who JupyterHub says this server's token is for, what makes that no identity, and where the token never goes."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading

import pytest
import requests
import responses

from livyguard.identity.jupyterhub import PAUSE, Hub

API = "http://hub:8081/hub/api"
CANARY = "canary-0123456789abcdef"
SERVER = {"JUPYTERHUB_API_URL": API, "JUPYTERHUB_API_TOKEN": CANARY, "JUPYTERHUB_USER": "alice"}
#: What JupyterHub 6.1.1 answers for the token of a server, and for that of a service.
ALICE = {
    "last_activity": "2026-11-21T14:57:03.983449Z",
    "name": "alice",
    "kind": "user",
    "groups": ["ml", "platform"],
    "admin": False,
    "user_info": None,
    "token_id": "a3",
    "session_id": None,
    "scopes": ["access:servers!server=alice/", "read:users:groups!user=alice", "read:users:name!user=alice"],
}
SERVICE = {"kind": "service", "admin": False, "name": "culler", "token_id": "a1", "session_id": None, "scopes": []}
FORBIDDEN = {"status": 403, "message": None}


@pytest.fixture
def network():
    """Answer in the Hub's place; nothing else is reachable."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def asked(network, environment=None, **answer):
    network.get(f"{API}/user", **answer)
    return Hub({**SERVER, **(environment or {})}).witness()


def test_a_servers_token_names_its_user_and_the_hubs_groups(httpserver):
    answer = httpserver.expect_oneshot_request("/hub/api/user", headers={"Authorization": f"token {CANARY}"})
    answer.respond_with_json(ALICE)

    told = Hub({**SERVER, "JUPYTERHUB_API_URL": httpserver.url_for("/hub/api/")}).witness()

    assert (told.user, told.trust, told.groups, told.note) == ("alice", "reported", {"ml", "platform"}, None)
    httpserver.check()


def test_where_the_environment_names_no_user_the_token_alone_tells(network):
    assert asked(network, {"JUPYTERHUB_USER": " "}, json=ALICE).user == "alice"


@pytest.mark.parametrize(
    ("groups", "expected", "note"),
    [
        ([], frozenset(), None),
        (["ml", 7, None, "", {"name": "ops"}], {"ml"}, None),
        (None, frozenset(), "JupyterHub tells this token no groups of alice."),
        ("platform", frozenset(), "JupyterHub tells this token no groups of alice."),
    ],
)
def test_groups_are_what_the_hub_lists_and_nothing_else(network, groups, expected, note):
    told = asked(network, json={**ALICE, "groups": groups})

    assert (told.user, told.groups, told.note) == ("alice", expected, note)


def test_an_answer_without_groups_still_names_the_user(network):
    told = asked(network, json={"kind": "user", "name": "alice"})

    assert (told.user, told.groups) == ("alice", frozenset())


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ({"json": SERVICE}, "The JupyterHub token in this environment is a service's and names nobody."),
        ({"json": {**SERVICE, "name": "alice"}}, "is a service's"),
        ({"json": {"name": "alice"}}, "is a service's"),
        ({"json": {**ALICE, "name": "bob"}}, "is bob's, and JUPYTERHUB_USER says alice. It is not this server's"),
        ({"json": {**ALICE, "name": "Alice"}}, "is Alice's, and JUPYTERHUB_USER says alice."),
        ({"json": FORBIDDEN, "status": 403}, "JupyterHub refuses this server's token (HTTP 403)."),
        ({"status": 401}, "JupyterHub refuses this server's token (HTTP 401)."),
        ({"status": 503, "json": ALICE}, "JupyterHub answers HTTP 503, and not who this is."),
        ({"status": 404}, "JupyterHub answers HTTP 404"),
        ({"body": "<html>log in</html>"}, "What answers at JUPYTERHUB_API_URL does not say who this is."),
        ({"body": b"\xff"}, "does not say who this is."),
        ({"body": "[" * 200_000}, "does not say who this is."),
        ({"json": [ALICE]}, "does not say who this is."),
        ({"json": {**ALICE, "name": None}}, "does not say who this is."),
        ({"json": {**ALICE, "name": " "}}, "does not say who this is."),
        ({"body": requests.ConnectTimeout()}, "JupyterHub does not answer at JUPYTERHUB_API_URL (ConnectTimeout)."),
        ({"body": requests.ReadTimeout()}, "(ReadTimeout)"),
        ({"body": requests.exceptions.SSLError()}, "(SSLError)"),
    ],
)
def test_whatever_is_no_answer_for_this_server_names_nobody_and_says_why(network, answer, note):
    told = asked(network, **answer)

    assert (told.user, told.groups) == (None, frozenset())
    assert note in told.note


def test_without_a_hub_in_the_environment_nobody_is_asked(network):
    assert Hub({"JUPYTERHUB_API_TOKEN": CANARY, "JUPYTERHUB_USER": "alice"}).witness() is None
    assert len(network.calls) == 0


def test_without_a_token_nobody_is_asked_and_it_is_told(network):
    told = Hub({**SERVER, "JUPYTERHUB_API_TOKEN": ""}).witness()

    assert told.user is None
    assert told.note == "JUPYTERHUB_API_URL names a Hub, and there is no JUPYTERHUB_API_TOKEN to ask it with."
    assert len(network.calls) == 0


@pytest.mark.parametrize("model", [ALICE, SERVICE, {**ALICE, "name": "bob"}])
def test_a_hub_that_answered_is_asked_once(network, model):
    now = [0.0]
    network.get(f"{API}/user", json=model)
    hub = Hub(SERVER, lambda: now[0])
    assert len(network.calls) == 0

    first = hub.witness()
    now[0] += 100 * PAUSE

    assert hub.witness() == first
    assert len(network.calls) == 1


def test_a_hub_that_failed_is_asked_once_and_again_only_after_a_pause(network):
    now = [0.0]
    network.get(f"{API}/user", status=502)
    network.get(f"{API}/user", body=requests.ConnectTimeout())
    network.get(f"{API}/user", json=ALICE)
    hub = Hub(SERVER, lambda: now[0])

    names = []
    for moment in (0.0, 1.0, PAUSE - 1, PAUSE, PAUSE + 1, 2 * PAUSE, 9 * PAUSE):
        now[0] = moment
        names.append((hub.witness().user, len(network.calls)))

    assert names == [(None, 1), (None, 1), (None, 1), (None, 2), (None, 2), ("alice", 3), ("alice", 3)]


def test_a_hub_that_refuses_connections_gets_one(monkeypatch):
    tries = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def slam():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                tries.append(client)
                client.close()

        thread = threading.Thread(target=slam, daemon=True)
        thread.start()
        told = Hub({**SERVER, "JUPYTERHUB_API_URL": f"http://127.0.0.1:{port}/hub/api"}).witness()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)

    assert told.note == "JupyterHub does not answer at JUPYTERHUB_API_URL (ConnectionError)."
    assert len(tries) == 1


def test_a_hub_that_never_answers_is_left_after_the_time_out(monkeypatch):
    monkeypatch.setattr("livyguard.identity.jupyterhub.TIMEOUTS", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/hub/api"

        assert "(ReadTimeout)" in Hub({**SERVER, "JUPYTERHUB_API_URL": url}).witness().note


def test_the_environment_is_read_once(network):
    environment = dict(SERVER)
    network.get(f"{API}/user", json=ALICE)
    hub = Hub(environment)

    environment.update(JUPYTERHUB_API_URL="http://elsewhere", JUPYTERHUB_API_TOKEN="other", JUPYTERHUB_USER="bob")

    assert hub.witness().user == "alice"
    assert network.calls[0].request.headers["Authorization"] == f"token {CANARY}"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (None, True)),
        ({"JUPYTERHUB_SSL_CERTFILE": "/c"}, (None, True)),
        (
            {"JUPYTERHUB_SSL_CERTFILE": "/c", "JUPYTERHUB_SSL_KEYFILE": "/k", "JUPYTERHUB_SSL_CLIENT_CA": "/ca"},
            (("/c", "/k"), "/ca"),
        ),
        ({"JUPYTERHUB_SSL_CLIENT_CA": "/ca", "REQUESTS_CA_BUNDLE": "/all"}, (None, "/ca")),
        ({"JUPYTERHUB_SSL_CLIENT_CA": "", "REQUESTS_CA_BUNDLE": "/all", "SSL_CERT_FILE": "/ssl"}, (None, "/all")),
        ({"SSL_CERT_FILE": "/ssl"}, (None, "/ssl")),
    ],
)
def test_tls_is_as_the_hub_set_it_up(network, change, expected):
    asked(network, change, json=ALICE)

    sent = network.calls[0].request.req_kwargs
    assert (sent["cert"], sent["verify"]) == expected


def test_a_certificate_that_is_not_there_is_told():
    told = Hub({**SERVER, "JUPYTERHUB_API_URL": "https://127.0.0.1:9", "SSL_CERT_FILE": "/nowhere"}).witness()

    assert told.note == "JupyterHub does not answer at JUPYTERHUB_API_URL (OSError)."


def test_the_token_goes_to_the_hub_and_nowhere_else(httpserver, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login mallory password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    httpserver.expect_request("/hub/api/user").respond_with_data(
        status=302, headers={"Location": httpserver.url_for("/elsewhere")}
    )

    told = Hub({**SERVER, "JUPYTERHUB_API_URL": httpserver.url_for("/hub/api")}).witness()

    assert told.note == "JupyterHub answers HTTP 302, and not who this is."
    assert [(request.path, request.headers["Authorization"]) for request, _ in httpserver.log] == [
        ("/hub/api/user", f"token {CANARY}")
    ]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, {"json": ALICE}),
        ({}, {"json": FORBIDDEN, "status": 403}),
        ({}, {"body": requests.ConnectionError(CANARY)}),
        ({}, {"body": ValueError(CANARY)}),
        ({"JUPYTERHUB_API_TOKEN": f"{CANARY}\u2026"}, {"json": ALICE}),
        ({"JUPYTERHUB_API_TOKEN": f"{CANARY}\nX: y"}, {"json": ALICE}),
        ({"JUPYTERHUB_API_URL": "no url"}, {}),
        ({"JUPYTERHUB_API_URL": "http://[::1"}, {}),
    ],
)
def test_the_token_is_in_no_repr_no_log_and_no_message(change, answer, network, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    network.get(f"{API}/user", **answer)
    hub = Hub({**SERVER, **change})

    told = hub.witness()

    shown = [repr(hub), str(hub), repr(told), str(told), caplog.text, *capfd.readouterr()]
    assert told is not None
    assert not [text for text in shown if CANARY in text]


def test_a_header_that_cannot_be_sent_is_told_without_it(httpserver):
    url = httpserver.url_for("/hub/api")

    for token in (f"{CANARY}\u2026", f"{CANARY}\nX: y"):
        told = Hub({"JUPYTERHUB_API_URL": url, "JUPYTERHUB_API_TOKEN": token}).witness()

        assert told.user is None
        assert told.note.startswith("JupyterHub does not answer at JUPYTERHUB_API_URL (")
        assert CANARY not in told.note


def test_requests_is_imported_when_the_hub_is_asked_and_not_before():
    code = (
        "import sys; import livyguard.identity.sources, livyguard.identity.sagemaker, livyguard.bootstrap;"
        " from livyguard.identity.jupyterhub import Hub;"
        " hub = Hub({'JUPYTERHUB_API_URL': 'http://127.0.0.1:9', 'JUPYTERHUB_API_TOKEN': 'x'});"
        " before = {'requests', 'urllib3', 'pydantic'} & set(sys.modules); hub.witness();"
        " print(sorted(before), 'requests' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[] True\n"
