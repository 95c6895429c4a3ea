from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from livyguard.errors import AuthenticationFailed, ClusterError, EndpointUnreachable, LivyAnswer, LivyguardError
from livyguard.hints.clocks import LIVY_CLOCK
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.startup import wait_until_up
from livyguard.testing import ENDPOINT, a_session, an_application, an_entry

from .scene import ACTIVATED, AM_LIMIT, ENTRY, FULL, ME, QUEUE, Scene, asked_when, running, waiting

BUSY = ClusterError("The ResourceManager http://rm:8088 refuses to show applications (503).", is_passing=True)
DOWN = ClusterError("No connection to the ResourceManager http://rm:8088.")
MINE = a_session(41, "idle", login=ME, app_id="application_1700000000000_0041")
BOBS = a_session(3, "busy", login="bob", app_id="application_1700000000000_0003")
HELD = (running(41, 41, user="alice"), running(3, 3, executors=2, user="bob"))


def texts(scene: Scene) -> str:
    hint = scene.said[-1].hint
    assert hint is not None
    return "\n".join([f"{fact.source}: {fact.text}" for fact in hint.evidence] + [fix.cell or "" for fix in hint.fixes])


def test_the_line_says_where_it_waits_and_how_many_were_there_before() -> None:
    others = [an_application(n, queue="narrow", tag=f"livyguard-{n:08}", started=n + 0.5) for n in (98, 99, 101)]
    elsewhere = an_application(5, queue="root.wide", started=1.0)
    scene = Scene(waiting(""), *others, elsewhere)

    scene.pass_time(scene.watch(), 4)

    last = scene.said[-1]
    assert (last.state, last.app_state, last.queue, last.before, last.hint) == ("starting", "ACCEPTED", QUEUE, 2, None)
    assert [start.seconds for start in scene.said] == [0, 1, 2, 3]


def test_the_hint_comes_with_the_first_look_at_yarns_reason() -> None:
    scene = Scene(waiting(""))
    watch = scene.watch()
    scene.pass_time(watch, 3)
    scene.becomes(diagnostics=AM_LIMIT)

    scene.pass_time(watch, 2)

    hint = scene.said[-1].hint
    assert hint is not None
    assert (hint.code, hint.title) == ("LG202", "Session 7 waits: the queue has no room for another driver")
    assert "%livy_recover" not in texts(scene)


def test_it_names_who_holds_the_queue_and_which_own_idle_session_makes_room() -> None:
    scene = Scene(waiting(), *HELD, running(9, 9, queue="root.wide", user="carol"), sessions=(MINE, BOBS))

    scene.pass_time(scene.watch(), 6)

    assert (
        "held in queue root.narrow: bob: 1 session, 2 executors, 3.0 GiB; you: 1 session, 0 executors, 1.0 GiB"
        in texts(scene)
    )
    hint = scene.said[-1].hint
    assert hint.fixes[0].cell == "%livy_release 41"
    assert hint.fixes[0].terminal == "livyguard release 41"
    assert "%livy_release\n" not in texts(scene)
    assert scene.said[-1].is_whole


def test_the_largest_request_that_would_start_now_is_a_ready_cell() -> None:
    room = replace(FULL, drivers=2048)
    scene = Scene(waiting(AM_LIMIT.replace("Request = <memory:1024", "Request = <memory:4608")), rooms={QUEUE: room})
    scene.yarn.free = (2048, 2048)

    scene.pass_time(
        scene.watch({"driverMemory": "4g", "numExecutors": 4, "executorMemory": "1g", "conf": {"my.password": "x"}}), 6
    )

    cell = next(fix.cell for fix in scene.said[-1].hint.fixes if fix.cell.startswith("%%configure"))
    assert cell == (
        '%%configure -f\n{"driverMemory": "640m", "executorMemory": "1g", "numExecutors": 1, '
        '"conf": {"spark.dynamicAllocation.maxExecutors": "1"}}'
    )


