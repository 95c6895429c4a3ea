"""Who is asking, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Identity", "Trust"]

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
