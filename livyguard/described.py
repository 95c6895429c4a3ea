"""What the policy in force says of the cluster behind an endpoint, for whatever manages it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.errors import InvalidPolicy
from livyguard.policy.tenancy import cluster_of

if TYPE_CHECKING:
    from livyguard.policy.model import Cluster
    from livyguard.ports import PolicySource, SessionStore

__all__ = ["described"]


def described(policies: PolicySource, store: SessionStore) -> Cluster | None:
    """Return what the policy says; None where it says nothing, and where it is invalid, which is told elsewhere."""
    try:
        policy = policies.policy()
    except InvalidPolicy:
        return None
    return None if policy is None else cluster_of(policy, store.endpoint)
