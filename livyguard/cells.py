"""Use case: which cells ran in a session, so that they can be run again in the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

__all__ = ["LARGEST", "MOST", "SESSIONS", "Cells", "Ran"]

#: What is kept of one session: that many cells and characters at most, the last ones.
MOST, LARGEST = 300, 500_000
#: And of how many sessions, the last ones.
SESSIONS = 5


@dataclass(frozen=True, slots=True)
class Ran:
    """What ran in one session.

    Attributes:
        session_id: Livy's number.
        cells: those that came to a good end, as they were typed, in the order in which they ran.
        failed: how many others failed, were cancelled, or ran when the session was lost.
        dropped: how many more ran before these, and are not kept.
    """

    session_id: int
    cells: tuple[str, ...]
    failed: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Cell:
    key: Hashable
    code: str
    #: None while one of its statements runs.
    is_fine: bool | None = None
    has_failed: bool = False


@dataclass(slots=True)
class _Session:
    session_id: int
    cells: list[_Cell] = field(default_factory=list)
    dropped: int = 0

    def cut(self) -> None:
        while len(self.cells) > MOST or (len(self.cells) > 1 and sum(len(each.code) for each in self.cells) > LARGEST):
            del self.cells[0]
            self.dropped += 1

    @property
    def ran(self) -> Ran:
        fine = tuple(each.code for each in self.cells if each.is_fine and not each.has_failed)
        return Ran(self.session_id, fine, len(self.cells) - len(fine), self.dropped)


class Cells:
    """Keeps them in memory, and nowhere else: they are the user's own text.

    A session is told from another by a key, since numbers are used again where Livy is restarted.
    """

    def __init__(self) -> None:
        self._sessions: dict[Any, _Session] = {}

    def began(self, session: Hashable, session_id: int, cell: Hashable, code: str) -> None:
        """Note that a cell's statement was sent; a cell may have several.

        Args:
            session: its key.
            session_id: Livy's number of it.
            cell: tells one run of a cell from the next.
            code: as it was typed.
        """
        held = self._sessions.setdefault(session, _Session(session_id))
        if not held.cells or held.cells[-1].key != cell:
            held.cells.append(_Cell(cell, code))
            held.cut()
        held.cells[-1].is_fine = None
        for oldest in list(self._sessions)[:-SESSIONS]:
            del self._sessions[oldest]

    def ended(self, session: Hashable, *, is_fine: bool) -> None:
        """Note how the last statement of a session ended; a cell is fine if all of its statements are."""
        held = self._sessions.get(session)
        if held is not None and held.cells:
            held.cells[-1].is_fine = is_fine
            held.cells[-1].has_failed |= not is_fine

    def of(self, session: Hashable) -> Ran | None:
        """Return what ran in a session; None if nothing did."""
        held = self._sessions.get(session)
        return None if held is None else held.ran

    def last_lost(self, held: Collection[Hashable]) -> Ran | None:
        """Return what ran in the last session that the notebook no longer has; None where nothing was lost.

        Args:
            held: the keys of those that it has.
        """
        lost = [each for session, each in self._sessions.items() if session not in held]
        return lost[-1].ran if lost else None
