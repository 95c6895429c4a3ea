"""What stands between livyguard and Kubernetes, in one sentence each, and without anything of a log-in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from livyguard.errors import ClusterError
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.kubernetes.access import Connection

__all__ = ["no_answer", "no_kubernetes", "refusal"]

UNAUTHORIZED, FORBIDDEN, TOO_MANY, ERRORS = 401, 403, 429, 500
WHO = re.compile(r'User "([^"]{1,253})"')


def refusal(status: int, body: bytes | str, connection: Connection, namespace: str, what: str = "pods") -> ClusterError:
    """Return what an answer that is no list means.

    Args:
        status: of HTTP.
        body: Kubernetes' own ``Status``, or whatever a balancer says.
        connection: where it is from.
        namespace: the one that was asked for.
        what: what was to be listed, as a Role names it.
    """
    message = _message(body)
    if status == UNAUTHORIZED:
        return ClusterError(f"Kubernetes at {connection.host} does not accept the log-in of {connection.source} (401).")
    if message is None and status < ERRORS:
        return no_kubernetes(connection)
    if status == FORBIDDEN:
        found = WHO.search(message or "")
        who = excerpt(found[1]) if found else f"the log-in of {connection.source}"
        return ClusterError(
            f"Kubernetes at {connection.host} does not let {who} list the {what} in the namespace {namespace} "
            f"(403): that takes a Role there with the verb list on {what}."
        )
    if status == TOO_MANY or status >= ERRORS:
        return ClusterError(f"Kubernetes at {connection.host} cannot list {what} now ({status}).", is_passing=True)
    said = excerpt(message or "for no reason").rstrip(".")
    return ClusterError(f"Kubernetes at {connection.host} refuses to list {what} ({status}): {said}.")


def no_kubernetes(connection: Connection) -> ClusterError:
    """Return what an answer means that Kubernetes never gives, or gives half."""
    return ClusterError(f"{connection.host} does not answer as Kubernetes does, or its answer was cut off.")


def no_answer(error: Exception, connection: Connection) -> ClusterError:
    """Return why there is no answer; the client's own text is read, and not shown."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError, ReadTimeoutError

    cause = getattr(error, "reason", error)
    host, told = connection.host, f"{type(cause).__name__} {cause}"
    if isinstance(cause, NewConnectionError):  # before the time-out, which urllib3 makes its parent
        return ClusterError(f"No connection to Kubernetes at {host}.", is_passing=True)
    if isinstance(cause, ConnectTimeoutError | ReadTimeoutError):
        return ClusterError(f"Kubernetes at {host} did not answer in time.", is_passing=True)
    if "SSL" in told or "certificate" in told:
        return ClusterError(f"TLS with Kubernetes at {host} fails: {_of_tls(told)}.")
    if isinstance(cause, ProtocolError):
        text = f"The connection to Kubernetes at {host} was cut before its answer was complete."
        return ClusterError(text, is_passing=True)
    if isinstance(cause, ValueError):
        return ClusterError(f"The log-in of {connection.source} cannot be sent to Kubernetes at {host}.")
    return ClusterError(f"No connection to Kubernetes at {host}.", is_passing=True)


def _of_tls(told: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return "its certificate is not one that the log-in's authority vouches for"
    if "WRONG_VERSION_NUMBER" in told or "RECORD_LAYER" in told:
        return "it speaks plain HTTP"
    return "the certificates of the log-in do not fit"


def _message(body: bytes | str) -> str | None:
    """Return what Kubernetes says itself; None where the body is not from it."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("kind") != "Status":
        return None
    return str(content.get("message") or "")
