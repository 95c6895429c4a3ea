"""What lint looks over: the layers of a policy with all that stands in them, and everybody for whom it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.evaluate import evaluate
from livyguard.policy.fold import fold
from livyguard.policy.identity import Identity
from livyguard.policy.lint.globs import common, is_plain
from livyguard.policy.lint.places import at, limits, quotas, sections
from livyguard.policy.lint.reach import Member, earlier, members
from livyguard.policy.merge import merge
from livyguard.policy.tenancy import PRESETS, Tenancy, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.decision import Decision
    from livyguard.policy.lint.places import Section, Stated
    from livyguard.policy.model import Cluster, Policy
    from livyguard.policy.quota import Bound
    from livyguard.policy.request import Entry
    from livyguard.policy.rules import Rule

__all__ = ["Ground", "Standpoint"]


@dataclass(frozen=True)
class Standpoint:
    """Somebody whom a section holds for, at one endpoint.

    Attributes:
        section: the one that matches.
        cluster: what the policy says of it, or None.
        tenancy: what holds there, by all layers; the user is made up, and known for sure.
    """

    section: Section
    cluster: Cluster | None
    tenancy: Tenancy

    @cached_property
    def start(self) -> Decision:
        """What the limits say to a session for which they ask nothing themselves; quotas are looked over apart."""
        return evaluate(merge(self.tenancy.presets), replace(self.tenancy, quotas=()))

    @property
    def whom(self) -> str:
        """How messages call them."""
        return "users whom no tenant names" if self.section.place is None else f"tenant {self.section.name}"


@dataclass(frozen=True)
class Ground:
    """A policy under lint.

    Attributes:
        policy: valid, with the layers that are stacked on it.
        now: seconds since the epoch; None leaves out what depends on the date.
    """

    policy: Policy
    now: float | None

    @property
    def layers(self) -> tuple[Policy, ...]:
        """The operator's first."""
        return self.policy.layers

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Those of every layer, in the order of the files."""
        return tuple(section for layer in self.layers for section in sections(layer))

    def below(self, section: Section) -> tuple[Policy, ...]:
        """Return the layers before a section's own."""
        return self.layers[: next(place for place, layer in enumerate(self.layers) if layer is section.layer)]

    @cached_property
    def limits(self) -> tuple[Stated, ...]:
        """The limits of every section."""
        return tuple(stated for section in self.sections for stated in limits(section))

    def replaced(self, stated: Stated) -> Stated | None:
        """Return the limit of the same property, and cluster, that a tenant's own takes the place of."""
        layer, place = stated.section.layer, stated.section.place
        while place is not None:
            parent = layer.tenant[place].inherits
            place = next((spot for spot, each in enumerate(layer.tenant) if each.name == parent), None)
            before = self._by_place.get((id(layer), place, stated.rule.name))
            if before is not None:
                return before if before.limit.cluster in (None, stated.limit.cluster) else None
        return None

    def stating(self, preset: Entry, name: str) -> Section:
        """Return the section whose ``session_configs`` say what stands in a request: the last one of that name."""
        section = (preset.origin or "").removesuffix(PRESETS)
        return [
            each for each in self.sections if each.name == section and name in fold(each.rules.session_configs).entries
        ][-1]

    @cached_property
    def _by_place(self) -> dict[tuple[int, int | None, str], Stated]:
        return {(id(each.section.layer), each.section.place, each.rule.name): each for each in self.limits}

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        """By name, empty for the unnamed one; those of the operator's layer."""
        return self.layers[0].cluster

    @property
    def cluster_names(self) -> tuple[str, ...]:
        """All names, empty for the unnamed one."""
        return tuple(dict.fromkeys(("", *self.clusters)))

    @cached_property
    def members(self) -> tuple[tuple[Section, int, tuple[Member, ...]], ...]:
        """Each tenant, its place, and its globs."""
        return tuple(
            (section, section.place, members(section.layer, section.place, self.cluster_names))
            for section in self.sections
            if section.place is not None
        )

    @property
    def spark_defaults(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Where the ``spark_defaults`` of each cluster stand, and what they say beside those of ``[cluster]``."""
        for layer in self.layers:
            of_all = layer.cluster[""].spark_defaults if "" in layer.cluster else {}
            for name, cluster in layer.cluster.items():
                own = {
                    key: value for key, value in cluster.spark_defaults.items() if not name or of_all.get(key) != value
                }
                yield f"{layer.source}: cluster{'.' if name else ''}{name}.spark_defaults", own

    @property
    def users(self) -> Iterator[tuple[str, str]]:
        """Where each plain name of a user stands, and the name."""
        for section in self.sections:
            if section.place is not None:
                yield from ((section.at("users"), each) for each in section.layer.tenant[section.place].users)
        yield from ((at(self.policy, "operators.users"), each) for each in self.policy.operators.users)
        yield from (
            (at(self.policy, f"grant[{place}]", "user"), each.user) for place, each in enumerate(self.policy.grant)
        )

    @cached_property
    def standpoints(self) -> tuple[Standpoint, ...]:
        """Somebody for each section of each layer at each cluster where it holds."""
        return tuple(
            Standpoint(section, self.clusters.get(name), resolve(self.policy, who, endpoint))
            for name, endpoint in self._endpoints()
            for section in self.sections
            if (who := self._somebody(section, name)) is not None
        )

    def where(self, rule: Rule) -> str:
        """Return file and dotted path of a rule in force."""
        stated = self._by_path.get((rule.source, rule.path))
        return f"{rule.source}: {rule.path}" if stated is None else stated.at()

    def where_of(self, bound: Bound) -> str:
        """Return file and dotted path of a quota in force."""
        return self._of_quotas[bound.source, bound.rule]

    @cached_property
    def _of_quotas(self) -> dict[tuple[str, str], str]:
        stated = ((section, bound) for section in self.sections for bound in quotas(section))
        return {(bound.source, bound.rule): section.at(bound.name) for section, bound in stated}

    @cached_property
    def _by_path(self) -> dict[tuple[str, str], Stated]:
        return {(each.rule.source, each.rule.path): each for each in self.limits}

    def _endpoints(self) -> Iterator[tuple[str, str | None]]:
        named = [name for name in self.clusters if name]
        taken: list[str] = []
        for name in named:
            globs = [glob.rstrip("/") for glob in self.clusters[name].endpoints]
            urls = (common([glob, "*[!/]"], taken) for glob in globs)
            url = next((url for url in urls if url is not None), None)
            if url is not None or (len(named) == 1 and not globs):
                yield name, url
            taken += globs
        other = common(["http://*[!/]"], taken) if named else None
        if other is not None or not named:
            yield "", other

    def _somebody(self, section: Section, cluster: str) -> Identity | None:
        """Make up somebody whom a section matches at a cluster; None where nobody is found."""
        layer = section.layer
        before = earlier(layer, section.place, cluster)
        taken = [*(glob for each in before for glob in each.users), *SHARED_ACCOUNTS]
        taken += filter(is_plain, self.layers[0].shared_accounts)
        if section.place is None:
            user = common(["?*"], taken)
            return None if user is None else _known(user)
        tenant = layer.tenant[section.place]
        if tenant.cluster not in (None, cluster):
            return None
        for glob in tenant.users:
            if (user := common([glob, "?*"], taken)) is not None:
                return _known(user)
        groups = [glob for each in before for glob in each.groups]
        group = next((group for glob in tenant.groups if (group := common([glob, "?*"], groups)) is not None), None)
        user = common(["?*"], taken)
        return None if group is None or user is None else _known(user, group)


def _known(user: str, *groups: str) -> Identity:
    return Identity(user, "reported", "lint", frozenset(groups))
