"""Handlers for SparkMagic's own ways to delete: the same rules as ``%livy_release``, so nobody loses what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from livyguard.errors import ReleaseRefused
from livyguard.sparkmagic.route import failure, is_forced, on_route

if TYPE_CHECKING:
    from livyguard.ports import SessionStore
    from livyguard.sparkmagic.endpoints import Endpoints

__all__ = ["Deletion", "Release"]


class Release(Protocol):
    """Frees sessions of one endpoint under livyguard's rules and shows the report."""

    def __call__(self, store: SessionStore, session_id: int | None, *, force: bool) -> str | None:
        """Free one session, or all of mine for None; return why it was refused, None where it was not."""


class Deletion:
    """Stands in front of ``cleanup_endpoint`` and ``delete_session_by_id``."""

    def __init__(self, endpoints: Endpoints, release: Release) -> None:
        self._endpoints = endpoints
        self._release = release

    def cleanup_endpoint(self, _wrapped: Any, controller: Any, args: Any, kwargs: Any) -> None:
        """Free this user's sessions on the endpoint, not everybody's, and say whose were left."""
        endpoint = args[0] if args else kwargs["endpoint"]
        store = self._endpoints.store(controller._http_client(endpoint))  # noqa: SLF001 - SparkMagic's cache of clients
        self._release(store, None, force=is_forced())

    def delete_session_by_id(self, wrapped: Any, controller: Any, args: Any, kwargs: Any) -> None:
        """Free one session by its number; one that this controller manages is SparkMagic's own business."""
        given = dict(zip(("endpoint", "session_id"), args, strict=False)) | kwargs
        session_id = int(given["session_id"])
        client = controller._http_client(given["endpoint"])  # noqa: SLF001
        managed = controller.session_manager.sessions.values()
        if any(session.id == session_id and session.endpoint == given["endpoint"] for session in managed):
            wrapped(*args, **kwargs)
            return
        refusal = self._release(self._endpoints.store(client), session_id, force=is_forced())
        if refusal is not None:
            raise failure(ReleaseRefused(refusal))

    def forced(self, wrapped: Any, _magics: Any, args: Any, kwargs: Any) -> Any:
        """Let what runs inside know that the user said ``-f``: SparkMagic's magic does nothing without it."""
        with on_route("forced"):
            return wrapped(*args, **kwargs)
