"""LG107: the session's driver ended by itself, and no entry beside this one knows its last words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.entry import RECOVER, Entry, Finding
from livyguard.hints.evidence import RESOURCE_MANAGER
from livyguard.hints.model import Evidence
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# SparkMagic's words, and those of `livyguard sessions --start`.
_DIED = re.compile(
    r"Session (\d{1,10}) (?:unexpectedly reached final status '|ended in state )(dead|error|killed|success)\b"
)
_TELLING = re.compile(
    r"(?i)error|exception|caused by|exit|killed|fail|denied|refused|no such|not found|could not|cannot|unable|invalid"
)
_EMPTY = re.compile(
    r"\s*(?:(?:stdout|stderr|YARN Diagnostics|Kubernetes Diagnostics):|at [\w.$]+\(.*|\.\.\. \d+ more)?\s*"
)
_QUOTED = 3

_ABOUT = """
## What it means

The application behind the session ended: its driver stopped, crashed or was killed. What it held is free again, and the
variables in it are lost.

## Why

The last lines of its log say it in most cases. Where they do not, `yarn logs -applicationId …` holds the whole log.
Frequent are a driver out of memory, a package that cannot be resolved, a file system without the right to write, and an
application that somebody killed.

## What to do

`%livy_recover`, and the cell again. If the new session ends the same way, change what the log complains of with
`%%configure -f`. No kernel restart is needed.
"""


def _died(case: Case) -> Finding | None:
    match = case.find(_DIED)
    if match is None:
        return None
    said = case.text[match.end() : case.told_by_yarn].splitlines()[1:]
    lines = [(line, "the end of its log") for line in said if not _EMPTY.fullmatch(line)]
    lines += [(line, RESOURCE_MANAGER) for line in case.resource_manager if line.strip()]
    telling = [(line, source) for line, source in lines if _TELLING.search(line)] or lines
    quoted = tuple(Evidence(excerpt(line), source) for line, source in telling[-_QUOTED:])
    cause = "Its application ended by itself; what its log says last is the best evidence."
    if match[2] == "error":
        cause = "Its interpreter died, and its driver lives on: it holds its executors until somebody deletes it."
    elif not quoted:
        cause = "Its application ended by itself, and Livy gave no log that says why."
    return Finding(f"Session {match[1]} ended as {match[2]}", cause, quoted, (RECOVER,), rank=30)


ENTRIES = (
    Entry(
        "LG107",
        "session-died",
        "the session's application ended by itself",
        _ABOUT,
        _died,
        yields_to=("LG1", "LG2"),
        needles=(" unexpectedly reached final status '", " ended in state "),
    ),
)
