"""Whether what a policy promises fits the cluster, as text, HTML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.capacity.amounts import cores, percent
from livyguard.capacity.promise import row_json, to_json
from livyguard.policy.wording import counted
from livyguard.views import page
from livyguard.views.shown import Shown
from livyguard.views.text import columns, memory, paragraph, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from livyguard.capacity.containers import Container
    from livyguard.capacity.fits import Case, PolicyFit, Row

__all__ = ["MIME", "FitView", "html", "text"]

MIME = "application/vnd.livyguard.fit.v1+json"
LONGEST = 1_000
CASES = ("Case", "People", "Sessions", "Executors", "Held at most", "Workers needed", "Fits")
CASE_NUMBERS = frozenset({1, 2, 3, 5})
TENANTS = ("Tenant", "People", "Sessions each", "Executors each", "A driver", "An executor", "Held at most")
TENANT_NUMBERS = frozenset({1, 2, 3})
TENANTS_CAPTION = "What each tenant's people may hold at the worst"
UNBOUNDED = "no bound"
UNTOLD = "AWS does not say"


class FitView(Shown):
    """A policy against its cluster that shows itself in a notebook and a terminal."""

    mime = MIME

    def __init__(self, fit: PolicyFit, notes: Sequence[str] = ()) -> None:
        self.fit = fit
        self.notes = tuple(notes)

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.fit, self.notes)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.fit, self.notes)

    def to_json(self) -> dict[str, Any]:
        """Return one object, as ``livyguard plan --policy FILE --json`` prints."""
        shown = to_json(self.fit)
        return {**shown, "notes": [*shown["notes"], *self.notes]}

    def to_frame(self) -> Any:
        """Return a DataFrame with one row for each case, ``worst`` and ``likely``, and tenant."""
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; a second to import

        cases = {"worst": self.fit.worst, "likely": self.fit.likely}
        rows = [_flat(name, row) for name, case in cases.items() for row in case.rows]
        return pd.DataFrame(rows).convert_dtypes()


_AMOUNTS = ("driver", "executor", "held")


def _flat(case: str, row: Row) -> dict[str, Any]:
    shown = row_json(row)
    amounts = {f"{name}_{unit}": (shown[name] or {}).get(unit) for name in _AMOUNTS for unit in ("memory_mib", "cores")}
    return {"case": case, **{name: shown[name] for name in shown if name not in _AMOUNTS}, **amounts}


def text(fit: PolicyFit, notes: Sequence[str] = ()) -> str:
    """Return it as plain text, complete; ``notes`` are added to its own."""
    parts = [f"{_headline(fit)}\n{columns(CASES, _cases(fit), CASE_NUMBERS)}"]
    parts.append(f"{TENANTS_CAPTION}\n{columns(TENANTS, [_row(row) for row in fit.worst.rows], TENANT_NUMBERS)}")
    return "\n\n".join([*parts, paragraph((*_sentences(fit), *fit.notes, *notes))])


def html(fit: PolicyFit, notes: Sequence[str] = ()) -> Markup:
    """Return it as HTML tables; everything foreign in it is escaped."""
    parts = [page.table(_headline(fit), CASES, _cases(fit), CASE_NUMBERS)]
    parts.append(page.table(TENANTS_CAPTION, TENANTS, [_row(row) for row in fit.worst.rows], TENANT_NUMBERS))
    said = [plain(note, LONGEST) for note in (*_sentences(fit), *fit.notes, *notes)]
    return page.section([*parts, *map(page.note, said)])


def _headline(fit: PolicyFit) -> str:
    kind = f" of type {fit.site.worker_type.name}" if fit.site.worker_type is not None else ""
    workers = f"{counted(fit.workers, 'worker')}{kind}"
    if fit.worst.fits and fit.likely.fits:
        held = "also when everybody holds all of it" if fit.is_held else "as far as it limits how large a session is"
        return f"What the policy lets people hold fits into {workers}, {held}."
    if fit.likely.fits:
        return f"What the policy lets people hold at the worst does not fit into {workers}; what they likely hold does."
    return f"What the policy lets people hold does not fit into {workers}."


def _sentences(fit: PolicyFit) -> list[str]:
    cases = (
        "At the worst everybody holds all that limits and quotas let them hold; likely "
        f"{percent(fit.at_once)} "
        "of them have one session each, as a notebook gets it that asks for nothing (--at-once)."
    )
    found = [cases]
    if fit.worst.need is None:
        found.append("Nothing bounds what one session may hold: it can take every executor there is.")
    return found


def _cases(fit: PolicyFit) -> list[list[str]]:
    return [_case("worst", fit.worst), _case(f"likely ({percent(fit.at_once)})", fit.likely)]


def _case(name: str, case: Case) -> list[str]:
    return [
        name,
        "not known" if case.people is None else str(case.people),
        str(case.sessions),
        _number(case.executors),
        _amount(case.held) if case.is_told else UNTOLD,
        UNBOUNDED if case.need is None else str(case.need.workers),
        "yes" if case.fits else "no",
    ]


def _row(row: Row) -> list[str]:
    return [
        plain(row.name),
        "not known" if row.people is None else str(row.people),
        str(row.sessions_each),
        _number(row.executors_each),
        UNTOLD if "driver" in row.untold else "beside Livy" if row.size.driver is None else _amount(row.size.driver),
        UNTOLD if "executor" in row.untold else _amount(row.size.executor),
        UNTOLD if row.untold else _amount(row.held),
    ]


def _number(number: int | None) -> str:
    return UNBOUNDED if number is None else str(number)


def _amount(amount: Container | None) -> str:
    if amount is None:
        return UNBOUNDED
    return f"{memory(amount.memory_mib)}, {cores(amount.cores)}"
