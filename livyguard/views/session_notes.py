"""What stands below the listing's table: what is not in it, and what could be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.sessions.filters import APPLICATION
from livyguard.sessions.model import ABANDONED
from livyguard.views.text import memory, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.sessions.rows import SessionList

__all__ = ["cluster_faults", "notes"]


def notes(sessions: SessionList, release: str = "%livy_release") -> list[str]:
    """Return sentences: what Livy does not list, what could not be asked, what else holds the cluster, what to free.

    Args:
        sessions: the listing.
        release: how a session is released where this is read.
    """
    return [*_lacking(sessions), *_holding(sessions), *_unsettled(sessions), *_to_free(sessions, release)]


def cluster_faults(sessions: SessionList) -> list[str]:
    """Say of each cluster that could not be asked what is not shown therefore."""
    lacking = "What sessions hold now, and applications without a session, are not shown"
    return [f"{lacking}: {plain(fault, limit=400)}" for fault in sessions.cluster_faults]


def _lacking(sessions: SessionList) -> Iterator[str]:
    yield from (f"Livy lists no session {number}." for number in sessions.missing)
    yield from (f"Not listed: {plain(fault)}" for fault in sessions.faults)
    yield from cluster_faults(sessions)
    if sessions.not_looked_at:
        count = sessions.not_looked_at
        yield (
            f"{count} more idle {'session was' if count == 1 else 'sessions were'} not asked since when: "
            "--user, --state or session ids narrow the listing down."
        )


def _holding(sessions: SessionList) -> Iterator[str]:
    others = sessions.others
    if others.applications:
        noun = "application holds" if others.applications == 1 else "applications hold"
        yield (
            f"{others.applications} other {noun} {memory(others.memory_mib)} and {others.cores} "
            f"{'core' if others.cores == 1 else 'cores'}: batches, jobs that were submitted without Livy."
        )


def _unsettled(sessions: SessionList) -> Iterator[str]:
    if any(row.at_work == "perhaps" for row in sessions):
        yield (
            "Whether executors of a session in which nothing runs are held always, or are at work, is not known: "
            "[cluster] dynamic_allocation = true or false in the policy says it."
        )


def _to_free(sessions: SessionList, release: str) -> Iterator[str]:
    broken = [str(row.id) for row in sessions if row.mine is True and row.state in ABANDONED]
    if broken:
        noun = "Session" if len(broken) == 1 else "Sessions"
        yield (
            f"{noun} {', '.join(broken)}: the interpreter is dead and the driver goes on, until somebody frees it: "
            f"{release} {' '.join(broken)}"
        )
    ended = [row for row in sessions if row.mine is True and row.lives_on]
    for row in ended:
        yield (
            f"Session {row.id} is {plain(row.state)} for Livy, and its application {plain(row.app_id)} goes on: "
            f"{release} {row.id}"
        )
    ours = [orphan.application for orphan in sessions.orphans if orphan.is_ours]
    in_yarn = [one.id for one in ours if APPLICATION.fullmatch(one.id)]
    if in_yarn:
        options = " ".join(f"--app {app_id}" for app_id in in_yarn)
        yield f"What is left of sessions of this machine is ended by: {release} {options}"
    for pod in [one.driver_pod for one in ours if one.driver_pod is not None]:
        namespace, _, name = pod.partition("/")
        yield (
            "What is left of a session of this machine is ended by: "
            f"kubectl delete pod --namespace {plain(namespace)} {plain(name)}"
        )
