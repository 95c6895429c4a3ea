"""``livyguard policy init``: a first policy from users, workers and worker type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livyguard.errors import InvalidInput

if TYPE_CHECKING:
    from livyguard.capacity.workers import WorkerType
    from livyguard.policy.starter import Share

__all__ = ["init"]

_MANAGERS = ("glue", "yarn", "kubernetes", "standalone")
#: Beyond any cluster there is; a slip of the hand.
_MOST = 100_000


@click.command(short_help="Write a first policy from users and workers.")
@click.option("--users", help="How many people work at once, or their names between commas: 12, or alice,bob.")
@click.option("--workers", help="How many workers the cluster has.")
@click.option("--worker-type", help="AWS Glue's type of the workers: Standard, G.1X or G.2X.")
@click.option("--manager", default="glue", show_default=True, help=f"What runs the containers: {', '.join(_MANAGERS)}.")
@click.option("--name", help="How the team is called.")
@click.option("-o", "--output", default="-", help="File to write, else standard output.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(
    users: str | None,
    workers: str | None,
    worker_type: str | None,
    manager: str,
    name: str | None,
    output: str,
    force: bool,
) -> None:
    """Write a first policy: the workers shared evenly, everything else explained and commented out.

    Everybody may have as many executors as fit if all work at once, each in one session with its driver: 18 workers of
    type G.1X give 3 people 5 each. A whole number in --users is a number of people; anything else are names, which
    become a tenant of their own.

    Example: livyguard policy init --users 3 --workers 18 --worker-type G.1X -o policy.toml
    """
    from livyguard.cli.policy.placing import is_there, place
    from livyguard.policy.starter import starter

    text = starter(_share(users, workers, worker_type, manager, name))
    if output == "-":
        click.echo(text, nl=False)
        return
    file = Path(output)
    if not force and is_there(file):
        raise click.UsageError(f"{file} is there already; it stays as it is. --force replaces it.")
    place(text.encode("utf-8"), file)
    click.echo(f"Written: {file}\nNext: livyguard policy test {file}, then livyguard policy install {file}")


def _share(users: str | None, workers: str | None, worker_type: str | None, manager: str, name: str | None) -> Share:
    """Return what everybody gets.

    Raises:
        InvalidInput: with every fault.
    """
    from livyguard.capacity.workers import executors_each
    from livyguard.policy.starter import Share
    from livyguard.policy.units import shown

    faults: list[str] = []
    members = _members(users, faults)
    people = len(members) or _number("--users", users, faults)
    count = _number("--workers", workers, faults)
    kind = _kind(worker_type, faults)
    if manager not in _MANAGERS:
        faults.append(f"--manager: {shown(manager)} is none of {', '.join(_MANAGERS)}.")
    if name is not None and (not name.strip() or not name.isprintable() or name == "defaults"):
        faults.append(f"--name: {shown(name)} names no team.")
    each = 0
    if kind is not None and people and count:
        each = executors_each(kind, count, people)
        if not each:
            faults.append(_too_many(kind, people, count))
    if faults or kind is None:
        raise InvalidInput("\n".join(faults))
    return Share(
        workers=count,
        worker_type=kind.name,
        containers=kind.containers(count),
        users=people,
        executors=each,
        executor_memory=kind.executor_memory,
        executor_cores=kind.executor_cores,
        driver_memory=kind.driver_memory,
        manager=manager,
        is_dynamic=manager == "glue",
        members=members,
        name=name,
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
    from livyguard.capacity.workers import WORKER_TYPES, nearest_type
    from livyguard.policy.units import shown

    if name is None:
        faults.append(f"--worker-type: is missing; it is one of {', '.join(WORKER_TYPES)}.")
    elif name not in WORKER_TYPES:
        near = nearest_type(name)
        known = f"did you mean {near}?" if near else f"known are {', '.join(WORKER_TYPES)}."
        faults.append(f"--worker-type: there is no {shown(name)}; {known}")
    return None if name is None else WORKER_TYPES.get(name)


def _too_many(kind: WorkerType, people: int, workers: int) -> str:
    from livyguard.capacity.workers import most_users, workers_for

    most = most_users(kind, workers)
    enough = f"{most} {'person' if most == 1 else 'people'}" if most else "nobody"
    they = f"1 worker of type {kind.name} has" if workers == 1 else f"{workers} workers of type {kind.name} have"
    return (
        f"--users: {people} at once take a driver and an executor each, and {they} "
        f"room for {enough}; {workers_for(kind, people, 1)} workers are enough for {people}."
    )
