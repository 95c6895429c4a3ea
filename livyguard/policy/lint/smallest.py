"""The smallest driver and executor that the limits of a tenant surely let anybody have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from livyguard.policy.allocation import SPARK
from livyguard.policy.footprint import overhead, sizes
from livyguard.policy.request import Entry

if TYPE_CHECKING:
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["Smallest", "least", "smallest"]

#: The smallest heap, MiB, that Spark starts a driver or an executor with: 1.5 times its 300 MiB of reserved memory.
LEAST_HEAP = 450


def least(rule: Rule | None, otherwise: Any, unasked: Any = None) -> Any:
    """Return the smallest value that a rule surely lets through.

    Args:
        rule: over numbers.
        otherwise: the smallest without one.
        unasked: what counts where nobody says anything, and the rule fills nothing in; None where it always does.
    """
    if rule is None:
        return otherwise
    allowed = [] if rule.allow is None else [each for each in rule.allow if each is not None]
    known = [each for each in (rule.fixed, rule.min, min(allowed, default=None)) if each is not None]
    asked = max([otherwise, *known])
    is_filled = rule.required or rule.fixed is not None or rule.default is not None
    return asked if unasked is None or is_filled else min(asked, unasked)


class Smallest(NamedTuple):
    """The driver and the executor of the smallest sizes that pass, as the cluster manager counts them."""

    driver_mib: int
    executor_mib: int
    driver_cores: int
    executor_cores: int


def smallest(tenancy: Tenancy) -> Smallest:
    """Return the smallest sizes that pass: 450 MiB, and whatever overhead can be had, where no limit says more."""
    given: dict[str, int] = {}
    for side in ("driver", "executor"):
        heap = given[f"{side}.memory"] = _least(tenancy, f"{side}.memory", LEAST_HEAP)
        given[f"{side}.memory_overhead"] = _least(tenancy, f"{side}.memory_overhead", 0, overhead(heap))
        given[f"{side}.cores"] = _least(tenancy, f"{side}.cores", 1)
    entries = {name: Entry(value, value) for name, value in given.items()}
    size = sizes(entries, {}, manager=tenancy.manager, step=tenancy.step)
    return Smallest(size.driver_mib or 0, size.executor_mib or 0, given["driver.cores"], given["executor.cores"])


def _least(tenancy: Tenancy, name: str, otherwise: int, unasked: int | None = None) -> int:
    rule, preset = tenancy.rule_for(name), tenancy.spark_defaults.get(name) or SPARK.get(name)
    # What is preset is raised to a least value; what is worked out is not.
    if preset is not None and preset.fault is None:
        unasked = max(preset.value, 0 if rule is None else rule.min or 0)
    return int(least(rule, otherwise, unasked))
