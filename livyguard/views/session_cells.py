"""The cells of the listing's table: a row each, everything foreign in them harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from livyguard.views import page
from livyguard.views.text import duration, memory, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sessions.rows import SessionList, SessionRow

__all__ = ["HEADERS", "LONGEST_CELL", "NUMBERS", "cells_of", "links_of", "owner_of", "part", "share"]

Number = TypeVar("Number", int, float)

HEADERS = (
    "Session",
    "Owner",
    "Whose",
    "State",
    "Idle for",
    "Executors",
    "Memory",
    "Cores",
    "Share",
    "Queue",
    "Kind",
    "Name",
    "Application",
    "Endpoint",
)
NUMBERS = frozenset({0, 5, 6, 7, 8})
LONGEST_CELL = 60


def cells_of(sessions: SessionList) -> list[list[str]]:
    """Return the cells of every row, those of columns that say nothing empty."""
    are_several = len(sessions.endpoints) > 1
    return [
        [
            str(row.id),
            owner_of(row),
            _whose(row),
            plain(row.state, LONGEST_CELL),
            _idle(row),
            part(row.held.executors, row.session.ceiling.executors),
            part(row.held.memory_mib, row.session.ceiling.memory_mib, memory),
            part(row.held.cores, row.session.ceiling.cores),
            share(row.share, row.most_share),
            plain((row.application.queue if row.application else None) or "", LONGEST_CELL),
            plain(row.session.kind or "", LONGEST_CELL),
            plain(row.session.name or "", LONGEST_CELL),
            _application(row),
            plain(row.endpoint, LONGEST_CELL) if are_several else "",
        ]
        for row in sessions
    ]


def owner_of(row: SessionRow) -> str:
    """Return an owner as shown; one that only a tag names is called so."""
    name = plain(row.owner or "not known", LONGEST_CELL)
    return f"{name} (claimed)" if row.owner_source == "claimed" else name


def part(held: Number | None, most: Number | None, shown: Callable[[Number], str] = str) -> str:
    """Return ``3 of 8``: what is held now, of what can be; either alone where the other is not known."""
    if held is None:
        return "" if most is None else shown(most)
    return f"{shown(held)} of {'?' if most is None else shown(most)}"


def share(held: float | None, most: float | None) -> str:
    """Return ``12 of 37 %``: of the whole cluster, what is held now, of what can be; small ones with one decimal."""
    known = part(held, most, _two_digits) if held is not None and most is not None else _two_digits(held, most)
    return f"{known} %" if known else ""


def _two_digits(*values: float | None) -> str:
    value = next((value for value in values if value is not None), None)
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.1f}"  # noqa: PLR2004 - two digits


def links_of(row: SessionRow) -> list[tuple[str, str]]:
    """Return where a person can look on, by name; no URL but those of the web."""
    links = row.session.links
    spark_ui = links.spark_ui or (row.application.tracking_url if row.application else None)
    driver_log = links.driver_log or (row.application.driver_log if row.application else None)
    named = (("Spark UI", spark_ui), ("driver log", driver_log), ("history", links.history_server))
    return [(name, url) for name, url in named if url and page.is_of_the_web(url)]


def _whose(row: SessionRow) -> str:
    if row.this_notebook:
        return "this notebook"
    return {True: "mine", False: "", None: "not known"}[row.mine]


def _idle(row: SessionRow) -> str:
    quiet = duration(row.quiet_seconds)
    if row.at_work == "no":
        return quiet if row.is_idle else ""
    return f"{quiet}, holds executors" if quiet else "holds executors"


def _application(row: SessionRow) -> str:
    shown = plain(row.app_id or "", LONGEST_CELL)
    state = row.application.state if row.application else "RUNNING"
    return shown if state.upper() == "RUNNING" else f"{shown} ({plain(state, LONGEST_CELL)})"
