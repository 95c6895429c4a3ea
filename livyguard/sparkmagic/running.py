"""Handlers for the time between: statements that run, and a session that is suddenly gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sparkmagic.livyclientlib.exceptions import HttpClientException, LivyClientLibException

from livyguard.errors import LivyguardError, LockedOut, OutOfReach, SessionGone
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.redaction import redact
from livyguard.sessions.model import ENDED, STARTING
from livyguard.sessions.ownership import is_another
from livyguard.sparkmagic.arguments import session_number
from livyguard.sparkmagic.endpoints import NotLoggedIn
from livyguard.sparkmagic.route import first_line, is_starting, plainly
from livyguard.sparkmagic.saying import hints_of, told, with_hint, without_page
from livyguard.sparkmagic.sightings import Sightings
from livyguard.sparkmagic.statements import explained
from livyguard.sparkmagic.traces import traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.applications import Applications
    from livyguard.errors import CellFailure
    from livyguard.hints.model import Hint
    from livyguard.journal import Journal
    from livyguard.ports import Clock, Display, SessionStore
    from livyguard.sessions.model import Session
    from livyguard.sparkmagic.endpoints import Endpoints
    from livyguard.sparkmagic.starting import Starting

__all__ = ["Running"]

#: A statement in one of these states has ended, SparkMagic's own list.
FINAL = frozenset({"available", "cancelled", "error"})
_GONE = re.compile(
    # A page is a proxy's, and a statement may be missing in a session that lives.
    r"Invalid status code '404'(?! from \S+ with error payload: *(?:<|[^\n]{0,40}\bStatement (?:\d{1,10} )?not found))"
    r"|Session isn't active|Session is in state (?:dead|error|killed|success)\b|unexpectedly reached final status"
)
_NOT_FOUND = re.compile(r"Invalid status code '404' from \S+ with error payload: (?! *<)")
#: Livy itself is away; what is slow, or not found by its name, says nothing of that.
_AWAY = re.compile(r" (refuses the connection) \(after |Invalid status code '(50[23])' from ")
#: Somebody has answered: the session is as it was.
_ANSWERED = frozenset({"LG608", "LG609", "LG610"})
#: Livy cannot speak to a driver and does not know yet what became of it; YARN may.
_DRIVER_LOST = "LG116"
_LOCKED_OUT = re.compile(r"Invalid status code '401'")


class NumberReused(HttpClientException):  # type: ignore[misc] # SparkMagic has no types
    """The number of this notebook's session now belongs to another: Livy was restarted and counts from 0 again."""

    def __init__(self, text: str, found_app_id: str | None) -> None:
        super().__init__(text)
        self.found_app_id = found_app_id


