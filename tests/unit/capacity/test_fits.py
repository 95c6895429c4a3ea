"""A policy against its cluster: the worst case and the likely one, counted by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from livyguard.capacity.containers import Container
from livyguard.capacity.described import described
from livyguard.capacity.fits import fits
from livyguard.capacity.plan import Need
from livyguard.capacity.promise import to_json
from livyguard.capacity.site import Site
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.errors import InvalidInput
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse

GLUE = '[cluster]\nmanager = "glue"\nworkers = 18\nworker_type = "G.1X"\ndynamic_allocation = true\n'
#: 10 nodes of 56 GiB, of which an executor of 8g takes 9 GiB and a driver of 1g takes 1.5.
YARN = """
[cluster]
manager = "yarn"
workers = 10
worker = { cores = 16, memory = "56g" }
minimum_allocation = "512m"
dynamic_allocation = true
"""
TEAM = """
[[tenant]]
name = "team"
users = ["alice", "bob", "carol"]
"""


def fit(text, **given):
    return fits(parse(text, source="policy.toml"), **given)


def faults(text, **given):
    with pytest.raises(InvalidInput) as caught:
        fit(text, **given)
    return str(caught.value).splitlines()


def test_three_people_of_five_executors_fill_eighteen_workers():
    found = fit(GLUE + TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 5 }')

    assert (found.worst.people, found.worst.sessions, found.worst.executors, found.worst.drivers) == (3, 3, 15, 3)
    assert found.worst.need == Need(18)
    assert found.worst.fits
    assert (found.likely.people, found.likely.executors, found.likely.need) == (2, 10, Need(12))
    assert found.notes == ()
    assert found.offered is None


def test_one_executor_more_each_does_not_fit_and_says_so():
    found = fit(GLUE + TEAM + 'limits."executors.max" = { max = 6 }')

    assert (found.worst.need, found.worst.fits, found.likely.fits) == (Need(21), False, True)
    assert found.notes == ("No quota says how many sessions one person may have: counted is one each, for 'team'.",)


def test_a_type_for_streaming_alone_is_told():
    text = GLUE.replace("G.1X", "G.025X") + TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 5 }'

    assert fit(text).notes == ("AWS offers G.025X for streaming jobs alone.",)


def test_several_sessions_each_hold_no_more_than_the_quota_of_executors():
    found = fit(GLUE + TEAM + 'quota = { sessions = 3, executors = 4 }\nlimits."executors.max" = { max = 2 }')

    (row,) = found.worst.rows
    assert (row.name, row.people, row.sessions_each, row.executors_each, row.sessions, row.executors) == (
        *("team", 3, 3, 4, 9, 12),
    )
    assert found.worst.need == Need(21)
    (row,) = found.likely.rows
    assert (row.people, row.sessions_each, row.executors_each, row.executors) == (2, 1, 2, 4)


def test_a_preferred_number_is_the_likely_one():
    found = fit(YARN + TEAM + 'limits."executors.max" = { max = 8, default = 3 }', at_once=Fraction(1))

    assert (found.worst.executors, found.likely.executors) == (24, 9)


def test_containers_are_as_large_as_limits_let_them_be_and_likely_as_nobody_asks():
    text = 'limits."executor.memory" = { max = "16g", default = "8g" }\nlimits."driver.memory" = { max = "2g" }\n'
    found = fit(YARN + TEAM + text + 'limits."executors.max" = { max = 2 }')

    (worst,), (likely,) = found.worst.rows, found.likely.rows
    assert worst.size.executor == Container(18_432, Fraction(1))
    assert worst.size.driver == Container(2_560, Fraction(1))
    assert likely.size.executor == Container(9_216, Fraction(1))
    assert likely.size.driver == Container(1_536, Fraction(1))
    assert found.worst.held == Container(6 * 18_432 + 3 * 2_560, Fraction(9))
    assert found.likely.held == Container(4 * 9_216 + 2 * 1_536, Fraction(6))
    assert found.offered == Container(573_440, Fraction(160))


def test_a_size_that_nothing_limits_counts_as_nobody_asks_and_is_noted():
    found = fit(YARN + TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 2 }')

    assert found.worst.rows[0].size == found.likely.rows[0].size
    (told,) = found.notes
    assert told == (
        "Nothing limits executor.memory, executor.memory_overhead, executor.pyspark_memory, executor.offheap_memory, "
        "driver.memory and driver.memory_overhead: "
        "counted is what a session has for which nobody asks anything, for 'team'."
    )
    assert not found.is_held


EXTRAS = """
limits."executor.memory_overhead" = { max = "1g" }
limits."driver.memory_overhead" = { max = "1g" }
limits."executor.pyspark_memory" = { max = "2g" }
limits."executor.offheap_memory" = { forbidden = true }
"""
HEAPS = 'limits."executor.memory" = { max = "8g" }\nlimits."driver.memory" = { max = "1g" }\n'
SHORT = 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 2 }\n'


def test_what_stands_beside_a_heap_counts_where_a_limit_holds_it():
    found = fit(YARN + TEAM + SHORT + HEAPS + EXTRAS)

    assert found.is_held
    assert found.notes == ()
    (row,) = found.worst.rows
    assert (row.size.executor.memory_mib, row.size.driver.memory_mib) == (11 * 1_024, 2 * 1_024)


@pytest.mark.parametrize("name", ["executor.memory_overhead", "driver.memory_overhead", "executor.pyspark_memory"])
def test_what_stands_beside_a_heap_and_nothing_limits_it_is_told(name):
    lines = "\n".join(line for line in EXTRAS.splitlines() if name not in line)
    found = fit(YARN + TEAM + SHORT + HEAPS + lines)

    assert not found.is_held
    assert found.notes == (
        f"Nothing limits {name}: counted is what a session has for which nobody asks anything, for 'team'.",
    )


def test_off_heap_memory_that_nobody_may_turn_on_needs_no_limit():
    lines = "\n".join(line for line in EXTRAS.splitlines() if "offheap" not in line)
    switches = ["conf.spark.memory.offHeap.enabled", "conf.spark.unsafe.offHeap"]
    off = "".join(f'\nlimits."{name}" = {{ fixed = "false" }}' for name in switches)

    assert not fit(YARN + TEAM + SHORT + HEAPS + lines).is_held
    assert fit(YARN + TEAM + SHORT + HEAPS + lines + off).is_held


def test_a_limit_over_numbers_lets_nobody_turn_off_heap_memory_on():
    lines = "\n".join(line for line in EXTRAS.splitlines() if "offheap" not in line)

    assert fit(YARN + TEAM + SHORT + HEAPS + lines + '\nlimits."conf.*" = { min = 1 }').is_held


@pytest.mark.parametrize(
    ("bound", "executor", "driver"),
    [
        # Beside the smallest driver, of 450 MiB and no overhead, and the smallest executor; each is granted in steps.
        ('limits."session.memory" = { max = "20g" }', 40 * 512 - 512, 40 * 512 - 512),
        ('quota = { sessions = 1, memory = "20g" }', 40 * 512 - 512, 40 * 512 - 512),
        ('team_quota = { memory = "200g" }', 57_344, 57_344),
    ],
)
def test_what_only_the_whole_of_a_session_holds_may_be_as_large_as_that_leaves(bound, executor, driver):
    quota = "" if bound.startswith("quota") else "quota = { sessions = 1 }\n"
    found = fit(YARN + TEAM + quota + bound + '\nlimits."executors.max" = { max = 2 }')

    (row,) = found.worst.rows
    assert (row.size.executor.memory_mib, row.size.driver.memory_mib) == (executor, driver)
    assert found.is_held


def test_cores_that_only_the_whole_of_a_session_holds_are_as_many_as_that_leaves():
    cluster = '[cluster]\nmanager = "standalone"\nworkers = 9\nworker = { cores = 8, memory = "8g" }\n'
    cluster += 'spark_defaults = { "spark.executor.cores" = 1, "spark.submit.deployMode" = "cluster" }\n'
    found = fit(cluster + TEAM + SHORT + HEAPS + 'limits."session.cores" = { max = 5 }')

    (row,) = found.worst.rows
    assert (row.size.executor.cores, row.size.driver.cores) == (4, 4)
    assert found.is_held


def test_beside_livy_an_application_master_counts_as_its_own_limits_let_it_be():
    client = 'spark_defaults = { "spark.submit.deployMode" = "client" }\n'
    heaps = HEAPS.replace('"1g"', '"20g"')

    def master(limit):
        return fit(YARN + client + TEAM + SHORT + heaps + EXTRAS + limit).worst.rows[0].size.driver.memory_mib

    assert master("") == 22 * 1_024  # a door to driver.memory and to its overhead, of which a tenth is more
    assert master('limits."conf.spark.yarn.am.*" = { forbidden = true }') == 1_024
    assert master('limits."conf.spark.yarn.am.memory" = { max = "2g" }') == 3 * 1_024
    without = fit(YARN + client + TEAM + SHORT + heaps.splitlines()[0] + EXTRAS)
    assert without.notes[0].startswith("Nothing limits conf.spark.yarn.am.memory:")


def test_what_passes_the_limits_and_is_larger_than_a_worker_takes_all_of_one():
    text = 'limits."executor.memory" = { max = "100g", default = "1g" }\nlimits."driver.memory" = { max = "1g" }\n'
    found = fit(YARN + TEAM + text + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 2 }')

    assert found.worst.rows[0].size.executor.memory_mib == 57_344
    assert found.worst.need == Need(9)
    assert found.notes[-1] == "Containers that are larger than a worker, and never start, pass the limits of 'team'."


@pytest.mark.parametrize(
    ("quota", "memory"),
    [
        ('quota = { sessions = 1, memory = "20g" }', 3 * 20_480),
        ('quota = { sessions = 2 }\nlimits."session.memory" = { max = "10g" }', 6 * 10_240),
        ('quota = { sessions = 1 }\nteam_quota = { memory = "40g" }', 40_960),
        ("quota = { sessions = 1 }\nteam_quota = { executors = 2 }", 2 * 9_216 + 3 * 1_536),
        ("quota = { sessions = 2 }\nteam_quota = { sessions = 1, executors = 4 }", 4 * 9_216 + 1_536),
    ],
)
def test_quotas_hold_people_to_less_than_the_number_of_containers(quota, memory):
    sizes = 'limits."executor.memory" = { max = "8g" }\nlimits."driver.memory" = { max = "1g" }\n'
    found = fit(YARN + TEAM + sizes + 'limits."executors.max" = { max = 8 }\n' + quota)

    assert found.worst.held.memory_mib == memory
    assert found.likely.held.memory_mib <= memory


def test_with_a_coarser_step_than_the_policys_what_a_quota_holds_is_rounded_up():
    text = TEAM + 'quota = { sessions = 1, memory = "20g" }\nlimits."executors.max" = { max = 2 }'
    text += '\nlimits."executor.memory" = { max = "16g" }\nlimits."driver.memory" = { max = "2g" }'
    cluster = YARN.replace('minimum_allocation = "512m"\n', "")

    assert fit(YARN + text).worst.held.memory_mib == 3 * 20_480
    assert fit(cluster + text).worst.held.memory_mib == 3 * (20_480 + 3 * 1_023)


def test_on_glue_a_quota_of_memory_counts_containers_as_small_as_they_may_be():
    limits = 'limits."executors.max" = { max = 5 }\n'
    sizes = 'limits."executor.memory" = { fixed = "10g" }\nlimits."driver.memory" = { fixed = "10g" }\n'
    sizes += 'limits."executor.memory_overhead" = { min = "1g" }\nlimits."driver.memory_overhead" = { min = "1g" }\n'
    text = TEAM + limits + sizes + 'quota = { sessions = 2, executors = 5, memory = "66g" }'
    found = fit(GLUE + text)

    assert (found.worst.sessions, found.worst.executors, found.worst.containers) == (6, 15, 18)
    assert found.worst.need == Need(18)
    assert (found.likely.containers, found.likely.need) == (12, Need(12))
    assert found.notes == ()
    assert fit(GLUE + TEAM + limits + sizes + "quota = { sessions = 2, cores = 4 }").worst.containers == 12
    smaller = sizes.replace('"driver.memory" = { fixed = "10g"', '"driver.memory" = { max = "10g"')
    found = fit(GLUE + TEAM + limits + smaller + 'quota = { sessions = 2, executors = 5, memory = "66g" }')
    assert found.worst.containers == 21


def test_on_glue_a_quota_of_memory_counts_a_container_as_the_policy_does_and_rounds_nothing():
    cluster = '[cluster]\nworker_type = "Standard"\nworkers = 6\n'
    one = '[[tenant]]\nname = "team"\nusers = ["alice"]\n'
    found = fit(cluster + one + 'quota = { sessions = 1, memory = "22g" }\nlimits."executors.max" = { max = 8 }')

    # Nobody is kept from nine containers of 1.4 GiB.
    assert (found.worst.need, found.likely.need) == (Need(6), Need(6))
    assert found.worst.held.memory_mib <= 22 * 1_024


def test_where_aws_does_not_say_how_large_a_container_is_no_quota_of_memory_frees_one():
    text = TEAM + 'quota = { sessions = 1, memory = "2g" }\nlimits."executors.max" = { max = 5 }'

    assert fit(GLUE.replace("G.1X", "R.1X") + text).worst.need.workers > 3


@pytest.mark.parametrize(
    ("limits", "worst", "likely"),
    [
        ("", {"driver", "executor"}, {"driver", "executor"}),
        ('limits."executor.memory" = { max = "40g" }', {"driver"}, {"driver", "executor"}),
        ('limits."executor.memory" = { max = "40g", default = "40g" }', {"driver"}, {"driver"}),
        ('session_configs = { driverMemory = "9g", executorMemory = "9g" }', set(), set()),
    ],
)
def test_where_neither_aws_nor_the_policy_says_how_large_a_container_is_none_is_made_up(limits, worst, likely):
    found = fit(GLUE.replace("G.1X", "G.4X") + TEAM + SHORT + limits)
    shown = to_json(found)

    assert [case.rows[0].untold for case in (found.worst, found.likely)] == [worst, likely]
    assert (found.worst.is_told, found.worst.need) == (not worst, Need(9))
    assert (shown["held"] is None, shown["likely"]["held"] is None) == (bool(worst), bool(likely))
    (row,) = shown["tenants"]
    assert {side for side in ("driver", "executor") if row[side] is None} == worst
    assert (row["held"] is None) == bool(worst)


def test_without_anything_that_bounds_executors_one_session_can_take_everything():
    found = fit(YARN + TEAM + "quota = { sessions = 1 }")

    assert (found.worst.executors, found.worst.held, found.worst.need, found.worst.fits) == (None, None, None, False)
    assert (found.likely.executors, found.likely.need, found.likely.fits) == (None, None, False)
    assert found.worst.rows[0].load is None
    assert "One session can take every worker, since nothing bounds the executors of 'team'." in found.notes


def test_a_quota_alone_bounds_executors_by_the_smallest_that_pass():
    text = 'quota = { sessions = 1, memory = "10g", cores = 5 }\nlimits."executor.memory" = { min = "2g" }'
    found = fit(YARN + TEAM + text)

    # 9 GiB are left beside the smallest driver, and an executor that asks for no overhead takes 2 of them.
    assert (found.worst.rows[0].executors_each, found.worst.executors) == (4, 12)
    assert found.worst.held.memory_mib == 3 * 10_240


@pytest.mark.parametrize(
    ("quota", "sessions", "executors"),
    [
        ('team_quota = { memory = "60g" }', 4, 8),  # a session of a driver and two executors takes 19.5 GiB
        ("team_quota = { executors = 5 }", 3, 5),
        ("team_quota = { sessions = 2 }", 2, 4),
        ("team_quota = { cores = 6 }", 2, 4),
    ],
)
def test_a_team_that_nobody_counted_is_bounded_by_its_quota(quota, sessions, executors):
    text = f"""
