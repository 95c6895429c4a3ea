"""Merging what several sources ask, lowest first, each folded before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.policy.properties import CONF, PROPERTIES
from livyguard.policy.request import SessionRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["merge"]


def merge(sources: Iterable[SessionRequest]) -> SessionRequest:
    """Return one request: a later source's value replaces an earlier one's, lists too; its null takes it away."""
    merged = SessionRequest()
    for source in sources:
        entries = dict(merged.entries)
        if source.clears_conf:
            entries = {name: each for name, each in entries.items() if not _stands_in_conf(name)}
        for name in source.cleared:
            entries.pop(name, None)
        entries.update(source.entries)
        merged = replace(
            source,
            entries=entries,
            extras={**merged.extras, **source.extras},
            unknown=merged.unknown | (source.unknown - (merged.extras.keys() - merged.unknown)),
            doubts=tuple(each for each in merged.doubts if entries.get(each.name) is merged.entries.get(each.name))
            + source.doubts,
            misshapen=source.misshapen or merged.misshapen,
            notices=merged.notices + source.notices,
        )
    return merged


def _stands_in_conf(name: str) -> bool:
    return name.startswith(CONF) or PROPERTIES[name].field is None
