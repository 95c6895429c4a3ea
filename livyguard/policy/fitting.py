"""The largest request that fits into what quotas leave: fewer executors, everything else as it was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.policy.allocation import otherwise_of
from livyguard.policy.executors import (
    CORES_MAX,
    COUNT,
    INITIAL,
    INSTANCES,
    MAX,
    MIN,
    SPARK_DEFAULT,
    STREAMING,
    number_of,
)
from livyguard.policy.footprint import sizes
from livyguard.policy.holding import is_dynamic
from livyguard.policy.properties import CONF
from livyguard.policy.quota import NOTHING_HELD, room
from livyguard.policy.request import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.quota import Usage
    from livyguard.policy.request import SessionRequest
    from livyguard.policy.tenancy import Tenancy

__all__ = ["fitted"]

_ENABLED, _STREAMED = f"{STREAMING}enabled", tuple(f"{STREAMING}{name}Executors" for name in ("max", "min", "initial"))


def fitted(
    request: SessionRequest, final: Mapping[str, Entry], tenancy: Tenancy, usage: Usage | None
) -> SessionRequest | None:
    """Return the request with as many executors as fit into the quotas now; None where there is no room for one.

    Args:
        request: what the user gave, folded.
        final: what Livy would be sent for it.
        tenancy: whose quotas hold.
        usage: what is held without it.
    """
    otherwise = otherwise_of(tenancy)
    size = sizes(final, otherwise, manager=tenancy.manager, step=tenancy.step)
    most = room(tenancy.quotas, usage or NOTHING_HELD, size)
    if most is None or most < 1:
        return None
    numbers = _numbers({**tenancy.spark_defaults, **final}, most, tenancy)
    if tenancy.manager == "standalone":
        numbers[CORES_MAX] = most * (number_of({**otherwise, **final}, "executor.cores") or 1)
    lowered = {
        name: Entry(number, str(number) if name.startswith(CONF) else number) for name, number in numbers.items()
    }
    return replace(request, entries={**request.entries, **lowered})


def _numbers(said: Mapping[str, Entry], most: int, tenancy: Tenancy) -> dict[str, int]:
    """Return every number of executors that has to be given so that there are no more than so many."""
    names = (MIN, INITIAL, COUNT, *INSTANCES, *_STREAMED)
    found = {name: most for name in names if (number_of(said, name) or 0) > most}
    is_streaming = _ENABLED in said
    if is_streaming:
        found.setdefault(_STREAMED[0], min(most, number_of(said, _STREAMED[0]) or most))
    is_on = is_dynamic(said, tenancy)
    if is_on is not False:
        found[MAX] = min(most, number_of(said, MAX) or most)
    if is_on is not True and COUNT not in said and most < SPARK_DEFAULT and not is_streaming:
        found[COUNT] = most
    return found
