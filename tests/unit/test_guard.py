from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from livyguard.errors import (
    AnswerLost,
    AuthenticationFailed,
    ClusterError,
    EndpointUnreachable,
    LivyAnswer,
    SessionDenied,
)
from livyguard.sessions.application import unique_tags
from livyguard.testing import (
    ENDPOINT,
    FakeStore,
    an_application,
)
from tests.unit.guard_scene import Scene, answered

if TYPE_CHECKING:
    from livyguard.sessions.model import LedgerEntry


def test_a_greedy_request_is_sent_clamped_and_tagged_with_one_post() -> None:
    scene = Scene()

    created = scene.guard.create(scene.store, {"numExecutors": 40, "kind": "pyspark"})

    (body,) = scene.sent
    tags = body["conf"]["spark.yarn.tags"].split(",")
    assert (body["numExecutors"], body["conf"]["spark.dynamicAllocation.maxExecutors"]) == (8, "8")
    assert body["queue"] == "root.users"
    assert tags[0] == "livyguard"
    assert tags[2] == "livyguard-user-alice"
    assert created.session.tags == set(tags)
    assert "name" not in body


@pytest.mark.parametrize("manager", ["kubernetes", "yarn"])
def test_the_driver_is_labelled_where_the_policy_says_that_spark_runs_on_kubernetes(manager: str) -> None:
    scene = Scene(f'version = 1\n[cluster]\nmanager = "{manager}"')

    scene.guard.create(scene.store, {})

    [sent] = scene.sent
    [tag] = unique_tags(sent["conf"]["spark.yarn.tags"].split(","))
    label = sent["conf"].get("spark.kubernetes.driver.label.livyguard")
    assert label == (tag.removeprefix("livyguard-") if manager == "kubernetes" else None)


def test_the_ledger_remembers_what_was_created() -> None:
    scene = Scene()

    created = scene.guard.create(scene.store, {})

    (entry,) = scene.ledger.entries()
    assert (entry.endpoint, entry.session_id, entry.login) == (ENDPOINT, created.session.id, "alice")
    assert entry.tag in created.session.tags
    assert (entry.kernel, entry.notebook, entry.user) == ("kernel-1", "work/report.ipynb", "alice")


def test_a_denied_request_sends_nothing() -> None:
    scene = Scene()

    with pytest.raises(SessionDenied, match="denied: queue") as denied:
        scene.guard.create(scene.store, {"queue": "root.admin"})

    assert scene.store.calls == []
    assert denied.value.decision.verdict == "deny"
    assert scene.ledger.entries() == []


@pytest.mark.parametrize("do", ["preview", "create"])
def test_nobody_is_judged_where_livy_will_not_let_them_in(do: str) -> None:
    fault = AuthenticationFailed("There is no Kerberos ticket.", ENDPOINT)
    scene = Scene(faults={"check_login": [fault]})

    with pytest.raises(AuthenticationFailed):
        getattr(scene.guard, do)(scene.store, {"numExecutors": 40})

    assert scene.sent == []
    assert scene.display.decisions == []


def test_a_decision_is_shown_once_though_it_is_judged_twice() -> None:
    scene = Scene()
    asked = {"numExecutors": 40, "kind": "pyspark"}

    scene.guard.preview(scene.store, asked)
    scene.guard.create(scene.store, asked)
    once = len(scene.display.decisions)
    scene.guard.create(scene.store, asked)

    assert once == 1
    assert len(scene.display.decisions) == 2


def test_a_decision_that_came_out_otherwise_than_previewed_is_shown_again() -> None:
    scene = Scene()

    scene.guard.preview(scene.store, {"numExecutors": 40})
    scene.guard.create(scene.store, {"numExecutors": 30})

    assert [decision.changes[0].asked for decision in scene.display.decisions] == [40, 30]


def test_judging_alone_shows_and_creates_nothing() -> None:
    scene = Scene()

    decision = scene.guard.judge(scene.store, {"queue": "root.admin"})

    assert decision.verdict == "deny"
    assert scene.display.decisions == []
    assert scene.store.calls == []


