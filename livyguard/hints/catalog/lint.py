"""LG8xx: what lint finds in a policy. The codes stand here for their long form; the checks are policy/lint's."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from livyguard.hints.catalog import (
    lint_keys,
    lint_layers,
    lint_limits,
    lint_people,
    lint_quotas,
    lint_sizes,
    lint_trials,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES", "RETIRED"]

#: Codes of checks that are gone, with what they said. None of them is given to another check.
RETIRED: Mapping[str, str] = MappingProxyType({"LG891": "a quota is read and not enforced"})

ENTRIES: tuple[Entry, ...] = (
    *lint_limits.ENTRIES,
    *lint_people.ENTRIES,
    *lint_sizes.ENTRIES,
    *lint_keys.ENTRIES,
    *lint_trials.ENTRIES,
    *lint_layers.ENTRIES,
    *lint_quotas.ENTRIES,
)
