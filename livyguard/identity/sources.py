"""Who is asking: what every source says, which of them is believed, and whose groups count."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from livyguard.identity.claims import claimed
from livyguard.identity.system import groups_of
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.identity import Identity, Witness, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from livyguard.ports import SessionStore

__all__ = ["Identities"]

LIVY = "the owner that Livy gave to this notebook's session"


class Identities:
    """The ``IdentitySource`` port.

    Reported, in this order: the owner in Livy's own answer, the login at the endpoint, JupyterHub, SageMaker. The
    first that names a person is believed. A claim (environment, else operating system) counts only where nothing is
    reported at all.

    **A shared account names nobody**: where the login is ``livy`` or ``hadoop``, the next reported source is asked. If
    none knows better the account's name stays, so that it can be shown and the policy can treat it as nobody.

    **Groups** belong to the name that came with them, and are worth what their source is. They count for whoever is
    believed if that is the same person by a source of the same trust: JupyterHub's ``ml`` of ``alice`` counts for the
    login ``alice``, also as ``alice@EXAMPLE.COM``; it does not for the login ``bob``. The operating system's groups
    count for a claimed name that is the process's own account, and never for a reported one: that would make a claim
    into a report. A shared account has none: ``users`` of ``jovyan`` is in the image, whoever sits in front of it.

    Args:
        fallback: the claim, as it was when the guard was loaded.
        learned: returns Livy's own ``owner`` in the answer to a POST of this kernel through a store, or None.
        further: further sources, ``reported``, the best first; each returns None where it does not exist here, and
            keeps its answer. None is called before somebody wants to know.
        shared: returns the accounts that name nobody.
    """

    def __init__(
        self,
        fallback: Identity | None = None,
        learned: Callable[[SessionStore], str | None] | None = None,
        further: Sequence[Callable[[], Witness | None]] = (),
        shared: Callable[[], Collection[str]] = lambda: SHARED_ACCOUNTS,
    ) -> None:
        self._fallback = fallback if fallback is not None else claimed(os.environ)
        self._learned = learned
        self._further = further
        self._shared = shared

    def who(self, store: SessionStore) -> Identity:
        """Return the best known identity at an endpoint."""
        told, shared = self._told(store), self._shared()
        believed = _believed(told, shared)
        return Identity(believed.user, believed.trust, believed.source, _groups(believed, told, shared))

    def sources(self, store: SessionStore) -> tuple[Witness, ...]:
        """Return what every source says, the best first, and of each that is not followed why."""
        told, shared = self._told(store), self._shared()
        believed = _believed(told, shared)
        return tuple(_shown(each, believed, shared) for each in told)

    def _told(self, store: SessionStore) -> list[Witness]:
        owner = (self._learned(store) if self._learned is not None else None) or None
        login = store.authenticated_user or None
        further = (ask() for ask in self._further)
        return [
            Witness(LIVY, "reported", owner, note=None if owner else "Livy has named no owner yet."),
            Witness(f"the login at {store.endpoint}", "reported", login, note=None if login else "It names no user."),
            *(each for each in further if each is not None),
            self._claim,
        ]

    @cached_property
    def _claim(self) -> Witness:
        who = self._fallback
        note = None if who.user else "Neither environment nor operating system names a user."
        return Witness(who.source, who.trust, who.user, who.groups | groups_of(who.user), note)


def _believed(told: Sequence[Witness], shared: Collection[str]) -> Witness:
    reported = [each for each in told if each.user is not None and each.trust == "reported"]
    people = [each for each in reported if each.user not in shared]
    return next(iter([*people, *reported, told[-1]]))


def _groups(believed: Witness, told: Iterable[Witness], shared: Collection[str]) -> frozenset[str]:
    return frozenset[str]().union(*(each.groups for each in told if not _unheeded(each, believed, shared)))


def _unheeded(source: Witness, believed: Witness, shared: Collection[str]) -> str | None:
    """Return why the groups that a source knows do not count; None where they do."""
    if source.user is None or believed.user is None:
        return "There is no user whose groups they are."
    if source.user in shared:
        return f"{source.user} is a shared account: it names nobody, and its groups are nobody's."
    if source.trust != believed.trust:
        return "What is only claimed adds no groups to a reported user."
    if not is_same(source.user, believed.user):
        return f"Groups of {source.user} are not those of {believed.user}."
    return None


def _shown(source: Witness, believed: Witness, shared: Collection[str]) -> Witness:
    is_shared = source.user is not None and source.user in shared
    why = _unheeded(source, believed, shared) if source.groups or is_shared else None
    return replace(source, note=" ".join(filter(None, [source.note, why])) or None, counts=source is believed)
