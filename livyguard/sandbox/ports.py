"""Ports of loopback for servers that have to be told theirs."""

from __future__ import annotations

import socket

__all__ = ["free_port"]


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    The kernel hands out another one to each who asks until it has gone round, so the moment until the server listens
    is safe in practice.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
