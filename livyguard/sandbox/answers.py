"""What Livy answers when it does not do what was asked: status and body, in its own words."""

from __future__ import annotations

from typing import Any

__all__ = [
    "Rejection",
    "not_active",
    "not_running",
    "number_format",
    "rejected",
    "server_error",
    "session_not_found",
]

BAD_REQUEST = 400
NOT_FOUND = 404
SERVER_ERROR = 500


class Rejection(Exception):
    """An answer other than success.

    Attributes:
        status: the HTTP status code.
        body: JSON value: ``{"msg": …}`` or, where Livy's servlet answers by itself, a bare string.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def session_not_found(id_or_name: object) -> Rejection:
    """404 for an id or a name that is not listed."""
    return Rejection(NOT_FOUND, {"msg": f"Session '{id_or_name}' not found."})


def rejected(reason: str) -> Rejection:
    """400 for a session that Livy will not create."""
    return Rejection(BAD_REQUEST, {"msg": f"Rejected, Reason: {reason}"})


def number_format(text: str) -> Rejection:
    """400 for a number in a path or a query that is none."""
    return Rejection(BAD_REQUEST, {"msg": f'For input string: "{text}"'})


def not_active() -> Rejection:
    """400 for reading the statements of a dead session."""
    return Rejection(BAD_REQUEST, {"msg": "requirement failed: Session isn't active."})


def not_running(state: str) -> Rejection:
    """500 for running something in a session that is starting or dead (a bare string, from inside the servlet)."""
    return server_error(f"java.lang.IllegalStateException: Session is in state {state}")


def server_error(text: str) -> Rejection:
    """500 with a Java exception's text."""
    return Rejection(SERVER_ERROR, text)
