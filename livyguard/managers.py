"""Which cluster is behind an endpoint, whatever manages it: YARN or Kubernetes, as the policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.described import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.kubernetes.clusters import KubernetesClusters
    from livyguard.policy.model import Cluster
    from livyguard.ports import ClusterView, Holders, Pods, PolicySource, SessionStore
    from livyguard.yarn.clusters import PolicyClusters

__all__ = ["PolicyManagers"]


class PolicyManagers:
    """Implements :class:`livyguard.ports.Clusters`: YARN's where the policy names a ResourceManager, else Kubernetes'.

    Args:
        kubernetes: makes what knows of Kubernetes; called at the first need, since its client is slow to import.
    """

    def __init__(
        self, policies: PolicySource, yarn: PolicyClusters, kubernetes: Callable[[], KubernetesClusters]
    ) -> None:
        self._policies = policies
        self._yarn = yarn
        self._make_kubernetes = kubernetes
        self._kubernetes: KubernetesClusters | None = None

    def view(self, store: SessionStore) -> ClusterView | None:
        """Return the YARN cluster; None where the policy names no ResourceManager for it. Raises ClusterError."""
        return self._yarn.view(store)

    def holders(self, store: SessionStore) -> Holders | None:
        """Return what tells who holds the cluster; None where nothing is configured for it. Raises ClusterError."""
        return self._yarn.view(store) or self.pods(store)

    def pods(self, store: SessionStore) -> Pods | None:
        """Return the namespace that its sessions run in; None on YARN, or where nothing leads to it.

        Raises ClusterError.
        """
        cluster = self.described(store)
        if cluster is None or cluster.manager != "kubernetes" or self._yarn.view(store) is not None:
            return None
        self._kubernetes = self._kubernetes or self._make_kubernetes()
        return self._kubernetes.pods(store)

    def described(self, store: SessionStore) -> Cluster | None:
        """Return what the policy says of it; None where it says nothing, or is invalid, which is told elsewhere."""
        return described(self._policies, store)

    def is_yarn(self, store: SessionStore) -> bool | None:
        """Tell whether it is one of YARN; None where the policy does not say."""
        return self._yarn.is_yarn(store)