[[tenant]]
name = "team"
groups = ["analytics"]
{quota}
[tenant.limits]
"executors.max" = {{ max = 2 }}
"executor.memory" = {{ max = "8g" }}
"driver.memory" = {{ max = "1g" }}
"""
    found = fit(YARN + text)

    (row,) = found.worst.rows
    assert (row.people, row.sessions, row.executors, found.worst.people) == (None, sessions, executors, None)
    assert found.notes[0] == (
        f"How many people are at work is not told of 'team': counted is what team_quota lets all of them hold,"
        f" {sessions} sessions at the most."
    )
    (likely,) = found.likely.rows
    assert (likely.people, likely.sessions, likely.executors) == (None, -(-sessions // 2), 2 * -(-sessions // 2))


def test_a_team_without_a_cap_on_a_session_is_one_session():
    text = '[[tenant]]\nname = "team"\ngroups = ["analytics"]\nteam_quota = { executors = 7 }'

    assert [(row.sessions, row.executors) for row in fit(GLUE + text).worst.rows] == [(1, 7)]


EVERYBODYS = """
[defaults]
quota = { sessions = 1 }
team_quota = { sessions = 3 }
limits."executors.max" = { max = 5 }
"""


def test_those_whom_no_tenant_names_are_as_many_as_their_team_quota_lets_work():
    found = fit(GLUE + EVERYBODYS)

    (row,) = found.worst.rows
    assert (row.name, row.people, row.sessions, row.executors) == ("defaults", None, 3, 15)
    assert (found.worst.need, found.likely.need.workers) == (Need(18), 12)


@pytest.mark.parametrize(("number", "sessions"), [(0, 6), (2, 8), (10, 9)])
def test_a_team_quota_of_everybody_is_each_tenants_own_and_that_of_the_others_too(number, sessions):
    """Said once in [defaults] it counts the members of each tenant by themselves, and those without one."""
    text = f"""{EVERYBODYS}
