"""Who is asking, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Identity", "Trust", "Witness", "is_same"]

Trust = Literal["reported", "claimed"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as some part of the system names them.

    Attributes:
        user: the name; None where nobody says one, or where it names nobody (a shared account).
        trust: ``reported`` by something that authenticated the user, or ``claimed`` by environment or machine.
        source: what said so, in words for ``%livy_policy``: ``"the endpoint's basic-auth user"``.
        groups: names of the groups, with the same trust.
    """

    user: str | None
    trust: Trust
    source: str
    groups: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Witness:
    """What one source says of who is asking, for those who want to know how a name is known.

    Attributes:
        source: which, in words, as in :class:`Identity`.
        trust: what its word is worth.
        user: whom it names; None for nobody.
        groups: of this user, as this source knows them.
        note: why it names nobody, or why what it says is not followed; one or two sentences.
        counts: whether it is the one that is believed.
    """

    source: str
    trust: Trust
    user: str | None = None
    groups: frozenset[str] = field(default_factory=frozenset)
    note: str | None = None
    counts: bool = False


def is_same(one: str, other: str) -> bool:
    """Tell whether two names are one person's: the same, or one of them is the short name of the other.

    ``alice`` is ``alice@EXAMPLE.COM``; two with different realms are two people, and so are two of different case.
    """
    return one == other or one == other.partition("@")[0] or other == one.partition("@")[0]
