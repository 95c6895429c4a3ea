"""Why a request got no answer: requests' and urllib3's exceptions as one clear sentence."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import requests.exceptions as http
import urllib3.exceptions as wire

from livyguard import kerberos
from livyguard.errors import AuthenticationFailed, EndpointUnreachable

if TYPE_CHECKING:
    from livyguard.errors import EndpointError

__all__ = ["fault", "is_broken_body", "unreachable"]


def fault(
    error: http.RequestException, endpoint: str, method: str, seconds: float, *, redirected_to: str | None = None
) -> EndpointError:
    """Return what any failure of requests means; the arguments are those of :func:`unreachable`."""
    if isinstance(error, (http.ConnectionError, http.Timeout)) or is_broken_body(error):
        return unreachable(error, endpoint, method, seconds, redirected_to=redirected_to)
    if type(error).__name__ == "MutualAuthenticationError":  # who answered is not known, and it may have been done
        return EndpointUnreachable(kerberos.unproven(endpoint, method), endpoint, may_have_arrived=True)
    return AuthenticationFailed(f"The authentication with {endpoint} fails: {type(error).__name__}.", endpoint)


def is_broken_body(error: http.RequestException) -> bool:
    """Tell whether an answer began and broke off, or cannot be unpacked."""
    return isinstance(error, (http.ChunkedEncodingError, http.ContentDecodingError))


def unreachable(
    error: http.RequestException, endpoint: str, method: str, seconds: float, *, redirected_to: str | None = None
) -> EndpointUnreachable:
    """Return what happened, where, and after how long.

    Args:
        error: what requests raised.
        endpoint: URL of the Livy, without user or password.
        method: ``GET``, ``POST`` or ``DELETE``.
        seconds: how long was waited, all tries together.
        redirected_to: scheme, host and port of what did not answer, where that is not the endpoint's own.
    """
    cause = _innermost(error)
    waited = f"{seconds:.0f} s" if seconds >= 1 else "less than 1 s"
    where = endpoint if redirected_to is None else f"{redirected_to} (to which {endpoint} redirects)"
    may_have_arrived = False
    if isinstance(error, http.ProxyError):
        message = f"The proxy on the way to {where} refuses the connection."
    elif isinstance(error, http.SSLError):
        message = f"TLS with {where} fails: {_short(cause)}."
    elif isinstance(error, http.ReadTimeout) or isinstance(cause, wire.ReadTimeoutError):
        message = f"Livy at {where} accepted the {method}, and did not answer it within {waited}."
        may_have_arrived = True
    elif isinstance(error, http.ConnectTimeout):
        message = f"No connection to {where} within {waited}."
    elif _is_unresolved(cause):
        message = f"The host of {where} is not known: its name does not resolve."
    elif isinstance(cause, wire.NewConnectionError):
        message = f"{where} refuses the connection (after {waited}). Is Livy running there?"
    else:
        message = f"The connection to {where} was cut before the {method} was answered in full, after {waited}."
        may_have_arrived = True
    return EndpointUnreachable(message, endpoint, may_have_arrived=may_have_arrived)


def _innermost(error: BaseException) -> BaseException:
    """Return urllib3's own reason inside requests' and urllib3's wrappings."""
    cause: BaseException = error
    while True:
        inner = cause.reason if isinstance(cause, wire.MaxRetryError) else next(iter(cause.args), None)
        if not isinstance(inner, BaseException):
            return cause
        if isinstance(cause, wire.HTTPError) and not isinstance(cause, wire.MaxRetryError):
            return cause
        cause = inner


def _is_unresolved(cause: BaseException) -> bool:
    """Tell a name that does not resolve from a refused connection, by class or by what caused it."""
    if type(cause).__name__ == "NameResolutionError":  # urllib3 2; 1.26 has only NewConnectionError
        return True
    reason = cause.__cause__ or cause.__context__
    return isinstance(cause, wire.NewConnectionError) and isinstance(reason, socket.gaierror)


def _short(cause: BaseException) -> str:
    """Return the last part of a chain like ``[SSL: …] certificate verify failed: self-signed (_ssl.c:1006)``."""
    return str(cause).partition(" (_ssl.c")[0].strip() or type(cause).__name__
