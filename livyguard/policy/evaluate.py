"""Holding a merged request against the rules of one tenant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy import allocation
from livyguard.policy.bench import Bench
from livyguard.policy.consequences import follow
from livyguard.policy.factor import hold_factors, unreadable
from livyguard.policy.footprint import SIDES, WEIGHTS
from livyguard.policy.holding import hold
from livyguard.policy.naming import name_user
from livyguard.policy.properties import CONF, DOORS, EXECUTORS, VIRTUAL
from livyguard.policy.request import Doubt, Entry, SessionRequest
from livyguard.policy.rules import Rule, bounded, examine

if TYPE_CHECKING:
    from livyguard.policy.decision import Decision
    from livyguard.policy.quota import Usage
    from livyguard.policy.tenancy import Tenancy

__all__ = ["evaluate", "weigh"]


def evaluate(request: SessionRequest, tenant: Tenancy, usage: Usage | None = None) -> Decision:
    """Return what the rules say of a request: total, deterministic, idempotent, independent of spelling.

    Args:
        request: folded and merged.
        tenant: the rules in force, and who asks.
        usage: what the user, and the other members of the tenant, hold already; None counts nothing.
    """
    return weigh(request, tenant, usage).decision()


def weigh(request: SessionRequest, tenant: Tenancy, usage: Usage | None = None, *, is_lenient: bool = False) -> Bench:
    """Hold every value against its rule, then the whole against the quotas.

    Args:
        request: folded and merged.
        tenant: the rules in force.
        usage: as in :func:`evaluate`.
        is_lenient: clamp where a rule denies, and drop what nothing can be given for.
    """
    bench = Bench(request, tenant, is_lenient=is_lenient)
    if request.misshapen is not None:
        bench.refuse_shape(request.misshapen)
        return bench
    bench.refuse_slips()
    tenant = name_user(bench, tenant)
    for doubt in request.doubts:
        _doubt(bench, tenant, doubt)
    for name in sorted(bench.entries):
        _given(bench, tenant, name)
    for name, rule in sorted(tenant.rules.items()):
        if name not in bench.entries and name not in VIRTUAL:
            _absent(bench, tenant, rule)
    hold_factors(bench, tenant)
    allocation.settle(bench, tenant)
    follow(bench, tenant)
    _audit(bench, tenant)
    hold(bench, tenant, usage)
    bench.report_presets()
    return bench


def _audit(bench: Bench, tenant: Tenancy) -> None:
    """Refuse where two rules ask for what cannot be had together: what was put in breaks another rule."""
    for name, given in list(bench.entries.items()):
        rule = tenant.rule_for(name)
        if rule is None or name == EXECUTORS[0] or given is bench.request.entries.get(name):
            continue
        if rule.forbidden and not rule.parts:
            continue
        finding = examine(rule, _read(rule, given) if name.startswith(CONF) else given)
        if finding is not None:
            own = bench.request.entries.get(name)
            asked = own if own is not None and own.is_asked else None
            bench.refuse(name, asked, rule, "cannot be met", allowed=finding.allowed)


def _doubt(bench: Bench, tenant: Tenancy, doubt: Doubt) -> None:
    rule = next((rule for name in doubt.properties if (rule := tenant.rule_for(name)) is not None), None)
    if rule is None and tenant.rules.keys() & VIRTUAL.keys():
        rule = next(tenant.rules[name] for name in VIRTUAL if name in tenant.rules)
    if rule is not None and not tenant.vouches_for(doubt):
        given = Entry(doubt.raw, doubt.raw, origin=doubt.origin)
        bench.refuse(doubt.name, given, rule, "cannot be judged", reason=f"{doubt.spelling}: {doubt.reason}.")
        bench.drop_if_lenient(doubt.name)


def _given(bench: Bench, tenant: Tenancy, name: str) -> None:
    """Hold a value that somebody gave against its rule, or the rule of the property that it is a door to."""
    given = bench.entries[name]
    rule = tenant.rule_for(name)
    if name.startswith(CONF) and (path := tenant.unlisted(name, given)) is not None:
        bench.refuse_unlisted(name, given, path)
        return
    weighed = tenant.rules.get(WEIGHTS[name][0]) if name in WEIGHTS else None
    if weighed is not None and (rule is None or not rule.forbidden) and (why := unreadable(name, given)) is not None:
        bench.refuse(name, given, weighed, "cannot be judged", allowed=WEIGHTS[name][1].name, reason=why)
        bench.drop_if_lenient(name)
        return
    through = tenant.rule_through(name)
    if through is not None:
        _door(bench, through, name, given)
    if name not in bench.entries or (rule is None and through is not None):
        return
    given = bench.entries[name]
    if rule is None:
        _unnamed(bench, tenant, name, given)
    elif name == EXECUTORS[0] and not rule.forbidden:
        if given.fault is not None or given.is_substituted:
            _hold(bench, rule, name, given)
    else:
        _hold(bench, rule, name, given)


def _unnamed(bench: Bench, tenant: Tenancy, name: str, given: Entry) -> None:
    """Refuse what no limit names but Spark cannot read, and ``conf`` keys where only named ones may be given."""
    if given.fault is not None and not given.is_substituted:
        bench.refuse_unreadable(name, given)
    elif given.is_substituted and _bears_on_session(tenant, name):
        rule = next(rule for rule in tenant.rules.values() if rule.name in {*VIRTUAL, EXECUTORS[0]})
        reason = "Spark puts something in place of ${…} only when it starts."
        bench.refuse(name, given, rule, "cannot be judged", reason=reason)
        bench.drop_if_lenient(name)


def _bears_on_session(tenant: Tenancy, name: str) -> bool:
    door = DOORS.get(name.removeprefix(CONF))
    is_of_executors = name in EXECUTORS or (door is not None and door.property == EXECUTORS[0])
    if is_of_executors or name == "dynamic_allocation":
        return any(each in tenant.rules for each in (*VIRTUAL, EXECUTORS[0]))
    return name.startswith(SIDES) and any(each in tenant.rules for each in VIRTUAL)


def _hold(bench: Bench, rule: Rule, name: str, given: Entry) -> None:
    if name.startswith(CONF) and given.fault is None:
        given = _read(rule, given)
    finding = examine(rule, given)
    if finding is None:
        return
    by = finding.rule or rule
    if finding.is_final or (rule.denies and given.is_asked):
        bench.refuse(name, given, by, finding.what, allowed=finding.allowed, reason=finding.reason)
        if not bench.is_lenient:
            return
    bench.change(name, given, finding.given, by)


def _read(rule: Rule, given: Entry) -> Entry:
    """Read a ``conf`` value as the rule's kind."""
    try:
        return replace(given, value=rule.kind.read(given.raw))
    except ValueError as error:
        return replace(given, fault=str(error))


