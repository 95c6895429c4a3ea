"""An amount of memory and cores as the planner's JSON has it, and cores and shares in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from livyguard.capacity.containers import Container

__all__ = ["amount_json", "cores", "percent"]


def cores(number: Fraction) -> str:
    """Return ``1 core``, ``15.5 cores``, ``2700030 cores``."""
    written = f"{float(number):.3f}".rstrip("0").rstrip(".")
    return "1 core" if written == "1" else f"{written} cores"


def percent(share: Fraction) -> str:
    """Return ``50%``, ``0.0000001%``."""
    return f"{float(share * 100):.9f}".rstrip("0").rstrip(".") + "%"


def amount_json(container: Container | None, *, with_cores: bool = True) -> dict[str, Any] | None:
    """Return an amount; null for cores of workers where nobody told them."""
    if container is None:
        return None
    number = container.cores
    plain: int | float = int(number) if number.denominator == 1 else round(float(number), 3)
    return {"memory_mib": container.memory_mib, "cores": plain if with_cores else None}
