"""Whom an authentication names, without asking anybody."""

from __future__ import annotations

import importlib
from typing import Any

from requests.auth import HTTPBasicAuth, HTTPDigestAuth

__all__ = ["user_of"]


def user_of(auth: Any) -> str | None:
    """Return the user that a requests authentication logs in, or None where it does not say.

    For Kerberos that is the short name of the principal: the one configured, else that of the ticket cache.
    """
    if isinstance(auth, tuple):
        return str(auth[0]) or None
    if isinstance(auth, (HTTPBasicAuth, HTTPDigestAuth)):
        name = auth.username
        return (name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)) or None
    if any(cls.__name__ == "HTTPKerberosAuth" for cls in type(auth).__mro__):
        return _short_name(getattr(auth, "principal", None) or _ticket())
    return None


def _ticket() -> str | None:
    """Return the principal of the default ticket cache; None without a ticket."""
    try:
        gssapi = importlib.import_module("gssapi")
        return str(gssapi.Credentials(usage="initiate").name)
    except Exception:  # noqa: BLE001 - no gssapi, no ticket, no cache: whatever it is, nobody is named
        return None


def _short_name(principal: object) -> str | None:
    """Return ``alice`` for ``alice@EXAMPLE.COM`` and for ``alice/host@EXAMPLE.COM``, as Hadoop's default rule does."""
    return str(principal).partition("@")[0].partition("/")[0] or None if principal else None
