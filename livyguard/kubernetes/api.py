"""One namespace of Kubernetes, asked for its lists page by page."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from livyguard.errors import ClusterError
from livyguard.kubernetes.faults import no_answer, no_kubernetes, refusal
from livyguard.patience import SECOND, asks_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from livyguard.kubernetes.access import Connection, Kubeconfig, ServiceAccount

__all__ = ["EVENTS", "PODS", "QUOTAS", "Namespace"]

#: Things of one answer, as kubectl asks; a namespace with more takes several requests.
PAGE = 500
MOST_PAGES = 200
#: Seconds to connect, and for an answer. A cell waits for it.
TIMEOUTS = (3.0, 10.0)
OK, UNAUTHORIZED, GONE = 200, 401, 410


class Kind(NamedTuple):
    """A kind of thing.

    Attributes:
        name: as Kubernetes' own roles name it, and we do.
        listing: the kind of its list.
        call: the client's method.
    """

    name: str
    listing: str
    call: str


PODS = Kind("pods", "PodList", "list_namespaced_pod")
EVENTS = Kind("events", "EventList", "list_namespaced_event")
QUOTAS = Kind("resourcequotas", "ResourceQuotaList", "list_namespaced_resource_quota")


class Namespace:
    """Reads lists, and counts its requests.

    Args:
        access: how to get at the API.
        name: the namespace; None is the kubeconfig's, or that of the pod that this runs in.

    Attributes:
        requests: how many were sent.
    """

    def __init__(self, access: Kubeconfig | ServiceAccount, name: str | None = None) -> None:
        self.requests = 0
        self._access = access
        self._name = name
        self._connection: Connection | None = None

    @property
    def place(self) -> str:
        """Return what is asked, in words; the namespace is named once it is known."""
        return f"Kubernetes, namespace {self.name}" if self.name else "Kubernetes"

    @property
    def name(self) -> str | None:
        """Return the namespace; None while nothing names it."""
        return self._name or (self._connection.namespace if self._connection else None)

    def listed(self, kind: Kind, **selectors: str) -> list[dict[str, Any]]:
        """List all pages; whoever asks once gets one a second. Raises ClusterError, as :meth:`by_page` does."""
        for found in self.by_page(kind, **selectors):
            if found is not None:
                return found
            if asks_once():
                time.sleep(SECOND)
        raise ClusterError(f"{self.place}: its list of {kind.name} comes to no end.")

    def by_page(self, kind: Kind, **selectors: str) -> Iterator[list[dict[str, Any]] | None]:
        """List all pages, one a step: None after each but the last, which comes with them all.

        They are read from the start once more where they have grown stale in between; after very many it ends
        without a list.

        Raises:
            ClusterError: there is no log-in, no answer, no right to list it, or it is no Kubernetes.
        """
        found: list[dict[str, Any]] = []
        token, is_fresh = None, True
        for _ in range(MOST_PAGES):
            status, body = self._asked(kind, selectors if token is None else {**selectors, "_continue": token})
            if status == GONE and is_fresh and token is not None:
                found, token, is_fresh = [], None, False
                yield None
                continue
            connection = self._connected()
            if status != OK:
                raise refusal(status, body, connection, self._named(connection), kind.name)
            content = _json(body)
            items = _items(content, kind)
            if items is None:
                raise no_kubernetes(connection)
            found += items
            token = _next(content)
            yield found if token is None else None
            if token is None:
                return

    def _asked(self, kind: Kind, words: dict[str, str]) -> tuple[int, bytes | str]:
        """Ask for one page, with a new log-in where the one that was kept has run out."""
        is_kept = self._connection is not None
        status, body = self._sent(self._connected(), kind, words)
        if status == UNAUTHORIZED:
            self._connection = None
            if is_kept:
                if asks_once():
                    time.sleep(SECOND)
                status, body = self._sent(self._connected(), kind, words)
        return status, body

    def _sent(self, connection: Connection, kind: Kind, words: dict[str, str]) -> tuple[int, bytes | str]:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        self.requests += 1
        try:
            answer = getattr(connection.api, kind.call)(
                self._named(connection),
                limit=PAGE,
                _request_timeout=TIMEOUTS,
                _preload_content=False,  # the client's models take ten times as long, and refuse half a pod
                **words,
            )
            status, body = answer.status, answer.data
        except ApiException as error:
            if not error.status:
                raise no_answer(error, connection) from None
            status, body = error.status, error.body or b""  # clients before 37 raise for what is no success
        except (HTTPError, OSError, ValueError) as error:
            # What it says may hold the log-in: a header that cannot be sent is quoted.
            raise no_answer(error, connection) from None
        return status, body

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._access.connect()
        return self._connection

    def _named(self, connection: Connection) -> str:
        return self._name or connection.namespace


def _items(content: Any, kind: Kind) -> Iterable[dict[str, Any]] | None:
    """Return the things of a list; None where the JSON is no such list."""
    if not isinstance(content, dict) or content.get("kind") != kind.listing:
        return None
    items = content.get("items")
    if not isinstance(items, list | None):
        return None
    return [item for item in items or () if isinstance(item, dict)]


def _json(body: bytes | str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # half of an answer, or a page for people
        return None


def _next(content: Any) -> str | None:
    """Return where the next page begins; None after the last one."""
    meta = content.get("metadata")
    token = meta.get("continue") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None
