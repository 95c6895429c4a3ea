"""Which ResourceManager stands behind an endpoint, as the policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.described import described
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.login import Login
from livyguard.yarn.transport import Transport

if TYPE_CHECKING:
    from livyguard.policy.model import Cluster
    from livyguard.ports import ClusterView, Holders, IdentitySource, PolicySource, SessionStore
    from livyguard.yarn.login import Kind

__all__ = ["PolicyClusters"]


class PolicyClusters:
    """The part of :class:`livyguard.ports.Clusters` that is YARN's, on ``[cluster] resource_manager``.

    Its simple authentication is told who we are where something reported it; nobody's claim is sent on. Where the
    policy's ``resource_manager_auth`` is ``none`` or ``kerberos``, no name is sent at all.
    """

    def __init__(self, policies: PolicySource, identities: IdentitySource) -> None:
        self._policies = policies
        self._identities = identities
        self._views: dict[tuple[str, Kind | None, str | None], ClusterView] = {}

    def view(self, store: SessionStore) -> ClusterView | None:
        """Return the cluster; None where the policy names no ResourceManager for it. Raises ClusterError."""
        cluster = self.described(store)
        if cluster is None or cluster.resource_manager is None:
            return None
        urls, kind = cluster.resource_manager, cluster.resource_manager_auth
        user = None if kind in {"none", "kerberos"} else self._reported_user(store)
        key = urls, kind, user
        if key not in self._views:
            self._views[key] = ResourceManager(Transport(urls, Login(kind, user)))
        return self._views[key]

    def holders(self, store: SessionStore) -> Holders | None:
        """Return what tells who holds the cluster: its ResourceManager, the same object for each endpoint in front.

        None where the policy names none. Raises ClusterError.
        """
        return self.view(store)

    def is_yarn(self, store: SessionStore) -> bool | None:
        """Tell whether it is one of YARN; None where the policy does not say."""
        cluster = self.described(store)
        return None if cluster is None or cluster.manager is None else cluster.manager == "yarn"

    def described(self, store: SessionStore) -> Cluster | None:
        """Return what the policy says of it; None where it says nothing, and where it is invalid, told elsewhere."""
        return described(self._policies, store)

    def _reported_user(self, store: SessionStore) -> str | None:
        who = self._identities.who(store)
        return who.user if who.trust == "reported" else None
