"""What the planner answers: numbers, what decides them, and the lines that put a plan in force."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from livyguard.capacity.fits import fits
from livyguard.capacity.lint import lint
from livyguard.capacity.plan import need, with_care
from livyguard.capacity.settings import trade_off
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask

GLUE = {"worker_type": "G.1X"}
#: 16 GiB workers whose drivers are large.
TIGHT = {"worker_memory": "16g", "executor_memory": "4g", "driver_memory": "6g"}


@pytest.mark.parametrize(
    ("users", "workers", "standard"), [("3", 18, 10), ("10", 60, 31), ("50", 300, 151)]
)  # fmt: skip
def test_the_numbers_of_aws_for_five_executors_each(users, workers, standard):
    found = ask(users=users, executors="5", worker_type="G.1X").to_json()

    assert {name: found[name] for name in ("users", "executors_per_user", "worker_type", "workers")} == {
        "users": int(users),
        "executors_per_user": 5,
        "worker_type": "G.1X",
        "workers": workers,
    }
    assert ask(users=users, executors="5", worker_type="G.2X").cells[0].plan.workers == workers
    assert ask(users=users, executors="5", worker_type="Standard").cells[0].plan.workers == standard


def test_one_object_says_all_of_a_plan():
    found = ask(users="10", executors="5", **YARN).to_json()

    assert {name: found[name] for name in found if name not in {"session_configs", "policy", "notes"}} == {
        "mode": "forward",
        "manager": "yarn",
        "worker_type": None,
        "at_once": 1.0,
        "driver": {"memory_mib": 5_120, "cores": 1},
        "executor": {"memory_mib": 9_216, "cores": 1},
        "beside_livy_mib": 0,
        "users": 10,
        "at_work": 10,
        "executors_per_user": 5,
        "workers": 10,
        "workers_needed": 10,
        "workers_for_drivers": 0,
        "fits": True,
        "bound_by": "containers",
        "containers": 60,
        "held": {"memory_mib": 512_000, "cores": 60},
        "offered": {"memory_mib": 573_440, "cores": 160},
        "unused": {"memory_mib": 61_440, "cores": 100},
    }


def test_cores_that_nobody_told_are_null():
    found = ask(users="10", executors="5", worker_memory="56g").to_json()

    assert found["offered"]["cores"] is None
    assert found["unused"]["cores"] is None
    assert found["held"]["cores"] == 60


def test_parts_of_cores_are_kept():
    assert ask(users="1", executors="1", **EKS).to_json()["offered"] == {"memory_mib": 63_488, "cores": 15.5}


def test_on_glue_workers_offer_what_their_containers_have_and_a_driver_leaves_cores_of_its_own_unused():
    found = ask(users="3", executors="5", **GLUE).to_json()

    assert found["offered"] == {"memory_mib": 18 * 11_264, "cores": 18 * 8}
    assert found["unused"] == {"memory_mib": 0, "cores": 3 * 7}


def test_of_a_type_that_aws_does_not_describe_nobody_can_say_what_is_unused():
    found = ask(users="3", executors="5", worker_type="G.4X").to_json()

    assert (found["offered"], found["unused"]) == (None, None)


def test_overheads_beyond_what_a_container_of_glue_has_leave_nothing_to_tell():
    found = ask(users="3", executors="5", worker_type="G.1X", conf=("spark.executor.memoryOverhead=6g",))

    assert found.to_json()["unused"] is None


@pytest.mark.parametrize(("workers", "each"), [("18", 5), ("17", 4), ("6", 1), ("5", 0)])
def test_the_inverse_says_how_many_executors_each(workers, each):
    found = ask(users="3", workers=workers, **GLUE)

    assert found.to_json()["executors_per_user"] == each
    assert found.to_json()["workers"] == int(workers)
    assert found.exit_code == (each == 0)
    assert found.notes[0] == f"{each + 1} executor{'s' * (each > 0)} each would need {3 * (each + 2)} workers."


@pytest.mark.parametrize(("workers", "users"), [("18", 3), ("17", 2), ("6", 1), ("5", 0)])
def test_the_inverse_says_for_how_many_people(workers, users):
    found = ask(executors="5", workers=workers, **GLUE)

    assert found.to_json()["users"] == users
    assert found.exit_code == (users == 0)


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        ({"executors": "2", "workers": "1", "worker_memory": "2g"}, 3),
        ({"executors": "5", "workers": "5", **GLUE}, 6),
        ({"users": "3", "workers": "5", **GLUE}, 6),
    ],
)
def test_where_there_is_room_for_nobody_the_answer_is_what_the_first_needs(options, needed):
    found = ask(**options).to_json()

    assert (found["workers_needed"], found["fits"], found["unused"]) == (needed, False, None)


def test_in_a_table_the_limit_on_drivers_is_told_of_one_executor_where_there_is_room_for_none():
    found = ask(users="3,4", workers="1", worker_memory="16g")

    assert not any(" 0 " in note for note in found.notes)


def test_no_more_people_are_counted_than_can_be_asked_for():
    found = ask(executors="1", workers="100000", worker_memory="120g", am_share="1")
    tiny = ask(executors="1", workers="1", at_once="0.0000001%", worker_memory="16g", am_share="1")

    assert (found.cells[0].users, found.cells[0].plan.users) == (100_000, 100_000)
    assert found.notes[0] == "There may be room for more: people are counted up to 100,000."
    assert (tiny.cells[0].users, tiny.cells[0].plan.users) == (100_000, 1)
    assert tiny.notes[0] == "0.0000001% of 100000 people work at once: 1 person."


def test_people_who_work_in_turns_are_more():
    found = ask(executors="5", workers="18", at_once="25%", **GLUE)

    assert (found.cells[0].users, found.cells[0].plan.users) == (12, 3)
    assert found.asked.at_work(13) == 4


@pytest.mark.parametrize(("workers", "code"), [("18", 0), ("17", 1)])
def test_a_check_fails_where_it_does_not_fit(workers, code):
    found = ask(users="3", executors="5", workers=workers, **GLUE)

    assert found.exit_code == code
    assert found.to_json()["fits"] == (not code)
    assert found.to_json()["workers_needed"] == 18


def test_what_does_not_fit_has_no_lines_to_paste_and_nothing_unused():
    found = ask(users="90", executors="5", workers="10", **YARN).to_json()

    assert (found["session_configs"], found["policy"], found["unused"]) == (None, None, None)


def test_a_matrix_has_a_cell_for_each_pair_row_by_row():
    found = ask(users="3,10", executors="5,2", **GLUE).to_json()

    assert (found["users"], found["executors_per_user"], found["workers"]) == ([3, 10], [5, 2], None)
    assert [cell["workers"] for cell in found["cells"]] == [18, 9, 60, 30]
    assert (found["workers_needed"], found["fits"]) == (60, True)
    assert all(set(cell) >= {"users", "executors_per_user", "workers"} for cell in found["cells"])
    assert found["session_configs"]["conf"]["spark.dynamicAllocation.maxExecutors"] == "5"


def test_every_answer_has_the_same_keys():
    single = set(ask(users="3", executors="5", **GLUE).to_json())

    assert set(ask(users="3", workers="5", **YARN).to_json()) == single
    assert set(ask(users="3,10", executors="5", **GLUE).to_json()) == {*single, "cells"}


def test_a_matrix_against_workers_shows_what_fits_and_does_not_fail():
    found = ask(users="3,10", executors="5,2", workers="18", at_once="100%", **GLUE)

    assert [cell.has_room for cell in found.cells] == [True, True, False, False]
    assert found.exit_code == 0
    assert not found.to_json()["fits"]
    assert (
        "The lines to paste are those for 3 people with 5 executors each; for another answer's ask for that one alone."
    ) in found.notes


def test_of_a_matrix_it_is_said_whom_the_lines_are_for_also_where_people_alone_differ():
    inverse, forward = ask(users="3,10", workers="30", **GLUE), ask(users="1,10", executors="1", **GLUE)

    assert any("those for 3 people with 9 executors each;" in note for note in inverse.notes)
    assert "team_quota = { sessions = 3 }" in inverse.policy
    assert any("those for 10 people with 1 executor each;" in note for note in forward.notes)
    assert not any("lines to paste" in note for note in ask(users="30,40", workers="18", **GLUE).notes)


def test_lists_may_be_asked_the_other_way_round_too():
    people = ask(users="3,6,30", workers="18", **GLUE)
    executors = ask(executors="2,5", workers="18", **GLUE)

    assert [cell.plan.executors for cell in people.cells] == [5, 2, 0]
    assert people.exit_code == 1
    assert [cell.users for cell in executors.cells] == [6, 3]
    assert executors.exit_code == 0


def test_a_matrix_of_which_nothing_fits_has_no_lines_to_paste():
    found = ask(users="30,60", executors="5", workers="10", at_once="50%", **GLUE)

    assert found.to_json()["policy"] is None
    assert found.notes == ("50% of the people work at once.",)


def test_where_yarns_limit_on_drivers_decides_the_share_that_would_do_is_told():
    found = ask(users="10", executors="5", **TIGHT)

    one = found.cells[0].plan
    assert one.need.bound_by == "drivers"
    (said,) = (note for note in found.notes if note.startswith("YARN's limit on drivers decides"))
    told, fewer = Fraction(said.split("With ")[1].split("%")[0]) / 100, int(said.split("%, ")[1].split(" ")[0])
    assert fewer < one.workers
    assert ask(users="10", executors="5", am_share=str(float(told)), **TIGHT).cells[0].plan.workers == fewer
    less = replace(found.asked.site, am_share=told - Fraction(1, 100))
    assert need(less, found.asked.size, 10, 5).workers > fewer


def test_one_person_has_nothing_each():
    found = ask(users="1", executors="1,2", **GLUE)

    assert any("those for 1 person with 2 executors;" in note for note in found.notes)


def test_in_a_matrix_the_limit_on_drivers_is_told_once_for_where_it_costs_most():
    found = ask(users="5,10", executors="1,5", **TIGHT)

    (said,) = (note for note in found.notes if note.startswith("YARN's limit on drivers decides"))
    assert "10 people with" in said


def test_where_a_queues_share_decides_it_is_told():
    found = ask(users="10", executors="5", queue_share="20%", am_share="1", **YARN)

    assert found.cells[0].plan.need.bound_by == "queue"
    assert any(
        note.startswith("The queue's share of the cluster decides, 20%: with all of it 10 workers")
        for note in found.notes
    )


#: Drivers that lie together leave executors no place, and one beside each executor would.
ONE_EACH = {"manager": "kubernetes", "worker_memory": "23g", "worker_cores": "8", "executor_memory": "15g"}


def test_more_workers_than_careful_placing_would_take_are_explained():
    found = ask(users="13", executors="1", driver_memory="1g", **ONE_EACH)
    apart = ask(users="13", executors="1", driver_memory="1g", drivers_apart=True, **ONE_EACH)

    assert found.cells[0].plan.workers == 19
    assert found.notes[0] == (
        "That many are enough in whatever order sessions start and wherever Kubernetes places their containers; "
        "placed with care, 13 would do."
    )
    assert not any("placed with care" in note for note in (*apart.notes, *ask(users="3", executors="5", **GLUE).notes))


def test_careful_placing_does_not_lift_yarns_limits():
    size = {"worker_memory": "23g", "executor_memory": "19g", "driver_memory": "512m", "minimum_allocation": "1m"}
    shares = {"100%": 12, "3.5%": 14, "3%": 16}

    found = {share: ask(users="12", executors="1", am_share=share, **size) for share in shares}
    assert {each.cells[0].plan.workers for each in found.values()} == {16}
    assert {share: with_care(each.asked.site, each.asked.size, 12, 1) for share, each in found.items()} == shares
    assert not any("placed with care" in note for note in found["3%"].notes)


def test_drivers_on_workers_of_their_own_are_told_apart():
    found = ask(users="40", executors="5", drivers_apart=True, **EKS)

    one = found.cells[0].plan
    assert 0 < one.need.for_drivers < one.workers
    rest = one.workers - one.need.for_drivers
    drivers = "1 worker" if one.need.for_drivers == 1 else f"{one.need.for_drivers} workers"
    assert found.notes[0] == f"Drivers are apart: {drivers} for drivers, {rest} for executors."


def test_a_container_beyond_yarns_usual_largest_is_told():
    assert any("yarn.scheduler.maximum-allocation-mb" in note for note in ask(users="1", executors="1", **YARN).notes)
    assert not any("maximum-allocation" in note for note in ask(users="1", executors="1", **TIGHT).notes)


def test_a_large_container_is_no_matter_on_emr_which_allows_one_as_large_as_the_node():
    found = ask(users="1", executors="1", worker_type="m5.4xlarge", executor_memory="40g")

    assert found.asked.size.executor.memory_mib > 8_192
    assert not any("maximum-allocation" in note for note in found.notes)


def test_a_type_for_streaming_alone_is_told():
    assert "AWS offers G.025X for streaming jobs alone." in ask(users="1", executors="1", worker_type="G.025X").notes


def test_config_json_caps_executors_and_gives_cached_ones_back():
    found = ask(users="10", executors="5", kind="pyspark", conf=("spark.executor.memoryOverhead=1g",), **YARN)

    assert found.session_configs == {
        "driverMemory": "4g",
        "executorMemory": "8g",
        "conf": {
            "spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m",
            "spark.dynamicAllocation.maxExecutors": "5",
            "spark.executor.memoryOverhead": "1g",
        },
    }


def test_what_a_cap_costs_and_what_gives_executors_back_is_told():
    sentences = trade_off(ask(users="2", executors="3", **YARN).asked)

    told = " ".join(sentences)
    assert "it never lends" in told
    assert "spark.dynamicAllocation.cachedExecutorIdleTimeout, which is infinity unless set" in told
    assert "spark.cores.max" in trade_off(ask(users="2", executors="3", **STANDALONE).asked)[-1]


def test_a_standalone_cluster_is_capped_by_its_cores():
    found = ask(users="2", executors="3", executor_cores="4", **STANDALONE)

    assert found.session_configs["conf"]["spark.cores.max"] == "12"
    assert "spark.cores.max" not in found.policy


CLUSTERS = [
    GLUE,
    {"worker_type": "Standard"},
    {"worker_type": "G.4X"},
    {"worker_type": "m5.4xlarge"},
    YARN,
    {**YARN, "count_cores": True, "executor_cores": "4"},
    EKS,
    STANDALONE,
    {**STANDALONE, "deploy_mode": "cluster", "executor_cores": "4"},
    TIGHT,
]


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("executors", ["1", "5"])
def test_the_policys_lines_are_a_policy_that_lets_people_hold_what_was_planned_and_no_more(cluster, executors):
    found = ask(users="3", executors=executors, **cluster)

    policy = parse(found.policy, source="pasted")
    asked = judge(policy, Identity("alice", "reported", "a test"), {"numExecutors": 40})
    worst = fits(policy, people={"defaults": 90}, site=found.asked.site).worst
    assert lint(policy) == ()
    assert asked.verdict == "clamp"
    assert asked.request["conf"]["spark.dynamicAllocation.maxExecutors"] == executors
    assert (worst.workers, worst.need.workers) == (found.cells[0].plan.workers, found.cells[0].plan.workers)


def test_the_policys_lines_say_what_emr_adds_to_an_executors_heap():
    found = ask(users="3", executors="5", deploy_mode="client", worker_type="m5.4xlarge")

    assert parse(found.policy, source="pasted").cluster[""].spark_defaults == {
        "spark.executor.memoryOverheadFactor": "0.1875",
        "spark.submit.deployMode": "client",
    }


def test_where_drivers_run_beside_livy_the_policys_lines_say_so_and_keep_yarns_master_small():
    found = ask(users="3", executors="5", deploy_mode="client", **YARN)
    sized = ask(users="3", executors="5", deploy_mode="client", conf=("spark.yarn.am.memory=1g",), **YARN)

    policy = parse(found.policy, source="pasted")
    asked = judge(policy, Identity("alice", "reported", "a test"), {"conf": {"spark.yarn.am.memory": "4g"}})
    assert lint(policy) == ()
    assert policy.cluster[""].spark_defaults == {"spark.submit.deployMode": "client"}
    assert "spark.yarn.am.memory" not in asked.request["conf"]
    assert (
        judge(
            parse(sized.policy, source="pasted"), Identity("alice", "reported", "a test"), sized.session_configs
        ).verdict
        == "allow"
    )


def test_the_policys_lines_hold_people_to_the_sizes_that_were_planned():
    policy = parse(ask(users="3", executors="5", executor_cores="2", **YARN).policy, source="pasted")

    asked = judge(policy, Identity("alice", "reported", "a test"), {"executorMemory": "32g", "executorCores": 8})
    assert (asked.request["executorMemory"], asked.request["executorCores"]) == ("8g", 2)
    assert asked.request["driverMemory"] == "4g"
