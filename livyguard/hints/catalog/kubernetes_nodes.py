"""LG401: Kubernetes finds no node for the driver or an executor, in the words of its scheduler."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.hints.catalog import kubernetes_text as text
from livyguard.hints.catalog.kubernetes_pods import (
    AGAIN,
    Pod,
    age_of,
    is_of,
    is_over,
    look_at,
    mebibytes,
    pod_before,
    quote,
    session_of,
)
from livyguard.hints.entry import FREE, LOOK, Entry, Finding
from livyguard.hints.fixes import WAIT, title_of_start
from livyguard.hints.memory import LEAST_HEAP, heap_in
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_NO_NODE = re.compile(
    r"0/(?P<nodes>\d{1,6}) nodes are available: (?P<why>[^\n]{1,2000})|no nodes available to schedule pods"
)
#: What became of it later: the scheduler's event, Spark's and Livy's phase, the pod's condition.
_PLACED = re.compile(
    r"Successfully assigned (?:[a-z0-9-]{1,253}/)?(?P<pod>[a-z0-9.-]{1,253}) to "
    r"|\bphase: (?:Running|Succeeded|Failed)\b|status=True, type=PodScheduled"
)
_COUNTED = re.compile(
    r"(?P<count>\d{1,6}) (?:(?P<over>Too many pods)|Insufficient (?P<lacks>[\w/-]{1,60}(?:\.[\w/-]{1,60}){0,5})"
    r"|node\(s\) (?P<words>(?:had|were) [^,.{]{0,100}(?:\{[^}]{0,200}\})?|[^,.]{1,150}))"
)
_TAINT = re.compile(r"\{([^:}]{1,150})")
_NO_SCALE_UP = re.compile(r"pod didn't trigger scale-up[^\n]{0,300}")
_SCALE_UP = re.compile(r"pod triggered scale-up[^\n]{0,300}")
#: What Livy's own words and kubectl's say that the pod asks for.
_ASKED = re.compile(r"(?i:requests):\s[^:]{0,40}?(?:cpu[:=][^:]{0,40}?)?memory[:=]\s{0,20}(\d{1,12}(?:[KMGT]i?)?)\b")
_NEVER_MIND = "preemption:"
_NODES = "kubectl get nodes --output custom-columns=NAME:.metadata.name,TAINTS:.spec.taints"
#: Seconds after which a node that was asked for does not come any more: the autoscaler gives one up sooner.
_STALE = 900
#: How many of the autoscaler's words of one kind are looked at, the last ones.
_MOST = 50
#: A heap that most nodes have room for, MiB.
_MODEST = 1024
_LACKS = {
    "memory": "with too little memory left",
    "cpu": "with too few cores left",
    "ephemeral-storage": "with too little disk left",
    "pods": "with no room for another pod",
}
#: The scheduler's words, and what they say of a node.
_SAYS = (
    ("pod topology spread constraints", "where it would break its spread over nodes or zones"),
    ("pod anti-affinity", "with a pod that it must not be beside"),
    ("pod affinity", "without the pod that it must be beside"),
    ("volume node affinity", "that cannot reach its volume"),
    ("affinity/selector", "that its selector or affinity leaves out"),
    ("node selector", "that its selector leaves out"),
    ("node affinity", "that its affinity leaves out"),
    ("unschedulable", "closed to new pods"),
)


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why the nodes do not take the pod.

    Attributes:
        told: one phrase for each of the scheduler's reasons, with its count.
        lacks: the resources that are short.
        is_kept_out: some nodes are kept from it by a taint, a selector, an affinity.
    """

    told: tuple[str, ...]
    lacks: frozenset[str]
    is_kept_out: bool


def _reasons(why: str) -> _Reasons:
    told, lacks, is_kept_out = [], set(), False
    for each in _COUNTED.finditer(why.partition(_NEVER_MIND)[0]):
        if each["words"] is not None:
            is_kept_out = True
            told.append(f"{each['count']} {_said(each['words'])}")
        else:
            short = each["lacks"] or "pods"
            lacks.add(short)
            told.append(f"{each['count']} {_LACKS.get(short, f'with no {short} left')}")
    return _Reasons(tuple(told), frozenset(lacks), is_kept_out)


def _said(words: str) -> str:
    if "taint" in words:
        named = _TAINT.search(words)
        return f"with a taint that it does not tolerate{f' ({named[1]})' if named else ''}"
    return next((meaning for part, meaning in _SAYS if part in words), f"that {excerpt(words)}")


def _unplaced(case: Case) -> re.Match[str] | None:
    """Return the scheduler's last word on a pod, unless a node took that pod afterwards."""
    match = case.find_last(_NO_NODE)
    if match is None:
        return None
    return None if is_over(case, pod_before(case, match.start()), _PLACED, match.end()) else match


