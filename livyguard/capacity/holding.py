"""Limits that hold people to the sizes of a plan: larger ones than were planned with do not fit as promised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from livyguard.policy.footprint import FACTORS, LIMITS, REQUESTS, SWITCHES, WEIGHTS, Sizes, sizes, value_of
from livyguard.policy.kinds import CORES
from livyguard.policy.properties import PROPERTIES
from livyguard.policy.request import Entry
from livyguard.policy.units import MIB, write_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.capacity.asking import Asked

__all__ = ["size_limits"]

_OF_MASTER = "conf.spark.yarn.am."
_PYTHON = Entry("pyspark", "pyspark")
#: What makes a difference to a container, by another door than a size of its own.
_DOORS = (*REQUESTS.values(), *LIMITS.values(), *(name for name in WEIGHTS if name.startswith(_OF_MASTER)))


def size_limits(asked: Asked) -> list[str]:
    """Return limits in TOML, a line each: no container that passes them is larger than the planned one."""
    site = asked.site
    found = [*_heaps_and_cores(asked), *_doors(asked)]
    if site.manager in {"yarn", "kubernetes"}:  # a standalone cluster counts heaps alone, Glue counts containers
        found += [*_overheads(asked), *_beside_heaps(asked)]
    if site.manager == "yarn" and site.deploy_mode == "client":
        found.append('"conf.spark.yarn.am.*" = { forbidden = true }')
    given = asked.sizing.given
    if site.manager == "kubernetes" and _sized(asked, given) != _sized(asked, {**given, "kind": _PYTHON}):
        found.append('"kind" = { block = ["pyspark", "sparkr"], reason = "planned without what Python and R take" }')
    return found


def _sides(asked: Asked) -> tuple[str, ...]:
    """Return what runs on workers."""
    return ("executor", "driver") if asked.site.deploy_mode == "cluster" else ("executor",)


def _heaps_and_cores(asked: Asked) -> Iterator[str]:
    sizing, site = asked.sizing, asked.site
    names = ["executor.memory", "driver.memory"] if sizing.is_known else []
    if site.counts_cores and site.worker_type is None:
        names += [f"{side}.cores" for side in _sides(asked)]
    for name in ("executor.memory", "executor.cores", "driver.memory", "driver.cores"):
        if name in names or name in sizing.given:
            value = sizing.value(name)
            size = write_size(value, MIB) if name.endswith(".memory") else value
            yield _limit(name, size, size if name in sizing.given else None)


def _doors(asked: Asked) -> Iterator[str]:
    """Yield what was planned with by such a key; where it counts it is put in, since nothing has to be its default."""
    site = asked.site
    is_master = site.manager == "yarn" and site.deploy_mode == "client"
    requests = [REQUESTS[side] for side in _sides(asked)]
    for name in _DOORS:
        given = asked.sizing.given.get(name)
        if given is not None:
            kind = WEIGHTS[name][1] if name in WEIGHTS else CORES
            counts = name in requests or (is_master and name.startswith(_OF_MASTER))
            size = kind.write(kind.read(given.raw))
            yield _limit(name, size, size if counts else None)


def _overheads(asked: Asked) -> Iterator[str]:
    """Yield limits on overheads, which hold the factors too: what is left of a container may be asked for.

    What was planned with is put in where Spark takes more by itself.
    """
    given = asked.sizing.given
    for side in _sides(asked):
        name = f"{side}.memory_overhead"
        family = (name, *FACTORS[side], f"conf.spark.{side}.minMemoryOverhead")
        usual = _of(side, _sized(asked, {key: each for key, each in given.items() if key not in family}))
        planned, bare = _of(side, _sized(asked, given)), _of(side, _sized(asked, {**given, name: Entry(0, 0)}))
        left = -planned % asked.site.step
        default = write_size(planned - bare, MIB) if name in given or planned < usual else None
        yield _limit(name, write_size(planned - bare + left, MIB), default)


def _of(side: str, size: Sizes) -> int:
    return (size.executor_mib if side == "executor" else size.driver_mib) or 0


def _sized(asked: Asked, entries: Mapping[str, Entry]) -> Sizes:
    """Return what both sides take without an application master, before anything is rounded."""
    own = {name: each for name, each in entries.items() if not name.startswith(_OF_MASTER)}
    return sizes(own, asked.sizing.otherwise, manager=asked.site.manager)


def _beside_heaps(asked: Asked) -> Iterator[str]:
    """Yield limits on PySpark's and on off-heap memory."""
    given = asked.sizing.given
    for name in ("executor.pyspark_memory", "executor.offheap_memory"):
        if name in given:
            yield _limit(name, PROPERTIES[name].kind.write(given[name].value))
        else:
            yield f'"{name}" = {{ forbidden = true }}'
    if "executor.offheap_memory" in given and not any(value_of(name, given) for name in SWITCHES):
        for name in SWITCHES:
            yield f'"{name}" = {{ fixed = {json.dumps(str(given[name].raw) if name in given else "false")} }}'


def _limit(name: str, most: str | int, default: str | int | None = None) -> str:
    filled = "" if default is None else f", default = {json.dumps(default)}"
    return f'"{name}" = {{ max = {json.dumps(most)}{filled} }}'
