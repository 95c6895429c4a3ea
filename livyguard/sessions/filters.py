"""Which rows of a listing are shown, and in which order."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livyguard.errors import InvalidInput
from livyguard.sessions.model import ABANDONED, ENDED, STARTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livyguard.sessions.rows import SessionRow

__all__ = ["COLUMNS", "STATES", "RowFilter", "in_order", "known_states", "parse_apps", "parse_ids", "parse_states"]

#: What ``--sort`` takes.
COLUMNS = (
    "id",
    "name",
    "owner",
    "owner_source",
    "mine",
    "state",
    "kind",
    "idle_seconds",
    "quiet_seconds",
    "executors",
    "executors_held",
    "memory_mib",
    "memory_mib_held",
    "cores",
    "cores_held",
    "cluster_share",
    "cluster_share_max",
    "app_id",
    "app_state",
    "queue",
    "endpoint",
)
APPLICATION = re.compile(r"application_\d{1,20}_\d{1,10}", re.ASCII)
#: Livy counts sessions in Java's integers; Python does not even read very long ones.
SESSION = re.compile(r"\d{1,10}", re.ASCII)
STATES = frozenset({"idle", "busy", "running"}) | STARTING | ENDED | ABANDONED


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a row must be to be shown; an empty field asks for nothing.

    Attributes:
        mine: only what is proven to be mine.
        user: only this owner's.
        idle: only idle ones.
        idle_for: only those idle for at least so many seconds.
    """

    ids: frozenset[int] = frozenset()
    mine: bool = False
    user: str | None = None
    states: frozenset[str] = frozenset()
    idle: bool = False
    idle_for: float | None = None

    def lets_through(self, row: SessionRow) -> bool:
        """Tell what needs no knowledge of idle times, so that nobody is asked about rows that are not shown."""
        is_idle_enough = row.is_idle or not (self.idle or self.idle_for is not None)
        return (
            (not self.ids or row.id in self.ids)
            and (not self.mine or row.mine is True)
            and (self.user is None or row.owner == self.user)
            and (not self.states or row.state in self.states)
            and is_idle_enough
        )

    def is_idle_long_enough(self, row: SessionRow) -> bool:
        """Tell the rest, once idle times are known; an unknown one is not long enough for any length but 0."""
        return not self.idle_for or (row.idle_seconds is not None and row.idle_seconds >= self.idle_for)


def in_order(rows: Iterable[SessionRow], column: str | None = None) -> list[SessionRow]:
    """Sort: mine first, then by endpoint and id; or by a column, with unknown values last.

    Raises:
        InvalidInput: there is no such column.
    """
    natural = sorted(rows, key=lambda row: (row.mine is not True, row.endpoint, row.id))
    if column is None:
        return natural
    if column not in COLUMNS:
        raise InvalidInput(f"There is no column {column!r}{_near(column, COLUMNS)}. Columns: {', '.join(COLUMNS)}.")
    values: list[tuple[Any, SessionRow]] = [(row.to_json()[column], row) for row in natural]
    known = [pair for pair in values if pair[0] is not None]
    known.sort(key=lambda pair: pair[0])
    return [row for _, row in known] + [row for value, row in values if value is None]


def known_states(words: Iterable[str]) -> frozenset[str]:
    """Return session states in lower case. Raises InvalidInput naming every word that is none."""
    states = frozenset(word.lower() for word in words)
    wrong = [f"{word!r} is no session state{_near(word, sorted(STATES))}" for word in sorted(states - STATES)]
    if wrong:
        raise InvalidInput(f"{'; '.join(wrong)}. States: {', '.join(sorted(STATES))}.")
    return states


def parse_states(text: str) -> frozenset[str]:
    """Read ``idle,busy``. Raises InvalidInput naming every word that is no state, or where there is none at all."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise InvalidInput(f"--state names no state. States: {', '.join(sorted(STATES))}.")
    return known_states(words)


def parse_ids(words: Iterable[str]) -> tuple[int, ...]:
    """Read session ids, each once, in the order given. Raises InvalidInput naming every word that is none."""
    given = list(words)
    wrong = [repr(word) for word in given if not SESSION.fullmatch(word)]
    if wrong:
        states = ",".join(word for word in given if word.lower() in STATES)
        more = f" The listing's --state {states} shows the sessions in that state." if states else ""
        raise InvalidInput(
            f"No session id: {', '.join(wrong)}. A session is named by its number, as the listing shows.{more}"
        )
    return tuple(dict.fromkeys(int(word) for word in given))


def parse_apps(words: Iterable[str]) -> tuple[str, ...]:
    """Read YARN's application ids, each once. Raises InvalidInput naming every word that is none."""
    given = [word.strip() for word in words]
    wrong = [repr(word) for word in given if not APPLICATION.fullmatch(word)]
    if wrong:
        raise InvalidInput(
            f"No application id: {', '.join(wrong)}. YARN writes application_1700000000000_0001; the listing shows it."
        )
    return tuple(dict.fromkeys(given))


def _near(word: str, known: Sequence[str]) -> str:
    match = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {match[0]!r}?)" if match else ""
