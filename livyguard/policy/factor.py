"""Factors and minimums of the memory overhead: other doors to the same limit, judged by what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.allocation import SPARK
from livyguard.policy.footprint import FACTORS, WEIGHTS, stated_overhead
from livyguard.policy.request import Entry
from livyguard.policy.rules import examine
from livyguard.policy.units import Unreadable

if TYPE_CHECKING:
    from livyguard.policy.bench import Bench
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["hold_factors", "unreadable"]


def hold_factors(bench: Bench, tenant: Tenancy) -> None:
    """Hold factor times heap against the limit on the overhead; a size that is given outright wins, as in Spark."""
    for side in FACTORS:
        name = f"{side}.memory_overhead"
        rule = tenant.rule_for(name)
        factors = FACTORS[side][: 1 if tenant.manager == "yarn" else None]  # the other one is Kubernetes' own
        scales = [key for key in (*factors, f"conf.spark.{side}.minMemoryOverhead") if key in bench.entries]
        if rule is not None and scales and name not in bench.entries:
            _hold(bench, tenant, side, rule, scales)


def _hold(bench: Bench, tenant: Tenancy, side: str, rule: Rule, scales: list[str]) -> None:
    name = f"{side}.memory_overhead"
    given = bench.entries[scales[0]]
    for key in scales:
        why = unreadable(key, bench.entries[key])
        if why is not None:
            bench.refuse(key, bench.entries[key], rule, "cannot be judged", allowed=WEIGHTS[key][1].name, reason=why)
            bench.drop_if_lenient(key)
            return
    size = stated_overhead(side, bench.entries, {**SPARK, **tenant.spark_defaults})
    if size is None:
        why = f"It scales {side}.memory, which cannot be read before Spark starts."
        bench.refuse(scales[0], given, rule, "cannot be judged", reason=why)
    elif (finding := examine(rule, Entry(size, size))) is not None:
        if finding.is_final or (rule.denies and given.is_asked):
            bench.refuse(
                name, given, finding.rule or rule, finding.what, allowed=finding.allowed, reason=finding.reason
            )
        else:
            bench.change(name, given, finding.given, finding.rule or rule)
            for key in scales:
                if f".{side}." in key or finding.given is None:
                    bench.entries.pop(key, None)
    else:
        return
    for key in scales:
        bench.drop_if_lenient(key)


def unreadable(name: str, given: Entry) -> str | None:
    """Return why a value that a limit depends on cannot be counted; None where it can."""
    if given.is_substituted:
        return "Spark puts something in place of ${…} only when it starts."
    try:
        WEIGHTS[name][1].read(given.raw)
    except Unreadable as error:
        return f"{error}."
    return None
