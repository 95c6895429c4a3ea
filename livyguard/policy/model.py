"""The policy file as a value: clusters, defaults, tenants, limits."""

from __future__ import annotations

__all__ = ["Policy"]


class Policy:
    """A whole policy, valid."""
