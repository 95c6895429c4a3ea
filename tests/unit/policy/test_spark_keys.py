"""Spark's own names of its keys, and which of them a misspelled one stands for."""

from __future__ import annotations

import pytest

from livyguard.policy.footprint import WEIGHTS
from livyguard.policy.spark_keys import meant, spark_keys


def test_the_names_are_those_of_sparks_registry_old_ones_too():
    assert {
        "spark.dynamicAllocation.maxExecutors",
        "spark.kubernetes.container.image",
        "spark.yarn.queue",
        "spark.sql.shuffle.partitions",
        "spark.app.name",
        "spark.yarn.executor.memoryOverhead",
        "spark.streaming.dynamicAllocation.maxExecutors",
        *(name.removeprefix("conf.") for name in WEIGHTS),  # Spark 4's too, with which livyguard counts
    } <= spark_keys()
    assert all(name and name == name.strip() and not name.startswith("#") for name in spark_keys())


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("spark.dynamicAlocation.maxExecutors", "spark.dynamicAllocation.maxExecutors"),
        ("spark.executor.memoryoverhead", "spark.executor.memoryOverhead"),
        ("spark.sql.shuffle.partition", "spark.sql.shuffle.partitions"),
        ("spark.dynamicallocation.*", "spark.dynamicAllocation.*"),
        ("spark.kubernets.driver.*", "spark.kubernetes.driver.*"),
        ("spark.dynamicAlocation.max?xecutors", "spark.dynamicAllocation.max?xecutors"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(key, near):
    assert meant(key) == near


@pytest.mark.parametrize(
    "key",
    [
        "spark.dynamicAllocation.maxExecutors",
        "spark.acme.costCenter",
        "spark.hadoop.fs.s3a.endpont",
        "spark.executorEnv.SPARK_HOMEE",
        "spark.sql.catalog.lake.uri",
        "spark.databricks.*",
        "spark.*.key",
        "spark*",
        "spark.h*",
        "spark.yarn.appMaster*",
        "spark.plugins.internal.co*",
        "livy.rsc.*",
        "executor.memory",
        "*",
        "",
    ],
)
def test_what_is_known_open_or_like_nothing_is_no_slip(key):
    assert meant(key) is None
