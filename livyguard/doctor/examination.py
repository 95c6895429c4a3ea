"""The round: every check in its order, each by itself. What fails in one stops none but those that rest on it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from livyguard.doctor import advice, cluster, local, login, network, sessions, upkeep
from livyguard.doctor.model import FAILURE, OK, SKIPPED, Check, Finding, Report
from livyguard.doctor.patience import Budget, Overdue, within
from livyguard.doctor.unnamed import unnamed
from livyguard.doctor.visit import Visit
from livyguard.errors import CellFailure, ClusterError, InvalidInput, LivyguardError, NotLivy
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from livyguard.doctor.ports import Here, Server
    from livyguard.ports import Clock, Progress

__all__ = ["Doctor", "Seconds"]

_LONGEST = 600
#: A server that never answers is left after so many seconds, all its checks together.
SERVER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long things may take.

    Attributes:
        local: a check of this machine; all of them together thrice as long.
        step: the host's name, a connection, a handshake, a question that is not of the listing.
        server: one server, all its checks together.
    """

    local: float = 10.0
    step: float = 5.0
    server: float = field(default_factory=lambda: SERVER_SECONDS)


HERE = "this machine"
_NAMES = {HERE: HERE, "livy": "Livy", "cluster": "the cluster"}
#: Steps of which a slow one shall leave the others their time.
_SHORT = frozenset({"dns", "tcp", "tls", "csrf", "version"})


class Step(NamedTuple):
    """One check.

    Attributes:
        needs: names of the checks without which it cannot be made.
        asks: whose time it takes: that of ``livy``, of the ``cluster``, or of ``this machine``.
    """

    name: str
    label: str
    run: Callable[[Visit], Finding]
    needs: tuple[str, ...] = ()
    asks: str = HERE


_OF_THIS_MACHINE = (
    Step("config", "config.json", local.config),
    Step("kernelspec", "kernels", local.kernels),
    Step("startup", "start-up file", local.startup),
    Step("guard", "guard", local.guard),
    Step("policy", "policy", local.policy),
)
_OF_A_SERVER = (
    Step("identity", "who asks", local.identity, ("endpoint",)),
    Step("dns", "DNS", network.dns, ("endpoint",), "livy"),
    Step("tcp", "TCP", network.tcp, ("dns",), "livy"),
    Step("tls", "TLS", network.tls, ("tcp",), "livy"),
    Step("login", "log-in", login.login, ("tcp", "tls"), "livy"),
    Step("csrf", "CSRF", login.csrf, ("login",), "livy"),
    Step("version", "Livy", login.version, ("login",), "livy"),
    Step("sessions", "sessions", sessions.listing, ("login",), "livy"),
    Step("access", "access", sessions.access, ("sessions",)),
    Step("yarn", "cluster", cluster.manager, ("endpoint", "policy"), "cluster"),
    Step("queue", "queue", cluster.queue, ("yarn",), "cluster"),
    Step("clocks", "clocks", upkeep.clocks, ("endpoint",)),
)
_IN_THE_END = (
    Step("heartbeat", "heartbeat", upkeep.heartbeat, ("config",)),
    Step("ledger", "ledger", upkeep.ledger),
)


