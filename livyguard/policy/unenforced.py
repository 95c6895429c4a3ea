"""What a policy may say and this version does not enforce: said aloud, never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.policy.model import Policy

__all__ = ["unenforced"]


def unenforced(policy: Policy) -> tuple[str, ...]:
    """Return a sentence for every part of the policy, in any of its layers, that is read and has no effect."""
    sections = [(layer.source, each) for layer in policy.layers for each in (layer.defaults, *layer.tenant)]
    found = [f"{source}: quota is read but not enforced by this version." for source, each in sections if each.quota]
    found += [
        f"{source}: team_quota is read but not enforced by this version."
        for source, each in sections
        if each.team_quota
    ]
    if not found and not any(each.limits or each.session_configs or each.unlisted == "deny" for _, each in sections):
        found.append(f"{policy.layers[-1].source}: it holds no limit: nothing is limited.")
    return tuple(dict.fromkeys(found))
