"""Handlers for what people type to configure: ``%%configure``, ``%%info``, ``%%spark config``.

They are the friendly layer: judged before anything is deleted, shown as asked → given. The guard itself does not
need them; it sits at ``post_session``, where every route ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from sparkmagic.livyclientlib.exceptions import BadUserDataException, LivyClientLibException
from sparkmagic.utils import configuration as conf
from sparkmagic.utils.utils import parse_argstring_or_throw

from livyguard.errors import CellFailure, InvalidInput, LivyguardError, Refused, SessionDenied
from livyguard.hints.redaction import redact
from livyguard.policy.body import parse_body
from livyguard.sparkmagic.arguments import line_and_cell, options
from livyguard.sparkmagic.route import failure, first_line
from livyguard.sparkmagic.saying import hints_of
from livyguard.sparkmagic.settings import asked_by, user_settings, without_effect

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from livyguard.guard import Guard
    from livyguard.policy.decision import Decision
    from livyguard.ports import Display, SessionStore
    from livyguard.sparkmagic.notebook import SparkmagicNotebook

__all__ = ["Configuring"]


class Configuring:
    """Stands in front of the magics that set what the next session asks for."""

    def __init__(
        self,
        guard: Guard,
        notebook: SparkmagicNotebook,
        display: Display,
        fails_cells: Callable[[], bool],
        show_info: Callable[[SessionStore, Decision], None],
    ) -> None:
        self._guard = guard
        self._notebook = notebook
        self._display = display
        self._fails_cells = fails_cells
        self._show_info = show_info

    def configure(self, wrapped: Any, magics: Any, args: Any, kwargs: Any) -> None:
        """Judge a ``%%configure`` first; only what passes replaces settings and, with ``-f``, the session.

        Built of SparkMagic's own parts rather than around its magic, which deletes before it asks, prints secrets
        and reads every session of the endpoint one by one.
        """
        line, cell = line_and_cell(args, kwargs)
        self._failing_the_cell(magics, lambda: self._configure(wrapped, magics, line, cell))

    def info(self, wrapped: Any, magics: Any, args: Any, kwargs: Any) -> None:
        """Show the effective settings, redacted, and the user's own sessions."""
        line, cell = line_and_cell(args, kwargs)

        def show() -> None:
            options(wrapped, line)
            if cell.strip():
                raise InvalidInput("%%info takes no cell body.")
            store = self._notebook.store_of(magics, magics.endpoint)
            asked, operator = asked_by(user_settings(), conf.get_livy_kind(magics.language))
            self._show_info(store, self._guard.judge(store, asked, operator, self._notebook.replaced(store)))

        self._failing_the_cell(magics, show)

    def spark(self, wrapped: Any, magics: Any, args: Any, kwargs: Any) -> Any:
        """Judge ``%%spark config`` as ``%%configure``; in IPython's kernel a cell whose session is not there fails.

        Everything else of ``%spark`` is SparkMagic's.
        """
        line, cell = line_and_cell(args, kwargs)
        try:
            given = parse_argstring_or_throw(wrapped, line)
        except BadUserDataException:  # SparkMagic says what is wrong with it
            return wrapped(*args, **kwargs)
        command, added = given.command[0].lower(), self._notebook.added
        if command == "config":
            self._failing_the_cell(magics, lambda: self._spark_config(cell))
            return None
        if command == "add":
            added.typed(given.session, line, given.password)
        is_plain_cell = not command and self._notebook.kernel_magics() is None
        held = magics.spark_controller.get_client_keys()
        missing = added.missing(given.session, held) if is_plain_cell else None
        if missing is None:
            return wrapped(*args, **kwargs)
        self._failing_the_cell(magics, partial(_fail, missing))
        return None

    def get_session_properties(self, wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
        """Merge SparkMagic's settings, unless somebody overrode them with no object: that is told, not a TypeError."""
        settings = conf.session_configs()
        if not isinstance(settings, dict):
            text = (
                f"SparkMagic's session_configs is a {type(settings).__name__}, not a JSON object. "
                "`%%configure -f` in a Spark kernel, `%%spark config` in another, or config.json sets it anew."
            )
            raise failure(SessionDenied(text))
        return wrapped(*args, **kwargs)

    def _configure(self, magic: Any, magics: Any, line: str, cell: str) -> None:
        body = parse_body(cell)
        force = options(magic, line).force
        if magics.session_started and not force:
            raise Refused(
                "This notebook has a session already. `%%configure -f` replaces it: its variables and results are lost."
            )
        store = self._notebook.store_of(magics, magics.endpoint)
        self._preview(store, body, conf.get_livy_kind(magics.language), self._notebook.replaced(store))
        was_started = magics.session_started
        if was_started:
            self._end(magics)
        conf.override(conf.session_configs.__name__, body)
        self._notebook.forget_failed_start()
        if was_started:
            magics._do_not_call_start_session("")  # noqa: SLF001 - SparkMagic's own name for its only way to start
        else:
            self._display.notice("The next Spark cell starts a session with these settings.")

    def _spark_config(self, cell: str) -> None:
        """Set what the next session asks for; what this notebook holds may go before, so it does not count yet."""
        body = parse_body(cell)
        store = self._notebook.stores()[0]
        self._preview(store, body, None, self._notebook.numbers(store))
        conf.override(conf.session_configs.__name__, body)
        self._display.notice("The next `%spark add` starts a session with these settings.")

    def _preview(
        self, store: SessionStore, body: Mapping[str, Any], kind: str | None, replacing: Collection[int]
    ) -> None:
        self._guard.preview(store, *asked_by(body, kind), replacing)
        for sentence in without_effect(body, kind):
            self._display.notice(sentence)

    def _end(self, magics: Any) -> None:
        """Delete the session that is replaced; where Livy will not, it goes on and nothing has changed."""
        held = magics.spark_controller.session_manager.sessions
        session = held.get(magics.session_name)
        if session is not None:
            try:
                session.delete()
            except LivyClientLibException as error:
                text = f"Session {session.id} could not be deleted and goes on as it was. {redact(first_line(error))} "
                text += "Run the cell again when Livy answers."
                raise Refused(text) from None
            del held[magics.session_name]
        magics.session_started = False

    def _failing_the_cell(self, magics: Any, action: Callable[[], None]) -> None:
        """Run; with ``fail_cells`` off, errors are printed as SparkMagic prints its own and the cell passes."""
        try:
            action()
        except (LivyguardError, CellFailure) as error:
            if isinstance(error, LivyguardError):
                error.args = (self._display.failure(str(error), hints_of(str(error))),)
            if self._fails_cells():
                raise
            magics.ipython_display.send_error(str(error))


def _fail(error: CellFailure) -> NoReturn:
    raise error
