"""The one place where a fault of a magic of ours gets its hint, before IPython shows it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from livyguard.errors import LivyguardError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["explained"]


def explained(tables: dict[str, dict[str, Callable[..., Any]]]) -> dict[str, dict[str, Callable[..., Any]]]:
    """Return tables of magics, by kind and name, each of which says what its fault means."""
    return {kind: {name: _explained(magic) for name, magic in table.items()} for kind, table in tables.items()}


def _explained(magic: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(magic)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return magic(*args, **kwargs)
        except LivyguardError as error:
            from livyguard.views import fault

            error.args = (fault.text(error),)
            raise

    return run
