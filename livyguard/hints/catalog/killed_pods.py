"""A pod of Spark's that Kubernetes ended with exit code 137, for LG217: by Spark's words, its table, or kubectl's."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from itertools import islice
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
_OWN = re.compile(r"spark-kubernetes-(driver|executor)\b")
_WHOSE = re.compile(
    r"(?:spark-kubernetes-|\bspark-role(?:[=:] ?\"?| -> )|\bpod name: [a-z0-9.-]{1,240}-|"
    r"^[ \t]{0,20}Name:[ \t]{1,20}[a-z0-9.-]{1,240}-)(?:(driver)(?![\w-])|exec(?:utor\b|-\d{1,9}(?![\w-])))",
    re.MULTILINE,
)
#: Where what is told of one pod begins, and what each of its containers is called, by Spark and by kubectl.
_POD = re.compile(r"(?m:\bpod name: |^[ \t]{0,20}Name:[ \t]{1,20}(?=[a-z0-9]))")
_CONTAINER = re.compile(
    r"(?m:\bcontainer name: ([a-z0-9][a-z0-9-]{0,62})(?![\w-])"
    r"|^[ \t]{0,20}([a-z0-9][a-z0-9-]{0,62}):[ \t]{0,20}\n[ \t]{0,20}(?:Container ID|Image):)"
)
#: What runs beside Spark and says so by its name.
_BESIDE = re.compile(
    r"fluent|istio|envoy|linkerd|vault|beat|vector|promtail|proxy|agent|otel|collector|sidecar|logg|log-"
)
#: Characters behind a pod's end, in which the reason for it stands, and around a table, in which its pod is told.
_BEHIND, _AROUND = 2_000, 8_000
#: How many tables are looked at, the first ones.
_LOOKED_AT = 20

_SOURCE = "Kubernetes, by Spark"
_SIGNALLED = (
    "Nobody leaves a note with this signal. Mostly the pod used more memory than its limit: the heap and the overhead "
    "together; else its node ran out of memory, or somebody deleted the pod."
)
_TOO_LARGE = (
    "A pod's limit is the heap and the overhead together (OOMKilled). Java keeps to its heap; Python's workers, "
    "shuffle buffers and libraries live beside it, in the overhead."
)
_TOO_LARGE_BESIDE = (
    "It runs beside Spark in the same pod, with a limit of its own (OOMKilled). Spark's memory settings do not change "
    "that limit."
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


@dataclass(frozen=True, slots=True)
class _Killed:
    """A container that was killed.

    Attributes:
        whose: ``driver`` or ``executor``, whose pod it was in.
        beside: its name, where it is not Spark's own container.
        match: where the text says that it was killed.
    """

    whose: str
    beside: str
    match: re.Match[str]


def killed_pod(case: Case) -> Finding | None:
    """Return what a pod's end by SIGKILL comes to; None where none is told."""
    match = case.find(_POD_KILLED)
    if match is None:
        return _of_a_table(case)
    facts = [case.quote(match, _SOURCE)]
    title, cause = f"The pod of executor {match['pod']} was ended by SIGKILL (exit code 137)", _SIGNALLED
    fixes: tuple[Fix, ...] = (SMALLER_TASKS, _PODS, IF_LOST)
    if full := _OUT_OF_MEMORY.search(case.text, match.end(), match.end() + _BEHIND):
        facts.append(case.quote(full, _SOURCE))
        pod = f"pod of executor {match['pod']}"
        if beside := _beside(case, match.end(), full):
            title, cause, fixes = _title_beside(beside, pod), _TOO_LARGE_BESIDE, _fixes_beside("executor")
        else:
            title, cause = f"The {pod} used more memory than its limit, and Kubernetes killed it", _TOO_LARGE
    return Finding(title, cause, tuple(facts), fixes, rank=60, is_survived=True)


def _of_a_table(case: Case) -> Finding | None:
    found = (_killed(case, match) for match in islice(_FULL.finditer(case.text), _LOOKED_AT))
    sparks = [killed for killed in found if killed is not None]
    if not sparks:
        return None
    killed = next((one for one in sparks if not one.beside), sparks[0])
    facts = (case.quote(killed.match, "Kubernetes"),)
    if killed.beside:
        title, fixes = _title_beside(killed.beside, f"{killed.whose}'s pod"), _fixes_beside(killed.whose)
        return Finding(title, _TOO_LARGE_BESIDE, facts, fixes, rank=60, is_survived=True)
    return Finding(
        f"The {killed.whose}'s pod used more memory than its limit, and Kubernetes killed it",
        _TOO_LARGE,
        facts,
        (_LARGER_DRIVER, IF_LOST) if killed.whose == "driver" else (SMALLER_TASKS, _PODS, IF_LOST),
        rank=60,
        is_survived=killed.whose == "executor",
    )


def _killed(case: Case, match: re.Match[str]) -> _Killed | None:
    """Return whose container a table says was killed; None where the pod is none of Spark's."""
    first = max(match.start() - _AROUND, 0)
    heads = deque(_POD.finditer(case.text, first, match.start()), maxlen=1)
    start = heads[0].start() if heads else first
    names = _containers(case, start, match.start())
    if names and (own := _OWN.fullmatch(names[-1])):
        return _Killed(own[1], "", match)
    told = deque(_WHOSE.finditer(case.text, start, match.start()), maxlen=1)
    if not told:
        return None
    return _Killed(told[0][1] or "executor", _beside(case, start, match), match)


def _beside(case: Case, start: int, match: re.Match[str]) -> str:
    """Return the name of the killed container, where it is not Spark's own; empty where it is, or has no name.

    A pod template may call Spark's container otherwise: it is the pod's only one, or does not say what else it is.
    """
    names = _containers(case, start, match.start())
    if not names or _OWN.fullmatch(names[-1]):
        return ""
    after = _POD.search(case.text, match.end(), match.end() + _AROUND)
    all_names = _containers(case, start, after.start() if after else match.end() + _AROUND)
    is_beside = any(_OWN.fullmatch(name) for name in all_names) or _BESIDE.search(names[-1])
    return names[-1] if is_beside else ""


def _containers(case: Case, start: int, end: int) -> list[str]:
    return [found[1] or found[2] for found in _CONTAINER.finditer(case.text, start, end)]


def _title_beside(name: str, pod: str) -> str:
    return f"The container {name} in the {pod} used more memory than its limit, and Kubernetes killed it"


def _fixes_beside(whose: str) -> tuple[Fix, ...]:
    limit = Fix(
        "For the operator: give that container a larger limit, in the pod template or where it is added to pods.",
        command=f"spark.kubernetes.{whose}.podTemplateFile = FILE",
        applicability="manual",
    )
    return (limit, IF_LOST)
