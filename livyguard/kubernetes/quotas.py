"""Kubernetes' ResourceQuotas as what they leave Spark's pods.

Spark asks for memory and cores, sets a limit of memory that is the same, one of cores where it is told to, and no
deadline: of the quotas that count some pods only, those on pods that ask for something, or run without one, count its
pods.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from livyguard.capacity.namespace import NamespaceRoom
from livyguard.kubernetes.wire import quantity_of, table_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["room_of"]

MIB = 2**20
MEMORY = ("requests.memory", "memory", "limits.memory")
CORES = ("requests.cpu", "cpu")
LIMITS = ("limits.cpu",)
PODS = ("pods", "count/pods")
#: Scopes that leave none of Spark's pods out.
OF_SPARKS = frozenset({"NotBestEffort", "NotTerminating"})


def room_of(quotas: Iterable[dict[str, Any]]) -> NamespaceRoom:
    """Return what all quotas leave together: of each resource the least."""
    counting = [table_of(quota.get("status")) for quota in quotas if _counts(table_of(quota.get("spec")))]
    memory, cores, pods, limits = (_left(counting, names) for names in (MEMORY, CORES, PODS, LIMITS))
    return NamespaceRoom(
        memory_mib=None if memory is None else int(memory // MIB),
        cores=cores,
        pods=None if pods is None else int(pods),
        limit_cores=limits,
    )


def _counts(spec: dict[str, Any]) -> bool:
    scopes = spec.get("scopes")
    return not spec.get("scopeSelector") and (
        not scopes or (isinstance(scopes, list) and all(text_of(scope) in OF_SPARKS for scope in scopes))
    )


def _left(quotas: Iterable[dict[str, Any]], names: Iterable[str]) -> Decimal | None:
    found = []
    for quota in quotas:
        most, used = table_of(quota.get("hard")), table_of(quota.get("used"))
        for name in names:
            amounts = quantity_of(most.get(name)), quantity_of(used.get(name, 0))
            if None not in amounts:
                found.append((amounts[0] or Decimal(0)) - (amounts[1] or Decimal(0)))
    return min(found, default=None)
