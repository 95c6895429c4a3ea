"""The worker types: the published numbers to the digit."""

from __future__ import annotations

import pytest

from livyguard.capacity.emr import EMR_TYPES
from livyguard.capacity.workers import WORKER_TYPES, is_instance_type, nearest_type
from livyguard.policy.fold import fold


@pytest.mark.parametrize(
    ("name", "workers", "executors"),
    [("G.1X", 10, 9), ("G.2X", 10, 9), ("Standard", 10, 17), ("Standard", 2, 1), ("Standard", 0, -1)],
)
def test_one_session_alone_gets_the_published_most(name, workers, executors):
    assert WORKER_TYPES[name].containers(workers) - 1 == executors


@pytest.mark.parametrize(("name", "memory", "cores"), [("Standard", "5g", 4), ("G.1X", "10g", 8), ("G.2X", "20g", 16)])
def test_the_published_sizes_are_what_the_cluster_sets(name, memory, cores):
    kind = WORKER_TYPES[name]

    assert (kind.driver_memory, kind.executor_memory, kind.executor_cores) == (memory, memory, cores)
    entries = fold({"conf": kind.spark_defaults}).entries
    assert {key: each.raw for key, each in entries.items()} == {
        "driver.memory": memory,
        "executor.memory": memory,
        "executor.cores": cores,
    }


@pytest.mark.parametrize(
    ("name", "cores", "gibibytes"),
    [
        ("Standard", 4, 16),
        ("G.025X", 2, 4),
        ("G.1X", 4, 16),
        ("G.2X", 8, 32),
        ("G.4X", 16, 64),
        ("G.8X", 32, 128),
        ("G.12X", 48, 192),
        ("G.16X", 64, 256),
        ("R.1X", 4, 32),
        ("R.2X", 8, 64),
        ("R.4X", 16, 128),
        ("R.8X", 32, 256),
    ],
)
def test_a_worker_has_what_is_published(name, cores, gibibytes):
    kind = WORKER_TYPES[name]

    assert (kind.cores, kind.memory_mib) == (cores, gibibytes * 1_024)


def test_of_the_newer_types_no_size_is_made_up_and_each_worker_holds_one_container():
    newer = [each for name, each in WORKER_TYPES.items() if name not in {"Standard", "G.1X", "G.2X"}]

    assert len(newer) == 9
    assert all(each.spark_defaults == {} and each.containers(7) == 7 for each in newer)
    assert [each.name for each in WORKER_TYPES.values() if each.is_for_streaming] == ["G.025X"]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        *[("g1x", "G.1X"), ("G.1x", "G.1X"), ("G2X", "G.2X"), ("standart", "Standard"), ("g.25x", "G.025X")],
        *[
            ("r8x", "R.8X"),
            ("m5.xlarge", None),
            ("", None),
            ("\uff27.\uff11\uff38", "G.1X"),
            ("G.3X", None),
            ("G.1", "G.1X"),
        ],
    ],
)
def test_a_wrong_name_is_told_the_nearest(wrong, meant):
    assert nearest_type(wrong) == meant


@pytest.mark.parametrize(
    ("name", "memory", "vcores"),
    [
        ("m5.xlarge", 12_288, 4),
        ("m5.4xlarge", 57_344, 16),
        ("m6g.8xlarge", 116_736, 32),
        ("r5.2xlarge", 57_344, 8),
        ("r5d.24xlarge", 778_240, 96),
        ("r6g.16xlarge", 491_520, 64),
        ("c5.9xlarge", 65_536, 36),
        ("c5a.xlarge", 5_632, 4),
    ],
)
def test_a_node_of_emr_offers_what_is_published(name, memory, vcores):
    kind = EMR_TYPES[name]

    assert (kind.name, kind.memory_mib, kind.vcores, kind.step) == (name, memory, vcores, 32)


def test_the_nearest_is_found_among_what_is_given():
    assert nearest_type("M5 4xlarge", EMR_TYPES) == "m5.4xlarge"
    assert nearest_type("M5.4XLARGE", EMR_TYPES) == "m5.4xlarge"
    assert nearest_type("m5.4xlarg", EMR_TYPES) == "m5.4xlarge"


@pytest.mark.parametrize("name", ["m7i.4xlarge", "m7i-flex.xlarge", "i3en.metal-24xl", "x2iedn.16xlarge", "m5.3xlarge"])
def test_a_machine_without_figures_is_not_taken_for_another(name):
    assert is_instance_type(name)
    assert nearest_type(name, [*WORKER_TYPES, *EMR_TYPES]) is None


def test_a_slip_in_the_name_of_a_machine_is_not_taken_for_another_family():
    assert nearest_type("m7i.4xlarg", EMR_TYPES) is None
    assert not any(map(is_instance_type, [*WORKER_TYPES, "m7i.4xlarg", "", "large"]))
    assert all(map(is_instance_type, EMR_TYPES))
