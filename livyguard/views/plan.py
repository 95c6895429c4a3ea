"""A plan as text, HTML, JSON and a table to work with; it ends with the lines that put it in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.capacity import amounts
from livyguard.capacity.remarks import people_with
from livyguard.capacity.settings import trade_off
from livyguard.policy.wording import counted, people
from livyguard.views import chart, page
from livyguard.views.shown import Shown
from livyguard.views.text import columns, memory, paragraph, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from livyguard.capacity.answer import Answer, Cell
    from livyguard.capacity.containers import Container
    from livyguard.capacity.plan import Plan

__all__ = ["MIME", "PlanView", "html", "text"]

MIME = "application/vnd.livyguard.plan.v1+json"
#: A conf value that was typed is foreign; longer than this it is cut.
LONGEST = 1_000
FACTS = ("Of the plan", "How much")
#: Columns of a terminal that a table takes at the most.
WIDTH = 100
CONFIG_CAPTION = "For SparkMagic's config.json"
POLICY_CAPTION = "For the policy (livyguard policy lint FILE, then livyguard policy install FILE)"
NO_PLOT = f"A chart of it needs matplotlib: {chart.INSTALL}"


class PlanView(Shown):
    """An answer of the planner that shows itself in a notebook and a terminal.

    ``.to_frame()`` makes a pandas DataFrame of it, ``.to_json()`` plain objects.
    """

    mime = MIME

    def __init__(self, answer: Answer, *, offers_chart: bool = True) -> None:
        self.answer = answer
        self._offers_chart = offers_chart

    def to_text(self) -> str:
        """Return it as plain text, complete; where a chart would be offered, and cannot be drawn, it says how."""
        return text(self.answer, (NO_PLOT,) if self._offers_chart and not chart.can_draw() else ())

    def to_html(self) -> Markup:
        """Return it as HTML, with the chart where matplotlib is installed; everything foreign in it is escaped."""
        return html(self.answer)

    def to_json(self) -> dict[str, Any]:
        """Return one object, as ``livyguard plan --json`` prints."""
        return self.answer.to_json()

    def to_frame(self) -> Any:
        """Return a DataFrame with one row for each number of people and of executors."""
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; a second to import

        shown = self.to_json()
        rows = [_flat(cell) for cell in shown.get("cells", [shown])]
        return pd.DataFrame(rows).convert_dtypes()


_COLUMNS = ("users", "at_work", "executors_per_user", "workers", "workers_needed", "workers_for_drivers", "fits")


def _flat(cell: dict[str, Any]) -> dict[str, Any]:
    amounts = {
        f"{name}_{unit}": (cell[name] or {}).get(unit)
        for name in ("held", "offered", "unused")
        for unit in ("memory_mib", "cores")
    }
    return {**{name: cell[name] for name in (*_COLUMNS, "bound_by", "containers")}, **amounts}


def text(answer: Answer, more: Sequence[str] = ()) -> str:
    """Return the answer as plain text, complete.

    Args:
        answer: a plan or a matrix of them.
        more: sentences to add to its notes.
    """
    if answer.is_matrix:
        tables = [columns(headers, rows, frozenset(range(len(headers)))) for headers, rows in _folded(*_matrix(answer))]
        parts = [f"{_caption(answer)}\n{tables[0]}", *tables[1:]]
    else:
        facts = _facts(answer)
        width = max(len(label) for label, _ in facts)
        parts = [_headline(answer), "\n".join(f"{label:<{width}}  {value}" for label, value in facts)]
    notes = (*answer.notes, *more)
    parts += [paragraph(notes)] if notes else []
    if answer.session_configs is not None:
        parts.append(paragraph(trade_off(answer.asked)))
        parts += [f"{caption}:\n{lines}" for caption, lines in _settings(answer)]
    return "\n\n".join(parts)


def html(answer: Answer) -> Markup:
    """Return the answer as HTML; everything foreign in it is escaped."""
    if answer.is_matrix:
        headers, rows = _matrix(answer)
        parts = [page.table(_caption(answer), headers, rows, frozenset(range(len(headers))))]
    else:
        parts = [page.table(_headline(answer), FACTS, _facts(answer))]
    notes = [plain(note, LONGEST) for note in answer.notes]
    if chart.can_draw():
        drawn = Markup(chart.svg(answer, is_inline=True))  # noqa: S704 - words and numbers of ours alone
        parts.append(Markup('<div style="max-width: 45em">{}</div>').format(drawn))
    else:
        notes.append(NO_PLOT)
    parts += [page.note(note) for note in notes]
    if answer.session_configs is not None:
        parts += [page.note(sentence) for sentence in trade_off(answer.asked)]
        block = "<p>{}</p><pre>{}</pre>"
        parts += [Markup(block).format(*each) for each in _settings(answer)]  # noqa: S704 - ours
    return page.section(parts)


def _workers(answer: Answer, number: int) -> str:
    kind = answer.asked.worker_type
    return counted(number, "worker") + (f" of type {kind}" if kind else "")


def _whom(cell: Cell) -> str:
    return people_with(cell.users, cell.plan.executors)


def _headline(answer: Answer) -> str:
    """Return the answer in one sentence."""
    cell, mode = answer.cells[0], answer.asked.mode
    one = cell.plan
    workers = _workers(answer, one.workers)
    if mode == "forward":
        return f"{_whom(cell)} {'needs' if cell.users == 1 else 'need'} {workers}."
    be, give = ("is", "gives") if one.workers == 1 else ("are", "give")
    if mode == "executors":
        each = counted(one.executors, "executor") if cell.has_room else "not one executor"
        return f"{workers} {give} {people(cell.users)} {each}{' each' if cell.users > 1 else ''}."
    if mode == "users" and not cell.has_room:
        return f"{workers} {be} not enough for one person with {counted(one.executors, 'executor')}."
    if cell.has_room:
        return f"{workers} {be} enough for {_whom(cell)}."
    return f"{workers} {be} not enough for {_whom(cell)}: {one.need.workers} are needed."


def _facts(answer: Answer) -> list[tuple[str, str]]:
    sizing, one = answer.asked.sizing, answer.cells[0].plan
    size, known = sizing.size, sizing.is_known

    def of(side: str, container: Container) -> str:
        if not sizing.knows(f"{side}.memory"):
            return "AWS does not say how large on this type"
        return _amount(container, cores=sizing.knows(f"{side}.cores"))

    rows = [
        ("Workers needed", _needed(one)),
        ("Containers", _containers(one) if one.users and one.executors else ""),
        ("A driver", "beside Livy" if size.driver is None else of("driver", size.driver)),
        ("An executor", of("executor", size.executor)),
        ("Held at most", _amount(one.held, cores=sizing.knows_cores) if known and one.users and one.executors else ""),
    ]
    if one.offered is not None:
        cores = bool(one.offered.cores)
        rows.append(("The workers offer", _amount(one.offered, cores=cores)))
        rows.append(("Left unused", "" if one.unused is None else _amount(one.unused, cores=cores)))
    return [(label, value) for label, value in rows if value]


def _needed(one: Plan) -> str:
    apart = f", {one.need.for_drivers} of them for drivers" if one.need.for_drivers else ""
    there = "" if one.workers == one.need.workers else f"; there {'is' if one.workers == 1 else 'are'} {one.workers}"
    return f"{one.need.workers}{apart}{there}"


def _containers(one: Plan) -> str:
    drivers = [] if one.size.driver is None else [counted(one.users, "driver")]
    told = " and ".join([*drivers, counted(one.users * one.executors, "executor")])
    return f"{one.containers}: {told}"


def _amount(amount: Container, *, cores: bool = True) -> str:
    return memory(amount.memory_mib) + (f", {amounts.cores(amount.cores)}" if cores else "")


def _caption(answer: Answer) -> str:
    asked = answer.asked
    if asked.workers is not None and not (asked.users and asked.executors):
        return f"For {_workers(answer, asked.workers)}"
    kind = f" of type {asked.worker_type}" if asked.worker_type else ""
    there = f"; there are {asked.workers}" if asked.workers is not None else ""
    return f"Workers{kind} needed, by people and executors each{there}"


def _matrix(answer: Answer) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return a grid of people and executors each; where one of them was the question, a line for each answer."""
    asked = answer.asked
    if not (asked.users and asked.executors):
        rows = [[*map(str, (c.users, c.plan.executors, c.plan.need.workers)), _fits(c)] for c in answer.cells]
        return ("People", "Executors each", "Workers needed", "Fits"), rows
    headers = ("People", *(counted(each, "executor") for each in asked.executors))
    width = len(asked.executors)
    grid = [answer.cells[start : start + width] for start in range(0, len(answer.cells), width)]
    return headers, [[str(row[0].users), *(_cell(cell) for cell in row)] for row in grid]


