"""What is said where a quota refuses: what is held, which idle sessions would make room, and for how much there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.decision import OVER_QUOTA, Violation
from livyguard.policy.wording import idle_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.policy.quota import Bound, Excess, Held, Usage

__all__ = ["refusal"]

_UNITS = {"sessions": "session", "executors": "executor", "cores": "core"}
_GIB = 1024
#: The name under which a user whom no tenant matches is shown.
_NOBODYS = "defaults"


def refusal(each: Excess, usage: Usage, tenant: str, *, going: Sequence[Held] = (), why: str = "") -> Violation:
    """Return a quota that would be exceeded as a violation; of others' sessions it tells numbers alone.

    Args:
        each: what would be exceeded.
        usage: what is held without it.
        tenant: name of the user's tenant, of a team's quota in the layer that sets it.
        going: the user's own idle sessions that would make room; none where that is not to be said here.
        why: a sentence on what has no bound, where nothing tells how much is asked.
    """
    bound = each.bound
    told = f"{_of_team(each, usage, tenant) if bound.is_team else _of_user(each, usage)}{_ways_out(each, going)}."
    return Violation(
        bound.name,
        None if each.asked is None else bound.write(each.asked),
        f"at most {_words(bound, each.left, is_least=True)} more" if each.left else "none more",
        bound.rule,
        f"{told} {why}" if why else told,
        code=OVER_QUOTA,
        what="would be exceeded" if each.left else "is used up",
    )


def _of_user(each: Excess, usage: Usage) -> str:
    assumed = _assumed(each.bound, usage)
    sessions = f"session{'s' if len(assumed) > 1 else ''} {_listed([str(one.id) for one in assumed])}"
    doubt = f" (what Livy does not tell of {sessions} is assumed to be the most that you may have)"
    return f"You hold {_share(each)}{doubt if assumed else ''}"


def _of_team(each: Excess, usage: Usage, tenant: str) -> str:
    bound, assumed = each.bound, len(_assumed(each.bound, usage))
    own = sum(one.holds(bound.amount) for one in usage.counted(bound) if one.is_own)
    whose = "All whom no tenant names" if tenant == _NOBODYS else f"The members of {tenant}"
    of_them = "it" if bound.amount == "memory" else "them"
    counts = (
        "so it counts as the most that it may have" if assumed == 1 else "so each counts as the most that it may have"
    )
    doubt = f" (of {assumed} of these sessions Livy tells too little, {counts})"
    yours = f"{_words(bound, own) if own else 'none'} of {of_them} yours"
    return f"{whose} hold {_share(each)} together, {yours}{doubt if assumed else ''}"


def _assumed(bound: Bound, usage: Usage) -> list[Held]:
    return [one for one in usage.counted(bound) if bound.amount in one.assumed]


def _share(each: Excess) -> str:
    """Return how much of a quota is held: ``12 of 16 executors``, ``30g of 40g of memory``."""
    bound = each.bound
    if bound.amount == "memory":
        return f"{_words(bound, each.held)} of {bound.write(bound.most) if bound.most else '0g'} of memory"
    return f"{each.held} of {bound.most} {_UNITS[bound.amount]}{'' if bound.most == 1 else 's'}"


def _ways_out(each: Excess, going: Sequence[Held]) -> str:
    told = [_told(each.bound, one) for one in going]
    return "".join(f"; {one}" for one in (*told[:-2], "; and ".join(told[-2:]))) if told else ""


def _told(bound: Bound, one: Held) -> str:
    since = "" if one.idle_seconds is None else f" {idle_for(one.idle_seconds)}"
    if bound.amount == "sessions":
        return f"session {one.id} has been idle for{since}" if since else f"session {one.id} is idle"
    return f"session {one.id}, idle{since}, holds {_words(bound, one.holds(bound.amount))}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _words(bound: Bound, number: int, *, is_least: bool = False) -> str:
    """Return an amount for a sentence: memory in GiB with one decimal, rounded down where so much must be there."""
    if bound.amount != "memory":
        return str(number)
    tenths = number * 10 // _GIB if is_least else round(number * 10 / _GIB)
    return f"{tenths / 10:g}g" if number >= _GIB or not number else f"{number}m"
