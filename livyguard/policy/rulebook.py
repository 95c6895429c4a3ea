"""The rules of one layer for one user: which tenant, and what holds for it there."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from livyguard.policy.fold import fold
from livyguard.policy.grants import raised
from livyguard.policy.keys import is_glob, matcher, specificity
from livyguard.policy.properties import CONF, DOORS, PROPERTIES, TWINS
from livyguard.policy.quota import Bound, bounds
from livyguard.policy.roll import NOBODY, Roll, roll
from livyguard.policy.rules import Rule, rule_of
from livyguard.policy.units import SECOND, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from livyguard.policy.limit import OnViolation
    from livyguard.policy.model import Policy, Rules, Tenant
    from livyguard.policy.request import SessionRequest

__all__ = ["DEFAULTS", "PRESETS", "Rulebook", "compiled", "matching"]

#: The section that every tenant starts from, and the name of whoever no tenant matches.
DEFAULTS = "defaults"
#: Ends the origin of what the policy itself prefers.
PRESETS = ".session_configs"
#: A glob no narrower than this names ``conf`` keys alone, not the properties that have names of their own.
_TOO_WIDE = len("conf.spark.")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What one layer says for one tenant at one cluster.

    Attributes:
        name: the tenant's, or ``defaults``.
        rules: by canonical property.
        globs: rules over many ``conf`` keys, the most specific first.
        presets: ``session_configs``, folded, lowest first.
        denies_unlisted: the rule that refuses ``conf`` keys that no limit of this layer names, or None.
        idle_after: seconds after which a session counts as left alone; None where the layer does not say.
        quotas: what may be held over all live sessions; a tenant's own amount replaces that of ``[defaults]``.
    """

    name: str
    rules: Mapping[str, Rule]
    globs: tuple[Rule, ...] = ()
    presets: tuple[SessionRequest, ...] = ()
    denies_unlisted: str | None = None
    idle_after: int | None = None
    quotas: tuple[Bound, ...] = ()

    def rule_for(self, name: str) -> Rule | None:
        """Return the layer's most specific rule for a canonical property or ``conf.<key>``."""
        exact = self.rules.get(name)
        if exact is not None or not self.globs:
            return exact or self._twin(name)
        for rule in self.globs:
            if any(matcher(rule.name).fullmatch(each) for each in _names(name, rule)):
                return rule.for_kind(PROPERTIES[name].kind) if name in PROPERTIES else rule
        return self._twin(name)

    def names(self, name: str) -> bool:
        """Tell whether a limit of the layer names a ``conf`` key, or the resource that it is another door to."""
        door = DOORS.get(name.removeprefix(CONF))
        return self.rule_for(name) is not None or (door is not None and self.rule_for(door.property) is not None)

    def is_preset(self, name: str, value: Any) -> bool:
        """Tell whether the layer itself sets a property to this value."""
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


def matching(policy: Policy, user: str | None, groups: Iterable[str], cluster: str) -> tuple[int | None, str]:
    """Return the place of a user's tenant in one layer, None for none; and why it is that one, in words."""
    users, members = _rolls(policy, cluster)
    of_user = users.first(user)
    of_group, member = min(((members.first(each), each) for each in sorted(groups)), default=(NOBODY, ""))
    if of_user == of_group == NOBODY:
        return None, "no tenant matches"
    if of_user <= of_group:
        return of_user, f"users: {_which(policy.tenant[of_user].users, str(user))} matches {user}"
    return of_group, f"groups: {_which(policy.tenant[of_group].groups, member)} matches {member}"


def _rolls(policy: Policy, cluster: str) -> tuple[Roll, Roll]:
    """Return the users of all tenants, and their groups."""
    key = ("roll", cluster)
    if key not in policy.compiled:
        here = [(place, each) for place, each in enumerate(policy.tenant) if each.cluster in (None, cluster)]
        policy.compiled[key] = (
            roll((place, each.users) for place, each in here),
            roll((place, each.groups) for place, each in here),
        )
    rolls: tuple[Roll, Roll] = policy.compiled[key]
    return rolls


def _which(globs: Iterable[str], name: str) -> str:
    return next(f'"{glob}"' for glob in globs if fnmatchcase(name, glob))


def compiled(policy: Policy, place: int | None, cluster: str, granted: tuple[int, ...] = ()) -> Rulebook:
    """Return what one layer says.

    Args:
        policy: the layer.
        place: of the tenant in it; None for a user whom none matches.
        cluster: name of the cluster, empty for the unnamed one.
        granted: places of the grants in force.
    """
    key = ("book", place, cluster, granted)
    if key not in policy.compiled:
        policy.compiled[key] = _compile(policy, place, cluster, granted)
    book: Rulebook = policy.compiled[key]
    return book


def _compile(policy: Policy, place: int | None, cluster: str, granted: tuple[int, ...]) -> Rulebook:
    lineage = [] if place is None else _lineage(policy.tenant, policy.tenant[place])
    sections: list[tuple[str, Rules]] = [(DEFAULTS, policy.defaults), *((each.name, each) for each in lineage)]
    rules = _rules(policy, sections, cluster)
    if place is None and not _caps(rules.get("executors.max")):
        tightest = _tightest(policy, cluster)
        rules |= {} if tightest is None else {"executors.max": tightest}
    for each in granted:
        rules |= raised(rules, policy.grant[each], f"grant[{each}]", policy.source_of(f"grant[{each}]"))
    unlisted = next(((name, each.unlisted) for name, each in reversed(sections) if each.unlisted), None)
    idle = next((each.idle for _, each in reversed(sections) if each.idle), None)
    globs = sorted((rule for rule in rules.values() if is_glob(rule.name)), key=lambda rule: specificity(rule.name))
    return Rulebook(
        name=DEFAULTS if place is None else policy.tenant[place].name,
        rules={name: rule for name, rule in rules.items() if not is_glob(name)},
        globs=tuple(globs),
        presets=tuple(fold(each.session_configs, f"{name}{PRESETS}") for name, each in sections),
        denies_unlisted=f"{unlisted[0]}.unlisted" if unlisted is not None and unlisted[1] == "deny" else None,
        idle_after=None if idle is None else read_time(idle.after, SECOND),
        quotas=bounds(sections, policy.source_of),
    )


def _lineage(tenants: Sequence[Tenant], tenant: Tenant) -> list[Tenant]:
    """Return a tenant and those it inherits from, the eldest first."""
    parent = next((each for each in tenants if each.name == tenant.inherits), None)
    return [tenant] if parent is None else [*_lineage(tenants, parent), tenant]


def _rules(policy: Policy, sections: Sequence[tuple[str, Rules]], cluster: str) -> dict[str, Rule]:
    """Return the rules of all sections, a later section's replacing an earlier one's of the same property."""
    said = (each.on_violation for _, each in reversed(sections) if each.on_violation)
    on_violation: OnViolation = next(said, "clamp")
    rules = {}
    for section, each in sections:
        for key, limit in each.limits.items():
            if limit.cluster in (None, cluster):
                source = policy.source_of(f"{section}.limits.{key}")
                rule = rule_of(key, limit, section, on_violation, source)
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
            rule = _rules(policy, [(DEFAULTS, policy.defaults), *sections], cluster).get("executors.max")
            if rule is not None and _caps(rule):
                found.append(rule)
    return min(found, key=lambda rule: rule.most, default=None)
