"""The lines that put a plan in force: SparkMagic's ``session_configs`` and a policy's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.capacity.emr import EMR_TYPES, SPARK_DEFAULTS
from livyguard.capacity.holding import size_limits
from livyguard.capacity.site import AM_SHARE
from livyguard.policy.request import SessionRequest
from livyguard.policy.units import MIB, write_size
from livyguard.policy.wording import counted, people

if TYPE_CHECKING:
    from fractions import Fraction

    from livyguard.capacity.asking import Asked
    from livyguard.capacity.plan import Plan

__all__ = ["policy_lines", "session_configs", "trade_off"]

CAP = "spark.dynamicAllocation.maxExecutors"
CACHED = "spark.dynamicAllocation.cachedExecutorIdleTimeout"
#: After which an executor that holds cached data and does nothing is given back.
CACHED_FOR = "10m"
_NEVER_LENDS = (
    "A fixed cap keeps the cluster fair, not full: it never lends, so that what others leave free stays free, "
    "also when one person works alone."
)
_GIVEN_BACK = (
    "Dynamic allocation under the cap gives an executor back that has nothing to do "
    "(spark.dynamicAllocation.executorIdleTimeout, 60s unless set), but one with cached data only after "
    f"{CACHED}, which is infinity unless set; the lines below set it to {CACHED_FOR}."
)
_OFF = (
    "Where dynamic allocation is off, a session takes numExecutors for as long as it lives, and the cap counts for "
    "nothing in Spark; the policy caps both."
)
_STANDALONE = "A standalone cluster knows one more cap that always counts, spark.cores.max of a session."


def trade_off(asked: Asked) -> tuple[str, ...]:
    """Return what a cap costs, and what dynamic allocation changes; on a standalone cluster it caps cores."""
    return (_NEVER_LENDS, _GIVEN_BACK, _STANDALONE if asked.site.manager == "standalone" else _OFF)


def session_configs(asked: Asked, executors: int) -> dict[str, Any]:
    """Return what SparkMagic's config.json holds under ``session_configs``: the sizes given, and the cap."""
    given = {name: each for name, each in asked.sizing.given.items() if name != "kind"}
    body = SessionRequest(entries=given).to_body()
    conf = {CAP: str(executors), CACHED: CACHED_FOR, **body.pop("conf", {})}
    if asked.site.manager == "standalone":
        cores = asked.sizing.value("executor.cores")
        conf["spark.cores.max"] = str(cores * executors)
    return {**body, "conf": dict(sorted(conf.items()))}


def policy_lines(asked: Asked, plan: Plan) -> str:
    """Return a policy in TOML that holds people to a plan, each in one session."""
    reason = json.dumps(f"{counted(plan.workers, 'worker')} for {people(plan.users)} at a time")
    limits = [
        f'"executors.max" = {{ max = {plan.executors}, reason = {reason} }}',
        *size_limits(asked),
    ]
    given = session_configs(asked, plan.executors)
    conf = {name: value for name, value in given["conf"].items() if name not in {CAP, "spark.cores.max"}}
    preset = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in conf.items())
    lines = [
        "version = 1",
        "",
        *_unsaid(asked),
        "[cluster]",
        *_cluster(asked, plan),
        "",
        "[defaults]",
        f"session_configs = {{ conf = {{ {preset} }} }}",
        "quota = { sessions = 1 }  # each in one session",
        f"team_quota = {{ sessions = {plan.users} }}  # and no more of them at a time than there is room for",
        "",
        "[defaults.limits]",
        *limits,
    ]
    return "\n".join(lines) + "\n"


def _unsaid(asked: Asked) -> list[str]:
    """Return what a policy has no word for, as a comment: the options with which ``plan --policy`` counts as well."""
    site, options = asked.site, []
    if site.manager == "yarn":
        options += ["--count-cores"] if site.counts_cores else []
        options += [] if site.am_share == AM_SHARE else [f"--am-share {_part(site.am_share)}"]
    options += [] if site.queue_share == 1 else [f"--queue-share {_part(site.queue_share)}"]
    options += ["--drivers-apart"] if site.drivers_apart else []
    return [f"# livyguard plan --policy FILE counts as this plan did with {' '.join(options)}"] if options else []


def _part(share: Fraction | None) -> str:
    return f"{float(1 if share is None else share):.15g}"


def _cluster(asked: Asked, plan: Plan) -> list[str]:
    site = asked.site
    lines = [f'manager = "{site.manager}"', f"workers = {plan.workers}"]
    if asked.worker_type is not None:
        lines.append(f'worker_type = "{asked.worker_type}"')
    else:
        offered = site.offered or plan.size.executor
        cores = f"cores = {int(offered.cores)}, " if offered.cores >= 1 else ""  # a policy counts whole cores
        lines.append(f'worker = {{ {cores}memory = "{write_size(offered.memory_mib, MIB)}" }}')
    if site.manager == "yarn":
        lines.append(f'minimum_allocation = "{write_size(site.step, MIB)}"')
    defaults = dict(SPARK_DEFAULTS) if asked.worker_type in EMR_TYPES else {}
    if site.deploy_mode != ("client" if site.manager == "standalone" else "cluster"):
        defaults["spark.submit.deployMode"] = site.deploy_mode
    if defaults:
        said = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in defaults.items())
        lines.append(f"spark_defaults = {{ {said} }}")
    return lines
