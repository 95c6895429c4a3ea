"""Whose a session is, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.model import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.sessions.model import LedgerEntry, OwnerSource, Session

__all__ = ["Ownership", "is_another", "is_the_one", "may_be", "mine", "ownership", "proof"]

USER_TAG = "livyguard-user-"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The owner of a session as shown, and whether it is ours as acted on.

    Attributes:
        owner: a name, or None where nobody tells one.
        source: what told it; ``claimed`` is a tag that anybody can write: shown, never acted on.
        mine: True, False, or None where nothing proves either.
        entry: the ledger entry that proves it was created from here; None without proof.
    """

    owner: str | None
    source: OwnerSource | None
    mine: bool | None
    entry: LedgerEntry | None = None


def ownership(
    session: Session,
    authenticated_user: str | None,
    entries: Iterable[LedgerEntry],
    shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
) -> Ownership:
    """Return whose a session is.

    An owner whom Livy tells decides: it is mine if it is the user that the endpoint authenticated, or if the ledger
    proves that it was created from here under the same log-in (a service account that acts for people). Where Livy
    tells none, or a shared account, only the ledger can say that it is mine, and nobody can say that it is not. So it
    is with my own name where Livy tells of no log-in: it takes any ``proxyUser``, and any name that we send it.

    Args:
        session: as Livy lists it.
        authenticated_user: who we are at this endpoint, or None.
        entries: the ledger's; those of other endpoints are passed over.
        shared_accounts: names that name nobody.
    """
    entry = proof(session, entries)
    told: OwnerSource = "proxyUser" if session.proxy_user else "owner"
    if session.owner is not None and session.owner not in shared_accounts:
        is_named_so = session.owner == authenticated_user
        is_from_here = entry is not None and entry.login == session.login
        if is_named_so and not is_from_here and session.login is None and session.tells_login:
            return Ownership(session.owner, told, None)  # Livy logs nobody in: the name was only claimed
        return Ownership(session.owner, told, is_named_so or is_from_here, entry)
    if entry is not None:
        return Ownership(entry.user or session.owner, "ledger", True, entry)
    claimed = _claimed(session)
    if claimed is not None:
        return Ownership(claimed, "claimed", None)
    return Ownership(session.owner, told if session.owner else None, None)


def mine(
    session: Session,
    authenticated_user: str | None,
    entries: Iterable[LedgerEntry],
    shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
) -> bool | None:
    """Return whether a session is mine; None where nothing proves either. See :func:`ownership`."""
    return ownership(session, authenticated_user, entries, shared_accounts).mine


def proof(session: Session, entries: Iterable[LedgerEntry]) -> LedgerEntry | None:
    """Return the entry that proves that a session was created from this machine.

    The number alone proves nothing, since numbers start again at 0 when Livy does: our tag must stand in the
    session's tags, or the applications must be known and the same. A session that was asked for and whose number Livy
    has not told yet is known by its tag.
    """
    for entry in entries:
        if (entry.endpoint, entry.session_id) == (session.endpoint, UNTOLD) and entry.tag in session.tags:
            return replace(entry, session_id=session.id)
        is_same_number = (entry.endpoint, entry.session_id) == (session.endpoint, session.id)
        if is_same_number and is_the_one(session, entry):
            return entry
    return None


def is_the_one(session: Session, entry: LedgerEntry) -> bool:
    """Tell whether a session carries the tag, or has the application, of the one that was entered.

    By itself that is no proof: anybody can write a tag.
    """
    return entry.tag in session.tags or (entry.app_id is not None and entry.app_id == session.app_id)


def is_another(session: Session, entry: LedgerEntry) -> bool:
    """Tell whether a session is provably not the one that was entered under its number.

    Where Livy shows neither tags nor application nor owner (before 0.8, on local Spark) nothing is proven.
    """
    lacks_our_tag = session.tells_tags and entry.tag not in session.tags
    return lacks_our_tag or _differ(entry.app_id, session.app_id) or _differ(entry.login, session.login)


def may_be(session: Session, entry: LedgerEntry) -> bool:
    """Tell whether a session is, or may be, the one that was entered: it carries the tag, or nothing contradicts it."""
    is_same_place = (session.endpoint, session.id) == (entry.endpoint, entry.session_id)
    return entry.tag in session.tags or (is_same_place and not is_another(session, entry))


def _differ(noted: str | None, found: str | None) -> bool:
    return noted is not None and found is not None and noted != found


def _claimed(session: Session) -> str | None:
    """Return the user that a session's own tag names, or None."""
    users = sorted(tag.removeprefix(USER_TAG) for tag in session.tags if tag.startswith(USER_TAG))
    return next((user for user in users if user), None)
