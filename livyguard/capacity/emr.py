"""What a node of Amazon EMR offers to YARN, by its instance type.

Source of the memory: AWS's EMR release guide, "Task configuration", ``yarn.nodemanager.resource.memory-mb`` of each
type where HBase is not installed, as the guide's public repository had it in January 2022
(https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-task-config.html has newer families too). Of every type
here the same page sets ``yarn.scheduler.minimum-allocation-mb`` to 32, and ``yarn.scheduler.maximum-allocation-mb`` to
the memory of the node. The cores are the instance's own, 4 of each ``xlarge``. Who configured YARN otherwise knows
better: ``yarn node -status NODE`` tells.

Source of the overhead: AWS's "EMR best practices" on Spark: EMR's own ``spark.yarn.executor.memoryOverheadFactor`` is
18.75 % where nobody says another; of drivers it says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EMR_TYPES", "SPARK_DEFAULTS", "STEP", "EmrType"]

#: ``yarn.scheduler.minimum-allocation-mb`` that EMR sets, MiB.
STEP = 32
#: What EMR's Spark takes where Apache's takes something else, by the key of Apache's.
SPARK_DEFAULTS: Mapping[str, str] = MappingProxyType({"spark.executor.memoryOverheadFactor": "0.1875"})
#: Cores of one ``xlarge``.
_CORES = 4


@dataclass(frozen=True, slots=True)
class EmrType:
    """One instance type.

    Attributes:
        name: as AWS writes it, ``m5.4xlarge``.
        memory_mib: what YARN may hand out on one node, MiB.
        vcores: likewise, where its scheduler counts them; EMR's does not unless it is told to.
        step: what YARN rounds a container up to, MiB.
    """

    name: str
    memory_mib: int
    vcores: int
    step: int = STEP


#: By families of the same memory, MiB by the number before ``xlarge``.
_FAMILIES: Mapping[tuple[str, ...], Mapping[int, int]] = {
    ("m5", "m5a", "m5d"): {1: 12_288, 2: 24_576, 4: 57_344, 8: 122_880, 12: 188_416, 16: 253_952, 24: 385_024},
    ("m6g", "m6gd"): {1: 11_712, 2: 23_424, 4: 54_272, 8: 116_736, 12: 181_248, 16: 241_664},
    ("r5", "r5a", "r5d"): {1: 24_576, 2: 57_344, 4: 122_880, 8: 253_952, 12: 385_024, 16: 516_096, 24: 778_240},
    ("r6g", "r6gd"): {1: 23_424, 2: 54_272, 4: 116_736, 8: 241_664, 12: 366_592, 16: 491_520},
    ("c5",): {1: 6_144, 2: 12_288, 4: 24_576, 9: 65_536, 12: 90_112, 18: 139_264, 24: 188_416},
    ("c5d",): {1: 6_144, 2: 12_288, 4: 24_576, 9: 65_536, 18: 139_264},
    ("c5a",): {1: 5_632, 2: 11_712, 4: 23_424, 8: 54_272, 12: 90_112, 16: 116_736, 24: 179_200},
    ("c6g", "c6gd"): {1: 5_632, 2: 11_712, 4: 23_424, 8: 54_272, 12: 85_504, 16: 116_736},
}


def _all() -> dict[str, EmrType]:
    found = [
        EmrType(f"{family}.{'' if number == 1 else number}xlarge", memory, _CORES * number)
        for families, sizes in _FAMILIES.items()
        for family in families
        for number, memory in sizes.items()
    ]
    return {each.name: each for each in found}


#: By name.
EMR_TYPES: Mapping[str, EmrType] = MappingProxyType(_all())
