"""What somebody else has put over the guard, after it was put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.sparkmagic.hook import Hook

__all__ = ["covered"]


def covered(hook: Hook) -> tuple[str, ...]:
    """Return the methods of SparkMagic's that no longer lead to livyguard first, ``Class.method``."""
    return tuple(
        patch.target
        for patch, (parent, attribute, _, wrapper) in hook._applied.items()  # noqa: SLF001 - its own package
        if vars(parent).get(attribute) is not wrapper
    )
