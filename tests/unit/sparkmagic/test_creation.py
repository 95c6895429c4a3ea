"""A creation that fails before Livy has a session: what is told, in which form, and without whose secrets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sparkmagic.livyclientlib.exceptions import BadUserConfigurationException, HttpClientException

from livyguard.applications import Applications
from livyguard.errors import (
    EndpointUnreachable,
    InvalidInput,
    LivyAnswer,
    SessionDenied,
    SessionNotStarted,
    SessionVanished,
)
from livyguard.hints.redaction import REDACTED
from livyguard.livy.wire import session_from
from livyguard.sparkmagic.adding import Added
from livyguard.sparkmagic.creation import Creation, NotCreated
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.route import WidgetError, on_route
from livyguard.sparkmagic.starting import Starting
from livyguard.testing import ENDPOINT
from tests.unit.guard_scene import Scene, answered

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSES = f"{ENDPOINT} refuses the connection (after 2 s). Is Livy running there?"
TOKEN_SERVER = (
    "HTTPConnectionPool(host='livy', port=8998): Max retries exceeded with url: /sessions (Caused by "
    "NewConnectionError('<urllib3.connection.HTTPConnection object>: Failed to establish a new connection: [Errno 111] "
    "Connection refused'))"
)


class Bench:
    """A creation with everything around it, and SparkMagic's session that starts through it."""

    def __init__(self, *, fails_cells: bool = True, policy: str | None = None, **store: Any) -> None:
        it = self.scene = Scene(policy, **store)
        endpoints = Endpoints(lambda _url, **_options: it.store, session_from)
        endpoints.store = lambda _client: it.store  # type: ignore[method-assign]
        journal = it.guard._withdrawal._journal
        applications = Applications(it.yarn, it.ledger, it.clock)
        starting = Starting(applications, it.clock, it.display, lambda _store: [])
        around = applications, it.display, lambda: fails_cells, starting, Added()
        self.creation = Creation(it.guard, endpoints, journal, *around)
        self.session = SimpleNamespace(id=-1, status="not_started", http_client=object(), _heartbeat_thread=None)

    def post(self, body: Any) -> Any:
        """Create as SparkMagic's client does."""
        return self.creation.post_session(None, object(), (), {"properties": body})

    def start(self, begin: Callable[[], Any]) -> None:
        """Start as SparkMagic's session does, with this for what it does."""
        self.creation.start(begin, self.session, (), {})

    def begins(self) -> None:
        """Do what SparkMagic's ``start`` does first."""
        self.post({"kind": "pyspark"})


def raising(error: BaseException) -> Callable[[], None]:
    def begin() -> None:
        raise error

    return begin


def test_a_body_that_is_no_object_is_denied_and_nothing_is_sent() -> None:
    bench = Bench()

    with pytest.raises(SessionDenied, match=r"The body of a session is a JSON object; this is a list\."):
        bench.post([1])

    assert bench.scene.sent == []


def test_what_livy_answers_to_a_creation_is_what_sparkmagic_gets() -> None:
    bench = Bench()

    created = bench.post({"kind": "pyspark"})

    assert created["id"] == 0
    assert len(bench.scene.sent) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (answered(400, "Rejected, too many sessions are being created!"), "No session was created. Livy answered 400"),
        (EndpointUnreachable(REFUSES, ENDPOINT), f"No session was created. {REFUSES}"),
    ],
)
def test_a_creation_that_fails_says_that_there_is_no_session_and_why(fault: Exception, said: str) -> None:
    bench = Bench(faults={"create": [fault]})

    with pytest.raises(SessionNotStarted) as told:
        bench.start(bench.begins)

    assert str(told.value).startswith(said)
    assert "\nLG" in str(told.value)


def test_a_session_that_vanished_is_told_in_its_own_words_alone() -> None:
    bench = Bench(faults={"create": [SessionVanished("Livy created session 7 and no longer lists it.")]})

    with pytest.raises(SessionNotStarted) as told:
        bench.start(bench.begins)

    assert str(told.value).startswith("Livy created session 7")


