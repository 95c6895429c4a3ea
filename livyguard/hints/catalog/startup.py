"""LG201 to LG204 and LG209: the session was asked for and waits in YARN's queue until somebody's patience ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import startup_text as text
from livyguard.hints.clocks import LIVY_CLOCK, SPARKMAGIC_CLOCK
from livyguard.hints.entry import FREE, LOOK, MINE, Entry, Finding
from livyguard.hints.evidence import RESOURCE_MANAGER
from livyguard.hints.fixes import AGAIN, title_of_start
from livyguard.hints.model import Evidence, Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_TIMED_OUT = re.compile(r"Session (\d{1,10}) did not start up in (\d{1,9}) seconds")
_LIVY_GAVE_UP = re.compile(r"Timed out waiting for context to start")
# SparkMagic's words, then livyguard's.
_UNEXPECTED_END = re.compile(r"(?:unexpectedly reached final status '|ended in state )(?:dead|killed|error)\b")
# The capacity scheduler, the fair scheduler; SparkMagic prints its warning only where the log held the former's words.
_AM_LIMIT = re.compile(
    r"Queue's AM resource limit exceeded"
    r"|\(Resource request: <memory:[^>\n]{1,200}> exceeds maximum AM resource allowed\)"
    r"|The Spark session does not have enough YARN resources to start"
)
_USER_LIMIT = re.compile(
    r"User's AM resource limit exceeded|Queue hits user max-capacity limit|User capacity has reached its maximum limit"
)
# Likewise.
_WAITING = re.compile(
    r"Application is Activated, waiting for resources to be assigned for AM"
    r"|\(Resource request: <memory:[^>\n]{1,200}> (?:exceeds the available resources of the node and the request "
    r"(?:is|cannot be) reserved|(?P<queue>exceeds current queue or its parents maximum resource allowed))\)"
)
_NO_NODES = re.compile(r"cluster resource is empty")
_NOTHING_THERE = re.compile(r"(?:Partition Resource|Queue Resource Limit for AM) = <memory:0, vCores:0>")
#: An application that had not ended when the ResourceManager was asked; its words are then the latest there are.
_LIVES = re.compile(r"application_\d+_\d+ (?:NEW\w*|SUBMITTED|ACCEPTED|RUNNING)\b")
_LAUNCHED = re.compile(r"AM container is launched")
_RUNS = re.compile(r"\(state: RUNNING\)|AM container is launched|Registered with ResourceManager")
#: The driver ran, or was about to: what YARN said of the wait stands in the log for ever.
_LEFT_QUEUE = re.compile(
    r"AM Container for appattempt_\S+ exited with|Shutdown hook called before final status was reported"
)
#: Somebody ended it in YARN: whoever gave up, or who cleared away what had failed.
_KILLED = re.compile(r"was killed by user |Application killed by user\.")
_ASKED = re.compile(r"(?:AM Resource Request = |\(Resource request: )<memory:(\d{1,12})")
_LIMIT = re.compile(r"Queue Resource Limit for AM = <memory:(\d{1,12})")
_USER_SHARE = re.compile(r"User AM Resource Limit of the queue = <memory:(\d{1,12})")
_USED = re.compile(r"Queue AM Resource Usage = <memory:(\d{1,12})")
_QUEUES_SHARE = re.compile(
    r"Queue's Absolute used capacity = (\d{1,9}(?:\.\d{1,9})?) % ; "
    r"Queue's Absolute max capacity = (\d{1,9}(?:\.\d{1,9})?) %"
)

#: Seconds for which a healthy start may be told to wait.
_A_MOMENT = 3.0
#: What YARN holds for a driver of 1 GiB at most, MiB: its overhead included, rounded up to whole GiB.
_SMALLEST_DRIVER = 2_048
#: Characters in which the rest of YARN's sentence stands.
_LINE = 600

_YARN = "YARN, in the session's log"
_SMALLER = Fix(
    f"Ask for less. {REPLACES}",
    cell=configure({"driverMemory": "1g", "executorMemory": "1g", "numExecutors": 1}),
    applicability="review",
)


def _title(case: Case, waits_for: str) -> str:
    match = case.find(_TIMED_OUT)
    number = match[1] if match else case.session_id
    return title_of_start(number, waits_for, is_over=case.waited is None)


def _timeouts(case: Case) -> tuple[Evidence, ...]:
    """Quote who gave up."""
    facts = []
    if match := case.find(_TIMED_OUT):
        facts.append(case.quote(match, case.gave_up))
    if match := case.find(_LIVY_GAVE_UP):
        facts.append(case.quote(match, "Livy, in the session's log"))
    return tuple(facts)


def _has_failed(case: Case) -> bool:
    if case.waited is not None:
        return case.waited >= _A_MOMENT
    return _is_given_up(case) or case.find(_UNEXPECTED_END) is not None


def _is_given_up(case: Case) -> bool:
    """Tell whether a clock ran out; a session that ended before did not wait too long."""
    return any(case.find(pattern) for pattern in (_TIMED_OUT, _LIVY_GAVE_UP))


def _is_told(case: Case) -> bool:
    """Tell whether a wait that few healthy starts know may be named: also in a text that tells of nothing else."""
    return _has_failed(case) or (case.waited is None and not case.error and not case.find(_RUNS))


def _waits_by(case: Case, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Return YARN's last such sentence, unless the application went on to run and no start-up failed.

    Where the ResourceManager saw it alive, its words count and not the log's, which may be older.
    """
    is_seen = _LIVES.search(case.text, case.told_by_yarn)
    match = case.find_last(pattern, case.told_by_yarn if is_seen else 0)
    has_waited = _has_failed(case) if case.waited is not None else _is_given_up(case)
    if match is None or (_RUNS.search(case.text, match.end()) and not has_waited):
        return None
    if _LEFT_QUEUE.search(case.text, match.end()):
        return None
    return match