def _folded(headers: Sequence[str], rows: list[list[str]]) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield a table in parts that a terminal is wide enough for, each with its first column."""
    widths = [max(map(len, cells)) + 2 for cells in zip(headers, *rows, strict=True)]
    start = 1
    while start < len(headers):
        end = start + 1
        while end < len(headers) and widths[0] + sum(widths[start : end + 1]) - 2 <= WIDTH:
            end += 1
        yield [headers[0], *headers[start:end]], [[row[0], *row[start:end]] for row in rows]
        start = end


def _cell(cell: Cell) -> str:
    needed, there = cell.plan.need.workers, cell.plan.workers
    return str(needed) if cell.plan.fits else f"{needed} > {there}"


def _fits(cell: Cell) -> str:
    return "yes" if cell.has_room else "no"


def _settings(answer: Answer) -> list[tuple[str, str]]:
    """Return the lines to paste, each with its caption; every foreign line in them stays harmless."""
    whole = json.dumps({"session_configs": answer.session_configs}, indent=2).splitlines()[1:-1]
    config = "\n".join(plain(line.removeprefix("  "), LONGEST) for line in whole)
    policy = "\n".join(plain(line, LONGEST) for line in (answer.policy or "").splitlines())
    return [(CONFIG_CAPTION, config), (POLICY_CAPTION, policy)]
