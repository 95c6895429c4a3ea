"""Who is whom: the tenant of an identity, and the rules that hold for it at one endpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING, Any

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.fold import fold
from livyguard.policy.grants import grants_for, raised
from livyguard.policy.keys import is_glob, matcher, specificity
from livyguard.policy.properties import CONF, PROPERTIES, TWINS
from livyguard.policy.rules import Rule, rule_of
from livyguard.policy.units import SECOND, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.policy.identity import Identity, Trust
    from livyguard.policy.limit import OnViolation
    from livyguard.policy.model import Cluster, Policy, Rules, Tenant
    from livyguard.policy.request import Entry, SessionRequest

__all__ = ["PRESETS", "Tenancy", "cluster_of", "is_operator", "resolve"]

#: Names under which many people work; whoever bears one is nobody in particular.
DEFAULTS = "defaults"
#: Ends the origin of what the policy itself prefers.
PRESETS = ".session_configs"
#: A glob no narrower than this names ``conf`` keys alone, not the properties that have names of their own.
_TOO_WIDE = len("conf.spark.")


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What holds for one user at one endpoint.

    Attributes:
        name: the tenant's, or ``defaults``.
        rules: by canonical property.
        globs: rules over many ``conf`` keys, the most specific first.
        presets: ``session_configs``, folded, lowest first.
        denies_unlisted: the rule that refuses ``conf`` keys that no limit names, or None.
        idle_after: seconds after which a session counts as left alone.
        user: who asks; None where nobody is known.
        trust: how the user is known.
        is_dynamic: what spark-defaults says of dynamic allocation.
        manager: the cluster's, ``yarn``.
        worker_cores: of one worker, where the policy says.
        spark_defaults: the cluster's, folded.
    """

    name: str
    rules: Mapping[str, Rule]
    globs: tuple[Rule, ...] = ()
    presets: tuple[SessionRequest, ...] = ()
    denies_unlisted: str | None = None
    idle_after: int = 1800
    user: str | None = None
    trust: Trust = "claimed"
    is_dynamic: bool | None = None
    manager: str | None = None
    worker_cores: int | None = None
    spark_defaults: Mapping[str, Entry] = field(default_factory=dict)

    def rule_for(self, name: str) -> Rule | None:
        """Return the most specific rule for a canonical property or ``conf.<key>``."""
        exact = self.rules.get(name)
        if exact is not None or not self.globs:
            return exact or self._twin(name)
        for rule in self.globs:
            if any(matcher(rule.name).fullmatch(each) for each in _names(name, rule)):
                return rule.for_kind(PROPERTIES[name].kind) if name in PROPERTIES else rule
        return self._twin(name)

    def is_preset(self, name: str, value: Any) -> bool:
        """Tell whether the policy itself sets a property to this value."""
        return any(name in preset.entries and preset.entries[name].value == value for preset in self.presets)

    def _twin(self, name: str) -> Rule | None:
        return self.rules.get(f"{CONF}{TWINS[key]}") if (key := name.removeprefix(CONF)) in TWINS else None


def _names(name: str, rule: Rule) -> Iterable[str]:
    """Return the names by which a glob may know a property."""
    if name.startswith(CONF):
        twin = TWINS.get(name.removeprefix(CONF))
        return (name,) if twin is None else (name, f"{CONF}{twin}")
    narrow = min((place for place in map(rule.name.find, "*?") if place >= 0), default=0) > _TOO_WIDE
    return tuple(f"{CONF}{key}" for key in PROPERTIES[name].keys) if narrow and name in PROPERTIES else ()


def resolve(policy: Policy, who: Identity, endpoint: str | None = None, now: float | None = None) -> Tenancy:
    """Return what the policy says for somebody at an endpoint.

    Args:
        policy: valid.
        who: who asks.
        endpoint: URL of the Livy, which tells the cluster.
        now: seconds since the epoch, for dated grants; None ignores them.
    """
    user = None if who.user in SHARED_ACCOUNTS or who.user in policy.shared_accounts else who.user
    cluster = _cluster(policy, endpoint)
    place = _match(policy, user, who.groups, cluster)
    granted = grants_for(policy, user, now)
    key = ("tenancy", place, cluster, granted)
    if key not in policy.compiled:
        policy.compiled[key] = _compile(policy, place, cluster, granted)
    compiled: dict[str, Any] = policy.compiled[key]
    return Tenancy(user=user, trust=who.trust, **compiled)


def is_operator(policy: Policy, who: Identity) -> bool:
    """Tell whether somebody may act on others' sessions: named as operator, and not by their own word alone."""
    if who.trust == "claimed":
        return False
    user = None if who.user in SHARED_ACCOUNTS or who.user in policy.shared_accounts else who.user
    users, groups = policy.operators.users, policy.operators.groups
    if user is not None and any(fnmatchcase(user, glob) for glob in users):
        return True
    return any(fnmatchcase(group, glob) for group in who.groups for glob in groups)


