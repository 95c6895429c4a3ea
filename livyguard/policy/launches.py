"""Keys of ``conf`` that launch a session otherwise than its properties say, where those could not be judged."""

from __future__ import annotations

from typing import Any

from livyguard.policy.kinds import conf_text
from livyguard.policy.units import stripped

__all__ = ["launched_otherwise"]

_SIZES = ("executor.memory", "executor.cores", "driver.memory", "driver.cores")
#: What YARN calls memory and cores: a custom resource of that name takes the place of Spark's own figure.
_OF_YARN = {"memory-mb": "executor.memory", "vcores": "executor.cores"}
_DEVICES = frozenset({"spark.yarn.resourceGpuDeviceName", "spark.yarn.resourceFpgaDeviceName"})
_TEMPLATES = frozenset({"spark.kubernetes.driver.podTemplateFile", "spark.kubernetes.executor.podTemplateFile"})
#: Livy then runs the driver as a thread of itself: under its own login, in its own heap.
_INSIDE = frozenset(
    {
        "livy.rsc.client.do-not-use.run-driver-in-process",
        "livy.rsc.client.do_not_use.run_driver_in_process",
    }
)


def launched_otherwise(key: str, raw: Any) -> tuple[tuple[str, ...], str] | None:
    """Return which properties a key leaves without a meaning, and why; None for every other key.

    Args:
        key: of ``conf``, without Livy's own prefix.
        raw: its value as JSON.
    """
    if raw is None:
        return None
    value = conf_text(raw)
    text = stripped(value) if isinstance(value, str) else ""
    if key in _INSIDE and text.lower() == "true":
        return ("proxy_user", "driver.memory", "executors.max"), "Livy then runs the driver inside itself"
    if key in _TEMPLATES and text:
        return _SIZES, "a pod template may ask for any memory and cores"
    for resource, name in _OF_YARN.items():
        if key == f"spark.executor.resource.{resource}.amount":
            return (name,), "YARN takes it in place of Spark's own figure"
    if key in _DEVICES and (text in _OF_YARN or "${" in text):
        return _SIZES, "YARN then takes a number of devices for memory or cores"
    return None
