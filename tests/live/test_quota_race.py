"""Many creators at once, and trouble in the middle: a quota holds on a sandbox that runs as people run it."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.live.creators import (
    Machine,
    Outcome,
    Worker,
    as_processes,
    as_threads,
    begun,
    ended,
    listed,
    sandbox,
    tag_of,
)
from tests.live.troubled_proxy import CUT, GARBAGE, UNAVAILABLE, Trouble, TroubledProxy

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

CROWD = 50
#: A process takes a second to begin: so many are enough to see a race, and fifty belong to the long tier.
FEW = 12

POLICY = """
version = 1

[cluster]
manager = "local"
dynamic_allocation = false

[defaults]
limits."executors.max" = {{ max = 8, default = 1, reason = "one node" }}

[[tenant]]
name = "analysts"
users = ["alice", "bob", "carol"]
{quotas}
"""

#: Spark's own overhead, where a tenth of the memory is less.
OVERHEAD = 384


@dataclass(frozen=True)
class Scene:
    """Who creates what under which quotas.

    Attributes:
        quotas: of each user, as the policy writes them, and of all of them together.
        users: who creates, in turn; None: nobody logs in, and Livy tells no owner.
        bodies: what is asked for, in turn.
    """

    name: str
    quota: Mapping[str, Any] = field(default_factory=dict)
    team_quota: Mapping[str, Any] = field(default_factory=dict)
    users: Sequence[str | None] = ("alice",)
    bodies: Sequence[Mapping[str, Any]] = ({},)

    @property
    def policy(self) -> str:
        """Return what holds."""
        quotas = {"quota": self.quota, "team_quota": self.team_quota}
        return POLICY.format(quotas="\n".join(f"{name} = {_table(each)}" for name, each in quotas.items() if each))


def _table(quota: Mapping[str, Any]) -> str:
    return f"{{ {', '.join(f'{name} = {value}' for name, value in quota.items())} }}"


SCENES = (
    Scene("sessions", {"sessions": 3}),
    Scene("executors", {"executors": 11}, bodies=[{"numExecutors": count} for count in (4, 1, 3, 2)]),
    Scene(
        "team",
        {"sessions": 3, "executors": 6},
        {"sessions": 7, "executors": 10},
        users=("alice", "bob", "carol"),
        bodies=[{"numExecutors": count} for count in (1, 2, 3, 1)],
    ),
    Scene(
        "memory and cores",
        {"memory": '"14g"', "cores": 12},
        bodies=[
            {"driverMemory": "1g", "executorMemory": memory, "executorCores": cores, "numExecutors": count}
            for memory, cores, count in (("1g", 1, 2), ("2g", 2, 1), ("1g", 4, 1), ("3g", 1, 1))
        ],
    ),
    Scene("nobody logs in", {"sessions": 4, "executors": 6}, users=(None,), bodies=[{}, {"numExecutors": 2}]),
)


def _gib(text: object) -> int:
    """Return MiB."""
    return 1024 * int(str(text).strip('"').removesuffix("g"))


def held(session: Mapping[str, Any]) -> Counter[str]:
    """Return what a listed session can hold, by Spark's own rules."""
    count = int(session["conf"]["spark.dynamicAllocation.maxExecutors"])
    driver, executor = (_gib(session[f"{part}Memory"] or "1g") for part in ("driver", "executor"))
    return Counter(
        sessions=1,
        executors=count,
        memory=driver + max(OVERHEAD, driver // 10) + count * (executor + max(OVERHEAD, executor // 10)),
        cores=(session["driverCores"] or 1) + count * (session["executorCores"] or 1),
    )


def limits(quota: Mapping[str, Any]) -> dict[str, int]:
    return {name: _gib(value) if name == "memory" else int(value) for name, value in quota.items()}


def over(quota: Mapping[str, Any], sessions: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return of which amounts more is held than a quota says, and how much of how much."""
    total = sum(map(held, sessions), Counter())
    return {name: (total[name], most) for name, most in limits(quota).items() if total[name] > most}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    with sandbox(folder) as url:
        yield url


def machines(scene: Scene, url: str, folder: Path) -> dict[str | None, Machine]:
    """Return the machine of each user."""
    return {user: Machine(folder / str(user), url, user, scene.policy) for user in scene.users}


def race(
    scene: Scene,
    url: str,
    folder: Path,
    count: int,
    run: Callable[[Sequence[tuple[Machine, Mapping[str, Any]]]], list[Outcome]],
) -> None:
    """Let many create at once, and look at what is left once all have ended."""
    theirs = machines(scene, url, folder)
    users = [scene.users[place % len(scene.users)] for place in range(count)]
    bodies = [scene.bodies[(place // len(scene.users)) % len(scene.bodies)] for place in range(count)]
    threads = set(threading.enumerate())

    outcomes = run([(theirs[user], {"kind": "pyspark", **body}) for user, body in zip(users, bodies, strict=True)])

    there = listed(url)
    assert {user: over(scene.quota, [one for one in there.values() if one["owner"] == user]) for user in theirs} == {
        user: {} for user in theirs
    }
    assert over(scene.team_quota, list(there.values())) == {}
    winners = [outcome for outcome in outcomes if outcome.code == 0]
    assert sorted(outcome.number for outcome in winners) == sorted(there), [outcome.said for outcome in winners]
    assert 0 in there  # whoever came first has nobody to give way to
    losers = [outcome for outcome in outcomes if outcome.code != 0]
    assert {(outcome.number, outcome.code, "LG703" in outcome.said) for outcome in losers} <= {(None, 1, True)}
    tags = sorted(entry.tag for machine in theirs.values() for entry in machine.entries())
    assert tags == sorted(map(tag_of, there.values()))
    assert set(threading.enumerate()) - threads == set()


@pytest.mark.usefixtures("own_home")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_fifty_threads_at_once_never_hold_more_than_the_quota_and_the_first_stays(
    scene: Scene, url: str, tmp_path: Path
) -> None:
    race(scene, url, tmp_path, CROWD, as_threads)


@pytest.mark.parametrize("scene", SCENES[2:3], ids=lambda scene: scene.name)
def test_a_dozen_processes_at_once_never_hold_more_than_the_quota_and_the_first_stays(
    scene: Scene, url: str, tmp_path: Path
) -> None:
    race(scene, url, tmp_path, FEW, as_processes)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_fifty_processes_at_once_never_hold_more_than_the_quota_and_the_first_stays(
    scene: Scene, url: str, tmp_path: Path
) -> None:
    race(scene, url, tmp_path, CROWD, as_processes)


@pytest.fixture
def proxy(url: str) -> Iterator[TroubledProxy]:
    with TroubledProxy(url) as proxy:
        yield proxy


TWO = Scene("two", {"sessions": 2}).policy


@pytest.fixture
def machine(proxy: TroubledProxy, tmp_path: Path, own_home: Path) -> Machine:
    """Alice's, who may have two sessions."""
    return Machine(tmp_path / "alice", proxy.url, "alice", TWO)


@pytest.fixture
def worker(machine: Machine) -> Worker:
    worker = Worker(machine, "kernel-1")
    worker.hurry()
    return worker


def begin(url: str, user: str) -> int:
    """Create a session without livyguard."""
    return int(requests.post(f"{url}/sessions", json={"kind": "pyspark"}, auth=(user, "pw"), timeout=30).json()["id"])


@pytest.mark.parametrize("what", [UNAVAILABLE, CUT, GARBAGE])
def test_where_the_listing_fails_before_the_request_nothing_is_sent(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker, what: str
) -> None:
    proxy.troubles = [Trouble(what)]

    outcome = worker.asks()

    assert (outcome.number, outcome.code, proxy.posts) == (None, 3, 0)
    assert "could not be checked before the request, so nothing was sent" in outcome.said
    assert (listed(url), machine.entries()) == ({}, [])


@pytest.mark.parametrize("what", [UNAVAILABLE, CUT, GARBAGE])
def test_where_the_listing_fails_after_the_request_the_session_is_gone_again(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker, what: str
) -> None:
    proxy.troubles = [Trouble(what, after_post=True)]

    outcome = worker.asks()

    assert (outcome.number, outcome.code, proxy.posts) == (None, 3, 1)
    assert "Session 0 was created, and whether it fits your quota could not be checked after that" in outcome.said
    assert "Session 0 is deleted" in outcome.said
    assert (listed(url), machine.entries()) == ({}, [])


def test_a_listing_that_comes_back_in_time_costs_nobody_a_session(
    proxy: TroubledProxy, url: str, worker: Worker
) -> None:
    proxy.troubles = [Trouble(UNAVAILABLE, after_post=True, times=2), Trouble(CUT, times=1)]

    assert worker.asks().number == 0
    assert (list(listed(url)), proxy.met) == ([0], 3)


def test_a_session_whose_answer_was_cut_is_adopted_and_counted(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker
) -> None:
    proxy.troubles = [Trouble(CUT, "POST /sessions", arrives=True)]
    first = worker.asks()
    proxy.before_post = lambda: begin(url, "alice")
    second = worker.asks()

    assert (first.number, first.code) == (0, 0)
    assert "answer was lost" in first.said
    assert (second.number, second.code, proxy.posts) == (None, 1, 2)
    assert "Session 2 was created, and those before it leave no room for it: it gives way. " in second.said
    assert "Session 2 is deleted" in second.said
    assert "LG703" in second.said
    assert list(listed(url)) == [0, 1]
    assert [entry.session_id for entry in machine.entries()] == [0]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(UNAVAILABLE, "DELETE .*", times=2),
        Trouble(CUT, "DELETE .*", times=2),
        Trouble(CUT, "DELETE .*", arrives=True, times=2),
        Trouble(CUT, "DELETE .*", times=11),
        Trouble(UNAVAILABLE, ".*", after_post=True, times=11),
    ],
    ids=lambda trouble: f"{trouble.what} {trouble.times} times{', done' * trouble.arrives}",
)
def test_what_gives_way_is_gone_though_its_delete_fails_at_first(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker, trouble: Trouble
) -> None:
    proxy.before_post = lambda: [begin(url, "alice"), begin(url, "alice")]
    proxy.troubles = [replace(trouble)]

    outcome = worker.asks()

    assert (outcome.number, list(listed(url)), machine.entries()) == (None, [0, 1], [])
    assert "Session 2 is deleted" in outcome.said
    assert proxy.troubles == []


