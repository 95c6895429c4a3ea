"""Builds the doctor of adapters, as bootstrap builds everything else; apart, since nothing else is heavier to know."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from livyguard.doctor.cluster import Standing
from livyguard.doctor.examination import Doctor
from livyguard.doctor.ports import Server
from livyguard.errors import InvalidInput, InvalidPolicy
from livyguard.ledger import default_folder
from livyguard.livy.client import LivyClient
from livyguard.livy.configured import session_presets
from livyguard.livy.examined import examined
from livyguard.livy.probe import Probe
from livyguard.policy.judge import judge
from livyguard.probes.kernelspecs import kernels
from livyguard.probes.ledger import looked_at
from livyguard.probes.machine import Machine, startup_files
from livyguard.probes.network import Way
from livyguard.sessions.ownership import mine
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.probe import Probe as ManagerProbe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.bootstrap import Parts
    from livyguard.doctor.ports import GuardFacts
    from livyguard.doctor.ports import ManagerProbe as Asked
    from livyguard.ports import Progress, SessionStore
    from livyguard.sessions.model import LedgerEntry, Session

__all__ = ["consult"]


def consult(
    parts: Parts,
    stores: Callable[[], Sequence[tuple[SessionStore, str]]],
    guard: Callable[[], GuardFacts | None] = lambda: None,
    progress: Progress | None = None,
) -> Doctor:
    """Return the doctor of a kernel or of the command line.

    Args:
        parts: what it is built of.
        stores: opens the Livys to look at, each with what named it.
        guard: looks at the guard of this kernel.
        progress: says how far it is.
    """
    environment = os.environ

    def places() -> tuple[Sequence[str], Sequence[str]]:
        return tuple(map(str, parts.policies.files)), tuple(map(str, parts.policies.search_path))

    here = Machine(
        settings=lambda: examined(environment),
        kernels=kernels,
        startup=lambda: startup_files(environment),
        guard=guard,
        policy=parts.policies.policy,
        places=places,
        ledger=lambda: looked_at(default_folder(environment), parts.ledger.entries),
    )
    return Doctor(here, lambda: [_server(parts, *named) for named in stores()], parts.clock, progress)


def _server(parts: Parts, store: SessionStore, source: str) -> Server:
    if not isinstance(store, LivyClient):
        raise InvalidInput(f"{store.endpoint} is asked in a way that cannot be looked at.")
    way = store.transport
    return Server(
        url=store.endpoint,
        source=source,
        network=Way(store.endpoint, way.proxies, way.verify, is_plain=way.is_plain),
        livy=Probe(store),
        manager=lambda: _manager(parts, store),
        who=lambda: parts.identities.who(store),
        queue=lambda: _queue(parts, store),
        mine=_ownership(parts, store),
        is_operator=lambda: parts.rights(store).is_operator,
    )


def _manager(parts: Parts, store: SessionStore) -> Asked | None:
    view = parts.clusters.view(store)
    if isinstance(view, ResourceManager):
        return ManagerProbe(view)
    holders = parts.clusters.holders(store)
    return None if holders is None else Standing(holders)


def _queue(parts: Parts, store: SessionStore) -> str | None:
    """Return the queue of a session for which nobody asks anything; None where nothing names one."""
    try:
        policy = parts.policies.policy()
    except InvalidPolicy:
        policy = None
    presets = session_presets(os.environ)
    decision = judge(policy, parts.identities.who(store), {}, operator=presets, endpoint=store.endpoint)
    body = decision.request or {}
    named = body.get("queue") or (body.get("conf") or {}).get("spark.yarn.queue")
    return str(named) if named else None


def _ownership(parts: Parts, store: SessionStore) -> Callable[[Session], bool | None]:
    """Return what tells whether a session is mine; the ledger is read once, when the first is asked about."""

    @cache
    def known() -> tuple[str | None, Sequence[LedgerEntry], frozenset[str]]:
        whose = parts.whose([store])
        login = store.authenticated_user or whose["logins"].get(store.endpoint)
        return login, tuple(parts.ledger.entries()), whose["shared_accounts"]

    return lambda session: mine(session, *known())
