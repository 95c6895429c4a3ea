"""What the hints of Kubernetes share: which pod a line is about, what it asks for, and how to look at it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from livyguard.hints.fixes import AGAIN
from livyguard.hints.model import Evidence, Fix

if TYPE_CHECKING:
    from typing import Literal

    from livyguard.hints.evidence import Case

__all__ = [
    "AGAIN",
    "MIB",
    "Pod",
    "heap_within",
    "is_over",
    "look_at",
    "mebibytes",
    "pod_before",
    "quantity",
    "quote",
    "session_of",
    "start_of",
]

# How Livy, Spark, kubectl and the API call one of Spark's pods; and livyguard's own words, which name none.
_POD = re.compile(
    r'(?m:(?:pod name: |\bName:\s{1,20}|\b[Pp]ods?[ /]\\?"?|\bassigned (?P<home>[a-z0-9-]{1,63})/|^)'
    r"(?P<name>[a-z0-9][a-z0-9.-]{0,240}-(?:driver|exec-\d{1,9}))(?![\w-])(?:\.(?P<namespace>[a-z0-9-]{1,63}):$)?)"
    r"|(?P<executors>\d{1,6} executors? waits? for a node)"
    r"|(?P<driver> Pending in queue [a-z0-9-]{1,63}:)"
)
_NAMESPACE = re.compile(r"(?i:namespaces?)(?:[:=]\s{0,20}|/)([a-z0-9][a-z0-9-]{0,62})\b")
#: Characters after a pod's name where its namespace may stand; before a line, where its pod may be named; before one
#: of many.
_NEAR, _FAR, _CLOSE = 200, 50_000, 4_000
#: How many of the things that became of pods are looked through, the last ones.
_MOST = 50
_QUANTITY = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(m|[kKMGTP]i?)?")
_UNITS = {
    "m": Decimal("0.001"),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTP", 1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTP", 1)},
}
MIB = 2**20
#: Spark adds a tenth for what the JVM needs beside its heap, and 384 MiB at least.
_OVERHEAD, _LEAST_OVERHEAD = 0.10, 384


@dataclass(frozen=True, slots=True)
class Pod:
    """One of Spark's pods, as a text names it.

    Attributes:
        name: empty where the text says only that it is the driver, or an executor.
        namespace: where it is, if the text says so.
        is_executor: an executor, or the driver.
        place: where in the text it is named.
    """

    name: str = ""
    namespace: str | None = None
    is_executor: bool = False
    place: int = 0

    @property
    def what(self) -> Literal["driver", "executor"]:
        """``driver`` or ``executor``."""
        return "executor" if self.is_executor else "driver"


def pod_before(case: Case, place: int, far: int = _FAR) -> Pod | None:
    """Return the pod that is named last before a place in the text, ``far`` characters at most; None where none is."""
    last = deque(_POD.finditer(case.text, max(place - far, 0), place), maxlen=1)
    return _pod(case, last[0]) if last else None


def is_over(case: Case, pod: Pod | None, pattern: re.Pattern[str], start: int) -> bool:
    """Tell whether a text says from a place on that a pod is past its trouble.

    Args:
        case: what is known.
        pod: which; None where nothing names it, and then whatever comes later may be of it.
        pattern: what says so; its group ``pod``, if it has one, is the pod's name where the words name it.
        start: where in the text to begin.
    """
    for found in deque(pattern.finditer(case.text, start), maxlen=_MOST):
        other = _named(found) or pod_before(case, found.start(), _CLOSE)
        if pod is None or other is None or other.name == pod.name:
            return True
    return False


def _named(match: re.Match[str]) -> Pod | None:
    name = match.groupdict().get("pod")
    return Pod(name) if name else None


def _pod(case: Case, match: re.Match[str]) -> Pod:
    if not match["name"]:
        return Pod(is_executor=bool(match["executors"]), place=match.start())
    namespace = match["namespace"] or match["home"]
    if namespace is None:
        near = _NAMESPACE.search(case.text, match.end(), match.end() + _NEAR)
        namespace = near[1] if near else None
    return Pod(match["name"], namespace, "-exec-" in match["name"], match.start())


def look_at(pod: Pod | None) -> Fix:
    """Return the command that shows what became of a pod; it only reads."""
    if pod is None or not pod.name:
        return Fix(
            "See which of Spark's pods wait, where kubectl is at hand.",
            command="kubectl get pods --all-namespaces --selector spark-role --field-selector status.phase=Pending",
        )
    where = f" --namespace {pod.namespace}" if pod.namespace else ""
    return Fix(
        "See what Kubernetes says of it, where kubectl is at hand: its events stand at the end.",
        command=f"kubectl describe pod {pod.name}{where}",
    )


def quote(case: Case, match: re.Match[str]) -> Evidence:
    """Return the line of a match as Kubernetes' words, wherever they were read."""
    return replace(case.quote(match, ""), source="Kubernetes")


def session_of(case: Case) -> str:
    """Return ``Session 7``, or what to say where nobody knows its number."""
    return f"Session {case.session_id}" if case.session_id is not None else "The session"


def start_of(case: Case, hindrance: str) -> str:
    """Return the title of a start that Kubernetes hinders: one that failed, or one that still goes on."""
    return f"{session_of(case)} {'did not start' if case.waited is None else 'waits'}: {hindrance}"


def quantity(text: str) -> Decimal | None:
    """Read an amount as Kubernetes writes it, ``1408Mi``, ``1500m``, ``2``; None for what is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    unit = _UNITS.get(match[2]) if match[2] else Decimal(1)
    return None if unit is None else Decimal(match[1]) * unit


def mebibytes(text: str) -> int | None:
    """Read an amount of memory, rounded down to whole MiB; None for what is none."""
    amount = quantity(text)
    return None if amount is None else int(amount / MIB)


def heap_within(container: int) -> int:
    """Return the largest heap, MiB, that fits with its overhead into a container of so many MiB; 0 where none does."""
    return max(min(container - _LEAST_OVERHEAD, int(container / (1 + _OVERHEAD))), 0)
