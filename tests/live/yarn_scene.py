"""Several people in front of one YARN: who holds what there, and what ``livyguard`` tells each of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.live.people import SMALL, Desk, Person, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.live.yarn_stack import Stack

__all__ = ["HELD_ALWAYS", "Scene", "actions", "listed", "obey", "orphans", "starting"]

POLICY = """
version = 1
operators = {{ users = ["admin"] }}

[cluster]
manager = "yarn"
resource_manager = "{web}"
{more}

[defaults]
limits."executors.max" = {{ max = 2, default = 1, reason = "one node" }}
"""
HELD_ALWAYS = "dynamic_allocation = false"


@dataclass(frozen=True)
class Scene:
    """Two people with two sessions each on one YARN, an operator, and everybody's machine.

    Attributes:
        rested: of alice's, idle; livyguard created it.
        working: of alice's, busy.
        static: of bob's, idle; it holds its executor always.
        elastic: of bob's, idle; it allocates dynamically, and holds no executor.
    """

    stack: Stack
    people: Mapping[str, Person]
    desks: Mapping[str, Desk]
    rested: int
    working: int
    static: int
    elastic: int

    def held(self) -> dict[int, dict[str, Any]]:
        """Return what the ResourceManager says of each session with a living application, in livyguard's words."""
        living = {app["id"]: app for app in self.stack.yarn.living()}
        apps = {number: living.get(one["appId"]) for number, one in self.people["admin"].sessions().items()}
        return {number: _in_our_words(app) for number, app in apps.items() if app is not None}

    def executors(self) -> dict[int, int]:
        """Return how many executors each session holds."""
        return {number: one["executors_held"] for number, one in self.held().items()}

    def alive(self) -> dict[int, tuple[str, str]]:
        """Return owner and state of every session that has not ended."""
        return self.people["admin"].alive()


def _in_our_words(app: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "app_id": app["id"],
        "app_state": app["state"],
        "queue": app["queue"],
        "executors_held": app["runningContainers"] - 1,
        "memory_mib_held": app["allocatedMB"],
        "cores_held": app["allocatedVCores"],
        "cluster_share": app["clusterUsagePercentage"],
    }


def obey(desk: Desk, web: str, more: str = HELD_ALWAYS) -> None:
    """Let a policy hold on a machine.

    Args:
        desk: which.
        web: the ResourceManager, as the policy has it.
        more: what else it says of the cluster.
    """
    assert desk.policy is not None
    desk.policy.write_text(POLICY.format(web=web, more=more))


@contextmanager
def starting(desk: Desk, body: Mapping[str, Any]) -> Iterator[Callable[[], int]]:
    """Let livyguard create a session; yield, as soon as it is in the ledger, what waits until it is up.

    That returns its number. Where nobody waited, livyguard is killed in the midst of it.
    """
    file = desk.folder / "body.json"
    file.write_text(json.dumps(SMALL | body))
    before = desk.tags()
    command = desk.begin("sessions", "--start", file)

    def created() -> int:
        said, fault = command.communicate(timeout=180)
        assert command.returncode == 0, fault
        return int(said)

    try:
        until(lambda: desk.tags() - before or command.poll() is not None)
        yield created
    finally:
        command.kill()
        command.communicate()


def listed(desk: Desk, *arguments: str) -> dict[int, dict[str, Any]]:
    """List on the command line; return each session's row."""
    done = desk.command("sessions", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return {row["id"]: row for row in json.loads(done.stdout)}


def orphans(desk: Desk) -> dict[str, dict[str, Any]]:
    """Return the applications without a session that a person is shown, by id."""
    return {one["app_id"]: one for one in desk.say("sessions", "--orphans")}


def actions(desk: Desk, *arguments: str) -> dict[int, dict[str, Any]]:
    """Run a command that prints one JSON line an action; return them by session."""
    done = desk.command(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all("at" in line for line in lines)
    return {line["id"]: line for line in lines}
