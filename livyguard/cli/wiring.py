"""Which Livy, which ledger, which rights: what the commands work with."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.errors import EndpointError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.ports import Clock, Ledger, SessionStore

__all__ = ["Wiring", "at_endpoint", "configured_store", "wire"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a command works with.

    Attributes:
        source: what named the endpoint, in words.
        is_operator: the policy lets whoever asks free other people's sessions.
        idle_after: the policy's ``idle.after`` in seconds.
        shared_accounts: log-ins that name nobody.
    """

    store: SessionStore
    ledger: Ledger
    clock: Clock
    source: str
    shared_accounts: frozenset[str]
    is_operator: bool = False
    idle_after: float = 1_800.0


def wire(url: str | None) -> Wiring:
    """Build what a command works with.

    Raises:
        InvalidInput: the URL is none, or SparkMagic's configuration cannot be understood.
    """
    from livyguard.bootstrap import SystemClock
    from livyguard.ledger import FileLedger, default_folder
    from livyguard.sessions.ownership import SHARED_ACCOUNTS

    store, source = _store(url)
    return Wiring(
        store=store,
        ledger=FileLedger(default_folder(), "command-line"),
        clock=SystemClock(),
        source=source,
        shared_accounts=SHARED_ACCOUNTS,
    )


@contextmanager
def at_endpoint(wiring: Wiring) -> Iterator[None]:
    """Say of an endpoint that cannot be used what named it."""
    try:
        yield
    except EndpointError as error:
        message = f"{error}\n  from  {wiring.source}; --url or LIVYGUARD_URL names another"
        error.args = (message,)
        raise


def configured_store() -> SessionStore:
    """Return the endpoint that the environment or SparkMagic's configuration names."""
    return _store(None)[0]


def _store(url: str | None) -> tuple[SessionStore, str]:
    from livyguard.bootstrap import connect
    from livyguard.livy.configured import configured

    if url:
        return connect(url), "--url"
    if os.environ.get("LIVYGUARD_URL"):
        return connect(os.environ["LIVYGUARD_URL"]), "$LIVYGUARD_URL"
    place = configured(os.environ)
    return connect(place.url, auth=place.auth, headers=place.headers, verify=place.verify), place.source
