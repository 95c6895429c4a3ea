"""From the text of options to the size of a session: what its driver and its executors take of a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livyguard.capacity.amounts import amount_json
from livyguard.capacity.containers import session_size
from livyguard.capacity.emr import EMR_TYPES, SPARK_DEFAULTS
from livyguard.capacity.oversize import beyond_glue, beyond_limits, beyond_workers
from livyguard.capacity.siting import MANAGER_NAMES
from livyguard.policy.allocation import SPARK
from livyguard.policy.factor import unreadable
from livyguard.policy.fold import fold
from livyguard.policy.footprint import LIMITS, WEIGHTS, amount_of
from livyguard.policy.kinds import CORES
from livyguard.policy.lint.smallest import LEAST_HEAP
from livyguard.policy.properties import CONF, DOORS, EXECUTORS, PROPERTIES
from livyguard.policy.request import Entry
from livyguard.policy.spark_keys import meant
from livyguard.policy.units import MIB, Unreadable, shown, shown_name, write_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.capacity.asking import Options
    from livyguard.capacity.containers import SessionSize
    from livyguard.capacity.site import Site

__all__ = ["Sizing", "sizing"]

#: As Livy takes them.
KINDS = ("pyspark", "spark", "sparkr", "sql", "shared")
_HEAPS = ("driver.memory", "executor.memory")
_OVERHEAD = ("executor.memory_overhead", "conf.spark.executor.memoryOverheadFactor")
_DOORS_TO_EXECUTORS = frozenset(f"{CONF}{key}" for key, door in DOORS.items() if door.property in EXECUTORS)
#: What no other manager reads.
_OF_KUBERNETES = "conf.spark.kubernetes."
_FIELDS = {
    "driver_memory": "driverMemory",
    "driver_cores": "driverCores",
    "executor_memory": "executorMemory",
    "executor_cores": "executorCores",
}
_OPTIONS = {livys: f"--{name.replace('_', '-')}" for name, livys in _FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Sizing:
    """The size of a session, and where it comes from.

    Attributes:
        size: of its driver and executors.
        given: what the options say of it, folded.
        otherwise: what counts where they are silent.
        is_described: False on the types of Glue of which AWS does not say what a container has.
    """

    size: SessionSize
    given: Mapping[str, Entry] = field(default_factory=dict)
    otherwise: Mapping[str, Entry] = field(default_factory=dict)
    is_described: bool = True

    @property
    def is_known(self) -> bool:
        """Is the memory of both kinds of containers known?"""
        return self.knows("driver.memory") and self.knows("executor.memory")

    @property
    def knows_cores(self) -> bool:
        """Are the cores of both known?"""
        return self.knows("driver.cores") and self.knows("executor.cores")

    def knows(self, name: str) -> bool:
        """Tell whether a heap or cores are known, by their canonical name."""
        return self.is_described or name in self.given

    def json_of(self, side: str) -> dict[str, Any] | None:
        """Return what a ``driver`` or an ``executor`` takes as JSON, null for what is not known."""
        container = self.size.driver if side == "driver" else self.size.executor
        known = container if self.knows(f"{side}.memory") else None
        return amount_json(known, with_cores=self.knows(f"{side}.cores"))

    def value(self, name: str) -> int:
        """Return a heap, MiB, or cores by its canonical name."""
        source = self.given if name in self.given else self.otherwise
        return int(source[name].value)


def sizing(options: Options, site: Site | None, faults: list[str], notes: list[str]) -> Sizing | None:
    """Return the size of a session; None after a fault.

    Args:
        options: as they were typed.
        site: the cluster; None where that is wrong itself: then the text of the sizes alone is looked at.
        faults: where what is wrong is added, sentence by sentence.
        notes: where is added how it was understood.
    """
    before = len(faults)
    kind = _kind(options, faults)
    given = _given(options, site, faults, notes)
    if site is None:
        return None
    otherwise = _otherwise(options, site, kind, given, notes)
    size = session_size(given, otherwise, site.manager, step=site.step, deploy_mode=site.deploy_mode)
    kind_of_worker = site.worker_type
    made = Sizing(size, given, otherwise, kind_of_worker is None or kind_of_worker.executor_memory is not None)
    if kind_of_worker is None:
        faults += beyond_workers(site, given, otherwise, size)
        faults += beyond_limits(given, otherwise)
    else:
        faults += beyond_glue(kind_of_worker, given, notes)
    return None if len(faults) > before else made


def _kind(options: Options, faults: list[str]) -> str:
    said: str = "pyspark" if options.kind is None else str(PROPERTIES["kind"].kind.read(options.kind))
    if said not in KINDS:
        faults.append(f"--kind: {shown(options.kind)} is none that Livy knows: {', '.join(KINDS)}.")
    return said


def _given(options: Options, site: Site | None, faults: list[str], notes: list[str]) -> dict[str, Entry]:
    """Return what bears on the size of a session, folded as Livy's body is."""
    body: dict[str, Any] = {name: text for option, name in _FIELDS.items() if (text := getattr(options, option))}
    faults += [f"--{option.replace('_', '-')}: it is empty." for option in _FIELDS if getattr(options, option) == ""]
    conf: dict[str, str] = {}
    for text in options.conf:
        key, mark, value = text.partition("=")
        if not mark or not key.strip():
            faults.append(f"--conf: {shown(text)} is no KEY=VALUE, such as spark.executor.memoryOverhead=2g.")
        else:
            conf[key.strip()] = value
    request = fold({**body, "conf": conf})
    faults += [f"{shown_name(each.spelling)}: {each.reason}." for each in request.doubts if _weighs(each.properties)]
    notes += request.notices
    kept: dict[str, Entry] = {}
    for name, each in request.entries.items():
        if name in EXECUTORS or name in _DOORS_TO_EXECUTORS:
            faults.append(f"{_spelled(name)} is what --executors says; give it there alone.")
        elif amount_of(name) is None and name not in LIMITS.values():
            near = meant(name.removeprefix("conf."))
            asks = "." if near is None else f"; did you mean {near}?"
            notes.append(f"{_spelled(name)} makes no difference to the size of a container{asks}")
        elif name.startswith(_OF_KUBERNETES) and site is not None and site.manager != "kubernetes":
            where = MANAGER_NAMES[site.manager]
            notes.append(f"{_spelled(name)} makes no difference on {where}: Kubernetes alone reads it.")
        elif (fault := _fault(name, each)) is not None:
            faults.append(f"{_spelled(name)}: {fault.rstrip('.')}.")
        elif name in _HEAPS and each.value < LEAST_HEAP:
            faults.append(f"{_spelled(name)}: Spark starts only with a heap of {LEAST_HEAP}m or more.")
        else:
            kept[name] = each
    return kept


