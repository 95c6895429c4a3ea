"""Where things stand in a policy: its sections and limits, each with file and dotted path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.policy.quota import bounds
from livyguard.policy.rulebook import DEFAULTS
from livyguard.policy.rules import rule_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.limit import Limit
    from livyguard.policy.model import Policy, Rules
    from livyguard.policy.quota import Bound
    from livyguard.policy.rules import Rule

__all__ = ["Section", "Stated", "at", "limits", "quotas", "sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """``[defaults]`` or one tenant of one layer.

    Attributes:
        layer: the policy of the layer.
        place: of the tenant in it; None for the defaults.
    """

    layer: Policy
    place: int | None
    rules: Rules

    @property
    def name(self) -> str:
        """The tenant's name, ``defaults``."""
        return DEFAULTS if self.place is None else self.layer.tenant[self.place].name

    def at(self, path: str = "", source: str | None = None) -> str:
        """Return file and dotted path of something in the section."""
        label = DEFAULTS if self.place is None else f"tenant[{self.place}] {self.name}"
        return f"{source or self.layer.source_of(self.name)}: {label}{'.' if path else ''}{path}"


@dataclass(frozen=True, slots=True)
class Stated:
    """One limit of a section, as it stands there.

    Attributes:
        key: as the file spells it.
        rule: the same, values canonical.
    """

    section: Section
    key: str
    limit: Limit
    rule: Rule

    def at(self, part: str = "") -> str:
        """Return file and dotted path of the limit, or of a part of it."""
        path = f"limits.{self.key}"
        source = self.section.layer.source_of(f"{self.section.name}.{path}")
        return self.section.at(f"{path}{'.' if part else ''}{part}", source)


def sections(layer: Policy) -> Iterator[Section]:
    """Yield the defaults and the tenants of one layer."""
    yield Section(layer, None, layer.defaults)
    for place, tenant in enumerate(layer.tenant):
        yield Section(layer, place, tenant)


def at(layer: Policy, path: str, part: str = "") -> str:
    """Return file and dotted path of something outside the sections."""
    return f"{layer.source_of(path)}: {path}{'.' if part else ''}{part}"


def limits(section: Section) -> Iterator[Stated]:
    """Yield the limits of one section."""
    for key, limit in section.rules.limits.items():
        source = section.layer.source_of(f"{section.name}.limits.{key}")
        yield Stated(section, key, limit, rule_of(key, limit, section.name, "clamp", source))


def quotas(section: Section) -> tuple[Bound, ...]:
    """Return the quotas that a section states itself."""
    return bounds([(section.name, section.rules)], section.layer.source_of)
