"""LG213 to LG218: YARN, a node or a signal ended a container, the driver's or an executor's."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from livyguard.hints import memory
from livyguard.hints.catalog import containers_text as text
from livyguard.hints.catalog.killed_pods import SMALLER_TASKS, killed_pod
from livyguard.hints.entry import FREE, LOOK, Entry, Finding
from livyguard.hints.fixes import IF_LOST, NODES
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# Spark's words and YARN's own; the bare code of an application's diagnostics where neither is there.
_PREEMPTED = re.compile(
    r"Container container_\w+(?: on host: [\w.\-]{1,253}[\w\-])? was preempted\.|Container preempted by scheduler"
    r"|(?P<which>Non-AM|\bAM) container preempted, current appAttemptId="
)
_PREEMPTED_CODE = re.compile(r"exited with\s{1,4}exitCode: -102\b(?P<which>)")
_LOST = re.compile(r"Container released on a \*lost\* node")
# Spark's own words where nobody tells it more: before 3.1 on YARN, and where it runs its own workers.
_LOST_WORKER = re.compile(
    r"(?:ExecutorLostFailure \(executor \w{1,40} (?:exited|lost)[^)\n]{0,80}\) Reason: "
    r"|Lost executor \w{1,40} on \S{1,260}: )"
    r"(?:[Ss]lave|[Ww]orker) lost\b"
)
#: The session went on and ended of itself.
_WENT_ON, _ENDED_WELL = re.compile(r"Registered executor "), re.compile(r"Successfully stopped SparkContext")
_LOST_CODE = re.compile(r"exited with\s{1,4}exitCode: -100\b")


def _of(used: str, limit: str, kind: str) -> str:
    first, second = (rf"(?P<{name}>{memory.AMOUNT}) ?(?P<{name}_unit>{memory.UNIT})" for name in (used, limit))
    return f"{first} of {second} {kind} memory used"


# Hadoop 3 says by how many bytes. Spark 3 says which memory, Spark 2 leaves it to the figures.
_PHYSICAL = re.compile(
    r"(?:is running (?:-?\d+B )?beyond (?:the 'PHYSICAL' memory limit|physical memory limits)\. Current usage: "
    rf"|Container killed by YARN for exceeding (?:physical )?memory limits\. {{1,2}}){_of('used', 'limit', 'physical')}"
)
_VIRTUAL = re.compile(
    r"(?:is running (?:-?\d+B )?beyond (?:the 'VIRTUAL' memory limit|virtual memory limits)\. Current usage: "
    rf"{_of('physical', 'room', 'physical')}; "
    rf"|Container killed by YARN for exceeding (?:virtual )?memory limits\. {{1,2}}){_of('used', 'limit', 'virtual')}"
)
_SIGNAL = (
    r"Exit status: {0}\. Diagnostics: |Container killed on request\. Exit code is {0}\b"
    r"|Container exited with a non-zero exit code {0}\b|exited with\s{{1,4}}exitCode: {0}\b"
)
#: How YARN stops what is not needed any more: an executor that is given back, and all of them when a session ends.
_STOPPED = re.compile(r"Container (?:K|k)illed by (?:the ApplicationMaster|ResourceManager)\b")
_OLD_KEY = "Consider boosting spark.yarn.executor.memoryOverhead"
_CONTAINER = re.compile(r"containerID=(container_\w+)\]|(container_\w+) on host:")
_APPLICATION = re.compile(r"(?:application|appattempt|container(?:_e\d+)?)_(\d{1,20}_\d{1,10})")
_AM = re.compile(r"AM Container (?:for appattempt_\w+ )?exited")
_NODE = re.compile(r"Lost executor \w+ on ([\w.\-]{1,253}[\w\-]): |on host: ([\w.\-]{1,253}[\w\-])")

_YARN = "YARN"
_FIRST = "_000001"
#: YARN gives a container this many times of its physical memory as virtual, unless it is told otherwise.
_VIRTUAL_RATIO = 2.1
_SPARE = 1.1
_LOOKED_AT = 20
#: Characters of a line, to either side of the words, in which whose and where it was may stand.
_NEAR = 2_000
#: Characters around a signal, in which the reason for it stands.
_BEFORE = 300


def _line(case: Case, match: re.Match[str]) -> str:
    first, last = max(match.start() - _NEAR, 0), match.end() + _NEAR
    start = max(case.text.rfind("\n", first, match.start()) + 1, first)
    end = case.text.find("\n", match.end(), last)
    return case.text[start : end if end >= 0 else last]


def _whose(case: Case, match: re.Match[str]) -> str:
    """Say whose container it was: the driver's is the first of an application, and YARN speaks of its own attempt."""
    line = _line(case, match)
    named = _CONTAINER.search(line)
    if named is not None:
        return "driver" if (named[1] or named[2]).endswith(_FIRST) else "executor"
    before = case.text[max(match.start() - 500, 0) : match.end()]
    return "driver" if _AM.search(before) and "Lost executor" not in line else "executor"


