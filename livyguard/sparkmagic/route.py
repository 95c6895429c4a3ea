"""By which route a call reached SparkMagic: a cell, or a widget's button."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from livyguard.errors import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.errors import CellFailure

__all__ = ["WidgetError", "cell", "failure", "first_line", "is_starting", "on_route", "plainly"]

_widget: ContextVar[bool] = ContextVar("livyguard_widget", default=False)
_starting: ContextVar[bool] = ContextVar("livyguard_starting", default=False)
_ROUTES = {"widget": _widget, "starting": _starting}


class WidgetError(ValueError):
    """What SparkMagic's widgets catch and print; where they do not, IPython shows it by its text alone."""

    def _render_traceback_(self) -> list[str]:
        return lines(self)


@contextmanager
def on_route(name: str) -> Iterator[None]:
    """Mark everything inside as reached by ``widget`` or ``starting``."""
    variable = _ROUTES[name]
    token = variable.set(True)
    try:
        yield
    finally:
        variable.reset(token)


def is_starting() -> bool:
    """Is ``LivySession.start`` under way, which explains failures itself?"""
    return _starting.get()


def failure(error: CellFailure) -> BaseException:
    """Return the error in the form that the route shows: itself in a cell, a ValueError behind a widget's button."""
    return WidgetError(str(error)) if _is_widgets() else error


def plainly(error: Any) -> Exception:
    """Let IPython show an error of SparkMagic's by its text alone where a widget's button lets it go uncaught."""
    if _is_widgets():
        error._render_traceback_ = lambda: lines(error)
    shown: Exception = error
    return shown


def cell() -> tuple[str, str] | None:
    """Return the id and the text, as it was typed, of the cell that the kernel runs now; None where it runs none."""
    parent = _parent()
    if parent.get("header", {}).get("msg_type") != "execute_request":
        return None
    return str(parent["header"].get("msg_id")), str(parent.get("content", {}).get("code", ""))


def _is_widgets() -> bool:
    """Does a widget ask: its ``run`` is under way, or the kernel handles a button's message and no cell?"""
    return _widget.get() or bool(_parent().get("header", {}).get("msg_type") == "comm_msg")


def _parent() -> dict[str, Any]:
    """Return the message that the kernel handles now; nothing outside of one."""
    kernel = getattr(get_ipython(), "kernel", None)
    return getattr(kernel, "get_parent", dict)() or {}


def first_line(error: Exception) -> str:
    """Return what happened; SparkMagic writes whole logs behind it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
