"""Which sessions a quota counts, for whom, and how large each is: its ceiling, never what it happens to hold now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.policy.at_most import ceiling_at_most
from livyguard.policy.footprint import Footprint
from livyguard.policy.holding import listed
from livyguard.policy.identity import is_same
from livyguard.policy.quota import Held, Usage
from livyguard.policy.states import COUNTED
from livyguard.policy.tags import CEILING, TENANT, tagged_ceiling
from livyguard.sessions.ownership import may_be

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from livyguard.policy.quota import Amount
    from livyguard.policy.tenancy import Tenancy
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["Counting"]


@dataclass(frozen=True, slots=True)
class Counting:
    """Whose sessions are counted, at one Livy.

    Attributes:
        tenancy: of the user.
        member: returns the tenancy of an owner, and the layers by which they are of the user's tenant; None where there
            is no such layer. The session's tags of tenants are passed along: who belongs by a group is known from them
            alone.
        shared_accounts: log-ins that name nobody.
        is_me: the user is whoever counts, so that this machine's ledger and log-in prove what is theirs.
        noted: this machine's ledger. Where Livy tells no owner a session counts as one's own as long as nothing
            contradicts its entry: to count it is not to act on it.
    """

    tenancy: Tenancy
    member: Callable[[str, frozenset[str]], tuple[Tenancy, frozenset[int]] | None]
    shared_accounts: frozenset[str]
    is_me: bool = True
    noted: Sequence[LedgerEntry] = ()

    def usage(self, rows: Iterable[SessionRow]) -> Usage:
        """Return what is held by the sessions of a listing that count.

        Sessions whose owner nobody tells are not counted, nor those of which only a tag says whose they are, since
        anybody can write a tag: of these it is only said how many there are.
        """
        held: list[Held] = []
        unowned, sizes = 0, _Sizes()
        for row in list(rows):
            if row.state not in COUNTED:
                continue
            is_own, owner = self._is_own(row), self._owner(row)
            if owner is None and not is_own:
                unowned += 1
                continue
            if is_own:
                held.append(self._held(row, sizes, self.tenancy))
                continue
            found = self.member(str(owner), _of_tenants(row))
            if found is not None:
                theirs, layers = found
                held.append(replace(self._held(row, sizes, theirs), is_own=False, layers=layers))
        return Usage(tuple(sorted(held, key=lambda one: one.id)), unowned)

    def _owner(self, row: SessionRow) -> str | None:
        is_nobody = row.owner_source in {None, "claimed"} or row.owner in self.shared_accounts
        return None if is_nobody else row.owner

    def _is_own(self, row: SessionRow) -> bool:
        if row.mine is True and self.is_me:
            return True
        owner, user = self._owner(row), self.tenancy.user
        if owner is None:
            return self.is_me and any(_may_be(row, entry) for entry in self.noted)
        return user is not None and is_same(owner, user)

    def _held(self, row: SessionRow, ceilings: _Sizes, theirs: Tenancy) -> Held:
        told = ceilings.told(row, theirs)
        known: dict[Amount, int | None] = {
            "executors": told.executors,
            "memory": told.memory_mib,
            "cores": told.cores,
        }
        assumed = frozenset(amount for amount, number in known.items() if number is None)
        sizes = known | ceilings.most(theirs, assumed)
        return Held(
            id=row.id,
            executors=sizes["executors"] or 0,
            memory_mib=sizes["memory"] or 0,
            cores=sizes["cores"] or 0,
            assumed=assumed,
            is_idle=row.mine is True and row.state == "idle" and row.at_work != "yes",
            idle_seconds=row.quiet_seconds,
            is_this=row.this_notebook,
            held_now=row.held if row.application is not None else None,
        )


class _Sizes:
    """The ceilings of one listing's sessions; what has the same sizes under the same rules is worked out once."""

    def __init__(self) -> None:
        self._listed: dict[tuple[int, int], Footprint] = {}
        self._limits: dict[int, Footprint] = {}

    def told(self, row: SessionRow, tenancy: Tenancy) -> Footprint:
        """Return a session's ceiling as Livy's own fields tell it; what they leave open, as livyguard's tags do."""
        session, entry = row.session, row.entry
        key = id(session.sizes), id(tenancy.books)  # Livy's client gives equal sizes as one object
        fields = self._listed.get(key)
        if fields is None:
            fields = self._listed[key] = listed(session.sizes, tenancy)
        if None not in (fields.executors, fields.memory_mib, fields.cores):
            return fields
        noted = (f"{CEILING}{entry.ceiling}",) if entry is not None and entry.ceiling else ()
        tags = tagged_ceiling([*_tags(row), *noted]) or Footprint()
        return Footprint(
            executors=_either(fields.executors, tags.executors),
            memory_mib=_either(fields.memory_mib, tags.memory_mib),
            cores=_either(fields.cores, tags.cores),
        )

    def most(self, tenancy: Tenancy, amounts: Collection[Amount]) -> dict[Amount, int | None]:
        """Return the most of some amounts that a session which livyguard let through can hold; None: nothing says."""
        if not amounts:
            return {}
        limits = self._limits.get(id(tenancy.books))
        if limits is None:
            limits = self._limits[id(tenancy.books)] = ceiling_at_most(tenancy)
        most = {"executors": limits.executors, "memory": limits.memory_mib, "cores": limits.cores}
        return {amount: _smallest([most[amount], *_quotas(tenancy, amount)]) for amount in amounts}


def _may_be(row: SessionRow, entry: LedgerEntry) -> bool:
    """Tell whether a session may be the one of an entry; YARN shows the tag where Livy does not."""
    return entry.tag in _tags(row) or may_be(row.session, entry)


def _of_tenants(row: SessionRow) -> frozenset[str]:
    """Return the tags of tenants, as Livy shows them, or YARN where Livy does not."""
    return frozenset(tag for tag in _tags(row) if tag.startswith(TENANT))


def _tags(row: SessionRow) -> frozenset[str]:
    return row.session.tags | (row.application.tags if row.application is not None else frozenset())


def _either(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _quotas(tenancy: Tenancy, amount: Amount) -> Iterable[int]:
    return (each.most for each in tenancy.quotas if each.amount == amount)


def _smallest(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
