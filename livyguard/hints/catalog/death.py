"""LG107, LG111 and LG113: the session's driver ended, by itself or by somebody's hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import lost_text as text
from livyguard.hints.catalog.death_log import has_error, is_empty
from livyguard.hints.catalog.sessions_parts import lost
from livyguard.hints.entry import MINE, RECOVER, Entry, Finding
from livyguard.hints.evidence import RESOURCE_MANAGER
from livyguard.hints.fixes import whole_log
from livyguard.hints.loss import GONE
from livyguard.hints.model import Evidence
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# SparkMagic's words, and those of `livyguard sessions --start`.
_DIED = re.compile(r"Session (\d{1,10}) (?:unexpectedly reached final status '|ended in state )(dead|error)\b")
_FINISHED = re.compile(r"Session (\d{1,10}) (?:unexpectedly reached final status '|ended in state )success\b")
_KILLED = re.compile(r"Session (\d{1,10}) (?:unexpectedly reached final status '|ended in state )killed\b")
#: Java ended, and with it Spark: System.exit, or TERM for the process; what is killed says nothing.
_ORDERLY = re.compile(r"\bSparkContext: Invoking stop\(\) from shutdown hook$", re.MULTILINE)
_ENDED = (" unexpectedly reached final status '", " ended in state ")
_TELLING = re.compile(
    r"(?i)error|exception|caused by|exit(?!code 0\b)|killed|fail|denied|refused|no such|not found|could not|cannot"
    r"|unable|invalid"
)
_QUOTED = 3

_ABOUT = """
## What it means

The application behind the session ended: its driver stopped, crashed or was killed. What it held is free again, and the
variables in it are lost.

## Why

The last lines of its log say it in most cases. Frequent are a driver out of memory, a package that cannot be resolved,
a file system without the right to write, settings that contradict each other, and an application that somebody killed.

In cluster mode Livy has only what spark-submit says; what the driver itself says, YARN keeps.

## What to do

`%livy_recover`, and the cell again. If the new session ends the same way, change what the log complains of with
`%%configure -f`. No kernel restart is needed.

`yarn logs -applicationId … | livyguard diagnose -`, where the yarn command is at hand, finds the reason in the whole
log.
"""


def _in_order(case: Case, died: re.Match[str]) -> re.Match[str] | None:
    """Return where the log of a dead session tells of an end without an error; None where it does not."""
    match = case.find_last(_ORDERLY, died.end()) if died[2] == "dead" else None
    if match is None or has_error(case.text[died.end() :].splitlines()[1:]):
        return None
    return match


def _died(case: Case) -> Finding | None:
    match = case.find(_DIED)
    if match is None:
        return None
    said = case.text[match.end() : case.told_by_yarn].splitlines()[1:]
    lines = [(line, "the end of its log") for line in said if not is_empty(line)]
    lines += [(line, RESOURCE_MANAGER) for line in case.resource_manager if line.strip()]
    telling = [(line, source) for line, source in lines if _TELLING.search(line)] or lines
    quoted = tuple(Evidence(excerpt(line), source) for line, source in telling[-_QUOTED:])
    cause = "Its application ended by itself; what its log says last is the best evidence."
    if match[2] == "error":
        cause = "Its interpreter died, and its driver lives on: it holds its executors until somebody deletes it."
    elif not quoted:
        cause = "Its application ended by itself, and Livy gave no log that says why."
    return Finding(f"Session {match[1]} ended as {match[2]}", cause, quoted, (RECOVER, *whole_log(case)), rank=30)


def _finished(case: Case) -> Finding | None:
    cause = (
        "Its Java process ended without an error: System.exit in a cell or in a library, or somebody told the process "
        "to end. Livy lists such a session for ten minutes, then forgets it."
    )
    title = "Session {} had finished"
    if (match := case.find(_FINISHED)) is not None:
        return Finding(title.format(match[1]), cause, (case.quote(match, "this notebook"),), (RECOVER,), rank=60)
    died = case.find(_DIED)
    if died is not None and (match := _in_order(case, died)) is not None:
        facts = (case.quote(match, "the end of its log"),)
        return Finding(title.format(died[1]), cause, facts, (RECOVER,), rank=60)
    return lost(case, "LG111", cause, rank=85)


def _killed(case: Case) -> Finding | None:
    match = case.find(_KILLED)
    cause = (
        "Its application was killed from outside, in the cluster or by a stop of Livy. Whoever may kill it there needs "
        "no word with Livy; its variables are lost. The ResourceManager's page of the application names who."
    )
    if match is not None:
        facts = (case.quote(match, "this notebook"),)
        return Finding(f"Session {match[1]} was killed", cause, facts, (RECOVER, MINE), rank=60)
    return lost(case, "LG113", cause, rank=86)


ENTRIES = (
    Entry(
        "LG107",
        "session-died",
        "the session's application ended by itself",
        _ABOUT,
        _died,
        yields_to=("LG1", "LG2", "LG3", "LG4"),
        needles=_ENDED,
    ),
    Entry(
        "LG111",
        "session-finished",
        "the session's driver had finished",
        text.FINISHED,
        _finished,
        yields_to=("LG2", "LG3", "LG4"),
        needles=(*GONE, *_ENDED),
    ),
    Entry(
        "LG113",
        "session-killed",
        "the session's application was killed",
        text.KILLED,
        _killed,
        yields_to=("LG2", "LG4"),
        needles=(*GONE, *_ENDED),
    ),
)