def test_what_the_offer_leaves_out_of_what_the_user_gave_is_named() -> None:
    scene = Scene(
        waiting(AM_LIMIT.replace("Request = <memory:1024", "Request = <memory:4608")),
        rooms={QUEUE: replace(FULL, drivers=2048)},
    )
    own = {"spark.driver.memoryOverhead": "2g", "spark.yarn.am.memory": "1g"}

    scene.pass_time(scene.watch({"driverMemory": "2g", "conf": own}), 6)

    fix = next(fix for fix in scene.said[-1].hint.fixes if fix.cell.startswith("%%configure"))
    assert fix.label.endswith(" It is without your spark.driver.memoryOverhead and spark.yarn.am.memory.")
    assert "memoryOverhead" not in fix.cell


def test_where_nothing_would_start_it_says_so_and_offers_no_smaller_request() -> None:
    scene = Scene(waiting())

    scene.pass_time(scene.watch(), 6)

    assert "ResourceManager: no room for a driver of any size now" in texts(scene)
    assert "%%configure" not in texts(scene)


def test_another_reason_takes_the_place_of_the_first_and_none_that_of_the_last() -> None:
    scene = Scene(waiting())
    watch = scene.watch()
    scene.pass_time(watch, 3)
    scene.becomes(diagnostics=ACTIVATED)
    scene.pass_time(watch, 6)
    scene.becomes(state="RUNNING", diagnostics="", containers=1)
    scene.pass_time(watch, 6)

    codes = [None if start.hint is None else start.hint.code for start in scene.said]
    assert list(dict.fromkeys(codes)) == ["LG202", "LG204", None]
    assert (scene.said[-1].app_state, scene.said[-1].before) == ("RUNNING", None)


def test_what_every_start_waits_for_is_no_reason_for_three_seconds() -> None:
    scene = Scene(waiting(ACTIVATED))

    scene.pass_time(scene.watch(), 6)

    assert next(start.seconds for start in scene.said if start.hint is not None) == 3


LOG = [
    "26/11/22 01:00:01 INFO Client: Application report for application_1700000000000_0001 (state: ACCEPTED)",
    "\t queue: narrow",
    f"\t diagnostics: [Sun Nov 22 01:00:00 +0000 2026] {AM_LIMIT}",
]


@pytest.mark.parametrize("yarn", [{"is_configured": False}, {"faults": {"tagged": [DOWN] * 9}}], ids=["none", "down"])
def test_without_a_resource_manager_the_log_says_it_within_ten_seconds(yarn: dict[str, Any]) -> None:
    scene = Scene(sessions=(MINE, BOBS), **yarn)
    scene.store.log_tail = lambda session_id, size=100: LOG if scene.clock.now() > 1_000_003 else []

    scene.pass_time(scene.watch(), 10, step=2.0)

    first = next(start for start in scene.said if start.hint is not None)
    assert (first.hint.code, first.seconds <= 10) == ("LG202", True)
    assert (first.app_state, first.queue) == ("ACCEPTED", "narrow")
    assert "held in the cluster: you: 1 session; bob: 1 session" in texts(scene)


def test_the_last_lines_that_come_with_each_answer_are_read_at_no_cost() -> None:
    scene = Scene(is_configured=False)
    scene.log = LOG

    scene.pass_time(scene.watch(), 2)

    assert scene.said[-1].hint.code == "LG202"
    assert scene.store.asked("log_tail") == []


def test_a_resource_manager_that_stops_answering_is_asked_no_more_for_half_a_minute() -> None:
    scene = Scene(waiting())
    watch = scene.watch()
    scene.pass_time(watch, 1)
    scene.yarn.faults = {"living": [DOWN], "application": [DOWN]}

    scene.pass_time(watch, 20)
    asked = [method for method, _ in scene.yarn.calls]
    scene.pass_time(watch, 20)

    assert asked == ["tagged", "living", "application"]
    assert scene.yarn.asked("queue"), "it answers again"


@pytest.mark.parametrize("method", ["tagged", "living", "queue", "nodes"])
def test_a_resource_manager_that_is_busy_once_tells_why_and_who_within_seconds(method: str) -> None:
    scene = Scene(waiting(), *HELD, faults={method: [BUSY]}, sessions=(MINE, BOBS))

    scene.pass_time(scene.watch(), 9)

    first = next(start for start in scene.said if start.hint is not None)
    assert first.seconds <= 2
    assert "held in" in texts(scene)
    assert scene.yarn.asked("nodes")
    assert scene.said[-1].is_whole


