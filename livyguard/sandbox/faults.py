"""Faults on demand, for tests of clients: a wrong answer, a cut connection, a slow server."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Fault", "FaultPlan"]


@dataclass(slots=True)
class Fault:
    """What happens to a request that matches.

    Attributes:
        method: GET, POST, DELETE.
        path: regular expression for the whole path, without the query.
        processed: the request does its work first; else it never reaches Livy.
        cut: close the connection instead of answering.
        status: what is answered, with ``body`` and ``content_type``; None = only ``delay``, then Livy's own answer.
        delay: seconds before the answer.
        times: how many requests it meets.
    """

    method: str
    path: str
    processed: bool = False
    cut: bool = False
    status: int | None = None
    body: str = ""
    content_type: str = "application/json;charset=utf-8"
    delay: float = 0.0
    times: int = 1

    @property
    def replaces_answer(self) -> bool:
        """Does the client not get Livy's own answer?"""
        return self.cut or self.status is not None


class FaultPlan:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Plan a fault; the first that matches a request is taken."""
        self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Take the fault for a request, if there is one."""
        for fault in self._faults:
            if fault.method == method and re.fullmatch(fault.path, path):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
