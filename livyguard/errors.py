"""Every fault that livyguard explains, as one tree.

::

    LivyguardError                    somebody should read this; ``str()`` is the whole message
    ├── InvalidInput                  what a person typed: an option, a size, a session id     (exit 2)
    │   └── InvalidBody               a request body that is no JSON object; line and column   (exit 2)
    ├── InvalidPolicy                 a policy file with faults, all of them, path by path     (exit 1)
    ├── Refused                       livyguard itself will not do it, and says why            (exit 1)
    ├── AnswerLost                    whether Livy created the session cannot be known         (exit 3)
    ├── QuotaUnchecked                whether a session fits the quota cannot be known         (exit of its cause)
    ├── SessionVanished               Livy no longer lists the session that it just created    (exit 1)
    ├── EndpointError                 no Livy to talk to                                       (exit 3)
    │   ├── EndpointUnreachable       refused, time-out, DNS, TLS, connection cut, 503 again and again
    │   ├── AuthenticationFailed      401, or 403 at the door
    │   └── NotLivy                   something answered, but no Livy (a proxy's HTML page)
    ├── ClusterError                  YARN's ResourceManager does not answer, or will not      (exit 1)
    └── LivyAnswer                    Livy answered with an error status                       (exit 1)
        ├── SessionNotFound           404 for a session id
        └── AccessRefused             403 for one session: somebody else's

    CellFailure (BaseException)       fails the notebook cell, shown without a traceback
    ├── SessionDenied                 the policy refuses the request
    ├── SessionNotStarted             the session was asked for and did not come up
    ├── SessionGone                   this notebook's session no longer exists
    ├── LockedOut                     Livy no longer accepts the log-in; the session lives on
    ├── OutOfReach                    Livy, or the session's driver, does not answer as it should; the session stays
    └── ReleaseRefused                SparkMagic was told to delete what livyguard does not let it delete

``CellFailure`` is no ``Exception`` on purpose: everything in SparkMagic between ``post_session`` and the cell catches
``Exception`` and would turn it into a fatal error that sticks until the kernel is restarted, with status "ok".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.foreign import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AccessRefused",
    "AnswerLost",
    "AuthenticationFailed",
    "CellFailure",
    "ClusterError",
    "EndpointError",
    "EndpointUnreachable",
    "InvalidBody",
    "InvalidInput",
    "InvalidPolicy",
    "LivyAnswer",
    "LivyguardError",
    "LockedOut",
    "NotLivy",
    "OutOfReach",
    "QuotaUnchecked",
    "Refused",
    "ReleaseRefused",
    "SessionDenied",
    "SessionGone",
    "SessionNotFound",
    "SessionNotStarted",
    "SessionVanished",
    "lines",
]


class LivyguardError(Exception):
    """A fault that a person should read; its text is complete, so a notebook shows it without a traceback."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        return lines(self)


class InvalidInput(LivyguardError):
    """Something that a person typed cannot be understood."""

    exit_code = 2


