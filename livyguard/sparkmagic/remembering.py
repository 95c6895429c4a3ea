"""Handlers that remember which cells ran in a session, and what to say of them when it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.sparkmagic.arguments import session_number
from livyguard.sparkmagic.route import cell, is_starting

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from livyguard.cells import Cells
    from livyguard.journal import Journal

__all__ = ["Remembering", "key"]


def key(journal: Journal, endpoint: str, session_id: int) -> Hashable:
    """Return what tells a session from every other that this notebook had, under the same number, too."""
    entry = journal.entry(endpoint, session_id)
    return endpoint, session_id, entry.tag if entry is not None else ""


class Remembering:
    """Stands in front of the handlers of statements."""

    def __init__(self, cells: Cells, journal: Journal) -> None:
        self._cells = cells
        self._journal = journal

    def post_statement(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Note the cell of a statement that was sent, as its author typed it; what SparkMagic runs itself is none."""

        def post(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
            answer = handler(wrapped, client, args, kwargs)
            if not is_starting():
                number = session_number(args, kwargs)
                data = args[1] if len(args) > 1 else kwargs["data"]
                run, code = cell() or (object(), str(data.get("code", "")))
                self._cells.began(key(self._journal, client.endpoint.url, number), number, run, code)
            return answer

        return post

    def get_statement(self, handler: Callable[..., Any], final: frozenset[str]) -> Callable[..., Any]:
        """Note how a statement ended."""

        def get(wrapped: Any, client: Any, args: Any, kwargs: Any) -> Any:
            answer = handler(wrapped, client, args, kwargs)
            state, output = str(answer.get("state")).lower(), answer.get("output") or {}
            if state in final and not is_starting():
                is_fine = state == "available" and output.get("status") == "ok"
                self._cells.ended(
                    key(self._journal, client.endpoint.url, session_number(args, kwargs)), is_fine=is_fine
                )
            return answer

        return get

    def what_ran(self, endpoint: str, session_id: int) -> str:
        """Return what to say at the end of a session's loss: where the cells that ran in it are to be had."""
        ran = self._cells.of(key(self._journal, endpoint, session_id))
        if ran is None or not ran.cells:
            return ""
        cells, them = (f"{len(ran.cells)} cells", "them") if len(ran.cells) > 1 else ("1 cell", "it")
        return f"\n\n{cells} had run in it: `%livy_recover --cells` shows {them}, to run {them} again."
