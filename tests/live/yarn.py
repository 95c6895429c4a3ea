"""A real YARN for tests: a ResourceManager and NodeManagers on free ports, in a folder of their own."""

from __future__ import annotations

import getpass
import os
import shutil
import time
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from livyguard.sandbox.java import find_java
from livyguard.sandbox.keeper import Kept
from tests.live.hadoop_parts import JAVA_OPTIONS, PARTS, free_ports, hadoop_jars, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from requests.auth import AuthBase

__all__ = ["ENDED", "SERVER", "Queue", "Yarn", "YarnOptions"]

SERVER = "org.apache.hadoop.yarn.server"
#: A system property of each daemon: which of the nodes it is.
PLACE = "node.place"
#: States in which an application holds nothing any more.
ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})
PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Queue:
    """A leaf queue below root.

    Attributes:
        capacity: its guaranteed part of the cluster, per cent; all queues together have 100.
        am_share: how much of it may be held by application masters, 0 to 1; one may always start.
        user_limit: how much one user may hold, as a multiple of the queue's capacity.
        may_submit: who, in YARN's words; None: anybody. Needs ``yarn.acl.enable``.
        maximum: how much of the cluster it may hold where nobody else wants it, per cent.
        applications: how many it takes, those that wait included; None: YARN's ten thousand.
    """

    capacity: int = 100
    am_share: float = 0.9
    user_limit: float = 100
    may_submit: str | None = None
    maximum: int = 100
    applications: int | None = None


@dataclass(frozen=True, slots=True)
class YarnOptions:
    """What is particular about this YARN.

    Attributes:
        memory_mb: what a node offers; the scheduler's number, no real memory.
        vcores: the same of cores.
        nodes: how many there are.
        queues: by name.
        host: how its pages are called; 127.0.0.1, or a name of it.
        core_site: what stands in core-site.xml beside the places of files.
        yarn_site: more of yarn-site.xml; takes precedence.
        java_options: of both daemons, further ones.
        login: what the tests' own requests log in with, as whom, while it lasts.
    """

    memory_mb: int = 6144
    vcores: int = 16
    nodes: int = 1
    queues: Mapping[str, Queue] | None = None
    host: str = "127.0.0.1"
    core_site: Mapping[str, Any] = field(default_factory=dict)
    yarn_site: Mapping[str, Any] = field(default_factory=dict)
    java_options: tuple[str, ...] = ()
    login: Callable[[], AbstractContextManager[AuthBase | None]] = nullcontext


