"""A hint as text and HTML: code and title, cause, how things stand, evidence, ready cells, where to read more."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from livyguard.views import page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.hints.model import Evidence, Fix, Hint

__all__ = ["html", "text"]

_WIDTH = 100
_LABEL = 10
_NOTE = {"safe": "", "review": " (look it over first)", "manual": " (fill in what is yours)"}


def text(hint: Hint, more: str = "%livy_explain", *, in_terminal: bool = False) -> str:
    """Return the short form as plain text, complete without HTML.

    Args:
        hint: what to show.
        more: how the long form is asked for; the code follows it.
        in_terminal: give commands instead of cells, where there are such.
    """
    lines = [f"{hint.code} {_severity(hint)}{hint.title}"]
    lines += _part("cause", [hint.cause])
    lines += _part("now", [f"{fact.source}: {fact.text}" for fact in hint.evidence if fact.is_current])
    lines += _part("evidence", [f"{fact.source}: {fact.text}" for fact in hint.evidence if not fact.is_current])
    for number, fix in enumerate(hint.fixes, 1):
        lines += _fix(number, fix.in_terminal() if in_terminal else fix)
    lines += _part("more", [f"{more} {hint.code}"])
    return "\n".join(lines)


def html(hint: Hint, more: str = "%livy_explain") -> str:
    """Return the short form as HTML in the notebook's own colours; everything foreign is escaped."""
    proof = [
        Markup("{}: <code>{}</code>").format(fact.source, fact.text) for fact in hint.evidence if not fact.is_current
    ]
    evidence, now = _list("ul", proof), _list("ul", [_now(fact) for fact in hint.evidence if fact.is_current])
    fixes = _list("ol", [_html_fix(fix) for fix in hint.fixes])
    parts = Markup("").join(
        (
            Markup("<p><strong>{}</strong> {}{}</p>").format(hint.code, _severity(hint), hint.title),
            Markup("<p>{}</p>").format(page.prose(hint.cause)),
            Markup("<p>Now</p>{}").format(now) if now else "",
            Markup("<details><summary>Evidence</summary>{}</details>").format(evidence) if evidence else "",
            Markup("<p>What to do</p>{}").format(fixes) if fixes else "",
            Markup("<p>More: <code>{} {}</code></p>").format(more, hint.code),
        )
    )
    style = "border-left: 3px solid var(--jp-warn-color1, #b26a00); padding-left: 12px"
    return str(Markup('<div class="livyguard-hint" style="{}">{}</div>').format(style, parts))


def _severity(hint: Hint) -> str:
    return "" if hint.severity == "failure" else f"({hint.severity}) "


def _part(label: str, paragraphs: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        start = f"  {'' if lines else label:<{_LABEL}}"
        lines += textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _fix(number: int, fix: Fix) -> list[str]:
    label = "fix" if number == 1 else ""
    lines = _part(label, [f"{number}. {fix.label}{_NOTE[fix.applicability]}"])
    return [*lines, *(f"  {'':<{_LABEL}}   {line}" for line in _run(fix).splitlines())]


def _now(fact: Evidence) -> Markup:
    return Markup("{}: {}").format(fact.source, fact.text)


def _html_fix(fix: Fix) -> Markup:
    return Markup("{}{}<pre><code>{}</code></pre>").format(page.prose(fix.label), _NOTE[fix.applicability], _run(fix))


def _run(fix: Fix) -> str:
    return (fix.cell if fix.cell is not None else fix.command) or ""


def _list(tag: str, items: Iterable[Markup]) -> Markup:
    rows = Markup("").join(Markup("<li>{}</li>").format(escape(item)) for item in items)
    return Markup("<{0}>{1}</{0}>").format(tag, rows) if rows else Markup("")
