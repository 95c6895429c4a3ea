"""Use case: tell somebody what the policy says of them at one Livy, with what they hold of their quotas there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.errors import LivyguardError
from livyguard.policy.report import report

if TYPE_CHECKING:
    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Policy
    from livyguard.policy.report import PolicyReport
    from livyguard.ports import Clock, SessionStore
    from livyguard.quotas import Quotas

__all__ = ["standing"]


def standing(
    policy: Policy | None, who: Identity, store: SessionStore, quotas: Quotas, clock: Clock, *, is_me: bool = True
) -> PolicyReport:
    """Return what the policy says of somebody, and what they hold; Livy is asked only where a quota holds.

    A Livy that cannot be read leaves the rest as it is, and is told in ``usage_fault``.

    Args:
        policy: None limits nothing.
        who: of whom.
        store: the Livy.
        quotas: reads what is held.
        clock: the time, for dated grants.
        is_me: it is whoever asks, so that this machine's ledger and log-in prove what is theirs.
    """
    told = report(policy, who, store.endpoint, clock.now())
    if policy is None or not (told.quota or told.team_quota):
        return told
    try:
        usage = quotas.survey(store, policy, who, is_me=is_me)
    except LivyguardError as error:
        return replace(told, usage_at=store.endpoint, usage_fault=" ".join(str(error).split()))
    return replace(report(policy, who, store.endpoint, clock.now(), usage), usage_at=store.endpoint)