class Yarn:
    """A ResourceManager and its NodeManagers that are up inside the ``with`` block and gone after it.

    Args:
        folder: for configuration, logs and the containers' files.
        options: sizes and queues.
    """

    def __init__(self, folder: Path, options: YarnOptions | None = None) -> None:
        self.folder = folder
        self.options = options or YarnOptions()
        self.conf_dir = folder / "conf"
        self._java = find_java().home
        self._jars = hadoop_jars()
        self._kept = ExitStack()
        self._resource_manager: Kept | None = None
        self._node_managers: list[Kept] = []
        self._nodes_started = 0
        names = ("address", "scheduler", "resource-tracker", "admin", "webapp")
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.web = f"http://{self.options.host}:{self._ports['webapp']}"

    def __enter__(self) -> Yarn:  # noqa: PYI034 - typing.Self is not in Python 3.10
        """Start all and wait until the nodes are there."""
        self._write_configuration()
        with self._kept as kept:
            kept.callback(self.stop_resource_manager)
            kept.callback(self._end_node_managers)
            self.start_resource_manager()
            self.start_node_manager()
            self._kept = kept.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """End containers and daemons."""
        self._kept.close()

    @property
    def pids(self) -> list[int]:
        """Return the daemons' process ids."""
        return [daemon.pid for daemon in self._daemons]

    def applications(self) -> list[dict[str, Any]]:
        """Return every application as the ResourceManager describes it, those that have ended, too."""
        apps = self._get("/ws/v1/cluster/apps")["apps"]
        return list(apps["app"]) if apps else []

    def describe(self, app_id: str) -> dict[str, Any]:
        """Return an application as the ResourceManager describes it."""
        return dict(self._get(f"/ws/v1/cluster/apps/{app_id}")["app"])

    def living(self) -> list[dict[str, Any]]:
        """Return the applications that hold, or wait for, resources."""
        return [app for app in self.applications() if app["state"] not in ENDED]

    def allocated_mb(self) -> int:
        """Return how much memory all applications hold together."""
        return int(self.metrics()["allocatedMB"])

    def metrics(self) -> dict[str, Any]:
        """Return what the ResourceManager counts of the whole cluster."""
        return dict(self._get("/ws/v1/cluster/metrics")["clusterMetrics"])

    def queue(self, name: str) -> dict[str, Any]:
        """Return a leaf queue below root as the scheduler describes it."""
        queues = self._get("/ws/v1/cluster/scheduler")["scheduler"]["schedulerInfo"]["queues"]["queue"]
        return next(queue for queue in queues if queue["queueName"] == name)

    def running(self) -> int:
        """Count the containers that the nodes run, application masters' included.

        The ResourceManager's own ``runningContainers`` has more for some seconds: Spark repeats what it asks for until
        it is answered, and gives back unused what comes in excess.
        """
        nodes = self._get("/ws/v1/cluster/nodes", states="RUNNING")["nodes"]["node"]
        urls = [f"http://{node['nodeHTTPAddress']}/ws/v1/node/containers" for node in nodes]
        answers = [requests.get(url, timeout=10).json()["containers"] for url in urls]
        return sum(one["state"] == "RUNNING" for each in answers if each for one in each["container"])

    def log(self, words: str) -> str:
        """Return what a container has written that wrote some words, as ``yarn logs`` shows it; empty if none did."""
        logs = (file.read_text(errors="replace") for file in (self.folder / "logs" / "containers").rglob("stderr"))
        return next((log for log in logs if words in log), "")

    def kill(self, app_id: str) -> None:
        """Kill an application and wait until it holds nothing."""
        self._ask("PUT", f"/ws/v1/cluster/apps/{app_id}/state", json={"state": "KILLED"})
        self.wait_for(app_id, *ENDED)

    def wait_for(self, app_id: str, *states: str) -> None:
        """Wait until an application is in one of the states."""
        self._until(lambda: self.describe(app_id)["state"] in states)

    def label_a_node(self, label: str) -> str:
        """Give one node a label that others may use what is free of (not exclusive); return the node's web address."""
        node: dict[str, str] = self._get("/ws/v1/cluster/nodes", states="RUNNING")["nodes"]["node"][0]
        admin = {"user.name": getpass.getuser()}
        new = {"nodeLabelInfo": [{"name": label, "exclusivity": False}]}
        self._ask("POST", "/ws/v1/cluster/add-node-labels", params=admin, json=new)
        self._ask("POST", f"/ws/v1/cluster/nodes/{node['id']}/replace-labels", params={**admin, "labels": label})
        return node["nodeHTTPAddress"]

    def sleep(
        self, queue: str, memory_mb: int, tags: Sequence[str] = (), cores: int = 1, label: str | None = None
    ) -> str:
        """Submit an application whose master sleeps, so that it holds memory and costs nothing; return its id.

        Args:
            queue: where.
            memory_mb: how much it holds; YARN lets a queue's first master be as large as it likes.
            tags: what it carries.
            cores: how many it asks for.
            label: of the nodes that it asks for; None: of any, as far as YARN has no other default.
        """
        new = self._ask("POST", "/ws/v1/cluster/apps/new-application").json()
        app_id: str = new["application-id"]
        submission = {
            "application-id": app_id,
            "application-name": "occupier",
            "application-type": "SLEEP",
            "application-tags": {"tag": list(tags)},
            "queue": queue,
            "max-app-attempts": 1,
            "resource": {"memory": memory_mb, "vCores": cores},
            "am-container-spec": {"commands": {"command": "sleep 3600"}},
        }
        if label is not None:
            submission["am-container-node-label-expression"] = label
        self._ask("POST", "/ws/v1/cluster/apps", json=submission)
        return app_id

    @contextmanager
    def occupied(self, queue: str, memory_mb: int, tags: Sequence[str] = ()) -> Iterator[str]:
        """Run an application that sleeps, as :meth:`sleep` has it, until the end; yield its id."""
        app_id = self.sleep(queue, memory_mb, tags)
        try:
            self._until(lambda: self.describe(app_id)["allocatedMB"] >= memory_mb)
            yield app_id
        finally:
            self.kill(app_id)

    def start_resource_manager(self) -> None:
        """Start what manages the cluster, and wait until it does; nothing if it runs. It knows of no application."""
        if self._resource_manager is not None:
            return
        self._resource_manager = self._daemon("resourcemanager.ResourceManager", "resourcemanager")
        self._resource_manager.start()
        self._until(lambda: self._get("/ws/v1/cluster/info")["clusterInfo"]["state"] == "STARTED")

    def stop_resource_manager(self) -> None:
        """End it; the node and its containers go on by themselves."""
        manager, self._resource_manager = self._resource_manager, None
        if manager is not None:
            manager.stop()

    def start_node_manager(self) -> None:
        """Start the nodes, and wait until the ResourceManager counts on them; nothing if they run."""
        if self._node_managers:
            return
        for place in range(self.options.nodes):
            self._nodes_started += 1
            node = self._daemon("nodemanager.NodeManager", f"nodemanager-{self._nodes_started}", place)
            self._node_managers.append(node.start())
        self._until(lambda: self.metrics()["activeNodes"] == self.options.nodes)

    def stop_node_manager(self) -> None:
        """End the nodes with all their containers, and wait until the ResourceManager knows."""
        self._end_node_managers()
        self._until(lambda: self.metrics()["activeNodes"] == 0)

    def _end_node_managers(self) -> None:
        while self._node_managers:
            self._node_managers.pop().stop()

    @property
    def _daemons(self) -> list[Kept]:
        manager = [] if self._resource_manager is None else [self._resource_manager]
        return manager + self._node_managers

    def _get(self, path: str, **query: str) -> Any:
        return self._ask("GET", path, params=query).json()

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        with self.options.login() as auth:
            answer = requests.request(method, f"{self.web}{path}", auth=auth, timeout=10, **content)
        answer.raise_for_status()
        return answer

    def _daemon(self, name: str, log: str, place: int = 0) -> Kept:
        # A NodeManager takes its leave first and may then wait long for containers that are gone.
        logs = self.folder / "logs"
        words = [
            *(str(self._java / "bin" / "java"), *JAVA_OPTIONS, *self.options.java_options),
            # Not absolute, every container fails: "Stdout path must be absolute".
            *(f"-D{key}.log.dir={logs}" for key in ("yarn", "hadoop")),
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            f"-D{PLACE}={place}",
            *("-cp", f"{self.conf_dir}:{self._jars}/*", f"{SERVER}.{name}"),
        ]
        env = {**os.environ, "JAVA_HOME": str(self._java), "HADOOP_CONF_DIR": str(self.conf_dir)}
        return Kept(words, log=logs / f"{log}.log", env=env, cwd=self.folder, grace=3.0)

    def _write_configuration(self) -> None:
        for name in ("conf", "logs", "tmp"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(PARTS / "log4j.properties", self.conf_dir)
        places = {"fs.defaultFS": "file:///", "hadoop.tmp.dir": self.folder / "tmp"}
        write_site(self.conf_dir / "core-site.xml", {**places, **self.options.core_site})
        write_site(self.conf_dir / "yarn-site.xml", self._yarn_site())
        write_site(self.conf_dir / "capacity-scheduler.xml", self._queues())

    def _yarn_site(self) -> dict[str, Any]:
        rm, nm = "yarn.resourcemanager", "yarn.nodemanager"
        places = {
            f"{rm}.{name}" if name == "address" else f"{rm}.{name}.address": f"127.0.0.1:{port}"
            for name, port in self._ports.items()
        }
        return {
            **places,
            f"{rm}.hostname": "127.0.0.1",
            f"{rm}.bind-host": "127.0.0.1",
            f"{rm}.scheduler.class": f"{SERVER}.resourcemanager.scheduler.capacity.CapacityScheduler",
            f"{rm}.nodemanagers.heartbeat-interval-ms": 200,
            "yarn.node-attribute.fs-store.root-dir": (self.folder / "tmp" / "attributes").as_uri(),
            "yarn.nm.liveness-monitor.expiry-interval-ms": 20_000,
            # Without a wait the largest container is the largest node's at once, as on a cluster that is up for long.
            f"{rm}.work-preserving-recovery.scheduling-wait-ms": 0,
            f"{nm}.process-kill-wait.ms": 500,  # it waits for containers that are gone
            "yarn.scheduler.minimum-allocation-mb": 256,
            f"{nm}.hostname": "127.0.0.1",
            f"{nm}.bind-host": "127.0.0.1",
            **{f"{nm}.{part}": "127.0.0.1:0" for part in ("address", "localizer.address", "webapp.address")},
            # Each node empties its own when it starts.
            f"{nm}.local-dirs": f"{self.folder / 'tmp' / 'local'}-${{{PLACE}}}",
            f"{nm}.log-dirs": self.folder / "logs" / "containers",
            f"{nm}.resource.memory-mb": self.options.memory_mb,
            f"{nm}.resource.cpu-vcores": self.options.vcores,
            f"{nm}.vmem-check-enabled": "false",
            f"{nm}.pmem-check-enabled": "false",
            f"{nm}.env-whitelist": "JAVA_HOME,HADOOP_CONF_DIR,PATH,PYSPARK_PYTHON",
            f"{nm}.disk-health-checker.max-disk-utilization-per-disk-percentage": 99.5,
            **self.options.yarn_site,
        }

    def _queues(self) -> dict[str, Any]:
        queues = self.options.queues or {"default": Queue()}
        root = "yarn.scheduler.capacity.root"
        settings: dict[str, Any] = {f"{root}.queues": ",".join(queues)}
        for name, queue in queues.items():
            settings |= {
                f"{root}.{name}.capacity": queue.capacity,
                f"{root}.{name}.maximum-capacity": queue.maximum,
                f"{root}.{name}.user-limit-factor": queue.user_limit,
                f"{root}.{name}.maximum-am-resource-percent": queue.am_share,
            }
            if queue.applications is not None:
                settings[f"{root}.{name}.maximum-applications"] = queue.applications
        if any(queue.may_submit is not None for queue in queues.values()):  # who may use root may use everything below
            settings |= {f"{root}.{acl}": " " for acl in ("acl_submit_applications", "acl_administer_queue")}
            for name, queue in queues.items():
                settings[f"{root}.{name}.acl_submit_applications"] = (
                    "*" if queue.may_submit is None else queue.may_submit
                )
        return settings

    def _until(self, is_so: Any) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if is_so():
                    return
            except requests.RequestException:  # it does not listen yet, or not to this
                pass
            ended = [daemon.log for daemon in self._daemons if daemon.poll() is not None]
            assert not ended, f"it ended; its log: {ended}"
            assert time.monotonic() < end, f"YARN did not come so far; its logs: {self.folder / 'logs'}"
            time.sleep(0.1)
