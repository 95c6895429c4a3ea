"""What ``%livy_recover`` did, and the cells that ran in a lost session, as text and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from livyguard.foreign import harmless

if TYPE_CHECKING:
    from livyguard.cells import Ran
    from livyguard.recovery import Recovery

__all__ = ["cells_html", "cells_text", "html", "text"]

_NEXT = "The next Spark cell starts a new session with the same settings; variables of the old one are gone."
_NOTHING = "No session in which a cell ran was lost in this notebook."


def text(recovery: Recovery) -> str:
    """Return what was found, what was forgotten, and what the next cell does."""
    return "\n".join(_lines(recovery))


def html(recovery: Recovery) -> str:
    """Return the same as a list."""
    items = Markup("").join(Markup("<li>{}</li>").format(escape(line)) for line in _lines(recovery))
    return Markup("<ul>{}</ul>").format(items)


def cells_text(ran: Ran | None) -> str:
    """Return the cells that ran in a lost session, ready to be copied, in their order."""
    if ran is None:
        return _NOTHING
    cells = [f"── {number} ──\n{_typed(code)}" for number, code in enumerate(ran.cells, 1)]
    return "\n\n".join([_what_ran(ran), *cells])


def cells_html(ran: Ran | None) -> str:
    """Return the same as a numbered list."""
    if ran is None:
        return Markup("<div>{}</div>").format(_NOTHING)
    items = Markup("").join(Markup("<li><pre>{}</pre></li>").format(_typed(code)) for code in ran.cells)
    return Markup("<div>{}</div><ol>{}</ol>").format(_what_ran(ran), items)


def _typed(code: str) -> str:
    """Return a cell as it was typed, but for what would steer a terminal."""
    return "\n".join("\t".join(harmless(part) for part in line.split("\t")) for line in code.splitlines())


def _what_ran(ran: Ran) -> str:
    """Say what the cells are, and which are not among them."""
    count = len(ran.cells)
    if not count:
        said = f"No cell came to a good end in session {ran.session_id}."
    else:
        cells, them = (f"{count} cells", "them") if count > 1 else ("1 cell", "it")
        said = f"{cells} ran in session {ran.session_id}. To have its variables again run {them} in this order."
    if ran.failed:
        said += f" Left out: {ran.failed} that failed or did not end."
    if ran.dropped:
        said += f" Not kept: {ran.dropped} from before these."
    return said


def _lines(recovery: Recovery) -> list[str]:
    lines = [one.reason for one in recovery.sessions]
    if recovery.failed_start is not None:
        lines.append("The failed start is forgotten.")
    if not lines:
        return ["There is nothing to recover from: this notebook uses no session yet."]
    if any(one.outcome == "alive" for one in recovery.sessions) and not recovery.is_needed:
        return [*lines, "There is nothing to recover from. To free it: %livy_release --this"]
    forgotten = [one for one in recovery.sessions if one.outcome == "forgotten"]
    unknown = any(one.outcome == "unknown" for one in recovery.sessions)
    lines += [
        f"`{one.again}` starts session {one.name} again; settings are kept, variables of the old one are gone."
        for one in forgotten
        if one.again is not None
    ]
    if unknown:
        lines.append("Run %livy_recover again when Livy answers.")
    elif recovery.failed_start is not None or any(one.again is None for one in forgotten):
        lines.append(_NEXT)
    return lines
