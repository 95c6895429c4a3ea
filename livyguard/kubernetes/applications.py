"""Spark's pods, put together to applications."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from livyguard.policy.pods import PodAsks
from livyguard.sessions.application import Application

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from livyguard.kubernetes.wire import Pod

__all__ = ["applications_of"]

MIB = 2**20


def applications_of(pods: Iterable[Pod]) -> list[Application]:
    """Return the applications that hold, or wait for, resources, in the order in which their first pods come.

    A pod holds what it asks for from the moment a node has taken it until it is over; one that no node has taken holds
    nothing, and ``diagnostics`` says what it waits for. Executors without a driver's pod are an application, too: their
    driver runs elsewhere (client mode), or has died before them.
    """
    groups: dict[str, list[Pod]] = {}
    for pod in pods:
        if not pod.is_over:
            groups.setdefault(pod.app_id, []).append(pod)
    return [_application(app_id, group) for app_id, group in groups.items()]


def _application(app_id: str, pods: Sequence[Pod]) -> Application:
    # The driver first: what it says of user and name comes before what an executor says.
    pods = sorted(pods, key=lambda pod: not pod.is_driver)
    held = [pod for pod in pods if pod.is_placed]
    driver = pods[0] if pods[0].is_driver else None
    return Application(
        id=app_id,
        state=driver.phase if driver else "Running",
        tags=frozenset().union(*(pod.tags for pod in pods)),
        user=next((pod.user for pod in pods if pod.user is not None), None),
        queue=pods[0].namespace,
        diagnostics="\n".join(_diagnostics(pods, driver)),
        memory_mib=_whole([pod.memory for pod in held], MIB),
        cores=_whole([pod.cpu for pod in held]),
        containers=len(held),
        driver_containers=sum(pod.is_driver for pod in held),
        name=next((pod.app_name for pod in pods if pod.app_name is not None), None),
        type="SPARK",
        started=min((pod.created for pod in pods if pod.created is not None), default=None),
        driver_pod=f"{driver.namespace}/{driver.name}" if driver else None,
        driver_asks=None if driver is None else _asks(driver),
        queued=tuple(pod.created for pod in pods if not pod.is_placed and pod.created is not None),
    )


def _diagnostics(pods: Sequence[Pod], driver: Pod | None) -> list[str]:
    """Return why the driver does not run, and what executors wait for that no node has taken."""
    waiting = [pod for pod in pods if not pod.is_driver and not pod.is_placed]
    lines = list(driver.waits) if driver else []
    if waiting:
        what = "executor waits" if len(waiting) == 1 else "executors wait"
        why = next((pod.waits[0] for pod in waiting if pod.waits), None)
        lines.append(f"{len(waiting)} {what} for a node{'' if why is None else f': {why}'}")
    return lines


def _asks(pod: Pod) -> PodAsks:
    return PodAsks(None if pod.memory is None else int(pod.memory // MIB), pod.cpu, pod.cpu_limit)


def _whole(amounts: Sequence[Decimal | None], unit: int = 1) -> int | None:
    """Add up, rounded up to whole units; None where something is held and nothing says how much of this."""
    known = [amount for amount in amounts if amount is not None]
    return None if amounts and not known else ceil(sum(known) / unit)