@dataclass
class Doctor:
    """Makes the round.

    Args:
        here: this machine and this kernel.
        servers: the Livys to look at; called once, and whatever it raises is one fault.
        clock: the time.
        progress: says how far it is; None says nothing.
        seconds: how long things may take.
    """

    here: Here
    servers: Callable[[], Sequence[Server]]
    clock: Clock
    progress: Progress | None = None
    seconds: Seconds = field(default_factory=Seconds)

    def __post_init__(self) -> None:
        self._local = Budget(3 * self.seconds.local)

    def examine(self) -> Report:
        """Look at everything; changes nothing, raises nothing, and ends in bounded time."""
        visit = Visit(self.here, self.clock.now())
        checks = list(self._round(_OF_THIS_MACHINE, visit))
        servers, named = self._found(visit)
        checks.append(named)
        for server in servers or [None]:
            checks += self._round(_OF_A_SERVER, visit.turned_to(server))
        return Report(unnamed((*checks, *self._round(_IN_THE_END, visit)), visit.settings, servers))

    def _found(self, visit: Visit) -> tuple[list[Server | None], Check]:
        """Return the Livys, and the check that says what named them."""
        started = time.monotonic()
        try:
            servers = list(within(self.seconds.local, self.servers))
            if not servers:
                raise InvalidInput("Neither this notebook nor config.json names a Livy.")  # noqa: TRY301 - told below
        except (Exception, CellFailure) as error:  # noqa: BLE001 - config.json may be wrong in any way
            text = excerpt(str(error) or type(error).__name__, longest=_LONGEST)
            is_told = "config" in visit.blocked
            visit.blocked["endpoint"] = visit.blocked.get("config", "no Livy is known")
            hint = None if is_told else advice.known(text)
            failed = Check("endpoint", "endpoint", SKIPPED if is_told else FAILURE, text, hint)
            return [], replace(failed, exit_code=0 if is_told else 1, seconds=time.monotonic() - started)
        told = "; ".join(f"{server.url}, named by {server.source}" for server in servers)
        check = Check("endpoint", "endpoint", OK, excerpt(told, longest=_LONGEST))
        return [*servers], replace(check, seconds=time.monotonic() - started)

    def _round(self, steps: Sequence[Step], visit: Visit) -> Iterator[Check]:
        budgets = {name: Budget(self.seconds.server) for name in ("livy", "cluster")} | {HERE: self._local}
        for step in steps:
            if self.progress is not None:
                with suppress(Exception):
                    self.progress.show(f"Looking at {step.label}")
            started = time.monotonic()
            found = self._made(step, visit, budgets)
            if found.status == FAILURE:
                visit.blocked[step.name] = f"{step.label} fails"
            yield Check(
                name=step.name,
                label=step.label,
                status=found.status,
                text=excerpt(found.text, longest=_LONGEST),
                hint=found.hint,
                endpoint=None if visit.server is None else visit.server.url,
                seconds=time.monotonic() - started,
                exit_code=found.exit_code if found.status == FAILURE else 0,
            )

    def _made(self, step: Step, visit: Visit, budgets: Mapping[str, Budget]) -> Finding:
        budget = budgets[step.asks]
        cause = next((visit.blocked[name] for name in step.needs if name in visit.blocked), None)
        if cause is None and budget.left <= 0:
            cause = f"{_NAMES[step.asks]} has had its {budget.whole:.0f} s"
        if cause is not None:
            visit.blocked[step.name] = cause
            return Finding(SKIPPED, f"not looked at: {cause}")
        return self._tried(step, visit, budget)

    def _tried(self, step: Step, visit: Visit, budget: Budget) -> Finding:
        most = self.seconds.step if step.name in _SHORT else budget.whole
        most = self.seconds.local if step.asks == HERE else most
        try:
            return budget.spend(most, lambda: step.run(visit))
        except Overdue as error:
            return _overdue(step, visit, error.seconds)
        except ClusterError as error:
            return cluster.silent(str(error))
        except LivyguardError as error:
            text = str(error)
            url = None if visit.server is None else visit.server.url
            hint = advice.known(text, url)
            if hint is None and isinstance(error, NotLivy) and url is not None:
                hint = advice.no_livy(url)
            return Finding(FAILURE, text, hint, error.exit_code)
        except (Exception, CellFailure) as error:  # noqa: BLE001 - one check that breaks down leaves the others alone
            return _broken(step, error)


def _broken(step: Step, error: BaseException) -> Finding:
    said = excerpt(f"{type(error).__name__}: {error}")
    hint = advice.advice(
        "LG950",
        f"The check “{step.label}” broke down itself, so it says nothing; the others went on.",
        seen=[(said, "the check")],
    )
    return Finding(FAILURE, f"the check itself broke down ({said})", hint)


def _overdue(step: Step, visit: Visit, seconds: float) -> Finding:
    waited = f"{seconds:.0f} s" if seconds >= 1 else "less than 1 s"
    if step.asks == HERE:
        return _broken(step, TimeoutError(f"it was not done within {waited}"))
    if step.asks == "cluster" or visit.server is None:
        who = "what runs the cluster" if visit.manager is None else visit.manager.place
        return cluster.silent(f"{who[:1].upper()}{who[1:]} did not answer within {waited}.")
    if step.name == "csrf":
        return Finding(SKIPPED, f"whether X-Requested-By is wanted was not answered within {waited}")
    url = visit.server.url
    text = {
        "dns": f"The name of the host of {url} was not looked up within {waited}.",
        "tcp": f"No connection to {url} within {waited}.",
        "tls": f"TLS with {url} fails: no handshake within {waited}.",
    }.get(step.name, f"Livy at {url} accepted the GET, and did not answer it within {waited}.")
    return Finding(FAILURE, text, advice.known(text, url), exit_code=3)
