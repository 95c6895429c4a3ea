"""URLs of endpoints and globs over them, in the one spelling in which they are compared."""

from __future__ import annotations

__all__ = ["comparable"]


def comparable(url: str) -> str:
    """Return a URL or a glob as it is compared: scheme and host in small letters, without login and last slash.

    >>> comparable(" HTTP://alice:pw@Livy-A*:8998/gateway/Sandbox/ ")
    'http://livy-a*:8998/gateway/Sandbox'
    """
    scheme, separator, rest = url.strip().rstrip("/").rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}".lower() + slash + path
