"""AWS Glue's worker types: how many containers a worker holds, and how large they are.

Sources. Of Standard, G.1X and G.2X, the types of development endpoints: AWS Glue's guide, "How AWS Glue development
endpoints work with SageMaker notebooks", which has the table of configurations and of the most executors. Of the rest,
which AWS has for jobs and interactive sessions: "AWS Glue worker types" and the type ``AWS::Glue::Job``
(https://docs.aws.amazon.com/glue/latest/dg/worker-types.html) for what a worker has, and the Glue API's ``WorkerType``
for one executor on each. What AWS sets ``spark.executor.memory`` and its cores to on those, it does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import normalize

from livyguard.capacity.containers import Container
from livyguard.policy.footprint import overhead
from livyguard.policy.units import MIB, read_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["WORKER_TYPES", "WorkerType", "is_instance_type", "nearest_type"]

#: Memory and cores of a data processing unit; one of the R types has twice the memory.
_DPU_MIB, _DPU_CORES = 16 * 1_024, 4


@dataclass(frozen=True, slots=True)
class WorkerType:
    """What one worker holds, in containers: a driver is one, an executor is one.

    Attributes:
        name: as AWS writes it, ``G.1X``.
        driver_memory: ``spark.driver.memory`` of the cluster, as Spark writes sizes; None where AWS does not say.
        executor_memory: ``spark.executor.memory``, likewise.
        executor_cores: ``spark.executor.cores``, likewise.
        containers_each: containers on one worker.
        spare: workers that hold no container of anybody's.
        cores: vCPUs of one worker, of which its containers have a part.
        memory_mib: memory of one worker, likewise, MiB.
        is_for_streaming: AWS lets it run streaming jobs alone.
    """

    name: str
    driver_memory: str | None = None
    executor_memory: str | None = None
    executor_cores: int | None = None
    containers_each: int = 1
    spare: int = 0
    cores: int = _DPU_CORES
    memory_mib: int = _DPU_MIB
    is_for_streaming: bool = False

    @property
    def spark_defaults(self) -> dict[str, str | int]:
        """What AWS sets on such a cluster, as ``spark-defaults.conf`` spells it; nothing where it does not say."""
        said = {
            "spark.driver.memory": self.driver_memory,
            "spark.executor.memory": self.executor_memory,
            "spark.executor.cores": self.executor_cores,
        }
        return {name: value for name, value in said.items() if value is not None}

    @property
    def container(self) -> Container | None:
        """What one container of it has, Spark's overhead included; None where AWS does not say."""
        if self.executor_memory is None or self.executor_cores is None:
            return None
        heap = read_size(self.executor_memory, MIB)
        return Container(heap + overhead(heap), Fraction(self.executor_cores))

    def containers(self, workers: int) -> int:
        """Return how many drivers and executors fit on that many workers, together."""
        return max(0, workers - self.spare) * self.containers_each


def _undocumented(series: str, units: int) -> WorkerType:
    """Return a type of which AWS says what a worker has, and not what a container has."""
    each = _DPU_MIB * (2 if series == "R" else 1)
    return WorkerType(f"{series}.{units}X", cores=_DPU_CORES * units, memory_mib=each * units)


_ALL = (
    # "(DPU - 1) * 2 - 1" executors for a single session: its driver is the other one.
    WorkerType("Standard", "5g", "5g", 4, containers_each=2, spare=1),
    # "NumberOfWorkers - 1" executors for a single session, likewise.
    WorkerType("G.1X", "10g", "10g", 8),
    WorkerType("G.2X", "20g", "20g", 16, cores=2 * _DPU_CORES, memory_mib=2 * _DPU_MIB),
    WorkerType("G.025X", cores=2, memory_mib=_DPU_MIB // 4, is_for_streaming=True),
    *(_undocumented("G", units) for units in (4, 8, 12, 16)),
    *(_undocumented("R", units) for units in (1, 2, 4, 8)),
)
#: Names, folded: of Glue's kind, and what a machine's begins with: m5.
_SIZE_OF_GLUE, _FAMILY = re.compile(r"[gr][0-9]+x"), re.compile(r"[a-z][0-9]")
_INSTANCE = re.compile(
    r"[a-z][a-z0-9-]{0,15}[0-9][a-z0-9-]{0,15}\.([0-9]{0,3}x?large|metal|medium|small)[a-z0-9-]{0,15}"
)
#: By name.
WORKER_TYPES: Mapping[str, WorkerType] = MappingProxyType({each.name: each for each in _ALL})


def nearest_type(name: str, among: Iterable[str] = WORKER_TYPES) -> str | None:
    """Return the worker type that a wrong name may have been meant for."""
    folded = {_folded(each): each for each in among}
    wanted = _folded(name)
    if wanted in folded or _SIZE_OF_GLUE.fullmatch(wanted) or is_instance_type(name):
        return folded.get(wanted)  # of sizes and machines that are not known none is nearer than another
    near = next((folded[near] for near in get_close_matches(wanted, folded, n=1)), None)
    family = _FAMILY.match(wanted)
    return None if near is None or (family and not _folded(near).startswith(family[0])) else near


def is_instance_type(name: str) -> bool:
    """Tell whether a name has the shape of one of EC2's instance types, as most of the machines that EMR runs on."""
    return _INSTANCE.fullmatch(name.strip().casefold()) is not None


def _folded(name: str) -> str:
    """Return a name without what people leave out, or type otherwise."""
    plain = normalize("NFKC", name).casefold().replace(".", "").replace(" ", "")
    return plain[0] + plain[1:].lstrip("0") if plain[:1] in {"g", "r"} else plain