def _was_passing(case: Case, match: re.Match[str]) -> bool:
    """Tell whether the log has it of the moment in which each start waits, and somebody ended the application since.

    Livy's own clock leaves no word in the session's log, and ends the application as well: what YARN says of a limit,
    and what it says itself when it is asked, is no passing moment.
    """
    is_logged = match.start() < case.told_by_yarn and not _is_given_up(case)
    return is_logged and _KILLED.search(case.text, match.end()) is not None


def _figures(case: Case, limit: re.Pattern[str]) -> str:
    """Say how much the drivers may hold, hold and need, as YARN tells it."""
    asked, most, used = (case.find_last(pattern) for pattern in (_ASKED, limit, _USED))
    if not (asked and most and used):
        return ""
    if limit is _USER_SHARE:  # what YARN tells beside it is what everybody's drivers hold
        return f" The limit is {int(most[1]):,} MiB for the drivers of one user, and this one needs {int(asked[1]):,}."
    return f" The limit is {int(most[1]):,} MiB, drivers hold {int(used[1]):,} and this one needs {int(asked[1]):,}."


def _smaller_driver(case: Case) -> tuple[Fix, ...]:
    """Offer a smaller driver; nothing where YARN tells that this one is hardly larger than the smallest."""
    match = case.find_last(_ASKED)
    if match is not None and int(match[1]) <= _SMALLEST_DRIVER:
        return ()
    what = "a smaller driver" if match is not None else "a smaller driver, if yours is larger"
    return (
        Fix(
            f"Ask for {what}, as in this cell. {REPLACES}",
            cell=configure({"driverMemory": "1g"}),
            applicability="review",
        ),
    )


def _no_nodes(case: Case) -> Finding | None:
    match = _waits_by(case, _NO_NODES) or _waits_by(case, _NOTHING_THERE)
    if match is None or not _is_told(case):
        return None
    cause = (
        "YARN has accepted the application, and the part of the cluster that its queue uses has no memory at all: no "
        "NodeManager is up there. No session can start, whatever it asks for, until one is."
    )
    facts = (case.quote(match, _YARN), *_timeouts(case))
    fixes = (
        Fix(
            "See which nodes are up, where the yarn command is at hand; tell the operator.",
            command="yarn node -list -all",
        ),
        LOOK,
        AGAIN,
    )
    return Finding(_title(case, "the cluster has no node"), cause, facts, fixes, rank=92)


def _am_limit(case: Case) -> Finding | None:
    match = _waits_by(case, _AM_LIMIT)
    if match is None or _no_nodes(case):
        return None
    cause = (
        "The YARN queue gives only a share of its memory to drivers (application masters), and the drivers of the live "
        f"sessions have used it up.{_figures(case, _LIMIT)} The next one starts when a session ends; executors, even "
        "idle ones, are not what is missing."
    )
    source = "SparkMagic" if match[0].startswith("The Spark session") else _YARN
    facts = (case.quote(match, source), *_timeouts(case))
    return Finding(
        _title(case, "the queue has no room for another driver"),
        cause,
        facts,
        (LOOK, FREE, *_smaller_driver(case), AGAIN),
        rank=90,
    )


