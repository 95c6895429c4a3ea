"""Ports of loopback for servers that have to be told theirs."""

from __future__ import annotations

import socket

__all__ = ["free_port", "is_free"]


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    The kernel hands out another one to each who asks until it has gone round, so the moment until the server listens
    is safe in practice.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of 127.0.0.1 now; connections that linger do not hinder it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