def _find(case: Case) -> Finding | None:
    match = _unplaced(case)
    if match is None:
        return None
    pod = pod_before(case, match.start())
    reasons = _reasons(match["why"] or "")
    asked = _asked(case, match.start())
    what = pod.what if pod else "pod"
    if what == "executor":
        title = f"{session_of(case)} gets no more executors: no node takes one"
    else:
        title = title_of_start(case.session_id, f"no node takes its {what}", is_over=case.waited is None)
    refused = _told(case, _NO_SCALE_UP, pod)
    scale = _scale_up(case, pod, refused)
    told = scale or (refused[-1] if refused else None)
    facts = (quote(case, match), *([quote(case, told)] if told else ()))
    cause = _cause(match["nodes"], reasons, asked, what, is_growing=scale is not None)
    fixes = _fixes(pod, reasons, asked)
    if scale is not None:
        fixes = (_wait(pod, is_over=case.waited is None), *fixes)
    return Finding(title, cause, facts, fixes, 91)


def _told(case: Case, pattern: re.Pattern[str], pod: Pod | None) -> list[re.Match[str]]:
    """Return what the autoscaler says of the pod, the last words last."""
    found = deque(pattern.finditer(case.text), maxlen=_MOST)
    return [match for match in found if is_of(case, pod, match.start())]


def _scale_up(case: Case, pod: Pod | None, refused: list[re.Match[str]]) -> re.Match[str] | None:
    """Return where the autoscaler says that it adds a node for the pod, not long ago, and does not take it back."""
    for match in reversed(_told(case, _SCALE_UP, pod)):
        age = age_of(case, match.start())
        if (age is None or age <= _STALE) and not any(_is_later(case, other, match, age) for other in refused):
            return match
    return None


def _is_later(case: Case, other: re.Match[str], match: re.Match[str], age: int | None) -> bool:
    """Tell whether one event is younger than another: by their ages where both tell one, else by their order."""
    others = age_of(case, other.start())
    if age is None or others is None or others == age:
        return other.start() > match.start()
    return others < age


def _wait(pod: Pod | None, *, is_over: bool) -> Fix:
    if pod is not None and pod.is_executor:
        then = "the session then gets its executors by itself"
    else:
        then = "then start again" if is_over else "the start then goes on by itself"
    which = f"pod {pod.name}" if pod and pod.name else "pods --all-namespaces --selector spark-role"
    where = f" --namespace {pod.namespace}" if pod and pod.name and pod.namespace else ""
    return Fix(
        f"{WAIT}, a minute or two; {then}. This shows how the pod gets on, where kubectl is at hand.",
        command=f"kubectl get {which}{where} --watch",
        applicability="review",
    )


def _cause(nodes: str | None, reasons: _Reasons, asked: int | None, what: str, *, is_growing: bool) -> str:
    if nodes is None or not reasons.told:
        told = "Kubernetes has no node that the pod could run on."
    else:
        which = "The only node does not take it" if nodes == "1" else f"None of the {nodes} nodes takes it"
        told = f"{which}: {', '.join(reasons.told)}."
    size = f" The {what} asks for {asked:,} MiB, its overhead included." if asked else ""
    if is_growing:
        return f"{told}{size} The autoscaler is adding a node, for which it waits."
    waits = "It waits until a session ends or a node is added" if reasons.lacks else "It waits until the operator acts"
    less = ", or it asks for less." if reasons.lacks else "."
    return f"{told}{size} {waits}{less}"


def _fixes(pod: Pod | None, reasons: _Reasons, asked: int | None) -> tuple[Fix, ...]:
    fixes = [look_at(pod)]
    if reasons.lacks:
        fixes += [LOOK, FREE, *_smaller(pod, reasons.lacks, asked)]
    if reasons.is_kept_out or not reasons.lacks:
        fixes += [
            Fix("See which nodes there are, and their taints.", command=_NODES, applicability="review"),
            Fix(
                "For the operator: let Spark's pods onto the nodes that are meant for them, by a pod template with "
                "their toleration or by their label.",
                command="spark.kubernetes.node.selector.LABEL = VALUE",
                applicability="manual",
            ),
        ]
    return (*fixes, AGAIN)


def _smaller(pod: Pod | None, lacks: frozenset[str], asked: int | None) -> Iterator[Fix]:
    """Yield a cell that asks for less of what is short: half of what is asked for, where that is known and is less."""
    fields: dict[str, object] = {}
    heap = max(heap_in(asked // 2), LEAST_HEAP) if asked else _MODEST
    for who in (pod.what,) if pod else ("driver", "executor"):
        if "memory" in lacks and (asked is None or heap < heap_in(asked)):
            fields[f"{who}Memory"] = f"{heap}m"
        if "cpu" in lacks:
            fields[f"{who}Cores"] = 1
    if fields:
        is_half = asked is not None and any(name.endswith("Memory") for name in fields)
        what = (
            "Ask for half of it, as in this cell" if is_half else "If you asked for more, ask for what this cell says"
        )
        yield Fix(f"{what}. {REPLACES}", cell=configure(fields), applicability="review")


def _asked(case: Case, place: int) -> int | None:
    """Return the memory that the pod before a place in the text asks for, MiB; None where nothing says it."""
    named = pod_before(case, place)
    start = named.place if named else 0
    amounts = [found[1] for found in _ASKED.finditer(case.text, start, place)]
    return mebibytes(amounts[-1]) if amounts else None


ENTRIES = (
    Entry(
        "LG401",
        "pod-unschedulable",
        "no node takes the driver or an executor",
        text.UNSCHEDULABLE,
        _find,
        needles=(" nodes are available: ", "no nodes available to schedule pods"),
    ),
)
