"""LG301 to LG303: Java's heap is used up, in an executor or in the driver, or a result is larger than it may be."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from livyguard.hints import memory
from livyguard.hints.catalog import spark_memory_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import IF_LOST
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_JAVAS = r"java\.lang\.OutOfMemoryError"
_OOM = rf"(?:{_JAVAS}|org\.apache\.spark\.memory\.SparkOutOfMemoryError)[^\n]{{0,120}}"
_TASK = r"Lost task \d+\.\d+ in stage \d+\.\d+ \(TID \d+[^\n]{0,200}?"
_DRIVERS = (
    r"main|Driver|broadcast-exchange-\d+|dag-scheduler-event-loop|dispatcher-(?:event-loop|BlockManagerMaster)[\w\-]*"
    r"|map-output-dispatcher-\d+|task-result-getter-\d+|Spark Context Cleaner|spark-listener-group-[\w\-]+"
)
# Spark's report of a task, Spark 1 to 3; an executor's own log; the exit code that Spark keeps for it.
_EXECUTOR = re.compile(
    rf"{_TASK}executor (?!driver\b)(?P<executor>\w+)\)?: (?:[\w.]+: )?{_OOM}"
    rf"|[Ee]xception in thread (?:Thread\[|\")?Executor task launch worker[^\n]{{0,120}}(?:\n|: |\" ){_JAVAS}[^\n]*"
    rf"|(?P<own>Exception in task \d[\d.]* in stage \d[\d.]* \(TID \d+\))\n{_JAVAS}[^\n]*"
    r"|Exit status: 52\. Diagnostics: |Container exited with a non-zero exit code 52\b"
    r"|The executor with id \d+ exited with exit code 52\b|Executor \S{1,100} removed: Command exited with code 52\b"
)
# A master of "local" runs its tasks inside the driver. Py4J tells what the driver's Java threw right behind its name.
_DRIVER = re.compile(
    rf"{_TASK}executor driver\)?: (?:[\w.]+: )?{_OOM}"
    rf"|An error occurred while calling \S{{1,200}}\n: {_JAVAS}[^\n]*"
    rf"|(?:Exception in thread \"(?:{_DRIVERS})\"|User class threw exception:) {_JAVAS}[^\n]*"
    rf"|(?:(?P<bare>\A\n?)|An error was encountered:\n){_JAVAS}: [^\n]*"
    r"|Not enough memory to build and broadcast the table to all worker nodes\."
)
_RESULT = re.compile(
    rf"Total size of serialized results of (?P<tasks>\d{{1,12}}) tasks "
    rf"\((?P<size>{memory.AMOUNT}) (?P<size_unit>{memory.UNIT})\) "
    rf"is bigger than [\w ]{{0,40}}spark\.driver\.maxResultSize "
    rf"\((?P<limit>{memory.AMOUNT}) (?P<limit_unit>{memory.UNIT})\)"
)
_EXECUTORS_SIZE = re.compile(r"each with \d+ cores?(?:\(s\))? and (\d{1,12}) MB memory")
_DRIVERS_SIZE = re.compile(r"Will allocate AM container, with (\d{1,12}) MB memory including (\d{1,12}) MB overhead")
_NODE = re.compile(r"\(TID \d+(?:\) \(|, )([\w.\-]{1,253})[, ] ?executor")

_SPARK = "Spark"
#: What Spark gives both, MiB, where nobody says otherwise.
_DEFAULT = 1_024


def _executor(case: Case) -> Finding | None:
    match = case.find(_EXECUTOR)
    # Where the driver runs the tasks itself, its log holds the same words as an executor's.
    if match is None or (match["own"] and "executor driver" in case.text):
        return None
    node = _NODE.search(match[0])
    which = f"executor {match['executor']}" if match["executor"] else "an executor"
    where = f" on {node[1]}" if node else ""
    size = case.find_last(_EXECUTORS_SIZE)
    heap = memory.heap_in(int(size[1])) if size else None
    known = f" of {memory.shown(heap)}" if heap else ""
    fixes = (
        _larger("executorMemory", heap),
        Fix(
            "Or, in the session as it is, cut the data finer: more partitions, and so smaller ones.",
            cell='spark.conf.set("spark.sql.shuffle.partitions", "800")',
            applicability="review",
        ),
        IF_LOST,
    )
    return Finding(
        f"{which[0].upper()}{which[1:]}{where} ran out of memory",
        f"Java's heap{known} was used up by what one executor worked on at a time: its tasks share the heap, so large "
        "partitions, skewed keys and many cores for each executor fill it.",
        (case.quote(match, _SPARK),),
        fixes,
        rank=82,
        is_survived=True,
    )


def _driver(case: Case) -> Finding | None:
    match = case.find(_DRIVER)
    if match is None:
        return None
    size = case.find_last(_DRIVERS_SIZE)
    heap = int(size[1]) - int(size[2]) if size else None
    known = f" of {memory.shown(heap)}" if heap else ""
    fixes = [_larger("driverMemory", heap)]
    cause = "What is brought to the driver has to fit there: collect(), toPandas(), a broadcast table, a long plan."
    if "broadcast the table" in match[0]:
        fixes.append(
            Fix(
                "Or, in the session as it is, let Spark join without broadcasting.",
                cell='spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")',
                applicability="review",
            )
        )
    title, whose = "The driver ran out of memory", f"The driver's heap{known} is used up."
    if match["bare"] is not None:
        title = "A JVM of Spark ran out of memory: the driver, unless the text is an executor's"
        whose = "Java's heap is used up; the line alone does not say whose."
        cause = f"In the driver: {cause[0].lower()}{cause[1:]}"
    return Finding(
        title,
        f"{whose} {cause} It may behave oddly from here on, even where it lives.",
        (case.quote(match, _SPARK),),
        (*fixes, IF_LOST),
        rank=84,
    )


def _larger(field: str, heap: int | None) -> Fix:
    """Return the cell that asks for twice of what there was, or of Spark's default where nobody tells."""
    if heap is None:
        label = f"Ask for more, if yours has less ({memory.setting(_DEFAULT)} where nobody says). {REPLACES}"
        return Fix(label, cell=configure({field: memory.setting(4 * _DEFAULT)}), applicability="manual")
    return Fix(
        f"Ask for twice the memory. {REPLACES}",
        cell=configure({field: memory.setting(2 * heap)}),
        applicability="review",
    )