def test_the_operators_settings_stand_below_the_users() -> None:
    scene = Scene()

    scene.guard.create(scene.store, {"driverMemory": "1g"}, [{"driverMemory": "4g", "executorMemory": "2g"}])

    assert (scene.sent[0]["driverMemory"], scene.sent[0]["executorMemory"]) == ("1g", "2g")


def test_without_a_policy_nothing_is_limited_and_that_is_said_once() -> None:
    scene = Scene(None)

    scene.guard.create(scene.store, {"numExecutors": 40})
    scene.guard.create(scene.store, {"numExecutors": 40})

    assert [body["numExecutors"] for body in scene.sent] == [40, 40]
    assert len([notice for notice in scene.display.notices if "limits nothing" in notice]) == 1


def test_where_the_policy_was_never_valid_nothing_is_created() -> None:
    scene = Scene("invalid")

    with pytest.raises(SessionDenied, match=r"(?s)defaults.limits: unknown.*%livy_release work"):
        scene.guard.create(scene.store, {})

    assert scene.store.calls == []


@pytest.mark.parametrize(
    "lost", [answered(502), EndpointUnreachable("The connection was cut.", ENDPOINT, may_have_arrived=True)]
)
def test_a_session_whose_answer_was_lost_is_found_by_its_tag_and_used(lost: Any) -> None:
    scene = Scene()

    def lose(store: FakeStore) -> None:
        raise lost

    scene.store.after["create"] = lose

    created = scene.guard.create(scene.store, {})

    assert len(scene.sent) == 1
    assert created.session.id == 0
    assert scene.ledger.entries()[0].session_id == 0
    assert "answer was lost" in scene.display.notices[0]


def test_the_search_for_a_lost_session_ends_and_the_loss_is_told() -> None:
    scene = Scene(faults={"create": [answered(502)], "adopt": [answered(503), answered(503)]})
    before = scene.clock.now()

    with pytest.raises(LivyAnswer, match="502"):
        scene.guard.create(scene.store, {})

    assert scene.clock.now() - before == pytest.approx(7.5)
    assert len(scene.store.asked("adopt")) == 5
    assert len(scene.sent) == 1


def test_a_session_that_livy_lists_late_is_found_too() -> None:
    scene = Scene()

    def lose(store: FakeStore) -> None:
        raise answered(504)

    scene.store.after["create"] = lose
    scene.store.faults["adopt"] = [answered(503), answered(503)]

    assert scene.guard.create(scene.store, {}).session.id == 0
    assert len(scene.sent) == 1


def test_where_the_listing_cannot_be_read_either_nobody_claims_to_know() -> None:
    scene = Scene(faults={"create": [answered(502)], "adopt": [answered(503)] * 5})

    with pytest.raises(AnswerLost, match=r"tagged livyguard-[0-9a-f]{8} may exist"):
        scene.guard.create(scene.store, {})

    assert len(scene.sent) == 1


def test_a_shared_account_names_nobody_in_tags_and_ledger() -> None:
    scene = Scene(None)
    scene.identities.user = "jovyan"

    scene.guard.create(scene.store, {})

    assert "livyguard-user" not in scene.sent[0]["conf"]["spark.yarn.tags"]
    assert scene.ledger.entries()[0].user is None


def test_a_ledger_that_cannot_be_written_is_told_once() -> None:
    scene = Scene()
    scene.ledger.fault = "/state cannot be written (read-only file system)"

    scene.guard.create(scene.store, {})
    scene.guard.create(scene.store, {})

    assert len([notice for notice in scene.display.notices if "cannot be written" in notice]) == 1


def test_a_refused_connection_is_not_looked_for() -> None:
    scene = Scene(faults={"create": [EndpointUnreachable("Livy refuses the connection.", ENDPOINT)]})

    with pytest.raises(EndpointUnreachable):
        scene.guard.create(scene.store, {})

    assert scene.store.asked("adopt") == []


@pytest.mark.parametrize(
    "message", ['Unrecognized field "idleTimeout" (class X)', r"Unrecognized field \"idleTimeout\""]
)
def test_a_field_that_the_policy_filled_in_and_an_older_livy_does_not_know_is_left_out(message: str) -> None:
    scene = Scene(faults={"create": [answered(400, message)]})

    scene.guard.create(scene.store, {})
    scene.guard.create(scene.store, {})

    assert ["idleTimeout" in body for body in scene.sent] == [True, False, False]


