"""What this kernel and this machine's ledger know of a session that is gone, as the fields of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkmagic.utils import configuration as conf

from livyguard.hints.loss import GOING
from livyguard.sessions.model import UNTOLD
from livyguard.sessions.ownership import is_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.journal import Journal
    from livyguard.sessions.model import LedgerEntry, Session
    from livyguard.sparkmagic.sightings import Sighting

__all__ = ["traces"]


def traces(
    entry: LedgerEntry | None,
    sighting: Sighting | None,
    listed: Session | None,
    journal: Journal,
    *,
    at: tuple[str, int, float],
    state: str | None,
) -> dict[str, Any]:
    """Return the fields of a :class:`livyguard.hints.evidence.Case` that need no word of Livy's.

    Args:
        entry: what this kernel noted when it created the session; None of one that it did not create.
        sighting: what its looks told; None where nobody looked.
        listed: the session that Livy lists under the number now.
        journal: this machine's ledger.
        at: the endpoint, the number, and the time.
        state: SparkMagic's own last state of it; None where it has none.
    """
    endpoint, session_id, now = at
    noted = journal.noted()
    here = [each for each in noted if each.endpoint == endpoint and each.session_id != UNTOLD]
    elsewhere = journal.elsewhere(endpoint, session_id) if entry is None else None
    found = _of_entry(entry, here, listed) if entry is not None else {}
    if sighting is not None:
        found |= _of_sighting(sighting, now)
    return {
        **found,
        "answers_again": found.get("answers_again", False) or _is_it(entry, listed),
        "last_state": _last_state(state, sighting, listed),
        "noted_endpoint": elsewhere.endpoint if elsewhere is not None else None,
        "noted_ids": frozenset(each.session_id for each in here),
        "was_known": entry is not None or sighting is not None or any(each.session_id == session_id for each in here),
    }


def _last_state(state: str | None, sighting: Sighting | None, listed: Session | None) -> str | None:
    """Return the state to tell of: that Livy is just deleting the session outweighs what was seen before."""
    if listed is not None and listed.state == GOING:
        return GOING
    return state or (sighting.state if sighting is not None else None)


def _of_entry(entry: LedgerEntry, here: Sequence[LedgerEntry], listed: Session | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "app_id": entry.app_id,
        "created": entry.created,
        "last_statement": entry.last_statement,
        "is_busy": entry.is_busy,
        "heartbeat_seconds": float(conf.livy_server_heartbeat_timeout_seconds()),
        "is_struck_out": all(each.tag != entry.tag for each in here),
        "is_renumbered": any(each.created > entry.created and each.session_id < entry.session_id for each in here),
    }
    if listed is not None and is_another(listed, entry):
        found |= {"is_another": True, "found_app_id": listed.app_id}
    return found


def _of_sighting(sighting: Sighting, now: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "last_seen": sighting.seen,
        "missed": sighting.missed,
        "silent": sighting.silent,
        "silence": sighting.silence,
        "ttl_seconds": sighting.ttl,
        "answers_again": sighting.comes_and_goes(now),
    }
    if sighting.heartbeat is not None:
        found["heartbeat_seconds"] = sighting.heartbeat
    if sighting.idle_timeout is not None:
        found["session_timeout"] = sighting.idle_timeout
    return found


def _is_it(entry: LedgerEntry | None, listed: Session | None) -> bool:
    """Tell whether Livy lists the very session that it has just denied."""
    return entry is not None and listed is not None and not is_another(listed, entry)
