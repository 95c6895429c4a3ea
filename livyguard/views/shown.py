"""What shows itself in a notebook and a terminal."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Shown"]


class Shown:
    """A result with three forms: text, which is complete, HTML, and JSON under a type of its own.

    None of them is ``application/json``: JupyterLab ranks it above HTML and would show a tree instead of the table.

    Attributes:
        mime: the type of the JSON, ``application/vnd.livyguard.release.v1+json``.
    """

    __slots__ = ()

    mime: ClassVar[str]

    @abstractmethod
    def to_text(self) -> str:
        """Return it as plain text, complete."""

    @abstractmethod
    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""

    @abstractmethod
    def to_json(self) -> Any:
        """Return what ``--json`` prints."""

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002 - IPython's
        return {"text/plain": self.to_text(), "text/html": str(self.to_html()), self.mime: _whole(self.to_json())}


def _whole(content: Any) -> Any:
    """Return JSON that a kernel can send: it writes UTF-8, which has no halves of surrogate pairs."""
    if isinstance(content, dict):
        return {key: _whole(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_whole(value) for value in content]
    if isinstance(content, str) and not content.isascii():
        return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return content
