"""A Livy in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from livyguard.errors import AccessRefused, LivyAnswer, LivyguardError, SessionNotFound
from livyguard.policy.footprint import bearing, ceiling_of
from livyguard.ports import Created
from livyguard.sessions.model import Session, StatementTimes
from livyguard.testing.records import ENDPOINT
from livyguard.testing.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FakeStore"]


@dataclass(eq=False)
class FakeStore(Scripted):
    """A Livy in memory.

    Attributes:
        listed: its sessions by id; a test may change them between two calls.
        next_id: of the session that is created next, at least; 0 again where Livy restarts without recovery.
        statements: the last statement of a session.
        tells_times: it is a Livy from 0.7 on, and was seen to be.
        refused: ids whose DELETE, log and statements Livy's access control refuses.
        faults: what the next call of a method raises, by its name: ``{"delete": [error]}``.
        calls: every call, as ``(method, argument)``.
        after: run after a call of a method, by its name; for what happens in between.
    """

    listed: dict[int, Session] = field(default_factory=dict)
    next_id: int = 0
    endpoint: str = ENDPOINT
    authenticated_user: str | None = None
    statements: dict[int, StatementTimes] = field(default_factory=dict)
    tells_times: bool = True
    refused: set[int] = field(default_factory=set)
    faults: dict[str, list[LivyguardError]] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, *sessions: Session, **fields: Any) -> FakeStore:
        """Return a Livy that lists the sessions."""
        store = cls(**fields)
        store.listed = {session.id: replace(session, endpoint=store.endpoint) for session in sessions}
        return store

    def check_login(self) -> None:
        """Pass, unless ``faults`` holds something for it."""
        if self.faults.get("check_login"):
            self._called("check_login", None)

    def sessions(self) -> list[Session]:
        """List every session."""
        self._called("sessions", None)
        return self._done("sessions", [self.listed[number] for number in sorted(self.listed)])

    def session(self, session_id: int) -> Session:
        """Read one session. Raises SessionNotFound."""
        self._called("session", session_id)
        if session_id not in self.listed:
            raise self._not_found(session_id)
        return self._done("session", self.listed[session_id])

    def create(self, body: Mapping[str, Any]) -> Created:
        """Register a session under the next number, in state ``starting``."""
        self._called("create", dict(body))
        number = max(self.next_id, max(self.listed, default=-1) + 1)
        self.next_id = number + 1
        sizes = bearing(body)
        conf = body.get("conf") or {}
        tags = frozenset(tag for tag in str(conf.get("spark.yarn.tags", "")).split(",") if tag.startswith("livyguard"))
        session = Session(
            endpoint=self.endpoint,
            id=number,
            state="starting",
            kind=body.get("kind"),
            name=body.get("name"),
            login=self.authenticated_user,
            proxy_user=body.get("proxyUser"),
            tags=tags,
            tells_tags=bool(conf),
            sizes=sizes,
            ceiling=ceiling_of(sizes, {}),
        )
        self.listed[number] = session
        answer = {**body, "id": number, "state": "starting", "owner": session.login, "appId": None, "log": []}
        return self._done("create", Created(session, answer))

    def adopt(self, tag: str) -> Created | None:
        """Find the session that carries the tag."""
        self._called("adopt", tag)
        for session in self.listed.values():
            if tag in session.tags:
                answer = {"id": session.id, "state": session.state, "owner": session.login, "appId": session.app_id}
                return self._done("adopt", Created(session, answer))
        return self._done("adopt", None)

    def delete(self, session_id: int) -> bool:
        """Delete; False if it was gone already. Raises AccessRefused."""
        self._called("delete", session_id)
        self._check(session_id)
        return self._done("delete", self.listed.pop(session_id, None) is not None)

    def log_tail(self, session_id: int, size: int = 100) -> list[str]:
        """Return no lines."""
        self._called("log_tail", session_id)
        self._check(session_id)
        return self._done("log_tail", [])[:size]

    def last_statement(self, session_id: int, *, must_ask: bool = False) -> StatementTimes | None:
        """Return what the test put into ``statements``; a Livy that tells no times is not asked."""
        if not (self.tells_times or must_ask):
            return None
        self._called("last_statement", session_id)
        if session_id not in self.listed:
            raise self._not_found(session_id)
        if session_id in self.refused:
            return None
        return self._done("last_statement", self.statements.get(session_id))

    def _check(self, session_id: int) -> None:
        if session_id in self.refused:
            raise AccessRefused(403, "", url=f"{self.endpoint}/sessions/{session_id}")

    def _not_found(self, session_id: int) -> LivyAnswer:
        message = f"Session '{session_id}' not found."
        return SessionNotFound(404, message, url=f"{self.endpoint}/sessions/{session_id}")
