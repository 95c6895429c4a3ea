"""Which of the asked properties reach a local Spark."""

from __future__ import annotations

import pytest

from livyguard.sandbox.driver.spark import effective_conf


def conf(**asked):
    return effective_conf(asked, master="local[1]", directory="/session")


def test_what_was_asked_is_visible_to_the_user():
    asked = {"spark.executor.instances": "8", "spark.dynamicAllocation.maxExecutors": "8", "spark.x.y": "z"}

    assert asked.items() <= conf(**asked).items()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("spark.master", "yarn"),
        ("spark.driver.memory", "64g"),
        ("spark.jars.packages", "a:b:1"),
        ("spark.sql.warehouse.dir", "/elsewhere"),
        ("spark.submit.deployMode", "cluster"),
        ("livy.rsc.server.connect.timeout", "600s"),
    ],
)
def test_what_would_lead_elsewhere_or_grow_is_not_applied(key, value):
    assert conf(**{key: value}).get(key) != value


def test_a_user_may_have_the_spark_ui_and_other_shuffle_partitions():
    chosen = conf(**{"spark.ui.enabled": "true", "spark.sql.shuffle.partitions": "7"})

    assert (chosen["spark.ui.enabled"], chosen["spark.sql.shuffle.partitions"]) == ("true", "7")
    assert conf()["spark.ui.enabled"] == "false"


@pytest.mark.parametrize(
    ("size", "applied"),
    [("8g", True), ("512m", True), ("512", True), ("1048576k", True), ("256m", False), ("much", False)],
)
def test_executors_too_small_for_spark_do_not_stop_a_session_that_has_none(size, applied):
    assert ("spark.executor.memory" in conf(**{"spark.executor.memory": size})) is applied


def test_what_spark_writes_by_itself_stays_in_the_sessions_folder():
    chosen = conf()

    assert chosen["spark.sql.warehouse.dir"] == "/session/warehouse"
    assert "-Djava.io.tmpdir=/session" in chosen["spark.driver.extraJavaOptions"]
