"""Who holds the cluster: one request, and what becomes of answers that other versions and other servers give."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.errors import ClusterError
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.transport import Transport

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

PATH = "/ws/v1/cluster/apps"
ASKED = {"states": "ACCEPTED,RUNNING", "deSelects": "resourceRequests"}
APP = "application_1795260562512_0003"
LOG = "http://node1:8042/node/containerlogs/container_1795260562512_0003_01_000001/livy"
#: As 3.3.6 tells a session that runs, but for what livyguard does not read, of which there is as much again.
RUNNING: dict[str, Any] = {
    "id": APP,
    "user": "alice",
    "name": "livy-session-3",
    "queue": "root.default",
    "state": "RUNNING",
    "finalStatus": "UNDEFINED",
    "progress": 10.0,
    "trackingUI": "ApplicationMaster",
    "trackingUrl": f"http://rm:8088/proxy/{APP}/",
    "diagnostics": "",
    "clusterId": 1795260562512,
    "applicationType": "SPARK",
    "applicationTags": "livy-session-3-abcdefgh,livyguard,livyguard-0badcafe",
    "priority": 0,
    "startedTime": 1795260580250,
    "launchTime": 1795260580300,
    "finishedTime": 0,
    "amContainerLogs": LOG,
    "allocatedMB": 9216,
    "allocatedVCores": 5,
    "reservedMB": 0,
    "runningContainers": 5,
    "memorySeconds": 123456789,
    "queueUsagePercentage": 56.25,
    "clusterUsagePercentage": 37.5,
    "resourceSecondsMap": {"entry": {"key": "memory-mb", "value": "123456789"}},
    "timeouts": {"timeout": [{"type": "LIFETIME", "expiryTime": "UNLIMITED", "remainingTimeInSeconds": -1}]},
}


@pytest.fixture
def manager(httpserver: HTTPServer) -> ResourceManager:
    return ResourceManager(Transport(httpserver.url_for("")))


def answers(server: HTTPServer, apps: object) -> None:
    """Let the server tell applications."""
    server.expect_request(PATH, query_string=ASKED).respond_with_json({"apps": apps})


def test_everybodys_applications_with_what_they_hold(httpserver: HTTPServer, manager: ResourceManager) -> None:
    answers(httpserver, {"app": [RUNNING]})

    (found,) = manager.living()

    assert (found.id, found.state, found.user, found.queue) == (APP, "RUNNING", "alice", "root.default")
    assert (found.memory_mib, found.cores, found.containers, found.executors) == (9216, 5, 5, 4)
    assert (found.share, found.started) == (37.5, 1795260580.25)
    assert (found.name, found.type) == ("livy-session-3", "SPARK")
    assert (found.tracking_url, found.driver_log) == (f"http://rm:8088/proxy/{APP}/", LOG)
    assert "livyguard-0badcafe" in found.tags
    assert found.driver_pod is None


def test_each_look_is_one_request(httpserver: HTTPServer, manager: ResourceManager) -> None:
    answers(httpserver, {"app": [RUNNING]})

    manager.living()
    assert len(httpserver.log) == 1
    manager.living()
    assert len(httpserver.log) == 2


def test_the_place_is_the_one_that_answers(httpserver: HTTPServer, manager: ResourceManager) -> None:
    assert manager.place == f"the ResourceManager {httpserver.url_for('').rstrip('/')}"


@pytest.mark.parametrize("apps", [None, {}, "", {"app": []}, {"app": None}, {"app": ""}], ids=repr)
def test_an_empty_cluster_has_no_applications(httpserver: HTTPServer, manager: ResourceManager, apps: object) -> None:
    answers(httpserver, apps)

    assert manager.living() == []


def test_a_single_application_may_be_the_bare_object(httpserver: HTTPServer, manager: ResourceManager) -> None:
    answers(httpserver, {"app": RUNNING})

    assert [one.id for one in manager.living()] == [APP]


def test_what_is_over_is_left_out_even_where_the_server_lists_it(
    httpserver: HTTPServer, manager: ResourceManager
) -> None:
    states = ["NEW", "SUBMITTED", "ACCEPTED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
    answers(httpserver, {"app": [{**RUNNING, "state": state} for state in states]})

    assert [one.state for one in manager.living()] == ["NEW", "SUBMITTED", "ACCEPTED", "RUNNING"]


@pytest.mark.parametrize("odd", [-1, "NaN", "9216", True, None, [], {}, float("nan"), float("inf"), 10**400], ids=repr)
def test_what_is_no_number_is_not_known(httpserver: HTTPServer, manager: ResourceManager, odd: object) -> None:
    numbers = ("allocatedMB", "allocatedVCores", "runningContainers", "clusterUsagePercentage", "startedTime")
    answers(httpserver, {"app": [{**RUNNING, **dict.fromkeys(numbers, odd)}, RUNNING]})

    first, second = manager.living()

    assert (first.memory_mib, first.cores, first.containers, first.executors) == (None, None, None, None)
    assert (first.share, first.started) == (None, None)
    assert second.memory_mib == 9216


def test_missing_numbers_are_not_known(httpserver: HTTPServer, manager: ResourceManager) -> None:
    answers(httpserver, {"app": [{"id": APP, "state": "RUNNING"}]})

    (found,) = manager.living()

    assert (found.memory_mib, found.share, found.started, found.name, found.type) == (None, None, None, None, None)
    assert (found.tracking_url, found.driver_log, found.tags) == (None, None, frozenset())


def test_what_access_control_hides_is_not_taken_for_nothing(httpserver: HTTPServer, manager: ResourceManager) -> None:
    """Of somebody else's application YARN then writes 0 for what it holds, and for the time of its start."""
    zeros = ("allocatedMB", "allocatedVCores", "runningContainers", "clusterUsagePercentage", "startedTime")
    hidden = {key: value for key, value in {**RUNNING, **dict.fromkeys(zeros, 0)}.items() if key != "amContainerLogs"}
    waiting = {**RUNNING, **dict.fromkeys(zeros, 0), "state": "ACCEPTED", "startedTime": 1795260580000}
    answers(httpserver, {"app": [hidden, waiting]})

    unknown, nothing = manager.living()

    assert (unknown.user, unknown.memory_mib, unknown.containers, unknown.share) == ("alice", None, None, None)
    assert (nothing.memory_mib, nothing.containers, nothing.share, nothing.started) == (0, 0, 0.0, 1795260580.0)


