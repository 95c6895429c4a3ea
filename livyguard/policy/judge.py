"""The judge: folds, merges, finds the tenant, and holds the request against its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.decision import OVER_QUOTA, Decision, Violation
from livyguard.policy.evaluate import evaluate, weigh
from livyguard.policy.fitting import fitted
from livyguard.policy.fold import fold
from livyguard.policy.footprint import SIDES, WEIGHTS
from livyguard.policy.merge import merge
from livyguard.policy.properties import EXECUTORS
from livyguard.policy.redact import redact_value
from livyguard.policy.slips import slips
from livyguard.policy.tenancy import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Policy
    from livyguard.policy.quota import Usage
    from livyguard.policy.request import SessionRequest
    from livyguard.policy.tenancy import Tenancy

__all__ = ["judge"]

#: The origin of what is no part of the policy: SparkMagic's own configuration.
_SETTINGS = ""


def judge(
    policy: Policy | None,
    who: Identity,
    asked: Mapping[str, Any],
    *,
    operator: Sequence[Mapping[str, Any]] = (),
    endpoint: str | None = None,
    now: float | None = None,
    usage: Usage | None = None,
) -> Decision:
    """Return what the policy says of one request to create a session.

    Args:
        policy: None limits nothing.
        who: who asks.
        asked: the user's own body, in Livy's or SparkMagic's shape; any JSON value is judged.
        operator: what lower sources preset, lowest first, in the same shape.
        endpoint: URL of the Livy that it would go to.
        now: seconds since the epoch, for the policy's dated grants; None ignores them.
        usage: what the user and their team hold already; None counts nothing.
    """
    lower = [fold(each, _SETTINGS) for each in operator]
    own = fold(asked)
    if policy is None:
        return _unlimited(merge([*lower, own]), who)
    tenancy = resolve(policy, who, endpoint, now)
    lower += tenancy.presets
    merged = merge([*lower, own])
    decision = evaluate(merged, tenancy, usage)
    if decision.verdict != "deny":
        return decision
    return replace(
        decision,
        nearest=_nearest(merged, own, tenancy, lower, usage),
        endpoint=endpoint if decision.release else None,
    )


def _unlimited(merged: SessionRequest, who: Identity) -> Decision:
    if merged.misshapen is None and (found := tuple(slips(merged))):
        return Decision("deny", None, who.user, None, violations=found, notices=merged.notices)
    if merged.misshapen is None:
        return Decision("allow", None, who.user, merged.to_body(), notices=merged.notices)
    shown = redact_value("", merged.misshapen.raw)
    violation = Violation("request", shown, "a JSON object", "livy", f"{merged.misshapen.fault}.", what="is misshapen")
    return Decision("deny", None, who.user, None, violations=(violation,), notices=merged.notices)


def _nearest(
    merged: SessionRequest,
    own: SessionRequest,
    tenancy: Tenancy,
    lower: Sequence[SessionRequest],
    usage: Usage | None,
) -> dict[str, Any] | None:
    """Return the user's body with every refused value clamped or left out; None where no part of it passes.

    Where that is too much still, what is left out is every size, then everything but the numbers of executors, then
    everything. Where it is a quota that refuses, as many executors are asked for as fit.
    """
    bench = weigh(replace(merged, misshapen=None), tenancy, is_lenient=True)
    kept = {name: given for name, given in bench.entries.items() if name in own.entries and given.is_asked}
    small = {name: given for name, given in kept.items() if not name.startswith(SIDES) and name not in WEIGHTS}
    numbers = {name: given for name, given in small.items() if name in EXECUTORS}
    extras = {name: each for name, each in own.extras.items() if name not in merged.unknown}
    for entries in (kept, small, numbers, {}):
        body = _passing(replace(own, entries=entries, extras=extras), tenancy, lower, usage)
        if body is not None:
            return body
    return None


def _passing(
    asked: SessionRequest, tenancy: Tenancy, lower: Sequence[SessionRequest], usage: Usage | None
) -> dict[str, Any] | None:
    """Return a body if it passes, with fewer executors if that is what it takes."""
    body = asked.to_body()
    bench = weigh(merge([*lower, fold(body)]), tenancy, usage)
    if any(each.code == OVER_QUOTA for each in bench.violations):
        fewer = fitted(asked, bench.entries, tenancy, usage)
        if fewer is None:
            return None
        body = fewer.to_body()
        bench = weigh(merge([*lower, fold(body)]), tenancy, usage)
    return body if bench.decision().verdict == "allow" else None
