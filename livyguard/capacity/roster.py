"""How many people a policy has in each tenant."""

from __future__ import annotations

from difflib import get_close_matches
from shlex import quote
from typing import TYPE_CHECKING

from livyguard.policy.lint.globs import is_plain
from livyguard.policy.tenancy import is_shared
from livyguard.policy.units import shown, shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livyguard.policy.lint.ground import Ground, Standpoint
    from livyguard.policy.lint.reach import Member

__all__ = ["DEFAULTS", "counted_people", "has_team_alone", "named_people"]

#: Those whom no tenant names.
DEFAULTS = "defaults"


def counted_people(
    ground: Ground, stands: Sequence[Standpoint], given: Mapping[str, int], faults: list[str]
) -> list[int | None]:
    """Return how many people each section has; None where ``team_quota`` alone bounds them.

    Args:
        ground: the policy.
        stands: somebody for each section at one cluster.
        given: by tenant's name, how many people its globs and groups stand for.
        faults: where is added for whom nobody says how many there are, in one sentence.
    """
    known = [*(each.name for each in ground.layers[0].tenant), DEFAULTS]
    for name in given:
        if name not in known:
            near = next(iter(get_close_matches(name, known, n=1)), None)
            meant = f"did you mean {near}?" if near else f"there is {', '.join(map(shown_name, known))}."
            faults.append(f"--people: the policy has no tenant {shown(name)}; {meant}")
    found: list[int | None] = []
    uncounted: dict[str, list[str]] = {}
    for each in stands:
        name, number = each.section.name, given.get(each.section.name)
        is_team = number is None and has_team_alone(ground, each)
        if number is None and not is_team and (globs := _open_globs(ground, each)):
            uncounted[name] = globs
        found.append(None if is_team else named_people(ground, each) + (number or 0))
    if uncounted:
        who = "; ".join(f"{shown_name(name)} ({', '.join(map(shown_name, each))})" for name, each in uncounted.items())
        options = " ".join(f"--people {quote(f'{name}=12')}" for name in uncounted if name.isprintable())
        faults.append(f"How many people these stand for is not told: {who}. Say it: {options or '--people NAME=12'}")
    return found


def named_people(ground: Ground, stand: Standpoint) -> int:
    """Return how many people a section names, who are of no earlier tenant."""
    return len({each.glob for each in _members(ground, stand) if each.field == "users" and is_plain(each.glob)})


def has_team_alone(ground: Ground, stand: Standpoint) -> bool:
    """Tell whether a section stands for any number of people, of whom ``team_quota`` alone says what they may hold.

    The quota that ``[defaults]`` sets counts for each tenant by itself, and for those whom no tenant names, who are one
    more team by the operator's layer.
    """
    teams = {bound.layer for bound in stand.tenancy.quotas if bound.is_team}
    return 0 in teams if stand.section.place is None else bool(teams and _open_globs(ground, stand))


def _open_globs(ground: Ground, stand: Standpoint) -> list[str]:
    """Return the globs and groups of a section, which stand for any number of people."""
    return [each.glob for each in _members(ground, stand) if each.field == "groups" or not is_plain(each.glob)]


def _members(ground: Ground, stand: Standpoint) -> list[Member]:
    """Return who is of a section and of none before it; none for ``[defaults]``."""
    own = next((members for section, _, members in ground.members if section is stand.section), ())
    layer = ground.layers[0]
    return [each for each in own if not each.is_taken and not is_shared(layer, each.glob)]
