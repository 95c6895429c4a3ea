"""Who holds a Kubernetes cluster, as its API tells of Spark's pods."""

import copy

import pytest

from livyguard.errors import ClusterError
from livyguard.kubernetes.pods import KubernetesPods
from livyguard.sessions.application import unique_tags
from livyguard.sessions.holders import Holdings
from livyguard.testing import ENDPOINT, a_session

ALICES, BOBS = "spark-c3bfa25751d24f5abe6193f0ff1d12f2", "spark-77204fbefcd04f1bb63816fcf9528cf1"


@pytest.fixture
def living(api, written):
    """Return the applications by id, after these answers."""

    def ask(*names):
        api.plays(*names)
        return {one.id: one for one in KubernetesPods(written(api.url), "spark").living()}

    return ask


def test_two_sessions_of_two_users_hold_what_their_pods_ask_for(living):
    found = living("two-users")

    alices, bobs = found[ALICES], found[BOBS]
    assert (alices.user, alices.state, alices.containers, alices.executors) == ("alice", "Running", 3, 2)
    assert (alices.memory_mib, alices.cores) == (1408 + 2 * 2432, 1 + 2 * 2)
    assert (bobs.user, bobs.containers, bobs.executors) == ("bob", 2, 1)
    assert (bobs.memory_mib, bobs.cores) == (4340, 4)  # 2G and 2432Mi; 1500m and 2, each sum rounded up
    assert alices.queue == "spark"
    assert alices.name == "livy-session-3"
    assert alices.driver_pod == "spark/livy-session-3-c3bfa25751d2-driver"
    assert alices.started == 1795165200.0
    assert alices.diagnostics == ""
    assert alices.type == "SPARK"


def test_an_application_carries_the_tags_that_yarn_would_show(living):
    found = living("two-users")

    assert found[ALICES].tags == {"livyguard", "livyguard-0badcafe", "livy-session-3-ya4q8vzh"}
    assert unique_tags(found[ALICES].tags) == ["livyguard-0badcafe"]
    assert found[BOBS].tags == {"livy-session-4-q0p2m7rd"}


def test_a_session_finds_its_pods_by_its_application_and_before_livy_tells_that_by_its_own_tag(living):
    holdings = Holdings("Kubernetes", tuple(living("two-users").values()), frozenset({ENDPOINT}))
    starting = a_session(3, "starting", tags=frozenset({"livyguard", "livyguard-0badcafe"}))
    idle = a_session(4, app_id=BOBS)

    joined = holdings.joined([starting, idle], [None, None])

    assert [one.id for one in joined] == [ALICES, BOBS]
    assert holdings.orphans([starting], [])[0].application.id == BOBS


def test_a_label_with_the_users_name_is_the_tag_that_names_the_user(api, written):
    pods = api.recorded("two-users")
    pods["items"][0]["metadata"]["labels"]["livyguard-user"] = "alice"
    api.says(pods)

    assert "livyguard-user-alice" in KubernetesPods(written(api.url), "spark").living()[0].tags


def test_a_user_name_that_a_sessions_conf_adds_does_not_take_the_place_of_the_submissions(api, written):
    pods = api.recorded("two-users")
    pods["items"][0]["spec"]["containers"][0]["env"].append({"name": "SPARK_USER", "value": "bob"})
    api.says(pods)

    assert KubernetesPods(written(api.url), "spark").living()[0].user == "alice"


def test_one_request_asks_for_sparks_pods_that_are_not_over(living, api):
    living("two-users")

    assert api.asked == [
        {
            "labelSelector": "spark-role in (driver,executor)",
            "fieldSelector": "status.phase!=Succeeded,status.phase!=Failed",
            "limit": "500",
        }
    ]


def test_pods_that_are_over_hold_nothing_where_a_server_lists_them_all_the_same(living):
    found = living("finished")

    assert list(found) == [ALICES]
    assert (found[ALICES].containers, found[ALICES].memory_mib) == (3, 1408 + 2 * 2432)