@pytest.mark.parametrize(
    "url",
    [
        *("UNASSIGNED", "", None, 7, "javascript:alert(1)", "data:text/html,x", "//rm/x", "http://", "ftp://rm/x"),
        *("http://rm:8088/a b", "http://alice:secret@rm/x", "http://rm/\n", "http://rm/\x1b[31m"),
    ],
    ids=repr,
)
def test_only_a_url_of_the_web_is_a_link(httpserver: HTTPServer, manager: ResourceManager, url: object) -> None:
    answers(httpserver, {"app": [{**RUNNING, "trackingUrl": url, "amContainerLogs": url}]})

    (found,) = manager.living()

    assert (found.tracking_url, found.driver_log) == (None, None)


def test_what_is_no_application_is_left_out(httpserver: HTTPServer, manager: ResourceManager) -> None:
    answers(httpserver, {"app": ["x", None, 1, {}, {"id": APP}, {"id": 7, "state": "RUNNING"}, RUNNING]})

    assert [one.id for one in manager.living()] == [APP]


@pytest.mark.parametrize(
    "body", ["", "{", '{"apps": {"app": [{"id": "application_1_0001", "sta', "[" * 100_000, "null", '{"apps": 3}']
)
def test_half_an_answer_is_one_sentence(httpserver: HTTPServer, manager: ResourceManager, body: str) -> None:
    httpserver.expect_request(PATH).respond_with_data(body, content_type="application/json")

    with pytest.raises(ClusterError) as caught:
        manager.living()

    place = httpserver.url_for("").rstrip("/")
    assert str(caught.value) == (
        f"{place} answers {PATH} as no ResourceManager does. Something else may be listening there."
    )


def test_a_name_is_taken_as_it_is(httpserver: HTTPServer, manager: ResourceManager) -> None:
    hostile = "<script>alert(1)</script>\x1b[31m\u202e" + "x" * 10_000
    answers(httpserver, {"app": [{**RUNNING, "name": hostile}]})

    assert manager.living()[0].name == hostile


def test_ten_thousand_applications_are_read_in_one_answer(httpserver: HTTPServer, manager: ResourceManager) -> None:
    padding = {"resourceInfo": {"resourceUsagesByPartition": [{"used": {"memory": n, "vCores": n}} for n in range(9)]}}
    apps = [{**RUNNING, **padding, "id": f"application_1795260562512_{n:05}"} for n in range(10_000)]
    body = json.dumps({"apps": {"app": apps}})
    httpserver.expect_request(PATH).respond_with_data(body, content_type="application/json")
    del apps

    tracemalloc.start()
    try:
        found = manager.living()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len({one.id for one in found}) == 10_000
    assert len(httpserver.log) == 1
    assert most < 5 * len(body)  # whole, it would be seven times as much
