"""Lint: what a valid policy says that its author can hardly mean. One module a family, one function a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.lint import (
    clusters,
    exceptions,
    keys,
    limits,
    patterns,
    people,
    quotas,
    secrets,
    sizes,
    stacking,
    trials,
)
from livyguard.policy.lint.finding import SEVERITIES, Check, Finding, Severity
from livyguard.policy.lint.ground import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.policy.model import Policy

__all__ = ["CHECKS", "SEVERITIES", "Check", "Finding", "Severity", "lint"]

CHECKS: tuple[Check, ...] = (
    *limits.CHECKS,
    *patterns.CHECKS,
    *people.CHECKS,
    *sizes.CHECKS,
    *keys.CHECKS,
    *trials.CHECKS,
    *secrets.CHECKS,
    *stacking.CHECKS,
    *exceptions.CHECKS,
    *clusters.CHECKS,
    *quotas.CHECKS,
)


def lint(policy: Policy, *, now: float | None = None, checks: Sequence[Check] = CHECKS) -> tuple[Finding, ...]:
    """Return all that lint has to say: faults first, then by code, then in the order of the files.

    Args:
        policy: valid, with the layers that are stacked on it.
        now: seconds since the epoch, for dated grants; None leaves out what depends on the date.
        checks: that look it over; :mod:`livyguard.capacity.lint` has those of the cluster as well.
    """
    ground = Ground(policy, now)
    found = [finding for check in checks for finding in check.run(ground)]
    return tuple(sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), finding.code)))
