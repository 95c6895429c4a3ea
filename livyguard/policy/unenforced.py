"""What a policy may say and this version does not enforce: said aloud, never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.policy.model import Policy

__all__ = ["unenforced"]


def unenforced(policy: Policy) -> tuple[str, ...]:
    """Return a sentence for every part of the policy that is read and has no effect."""
    sections = [policy.defaults, *policy.tenant]
    found = []
    if any(each.quota is not None for each in sections):
        found.append("quota is read but not enforced by this version.")
    if any(each.team_quota is not None for each in sections):
        found.append("team_quota is read but not enforced by this version.")
    if not found and not any(each.limits or each.session_configs or each.unlisted == "deny" for each in sections):
        found.append("it holds no limit: nothing is limited.")
    return tuple(found)
