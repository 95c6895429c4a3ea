"""From the text of options to a cluster of equal workers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.containers import Container
from livyguard.capacity.emr import EMR_TYPES
from livyguard.capacity.quantities import amount, node_memory, share
from livyguard.capacity.site import AM_SHARE, STEP, Site
from livyguard.capacity.workers import WORKER_TYPES, is_instance_type, nearest_type
from livyguard.policy import kinds
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from livyguard.capacity.asking import Options
    from livyguard.capacity.emr import EmrType

__all__ = ["MANAGERS", "MANAGER_NAMES", "changed", "site_of"]

MANAGERS = ("glue", "yarn", "kubernetes", "standalone")
DEPLOY_MODES = ("cluster", "client")
#: Of one machine: MiB and cores beyond any there is.
MOST_MEMORY, MOST_CORES = 64 * 2**20, 100_000
MANAGER_NAMES = {"glue": "Glue", "yarn": "YARN", "kubernetes": "Kubernetes", "standalone": "a standalone cluster"}
#: By option, the managers that it has a meaning for.
_MEANT_FOR = {
    "worker_memory": ("yarn", "kubernetes", "standalone"),
    "worker_cores": ("yarn", "kubernetes", "standalone"),
    "reserved_memory": ("kubernetes",),
    "reserved_cores": ("kubernetes",),
    "minimum_allocation": ("yarn",),
    "count_cores": ("yarn",),
    "am_share": ("yarn",),
    "queue_share": ("yarn",),
    "deploy_mode": ("yarn", "kubernetes", "standalone"),
    "drivers_apart": ("yarn", "kubernetes", "standalone"),
}
_SAY_WORKERS = (
    "Say what the workers are: --worker-type G.1X (Glue) or m5.4xlarge (EMR), or what one offers to containers, "
    "--worker-memory 56g --worker-cores 16."
)


def site_of(options: Options, faults: list[str], notes: list[str]) -> Site | None:
    """Return the cluster; None after a fault.

    Args:
        options: as they were typed.
        faults: where what is wrong is added, sentence by sentence.
        notes: where is added how it was understood.
    """
    before = len(faults)
    glue, emr = WORKER_TYPES.get(options.worker_type or ""), EMR_TYPES.get(options.worker_type or "")
    if options.worker_type is not None and glue is None and emr is None:
        faults.append(_unknown_type(options.worker_type))
    manager = _manager(options, faults)
    if manager is None:
        if len(faults) == before:
            faults.append(_SAY_WORKERS)
        return None
    faults += _contradictions(options, manager, is_glue=glue is not None, is_emr=emr is not None)
    if manager == "glue":
        if glue is None and options.worker_type is None:
            faults.append("--manager glue: say the --worker-type, such as G.1X.")
        return None if len(faults) > before or glue is None else Site("glue", worker_type=glue)
    site = _of_nodes(options, manager, emr, faults)
    return None if len(faults) > before else _told(site, options, emr, notes)


def _unknown_type(name: str) -> str:
    near = nearest_type(name, [*WORKER_TYPES, *EMR_TYPES])
    if near is None and is_instance_type(name):
        return f"--worker-type: livyguard has no figures for {shown(name)}; give --worker-memory instead."
    meant = f"did you mean {near}?" if near else f"Glue has {', '.join(WORKER_TYPES)}; of EMR m5.4xlarge and the like."
    return f"--worker-type: {shown(name)} is no worker type that livyguard knows; {meant}"


def _manager(options: Options, faults: list[str]) -> str | None:
    said = options.manager
    if said is not None:
        if said not in MANAGERS:
            near = next((name for name in MANAGERS if said and name.startswith(said.strip().lower()[:1])), None)
            meant = f"did you mean {near}?" if near else f"it is one of {', '.join(MANAGERS)}."
            faults.append(f"--manager: {shown(said)} is none; {meant}")
            return None
        return said
    if options.worker_type in WORKER_TYPES:
        return "glue"
    return "yarn" if options.worker_type in EMR_TYPES or options.worker_memory is not None else None


def _contradictions(options: Options, manager: str, *, is_glue: bool, is_emr: bool) -> list[str]:
    found = []
    if is_glue and manager != "glue":
        found.append(f"--worker-type {options.worker_type} is one of Glue's, and --manager says {manager}.")
    if is_emr and manager != "yarn":
        found.append(f"--worker-type {options.worker_type} is one of EMR's on YARN, and --manager says {manager}.")
    sized = [name for name in ("worker_memory", "worker_cores") if getattr(options, name) is not None]
    if options.worker_type is not None and sized:
        found.append(f"{_option(sized)} and --worker-type contradict each other: the type says what a worker offers.")
    for name, managers in _MEANT_FOR.items():
        if getattr(options, name) and manager not in managers and not (name in sized and options.worker_type):
            found.append(f"{_option([name])} has no meaning on {MANAGER_NAMES[manager]}.")
    return found


def _option(names: list[str]) -> str:
    return " and ".join(f"--{name.replace('_', '-')}" for name in names)


def _of_nodes(options: Options, manager: str, emr: EmrType | None, faults: list[str]) -> Site | None:
    """Return a cluster whose workers offer memory and cores."""
    sizes = kinds.CORES if manager == "kubernetes" else kinds.POSITIVE
    counts_cores = manager != "yarn" or options.count_cores
    memory = node_memory("--worker-memory", options.worker_memory, faults, MOST_MEMORY)
    cores = amount("--worker-cores", options.worker_cores, sizes, faults, MOST_CORES)
    if emr is None:
        needed = [("--worker-memory", options.worker_memory), ("--worker-cores", options.worker_cores)]
        missing = [name for name, text in needed[: 2 if counts_cores else 1] if text is None]
        if missing and options.worker_type is None:
            faults.append(f"Say what one worker offers: {' and '.join(missing)}.")
    else:
        memory, cores = emr.memory_mib, Fraction(emr.vcores)
    site = Site(
        manager,
        offered=Container(memory or 0, cores or Fraction(0)),
        step=1 if manager != "yarn" else STEP if emr is None else emr.step,
        counts_cores=counts_cores,
        am_share=AM_SHARE if manager == "yarn" else None,
        deploy_mode="client" if manager == "standalone" else "cluster",
    )
    site = _adjusted(site, options, faults)
    return None if memory is None else site


def changed(site: Site, options: Options, faults: list[str]) -> Site:
    """Return a cluster that is known, with what the options say otherwise of it.

    Args:
        site: as something else tells it.
        options: without the workers themselves.
        faults: where what is wrong is added, sentence by sentence.
    """
    faults += _contradictions(options, site.manager, is_glue=False, is_emr=False)
    return _adjusted(site, options, faults)


def _adjusted(site: Site, options: Options, faults: list[str]) -> Site:
    """Return a cluster with what the options say of how its manager counts."""
    kept = Container(
        node_memory("--reserved-memory", options.reserved_memory, faults, MOST_MEMORY, is_taken=True) or 0,
        amount("--reserved-cores", options.reserved_cores, kinds.CORES, faults, MOST_CORES, from_zero=True)
        or Fraction(0),
    )
    step = amount("--minimum-allocation", options.minimum_allocation, kinds.MEBIBYTES, faults, MOST_MEMORY)
    am_share = site.am_share if options.am_share is None else share("--am-share", options.am_share, faults)
    deploy_mode = site.deploy_mode if options.deploy_mode is None else options.deploy_mode
    if deploy_mode not in DEPLOY_MODES:
        faults.append(f"--deploy-mode: cluster or client, not {shown(deploy_mode)}.")
    if options.drivers_apart and deploy_mode == "client":
        faults.append("--drivers-apart contradicts --deploy-mode client: there drivers run beside Livy.")
    offered = site.offered
    if offered is not None and (options.reserved_memory or options.reserved_cores):
        left = offered - kept
        if left.memory_mib <= 0 or (offered.cores and left.cores <= 0):
            faults.append("--reserved-memory and --reserved-cores leave nothing of a worker.")
        offered = left
    return replace(
        site,
        offered=offered,
        step=site.step if step is None else int(step),
        counts_cores=site.counts_cores or options.count_cores,
        queue_share=share("--queue-share", options.queue_share, faults) or site.queue_share,
        am_share=None if am_share == 1 else am_share,
        deploy_mode=deploy_mode,
        drivers_apart=options.drivers_apart,
    )


def _told(site: Site | None, options: Options, emr: EmrType | None, notes: list[str]) -> Site | None:
    if emr is not None:
        notes.append(
            f"An {emr.name} node of EMR offers {emr.memory_mib} MiB to YARN unless it was configured otherwise "
            "(yarn.nodemanager.resource.memory-mb)."
        )
    if options.worker_cores is not None and site is not None and not site.counts_cores:
        notes.append("Cores are not counted: YARN looks at memory alone unless --count-cores says otherwise.")
    return site
