"""Which Kubernetes stands behind an endpoint, as the policy says."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from livyguard.described import described
from livyguard.errors import ClusterError
from livyguard.kubernetes.access import ACCOUNT, access_from
from livyguard.kubernetes.pods import KubernetesPods

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from livyguard.ports import Pods, PolicySource, SessionStore

__all__ = ["KubernetesClusters"]

#: Where Spark starts its pods; ``default`` where nothing says so.
NAMESPACE = "spark.kubernetes.namespace"


class KubernetesClusters:
    """The part of :class:`livyguard.ports.Clusters` that is Kubernetes': ``[cluster] manager = "kubernetes"``.

    Args:
        policies: what tells the cluster behind an endpoint.
        environ: the process's environment, which names the kubeconfig.
        account: where the service account of a pod would be.
    """

    def __init__(
        self, policies: PolicySource, environ: Mapping[str, str] = os.environ, account: Path = ACCOUNT
    ) -> None:
        self._policies = policies
        self._environ = environ
        self._account = account
        self._known: dict[object, Pods] = {}

    def pods(self, store: SessionStore) -> Pods | None:
        """Return the namespace that sessions run in; None where it is none of Kubernetes, or where no log-in is here.

        Raises:
            ClusterError: there is a log-in, but the client of Kubernetes is not installed.
        """
        cluster = described(self._policies, store)
        if cluster is None or cluster.manager != "kubernetes":
            return None
        access = access_from(self._environ, self._account)
        if access is None:
            return None
        if find_spec("kubernetes") is None:
            raise ClusterError(
                "Who holds the cluster is read from Kubernetes with its Python client, which is not installed: "
                "pip install 'livyguard[kubernetes]'."
            )
        namespace = str(cluster.spark_defaults.get(NAMESPACE) or "").strip() or None
        key = access, namespace
        if key not in self._known:
            self._known[key] = KubernetesPods(access, namespace)
        return self._known[key]
