"""The cluster that a policy describes, as the planner counts on it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.containers import Container
from livyguard.capacity.emr import EMR_TYPES
from livyguard.capacity.site import STEP, Site
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.units import MIB, read_size

if TYPE_CHECKING:
    from livyguard.capacity.emr import EmrType
    from livyguard.policy.model import Cluster

__all__ = ["described"]

_DEPLOY_MODE = "spark.submit.deployMode"


def described(cluster: Cluster | None, step: int = STEP, am_share: Fraction | None = None) -> Site | None:
    """Return the cluster; None where the policy does not tell what one of its workers offers, and of one machine.

    Args:
        cluster: of a policy.
        step: what YARN rounds up to where the policy does not say, MiB.
        am_share: how much of its memory YARN lets drivers hold, of which no policy tells; None for no limit.
    """
    if cluster is None or cluster.manager == "local":
        return None
    kind, emr = WORKER_TYPES.get(cluster.worker_type or ""), EMR_TYPES.get(cluster.worker_type or "")
    mode = _deploy_mode(cluster)
    if kind is not None:
        return Site(cluster.manager or "glue", worker_type=kind, step=1, counts_cores=False, deploy_mode=mode)
    offered = _offered(cluster, emr)
    if offered is None or offered.memory_mib <= 0:
        return None
    manager = cluster.manager or "yarn"
    told = None if cluster.minimum_allocation is None else read_size(cluster.minimum_allocation, MIB)
    usual = step if emr is None else emr.step
    return Site(
        manager,
        offered=offered,
        step=max(told or usual, 1) if manager == "yarn" else 1,
        counts_cores=manager in {"kubernetes", "standalone"} and offered.cores > 0,
        am_share=am_share if manager == "yarn" else None,
        deploy_mode=mode,
    )


def _offered(cluster: Cluster, emr: EmrType | None) -> Container | None:
    """Return what a worker offers; without cores where nobody tells them."""
    worker = cluster.worker
    if worker is not None and worker.memory is not None:
        return Container(read_size(worker.memory, MIB), Fraction(worker.cores or 0))
    return None if emr is None else Container(emr.memory_mib, Fraction(emr.vcores))


def _deploy_mode(cluster: Cluster) -> str:
    """Return where drivers run: as spark-defaults say, else on a worker, on a standalone cluster beside Livy."""
    said = cluster.spark_defaults.get(_DEPLOY_MODE)
    if said in {"cluster", "client"}:
        return str(said)
    return "client" if cluster.manager == "standalone" else "cluster"