def _weighs(properties: tuple[str, ...]) -> bool:
    return any(amount_of(name) in {"memory", "cores"} for name in properties)


def _fault(name: str, each: Entry) -> str | None:
    if each.is_substituted:
        return "Spark puts something in place of ${…} only when it starts"
    if name in WEIGHTS:
        return unreadable(name, each)
    try:
        if name in LIMITS.values():
            CORES.read(each.raw)
    except Unreadable as error:
        return str(error)
    return each.fault


def _spelled(name: str) -> str:
    """Return a property as the options spell it."""
    known = PROPERTIES.get(name)
    if known is None:
        return f"--conf {shown_name(name.removeprefix('conf.'))}"
    return _OPTIONS.get(known.field or "") or f"--conf {known.keys[0] if known.keys else known.field}"


def _otherwise(
    options: Options, site: Site, kind: str, given: Mapping[str, Entry], notes: list[str]
) -> dict[str, Entry]:
    """Return what counts where nothing is given: the cluster's own sizes, else Spark's."""
    found = {**SPARK, "kind": Entry(kind, kind)}
    if site.worker_type is not None:
        kept = site.worker_type
        body = {
            "driverMemory": kept.driver_memory,
            "executorMemory": kept.executor_memory,
            "executorCores": kept.executor_cores,
        }
        return {**found, **fold({name: value for name, value in body.items() if value is not None}, "glue").entries}
    if site.manager == "standalone" and "executor.cores" not in given and site.offered is not None:
        cores = int(site.offered.cores)
        found["executor.cores"] = Entry(cores, cores)
        notes.append(
            f"An executor takes all {cores} cores of a worker: --executor-cores (spark.executor.cores) says fewer."
        )
    if options.worker_type in EMR_TYPES:
        found |= fold({"conf": dict(SPARK_DEFAULTS)}, "emr").entries
        if not any(name.startswith(_OVERHEAD) for name in given):
            notes.append(
                "EMR adds 18.75% to an executor's heap; where your release adds as Apache Spark does, say "
                "--conf spark.executor.memoryOverheadFactor=0.1."
            )
    unsaid = [name for name in _HEAPS if name not in given]
    if unsaid:
        sizes = " and ".join(f"{name.partition('.')[0]} {write_size(found[name].value, MIB)}" for name in unsaid)
        emr = " EMR's spark-defaults.conf has others: give these." if options.worker_type is not None else ""
        notes.append(f"Heaps that are not given are Spark's own: {sizes}.{emr}")
    if site.manager == "kubernetes" and kind in {"pyspark", "sparkr"}:
        notes.append(
            "On Kubernetes Spark adds 40% to the heap where Python or R runs, 384 MiB at the least, unless "
            "spark.kubernetes.memoryOverheadFactor says otherwise (--conf); --kind spark adds 10%."
        )
    return found
