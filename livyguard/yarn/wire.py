"""The ResourceManager's JSON as livyguard's records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.sessions.application import Application

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["application_from", "applications_from", "slim"]

#: All that is read here of an answer, which holds three times as much.
READ = frozenset(
    {
        "apps",
        "app",
        "id",
        "state",
        "applicationTags",
        "user",
        "queue",
        "diagnostics",
        "allocatedMB",
        "allocatedVCores",
        "runningContainers",
        "clusterUsagePercentage",
        "amContainerLogs",
        "trackingUrl",
        "name",
        "applicationType",
        "startedTime",
        "resourceInfo",
        "resourceUsagesByPartition",
        "amUsed",
        "memory",
    }
)
#: An empty element, as one version of YARN's JSON or another writes it.
NOTHING = (None, "")
#: What may stand behind a link; a login in it is nothing to show.
_LINK = re.compile(r"https?://[^\s/@\x00-\x1f\x7f]+(?:/[^\s\x00-\x1f\x7f]*)?", re.IGNORECASE)
MILLISECONDS = 1_000.0
#: YARN counts in Java's long integers.
LARGEST = 2**63


def slim(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is read of a JSON object: an ``object_hook``, so that a long listing is never held whole."""
    return {key: value for key, value in found.items() if key in READ}


def application_from(answer: object) -> Application | None:
    """Return the application that JSON describes; None where it is no object with an id and a state, so is none.

    Of somebody else's application that its access control hides, YARN tells state, name, user and queue, and writes 0
    for everything else, the time of its start among it: what it holds is not known then.
    """
    if not isinstance(answer, dict):
        return None
    app_id, state = _text(answer.get("id")), _text(answer.get("state"))
    if app_id is None or state is None:
        return None
    started = _number(answer.get("startedTime"))
    told = {} if started == 0 else answer
    return Application(
        id=app_id,
        state=state,
        tags=frozenset(tag.strip() for tag in str(answer.get("applicationTags") or "").split(",") if tag.strip()),
        user=_text(answer.get("user")),
        queue=_text(answer.get("queue")),
        diagnostics=(_text(answer.get("diagnostics")) or "").strip(),
        memory_mib=_amount(told.get("allocatedMB")),
        cores=_amount(told.get("allocatedVCores")),
        containers=_amount(told.get("runningContainers")),
        share=_number(told.get("clusterUsagePercentage")),
        driver_log=_link(answer.get("amContainerLogs")),
        tracking_url=_link(answer.get("trackingUrl")),
        name=_text(answer.get("name")),
        type=_text(answer.get("applicationType")),
        started=started / MILLISECONDS if started else None,
        driver_mib=_driver(told),
    )


def applications_from(answer: Mapping[str, Any]) -> list[Application] | None:
    """Return the applications of a listing; None where the object is no listing.

    One without applications is ``{"apps": null}`` or ``{"apps": {}}``; one with a single one may hold the bare object.
    """
    if "apps" not in answer:
        return None
    apps = {} if answer["apps"] in NOTHING else answer["apps"]
    if not isinstance(apps, dict):
        return None
    items = [] if apps.get("app") in NOTHING else apps["app"]
    if not isinstance(items, list | dict):
        return None
    found = [application_from(item) for item in (items if isinstance(items, list) else [items])]
    return [application for application in found if application is not None]


def _driver(told: Mapping[str, Any]) -> int | None:
    """Return what the driver holds: YARN 3 says it, of each partition; a driver alone is all that there is."""
    found = told.get("resourceInfo")
    parts = found.get("resourceUsagesByPartition") if isinstance(found, dict) else None
    for part in parts if isinstance(parts, list) else [parts]:
        used = part.get("amUsed") if isinstance(part, dict) else None
        held = _amount(used.get("memory")) if isinstance(used, dict) else None
        if held:
            return held
    return _amount(told.get("allocatedMB")) if told.get("runningContainers") == 1 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _link(value: object) -> str | None:
    """Return a URL of http or https; YARN writes ``UNASSIGNED`` where there is none yet."""
    return value if isinstance(value, str) and _LINK.fullmatch(value) else None


def _amount(value: object) -> int | None:
    """Return a whole number; YARN writes -1 for what it does not know any more."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None


def _number(value: object) -> float | None:
    """Return a number; a share of a cluster without nodes is none (NaN)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < LARGEST else None
