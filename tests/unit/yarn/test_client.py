"""The ResourceManager's answers, as 3.3.6 gives them, and what becomes of those that are none."""

import pytest
import responses

from livyguard.errors import ClusterError
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.transport import Transport

URL = "http://rm.example.com:8088"
APPS = f"{URL}/ws/v1/cluster/apps"
APP = "application_1795260562512_0003"
TAG = "livyguard-0badcafe"
WAITING = (
    "[Sat Nov 21 11:29:40 +0000 2026] Application is added to the scheduler and is not yet activated. Queue's AM "
    "resource limit exceeded.  Details : AM Partition = <DEFAULT_PARTITION>; "
)
ACCEPTED = {
    "id": APP,
    "user": "livy",
    "name": "livy-session-3",
    "queue": "root.default",
    "state": "ACCEPTED",
    "finalStatus": "UNDEFINED",
    "progress": 0.0,
    "trackingUI": "UNASSIGNED",
    "diagnostics": WAITING,
    "applicationType": "SPARK",
    "applicationTags": f"livy-session-3-abcdefgh,livyguard,{TAG}",
    "startedTime": 1795260580000,
    "allocatedMB": 0,
    "allocatedVCores": 0,
    "runningContainers": 0,
    "amContainerLogs": "http://nm:8042/node/containerlogs/container_1/livy",
}
NOT_FOUND = {
    "RemoteException": {
        "exception": "NotFoundException",
        "message": f"java.lang.Exception: app with id: {APP} not found",
        "javaClassName": "org.apache.hadoop.yarn.webapp.NotFoundException",
    }
}


@pytest.fixture
def yarn():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def manager():
    return ResourceManager(Transport(URL))


def test_an_application_is_found_by_its_tag_with_what_it_waits_for_and_holds(yarn, manager):
    yarn.get(APPS, json={"apps": {"app": [ACCEPTED]}})

    (found,) = manager.tagged(TAG)

    assert (found.id, found.state, found.user, found.queue) == (APP, "ACCEPTED", "livy", "root.default")
    assert found.diagnostics == WAITING.strip()
    assert (found.memory_mib, found.cores, found.containers) == (0, 0, 0)
    assert found.tags == {"livy-session-3-abcdefgh", "livyguard", TAG}
    assert found.driver_log.endswith("/livy")
    assert yarn.calls[0].request.params == {"applicationTags": TAG}


@pytest.mark.parametrize("apps", [{}, None, {"app": []}, {"app": None}])
def test_no_application_is_an_empty_list(yarn, manager, apps):
    yarn.get(APPS, json={"apps": apps})

    assert manager.tagged(TAG) == []


def test_a_server_that_lists_everybodys_applications_gives_only_ours(yarn, manager):
    another = {**ACCEPTED, "id": "application_1795260562512_0004", "applicationTags": "livyguard,livyguard-11111111"}
    untagged = {key: value for key, value in ACCEPTED.items() if key != "applicationTags"}
    yarn.get(APPS, json={"apps": {"app": [another, untagged, ACCEPTED, "x", {"id": "y"}]}})

    assert [one.id for one in manager.tagged(TAG)] == [APP]


def test_a_single_application_may_come_without_a_list(yarn, manager):
    yarn.get(APPS, json={"apps": {"app": ACCEPTED}})

    assert [one.id for one in manager.tagged(TAG)] == [APP]


def test_what_yarn_does_not_know_any_more_is_none(yarn, manager):
    ended = {**ACCEPTED, "state": "KILLED", "allocatedMB": -1, "allocatedVCores": -1, "runningContainers": -1}
    yarn.get(f"{APPS}/{APP}", json={"app": ended | {"diagnostics": "", "queue": ""}})

    found = manager.application(APP)

    assert found.is_over
    assert (found.memory_mib, found.cores, found.containers, found.queue, found.diagnostics) == (
        None,
        None,
        None,
        None,
        "",
    )


def test_an_application_that_yarn_does_not_know_is_none(yarn, manager):
    yarn.get(f"{APPS}/{APP}", status=404, json=NOT_FOUND)

    assert manager.application(APP) is None


@pytest.mark.parametrize("status", [200, 202])
def test_a_kill_is_one_put_of_the_state(yarn, manager, status):
    yarn.put(f"{APPS}/{APP}/state", status=status, json={"state": "ACCEPTED"})

    manager.kill(APP)

    (call,) = yarn.calls
    assert call.request.body == b'{"state": "KILLED"}'
    assert call.request.headers["Content-Type"] == "application/json"


def test_a_kill_of_what_yarn_has_forgotten_is_no_fault(yarn, manager):
    yarn.put(f"{APPS}/{APP}/state", status=404, json=NOT_FOUND)

    manager.kill(APP)


def test_a_kill_that_is_not_ours_to_make_is_refused_in_yarns_words(yarn, manager):
    words = "User alice does not have privilege to access application"
    refusal = {"RemoteException": {"exception": "ForbiddenException", "message": f"java.lang.Exception: {words}"}}
    yarn.put(f"{APPS}/{APP}/state", status=403, json=refusal)

    with pytest.raises(ClusterError) as caught:
        manager.kill(APP)

    assert str(caught.value) == f"The ResourceManager {URL} refuses to kill {APP} (403): {words}."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html><head><title>x</title></head><body><h2>HTTP ERROR 500</h2> a b</body></html>", "HTTP ERROR 500 a b"),
        ('{"servlet": "x", "message": "java.lang.IllegalStateException: closed."}', "closed"),
        ('["x"]', '["x"]'),
        ("y" * 1000, "y" * 299 + "…"),
        ("[" * 100_000, "[" * 299 + "…"),
        ("<h1>down</h1>" + "<head " * 1_000_000, "down" + " <head" * 49 + " …"),
        ("", None),
    ],
)
def test_the_words_of_a_fault_are_one_line(yarn, manager, body, said):
    yarn.get(APPS, status=500, body=body)

    with pytest.raises(ClusterError) as caught:
        manager.tagged(TAG)

    told = "" if said is None else f": {said}"
    assert str(caught.value) == f"The ResourceManager {URL} refuses to show applications (500){told}."


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>a proxy</html>"},
        {"json": ["x"]},
        {"json": {"sessions": []}},
        {"json": {"apps": "x"}},
        {"json": {"apps": []}},
        {"json": {"apps": {"app": "x"}}},
        {"json": {"apps": {"app": 0}}},
        {"status": 404, "body": "no such page"},
    ],
)
def test_what_is_no_resource_manager_is_told_and_no_traceback(yarn, manager, answer):
    yarn.get(APPS, **answer)

    with pytest.raises(ClusterError, match=URL):
        manager.tagged(TAG)


@pytest.mark.parametrize("app", [{"id": APP}, {}, None, [1], "x", 1], ids=repr)
def test_what_is_no_application_with_a_state_is_no_answer_of_yarn(yarn, manager, app):
    yarn.get(f"{APPS}/{APP}", json={"app": app})

    with pytest.raises(ClusterError, match="as no ResourceManager does"):
        manager.application(APP)
