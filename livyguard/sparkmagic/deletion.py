"""Handlers for SparkMagic's own ways to delete: the same rules as ``%livy_release``, so nobody loses what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.errors import InvalidInput, LivyguardError, Refused, ReleaseRefused
from livyguard.sparkmagic.arguments import line_and_cell, options
from livyguard.sparkmagic.notebook import detach_heartbeat
from livyguard.sparkmagic.route import failure
from livyguard.sparkmagic.saying import hints_of

if TYPE_CHECKING:
    from livyguard.cleanup import Cleanup
    from livyguard.ports import Display
    from livyguard.sparkmagic.endpoints import Endpoints

__all__ = ["Deletion"]


class Deletion:
    """Stands in front of ``cleanup_endpoint`` and ``delete_session_by_id``."""

    def __init__(self, endpoints: Endpoints, cleanup: Cleanup, display: Display) -> None:
        self._display = display
        self._endpoints = endpoints
        self._cleanup = cleanup

    def cleanup(self, wrapped: Any, magics: Any, args: Any, kwargs: Any) -> None:
        """Free all of this user's sessions, this notebook's with them; SparkMagic would free everybody's."""
        line, cell = line_and_cell(args, kwargs)
        force = options(wrapped, line).force
        if cell.strip():
            raise InvalidInput("%%cleanup takes no cell body.")
        if not force:
            raise Refused(
                "`%%cleanup -f` frees all your sessions on this endpoint, this notebook's with all its variables, "
                "and nobody else's."
            )
        self._free_mine(magics.spark_controller, magics.endpoint, force=True)

    def stop_heartbeat(self, _wrapped: Any, session: Any, _args: Any, _kwargs: Any) -> None:
        """Let SparkMagic's heartbeat thread end by itself; SparkMagic waits for it, up to 30 s a session."""
        detach_heartbeat(session)

    def cleanup_endpoint(self, _wrapped: Any, controller: Any, args: Any, kwargs: Any) -> None:
        """Free this user's sessions on the endpoint, not everybody's, and say whose were left."""
        self._free_mine(controller, args[0] if args else kwargs["endpoint"], force=False)

    def _free_mine(self, controller: Any, endpoint: Any, *, force: bool) -> None:
        store = self._endpoints.store(controller._http_client(endpoint))  # noqa: SLF001 - SparkMagic's cache of clients
        try:
            self._cleanup.everything_of_mine(store, force=force)
        except LivyguardError as error:
            raise self._failed("Nothing is deleted.", error) from None

    def delete_session_by_id(self, wrapped: Any, controller: Any, args: Any, kwargs: Any) -> None:
        """Free one session by its number; one that this controller manages is SparkMagic's own business."""
        given = dict(zip(("endpoint", "session_id"), args, strict=False)) | kwargs
        session_id = int(given["session_id"])
        managed = controller.session_manager.sessions.values()
        if any(session.id == session_id and session.endpoint == given["endpoint"] for session in managed):
            wrapped(*args, **kwargs)
            return
        store = self._endpoints.store(controller._http_client(given["endpoint"]))  # noqa: SLF001
        try:
            self._cleanup.one(store, session_id)
        except ReleaseRefused as error:
            raise failure(error) from None
        except LivyguardError as error:
            raise self._failed(f"Session {session_id} is not deleted.", error) from None

    def _failed(self, outcome: str, error: LivyguardError) -> BaseException:
        return failure(ReleaseRefused(self._display.failure(f"{outcome} {error}", hints_of(str(error)))))
