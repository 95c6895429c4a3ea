"""Livy's JSON as livyguard's records. What is not needed is not kept: conf, code and results hold people's secrets."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from livyguard.policy.footprint import Footprint, ceiling
from livyguard.policy.tags import DRIVER_LABEL, PREFIX, YARN_TAGS
from livyguard.sessions.model import Links, Session, StatementTimes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["carries", "session_from", "statement_times", "tells_times"]

#: What a listing from Livy 0.8 on tells of a session's size; 0 and null mean that nobody asked.
SIZE_FIELDS = ("driverMemory", "driverCores", "executorMemory", "executorCores", "numExecutors", "conf")
MILLISECONDS = 1000.0
#: The end of the year 9999, in milliseconds; what lies behind is no time.
LATEST = 253_402_300_800_000
#: Conf keys that differ from session to session and have no part in its size.
EACH_ITS_OWN = frozenset({YARN_TAGS, "spark.app.name"})

#: Sessions of a notebook are alike, and a listing may hold thousands: sizes worked out already, by a digest of what
#: they were worked out from (conf itself holds secrets and is not kept).
_known: dict[bytes, Footprint] = {}
MOST_KNOWN = 2_048


def session_from(answer: Mapping[str, Any], endpoint: str) -> Session | None:
    """Return the session that a JSON object describes; None where it has no id, so is none.

    Fields may be missing or of another type, as in Livy 0.5 and vendors' builds.
    """
    number = answer.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    info = answer.get("appInfo")
    links = info if isinstance(info, dict) else {}
    return Session(
        endpoint=endpoint,
        id=number,
        state=_text(answer.get("state")) or "unknown",
        kind=_text(answer.get("kind")),
        name=_text(answer.get("name")),
        login=_text(answer.get("owner")),
        proxy_user=_text(answer.get("proxyUser")),
        app_id=_text(answer.get("appId")),
        tags=frozenset(tag for tag in _tags(answer) if tag.startswith(PREFIX)),
        tells_tags=bool(_conf(answer)),
        ceiling=_ceiling(answer),
        links=Links(spark_ui=_text(links.get("sparkUiUrl")), driver_log=_text(links.get("driverLogUrl"))),
    )


def carries(answer: Mapping[str, Any], tag: str) -> bool:
    """Tell whether a listed session bears the tag, among its YARN tags or as a label of its Kubernetes driver."""
    label = tag.removeprefix(f"{PREFIX}-")
    return tag in _tags(answer) or _conf(answer).get(f"{DRIVER_LABEL}{PREFIX}") in {tag, label}


def _conf(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the Spark configuration of a session, empty before Livy 0.8."""
    conf = answer.get("conf")
    return conf if isinstance(conf, dict) else {}


def _tags(answer: Mapping[str, Any]) -> list[str]:
    """Return the YARN tags of a session, Livy's own and the user's among them."""
    return [tag.strip() for tag in str(_conf(answer).get(YARN_TAGS) or "").split(",")]


def statement_times(statement: Mapping[str, Any], total: int, skew: float = 0.0) -> StatementTimes | None:
    """Cut a statement down to its times; None before Livy 0.7, which gives none.

    Args:
        statement: as in GET /sessions/{id}/statements; code and output are not looked at.
        total: how many statements Livy still holds of the session.
        skew: seconds that the server's clock is ahead of this machine's.
    """
    if not tells_times(statement):
        return None
    return StatementTimes(
        started=_seconds(statement.get("started"), skew),
        completed=_seconds(statement.get("completed"), skew),
        count=total,
    )


def tells_times(statement: Mapping[str, Any]) -> bool:
    """Tell whether this Livy says when statements began and ended, as it does from 0.7 on."""
    return "started" in statement or "completed" in statement


def _seconds(milliseconds: object, skew: float) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return None
    if not 0 < milliseconds < LATEST:
        return None
    return milliseconds / MILLISECONDS - skew


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _ceiling(answer: Mapping[str, Any]) -> Footprint:
    """Return what the session can hold at most; nothing is known before Livy 0.8, which does not show conf."""
    if "conf" not in answer:
        return Footprint()
    body = {field: answer.get(field) for field in SIZE_FIELDS}
    body["conf"] = {key: value for key, value in _conf(answer).items() if key not in EACH_ITS_OWN}
    key = hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=16).digest()
    known = _known.get(key)
    if known is None:
        known = ceiling(body)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = known
    return known
