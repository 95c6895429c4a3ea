"""LG306 to LG308: a session without executors, without its driver's Java, or with two Pythons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints import memory
from livyguard.hints.catalog import spark_run_text as text
from livyguard.hints.entry import FREE, LOOK, MINE, RECOVER, Entry, Finding
from livyguard.hints.fixes import IF_LOST
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_NO_EXECUTORS = re.compile(
    r"Initial job has not accepted any resources; check your cluster UI to ensure that workers are registered"
)
#: Executors came after all, or their tasks run: the line above was of a moment.
_WORKS = re.compile(r"Registered executor |(?:Starting|Finished) task \d+\.\d+ in stage |\(\d+ \+ [1-9]\d*\) / \d+\]")
_ASKED = re.compile(r"each with \d+ cores?(?:\(s\))? and (\d{1,12}) MB memory")
# Py4J, as it reports a Java that went away; from Spark 3.3 on Python's own error, in Py4J's code.
_NO_JAVA = re.compile(
    r"py4j\.protocol\.Py4J(?:Network)?Error: (?:Answer from Java side is empty|Error while (?:receiving|sending)\b"
    r"|An error occurred while trying to connect to the Java server \([\w.:\-]+\))"
    r"|py4j/(?:clientserver|java_gateway)\.py\", line \d+, in (?:connect_to_java_server|start)\n(?:[^\n]*\n){1,3}?"
    r"ConnectionRefusedError: \[Errno \d+\] Connection refused"
)
_INTERPRETER = re.compile(r"^(?:\w+: )?Interpreter died:[^\n]*", re.MULTILINE)
_PYTHONS = re.compile(
    r"Python in worker has different version:? \(?(?P<worker>\d{1,9}(?:\.|, )\d{1,9})\)? than that in driver:? "
    r"\(?(?P<driver>\d{1,9}(?:\.|, )\d{1,9})\)?, PySpark cannot run with different minor versions"
)


def _no_executors(case: Case) -> Finding | None:
    match = case.find_last(_NO_EXECUTORS)
    if match is None or _WORKS.search(case.text, match.end()):
        return None
    asked = case.find_last(_ASKED)
    size = f" Each takes a container of {memory.shown(int(asked[1]))}." if asked else ""
    smaller = Fix(
        f"Ask for small executors, and few. {REPLACES}",
        cell=configure({"executorMemory": "1g", "executorCores": 1, "numExecutors": 1}),
        applicability="review",
    )
    return Finding(
        "The session has a driver and not one executor: its tasks wait",
        f"The cluster has not given it any so far: it is full, or no node has room for one of this size.{size} The "
        "statement goes on as soon as one comes.",
        (case.quote(match, "Spark"),),
        (LOOK, FREE, smaller, IF_LOST),
        rank=50,
    )


def _lost_driver(case: Case) -> Finding | None:
    match = case.find(_NO_JAVA)
    if match is not None:
        return Finding(
            "The session's driver lost its Java process",
            "Python asked Spark, and nobody was there: the Java half of the driver ended, mostly for lack of memory, "
            "because its application was killed, or with its node. What was in it is lost.",
            (case.quote(match, "Py4J"),),
            (
                RECOVER,
                Fix(
                    f"If it ends again in the same place: more memory for the driver. {REPLACES}",
                    cell=configure({"driverMemory": "4g"}),
                    applicability="manual",
                ),
            ),
            rank=55,
        )
    match = case.find(_INTERPRETER)
    if match is None:
        return None
    return Finding(
        "The session's interpreter died",
        "The process that ran the code ended by itself: it was killed for its memory, crashed in a native library, or "
        "called exit. The driver may live on and hold its executors until the session is deleted.",
        (case.quote(match, "Livy"),),
        (RECOVER, MINE),
        rank=55,
    )


def _two_pythons(case: Case) -> Finding | None:
    match = case.find(_PYTHONS)
    if match is None:
        return None
    worker, driver = (match[name].replace(", ", ".") for name in ("worker", "driver"))
    python = f"python{driver}"
    settings = {
        "conf": {"spark.pyspark.python": python, "spark.executorEnv.PYSPARK_PYTHON": python},
    }
    fixes = (
        Fix(
            f"Run Python {driver} on the executors, if every node has it. {REPLACES}",
            cell=configure(settings),
            applicability="review",
        ),
        Fix(
            f"Or run Python {worker} in the driver as well.",
            cell=configure({"conf": {"spark.pyspark.python": f"python{worker}"}}),
            applicability="review",
        ),
        IF_LOST,
    )
    return Finding(
        f"The driver runs Python {driver} and its executors Python {worker}",
        "Functions travel from the driver to the executors as byte code, which differs between minor versions; Spark "
        "refuses to mix them. The session's variables are not touched.",
        (case.quote(match, "PySpark"),),
        fixes,
        rank=90,
    )


ENTRIES = (
    Entry(
        "LG306",
        "no-executors",
        "the session has no executors",
        text.NO_EXECUTORS,
        _no_executors,
        yields_to=("LG2", "LG3"),
        needles=("Initial job has not accepted any resources",),
        severity="warning",
    ),
    Entry(
        "LG307",
        "driver-process-lost",
        "the driver lost its Java process or its interpreter",
        text.LOST,
        _lost_driver,
        yields_to=("LG2", "LG3"),
        needles=("py4j.protocol.Py4J", "py4j/clientserver.py", "py4j/java_gateway.py", "Interpreter died:"),
    ),
    Entry(
        "LG308",
        "python-versions-differ",
        "driver and executors run different Pythons",
        text.PYTHONS,
        _two_pythons,
        needles=("Python in worker has different version",),
    ),
)
