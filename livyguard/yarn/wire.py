"""The ResourceManager's JSON as livyguard's records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.sessions.application import Application

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["application_from", "applications_from"]

#: An empty element, as one version of YARN's JSON or another writes it.
NOTHING = (None, "")


def application_from(answer: object) -> Application | None:
    """Return the application that JSON describes; None where it is no object with an id and a state, so is none."""
    if not isinstance(answer, dict):
        return None
    app_id, state = _text(answer.get("id")), _text(answer.get("state"))
    if app_id is None or state is None:
        return None
    return Application(
        id=app_id,
        state=state,
        tags=frozenset(tag.strip() for tag in str(answer.get("applicationTags") or "").split(",") if tag.strip()),
        user=_text(answer.get("user")),
        queue=_text(answer.get("queue")),
        diagnostics=(_text(answer.get("diagnostics")) or "").strip(),
        memory_mib=_amount(answer.get("allocatedMB")),
        cores=_amount(answer.get("allocatedVCores")),
        containers=_amount(answer.get("runningContainers")),
        driver_log=_text(answer.get("amContainerLogs")),
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


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _amount(value: object) -> int | None:
    """Return a number; YARN writes -1 for what it does not know any more."""
    return value if isinstance(value, int) and value >= 0 else None
