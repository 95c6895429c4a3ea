"""What Kubernetes reserves for a session's driver and executors, which a policy's own figures need not be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from livyguard.policy import kinds
from livyguard.policy.footprint import LIMITS, REQUESTS, sizes, value_of
from livyguard.policy.units import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from livyguard.policy.request import Entry

__all__ = ["PodAsks", "Wanted", "wanted"]


@dataclass(frozen=True, slots=True)
class PodAsks:
    """What one pod, or on YARN one container, asks for; None where nothing tells.

    Attributes:
        memory_mib: overhead included.
        cores: what Kubernetes reserves, ``requests.cpu``; parts of a core count.
        limit_cores: ``limits.cpu``; None where it has none.
    """

    memory_mib: int | None = None
    cores: Decimal | None = None
    limit_cores: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One driver and one executor."""

    driver: PodAsks
    executor: PodAsks


def wanted(entries: Mapping[str, Entry], otherwise: Mapping[str, Entry], *, manager: str, step: int = 1) -> Wanted:
    """Return what one driver and one executor ask for; the arguments are those of :func:`sizes`.

    Spark asks Kubernetes for ``spark.kubernetes.{driver,executor}.request.cores`` where they are given, even where they
    are less than its own cores, and sets a limit of cores with ``…limit.cores`` alone. Others read neither.
    """
    size = sizes(entries, otherwise, manager=manager, step=step)

    def cores(side: str) -> Decimal | None:
        names = [REQUESTS[side]] if manager == "kubernetes" else []
        found = (value_of(name, entries, otherwise) for name in (*names, f"{side}.cores"))
        return _decimal(next((number for number in found if number is not None), None))

    def limit(side: str) -> Decimal | None:
        said = value_of(LIMITS[side], entries, otherwise)
        try:
            return None if said is None else _decimal(kinds.CORES.read(said))
        except Unreadable:
            return None

    return Wanted(
        PodAsks(size.driver_mib, cores("driver"), limit("driver")),
        PodAsks(size.executor_mib, cores("executor"), limit("executor")),
    )


def _decimal(number: Fraction | int | None) -> Decimal | None:
    return None if number is None else Decimal(number.numerator) / Decimal(number.denominator)
