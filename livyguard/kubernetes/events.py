"""Kubernetes' events on one pod as lines, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.kubernetes.wire import moment_of, table_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["said_in"]

#: So many are read, the last ones, and of each so many letters.
MOST, LONGEST = 20, 2_000


def said_in(events: Iterable[dict[str, Any]], pod: str) -> tuple[str, ...]:
    """Return what the events say of a pod: ``pod x-driver: FailedScheduling: 0/3 nodes are available …``."""
    of_pod = [event for event in events if table_of(event.get("involvedObject")).get("name") == pod]
    told = sorted(of_pod, key=_when)[-MOST:]
    return tuple(f"pod {pod}: {said}" for event in told if (said := _said(event)) is not None)


def _said(event: dict[str, Any]) -> str | None:
    message = text_of(event.get("message"))
    if message is None:
        return None
    return f"{text_of(event.get('reason')) or 'Event'}: {' '.join(message.split())[:LONGEST]}"


def _when(event: dict[str, Any]) -> float:
    """Return when it was seen last; Kubernetes writes one of these, by who saw it."""
    series = table_of(event.get("series")).get("lastObservedTime")
    created = table_of(event.get("metadata")).get("creationTimestamp")
    moments = (moment_of(each) for each in (series, event.get("lastTimestamp"), event.get("eventTime"), created))
    return next((moment for moment in moments if moment is not None), 0.0)
