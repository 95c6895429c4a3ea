"""What a person asks of a policy: does what it promises fit, at the worst and likely."""

from __future__ import annotations

from fractions import Fraction

import pytest

from livyguard.capacity.asking import Options, asks_for_policy
from livyguard.capacity.promise import exit_code, read_policy, to_json
from livyguard.capacity.site import AM_SHARE
from livyguard.errors import InvalidInput
from livyguard.policy.model import parse
from tests.unit.capacity.asked import SHARED as GLUE

YARN = """
[cluster.one]
endpoints = ["http://one*"]
manager = "yarn"
worker = { memory = "16g", cores = 4 }
workers = 5
[defaults]
quota = { sessions = 1 }
team_quota = { sessions = 4 }
[defaults.limits]
"executors.max" = { max = 3, default = 1 }
"executor.memory" = { max = "2g" }
"driver.memory" = { max = "2g" }
"executor.memory_overhead" = { max = "512m" }
"driver.memory_overhead" = { max = "512m" }
"executor.pyspark_memory" = { forbidden = true }
"executor.offheap_memory" = { forbidden = true }
"session.memory" = { max = "12g" }
"""


FOUR = ("defaults=4",)


def ask(policy, **options):
    return read_policy(Options(**options)).fit(parse(policy, source="policy.toml"))


def faults(policy=GLUE, **options):
    with pytest.raises(InvalidInput) as caught:
        ask(policy, **options)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("options", "is_policys"),
    [
        ({}, True),
        ({"workers": "9", "worker_type": "G.1X"}, True),
        ({"policy": "policy.toml"}, True),
        ({"policy": "policy.toml", "users": "3"}, True),
        ({"users": "3"}, False),
        ({"executors": "3", "workers": "9"}, False),
    ],
)
def test_a_policy_is_asked_about_where_it_is_named_or_nobody_says_users_and_executors(options, is_policys):
    assert asks_for_policy(Options(**options)) == is_policys


def test_one_object_says_both_cases_and_every_tenant():
    found = to_json(ask(GLUE))

    assert {name: found[name] for name in found if name not in {"worst", "likely", "tenants", "notes"}} == {
        "mode": "fits",
        "manager": "glue",
        "worker_type": "G.1X",
        "at_once": 0.5,
        "users": 4,
        "executors_per_user": None,
        "workers": 8,
        "workers_needed": 16,
        "fits": False,
        "workers_for_drivers": 0,
        "bound_by": "containers",
        "containers": 16,
        "held": {"memory_mib": 16 * 11_264, "cores": 100},
        "unused": None,
        "offered": None,
        "driver": None,
        "executor": None,
        "session_configs": None,
        "policy": None,
    }
    assert {name: found["worst"][name] for name in ("people", "sessions", "executors", "containers", "fits")} == {
        "people": 4,
        "sessions": 4,
        "executors": 12,
        "containers": 16,
        "fits": False,
    }
    assert {name: found["likely"][name] for name in ("people", "sessions", "executors", "workers_needed", "fits")} == {
        "people": 2,
        "sessions": 2,
        "executors": 2,
        "workers_needed": 4,
        "fits": True,
    }
    (tenant,) = found["tenants"]
    assert (tenant["name"], tenant["people"], tenant["executors_each"], tenant["executors"]) == ("analysts", 4, 3, 12)


def test_what_fits_at_the_worst_leaves_something_or_nothing():
    found = to_json(ask(YARN, people=FOUR, am_share="50%"))

    assert found["fits"]
    assert found["offered"] == {"memory_mib": 5 * 16_384, "cores": 20}
    unused = found["worst"]["unused"]
    assert unused["memory_mib"] == 5 * 16_384 - found["worst"]["held"]["memory_mib"]


@pytest.mark.parametrize(("workers", "code"), [("16", 0), ("15", 1), ("3", 1)])
def test_it_fails_where_one_of_the_cases_does_not_fit(workers, code):
    assert exit_code(ask(GLUE, workers=workers)) == code


