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
    "age_of",
    "is_of",
    "is_over",
    "look_at",
    "mebibytes",
    "pod_before",
    "quantity",
    "quote",
    "session_of",
]

# How Livy, Spark, kubectl and the API call one of Spark's pods; and livyguard's own words, which name none.
_POD = re.compile(
    r'(?m:(?:pod name: |\bName:\s{1,20}|\b[Pp]ods?[ /]\\?"?|\bassigned (?P<home>[a-z0-9][a-z0-9-]{0,62})/|^)'
    r"(?P<name>[a-z0-9][a-z0-9.-]{0,240}-(?:driver|exec-\d{1,9}))(?![\w-])(?:\.(?P<namespace>[a-z0-9-]{1,63}):$)?)"
    r"|(?P<executors>\d{1,6} executors? waits? for a node)"
    r"|(?P<driver> Pending in queue [a-z0-9-]{1,63}:)"
)
_NAMESPACE = re.compile(r"(?i:namespaces?)(?:[:=]\s{0,20}|/)([a-z0-9][a-z0-9-]{0,62})\b")
# A line of `kubectl get events` (its age first) or of `kubectl describe` (behind the reason).
_SPAN = r"(?:\d{1,6}[dhms]){1,4}"
_EVENT = re.compile(
    rf"(?:[ \t]{{0,20}}|\S{{1,63}}[ \t]{{1,20}})"
    rf"(?:(?P<last>{_SPAN})[ \t]{{1,20}}(?:\(x\d{{1,9}} over {_SPAN}\)[ \t]{{1,20}})?)?"
    rf"(?:Normal|Warning)[ \t]{{1,20}}\w{{1,60}}[ \t]{{1,20}}(?P<age>{_SPAN})?"
)
# Whom an event's own line is about, and whom a whole description is: any pod, Spark's or not.
_OBJECT = re.compile(r"\b[Pp]od[/ ](?P<name>[a-z0-9][a-z0-9.-]{0,252})(?=[:\s])")
_DESCRIBED = re.compile(r"(?m:\bpod name: |^Name:[ \t]{1,20})(?P<name>[a-z0-9][a-z0-9.-]{0,252})")
_TIMES = re.compile(r"(\d{1,6})([dhms])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
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


def is_of(case: Case, pod: Pod | None, place: int) -> bool:
    """Tell whether the event at a place in the text may be of a pod: its line names it, or what stands above it.

    Args:
        case: what is known.
        pod: which; None where nothing names it, and then any event may be of it.
        place: where the event's message begins.
    """
    if pod is None:
        return True
    first = max(place - _CLOSE, 0)
    own = _OBJECT.search(case.text, max(case.text.rfind("\n", first, place) + 1, first), place)
    if own is not None and pod.name:
        return own["name"] == pod.name
    other = pod_before(case, place, _CLOSE)
    described = deque(_DESCRIBED.finditer(case.text, first, place), maxlen=1)
    if described and pod.name and (other is None or described[0].end() > other.place):
        return described[0]["name"] == pod.name
    if other is None:
        return True
    return other.name == pod.name if other.name and pod.name else other.what == pod.what


def age_of(case: Case, place: int) -> int | None:
    """Return how long ago the event at a place in the text was seen last, seconds; None where nothing tells it."""
    event = _event_before(case, place)
    return None if event is None else _age(event)


def is_over(case: Case, pod: Pod | None, pattern: re.Pattern[str], start: int) -> bool:
    """Tell whether a text says from a place on that a pod is past its trouble.

    A table of events may have the newest first. There the ages count; where they tell nothing, the pod's trouble is
    over if the text says so anywhere.

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
    event = _event_before(case, start)
    return event is not None and pod is not None and bool(pod.name) and _is_newer(case, pod, pattern, event)


def _is_newer(case: Case, pod: Pod, pattern: re.Pattern[str], event: re.Match[str]) -> bool:
    """Tell whether an event above another one says that the pod is past its trouble, and is no older."""
    for found in deque(pattern.finditer(case.text, 0, event.start()), maxlen=_MOST):
        above = _event_before(case, found.start())
        other = _named(found) or pod_before(case, found.start(), _CLOSE)
        if above is None or other is None or other.name != pod.name:
            continue
        newest, oldest = _age(above), _age(event)
        if newest is None or oldest is None or newest <= oldest:
            return True
    return False


def _event_before(case: Case, place: int) -> re.Match[str] | None:
    """Return the head of the event whose line a place is in or just behind; None where it is in no table of events."""
    start = case.text.rfind("\n", 0, place) + 1
    return _EVENT.match(case.text, start, place)


def _age(event: re.Match[str]) -> int | None:
    """Return how long ago an event was seen last, seconds; None where its line does not say."""
    told = event["last"] or event["age"]
    if told is None:
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in _TIMES.findall(told))


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
            applicability="review",
        )
    where = f" --namespace {pod.namespace}" if pod.namespace else ""
    return Fix(
        "See what Kubernetes says of it, where kubectl is at hand: its events stand at the end.",
        command=f"kubectl describe pod {pod.name}{where}",
        applicability="review",
    )


def quote(case: Case, match: re.Match[str]) -> Evidence:
    """Return the line of a match as Kubernetes' words, wherever they were read."""
    return replace(case.quote(match, ""), source="Kubernetes")


def session_of(case: Case) -> str:
    """Return ``Session 7``, or what to say where nobody knows its number."""
    return f"Session {case.session_id}" if case.session_id is not None else "The session"


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