[[tenant]]
name = "named"
users = ["alice", "bob", "carol", "dora"]
[[tenant]]
name = "group"
groups = ["analytics"]
"""
    rows = fit(GLUE + text).worst.rows
    assert [(row.name, row.people, row.sessions) for row in rows] == [
        ("named", 4, 3),
        ("group", None, 3),
        ("defaults", None, 3),
    ]
    assert fit(GLUE + text, people={"defaults": number}).worst.sessions == sessions


def test_who_are_all_of_some_tenant_leave_nobody_to_the_defaults():
    text = EVERYBODYS + '[[tenant]]\nname = "all"\nusers = ["*"]\n'

    assert [(row.name, row.sessions) for row in fit(GLUE + text).worst.rows] == [("all", 3)]


def test_the_team_of_a_later_layer_is_counted_once_and_not_again_for_those_without_a_tenant():
    first = parse(GLUE + '[[tenant]]\nname = "group"\ngroups = ["analytics"]\n', source="first.toml")
    both = stacked([first, parse(EVERYBODYS, source="second.toml")])

    assert [(row.name, row.sessions) for row in fits(both).worst.rows] == [("group", 3)]


def test_people_are_those_who_are_named_and_those_who_are_counted():
    text = """
[defaults]
quota = { sessions = 1 }
limits."executors.max" = { max = 1 }
[[tenant]]
name = "first"
users = ["alice", "bob-*"]
groups = ["analytics"]
[[tenant]]
name = "second"
users = ["alice", "carol", "root", "carol"]
[[tenant]]
name = "nobody"
users = ["alice"]
"""
    found = fit(GLUE + text, people={"first": 4, "defaults": 2})

    assert [(row.name, row.people) for row in found.worst.rows] == [("first", 5), ("second", 1), ("defaults", 2)]
    assert found.worst.people == 8


def test_tenants_with_sizes_of_their_own_share_the_workers():
    text = f"""{YARN}
