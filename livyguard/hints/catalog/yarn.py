"""LG205 to LG208 and LG210: YARN, or spark-submit on its behalf, refuses the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.hints.catalog import yarn_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, title_of_start
from livyguard.hints.memory import LEAST_HEAP, fitting, heap_in, shown, usual_overhead
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_UNKNOWN_QUEUE = re.compile(r"submitted by user ([\w.@/\-]{1,256}) to (unknown|ambiguous) queue: ([\w.\-]{1,200})")
#: Who answers Livy's question for an application, and how long it may ask: more than Livy's own 120 and 600 s.
_ANSWERS = {"YARN": "the ResourceManager", "Kubernetes": "its API"}
_LOOKS = {"YARN": "300s", "Kubernetes": "900s"}
_NO_APPLICATION = re.compile(
    r"No (?P<manager>YARN|KUBERNETES|Kubernetes) application is (?:found|tagged) with tag [\w\-]+"
    r"(?: in (?P<seconds>\d+) seconds)?"
    r"|Failed to submit (?P<submits>Kubernetes) application with tag [\w\-]+"
)
_DRIVER = re.compile(r"Required AM memory \((\d{1,9})(?:\+(\d{1,9}))? MB\) is above the max threshold \((\d{1,9}) MB\)")
# Spark 1 and 2.0 to 2.2 add the overhead to the figure, 2.3 names each for itself, 3 names off-heap memory, too.
_EXECUTOR = re.compile(
    r"Required executor memory \((?P<asked>\d{1,9})(?:\+(?P<added>\d{1,9}))?(?: MB)?\)(?P<rest>[^\n]{0,200}?) is above "
    r"the max threshold \((?P<most>\d{1,9}) MB\)"
)
_OVERHEAD = re.compile(r"overhead \((\d{1,9}) MB\)")
_OTHERS = re.compile(r"(?:offHeap|PySpark) memory \((\d{1,9})(?: MB)?\)")
# Hadoop 3's words, and those of 2.x.
_CONTAINER = re.compile(
    r"(?:resource type=\[(?P<type>[^\]\n]{1,100})\][^\n]{0,80}?)?Requested resource=<(?P<asks>[^>\n]{1,300})>, "
    r"maximum allowed allocation=<(?P<has>[^>\n]{1,300})>"
    r"|requested memory > max configured, requestedMemory=(?P<old_asked>\d{1,9}), maxMemory=(?P<old_most>\d{1,9})"
    r"|requested virtual cores > max configured, requestedVirtualCores=(?P<cores>\d{1,9}), "
    r"maxVirtualCores=(?P<most_cores>\d{1,9})"
)
_FIGURES = {"memory-mb": re.compile(r"memory:(\d{1,9})\b"), "vcores": re.compile(r"vCores:(\d{1,9})\b")}

_LOG = "session log"


def _unknown_queue(case: Case) -> Finding | None:
    match = case.find(_UNKNOWN_QUEUE)
    if match is None:
        return None
    fixes = (
        Fix(
            "Name a queue that exists; the operator knows them.",
            cell=configure({"queue": "default"}),
            applicability="manual",
        ),
        Fix("List the queues, where the mapred command is at hand.", command="mapred queue -list"),
        AGAIN,
    )
    user, known, queue = match.groups()
    refusal, cause = f"YARN has no queue {queue}", f"YARN has none of that name for user {user}."
    if known == "ambiguous":
        refusal = f"YARN has several queues {queue}"
        cause = f"YARN has several of that name: it takes a path from the root only, such as root.etl.{queue}."
    return Finding(
        title_of_start(case.session_id, refusal),
        f"The request names the queue {queue}, and {cause}",
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
        title_of_start(case.session_id, f"it never reached {manager}"),
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
        title_of_start(case.session_id, "its driver is larger than any container may be"),
        cause,
        (case.quote(match, _LOG),),
        (_smaller("driver", fitting(most, asked, overhead)), AGAIN),
        rank=95,
    )


def _executor_too_large(case: Case) -> Finding | None:
    match = case.find(_EXECUTOR)
    if match is None:
        return None
    asked, most = int(match["asked"]), int(match["most"])
    named = _OVERHEAD.search(match["rest"])
    told = match["added"] or (named[1] if named else None)
    overhead = int(told) if told else usual_overhead(asked)
    others = sum(int(one[1]) for one in _OTHERS.finditer(match["rest"]))
    beside = f"{overhead:,} MiB of overhead" if told else "its overhead on top"
    if others:
        beside += f", {others:,} MiB for Python or off the heap"
    cause = (
        f"One executor asks for {asked:,} MiB and {beside}; the largest container of this cluster has {most:,} MiB. "
        "More executors of a smaller size hold as much."
    )
    return Finding(
        title_of_start(case.session_id, "its executors are larger than any container may be"),
        cause,
        (case.quote(match, _LOG),),
        (_smaller("executor", fitting(most, asked, overhead, others)), AGAIN),
        rank=95,
    )


def _container_too_large(case: Case) -> Finding | None:
    match = case.find_last(_CONTAINER)
    if match is None:
        return None
    is_cores = match["type"] == "vcores" or match["cores"] is not None
    asked, most = match["old_asked"] or match["cores"], match["old_most"] or match["most_cores"]
    if asked is None:
        figure = _FIGURES.get(match["type"] or "memory-mb")
        asks, has = (figure and figure.search(match[part]) for part in ("asks", "has"))
        if not asks or not has:  # of a resource that a policy of the cluster's own counts, a graphics card
            return None
        asked, most = asks[1], has[1]
    title, cause, smaller = (_too_many_cores if is_cores else _too_much_memory)(int(asked), int(most))
    return Finding(title_of_start(case.session_id, title), cause, (case.quote(match, _LOG),), (smaller, AGAIN), rank=94)


def _too_many_cores(asked: int, most: int) -> tuple[str, str, Fix]:
    cause = (
        f"It asks YARN for a container with {asked:,} cores, its driver's or an executor's; the most that one may have "
        f"is {most:,}."
    )
    cores = max(min(asked, most), 1)
    fewer = Fix(
        f"Ask for fewer in both. {REPLACES}",
        cell=configure({"driverCores": cores, "executorCores": cores}),
        applicability="review",
    )
    return "it asks for more cores than any node gives", cause, fewer


def _too_much_memory(asked: int, most: int) -> tuple[str, str, Fix]:
    cause = (
        f"It asks YARN for a container of {asked:,} MiB, its driver's or an executor's with the overhead; the largest "
        f"that may be had has {most:,} MiB."
    )
    heap = heap_in(most)
    smaller = Fix(
        f"Ask for less of both. {REPLACES}",
        cell=configure({"driverMemory": f"{heap}m", "executorMemory": f"{heap}m"}),
        applicability="review",
    )
    title = "it asks for a container larger than any node gives"
    return title, cause, smaller if heap >= LEAST_HEAP else _LARGER_CONTAINERS


def _smaller(whose: str, fits: tuple[int, int | None] | None) -> Fix:
    """Return the cell for what fits; where no settings do, it is the operator's turn."""
    if fits is None:
        return _LARGER_CONTAINERS
    heap, overhead = fits
    settings: dict[str, Any] = {f"{whose}Memory": f"{heap}m"}
    label = f"Ask for the largest that fits. {REPLACES}"
    if overhead is not None:
        settings["conf"] = {f"spark.{whose}.memoryOverhead": f"{overhead}m"}
        label = f"Ask for less beside the heap: the container then takes {shown(heap + overhead)}. {REPLACES}"
    return Fix(label, cell=configure(settings), applicability="review")


_LARGER_CONTAINERS = Fix(
    "Ask for less beside the heap, if that is named anywhere. Else it is for the operator, in yarn-site.xml: hardly "
    "any session fits into so small a container.",
    command="yarn.scheduler.maximum-allocation-mb = 8192",
    applicability="manual",
)


ENTRIES = (
    Entry(
        "LG205",
        "unknown-queue",
        "YARN has no such queue",
        text.UNKNOWN_QUEUE,
        _unknown_queue,
        needles=(" to unknown queue: ", " to ambiguous queue: "),
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
        needles=(
            "maximum allowed allocation=<memory:",
            "requested memory > max configured",
            "requested virtual cores > max configured",
        ),
    ),
)
