"""The listing as text, HTML, JSON and a table to work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from markupsafe import Markup

from livyguard.views import page
from livyguard.views.session_cells import HEADERS, LONGEST_CELL, NUMBERS, cells_of, links_of, owner_of, part, share
from livyguard.views.session_notes import cluster_faults, notes
from livyguard.views.shown import Shown
from livyguard.views.text import columns, memory, moment, plain

if TYPE_CHECKING:
    from livyguard.sessions.rows import SessionList, SessionRow, Total

__all__ = ["MIME", "OrphanTable", "SessionTable", "html", "notes", "owner_of", "text"]

MIME = "application/vnd.livyguard.sessions.v1+json"

#: Rows of the table in a notebook.
MOST_ROWS = 500
TOTAL_HEADERS = ("Owner", "Sessions", "Executors", "Memory", "Cores", "Share of the cluster")
TOTAL_NUMBERS = frozenset({1, 2, 3, 4, 5})
ORPHAN_HEADERS = ("Application", "State", "User", "Queue", "Holds", "Since", "Whose")


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


class OrphanTable(Shown):
    """The applications that have no session here, by themselves."""

    mime = MIME.replace("sessions", "orphans")

    def __init__(self, sessions: SessionList) -> None:
        self.sessions = sessions

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return "\n\n".join([*(_orphans_text(self.sessions) or [_none(self.sessions)]), *cluster_faults(self.sessions)])

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        found = _orphans_html(self.sessions) or [page.note(_none(self.sessions))]
        return page.section([*found, *(page.note(fault) for fault in cluster_faults(self.sessions))])

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object an application, as ``livyguard sessions --orphans --json`` prints."""
        return [orphan.to_json() for orphan in self.sessions.orphans]


_ORPHANS = "Applications without a session on this endpoint (another Livy may own them)"


def _none(sessions: SessionList) -> str:
    """Say why no application is shown."""
    if sessions.clusters:
        return f"Every application of a Livy in {' and '.join(map(plain, sessions.clusters))} has its session here."
    if sessions.cluster_faults:
        return "Which applications have no session is not known."
    return "No cluster was asked: the policy names no [cluster] resource_manager, and no cluster of Kubernetes."


def text(sessions: SessionList, release: str = "%livy_release") -> str:
    """Return the listing as plain text, complete; ``release`` is how a session is released where this is read."""
    parts = [f"{_caption(sessions)}\n{columns(HEADERS, cells_of(sessions), NUMBERS)}".rstrip()]
    totals = _totals(sessions)
    if totals:
        parts.append(f"{_totals_caption(sessions)}\n{columns(TOTAL_HEADERS, totals, TOTAL_NUMBERS)}")
    links = [f"{row.id}: {name} {plain(url)}" for row in sessions if row.mine for name, url in links_of(row)]
    if links:
        parts.append("Links of my sessions\n" + "\n".join(links))
    return "\n\n".join([*parts, *_orphans_text(sessions), *notes(sessions, release)])


def html(sessions: SessionList) -> Markup:
    """Return the listing as an HTML table; everything foreign in it is escaped.

    A table of thousands of rows makes a browser slow and a notebook large; the text and the JSON have them all.
    """
    shown = replace(sessions, rows=sessions.rows[:MOST_ROWS])
    cells = [
        [*cell, Markup(" ").join(page.link(name, url) for name, url in links_of(row))]
        for cell, row in zip(cells_of(shown), shown, strict=True)
    ]
    parts = [page.table(_caption(sessions), [*HEADERS, "Links"], cells, NUMBERS)] if cells else []
    if not cells:
        parts.append(page.note(_caption(sessions)))
    if len(sessions) > MOST_ROWS:
        more = len(sessions) - MOST_ROWS
        parts.append(
            page.note(f"{more} more: --mine, --user and --state narrow the listing down; -o NAME keeps it all.")
        )
    totals = _totals(sessions)
    if totals:
        parts.append(page.table(_totals_caption(sessions), TOTAL_HEADERS, totals, TOTAL_NUMBERS))
    return page.section([*parts, *_orphans_html(sessions), *(page.note(note) for note in notes(sessions))])


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


def _totals_caption(sessions: SessionList) -> str:
    return "Held now, of at most, by owner" if sessions.clusters else "At most, by owner"


def _totals(sessions: SessionList) -> list[list[str]]:
    """Return a line an owner; none where one owner has one session, of which the table says the same."""
    totals = sessions.totals()
    is_said = len(totals) < 2 and len(sessions) < 2  # noqa: PLR2004 - one owner, one session
    return [] if is_said else [_total(total) for total in totals]


def _total(total: Total) -> list[str]:
    held, most = total.held, total.ceiling
    owner = plain(total.owner or "not known", LONGEST_CELL)
    return [
        f"{owner} (claimed)" if total.is_claimed else owner,
        str(total.sessions),
        part(held.executors, most.executors),
        part(held.memory_mib, most.memory_mib, memory),
        part(held.cores, most.cores),
        share(total.share, total.most_share),
    ]


def _orphans_text(sessions: SessionList) -> list[str]:
    cells = _orphans(sessions)
    return [f"{_ORPHANS}\n{columns(ORPHAN_HEADERS, cells)}"] if cells else []


def _orphans_html(sessions: SessionList) -> list[Markup]:
    cells = _orphans(sessions)
    return [page.table(_ORPHANS, ORPHAN_HEADERS, cells)] if cells else []


def _orphans(sessions: SessionList) -> list[list[str]]:
    cells = []
    for orphan in sessions.orphans:
        one, entry = orphan.application, orphan.entry
        amounts = [
            memory(one.memory_mib),
            f"{one.cores} {'core' if one.cores == 1 else 'cores'}" if one.cores is not None else "",
        ]
        whose = "not known"
        if orphan.is_ours and entry is not None:
            whose = f"this machine's: session {entry.session_id}, which is gone"
        elif entry is not None:
            whose = f"session {entry.session_id} on {plain(entry.endpoint)}, which was not asked"
        cells.append(
            [
                plain(one.id, LONGEST_CELL),
                plain(one.state, LONGEST_CELL),
                plain(one.user or "", LONGEST_CELL),
                plain(one.queue or "", LONGEST_CELL),
                ", ".join(amount for amount in amounts if amount),
                moment(one.started),
                whose,
            ]
        )
    return cells