def test_a_livy_that_is_gone_for_good_is_told_and_the_next_creation_takes_back_what_was_left(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker
) -> None:
    proxy.troubles = [Trouble(CUT, ".*", after_post=True)]

    lost = worker.asks()
    left, noted = list(listed(url)), [entry.session_id for entry in machine.entries()]
    proxy.troubles = []
    again = worker.asks()

    assert (lost.number, lost.code, left, noted) == (None, 3, [0], [0])
    assert "could not be checked after that" in lost.said
    assert "Session 0 could not be deleted and may still hold resources" in lost.said
    assert again.number == 1
    assert (list(listed(url)), [entry.session_id for entry in machine.entries()]) == ([1], [1])


def test_a_session_that_nobody_could_adopt_is_told_by_its_tag_and_taken_back_by_the_next_creation(
    proxy: TroubledProxy, url: str, machine: Machine, worker: Worker
) -> None:
    proxy.troubles = [Trouble(CUT, "POST /sessions", arrives=True), Trouble(CUT, ".*", after_post=True)]

    lost = worker.asks()
    left = listed(url)
    proxy.troubles = []
    again = worker.asks()

    assert (lost.number, lost.code, list(left)) == (None, 3, [0])
    assert f"one tagged {tag_of(left[0])} may exist" in lost.said
    assert again.number == 1
    assert (list(listed(url)), [entry.session_id for entry in machine.entries()]) == ([1], [1])


