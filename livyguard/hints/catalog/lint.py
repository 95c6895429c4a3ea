"""LG8xx: what lint finds in a policy. The codes stand here for their long form; the checks are policy/lint's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog import lint_keys, lint_layers, lint_limits, lint_people, lint_sizes, lint_trials

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    *lint_limits.ENTRIES,
    *lint_people.ENTRIES,
    *lint_sizes.ENTRIES,
    *lint_keys.ENTRIES,
    *lint_trials.ENTRIES,
    *lint_layers.ENTRIES,
)