def test_a_driver_that_no_node_takes_holds_nothing_and_says_why(living):
    one = living("pending")["spark-432c09f701f5499bb291b9fd5f363705"]

    assert (one.state, one.containers, one.executors, one.memory_mib, one.cores) == ("Pending", 0, 0, 0, 0)
    assert one.diagnostics.startswith("Unschedulable: 0/3 nodes are available: 1 node(s) had untolerated taint")
    assert "2 Insufficient memory" in one.diagnostics
    assert "executor" not in one.diagnostics


def test_a_driver_that_waits_for_its_image_holds_its_place_and_says_why(living):
    one = living("pending")["spark-aa5e86bf06524d459fa00201acce1b35"]

    assert (one.state, one.containers, one.memory_mib, one.cores) == ("Pending", 1, 1408, 1)
    assert one.diagnostics == 'ImagePullBackOff: Back-off pulling image "registry.example.com/spark-py:3.5.44"'


def test_executors_that_wait_for_a_node_are_not_held_and_are_told_of(living):
    one = living("waiting-executors")[ALICES]

    assert (one.state, one.containers, one.executors) == ("Running", 3, 2)
    assert one.diagnostics.startswith("2 executors wait for a node: Unschedulable: 0/3 nodes are available")


def test_executors_without_a_driver_are_an_application_that_holds_them_all(living):
    (one,) = living("executors-only").values()

    assert (one.state, one.driver_pod, one.user) == ("Running", None, "dora")
    assert (one.containers, one.executors, one.memory_mib, one.cores) == (3, 3, 3 * 2432, 6)
    assert one.tags == {"livy-session-9-w1z6b8no"}
    assert one.is_over is False


def test_executors_that_outlive_their_driver_are_held(api, written):
    pods = api.recorded("two-users")
    pods["items"][0]["status"]["phase"] = "Failed"
    api.says(pods)

    one = KubernetesPods(written(api.url), "spark").living()[0]

    assert (one.id, one.state, one.executors, one.driver_pod) == (ALICES, "Running", 2, None)


def test_a_session_whose_pods_are_being_deleted_holds_them_until_they_are_gone(api, written):
    pods = api.recorded("finished")
    for pod in pods["items"]:
        pod["metadata"] |= {"deletionGracePeriodSeconds": 30, "deletionTimestamp": "2026-11-20T11:00:30Z"}
    api.says(pods)

    [one] = KubernetesPods(written(api.url), "spark").living()

    assert (one.id, one.state, one.containers, one.is_over) == (ALICES, "Terminating", 3, False)


def test_of_what_is_no_livy_session_only_sparks_own_pods_are_listed(living):
    found = living("others")

    assert [(one.name, one.tags) for one in found.values()] == [("spark-pi-yunikorn", frozenset())]


def test_pods_that_ask_for_nothing_are_counted_and_their_size_is_not_known(living):
    one = living("no-requests")[BOBS]

    assert (one.containers, one.memory_mib, one.cores) == (1, None, None)


def test_pages_are_put_together_and_an_application_may_stand_on_two(api, written):
    whole = api.recorded("two-users")
    for place in range(0, 4, 2):
        page = {**whole, "items": whole["items"][place : place + 2]}
        api.says({**page, "metadata": {"continue": f"page-{place + 2}"}})
    api.says({**whole, "items": whole["items"][4:]})

    found = KubernetesPods(written(api.url), "spark").living()

    assert [query.get("continue") for query in api.asked] == [None, "page-2", "page-4"]
    assert [(one.id, one.containers) for one in found] == [(ALICES, 3), (BOBS, 2)]


