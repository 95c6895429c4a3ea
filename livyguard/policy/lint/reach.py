"""Whom earlier tenants of a layer take, so that a later one never gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from livyguard.policy.lint.globs import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livyguard.policy.model import Policy, Tenant

__all__ = ["Member", "earlier", "is_taken", "members", "taker"]

Field = Literal["users", "groups"]


@dataclass(frozen=True, slots=True)
class Member:
    """One glob of a tenant.

    Attributes:
        field: ``users`` or ``groups``.
        is_taken: earlier tenants surely take everybody whom it matches, at each cluster of the tenant.
    """

    field: Field
    glob: str
    is_taken: bool


def members(layer: Policy, place: int, clusters: Iterable[str]) -> tuple[Member, ...]:
    """Return the globs of one tenant.

    Args:
        layer: the policy of one layer.
        place: of the tenant in it.
        clusters: names of all clusters, empty for the unnamed one.
    """
    tenant, clusters = layer.tenant[place], list(clusters)
    users = [Member("users", glob, is_taken(layer, place, clusters, "users", glob)) for glob in tenant.users]
    groups = [Member("groups", glob, is_taken(layer, place, clusters, "groups", glob)) for glob in tenant.groups]
    return (*users, *groups)


def is_taken(layer: Policy, place: int, clusters: Sequence[str], field: Field, glob: str) -> bool:
    """Tell whether tenants before a place surely take everybody whom a glob matches, at each cluster of the tenant."""
    own = layer.tenant[place].cluster
    return all(
        covers([each for tenant in earlier(layer, place, name) for each in getattr(tenant, field)], glob)
        for name in (clusters if own is None else [own])
    )


def earlier(layer: Policy, place: int | None, cluster: str) -> list[Tenant]:
    """Return the tenants before a place, None for all, that hold at a cluster."""
    return [each for each in layer.tenant[:place] if each.cluster in (None, cluster)]


def taker(layer: Policy, place: int, field: Field, glob: str) -> str | None:
    """Return the name of the one tenant before a place that takes all of a glob; None where it takes several."""
    return next((each.name for each in layer.tenant[:place] if covers(getattr(each, field), glob)), None)