def test_a_list_for_which_the_resource_manager_is_always_too_busy_is_asked_for_less_and_less_often() -> None:
    scene = Scene(waiting(), *HELD, faults={"living": [BUSY] * 99})

    scene.pass_time(scene.watch(), 60)

    assert 3 <= len(scene.yarn.asked("living")) <= 7
    assert scene.said[-1].is_whole
    assert "no room for a driver of any size now" in texts(scene)


@pytest.mark.parametrize(
    ("fault", "within"),
    [
        (EndpointUnreachable("Livy refuses.", ENDPOINT), 3),
        (LivyAnswer(503, "busy", url=ENDPOINT), 3),
        (AuthenticationFailed("Who are you?", ENDPOINT), 32),
        (LivyAnswer(500, "no", url=ENDPOINT), 32),
    ],
    ids=["reset", "503", "401", "500"],
)
def test_a_livy_that_is_busy_once_is_listed_again_at_once_and_one_that_refuses_at_the_next_survey(
    fault: LivyguardError, within: int
) -> None:
    scene = Scene(sessions=(MINE, BOBS), is_configured=False)
    scene.store.faults = {"sessions": [fault]}
    scene.log = LOG

    scene.pass_time(scene.watch(), 34)

    told = [start.seconds for start in scene.said if any("bob" in fact.text for fact in start.hint.evidence)]
    assert within - 2 <= told[0] <= within
    assert len(scene.store.asked("sessions")) <= 3


def test_one_thing_that_a_resource_manager_does_not_show_keeps_it_from_showing_no_other() -> None:
    scene = Scene(waiting(), faults={"living": [DOWN]})

    scene.pass_time(scene.watch(), 6)

    assert "no room for a driver of any size now" in texts(scene)
    assert "held in" not in texts(scene)


def test_servers_that_stop_answering_meanwhile_end_no_start() -> None:
    scene = Scene(waiting(), sessions=(MINE,))
    watch = scene.watch()
    scene.yarn.faults = {"living": [DOWN]}
    scene.store.faults = {"sessions": [EndpointUnreachable("Livy refuses.", ENDPOINT)]}

    scene.pass_time(watch, 8)
    watch.close("idle")

    assert scene.said[-1].hint.code == "LG202"
    assert scene.display.starts[0].ended.hint is None


@pytest.mark.parametrize(
    ("how", "app_state"), [("did not start", None), ("interrupted", None), ("dead", None), ("idle", "ACCEPTED")]
)
def test_a_line_that_is_left_tells_how_it_ended_and_not_what_it_last_waited_for(
    how: str, app_state: str | None
) -> None:
    scene = Scene(waiting(""))
    watch = scene.watch()
    scene.pass_time(watch, 4)

    watch.close(how)

    ended = scene.display.starts[0].ended
    assert (ended.state, ended.seconds) == (how, 4)
    assert (ended.app_state, ended.queue) == (app_state, app_state and QUEUE)


@pytest.mark.parametrize("yarn", [{}, {"is_configured": False}, {"faults": {"tagged": [DOWN] * 99}}])
@pytest.mark.parametrize("ends", ["dead", None])
def test_it_costs_at_most_one_request_a_second_to_each_server_to_the_last_second(
    yarn: dict[str, Any], ends: str | None
) -> None:
    scene = Scene(*([] if yarn else [waiting()]), *HELD, sessions=(MINE, BOBS), **yarn)
    watch = scene.watch()
    livy, resource_manager = asked_when(scene.store, scene.clock), asked_when(scene.yarn, scene.clock)
    scene.log = LOG
    if ends is not None:
        sleep = scene.clock.sleep

        def passes(seconds: float) -> None:
            sleep(seconds)
            if scene.clock.now() > 1_000_070:
                scene.store.listed[7] = a_session(7, ends)

        scene.clock.sleep = passes  # type: ignore[method-assign]

    wait_until_up(scene.store, 7, scene.clock, 120.0, entry=ENTRY, applications=scene.applications, watch=watch)

    for moments in (livy, resource_manager):
        assert all(later - sooner >= 1.0 for sooner, later in itertools.pairwise(moments)), moments
    assert len(livy) > 30
    assert bool(resource_manager) == scene.yarn.is_configured