@pytest.mark.parametrize("moment", ["POST /sessions", "GET /sessions", "DELETE /sessions/.*"])
def test_ctrl_c_at_any_moment_of_it_leaves_nothing(
    proxy: TroubledProxy, url: str, machine: Machine, moment: str
) -> None:
    proxy.before_post = lambda: [begin(url, "alice"), begin(url, "alice")]

    with begun([(machine, {"kind": "pyspark"})]) as let_go:
        commands: list[subprocess.Popen[str]] = []
        proxy.meanwhile = {moment: lambda: commands[0].send_signal(signal.SIGINT)}
        commands += let_go()
        outcome = ended(commands[0])

    assert (outcome.number, outcome.code) == (None, 130)
    assert (list(listed(url)), machine.entries(), proxy.meanwhile) == ([0, 1], [], {})


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[str]:
    """What a Livy that was restarted looks like: bob has number 0 now."""
    folder = tmp_path / "restarted"
    folder.mkdir()
    with sandbox(folder) as url:
        assert begin(url, "bob") == 0
        yield url


@pytest.mark.parametrize(
    "meanwhile",
    [[], [Trouble(UNAVAILABLE, after_post=True, times=4)], [Trouble(UNAVAILABLE, after_post=True)]],
    ids=["at once", "back for the second look", "never listing again"],
)
def test_a_livy_that_is_restarted_after_the_request_keeps_what_is_bobs_there(
    proxy: TroubledProxy, restarted: str, machine: Machine, worker: Worker, meanwhile: list[Trouble]
) -> None:
    proxy.meanwhile = {"POST /sessions": lambda: proxy.turn_to(restarted)}
    proxy.troubles = [replace(trouble) for trouble in meanwhile]

    outcome = worker.asks()

    assert outcome.number is None
    assert outcome.code in {1, 3}
    assert {number: one["owner"] for number, one in listed(restarted).items()} == {0: "bob"}
    assert proxy.posts == 1
