"""Whom an authentication names, without asking anybody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from requests.auth import HTTPBasicAuth, HTTPDigestAuth

from livyguard.kerberos import is_kerberos, ticket_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests.cookies import RequestsCookieJar

__all__ = ["remembered", "user_of"]

#: By this cookie, which it signs, hadoop-auth remembers a log-in, for ten hours.
HADOOP_COOKIE = "hadoop.auth"


def user_of(auth: Any) -> str | None:
    """Return the user that a requests authentication logs in, or None where it does not say.

    For Kerberos that is the short name of the principal: the one configured, else that of the ticket cache.
    """
    if isinstance(auth, tuple):
        return str(auth[0]) or None
    if isinstance(auth, (HTTPBasicAuth, HTTPDigestAuth)):
        name = auth.username
        return (name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)) or None
    if is_kerberos(auth):
        return _short_name(getattr(auth, "principal", None) or ticket_of(auth).principal)
    return None


def remembered(cookies: RequestsCookieJar, now: Callable[[], float] = time.time) -> str | None:
    """Return the user as whom the server still knows us by its cookie: ``u=alice&p=alice@REALM&t=kerberos&e=…&s=…``.

    As long as it lasts, whatever the ticket says by then, requests are carried out as this user's.
    """
    for cookie in cookies:
        if cookie.name == HADOOP_COOKIE:
            told = dict(parse_qsl((cookie.value or "").strip('"')))
            if told.get("e", "").isdecimal() and int(told["e"]) / 1000 > now():
                return told.get("u")
    return None


def _short_name(principal: object) -> str | None:
    """Return ``alice`` for ``alice@EXAMPLE.COM`` and for ``alice/host@EXAMPLE.COM``, as Hadoop's default rule does."""
    return str(principal).partition("@")[0].partition("/")[0] or None if principal else None