[defaults]
quota = {{ sessions = 1 }}
[defaults.limits]
"driver.memory" = {{ max = "1g" }}
{TEAM}
limits."executors.max" = {{ max = 4 }}
limits."executor.memory" = {{ max = "8g" }}
[[tenant]]
name = "engineers"
users = ["dora"]
limits."executors.max" = {{ max = 2 }}
limits."executor.memory" = {{ max = "16g" }}
"""
    found = fit(text)

    assert (found.worst.people, found.worst.sessions, found.worst.executors) == (4, 4, 14)
    assert found.worst.held.memory_mib == 12 * 9_216 + 2 * 18_432 + 4 * 1_536
    assert found.worst.least <= found.worst.need.workers <= found.worst.workers


def test_a_cluster_can_be_given_in_place_of_the_policys():
    text = TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 5 }'
    site = Site("glue", worker_type=WORKER_TYPES["Standard"])

    found = fit(text, site=site, workers=10)

    assert (found.worst.need, found.worst.fits, found.site, found.workers) == (Need(10), True, site, 10)
    assert fit(GLUE + text, workers=17).worst.fits is False


def test_drivers_may_be_held_to_a_share_and_apart():
    text = TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 1 }'
    offered = Container(8_192, Fraction(4))
    tight = Site("yarn", offered=offered, counts_cores=False, am_share=Fraction(1, 10))
    apart = Site("kubernetes", offered=offered, step=1, drivers_apart=True)

    assert fit(text, site=tight, workers=9).worst.need == Need(7, 0, "drivers")
    assert fit(text, site=apart, workers=9).worst.need == Need(2, 1, "containers")


def test_a_queue_holds_part_of_the_cluster():
    text = TEAM + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 3 }'
    site = Site("yarn", offered=Container(8_192, Fraction(4)), counts_cores=False, queue_share=Fraction(1, 4))

    assert fit(text, site=site, workers=9).worst.need == Need(12, 0, "queue")


@pytest.mark.parametrize(("manager", "drivers"), [("yarn", 3), ("standalone", 0)])
def test_beside_livy_a_driver_takes_no_worker_but_yarn_wants_a_master(manager, drivers):
    text = TEAM + 'quota = { sessions = 1, memory = "4g" }\nlimits."executors.max" = { max = 1 }'
    site = Site(manager, offered=Container(8_192, Fraction(4)), deploy_mode="client")

    found = fit(text, site=site, workers=9)

    assert found.worst.drivers == drivers
    assert found.worst.fits


def test_a_denied_session_counts_by_what_is_left_of_it():
    text = 'limits."executors.max" = { max = 2 }\nlimits.queue = { required = true }\n'
    text += 'session_configs = { driverMemory = "3g" }'
    found = fit(YARN + TEAM + text)

    assert found.likely.rows[0].size.driver.memory_mib == 3_584
    assert found.likely.executors == 4


def test_a_policy_that_counts_other_overheads_bounds_no_memory_on_kubernetes():
    text = TEAM + 'quota = { sessions = 1, memory = "4g" }\nlimits."executors.max" = { max = 4 }'
    site = Site("kubernetes", offered=Container(57_344, Fraction(16)), step=1)

    assert fit(YARN + text, site=site).worst.held.memory_mib == 3 * 5 * (1_024 + 409)


def test_on_nodes_of_emr_its_own_overhead_counts_and_no_quota_of_memory_that_knows_less():
    cluster = '[cluster]\nworkers = 4\nworker_type = "m5.4xlarge"\ndynamic_allocation = true\n'
    limits = 'limits."executors.max" = { max = 2 }\nlimits."executor.memory" = { max = "8g", default = "8g" }\n'
    text = TEAM + limits + 'quota = { sessions = 1, memory = "4g" }'
    said = 'spark_defaults = { "spark.executor.memoryOverheadFactor" = "0.1" }\n'

    (row,) = fit(cluster + text).worst.rows
    assert row.size.executor.memory_mib == 9_728
    (row,) = fit(cluster + said + text).worst.rows
    assert row.size.executor.memory_mib == 9_024
    assert row.held.memory_mib < 3 * 9_024


def test_who_is_not_counted_is_told_with_what_to_say():
    text = """
