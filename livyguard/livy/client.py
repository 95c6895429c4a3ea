"""Livy's REST interface as livyguard's session store."""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from livyguard.errors import (
    AccessRefused,
    AuthenticationFailed,
    EndpointUnreachable,
    LivyAnswer,
    LivyguardError,
    NotLivy,
    SessionNotFound,
)
from livyguard.kerberos import why_refused
from livyguard.livy.answers import body_of, message_of
from livyguard.livy.pages import read_all
from livyguard.livy.wire import carries, session_from, statement_times, tells_times
from livyguard.patience import PASSING_FAULTS
from livyguard.ports import Created

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import requests

    from livyguard.livy.transport import Transport
    from livyguard.sessions.model import Session, StatementTimes

__all__ = ["LivyClient"]

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
#: ``Date`` counts whole seconds, and the answer was under way: less is no skew.
LEAST_SKEW = 2.0


class LivyClient:
    """One Livy endpoint: implements :class:`livyguard.ports.SessionStore`.

    Args:
        transport: how it is reached.
        now: seconds since the epoch on this machine's clock.
    """

    def __init__(self, transport: Transport, now: Callable[[], float] = time.time) -> None:
        self._transport = transport
        self._now = now
        #: Does this Livy know ``order=desc``? From 0.8 on; seen from a listed session's keys, else from an answer.
        self._orders_statements: bool | None = None
        #: Does it tell when statements began and ended? From 0.7 on; seen from a listed session's keys, else from the
        #: first statement that anybody shows, and until then one look waits for the other.
        self._tells_times: bool | None = None
        self._first_look = threading.Lock()

    @property
    def endpoint(self) -> str:
        """URL without user, password, query and trailing slash."""
        return self._transport.endpoint

    @property
    def transport(self) -> Transport:
        """How it is reached; for the doctor, which looks at the way itself."""
        return self._transport

    def read(self, path: str, params: Mapping[str, object] | None = None) -> tuple[dict[str, Any], requests.Response]:
        """Return one resource as Livy's JSON, and the answer that held it. Raises as the other methods do."""
        response = self._ask("GET", path, params=params)
        return self._json(response, path), response

    @property
    def authenticated_user(self) -> str | None:
        """The user that the authentication names, or None; asks nobody."""
        return self._transport.user

    def check_login(self) -> None:
        """Raise AuthenticationFailed where there is no Kerberos ticket, and Livy wants one; else asks nobody."""
        if self._transport.login_fault is not None:
            self._ask("GET", "/sessions", params={"from": 0, "size": 1})

    def sessions(self) -> list[Session]:
        """List every session in the order of ids, with GET /sessions only."""
        listed = read_all(self._page, lambda answer: session_from(answer, self.endpoint))
        return [session for session in listed if session is not None]

    def session(self, session_id: int) -> Session:
        """Read one session. Raises SessionNotFound."""
        session = session_from(self._object("GET", f"/sessions/{session_id}"), self.endpoint)
        if session is None:
            raise self._no_livy(f"answers /sessions/{session_id} with an object that is no session")
        return session

    def create(self, body: Mapping[str, Any]) -> Created:
        """POST once, never again. Raises LivyAnswer, or EndpointUnreachable with ``may_have_arrived``."""
        answer = self._object("POST", "/sessions", body=body)
        session = session_from(answer, self.endpoint)
        if session is None:
            raise self._no_livy("answers the creation of a session with an object that is no session")
        return Created(session, answer)

    def adopt(self, tag: str) -> Created | None:
        """Find the session that carries the tag; None where there is none."""
        for answer in read_all(self._page, lambda answer: answer if carries(answer, tag) else None):
            session = None if answer is None else session_from(answer, self.endpoint)
            if answer is not None and session is not None:
                return Created(session, answer)
        return None

    def delete(self, session_id: int) -> bool:
        """Delete; True if Livy deleted it, False if it was gone already. Raises AccessRefused."""
        try:
            self._ask("DELETE", f"/sessions/{session_id}")
        except SessionNotFound:
            return False
        return True

    def log_tail(self, session_id: int, size: int = 100) -> list[str]:
        """Return the last ``size`` lines of the session's log."""
        answer = self._object("GET", f"/sessions/{session_id}/log", params={"from": -1, "size": size})
        lines = answer.get("log")
        return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []

    def last_statement(self, session_id: int, *, must_ask: bool = False) -> StatementTimes | None:
        """Return the times of the last statement; None without one, before Livy 0.7, and where they are not shown.

        Never to be asked of a starting session: Livy does not answer before the driver has called back. The answer
        holds people's code and results; nothing but two times and a number leaves this method. A Livy that tells no
        times is not asked again before the next listing, unless ``must_ask``: the answer comes from the driver, and
        shows whether that can be reached.
        """
        if self._tells_times is not None:
            return self._look(session_id, must_ask=must_ask)
        with self._first_look:
            return self._look(session_id, must_ask=must_ask)

    def _look(self, session_id: int, *, must_ask: bool) -> StatementTimes | None:
        if self._tells_times is False and not must_ask:
            return None
        path = f"/sessions/{session_id}/statements"
        first = {"size": 1} if self._orders_statements is False else {"order": "desc", "size": 1}
        try:
            statement, total, skew = self._statement(path, first)
            if statement is not None:
                self._tells_times = tells_times(statement)
            if statement is not None and total > 1 and self._tells_times and self._is_oldest(statement):
                statement, total, skew = self._statement(path, {"from": total - 1, "size": 1})
        except AccessRefused:
            return None
        return None if statement is None else statement_times(statement, total, skew)

    def _is_oldest(self, statement: Mapping[str, Any]) -> bool:
        """Tell whether ``order=desc`` was ignored: known from the listing, else the very first statement came."""
        if self._orders_statements is None:
            return statement.get("id") == 0
        return not self._orders_statements

    def _statement(self, path: str, params: Mapping[str, object]) -> tuple[Mapping[str, Any] | None, int, float]:
        response = self._ask("GET", path, params=params)
        answer = self._json(response, path)
        statements = answer.get("statements")
        total = answer.get("total_statements")
        items = [item for item in statements if isinstance(item, dict)] if isinstance(statements, list) else []
        return (items[-1] if items else None), (total if isinstance(total, int) else len(items)), self._skew(response)

    def _skew(self, response: requests.Response) -> float:
        """Return how many seconds the server's clock is ahead of ours, by its ``Date``."""
        try:
            ahead = parsedate_to_datetime(response.headers["Date"]).timestamp() - self._now()
        except (KeyError, ValueError, TypeError, OverflowError):
            return 0.0
        return ahead if abs(ahead) > LEAST_SKEW else 0.0

    def _page(self, offset: int, size: int) -> tuple[Sequence[Any], int | None]:
        answer = self._object("GET", "/sessions", params={"from": offset, "size": size})
        items, total = answer.get("sessions", ...), answer.get("total")
        if items is ... or not (items is None or isinstance(items, list)):
            raise self._no_livy("answers /sessions with JSON that is no listing of sessions")
        if items:
            self._orders_statements = any(isinstance(item, dict) and "conf" in item for item in items)
            self._tells_times = True if self._orders_statements else None
        return items or [], total if isinstance(total, int) else None

    def _object(
        self, method: str, path: str, *, params: Mapping[str, object] | None = None, body: object = None
    ) -> dict[str, Any]:
        return self._json(self._ask(method, path, params=params, body=body), path)

    def _json(self, response: requests.Response, path: str) -> dict[str, Any]:
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            if body_of(response).lstrip().startswith(("{", "[")):  # it holds people's conf and code: not quoted
                raise self._broken_off(response, path) from None
            said = message_of(body_of(response))
            what = f"a page that says “{said}”" if said else "an empty page"
            raise self._no_livy(f"answers {path} with {what}, not with JSON") from None
        if not isinstance(answer, dict):
            raise self._no_livy(f"answers {path} with JSON that is no object")
        return answer

    def _ask(
        self, method: str, path: str, *, params: Mapping[str, object] | None = None, body: object = None
    ) -> requests.Response:
        response = self._transport.request(method, path, params=params, body=body)
        if not response.ok or response.is_redirect:
            raise self._fault(method, path, response)
        return response

    def _fault(self, method: str, path: str, response: requests.Response) -> LivyguardError:
        """Return the error that an answer stands for."""
        status, message, url = response.status_code, message_of(body_of(response)), f"{self.endpoint}{path}"
        is_listing, is_session = method == "GET" and path == "/sessions", path.startswith("/sessions/")
        is_at_the_door = method == "POST" and path == "/sessions" and not _is_livys_own(body_of(response))
        if status == UNAUTHORIZED:
            return AuthenticationFailed(self._not_accepted(response), self.endpoint)
        if status == FORBIDDEN and (is_listing or is_at_the_door):
            what = "list its sessions to us" if is_listing else "create a session for us"
            said = f": {message}" if message else "."
            return AuthenticationFailed(f"{self.endpoint} refuses to {what} (403){said}", self.endpoint)
        if status in PASSING_FAULTS and is_listing:
            said = f": {message}" if message else "."
            what = f"{self.endpoint} does not list its sessions: it answers {status} again and again{said}"
            return EndpointUnreachable(what, self.endpoint)
        if status == NOT_FOUND and is_listing:
            return self._no_livy("knows no /sessions (404); its base path may be another")
        of_session = {NOT_FOUND: SessionNotFound, FORBIDDEN: AccessRefused}
        kind = of_session.get(status, LivyAnswer) if is_session else LivyAnswer
        return kind(status, message, url=url, body=body_of(response))

    def _not_accepted(self, response: requests.Response) -> str:
        offered = response.headers.get("WWW-Authenticate", "")
        schemes = sorted(
            {part.split()[0] for part in offered.split(",") if part.split() and "=" not in part.split()[0]}
        )
        wanted = f"it offers {' and '.join(schemes)}" if schemes else "it names no way to log in"
        user = self.authenticated_user
        who = f"the log-in of {user}" if user else "a request without a log-in"
        reason = why_refused(self._transport.auth, urlsplit(self.endpoint).hostname or "")
        return f"{self.endpoint} does not accept {who} (401); {reason or wanted}."

    def _broken_off(self, response: requests.Response, path: str) -> EndpointUnreachable:
        """Return that half an answer came, to a request that Livy has carried out."""
        length = len(body_of(response))
        message = f"{self.endpoint} answers {path} with JSON that breaks off or is broken (after {length} characters)."
        return EndpointUnreachable(message, self.endpoint, may_have_arrived=True)

    def _no_livy(self, what: str) -> NotLivy:
        return NotLivy(f"{self.endpoint} {what}. Something else than Livy may be listening there.", self.endpoint)


def _is_livys_own(body: str) -> bool:
    """Tell Livy's refusal of one request, which is JSON, from that of its door or of a proxy: a page, or nothing."""
    return bool(body.strip()) and not body.lstrip().startswith("<")