def _door(bench: Bench, rule: Rule, name: str, given: Entry) -> None:
    """Hold another door to a limited resource against the limit: lowered to its maximum, else dropped."""
    door = DOORS[name.removeprefix(CONF)]
    if door.property == EXECUTORS[0]:  # the ceiling counts it; here it only has to be readable
        narrow = Rule(rule.name, rule.path, door.kind, rule.denies, reason=rule.reason, contact=rule.contact)
    else:
        narrow = rule.but(kind=door.kind, min=None, default=None, required=False)
    _hold(bench, narrow, name, given)


def _absent(bench: Bench, tenant: Tenancy, rule: Rule) -> None:
    """Fill in what the rule gives where nobody gave anything."""
    if rule.name == EXECUTORS[0] or _is_left_to_the_ceiling(rule):
        return  # the ceiling decides
    is_listed = (
        not rule.name.startswith(CONF) or tenant.unlisted(rule.name, Entry(None, None, origin=rule.path)) is None
    )
    if rule.fixed is not None:
        bench.fill(rule.name, rule.fixed, rule)
    elif rule.forbidden or not is_listed:
        if rule.parts and rule.required:  # by another layer than the one that forbids it
            bench.refuse(rule.name, None, rule, "cannot be met", allowed="a value")
    elif rule.default is not None:
        _prefer(bench, rule, bounded(rule, rule.default))
    elif rule.required:
        bench.refuse(rule.name, None, rule, "is required", allowed="a value")
    elif (preset := tenant.spark_defaults.get(rule.name) or allocation.SPARK.get(rule.name)) is not None:
        _overwrite(bench, rule, preset)


def _is_left_to_the_ceiling(rule: Rule) -> bool:
    return rule.name in EXECUTORS and rule.fixed is None and rule.default is not None


def _prefer(bench: Bench, rule: Rule, default: Any) -> None:
    """Fill in the default, as far as the rule itself lets it."""
    finding = examine(rule, Entry(default, default))
    if finding is None:
        bench.fill(rule.name, default, rule)
    elif finding.given is not None:
        bench.fill(rule.name, finding.given, finding.rule or rule)
    else:
        bench.refuse(rule.name, None, rule, "has a default that does not pass", allowed=finding.allowed)


def _overwrite(bench: Bench, rule: Rule, preset: Entry) -> None:
    """Keep a larger value in spark-defaults from slipping past the rule."""
    finding = examine(rule, _read(rule, preset) if rule.name.startswith(CONF) else preset)
    if finding is not None and finding.given is not None and not finding.is_final:
        bench.fill(rule.name, finding.given, finding.rule or rule)
