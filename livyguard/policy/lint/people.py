"""LG81x: tenants whom nobody reaches, and names that name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.globs import is_plain
from livyguard.policy.lint.places import at
from livyguard.policy.lint.reach import is_taken, taker
from livyguard.policy.tenancy import is_shared
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.lint.reach import Field
    from livyguard.policy.model import Policy

__all__ = ["CHECKS"]


def _by(layer: Policy, place: int, field: Field, glob: str) -> str:
    name = taker(layer, place, field, glob)
    return "earlier tenants, which stand" if name is None else f"tenant {name}, which stands"


def _unreachable(ground: Ground) -> Iterator[Found]:
    for section, place, members in ground.members:
        layer, name = section.layer, section.name
        if not members and not any(each.inherits == name for each in layer.tenant):
            yield Found(
                section.at(),
                f"The tenant {name} names no user and no group, and no tenant inherits from it.",
                "Name its users or groups, or take it out.",
            )
        elif members and all(each.is_taken for each in members):
            names = ", ".join(shown(each.glob) for each in members)
            verb = "is" if len(members) == 1 else "are"
            takers = dict.fromkeys(_by(layer, place, each.field, each.glob) for each in members)
            yield Found(
                section.at(),
                f"Nobody reaches the tenant {name}: {names} {verb} taken by {' and '.join(takers)} before it.",
                "Put it above them, or take those names out of theirs; the first match in the file counts.",
            )


def _shadowed(ground: Ground) -> Iterator[Found]:
    for section, place, members in ground.members:
        if not all(each.is_taken for each in members):
            for each in members:
                if each.is_taken:
                    by = _by(section.layer, place, each.field, each.glob)
                    yield Found(
                        section.at(each.field),
                        f"{shown(each.glob)} has no effect: it is taken by {by} before.",
                        "Take it out here or there; the first match in the file counts.",
                    )


def _only_unknown(ground: Ground) -> Iterator[Found]:
    """Yield tenants by groups below a tenant of all users."""
    for section, place, members in ground.members:
        left = {each.field for each in members if not each.is_taken}
        if left == {"groups"} and is_taken(section.layer, place, ground.cluster_names, "users", "*"):
            yield Found(
                section.at("groups"),
                f"Every user with a name is taken by {_by(section.layer, place, 'users', '*')} before; the groups of"
                f" {section.name} reach shared accounts alone.",
                "Put the tenant of groups above it.",
            )


def _shared(ground: Ground) -> Iterator[Found]:
    for where, name in ground.users:
        if is_shared(ground.layers[0], name):
            yield Found(
                where,
                f"{shown(name)} is a shared account and names nobody: it matches no user.",
                "Name the persons, or a group; [defaults] holds for shared accounts.",
            )


def _shared_globs(ground: Ground) -> Iterator[Found]:
    layer = ground.layers[0]
    for name in layer.shared_accounts:
        if not is_plain(name):
            yield Found(
                at(layer, "shared_accounts"),
                f"{shown(name)} is taken as it is: shared_accounts holds names, and no globs.",
                "Write out each account.",
            )


CHECKS = (
    Check("LG811", "fault", _unreachable),
    Check("LG812", "warning", _shadowed),
    Check("LG813", "warning", _only_unknown),
    Check("LG814", "warning", _shared),
    Check("LG815", "warning", _shared_globs),
)
