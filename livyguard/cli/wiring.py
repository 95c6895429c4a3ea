"""Which Livy, which ledger, which rights: what the commands work with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.errors import EndpointError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.bootstrap import Parts, Rights
    from livyguard.ports import SessionStore

__all__ = ["Wiring", "at_endpoint", "wire"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a command works with.

    Attributes:
        source: what named the endpoint, in words.
        rights: what the policy says of whoever asks.
    """

    store: SessionStore
    source: str
    parts: Parts
    rights: Rights


def wire(url: str | None) -> Wiring:
    """Build what a command works with.

    Raises:
        InvalidInput: the URL is none, or SparkMagic's configuration cannot be understood.
    """
    from livyguard.bootstrap import Parts, open_store
    from livyguard.cli.display import TerminalDisplay

    store, source = open_store(url)
    parts = Parts(TerminalDisplay(url=store.endpoint if url else None))
    return Wiring(store, source, parts, parts.rights(store))


@contextmanager
def at_endpoint(wiring: Wiring) -> Iterator[None]:
    """Say of an endpoint that cannot be used what named it."""
    try:
        yield
    except EndpointError as error:
        message = f"{error}\n  from  {wiring.source}; --url or LIVYGUARD_URL names another"
        error.args = (message,)
        raise
