"""What the doctor asks of a ResourceManager over HTTP."""

from __future__ import annotations

import time

import pytest
import responses

from livyguard.errors import ClusterError
from livyguard.yarn.client import ResourceManager
from livyguard.yarn.probe import Probe
from livyguard.yarn.transport import Transport

INFO = {"clusterInfo": {"state": "STARTED", "haState": "ACTIVE", "hadoopVersion": "3.3.6"}}
METRICS = {"clusterMetrics": {"activeNodes": 3, "totalMB": 30_000, "availableMB": 12_000}}
LEAF = {"type": "capacitySchedulerLeafQueueInfo", "state": "RUNNING", "numPendingApplications": 2}
CAPACITY = {
    "type": "capacityScheduler",
    "queueName": "root",
    "queues": {
        "queue": [
            {
                "queueName": "teams",
                "absoluteMaxCapacity": 80.0,
                "queues": {
                    "queue": [
                        {**LEAF, "queueName": "a", "absoluteMaxCapacity": 50.0, "absoluteUsedCapacity": 25.0},
                        {**LEAF, "queueName": "b", "absoluteMaxCapacity": 0.0, "absoluteUsedCapacity": 0.0},
                    ]
                },
            },
            {**LEAF, "queueName": "default", "absoluteMaxCapacity": 20.0, "absoluteUsedCapacity": 20.0, "queues": None},
        ]
    },
}
FAIR = {
    "type": "fairScheduler",
    "rootQueue": {
        "queueName": "root",
        "childQueues": {
            "queue": {
                "queueName": "root.users",
                "maxResources": {"memory": 10_000, "vCores": 4},
                "usedResources": {"memory": 4_000, "vCores": 1},
                "numPendingApps": 1,
            }
        },
    },
}


@pytest.fixture
def serve(httpserver):
    """Serve what a ResourceManager says, and return what asks it."""

    def serve(scheduler=None, info=INFO, metrics=METRICS, status=200, now=time.time):
        for path, said in (("info", info), ("metrics", metrics), ("scheduler", scheduler)):
            request = httpserver.expect_request(f"/ws/v1/cluster/{path}", method="GET")
            request.respond_with_json(said, status)
        return Probe(ResourceManager(Transport(httpserver.url_for("").rstrip("/"))), now)

    return serve


def of(scheduler):
    return {"scheduler": {"schedulerInfo": scheduler}}


def test_it_answers_with_version_nodes_and_what_is_free(serve, httpserver):
    found = serve().info()

    assert (found.version, found.active_nodes, found.free_mib) == ("3.3.6", 3, 12_000)
    assert found.place == f"the ResourceManager {httpserver.url_for('').rstrip('/')}"
    assert [seen.path for seen, _ in httpserver.log] == ["/ws/v1/cluster/info", "/ws/v1/cluster/metrics"]


def test_the_queues_of_the_capacity_scheduler_are_told_by_path_and_room(serve):
    probe = serve(of(CAPACITY))
    probe.info()

    found = [(queue.path, queue.used_share, queue.free_mib, queue.pending) for queue in probe.queues()]

    assert found == [
        ("root.teams.a", 0.5, 7_500, 2),
        ("root.teams.b", None, None, 2),
        ("root.default", 1.0, 0, 2),
    ]
    assert {queue.state for queue in probe.queues()} == {"RUNNING"}


def test_the_queues_of_the_fair_scheduler_are_told_likewise(serve):
    (found,) = serve(of(FAIR)).queues()

    assert (found.path, found.used_share, found.free_mib, found.pending) == ("root.users", 0.4, 6_000, 1)


@pytest.mark.parametrize("scheduler", [{"type": "fifoScheduler", "capacity": 1.0}, None, 7])
def test_a_scheduler_without_queues_has_none(serve, scheduler):
    assert list(serve(of(scheduler)).queues()) == []


def test_numbers_that_are_none_are_not_known(serve):
    odd = {"clusterMetrics": {"activeNodes": True, "availableMB": -1, "totalMB": "many"}}
    queue = {"queueName": "x", "absoluteMaxCapacity": "NaN", "absoluteUsedCapacity": True, "state": 7}
    probe = serve(of({"queues": [queue]}), info={"clusterInfo": {"hadoopVersion": 3}}, metrics=odd)

    info, (found,) = probe.info(), probe.queues()

    assert (info.version, info.active_nodes, info.free_mib) == (None, None, None)
    assert (found.path, found.state, found.used_share, found.free_mib) == ("root.x", None, None, None)


@pytest.mark.parametrize("changes", [{"status": 403}, {"info": {"clusterInfo": 7}}, {"info": []}])
def test_a_manager_that_refuses_or_is_none_is_a_fault(serve, changes):
    with pytest.raises(ClusterError):
        serve(**changes).info()


def test_its_clock_is_held_against_ours(serve):
    probe = serve(now=lambda: time.time() + 200)
    assert probe.skew() is None

    probe.info()

    assert abs(probe.skew() + 200) < 3


@responses.activate
def test_a_time_that_is_none_tells_nothing():
    for path, said in (("info", INFO), ("metrics", METRICS)):
        responses.get(f"http://rm:8088/ws/v1/cluster/{path}", json=said, headers={"Date": "soon"})
    probe = Probe(ResourceManager(Transport("http://rm:8088")))

    probe.info()

    assert probe.skew() is None
