"""Sentences on a plan: what decides the number of workers, and what would change it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.amounts import percent
from livyguard.capacity.plan import MOST, need, with_care
from livyguard.capacity.siting import MANAGER_NAMES
from livyguard.policy.units import MIB, write_size
from livyguard.policy.wording import counted, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.capacity.answer import Answer, Cell
    from livyguard.capacity.asking import Asked
    from livyguard.capacity.plan import Plan

__all__ = ["enough_am_share", "people_with", "remarks"]

_AM_PERCENT = "yarn.scheduler.capacity.maximum-am-resource-percent"
#: YARN's own default of ``yarn.scheduler.maximum-allocation-mb``, MiB.
LARGEST_ALLOCATION = 8_192


def people_with(users: int, executors: int) -> str:
    """Return ``3 people with 5 executors each``."""
    return f"{people(users)} with {_each(executors)}{' each' if users > 1 else ''}"


def remarks(answer: Answer) -> Iterator[str]:
    """Yield what is to be said of an answer; of a matrix what holds for all of it."""
    asked = answer.asked
    if not answer.is_matrix:
        yield from _of_cell(asked, answer.cells[0])
    else:
        if asked.at_once != 1:
            yield f"{percent(asked.at_once)} of the people work at once."
        bound = {cell.plan.need.bound_by for cell in answer.cells}
        if "drivers" in bound:
            one = max(answer.cells, key=_driven).plan
            yield from _drivers(asked, replace(one, users=max(one.users, 1), executors=max(one.executors, 1)))
        if answer.settled is not None:
            whom = people_with(answer.settled.users, answer.settled.plan.executors)
            yield f"The lines to paste are those for {whom}; for another answer's ask for that one alone."
    if asked.size.beside_livy_mib:
        heap = write_size(asked.size.beside_livy_mib, MIB)
        yield f"Drivers run beside Livy and take none of the workers: a heap of {heap} each there."
    largest = max(each.memory_mib for each in (asked.size.executor, asked.size.driver) if each is not None)
    # EMR lets one container be as large as the node.
    if asked.site.manager == "yarn" and asked.worker_type is None and largest > LARGEST_ALLOCATION:
        yield (
            f"YARN has to allow containers of {write_size(largest, MIB)}: yarn.scheduler.maximum-allocation-mb "
            f"is {LARGEST_ALLOCATION} unless set."
        )


def _driven(cell: Cell) -> tuple[bool, int]:
    return cell.plan.need.bound_by == "drivers", cell.plan.need.workers


def _of_cell(asked: Asked, cell: Cell) -> Iterator[str]:
    one = cell.plan
    if asked.at_once != 1 and cell.users:
        yield f"{percent(asked.at_once)} of {people(cell.users)} work at once: {people(one.users)}."
    if asked.mode == "users" and cell.users == MOST:
        yield f"There may be room for more: people are counted up to {MOST:,}."
    elif asked.mode in {"executors", "users"}:
        more = _one_more(asked, one)
        yield f"{more[0]} would need {counted(more[1].need.workers, 'worker')}."
        yield from _bounds(asked, more[1])
    else:
        yield from _bounds(asked, one)
    if one.need.for_drivers and one.executors:
        rest = one.need.workers - one.need.for_drivers
        yield f"Drivers are apart: {counted(one.need.for_drivers, 'worker')} for drivers, {rest} for executors."
    if asked.site.worker_type is not None and asked.site.worker_type.is_for_streaming:
        yield f"AWS offers {asked.site.worker_type.name} for streaming jobs alone."


def _one_more(asked: Asked, one: Plan) -> tuple[str, Plan]:
    """Return the first plan beyond what fits, and how a sentence about it begins."""
    if asked.mode == "executors":
        beyond = replace(
            one,
            executors=one.executors + 1,
            need=need(asked.site, asked.size, one.users, one.executors + 1),
        )
        return f"{_each(beyond.executors).capitalize()} each", beyond
    beyond = replace(one, users=one.users + 1, need=need(asked.site, asked.size, one.users + 1, one.executors))
    return f"{people(beyond.users).capitalize()} at once", beyond


def _each(executors: int) -> str:
    return counted(executors, "executor")


def _bounds(asked: Asked, one: Plan) -> Iterator[str]:
    if one.need.bound_by == "drivers":
        yield from _drivers(asked, one)
    elif one.need.bound_by == "queue":
        without = need(replace(asked.site, queue_share=Fraction(1)), asked.size, one.users, one.executors)
        yield (
            f"The queue's share of the cluster decides, {percent(asked.site.queue_share)}: "
            f"with all of it {counted(without.workers, 'worker')} would do."
        )
    else:
        yield from _with_care(asked, one)


def _with_care(asked: Asked, one: Plan) -> Iterator[str]:
    enough = with_care(asked.site, asked.size, one.users, one.executors)
    if enough < one.need.workers:
        yield (
            f"That many are enough in whatever order sessions start and wherever {MANAGER_NAMES[asked.site.manager]} "
            f"places their containers; placed with care, {enough} would do."
        )


def _drivers(asked: Asked, one: Plan) -> Iterator[str]:
    share, workers = enough_am_share(asked, one)
    yield (
        f"YARN's limit on drivers decides: they may hold {percent(asked.site.am_share or Fraction(1))} of the queue "
        f"({_AM_PERCENT}). With {percent(share)}, {counted(workers, 'worker')} would do "
        f"for {people_with(one.users, one.executors)} (--am-share)."
    )


def enough_am_share(asked: Asked, one: Plan) -> tuple[Fraction, int]:
    """Return the least whole per cent of a queue for drivers that ceases to decide, and the workers it then takes."""

    def workers(share: Fraction | None) -> int:
        return need(replace(asked.site, am_share=share), one.size, one.users, one.executors).workers

    free = workers(None)
    shares = (Fraction(percent, 100) for percent in range(1, 100))
    return next((share for share in shares if workers(share) <= free), Fraction(1)), free
