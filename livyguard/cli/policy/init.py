"""``livyguard policy init``: a first policy from users, workers and worker type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livyguard.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.capacity.containers import SessionSize
    from livyguard.capacity.site import Site
    from livyguard.capacity.sizing import Sizing
    from livyguard.capacity.workers import WorkerType
    from livyguard.policy.share import Nodes, Share

__all__ = ["init"]

_MANAGERS = ("glue", "yarn", "kubernetes", "standalone")
#: Beyond any cluster there is; a slip of the hand.
_MOST = 100_000


@click.command(short_help="Write a first policy from users and workers.")
@click.option("--users", help="How many people work at once, or their names between commas: 12, or alice,bob.")
@click.option("--workers", help="How many workers the cluster has.")
@click.option("--worker-type", help="AWS's type of the workers: of Glue G.1X and so on, of EMR m5.4xlarge and so on.")
@click.option("--manager", help=f"What runs the containers: {', '.join(_MANAGERS)}; glue on Glue's types, else yarn.")
@click.option("--worker-memory", help="What one worker offers to containers, where no type says it: 56g.")
@click.option("--worker-cores", help="Likewise its cores.")
@click.option("--executor-memory", help="How large everybody's executors are: 8g. Not on Glue, whose types say it.")
@click.option("--executor-cores", help="Likewise their cores.")
@click.option("--driver-memory", help="How large everybody's driver is.")
@click.option("--driver-cores", help="Likewise its cores.")
@click.option("--minimum-allocation", help="YARN's yarn.scheduler.minimum-allocation-mb, where it is not 1g.")
@click.option("--name", help="How the team is called.")
@click.option("-o", "--output", default="-", help="File to write, else standard output.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(
    users: str | None,
    workers: str | None,
    name: str | None,
    output: str,
    force: bool,
    **cluster: str | None,
) -> None:
    """Write a first policy: the workers shared evenly, everything else explained and commented out.

    Everybody may have as many executors as fit if all work at once, each in one session with its driver: 18 workers of
    type G.1X give 3 people 5 each. A whole number in --users is a number of people; anything else are names, which
    become a tenant of their own. The sizes of --executor-memory and its like hold for everybody.

    Example: livyguard policy init --users 3 --workers 18 --worker-type G.1X -o policy.toml

    Example: livyguard policy init --users 10 --workers 10 --worker-memory 56g --executor-memory 8g
    """
    from livyguard.cli.policy.placing import is_there, place
    from livyguard.policy.starter import starter

    text = starter(_share(users, workers, name, cluster))
    if output == "-":
        click.echo(text, nl=False)
        return
    file = Path(output)
    if not force and is_there(file):
        raise click.UsageError(f"{file} is there already; it stays as it is. --force replaces it.")
    place(text.encode("utf-8"), file)
    click.echo(f"Written: {file}\nNext: livyguard policy test {file}, then livyguard policy install {file}")


def _share(users: str | None, workers: str | None, name: str | None, cluster: Mapping[str, str | None]) -> Share:
    """Return what everybody gets.

    Raises:
        InvalidInput: with every fault.
    """
    from livyguard.capacity.plan import executors_each, plan
    from livyguard.policy.share import Share
    from livyguard.policy.units import MIB, shown, write_size

    faults: list[str] = []
    members = _members(users, faults)
    people = len(members) or _number("--users", users, faults)
    count = _number("--workers", workers, faults)
    planned = _planned(cluster, faults)
    if name is not None and (not name.strip() or not name.isprintable() or name == "defaults"):
        faults.append(f"--name: {shown(name)} names no team.")
    each = 0
    if planned is not None and people and count:
        site, sizing = planned
        each = executors_each(site, sizing.size, people, count)
        if not each:
            faults.append(_too_many(site, sizing.size, people, count))
    if faults or planned is None:
        raise InvalidInput("\n".join(faults))
    site, sizing = planned
    kind = site.worker_type
    is_known = kind is None or kind.executor_memory is not None
    return Share(
        workers=count,
        worker_type=None if kind is None else kind.name,
        containers=plan(site, sizing.size, people, each).containers if kind is None else kind.containers(count),
        users=people,
        executors=each,
        executor_memory=write_size(sizing.value("executor.memory"), MIB) if is_known else None,
        executor_cores=sizing.value("executor.cores") if is_known else None,
        driver_memory=write_size(sizing.value("driver.memory"), MIB) if is_known else None,
        manager=site.manager,
        is_dynamic=site.manager == "glue",
        members=members,
        name=name,
        nodes=None if kind is not None else _nodes(site, sizing, is_emr=cluster["worker_type"] is not None),
    )


def _planned(cluster: Mapping[str, str | None], faults: list[str]) -> tuple[Site, Sizing] | None:
    """Return the cluster, and the size of everybody's session; None after a fault."""
    from livyguard.capacity.asking import Options
    from livyguard.capacity.emr import EMR_TYPES
    from livyguard.capacity.site import Site
    from livyguard.capacity.siting import site_of
    from livyguard.capacity.sizing import sizing
    from livyguard.policy.units import shown

    manager, name = cluster["manager"], cluster["worker_type"]
    given = Options(**cluster)  # type: ignore[arg-type] # all of them are text
    before = len(faults)
    if given.worker_memory is None and name not in EMR_TYPES:
        kind = _kind(name, faults)
        if manager is not None and manager not in _MANAGERS:
            faults.append(f"--manager: {shown(manager)} is none of {', '.join(_MANAGERS)}.")
        sizes = [
            option for option, text in cluster.items() if text is not None and option not in {"manager", "worker_type"}
        ]
        if sizes:
            told = ", ".join(f"--{option.replace('_', '-')}" for option in sizes)
            faults.append(f"{told}: goes with --worker-memory; Glue's types say how large a container is.")
        if kind is None or len(faults) > before:
            return None
        site: Site | None = Site(manager or "glue", worker_type=kind)
    else:
        site = site_of(given, faults, [])
    made = sizing(given, site, faults, [])
    return None if site is None or made is None else (site, made)


