"""Holding a judged request against the quotas: it fits, or it is refused with the way out. A quota never clamps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.policy.allocation import otherwise_of
from livyguard.policy.executors import COUNT, MAX, SPARK_DEFAULT, number_of
from livyguard.policy.factor import unreadable
from livyguard.policy.footprint import WEIGHTS, Footprint, amount_of, ceiling_of
from livyguard.policy.properties import CONF, EXECUTORS
from livyguard.policy.quota import NOTHING_HELD, excesses
from livyguard.policy.redact import redact_text
from livyguard.policy.refusal import refusal
from livyguard.policy.request import Entry
from livyguard.policy.way_out import way_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from livyguard.policy.bench import Bench
    from livyguard.policy.decision import Violation
    from livyguard.policy.quota import Excess, Usage
    from livyguard.policy.request import Doubt
    from livyguard.policy.tenancy import Tenancy

__all__ = ["footprint", "hold", "is_dynamic", "listed", "over_quota"]


@dataclass(frozen=True, slots=True)
class _Unclear:
    """A property that keeps anybody from telling how much of an amount a session can hold.

    Attributes:
        name: canonical.
        amount: ``executors``, which the others hang on, ``memory`` or ``cores``.
        why: a sentence.
    """

    name: str
    amount: str
    why: str

    def bears_on(self, amount: str) -> bool:
        """Tell whether nobody can tell that amount either."""
        return amount == self.amount or (self.amount == "executors" and amount != "sessions")

    def blanked(self, told: Footprint) -> Footprint:
        """Return a footprint without what nobody can tell."""
        return Footprint(
            executors=None if self.bears_on("executors") else told.executors,
            memory_mib=None if self.bears_on("memory") else told.memory_mib,
            cores=None if self.bears_on("cores") else told.cores,
        )


def footprint(entries: Mapping[str, Entry], tenancy: Tenancy) -> Footprint:
    """Return the most that a session can ever hold once Livy is sent these entries.

    Spark's own defaults count where neither the request nor the policy's ``spark_defaults`` say anything. None is what
    shows only when Spark starts, and everything where dynamic allocation is on and nothing caps the executors.
    """
    otherwise = otherwise_of(tenancy)
    named = (COUNT,) if is_dynamic({**otherwise, **entries}, tenancy) is False else EXECUTORS
    if not any(name in entries or name in otherwise for name in named):
        otherwise[COUNT] = Entry(SPARK_DEFAULT, SPARK_DEFAULT)
    return _ceiling(entries, otherwise, tenancy)


def listed(sizes: Mapping[str, Entry], tenancy: Tenancy) -> Footprint:
    """Return the most that a session can hold, as far as Livy lists its sizes.

    Spark's own defaults count where neither Livy nor the policy's ``spark_defaults`` say anything, as in
    :func:`footprint`; but for the number of executors, of which a session may take any where nobody says it.

    Args:
        sizes: as :func:`livyguard.policy.footprint.bearing` returns them.
        tenancy: the owner's.
    """
    otherwise = otherwise_of(tenancy)
    said = {**otherwise, **sizes}
    # Livy lists a number of 0 as if nobody had asked, and then Spark may start two: livyguard's own tag tells which.
    is_unsaid = COUNT not in said and (number_of(said, MAX) or SPARK_DEFAULT) < SPARK_DEFAULT
    if not sizes or (is_unsaid and is_dynamic(said, tenancy) is None):
        return Footprint()
    return _ceiling(sizes, otherwise, tenancy)


def is_dynamic(said: Mapping[str, Entry], tenancy: Tenancy) -> bool | None:
    """Tell whether Spark allocates executors dynamically; None where nobody says.

    Args:
        said: what the request says, and what counts where it is silent.
        tenancy: of the user.
    """
    allocation = said.get("dynamic_allocation")
    if allocation is None:
        return tenancy.is_dynamic
    return None if allocation.fault is not None else bool(allocation.value)


def _ceiling(entries: Mapping[str, Entry], otherwise: Mapping[str, Entry], tenancy: Tenancy) -> Footprint:
    said = {**otherwise, **entries}
    # Off, dynamic allocation leaves it to start so many, whatever the most is.
    if MAX in said and COUNT not in said and is_dynamic(said, tenancy) is None:
        otherwise = {**otherwise, COUNT: Entry(SPARK_DEFAULT, SPARK_DEFAULT)}
    found = ceiling_of(entries, otherwise, is_dynamic=tenancy.is_dynamic, manager=tenancy.manager, step=tenancy.step)
    for each in _unclear(entries):
        found = each.blanked(found)
    return found


def _unclear(entries: Mapping[str, Entry], doubts: Iterable[Doubt] = ()) -> list[_Unclear]:
    found = []
    for name, given in entries.items():
        amount = amount_of(name)
        if amount is not None and _is_unclear(name, given):
            found.append(_Unclear(name, amount, f"What {redact_text(name)} comes to shows only when Spark starts."))
    for doubt in doubts:
        amounts = dict.fromkeys(amount for name in doubt.properties if (amount := amount_of(name)) is not None)
        found += [_Unclear(doubt.name, amount, f"{redact_text(doubt.name)}: {doubt.reason}.") for amount in amounts]
    return found


def _is_unclear(name: str, given: Entry) -> bool:
    if name in WEIGHTS:
        return unreadable(name, given) is not None
    return not name.startswith(CONF) and (given.fault is not None or given.is_substituted)


def hold(bench: Bench, tenancy: Tenancy, usage: Usage | None) -> None:
    """Refuse what would be held beyond a quota; note which of the user's idle sessions would make room.

    Args:
        bench: a request after every limit was held against it.
        tenancy: whose quotas hold.
        usage: what is held without it; None where that is not known: then the request alone is held against them.
    """
    if not tenancy.quotas:
        return
    doubts = [doubt for doubt in bench.request.doubts if not tenancy.vouches_for(doubt)]
    if bench.is_lenient:
        for each in _unclear(bench.entries, doubts):
            bench.drop_if_lenient(each.name)
        return
    refused = {violation.property for violation in bench.violations}
    found, bench.release = over_quota(
        bench.entries, tenancy, usage or NOTHING_HELD, [doubt for doubt in doubts if doubt.name not in refused], refused
    )
    bench.violations += found


def over_quota(
    entries: Mapping[str, Entry],
    tenancy: Tenancy,
    usage: Usage,
    doubts: Sequence[Doubt] = (),
    refused: Collection[str] = (),
) -> tuple[tuple[Violation, ...], tuple[int, ...]]:
    """Return what a session of these entries would exceed, and which of the user's idle sessions would make room.

    Args:
        entries: what Livy is sent, folded.
        tenancy: whose quotas hold.
        usage: what is held without it.
        doubts: what of it cannot be read before it runs.
        refused: properties that are refused already: what they keep anybody from telling is not told once more.
    """
    unclear = _unclear(entries, doubts)
    asked = footprint(entries, tenancy)
    for each in unclear:
        asked = each.blanked(asked)
    found = [
        each
        for each in excesses(tenancy.quotas, usage, asked)
        if not any(one.name in refused and one.bears_on(each.bound.amount) for one in unclear)
    ]
    going = way_out(tenancy.quotas, usage, asked) if found else ()
    told = (
        refusal(
            each,
            usage,
            tenancy.team_of(each.bound),
            going=going if place == 0 else (),
            why=_why(each, asked, tenancy, unclear),
        )
        for place, each in enumerate(found)
    )
    return tuple(told), tuple(one.id for one in going)


def _why(each: Excess, asked: Footprint, tenancy: Tenancy, unclear: Sequence[_Unclear]) -> str:
    """Say what has no bound, where nothing tells how much is asked."""
    if each.asked is not None:
        return ""
    causes = dict.fromkeys(one.why for one in unclear if one.bears_on(each.bound.amount))
    if causes:
        return " ".join(causes)
    if asked.executors is None:
        key = "spark.cores.max" if tenancy.manager == "standalone" else "spark.dynamicAllocation.maxExecutors"
        return f"Nothing bounds its executors but {key}, which is not set."
    return "How much one executor or the driver takes cannot be told from the policy's spark_defaults."