def test_a_listing_of_several_pages_is_paid_for_with_as_many_seconds() -> None:
    many = tuple(a_session(number, "idle", login="bob") for number in range(100, 450))
    scene = Scene(waiting(), sessions=many)
    watch = scene.watch()
    listings = []
    list_them = scene.store.sessions
    scene.store.sessions = lambda: listings.append(scene.clock.now()) or list_them()  # type: ignore[method-assign]

    scene.pass_time(watch, 3)

    (moment,) = listings
    assert not watch.pace.may_ask("Livy")
    scene.clock.sleep(moment + 4 - scene.clock.now())
    assert watch.pace.may_ask("Livy")


def own(number: int, state: str = "idle") -> Any:
    return a_session(number, state, login=ME, tags=frozenset({f"livyguard-{number}"}))


def offered(scene: Scene) -> list[tuple[str | None, str]]:
    return [(fix.cell, fix.label) for fix in scene.said[-1].hint.fixes]


def test_without_a_resource_manager_the_own_session_that_is_idle_for_longest_is_offered_by_its_number() -> None:
    scene = Scene(sessions=(own(2), own(5), own(6, "busy"), BOBS), is_configured=False)
    scene.ledger.record(an_entry(2, tag="livyguard-2", last_statement=999_400.0))
    scene.ledger.record(an_entry(5, tag="livyguard-5", last_statement=996_400.0))
    scene.log = LOG

    scene.pass_time(scene.watch(), 4)

    cell, label = offered(scene)[0]
    assert cell == "%livy_release 5"
    assert label == (
        "Free your idle session 5 (idle 60 min); it may make room, and so may 2 (idle 10 min); in another "
        "notebook or a terminal, while this one waits; the start then goes on by itself."
    )
    assert scene.said[-1].hint.fixes[0].terminal == "livyguard release 5"
    assert "%livy_release" not in [cell for cell, _ in offered(scene)]


@pytest.mark.parametrize("sessions", [(), (BOBS,), (own(6, "busy"), BOBS)], ids=["none", "bobs", "busy"])
def test_who_holds_nothing_idle_is_not_told_to_free_it(sessions: tuple[Any, ...]) -> None:
    scene = Scene(sessions=sessions, is_configured=False)
    scene.log = LOG

    scene.pass_time(scene.watch(), 4)

    assert [cell for cell, _ in offered(scene)] == ["%livy_sessions"]


def test_while_nobody_knows_who_holds_what_anything_idle_may_be_freed() -> None:
    scene = Scene(sessions=(MINE,), is_configured=False)
    scene.store.faults = {"sessions": [EndpointUnreachable("Livy refuses.", ENDPOINT)] * 9}
    scene.log = LOG

    scene.pass_time(scene.watch(), 4)

    assert "%livy_release" in [cell for cell, _ in offered(scene)]


@pytest.mark.parametrize("yarn", [{"is_configured": False}, {}], ids=["none", "resource manager"])
def test_the_hint_on_a_start_that_has_failed_names_the_same_session(yarn: dict[str, Any]) -> None:
    scene = Scene(*([] if yarn else [waiting(), *HELD]), sessions=(MINE, BOBS), **yarn)
    scene.log = LOG
    watch = scene.watch()
    scene.pass_time(watch, 6)
    watch.close("did not start")
    case = Case(error="Session 7 did not start up in 60 seconds.", log=tuple(LOG), gave_up="SparkMagic")

    (told,) = watch.with_ways(diagnose(case))

    assert told.code == "LG202"
    assert told.fixes[0].cell == "%livy_release 41"
    assert told.fixes[0].label.endswith("; then start again.")
    assert LIVY_CLOCK in told.fixes
    assert any(fact.source.startswith("held in ") for fact in told.evidence)
    assert "%livy_release" not in [fix.cell for fix in told.fixes]


def test_a_failure_that_no_room_would_mend_is_told_as_it_is() -> None:
    scene = Scene(sessions=(MINE,), is_configured=False)
    scene.log = LOG
    watch = scene.watch()
    scene.pass_time(watch, 4)
    hints = diagnose(Case(error="http://localhost:8998 refuses the connection (after less than 1 s)."))

    assert hints
    assert watch.with_ways(hints) == hints