def test_a_field_that_the_user_asked_for_is_never_dropped_silently() -> None:
    scene = Scene(faults={"create": [answered(400, 'Unrecognized field "idleTimeout" (class X)')]})

    with pytest.raises(LivyAnswer, match="idleTimeout"):
        scene.guard.create(scene.store, {"idleTimeout": "10m"})

    assert len(scene.sent) == 1


@pytest.mark.parametrize(
    "message", ["Rejected, too many sessions are being created!", 'Unrecognized field "colour" (x)']
)
def test_any_other_refusal_of_livy_is_passed_on(message: str) -> None:
    scene = Scene(faults={"create": [answered(400, message)]})

    with pytest.raises(LivyAnswer, match="Livy answered 400"):
        scene.guard.create(scene.store, {})

    assert len(scene.sent) == 1


def interrupt(store: FakeStore) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_in_the_middle_of_the_post_leaves_no_session() -> None:
    scene = Scene()
    scene.store.after["create"] = interrupt

    with pytest.raises(KeyboardInterrupt):
        scene.guard.create(scene.store, {})

    assert scene.store.listed == {}
    assert scene.ledger.entries() == []


def test_an_interrupt_while_the_session_is_noted_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    record, interrupts = scene.ledger.record, iter([KeyboardInterrupt()])

    def interrupted_once(entry: LedgerEntry) -> None:
        record(entry)
        for interrupt in interrupts:
            raise interrupt

    monkeypatch.setattr(scene.ledger, "record", interrupted_once)

    with pytest.raises(KeyboardInterrupt):
        scene.guard.create(scene.store, {})

    assert scene.store.listed == {}
    assert scene.ledger.entries() == []


def test_a_session_that_nobody_came_to_know_of_is_withdrawn() -> None:
    scene = Scene()
    scene.guard.create(scene.store, {})

    scene.guard.withdraw()

    assert scene.store.listed == {}


def test_a_session_that_was_handed_over_is_not_withdrawn() -> None:
    scene = Scene()
    created = scene.guard.create(scene.store, {})
    scene.guard.hand_over()

    scene.guard.withdraw()

    assert set(scene.store.listed) == {created.session.id}


def submitted(scene: Scene, state: str = "ACCEPTED") -> None:
    """Let spark-submit reach YARN with the tags of the session that Livy has just registered."""
    (tag,) = unique_tags(scene.store.listed[0].tags)
    scene.yarn.running["application_1_0001"] = an_application(tag=tag, state=state, id="application_1_0001")


def interrupted(scene: Scene) -> None:
    with pytest.raises(KeyboardInterrupt):
        scene.guard.create(scene.store, {})


def test_what_an_interrupted_post_has_in_yarn_by_then_is_killed_with_its_session() -> None:
    scene = Scene()
    scene.store.after |= {"create": interrupt, "adopt": lambda _store: submitted(scene)}

    interrupted(scene)

    assert scene.store.listed == {}
    assert [one.state for one in scene.yarn.running.values()] == ["KILLED"]
    assert scene.ledger.entries() == []
    assert scene.display.notices == []


def test_an_application_that_lives_on_after_an_interrupted_post_is_told_and_remembered() -> None:
    scene = Scene()
    scene.store.after |= {"create": interrupt, "adopt": lambda _store: submitted(scene)}
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager refuses to kill it (403).")]

    interrupted(scene)

    assert "refuses to kill it (403). `yarn application -kill application_1_0001` ends it." in scene.display.notices[-1]
    assert [entry.session_id for entry in scene.ledger.entries()] == [0]


def test_where_nobody_tells_of_yarn_an_interrupted_post_says_how_to_look() -> None:
    scene = Scene()
    scene.yarn.is_configured = False
    scene.store.after["create"] = interrupt

    interrupted(scene)

    assert "Session 0 is deleted. If it runs on YARN" in scene.display.notices[-1]
    assert "yarn application -list -appTags livyguard-" in scene.display.notices[-1]


def test_where_there_is_no_yarn_an_interrupted_post_is_told_in_one_whole_sentence() -> None:
    scene = Scene()
    scene.yarn.is_configured, scene.yarn.manager_is_yarn = False, False
    scene.store.after["create"] = interrupt

    interrupted(scene)

    assert scene.display.notices[-1] == "Session 0 is deleted."