def cluster_of(policy: Policy, endpoint: str | None) -> Cluster | None:
    """Return what the policy says of the cluster behind an endpoint; None where it says nothing."""
    return policy.cluster.get(_cluster(policy, endpoint))


def _cluster(policy: Policy, endpoint: str | None) -> str:
    """Return the name of the cluster behind an endpoint; empty for the unnamed one."""
    named = [name for name in policy.cluster if name]
    if endpoint is None:
        return named[0] if len(named) == 1 else ""
    url = endpoint.rstrip("/")
    for name in named:
        if any(fnmatchcase(url, glob.rstrip("/")) for glob in policy.cluster[name].endpoints):
            return name
    return ""


def _match(policy: Policy, user: str | None, groups: Iterable[str], cluster: str) -> int | None:
    if "roll" not in policy.compiled:
        policy.compiled["roll"] = [(each.cluster, _any(each.users), _any(each.groups)) for each in policy.tenant]
    groups = sorted(groups)
    for place, (where, users, members) in enumerate(policy.compiled["roll"]):
        if where is not None and where != cluster:
            continue
        if users is not None and user is not None and users.match(user):
            return place
        if members is not None and any(map(members.match, groups)):
            return place
    return None


def _any(globs: Iterable[str]) -> re.Pattern[str] | None:
    """Return one expression for several globs; None for none."""
    return re.compile("|".join(map(translate, globs))) if globs else None


def _compile(policy: Policy, place: int | None, cluster: str, granted: tuple[int, ...]) -> dict[str, Any]:
    lineage = [] if place is None else _lineage(policy.tenant, policy.tenant[place])
    sections: list[tuple[str, Rules]] = [(DEFAULTS, policy.defaults), *((each.name, each) for each in lineage)]
    rules = _rules(sections, cluster)
    if place is None and not _caps(rules.get("executors.max")):
        tightest = _tightest(policy, cluster)
        rules |= {} if tightest is None else {"executors.max": tightest}
    for each in granted:
        rules |= raised(rules, policy.grant[each], f"grant[{each}]")
    unlisted = next(((name, each.unlisted) for name, each in reversed(sections) if each.unlisted), None)
    idle = next((each.idle for _, each in reversed(sections) if each.idle), None)
    globs = sorted((rule for rule in rules.values() if is_glob(rule.name)), key=lambda rule: specificity(rule.name))
    return {
        "name": DEFAULTS if place is None else policy.tenant[place].name,
        "rules": {name: rule for name, rule in rules.items() if not is_glob(name)},
        "globs": tuple(globs),
        "presets": tuple(fold(each.session_configs, f"{name}{PRESETS}") for name, each in sections),
        "denies_unlisted": f"{unlisted[0]}.unlisted" if unlisted is not None and unlisted[1] == "deny" else None,
        "idle_after": read_time(idle.after if idle is not None else "30m", SECOND),
        **_surroundings(policy.cluster.get(cluster)),
    }


def _surroundings(cluster: Cluster | None) -> dict[str, Any]:
    if cluster is None:
        return {}
    return {
        "is_dynamic": cluster.dynamic_allocation,
        "manager": cluster.manager,
        "worker_cores": cluster.worker.cores if cluster.worker is not None else None,
        "spark_defaults": fold({"conf": cluster.spark_defaults}, origin="spark_defaults").entries,
    }


def _lineage(tenants: Sequence[Tenant], tenant: Tenant) -> list[Tenant]:
    """Return a tenant and those it inherits from, the eldest first."""
    parent = next((each for each in tenants if each.name == tenant.inherits), None)
    return [tenant] if parent is None else [*_lineage(tenants, parent), tenant]


def _rules(sections: Sequence[tuple[str, Rules]], cluster: str) -> dict[str, Rule]:
    """Return the rules of all sections, a later section's replacing an earlier one's of the same property."""
    said = (each.on_violation for _, each in reversed(sections) if each.on_violation)
    on_violation: OnViolation = next(said, "clamp")
    rules = {}
    for section, each in sections:
        for key, limit in each.limits.items():
            if limit.cluster in (None, cluster):
                rule = rule_of(key, limit, section, on_violation)
                rules[rule.name] = rule
    return rules


def _caps(rule: Rule | None) -> bool:
    return rule is not None and (rule.max is not None or rule.fixed is not None)


def _tightest(policy: Policy, cluster: str) -> Rule | None:
    """Return the smallest executor limit of any tenant, for those whom no tenant names."""
    found = []
    for tenant in policy.tenant:
        if tenant.cluster in (None, cluster):
            sections: list[tuple[str, Rules]] = [(each.name, each) for each in _lineage(policy.tenant, tenant)]
            rule = _rules([(DEFAULTS, policy.defaults), *sections], cluster).get("executors.max")
            if rule is not None and _caps(rule):
                found.append(rule)
    return min(found, key=lambda rule: rule.max if rule.fixed is None else rule.fixed, default=None)
