"""LG304 and LG305: Spark refuses to start with these settings, or its executors do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import spark_start_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, IF_LOST, title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

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
)
