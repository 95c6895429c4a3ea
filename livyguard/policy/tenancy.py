"""Who is whom: the tenant of an identity, and the rules of every layer that hold for it at one endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.combine import combined
from livyguard.policy.endpoints import comparable
from livyguard.policy.fold import fold
from livyguard.policy.grants import grants_for
from livyguard.policy.kinds import conf_text
from livyguard.policy.properties import CONF, DOORS
from livyguard.policy.quota import Bound, smallest
from livyguard.policy.rulebook import DEFAULTS, PRESETS, Rulebook, compiled, matching
from livyguard.policy.tags import tenant_tag
from livyguard.policy.units import MIB, Unreadable, read_flag, read_size

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from livyguard.policy.identity import Identity, Trust
    from livyguard.policy.model import Cluster, Policy
    from livyguard.policy.request import Doubt, Entry, SessionRequest
    from livyguard.policy.rules import Rule

__all__ = [
    "PRESETS",
    "Tenancy",
    "cluster_of",
    "everybodys",
    "has_dynamic_allocation",
    "is_operator",
    "is_shared",
    "resolve",
    "resolve_member",
]

#: ``idle.after`` where no layer says anything, seconds.
HALF_AN_HOUR = 1800


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What holds for one user at one endpoint.

    Attributes:
        name: the tenant's, or ``defaults``: of the first layer in which one matches.
        rules: those of all layers, by canonical property; what only globs name is not among them.
        books: what each layer says, the operator's first.
        why: why it is this tenant, in words.
        user: who asks; None where nobody is known.
        trust: how the user is known.
        is_dynamic: what spark-defaults says of dynamic allocation.
        manager: the cluster's, ``yarn``.
        step: what YARN rounds the memory of a container up to, MiB.
        worker_cores: of one worker, where the policy says.
        spark_defaults: the cluster's, folded.
        quotas: what may be held over all live sessions: by the user the smallest of all layers, by all members
            together that of every layer, whose tenants differ.
    """

    name: str
    rules: Mapping[str, Rule]
    books: tuple[Rulebook, ...] = ()
    why: str = ""
    user: str | None = None
    trust: Trust = "claimed"
    is_dynamic: bool | None = None
    manager: str | None = None
    step: int = 1
    worker_cores: int | None = None
    spark_defaults: Mapping[str, Entry] = field(default_factory=dict)
    quotas: tuple[Bound, ...] = ()

    @property
    def presets(self) -> tuple[SessionRequest, ...]:
        """``session_configs``, folded, lowest first."""
        return tuple(preset for book in self.books for preset in book.presets)

    @property
    def idle_after(self) -> int:
        """Seconds after which a session counts as left alone: what the last layer says that says anything."""
        return next((book.idle_after for book in reversed(self.books) if book.idle_after is not None), HALF_AN_HOUR)

    @property
    def globs(self) -> tuple[Rule, ...]:
        """Rules over many ``conf`` keys, layer by layer, in each the most specific first."""
        return tuple(rule for book in self.books for rule in book.globs)

    def rule_for(self, name: str) -> Rule | None:
        """Return the rule for a canonical property or ``conf.<key>``: each layer's most specific, which all hold."""
        return self.rules.get(name) or _of_all(self.books, name)

    def rule_through(self, name: str) -> Rule | None:
        """Return the rule for what a ``conf`` key is another door to, of the layers that do not name the key."""
        door = DOORS.get(name.removeprefix(CONF)) if name.startswith(CONF) else None
        if door is None:
            return None
        return _of_all([book for book in self.books if book.rule_for(name) is None], door.property)

    def unlisted(self, name: str, given: Entry) -> str | None:
        """Return the rule of a layer that refuses the ``conf`` keys which it does not name; None where it may be given.

        What that layer or an earlier one sets itself may be given, and what SparkMagic's own configuration says.
        """
        for place, book in enumerate(self.books):
            if book.denies_unlisted is not None and not book.names(name):
                is_own = given.origin == "" or any(own.is_preset(name, given.value) for own in self.books[: place + 1])
                if not is_own:
                    return book.denies_unlisted
        return None

    def vouches_for(self, doubt: Doubt) -> bool:
        """Tell whether the operator's own policy says just that, and nothing else can be put in its place."""
        text = conf_text(doubt.raw)
        return bool(self.books) and self.books[0].is_preset(doubt.name, text) and "${" not in str(text)

    def team_of(self, bound: Bound) -> str:
        """Return the name of the tenant whose members a team's quota counts."""
        return self.books[bound.layer].name

    def layers_with(self, theirs: Tenancy) -> frozenset[int]:
        """Return the layers whose team's quota counts somebody else: by them they are of the same tenant.

        Args:
            theirs: by the same policy, at the same endpoint.
        """
        teams = {bound.layer for bound in self.quotas if bound.is_team}
        return frozenset(place for place in teams if theirs.books[place].name == self.books[place].name)

    def with_rules(self, change: Callable[[Rule], Rule | None]) -> Tenancy:
        """Return the same with every rule of every layer changed; None drops one."""
        books = tuple(
            replace(
                book,
                rules={name: new for name, rule in book.rules.items() if (new := change(rule)) is not None},
                globs=tuple(new for rule in book.globs if (new := change(rule)) is not None),
            )
            for book in self.books
        )
        return replace(self, books=books, rules=_rules(books))


