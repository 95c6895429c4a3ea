"""Ports of loopback for servers that have to be told theirs."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["choices", "free_port", "is_free"]

_FIRST, _END = 20_000, 32_768
_ENOUGH = 1_000
#: Where Linux says which ports it hands out to who asks for any: the first and the last.
_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def choices(handed_out: Path = _HANDED_OUT) -> Sequence[int]:
    """Return the ports to choose from: none that the kernel hands out, where there is room below those.

    Args:
        handed_out: Linux's file of which those are; other systems begin above.
    """
    try:
        end = min(_END, int(handed_out.read_text().split()[0]))
    except FileNotFoundError:
        end = _END
    return range(_FIRST, end if end >= _FIRST + _ENOUGH else _END)


def free_port(among: Sequence[int] | None = None, *, udp: bool = False) -> int:
    """Return a port of loopback that nobody has, for a server that binds it some seconds later.

    It is a random one of those that nobody is given who asks for any: what the kernel hands out may be another's by
    then, and what several processes count up from the same number is the same.

    Args:
        among: choose one of these, in place of ``choices()``.
        udp: nobody has it for UDP, either.
    """
    among = choices() if among is None else among
    kinds = [socket.SOCK_STREAM, socket.SOCK_DGRAM] if udp else [socket.SOCK_STREAM]
    while True:
        port = secrets.choice(among)
        if all(_can_be_bound(port, kind) for kind in kinds):
            return port


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of 127.0.0.1 now; connections that linger do not hinder it."""
    return _can_be_bound(port, socket.SOCK_STREAM, lingering=True)


def _can_be_bound(port: int, kind: socket.SocketKind, *, lingering: bool = False) -> bool:
    with socket.socket(type=kind) as probe:
        if lingering:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
