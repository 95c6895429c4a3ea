import pytest

from livyguard.livy import wire
from livyguard.livy.wire import session_from
from livyguard.policy.footprint import Footprint
from livyguard.sessions.model import Links

URL = "http://livy"


def test_livy_0_9_is_read_whole():
    answer = {
        "id": 7,
        "name": "etl",
        "appId": "application_1_0007",
        "owner": "livy",
        "proxyUser": "alice",
        "state": "idle",
        "kind": "pyspark",
        "appInfo": {"driverLogUrl": "http://nm/log", "sparkUiUrl": "http://rm/ui", "executorLogUrls": None},
        "conf": {"spark.yarn.tags": "livy-session-7-x,livyguard,livyguard-0badcafe,livyguard-user-alice,mine"},
    }

    session = session_from(answer, URL)

    assert (session.id, session.name, session.app_id, session.state, session.kind) == (
        7,
        "etl",
        "application_1_0007",
        "idle",
        "pyspark",
    )
    assert (session.login, session.proxy_user, session.owner) == ("livy", "alice", "alice")
    assert session.tags == {"livyguard", "livyguard-0badcafe", "livyguard-user-alice"}
    assert session.links == Links(spark_ui="http://rm/ui", driver_log="http://nm/log")


def test_livy_0_5_tells_little_and_that_is_fine():
    answer = {
        "id": 0,
        "appId": None,
        "owner": None,
        "proxyUser": None,
        "state": "starting",
        "kind": "spark",
        "appInfo": {"driverLogUrl": None, "sparkUiUrl": None},
        "log": [],
    }

    session = session_from(answer, URL)

    assert session.owner is None
    assert session.ceiling == Footprint()
    assert session.tags == frozenset()


@pytest.mark.parametrize("answer", [{}, {"id": None}, {"id": "7"}, {"id": True}])
def test_what_has_no_id_is_no_session(answer):
    assert session_from(answer, URL) is None


@pytest.mark.parametrize("conf", [None, [], "text", {"spark.yarn.tags": None}, {"spark.yarn.tags": 5}])
def test_a_conf_of_another_shape_has_no_tags(conf):
    assert session_from({"id": 1, "conf": conf, "appInfo": "none"}, URL).tags == frozenset()


def test_nothing_of_conf_is_kept_but_our_own_tags():
    conf = {"spark.hadoop.fs.s3a.secret.key": "canary-4711", "spark.yarn.tags": "canary-4711,livyguard"}

    assert "canary-4711" not in repr(session_from({"id": 1, "conf": conf, "log": ["canary-4711"]}, URL))


def test_what_a_session_can_hold_at_most_comes_from_its_sizes():
    answer = {
        "id": 1,
        "driverMemory": "1g",
        "driverCores": 1,
        "executorMemory": "2g",
        "executorCores": 2,
        "numExecutors": 0,
        "conf": {"spark.dynamicAllocation.maxExecutors": "3"},
    }

    assert session_from(answer, URL).ceiling == Footprint(
        executors=3, memory_mib=1024 + 384 + 3 * (2048 + 384), cores=7
    )
    assert session_from({**answer, "conf": {}}, URL).ceiling == Footprint()


def test_alike_sessions_are_worked_out_once_and_others_anew(monkeypatch):
    monkeypatch.setattr(wire, "_known", {})
    monkeypatch.setattr(wire, "MOST_KNOWN", 2)

    for executors, tag in [(1, "a"), (1, "b"), (2, "c"), (3, "d"), (1, "e")]:
        answer = {"id": 1, "numExecutors": executors, "conf": {"spark.yarn.tags": tag}}
        assert session_from(answer, URL).ceiling.executors == executors

    assert len(wire._known) == 2


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({}, (None, 0)),
        ({"spark.dynamicAllocation.enabled": "TRUE", "spark.dynamicAllocation.minExecutors": " 2 "}, (True, 2)),
        ({"spark.dynamicAllocation.enabled": False, "spark.dynamicAllocation.minExecutors": 3}, (False, 3)),
        ({"spark.dynamicAllocation.enabled": "maybe", "spark.dynamicAllocation.minExecutors": "-1"}, (None, 0)),
    ],
)
def test_what_a_session_keeps_while_nothing_runs_comes_from_its_conf(conf, told):
    session = session_from({"id": 1, "state": "idle", "conf": conf}, "http://livy")

    assert (session.dynamic_allocation, session.least_executors) == told


LISTED = {
    "id": 1,
    "kind": "pyspark",
    "driverMemory": "1g",
    "driverCores": 0,
    "executorMemory": None,
    "executorCores": 2,
    "numExecutors": 0,
    "conf": {},
}


def test_what_it_asked_for_is_kept_apart_so_that_more_can_follow_from_the_policys_words():
    sizes = session_from(LISTED, URL).sizes

    assert {name: each.value for name, each in sizes.items()} == {
        "kind": "pyspark",
        "driver.memory": 1024,
        "executor.cores": 2,
    }


def test_before_livy_0_8_no_sizes_are_told():
    assert session_from({key: LISTED[key] for key in ("id", "kind")}, URL).sizes == {}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("spark.executor.instances", "executors.count"),
        ("spark.dynamicAllocation.maxExecutors", "executors.max"),
        ("spark.streaming.dynamicAllocation.maxExecutors", "conf.spark.streaming.dynamicAllocation.maxExecutors"),
        ("spark.executorEnv.SPARK_EXECUTOR_INSTANCES", "conf.spark.executorEnv.SPARK_EXECUTOR_INSTANCES"),
        ("spark.cores.max", "conf.spark.cores.max"),
        ("spark.yarn.executor.memoryOverhead", "executor.memory_overhead"),
        ("spark.executor.memoryOverheadFactor", "conf.spark.executor.memoryOverheadFactor"),
    ],
)
def test_every_key_that_makes_a_session_larger_is_kept(key, name):
    assert name in session_from({**LISTED, "conf": {key: "3"}}, URL).sizes


def test_streaming_of_its_own_that_nothing_caps_has_no_ceiling():
    conf = {"spark.dynamicAllocation.maxExecutors": "3", "spark.streaming.dynamicAllocation.enabled": "true"}

    assert session_from({**LISTED, "conf": conf}, URL).ceiling == Footprint()


def test_no_secret_is_among_the_sizes():
    conf = {
        "spark.hadoop.fs.s3a.secret.key": "canary-4711",
        "spark.driver.extraJavaOptions": "-Dmy.password=canary-4711 -Xmx4g -Dspark.executor.instances=7",
        "spark.executorEnv.JAVA_TOOL_OPTIONS": "-Dpw=canary-4711",
        "spark.executorEnv.AWS_SECRET_ACCESS_KEY": "canary-4711",
    }

    sizes = session_from({**LISTED, "driverMemory": None, "conf": conf}, URL).sizes

    assert "canary-4711" not in str([(name, each.raw, each.value, each.fault) for name, each in sizes.items()])
    assert (sizes["driver.memory"].value, sizes["executors.count"].value) == (4096, 7)
