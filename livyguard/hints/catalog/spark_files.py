"""LG311 and LG312: the file system does not take what Spark writes, before it starts or in a statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import spark_files_text as text
from livyguard.hints.catalog.spark_rights import ELSEWHERE, denied
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, IF_LOST, title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# A folder on a machine's own disk, then one in S3 and the like.
_NOT_MADE = re.compile(
    r"(?:chmod: (?:cannot access|changing permissions of) ['\u2018\"]?|AccessDeniedException: "
    r"|Mkdirs failed to create )(?P<path>[^\s'\u2019\"]{0,500}\.sparkStaging[\w/.\-]{0,300})"
)
_LINE = 1_000
_SAFE_MODE = re.compile(r"\. ?Name ?[Nn]ode is in safe mode\b")
#: What HDFS then refuses, before it in the line.
_REFUSES = re.compile(r"\bCannot \w+")
_ENDS = re.compile(r"Safe mode will be turned off automatically in (\d{1,9}) seconds")
_BY_HAND = re.compile(r"It was turned on manually")
_LOW = re.compile(r"Resources are low on (?:NN|namenode)")


def _unwritable(case: Case) -> Finding | None:
    return denied(case) or _not_made(case)


def _not_made(case: Case) -> Finding | None:
    match = case.find(_NOT_MADE)
    if match is None:
        return None
    path = excerpt(match["path"])
    return Finding(
        title_of_start(case.session_id, f"its folder {path} cannot be made"),
        "Spark puts its files there before it starts (spark.yarn.stagingDir, else the home of who submits). The folder "
        "above it does not exist or may not be written to.",
        (case.quote(match, "the file system"),),
        (ELSEWHERE, AGAIN),
        rank=93,
    )


def _refuses(case: Case, match: re.Match[str]) -> bool:
    start = case.text.rfind("\n", 0, match.start()) + 1
    return _REFUSES.search(case.text, max(start, match.start() - _LINE), match.start()) is not None


def _safe_mode(case: Case) -> Finding | None:
    match = next((one for one in _SAFE_MODE.finditer(case.text) if _refuses(case, one)), None)
    if match is None:
        return None
    ends = _ENDS.search(case.text, match.start())
    if ends:
        how = f"It ends by itself in {int(ends[1]):,} seconds."
    elif _BY_HAND.search(case.text, match.start()):
        how = "An operator has switched it on, for maintenance."
    elif _LOW.search(case.text, match.start()):
        how = "The NameNode's own disk is full; it ends when the operator has made room and switches it off."
    else:
        how = "After a restart it ends by itself as soon as enough DataNodes have reported."
    fixes = (
        Fix("See whether it is over, where the hdfs command is at hand.", command="hdfs dfsadmin -safemode get"),
        IF_LOST,
    )
    return Finding(
        "The file system is in safe mode: it can be read, and nothing can be written",
        f"HDFS takes no changes while its NameNode is in safe mode, so no session starts and nothing is saved. {how}",
        (case.quote(match, "HDFS"),),
        fixes,
        rank=94,
    )


ENTRIES = (
    Entry(
        "LG311",
        "staging-not-writable",
        "Spark may not write the files that it starts with",
        text.STAGING,
        _unwritable,
        needles=("Permission denied: user=", "chmod: ", "AccessDeniedException: ", "Mkdirs failed to create "),
    ),
    Entry(
        "LG312",
        "file-system-in-safe-mode",
        "HDFS is in safe mode",
        text.SAFE_MODE,
        _safe_mode,
        needles=("ode is in safe mode",),
    ),
)