def test_what_nothing_bounds_never_fits():
    found = ask(GLUE.replace("max = 3, default = 1", "default = 1"))

    assert to_json(found)["worst"]["workers_needed"] is None
    assert to_json(found)["worst"]["unused"] is None
    assert exit_code(found) == 1


def test_people_are_counted_by_tenant_and_how_many_work_at_once():
    question = read_policy(Options(people=("analysts=12", " defaults =3"), at_once="25%"))

    assert question.people == {"analysts": 12, "defaults": 3}
    assert question.at_once == Fraction(1, 4)


def test_the_workers_may_be_told_anew():
    found = ask(GLUE, worker_type="Standard", workers="9")

    assert (found.site.worker_type.name, found.workers) == ("Standard", 9)
    assert found.worst.fits


def test_how_yarn_counts_may_be_told_alone():
    usual = ask(YARN, people=FOUR)
    told = ask(YARN, people=FOUR, am_share="5%", minimum_allocation="2g", queue_share="0.5", count_cores=True)

    assert (told.site.am_share, told.site.step, told.site.queue_share) == (Fraction(1, 20), 2_048, Fraction(1, 2))
    assert told.site.counts_cores
    assert told.site.offered == usual.site.offered
    assert told.worst.need.workers > usual.worst.need.workers


def test_yarns_own_limit_on_drivers_counts_unless_another_is_told_and_is_named_where_it_decides():
    narrow, wide = ask(YARN, people=FOUR), ask(YARN, people=FOUR, am_share="50%")

    assert (narrow.site.am_share, wide.site.am_share) == (AM_SHARE, Fraction(1, 2))
    assert narrow.worst.need.workers > wide.worst.need.workers
    assert [note for note in narrow.notes if "limit on drivers decides: they may hold 10% of the queue" in note]
    assert not [note for note in wide.notes if "limit on drivers" in note]


def test_of_several_clusters_the_named_one_is_told_anew():
    other = '[cluster.two]\nendpoints = ["http://two*"]\nworkers = 7\nworker = { memory = "8g" }\n[defaults]'
    two = YARN.replace("[defaults]", other, 1)

    found = ask(two, cluster="two", am_share="0.2", people=FOUR)

    assert (found.workers, found.site.offered.memory_mib, found.site.am_share) == (7, 8_192, Fraction(1, 5))
    assert "--cluster" in " ".join(faults(two, people=FOUR))


def test_all_faults_of_the_options_are_told_at_once():
    people = ("x", "a=0", "b=1", "b=2")
    sizes = {"driver_memory": "4g", "conf": ("x=y",)}

    assert faults(users="3", chart="a.svg", workers="0", at_once="2", people=people, **sizes) == [
        "--policy does not go with --users and --executors: it says itself who has what (--people).",
        "--driver-memory, --conf: of a policy's sessions its own limits tell the sizes.",
        "--chart draws users and executors; of a policy there is none.",
        "--workers: it takes 1 or more, not '0'.",
        "--at-once: it takes a share above 0 up to 1, 50% or 0.5, not '2'; did you mean 2%?",
        "--people: 'x' is no TENANT=N, such as analysts=12.",
        "--people 'a': it takes 1 or more, not '0'.",
        "--people: 'b' is counted twice.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "options", "said"),
    [
        (GLUE, {"am_share": "0.2"}, "--am-share has no meaning on Glue."),
        (YARN, {"reserved_memory": "2g"}, "--reserved-memory has no meaning on YARN."),
        (YARN, {"queue_share": "x"}, "--queue-share: it takes a share above 0 up to 1, 50% or 0.5, not 'x'."),
    ],
)  # fmt: skip
def test_what_contradicts_the_policys_cluster_is_told(policy, options, said):
    assert faults(policy, people=FOUR, **options) == [said]


def test_a_policy_that_tells_no_workers_asks_for_them():
    said = faults("[defaults]\nquota = { sessions = 1 }", am_share="0.2", people=FOUR)

    assert said[0].startswith("What a worker offers is not told: say --worker-type or --worker-memory")