def test_a_list_is_read_page_by_page_with_one_request_a_step(api, written):
    whole = api.recorded("two-users")
    api.says({**whole, "items": whole["items"][:2], "metadata": {"continue": "old"}})
    api.plays("expired", status=410)
    api.says({**whole, "items": whole["items"][:2], "metadata": {"continue": "page-2"}})
    api.says({**whole, "items": whole["items"][2:]})
    pods = KubernetesPods(written(api.url), "spark")

    found = [(len(api.asked), page) for page in pods.living_by_page()]

    assert [(asked, page is None) for asked, page in found] == [(1, True), (2, True), (3, True), (4, False)]
    assert [(one.id, one.containers) for one in found[-1][1]] == [(ALICES, 3), (BOBS, 2)]
    assert pods.namespace == "spark"


@pytest.mark.parametrize("strange", [["driver"], {"a": 1}, 7, None, [[]]], ids=str)
def test_a_role_that_is_no_text_is_none_of_sparks(api, written, strange):
    whole = api.recorded("two-users")
    whole["items"][0]["metadata"]["labels"]["spark-role"] = strange
    api.says(whole)

    assert sum(one.containers for one in KubernetesPods(written(api.url), "spark").living()) == 4


def test_pages_that_have_grown_stale_are_read_from_the_start_once(api, written):
    whole = api.recorded("two-users")
    first = {**whole, "items": whole["items"][:2], "metadata": {"continue": "old"}}
    api.says(first)
    api.plays("expired", status=410)
    api.says(whole)

    found = KubernetesPods(written(api.url), "spark").living()

    assert [(one.id, one.containers) for one in found] == [(ALICES, 3), (BOBS, 2)]
    assert [query.get("continue") for query in api.asked] == [None, "old", None]


def test_pages_that_grow_stale_again_are_a_fault(api, written):
    first = {**api.recorded("two-users"), "metadata": {"continue": "old"}}
    for _ in range(2):
        api.says(first)
        api.plays("expired", status=410)
    api.plays("two-users")

    with pytest.raises(ClusterError, match=r"refuses to list pods \(410\): The provided continue parameter is too old"):
        KubernetesPods(written(api.url), "spark").living()


def test_a_list_without_end_is_given_up(api, written):
    api.says({"kind": "PodList", "items": [], "metadata": {"continue": "again"}})

    with pytest.raises(ClusterError, match="comes to no end"):
        KubernetesPods(written(api.url), "spark").living()
    assert len(api.asked) == 200


def test_an_empty_namespace_has_no_applications(api, written):
    api.says({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": None})

    assert KubernetesPods(written(api.url), "spark").living() == []


def test_hostile_labels_messages_and_sizes_are_taken_as_text_or_left_out(living):
    found = living("hostile")

    one = found["spark-432c09f701f5499bb291b9fd5f363705"]
    assert one.tags == {"livyguard", "livyguard-0badcafe", "livy-session-7-0mt4c6ue"}
    assert (one.memory_mib, one.cores, one.started) == (None, 1, None)
    assert one.containers == 2
    assert len(one.diagnostics) > 10_000
    assert found["spark-2"].user is None
    assert set(found) == {one.id, "spark-2"}


def test_what_a_pod_keeps_secret_is_not_read(living):
    assert "canarysecret" not in repr(living("two-users"))


def test_two_thousand_pods_take_four_requests(api, written):
    driver, *executors = api.recorded("two-users")["items"][:3]
    items = []
    for number in range(500):
        for pod in (driver, executors[0], executors[1], executors[1]):
            items.append(copy.deepcopy(pod))
            items[-1]["metadata"]["labels"]["spark-app-selector"] = f"spark-{number}"
    for place in range(0, 2000, 500):
        more = {"continue": str(place)} if place < 1500 else {}
        api.says({"kind": "PodList", "metadata": more, "items": items[place : place + 500]})

    found = KubernetesPods(written(api.url), "spark").living()

    assert len(api.asked) == 4
    assert len(found) == 500
    assert {one.containers for one in found} == {4}
