"""What a release did: one outcome a session, each with its reason, what was freed and what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from livyguard.policy.footprint import Footprint
from livyguard.sessions.rows import sum_of
from livyguard.sessions.selection import Refuse

if TYPE_CHECKING:
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import StatementTimes
    from livyguard.sessions.rows import SessionRow
    from livyguard.sessions.selection import Skip

__all__ = ["Outcome", "ReleaseReport", "Result", "clause", "not_released"]

Result = Literal["released", "would-release", "gone", "skipped", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one session, or of one application without a session.

    Attributes:
        session_id: as asked or chosen; None for an application that was named by its own id.
        result: ``released``; ``would-release`` in a dry run; ``gone`` before we came; ``skipped``, with nothing wrong;
            ``refused`` by livyguard or Livy; ``failed``.
        reason: why, as the end of a sentence that begins with the session; None for a plain release.
        row: the session as it was read last; None where Livy never listed it.
        statements: its last statement, and how many Livy still held; None where nobody knows.
        left_over: id of its application where that lives on in YARN although the session is deleted; else None.
        app_id: of the application that was named.
        application: that application as it was, where it was ended or would be.
    """

    session_id: int | None
    result: Result
    reason: str | None = None
    row: SessionRow | None = None
    statements: StatementTimes | None = None
    left_over: str | None = None
    app_id: str | None = None
    application: Application | None = None

    @property
    def freed(self) -> Footprint | None:
        """What it could hold and holds no more (or would not); None where nothing was freed."""
        is_freed = self.left_over is None and self.result in {"released", "would-release"}
        return self.row.session.ceiling if self.row is not None and is_freed else None

    @property
    def held(self) -> Footprint | None:
        """What it held in its cluster; None where nothing was freed, or nobody told."""
        row, one = self.row, self.application
        if one is not None:
            return Footprint(one.executors, one.memory_mib, one.cores)
        return row.held if row is not None and row.application is not None and self.freed is not None else None

    @property
    def since(self) -> float | None:
        """When the session was created, where this machine knows; seconds since the epoch."""
        return self.row.entry.created if self.row is not None and self.row.entry is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard release --json`` prints."""
        row, freed, held = self.row, self.freed, self.held
        return {
            "id": self.session_id,
            "result": self.result,
            "reason": self.reason,
            "endpoint": row.endpoint if row else None,
            "owner": row.owner if row else None,
            "mine": row.mine if row else None,
            "state": row.state if row else None,
            "idle_seconds": row.idle_seconds if row else None,
            "app_id": self.app_id or (row.app_id if row else None),
            "left_over": self.left_over,
            "this_notebook": row.this_notebook if row else False,
            "freed": freed and {"executors": freed.executors, "memory_mib": freed.memory_mib, "cores": freed.cores},
            "held": held and {"executors": held.executors, "memory_mib": held.memory_mib, "cores": held.cores},
            "lost": {
                "statements": self.statements.count if self.statements else None,
                "since": self.since,
                "last_statement": (self.statements.completed or self.statements.started) if self.statements else None,
            },
        }


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """What a release did, or would do.

    Attributes:
        is_dry_run: nothing was deleted.
        asked: whose sessions were asked for, as the end of "no live session".
        notes: why what sessions hold was not known meanwhile.
        unread: why an endpoint could not be read, where others could.
    """

    outcomes: tuple[Outcome, ...] = ()
    is_dry_run: bool = False
    asked: str = "that is known to be yours"
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def freed(self) -> Footprint:
        """What all released sessions could hold together."""
        return sum_of(outcome.freed for outcome in self.outcomes if outcome.freed is not None)

    @property
    def held(self) -> Footprint | None:
        """What they held in their clusters; None where that is not known of all of them."""
        ended = [outcome for outcome in self.outcomes if outcome.freed is not None or outcome.application is not None]
        held = [outcome.held for outcome in ended if outcome.held is not None]
        return sum_of(held) if held and len(held) == len(ended) else None

    @property
    def is_failure(self) -> bool:
        """Was anything refused, did anything fail, or does an application live on? Skips are fine."""
        return any(outcome.result in {"refused", "failed"} or outcome.left_over for outcome in self.outcomes)

    def having(self, result: Result) -> list[Outcome]:
        """Return the outcomes with one result."""
        return [outcome for outcome in self.outcomes if outcome.result == result]

    def to_json(self) -> dict[str, Any]:
        """Return what ``livyguard release --json`` prints: outcomes and the sum of what was freed."""
        freed = self.freed
        return {
            "dry_run": self.is_dry_run,
            "outcomes": [outcome.to_json() for outcome in self.outcomes],
            "freed": {"executors": freed.executors, "memory_mib": freed.memory_mib, "cores": freed.cores},
            "notes": [*self.unread, *self.notes],
        }


def not_released(row: SessionRow, judged: Refuse | Skip) -> Outcome:
    """Return the outcome of a session that stays."""
    return Outcome(row.id, "refused" if isinstance(judged, Refuse) else "skipped", judged.reason, row)


def clause(text: str) -> str:
    """Return what became of an application as the end of a sentence."""
    text = text.rstrip(".")
    return text if text.startswith("YARN") else f"{text[:1].lower()}{text[1:]}"
