"""What a driver holds, and what queues and nodes have left, asked of a ResourceManager over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.errors import ClusterError
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.transport import Transport
from livyguard.yarn.wire import application_from

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

QUEUES = json.loads((Path(__file__).parent / "scheduler.json").read_text())


@pytest.fixture
def manager(httpserver: HTTPServer) -> ResourceManager:
    return ResourceManager(Transport(httpserver.url_for("")))


def test_a_queue_and_the_nodes_take_one_request_each(httpserver: HTTPServer, manager: ResourceManager) -> None:
    httpserver.expect_ordered_request("/ws/v1/cluster/scheduler").respond_with_json(QUEUES)
    nodes = {"nodes": {"node": [{"state": "RUNNING", "availMemoryMB": 7936}]}}
    httpserver.expect_ordered_request("/ws/v1/cluster/nodes", query_string="states=RUNNING").respond_with_json(nodes)

    room = manager.queue("root.narrow", "dr.who")

    assert room is not None
    assert (room.name, room.left_for_drivers, manager.nodes()) == ("narrow", 0, (7936,))
    assert len(httpserver.log) == 2


def test_whoever_may_not_see_the_queues_is_told_so(httpserver: HTTPServer, manager: ResourceManager) -> None:
    httpserver.expect_request("/ws/v1/cluster/scheduler").respond_with_data("", status=403)

    with pytest.raises(ClusterError, match=r"refuses to show its queues \(403\)"):
        manager.queue("narrow", None)


UNKNOWN = {"RemoteException": {"message": "no such thing"}}


def test_a_resource_manager_without_such_pages_tells_nothing(httpserver: HTTPServer, manager: ResourceManager) -> None:
    for page in ("scheduler", "nodes"):
        httpserver.expect_request(f"/ws/v1/cluster/{page}").respond_with_json(UNKNOWN, status=404)

    assert (manager.queue("narrow", None), manager.nodes()) == (None, None)


@pytest.mark.parametrize(
    ("told", "driver"),
    [
        ({"resourceInfo": {"resourceUsagesByPartition": [{"amUsed": {"memory": 1024}}]}}, 1024),
        ({"resourceInfo": {"resourceUsagesByPartition": {"amUsed": {"memory": 1024}}}}, 1024),
        (
            {"resourceInfo": {"resourceUsagesByPartition": [{"amUsed": {"memory": 0}}, {}]}, "runningContainers": 2},
            None,
        ),
        ({"resourceInfo": None, "runningContainers": 1, "allocatedMB": 896}, 896),
        ({"runningContainers": 3, "allocatedMB": 4096}, None),
    ],
)
def test_what_a_driver_holds_is_told_by_yarn_3_and_by_a_driver_alone(told: dict[str, Any], driver: int | None) -> None:
    application = application_from({"id": "application_1_0001", "state": "RUNNING", "startedTime": 1, **told})

    assert application is not None
    assert application.driver_mib == driver
