"""What the API of Kubernetes tells of one session that waits: its pods, their events, the quotas of the namespace."""

from __future__ import annotations

from decimal import Decimal

import pytest

from livyguard.capacity.namespace import NamespaceRoom
from livyguard.errors import ClusterError
from livyguard.kubernetes.applications import applications_of
from livyguard.kubernetes.pods import KubernetesPods
from livyguard.kubernetes.wire import pods_from
from livyguard.policy.pods import PodAsks

WAITS, TAG = "spark-432c09f701f5499bb291b9fd5f363705", "livyguard-0a1b2c3d"
POD = "livy-session-7-432c09f701f5-driver"


@pytest.fixture
def pods(api, written):
    return KubernetesPods(written(api.url), "spark")


def test_a_sessions_pods_are_asked_for_by_its_own_label_and_then_by_their_application(api, pods):
    api.plays("pending")

    (found,) = pods.tagged(TAG)
    again = pods.application(found.id)

    assert found == again
    assert (found.id, found.driver_asks, len(found.queued)) == (WAITS, PodAsks(90_112, Decimal(1)), 1)
    assert [query["labelSelector"] for query in api.asked] == [
        "spark-role in (driver,executor),livyguard=0a1b2c3d",
        f"spark-role in (driver,executor),spark-app-selector={WAITS}",
    ]
    assert pods.requests == 2


def test_pods_of_others_are_not_this_sessions_where_a_server_knows_no_labels(api, pods):
    api.plays("two-users")

    assert pods.tagged(TAG) == []
    assert pods.application(WAITS) is None


@pytest.mark.parametrize("odd", ["livyguard-user-alice", "livyguard-0a1b2c3d,x in (y)", ""])
def test_what_is_no_label_of_ours_is_not_asked_for(api, pods, odd):
    assert pods.tagged(odd) == []
    assert pods.application(f"{odd},!x") is None
    assert api.asked == []


def event(said, last=None, pod=POD, **fields):
    """Return an event as the API server writes it."""
    about = {"kind": "Pod", "namespace": "spark", "name": pod}
    return {"involvedObject": about, "reason": "Failed", "message": said, "lastTimestamp": last, **fields}


def events(*items):
    return {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": [*items]}


def test_the_events_of_a_pod_are_told_oldest_first_whichever_way_their_time_is_written(api, pods):
    third = event("c", series={"count": 3, "lastObservedTime": "2026-11-22T04:00:03.000000Z"})
    first = event("a", metadata={"creationTimestamp": "2026-11-22T04:00:01Z"})
    second = event(" b\n\tb ", eventTime="2026-11-22T04:00:02.500000Z", reason="FailedScheduling")
    api.tells("events", events(third, first, second, event("d", "2026-11-22T04:00:04Z", pod="another"), event(None)))

    told = pods.said_of(POD)

    assert told == (f"pod {POD}: Failed: a", f"pod {POD}: FailedScheduling: b b", f"pod {POD}: Failed: c")
    assert api.asked[0]["fieldSelector"] == f"involvedObject.kind=Pod,involvedObject.name={POD}"


def test_of_many_long_events_the_last_are_told_cut(api, pods):
    api.tells(
        "events", events(*(event(f"{number} {'x' * 5_000}", f"2026-11-22T04:00:{number:02}Z") for number in range(50)))
    )

    told = pods.said_of(POD)

    assert len(told) == 20
    assert told[0].startswith(f"pod {POD}: Failed: 30 x")
    assert all(len(line) < 2_100 for line in told)


def quota(hard, used, **spec):
    """Return a ResourceQuota as the API server writes it."""
    return {"metadata": {"name": "compute"}, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used}}


def quotas(*items):
    return {"kind": "ResourceQuotaList", "apiVersion": "v1", "metadata": {}, "items": [*items]}


COMPUTE = quota(
    {"requests.cpu": "10", "requests.memory": "20Gi", "limits.memory": "24Gi", "pods": "10"},
    {"requests.cpu": "6500m", "requests.memory": "12Gi", "limits.memory": "18Gi", "pods": "4"},
)


def test_the_quota_leaves_what_it_allows_less_what_is_used_of_each_resource_the_least(api, pods):
    api.tells("resourcequotas", quotas(COMPUTE, quota({"cpu": "4", "count/pods": "9"}, {"cpu": "1"})))

    assert pods.quota() == NamespaceRoom(memory_mib=6 * 1024, cores=Decimal(3), pods=6)


def test_limits_of_cores_are_a_resource_of_their_own(api, pods):
    api.tells("resourcequotas", quotas(quota({"limits.cpu": "4", "cpu": "9"}, {"limits.cpu": "3500m"})))

    assert pods.quota() == NamespaceRoom(cores=Decimal(9), limit_cores=Decimal("0.5"))


def test_a_driver_asks_for_parts_of_a_core_and_has_a_limit_of_its_own():
    resources = {"requests": {"cpu": "500m", "memory": "1408Mi"}, "limits": {"cpu": "1500m", "memory": "1408Mi"}}
    labels = {"spark-role": "driver", "spark-app-selector": WAITS}
    pod = {"metadata": {"name": POD, "labels": labels}, "spec": {"containers": [{"resources": resources}]}}

    (found,) = applications_of(pods_from([pod]))

    assert found.driver_asks == PodAsks(1408, Decimal("0.5"), Decimal("1.5"))


@pytest.mark.parametrize(
    ("spec", "counts"),
    [
        ({"scopes": ["NotTerminating"]}, True),
        ({"scopes": ["NotBestEffort", "NotTerminating"]}, True),
        ({"scopes": []}, True),
        ({"scopes": ["BestEffort"]}, False),
        ({"scopes": ["Terminating", "NotBestEffort"]}, False),
        ({"scopes": "?"}, False),
        ({"scopes": [[]]}, False),
        ({"scopes": [{}, "NotTerminating"]}, False),
        ({"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]}}, False),
    ],
    ids=str,
)
def test_a_quota_on_other_pods_than_sparks_leaves_it_everything(api, pods, spec, counts):
    api.tells("resourcequotas", quotas(quota({"pods": "5"}, {"pods": "1"}, **spec)))

    assert pods.quota() == (NamespaceRoom(pods=4) if counts else NamespaceRoom())


@pytest.mark.parametrize(
    "odd", [{}, {"status": None}, quota({"pods": "many", "cpu": True}, {}), quota({"pods": 1}, {"pods": []})]
)
def test_what_is_no_amount_bounds_nothing(api, pods, odd):
    api.tells("resourcequotas", quotas(odd))

    assert pods.quota() == NamespaceRoom()


def test_more_used_than_is_allowed_leaves_less_than_nothing(api, pods):
    api.tells("resourcequotas", quotas(quota({"requests.memory": "1Gi"}, {"requests.memory": "2Gi"})))

    assert pods.quota().memory_mib == -1024


@pytest.mark.parametrize("other", ["events", "resourcequotas"])
def test_who_may_not_read_them_is_told_what_right_that_takes(api, pods, other):
    forbidden = {
        "kind": "Status",
        "code": 403,
        "message": f'{other} is forbidden: User "alice" cannot list resource "{other}" in API group ""',
    }
    api.tells(other, forbidden, status=403)

    with pytest.raises(ClusterError, match=f"let alice list the {other} .* the verb list on {other}"):
        pods.said_of(POD) if other == "events" else pods.quota()


def test_another_list_than_the_one_that_was_asked_for_is_none_of_kubernetes(api, pods):
    api.tells("resourcequotas", events())

    with pytest.raises(ClusterError, match="does not answer as Kubernetes does"):
        pods.quota()