class InvalidBody(InvalidInput):
    """A request body that is no JSON object.

    Attributes:
        line: where the fault is, from 1; None where it has no place.
        column: likewise, from 1.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        place = f" (line {line}, column {column})" if line is not None else ""
        super().__init__(f"{message}{place}")
        self.line = line
        self.column = column


class InvalidPolicy(LivyguardError):
    """A policy that cannot be used.

    Attributes:
        faults: every fault, each ``"<file>: <path>: <what is wrong>"``.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("The policy cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = tuple(faults)


class Refused(LivyguardError):
    """livyguard will not do what was asked: a foreign session, a right that the policy does not give."""


class AnswerLost(LivyguardError):
    """Livy's answer to a POST was lost and its listing cannot be read: a session with our tag may exist.

    Attributes:
        tag: the tag that the session would carry.
    """

    exit_code = 3

    def __init__(self, cause: LivyguardError, tag: str) -> None:
        text = f"{cause} Whether a session was created cannot be known: one tagged {tag} may exist."
        super().__init__(text)
        self.tag = tag


class QuotaUnchecked(LivyguardError):
    """Livy's sessions cannot be listed, so that nobody knows whether one more fits: none is kept."""

    def __init__(self, message: str, cause: LivyguardError) -> None:
        super().__init__(message)
        self.exit_code = cause.exit_code


class SessionVanished(LivyguardError):
    """Livy created a session and no longer lists it: it was restarted, or somebody deleted it."""


class EndpointError(LivyguardError):
    """There is no Livy to talk to at ``endpoint``."""

    exit_code = 3

    def __init__(self, message: str, endpoint: str) -> None:
        super().__init__(message)
        self.endpoint = endpoint


class EndpointUnreachable(EndpointError):
    """Refused, timed out, not resolved, TLS failed, cut in the middle, or 503 for ever in place of the listing.

    Attributes:
        may_have_arrived: True if the request may have reached Livy before the connection broke.
    """

    def __init__(self, message: str, endpoint: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(message, endpoint)
        self.may_have_arrived = may_have_arrived


class AuthenticationFailed(EndpointError):
    """The endpoint does not accept who we are: 401, or 403 on the listing itself."""


class NotLivy(EndpointError):
    """Something answered that is no Livy: HTML with status 200, JSON of another shape."""


class ClusterError(LivyguardError):
    """The ResourceManager cannot be asked, does not understand, or does not let us; Livy has no part in it.

    Attributes:
        is_passing: it may be over in a second: the server is busy, or the connection broke. A refusal is none.
    """

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class LivyAnswer(LivyguardError):
    """Livy answered with an error status.

    Attributes:
        status: the HTTP status code.
        message: Livy's own words, unwrapped from ``{"msg": …}``, a bare JSON string, HTML or nothing.
        body: the payload as it came, for texts that quote it as SparkMagic does.
        url: what was asked.
    """

    def __init__(self, status: int, message: str, *, url: str, body: str = "") -> None:
        super().__init__(f"Livy answered {status}: {message}" if message else f"Livy answered {status}.")
        self.status = status
        self.message = message
        self.url = url
        self.body = body


class SessionNotFound(LivyAnswer):
    """404 for a session: it is gone, or never was."""


class AccessRefused(LivyAnswer):
    """403 for one session: Livy's access control says that it is somebody else's."""


class CellFailure(BaseException):
    """Fails the notebook cell with a text and no Python traceback.

    IPython calls ``_render_traceback_`` on whatever reaches it; the kernel's status is "error", so "Run All" and
    papermill stop. The text is also what ``str()`` gives.
    """

    def _render_traceback_(self) -> list[str]:
        return lines(self)


class SessionDenied(CellFailure):
    """The policy refuses the session; nothing was created and nothing deleted.

    Attributes:
        decision: the :class:`livyguard.policy.decision.Decision`; None where there is no policy to decide by.
    """

    def __init__(self, text: str, decision: Any = None) -> None:
        super().__init__(text)
        self.decision = decision


class SessionNotStarted(CellFailure):
    """The session was asked for and did not come up; the notebook can go on."""


class SessionGone(CellFailure):
    """This notebook's session no longer exists; ``%livy_recover`` forgets it."""


class LockedOut(CellFailure):
    """Livy no longer accepts this notebook's log-in (a ticket that has run out); the session itself is not touched."""


class OutOfReach(CellFailure):
    """Livy did not answer, refused, or cannot use the session now; nothing was forgotten, the next cell may pass."""


class ReleaseRefused(CellFailure):
    """SparkMagic was told to delete a session that is not this user's; nothing was deleted."""


def lines(error: BaseException) -> list[str]:
    """Return what a terminal and a notebook show: servers and sessions write into these texts."""
    return [harmless(line) for line in str(error).split("\n")]
