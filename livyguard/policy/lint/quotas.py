"""LG892 to LG897: what may be held over all live sessions, against what one session may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.fold import fold
from livyguard.policy.footprint import Sizes
from livyguard.policy.holding import footprint
from livyguard.policy.keys import limited_property
from livyguard.policy.kinds import MEBIBYTES
from livyguard.policy.lint.finding import Check, Found, some
from livyguard.policy.lint.places import at
from livyguard.policy.lint.smallest import smallest
from livyguard.policy.lint.stacking import outcomes
from livyguard.policy.quota import NOTHING_HELD, excesses, room
from livyguard.policy.rules import rule_of
from livyguard.policy.units import shown
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.lint.ground import Ground, Standpoint
    from livyguard.policy.lint.smallest import Smallest
    from livyguard.policy.quota import Amount, Bound
    from livyguard.policy.rulebook import Rulebook
    from livyguard.policy.rules import Rule

__all__ = ["CHECKS"]

#: The limit on one session that counts in the same unit as a quota.
_LIMITS: Mapping[Amount, str] = {
    "executors": "executors.max",
    "memory": "session.memory",
    "cores": "session.cores",
}


def _for(told: Mapping[tuple[str, str], list[str]], fix: str) -> Iterator[Found]:
    """Yield what is said of several people once, with their names."""
    for (where, words), whom in told.items():
        yield Found(where, f"{words}, for {some(whom)}.", fix)


def _standpoints(ground: Ground) -> list[Standpoint]:
    """Return those for whom any quota holds."""
    return [each for each in ground.standpoints if each.tenancy.quotas]


def _needs(each: Standpoint) -> dict[Amount, int]:
    """Return what the smallest session takes that they may have: one executor, which no limit surely keeps it from."""
    size = smallest(each.tenancy)
    memory, cores = size.driver_mib + size.executor_mib, size.driver_cores + size.executor_cores
    return {"sessions": 1, "executors": 1, "memory": memory, "cores": cores}


def _fitting(each: Standpoint) -> list[Bound]:
    """Return the quotas into which at least the smallest session fits."""
    needs = _needs(each)
    return [bound for bound in each.tenancy.quotas if needs[bound.amount] <= bound.most]


def _says(bound: Bound) -> str:
    return f"{bound.name} is {bound.write(bound.most)}"


def _none_fits(ground: Ground) -> Iterator[Found]:
    told: dict[tuple[str, str], list[str]] = {}
    for each in _standpoints(ground):
        needs, fitting = _needs(each), _fitting(each)
        for bound in each.tenancy.quotas:
            if bound not in fitting:
                least = bound.write(needs[bound.amount])
                words = f"No session fits: {_says(bound)}, and the smallest that passes takes {least}"
                told.setdefault((ground.where_of(bound), words), []).append(each.whom)
    yield from _for(told, "Raise it to what people are to hold at once.")


def _refused(ground: Ground) -> Iterator[Found]:
    """Yield quotas that refuse the session for which nobody asks anything, and not a smaller one."""
    told: dict[tuple[str, str], list[str]] = {}
    for each in _standpoints(ground):
        if each.start.request is not None:
            held = footprint(fold(each.start.request).entries, each.tenancy)
            for over in excesses(_fitting(each), NOTHING_HELD, held):
                size = "nothing caps it" if over.asked is None else f"it may take {over.bound.write(over.asked)}"
                words = f"A session for which nobody asks anything is refused: {size}, and {_says(over.bound)}"
                told.setdefault((ground.where_of(over.bound), words), []).append(each.whom)
    yield from _for(told, "Raise it, or give smaller defaults, of executors.max too.")


def _less_for_all(ground: Ground) -> Iterator[Found]:
    told: dict[tuple[str, str], list[str]] = {}
    for each in _standpoints(ground):
        fitting = _fitting(each)
        teams = sorted((bound for bound in fitting if bound.is_team), key=lambda bound: -bound.most)
        of_all = {bound.amount: bound for bound in teams}
        for bound in fitting:
            team = of_all.get(bound.amount)
            if team is not None and not bound.is_team and team.most < bound.most:
                words = f"{bound.name} of {bound.write(bound.most)} is never reached: {_says(team)}"
                told.setdefault((ground.where_of(bound), words), []).append(each.whom)
    yield from _for(told, "Raise the one for all members together, or lower the one for each.")


def _limit_beyond(ground: Ground) -> Iterator[Found]:
    told: dict[tuple[str, str], list[str]] = {}
    for each in _standpoints(ground):
        for rule, because in _beyond(each):
            words = f"{rule.name} of {rule.kind.write(rule.most)} is never reached: {because}"
            told.setdefault((f"{ground.where(rule)}.{rule.bounding}", words), []).append(each.whom)
    fix = "Lower it to what the quota holds: what is above a limit is lowered to it, what is above a quota is refused."
    yield from _for(told, fix)


def _beyond(each: Standpoint) -> Iterator[tuple[Rule, str]]:
    """Yield the limits on one session that let more pass than a quota holds, and the quota in words."""
    size = smallest(each.tenancy)
    for amount, name in _LIMITS.items():
        rule = each.tenancy.rule_for(name)
        most = None if rule is None else rule.most
        if rule is not None and most is not None:
            reached = [_reached(bound, amount, size) for bound in _fitting(each)]
            lowest = min((one for one in reached if one is not None), default=None)
            if lowest is not None and lowest[0] < most:
                yield rule, lowest[1]


def _reached(bound: Bound, amount: Amount, size: Smallest) -> tuple[int, str] | None:
    """Return how much of an amount one session may have by a quota, at most, and why; None where it says nothing."""
    if bound.amount == amount:
        return bound.most, _says(bound)
    fits = room([bound], NOTHING_HELD, Sizes(*size)) if amount == "executors" else None
    if fits is None:
        return None
    one = MEBIBYTES.write(size.executor_mib) if bound.amount == "memory" else counted(size.executor_cores, "core")
    return fits, f"{_says(bound)}, which holds {counted(fits, 'executor')} of {one}, the smallest that pass"


def _slack(ground: Ground) -> Iterator[Found]:
    """Yield quotas that the number of sessions, each at its most, never comes to."""
    granted = {limited_property(key) for grant in ground.policy.grant for key in grant.limits}
    told: dict[tuple[str, str], list[str]] = {}
    for each in _standpoints(ground):
        for bound in _fitting(each):
            name = _LIMITS.get(bound.amount, "")
            rule = each.tenancy.rule_for(name) if name and name not in granted else None
            most = None if rule is None else rule.most
            sessions = _sessions(each, bound)
            if most is not None and sessions is not None and sessions * most < bound.most:
                words = (
                    f"{bound.name} of {bound.write(bound.most)} is never reached: {counted(sessions, 'session')} of at"
                    f" most {bound.write(most)} {'holds' if sessions == 1 else 'hold'} {bound.write(sessions * most)}"
                )
                told.setdefault((ground.where_of(bound), words), []).append(each.whom)
    yield from _for(told, "Lower it, or take it out; the others hold without it.")


def _sessions(each: Standpoint, bound: Bound) -> int | None:
    told = [one for one in each.tenancy.quotas if one.amount == "sessions" and one.is_team == bound.is_team]
    return next((one.most for one in told if not one.is_team or one.layer == bound.layer), None)


def _granted(ground: Ground) -> Iterator[Found]:
    for place, grant in enumerate(ground.policy.grant):
        where = f"grant[{place}]"
        books = [book for name in ground.cluster_names for book in outcomes(ground.policy, [grant.user], [], name)]
        for key, limit in grant.limits.items():
            own = rule_of(key, limit, where, "clamp")
            most = own.most if own.name in _LIMITS.values() else None
            lower = [_lower(book, own.name, most) for book in books] if most is not None else []
            if lower and all(each is not None for each in lower):
                told = dict.fromkeys(f"{each.rule} is {each.write(each.most)}" for each in lower if each is not None)
                yield Found(
                    at(ground.policy, where, f"limits.{key}"),
                    f"{own.name} of {own.kind.write(most)}, granted to {shown(grant.user)}, is never reached:"
                    f" {' and '.join(told)}, and a grant raises no quota.",
                    "Grant what the quota holds, or give them a tenant with a larger one.",
                )


def _lower(book: Rulebook, name: str, most: int) -> Bound | None:
    """Return the smallest quota of a layer that holds less than a limit's most; None where all hold it."""
    found = (bound for bound in book.quotas if _LIMITS.get(bound.amount) == name and bound.most < most)
    return min(found, key=lambda bound: bound.most, default=None)


CHECKS = (
    Check("LG892", "fault", _none_fits),
    Check("LG893", "warning", _refused),
    Check("LG894", "warning", _less_for_all),
    Check("LG895", "warning", _limit_beyond),
    Check("LG896", "note", _slack),
    Check("LG897", "warning", _granted),
)
