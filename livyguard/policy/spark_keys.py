"""The names of Spark's configuration keys, to recognise one that is misspelled."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files

from livyguard.policy.properties import ALIASES, DOORS, TWINS

__all__ = ["meant", "spark_keys"]

#: Prefixes below which anybody may name things.
_OPEN = (
    "spark.driver.resource.",
    "spark.executor.resource.",
    "spark.executorEnv.",
    "spark.hadoop.",
    "spark.hive.",
    "spark.io.encryption.commons.config.",
    "spark.kubernetes.driver.annotation.",
    "spark.kubernetes.driver.label.",
    "spark.kubernetes.driver.node.selector.",
    "spark.kubernetes.driver.secretKeyRef.",
    "spark.kubernetes.driver.secrets.",
    "spark.kubernetes.driver.service.",
    "spark.kubernetes.driver.volumes.",
    "spark.kubernetes.driverEnv.",
    "spark.kubernetes.executor.annotation.",
    "spark.kubernetes.executor.label.",
    "spark.kubernetes.executor.node.selector.",
    "spark.kubernetes.executor.secretKeyRef.",
    "spark.kubernetes.executor.secrets.",
    "spark.kubernetes.executor.volumes.",
    "spark.kubernetes.node.selector.",
    "spark.metrics.conf.",
    "spark.network.crypto.config.",
    "spark.plugins.internal.conf.",
    "spark.rpc.io.",
    "spark.scheduler.listenerbus.eventqueue.",
    "spark.security.credentials.",
    "spark.shuffle.io.",
    "spark.sql.catalog.",
    "spark.ssl.",
    "spark.task.resource.",
    "spark.yarn.am.resource.",
    "spark.yarn.appMasterEnv.",
    "spark.yarn.driver.resource.",
    "spark.yarn.executor.resource.",
)
#: How alike two names are that differ by a slip: one letter in ten.
_ALIKE = 0.92
_WILD = "*?"


@lru_cache(maxsize=1)
def spark_keys() -> frozenset[str]:
    """Return the keys of Spark's own registry; the first line of the file says which Spark."""
    lines = files("livyguard.policy").joinpath("spark_keys.txt").read_text("utf-8").splitlines()
    return frozenset(lines[1:]).union(ALIASES, DOORS, TWINS)


@lru_cache(maxsize=4096)
def meant(key: str) -> str | None:
    """Return the key or glob that an unknown one is surely a slip of; None where it is known, or like none."""
    place = min((key.find(sign) for sign in _WILD if sign in key), default=None)
    head = key[:place]
    if not head.startswith("spark.") or head.startswith(_OPEN):
        return None
    if place is None:
        return None if key in spark_keys() else _nearest(key, spark_keys())
    cut = head.rfind(".") + 1
    if any(known.startswith(head) for known in spark_keys()):
        return None
    near = _nearest(head[:cut], _beginnings(head[:cut].count(".")))
    return None if near is None or near == head[:cut] else f"{near}{key[cut:]}"


def _nearest(name: str, known: frozenset[str]) -> str | None:
    lower = name.lower()
    same = next((each for each in sorted(known) if each.lower() == lower), None)
    return same or next(iter(get_close_matches(name, sorted(known), n=1, cutoff=_ALIKE)), None)


@lru_cache(maxsize=16)
def _beginnings(dots: int) -> frozenset[str]:
    """Return what known keys begin with, up to as many dots."""
    return frozenset(".".join(parts[:dots]) + "." for known in spark_keys() if len(parts := known.split(".")) > dots)
