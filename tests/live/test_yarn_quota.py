"""Quotas on a real Livy on YARN: many creators at once, a Livy that is restarted under them, a deaf ResourceManager."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import requests

from livyguard.sandbox.livy.server import LivyServer
from tests.live.creators import Outcome, begun, ended, tag_of
from tests.live.people import SMALL, Desk, Person, until
from tests.live.proxy import Proxy
from tests.live.troubled_proxy import TroubledProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.live.yarn_stack import Stack

pytestmark = [pytest.mark.live, pytest.mark.long]

PEOPLE = ("alice", "bob")
POLICY = """
version = 1

[cluster]
manager = "yarn"
resource_manager = "{web}"
dynamic_allocation = false

[defaults]
limits."executors.max" = {{ max = 2, default = 1, reason = "one node" }}

[[tenant]]
name = "team"
users = ["alice", "bob"]
quota = {{ sessions = 2, memory = "5g" }}
team_quota = {{ executors = {executors} }}
"""
#: 896 MiB each for the driver and its executor, as Spark asks for.
BODY = {**SMALL, "kind": "spark", "numExecutors": 1, "executorMemory": "512m"}
#: Where no ResourceManager listens.
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _all_is_cleared(stack: Stack) -> Iterator[None]:
    yield
    stack.clear()


def desks(folder: Path, url: str, web: str, executors: int = 3) -> dict[str, Desk]:
    """Return everybody's machine; one policy holds on all of them."""
    found = {name: Desk(folder / name, url, name, claims=name) for name in PEOPLE}
    for desk in found.values():
        assert desk.policy is not None
        desk.policy.write_text(POLICY.format(web=web, executors=executors))
    return found


def guarded(stack: Stack) -> set[str]:
    """Return the tags of the living applications that livyguard began, one of each."""
    return {tag for app in stack.guarded() for tag in app["applicationTags"].split(",") if TAG.fullmatch(tag)}


TAG = re.compile(r"livyguard-[0-9a-f]{8}")
NUMBER = re.compile(r"Session (\d+) was created, and those before it leave no room for it: it gives way\.")


def living_of(stack: Stack, number: int) -> list[str]:
    """Return the living applications of a session, by Livy's own tag."""
    return [app["id"] for app in stack.yarn.living() if f"livy-session-{number}-" in app["applicationTags"]]


def run(creators: Sequence[tuple[Desk, Any]], at_the_end: Callable[[Outcome], Any]) -> list[tuple[Outcome, Any]]:
    """Let all go at once; return what became of each, and what was to be seen at the moment that it ended."""

    def watch(command: Any) -> tuple[Outcome, Any]:
        outcome = ended(command)
        return outcome, at_the_end(outcome)

    with begun(creators) as let_go, ThreadPoolExecutor(len(creators)) as pool:
        return list(pool.map(watch, let_go()))


def test_eight_creators_at_once_hold_what_they_may_and_yarn_has_nothing_of_the_others(
    stack: Stack, tmp_path: Path
) -> None:
    people = desks(tmp_path, stack.livy.url, stack.yarn.web)

    def left(outcome: Outcome) -> list[str]:
        numbers = [int(number) for number in NUMBER.findall(outcome.said)]
        return [app for number in numbers for app in living_of(stack, number)]

    seen = run([(people[PEOPLE[place % 2]], BODY) for place in range(8)], left)
    there, living = stack.sessions(), guarded(stack)

    winners = [outcome for outcome, _ in seen if outcome.code == 0]
    assert sorted(outcome.number for outcome in winners) == sorted(there)
    owners = [one["owner"] for one in there.values()]
    assert (len(owners), max(owners.count(name) for name in PEOPLE)) == (3, 2)
    assert {one["state"] for one in there.values()} == {"idle"}
    assert living == set(map(tag_of, there.values()))
    losers = [(outcome, apps) for outcome, apps in seen if outcome.code != 0]
    assert {(outcome.number, outcome.code, "LG703" in outcome.said) for outcome, _ in losers} == {(None, 1, True)}
    assert [apps for _, apps in losers] == [[]] * 5
    until(lambda: not stack.submitting())
    assert guarded(stack) == living


