"""Reads a case out of text that somebody pasted: an error, a log, or Livy's own JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from livyguard.hints.evidence import Case

__all__ = ["read"]

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# Each begins with a literal, for which `re` looks quickly, and repeats nothing without a bound.
_SESSION = re.compile(r"ession(?:(?<=\b[Ss]ession) '?|(?<=/session)s/)(\d{1,10})\b")
_ENDPOINT = re.compile(r"(https?://[^\s\"'<>/]{1,300}(?:/[^\s\"'<>/]{0,100}){0,8}?)/sessions/\d+")
_STARTUP = re.compile(r"did not start up in (\d{1,9}) seconds")


def read(text: str) -> Case:
    """Return what the text tells: its lines, and the session, endpoint and time-out that it names."""
    plain = _ANSI.sub("", text)
    lines = _lines(plain)
    session = _SESSION.search(plain)
    endpoint = _ENDPOINT.search(plain)
    startup = _STARTUP.search(plain)
    return Case(
        log=tuple(lines),
        session_id=int(session[1]) if session else None,
        endpoint=endpoint[1] if endpoint else None,
        startup_seconds=float(startup[1]) if startup else None,
    )


def _lines(text: str) -> list[str]:
    """Return the lines; those inside a JSON document (Livy's session or log) if the text is one."""
    try:
        strings = _strings(json.loads(text))
    except (ValueError, RecursionError):
        return text.splitlines()
    return [line for part in strings for line in part.splitlines()]


def _strings(value: Any, key: str = "") -> list[str]:
    """Return every text of a JSON document, behind its key if it has one: what is secret shows by its key."""
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in _strings(item, name)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    if not isinstance(value, str):
        return []
    return [f"{key}: {value}" if key else value]
