"""What a release does and did, as text, HTML and JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from livyguard.policy.footprint import Footprint
from livyguard.policy.wording import counted
from livyguard.views import page
from livyguard.views.session_cells import owner_of
from livyguard.views.shown import Shown
from livyguard.views.text import columns, duration, memory, moment, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from livyguard.sessions.outcome import Outcome, ReleaseReport
    from livyguard.sessions.rows import SessionRow

__all__ = ["MIME", "ReleaseView", "html", "plan", "text"]

MIME = "application/vnd.livyguard.release.v1+json"

HEADERS = ("Session", "Result", "Owner", "Was", "Freed", "Lost", "Reason")
NUMBERS = frozenset({0})
LONGEST_CELL = 60
LONGEST_REASON = 400
WORDS = {"would-release": "would be released", "gone": "already gone"}


class ReleaseView(Shown):
    """A report that shows itself in a notebook and a terminal."""

    mime = MIME

    def __init__(self, report: ReleaseReport) -> None:
        self.report = report

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.report)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.report)

    def to_json(self) -> dict[str, Any]:
        """Return what ``livyguard release --json`` prints."""
        return self.report.to_json()


def plan(rows: Sequence[SessionRow]) -> str:
    """Say in one line what is about to be freed."""
    named = ", ".join(f"{row.id} ({_whose(row)}, {_was(row)})" for row in rows)
    return f"Freeing {counted(len(rows), 'session')}: {named}."


def _whose(row: SessionRow) -> str:
    return owner_of(row) if row.owner else "owner not known"


def text(report: ReleaseReport) -> str:
    """Return the report as plain text, complete."""
    cells = [_cells(outcome) for outcome in report.outcomes]
    return "\n".join([_summary(report), *([columns(HEADERS, cells, NUMBERS)] if cells else []), *_notes(report)])


def html(report: ReleaseReport) -> Markup:
    """Return the report as an HTML table; everything foreign in it is escaped."""
    cells = [_cells(outcome) for outcome in report.outcomes]
    summary = _summary(report)
    table = page.table(summary, HEADERS, cells, NUMBERS) if cells else page.note(summary)
    return page.section([table, *(page.note(note) for note in _notes(report))])


def _notes(report: ReleaseReport) -> list[str]:
    return [
        *(f"Nothing is released there: {plain(fault, LONGEST_REASON)}" for fault in report.unread),
        *(f"What sessions hold was not known: {plain(note, LONGEST_REASON)}" for note in report.notes),
    ]


def _summary(report: ReleaseReport) -> str:
    if not report.outcomes:
        return f"Nothing to release: there is no live session {plain(report.asked, LONGEST_CELL)}."
    done = report.having("would-release" if report.is_dry_run else "released")
    ended = [outcome for outcome in done if outcome.session_id is None]
    verb = "Would release" if report.is_dry_run else "Released"
    released = len(done) - len(ended)
    what = f"{verb} {counted(released, 'session')}" if released or not ended else ""
    amount = _amount(report.held or report.freed)
    if released and amount:
        what += f" that held {amount}" if report.held else f" with up to {amount}"
    counts = Counter(WORDS.get(outcome.result, outcome.result) for outcome in report.outcomes)
    others = [f"{counts[word]} {word}" for word in ("refused", "failed", "skipped", "already gone") if counts[word]]
    left = sum(outcome.left_over is not None for outcome in report.outcomes)
    others += [f"{counted(left, 'application')} left in YARN"] if left else []
    if ended:
        applications = f"{'would end' if report.is_dry_run else 'ended'} {counted(len(ended), 'application')}"
        others.insert(0, applications + (f" that held {amount}" if report.held and not released and amount else ""))
    told = ", ".join([what, *others] if what else others)
    return f"{told[:1].upper()}{told[1:]}" + ("; nothing was deleted." if report.is_dry_run else ".")


def _cells(outcome: Outcome) -> list[str]:
    row = outcome.row
    return [
        str(outcome.session_id) if outcome.session_id is not None else plain(outcome.app_id or "", LONGEST_CELL),
        WORDS.get(outcome.result, outcome.result),
        "" if row is None else owner_of(row),
        "" if row is None else _was(row),
        _amount(outcome.held or outcome.freed or Footprint()),
        _lost(outcome),
        plain(outcome.reason or "", LONGEST_REASON),
    ]


def _was(row: SessionRow) -> str:
    state = plain(row.state, LONGEST_CELL)
    return f"{state} for {duration(row.idle_seconds)}" if row.idle_seconds is not None else state


def _amount(ceiling: Footprint) -> str:
    executors = ceiling.executors
    parts = [
        counted(executors, "executor") if executors is not None else "",
        memory(ceiling.memory_mib),
        counted(ceiling.cores, "core") if ceiling.cores is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _lost(outcome: Outcome) -> str:
    """Say how many statements' variables and results went, and since when they had been made."""
    if outcome.freed is None or outcome.statements is None:
        return ""
    count = outcome.statements.count
    number = "" if count is None else f"{count} {'statement' if count == 1 else 'statements'}"
    last = outcome.statements.completed or outcome.statements.started
    times = [f"since {moment(outcome.since)}" if outcome.since else "", f"the last {moment(last)}" if last else ""]
    told = ", ".join(part for part in times if part)
    return f"{number} ({told})" if number and told else number or told
