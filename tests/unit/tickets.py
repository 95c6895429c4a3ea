"""Kerberos tickets that no KDC has ever seen: MIT's file format, version 4, which the real library reads."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

REALM = "EXAMPLE.COM"
AES256, KEY = 18, bytes(32)
NT_PRINCIPAL, NT_SERVICE = 1, 2


def looked_for_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float | None], str]:
    """Let the library look for tickets in a folder alone, of a realm that has no KDC.

    Return what puts alice's ticket there, which ends in so many seconds, or with None leaves none, and tells the place.
    """
    config = folder / "krb5.conf"
    config.write_text(f"[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\n")
    monkeypatch.setenv("KRB5_CONFIG", str(config))

    def put(seconds: float | None) -> str:
        file = folder / "tickets"
        if seconds is not None:
            write(file, "alice", seconds=seconds)
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{file}")
        return f"FILE:{file}"

    return put


def write(file: Path, user: str, *, seconds: float) -> str:
    """Write a user's ticket-granting ticket that ends in so many seconds; return the value of KRB5CCNAME."""
    now = int(time.time())
    mine, theirs = _principal(NT_PRINCIPAL, user), _principal(NT_SERVICE, "krbtgt", REALM)
    key = struct.pack(">HI", AES256, len(KEY)) + KEY
    times = struct.pack(">4I", now - 60, now - 60, int(now + seconds), 0)
    rest = struct.pack(">BIII", 0, 0, 0, 0) + _data(_sealed()) + _data(b"")
    file.write_bytes(b"\x05\x04" + struct.pack(">H", 0) + mine + mine + theirs + key + times + rest)
    return f"FILE:{file}"


def _principal(kind: int, *parts: str) -> bytes:
    return struct.pack(">II", kind, len(parts)) + b"".join(_data(part.encode()) for part in (REALM, *parts))


def _data(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _sealed() -> bytes:
    """Return RFC 4120's Ticket, whose sealed part only a KDC could read."""
    number, text, octets, sequence, ticket, first = 0x02, 0x1B, 0x04, 0x30, 0x61, 0xA0
    realm = _der(text, REALM.encode())
    kind = _der(first, _der(number, bytes([NT_SERVICE])))
    names = _der(first + 1, _der(sequence, _der(text, b"krbtgt"), realm))
    sealed = _der(first, _der(number, bytes([AES256]))), _der(first + 2, _der(octets, bytes(64)))
    fields = (
        _der(first, _der(number, b"\x05")),
        _der(first + 1, realm),
        _der(first + 2, _der(sequence, kind, names)),
        _der(first + 3, _der(sequence, *sealed)),
    )
    return _der(ticket, _der(sequence, *fields))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 0x80 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content
