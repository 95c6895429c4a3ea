"""Two users on a real Livy, its access control on and off: who sees what, and who may free what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.live.people import LONG_STARTS, Desk, Person, release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel

pytestmark = pytest.mark.live

SECRET = {"spark.my.password": "hunter2"}


@dataclass(frozen=True)
class Stack:
    """A Livy with sessions of two people in every state, and alice's machine in front of it.

    Attributes:
        kernel: a notebook of alice's that uses no session.
        rested: of alice's, idle.
        working: of alice's, busy.
        waiting: of alice's, starting.
        bobs: of bob's, idle.
        bobs_waiting: of bob's, starting.
    """

    is_controlled: bool
    server: LivyServer
    alice: Person
    bob: Person
    desk: Desk
    kernel: Kernel
    rested: int
    working: int
    waiting: int
    bobs: int
    bobs_waiting: int

    @property
    def ways(self) -> list[Callable[..., dict[int, dict[str, Any]]]]:
        """Return the two ways to release: in a notebook, on the command line."""
        return [lambda *arguments: release(self.kernel, *arguments), self.desk.release]


@pytest.fixture(scope="module", params=[False, True], ids=["acls-off", "acls-on"])
def stack(
    request: pytest.FixtureRequest, livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    options = LivyOptions(users=True, access_control=request.param, csrf=True, conf=LONG_STARTS)
    with LivyServer(options, livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        alice, bob = Person(server, "alice"), Person(server, "bob")
        begun = [alice.create(), alice.create(), bob.create(conf=SECRET)]
        stuck = [alice.stuck(), bob.stuck()]
        desk = Desk(tmp_path_factory.mktemp("alice"), server.url)
        kernel = desk.start()
        rested, working, bobs = [alice.comes_up(number) for number in begun]
        bob.says(bobs, "'bob was here'")
        alice.says(rested, "1 + 1")
        alice.works(working)
        yield Stack(request.param, server, alice, bob, desk, kernel, rested, working, stuck[0], bobs, stuck[1])
        desk.stop()
        server.end_drivers()


def test_the_listing_tells_everybodys_sessions_and_mine_from_the_others(stack: Stack) -> None:
    said = json.loads(stack.kernel.fine("%livy_sessions --json").stdout)

    rows = {row["id"]: row for row in said}
    seen = {number: (row["owner"], row["state"]) for number, row in rows.items()}
    assert seen == stack.alice.alive()
    assert {row["owner_source"] for row in said} == {"owner"}
    assert {number for number, row in rows.items() if row["mine"]} == {stack.rested, stack.working, stack.waiting}
    assert {number for number, row in rows.items() if row["mine"] is False} == {stack.bobs, stack.bobs_waiting}
    assert [row["mine"] for row in said] == sorted((row["mine"] for row in said), reverse=True)
    assert 0 <= rows[stack.rested]["idle_seconds"] < 3600
    assert rows[stack.bobs]["idle_seconds"] is None  # nobody asked
    assert stack.desk.say("sessions", stack.bobs, stack.working, "--user", "bob")[0]["id"] == stack.bobs


def test_the_doctor_tells_whether_others_logs_are_open_and_that_livy_wants_to_know_who_asks(stack: Stack) -> None:
    before = stack.alice.sessions()

    said = stack.desk.say("doctor")
    in_notebook = json.loads(stack.kernel.fine("%livy_doctor --json").stdout)

    for report in (said, in_notebook):
        found = {check["check"]: (check["status"], (check["hint"] or {}).get("code")) for check in report["checks"]}
        assert found["access"] == (("ok", None) if stack.is_controlled else ("warning", "LG963"))
        assert found["login"] == found["version"] == found["sessions"] == ("ok", None)
        assert found["csrf"] == (("ok", None) if report is in_notebook else ("warning", "LG609"))
    after = stack.alice.sessions()
    assert {number: one["state"] for number, one in after.items()} == {n: one["state"] for n, one in before.items()}


def test_others_idle_times_are_told_as_far_as_livy_tells_them(stack: Stack) -> None:
    said = {row["id"]: row for row in stack.desk.say("sessions", "--idle")}
    bobs = {row["id"]: row for row in json.loads(stack.kernel.fine("%livy_sessions --idle --user bob --json").stdout)}

    assert set(said) == {stack.rested, stack.bobs}
    assert set(bobs) == {stack.bobs}
    idle = [table[stack.bobs]["idle_seconds"] for table in (said, bobs)]
    assert all(seconds is None if stack.is_controlled else 0 <= seconds < 3600 for seconds in idle)
    assert "bob was here" not in json.dumps([said, bobs])


def test_what_others_keep_to_themselves_stands_in_no_listing(stack: Stack) -> None:
    raw = stack.alice.sessions()[stack.bobs]
    cell = stack.kernel.fine("%livy_sessions --idle")
    table = stack.desk.command("sessions", "--idle").stdout

    assert raw["conf"]["spark.my.password"] == "hunter2"  # Livy shows it to everybody
    assert bool(raw["log"]) is not stack.is_controlled
    assert stack.alice.ask("GET", f"/sessions/{stack.bobs}/log").status_code == (403 if stack.is_controlled else 200)
    assert "bob" in cell.text
    assert "bob" in table
    assert "hunter2" not in cell.text + "".join(cell.html) + table


@pytest.mark.parametrize("state", ["idle", "busy", "starting"])
def test_somebody_elses_session_is_refused_by_name_whatever_it_does(stack: Stack, state: str) -> None:
    number = stack.bobs_waiting if state == "starting" else stack.bobs
    if state == "busy":
        stack.bob.works(number)
    before = stack.bob.alive()
    assert before[number] == ("bob", state)

    for way in stack.ways:
        for options in ((), ("--force",)):
            outcome = way(number, *options)[number]
            assert (outcome["result"], outcome["reason"], outcome["mine"]) == ("refused", "it is bob's", False)
    assert "it is bob's" in stack.kernel.fails(f"%livy_release {number} --force").error

    assert stack.bob.alive() == before
    if state == "busy":
        stack.bob.rests(number)


def test_others_sessions_together_are_for_operators_only(stack: Stack) -> None:
    before = stack.bob.alive()

    for asked, whom in (("--user bob", "bob"), ("--all-users", "everybody")):
        done = stack.desk.command("release", *asked.split(), "--force")
        assert done.returncode == 1
        assert f"Only an operator may free the sessions of {whom}" in done.stderr
        assert f"the sessions of {whom}" in stack.kernel.fails(f"%livy_release {asked}").error

    assert stack.bob.alive() == before


def test_sparkmagics_own_deletes_leave_the_others_alone(stack: Stack) -> None:
    before = stack.bob.alive()

    said = [stack.kernel.fails(f"%%delete -f -s {number}") for number in (stack.bobs, stack.bobs_waiting)]

    assert ["it is bob's" in cell.error for cell in said] == [True, True]
    assert stack.bob.alive() == before


def test_without_a_number_what_is_mine_and_idle_is_freed_and_nothing_else(stack: Stack) -> None:
    before = stack.alice.alive()
    way = stack.ways[stack.is_controlled]

    foretold = way("--idle-for", "0s", "--dry-run")
    assert stack.alice.alive() == before
    outcomes = way("--idle-for", "0s")

    assert {number: one["result"] for number, one in foretold.items()} == {
        stack.rested: "would-release",
        stack.working: "skipped",
        stack.waiting: "skipped",
    }
    assert {number: one["result"] for number, one in outcomes.items()} == {
        stack.rested: "released",
        stack.working: "skipped",
        stack.waiting: "skipped",
    }
    assert outcomes[stack.rested]["lost"]["statements"] == 1
    assert stack.alice.alive() == {number: seen for number, seen in before.items() if number != stack.rested}


def test_mine_is_freed_while_it_works_by_its_number_and_force_alone(stack: Stack) -> None:
    other, way = stack.ways if stack.is_controlled else stack.ways[::-1]
    before = stack.alice.alive()

    for kept in (other(stack.working), way(stack.working)):
        assert kept[stack.working]["result"] == "refused"
        assert "--force frees it" in kept[stack.working]["reason"]
    assert stack.alice.alive() == before
    outcome = way(stack.working, "--force")[stack.working]

    assert outcome["result"] == "released"
    assert "the running statement is lost" in outcome["reason"]
    assert stack.working not in stack.alice.alive()


def test_mine_is_freed_while_it_starts_by_its_number(stack: Stack) -> None:
    way = stack.ways[stack.is_controlled]

    outcome = way(stack.waiting)[stack.waiting]

    assert outcome["result"] == "released"
    assert "it was starting" in outcome["reason"]
    assert stack.waiting not in stack.alice.alive()


def test_sparkmagics_cleanup_frees_mine_and_says_whose_it_left(stack: Stack) -> None:
    mine = stack.alice.stuck()
    before = stack.bob.alive()
    assert mine in before

    said = stack.kernel.run("%%cleanup -f").text

    assert "Left alone, since not proven to be yours: 2 of bob." in said
    assert stack.bob.alive() == {number: seen for number, seen in before.items() if seen[0] == "bob"}


def test_an_operator_is_one_for_livyguard_and_livy_has_the_last_word(stack: Stack, tmp_path: Path) -> None:
    operator = Desk(tmp_path / "alice", stack.server.url)
    operator.rule('operators = { users = ["alice", "admin"] }\n')
    stack.bob.works(stack.bobs)
    before = stack.bob.alive()

    without = operator.release(stack.bobs, stack.bobs_waiting)
    busy = operator.release("--all-users", "--idle-for", "0s")
    stack.bob.rests(stack.bobs)

    assert {one["reason"] for one in without.values()} == {"it is bob's; an operator adds --force"}
    assert stack.bobs not in busy
    assert stack.bob.alive().keys() == before.keys()
    freed = [operator.release("--all-users", "--idle-for", "0s"), operator.release(stack.bobs_waiting, "--force")]
    if stack.is_controlled:
        assert freed[0][stack.bobs]["reason"] == "Livy refuses: it is bob's"
        assert freed[1][stack.bobs_waiting]["reason"] == "Livy refuses: it is bob's"
        assert stack.bob.alive().keys() == before.keys()
        superuser = Desk(tmp_path / "admin", stack.server.url, "admin", claims="admin")
        superuser.rule('operators = { users = ["admin"] }\n')
        freed = [
            superuser.release("--user", "bob", "--idle-for", "0s"),
            superuser.release(stack.bobs_waiting, "--force"),
        ]
    assert freed[0][stack.bobs]["result"] == "released"
    assert freed[1][stack.bobs_waiting]["result"] == "released"
    assert not {stack.bobs, stack.bobs_waiting} & stack.bob.alive().keys()
