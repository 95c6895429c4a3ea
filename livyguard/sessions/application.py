"""A session's application in its cluster, and when it may be killed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.sessions.model import UNTOLD
from livyguard.sessions.ownership import may_be

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.policy.pods import PodAsks
    from livyguard.sessions.model import LedgerEntry, Session

__all__ = ["LIVYS_TAG", "Application", "may_be_of", "unique_tags", "why_spared"]

#: YARN's words for an application that holds nothing any more, and Kubernetes' for such a pod.
OVER = frozenset({"FINISHED", "FAILED", "KILLED", "Succeeded", "Failed"})
UNIQUE_TAG = re.compile(r"livyguard-[0-9a-f]{8}")
#: What Livy itself writes into the tags of an interactive session's application: the session's number, and eight
#: letters. The cluster keeps it in lower case; no listing shows it.
LIVYS_TAG = re.compile(r"livy-session-(\d{1,18})-\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Application:
    """One application as the ResourceManager tells it, or Kubernetes' API of its pods.

    Attributes:
        id: ``application_1700000000000_0001``; on Kubernetes the pods' label ``spark-app-selector``, ``spark-…``.
        state: YARN's word: ``ACCEPTED`` waits for its driver, ``RUNNING``, ``FINISHED``, ``FAILED``, ``KILLED``, …;
            Kubernetes' word for the phase of the driver's pod: ``Pending``, ``Running``, …
        tags: all of them; YARN keeps them in lower case.
        user: YARN's: whom it runs as.
        queue: YARN's; on Kubernetes the namespace.
        diagnostics: why it waits or how it ended, in YARN's words; may hold many lines.
        memory_mib: what its containers hold now; None where the cluster does not say.
        cores: likewise.
        containers: likewise, the driver's among them.
        share: per cent of the whole cluster that its containers hold now, as YARN's scheduler counts.
        driver_log: URL of the driver's log, once the driver has a container.
        tracking_url: where the ResourceManager leads to its Spark UI, later to the history server.
        name: as it was submitted; foreign text.
        type: YARN's application type: ``SPARK``, ``MAPREDUCE``, …
        started: when it was submitted; seconds since the epoch.
        driver_pod: ``namespace/name`` of the driver's pod; None on YARN.
        driver_mib: what the driver's container holds; None where the cluster does not say.
        driver_containers: how many of the containers are the driver's; none on Kubernetes where it runs outside.
        driver_asks: what the driver's pod asks for, whether or not a node has taken it, in whole MiB; None on YARN.
        queued: when each pod that no node has taken yet was created, seconds since the epoch; Kubernetes alone.
    """

    id: str
    state: str
    tags: frozenset[str] = frozenset()
    user: str | None = None
    queue: str | None = None
    diagnostics: str = ""
    memory_mib: int | None = None
    cores: int | None = None
    containers: int | None = None
    share: float | None = None
    driver_log: str | None = None
    tracking_url: str | None = None
    name: str | None = None
    type: str | None = None
    started: float | None = None
    driver_pod: str | None = None
    driver_containers: int = 1
    driver_mib: int | None = None
    driver_asks: PodAsks | None = None
    queued: tuple[float, ...] = ()

    @property
    def executors(self) -> int | None:
        """How many containers it holds beside the driver's (in client mode: the application master's)."""
        return None if self.containers is None else max(0, self.containers - self.driver_containers)

    @property
    def is_over(self) -> bool:
        """Does it hold nothing any more?"""
        return self.state in OVER


def unique_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags that one session alone carries, ``livyguard-<8 hex>``."""
    return sorted(tag for tag in tags if UNIQUE_TAG.fullmatch(tag))


def may_be_of(application: Application, session_id: int) -> bool:
    """Tell whether Livy may have started an application for a session of this number.

    Livy shows our tags to everybody, and whoever copies one has it under another number: Livy's own tag tells them
    apart. An application without such a tag may be of any number.
    """
    numbers = {int(found[1]) for found in map(LIVYS_TAG.fullmatch, application.tags) if found is not None}
    return not numbers or session_id in {UNTOLD, *numbers}


def why_spared(
    application: Application,
    tag: str,
    ledger: Iterable[LedgerEntry],
    listed: Iterable[Session] | None,
    *,
    is_just_deleted: bool = False,
    is_named_by_operator: bool = False,
    carriers: int = 1,
) -> str | None:
    """Return why an application must not be killed, as the end of a sentence; None where it may be.

    A ResourceManager as it comes lets anybody kill anything, so it is killed only if it carries the unique tag of an
    entry in this machine's ledger, and Livy no longer lists that session or we have just deleted it; or if an operator
    names it. Livy shows tags to everybody, and anybody can write them: where another session carries it, too, nothing
    tells whose an application is.

    Args:
        application: as YARN tells it.
        tag: the unique tag by which it was looked for.
        ledger: every entry of this machine's ledger.
        listed: the sessions that Livy lists now; None where that is not known.
        is_just_deleted: Livy has just confirmed to us that the session of the tag is deleted.
        is_named_by_operator: somebody whom the policy makes an operator asked for this very one.
        carriers: how many living applications carry the tag; counts where Livy cannot be read.
    """
    not_to_be = _why_not_by_itself(application, tag)
    if not_to_be is not None or is_named_by_operator:
        return not_to_be
    entries = [entry for entry in ledger if entry.tag == tag]
    if not entries:
        return f"this machine has no record of a session tagged {tag}"
    entries = [entry for entry in entries if may_be_of(application, entry.session_id)]
    if not entries:
        return f"it carries the tag {tag}, and Livy's own tag on it is of another session's number"
    if is_just_deleted:
        return _why_not_its_own(tag, entries, listed, carriers)
    if listed is None:
        return "whether Livy still lists its session is not known"
    still = next((session for session in listed if any(may_be(session, entry) for entry in entries)), None)
    return None if still is None else f"Livy still lists its session {still.id}"


def _why_not_by_itself(application: Application, tag: str) -> str | None:
    if application.is_over:
        return f"it has ended ({application.state})"
    if not UNIQUE_TAG.fullmatch(tag):
        return f"{tag!r} is not the tag of one session"
    return None if tag in application.tags else f"it does not carry the tag {tag}"


def _why_not_its_own(
    tag: str, entries: Iterable[LedgerEntry], listed: Iterable[Session] | None, carriers: int
) -> str | None:
    """Return why an application may be another's than the deleted session's, which Livy may list for a while yet."""
    if listed is None:
        several = f"{carriers} applications carry the tag {tag}, and Livy cannot be asked whose they are"
        return several if carriers > 1 else None
    deleted = {(entry.endpoint, entry.session_id) for entry in entries}
    carrying = (one for one in listed if tag in one.tags and (one.endpoint, one.id) not in deleted)
    another = next(carrying, None)
    return None if another is None else f"session {another.id} carries the tag {tag}, too, so it may be that one's"
