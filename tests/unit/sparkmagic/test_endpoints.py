"""SparkMagic's endpoints, taken over as they are."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import requests
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.utils import configuration as conf

from livyguard.livy.wire import session_from
from livyguard.sparkmagic.endpoints import Endpoints, NotLoggedIn
from livyguard.testing import FakeStore

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://livy.example.com:8998"


class Site(requests.adapters.HTTPAdapter):
    """An adapter of the site's own."""


Site.__module__ = "site_adapters"


@pytest.fixture(autouse=True)
def config() -> Iterator[None]:
    conf.override_all({"custom_headers": {"X-Site": "1"}, "ignore_ssl_errors": True})
    yield
    conf.override_all({})


@pytest.fixture
def opened() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def endpoints(opened: list[dict[str, Any]]) -> Endpoints:
    def connect(url: str, **options: Any) -> FakeStore:
        opened.append({"url": url, **options})
        return FakeStore(endpoint=url)

    return Endpoints(connect, session_from)


def a_client(auth: object = None) -> LivyReliableHttpClient:
    return LivyReliableHttpClient.from_endpoint(Endpoint(URL, auth))


def test_url_authentication_headers_and_adapters_are_sparkmagics(
    endpoints: Endpoints, opened: list[dict[str, Any]]
) -> None:
    login, site = object(), Site()
    client = a_client(login)
    client._http_client._session.mount("http://livy", site)

    endpoints.store(client)

    (store,) = opened
    assert (store["url"], store["auth"], store["verify"]) == (URL, login, False)
    assert store["headers"]["X-Site"] == "1"
    assert store["adapters"] == {"http://livy": site}


def test_one_client_is_one_store(endpoints: Endpoints) -> None:
    client = a_client()

    assert endpoints.store(client) is endpoints.store(client)
    assert endpoints.store(client) is not endpoints.store(a_client())


def test_sparkmagics_own_requests_carry_what_csrf_protection_wants_and_give_it_back(endpoints: Endpoints) -> None:
    client = a_client()
    before = dict(client.get_headers())

    endpoints.store(client)
    during = dict(client.get_headers())
    endpoints.restore()

    assert during == {**before, "X-Requested-By": "livyguard"}
    assert client.get_headers() == before


def test_a_header_that_the_operator_set_is_left_alone(endpoints: Endpoints) -> None:
    conf.override_all({"custom_headers": {"x-requested-by": "ops"}})
    client = a_client()
    before = dict(client.get_headers())

    endpoints.store(client)
    endpoints.restore()

    assert client.get_headers() == before


@pytest.mark.parametrize("answer", [None, [1], "x", {"state": "idle"}])
def test_what_is_no_session_is_none(endpoints: Endpoints, answer: object) -> None:
    assert endpoints.session(a_client(), answer) is None


def test_an_answer_to_sparkmagics_own_request_is_a_session(endpoints: Endpoints) -> None:
    found = endpoints.session(a_client(), {"id": 7, "state": "idle", "appId": "application_1_0001"})

    assert found is not None
    assert (found.endpoint, found.id, found.app_id) == (URL, 7, "application_1_0001")


class Watched:
    """A log-in that is looked after."""

    def __init__(self, auth: object, endpoint: str, error: type[Exception]) -> None:
        self.auth, self.endpoint, self.error = auth, endpoint, error


@pytest.fixture
def watching(opened: list[dict[str, Any]]) -> Endpoints:
    def connect(url: str, **options: Any) -> FakeStore:
        opened.append({"url": url, **options})
        return FakeStore(endpoint=url)

    return Endpoints(connect, session_from, Watched)


def test_sparkmagics_own_requests_are_looked_after_and_livyguards_get_the_log_in_itself(
    watching: Endpoints, opened: list[dict[str, Any]]
) -> None:
    login = object()
    client = a_client(login)

    watching.store(client)

    watched = client._http_client._auth
    assert (watched.auth, watched.endpoint, watched.error) == (login, URL, NotLoggedIn)
    assert opened[0]["auth"] is login


def test_sparkmagics_clients_get_their_own_log_in_back(watching: Endpoints) -> None:
    login = object()
    client = a_client(login)

    watching.store(client)
    watching.restore()

    assert client._http_client._auth is login


def test_two_threads_that_come_at_once_get_one_store_and_log_in_once(opened: list[dict[str, Any]]) -> None:
    """SparkMagic's heartbeat thread asks while the first cell does."""
    login = object()
    client = a_client(login)
    heartbeat = Thread(target=lambda: found.append(endpoints.store(client)))
    found: list[object] = []

    def connect(url: str, **options: Any) -> FakeStore:
        opened.append({"url": url, **options})
        if not heartbeat.ident:
            heartbeat.start()
            heartbeat.join(0.3)  # it has to wait for us
        return FakeStore(endpoint=url)

    endpoints = Endpoints(connect, session_from, Watched)
    found.append(endpoints.store(client))
    heartbeat.join(10)
    watched = client._http_client._auth
    endpoints.restore()

    assert watched.auth is login
    assert client._http_client._auth is login
    assert len(opened) == 1
    assert found[0] is found[1]
