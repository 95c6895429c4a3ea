"""Who holds a Kubernetes cluster, and what one session's pods wait for: Spark's pods in one namespace, by labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.kubernetes.api import EVENTS, PODS, QUOTAS, Namespace
from livyguard.kubernetes.applications import applications_of
from livyguard.kubernetes.events import said_in
from livyguard.kubernetes.quotas import room_of
from livyguard.kubernetes.wire import pods_from
from livyguard.policy.tags import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from livyguard.capacity.namespace import NamespaceRoom
    from livyguard.kubernetes.access import Kubeconfig, ServiceAccount
    from livyguard.sessions.application import Application

__all__ = ["KubernetesPods"]

SELECTOR = "spark-role in (driver,executor)"
#: A driver's pod stays for good once it is over: the server leaves those out.
NOT_OVER = "status.phase!=Succeeded,status.phase!=Failed"
#: What may stand in a label that livyguard, or Spark, wrote.
_TAG = re.compile(rf"{PREFIX}-([0-9a-f]{{8}})")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


class KubernetesPods:
    """One namespace of one cluster: implements :class:`livyguard.ports.Pods`. It only reads.

    Args:
        access: how to get at the API.
        namespace: where Spark's pods are; None is the kubeconfig's namespace, or that of the pod that this runs in.
    """

    def __init__(self, access: Kubeconfig | ServiceAccount, namespace: str | None = None) -> None:
        self._namespace = Namespace(access, namespace)

    @property
    def place(self) -> str:
        """Return what is asked, in words; the namespace is named once it is known."""
        return self._namespace.place

    @property
    def namespace(self) -> str | None:
        """Return the namespace; None while nothing names it."""
        return self._namespace.name

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._namespace.requests

    def living(self) -> list[Application]:
        """Return the applications that hold, or wait for, resources; everybody's, in one request for 500 pods.

        Raises:
            ClusterError: there is no log-in, no answer, no right to list pods, or it is no Kubernetes.
        """
        return self._applications(SELECTOR)

    def living_by_page(self) -> Iterator[Sequence[Application] | None]:
        """Return the same, with one request a step: None after each page but the last. Raises ClusterError."""
        for found in self._namespace.by_page(PODS, label_selector=SELECTOR, field_selector=NOT_OVER):
            yield None if found is None else applications_of(pods_from(found))

    def tagged(self, tag: str) -> list[Application]:
        """Return the applications whose driver's pod carries a session's own tag. Raises ClusterError."""
        match = _TAG.fullmatch(tag)
        found = [] if match is None else self._applications(f"{SELECTOR},{PREFIX}={match[1]}")
        return [one for one in found if tag in one.tags]

    def application(self, app_id: str) -> Application | None:
        """Read one application's pods; None where it has none any more. Raises ClusterError."""
        if not _LABEL.fullmatch(app_id):
            return None
        found = self._applications(f"{SELECTOR},spark-app-selector={app_id}")
        return next((one for one in found if one.id == app_id), None)

    def said_of(self, pod: str) -> tuple[str, ...]:
        """Return what Kubernetes' events say of a pod, oldest first. Raises ClusterError."""
        fields = f"involvedObject.kind=Pod,involvedObject.name={pod}"
        return said_in(self._namespace.listed(EVENTS, field_selector=fields), pod)

    def quota(self) -> NamespaceRoom:
        """Return what the quotas of the namespace leave. Raises ClusterError."""
        return room_of(self._namespace.listed(QUOTAS))

    def _applications(self, selector: str) -> list[Application]:
        found = self._namespace.listed(PODS, label_selector=selector, field_selector=NOT_OVER)
        return applications_of(pods_from(found))
