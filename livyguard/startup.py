"""Use case: wait until a session is up, and where it does not come up, gather why and clear it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.errors import LivyguardError, SessionNotFound
from livyguard.hints.evidence import Case
from livyguard.sessions.selection import phase_of

if TYPE_CHECKING:
    from livyguard.ports import Clock, SessionStore
    from livyguard.sessions.model import Session

__all__ = ["LOOKS", "clear_away", "evidence", "wait_until_up"]

#: Seconds between two looks at a session that is starting; the last one repeats.
LOOKS = (0.2, 0.5, 1.0, 2.0)


def wait_until_up(store: SessionStore, session_id: int, clock: Clock, patience: float) -> Session | Case:
    """Return the session once it is idle or busy, or the evidence of why it is not.

    Args:
        store: where it is.
        session_id: which.
        clock: the time.
        patience: seconds; Livy itself gives up after ``livy.rsc.server.connect.timeout``, 90 s.

    Raises:
        EndpointError: Livy no longer answers.
        LivyAnswer: Livy answers with an error other than 404.
    """
    began, looks = clock.now(), iter(LOOKS)
    while True:
        try:
            session = store.session(session_id)
        except SessionNotFound as error:
            return evidence(store, session_id, str(error), began)
        phase = phase_of(session.state)
        if phase == "ended" or session.state == "error":
            return evidence(store, session_id, f"Session {session_id} ended in state {session.state}.", began)
        if phase != "starting":
            return session
        if clock.now() - began >= patience:
            text = f"Session {session_id} did not start up in {patience:.0f} seconds."
            return evidence(store, session_id, text, began, startup_seconds=patience)
        clock.sleep(next(looks, LOOKS[-1]))


def evidence(
    store: SessionStore,
    session_id: int,
    error: str,
    created: float | None,
    *,
    last_state: str | None = None,
    startup_seconds: float | None = None,
) -> Case:
    """Gather what tells why a session did not come up, before anybody deletes it: its log goes with it."""
    try:
        log = tuple(store.log_tail(session_id))
    except LivyguardError:
        log = ()
    return Case(
        error=error,
        log=log,
        session_id=session_id,
        endpoint=store.endpoint,
        last_state=last_state,
        created=created,
        startup_seconds=startup_seconds,
    )


def clear_away(store: SessionStore, session_id: int) -> str:
    """Delete a session that did not come up; return what became of it, one sentence."""
    try:
        store.delete(session_id)
    except LivyguardError as error:
        return f"Session {session_id} could not be deleted and may still hold resources: {error}"
    return f"Session {session_id} is deleted."