class Restarts(Proxy):
    """Holds the answers of some creations until YARN has an application of each; then Livy is killed and started again.

    Args:
        livy: which.
        yarn: its cluster.
        count: how many creations.
        is_awaited: nobody is answered before Livy is back; else they find nobody there for some seconds.
    """

    def __init__(self, livy: LivyServer, yarn: Stack, count: int, *, is_awaited: bool) -> None:
        super().__init__(livy.url)
        self._livy, self._yarn, self._count, self._is_awaited = livy, yarn, count, is_awaited
        self._all = threading.Barrier(count, action=self._restart, timeout=120)
        self._again = threading.Thread(target=livy.restart)

    def _restart(self) -> None:
        until(lambda: len(self._yarn.guarded()) == self._count)
        server = psutil.Process(self._livy.pid)
        server.kill()
        server.wait(30)
        self._again.start()
        if self._is_awaited:
            self._again.join()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        if self._again.ident is not None:
            self._again.join()

    def _forward(self, handler: BaseHTTPRequestHandler) -> None:
        with suppress(requests.ConnectionError):  # whoever asked is cut, too
            super()._forward(handler)

    def tell(self, handler: BaseHTTPRequestHandler, answer: requests.Response) -> None:
        if handler.command == "POST":
            self._all.wait()
        super().tell(handler, answer)


def with_recovery(stack: Stack, livy_home: Path, folder: Path) -> LivyServer:
    """Return a Livy that knows its sessions again when it is started again."""
    (folder / "state").mkdir(parents=True)
    store = "livy.server.recovery.state-store"
    recovery = {
        "livy.server.recovery.mode": "recovery",
        store: "filesystem",
        f"{store}.url": f"file://{folder / 'state'}",
    }
    options = replace(stack._options, conf={**stack._options.conf, **recovery})
    return LivyServer(options, livy_home, folder)


@pytest.mark.parametrize("is_awaited", [True, False], ids=["back at once", "away for seconds"])
@pytest.mark.parametrize("recovers", [False, True], ids=["without recovery", "with recovery"])
def test_a_livy_restarted_before_they_are_counted_leaves_no_application_of_those_that_failed(
    stack: Stack, livy_home: Callable[[str], Path], tmp_path: Path, recovers: bool, is_awaited: bool
) -> None:
    with (
        with_recovery(stack, livy_home("0.9.0"), tmp_path / "livy") if recovers else stack.another_livy(tmp_path.name)
    ) as livy:
        with Restarts(livy, stack, 4, is_awaited=is_awaited) as proxy:
            people = desks(tmp_path, proxy.url, stack.yarn.web)
            seen = run([(people[PEOPLE[place % 2]], BODY) for place in range(4)], lambda _: None)
        there = Person(livy, "admin").sessions()
        living = guarded(stack)
        until(lambda: not psutil.Process(livy.pid).children())
        still = guarded(stack)

    told = [outcome.said for outcome, _ in seen]
    winners = [outcome for outcome, _ in seen if outcome.code == 0]
    assert sorted(outcome.number for outcome in winners) == sorted(there), told
    assert len(winners) <= 3
    assert living == still == set(map(tag_of, there.values())), told
    assert [said for said in told if "may still hold resources" in said or "may be left over" in said] == []
    if not is_awaited:
        assert [said for said in told if "could not be checked after that" not in said] == []
    elif not recovers:
        assert [said for said in told if "No session was created. Livy no longer lists session" not in said] == []


def test_one_that_gives_way_says_what_it_does_not_know_where_yarn_cannot_be_asked(stack: Stack, tmp_path: Path) -> None:
    alice = Person(stack.livy, "alice")
    with TroubledProxy(stack.livy.url) as proxy:
        desk = desks(tmp_path, proxy.url, NOBODY)["alice"]
        proxy.before_post = lambda: [alice.stuck(), alice.stuck()]
        began = time.monotonic()
        ((outcome, _),) = run([(desk, BODY)], lambda _: None)
        seconds = time.monotonic() - began
    there = stack.sessions()

    assert (outcome.number, outcome.code, sorted(there)) == (None, 1, sorted(alice.alive()))
    assert len(there) == 2
    assert "it gives way" in outcome.said
    assert "Whether YARN still has an application of it is not known." in outcome.said
    assert f"No connection to the ResourceManager {NOBODY}" in outcome.said
    assert "LG703" in outcome.said
    assert seconds < 120
