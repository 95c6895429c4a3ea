"""What a ``[[test]]`` supposes to be held while its request is judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.body import as_json
from livyguard.policy.evaluate import weigh
from livyguard.policy.executors import COUNT, MAX
from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint
from livyguard.policy.identity import Identity, is_same
from livyguard.policy.kinds import MEBIBYTES
from livyguard.policy.merge import merge
from livyguard.policy.quota import Held, Usage
from livyguard.policy.request import Entry
from livyguard.policy.states import COUNTED
from livyguard.policy.tags import tenant_tag
from livyguard.policy.tenancy import is_shared, resolve, resolve_member
from livyguard.policy.units import SECOND, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.footprint import Footprint
    from livyguard.policy.model import Holding, Policy, Test
    from livyguard.policy.quota import Amount
    from livyguard.policy.tenancy import Tenancy

__all__ = ["Supposed", "suppose"]


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is held, as a test has it.

    Attributes:
        usage: the sessions that count; their ids are their places in ``holding``.
        faults: by place, why nobody can tell how large a session is; a clause.
    """

    usage: Usage
    faults: Mapping[int, str] = field(default_factory=dict)


def suppose(policy: Policy, test: Test, tenancy: Tenancy) -> Supposed:
    """Return what counts of the sessions that a test names.

    Args:
        policy: that the test stands in.
        test: with the sessions in ``holding``.
        tenancy: of whoever asks in it.
    """
    held: list[Held] = []
    unowned, faults = 0, {}
    for place, item in enumerate(test.holding):
        is_own = _is_own(item, tenancy)
        if item.state not in COUNTED:
            continue
        if not is_own and is_shared(policy, item.user):
            unowned += 1
            continue
        theirs = tenancy if is_own else _of_another(policy, item, test.endpoint)
        layers = tenancy.layers_with(theirs)
        if is_own or layers:
            sizes = _sizes(item, theirs)
            if isinstance(sizes, str):
                faults[place] = sizes
            else:
                held.append(_held(place, item, sizes, layers, is_own=is_own))
    return Supposed(Usage(tuple(held), unowned), faults)


def _is_own(item: Holding, tenancy: Tenancy) -> bool:
    return item.user is None or (tenancy.user is not None and is_same(item.user, tenancy.user))


def _of_another(policy: Policy, item: Holding, endpoint: str | None) -> Tenancy:
    """Return what holds for somebody else; their session bears the tags of the tenants that their groups led to."""
    user = str(item.user)
    tags: list[str] = []
    if item.groups:
        known = Identity(user, "reported", "a test of the policy", frozenset(item.groups))
        tags += (tenant_tag(book.name) for book in resolve(policy, known, endpoint).books)
    return resolve_member(policy, user, frozenset(tags), endpoint)


def _held(place: int, item: Holding, sizes: Mapping[Amount, int], layers: frozenset[int], *, is_own: bool) -> Held:
    is_idle = is_own and item.state == "idle"
    return Held(
        id=place,
        executors=sizes["executors"],
        memory_mib=sizes["memory"],
        cores=sizes["cores"],
        is_own=is_own,
        is_idle=is_idle,
        idle_seconds=read_time(item.idle, SECOND) if is_idle and item.idle is not None else None,
        layers=layers,
    )


def _sizes(item: Holding, theirs: Tenancy) -> dict[Amount, int] | str:
    """Return how much a session may come to hold; in words why nobody can tell."""
    told = _requested(item.request, theirs) if item.request is not None else _said(item, theirs)
    if isinstance(told, str):
        return told
    memory = told.memory_mib if item.memory is None else int(MEBIBYTES.read(item.memory))
    cores = told.cores if item.cores is None else item.cores
    sizes: dict[Amount, int | None] = {"executors": told.executors, "memory": memory, "cores": cores}
    unknown = [name for name, number in sizes.items() if number is None]
    missing = [name for name in unknown if any(bound.amount == name for bound in theirs.quotas)]
    if missing:
        return f"nothing caps what it may come to hold; say {' and '.join(missing)}"
    return {name: number or 0 for name, number in sizes.items()}


def _requested(request: Mapping[str, Any], theirs: Tenancy) -> Footprint | str:
    """Return the ceiling of what the policy would have made of a request."""
    bench = weigh(merge([*theirs.presets, fold(as_json(request))]), replace(theirs, quotas=()))
    refused = dict.fromkeys(f"{each.property} {each.what}" for each in bench.violations)
    if refused:
        return f"the policy refuses such a session: {'; '.join(refused)}"
    return footprint(bench.entries, theirs)


def _said(item: Holding, theirs: Tenancy) -> Footprint:
    """Return the ceiling of a session for which nobody asks anything, with as many executors as the test says."""
    entries = weigh(merge(theirs.presets), replace(theirs, quotas=()), is_lenient=True).entries
    if item.executors is not None:
        entries = {**entries, **dict.fromkeys((MAX, COUNT), Entry(item.executors, item.executors))}
    return footprint(entries, theirs)
