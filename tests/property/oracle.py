"""What Livy and Spark make of a POST /sessions body: an oracle that shares no code with livyguard.

Written from their sources:

* Livy 0.9.0: ``CreateInteractiveRequest``, ``Session.prepareConf``, ``InteractiveSession.create``, ``ContextLauncher``,
  ``RSCConf``, ``RSCDriverBootstrapper``: which of two spellings wins, what is overwritten, what is renamed;
* Spark 3.5: ``JavaUtils``, ``SparkConf`` (older names of keys), ``ConfigReader`` (``${…}``), ``Utils`` and
  ``CommandBuilderUtils`` (Java options), ``SchedulerBackendUtils`` and ``ExecutorAllocationManager`` (executors),
  ``ResourceProfile``, ``ResourceRequestHelper``, ``BasicDriverFeatureStep`` (sizes of containers).

It is stricter than they are in one place: what it cannot know counts as without end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from tests.property.spark_names import (
    DYNAMIC,
    ENVIRONMENTS,
    FIELDS,
    JVM_VARIABLES,
    KUBERNETES,
    LISTS,
    OLDER,
    OPTIONS,
    OVER_CONF,
    STREAMING,
)
from tests.property.spark_values import UNITS, NotReadable, every_split, flag, quantity, share, size, trimmed, whole

ENDLESS = math.inf


@dataclass
class Launch:
    """What is launched.

    Attributes:
        faults: why Livy or Spark would not take it.
        conf: Spark's and Livy's properties as the driver finds them.
        most: the most that is had of a property, MiB, bytes or numbers.
        texts: the texts that are in force for a property.
        items: the items of its lists.
    """

    faults: list[str] = field(default_factory=list)
    conf: dict[str, str] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    items: dict[str, set[str]] = field(default_factory=dict)


def launch(
    body: Any,
    *,
    manager: str | None = None,
    is_dynamic: bool | None = None,
    defaults: dict[str, Any] | None = None,
    step: int = 1,
) -> Launch:
    """Return what a body comes to.

    Args:
        body: as it is posted.
        manager: ``yarn``, ``kubernetes``, ``standalone``; None is any of them but the last.
        is_dynamic: what the cluster's spark-defaults say of dynamic allocation; None where they are not known.
        defaults: the rest of them.
        step: what YARN rounds memory up to, MiB.
    """
    return _Launcher(manager, is_dynamic, defaults or {}, step).launch(body)


class _Launcher:
    def __init__(self, manager: str | None, is_dynamic: bool | None, defaults: dict[str, Any], step: int) -> None:
        self.manager, self.is_dynamic, self.defaults, self.step = manager, is_dynamic, defaults, step
        self.found = Launch()
        self.first_heaps: dict[str, float] = {}

    def launch(self, body: Any) -> Launch:
        found = self.found
        if not isinstance(body, dict) or not isinstance(body.get("conf") or {}, dict):
            found.faults.append("the body, or its conf, is no object")
            return found
        self._accept(body, body.get("conf") or {})
        self._options()
        for key, value in self.defaults.items():
            found.conf.setdefault(key, str(value))
        self._identities(body)
        self._executors()
        self._sizes(str(body.get("kind") or "shared"))
        return found

    def _accept(self, body: dict[str, Any], conf: dict[str, Any]) -> None:
        found = self.found
        for key, value in body.items():
            if key == "conf" or value is None:
                continue
            kind = FIELDS.get(key)
            if kind is None or isinstance(value, bool) or not isinstance(value, kind):
                found.faults.append(f"Livy knows no field {key!r}, or takes another kind of value there")
            elif kind is list and not all(isinstance(item, str) for item in value):
                found.faults.append(f"{key} holds what is no text")
        self._take(conf)
        self._put_over(body)

    def _take(self, conf: dict[str, Any]) -> None:
        """Take the keys of conf: Livy writes them to a properties file, its own under a prefix."""
        found = self.found
        for key, value in conf.items():
            if value is None or isinstance(value, (list, dict)):
                found.faults.append(f"conf {key} is no text")
            elif key.startswith(("spark.", "livy.")):
                name = key.removeprefix("spark.__livy__.")
                text = str(value).lower() if isinstance(value, bool) else str(value)
                if name == key or name not in conf:
                    # A properties file is read with its values trimmed of all but line ends.
                    found.conf[name] = text.strip("".join(map(chr, {*range(0x21)} - {10, 13})))
        for key in ("spark.master", "spark.yarn.maxAppAttempts", "spark.yarn.submit.waitAppCompletion"):
            found.conf.pop(key, None)

    def _put_over(self, body: dict[str, Any]) -> None:
        found = self.found
        for name, key in OVER_CONF.items():
            if body.get(name) is not None:
                found.conf[key] = str(body[name])
        for name, keys in LISTS.items():
            given = body.get(name)
            lists = [str(item) for item in given] if isinstance(given, list) else []
            lists += re.split("[, ]+", found.conf.get(keys[0], ""))
            lists += [found.conf[key] for key in keys[1:] if key in found.conf]
            found.items[name] = {trimmed(item) for each in lists for item in each.split(",")} - {""}
        found.items["packages"] = {trimmed(item) for item in found.conf.get("spark.jars.packages", "").split(",")} - {
            ""
        }

    def get(self, key: str) -> str | None:
        """A property by its name or its older one, with what stands for something else put in."""
        conf = self.found.conf
        value = conf.get(key, conf.get(OLDER.get(key, ""), None))
        return None if value is None else self._substituted(value)

    def _substituted(self, text: str, depth: int = 0) -> str:
        def put(found: re.Match[str]) -> str:
            if found[1] in (None, "spark") and found[2].startswith("spark."):
                value = self.found.conf.get(found[2])
                return found[0] if value is None or depth > 9 else self._substituted(value, depth + 1)
            return found[0] if found[1] not in ("env", "system") else "\ufffd"

        return re.sub(r"\$\{(?:(\w+?):)?(\S+?)\}", put, text)

    def _number(self, name: str, key: str, read: Any, default: float | None = None) -> float | None:
        text = self.get(key)
        if text is None:
            return default
        if "\ufffd" in text:
            return ENDLESS
        try:
            return read(text)
        except NotReadable:
            self.found.faults.append(f"{name}: {key}={text!r} is not readable")
            return default

    def _claim(self, name: str, amount: float | None) -> None:
        if amount is not None:
            self.found.most[name] = max(self.found.most.get(name, 0), amount)

    def _options(self) -> None:
        """Heaps and properties in Java options and in the variables that a JVM takes them from."""
        for key, text in sorted(self.found.conf.items()):
            side = OPTIONS.get(key)
            prefix = next((each for each in ENVIRONMENTS if key.startswith(each)), None)
            if prefix is not None and key.removeprefix(prefix) in JVM_VARIABLES:
                side = ENVIRONMENTS[prefix]
            if side is None:
                continue
            for tokens in every_split(self._substituted(text)):
                for token in tokens:
                    self._option(side, token)

    def _option(self, side: str, token: str) -> None:
        if token.startswith(("@", "-XX:VMOptionsFile=", "-XX:Flags=")) or "\ufffd" in token:
            self._claim(f"{side}.memory", ENDLESS)
        for start in ("-Xmx", "-mx", "-XX:MaxHeapSize="):
            if token.startswith(start):
                heap = re.fullmatch(r"([0-9]+)([kmgtKMGT]?)", token.removeprefix(start))
                if heap is None:
                    self.found.faults.append(f"Java does not start with {token}")
                else:
                    self._claim(f"{side}.memory", int(heap[1]) * UNITS[heap[2].lower() or "b"] / 2**20)
        first = re.fullmatch(r"(?:-Xms|-XX:InitialHeapSize=)([0-9]+)([kmgtKMGT]?)", token)
        if first is not None:
            self.first_heaps[side] = int(first[1]) * UNITS[first[2].lower() or "b"] / 2**20
        if token.startswith(("-Dspark.", "-Dlivy.")):
            name, _, value = token[2:].partition("=")
            self.found.conf.setdefault(name.removeprefix("spark.__livy__."), value)

    def _identities(self, body: dict[str, Any]) -> None:
        found = self.found
        user = body.get("proxyUser") or self.get("livy.rsc.proxy-user")
        named = {"queue": self.get("spark.yarn.queue"), "proxy_user": user, "kind": body.get("kind")}
        found.texts = {name: set() if text is None else {str(text)} for name, text in named.items()}
        for key, value in found.conf.items():
            name = key.rpartition(".")[2]
            if key.startswith(tuple(ENVIRONMENTS)):
                if name in ("HADOOP_USER_NAME", "HADOOP_PROXY_USER"):
                    found.texts["proxy_user"].add(value)
                elif name == "SPARK_YARN_QUEUE":
                    found.texts["queue"].add(value)
        inside = "livy.rsc.client.do-not-use.run-driver-in-process"
        if (
            found.conf.get(inside)
            or found.conf.get(
                inside.replace("do-not-use.run-driver-in-process", "do_not_use.run_driver_in_process"), ""
            )
        ).lower() == "true":
            found.texts["proxy_user"].add("Livy's own user")
            self._claim("driver.memory", ENDLESS)

    def _executors(self) -> None:
        given = self.get(f"{DYNAMIC}.enabled")
        dynamic = self._number("dynamic allocation", f"{DYNAMIC}.enabled", flag)
        is_dynamic = {self.is_dynamic} if given is None else {dynamic}
        is_dynamic = {True, False} if None in is_dynamic or ENDLESS in is_dynamic else is_dynamic
        most = self._number("executors", f"{DYNAMIC}.maxExecutors", whole, ENDLESS)
        least = self._number("executors", f"{DYNAMIC}.minExecutors", whole, 0)
        initial = self._number("executors", f"{DYNAMIC}.initialExecutors", whole, least)
        count = self._number("executors", "spark.executor.instances", whole)
        numbers = {"executors.min": least, "executors.initial": initial, "executors.count": count}
        for name, number in numbers.items():
            self._claim(name, number)
        if True in is_dynamic and most is not None and least is not None and initial is not None:
            start = max(initial, least, count or 0)
            if not (0 <= least <= start <= most and most > 0):
                self.found.faults.append(f"Spark does not start: {least} <= {start} <= {most} executors")
            self._claim("executors.max", most)
        if False in is_dynamic:
            # Nobody says a number: two, or what unknown spark-defaults say.
            self._claim("executors.max", 2 if count is None else count)
        self._claim("executors.max", self._streamed())
        for prefix in ENVIRONMENTS:
            self._claim("executors.max", self._number("executors", f"{prefix}SPARK_EXECUTOR_INSTANCES", whole))
        if self.manager == "standalone":
            cores = self._number("executor.cores", "spark.executor.cores", whole) or 1
            total = self._number("cores.max", "spark.cores.max", whole, ENDLESS)
            self.found.most["executors.max"] = (total or 0) / cores

    def _streamed(self) -> float | None:
        if not self._number("streaming", f"{STREAMING}.enabled", flag):
            return None
        most = self._number("streaming", f"{STREAMING}.maxExecutors", whole, ENDLESS)
        least = self._number("streaming", f"{STREAMING}.minExecutors", whole)
        if least is not None and most is not None and least > most:
            self.found.faults.append(f"Spark does not start: streaming with {least} <= {most} executors")
        return most

    def _sizes(self, kind: str) -> None:
        found, number = self.found, self._number
        driver = self._container("driver", kind)
        executor = self._container("executor", kind)
        if number("offheap", "spark.memory.offHeap.enabled", flag):
            offheap = number("offheap", "spark.memory.offHeap.size", lambda text: size(text, "b"), 0) or 0
            if offheap < 2**20:
                found.faults.append("Spark does not start: off-heap memory without a size")
            executor += offheap // 2**20 if offheap < ENDLESS else ENDLESS
        self._claim(
            "executor.offheap_memory", number("offheap", "spark.memory.offHeap.size", lambda text: size(text, "b"))
        )
        pyspark = number("pyspark", "spark.executor.pyspark.memory", lambda text: size(text, "m"))
        self._claim("executor.pyspark_memory", pyspark)
        executor += pyspark or 0
        executor = self._renamed(executor, "memory-mb")
        cores = {side: number(side, f"spark.{side}.cores", whole, 1) or 1 for side in ("driver", "executor")}
        if number("tasks", "spark.task.cpus", whole, 1) > cores["executor"]:  # type: ignore[operator]
            found.faults.append("Spark does not start: a task takes more cores than an executor has")
        cores["executor"] = self._renamed(cores["executor"], "vcores")
        reserved = {}
        for side in ("driver", "executor"):
            asked = number(side, f"{KUBERNETES}.{side}.request.cores", quantity, 0) or 0
            self._claim(f"{side}.cores", max(cores[side], asked))
            self._claim(f"{side}.cores", number(side, f"{KUBERNETES}.{side}.limit.cores", quantity))
            reserved[side] = max(cores[side], math.ceil(asked) if asked < ENDLESS else ENDLESS)
        self._claim("driver.cores", number("am", "spark.yarn.am.cores", whole))
        for prefix in ENVIRONMENTS:
            self._claim("executor.cores", number("cores", f"{prefix}SPARK_EXECUTOR_CORES", whole))
            for name, side in (
                ("SPARK_EXECUTOR_MEMORY", "executor"),
                ("SPARK_MEM", "executor"),
                ("SPARK_DRIVER_MEMORY", "driver"),
            ):
                self._claim(f"{side}.memory", number(side, f"{prefix}{name}", lambda text: size(text, "m")))
        most = found.most.get("executors.max", ENDLESS)
        if self.manager == "yarn":
            driver, executor = (
                math.ceil(each / self.step) * self.step if each < ENDLESS else each for each in (driver, executor)
            )
        found.most["session.memory"] = driver + self._times(most, executor)
        found.most["session.cores"] = reserved["driver"] + self._times(most, reserved["executor"])

    @staticmethod
    def _times(number: float, each: float) -> float:
        return 0 if 0 in (number, each) else number * each

    def _container(self, side: str, kind: str) -> float:
        """Heap and overhead of one container, MiB; pod templates can put anything beside it."""
        heap = self._number(side, f"spark.{side}.memory", lambda text: size(text, "m"), 1024) or 0
        if heap < 1:
            self.found.faults.append(f"Spark does not start: {side} without memory")
        overhead = self._number(side, f"spark.{side}.memoryOverhead", lambda text: size(text, "m"))
        is_stated = overhead is not None
        if overhead is None:
            overhead, is_stated = self._scaled(side, kind, heap)
        self._claim(f"{side}.memory", heap)
        if self.first_heaps.get(side, 0) > self.found.most[f"{side}.memory"]:
            self.found.faults.append(f"Java does not start: {side} with more heap at first than at most")
        if is_stated:
            self._claim(f"{side}.memory_overhead", overhead)
        if side == "driver":
            am = self._number("am", "spark.yarn.am.memory", lambda text: size(text, "m"))
            self._claim("driver.memory", am)
            more = self._number("am", "spark.yarn.am.memoryOverhead", lambda text: size(text, "m"))
            self._claim("driver.memory_overhead", more)
        return heap + overhead

    def _scaled(self, side: str, kind: str, heap: float) -> tuple[float, bool]:
        of_all = f"{KUBERNETES}.memoryOverheadFactor"
        own = self._number(side, f"spark.{side}.memoryOverheadFactor", share)
        both = self._number(side, of_all, share) if self.manager in (None, "kubernetes") else None
        usual = 0.4 if self.manager == "kubernetes" and kind in ("pyspark", "python", "sparkr", "r") else 0.1
        factor = own if own is not None else both if both is not None else usual
        least = self._number(side, f"spark.{side}.minMemoryOverhead", lambda text: size(text, "m"))
        overhead = max(
            384 if least is None else least, math.floor(factor * heap) if factor * heap < ENDLESS else ENDLESS
        )
        return overhead, own is not None or both is not None or least is not None

    def _renamed(self, amount: float, resource: str) -> float:
        """What YARN takes instead where a custom resource bears the name of memory or cores."""
        if self.manager not in (None, "yarn"):
            return ENDLESS if self._templates() else amount
        kinds = {resource: resource} | {
            self.get(f"spark.yarn.resource{name}DeviceName") or "": name.lower() for name in ("Gpu", "Fpga")
        }
        for yarn, name in kinds.items():
            if yarn == resource or "\ufffd" in yarn:
                given = self._number(name, f"spark.executor.resource.{name}.amount", lambda text: int(size(text, "b")))
                amount = amount if given is None else max(amount, given)
                if given is not None:
                    self._claim("executor.memory" if resource == "memory-mb" else "executor.cores", given)
        return ENDLESS if self._templates() else amount

    def _templates(self) -> bool:
        templates = (f"{KUBERNETES}.{side}.podTemplateFile" for side in ("driver", "executor"))
        return any(each in self.found.conf for each in templates)


def excesses(found: Launch, limits: dict[str, Any]) -> list[str]:
    """Return what is launched beyond plain limits: numbers are the most; texts, sets and expressions what may be."""
    told = []
    for name, limit in limits.items():
        if isinstance(limit, (int, float)):
            if found.most.get(name, 0) > limit:
                told.append(f"{name}: {found.most[name]} > {limit}")
        elif name.startswith("conf."):
            told += [f"{key}={value}" for key, value in found.conf.items() if re.fullmatch(limit, key)]
        elif name in found.texts:
            allowed = {limit} if isinstance(limit, str) else limit
            told += [f"{name}: {text}" for text in found.texts[name] - allowed]
        else:
            told += [f"{name}: {item}" for item in found.items.get(name, ()) if not re.fullmatch(limit, item)]
    return told
