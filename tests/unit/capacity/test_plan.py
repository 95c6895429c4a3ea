"""Workers for people, and people for workers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from livyguard.capacity.containers import Container, SessionSize, session_size
from livyguard.capacity.plan import Need, executors_each, most_users, need, plan
from livyguard.capacity.site import AM_SHARE, Site
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.allocation import SPARK
from livyguard.policy.fold import fold

#: What one worker of EMR's m5.4xlarge offers.
WORKER = Container(57_344, Fraction(16))
BODY = {"driverMemory": "4g", "executorMemory": "9g", "executorCores": 4}


def of_glue(name: str) -> Site:
    return Site("glue", worker_type=WORKER_TYPES[name])


def of_yarn(**fields: Any) -> Site:
    return Site("yarn", **{"offered": WORKER, "counts_cores": False, **fields})


def size(manager: str = "yarn", **how: Any) -> SessionSize:
    return session_size(fold(BODY).entries, SPARK, manager, **({"step": 1024} if manager == "yarn" else {}), **how)


@pytest.mark.parametrize(("users", "workers"), [(3, 18), (10, 60), (50, 300)])
def test_aws_own_figures_for_five_executors_each(users: int, workers: int) -> None:
    site = of_glue("G.1X")

    found = plan(site, size("glue"), users, 5)

    assert (found.workers, found.containers, found.fits) == (workers, workers, True)
    assert executors_each(site, size("glue"), users, workers) == 5
    assert most_users(site, size("glue"), 5, workers) == users


@pytest.mark.parametrize(("workers", "executors"), [(10, 9), (2, 1), (1, 0)])
def test_a_single_session_takes_what_aws_says_that_it_can(workers: int, executors: int) -> None:
    for name in ("G.1X", "G.2X"):
        assert executors_each(of_glue(name), size("glue"), 1, workers) == workers - 1 == executors
    assert executors_each(of_glue("Standard"), size("glue"), 1, workers) == max((workers - 1) * 2 - 1, 0)


def test_drivers_and_executors_share_workers() -> None:
    found = plan(of_yarn(), size(), 10, 5)

    assert found.need == Need(11)
    assert found.held == Container(10 * 5120 + 50 * 10_240, Fraction(10 + 50))
    assert found.offered == WORKER * 11


def test_where_cores_are_counted_they_decide() -> None:
    found = plan(of_yarn(counts_cores=True), size(), 10, 5)

    assert found.workers == 15
    assert found.held.cores == 10 * 1 + 50 * 4


def test_where_yarn_counts_memory_alone_each_container_holds_one_core() -> None:
    site, one = of_yarn(), Container(1024, Fraction(4))

    assert site.granted(one) == Container(1024, Fraction(1))
    assert of_yarn(counts_cores=True).granted(one) == Site("kubernetes", WORKER).granted(one) == one


@pytest.mark.parametrize(
    ("workers", "share", "counts_cores", "limit"),
    [
        # What the ResourceManager of Hadoop 3.3.6 says.
        (2, Fraction(70, 100), False, (14_335,)),
        (2, Fraction(70, 100), True, (14_335, 11_000)),
        (2, Fraction(30, 100), True, (6144, 4000)),
    ],
)
def test_of_a_share_yarn_drops_what_is_left_over(
    workers: int, share: Fraction, counts_cores: bool, limit: tuple[int, ...]
) -> None:
    site = Site("yarn", Container(10_240, Fraction(8)), counts_cores=counts_cores, queue_share=share)

    assert site.queue_limit(workers) == limit


def test_another_manager_gives_a_share_to_the_last_part_of_a_core() -> None:
    site = Site("kubernetes", Container(10_240, Fraction(8)), queue_share=Fraction(7, 10))

    assert site.queue_limit(2) == (14_336, 11_200)


@pytest.mark.parametrize(("share", "bound_by"), [(Fraction(1, 4), "queue"), (Fraction(1), "containers")])
def test_a_queues_share_is_one_of_cores_too_where_they_are_counted(share: Fraction, bound_by: str) -> None:
    site = of_yarn(counts_cores=True, queue_share=share)

    assert need(site, size(), 10, 5) == Need(53 if share < 1 else 15, bound_by=bound_by)


def test_drivers_hold_no_more_than_their_share_of_cores_where_they_are_counted() -> None:
    site = Site("yarn", Container(32_768, Fraction(8)), am_share=AM_SHARE)
    each = SessionSize(Container(1024, Fraction(2)), Container(1024, Fraction(1)))

    # A tenth of eight cores, and of the memory less than it would take for three drivers.
    assert need(site, each, 1, 1) == Need(1)
    assert need(site, each, 3, 1) == Need(7, bound_by="drivers")


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (of_yarn(am_share=AM_SHARE), Need(11)),
        (of_yarn(am_share=Fraction(1, 25)), Need(22, bound_by="drivers")),
        (of_yarn(queue_share=Fraction(1, 2)), Need(20, bound_by="queue")),
        (of_yarn(queue_share=Fraction(1, 2), am_share=Fraction(1, 25)), Need(44, bound_by="drivers")),
    ],
)
def test_yarn_lets_a_queue_and_its_drivers_hold_no_more_than_their_share(site: Site, expected: Need) -> None:
    found = need(site, size(), 10, 5)

    assert found == expected
    assert executors_each(site, size(), 10, found.workers) >= 5
    assert executors_each(site, size(), 10, found.workers - 1) < 5


def test_yarn_always_lets_one_driver_run() -> None:
    assert need(of_yarn(am_share=Fraction(1, 1000)), size(), 1, 5) == Need(1)


@pytest.mark.parametrize(
    ("workers", "share", "limit"), [(1, Fraction(1, 10), 6144), (10, Fraction(1, 10), 57_344), (1, Fraction(1), 57_344)]
)
def test_the_limit_on_drivers_is_rounded_up_to_what_yarn_gives(workers: int, share: Fraction, limit: int) -> None:
    assert of_yarn(am_share=share).drivers_limit(workers) == (limit,)


@pytest.mark.parametrize(("counts_cores", "limit"), [(False, (1024,)), (True, (2048, 1000))])
def test_less_than_half_a_mebibyte_more_is_a_step_more_only_where_cores_are_counted(
    counts_cores: bool, limit: tuple[int, ...]
) -> None:
    site = Site("yarn", Container(10_243, Fraction(8)), counts_cores=counts_cores, am_share=AM_SHARE)

    assert site.drivers_limit(1) == limit


def test_drivers_apart_have_workers_of_their_own() -> None:
    site = Site("kubernetes", WORKER, drivers_apart=True)
    each = SessionSize(Container(5_000, Fraction(1)), Container(14_000, Fraction(4)))

    assert need(site, each, 10, 5) == Need(14, for_drivers=1)


def test_drivers_beside_livy_take_no_worker() -> None:
    site = Site("standalone", WORKER, deploy_mode="client")
    found = plan(site, size("standalone", deploy_mode="client"), 10, 4)

    assert (found.workers, found.containers, found.held) == (10, 40, Container(9216, Fraction(4)) * 40)
    assert need(Site("standalone", WORKER, drivers_apart=True), found.size, 10, 4) == Need(10)


def test_a_part_of_a_core_is_not_lost() -> None:
    site = Site("kubernetes", Container(100_000, Fraction(1)))
    each = SessionSize(None, Container(1, Fraction(50_001, 100_000)))

    assert need(site, each, 2, 1) == Need(2)


def test_too_few_workers_are_told_from_enough() -> None:
    assert plan(of_yarn(), size(), 10, 5, 10).fits is False
    assert plan(of_yarn(), size(), 10, 5, 12).fits is True


def test_nobody_has_an_executor_where_drivers_fill_the_workers() -> None:
    assert executors_each(of_glue("G.1X"), size("glue"), 10, 19) == 0
    assert most_users(of_glue("G.1X"), size("glue"), 5, 5) == 0


def test_a_matrix_has_a_plan_for_every_pair() -> None:
    found = [plan(of_glue("G.1X"), size("glue"), users, each) for users in (3, 10, 50) for each in (5, 2)]

    assert [(each.users, each.executors, each.workers) for each in found] == [
        (3, 5, 18), (3, 2, 9), (10, 5, 60), (10, 2, 30), (50, 5, 300), (50, 2, 150),
    ]  # fmt: skip


def test_what_workers_of_glue_offer_is_what_their_containers_have() -> None:
    found = plan(of_glue("Standard"), size("glue"), 3, 5)

    assert found.offered == Container(5120 + 512, Fraction(4)) * 18
    assert plan(of_glue("G.4X"), size("glue"), 3, 5).offered is None
    assert of_glue("G.1X").drivers_limit(9) is None
    assert Site("glue").room == (0,)


def test_nothing_is_unused_where_it_does_not_fit() -> None:
    assert plan(of_yarn(), size(), 10, 5, 10).unused is None
    assert plan(of_yarn(), size(), 10, 5).unused == WORKER * 11 - plan(of_yarn(), size(), 10, 5).held