def _telling(case: Case, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Return the first match in a line that names the node, else the first: Spark says each thing three times."""
    first, end = None, -1
    for match in islice(pattern.finditer(case.text), _LOOKED_AT):
        first = first or match
        if match.start() > end:  # once for a line
            if _NODE.search(_line(case, match)):
                return match
            end = case.text.find("\n", match.end(), match.end() + _NEAR)
    return first


def _where(case: Case, match: re.Match[str]) -> str:
    node = _NODE.search(_line(case, match))
    return f" on {node[1] or node[2]}" if node else ""


def _preempted(case: Case) -> Finding | None:
    match = case.find(_PREEMPTED) or case.find(_PREEMPTED_CODE)
    if match is None:
        return None
    whose = {"AM": "driver", "Non-AM": "executor"}.get(match["which"]) or _whose(case, match)
    lost = (
        "Without its driver the session is gone, and its variables with it."
        if whose == "driver"
        else "Spark runs its tasks again on other executors; what was cached on it is computed anew."
    )
    cause = (
        "Another queue, or another user's share of this one, was owed the memory, and YARN took it back from this "
        f"application. {lost} It is no fault of the code."
    )
    return Finding(
        f"YARN took the {whose}'s container{_where(case, match)} for somebody else",
        cause,
        (case.quote(match, _YARN),),
        (LOOK, FREE, IF_LOST),
        rank=75,
        is_survived=whose == "executor",
    )


def _node_lost(case: Case) -> Finding | None:
    match = case.find(_LOST) or case.find(_LOST_CODE) or _telling(case, _LOST_WORKER)
    if match is None:
        return None
    whose = _whose(case, match)
    went_on = _WENT_ON.search(case.text, match.end()) if whose == "executor" else None
    if went_on and _ENDED_WELL.search(case.text, went_on.end()):
        return None
    lost = "The session ended with it." if whose == "driver" else "Spark runs its tasks again elsewhere."
    cause = (
        "The node went away and its containers with it: its NodeManager stopped or hung, the machine was shut down, "
        f"or, in the cloud, a spot instance was taken back or the cluster shrank. {lost}"
    )
    return Finding(
        f"The node{_where(case, match).removeprefix(' on')} was lost, with the {whose} on it",
        cause,
        (case.quote(match, _YARN),),
        (NODES, IF_LOST),
        rank=78,
        is_survived=whose == "executor",
    )


def _physical(case: Case) -> Finding | None:
    match = _telling(case, _PHYSICAL)
    if match is None:
        return None
    used, limit = (memory.mib(match[name], match[f"{name}_unit"]) for name in ("used", "limit"))
    whose = _whose(case, match)
    overhead = memory.larger_overhead(limit, used)
    cause = (
        f"It used {memory.shown(used)} of the {memory.shown(limit)} that YARN gives it. That is not Java's heap alone: "
        "Python's workers, shuffle buffers and libraries live beside it, in the overhead."
    )
    fixes = (
        _more_overhead(case, whose, overhead, memory.heap_in(limit) + overhead),
        Fix(
            "Or run fewer tasks at a time in each executor; each one brings its own Python worker.",
            cell=configure({"executorCores": 1}),
            applicability="review",
        ),
        IF_LOST,
    )
    return Finding(
        f"YARN killed the {whose}{_where(case, match)}: it used more memory than its container has",
        cause,
        (case.quote(match, _YARN),),
        fixes if whose == "executor" else (fixes[0], fixes[-1]),
        rank=90,
        is_survived=whose == "executor",
    )


def _virtual(case: Case) -> Finding | None:
    match = _telling(case, _VIRTUAL)
    if match is None:
        return None
    used, limit = (memory.mib(match[name], match[f"{name}_unit"]) for name in ("used", "limit"))
    room = memory.mib(match["room"], match["room_unit"]) if match["room"] else limit / _VIRTUAL_RATIO
    whose = _whose(case, match)
    container = max(used * _SPARE * room / limit, room) if limit else room
    overhead = memory.larger_overhead(room, container)
    cause = (
        f"It reserved {memory.shown(used)} of address space and may have {memory.shown(limit)}. Java reserves far more "
        "than it uses, so the check kills what does no harm; most clusters switch it off."
    )
    fixes = (
        Fix(
            "For the operator, in yarn-site.xml on every node: switch the check off.",
            command="yarn.nodemanager.vmem-check-enabled = false",
            applicability="manual",
        ),
        _more_overhead(case, whose, overhead, memory.heap_in(room) + overhead),
        IF_LOST,
    )
    return Finding(
        f"YARN killed the {whose}{_where(case, match)}: it reserved more virtual memory than it may",
        cause,
        (case.quote(match, _YARN),),
        fixes,
        rank=90,
        is_survived=whose == "executor",
    )


def _more_overhead(case: Case, whose: str, overhead: int, container: int) -> Fix:
    """Return the cell that asks for more; before Spark 2.3 the key is another, and wants a bare number."""
    is_old = _OLD_KEY in case.text
    key = f"spark.yarn.{whose}.memoryOverhead" if is_old else f"spark.{whose}.memoryOverhead"
    label = f"Give it more beside the heap: the container then takes about {memory.shown(container)}. {REPLACES}"
    value = str(overhead) if is_old else memory.setting(overhead)
    return Fix(label, cell=configure({"conf": {key: value}}), applicability="review")


def _killed(case: Case) -> Finding | None:
    match = _telling(case, _SIGNALS[137])
    if match is None:
        return killed_pod(case)
    return _signalled(case, match, 137, _KILLED, (_logs(case, match), SMALLER_TASKS, IF_LOST), rank=60)


def _ended(case: Case) -> Finding | None:
    found = islice(_SIGNALS[143].finditer(case.text), _LOOKED_AT)
    match = next((one for one in found if not _is_stopped(case, one)), None)
    if match is None:
        return None
    return _signalled(case, match, 143, _ASKED_TO_STOP, (_logs(case, match), IF_LOST), rank=35)


def _is_stopped(case: Case, match: re.Match[str]) -> bool:
    """Tell whether YARN says beside a signal that it was told to stop the container."""
    start = max(match.start() - _BEFORE, 0)
    return _STOPPED.search(case.text, start, match.end() + _BEFORE) is not None


def _signalled(case: Case, match: re.Match[str], code: int, cause: str, fixes: tuple[Fix, ...], rank: int) -> Finding:
    whose = _whose(case, match)
    return Finding(
        f"The {whose}{_where(case, match)} was ended by {_NAMES[code]} (exit code {code})",
        cause,
        (case.quote(match, _YARN),),
        fixes,
        rank=rank,
        is_survived=whose == "executor",
    )


def _logs(case: Case, match: re.Match[str]) -> Fix:
    """Return the command that shows the containers' own logs; their numbers tell the application's."""
    named = _APPLICATION.search(_line(case, match))
    app_id = f"application_{named[1]}" if named else case.app_id
    return Fix(
        "Read the container's own log: what it did last stands at its end.",
        command=f"yarn logs -applicationId {app_id or 'application_…'}",
        applicability="safe" if app_id else "manual",
    )


_NAMES = {137: "SIGKILL", 143: "SIGTERM"}
_SIGNALS = {code: re.compile(_SIGNAL.format(code)) for code in _NAMES}
_KILLED = (
    "Nobody leaves a note with this signal. The usual sender is Linux, when the node or the container's control group "
    "runs out of memory; YARN sends it, too, to a container that did not heed SIGTERM."
)
_ASKED_TO_STOP = (
    "Somebody asked it to stop: YARN when the application ends or is killed, Spark when it gives an executor back, or "
    "a Java that ran out of memory. By itself it is no cause; another line of the log names it."
)
ENTRIES = (
    Entry(
        "LG213",
        "container-preempted",
        "YARN took a container back for somebody else",
        text.PREEMPTED,
        _preempted,
        needles=(" was preempted.", "Container preempted by scheduler", "exitCode: -102", " container preempted, curr"),
    ),
    Entry(
        "LG214",
        "node-lost",
        "a node was lost, and its containers with it",
        text.NODE_LOST,
        _node_lost,
        needles=("Container released on a *lost* node", "exitCode: -100", "lave lost", "orker lost"),
    ),
    Entry(
        "LG215",
        "physical-memory-exceeded",
        "YARN killed a container that used too much memory",
        text.PHYSICAL,
        _physical,
        needles=(" physical memory used",),
    ),
    Entry(
        "LG216",
        "virtual-memory-exceeded",
        "YARN killed a container that reserved too much virtual memory",
        text.VIRTUAL,
        _virtual,
        needles=(" virtual memory used",),
    ),
    Entry(
        "LG217",
        "killed-by-sigkill",
        "a container was killed with SIGKILL, exit code 137",
        text.SIGKILL,
        _killed,
        yields_to=("LG2", "LG3"),
        needles=("Exit status: 137", "Exit code is 137", "exit code 137", "exitCode: 137", "OOMKilled"),
    ),
    Entry(
        "LG218",
        "ended-by-sigterm",
        "a container was ended with SIGTERM, exit code 143",
        text.SIGTERM,
        _ended,
        yields_to=("LG2", "LG3"),
        needles=("Exit status: 143", "Exit code is 143", "non-zero exit code 143", "exitCode: 143"),
        severity="warning",
    ),
)
