"""SparkMagic's endpoints as session stores: the same URL, authentication, headers and adapters."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from sparkmagic.livyclientlib.exceptions import HttpClientException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livyguard.ports import SessionStore
    from livyguard.sessions.model import Session

__all__ = ["CSRF_HEADER", "Careful", "Connect", "Endpoints", "NotLoggedIn"]

CSRF_HEADER = "X-Requested-By"


class Connect(Protocol):
    """Opens an endpoint; bootstrap hands in the Livy adapter's way to do it."""

    def __call__(
        self, url: str, *, auth: Any, headers: Mapping[str, str], verify: bool, adapters: Mapping[str, Any]
    ) -> SessionStore:
        """Return the store for a URL."""


class NotLoggedIn(HttpClientException):  # type: ignore[misc] # SparkMagic has no types
    """A request of SparkMagic's own was not sent, because there is nothing good to log in with."""


class Careful(Protocol):
    """Makes an authentication that sends nothing where it is known to fail; others stay as they are."""

    def __call__(self, auth: Any, place: str, error: Callable[[str], Exception]) -> Any:
        """Return the authentication to use at an endpoint; ``error`` makes of a message what it raises."""


class Endpoints:
    """One store for each of SparkMagic's HTTP clients, made at first use.

    Args:
        connect: opens an endpoint.
        read: makes a session of Livy's JSON and the endpoint's URL; None of what is none.
        careful: looks after what SparkMagic itself logs in with; None leaves it as it is.
    """

    def __init__(
        self,
        connect: Connect,
        read: Callable[[Mapping[str, Any], str], Session | None],
        careful: Careful | None = None,
    ) -> None:
        self._connect = connect
        self._read = read
        self._careful = careful
        self._stores: WeakKeyDictionary[Any, SessionStore] = WeakKeyDictionary()
        self._logins: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        self._added: list[dict[str, str]] = []
        self._lock = RLock()

    def store(self, client: Any) -> SessionStore:
        """Return the store that talks as this ``LivyReliableHttpClient`` does.

        Its retry policy is not taken over: it repeats POST /sessions, and every repeat makes a session.
        """
        with self._lock:  # SparkMagic's heartbeat thread comes here, too
            if client not in self._stores:
                http = client._http_client  # noqa: SLF001 - the one place that knows; checked by the guard's self-check
                self._say_who_asks(http.get_headers())
                self._stores[client] = self._connect(
                    client.endpoint.url,
                    auth=http._auth,  # noqa: SLF001
                    headers=dict(http.get_headers()),
                    verify=http.verify_ssl,
                    adapters=_operators_adapters(http._session.adapters),  # noqa: SLF001
                )
                if self._careful is not None:
                    self._logins[http] = http._auth  # noqa: SLF001
                    http._auth = self._careful(http._auth, self._stores[client].endpoint, NotLoggedIn)  # noqa: SLF001
            return self._stores[client]

    def _say_who_asks(self, headers: dict[str, str]) -> None:
        """Let SparkMagic's own requests carry the header that a Livy with CSRF protection wants of every POST."""
        if not any(name.lower() == CSRF_HEADER.lower() for name in headers):
            headers[CSRF_HEADER] = "livyguard"
            self._added.append(headers)

    def restore(self) -> None:
        """Give SparkMagic's clients back their own log-ins, and take the header back out."""
        with self._lock:
            for http, auth in self._logins.items():
                http._auth = auth  # noqa: SLF001
            self._logins.clear()
            for headers in self._added:
                headers.pop(CSRF_HEADER, None)
            self._added.clear()
            self._stores.clear()

    def session(self, client: Any, answer: Any) -> Session | None:
        """Return the session that an answer to SparkMagic's own request describes."""
        return self._read(answer, self.store(client).endpoint) if isinstance(answer, dict) else None


def _operators_adapters(adapters: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the transport adapters that ``http_session_config`` mounted; requests' own two are not among them."""
    return {prefix: adapter for prefix, adapter in adapters.items() if type(adapter).__module__ != "requests.adapters"}
