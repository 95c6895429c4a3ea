"""A YARN that watches its containers' memory, takes back what a queue is owed, and has queues not for everything."""

from __future__ import annotations

import getpass

from tests.live.yarn import Queue, YarnOptions

__all__ = ["CROWDED", "MEMORY_MB", "PRIVATE", "STINGY", "failing_yarn"]

#: A queue into which nobody here may submit, and one of which a user may hold next to nothing.
PRIVATE, STINGY = "private", "stingy"
#: A queue of 2,129 MB and no more, which takes two applications at a time.
CROWDED = "crowded"
MEMORY_MB = 8192
#: Who may end what this process's user runs: as whom livyguard asks the ResourceManager.
ADMIN = "alice"
PREEMPTION = "yarn.resourcemanager.monitor.capacity.preemption"


def failing_yarn() -> YarnOptions:
    """Return how it runs: who asks without a name is this process's user, and containers that grow are killed."""
    return YarnOptions(
        memory_mb=MEMORY_MB,
        queues={
            "default": Queue(60),
            STINGY: Queue(10, user_limit=0.1),
            PRIVATE: Queue(4, may_submit="nobody"),
            CROWDED: Queue(26, am_share=1.0, maximum=26, applications=2),
        },
        core_site={"hadoop.http.staticuser.user": getpass.getuser()},
        yarn_site={
            "yarn.acl.enable": "true",
            "yarn.admin.acl": ADMIN,
            "yarn.nodemanager.container-monitor.interval-ms": 500,
            "yarn.nodemanager.pmem-check-enabled": "true",
            # Else it is left to cgroups, which nobody set up here.
            "yarn.nodemanager.resource.memory.enforced": "false",
            # A queue gets what it is guaranteed within seconds, from whoever holds more than their own.
            "yarn.resourcemanager.scheduler.monitor.enable": "true",
            f"{PREEMPTION}.monitoring_interval": 500,
            f"{PREEMPTION}.max_wait_before_kill": 1000,
            f"{PREEMPTION}.total_preemption_per_round": 1.0,
            f"{PREEMPTION}.natural_termination_factor": 1.0,
        },
    )
