"""One statement of a session, as Livy shows it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

__all__ = ["Statement", "epoch_ms"]


def epoch_ms() -> int:
    """Tell the time as Livy's JSON does."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Statement:
    """Code and what became of it.

    Attributes:
        state: waiting, running, available, cancelling or cancelled.
        output: Livy's reply with ``execution_count``; None until it has ended, and if it never began.
        started: epoch milliseconds; 0 = not yet.
        completed: likewise.
    """

    id: int
    code: str
    kind: str
    state: str = "waiting"
    output: dict[str, Any] | None = None
    progress: float = 0.0
    started: int = 0
    completed: int = 0

    def run(self) -> None:
        """Note that the statement runs from now on."""
        self.state = "running"
        self.started = epoch_ms()

    def complete(self, reply: dict[str, Any] | None) -> None:
        """Note the reply of a statement that has ended; None for a cancelled one that has none, or none yet."""
        self.state = "available" if self.state == "running" and reply is not None else "cancelled"
        if reply is not None:
            status = reply["status"]
            rest = {key: value for key, value in reply.items() if key != "status"}
            self.output = {"status": status, "execution_count": self.id, **rest}
        self.progress = 1.0
        self.completed = epoch_ms()

    def to_json(self) -> dict[str, Any]:
        """Give the statement in Livy's shape."""
        return {
            "id": self.id,
            "code": self.code,
            "state": self.state,
            "output": self.output,
            "progress": self.progress,
            "started": self.started,
            "completed": self.completed,
        }
