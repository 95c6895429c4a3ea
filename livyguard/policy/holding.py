"""Holding a judged request against the quotas: it fits, or it is refused with the way out. A quota never clamps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.allocation import SPARK
from livyguard.policy.decision import OVER_QUOTA, Violation
from livyguard.policy.executors import SPARK_DEFAULT, ceiling_for
from livyguard.policy.footprint import SIDES, Footprint, ceiling_of, sizes
from livyguard.policy.properties import EXECUTORS
from livyguard.policy.quota import NOTHING_HELD, Excess, Usage, excesses, room
from livyguard.policy.request import Entry
from livyguard.policy.way_out import way_out
from livyguard.policy.wording import idle_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livyguard.policy.bench import Bench
    from livyguard.policy.quota import Bound, Held
    from livyguard.policy.request import SessionRequest
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["ceiling_at_most", "fitted", "footprint", "hold", "over_quota"]

#: What the sessions of a quota are called when they are counted.
_UNITS = {"sessions": "sessions", "executors": "executors", "memory": "memory", "cores": "cores"}
_GIB = 1024


def footprint(entries: Mapping[str, Entry], tenancy: Tenancy) -> Footprint:
    """Return the most that a session can ever hold once Livy is sent these entries.

    Spark's own defaults count where neither the request nor the policy's ``spark_defaults`` say anything. Executors are
    None where dynamic allocation is on and nothing caps it.
    """
    otherwise = {**SPARK, **tenancy.spark_defaults}
    if tenancy.is_dynamic is not True and not any(name in entries or name in otherwise for name in EXECUTORS):
        otherwise[EXECUTORS[3]] = Entry(SPARK_DEFAULT, SPARK_DEFAULT)
    return ceiling_of(entries, otherwise, is_dynamic=tenancy.is_dynamic, manager=tenancy.manager, step=tenancy.step)


def ceiling_at_most(tenancy: Tenancy) -> Footprint:
    """Return the most that any session of a tenant can hold, by its limits alone; None where nothing limits it."""
    largest = {name: _largest(rule) for name, rule in tenancy.rules.items() if name.startswith(SIDES)}
    given = {name: Entry(most, most) for name, most in largest.items() if most is not None}
    size = sizes(given, {}, manager=tenancy.manager, step=tenancy.step)
    executors = ceiling_for(tenancy, size).cap
    memory, cores = (None, None) if executors is None else (size.memory(executors), size.cores(executors))
    return Footprint(
        executors,
        _smaller(memory, _largest(tenancy.rule_for("session.memory"))),
        _smaller(cores, _largest(tenancy.rule_for("session.cores"))),
    )


def _largest(rule: Rule | None) -> int | None:
    """Return the largest value that a rule over numbers lets through."""
    if rule is None or not rule.kind.is_ordered:
        return None
    allowed = None if rule.allow is None else max((one for one in rule.allow if one is not None), default=None)
    return next((int(most) for most in (rule.fixed, rule.max, allowed) if most is not None), None)


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((number for number in (one, other) if number is not None), default=None)


def hold(bench: Bench, tenancy: Tenancy, usage: Usage | None) -> None:
    """Refuse what would be held beyond a quota; note which of the user's idle sessions would make room.

    Args:
        bench: a request after every limit was held against it.
        tenancy: whose quotas hold.
        usage: what is held without it; None where that is not known: then the request alone is held against them.
    """
    if tenancy.quotas and not bench.is_lenient:
        found, bench.release = over_quota(bench.entries, tenancy, usage or NOTHING_HELD)
        bench.violations += found


def over_quota(
    entries: Mapping[str, Entry], tenancy: Tenancy, usage: Usage
) -> tuple[tuple[Violation, ...], tuple[int, ...]]:
    """Return what a session of these entries would exceed, and which of the user's idle sessions would make room.

    Args:
        entries: what Livy is sent, folded.
        tenancy: whose quotas hold.
        usage: what is held without it.
    """
    asked = footprint(entries, tenancy)
    found = excesses(tenancy.quotas, usage, asked)
    going = way_out(tenancy.quotas, usage, asked) if found else ()
    told = tuple(_violation(each, usage, tenancy, going if place == 0 else ()) for place, each in enumerate(found))
    return told, tuple(one.id for one in going)


def _violation(each: Excess, usage: Usage, tenancy: Tenancy, going: Sequence[Held]) -> Violation:
    bound = each.bound
    return Violation(
        bound.name,
        None if each.asked is None else bound.write(each.asked),
        f"at most {bound.write(each.left)} more" if each.left else "none more",
        bound.rule,
        f"{_holds(each, usage, tenancy)}{_going(each, going) if going else ''}.",
        code=OVER_QUOTA,
        what="would be exceeded" if each.left else "is used up",
    )


def _holds(each: Excess, usage: Usage, tenancy: Tenancy) -> str:
    """Say how much is held; of a team its numbers alone."""
    bound = each.bound
    amount = f"{_words(bound, each.held)} of {_words(bound, bound.most)} {_UNITS[bound.amount]}"
    assumed = [one.id for one in usage.counted(bound) if bound.amount in one.assumed]
    if not bound.is_team:
        numbers = ", ".join(map(str, assumed))
        doubt = f" (what Livy does not tell of session {numbers} is assumed to be the most that you may have)"
        return f"You hold {amount}{doubt if assumed else ''}"
    own = sum(one.holds(bound.amount) for one in usage.counted(bound) if one.is_own)
    doubt = f" (of {len(assumed)} of their sessions Livy tells too little: the most that each may have is assumed)"
    return f"Tenant {tenancy.name} holds {amount} together, you {_words(bound, own)} of them{doubt if assumed else ''}"


def _going(each: Excess, going: Sequence[Held]) -> str:
    told = [_told(each, one) for one in going]
    return "; " + (told[0] if len(told) == 1 else f"{'; '.join(told[:-1])}; and {told[-1]}")


def _told(each: Excess, one: Held) -> str:
    idle = "idle" if one.idle_seconds is None else f"idle {idle_for(one.idle_seconds)}"
    if each.bound.amount == "sessions":
        return f"session {one.id} is {idle}"
    return f"session {one.id}, {idle}, holds {_words(each.bound, one.holds(each.bound.amount))}"


def _words(bound: Bound, number: int) -> str:
    """Return an amount for a sentence: memory in GiB, one decimal."""
    return f"{number / _GIB:.1f}".removesuffix(".0") + "g" if bound.amount == "memory" else str(number)


def fitted(request: SessionRequest, final: Mapping[str, Entry], tenancy: Tenancy, usage: Usage | None) -> Any:
    """Return the request with as many executors as fit into the quotas now; None where there is no room for one.

    Args:
        request: what the user gave, folded.
        final: what Livy would be sent for it.
        tenancy: whose quotas hold.
        usage: what is held without it.
    """
    otherwise = {**SPARK, **tenancy.spark_defaults}
    size = sizes(final, otherwise, manager=tenancy.manager, step=tenancy.step)
    most = room(tenancy.quotas, usage or NOTHING_HELD, size)
    if most is None or most < 1:
        return None
    lowered = {
        name: Entry(most, most)
        for name in EXECUTORS
        if name == EXECUTORS[0] or (name in request.entries and _number(request.entries[name]) > most)
    }
    return replace(request, entries={**request.entries, **lowered})


def _number(given: Entry) -> int:
    return 0 if given.fault is not None else int(given.value)
