"""A pod of Spark's that Kubernetes ended with exit code 137, for LG217: by Spark's words, its table, or kubectl's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.entry import Finding
from livyguard.hints.fixes import IF_LOST
from livyguard.hints.model import Fix
from livyguard.hints.settings import configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["SMALLER_TASKS", "killed_pod"]

# With 143 Spark gives executors back that are idle.
_POD_KILLED = re.compile(r"The executor with id (?P<pod>\d{1,9}) exited with exit code 137\b")
_OUT_OF_MEMORY = re.compile(r"\bOOMKilled\b")
# Spark's table of a pod's containers, then that of `kubectl describe`, where the words above are not pasted with it.
_FULL = re.compile(
    r"exit code: 137\s{1,20}termination reason: OOMKilled\b|Reason:\s{1,20}OOMKilled\s{1,40}Exit Code:\s{1,20}137\b"
)
#: Whose pod a table is of: others' containers outgrow their limits as well.
_WHOSE = re.compile(r"spark-kubernetes-(driver|executor)\b|spark-role[=:] ?\"?(driver|executor)\b")
#: Characters behind a pod's end, in which the reason for it stands, and before a table's, in which its pod is named.
_BEHIND, _BEFORE = 2_000, 8_000

_SOURCE = "Kubernetes, by Spark"
_SIGNALLED = (
    "Nobody leaves a note with this signal. Mostly the pod used more memory than its limit: the heap and the overhead "
    "together; else its node ran out of memory, or somebody deleted the pod."
)
_TOO_LARGE = (
    "A pod's limit is the heap and the overhead together (OOMKilled). Java keeps to its heap; Python's workers, "
    "shuffle buffers and libraries live beside it, in the overhead."
)
_PODS = Fix(
    "See what Kubernetes says of the executors, where kubectl is at hand.",
    command="kubectl get pods --all-namespaces --selector spark-role=executor",
    applicability="review",
)
SMALLER_TASKS = Fix(
    "Give each executor more memory beside the heap, and fewer tasks at a time.",
    cell=configure({"executorCores": 1, "conf": {"spark.executor.memoryOverhead": "2g"}}),
    applicability="review",
)
_LARGER_DRIVER = Fix(
    "Give the driver more memory beside the heap.",
    cell=configure({"conf": {"spark.driver.memoryOverhead": "2g"}}),
    applicability="review",
)


def killed_pod(case: Case) -> Finding | None:
    """Return what a pod's end by SIGKILL comes to; None where none is told."""
    match = case.find(_POD_KILLED)
    if match is None:
        return _of_a_table(case)
    facts = [case.quote(match, _SOURCE)]
    title, cause = f"The pod of executor {match['pod']} was ended by SIGKILL (exit code 137)", _SIGNALLED
    if full := _OUT_OF_MEMORY.search(case.text, match.end(), match.end() + _BEHIND):
        facts.append(case.quote(full, _SOURCE))
        title = f"The pod of executor {match['pod']} used more memory than its limit, and Kubernetes killed it"
        cause = _TOO_LARGE
    return Finding(title, cause, tuple(facts), (SMALLER_TASKS, _PODS, IF_LOST), rank=60, is_survived=True)


def _of_a_table(case: Case) -> Finding | None:
    match = case.find(_FULL)
    if match is None:
        return None
    named = list(_WHOSE.finditer(case.text, max(match.start() - _BEFORE, 0), match.start()))
    if not named:
        return None
    whose = named[-1][1] or named[-1][2]
    return Finding(
        f"The {whose}'s pod used more memory than its limit, and Kubernetes killed it",
        _TOO_LARGE,
        (case.quote(match, "Kubernetes"),),
        (_LARGER_DRIVER, IF_LOST) if whose == "driver" else (SMALLER_TASKS, _PODS, IF_LOST),
        rank=60,
        is_survived=whose == "executor",
    )
