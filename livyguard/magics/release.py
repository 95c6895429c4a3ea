"""What ``%livy_release`` does."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from livyguard.cleanup import forget_released, tell_lost
from livyguard.errors import InvalidInput, LivyguardError
from livyguard.release import ReleaseRequest
from livyguard.release import release as free
from livyguard.sessions.durations import parse_duration
from livyguard.sessions.filters import parse_apps, parse_ids
from livyguard.views.release import ReleaseView, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.bootstrap import Kernel
    from livyguard.sessions.rows import SessionRow

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
    if (args.this or args.session or args.app) and (args.user or args.all_users):
        raise InvalidInput("Session ids, --app and --this exclude --user and --all-users.")
    if args.user is not None and args.all_users:
        raise InvalidInput("--user and --all-users exclude each other: one names whose, the other is everybody's.")
    stores = kernel.stores(args.url)
    rights = [kernel.rights(store) for store in stores]  # who is asking may be somebody else at each
    request = ReleaseRequest(
        ids=parse_ids(args.session),
        apps=parse_apps(args.app),
        this=args.this,
        idle_for=parse_duration(args.idle_for) if args.idle_for else None,
        user=args.user,
        all_users=args.all_users,
        dry_run=args.dry_run,
        force=args.force,
        is_operator=all(one.is_operator for one in rights),
        idle_after=max(one.idle_after for one in rights),
    )
    with closing(kernel.display.progress()) as progress:
        report = free(
            stores,
            kernel.ledger,
            kernel.clock,
            request,
            applications=kernel.applications,
            progress=progress,
            show=None if args.json or args.dry_run else lambda rows: _show(kernel, rows),
            **kernel.whose(stores),
        )
    if kernel.has_sparkmagic:
        forget_released(kernel.notebook, report)
        if args.this and not args.dry_run:
            tell_lost(kernel.notebook, kernel.display)
    if args.json:
        print(json.dumps(report.to_json(), indent=2))  # noqa: T201 - it is the output
        return None
    if report.is_failure and not report.is_dry_run:
        raise NotReleased(text(report))
    return ReleaseView(report)


def _show(kernel: Kernel, rows: Sequence[SessionRow]) -> None:
    """Say what is about to be freed, where that is more than the one that was meant."""
    if len(rows) > 1:
        kernel.display.releasing(rows)
