"""Handlers for what SparkMagic asks to show it: ``%spark info``, and the widget's list of an endpoint's sessions.

They fail no cell: SparkMagic prints the error, or leaves an endpoint of the configuration out of its list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkmagic.livyclientlib.exceptions import LivyClientLibException

from livyguard.sparkmagic.saying import with_hint

if TYPE_CHECKING:
    from livyguard.ports import Display

__all__ = ["Asking"]


class Asking:
    """Stands in front of ``get_sessions`` and ``get_manager_sessions_str``."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def ask(self, wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
        """Ask as SparkMagic does; what explains a failure stands behind its words."""
        try:
            return wrapped(*args, **kwargs)
        except LivyClientLibException as error:
            raise with_hint(error, self._display) from None
