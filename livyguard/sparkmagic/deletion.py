"""Handlers for SparkMagic's own ways to delete: the same rules as ``%livy_release``, so nobody loses what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.errors import LivyguardError, ReleaseRefused
from livyguard.sparkmagic.route import failure, is_forced, on_route

if TYPE_CHECKING:
    from livyguard.cleanup import Cleanup
    from livyguard.sparkmagic.endpoints import Endpoints

__all__ = ["Deletion"]


class Deletion:
    """Stands in front of ``cleanup_endpoint`` and ``delete_session_by_id``."""

    def __init__(self, endpoints: Endpoints, cleanup: Cleanup) -> None:
        self._endpoints = endpoints
        self._cleanup = cleanup

    def cleanup_endpoint(self, _wrapped: Any, controller: Any, args: Any, kwargs: Any) -> None:
        """Free this user's sessions on the endpoint, not everybody's, and say whose were left."""
        endpoint = args[0] if args else kwargs["endpoint"]
        store = self._endpoints.store(controller._http_client(endpoint))  # noqa: SLF001 - SparkMagic's cache of clients
        try:
            self._cleanup.everything_of_mine(store, force=is_forced())
        except LivyguardError as error:
            raise failure(ReleaseRefused(f"Nothing is deleted. {error}")) from None

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
            self._cleanup.one(store, session_id, force=is_forced())
        except ReleaseRefused as error:
            raise failure(error) from None
        except LivyguardError as error:
            raise failure(ReleaseRefused(f"Session {session_id} is not deleted. {error}")) from None

    def forced(self, wrapped: Any, _magics: Any, args: Any, kwargs: Any) -> Any:
        """Let what runs inside know that the user said ``-f``: SparkMagic's magic does nothing without it."""
        with on_route("forced"):
            return wrapped(*args, **kwargs)
