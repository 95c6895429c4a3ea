"""Kubernetes' JSON of Spark's pods as livyguard's records.

The labels are those of Spark 3.5 (``org.apache.spark.deploy.k8s.Constants``) and of Livy 0.9
(``org.apache.livy.utils.KubernetesConstants``). Of a container's environment nothing is read but ``SPARK_USER``, which
Spark sets on every pod: other variables hold secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from livyguard.policy.tags import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OVER", "ROLE", "Pod", "moment_of", "pods_from", "quantity_of", "table_of", "text_of"]

#: The phases of a pod that holds nothing any more.
OVER = frozenset({"Succeeded", "Failed"})
ROLE, APP_ID, APP_NAME, LIVYS_TAG = "spark-role", "spark-app-selector", "spark-app-name", "spark-app-tag"
UNIQUE = re.compile(r"[0-9a-f]{8}")
#: No cluster has that much of anything; what says so is no quantity.
MOST = Decimal(2**63)


@dataclass(frozen=True, slots=True)
class Pod:
    """What livyguard reads of one pod of Spark's.

    Attributes:
        app_id: the label ``spark-app-selector``, the same on driver and executors.
        name: its own.
        namespace: where it is.
        is_driver: the driver, or an executor.
        phase: ``Pending``, ``Running``, ``Succeeded``, ``Failed`` or ``Unknown``; ``Terminating``, as kubectl says,
            while it is being deleted and holds what it held.
        is_placed: a node has taken it, so that what it asks for is held for it.
        tags: as they would stand in YARN: Livy's and livyguard's own.
        user: whom Spark runs as, in the words of whoever submitted it: shown, never acted on; None where nothing tells.
        app_name: the application's, as far as a label can hold it.
        created: seconds since the epoch.
        memory: bytes that its containers ask for; None where none asks.
        cpu: cores, likewise.
        cpu_limit: cores that they may use at most; None where none has such a limit.
        waits: why it does not run, one line for each reason.
    """

    app_id: str
    name: str
    namespace: str
    is_driver: bool
    phase: str
    is_placed: bool = False
    tags: frozenset[str] = frozenset()
    user: str | None = None
    app_name: str | None = None
    created: float | None = None
    memory: Decimal | None = None
    cpu: Decimal | None = None
    cpu_limit: Decimal | None = None
    waits: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Does it hold nothing any more?"""
        return self.phase in OVER


def pods_from(items: Iterable[object]) -> list[Pod]:
    """Return the pods of a list's items, without those that are not Spark's."""
    found = [_pod(item) for item in items]
    return [pod for pod in found if pod is not None]


def _pod(item: object) -> Pod | None:
    meta, spec, status = (table_of(table_of(item).get(part)) for part in ("metadata", "spec", "status"))
    labels = table_of(meta.get("labels"))
    role, app_id, name = text_of(labels.get(ROLE)), text_of(labels.get(APP_ID)), text_of(meta.get("name"))
    if role not in {"driver", "executor"} or app_id is None or name is None:
        return None
    containers = list(_tables(spec.get("containers")))
    return Pod(
        app_id=app_id,
        name=name,
        namespace=text_of(meta.get("namespace")) or "default",
        is_driver=role == "driver",
        phase=_phase(meta, status),
        is_placed=text_of(spec.get("nodeName")) is not None,
        tags=frozenset(_tags(labels)),
        user=_user(containers),
        # Spark 2 writes an annotation where Spark 3 writes a label.
        app_name=text_of(labels.get(APP_NAME)) or text_of(table_of(meta.get("annotations")).get(APP_NAME)),
        created=moment_of(meta.get("creationTimestamp")),
        memory=_asked(containers, "memory"),
        cpu=_asked(containers, "cpu"),
        cpu_limit=_asked(containers, "cpu", "limits"),
        waits=tuple(_waits(status)),
    )


def _phase(meta: dict[str, Any], status: dict[str, Any]) -> str:
    phase = text_of(status.get("phase")) or "Unknown"
    return "Terminating" if text_of(meta.get("deletionTimestamp")) and phase not in OVER else phase


def _tags(labels: dict[str, Any]) -> Iterator[str]:
    """Yield the tags that stand for the labels: what YARN would show of the same session."""
    livys, ours, user = (text_of(labels.get(key)) for key in (LIVYS_TAG, PREFIX, f"{PREFIX}-user"))
    if livys is not None:
        yield livys
    if ours is not None:
        yield PREFIX
        if UNIQUE.fullmatch(ours):
            yield f"{PREFIX}-{ours}"
    if user is not None:
        yield f"{PREFIX}-user-{user}"


def _user(containers: list[dict[str, Any]]) -> str | None:
    """Return what Spark's submission wrote: the first, since what a session's conf adds comes after it."""
    variables = [one for container in containers for one in _tables(container.get("env"))]
    return next((text_of(one.get("value")) for one in variables if one.get("name") == "SPARK_USER"), None)


def _asked(containers: list[dict[str, Any]], resource: str, which: str = "requests") -> Decimal | None:
    """Return what the containers ask for together; None where none asks for any."""
    requests = [table_of(table_of(container.get("resources")).get(which)).get(resource) for container in containers]
    amounts = [amount for request in requests if (amount := quantity_of(request)) is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def quantity_of(value: object) -> Decimal | None:
    """Read ``1408Mi``, ``1500m``, ``1e3``; None for what is no quantity."""
    from kubernetes.utils.quantity import parse_quantity

    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        amount: Decimal = parse_quantity(value)
    except (ValueError, ArithmeticError):
        return None
    return amount if amount.is_finite() and 0 <= amount < MOST else None


def _waits(status: dict[str, Any]) -> Iterator[str]:
    """Yield why a pod does not run, in Kubernetes' words."""
    yield from _said(status)
    for condition in _tables(status.get("conditions")):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield from _said(condition)
    for part in ("initContainerStatuses", "containerStatuses"):
        for container in _tables(status.get(part)):
            yield from _said(table_of(table_of(container.get("state")).get("waiting")))


def _said(place: dict[str, Any]) -> Iterator[str]:
    words = [word for word in (text_of(place.get("reason")), text_of(place.get("message"))) if word is not None]
    if words:
        yield ": ".join(words)


def moment_of(value: object) -> float | None:
    """Return a time as seconds since the epoch; None for what is none."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def text_of(value: object) -> str | None:
    """Return a text; None for what is none, or empty."""
    return value if isinstance(value, str) and value else None


def table_of(value: object) -> dict[str, Any]:
    """Return an object; an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> Iterable[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