def _nodes(site: Site, sizing: Sizing, *, is_emr: bool) -> Nodes:
    """Return what workers offer that are of no type of Glue's, and what a session takes as a policy counts it."""
    from livyguard.capacity.emr import SPARK_DEFAULTS
    from livyguard.policy.footprint import sizes
    from livyguard.policy.share import Nodes

    size = sizes({**sizing.otherwise, **sizing.given}, {}, manager=site.manager, step=site.step)
    memory, cores = (0, 0) if site.offered is None else (site.offered.memory_mib, int(site.offered.cores))
    return Nodes(
        memory_mib=memory,
        cores=cores or None,
        step=site.step if site.manager == "yarn" else None,
        driver_mib=size.driver_mib or 0,
        executor_mib=size.executor_mib or 0,
        driver_cores=sizing.value("driver.cores") if site.counts_cores and sizing.size.driver is not None else None,
        holds_drivers=sizing.size.driver is not None and site.deploy_mode == "cluster",
        spark_defaults=SPARK_DEFAULTS if is_emr else {},
    )


def _members(users: str | None, faults: list[str]) -> tuple[str, ...]:
    """Return the names in ``--users``; none where it is a number, or nothing."""
    from livyguard.policy.accounts import SHARED_ACCOUNTS
    from livyguard.policy.units import shown

    if users is None or re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]*)?\s*", users):
        return ()
    names = [each.strip() for each in users.split(",")]
    for each in dict.fromkeys(names):
        if not each or not each.isprintable():
            faults.append(f"--users: {shown(each)} is no name.")
        elif any(mark in each for mark in "*?["):
            faults.append(f"--users: {shown(each)} stands for any number of people; give the number instead.")
        elif each in SHARED_ACCOUNTS:
            faults.append(f"--users: {shown(each)} is a log-in of many people and names nobody; give a number instead.")
        elif names.count(each) > 1:
            faults.append(f"--users: {shown(each)} is named {names.count(each)} times.")
    return tuple(names)


def _number(option: str, text: str | None, faults: list[str]) -> int:
    """Return a number of people or workers; 0 with a fault."""
    from livyguard.policy.units import shown

    if text is None:
        faults.append(f"{option}: is missing.")
        return 0
    number = int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else 0
    if not 0 < number <= _MOST:
        faults.append(f"{option}: {shown(text)} is no whole number from 1 to {_MOST}.")
        return 0
    return number


def _kind(name: str | None, faults: list[str]) -> WorkerType | None:
    from livyguard.capacity.emr import EMR_TYPES
    from livyguard.capacity.workers import WORKER_TYPES, is_instance_type, nearest_type
    from livyguard.policy.units import shown

    types = f"{', '.join(WORKER_TYPES)}, or one of EMR's such as m5.4xlarge"
    if name is None:
        faults.append(f"--worker-type: is missing, and --worker-memory too; it is one of {types}.")
    elif name not in WORKER_TYPES:
        near = nearest_type(name, [*WORKER_TYPES, *EMR_TYPES])
        if near is None and is_instance_type(name):
            faults.append(f"--worker-type: livyguard has no figures for {shown(name)}; give --worker-memory instead.")
        else:
            meant = f"did you mean {near}?" if near else f"known are {types}."
            faults.append(f"--worker-type: there is no {shown(name)}; {meant}")
    return None if name is None else WORKER_TYPES.get(name)


def _too_many(site: Site, size: SessionSize, people: int, workers: int) -> str:
    from livyguard.capacity.plan import most_users, need

    most = most_users(site, size, 1, workers)
    enough = f"{most} {'person' if most == 1 else 'people'}" if most else "nobody"
    kind = "" if site.worker_type is None else f" of type {site.worker_type.name}"
    they = f"1 worker{kind} has" if workers == 1 else f"{workers} workers{kind} have"
    return (
        f"--users: {people} at once take a driver and an executor each, and {they} "
        f"room for {enough}; {need(site, size, people, 1).workers} workers are enough for {people}."
    )
