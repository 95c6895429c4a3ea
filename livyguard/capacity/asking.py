"""What a person asks of the planner: from the text of options to a cluster, a session's size and a question."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from livyguard.capacity.quantities import count, counts, share
from livyguard.capacity.siting import site_of
from livyguard.capacity.sizing import Sizing, sizing
from livyguard.errors import InvalidInput

if TYPE_CHECKING:
    from livyguard.capacity.containers import SessionSize
    from livyguard.capacity.site import Site

__all__ = ["Asked", "Options", "asks_for_policy", "read"]

_QUESTIONS = (
    "Say what is asked: --users and --executors for the workers that they need, --workers with one of them for the "
    "other, with both for whether they fit, or --policy FILE for what a policy promises."
)


@dataclass(frozen=True, slots=True)
class Options:
    """The planner's options as somebody typed them; None where they are not there.

    The command line, the magic and their help say what each means.
    """

    users: str | None = None
    executors: str | None = None
    workers: str | None = None
    worker_type: str | None = None
    manager: str | None = None
    worker_memory: str | None = None
    worker_cores: str | None = None
    reserved_memory: str | None = None
    reserved_cores: str | None = None
    driver_memory: str | None = None
    driver_cores: str | None = None
    executor_memory: str | None = None
    executor_cores: str | None = None
    conf: tuple[str, ...] = ()
    kind: str | None = None
    minimum_allocation: str | None = None
    count_cores: bool = False
    am_share: str | None = None
    queue_share: str | None = None
    deploy_mode: str | None = None
    drivers_apart: bool = False
    at_once: str | None = None
    policy: str | None = None
    cluster: str | None = None
    people: tuple[str, ...] = ()
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the planner, whole and without contradiction.

    Attributes:
        mode: ``forward``: how many workers; ``executors``: how many each; ``users``: for how many; ``check``: does it
            fit; ``matrix``: any of these for lists.
        users: numbers of people; empty where that is the question.
        executors: of each, likewise.
        workers: that there are; None where that is the question.
        at_once: share of the people who work at the same time.
        site: the cluster.
        sizing: of one session.
        worker_type: AWS's name of it, Glue's or EMR's; None elsewhere.
        notes: sentences about how the options were understood.
    """

    mode: str
    users: tuple[int, ...]
    executors: tuple[int, ...]
    workers: int | None
    at_once: Fraction
    site: Site
    sizing: Sizing
    worker_type: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> SessionSize:
        """Of one session's driver and executors."""
        return self.sizing.size

    def at_work(self, users: int) -> int:
        """Return how many of so many people work at the same time."""
        return ceil(users * self.at_once)


def asks_for_policy(options: Options) -> bool:
    """Tell whether the question is what a policy promises: one is named, or nobody says users or executors."""
    return options.policy is not None or (options.users is None and options.executors is None)


def read(options: Options) -> Asked:
    """Return what is asked.

    Raises:
        InvalidInput: with every fault, a line each.
    """
    faults: list[str] = []
    users = counts("--users", options.users, faults)
    executors = counts("--executors", options.executors, faults)
    workers = count("--workers", options.workers, faults)
    at_once = share("--at-once", options.at_once, faults) or Fraction(1)
    given = [text is not None for text in (options.users, options.executors, options.workers)]
    if sum(given) < 2:  # noqa: PLR2004 - of users, executors and workers, which give the third
        faults.append(_QUESTIONS)
    with_policy = (("--people", options.people or None), ("--cluster", options.cluster))
    faults += [f"{name} goes with --policy." for name, text in with_policy if text is not None]
    if options.chart is not None and not options.chart.lower().endswith(".svg"):
        faults.append("--chart: what is drawn is SVG; give a file that ends in .svg.")
    notes: list[str] = []
    site = site_of(options, faults, notes)
    made = sizing(options, site, faults, notes)
    if faults or site is None or made is None:
        raise InvalidInput("\n".join(dict.fromkeys(faults)))
    mode = _mode(users, executors, workers)
    return Asked(mode, users, executors, workers, at_once, site, made, options.worker_type, tuple(notes))


def _mode(users: tuple[int, ...], executors: tuple[int, ...], workers: int | None) -> str:
    if len(users) > 1 or len(executors) > 1:
        return "matrix"
    if workers is None:
        return "forward"
    return "check" if users and executors else "executors" if users else "users"
