"""What ``%livy_policy`` and ``%%livy_check`` do: ask the policy, and Livy what is held where a quota holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from livyguard.errors import InvalidPolicy
from livyguard.policy.body import parse_body
from livyguard.standing import standing
from livyguard.views.check import CheckView
from livyguard.views.policy import PolicyView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livyguard.bootstrap import Kernel
    from livyguard.policy.report import PolicyReport

__all__ = ["check", "show"]

View = TypeVar("View", PolicyView, CheckView)


def show(kernel: Kernel, args: Any) -> PolicyView | None:
    """Return what the policy says of whoever asks, also where it is invalid or there is none."""
    return _told(PolicyView(_report(kernel, args.url)), as_json=args.json)


def check(kernel: Kernel, args: Any, cell: str) -> CheckView | None:
    """Return what the policy would do to a body, as a ``%%configure`` of it would have it done.

    Raises:
        InvalidBody: it is no JSON object; line and column.
        SessionDenied: the policy is invalid, so there is no answer.
    """
    body = parse_body(cell)
    store = kernel.stores(args.url)[0]
    asked, operator, notices = _asked(kernel, body)
    replacing = kernel.notebook.replaced(store) if kernel.has_sparkmagic else ()
    decision = kernel.guard.judge(store, asked, operator, replacing)
    return _told(CheckView(decision, kernel.configure_magic(), notices), as_json=args.json)


def _report(kernel: Kernel, url: str | None) -> PolicyReport:
    store = kernel.stores(url)[0]
    who = kernel.identities.who(store)
    faults: tuple[str, ...] = ()
    try:
        policy = kernel.policies.policy()
    except InvalidPolicy as error:
        policy, faults = None, error.faults
    return replace(
        standing(policy, who, store, kernel.quotas, kernel.clock),
        faults=faults,
        searched=tuple(map(str, kernel.policies.search_path)),
        witnesses=kernel.identities.sources(store),
    )


def _asked(
    kernel: Kernel, body: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]], Sequence[str]]:
    """Return what would reach Livy's door by this notebook, the operator's settings below it, and what is in vain."""
    if not kernel.has_sparkmagic:
        return body, (), ()
    from livyguard.sparkmagic.settings import asked_by, without_effect

    kind = kernel.notebook.kind()
    return *asked_by(body, kind), without_effect(body, kind)


def _told(view: View, *, as_json: bool) -> View | None:
    """Return a view, or print its JSON."""
    if not as_json:
        return view
    print(json.dumps(view.to_json(), indent=2))  # noqa: T201 - it is the output
    return None
