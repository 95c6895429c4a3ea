"""What a guard does where a quota holds: it counts, refuses, lets the youngest give way, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.admission import Admission
from livyguard.errors import (
    AnswerLost,
    ClusterError,
    EndpointUnreachable,
    LivyguardError,
    QuotaUnchecked,
    SessionDenied,
)
from livyguard.errors import SessionVanished as Vanished
from livyguard.policy.footprint import Footprint, bearing
from livyguard.policy.identity import Identity
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.quotas import Quotas
from livyguard.sessions.model import UNTOLD, StatementTimes
from livyguard.sessions.ownership import USER_TAG
from livyguard.testing import ENDPOINT, FakeStore, a_session, an_application, an_entry
from tests.unit.guard_scene import Scene, answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.policy.decision import Decision
    from livyguard.policy.model import Policy
    from livyguard.sessions.model import LedgerEntry, Session

QUOTA = """
version = 1
[cluster]
dynamic_allocation = true
[defaults]
quota = { sessions = 3, executors = 10 }
limits."executors.max" = { max = 8, default = 5 }
"""
CUT = EndpointUnreachable(f"{ENDPOINT} cut the connection.", ENDPOINT, may_have_arrived=True)
#: What a creation asks Livy for, besides the POST.
LOOKS_WHILE_IT_FITS = ["sessions", "create", "sessions"]


def alices(session_id: int, executors: int = 5, state: str = "idle", **fields: Any) -> Session:
    sizes = bearing({"numExecutors": executors, "conf": {"spark.dynamicAllocation.maxExecutors": str(executors)}})
    return a_session(session_id, state, login="alice", sizes=sizes, ceiling=Footprint(executors), **fields)


def scene(*sessions: Session, policy: str = QUOTA) -> Scene:
    it = Scene(policy)
    it.store.listed = {each.id: replace(each, endpoint=it.store.endpoint) for each in sessions}
    return it


def calls(it: Scene) -> list[str]:
    return [name for name, _ in it.store.calls]


def sneak(*sessions: Session) -> Callable[[FakeStore], None]:
    """Return what registers sessions of others between the look before a POST and the POST."""

    def happen(store: FakeStore) -> None:
        store.listed |= {each.id: replace(each, endpoint=store.endpoint) for each in sessions}

    return happen


def refused(it: Scene, asked: dict[str, Any] | None = None) -> Decision:
    with pytest.raises(SessionDenied) as denied:
        it.guard.create(it.store, asked or {"numExecutors": 5})
    decision: Decision = denied.value.decision
    return decision


def raced(it: Scene, *sessions: Session, asked: dict[str, Any] | None = None) -> Decision:
    """Return the refusal of a request before whose POST others came."""
    it.store.after = {"sessions": sneak(*sessions)}
    return refused(it, asked)


def yarn_knows(it: Scene, state: str = "ACCEPTED") -> Callable[[FakeStore], None]:
    """Return what makes YARN know an application of the session that is being created."""

    def happen(store: FakeStore) -> None:
        newest = store.listed[max(store.listed)]
        tag = next(tag for tag in newest.tags if len(tag) == len("livyguard-0badcafe"))
        known = an_application(7, state, tag)
        it.yarn.running[known.id] = known

    return happen


def test_where_a_quota_holds_the_sessions_are_listed_once_before_the_post_and_once_after_it() -> None:
    it = scene(alices(4))

    created = it.guard.create(it.store, {"numExecutors": 5})

    assert calls(it) == LOOKS_WHILE_IT_FITS
    assert created.session.id == 5


def test_where_none_holds_nothing_is_listed() -> None:
    it = scene(alices(4), policy='version = 1\n[defaults]\nlimits."executors.max" = { max = 8 }')

    it.guard.create(it.store, {})

    assert calls(it) == ["create"]


def test_a_session_beyond_the_quota_is_refused_before_anything_is_sent() -> None:
    it = scene(alices(4, 8, state="busy"))

    decision = refused(it, {"numExecutors": 5})

    assert it.sent == []
    assert [(each.code, each.property, each.allowed) for each in decision.violations] == [
        ("LG703", "quota.executors", "at most 2 more")
    ]
    assert decision.violations[0].reason == "You hold 8 of 10 executors."
    assert decision.nearest == {"numExecutors": 2, "conf": {"spark.dynamicAllocation.maxExecutors": "2"}}
    assert it.log[-1]["outcome"] == "denied"


def test_a_refusal_names_the_session_that_has_been_idle_longest_and_for_how_long() -> None:
    it = scene(alices(4, 2), alices(6, 2), alices(7, 1, state="busy"))
    now = it.clock.now()
    it.store.statements = {4: StatementTimes(0.0, now - 600), 6: StatementTimes(0.0, now - 52 * 60)}

    decision = refused(it, {"numExecutors": 4})

    assert decision.release == (6,)
    assert decision.violations[0].reason == "You hold 3 of 3 sessions; session 6 has been idle for 52 min."


def test_what_has_gone_until_the_closer_look_does_not_count() -> None:
    it = scene(alices(4, 8))
    it.store.after = {"sessions": lambda store: store.listed.pop(4)}

    assert it.guard.create(it.store, {"numExecutors": 5}).session.id == 0


def test_where_the_closer_look_fails_the_refusal_stands() -> None:
    it = scene(alices(4, 8))
    it.store.after = {"sessions": lambda store: store.faults.update(sessions=[CUT])}

    assert refused(it).release == ()


def test_a_session_that_still_holds_executors_though_it_is_idle_is_not_offered() -> None:
    busy = an_application(4, "RUNNING", memory_mib=9000, cores=9, containers=9)
    it = scene(alices(4, 8, app_id=busy.id))
    it.yarn.running[busy.id] = busy
    it.store.listed[4] = replace(it.store.listed[4], dynamic_allocation=True)

    assert refused(it).release == ()


def test_the_session_that_a_configure_replaces_is_not_counted() -> None:
    it = scene(alices(4, 8))

    assert it.guard.preview(it.store, {"numExecutors": 8}, (), {4}).verdict == "allow"
    with pytest.raises(SessionDenied):
        it.guard.preview(it.store, {"numExecutors": 8})


def test_what_would_be_done_is_told_though_livy_cannot_be_asked_what_is_held() -> None:
    it = scene()
    it.store.faults = {"sessions": [CUT]}

    decision = it.guard.judge(it.store, {})

    assert decision.verdict == "allow"
    assert decision.notices == (f"What you hold could not be read, so your quota is not looked at: {CUT}",)


def test_nothing_is_sent_where_the_sessions_cannot_be_listed_before() -> None:
    it = scene()
    it.store.faults = {"sessions": [CUT]}

    with pytest.raises(QuotaUnchecked, match="could not be checked before the request, so nothing was sent") as told:
        it.guard.create(it.store, {})

    assert it.sent == []
    assert str(CUT) in str(told.value)
    assert told.value.exit_code == 3


def test_the_youngest_gives_way_where_others_came_first() -> None:
    it = scene()

    decision = raced(it, alices(0, 8, state="starting"))

    assert list(it.store.listed) == [0]
    assert decision.violations[0].reason == "You hold 8 of 10 executors."
    assert decision.gave_way.startswith(
        "Session 1 was created, and those before it leave no room for it: it gives way."
    )
    assert it.ledger.entries() == []
    assert (it.log[-1]["outcome"], it.log[-1]["session_id"]) == ("withdrawn", 1)


def test_who_came_later_makes_nobody_give_way() -> None:
    it = scene()
    it.store.after = {"create": sneak(alices(9, 8, state="starting"))}

    assert it.guard.create(it.store, {"numExecutors": 5}).session.id == 0


def test_who_came_first_and_has_gone_meanwhile_does_not_count() -> None:
    it = scene()
    it.store.after = {
        "sessions": sneak(alices(0, 8, state="starting")),
        "create": lambda store: store.listed.pop(0),
    }

    assert it.guard.create(it.store, {"numExecutors": 5}).session.id == 1


@pytest.mark.parametrize("state", ["dead", "error", "killed", "success", "shutting_down"])
def test_what_has_ended_makes_nobody_give_way(state: str) -> None:
    it = scene()
    it.store.after = {"sessions": sneak(alices(0, 8, state=state))}

    assert it.guard.create(it.store, {"numExecutors": 5}).session.id == 1


def test_the_application_of_a_session_that_gives_way_has_ended_before_the_cell_fails() -> None:
    it = scene()
    it.yarn.dies_after = 2
    it.store.after = {"sessions": sneak(alices(0, 8)), "create": yarn_knows(it)}

    decision = refused(it)

    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]
    assert "was ended; YARN says KILLED." in decision.gave_way


def test_a_resource_manager_that_cannot_be_reached_is_told_and_the_session_stays_in_the_ledger() -> None:
    it = scene()
    it.yarn.faults = {"tagged": [ClusterError("http://rm:8088 does not answer.")]}

    decision = raced(it, alices(0, 8))

    assert "Whether YARN still has an application of it is not known. http://rm:8088 does not answer." in (
        decision.gave_way
    )
    assert list(it.store.listed) == [0]
    assert [entry.session_id for entry in it.ledger.entries()] == [1]


def test_a_session_of_which_nobody_knows_whether_it_fits_is_not_kept() -> None:
    it = scene()
    never = {"sessions": [CUT] * 20, "adopt": [CUT] * 20}
    it.store.after = {"create": lambda store: store.faults.update(never)}
    began = it.clock.now()

    with pytest.raises(QuotaUnchecked, match="could not be checked after that") as told:
        it.guard.create(it.store, {})

    assert it.store.listed == {}
    assert "Session 0 is deleted." in str(told.value)
    assert it.log[-1]["outcome"] == "failed"
    assert it.clock.now() - began < 10


def test_a_delete_that_fails_is_repeated() -> None:
    it = scene()
    it.store.faults = {"delete": [CUT, answered(500)]}

    raced(it, alices(0, 8))

    assert list(it.store.listed) == [0]


def test_a_delete_is_not_repeated_on_what_has_got_its_number_since() -> None:
    it = scene()

    def restart(store: FakeStore) -> None:
        store.listed[1] = replace(alices(1), login="bob", endpoint=store.endpoint, tells_tags=True)
        store.faults["delete"] = [CUT]

    it.store.after = {"sessions": sneak(alices(0, 8)), "create": lambda store: store.after.update(sessions=later)}

    def later(store: FakeStore) -> None:
        store.after["sessions"] = restart

    decision = refused(it)

    assert it.store.listed[1].login == "bob"
    assert "Session 1 is deleted." in decision.gave_way


def test_what_livy_does_not_let_us_delete_is_told_at_once_and_owed() -> None:
    it = scene()
    it.store.refused = {1}
    began = it.clock.now()

    decision = raced(it, alices(0, 8))

    assert "Session 1 could not be deleted and may still hold resources" in decision.gave_way
    assert "`%livy_release 1` frees it" in decision.gave_way
    assert it.clock.now() == began


def test_what_could_not_be_deleted_is_taken_back_before_the_next_session() -> None:
    it = scene()
    it.store.faults = {"delete": [CUT] * 7}
    decision = raced(it, alices(0, 4), alices(1, 4))
    assert "could not be deleted" in decision.gave_way
    assert 2 in it.store.listed

    created = it.guard.create(it.store, {"numExecutors": 2, "conf": {"spark.dynamicAllocation.maxExecutors": 2}})

    assert sorted(it.store.listed) == [0, 1, created.session.id]


def test_what_is_owed_stays_owed_while_livy_cannot_be_asked() -> None:
    it = scene()
    it.store.faults = {"delete": [CUT] * 7}
    raced(it, alices(0, 8))

    it.store.faults = {"session": [CUT]}
    refused(it)
    assert sorted(it.store.listed) == [0, 1]
    refused(it)

    assert sorted(it.store.listed) == [0]


def test_a_session_whose_answer_was_lost_is_taken_back_before_the_next_one() -> None:
    it = scene()
    it.store.after = {"create": lambda store: store.faults.update(adopt=[CUT] * 5)}
    it.store.faults = {"create": []}

    def cut(_store: FakeStore) -> None:
        it.store.faults["adopt"] = [CUT] * 5
        raise CUT

    it.store.after = {"create": cut}
    with pytest.raises(AnswerLost):
        it.guard.create(it.store, {})
    assert sorted(it.store.listed) == [0]

    it.guard.create(it.store, {})

    assert sorted(it.store.listed) == [1]


def test_a_session_whose_answer_was_lost_is_found_counted_and_gives_way() -> None:
    it = scene()

    def cut(_store: FakeStore) -> None:
        raise CUT

    it.store.after = {"sessions": sneak(alices(0, 8)), "create": cut}

    assert "Session 1 is deleted." in refused(it).gave_way
    assert list(it.store.listed) == [0]


def test_a_session_that_a_restart_of_livy_took_leaves_no_application() -> None:
    it = scene()

    def restart(store: FakeStore) -> None:
        yarn_knows(it)(store)
        store.listed, store.next_id = {}, 0

    it.store.after = {"create": restart}

    with pytest.raises(Vanished, match="Livy no longer lists session 0") as told:
        it.guard.create(it.store, {})

    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]
    assert "was ended" in str(told.value)


def test_a_session_that_somebody_else_has_under_our_number_since_a_restart_is_not_ours() -> None:
    it = scene()

    def restart(store: FakeStore) -> None:
        store.listed = {0: replace(alices(0), login="bob", endpoint=store.endpoint, tells_tags=True)}

    it.store.after = {"create": restart}

    with pytest.raises(Vanished):
        it.guard.create(it.store, {})

    assert it.store.listed[0].login == "bob"


@pytest.mark.parametrize("moment", ["sessions", "delete"])
def test_an_interrupt_while_it_is_counted_or_gives_way_leaves_nothing(moment: str) -> None:
    it = scene()

    def interrupt(_store: FakeStore) -> None:
        raise KeyboardInterrupt

    def then(store: FakeStore) -> None:
        yarn_knows(it)(store)
        store.after[moment] = interrupt

    it.store.after = {"sessions": sneak(alices(0, 8)), "create": then}

    with pytest.raises(KeyboardInterrupt):
        it.guard.create(it.store, {})

    assert list(it.store.listed) == [0]
    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]
    assert it.log[-1]["outcome"] == "interrupted"


def test_a_team_is_counted_by_its_members_names_and_the_refusal_tells_numbers_alone() -> None:
    policy = """
    version = 1
    [[tenant]]
    name = "analysts"
    users = ["alice", "bob-*"]
    team_quota = { executors = 12 }
    limits."executors.max" = { max = 8 }
    """
    secret = "bobs-secret-plan"
    others = [
        replace(alices(3, 8, state="busy"), login="bob-1", name=secret),
        replace(alices(4, 8, state="busy"), login="zoe"),
    ]
    it = scene(*others, policy=policy)

    decision = refused(it, {"numExecutors": 5})

    (violation,) = decision.violations
    assert (violation.property, violation.rule) == ("team_quota.executors", "analysts.team_quota.executors")
    assert violation.reason == "The members of analysts hold 8 of 12 executors together, none of them yours."
    assert secret not in str(decision)


def test_what_livy_does_not_tell_is_read_from_the_applications_tags() -> None:
    known = an_application(4, "RUNNING", tag="livyguard-ceiling-2-3000-3")
    it = scene(a_session(4, login="alice", app_id=known.id))
    it.yarn.running[known.id] = known

    assert it.guard.create(it.store, {"numExecutors": 8}).session.id == 5


def test_what_nothing_tells_is_the_most_that_the_tenant_may_have_and_marked_as_assumed() -> None:
    it = scene(a_session(4, login="alice"))

    (violation,) = refused(it, {"numExecutors": 8}).violations

    assert violation.reason.startswith("You hold 8 of 10 executors")
    assert "assumed" in violation.reason


def test_sessions_without_a_known_owner_are_not_counted() -> None:
    claimed = replace(alices(5, 8), login=None, tags=frozenset({f"{USER_TAG}alice"}))
    it = scene(replace(alices(4, 8), login="livy"), claimed)

    assert it.guard.create(it.store, {"numExecutors": 8}).session.id == 6


def test_where_livy_tells_no_owner_a_session_counts_before_its_creator_knows_its_number() -> None:
    it, tag = scene(), "livyguard-0badcafe"
    it.store.authenticated_user = None
    it.ledger.record(an_entry(UNTOLD, tag))

    decision = raced(it, replace(alices(0, 8), login=None, tags=frozenset({"livyguard", tag})))

    assert decision.violations[0].reason.startswith("You hold 8 of 10 executors")
    assert [entry.session_id for entry in it.ledger.entries()] == [UNTOLD]


@pytest.mark.parametrize("fault", [answered(400, "no"), answered(503), EndpointUnreachable("refused", ENDPOINT), CUT])
def test_what_livy_did_not_create_is_in_no_ledger(fault: LivyguardError) -> None:
    it = scene()
    it.store.faults = {"create": [fault]}

    with pytest.raises(type(fault)):
        it.guard.create(it.store, {})

    assert it.ledger.entries() == []


def test_a_session_whose_answer_was_lost_is_in_the_ledger_as_long_as_nobody_knows_of_it() -> None:
    it = scene()
    it.store.faults = {"create": [CUT], "adopt": [CUT] * 5}
    with pytest.raises(AnswerLost):
        it.guard.create(it.store, {})
    lost = [entry.session_id for entry in it.ledger.entries()]

    created = it.guard.create(it.store, {})

    assert lost == [UNTOLD]
    assert [entry.session_id for entry in it.ledger.entries()] == [created.session.id]


def test_an_interrupt_before_the_ledger_knows_the_number_leaves_no_application() -> None:
    it = scene()
    record = it.ledger.record

    def interrupt(_entry: LedgerEntry) -> None:
        it.ledger.record = record  # type: ignore[method-assign]
        raise KeyboardInterrupt

    def created(store: FakeStore) -> None:
        yarn_knows(it)(store)
        it.ledger.record = interrupt  # type: ignore[method-assign]

    it.store.after = {"create": created}
    with pytest.raises(KeyboardInterrupt):
        it.guard.create(it.store, {})

    assert (it.store.listed, it.ledger.entries()) == ({}, [])
    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]


def test_a_session_says_by_tags_what_it_can_hold_and_for_whom_it_counts() -> None:
    it = scene(policy=f"{QUOTA}\n[defaults.team_quota]\nsessions = 9")

    it.guard.create(it.store, {"numExecutors": 3, "executorMemory": "4g", "executorCores": 2})

    tags = it.sent[0]["conf"]["spark.yarn.tags"].split(",")
    assert tags[3:] == ["livyguard-tenant-defaults", "livyguard-ceiling-5-23933-11"]
    assert it.ledger.entries()[0].ceiling == "5-23933-11"


def test_whom_livys_answer_names_is_held_against_their_own_quota() -> None:
    policy = """
    version = 1
    [defaults]
    limits."executors.max" = { max = 8 }
    [[tenant]]
    name = "one"
    users = ["alice"]
    quota = { sessions = 1 }
    """
    it = scene(alices(4), policy=policy)
    it.identities.user = "somebody"
    it.store.after = {"create": lambda _store: setattr(it.identities, "user", "alice")}

    decision = refused(it)

    assert decision.violations[0].rule == "one.quota.sessions"
    assert decision.tenant == "one"
    assert list(it.store.listed) == [4]


def without_tags(store: FakeStore) -> None:
    """Let Livy show no conf, as before 0.8."""
    store.listed = {number: replace(one, tags=frozenset(), tells_tags=False) for number, one in store.listed.items()}


def test_an_interrupt_leaves_nothing_on_a_livy_that_shows_no_tags() -> None:
    it = scene()

    def interrupt(_store: FakeStore) -> None:
        raise KeyboardInterrupt

    def then(store: FakeStore) -> None:
        without_tags(store)
        store.after["sessions"] = interrupt

    it.store.after = {"create": then}

    with pytest.raises(KeyboardInterrupt):
        it.guard.create(it.store, {})

    assert it.store.listed == {}


def test_what_may_be_anothers_since_is_left_alone_and_owed_on_a_livy_that_shows_no_tags() -> None:
    it = scene()

    def then(store: FakeStore) -> None:
        without_tags(store)
        store.faults["sessions"] = [CUT]

    it.store.after = {"create": then}

    with pytest.raises(QuotaUnchecked, match="Livy does not tell whether session 0 is still the same"):
        it.guard.create(it.store, {})

    assert list(it.store.listed) == [0]


def test_what_somebody_holds_is_surveyed_without_taking_what_is_mine_for_theirs() -> None:
    it = scene(alices(4, 8), replace(alices(5, 3), login="bob"))
    policy, quotas = parse(QUOTA, source="p.toml"), Quotas(it.ledger, it.clock, it.yarn, it.whose)

    mine = quotas.survey(it.store, policy, Identity("alice", "reported", "a test"))
    bobs = quotas.survey(it.store, policy, Identity("bob", "reported", "--user"), is_me=False)

    assert [one.id for one in mine.held if one.is_own] == [4]
    assert [one.id for one in bobs.held if one.is_own] == [5]


def test_a_second_interrupt_tells_what_may_be_left_and_the_next_session_takes_it_back() -> None:
    it = scene()

    def interrupt(_store: FakeStore) -> None:
        raise KeyboardInterrupt

    def then(store: FakeStore) -> None:
        store.after |= {"sessions": interrupt, "session": interrupt}

    it.store.after = {"create": then}
    with pytest.raises(KeyboardInterrupt):
        it.guard.create(it.store, {})
    assert "may be left over. The next that is created here takes it back first." in it.display.notices[-1]
    assert list(it.store.listed) == [0]

    it.store.after = {}
    it.guard.create(it.store, {})

    assert list(it.store.listed) == [1]


def late(it: Scene, looks: int) -> Callable[[FakeStore], None]:
    """Return what breaks a POST off, whose session Livy registers only after so many looks for it."""

    def happen(store: FakeStore) -> None:
        arrived, store.listed = store.listed, {}

        def appear(left: int) -> Callable[[FakeStore], None]:
            def look(store: FakeStore) -> None:
                if left <= 1:
                    store.listed = arrived
                else:
                    store.after["adopt"] = appear(left - 1)

            return look

        store.after["adopt"] = appear(looks)
        raise KeyboardInterrupt

    return happen


def test_a_session_that_livy_registers_after_an_interrupt_is_looked_for_some_seconds() -> None:
    it = scene()
    it.store.after = {"create": late(it, 2)}

    with pytest.raises(KeyboardInterrupt):
        it.guard.create(it.store, {})

    assert it.store.listed == {}
    assert it.ledger.entries() == []


@pytest.mark.parametrize("fault", [CUT, answered(502)])
def test_what_a_lost_post_left_in_yarn_is_ended_where_livy_lists_no_session_of_it(fault: Any) -> None:
    it = scene()

    def restart(store: FakeStore) -> None:
        yarn_knows(it)(store)
        store.listed, store.next_id = {}, 0
        raise fault

    it.store.after = {"create": restart}

    with pytest.raises(type(fault)):
        it.guard.create(it.store, {})

    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]
    assert it.ledger.entries() == []


def test_a_lost_post_of_which_nothing_is_left_is_told_once_where_no_cluster_can_be_asked() -> None:
    it = scene()
    it.yarn.is_configured = False

    def cut(store: FakeStore) -> None:
        store.listed = {}
        raise CUT

    it.store.after = {"create": cut}

    with pytest.raises(EndpointUnreachable):
        it.guard.create(it.store, {})

    assert it.display.notices == []
    assert it.ledger.entries() == []


def test_a_session_that_was_only_looked_for_before_it_could_be_there_is_not_given_up() -> None:
    it = scene()

    def cut(store: FakeStore) -> None:
        arrived, store.listed = store.listed, {}

        def then_fail(store: FakeStore) -> None:
            store.listed = arrived
            store.faults["adopt"] = [CUT] * 4

        store.after["adopt"] = then_fail
        raise CUT

    it.store.after = {"create": cut}
    with pytest.raises(AnswerLost):
        it.guard.create(it.store, {})

    it.guard.create(it.store, {})

    assert list(it.store.listed) == [1]


@pytest.mark.parametrize(
    ("happens", "raised"), [("no policy can be read any more", SessionDenied), ("a bug", RuntimeError)]
)
def test_whatever_goes_wrong_after_the_post_leaves_no_session(happens: str, raised: type[BaseException]) -> None:
    it = scene()

    def go_wrong(_store: FakeStore) -> None:
        if raised is RuntimeError:
            raise RuntimeError(happens)
        it.policies.text = "invalid"

    it.store.after = {"create": lambda store: store.after.update(sessions=go_wrong)}
    if raised is SessionDenied:
        it.store.after = {"create": go_wrong}

    with pytest.raises(raised):
        it.guard.create(it.store, {})

    assert it.store.listed == {}
    assert it.ledger.entries() == []
    assert it.log[-1]["outcome"] == "failed"


def test_what_is_taken_back_late_is_told_where_something_of_it_may_be_left() -> None:
    it = scene()
    it.store.faults = {"delete": [CUT] * 7}
    raced(it, alices(0, 4), alices(1, 4))

    it.yarn.faults = {"tagged": [ClusterError("http://rm:8088 does not answer.")]}
    it.guard.preview(it.store, {"numExecutors": 1, "conf": {"spark.dynamicAllocation.maxExecutors": 1}})

    assert it.display.notices[-1].startswith("Session 2 is deleted. Whether YARN still has an application of it")
    assert sorted(it.store.listed) == [0, 1]


def test_a_livy_that_shows_no_tags_is_proven_by_the_application_that_yarn_shows_them_of() -> None:
    it = scene()

    def then(store: FakeStore) -> None:
        yarn_knows(it, "RUNNING")(store)
        without_tags(store)
        store.listed[0] = replace(store.listed[0], app_id=next(iter(it.yarn.running)))
        store.faults["sessions"] = [CUT]

    it.store.after = {"create": then}

    with pytest.raises(QuotaUnchecked, match="Session 0 is deleted"):
        it.guard.create(it.store, {})

    assert it.store.listed == {}
    assert [one.state for one in it.yarn.running.values()] == ["KILLED"]


def test_where_livy_tells_neither_owner_nor_tags_what_this_machine_noted_counts_while_it_starts() -> None:
    it = scene(policy=QUOTA.replace("sessions = 3", "sessions = 1"))
    it.store.authenticated_user = None
    it.store.after = {"create": without_tags}
    it.guard.create(it.store, {})

    with pytest.raises(SessionDenied):
        it.guard.create(it.store, {})

    assert list(it.store.listed) == [0]


def test_the_same_livy_by_another_url_is_known_by_the_tags_that_it_lists() -> None:
    it = scene(policy=QUOTA.replace("sessions = 3", "sessions = 1"))
    it.store.authenticated_user = None
    it.guard.create(it.store, {})
    it.store.endpoint = "http://127.0.0.1:8998"
    it.store.listed = {number: replace(one, endpoint=it.store.endpoint) for number, one in it.store.listed.items()}

    with pytest.raises(SessionDenied):
        it.guard.create(it.store, {})


def test_what_fits_after_one_gave_way_counts_those_that_came_later_and_stayed() -> None:
    it = scene()
    it.store.after = {"sessions": sneak(alices(0, 6)), "create": sneak(alices(9, 3, state="starting"))}

    assert refused(it).nearest == {"numExecutors": 1, "conf": {"spark.dynamicAllocation.maxExecutors": "1"}}


def test_what_was_asked_for_is_offered_again_where_it_fits_once_those_before_it_have_gone() -> None:
    it = scene()

    def then(store: FakeStore) -> None:
        store.after["sessions"] = lambda store: store.after.update(sessions=lambda store: store.listed.pop(0))

    it.store.after = {"sessions": sneak(alices(0, 8, state="busy")), "create": then}

    assert refused(it, {"numExecutors": 5}).nearest == {"numExecutors": 5}


def test_where_nobody_can_look_a_third_time_what_fits_is_told_by_what_was_seen() -> None:
    it = scene()

    def then(store: FakeStore) -> None:
        store.after["sessions"] = lambda store: store.after.update(sessions=fail)

    def fail(store: FakeStore) -> None:
        store.faults["sessions"] = [CUT]

    it.store.after = {"sessions": sneak(alices(0, 8)), "create": then}

    assert refused(it).nearest == {"numExecutors": 2, "conf": {"spark.dynamicAllocation.maxExecutors": "2"}}


OPERATORS = """
version = 1
[cluster]
dynamic_allocation = true
[defaults]
limits."executors.max" = { max = 8, default = 5 }
[[tenant]]
name = "free"
groups = ["free"]
[[tenant]]
name = "team"
users = ["alice", "bob"]
team_quota = { sessions = 2 }
"""
JUNIORS = """
[[tenant]]
name = "juniors"
users = ["alice", "zoe"]
team_quota = { sessions = 2 }
"""
OWN = '[[tenant]]\nname = "mine"\nusers = ["alice"]'


class Stacked:
    """Policies of several layers."""

    def __init__(self, *layers: str) -> None:
        self.layers = [parse(text, source=f"{place}.toml") for place, text in enumerate(layers)]

    def policy(self) -> Policy:
        return stacked(self.layers)


def stacked_scene(layers: tuple[str, ...], owners: str) -> Scene:
    it = Scene(None)
    policies = Stacked(*layers)
    admission = Admission(policies, it.identities, Quotas(it.ledger, it.clock, it.yarn, it.whose), it.clock)
    it.guard._admission = admission
    listed = [a_session(number, "idle", login=owner) for number, owner in enumerate(owners.split())]
    it.store.listed = {each.id: replace(each, endpoint=it.store.endpoint) for each in listed}
    return it


@pytest.mark.parametrize(
    ("layers", "owners", "refusal"),
    [
        ((OPERATORS,), "bob alice", "The members of team hold 2 of 2 sessions together, 1 of them yours"),
        ((OPERATORS, OWN), "bob bob", "The members of team hold 2 of 2 sessions together, none of them yours"),
        ((OPERATORS, JUNIORS), "zoe zoe", "The members of juniors hold 2 of 2 sessions together, none of them yours"),
        ((OPERATORS, JUNIORS), "zoe bob", None),
        ((OPERATORS, JUNIORS), "zoe alice", "The members of juniors hold 2 of 2 sessions together, 1 of them yours"),
        ((OPERATORS, JUNIORS), "bob@A bob@A", "The members of team hold 2 of 2 sessions together, none of them yours"),
    ],
)
def test_the_team_quota_of_every_layer_holds_for_its_own_members(
    layers: tuple[str, ...], owners: str, refusal: str | None
) -> None:
    it = stacked_scene(layers, owners)

    if refusal is None:
        it.guard.create(it.store, {})
        tags = it.sent[0]["conf"]["spark.yarn.tags"].split(",")
        assert tags[3:5] == ["livyguard-tenant-team", "livyguard-tenant-juniors"]
    else:
        assert [each.reason.split(";")[0].rstrip(".") for each in refused(it).violations] == [refusal]


def test_who_is_in_no_team_by_a_group_says_so_by_a_tag_lest_others_count_them() -> None:
    it = Scene(OPERATORS)
    it.identities.who = lambda _store: Identity("bob", "reported", "a test", frozenset({"free"}))  # type: ignore[method-assign]

    it.guard.create(it.store, {})

    assert it.sent[0]["conf"]["spark.yarn.tags"].split(",")[3:] == ["livyguard-tenant-free"]


TEAM_BY_GROUP = """
version = 1
[[tenant]]
name = "analysts"
groups = ["analytics"]
users = ["alice"]
team_quota = { sessions = 1 }
limits."executors.max" = { max = 8 }
"""


def test_who_belongs_to_the_team_by_a_group_is_known_by_yarns_tags_where_livy_shows_none() -> None:
    known = an_application(4, "RUNNING", tag="livyguard-tenant-analysts")
    bobs = a_session(4, "busy", login="bob", app_id=known.id)
    it = scene(bobs, policy=TEAM_BY_GROUP)
    it.yarn.running[known.id] = known

    (violation,) = refused(it).violations

    assert violation.property == "team_quota.sessions"


def test_tags_that_yarn_could_not_take_beside_ours_are_told() -> None:
    it = scene(policy=TEAM_BY_GROUP)
    mine = ",".join("abcdefg")

    it.guard.create(it.store, {"conf": {"spark.yarn.tags": mine}})

    sent = it.sent[0]["conf"]["spark.yarn.tags"].split(",")
    assert "livyguard-tenant-analysts" in sent
    lost = [tag for tag in "abcdefg" if tag not in sent]
    assert lost
    assert it.display.notices[-1].startswith(f"YARN takes ten tags at most: {', '.join(lost)} of spark.yarn.tags")
