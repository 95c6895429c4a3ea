"""What the doctor asks of a Livy: few requests, short time-outs, and nothing that creates, deletes or changes.

**How CSRF protection is found out.** Livy's filter for it stands behind the log-in and before everything else, on every
path, and lets GET, HEAD and OPTIONS pass (CsrfFilter.scala, LivyServer.scala, 0.5 to 0.9): another method has to be
sent, once without ``X-Requested-By``. It is a POST without a body to ``/version``, a resource that knows GET alone:
with protection the filter answers 400, without it Livy says that the method is not allowed (405). No handler ever sees
the request; tests/contract holds the 405 to the real Livy. A DELETE of a session that there cannot be would do in
Livy's own code, and depend on how each vendor's build, and each gateway in front, reads the number; here nothing is
read at all.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from livyguard.doctor.ports import LivyVersion, Page
from livyguard.errors import LivyAnswer
from livyguard.kerberos import lifetime
from livyguard.livy.answers import body_of, message_of
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Timeouts
from livyguard.livy.wire import session_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from livyguard.sessions.model import Session

__all__ = ["Probe"]

HURRY = Timeouts(connect=4.0, read=9.0, create=9.0, delete=9.0)
BAD_REQUEST = 400
#: What a POST is answered where there is nothing to POST to.
NO_SUCH_ROUTE = frozenset({404, 405, 501})
HEADER = "X-Requested-By"
FIRST_PAGE = 100


class Probe:
    """Implements :class:`livyguard.doctor.ports.LivyProbe` by the log-in and headers of a client.

    Args:
        client: whose way is taken.
        now: seconds since the epoch on this machine's clock.
    """

    def __init__(self, client: LivyClient, now: Callable[[], float] = time.time) -> None:
        self._transport = client.transport.hurried(HURRY)
        self._client = LivyClient(self._transport, now)
        self._now = now
        self._skew: float | None = None

    def page(self) -> Page:
        """Return the first page of the listing: the request by which every command begins."""
        answer, response = self._read("/sessions", {"from": 0, "size": FIRST_PAGE})
        listed = answer.get("sessions")
        if not (listed is None or isinstance(listed, list)) or "sessions" not in answer:
            self._client.sessions()  # says that it is no listing
        items = [item for item in listed or [] if isinstance(item, dict)]
        sessions = tuple(one for item in items if (one := session_from(item, self._client.endpoint)) is not None)
        total = answer.get("total")
        self._note(response)
        return Page(
            sessions=sessions,
            total=total if isinstance(total, int) else len(sessions),
            with_log=frozenset(item["id"] for item in items if _shows_log(item)),
            keys=frozenset(items[0]) if items else frozenset(),
        )

    def sessions(self) -> Sequence[Session]:
        """Return the whole listing."""
        return self._client.sessions()

    def version(self) -> LivyVersion:
        """Return what ``/version`` says; nothing where a gateway does not pass it on."""
        try:
            answer, _ = self._read("/version")
        except LivyAnswer:
            return LivyVersion(None)
        version, branch = answer.get("version"), answer.get("branch")
        is_told = isinstance(version, str) and version and "unknown" not in version
        return LivyVersion(str(version) if is_told else None, branch if isinstance(branch, str) else None)

    def wants_header(self) -> bool | None:
        """Tell whether it wants ``X-Requested-By``; None where its answer does not tell.

        Raises:
            LivyAnswer: it wants it, and misses it where it is sent: something on the way takes it out.
        """
        bare = self._transport.hurried(HURRY, without=HEADER).request("POST", "/version")
        if bare.status_code in NO_SUCH_ROUTE:
            return False
        if bare.status_code != BAD_REQUEST:
            return None
        sent = self._transport.request("POST", "/version")
        if sent.status_code != BAD_REQUEST:
            return True
        said = message_of(body_of(sent))
        if "csrf" not in said.lower():
            return None
        raise LivyAnswer(BAD_REQUEST, said, url=f"{self._client.endpoint}/version", body=body_of(sent))

    def skew(self) -> float | None:
        """Return how many seconds its clock is ahead of ours, by the last answer's ``Date``; None without one."""
        return self._skew

    def ticket_seconds(self) -> float | None:
        """Return how long the Kerberos ticket lasts that it is asked with; None where none is used."""
        return lifetime(self._transport.auth)

    def login(self) -> str | None:
        """Return as whom it is asked; None without a log-in."""
        return self._client.authenticated_user

    def _read(self, path: str, params: dict[str, object] | None = None) -> tuple[dict[str, Any], requests.Response]:
        return self._client.read(path, params)

    def _note(self, response: requests.Response) -> None:
        """Remember how far the clocks are apart, half of the way there and back taken off."""
        try:
            told = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError, OverflowError):
            return
        self._skew = told + 0.5 - (self._now() - response.elapsed.total_seconds() / 2)


def _shows_log(item: dict[str, Any]) -> bool:
    log = item.get("log")
    return isinstance(item.get("id"), int) and isinstance(log, list) and any(log)
