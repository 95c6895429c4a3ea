"""What the policy says of one person: who that is, how it is known, the tenant, and each limit with its origin."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.grants import grants_for
from livyguard.policy.keys import limited_property
from livyguard.policy.merge import merge
from livyguard.policy.notes import notes
from livyguard.policy.properties import PROPERTIES, VIRTUAL
from livyguard.policy.quota import AMOUNTS
from livyguard.policy.redact import redact
from livyguard.policy.tenancy import cluster_of, is_operator, is_shared, resolve
from livyguard.policy.usage import used
from livyguard.policy.wording import in_words, says

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.identity import Identity, Trust, Witness
    from livyguard.policy.model import Grant, Policy
    from livyguard.policy.quota import Usage
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy
    from livyguard.policy.usage import QuotaReport

__all__ = ["GrantReport", "LayerReport", "LimitReport", "PolicyReport", "report"]

_ORDER = {name: place for place, name in enumerate((*PROPERTIES, *VIRTUAL))}


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One layer of the policy.

    Attributes:
        source: its file or folder.
        is_operators: whether it is the first, which alone names operators and gives grants.
    """

    source: str
    is_operators: bool


@dataclass(frozen=True, slots=True)
class LimitReport:
    """One limit that holds for the person.

    Attributes:
        property: canonical name, or a glob over ``conf`` keys.
        says: what the limit says, as JSON by its own words: ``{"max": 8, "default": 5}``; secrets redacted.
        words: the same for a reader: ``"at most 8; 5 unless asked"``.
        on_violation: ``clamp`` or ``deny``.
        rule: dotted path in the policy.
        file: where that path stands; None where it is not known.
        until: for what a grant changes, its end, RFC 3339.
    """

    property: str
    says: Mapping[str, Any]
    words: str
    on_violation: str
    rule: str
    file: str | None = None
    reason: str | None = None
    contact: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class GrantReport:
    """A dated exception that is in force for the person.

    Attributes:
        user: the grant's own glob.
        limits: canonical properties that it changes.
        until: its end, RFC 3339.
    """

    user: str
    limits: tuple[str, ...]
    until: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """All that the policy says of one person at one endpoint.

    Attributes:
        user: the name as it is known; None where nobody says one.
        trust: ``reported`` or ``claimed``.
        source: what said who it is, in words.
        groups: sorted.
        is_shared: the name is a shared account's and names nobody in particular.
        tenant: the tenant's name, ``defaults`` where none matches; None without a policy.
        why: why it is this tenant, in words.
        layers: lowest first; none without a policy.
        limits: in the order of the canonical properties, globs last.
        session_configs: what the policy presets, in Livy's shape, redacted.
        idle_after: seconds after which a session counts as left alone; None without a policy.
        quota: per user, as the policy writes it; None where it says none.
        team_quota: of all members of the tenant together, likewise; where several layers say one the smallest, and
            ``usage`` has each.
        usage: what is held of each quota at one Livy; None where it was not read.
        unowned: how many live sessions there are nobody's that is known, so that no quota counts them; likewise.
        usage_at: URL of the Livy that was asked; filled in by whoever asks it.
        usage_fault: why what is held was not read, in words, where a quota holds; likewise.
        unlisted: dotted path of what refuses ``conf`` keys that no limit names; None where they pass.
        cluster: name of the cluster behind the endpoint; None for the unnamed one, or none.
        is_operator: whether other people's sessions may be freed.
        decision_log: folder in which every creation is written down; None where none is.
        grants: in force now.
        notes: what is to be said aloud of the policy, in sentences.
        faults: why there is no valid policy, all of it; filled in by whoever reads the files.
        searched: where a policy was looked for; likewise.
        witnesses: what each source says of who is asking, the best first; filled in by whoever asks them.
    """

    user: str | None
    trust: Trust
    source: str
    groups: tuple[str, ...] = ()
    is_shared: bool = False
    tenant: str | None = None
    why: str | None = None
    layers: tuple[LayerReport, ...] = ()
    limits: tuple[LimitReport, ...] = ()
    session_configs: Mapping[str, Any] | None = None
    idle_after: int | None = None
    quota: Mapping[str, Any] | None = None
    team_quota: Mapping[str, Any] | None = None
    usage: tuple[QuotaReport, ...] | None = None
    unowned: int | None = None
    usage_at: str | None = None
    usage_fault: str | None = None
    unlisted: str | None = None
    cluster: str | None = None
    is_operator: bool = False
    decision_log: str | None = None
    grants: tuple[GrantReport, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    witnesses: tuple[Witness, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return one object with the attributes as its keys."""
        said = [{**asdict(each), "groups": sorted(each.groups)} for each in self.witnesses]
        held = None if self.usage is None else [each.to_json() for each in self.usage]
        return {**asdict(replace(self, usage=None, witnesses=())), "usage": held, "witnesses": said}


def report(
    policy: Policy | None,
    who: Identity,
    endpoint: str | None = None,
    now: float | None = None,
    usage: Usage | None = None,
) -> PolicyReport:
    """Return what the policy says of somebody at an endpoint.

    Args:
        policy: None limits nothing.
        who: who asks.
        endpoint: URL of the Livy, which tells the cluster.
        now: seconds since the epoch, for dated grants; None ignores them.
        usage: what they and their team hold there; None where it was not read.
    """
    shared = who.user in SHARED_ACCOUNTS if policy is None else is_shared(policy, who.user)
    known = PolicyReport(who.user, who.trust, who.source, tuple(sorted(who.groups)), shared)
    if policy is None:
        return known
    tenancy = resolve(policy, who, endpoint, now)
    grants = [policy.grant[place] for place in grants_for(policy, tenancy.user, now)]
    rules = sorted((*tenancy.rules.values(), *tenancy.globs), key=_place)
    return replace(
        known,
        tenant=tenancy.name,
        why=tenancy.why,
        layers=tuple(LayerReport(each.source, place == 0) for place, each in enumerate(policy.layers)),
        limits=tuple(_limit(rule, tenancy, grants) for rule in rules),
        session_configs=redact(merge(tenancy.presets).to_body()),
        idle_after=tenancy.idle_after,
        quota=_quota(tenancy, is_team=False),
        team_quota=_quota(tenancy, is_team=True),
        usage=None if usage is None else used(tenancy, usage),
        unowned=None if usage is None else usage.unowned,
        unlisted=next((book.denies_unlisted for book in tenancy.books if book.denies_unlisted), None),
        cluster=_cluster(policy, endpoint),
        is_operator=is_operator(policy, who),
        decision_log=policy.decision_log,
        grants=tuple(_grant(each) for each in grants),
        notes=notes(policy),
    )


def _cluster(policy: Policy, endpoint: str | None) -> str | None:
    found = cluster_of(policy, endpoint)
    named = (item for layer in policy.layers for item in layer.cluster.items())
    return next((name for name, each in named if name and each is found), None)


def _place(rule: Rule) -> tuple[int, str]:
    return _ORDER.get(rule.name, len(_ORDER)), rule.name


def _limit(rule: Rule, tenancy: Tenancy, grants: list[Grant]) -> LimitReport:
    is_unknown = rule.wants_user and (tenancy.user is None or tenancy.trust != "reported")
    if rule.wants_user and tenancy.user is not None and not is_unknown:
        rule = rule.for_user(tenancy.user)
    said = says(rule)
    words = in_words(said)
    if is_unknown:
        words += "; refused while nobody reports the user"
    ends = [each.until for each in grants if rule.name in map(limited_property, each.limits)]
    return LimitReport(
        property=rule.name,
        says=said,
        words=words,
        on_violation="deny" if rule.denies else "clamp",
        rule=rule.path,
        file=rule.source or None,
        reason=rule.reason,
        contact=rule.contact,
        until=_moment(ends[-1]) if ends else None,
    )


def _grant(grant: Grant) -> GrantReport:
    return GrantReport(grant.user, tuple(map(limited_property, grant.limits)), _moment(grant.until), grant.reason)


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _quota(tenancy: Tenancy, *, is_team: bool) -> dict[str, Any] | None:
    """Return a quota as the policy writes it, of each amount the smallest of all layers."""
    found = sorted((each for each in tenancy.quotas if each.is_team is is_team), key=lambda each: -each.most)
    smallest = {each.amount: each for each in found}
    return {amount: smallest[amount].write(smallest[amount].most) for amount in AMOUNTS if amount in smallest} or None
