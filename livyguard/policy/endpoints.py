"""URLs of endpoints and globs over them, in the one spelling in which they are compared; and what is a URL at all."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["comparable", "web_address"]


def comparable(url: str) -> str:
    """Return a URL or a glob as it is compared: scheme and host in small letters, without login and last slash.

    >>> comparable(" HTTP://alice:pw@Livy-A*:8998/gateway/Sandbox/ ")
    'http://livy-a*:8998/gateway/Sandbox'
    """
    scheme, separator, rest = url.strip().rstrip("/").rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}".lower() + slash + path


def web_address(text: str) -> str | None:
    """Return the URL of a server that can be asked, without query, fragment and last slash.

    None for what is no URL of http or https, and for one with a login in it, which everybody would read.

    >>> web_address(" http://shs:18080/?showIncomplete=true ")
    'http://shs:18080'
    >>> web_address("shs:18080")
    """
    try:
        parts = urlsplit(text.strip())
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not is_one or parts.username is not None or len(text.split()) != 1:
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
