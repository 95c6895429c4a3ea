"""What the doctor says, as text, HTML and JSON: a line a check in the order in which data flows, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.policy.wording import counted
from livyguard.views import hint as hint_view
from livyguard.views import page
from livyguard.views.shown import Shown
from livyguard.views.text import plain

if TYPE_CHECKING:
    from livyguard.doctor.model import Check, Report

__all__ = ["MIME", "DoctorView", "html", "text"]

MIME = "application/vnd.livyguard.doctor.v1+json"
CAPTION = "From this notebook to the cluster"
HEADERS = ("Check", "Result", "What was seen", "Hint")
LONGEST = 700
_STATUS, _LABEL = 9, 15
FINE = "Nothing is to be mended."


class DoctorView(Shown):
    """A report that shows itself in a notebook and a terminal."""

    mime = MIME

    def __init__(self, report: Report) -> None:
        self.report = report

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.report)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.report)

    def to_json(self) -> dict[str, Any]:
        """Return one object, all that is known."""
        return self.report.to_json()


def text(report: Report, more: str = "%livy_explain", *, in_terminal: bool = False) -> str:
    """Return the checklist, the hints below it, and how many came out how.

    Args:
        report: what the doctor said.
        more: how the long form of a hint is asked for.
        in_terminal: give commands instead of cells, where there are such.
    """
    lines, shown = [], None
    for check in report.checks:
        if len(report.endpoints) > 1 and check.endpoint is not None and check.endpoint != shown:
            lines.append(f"\n{plain(check.endpoint)}")
        elif shown is not None and check.endpoint is None and len(report.endpoints) > 1:
            lines.append("")
        shown = check.endpoint
        code = f" [{check.hint.code}]" if check.hint else ""
        lines.append(f"{check.status:<{_STATUS}}{check.label:<{_LABEL}}{plain(check.text, LONGEST)}{code}")
    hints = [hint_view.text(hint, more, in_terminal=in_terminal) for hint in report.hints]
    return "\n\n".join(["\n".join(lines).strip(), *hints, closing(report)])


def html(report: Report) -> Markup:
    """Return the checklist as a table, and the hints below it."""
    are_several = len(report.endpoints) > 1
    headers = (*HEADERS, "Livy") if are_several else HEADERS
    rows = [_row(check) + ([plain(check.endpoint or "")] if are_several else []) for check in report.checks]
    hints = [Markup(hint_view.html(hint)) for hint in report.hints]  # noqa: S704 - escaped where it is made
    return page.section([page.table(CAPTION, headers, rows), *hints, page.note(closing(report))])


def closing(report: Report) -> str:
    """Return one sentence with the counts: ``2 failures, 1 warning, 10 ok, 5 skipped.``."""
    counts = report.counts
    told = [counted(counts["failure"], "failure")] if counts["failure"] else []
    told += [counted(counts["warning"], "warning")] if counts["warning"] else []
    told += [f"{counts[status]} {status}" for status in ("ok", "skipped") if counts[status]]
    fine = "" if counts["failure"] or counts["warning"] else f" {FINE}"
    return f"{', '.join(told)}.{fine}"


def _row(check: Check) -> list[str | Markup]:
    is_fine = check.status in {"ok", "skipped"}
    status = check.status if is_fine else Markup("<strong>{}</strong>").format(check.status)
    return [check.label, status, page.prose(plain(check.text, LONGEST)), "" if check.hint is None else check.hint.code]