def test_an_interrupt_before_anything_was_created_deletes_nothing() -> None:
    scene = Scene()
    scene.store.after["create"] = interrupt
    scene.store.after["adopt"] = lambda store: None
    scene.store.adopt = lambda tag: None  # type: ignore[method-assign]

    with pytest.raises(KeyboardInterrupt):
        scene.guard.create(scene.store, {})

    assert scene.store.asked("delete") == []


def test_what_an_interrupt_may_leave_is_told_where_livy_does_not_answer() -> None:
    scene = Scene(faults={"adopt": [answered(503)]})
    scene.store.after["create"] = interrupt

    with pytest.raises(KeyboardInterrupt):
        scene.guard.create(scene.store, {})

    assert "may be left over" in scene.display.notices[-1]


def test_a_creation_is_logged_with_what_was_sent_and_the_sessions_number() -> None:
    scene = Scene()

    scene.guard.create(scene.store, {"numExecutors": 40}, [{"driverMemory": "1g"}])

    (line,) = scene.log
    assert (line["user"], line["trust"], line["tenant"]) == ("alice", "reported", "defaults")
    assert (line["verdict"], line["outcome"], line["session_id"]) == ("clamp", "created", 0)
    assert (line["asked"], line["given"]) == ({"numExecutors": 40}, scene.sent[0])
    assert (line["endpoint"], line["kernel"], line["notebook"]) == (ENDPOINT, "kernel-1", "work/report.ipynb")


@pytest.mark.parametrize("do", ["preview", "create"])
def test_a_denial_is_logged_once_with_nothing_given(do: str) -> None:
    scene = Scene()

    with pytest.raises(SessionDenied):
        getattr(scene.guard, do)(scene.store, {"queue": "root.admin"})

    (line,) = scene.log
    assert (line["verdict"], line["outcome"], line["session_id"], line["given"]) == ("deny", "denied", None, None)
    assert line["violations"][0]["property"] == "queue"


def test_what_only_asks_is_not_logged() -> None:
    scene = Scene()

    scene.guard.judge(scene.store, {"queue": "root.admin"})
    scene.guard.preview(scene.store, {"numExecutors": 40})

    assert scene.log == []


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ({"create": [answered(400, "Rejected, too many sessions are being created!")]}, "refused"),
        ({"create": [EndpointUnreachable("Livy refuses the connection.", ENDPOINT)]}, "failed"),
        ({"create": [answered(502)], "adopt": [answered(503)] * 5}, "failed"),
    ],
)
def test_what_livy_made_of_a_decision_is_logged(faults: Any, outcome: str) -> None:
    scene = Scene(faults=faults)

    with pytest.raises((LivyAnswer, EndpointUnreachable, AnswerLost)):
        scene.guard.create(scene.store, {})

    assert [(line["verdict"], line["outcome"], line["session_id"]) for line in scene.log] == [("allow", outcome, None)]
    assert scene.log[0]["given"] == scene.sent[0]


def test_an_interrupted_creation_is_logged_as_one() -> None:
    scene = Scene()
    scene.store.after["create"] = interrupt

    interrupted(scene)

    assert [(line["outcome"], line["session_id"]) for line in scene.log] == [("interrupted", None)]


def test_what_an_older_livy_does_not_know_is_not_logged_as_given() -> None:
    scene = Scene(faults={"create": [answered(400, 'Unrecognized field "idleTimeout" (class X)')]})

    scene.guard.create(scene.store, {})

    assert scene.log[0]["given"] == scene.sent[-1]
    assert "idleTimeout" not in scene.log[0]["given"]


def test_a_log_that_cannot_be_written_stops_nothing_and_is_told_once() -> None:
    scene = Scene()
    scene.log_fault = "The decision log in /log cannot be written: Permission denied"

    scene.guard.create(scene.store, {})
    scene.guard.create(scene.store, {})

    assert len(scene.store.listed) == 2
    assert [notice for notice in scene.display.notices if "Permission denied" in notice] == [
        "The decision log in /log cannot be written: Permission denied. Sessions are created all the same."
    ]
