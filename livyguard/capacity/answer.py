"""What the planner answers: a plan for each number of people, what is to be said of it, and the lines to paste."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from livyguard.capacity.amounts import amount_json
from livyguard.capacity.plan import MOST, Plan, executors_each, most_users, need, plan
from livyguard.capacity.remarks import remarks
from livyguard.capacity.settings import policy_lines, session_configs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.capacity.asking import Asked
    from livyguard.capacity.sizing import Sizing

__all__ = ["Answer", "Cell", "answer"]

#: What is told of each cell of a matrix, and of all together has no meaning.
_OF_ONE = ("at_work", "workers_for_drivers", "bound_by", "containers", "held", "offered", "unused")


@dataclass(frozen=True, slots=True)
class Cell:
    """One plan, and the people it is for.

    Attributes:
        users: all of them; the plan is for those who work at the same time.
        plan: theirs; with 0 users or 0 executors where there is room for none, and then the need of the first.
    """

    users: int
    plan: Plan

    @property
    def has_room(self) -> bool:
        """Does it fit, with an executor for somebody?"""
        return self.plan.fits and self.plan.users > 0 and self.plan.executors > 0


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    Attributes:
        asked: the question.
        cells: one, or one for each pair of a matrix, row by row.
    """

    asked: Asked
    cells: tuple[Cell, ...]

    @property
    def is_matrix(self) -> bool:
        """Are there several?"""
        return self.asked.mode == "matrix"

    @property
    def exit_code(self) -> int:
        """1 where something was to fit and does not; of a matrix that asks for workers or whether they do, 0."""
        is_open = self.asked.workers is None or (self.is_matrix and self.asked.users and self.asked.executors)
        return int(not is_open and not all(cell.has_room for cell in self.cells))

    @property
    def settled(self) -> Cell | None:
        """The one whose settings are shown: of those that fit the one with the most executors each; None without."""
        fitting = [cell for cell in self.cells if cell.has_room]
        return max(fitting, key=lambda cell: (cell.plan.executors, cell.plan.users), default=None)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what decides, and on how the question was understood."""
        return (*remarks(self), *self.asked.notes)

    @property
    def session_configs(self) -> dict[str, Any] | None:
        """What SparkMagic's config.json holds of it; None where nothing fits."""
        return None if self.settled is None else session_configs(self.asked, self.settled.plan.executors)

    @property
    def policy(self) -> str | None:
        """The same as lines of a policy, TOML; None where nothing fits."""
        return None if self.settled is None else policy_lines(self.asked, self.settled.plan)

    def to_json(self) -> dict[str, Any]:
        """Return one object, as ``livyguard plan --json`` prints it."""
        asked, sizing = self.asked, self.asked.sizing
        shown: dict[str, Any] = {
            "mode": asked.mode,
            "manager": asked.site.manager,
            "worker_type": asked.worker_type,
            "at_once": float(asked.at_once),
            "driver": sizing.json_of("driver"),
            "executor": sizing.json_of("executor"),
            "beside_livy_mib": sizing.size.beside_livy_mib,
        }
        shown |= self._of_matrix() if self.is_matrix else cell_json(self.cells[0], sizing)
        settings = {"session_configs": self.session_configs, "policy": self.policy, "notes": list(self.notes)}
        return {**shown, **settings}

    def _of_matrix(self) -> dict[str, Any]:
        plans = [cell.plan for cell in self.cells]
        return {
            "users": list(dict.fromkeys(cell.users for cell in self.cells)),
            "executors_per_user": list(dict.fromkeys(one.executors for one in plans)),
            "workers": self.asked.workers,
            "workers_needed": max(one.need.workers for one in plans),
            **dict.fromkeys(_OF_ONE),
            "fits": all(cell.has_room for cell in self.cells),
            "cells": [cell_json(cell, self.asked.sizing) for cell in self.cells],
        }


def cell_json(cell: Cell, sizing: Sizing) -> dict[str, Any]:
    """Return one plan as JSON, with sessions of a size."""
    one = cell.plan
    cores = one.offered is not None and bool(one.offered.cores)
    return {
        "users": cell.users,
        "at_work": one.users,
        "executors_per_user": one.executors,
        "workers": one.workers,
        "workers_needed": one.need.workers,
        "workers_for_drivers": one.need.for_drivers,
        "fits": cell.has_room,
        "bound_by": one.need.bound_by,
        "containers": one.containers,
        "held": amount_json(one.held, with_cores=sizing.knows_cores) if sizing.is_known else None,
        "offered": amount_json(one.offered, with_cores=cores),
        "unused": amount_json(one.unused, with_cores=cores),
    }


def answer(asked: Asked) -> Answer:
    """Return what is asked for, of every number of people and executors that is given."""
    return Answer(asked, tuple(_cells(asked)))


def _cells(asked: Asked) -> Iterator[Cell]:
    site, size, workers = asked.site, asked.size, asked.workers or 0
    if asked.users and asked.executors:
        for users in asked.users:
            for each in asked.executors:
                yield Cell(users, plan(site, size, asked.at_work(users), each, asked.workers))
    elif asked.users:
        for users in asked.users:
            at_work = asked.at_work(users)
            each = executors_each(site, size, at_work, workers)
            yield Cell(users, _at_least_one(plan(site, size, at_work, each, workers)))
    else:
        for each in asked.executors:
            users = min(int(most_users(site, size, each, workers) / asked.at_once), MOST)
            yield Cell(users, _at_least_one(plan(site, size, asked.at_work(users), each, workers)))


def _at_least_one(found: Plan) -> Plan:
    """Return a plan; where there is room for nobody, or for no executor, with what the first would need."""
    if found.users and found.executors:
        return found
    return replace(found, need=need(found.site, found.size, max(found.users, 1), max(found.executors, 1)))
