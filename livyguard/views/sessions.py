"""The listing as text, HTML, JSON and a table to work with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from markupsafe import Markup

from livyguard.views import page
from livyguard.views.shown import Shown
from livyguard.views.text import columns, duration, memory, plain

if TYPE_CHECKING:
    from livyguard.policy.footprint import Footprint
    from livyguard.sessions.rows import SessionList, SessionRow

__all__ = ["MIME", "SessionTable", "html", "notes", "text"]

MIME = "application/vnd.livyguard.sessions.v1+json"

HEADERS = (
    "Session",
    "Owner",
    "Whose",
    "State",
    "Idle for",
    "Executors",
    "Memory",
    "Cores",
    "Kind",
    "Name",
    "Application",
    "Endpoint",
)
NUMBERS = frozenset({0, 5, 6, 7})
TOTAL_HEADERS = ("Owner", "Sessions", "Executors", "Memory", "Cores")
TOTAL_NUMBERS = frozenset({1, 2, 3, 4})
LONGEST_CELL = 60


class SessionTable(Shown, Sequence["SessionRow"]):
    """A listing that shows itself in a notebook and a terminal; a sequence of rows.

    ``.to_frame()`` makes a pandas DataFrame of it, ``.to_json()`` plain objects.
    """

    mime = MIME

    def __init__(self, sessions: SessionList) -> None:
        self.sessions = sessions

    @overload
    def __getitem__(self, index: int) -> SessionRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SessionRow]: ...
    def __getitem__(self, index: int | slice) -> SessionRow | Sequence[SessionRow]:
        return self.sessions[index]

    def __len__(self) -> int:
        return len(self.sessions)

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.sessions)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.sessions)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object a session, as ``livyguard sessions --json`` prints."""
        return self.sessions.to_json()

    def to_frame(self) -> Any:
        """Return a DataFrame with the fields of the JSON as columns, one row a session."""
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; a second to import

        rows = self.to_json()
        flat = [{**row, **{f"link_{name}": url for name, url in row.pop("links").items()}} for row in rows]
        return pd.DataFrame(flat).convert_dtypes() if flat else pd.DataFrame(columns=["id"])


def text(sessions: SessionList) -> str:
    """Return the listing as plain text, complete."""
    parts = [f"{_caption(sessions)}\n{columns(HEADERS, _cells(sessions), NUMBERS)}".rstrip()]
    totals = _totals(sessions)
    if len(totals) > 1:
        parts.append("At most, by owner\n" + columns(TOTAL_HEADERS, totals, TOTAL_NUMBERS))
    links = [f"{row.id}: {name} {plain(url)}" for row in sessions if row.mine for name, url in _links(row)]
    if links:
        parts.append("Links of my sessions\n" + "\n".join(links))
    return "\n\n".join([*parts, *notes(sessions)])


def html(sessions: SessionList) -> Markup:
    """Return the listing as an HTML table; everything foreign in it is escaped."""
    cells = [
        [*cell, Markup(" ").join(page.link(name, url) for name, url in _links(row))]
        for cell, row in zip(_cells(sessions), sessions, strict=True)
    ]
    parts = [page.table(_caption(sessions), [*HEADERS, "Links"], cells, NUMBERS)] if cells else []
    if not cells:
        parts.append(page.note(_caption(sessions)))
    totals = _totals(sessions)
    if len(totals) > 1:
        parts.append(page.table("At most, by owner", TOTAL_HEADERS, totals, TOTAL_NUMBERS))
    return page.section([*parts, *(page.note(note) for note in notes(sessions))])


def _caption(sessions: SessionList) -> str:
    where = " and ".join(plain(endpoint) for endpoint in sessions.endpoints) or "this endpoint"
    if not sessions.listed:
        return f"No Livy session on {where}."
    if not sessions:
        if sessions.listed == 1:
            return f"The one Livy session on {where} does not match."
        return f"None of the {sessions.listed} Livy sessions on {where} matches."
    mine = sum(row.mine is True for row in sessions)
    shown = f"{len(sessions)} of {sessions.listed}" if len(sessions) < sessions.listed else str(sessions.listed)
    noun = "Livy session" if sessions.listed == 1 else "Livy sessions"
    return f"{shown} {noun} on {where}, {mine} mine"


def _cells(sessions: SessionList) -> list[list[str]]:
    are_several = len(sessions.endpoints) > 1
    return [
        [
            str(row.id),
            owner_of(row),
            _whose(row),
            plain(row.state, LONGEST_CELL),
            duration(row.idle_seconds),
            _executors(row),
            memory(row.session.ceiling.memory_mib),
            _number(row.session.ceiling.cores),
            plain(row.session.kind or "", LONGEST_CELL),
            plain(row.session.name or "", LONGEST_CELL),
            plain(row.session.app_id or "", LONGEST_CELL),
            plain(row.endpoint, LONGEST_CELL) if are_several else "",
        ]
        for row in sessions
    ]


def owner_of(row: SessionRow) -> str:
    """Return an owner as shown; one that only a tag names is called so."""
    name = plain(row.owner or "not known", LONGEST_CELL)
    return f"{name} (claimed)" if row.owner_source == "claimed" else name


def _whose(row: SessionRow) -> str:
    if row.this_notebook:
        return "this notebook"
    return {True: "mine", False: "", None: "not known"}[row.mine]


def _executors(row: SessionRow) -> str:
    most = _number(row.session.ceiling.executors)
    return most if row.executors_held is None else f"{row.executors_held} of {most or '?'}"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _links(row: SessionRow) -> list[tuple[str, str]]:
    named = (("Spark UI", row.session.links.spark_ui), ("driver log", row.session.links.driver_log))
    return [(name, url) for name, url in named if url and page.is_of_the_web(url)]


def _totals(sessions: SessionList) -> list[list[str]]:
    return [
        [plain(total.owner or "not known", LONGEST_CELL), str(total.sessions), *_amounts(total.ceiling)]
        for total in sessions.totals()
    ]


def _amounts(ceiling: Footprint) -> tuple[str, str, str]:
    return _number(ceiling.executors), memory(ceiling.memory_mib), _number(ceiling.cores)


def notes(sessions: SessionList) -> list[str]:
    """Say what is not in the table: sessions that Livy does not list, endpoints that do not answer."""
    missing = [f"Livy lists no session {number}." for number in sessions.missing]
    return missing + [f"Not listed: {plain(fault)}" for fault in sessions.faults]
