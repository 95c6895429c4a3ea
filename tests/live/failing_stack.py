"""A YARN that watches its containers' memory and has queues that are not for everybody or everything."""

from __future__ import annotations

import getpass

from tests.live.yarn import Queue, YarnOptions

__all__ = ["MEMORY_MB", "PRIVATE", "STINGY", "failing_yarn"]

#: A queue into which nobody here may submit, and one of which a user may hold next to nothing.
PRIVATE, STINGY = "private", "stingy"
MEMORY_MB = 8192
#: Who may end what this process's user runs: as whom livyguard asks the ResourceManager.
ADMIN = "alice"


def failing_yarn() -> YarnOptions:
    """Return how it runs: who asks without a name is this process's user, and containers that grow are killed."""
    return YarnOptions(
        memory_mb=MEMORY_MB,
        queues={"default": Queue(70), STINGY: Queue(10, user_limit=0.1), PRIVATE: Queue(20, may_submit="nobody")},
        core_site={"hadoop.http.staticuser.user": getpass.getuser()},
        yarn_site={
            "yarn.acl.enable": "true",
            "yarn.admin.acl": ADMIN,
            "yarn.nodemanager.container-monitor.interval-ms": 500,
            "yarn.nodemanager.pmem-check-enabled": "true",
            # Else it is left to cgroups, which nobody set up here.
            "yarn.nodemanager.resource.memory.enforced": "false",
        },
    )
