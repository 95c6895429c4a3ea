"""A cluster with room for so many sessions, and what YARN says to one that has to wait."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone

__all__ = ["Slots", "killed_while_waiting", "waiting_for_the_queue"]


class Slots:
    """Room for ``limit`` live sessions; None = any number. The first who waits is the first served."""

    def __init__(self, limit: int | None) -> None:
        self._free = None if limit is None else asyncio.Semaphore(limit)

    @property
    def is_full(self) -> bool:
        """Is there no room for one more session?"""
        return self._free is not None and self._free.locked()

    async def take(self) -> None:
        """Wait for room and take it."""
        if self._free is not None:
            await self._free.acquire()

    def give_back(self) -> None:
        """Make room for one more."""
        if self._free is not None:
            self._free.release()


def waiting_for_the_queue(application_id: str) -> list[str]:
    """Write the log of a session whose application is accepted and not activated, as Livy shows it on YARN."""
    now = datetime.now(timezone.utc)
    return [
        f"{now:%y/%m/%d %H:%M:%S} INFO Client: Submitting application {application_id} to ResourceManager",
        f"{now:%y/%m/%d %H:%M:%S} INFO Client: Application report for {application_id} (state: ACCEPTED)",
        "\nYARN Diagnostics: ",
        (
            f"[{now:%a %b %d %H:%M:%S %z %Y}] Application is added to the scheduler and is not yet activated. "
            "Queue's AM resource limit exceeded.  Details : AM Partition = <DEFAULT_PARTITION>; "
            "AM Resource Request = <memory:1408, vCores:1>; Queue Resource Limit for AM = <memory:1408, vCores:1>; "
            "User AM Resource Limit of the queue = <memory:1408, vCores:1>; "
            "Queue AM Resource Usage = <memory:1408, vCores:1>; "
        ),
    ]


def killed_while_waiting(application_id: str) -> list[str]:
    """Write what follows when Livy gives up: it kills the application itself."""
    return [f"Application {application_id} was killed by user livy at 127.0.0.1"]