def test_with_fail_cells_off_sparkmagics_words_come_first_and_the_hint_stands_there_once() -> None:
    said = "Rejected, too many sessions are being created!"
    refusal = LivyAnswer(400, said, url=f"{ENDPOINT}/sessions", body=said)
    bench = Bench(fails_cells=False, faults={"create": [refusal]})

    with pytest.raises(HttpClientException) as told:
        bench.start(bench.begins)

    assert str(told.value).startswith(f"Invalid status code '400' from {ENDPOINT}/sessions with error payload: ")
    assert str(told.value).count("LG118") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadUserConfigurationException("Retry policy 'x' not supported"), "Retry policy 'x' not supported\nLG903"),
        (InvalidInput("'livy:8998' is no Livy URL."), "'livy:8998' is no Livy URL."),
        (KeyError("id_token"), "KeyError: 'id_token'"),
    ],
)
def test_what_keeps_a_request_from_being_sent_is_told_in_its_own_words(error: Exception, said: str) -> None:
    with pytest.raises(SessionNotStarted) as told:
        Bench().start(raising(error))
    with pytest.raises(HttpClientException) as printed:
        Bench(fails_cells=False).start(raising(error))

    assert str(told.value) == str(printed.value) == said


@pytest.mark.parametrize("fails_cells", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "no ticket from https://alice:CANARY@login.example.com/token",
        "the login server said {'access_token': 'CANARY'}",
        "Authorization: Bearer CANARYCANARY was refused",
    ],
)
def test_what_keeps_a_request_from_being_sent_is_told_without_its_secrets(text: str, *, fails_cells: bool) -> None:
    bench = Bench(fails_cells=fails_cells)

    with pytest.raises((SessionNotStarted, HttpClientException)) as told:
        bench.start(raising(OSError(text)))

    assert "CANARY" not in str(told.value)
    assert str(told.value).startswith(f"OSError: {text[:12]}")
    assert REDACTED in str(told.value)


@pytest.mark.parametrize("fails_cells", [True, False])
def test_what_keeps_a_request_from_being_sent_is_told_with_its_hint(*, fails_cells: bool) -> None:
    bench = Bench(fails_cells=fails_cells)

    with pytest.raises((SessionNotStarted, HttpClientException)) as told:
        bench.start(raising(RuntimeError(TOKEN_SERVER)))

    assert str(told.value).splitlines() == [f"RuntimeError: {TOKEN_SERVER}", "LG604"]


@pytest.mark.parametrize("fails_cells", [True, False])
def test_behind_a_widgets_button_every_failure_is_shown_by_its_text_alone(*, fails_cells: bool) -> None:
    bench = Bench(fails_cells=fails_cells, faults={"create": [EndpointUnreachable(REFUSES, ENDPOINT)]})

    def press() -> None:
        bench.creation.run_widget(lambda: bench.start(bench.begins), SimpleNamespace(ipython_display=None), (), {})

    with pytest.raises(WidgetError if fails_cells else NotCreated) as told:
        press()

    assert told.value._render_traceback_() == str(told.value).splitlines()
    with on_route("widget"), pytest.raises(WidgetError if fails_cells else NotCreated) as odd:
        bench.start(raising(OSError("no network")))
    assert odd.value._render_traceback_() == ["OSError: no network"]


def test_what_a_widget_prints_of_the_settings_holds_no_secret() -> None:
    said: list[str] = []
    widget = SimpleNamespace(ipython_display=SimpleNamespace(send_error=said.append, writeln=said.append))
    display = widget.ipython_display

    def run(why: str) -> str:
        widget.ipython_display.writeln("begun")
        widget.ipython_display.send_error(f"properties:\n    {{'conf': {{'spark.x.secret.key': 'CANARY'}}}}\n{why}")
        return why

    assert Bench().creation.run_widget(run, widget, ("no",), {}) == "no"

    assert said == ["begun", f"properties:\n    {{'conf': {{'spark.x.secret.key': {REDACTED}}}}}\nno"]
    assert widget.ipython_display is display


@pytest.mark.parametrize("fails_cells", [True, False])
def test_a_denial_takes_the_form_that_its_route_shows(*, fails_cells: bool) -> None:
    bench = Bench(fails_cells=fails_cells, policy="invalid")

    with pytest.raises(SessionDenied if fails_cells else HttpClientException, match=r"policy\.toml"):
        bench.start(bench.begins)


def test_ctrl_c_before_sparkmagic_has_noted_the_session_takes_it_back() -> None:
    bench = Bench()

    def interrupted() -> None:
        bench.begins()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.start(interrupted)

    assert bench.scene.store.listed == {}
