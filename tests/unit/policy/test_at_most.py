"""The most that a tenant's limits leave any session: what a session is counted as of which nobody tells more."""

from __future__ import annotations

import pytest

from livyguard.policy.at_most import ceiling_at_most
from livyguard.policy.footprint import Footprint
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.policy.tenancy import resolve

CORES = '"driver.cores" = { max = 2 }\n"executor.cores" = { max = 4 }\n'
#: Everything that a driver and an executor are made of.
MEMORY = """
"driver.memory" = { max = "4g" }
"driver.memory_overhead" = { max = "1g" }
"executor.memory" = { max = "8g" }
"executor.memory_overhead" = { max = "1g" }
"executor.pyspark_memory" = { max = "512m" }
"executor.offheap_memory" = { forbidden = true }
"""


def at_most(limits, cluster=""):
    policy = parse(f"{cluster}\n[defaults.limits]\n{limits}", source="p")
    return ceiling_at_most(resolve(policy, Identity("alice", "reported", "a test")))


def test_where_nothing_limits_a_session_nothing_is_its_most():
    assert at_most("") == Footprint()
    assert at_most('"queue" = { fixed = "a" }\n"executors.max" = { default = 4 }') == Footprint()


@pytest.mark.parametrize("limit", ["max = 8", "fixed = 8", "allow = [2, 8, 4]", "max = 8, min = 2, default = 4"])
def test_the_limit_of_executors_is_their_most(limit):
    assert at_most(f'"executors.max" = {{ {limit} }}') == Footprint(8, None, None)


def test_everything_limited_the_largest_of_all_is_counted():
    # The driver, and an application master beside it that runs elsewhere, each with its overhead and its cores.
    assert at_most(f'"executors.max" = {{ max = 8 }}\n{CORES}{MEMORY}') == Footprint(
        8, 2 * (4096 + 1024) + 8 * (8192 + 1024 + 512), 2 * 2 + 8 * 4
    )


def test_an_overhead_that_nobody_states_may_be_more_than_one_may_state():
    limits = MEMORY.replace('"1g"', '"100m"')

    assert at_most(f'"executors.max" = {{ max = 1 }}\n{limits}').memory_mib == 2 * (4096 + 409) + 8192 + 819 + 512


def test_kubernetes_gives_python_more_beside_the_heap():
    found = at_most(f'"executors.max" = {{ max = 1 }}\n{MEMORY}', '[cluster]\nmanager = "kubernetes"')

    assert found.memory_mib == (4096 + 1638) + (4096 + 1024) + 8192 + 3276 + 512


def test_yarn_rounds_what_is_the_most_up():
    cluster = '[cluster]\nmanager = "yarn"\nminimum_allocation = "1g"'

    assert at_most(f'"executors.max" = {{ max = 2 }}\n{MEMORY}', cluster).memory_mib == 2 * 5120 + 2 * 10_240


def test_what_stands_beside_a_heap_without_a_limit_counts_as_spark_adds_it_unasked():
    heaps = '"driver.memory" = { max = "4g" }\n"executor.memory" = { max = "8g" }'

    found = at_most(f'"executors.max" = {{ max = 8 }}\n{heaps}')

    assert found.memory_mib == 2 * (4096 + 409) + 8 * (8192 + 819)


@pytest.mark.parametrize("name", ["executor.memory", "driver.memory"])
def test_spark_defaults_are_no_limit(name):
    limits = "\n".join(line for line in MEMORY.splitlines() if f'"{name}"' not in line)
    cluster = f'[cluster]\nspark_defaults = {{ "spark.{name}" = "1g" }}'

    assert at_most(f'"executors.max" = {{ max = 8 }}\n{limits}', cluster).memory_mib is None


def test_a_limit_on_the_whole_session_is_its_most():
    assert at_most('"executors.max" = { max = 8 }\n"session.memory" = { max = "96g" }') == Footprint(8, 98_304, None)
    assert at_most(f'"executors.max" = {{ max = 8 }}\n"session.memory" = {{ max = "9g" }}\n{MEMORY}').memory_mib == 9216


def test_the_smallest_executors_are_the_most_of_them_that_fit_into_a_whole_session():
    assert at_most('"session.cores" = { max = 9 }') == Footprint(9, None, 9)
    assert at_most('"session.cores" = { max = 9 }\n"executor.cores" = { min = 2 }').executors == 4
    assert at_most('"session.cores" = { max = 9 }\n"executor.cores" = { fixed = 3 }').executors == 3
    assert at_most('"session.memory" = { max = "8g" }\n"executor.memory" = { min = "2g", max = "4g" }').executors == 4
    cluster = '[cluster]\nmanager = "yarn"\nminimum_allocation = "1g"'
    assert at_most('"session.memory" = { max = "8g" }', cluster).executors == 8


def test_a_limit_without_an_order_says_nothing_of_a_most():
    assert at_most('"conf.spark.dynamicAllocation.*" = { allow = ["x"] }') == Footprint()
