"""LG205 to LG208 and LG210: YARN, or spark-submit on its behalf, refuses the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import yarn_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, title_of_start
from livyguard.hints.memory import heap_in
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_UNKNOWN_QUEUE = re.compile(r"submitted by user ([\w.@/\-]+) to unknown queue: ([\w.\-]+)")
#: Who answers Livy's question for an application, and how long it may ask: more than Livy's own 120 and 600 s.
_ANSWERS = {"YARN": "the ResourceManager", "Kubernetes": "its API"}
_LOOKS = {"YARN": "300s", "Kubernetes": "900s"}
_NO_APPLICATION = re.compile(
    r"No (?P<manager>YARN|KUBERNETES|Kubernetes) application is (?:found|tagged) with tag [\w\-]+"
    r"(?: in (?P<seconds>\d+) seconds)?"
    r"|Failed to submit (?P<submits>Kubernetes) application with tag [\w\-]+"
)
_DRIVER = re.compile(r"Required AM memory \((\d{1,9})(?:\+(\d{1,9}))? MB\) is above the max threshold \((\d{1,9}) MB\)")
_EXECUTOR = re.compile(r"Required executor memory \((\d{1,9})[^\n]{0,200}? is above the max threshold \((\d{1,9}) MB\)")
# Hadoop 3's words, and those of 2.x.
_CONTAINER = re.compile(
    r"(?<!type=\[vcores\], )Requested resource=<memory:(?P<asked>\d{1,9})[^\n]{0,80}?"
    r"maximum allowed allocation=<memory:(?P<most>\d{1,9})"
    r"|requested memory > max configured, requestedMemory=(?P<old_asked>\d{1,9}), maxMemory=(?P<old_most>\d{1,9})"
)

_LOG = "session log"


def _title(case: Case, refusal: str) -> str:
    return title_of_start(case.session_id, refusal)


def _unknown_queue(case: Case) -> Finding | None:
    match = case.find(_UNKNOWN_QUEUE)
    if match is None:
        return None
    fixes = (
        Fix(
            "Name a queue that exists; the operator knows them.",
            cell='%%configure -f\n{"queue": "default"}',
            applicability="manual",
        ),
        Fix("List the queues, where the yarn command is at hand.", command="mapred queue -list"),
        AGAIN,
    )
    return Finding(
        _title(case, f"YARN has no queue {match[2]}"),
        f"The request names the queue {match[2]}, and YARN has none of that name for user {match[1]}.",
        (case.quote(match, _LOG),),
        fixes,
        rank=95,
    )


def _no_application(case: Case) -> Finding | None:
    match = case.find(_NO_APPLICATION)
    if match is None:
        return None
    manager = "YARN" if match["manager"] == "YARN" else "Kubernetes"
    after = f" within {match['seconds']} seconds" if match["seconds"] else ""
    slow = f", or was slow because Livy's machine or {_ANSWERS[manager]} is overloaded" if not match["submits"] else ""
    cause = (
        f"Livy found no application of this session in {manager}{after}: spark-submit failed before it reached "
        f"{manager} (its own words stand above in the log){slow}."
    )
    fixes = (
        Fix(
            "See how many sessions start at once.",
            cell="%livy_sessions --state starting",
            terminal="livyguard sessions --state starting",
        ),
        AGAIN,
        Fix(
            f"For the operator, in livy.conf: wait longer for {manager}.",
            command=f"livy.server.{manager.lower()}.app-lookup-timeout = {_LOOKS[manager]}",
            applicability="manual",
        ),
    )
    return Finding(
        _title(case, f"it never reached {manager}"),
        cause,
        (case.quote(match, "Livy, in the session's log"),),
        fixes,
        rank=70,
    )


def _driver_too_large(case: Case) -> Finding | None:
    match = case.find(_DRIVER)
    if match is None:
        return None
    asked, overhead, most = int(match[1]), int(match[2] or 0), int(match[3])
    cause = (
        f"The driver asks for {asked:,} MiB and {overhead:,} MiB of overhead; the largest container of this cluster "
        f"has {most:,} MiB."
    )
    return Finding(
        _title(case, "its driver is larger than any container may be"),
        cause,
        (case.quote(match, _LOG),),
        (_smaller("driverMemory", most), AGAIN),
        rank=95,
    )


def _executor_too_large(case: Case) -> Finding | None:
    match = case.find(_EXECUTOR)
    if match is None:
        return None
    asked, most = int(match[1]), int(match[2])
    cause = (
        f"One executor asks for {asked:,} MiB and its overhead on top; the largest container of this cluster has "
        f"{most:,} MiB. More executors of a smaller size hold as much."
    )
    return Finding(
        _title(case, "its executors are larger than any container may be"),
        cause,
        (case.quote(match, _LOG),),
        (_smaller("executorMemory", most), AGAIN),
        rank=95,
    )


def _container_too_large(case: Case) -> Finding | None:
    match = case.find_last(_CONTAINER)
    if match is None:
        return None
    asked, most = (int(match[name] or match[f"old_{name}"]) for name in ("asked", "most"))
    cause = (
        f"It asks YARN for a container of {asked:,} MiB, its driver's or an executor's with the overhead; the largest "
        f"that may be had has {most:,} MiB."
    )
    smaller = Fix(
        "Ask for less of both; this replaces what an earlier %%configure said.",
        cell=f'%%configure -f\n{{"driverMemory": "{heap_in(most)}m", "executorMemory": "{heap_in(most)}m"}}',
        applicability="review",
    )
    return Finding(
        _title(case, "it asks for a container larger than any node gives"),
        cause,
        (case.quote(match, _LOG),),
        (smaller, AGAIN),
        rank=94,
    )


def _smaller(field: str, threshold: int) -> Fix:
    return Fix(
        "Ask for the largest that fits; this replaces what an earlier %%configure said.",
        cell=f'%%configure -f\n{{"{field}": "{heap_in(threshold)}m"}}',
        applicability="review",
    )


ENTRIES = (
    Entry(
        "LG205",
        "unknown-queue",
        "YARN has no such queue",
        text.UNKNOWN_QUEUE,
        _unknown_queue,
        needles=(" to unknown queue: ",),
    ),
    Entry(
        "LG206",
        "no-application-found",
        "the session never reached YARN, or Kubernetes",
        text.NO_APPLICATION,
        _no_application,
        yields_to=("LG4",),
        needles=(
            "No YARN application is ",
            "No KUBERNETES application is ",
            "No Kubernetes application is ",
            "Failed to submit Kubernetes application",
        ),
    ),
    Entry(
        "LG207",
        "driver-memory-above-max",
        "the driver is larger than any container",
        text.DRIVER,
        _driver_too_large,
        needles=("Required AM memory (",),
    ),
    Entry(
        "LG208",
        "executor-memory-above-max",
        "the executors are larger than any container",
        text.EXECUTOR,
        _executor_too_large,
        needles=("Required executor memory (",),
    ),
    Entry(
        "LG210",
        "container-above-max",
        "a container is larger than any may be",
        text.CONTAINER,
        _container_too_large,
        needles=("maximum allowed allocation=<memory:", "requested memory > max configured"),
    ),
)
