"""What is held of each quota, as bars: characters in text, meters in HTML, the numbers always beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from livyguard.policy.wording import counted
from livyguard.views import page
from livyguard.views.text import columns, memory, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.report import PolicyReport
    from livyguard.policy.usage import QuotaReport

__all__ = ["html", "text"]

CAPTION = "What is held of the quota"
LONGEST_URL = 400
HEADERS = ("Whose", "Held", "Used", "Left", "Sessions", "Holds now", "Rule", "File")
NUMBERS = frozenset({2, 4})
#: Characters of a bar.
WIDTH = 12
LONGEST_FAULT = 400


def text(report: PolicyReport) -> str:
    """Return a line for each quota, and what the bars do not tell; empty where there is nothing to say."""
    rows = [_cells(each, report, f"{_bar(each)} {_held(each)}") for each in report.usage or ()]
    table = [_caption(report), columns(HEADERS, rows, NUMBERS)] if rows else []
    return "\n".join([*table, *_sentences(report)])


def html(report: PolicyReport) -> list[Markup]:
    """Return a table with a meter for each quota, and what the meters do not tell."""
    rows = [_unbroken(_cells(each, report, _meter(each))) for each in report.usage or ()]
    table = [page.table(_caption(report), HEADERS, rows, NUMBERS)] if rows else []
    return [*table, *map(page.note, _sentences(report))]


def _sentences(report: PolicyReport) -> Iterator[str]:
    """Yield what the bars do not tell: what is not counted, what is assumed, why there are none."""
    if report.usage_fault is not None:
        yield f"What is held of the quota is not shown: {plain(report.usage_fault, LONGEST_FAULT)}"
    bars = report.usage or ()
    if any(each.held > each.most for each in bars):
        yield (
            "More is held than the quota allows: nothing that runs is ended, and no further session is created until "
            "there is room."
        )
    if assumed := max((each.assumed for each in bars), default=0):
        yield (
            f"Of {counted(assumed, 'session')} too little is told: "
            f"the most that {'its owner' if assumed == 1 else 'their owners'} may have is counted."
        )
    if any(each.held_now is not None for each in bars):
        yield "A quota counts the most that a session can hold; what it holds now is the cluster's own figure."
    if report.unowned:
        has = "has no owner that is known: it is" if report.unowned == 1 else "have no owner that is known: they are"
        yield f"{counted(report.unowned, 'live session')} here {has} not counted."


def _caption(report: PolicyReport) -> str:
    return f"{CAPTION} at {plain(report.usage_at, LONGEST_URL)}" if report.usage_at else CAPTION


def _cells(each: QuotaReport, report: PolicyReport, bar: str) -> list[str]:
    person = report.user or "not known"
    return [
        plain(person if each.whose == "user" else f"tenant {report.tenant}"),
        bar,
        _percent(each),
        _amount(each, each.left) if each.left else "none",
        str(each.sessions),
        "" if each.held_now is None else _amount(each, each.held_now),
        plain(each.rule),
        "" if len(report.layers) == 1 and each.file == report.layers[0].source else plain(each.file or ""),
    ]


def _unbroken(cells: list[str]) -> list[str]:
    """Return cells of HTML in which no quantity is parted from its unit."""
    kept = Markup('<span style="white-space: nowrap">{}</span>')
    return [kept.format(cell) if cell else cell for cell in cells]


def _held(each: QuotaReport) -> str:
    """Return ``12 of 16 executors``."""
    return f"{_amount(each, each.held)} of {_amount(each, each.most)} {each.amount}"


def _amount(each: QuotaReport, number: int) -> str:
    return memory(number) if each.unit == "MiB" else str(number)


def _percent(each: QuotaReport) -> str:
    """Return ``75 %``, rounded down, so that what has room is not full; empty for a quota of 0."""
    return f"{100 * each.held // each.most} %" if each.most else ""


def _bar(each: QuotaReport) -> str:
    """Return ``[#########---]``: empty where nothing is held alone, full where nothing is left alone."""
    filled = WIDTH
    if each.left:
        filled = min(-(-WIDTH * each.held // each.most), WIDTH - 1)
    return f"[{'#' * filled}{'-' * (WIDTH - filled)}]"


def _meter(each: QuotaReport) -> Markup:
    """Return a meter and its numbers; a screen reader hears the numbers."""
    held = _held(each)
    return Markup(
        '<meter min="0" max="{}" value="{}" low="{}" high="{}" optimum="0" aria-label="{}" '
        'style="width: 8em; vertical-align: middle; margin-right: 8px"></meter>{}'
    ).format(max(each.most, 1), _shown(each), 0.75 * each.most, 0.99 * each.most, held, held)


def _shown(each: QuotaReport) -> int:
    return min(each.held, each.most) if each.most else 1
