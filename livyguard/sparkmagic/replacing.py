"""Handler for ``SparkController.add_session``: nothing new is created under a name that an old session still has.

SparkMagic creates the new one first, is then refused its name, and forgets it: a session that nobody frees, one more
at each try. Two ways lead there: a DELETE that failed, after which a wrapper kernel takes its session for ended; and
``%spark add`` with a name that is in use. Where the session of that name is gone, the name is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkmagic.livyclientlib.exceptions import LivyClientLibException, SessionManagementException

from livyguard.errors import SessionNotStarted
from livyguard.hints.redaction import redact
from livyguard.sparkmagic.notebook import detach_heartbeat
from livyguard.sparkmagic.route import failure, first_line, plainly
from livyguard.sparkmagic.saying import hints_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.ports import Display, NotebookSession
    from livyguard.recovery import Recovered
    from livyguard.sparkmagic.notebook import SparkmagicNotebook

__all__ = ["Replacing"]


class Replacing:
    """Stands in front of ``add_session``.

    Args:
        notebook: what SparkMagic holds.
        recover: forgets a session that Livy says is gone or has ended; one that lives, or may, stays.
        display: what the person sees.
        fails_cells: whether a refusal fails its cell.
    """

    def __init__(
        self,
        notebook: SparkmagicNotebook,
        recover: Callable[[NotebookSession], Recovered],
        display: Display,
        fails_cells: Callable[[], bool],
    ) -> None:
        self._notebook = notebook
        self._recover = recover
        self._display = display
        self._fails_cells = fails_cells

    def add_session(self, wrapped: Any, controller: Any, args: Any, kwargs: Any) -> Any:
        """Create a session once its name is free; what a failed DELETE left under it is deleted first."""
        given = dict(zip(("name", "endpoint", "skip_if_exists", "properties"), args, strict=False)) | kwargs
        name, held = given["name"], controller.session_manager.sessions
        if self._notebook.is_kernels_own(controller, name):
            if name in held and not given["skip_if_exists"]:
                self._delete_first(held, name)
            return wrapped(*args, **kwargs)
        if name in held:
            self._forget_if_gone(controller, name, is_skipped=given["skip_if_exists"])
        with self._notebook.added.starting(name):
            return wrapped(*args, **kwargs)

    def _forget_if_gone(self, controller: Any, name: str, *, is_skipped: bool) -> None:
        """Free the name of a session that is gone; one that lives keeps it, and ``-k`` goes on with that."""
        held = controller.session_manager.sessions
        session = held[name]
        found = self._recover(self._notebook.session(controller, name, session))
        if found.outcome == "forgotten":
            if held.pop(name, None) is not None:  # of a widget that is no magic's
                detach_heartbeat(session)
            self._display.notice(f"{found.reason} Its name, {name}, is free for a new one; its variables are gone.")
        elif not is_skipped:
            text = f"Nothing is created: this notebook has a session named {name} already, {session.id}."
            if found.outcome == "alive":
                way = f"`%spark delete -s {name}` ends it; another name leaves it alone."
            else:
                way = f"{found.reason} Run the cell again when Livy answers."
            raise self._refused(f"{text} {way}")

    def _delete_first(self, held: dict[str, Any], name: str) -> None:
        """Delete the session that an earlier DELETE left there, and free its name."""
        session = held[name]
        try:
            session.delete()
        except LivyClientLibException as error:
            raise self._refused(
                f"Nothing is created: session {session.id} of this notebook was to be deleted, which failed and fails "
                f"again, so it still holds what it has. {first_line(error)} Run the cell again when Livy answers."
            ) from None
        del held[name]

    def _refused(self, told: str) -> BaseException:
        text = self._display.failure(redact(told), hints_of(told))
        return failure(SessionNotStarted(text)) if self._fails_cells() else plainly(SessionManagementException(text))
