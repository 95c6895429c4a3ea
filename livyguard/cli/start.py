"""``livyguard sessions --start``: create one session, judged as in a notebook."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from livyguard.errors import InvalidInput, SessionNotStarted
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.livy.configured import session_presets
from livyguard.policy.body import parse_body
from livyguard.startup import clear_away, wait_until_up
from livyguard.watching.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from livyguard.cli.wiring import Wiring
    from livyguard.sessions.model import LedgerEntry

__all__ = ["read_body", "start"]

#: Seconds; Livy gives up by itself after 90.
PATIENCE = 180.0


def read_body(file: str) -> dict[str, Any]:
    """Return the body in a file, ``-`` for standard input.

    Raises:
        InvalidInput: it cannot be read, or is no JSON object.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    return parse_body(text)


def start(wiring: Wiring, file: str) -> int:
    """Create the session that a file asks for, wait until it is idle, and return its id.

    Raises:
        InvalidInput: the body cannot be understood.
        SessionDenied: the policy refuses it.
        SessionNotStarted: it did not come up; it is deleted again.
        LivyguardError: Livy refused it, or cannot be reached.
    """
    body = read_body(file)
    parts = wiring.parts
    created = parts.guard.create(wiring.store, body, session_presets(os.environ))
    number = created.session.id
    entry, applications = parts.journal.entry(wiring.store.endpoint, number), parts.applications
    watch = None if entry is None else _watch(wiring, entry, body)
    try:
        result = wait_until_up(
            wiring.store, number, parts.clock, PATIENCE, entry=entry, applications=applications, watch=watch
        )
    except BaseException:
        parts.display.notice(clear_away(wiring.store, number, entry, applications))
        raise
    finally:
        if watch is not None:
            watch.close("")
    if isinstance(result, Case):
        state = result.last_state or "dead"
        left = clear_away(wiring.store, number, entry, applications, last_state=state)
        hints = diagnose(replace(result, is_cleared=True))  # no notebook holds it, so none has to forget it
        hints = hints if watch is None else watch.with_ways(hints)
        raise SessionNotStarted(parts.display.failure(f"{result.error} {left}", hints))
    return number


def _watch(wiring: Wiring, entry: LedgerEntry, body: Mapping[str, Any]) -> Watch:
    parts = wiring.parts
    return Watch(
        wiring.store,
        entry,
        clock=parts.clock,
        applications=parts.applications,
        line=parts.display.starting(),
        rows=lambda: parts.rows(wiring.store),
        asked=body,
    )
