"""SparkMagic's endpoints as session stores: the same URL, authentication, headers and adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.ports import SessionStore

__all__ = ["Connect", "Endpoints"]


class Connect(Protocol):
    """Opens an endpoint; bootstrap hands in the Livy adapter's way to do it."""

    def __call__(
        self, url: str, *, auth: Any, headers: Mapping[str, str], verify: bool, adapters: Mapping[str, Any]
    ) -> SessionStore:
        """Return the store for a URL."""


class Endpoints:
    """One store for each of SparkMagic's HTTP clients, made at first use."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._stores: WeakKeyDictionary[Any, SessionStore] = WeakKeyDictionary()

    def store(self, client: Any) -> SessionStore:
        """Return the store that talks as this ``LivyReliableHttpClient`` does.

        Its retry policy is not taken over: it repeats POST /sessions, and every repeat makes a session.
        """
        if client not in self._stores:
            http = client._http_client  # noqa: SLF001 - the one place that knows; checked by the guard's self-check
            self._stores[client] = self._connect(
                client.endpoint.url,
                auth=http._auth,  # noqa: SLF001
                headers=dict(http.get_headers()),
                verify=http.verify_ssl,
                adapters=_operators_adapters(http._session.adapters),  # noqa: SLF001
            )
        return self._stores[client]


def _operators_adapters(adapters: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the transport adapters that ``http_session_config`` mounted; requests' own two are not among them."""
    return {prefix: adapter for prefix, adapter in adapters.items() if type(adapter).__module__ != "requests.adapters"}
