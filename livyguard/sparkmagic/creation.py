"""Handlers for the way in: POST /sessions, the wait for idle, and what a failed start leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sparkmagic.livyclientlib.exceptions import HttpClientException, LivyClientLibException
from sparkmagic.utils import configuration as conf

from livyguard.errors import (
    AnswerLost,
    CellFailure,
    EndpointError,
    LivyAnswer,
    LivyguardError,
    QuotaUnchecked,
    SessionDenied,
    SessionNotStarted,
    SessionVanished,
)
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.redaction import redact
from livyguard.sparkmagic.notebook import detach_heartbeat
from livyguard.sparkmagic.route import WidgetError, failure, first_line, on_route, plainly
from livyguard.sparkmagic.saying import hints_of, told
from livyguard.sparkmagic.settings import asked_and_operator
from livyguard.startup import clear_away, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livyguard.applications import Applications
    from livyguard.guard import Guard
    from livyguard.journal import Journal
    from livyguard.ports import Display
    from livyguard.sparkmagic.adding import Added
    from livyguard.sparkmagic.endpoints import Endpoints
    from livyguard.sparkmagic.starting import Starting

__all__ = ["Creation"]

NOT_POSTED = "not_started"


class NotCreated(HttpClientException):  # type: ignore[misc] # SparkMagic has no types
    """The error that SparkMagic itself raises where a request fails, with all that is to be said of it."""


class _Discreet:
    """Prints what a widget of SparkMagic's prints, but for secrets."""

    def __init__(self, display: Any) -> None:
        self._display = display

    def send_error(self, error: str) -> None:
        self._display.send_error(redact(str(error)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._display, name)


class Creation:
    """Stands in front of ``post_session``, ``LivySession.start`` and the widget's ``run``."""

    def __init__(
        self,
        guard: Guard,
        endpoints: Endpoints,
        journal: Journal,
        applications: Applications,
        display: Display,
        fails_cells: Callable[[], bool],
        starting: Starting,
        added: Added,
    ) -> None:
        self._added = added
        self._starting = starting
        self._guard = guard
        self._endpoints = endpoints
        self._journal = journal
        self._applications = applications
        self._display = display
        self._fails_cells = fails_cells

    def post_session(self, _wrapped: Any, client: Any, args: Any, kwargs: Any) -> Mapping[str, Any]:
        """Create the session as the policy lets it. SparkMagic's own POST is not used: it repeats itself on 5xx."""
        properties = _only_argument(args, kwargs)
        if not isinstance(properties, dict):
            kind = type(properties).__name__
            raise failure(SessionDenied(f"The body of a session is a JSON object; this is a {kind}."))
        store = self._endpoints.store(client)
        asked, operator = asked_and_operator(properties)
        try:
            created = self._guard.create(store, asked, operator)
        except SessionDenied as denied:
            raise self._denied(denied) from None
        except (LivyAnswer, EndpointError, AnswerLost, QuotaUnchecked, SessionVanished) as error:
            raise self._not_created(error) from None
        self._starting.begin(store, self._journal.entry(store.endpoint, created.session.id), asked)
        return dict(created.answer)

    def start(self, wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        """Start a session; where it does not come up, say why and leave nothing of it behind."""
        self._guard.hand_over()  # whatever was created before is no business of this start
        try:
            with on_route("starting"):
                result = wrapped(*args, **kwargs)
        except (CellFailure, WidgetError):
            detach_heartbeat(session)
            raise
        except Exception as error:  # noqa: BLE001 - whatever SparkMagic raises here means that there is no session
            raise self._not_started(session, error) from None
        except BaseException:  # Ctrl-C: SparkMagic deletes the session; it must not wait for its heartbeat first
            self._starting.close("interrupted")
            if session.status == NOT_POSTED:  # it does not, between Livy's answer and its own note of the state
                self._guard.withdraw()
            detach_heartbeat(session)
            raise
        self._starting.close(session.status)
        self._guard.hand_over()
        self._journal.started(session.endpoint.url, session.id, session._app_id)  # noqa: SLF001 - without a request
        return result

    def run_widget(self, wrapped: Any, widget: Any, args: Any, kwargs: Any) -> Any:
        """Let the widget's button get refusals as the ValueError that it prints, with all settings: without secrets."""
        display = widget.ipython_display
        widget.ipython_display = _Discreet(display)
        try:
            with on_route("widget"):
                return wrapped(*args, **kwargs)
        finally:
            widget.ipython_display = display

    def _denied(self, denied: SessionDenied) -> BaseException:
        return failure(denied) if self._fails_cells() else plainly(NotCreated(str(denied)))

    def _not_created(self, error: LivyguardError) -> BaseException:
        hints = diagnose(Case(error=str(error)))
        if self._fails_cells():
            is_whole = isinstance(error, (AnswerLost, QuotaUnchecked, SessionVanished))
            text = str(error) if is_whole else f"No session was created. {error}"
            return failure(SessionNotStarted(self._display.failure(text, hints)))
        return plainly(NotCreated(self._display.failure(_sparkmagic_text(error), hints)))

    def _not_started(self, session: Any, error: Exception) -> BaseException:
        detach_heartbeat(session)
        pace = self._starting.close("did not start")
        if session.id == -1:
            return self._not_posted(error)
        store = self._endpoints.store(session.http_client)
        entry = self._journal.entry(store.endpoint, session.id)
        case = evidence(
            store,
            session.id,
            str(error),
            entry.created if entry else None,
            last_state=session.status,
            startup_seconds=float(conf.livy_session_startup_timeout_seconds()),
            entry=entry,
            applications=self._applications,
            pace=pace,
            gave_up="SparkMagic",
        )
        left = clear_away(store, session.id, entry, self._applications, last_state=session.status, owe=self._guard.owe)
        session.status = NOT_POSTED  # SparkMagic would delete it once more, and lose this error if that fails
        happened = first_line(error).removesuffix(" See logs:")
        hints = self._starting.with_ways(session.id, diagnose(replace(case, is_cleared=True)))
        more = f"{left} {self._added.next_step}"
        return told(error, SessionNotStarted, happened, more, hints, self._display, fails_cell=self._fails_cells())

    def _not_posted(self, error: Exception) -> BaseException:
        """Tell what kept the request from being sent: an address that is none, an authenticator of somebody's own."""
        if isinstance(error, NotCreated):
            return error
        is_worded = isinstance(error, (LivyClientLibException, LivyguardError))
        text = str(error) if is_worded else f"{type(error).__name__}: {error}"
        text = self._display.failure(redact(text), hints_of(text))
        return failure(SessionNotStarted(text)) if self._fails_cells() else plainly(NotCreated(text))


def _only_argument(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = args[0] if args else kwargs["properties"]
    return properties


def _sparkmagic_text(error: LivyguardError) -> str:
    """Return what SparkMagic itself would have said."""
    if isinstance(error, LivyAnswer):
        return f"Invalid status code '{error.status}' from {error.url} with error payload: {error.body}"
    return str(error)
