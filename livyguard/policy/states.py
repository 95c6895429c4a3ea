"""The states of a session, as Livy names them, and which of them a quota counts."""

from __future__ import annotations

__all__ = ["COUNTED", "STATES"]

#: Those in which a session holds what it was given, or is about to.
COUNTED = ("not_started", "starting", "recovering", "idle", "running", "busy")
#: Livy's words, in the order of a session's life.
STATES = (*COUNTED, "shutting_down", "error", "dead", "killed", "success")
