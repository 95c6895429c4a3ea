"""How the start of one session is going: what the line says while somebody waits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.hints.model import Hint

__all__ = ["KUBERNETES", "YARN", "Start", "reported"]

#: What manages a cluster.
YARN, KUBERNETES = "YARN", "Kubernetes"

#: spark-submit's report on an application in cluster mode, once a second, and its line on the queue.
_REPORT = re.compile(r"Application report for application_\d+_\d+ \(state: (\w{1,20})\)")
_QUEUE = re.compile(r"^\s*queue: (\S{1,200})\s*$")


@dataclass(frozen=True, slots=True)
class Start:
    """A start at one moment.

    Attributes:
        session_id: Livy's number.
        state: Livy's word, ``starting``.
        seconds: since it was asked for.
        manager: what decides when it may run, ``YARN`` or ``Kubernetes``; None where nothing tells.
        app_state: the manager's word, ``ACCEPTED``; None where it knows of no application yet.
        queue: where it waits.
        before: how many others were accepted in the queue before it and wait there, too; None where nobody knows. On
            Kubernetes pods.
        hint: why it waits; None where nothing keeps it.
        is_whole: nothing more will be added to the hint.
        reason: one word of the manager's why, ``Unschedulable``; None where it says none.
        left: what the quotas of the namespace leave, in words; None where nobody knows, or it does not matter.
    """

    session_id: int
    state: str
    seconds: int
    manager: str | None = None
    app_state: str | None = None
    queue: str | None = None
    before: int | None = None
    hint: Hint | None = None
    is_whole: bool = True
    reason: str | None = None
    left: str | None = None


def reported(log: Iterable[str]) -> tuple[str | None, str | None]:
    """Return YARN's word for the application and its queue, as spark-submit wrote them last; None each where not."""
    state = queue = None
    for line in log:
        if match := _REPORT.search(line):
            state = match[1]
        elif match := _QUEUE.match(line):
            queue = match[1]
    return state, queue
