"""The sessions that cells start by name, ``%spark add -s one …``: how each is started again, and which are not there.

A wrapper kernel starts its one session with the next cell. These somebody has to start, so a way on has to say so, and
a cell that runs in one which is not there has to fail: SparkMagic prints a line and goes on.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython.utils.process import arg_split  # type: ignore[attr-defined, unused-ignore] # IPython is loose there

from livyguard.errors import SessionGone, SessionNotStarted
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from livyguard.errors import CellFailure

__all__ = ["Added", "without_password"]

#: Characters of a line that are shown.
_LONGEST = 500


class Added:
    """Keeps them in memory, and nowhere else."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        self._missing: dict[str, tuple[type[CellFailure], str]] = {}
        self._under_way: str | None = None

    def typed(self, name: Any, line: str, password: str | None) -> None:
        """Note the line of a ``%spark add``.

        Args:
            name: SparkMagic's name for the session.
            line: what follows ``%spark``.
            password: the one that stands in it; it is not kept.
        """
        shown = without_password(line, password)
        self._lines.pop(str(name), None)
        if shown is not None:
            self._lines[str(name)] = f"%spark {excerpt(shown, longest=_LONGEST)}"

    def again(self, name: Any) -> str:
        """Return the line that starts a session again."""
        return self._lines.get(str(name), f"%spark add -s {name} …")

    @property
    def next_step(self) -> str:
        """What starts a session in place of the one whose start is under way, in a sentence."""
        if self._under_way is None:
            return "The next cell starts a new one."
        return f"`{self.again(self._under_way)}` starts a new one."

    @contextmanager
    def starting(self, name: Any) -> Iterator[None]:
        """Mark everything inside as the start of this session; where it fails, the session is not there."""
        self._under_way = str(name)
        try:
            yield
        except BaseException:
            text = f"This notebook has no session {name}: it did not start. `{self.again(name)}` starts it."
            self._missing[str(name)] = SessionNotStarted, text
            raise
        else:
            self._missing.pop(str(name), None)
        finally:
            self._under_way = None

    def forgotten(self, name: Any, session_id: int) -> None:
        """Note that SparkMagic has been made to forget a session."""
        text = f"This notebook no longer has its session {name}, {session_id}. `{self.again(name)}` starts it again; "
        self._missing[str(name)] = SessionGone, f"{text}settings are kept."

    def missing(self, name: Any, held: Collection[Any]) -> CellFailure | None:
        """Return why a cell cannot run: its session was lost, or never came up. None where SparkMagic may go on.

        Args:
            name: the session that the cell names; None where it names none.
            held: the names of the sessions that SparkMagic has.
        """
        if name in held or (name is None and held) or not self._missing:
            return None
        kind, text = self._missing.get(str(name), (None, ""))
        if name is None:
            kind, text = list(self._missing.values())[-1]
        return None if kind is None else kind(text)


def without_password(line: str, password: str | None) -> str | None:
    """Return a line of options with ``…`` for the password; None where it cannot be told which word that is."""
    if not password:
        return line
    words = [_cut(word, password) for word in arg_split(line, strict=False)]
    return " ".join(words) if any(word.endswith("…") for word in words) else None


def _cut(word: str, password: str) -> str:
    if word == password:
        return "…"
    return f"{word.removesuffix(password)}…" if word.startswith("-") and word.endswith(password) else word