def _rules(books: Sequence[Rulebook]) -> dict[str, Rule]:
    names = dict.fromkeys(name for book in books for name in book.rules)
    return {name: rule for name in names if (rule := _of_all(books, name)) is not None}


def _of_all(books: Sequence[Rulebook], name: str) -> Rule | None:
    return combined([rule for book in books if (rule := book.rule_for(name)) is not None])


def resolve(policy: Policy, who: Identity, endpoint: str | None = None, now: float | None = None) -> Tenancy:
    """Return what the policy says for somebody at an endpoint.

    Args:
        policy: valid, with the layers that are stacked on it.
        who: who asks.
        endpoint: URL of the Livy, which tells the cluster.
        now: seconds since the epoch, for dated grants of the operator's layer; None ignores them.
    """
    user = None if is_shared(policy, who.user) else who.user
    name, cluster = _cluster(policy, endpoint)
    granted = grants_for(policy, user, now)
    found = [matching(layer, user, who.groups, name) for layer in policy.layers]
    why = next((why for place, why in found if place is not None), found[0][1])
    tenancy = _compiled(policy, [place for place, _ in found], name, cluster, granted)
    return replace(tenancy, user=user, trust=who.trust, why=why)


def resolve_member(policy: Policy, owner: str, tags: Collection[str], endpoint: str | None = None) -> Tenancy:
    """Return what holds for the owner of somebody else's session.

    Nobody but its owner knows their groups: where a tenant takes groups and stands before the one that takes the name,
    the session's own tag says whether it counts for it. Of ``bob@EXAMPLE.COM`` the first tenant counts that takes this
    name or ``bob``, as the person themselves may be known by either.

    Args:
        policy: as in :func:`resolve`.
        owner: as Livy names them.
        tags: the session's reserved tags.
        endpoint: as in :func:`resolve`.
    """
    name, cluster = _cluster(policy, endpoint)
    user = None if is_shared(policy, owner) else owner
    known = dict.fromkeys(each for each in (owner, owner.partition("@")[0]) if user and not is_shared(policy, each))
    places = [_of_member(layer, tuple(known), tags, name) for layer in policy.layers]
    return replace(_compiled(policy, places, name, cluster, ()), user=user, trust="reported")


