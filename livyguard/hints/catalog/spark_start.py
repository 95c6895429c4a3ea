"""LG304, LG305, LG311 and LG312: Spark refuses to start with these settings, on this file system or in this cluster."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from livyguard.hints.catalog import spark_start_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, IF_LOST, REPLACES, configure, title_of_start
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# Spark 1.5 to 3, with and without a blank; the check of min and max alone; EMR Serverless.
_INITIAL = re.compile(
    r"initial executor number (?P<initial>\d{1,9}) must between min executor number ?(?P<least>\d{1,9}) "
    r"and max executor number ?(?P<most>\d{1,9})"
    r"|initialExecutors: (?P<initial_there>\d{1,9}) must be\s{1,3}between spark\.dynamicAllocation\.minExecutors? "
    r"(?P<least_there>\d{1,9}) and spark\.dynamicAllocation\.maxExecutors (?P<most_there>\d{1,9})"
    r"|spark\.dynamicAllocation\.minExecutors \((?P<least_alone>\d{1,9})\) must be less than or equal to "
    r"spark\.dynamicAllocation\.maxExecutors \((?P<most_alone>\d{1,9})\)"
)
# Spark up to 3.3, and from 3.4 on; YARN's node without it; an executor that does not reach it.
_SHUFFLE = re.compile(
    r"Dynamic allocation of executors requires (?:the external shuffle service\.|one of the following conditions: 1\))"
    r"|The auxService:\w*spark\w* does not exist|Unable to register with external shuffle server due to ?:"
)
_DENIED = re.compile(
    r"Permission denied: user=(?P<user>[^,\n]{1,256}), access=(?P<access>\w+), inode=\"(?P<inode>[^\"\n]{1,1000})\""
    r":(?P<owner>[^:\n]{1,256}):(?P<group>[^:\n]{1,256}):(?P<mode>[\w\-+]+)"
)
#: spark-submit, not a statement: nothing of the session runs yet. A statement of Livy has neither below it.
_SUBMITTING = re.compile(
    r"at org\.apache\.spark\.(?:deploy\.(?:yarn\.Client|yarn\.ApplicationMaster|SparkSubmit)|SparkContext\.<init>)"
)
#: Characters behind an exception in which the rest of its stack stands.
_STACK = 16_000
_LINE = 1_000
_SAFE_MODE = re.compile(r"\. ?Name ?[Nn]ode is in safe mode\b")
#: What HDFS then refuses, before it in the line.
_REFUSES = re.compile(r"\bCannot \w+")
_ENDS = re.compile(r"Safe mode will be turned off automatically in (\d{1,9}) seconds")
_BY_HAND = re.compile(r"It was turned on manually")
_LOW = re.compile(r"Resources are low on (?:NN|namenode)")

_SPARK = "Spark"


def _initial(case: Case) -> Finding | None:
    match = case.find(_INITIAL)
    if match is None:
        return None
    initial, least, most = (_first(match, name) for name in ("initial", "least", "most"))
    wanted = max(initial or 0, least or 0)
    asked = f"{wanted:,} executors at the start" if initial is not None else f"a minimum of {wanted:,} executors"
    ceiling, limit = "spark.dynamicAllocation.maxExecutors", most or 1
    conf = {"spark.dynamicAllocation.initialExecutors": str(limit), ceiling: str(limit)}
    if least and least > limit:
        conf = {"spark.dynamicAllocation.minExecutors": str(limit), **conf}
    fixes = (
        Fix(
            f"Start with {limit:,}, the most that may be had as it is. {REPLACES}",
            cell=configure({"numExecutors": limit, "conf": conf}),
            applicability="review",
        ),
        Fix(
            f"Or raise the most to {wanted:,}, where the policy allows it.",
            cell=configure({"conf": {ceiling: str(wanted)}}),
            applicability="review",
        ),
        AGAIN,
    )
    return Finding(
        title_of_start(case.session_id, f"it asks for {asked} and may have {most or 0:,}"),
        "Spark starts with the largest of numExecutors, initialExecutors and minExecutors, and refuses to start where "
        f"that is above {ceiling}. A part may come from the cluster's spark-defaults.conf.",
        (case.quote(match, _SPARK),),
        fixes,
        rank=95,
    )


def _first(match: re.Match[str], name: str) -> int | None:
    """Return the number of a group, under whichever of its names the pattern met it."""
    named = match.groupdict()
    number = next((named[key] for key in (name, f"{name}_there", f"{name}_alone") if named.get(key)), None)
    return None if number is None else int(number)


def _shuffle(case: Case) -> Finding | None:
    match = case.find(_SHUFFLE)
    if match is None:
        return None
    if match[0].startswith("Dynamic"):
        title = title_of_start(case.session_id, "dynamic allocation needs a shuffle service that is not switched on")
        cause = "Spark may only give executors back if something else serves the data that they leave behind."
    else:
        title = "The external shuffle service is missing on a node"
        cause = (
            "The session counts on it (spark.shuffle.service.enabled), and a NodeManager does not run it, or under "
            "another name or port: executors there end at once."
        )
    fixes = (
        Fix(
            f"From Spark 3.0 on: let Spark keep track of the data itself. {REPLACES}",
            cell=configure(
                {
                    "conf": {
                        "spark.shuffle.service.enabled": "false",
                        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
                    }
                }
            ),
            applicability="review",
        ),
        Fix(
            "Or do without dynamic allocation; the executors are then held until the session ends.",
            cell=configure(
                {
                    "numExecutors": 2,
                    "conf": {"spark.dynamicAllocation.enabled": "false", "spark.shuffle.service.enabled": "false"},
                }
            ),
            applicability="review",
        ),
        Fix(
            "For the operator, in yarn-site.xml on every node, with Spark's yarn-shuffle jar on its class path.",
            command="yarn.nodemanager.aux-services = mapreduce_shuffle,spark_shuffle",
            applicability="manual",
        ),
        IF_LOST,
    )
    return Finding(title, cause, (case.quote(match, _SPARK),), fixes, rank=88)


def _denied(case: Case) -> Finding | None:
    match = next((one for one in _DENIED.finditer(case.text) if _is_of_the_start(case, one)), None)
    if match is None:
        return None
    user, inode = match["user"], match["inode"]
    home = shlex.quote(f"/user/{user}")
    homeless = inode.rstrip("/") in {"/user", ""}
    cause = (
        f"Spark puts its files into {inode if not homeless else f'/user/{user}'} before it starts, and {user} may not "
        f"write there: it belongs to {match['owner']} ({match['mode']})."
    )
    fixes = (
        Fix(
            "For the operator: give the user a home." if homeless else "For the operator: give the folder to the user.",
            command=f"hdfs dfs -mkdir -p {home} && hdfs dfs -chown {shlex.quote(user)} {home}"
            if homeless
            else f"hdfs dfs -chown {shlex.quote(user)} {shlex.quote(inode)}",
            applicability="manual",
        ),
        Fix(
            f"Or use a folder that you may write to. {REPLACES}",
            cell=configure({"conf": {"spark.yarn.stagingDir": "hdfs:///tmp/…"}}),
            applicability="manual",
        ),
        AGAIN,
    )
    what = f"{user} has no home to put its files" if homeless else f"{user} may not write to {inode}"
    return Finding(
        title_of_start(case.session_id, what), cause, (case.quote(match, "the file system"),), fixes, rank=93
    )


def _is_of_the_start(case: Case, match: re.Match[str]) -> bool:
    """Say whether it was Spark's own start: a folder of Spark's, or spark-submit below it in the same stack."""
    if ".sparkStaging" in match["inode"]:
        return True
    other = _DENIED.search(case.text, match.end())
    end = match.end() + _STACK if other is None else min(other.start(), match.end() + _STACK)
    return _SUBMITTING.search(case.text, match.end(), end) is not None


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
        "LG304",
        "initial-executors-above-max",
        "more executors at the start than may ever be had",
        text.INITIAL,
        _initial,
        needles=("initial executor number ", "initialExecutors: ", ") must be less than or equal to spark.dynamicAll"),
    ),
    Entry(
        "LG305",
        "shuffle-service-missing",
        "the external shuffle service is missing",
        text.SHUFFLE,
        _shuffle,
        needles=(
            "Dynamic allocation of executors requires ",
            "The auxService:",
            "Unable to register with external shuffle server",
        ),
    ),
    Entry(
        "LG311",
        "staging-not-writable",
        "Spark may not write the files that it starts with",
        text.STAGING,
        _denied,
        needles=("Permission denied: user=",),
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