class Running:
    """Stands in front of ``wait_for_idle`` and of the requests for one session."""

    def __init__(
        self,
        endpoints: Endpoints,
        journal: Journal,
        applications: Applications,
        clock: Clock,
        display: Display,
        fails_cells: Callable[[], bool],
        starting: Starting | None = None,
        what_ran: Callable[[str, int], str] = lambda _endpoint, _session_id: "",
    ) -> None:
        self._what_ran = what_ran
        self._starting = starting
        self._endpoints = endpoints
        self._journal = journal
        self._applications = applications
        self._clock = clock
        self._display = display
        self._fails_cells = fails_cells
        self._sightings = Sightings()

    def wait_for_idle(self, wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        """Wait as SparkMagic does; a session that is gone is explained, unless it is only starting."""
        try:
            return wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            if is_starting():
                raise
            raise self._explained(error, session.http_client, session.id, session.status) from None

    def post_statement(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        """Send a statement, and note that the notebook is at work."""
        session_id = session_number(args, kwargs)
        try:
            answer = wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            raise self._explained(error, client, session_id, None) from None
        self._journal.statement_began(client.endpoint.url, session_id)
        return answer

    def get_statement(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        """Ask for a statement, and note when it has ended: idle time counts from here."""
        session_id = session_number(args, kwargs)
        try:
            answer = wrapped(*args, **kwargs)
            if answer.get("state") == "available" and answer.get("output") is None:
                # The driver writes a statement into its answer field by field, ``output`` before ``state``. One that
                # ends in between comes without its result, and SparkMagic would show nothing; the next answer has it.
                answer = wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            raise self._explained(error, client, session_id, None) from None
        self._sightings.answered(client.endpoint.url, session_id, self._clock.now())
        if str(answer.get("state")).lower() in FINAL:
            self._sightings.worked(client.endpoint.url, session_id)
            self._journal.statement_ended(client.endpoint.url, session_id)
            store = self._endpoints.store
            return explained(answer, self._display, lambda: self._log_tail(store(client), session_id), session_id)
        return answer

    def get_session(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        """Read a session; another one under our number is none of ours, so for SparkMagic it is gone.

        Called by SparkMagic's heartbeat thread, too: nothing is shown here.
        """
        endpoint, session_id = client.endpoint.url, session_number(args, kwargs)
        try:
            answer = wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            self._miss(error, endpoint, session_id)
            raise
        entry = self._journal.entry(endpoint, session_id)
        found = self._endpoints.session(client, answer)
        if entry is not None and found is not None and is_another(found, entry):
            payload = f'{{"msg":"Session \'{session_id}\' not found."}}'
            where = f"{endpoint}/sessions/{session_id}"
            text = f"Invalid status code '404' from {where} with error payload: {payload}"
            raise NumberReused(text, found.app_id)
        if found is not None:
            self._sightings.answered(endpoint, session_id, self._clock.now(), answer)
        if found is not None and self._starting is not None and is_starting():
            self._starting.look(found, answer)
        return answer

    def get_all_session_logs(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        """Read a log, unless the number belongs to somebody else's session by now: Livy shows it to whoever may see.

        That of a session that is gone is not to be had; what became of it is told instead.
        """
        session_id = session_number(args, kwargs)
        if self._journal.entry(client.endpoint.url, session_id) is not None:
            try:
                client.get_session(session_id)
            except NumberReused as error:
                raise self._explained(error, client, session_id, None) from None
            except LivyClientLibException:  # gone, or Livy does not answer: the request itself says so
                pass
        try:
            return wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            if is_starting():
                raise
            raise self._explained(error, client, session_id, None) from None

    def delete_session(self, wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
        """Delete a session, unless its number belongs to somebody else's by now.

        Every way of SparkMagic to end its own sessions comes by here: ``%%configure -f``, ``%spark delete``, Ctrl-C
        while one starts, the end of the kernel. What Livy would leave in YARN of one that has not come up goes, too.
        """
        session_id = session_number(args, kwargs)
        entry, state = self._journal.entry(client.endpoint.url, session_id), None
        if entry is not None:
            try:
                state = client.get_session(session_id).get("state")
            except NumberReused:
                return None
            except LivyClientLibException:  # gone, or Livy does not answer: the DELETE itself says so
                pass
        try:
            answer = wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            raise with_hint(error, self._display) from None
        if state in STARTING or state in ENDED:
            ending = self._applications.end(
                self._endpoints.store(client), entry, is_just_deleted=True, was_starting=state in STARTING
            )
            if ending.text:
                self._display.notice(f"Session {session_id} is deleted. {ending.text}")
        return answer

    def _explained(self, error: Exception, client: Any, session_id: int, state: str | None) -> BaseException:
        """Return what to raise: SessionGone, LockedOut or OutOfReach with its hint, or the error as it was."""
        if isinstance(error, NotLoggedIn) or _LOCKED_OUT.search(str(error)):
            return self._locked_out(error, session_id)
        if not _GONE.search(str(error)):
            self._miss(error, client.endpoint.url, session_id)
            return self._out_of_reach(error, client, session_id)
        store = self._endpoints.store(client)
        entry = self._journal.entry(store.endpoint, session_id)
        app_state, said = self._applications.testimony(store, entry)
        listed, now = self._listed(store), self._clock.now()
        known = traces(
            entry,
            self._sightings.of(store.endpoint, session_id),
            listed.get(session_id) if listed else None,
            self._journal,
            at=(store.endpoint, session_id, now),
            state=state,
        )
        if isinstance(error, NumberReused):
            known |= {"is_another": True, "found_app_id": error.found_app_id}
        case = Case(
            error=first_line(error),
            # Under a number that is used again the log would be somebody else's.
            log=() if isinstance(error, NumberReused) else self._log_tail(store, session_id),
            resource_manager=said,
            app_state=app_state,
            session_id=session_id,
            endpoint=store.endpoint,
            listed_ids=None if listed is None else frozenset(listed),
            now=now,
            **known,
        )
        ran = self._what_ran(client.endpoint.url, session_id)
        return self._failed(error, SessionGone, first_line(error), "", diagnose(case), ran)

    def _miss(self, error: Exception, endpoint: str, session_id: int) -> None:
        """Note what an answer, or the want of one, tells of when the session was lost."""
        if _NOT_FOUND.search(str(error)):
            self._sightings.missed(endpoint, session_id, self._clock.now())
        elif away := _AWAY.search(str(error)):
            how = away[1] or f"status {away[2]}"
            self._sightings.silent(endpoint, session_id, self._clock.now(), how)

    def _out_of_reach(self, error: Exception, client: Any, session_id: int) -> BaseException:
        """Explain a request without an answer of use; what no hint knows is SparkMagic's own to tell."""
        happened = first_line(error)
        hints = hints_of(happened, session_id)
        if not hints:
            error.args = (redact(str(error)),)
            return plainly(error)
        if hints[0].code == _DRIVER_LOST:
            store = self._endpoints.store(client)
            app_state, said = self._applications.testimony(store, self._journal.entry(store.endpoint, session_id))
            hints = diagnose(Case(error=happened, resource_manager=said, app_state=app_state, session_id=session_id))
            return self._failed(error, OutOfReach, happened, "", hints)
        if hints[0].family == "LG1":
            return self._failed(error, OutOfReach, happened, "", hints)
        return self._failed(error, OutOfReach, without_page(happened), _stays(session_id, hints), hints)

    def _failed(
        self, error: Exception, kind: type[CellFailure], happened: str, added: str, hints: list[Hint], ran: str = ""
    ) -> BaseException:
        """Return what is told here of a request that failed, as :func:`livyguard.sparkmagic.saying.told` does."""
        return told(error, kind, happened, added, hints, self._display, fails_cell=self._fails_cells(), ran=ran)

    def _locked_out(self, error: Exception, session_id: int) -> BaseException:
        happened = without_page(first_line(error))
        hints = diagnose(Case(error=happened, session_id=session_id, is_cleared=True))
        return self._failed(error, LockedOut, happened, _untouched(session_id), hints)

    def _log_tail(self, store: SessionStore, session_id: int) -> tuple[str, ...]:
        """Return the end of the log, which says why a session ended; SparkMagic itself reads the beginning."""
        try:
            return tuple(store.log_tail(session_id))
        except LivyguardError:
            return ()

    def _listed(self, store: SessionStore) -> dict[int, Session] | None:
        try:
            return {session.id: session for session in store.sessions()}
        except LivyguardError:
            return None


def _stays(session_id: int, hints: list[Hint]) -> str:
    """Say what is known of a session whose Livy could not be asked: whoever may be gone is promised to nobody."""
    if hints and hints[0].code in _ANSWERED:
        return _untouched(session_id)
    return (
        f"Session {session_id} is not ended by that: it is there once Livy answers, unless Livy was restarted without "
        "recovery."
    )


def _untouched(session_id: int) -> str:
    return f"Session {session_id} and its variables are not touched."