def _of_member(layer: Policy, names: Sequence[str], tags: Collection[str], cluster: str) -> int | None:
    found = (matching(layer, each, (), cluster)[0] for each in names)
    by_name = min((place for place in found if place is not None), default=None)
    earlier = enumerate(layer.tenant if by_name is None else layer.tenant[:by_name])
    by_tag = (place for place, each in earlier if each.groups and each.cluster in (None, cluster))
    return next((place for place in by_tag if tenant_tag(layer.tenant[place].name) in tags), by_name)


def _compiled(
    policy: Policy, places: list[int | None], name: str, cluster: Cluster | None, granted: tuple[int, ...]
) -> Tenancy:
    key = ("tenancy", *places, name, granted)
    if key not in policy.compiled:
        policy.compiled[key] = _compile(policy, places, name, cluster, granted)
    tenancy: Tenancy = policy.compiled[key]
    return tenancy


def _compile(
    policy: Policy, places: list[int | None], name: str, cluster: Cluster | None, granted: tuple[int, ...]
) -> Tenancy:
    books = tuple(
        compiled(layer, place, name, granted if layer is policy.layers[0] else ())
        for layer, place in zip(policy.layers, places, strict=True)
    )
    tenant = next((book.name for book in books if book.name != DEFAULTS), DEFAULTS)
    quotas = smallest(book.quotas for book in books)
    return Tenancy(tenant, _rules(books), books, quotas=quotas, **_surroundings(cluster))


def everybodys(cluster: Cluster | None) -> Tenancy:
    """Return what the policy says of a cluster, to whomever; no rule and no quota."""
    return Tenancy("", {}, **_surroundings(cluster))


def _surroundings(cluster: Cluster | None) -> dict[str, Any]:
    if cluster is None:
        return {}
    return {
        "is_dynamic": cluster.dynamic_allocation,
        "manager": cluster.manager,
        "step": 1 if cluster.minimum_allocation is None else max(read_size(cluster.minimum_allocation, MIB), 1),
        "worker_cores": cluster.worker.cores if cluster.worker is not None else None,
        "spark_defaults": fold({"conf": cluster.spark_defaults}, origin="spark_defaults").entries,
    }


def is_shared(policy: Policy, user: str | None) -> bool:
    """Tell whether a log-in names nobody: one that many people work under. Only an operator may say that of one."""
    return user in SHARED_ACCOUNTS or user in policy.shared_accounts


def is_operator(policy: Policy, who: Identity) -> bool:
    """Tell whether somebody may act on others' sessions: named as operator, and not by their own word alone."""
    if who.trust == "claimed":
        return False
    users, groups = policy.operators.users, policy.operators.groups
    if who.user is not None and not is_shared(policy, who.user) and any(fnmatchcase(who.user, glob) for glob in users):
        return True
    return any(fnmatchcase(group, glob) for group in who.groups for glob in groups)


def cluster_of(policy: Policy, endpoint: str | None) -> Cluster | None:
    """Return what the policy says of the cluster behind an endpoint; None where it says nothing."""
    return _cluster(policy, endpoint)[1]


def has_dynamic_allocation(cluster: Cluster | None) -> bool | None:
    """Tell whether a cluster allocates executors dynamically unless a session says otherwise; None: not known."""
    if cluster is None or cluster.dynamic_allocation is not None:
        return None if cluster is None else cluster.dynamic_allocation
    try:
        return read_flag(cluster.spark_defaults["spark.dynamicAllocation.enabled"])
    except (KeyError, Unreadable):
        return None


def _cluster(policy: Policy, endpoint: str | None) -> tuple[str, Cluster | None]:
    """Return the name, empty for the unnamed one, and the cluster behind an endpoint."""
    clusters = policy.cluster
    named = [name for name in clusters if name]
    if endpoint is None:
        name = named[0] if len(named) == 1 else ""
        return name, clusters.get(name)
    url = comparable(endpoint)
    for name in named:
        if any(fnmatchcase(url, comparable(glob)) for glob in clusters[name].endpoints):
            return name, clusters[name]
    return "", clusters.get("")
