"""Who holds a Kubernetes cluster: Spark's pods in one namespace, by their labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.errors import ClusterError
from livyguard.kubernetes.applications import applications_of
from livyguard.kubernetes.faults import no_answer, no_kubernetes, refusal
from livyguard.kubernetes.wire import pods_from

if TYPE_CHECKING:
    from livyguard.kubernetes.access import Connection, Kubeconfig, ServiceAccount
    from livyguard.kubernetes.wire import Pod
    from livyguard.sessions.application import Application

__all__ = ["KubernetesPods"]

SELECTOR = "spark-role in (driver,executor)"
#: A driver's pod stays for good once it is over: the server leaves those out.
NOT_OVER = "status.phase!=Succeeded,status.phase!=Failed"
#: Pods of one answer, as kubectl asks; a namespace with more takes several requests.
PAGE = 500
MOST_PAGES = 200
#: Seconds to connect, and for an answer. A cell waits for it.
TIMEOUTS = (3.0, 10.0)
OK, UNAUTHORIZED, GONE = 200, 401, 410


class KubernetesPods:
    """One namespace of one cluster: implements :class:`livyguard.ports.Holders`. It only reads.

    Args:
        access: how to get at the API.
        namespace: where Spark's pods are; None is the kubeconfig's namespace, or that of the pod that this runs in.
    """

    def __init__(self, access: Kubeconfig | ServiceAccount, namespace: str | None = None) -> None:
        self._access = access
        self._namespace = namespace
        self._connection: Connection | None = None

    @property
    def place(self) -> str:
        """Return what is asked, in words; the namespace is named once it is known."""
        namespace = self._namespace or (self._connection.namespace if self._connection else None)
        return f"Kubernetes, namespace {namespace}" if namespace else "Kubernetes"

    def living(self) -> list[Application]:
        """Return the applications that hold, or wait for, resources; everybody's, in one request for 500 pods.

        Raises:
            ClusterError: there is no log-in, no answer, no right to list pods, or it is no Kubernetes.
        """
        return applications_of(self._pods())

    def _pods(self) -> list[Pod]:
        """List all pages; from the start once more where they have grown stale in between."""
        found: list[Pod] = []
        token, is_fresh = None, True
        for _ in range(MOST_PAGES):
            status, body = self._asked(token)
            if status == GONE and is_fresh and token is not None:
                found, token, is_fresh = [], None, False
                continue
            connection = self._connected()
            if status != OK:
                raise refusal(status, body, connection, self._named(connection))
            content = _json(body)
            pods = pods_from(content)
            if pods is None:
                raise no_kubernetes(connection)
            found += pods
            token = _next(content)
            if token is None:
                return found
        raise ClusterError(f"{self.place}: its list of pods comes to no end.")

    def _asked(self, token: str | None) -> tuple[int, bytes | str]:
        """Ask for one page, with a new log-in where the one that was kept has run out."""
        is_kept = self._connection is not None
        status, body = self._sent(self._connected(), token)
        if status == UNAUTHORIZED:
            self._connection = None
            if is_kept:
                status, body = self._sent(self._connected(), token)
        return status, body

    def _sent(self, connection: Connection, token: str | None) -> tuple[int, bytes | str]:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        try:
            answer = connection.api.list_namespaced_pod(
                self._named(connection),
                label_selector=SELECTOR,
                field_selector=NOT_OVER,
                limit=PAGE,
                _request_timeout=TIMEOUTS,
                _preload_content=False,  # the client's models take ten times as long, and refuse half a pod
                **({} if token is None else {"_continue": token}),
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
        return self._namespace or connection.namespace


def _json(body: bytes | str) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # half of an answer, or a page for people
        return None


def _next(content: Any) -> str | None:
    """Return where the next page begins; None after the last one."""
    meta = content.get("metadata")
    token = meta.get("continue") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None
