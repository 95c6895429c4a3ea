"""Use case: what the policy says of a request, with what is held already; before it is sent, and once it is there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from livyguard.errors import InvalidPolicy, LivyguardError, QuotaUnchecked, SessionDenied, SessionVanished
from livyguard.policy.decision import OVER_QUOTA
from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint, over_quota
from livyguard.policy.judge import judge
from livyguard.policy.tags import ceiling_tag, tenant_tag
from livyguard.policy.tenancy import cluster_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

    from livyguard.policy.decision import Decision
    from livyguard.policy.identity import Identity
    from livyguard.policy.model import Policy
    from livyguard.policy.quota import Usage
    from livyguard.policy.tenancy import Tenancy
    from livyguard.ports import Clock, IdentitySource, PolicySource, SessionStore
    from livyguard.quotas import Quotas
    from livyguard.sessions.model import LedgerEntry

__all__ = ["Admission"]

UNCHECKED = "Whether one more session fits your quota could not be checked before the request, so nothing was sent."


class Admission:
    """Judges requests by the policy in force, for whoever asks.

    Args:
        policies: where the policy comes from.
        identities: who is asking.
        quotas: what is held; asked only where a quota holds.
        clock: the time, for dated grants.
    """

    def __init__(self, policies: PolicySource, identities: IdentitySource, quotas: Quotas, clock: Clock) -> None:
        self._policies = policies
        self._identities = identities
        self._quotas = quotas
        self._clock = clock

    def judge(
        self,
        store: SessionStore,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]],
        replacing: Collection[int] = (),
        *,
        is_binding: bool = True,
    ) -> tuple[Decision, Identity]:
        """Return what the policy says of a request, and who asks.

        Args:
            store: the endpoint that it would go to.
            asked: what the user gave, in Livy's shape.
            operator: what the operator preset, lowest first, in Livy's shape.
            replacing: numbers of sessions that it replaces, which are not counted.
            is_binding: a session is about to be created: where what is held cannot be read none is. Else it is only
                said that the quota was not looked at.

        Raises:
            SessionDenied: the policy is invalid and none was ever valid, so there is nothing to judge by.
            QuotaUnchecked: it is binding, and the sessions cannot be listed.
        """
        policy, who = self._policy(), self._identities.who(store)
        decide = self._decide(store, policy, who, asked, operator)
        tenancy = None if policy is None else self._tenancy(store, policy, who)
        if policy is None or tenancy is None or not tenancy.quotas:
            return decide(), who
        try:
            usage = self._quotas.read(store, policy, tenancy, without=replacing)
        except LivyguardError as error:
            if is_binding:
                raise QuotaUnchecked(f"{UNCHECKED} {error}", error) from error
            decision = decide()
            notice = f"What you hold could not be read, so your quota is not looked at: {error}"
            return replace(decision, notices=(*decision.notices, notice)), who
        look = partial(self._quotas.read, store, policy, tenancy, without=replacing, closely=True)
        return _closely(decide(usage=usage), decide, look), who

    def settle(
        self,
        store: SessionStore,
        entry: LedgerEntry,
        given: Decision,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]],
    ) -> Decision | None:
        """Hold a session that has just been created against what Livy had registered before it.

        Args:
            store: where it is.
            entry: this machine's record of it.
            given: the decision by which it was created.
            asked: as in :meth:`judge`.
            operator: as in :meth:`judge`.

        Returns:
            The refusal, where those with a lower number and this one exceed a quota; None where it may stay.

        Raises:
            SessionVanished: Livy no longer lists it.
            LivyguardError: the sessions cannot be listed.
        """
        policy, who = self._policy(), self._identities.who(store)  # Livy's answer may have told who we are
        tenancy = None if policy is None else self._tenancy(store, policy, who)
        if policy is None or tenancy is None or not tenancy.quotas:
            return None
        entries = fold(given.request).entries
        look = partial(self._quotas.below, store, policy, tenancy, entry)
        for closely in (False, True):  # a second look, at what is idle, too: what has gone meanwhile does not count
            usage = look(closely=closely)
            if usage is None:
                raise SessionVanished(f"Livy no longer lists session {entry.session_id}, which it had just created.")
            found, release = over_quota(entries, tenancy, usage)
            if not found:
                return None
        with suppress(LivyguardError):  # those that came later, and stay, count for what is asked for next
            usage = self._quotas.read(store, policy, tenancy, without={entry.session_id})
        again = self._decide(store, policy, who, asked, operator)(usage=usage)
        return replace(
            given,
            verdict="deny",
            tenant=tenancy.name,
            request=None,
            changes=(),
            violations=found,
            release=release,
            endpoint=store.endpoint if release else None,
            nearest=again.nearest if again.verdict == "deny" else dict(asked),
        )

    def tags(self, store: SessionStore, decision: Decision) -> tuple[str, ...]:
        """Return the tags by which others count a session; none where no quota holds.

        Those of tenants, of each layer with a team's quota, stand first: a size that no tag tells counts as the most.
        """
        policy = self._policy()
        if policy is None or decision.request is None:
            return ()
        who = self._identities.who(store)
        tenancy = self._tenancy(store, policy, who)
        tenants = dict.fromkeys(  # one of no team, too, lest others take its member for one of theirs
            tenant_tag(book.name) for book, layer in zip(tenancy.books, policy.layers, strict=True) if _has_team(layer)
        )
        ceiling = ceiling_tag(footprint(fold(decision.request).entries, tenancy)) if tenancy.quotas else None
        return (*tenants, *(() if ceiling is None else (ceiling,)))

    def is_on_kubernetes(self, store: SessionStore) -> bool:
        """Tell whether the policy says that the cluster behind an endpoint is one of Kubernetes."""
        policy = self._policy()
        cluster = None if policy is None else cluster_of(policy, store.endpoint)
        return cluster is not None and cluster.manager == "kubernetes"

    def _policy(self) -> Policy | None:
        try:
            return self._policies.policy()
        except InvalidPolicy as error:
            text = f"{error}\nNo session is created until it is mended; %livy_sessions and %livy_release work."
            raise SessionDenied(text) from error

    def _tenancy(self, store: SessionStore, policy: Policy, who: Identity) -> Tenancy:
        return resolve(policy, who, store.endpoint, self._clock.now())

    def _decide(
        self,
        store: SessionStore,
        policy: Policy | None,
        who: Identity,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]],
    ) -> Callable[..., Decision]:
        return partial(judge, policy, who, asked, operator=operator, endpoint=store.endpoint, now=self._clock.now())


def _has_team(layer: Policy) -> bool:
    """Tell whether a layer has a quota for all members of some tenant together."""
    return any(each.team_quota is not None for each in (layer.defaults, *layer.tenant))


def _closely(decision: Decision, decide: Callable[..., Decision], look: Callable[[], Usage]) -> Decision:
    """Judge once more what a quota refuses, with what could be freed; where nobody tells that it stays as it is."""
    if not any(each.code == OVER_QUOTA for each in decision.violations):
        return decision
    try:
        return decide(usage=look())
    except LivyguardError:
        return decision