[[tenant]]
name = "analysts"
users = ["alice", "bob-*"]
groups = ["analytics"]
[[tenant]]
name = "data science"
groups = ["ds"]
[[tenant]]
name = "named"
users = ["carol"]
"""
    *others, uncounted = faults(text, people={"analyst": 3})
    assert others == [
        "What a worker offers is not told: say --worker-type or --worker-memory, or worker in [cluster].",
        "How many workers there are is not told: say --workers, or workers in [cluster].",
        "--people: the policy has no tenant 'analyst'; did you mean analysts?",
    ]
    assert uncounted == (
        "How many people these stand for is not told: 'analysts' ('bob-*', 'analytics'); 'data science' ('ds'). "
        "Say it: --people analysts=12 --people 'data science=12'"
    )


def test_a_name_like_no_other_is_told_the_known_ones():
    assert faults(GLUE + TEAM, people={"xyz": 1}) == [
        "--people: the policy has no tenant 'xyz'; there is 'team', 'defaults'."
    ]


def test_a_name_that_cannot_be_typed_is_in_no_command():
    text = '[[tenant]]\nname = "a\\nb"\ngroups = ["x"]'

    assert faults(GLUE + text)[0].endswith("'a\\nb' ('x'). Say it: --people NAME=12")


def test_a_policy_that_counts_nobody_is_told_so():
    told = "The policy counts nobody: say how many work under [defaults], --people defaults=10."

    assert faults(GLUE) == [told]


CLUSTERS = """
[cluster.a]
endpoints = ["http://a*"]
manager = "glue"
workers = 18
worker_type = "G.1X"
[cluster.b]
endpoints = ["http://b*"]
manager = "glue"
workers = 4
worker_type = "G.1X"
[[tenant]]
name = "team"
users = ["alice"]
quota = { sessions = 1 }
limits."executors.max" = { max = 5 }
[[tenant]]
name = "others"
cluster = "b"
users = ["bob"]
limits."executors.max" = { max = 5 }
"""


def test_of_several_clusters_one_is_named():
    assert faults(CLUSTERS) == ["The policy describes the clusters a, b: say which one, --cluster a."]
    assert faults(CLUSTERS, cluster="bb")[0] == "The policy describes no cluster 'bb'; did you mean b?"
    assert [row.name for row in fit(CLUSTERS, cluster="a").worst.rows] == ["team"]
    assert fit(CLUSTERS, cluster="b").worst.need == Need(12)


def test_the_one_whose_workers_are_told_is_meant():
    assert fit(CLUSTERS.replace("workers = 4\n", "")).workers == 18


@pytest.mark.parametrize(("text", "said"), [(CLUSTERS, "there is a, b."), (GLUE + TEAM, "it names none.")])
def test_a_cluster_of_another_name_is_none(text, said):
    assert faults(text, cluster="zzz")[0] == f"The policy describes no cluster 'zzz'; {said}"


def test_a_tenant_that_may_hold_no_session_holds_nothing():
    found = fit(YARN + TEAM + 'quota = { sessions = 0 }\nlimits."executors.max" = { max = 2 }')

    assert (found.worst.sessions, found.worst.executors, found.worst.need) == (0, 0, Need(0))


@pytest.mark.parametrize(
    ("cluster", "site"),
    [
        ("manager = 'local'", None),
        ("worker = { cores = 4 }", None),
        ("worker = { memory = 0 }", None),
        ("worker_type = 'm5'", None),
        ("worker = { memory = '8g', cores = 4 }", Site("yarn", Container(8_192, Fraction(4)), counts_cores=False)),
        ("worker_type = 'G.1X'", Site("glue", worker_type=WORKER_TYPES["G.1X"], step=1, counts_cores=False)),
        (
            "worker_type = 'm5.xlarge'",
            Site("yarn", Container(12_288, Fraction(4)), step=32, counts_cores=False),
        ),
        (
            "worker_type = 'm5.xlarge'\nminimum_allocation = '1g'\nworker = { memory = '11g' }",
            Site("yarn", Container(11_264, Fraction(0)), counts_cores=False),
        ),
        (
            "manager = 'kubernetes'\nworker = { memory = '8g', cores = 4 }\nminimum_allocation = '1g'",
            Site("kubernetes", Container(8_192, Fraction(4)), step=1),
        ),
        (
            "manager = 'kubernetes'\nworker = { memory = '8g' }",
            Site("kubernetes", Container(8_192, Fraction(0)), step=1, counts_cores=False),
        ),
        (
            "manager = 'standalone'\nworker = { memory = '8g', cores = 4 }",
            Site("standalone", Container(8_192, Fraction(4)), step=1, deploy_mode="client"),
        ),
        (
            "manager = 'yarn'\nworker = { memory = '8g' }\nspark_defaults = { 'spark.submit.deployMode' = 'client' }",
            Site("yarn", Container(8_192, Fraction(0)), counts_cores=False, deploy_mode="client"),
        ),
    ],
)
def test_a_cluster_is_what_the_policy_describes(cluster, site):
    assert described(parse(f"[cluster]\n{cluster}", source="p").cluster[""]) == site


def test_no_cluster_is_none():
    assert described(None) is None


def test_on_a_standalone_cluster_an_executor_of_which_nobody_says_more_takes_a_whole_worker():
    text = '[cluster]\nmanager = "standalone"\nworkers = 9\nworker = { cores = 4, memory = "8g" }\n' + TEAM
    found = fit(text + 'quota = { sessions = 1 }\nlimits."executors.max" = { max = 3 }')

    assert found.worst.need == Need(9)
    assert fit(text + SHORT + HEAPS + 'limits."executor.cores" = { max = 4 }').notes == ()


def test_a_likely_case_needs_no_more_than_the_worst_that_holds_it():
    rows = [("1g", "1g", 6, 3), ("12g", "12g", 6, 6), ("12g", "8g", 2, 2)]
    text = "".join(
        f"""
[[tenant]]
name = "{place}"
users = ["u{place}"]
quota = {{ sessions = 1 }}
limits."executors.max" = {{ max = {most}, default = {usual} }}
limits."executor.memory" = {{ max = "{largest}", default = "{size}" }}
"""
        for place, (largest, size, most, usual) in enumerate(rows)
    )
    site = Site("standalone", Container(20_480, Fraction(0)), step=1, counts_cores=False, deploy_mode="client")

    found = fit(text, site=site, workers=8, at_once=Fraction(1))

    assert (found.worst.need, found.likely.need) == (Need(8), Need(8))
    assert found.likely.held.memory_mib < found.worst.held.memory_mib