def _result(case: Case) -> Finding | None:
    match = case.find(_RESULT)
    if match is None:
        return None
    size, limit = (memory.mib(match[name], match[f"{name}_unit"]) for name in ("size", "limit"))
    wanted = _round(2 * max(size, limit))
    settings: dict[str, object] = {"conf": {"spark.driver.maxResultSize": memory.setting(wanted)}}
    if 2 * wanted > _DEFAULT:
        settings = {"driverMemory": memory.setting(2 * wanted), **settings}
    fixes = (
        Fix(
            "Bring less: aggregate, choose columns, or take a part.",
            cell="df.limit(1000).toPandas()",
            applicability="manual",
        ),
        Fix("Or write the result to storage instead.", cell='df.write.parquet("PATH")', applicability="manual"),
        Fix(
            f"Or allow more, and give the driver the memory to hold it. {REPLACES}",
            cell=configure(settings),
            applicability="review",
        ),
        IF_LOST,
    )
    return Finding(
        f"The result is larger than the driver may take: {memory.shown(size)} of {memory.shown(limit)}",
        f"Spark stopped the job after {int(match['tasks']):,} tasks, before their results could fill the driver "
        "(spark.driver.maxResultSize). The session lives on, and its variables with it.",
        (case.quote(match, _SPARK),),
        fixes,
        rank=86,
    )


def _round(amount: float) -> int:
    """Round up to whole GiB, below one GiB to whole MiB."""
    return math.ceil(amount / _DEFAULT) * _DEFAULT if amount > _DEFAULT else math.ceil(amount)


ENTRIES = (
    Entry(
        "LG301",
        "executor-out-of-memory",
        "an executor ran out of memory",
        text.EXECUTOR,
        _executor,
        needles=(
            "java.lang.OutOfMemoryError",
            "SparkOutOfMemoryError",
            "Exit status: 52",
            "exit code 52",
            "exited with code 52",
        ),
    ),
    Entry(
        "LG302",
        "driver-out-of-memory",
        "the driver ran out of memory",
        text.DRIVER,
        _driver,
        needles=("java.lang.OutOfMemoryError", "SparkOutOfMemoryError", "Not enough memory to build and broadcast"),
    ),
    Entry(
        "LG303",
        "result-too-large",
        "the result is larger than the driver may take",
        text.RESULT,
        _result,
        needles=("Total size of serialized results of ",),
    ),
)
