"""Use case: wait until a session is up, and where it does not come up, gather why and clear it away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from livyguard.errors import LivyguardError, SessionNotFound
from livyguard.hints.evidence import Case
from livyguard.sessions.selection import phase_of
from livyguard.watching.pace import LIVY, MANAGER, SECOND, Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.applications import Applications
    from livyguard.ports import Clock, SessionStore
    from livyguard.sessions.model import LedgerEntry, Session
    from livyguard.watching.watch import Watch

__all__ = ["clear_away", "evidence", "wait_until_up"]

#: So many looks at a session that is starting are a second apart, the others two.
QUICK_LOOKS = 2


def wait_until_up(
    store: SessionStore,
    session_id: int,
    clock: Clock,
    patience: float,
    *,
    entry: LedgerEntry | None = None,
    applications: Applications | None = None,
    watch: Watch | None = None,
) -> Session | Case:
    """Return the session once it is idle or busy, or the evidence of why it is not.

    Args:
        store: where it is.
        session_id: which.
        clock: the time.
        patience: seconds; Livy itself gives up after ``livy.rsc.server.connect.timeout``, 90 s, and kills the
            application: what YARN said of it before is kept.
        entry: this machine's record of the session.
        applications: what YARN says.
        watch: says how it is going meanwhile.

    Raises:
        EndpointError: Livy no longer answers.
        LivyAnswer: Livy answers with an error other than 404.
    """
    began, pace, looks = clock.now(), Pace(clock) if watch is None else watch.pace, 0
    gather = partial(evidence, store, session_id, created=began, entry=entry, applications=applications, pace=pace)
    while True:
        pace.wait(LIVY)
        try:
            session = store.session(session_id)
        except SessionNotFound as error:
            return gather(str(error))
        phase = phase_of(session.state)
        if phase == "ended" or session.state == "error":
            return gather(f"Session {session_id} ended in state {session.state}.", last_state=session.state)
        if phase != "starting":
            return session
        if clock.now() - began >= patience:
            text = f"Session {session_id} did not start up in {patience:.0f} seconds."
            return gather(text, last_state=session.state, startup_seconds=patience)
        for _ in range(1 if looks < QUICK_LOOKS else 2):  # of two seconds one is for what the watch asks of Livy
            if watch is not None:
                watch.look(session.state, effective=session.sizes)
            elif applications is not None and entry is not None:
                applications.observe(store, entry)
            clock.sleep(SECOND)
        looks += 1


def evidence(
    store: SessionStore,
    session_id: int,
    error: str,
    created: float | None,
    *,
    last_state: str | None = None,
    startup_seconds: float | None = None,
    entry: LedgerEntry | None = None,
    applications: Applications | None = None,
    pace: Pace | None = None,
    gave_up: str = "livyguard",
) -> Case:
    """Gather what tells why a session did not come up, before anybody deletes it: its log goes with it.

    Livy's log and, by the tag of this machine's record, what YARN's ResourceManager says of the application.

    Args:
        store: where it is.
        session_id: which.
        error: what happened.
        created: when it was asked for.
        last_state: that was seen.
        startup_seconds: how long it was waited for, where that was too long.
        entry: this machine's record of it.
        applications: what YARN says.
        pace: when each server may be asked again.
        gave_up: whose patience ``startup_seconds`` was.
    """
    if pace is not None:
        pace.wait(LIVY)
        if entry is not None and applications is not None and applications.asks(store):
            pace.wait(MANAGER)
    try:
        log = tuple(store.log_tail(session_id))
    except LivyguardError:
        log = ()
    app_state, said = applications.testimony(store, entry) if applications is not None else (None, ())
    return Case(
        error=error,
        log=log,
        resource_manager=said,
        app_state=app_state,
        session_id=session_id,
        endpoint=store.endpoint,
        last_state=last_state,
        created=created,
        startup_seconds=startup_seconds,
        gave_up=gave_up,
    )


def clear_away(
    store: SessionStore,
    session_id: int,
    entry: LedgerEntry | None = None,
    applications: Applications | None = None,
    *,
    last_state: str = "starting",
    owe: Callable[[], None] | None = None,
) -> str:
    """Delete a session that did not come up, and what it left in YARN; return what became of both, in sentences.

    Livy does not take back what it has handed to YARN: an application that waits would start later, and hold memory.

    Args:
        store: where it is.
        session_id: which.
        entry: this machine's record of the session.
        applications: what YARN says.
        last_state: of the session.
        owe: called where it cannot be deleted now: whoever goes on to create sessions takes it back first.
    """
    try:
        was_there = store.delete(session_id)
    except LivyguardError as error:
        if owe is not None:
            owe()
        return f"Session {session_id} could not be deleted and may still hold resources: {error}"
    told = f"Session {session_id} is {'deleted' if was_there else 'gone'}."
    if applications is None:
        return told
    was_starting = phase_of(last_state) == "starting"
    ending = applications.end(store, entry, is_just_deleted=True, was_starting=was_starting)
    return " ".join(part for part in (told, ending.text) if part)
