"""Handler for ``SparkController.add_session``: nothing new is created under a name that an old session still has.

SparkMagic creates the new one first, is then refused its name, and forgets it: a session that nobody frees, one more
at each try. Two ways lead there: a DELETE that failed, after which a wrapper kernel takes its session for ended; and
``%spark add`` with a name that is in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkmagic.livyclientlib.exceptions import LivyClientLibException, SessionManagementException

from livyguard.errors import SessionNotStarted
from livyguard.hints.redaction import redact
from livyguard.sparkmagic.route import failure, first_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sparkmagic.notebook import SparkmagicNotebook

__all__ = ["Replacing"]


class Replacing:
    """Stands in front of ``add_session``."""

    def __init__(self, notebook: SparkmagicNotebook, fails_cells: Callable[[], bool]) -> None:
        self._notebook = notebook
        self._fails_cells = fails_cells

    def add_session(self, wrapped: Any, controller: Any, args: Any, kwargs: Any) -> Any:
        """Create a session once its name is free; what a failed DELETE left under it is deleted first."""
        given = dict(zip(("name", "endpoint", "skip_if_exists", "properties"), args, strict=False)) | kwargs
        name, held = given["name"], controller.session_manager.sessions
        if name in held and not given["skip_if_exists"]:
            if not self._notebook.is_kernels_own(controller, name):
                raise self._refused(
                    f"Nothing is created: this notebook has a session named {name} already, {held[name].id}. "
                    f"`%spark delete -s {name}` ends it; another name leaves it alone."
                )
            self._delete_first(held, name)
        if self._notebook.is_kernels_own(controller, name):
            return wrapped(*args, **kwargs)
        with self._notebook.added.starting(name):
            return wrapped(*args, **kwargs)

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
        text = redact(told)
        if self._fails_cells():
            return failure(SessionNotStarted(text))
        error: Exception = SessionManagementException(text)
        return error
