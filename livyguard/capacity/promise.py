"""What a person asks of a policy: do its worst case and its likely case fit; the answer as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from livyguard.capacity.amounts import amount_json
from livyguard.capacity.described import described
from livyguard.capacity.fits import fits
from livyguard.capacity.quantities import count, share
from livyguard.capacity.site import AM_SHARE
from livyguard.capacity.siting import changed, site_of
from livyguard.errors import InvalidInput
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.capacity.asking import Options
    from livyguard.capacity.fits import Case, PolicyFit, Row
    from livyguard.capacity.site import Site
    from livyguard.policy.model import Policy

__all__ = ["NO_POLICY", "PolicyAsked", "exit_code", "read_policy", "row_json", "to_json"]

NO_POLICY = (
    "No policy is installed here, so say what is asked: --users and --executors for the workers that they need, "
    "--workers with one of them for the other, with both for whether they fit, or --policy FILE for what that promises."
)
_LIKELY = Fraction(1, 2)
#: By which a site is told anew; what else is said of it goes with one of them.
_WORKERS = ("manager", "worker_type", "worker_memory", "worker_cores")
_OF_SITE = (
    *("reserved_memory", "reserved_cores", "minimum_allocation", "count_cores"),
    *("am_share", "queue_share", "deploy_mode", "drivers_apart"),
)
#: What a policy says itself.
_OF_SESSIONS = ("driver_memory", "driver_cores", "executor_memory", "executor_cores", "conf", "kind")


@dataclass(frozen=True, slots=True)
class PolicyAsked:
    """A question about a policy.

    Attributes:
        people: by tenant, how many its globs and groups stand for.
        at_once: share of the people who likely work at the same time.
        options: as they were typed; what they say of the cluster counts against what the policy says.
        site: the cluster where they tell its workers; None for the policy's.
        workers: that there are; likewise.
        cluster: which of the policy's; None where it describes one.
        notes: sentences about how the options were understood.
    """

    options: Options
    people: Mapping[str, int] = field(default_factory=dict)
    at_once: Fraction = _LIKELY
    site: Site | None = None
    workers: int | None = None
    cluster: str | None = None
    notes: tuple[str, ...] = ()

    def fit(self, policy: Policy) -> PolicyFit:
        """Return whether a policy fits.

        Raises:
            InvalidInput: with every fault that shows only with the policy.
        """
        return fits(
            policy,
            people=self.people,
            at_once=self.at_once,
            site=self.site or self._changed(policy),
            workers=self.workers,
            cluster=self.cluster,
        )

    def _changed(self, policy: Policy) -> Site | None:
        """Return the policy's cluster with what the options say otherwise; None where they say nothing of it."""
        if not any(getattr(self.options, name) for name in _OF_SITE):
            return None
        named = {name: each for name, each in policy.cluster.items() if name} or policy.cluster
        one = next(iter(named.values())) if len(named) == 1 else named.get(self.cluster or "")
        site = described(one, am_share=AM_SHARE)
        faults: list[str] = []
        changed_site = None if site is None else changed(site, self.options, faults)
        if faults:
            raise InvalidInput("\n".join(dict.fromkeys(faults)))
        return changed_site


def read_policy(options: Options) -> PolicyAsked:
    """Return what is asked of a policy.

    Raises:
        InvalidInput: with every fault, a line each.
    """
    faults: list[str] = []
    if options.users is not None or options.executors is not None:
        faults.append("--policy does not go with --users and --executors: it says itself who has what (--people).")
    said = [f"--{name.replace('_', '-')}" for name in _OF_SESSIONS if getattr(options, name)]
    if said:
        faults.append(f"{', '.join(said)}: of a policy's sessions its own limits tell the sizes.")
    if options.chart is not None:
        faults.append("--chart draws users and executors; of a policy there is none.")
    workers = count("--workers", options.workers, faults)
    at_once = share("--at-once", options.at_once, faults) or _LIKELY
    people: dict[str, int] = {}
    for text in options.people:
        name, mark, number = text.rpartition("=")
        if not mark or not name.strip():
            faults.append(f"--people: {shown(text)} is no TENANT=N, such as analysts=12.")
        elif name.strip() in people:
            faults.append(f"--people: {shown(name.strip())} is counted twice.")
        else:
            people[name.strip()] = count(f"--people {shown(name.strip())}", number, faults) or 0
    notes: list[str] = []
    site = None
    if any(getattr(options, name) for name in _WORKERS):
        site = site_of(options, faults, notes)
    if faults:
        raise InvalidInput("\n".join(dict.fromkeys(faults)))
    return PolicyAsked(options, people, at_once, site, workers, options.cluster, tuple(notes))


def exit_code(fit: PolicyFit) -> int:
    """Return 1 where one of the cases does not fit."""
    return int(not (fit.worst.fits and fit.likely.fits))


def to_json(fit: PolicyFit) -> dict[str, Any]:
    """Return one object, as ``livyguard plan --policy FILE --json`` prints it."""
    kind = fit.site.worker_type
    worst, likely = _case(fit.worst, fit), _case(fit.likely, fit)
    return {
        "mode": "fits",
        "manager": fit.site.manager,
        "worker_type": None if kind is None else kind.name,
        "at_once": float(fit.at_once),
        "users": worst["people"],
        "executors_per_user": None,
        "workers": fit.workers,
        "workers_needed": worst["workers_needed"],
        "fits": not exit_code(fit),
        **{name: worst[name] for name in ("workers_for_drivers", "bound_by", "containers", "held", "unused")},
        "offered": amount_json(fit.offered, with_cores=_has_cores(fit)),
        "driver": None,
        "executor": None,
        "worst": worst,
        "likely": likely,
        "tenants": [row_json(row) for row in fit.worst.rows],
        "session_configs": None,
        "policy": None,
        "notes": list(fit.notes),
    }


def _case(case: Case, fit: PolicyFit) -> dict[str, Any]:
    need, held = case.need, case.held
    unused = None if held is None or fit.offered is None or not case.fits else fit.offered - held
    return {
        "people": case.people,
        "sessions": case.sessions,
        "drivers": case.drivers,
        "containers": case.containers,
        "executors": case.executors,
        "workers_needed": None if need is None else need.workers,
        "workers_at_least": case.least,
        "workers_for_drivers": None if need is None else need.for_drivers,
        "bound_by": None if need is None else need.bound_by,
        "fits": case.fits,
        "held": amount_json(held) if case.is_told else None,
        "unused": amount_json(unused, with_cores=_has_cores(fit)),
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return what one tenant's people hold in one of the cases."""
    return {
        "name": row.name,
        "people": row.people,
        "sessions_each": row.sessions_each,
        "executors_each": row.executors_each,
        "sessions": row.sessions,
        "executors": row.executors,
        "driver": None if "driver" in row.untold else amount_json(row.size.driver),
        "executor": None if "executor" in row.untold else amount_json(row.size.executor),
        "held": None if row.untold else amount_json(row.held),
    }


def _has_cores(fit: PolicyFit) -> bool:
    return fit.site.offered is not None and bool(fit.site.offered.cores)
