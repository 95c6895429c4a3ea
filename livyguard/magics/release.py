"""What ``%livy_release`` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.errors import InvalidInput, LivyguardError
from livyguard.release import ReleaseRequest
from livyguard.release import release as free
from livyguard.sessions.durations import parse_duration
from livyguard.views.release import ReleaseView, text

if TYPE_CHECKING:
    from livyguard.bootstrap import Kernel
    from livyguard.sessions.outcome import ReleaseReport

__all__ = ["release"]


class NotReleased(LivyguardError):
    """Something that was asked for by its number was refused or failed; the report says what."""


def release(kernel: Kernel, args: Any) -> ReleaseView | None:
    """Free what the options name, make SparkMagic forget what this notebook has freed, and return the report.

    Raises:
        NotReleased: something was refused or failed; the report is the text, so that "Run All" stops there.
    """
    if args.this and args.session:
        raise InvalidInput("--this frees this notebook's session; session ids beside it say something else.")
    stores = kernel.stores(args.url)
    rights = kernel.rights(stores[0])
    report = free(
        stores,
        kernel.ledger,
        kernel.clock,
        ReleaseRequest(
            ids=tuple(args.session),
            this=args.this,
            idle_for=parse_duration(args.idle_for) if args.idle_for else None,
            user=args.user,
            dry_run=args.dry_run,
            force=args.force,
            is_operator=rights.is_operator,
            idle_after=rights.idle_after,
        ),
        **kernel.whose(stores),
    )
    _forget(kernel, report)
    if args.json:
        print(json.dumps(report.to_json(), indent=2))  # noqa: T201 - it is the output
        return None
    if report.is_failure and not report.is_dry_run:
        raise NotReleased(text(report))
    return ReleaseView(report)


def _forget(kernel: Kernel, report: ReleaseReport) -> None:
    """Reset the notebook whose session was freed, so that its next cell starts afresh."""
    if not kernel.has_sparkmagic:
        return
    freed = {
        (outcome.row.endpoint, outcome.session_id)
        for result in ("released", "gone")
        for outcome in report.having(result)
        if outcome.row is not None
    }
    for session in kernel.notebook.sessions():
        if (session.store.endpoint, session.session_id) in freed:
            kernel.notebook.forget(session)
