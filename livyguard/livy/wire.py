"""Livy's JSON as livyguard's records. What is not needed is not kept: conf, code and results hold people's secrets."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from livyguard.policy.footprint import Footprint, bearing, bears_on_ceiling, ceiling_of
from livyguard.policy.tags import DRIVER_LABEL, PREFIX, YARN_TAGS
from livyguard.policy.units import Unreadable, read_flag
from livyguard.sessions.model import Links, Session, StatementTimes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.request import Entry

__all__ = ["carries", "session_from", "statement_times", "tells_times"]

#: What a listing from Livy 0.8 on tells of a session's size beside conf; 0 and null mean that nobody asked.
SIZE_FIELDS = ("kind", "driverMemory", "driverCores", "executorMemory", "executorCores", "numExecutors")
MILLISECONDS = 1000.0
#: The end of the year 9999, in milliseconds; what lies behind is no time.
LATEST = 253_402_300_800_000
#: Longer ones Python does not even read.
MOST_DIGITS = 9
#: A listing may hold thousands of sessions, of few sizes: those worked out already, by a digest of what they were
#: worked out from (conf itself holds secrets and is not kept).
_known: dict[bytes, tuple[Footprint, Mapping[str, Entry]]] = {}
MOST_KNOWN = 2_048
_bears = lru_cache(MOST_KNOWN)(bears_on_ceiling)


def session_from(answer: Mapping[str, Any], endpoint: str) -> Session | None:
    """Return the session that a JSON object describes; None where it has no id, so is none.

    Fields may be missing or of another type, as in Livy 0.5 and vendors' builds.
    """
    number = answer.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    info, conf = answer.get("appInfo"), _conf(answer)
    most, sizes = _ceiling(answer)
    links = info if isinstance(info, dict) else {}
    return Session(
        endpoint=endpoint,
        id=number,
        state=_text(answer.get("state")) or "unknown",
        kind=_text(answer.get("kind")),
        name=_text(answer.get("name")),
        login=_text(answer.get("owner")),
        tells_login="owner" in answer,
        proxy_user=_text(answer.get("proxyUser")),
        app_id=_text(answer.get("appId")),
        tags=frozenset([tag for tag in _tags(conf) if tag.startswith(PREFIX)]),
        tells_tags=bool(conf),
        ceiling=most,
        sizes=sizes,
        dynamic_allocation=_flag(conf.get("spark.dynamicAllocation.enabled")),
        least_executors=_least(conf.get("spark.dynamicAllocation.minExecutors")),
        links=Links(spark_ui=_text(links.get("sparkUiUrl")), driver_log=_text(links.get("driverLogUrl"))),
    )


def carries(answer: Mapping[str, Any], tag: str) -> bool:
    """Tell whether a listed session bears the tag, among its YARN tags or as a label of its Kubernetes driver."""
    label = tag.removeprefix(f"{PREFIX}-")
    conf = _conf(answer)
    return tag in _tags(conf) or conf.get(f"{DRIVER_LABEL}{PREFIX}") in {tag, label}


def _conf(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the Spark configuration of a session, empty before Livy 0.8."""
    conf = answer.get("conf")
    return conf if isinstance(conf, dict) else {}


def _tags(conf: Mapping[str, Any]) -> list[str]:
    """Return the YARN tags of a session, Livy's own and the user's among them."""
    return [tag.strip() for tag in str(conf.get(YARN_TAGS) or "").split(",")]


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


def _flag(value: object) -> bool | None:
    """Return what Spark reads; None where nothing is said that it could read."""
    try:
        return None if value is None else read_flag(value)
    except Unreadable:
        return None


def _least(value: object) -> int:
    """Return what ``minExecutors`` says; 0, Spark's own, where it says nothing that is a number."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _ceiling(answer: Mapping[str, Any]) -> tuple[Footprint, Mapping[str, Entry]]:
    """Return what the session can hold at most, and what says so; nothing is known before Livy 0.8 shows conf."""
    if "conf" not in answer:
        return Footprint(), {}
    conf = {key: value for key, value in _conf(answer).items() if _bears(key)}
    told = [answer.get(field) for field in SIZE_FIELDS]
    key = hashlib.blake2b(repr((told, conf)).encode(), digest_size=16).digest()
    known = _known.get(key)
    if known is None:
        sizes = bearing({**dict(zip(SIZE_FIELDS, told, strict=True)), "conf": conf})
        known = ceiling_of(sizes, {}), sizes
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = known
    return known
