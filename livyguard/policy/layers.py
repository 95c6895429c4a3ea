"""Layers: the operator's policy, and what stands above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.policy.model import Policy

__all__ = ["stacked"]


def stacked(layers: Sequence[Policy]) -> Policy:
    """Return the first layer's policy, the operator's, with the later ones above it.

    Every layer's limits hold, whoever wrote them; preferences (``default``, ``session_configs``, ``idle.after``) are
    the last one's that passes them. What only an operator may say is the first one's: operators, shared accounts,
    clusters, grants, tests and the decision log.

    Args:
        layers: at least one, in the order in which they are looked for.
    """
    first, *later = layers
    return first.under(later) if later else first
