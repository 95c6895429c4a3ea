"""Sessions, ledger entries and applications with what matters to a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from livyguard.sessions.application import Application
from livyguard.sessions.model import LedgerEntry, Session

__all__ = ["ENDPOINT", "a_session", "an_application", "an_entry"]

ENDPOINT = "http://livy.example.com:8998"


def a_session(session_id: int = 0, state: str = "idle", **fields: Any) -> Session:
    """Return a session with what matters to a test."""
    return replace(Session(endpoint=ENDPOINT, id=session_id, state=state, kind="pyspark"), **fields)


def an_entry(session_id: int = 0, tag: str = "livyguard-0badcafe", **fields: Any) -> LedgerEntry:
    """Return a ledger entry with what matters to a test."""
    return replace(
        LedgerEntry(endpoint=ENDPOINT, session_id=session_id, tag=tag, kernel="kernel-1", created=0.0), **fields
    )


def an_application(
    number: int = 1, state: str = "ACCEPTED", tag: str = "livyguard-0badcafe", **fields: Any
) -> Application:
    """Return an application that carries the tag of one session, and what else matters to a test."""
    tags = frozenset({"livyguard", tag})
    return replace(Application(id=f"application_1700000000000_{number:04}", state=state, tags=tags), **fields)
