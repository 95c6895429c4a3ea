"""What this kernel's own looks have told of its sessions: when they answered last, and what they were given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.units import MILLISECOND, Unreadable, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Sighting", "Sightings"]

#: Seconds for which a session that came back stays one that comes and goes.
_LATELY = 600.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """One session, as far as this kernel has seen it. Times are seconds since the epoch.

    Attributes:
        state: the last that Livy told.
        seen: when Livy last answered for it.
        missed: when Livy first did not know it, since then.
        came_back: when Livy last knew it again after it had not, and no statement has ended since.
        silent: when Livy last did not answer at all, since then.
        silence: how it did not.
        heartbeat: ``heartbeatTimeoutInSecond``, from Livy 0.8 on.
        idle_timeout: its own, seconds; in Livy 0.8 its ``ttl`` is that.
        ttl: how long it may live, seconds, from Livy 0.9 on.
    """

    state: str | None = None
    seen: float | None = None
    missed: float | None = None
    came_back: float | None = None
    silent: float | None = None
    silence: str = ""
    heartbeat: float | None = None
    idle_timeout: float | None = None
    ttl: float | None = None

    def comes_and_goes(self, now: float) -> bool:
        """Tell whether Livy knew the session again after it had not, a short time ago."""
        return self.came_back is not None and now - self.came_back < _LATELY


class Sightings:
    """Keeps the last sighting of each session; SparkMagic's heartbeat thread looks, too."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Sighting] = {}

    def of(self, endpoint: str, session_id: int) -> Sighting | None:
        """Return what is known of a session; None where nobody here ever looked."""
        return self._known.get((endpoint, session_id))

    def answered(self, endpoint: str, session_id: int, now: float, answer: Mapping[str, Any] | None = None) -> None:
        """Note that Livy answered for a session, and what it told of it."""
        before = self._known.get((endpoint, session_id), Sighting())
        came_back = now if before.missed is not None else before.came_back
        after = replace(before, seen=now, missed=None, came_back=came_back, silent=None)
        self._known[endpoint, session_id] = after if answer is None else _told(after, answer)

    def worked(self, endpoint: str, session_id: int) -> None:
        """Note that a statement came to its end: whoever answers at the address keeps the session."""
        before = self._known.get((endpoint, session_id))
        if before is not None:
            self._known[endpoint, session_id] = replace(before, came_back=None)

    def silent(self, endpoint: str, session_id: int, now: float, how: str) -> None:
        """Note that Livy itself was away while it knew the session, as far as anybody here had seen."""
        before = self._known.get((endpoint, session_id))
        if before is not None and before.missed is None:
            self._known[endpoint, session_id] = replace(before, silent=now, silence=how)

    def missed(self, endpoint: str, session_id: int, now: float) -> None:
        """Note that Livy does not know a session that it knew."""
        before = self._known.get((endpoint, session_id))
        if before is not None and before.missed is None:
            self._known[endpoint, session_id] = replace(before, missed=now)


def _told(before: Sighting, answer: Mapping[str, Any]) -> Sighting:
    state, heartbeat = answer.get("state"), answer.get("heartbeatTimeoutInSecond")
    ttl, knows_idle_timeout = _seconds(answer.get("ttl")), "idleTimeout" in answer
    return replace(
        before,
        state=state if isinstance(state, str) else before.state,
        heartbeat=float(heartbeat) if isinstance(heartbeat, int) else before.heartbeat,
        idle_timeout=_seconds(answer.get("idleTimeout")) if knows_idle_timeout else ttl,
        ttl=ttl if knows_idle_timeout else None,
    )


def _seconds(value: Any) -> float | None:
    """Return seconds; None for no time: Livy 0.8.0 has the ``proxyUser`` in the place of ``ttl``."""
    try:
        return read_time(value, MILLISECOND) / 1000 if isinstance(value, str) else None
    except Unreadable:
        return None
