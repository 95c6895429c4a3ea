"""What is larger than any worker, told with both sizes and the largest heap that fits, or than a limit of its own."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.amounts import cores
from livyguard.capacity.containers import Container, session_size
from livyguard.capacity.plan import largest_that
from livyguard.policy.footprint import LIMITS, value_of
from livyguard.policy.lint.smallest import LEAST_HEAP
from livyguard.policy.pods import wanted
from livyguard.policy.request import Entry
from livyguard.policy.units import MIB, read_size, shown_name, write_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.capacity.containers import SessionSize
    from livyguard.capacity.site import Site
    from livyguard.capacity.workers import WorkerType

__all__ = ["beyond_glue", "beyond_limits", "beyond_workers"]

_MASTER = "conf.spark.yarn.am.memory"


def beyond_workers(
    site: Site, given: Mapping[str, Entry], otherwise: Mapping[str, Entry], size: SessionSize
) -> Iterator[str]:
    """Yield a sentence for each of driver and executor that no worker can hold.

    Args:
        site: where a worker offers an amount.
        given: what the options say of the sizes, folded.
        otherwise: what counts where they are silent.
        size: what comes of both.
    """
    offered = site.offered or Container(0, size.executor.cores)
    own = "driver.memory" if site.deploy_mode == "cluster" else _MASTER
    named = "A driver" if site.deploy_mode == "cluster" else "YARN's application master"
    bare = session_size(given, otherwise, site.manager, deploy_mode=site.deploy_mode)
    sides = ((named, own, size.driver, bare.driver), ("An executor", "executor.memory", size.executor, bare.executor))
    for what, heap, container, before in sides:
        if container is None or before is None:
            continue
        if container.memory_mib > offered.memory_mib:
            taken = _parts(site, container, before, value_of(heap, given, otherwise))
            largest = _largest(site, given, otherwise, heap)
            yield f"{what} takes {taken}, and a worker offers {_size(offered.memory_mib)}: {largest}"
        if site.counts_cores and container.cores > offered.cores:
            yield f"{what} asks for {cores(container.cores)}, and a worker offers {cores(offered.cores)}."


def _parts(site: Site, container: Container, before: Container, heap: int | None) -> str:
    """Return what a container takes, and of what it is made; ``before`` it is rounded."""
    whole = _size(container.memory_mib)
    if heap is None or container.memory_mib == heap:
        return whole
    rounded = f", rounded up to multiples of {_size(site.step)}" if container != before else ""
    return f"{whole} (a heap of {_size(heap)} and {_size(before.memory_mib - heap)} of overhead{rounded})"


def _size(mib: int) -> str:
    return write_size(mib, MIB)


def _largest(site: Site, given: Mapping[str, Entry], otherwise: Mapping[str, Entry], name: str) -> str:
    """Say the largest heap that fits; the same overheads go with it."""
    offered = site.offered.memory_mib if site.offered is not None else 0

    def fits(heap: int) -> bool:
        changed = {**given, name: Entry(f"{heap}m", heap)}
        size = session_size(changed, otherwise, site.manager, step=site.step, deploy_mode=site.deploy_mode)
        container = size.executor if name == "executor.memory" else size.driver
        return container is None or container.memory_mib <= offered

    least = largest_that(fits, offered)
    if site.step > offered:
        return f"nothing fits, since YARN rounds every container up to {_size(site.step)} (--minimum-allocation)."
    if least < (1 if name == _MASTER else LEAST_HEAP):
        return f"no heap with which Spark starts, {_size(LEAST_HEAP)} or more, fits beside that overhead."
    return f"the largest heap that fits is {_size(least)}."


def beyond_limits(given: Mapping[str, Entry], otherwise: Mapping[str, Entry]) -> Iterator[str]:
    """Yield a sentence for each of driver and executor that asks Kubernetes for more cores than it is limited to.

    Args:
        given: what the options say of the sizes, folded.
        otherwise: what counts where they are silent.
    """
    size = wanted(given, otherwise, manager="kubernetes")
    for side, what, pod in (("driver", "a driver", size.driver), ("executor", "an executor", size.executor)):
        asked = Fraction(pod.cores or 0)
        if pod.limit_cores is not None and pod.limit_cores < asked:
            key = shown_name(LIMITS[side].removeprefix("conf."))
            yield (
                f"--conf {key}: it is {cores(Fraction(pod.limit_cores))}, and {what} asks for {cores(asked)}: "
                "Kubernetes starts no pod that asks for more than its limit."
            )


def beyond_glue(kind: WorkerType, given: Mapping[str, Entry], notes: list[str]) -> Iterator[str]:
    """Yield a sentence for each size beyond what a container has on a Glue worker; a smaller one is noted.

    Args:
        kind: of the workers.
        given: what the options say of the sizes, folded.
        notes: where is added that a smaller container takes the place of a whole one.
    """
    own = {"driver.memory": kind.driver_memory, "executor.memory": kind.executor_memory}
    smaller = []
    for name, most in own.items():
        heap = given[name].value if name in given else None
        limit = kind.memory_mib if most is None else read_size(most, MIB)
        if heap is not None and heap > limit:
            what = f"a whole {kind.name} worker" if most is None else f"a container on a {kind.name} worker"
            yield f"--{name.replace('.', '-')}: {_size(heap)} is more than {what} has, {_size(limit)}."
        elif heap is not None and heap < limit:
            smaller.append(name)
    limit = kind.executor_cores or kind.cores
    numbers = {name: given[name].value for name in ("driver.cores", "executor.cores") if name in given}
    for name, number in numbers.items():
        if number > limit:
            yield f"--{name.replace('.', '-')}: {number} is more than a container on a {kind.name} worker has, {limit}."
    if smaller or numbers.get("executor.cores", limit) < limit:
        notes.append(
            f"On Glue a container takes one of the {kind.containers_each} places of a worker, "
            "however small it is: smaller sizes need as many workers."
            if kind.containers_each > 1
            else "On Glue a container takes a whole worker, however small it is: smaller sizes need as many workers."
        )