def _user_limit(case: Case) -> Finding | None:
    match = _waits_by(case, _USER_LIMIT)
    if match is None:
        return None
    cause = (
        "YARN lets one user hold only a part of the queue, and the sessions of your user hold all of it. Where Livy "
        f"does not impersonate, all its users count as one.{_figures(case, _USER_SHARE)}"
    )
    return Finding(
        _title(case, "YARN's limit for one user is reached"),
        cause,
        (case.quote(match, _YARN), *_timeouts(case)),
        (MINE, FREE, *_smaller_driver(case), AGAIN),
        rank=88,
    )


def _full(case: Case, match: re.Match[str]) -> str | None:
    """Say that it is the queue that has all it may have, where YARN tells it in the same line."""
    if match["queue"]:
        return "the queue, or one above it, is full"
    share = _QUEUES_SHARE.search(case.text, match.end(), match.end() + _LINE)
    if share is None or float(share[1]) < float(share[2]):
        return None
    return f"the queue is full, it uses the {float(share[2]):g} % of the cluster that it may"


def _waiting(case: Case) -> Finding | None:
    # Every healthy start says this for a moment: it explains nothing without a start that failed, or a full queue.
    match = _waits_by(case, _WAITING)
    if match is None or _no_nodes(case):
        return None
    full = _full(case, match)
    if not full and _was_passing(case, match):
        return None
    if not (_is_told(case) if full else _has_failed(case)):
        return None
    cause = (
        "YARN has accepted the application and found no node with room for its driver: "
        f"{full or 'the cluster is full'}, or no node is as large as the driver."
    )
    return Finding(
        _title(case, "no node has room for its driver"),
        cause,
        (case.quote(match, _YARN), *_timeouts(case)),
        (LOOK, FREE, _SMALLER, AGAIN),
        rank=80,
    )


def _unexplained(case: Case) -> Finding | None:
    facts = _timeouts(case)
    if not facts:
        return None
    waited = f" of {case.startup_seconds:.0f} seconds" if case.startup_seconds else ""
    clock = f"SparkMagic's clock{waited}" if case.find(_TIMED_OUT) else "Livy's clock"
    waited_for = "nothing says what the session waited for"
    if case.app_state == "RUNNING" or _LAUNCHED.search(case.text, case.told_by_yarn):
        waited_for = "YARN had started the driver by then: it was slow, or cannot reach Livy"
    elif case.app_state is None and case.resource_manager:
        waited_for = "YARN knew of no application of it by then: spark-submit was slow, or failed before it got there"
    cause = (
        f"{clock} ran out, and {waited_for}. Two clocks run: SparkMagic gives up after "
        "60 seconds (livy_session_startup_timeout_seconds in its config.json), Livy after 90 "
        "(livy.rsc.server.connect.timeout, per session in conf), the time in YARN's queue included. More time helps "
        "only a slow start; a full cluster needs room."
    )
    return Finding(
        _title(case, "it took too long, and the log gives no reason"),
        cause,
        (*(Evidence(excerpt(line), RESOURCE_MANAGER) for line in case.resource_manager[:1]), *facts),
        (LOOK, FREE, AGAIN, LIVY_CLOCK, SPARKMAGIC_CLOCK),
        rank=40,
    )


ENTRIES = (
    Entry(
        "LG201",
        "start-up-timeout",
        "the session did not start in time",
        text.TIMEOUT,
        _unexplained,
        yields_to=("LG2", "LG3", "LG4"),
        needles=("did not start up in ", "Timed out waiting for context to start"),
    ),
    Entry(
        "LG202",
        "queue-am-limit",
        "the queue has no room for another driver",
        text.AM_LIMIT,
        _am_limit,
        needles=(
            "Queue's AM resource limit exceeded",
            " exceeds maximum AM resource allowed",
            "does not have enough YARN resources to start",
        ),
    ),
    Entry(
        "LG203",
        "queue-user-limit",
        "YARN's limit for one user is reached",
        text.USER_LIMIT,
        _user_limit,
        needles=(
            "User's AM resource limit exceeded",
            "Queue hits user max-capacity limit",
            "User capacity has reached its maximum limit",
        ),
    ),
    Entry(
        "LG204",
        "no-room-for-driver",
        "no node has room for the driver",
        text.WAITING,
        _waiting,
        needles=(
            "waiting for resources to be assigned for AM",
            " exceeds the available resources of the node and the request ",
            " exceeds current queue or its parents maximum resource allowed",
        ),
    ),
    Entry(
        "LG209",
        "no-nodes",
        "the cluster has no node",
        text.NO_NODES,
        _no_nodes,
        needles=("cluster resource is empty", " = <memory:0, vCores:0>"),
    ),
)
