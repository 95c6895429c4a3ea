"""Displays that keep what they were told to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Hint
    from livyguard.hints.start import Start
    from livyguard.policy.decision import Decision
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.outcome import ReleaseReport
    from livyguard.sessions.rows import SessionRow

__all__ = ["RecordingDisplay", "RecordingProgress", "RecordingStart"]


class RecordingDisplay:
    """A display that keeps what it was told to show."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.notices: list[str] = []
        self.hints: list[Hint] = []
        self.reports: list[ReleaseReport] = []
        self.lines: list[RecordingProgress] = []
        self.plans: list[list[int]] = []
        self.starts: list[RecordingStart] = []

    def denial(self, decision: Decision) -> str:
        """Return the refusal's properties in one line."""
        refused = ", ".join(violation.property for violation in decision.violations)
        return f"denied: {refused}"

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return the text and the hints' codes."""
        return "\n".join([text, *(hint.code for hint in hints)])

    def decision(self, decision: Decision) -> None:
        """Keep a decision."""
        self.decisions.append(decision)

    def notice(self, text: str) -> None:
        """Keep a sentence."""
        self.notices.append(text)

    def hint(self, hint: Hint) -> None:
        """Keep a hint."""
        self.hints.append(hint)

    def freeing(self, entry: LedgerEntry) -> str:
        """Return the magic that frees a session."""
        return f"`%livy_release {entry.session_id}`"

    def releasing(self, rows: Sequence[SessionRow]) -> None:
        """Keep which sessions are about to be freed."""
        self.plans.append([row.id for row in rows])

    def released(self, report: ReleaseReport) -> None:
        """Keep a report."""
        self.reports.append(report)

    def progress(self) -> RecordingProgress:
        """Return a line that keeps what it said."""
        self.lines.append(RecordingProgress())
        return self.lines[-1]

    def starting(self) -> RecordingStart:
        """Return a line that keeps what it said of a start."""
        self.starts.append(RecordingStart())
        return self.starts[-1]


class RecordingStart:
    """A line on one start that keeps what it said."""

    def __init__(self) -> None:
        self.said: list[Start] = []
        self.ended: Start | None = None

    def show(self, start: Start) -> None:
        """Keep how it is going."""
        self.said.append(start)

    def close(self, start: Start) -> None:
        """Keep how it ended."""
        self.ended = start


class RecordingProgress:
    """A line that keeps what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.is_closed = False

    def show(self, text: str) -> None:
        """Keep what is said."""
        self.said.append(text)

    def close(self) -> None:
        """Say nothing more."""
        self.is_closed = True
