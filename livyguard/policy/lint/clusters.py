"""LG87x and LG88x: clusters, and tests."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from livyguard.policy.endpoints import comparable, web_address
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.globs import common, covers
from livyguard.policy.lint.places import at
from livyguard.policy.tenancy import has_dynamic_allocation
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground

__all__ = ["CHECKS"]

#: Settings of a cluster that are URLs of servers, with what one looks like.
_SERVERS = {"resource_manager": "http://rm.example.com:8088", "history_server": "http://shs.example.com:18080"}


def _globs(ground: Ground) -> dict[str, list[str]]:
    """Return the endpoints of the clusters that have names, as they are held against a URL."""
    return {name: list(map(comparable, each.endpoints)) for name, each in ground.clusters.items() if name}


def _layer(ground: Ground) -> str:
    return ground.layers[0].source_of("cluster")


def _unreachable(ground: Ground) -> Iterator[Found]:
    taken: list[str] = []
    for name, globs in _globs(ground).items():
        if not globs:
            yield Found(
                f"{_layer(ground)}: cluster.{name}",
                f"The cluster {name} names no endpoint: what the policy says of it holds nowhere.",
                'Give it endpoints = ["http://…"], the URL of its Livy.',
            )
        elif all(covers(taken, glob) for glob in globs):
            yield Found(
                f"{_layer(ground)}: cluster.{name}.endpoints",
                f"No endpoint leads to the cluster {name}: earlier ones take {', '.join(globs)}.",
                "Put it above them, or narrow theirs.",
            )
        taken += globs


def _overlapping(ground: Ground) -> Iterator[Found]:
    for (one, its), (other, theirs) in combinations(_globs(ground).items(), 2):
        for glob in theirs:
            url = next((url for each in its if (url := common([each, glob])) is not None), None)
            if url is not None and not covers(its, glob) and not all(covers([glob], each) for each in its):
                yield Found(
                    f"{_layer(ground)}: cluster.{other}.endpoints",
                    f"{glob} overlaps the endpoints of the cluster {one}: {url} leads to {one}, the first in the file.",
                    "Narrow one of them.",
                )


def _elsewhere(ground: Ground) -> Iterator[Found]:
    """Yield limits for another cluster than the only one where their tenant holds."""
    for stated in ground.limits:
        section, wanted = stated.section, stated.limit.cluster
        tenant = None if section.place is None else section.layer.tenant[section.place]
        if tenant is None or None in (wanted, tenant.cluster) or wanted == tenant.cluster:
            continue
        if not any(each.inherits == tenant.name for each in section.layer.tenant):
            yield Found(
                stated.at("cluster"),
                f"The limit holds at {wanted} alone, and the tenant {tenant.name} at {tenant.cluster} alone: it holds"
                " nowhere.",
                "Take cluster out of the one or the other.",
            )


def _no_address(ground: Ground) -> Iterator[Found]:
    """Yield what should be the URL of a server and is none; what a named cluster has from ``[cluster]`` only there."""
    unnamed = ground.clusters.get("")
    for name, cluster in ground.clusters.items():
        for key, example in _SERVERS.items():
            said = getattr(cluster, key)
            if said is None or (name and unnamed is not None and getattr(unnamed, key) == said):
                continue
            for wrong in _parts(key, said):
                if web_address(wrong) is None:
                    yield Found(
                        f"{_layer(ground)}: cluster{'.' if name else ''}{name}.{key}",
                        f"{shown(wrong.strip().rpartition('@')[2])} is no URL that can be asked.",
                        f"Write it with http:// or https://, and no login in it: {example}.",
                    )


def _parts(key: str, said: str) -> list[str]:
    """Return the URLs of a setting: a ResourceManager may be one of several, separated by commas."""
    if key != "resource_manager":
        return [said]
    return [each for each in said.split(",") if each.strip()] or [said]


def _unsaid(ground: Ground) -> Iterator[Found]:
    """Yield clusters that can be asked what sessions hold, and of which nobody says what an idle one holds."""
    for name, cluster in ground.clusters.items():
        if cluster.resource_manager is not None and has_dynamic_allocation(cluster) is None:
            yield Found(
                f"{_layer(ground)}: cluster{'.' if name else ''}{name}",
                "Whether the cluster allocates executors dynamically is not said: an idle session that holds some is "
                "freed by its number alone.",
                "Say dynamic_allocation = true or false, as its spark-defaults.conf does; Spark's default is false.",
            )


def _expects_nothing(ground: Ground) -> Iterator[Found]:
    for place, test in enumerate(ground.policy.test):
        if not test.expect:
            yield Found(
                at(ground.policy, f"test[{place}]", "expect"),
                "The test expects nothing, and always passes.",
                'Expect a verdict, or a value: { verdict = "clamp", "executors.max" = 8 }.',
            )


CHECKS = (
    Check("LG871", "fault", _unreachable),
    Check("LG872", "warning", _overlapping),
    Check("LG873", "warning", _elsewhere),
    Check("LG874", "fault", _no_address),
    Check("LG875", "note", _unsaid),
    Check("LG881", "warning", _expects_nothing),
)
