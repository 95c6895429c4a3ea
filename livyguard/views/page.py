"""The HTML that every view is made of: tables with caption and scopes, in the notebook's own colours.

Everything goes through markupsafe. Colours are JupyterLab's variables with fall-backs that read on light and dark;
meaning is in words, never in colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from livyguard.foreign import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["is_of_the_web", "link", "note", "prose", "section", "table"]

INK = "color: var(--jp-content-font-color1, inherit)"
FAINT = "color: var(--jp-content-font-color2, inherit)"
LINK = "color: var(--jp-content-link-color, inherit)"
LINE = "1px solid var(--jp-border-color2, rgba(128, 128, 128, 0.5))"
#: What every browser takes.
LONGEST_URL = 2_000
CELL = "padding: 2px 10px 2px 0; text-align: {}; vertical-align: top; border: none"


def section(parts: Iterable[Markup]) -> Markup:
    """Put parts under one another; what is too wide scrolls by itself."""
    body = Markup("").join(parts)
    return Markup('<div class="livyguard" style="{}; overflow-x: auto">{}</div>').format(INK, body)


def note(text: str) -> Markup:
    """Return one sentence under a table."""
    return Markup('<p style="{}; margin: 4px 0">{}</p>').format(FAINT, text)


def prose(text: str) -> Markup:
    """Return a sentence, escaped; what stands between two backticks is shown as code."""
    said, *more = text.split("`")
    shown = escape(said)
    while len(more) > 1:
        code, after, *more = more
        shown += Markup("<code>{}</code>{}").format(code, after)
    return shown + escape("`" + more[0]) if more else shown


def is_of_the_web(url: str | None) -> bool:
    """Tell a URL that a browser may open from one that would run something."""
    try:
        is_shown = url is not None and len(url) <= LONGEST_URL and is_harmless(url)
        return is_shown and urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False


def link(text: str, url: str) -> Markup:
    """Return a link, or nothing where the URL is not one of the web."""
    if not is_of_the_web(url):
        return Markup("")
    shown = '<a href="{}" style="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return Markup(shown).format(url, LINK, text)  # noqa: S704 - escaped by format


def table(
    caption: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str | Markup]],
    numbers: frozenset[int] = frozenset(),
) -> Markup:
    """Return a table; the first cell of a row names the row. Columns that are empty throughout are left out.

    Args:
        caption: what the table shows.
        headers: one a column.
        rows: cells; those that are no Markup are escaped.
        numbers: indexes of the columns that stand flush right.
    """
    kept = [index for index in range(len(headers)) if any(row[index] for row in rows)]
    head = Markup("").join(_cell("th", headers[index], numbers, index, scope="col") for index in kept)
    body = Markup("").join(
        Markup('<tr style="border-bottom: {}">{}</tr>').format(LINE, _row(cells, kept, numbers)) for cells in rows
    )
    return Markup(
        '<table style="border-collapse: collapse; table-layout: auto; margin: 4px 0 8px 0">'
        '<caption style="caption-side: top; text-align: left; {}">{}</caption>'
        '<thead><tr style="border-bottom: {}">{}</tr></thead><tbody>{}</tbody></table>'
    ).format(INK, caption, LINE, head, body)


def _row(cells: Sequence[str | Markup], kept: Sequence[int], numbers: frozenset[int]) -> Markup:
    return Markup("").join(
        _cell("th", cells[index], numbers, index, scope="row")
        if index == kept[0]
        else _cell("td", cells[index], numbers, index)
        for index in kept
    )


def _cell(tag: str, content: str | Markup, numbers: frozenset[int], index: int, scope: str | None = None) -> Markup:
    style = CELL.format("right" if index in numbers else "left")
    attribute = Markup(' scope="{}"').format(scope) if scope else Markup("")
    return Markup('<{0}{1} style="{2}">{3}</{0}>').format(Markup(tag), attribute, style, escape(content))  # noqa: S704 - the tag is ours
