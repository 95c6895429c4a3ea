"""Use case: make a notebook usable again after its session died or never came up, without a kernel restart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from livyguard.errors import EndpointError, LivyAnswer, SessionNotFound
from livyguard.sessions.model import ABANDONED, ENDED, STARTING
from livyguard.sessions.ownership import is_another

if TYPE_CHECKING:
    from livyguard.applications import Applications
    from livyguard.ports import Notebook, NotebookSession

__all__ = ["Recovered", "Recovery", "recover", "recover_one"]

#: Livy's words (rsc/rpc/Rpc.java). It never opens that channel to a driver again, whatever state it goes on telling.
_CUT_OFF = "RPC channel is closed"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one session of the notebook.

    Attributes:
        outcome: ``forgotten`` (it was dead), ``alive`` (left as it is), ``unknown`` (Livy did not answer; kept).
        reason: one sentence.
        name: SparkMagic's name for it.
        again: the magic that starts it again; None for a wrapper kernel's own, which the next cell starts.
    """

    session_id: int
    outcome: Literal["forgotten", "alive", "unknown"]
    reason: str
    name: str = ""
    again: str | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """What ``%livy_recover`` found and did.

    Attributes:
        failed_start: the error that SparkMagic would have repeated in every cell; forgotten now. None if none.
    """

    sessions: tuple[Recovered, ...] = ()
    failed_start: str | None = field(default=None)

    @property
    def is_needed(self) -> bool:
        """Was there anything to recover from?"""
        return self.failed_start is not None or any(one.outcome != "alive" for one in self.sessions)


def recover(notebook: Notebook, applications: Applications | None = None) -> Recovery:
    """Forget the notebook's dead sessions and its failed start; settings stay, live sessions stay.

    Livy is asked about each session first: a session that answers is never forgotten, because it would go on
    holding its executors with nobody to free it. What a dead one still has in YARN is ended with it, but for an
    application that runs although Livy does not know its session: another Livy may, so that is only told.
    """
    sessions = tuple(recover_one(notebook, session, applications) for session in notebook.sessions())
    failed = notebook.failed_start()
    if failed is not None:
        notebook.forget_failed_start()
    return Recovery(sessions, failed)


def recover_one(notebook: Notebook, session: NotebookSession, applications: Applications | None = None) -> Recovered:
    """Forget one session of the notebook if it is dead, as :func:`recover` does with each."""
    found = _recover_one(notebook, session, applications)
    return replace(found, name=session.name, again=session.again)


def _recover_one(notebook: Notebook, session: NotebookSession, applications: Applications | None) -> Recovered:
    number = session.session_id
    try:
        found = session.store.session(number)
    except SessionNotFound:
        notebook.forget(session)
        reason = f"Livy no longer knows session {number}.{_left_over(session, applications)}"
        return Recovered(number, "forgotten", reason)
    except (EndpointError, LivyAnswer) as error:
        return Recovered(number, "unknown", f"Session {number} is kept, since Livy cannot be asked: {error}")
    if session.entry is not None and is_another(found, session.entry):
        notebook.forget(session)
        reason = f"Session {number} of this notebook is gone; its number now belongs to another, left alone (LG104)."
        return Recovered(number, "forgotten", reason)
    state = found.state
    if state in ENDED or state in ABANDONED:
        freed = _delete(session, applications)
        notebook.forget(session)
        return Recovered(number, "forgotten", f"Session {number} had ended ({state}){freed}")
    if state not in STARTING and _is_cut_off(session):
        freed = _delete(session, applications)
        notebook.forget(session)
        reason = f"Livy calls session {number} {state} and cannot speak to its driver any more{freed}"
        return Recovered(number, "forgotten", reason)
    return Recovered(number, "alive", f"Session {number} is alive ({state}) and stays.")


def _is_cut_off(session: NotebookSession) -> bool:
    """Tell whether Livy has lost its only way to a session's driver; nobody can reach what is in it any more."""
    try:
        session.store.last_statement(session.session_id, must_ask=True)
    except (EndpointError, LivyAnswer) as error:
        return _CUT_OFF in str(error)
    return False


def _delete(session: NotebookSession, applications: Applications | None) -> str:
    """Free what a session in state ``error`` goes on holding; best effort, told in words."""
    try:
        session.store.delete(session.session_id)
    except (EndpointError, LivyAnswer) as error:
        return f"; deleting what is left of it failed: {error}"
    told = "; what was left of it is deleted."
    if applications is None:
        return told
    ending = applications.end(session.store, session.entry, is_just_deleted=True, was_starting=False)
    return " ".join(part for part in (told, ending.text) if part)


def _left_over(session: NotebookSession, applications: Applications | None) -> str:
    """End what waits in YARN of a session that Livy has forgotten; tell what runs."""
    entry = session.entry
    living = applications.find(session.store, entry) if applications is not None and entry is not None else None
    if applications is None or living is None:
        return ""
    if living.state == "RUNNING":
        return (
            f" Its application {living.id} still runs in YARN; `%livy_release {session.session_id} --force` ends it, "
            "if it is not another Livy's by now."
        )
    return f" {applications.end(session.store, entry).text}"
