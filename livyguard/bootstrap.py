"""The one place that builds use cases from adapters. Everything heavy waits for its first use."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livyguard.errors import InvalidPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from livyguard.applications import Applications
    from livyguard.cells import Cells, Ran
    from livyguard.config import PolicyFiles
    from livyguard.guard import Guard
    from livyguard.identity.sources import Identities
    from livyguard.journal import Journal
    from livyguard.kubernetes.clusters import KubernetesClusters
    from livyguard.ledger import FileLedger
    from livyguard.policy.decision import Decision
    from livyguard.policy.model import Policy
    from livyguard.ports import Clusters, Display, SessionStore, Whose
    from livyguard.quotas import Quotas
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow
    from livyguard.sparkmagic.endpoints import Endpoints
    from livyguard.sparkmagic.handlers import Handlers
    from livyguard.sparkmagic.notebook import SparkmagicNotebook

#: The default of ``idle.after``, seconds.
HALF_AN_HOUR = 1_800.0

__all__ = ["Kernel", "Parts", "Rights", "SystemClock", "connect", "open_store"]


class SystemClock:
    """The ``Clock`` port on this machine's time."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def connect(
    url: str,
    *,
    auth: Any = None,
    headers: Mapping[str, str] | None = None,
    verify: bool | str = True,
    adapters: Mapping[str, Any] | None = None,
) -> SessionStore:
    """Open a Livy endpoint; nothing is sent yet.

    Raises:
        InvalidInput: the URL is none.
    """
    from livyguard.livy.client import LivyClient
    from livyguard.livy.transport import Transport

    return LivyClient(Transport(url, auth, headers, verify, list((adapters or {}).items())))


def open_store(url: str | None = None) -> tuple[SessionStore, str]:
    """Open the endpoint that is named: by ``url``, else ``$LIVYGUARD_URL``, else SparkMagic's configuration.

    One that is named and is SparkMagic's is logged in to as SparkMagic does.

    Returns:
        The store, and what named it, in words.

    Raises:
        InvalidInput: the URL is none, or SparkMagic's configuration cannot be understood.
    """
    from livyguard.livy.configured import configured, configured_at

    named, source = (url, "--url") if url else (os.environ.get("LIVYGUARD_URL"), "$LIVYGUARD_URL")
    place = configured_at(named, os.environ) if named else configured(os.environ)
    if place is None:
        return connect(named or ""), source
    store = connect(place.url, auth=place.auth, headers=place.headers, verify=place.verify)
    return store, source if named else place.source


@dataclass(frozen=True, slots=True)
class Rights:
    """What the policy says of whoever asks, beside what sessions they may create.

    Attributes:
        shared_accounts: log-ins that name nobody.
        is_operator: whether other people's sessions may be freed.
        idle_after: ``idle.after``, seconds.
    """

    shared_accounts: frozenset[str]
    is_operator: bool = False
    idle_after: float = HALF_AN_HOUR


class Parts:
    """What a kernel and the command line are both built of.

    Args:
        display: what the person sees.
        page: the name of this process's page of the ledger.
        environment: who is asking is read from it; None takes it as it is now.
    """

    def __init__(
        self, display: Display, page: str = "command-line", environment: Mapping[str, str] | None = None
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self.display = display
        self._page = page
        self.clock = SystemClock()

    @property
    def page(self) -> str:
        """The name of this process's page of the ledger."""
        return self._page

    @cached_property
    def ledger(self) -> FileLedger:
        """This machine's record of the sessions that it created."""
        from livyguard.ledger import FileLedger, default_folder

        return FileLedger(default_folder(), self.page)

    @cached_property
    def journal(self) -> Journal:
        """This process's page of the ledger."""
        from livyguard.journal import Journal

        return Journal(self.ledger, self.clock)

    @cached_property
    def policies(self) -> PolicyFiles:
        """The operator's policy."""
        from livyguard.config import PolicyFiles

        return PolicyFiles.here(self.display.notice)

    @cached_property
    def identities(self) -> Identities:
        """Who is asking."""
        from livyguard.identity.claims import claimed
        from livyguard.identity.jupyterhub import Hub
        from livyguard.identity.sagemaker import profile
        from livyguard.identity.sources import Identities

        further = Hub(self._environment).witness, cache(profile)
        return Identities(claimed(self._environment), self.journal.login, further, self._shared_accounts)

    @cached_property
    def applications(self) -> Applications:
        """What YARN says of our sessions' applications, and the one place that kills one."""
        from livyguard.applications import Applications

        return Applications(self.clusters, self.ledger, self.clock)

    @cached_property
    def clusters(self) -> Clusters:
        """Which cluster is behind an endpoint."""
        from livyguard.managers import PolicyManagers
        from livyguard.yarn.clusters import PolicyClusters

        def kubernetes() -> KubernetesClusters:
            from livyguard.kubernetes.clusters import KubernetesClusters

            return KubernetesClusters(self.policies, self._environment)

        return PolicyManagers(self.policies, PolicyClusters(self.policies, self.identities), kubernetes)

    @cached_property
    def guard(self) -> Guard:
        """The use case that creates sessions."""
        from livyguard.admission import Admission
        from livyguard.decisions import DecisionFiles
        from livyguard.guard import Guard
        from livyguard.withdrawal import Withdrawal

        return Guard(
            admission=Admission(self.policies, self.identities, self.quotas, self.clock),
            withdrawal=Withdrawal(self.journal, self.applications, self.display, self.clock),
            journal=self.journal,
            display=self.display,
            clock=self.clock,
            kernel=self.page,
            notebook=os.environ.get("JPY_SESSION_NAME"),
            decisions=DecisionFiles(self.policies),
        )

    @cached_property
    def quotas(self) -> Quotas:
        """What a user and their team hold."""
        from livyguard.quotas import Quotas

        return Quotas(self.ledger, self.clock, self.clusters, lambda store: self.whose([store]))

    def rows(self, store: SessionStore) -> Sequence[SessionRow]:
        """Return the sessions that an endpoint lists, by GET /sessions alone."""
        from livyguard.census import Census

        return Census([store], self.ledger, self.clock, **self.whose([store])).count().rows

    def whose(self, stores: Sequence[SessionStore]) -> Whose:
        """Return what tells whose sessions are, beside the ledger."""
        logins = {store.endpoint: self.journal.login(store) for store in stores}
        return {
            "this": self._this_notebooks(),
            "shared_accounts": self._shared_accounts(),
            "logins": {endpoint: login for endpoint, login in logins.items() if login is not None},
        }

    def _this_notebooks(self) -> Mapping[tuple[str, int], LedgerEntry | None]:
        """Return the sessions that cells of this notebook run in; none on the command line."""
        return {}

    def rights(self, store: SessionStore) -> Rights:
        """Return what the policy says of whoever asks at an endpoint.

        An invalid policy gives no rights and takes none: listing and releasing go on working.
        """
        from livyguard.policy.tenancy import is_operator, resolve

        policy = self._policy()
        if policy is None:
            return Rights(self._shared_accounts())
        who = self.identities.who(store)
        return Rights(
            shared_accounts=self._shared_accounts(),
            is_operator=is_operator(policy, who),
            idle_after=float(resolve(policy, who, store.endpoint).idle_after),
        )

    def _policy(self) -> Policy | None:
        try:
            return self.policies.policy()
        except InvalidPolicy:
            return None

    def _shared_accounts(self) -> frozenset[str]:
        from livyguard.policy.accounts import SHARED_ACCOUNTS

        policy = self._policy()
        return SHARED_ACCOUNTS if policy is None else SHARED_ACCOUNTS.union(policy.shared_accounts)


class Kernel(Parts):
    """Everything of livyguard in one IPython kernel.

    Args:
        shell: the kernel's shell.
        fails_cells: whether a denied, failed or lost session fails its cell; read anew each time.
        environment: as it was when livyguard was loaded: what a cell sets later tells nothing of who is asking.
    """

    def __init__(
        self, shell: InteractiveShell, fails_cells: Callable[[], bool], environment: Mapping[str, str] | None = None
    ) -> None:
        from livyguard.views.notebook import NotebookDisplay

        super().__init__(
            NotebookDisplay(self.configure_magic, has_several=self.has_several_endpoints, names=self.session_names),
            environment=environment,
        )
        self._shell = shell
        self._fails_cells = fails_cells

    @property
    def is_plain(self) -> bool:
        """Is this a kernel without ``%%configure``, IPython's own and not one of SparkMagic's?"""
        return not self.has_sparkmagic or self.notebook.kernel_magics() is None

    def configure_magic(self) -> str:
        """Return the magic by which this kernel's sessions are configured."""
        return "%%spark config" if self.is_plain else "%%configure -f"

    def session_names(self) -> list[str]:
        """Return SparkMagic's names for the sessions that cells of this notebook started by name."""
        held = self.notebook.sessions() if self.has_sparkmagic else []
        return [one.name for one in held if one.again is not None]

    def has_several_endpoints(self) -> bool:
        """Tell whether this notebook knows several Livys."""
        return self.has_sparkmagic and len(self.notebook.stores()) > 1

    @property
    def has_sparkmagic(self) -> bool:
        """Is SparkMagic loaded in this kernel?"""
        return "sparkmagic.livyclientlib.sparkcontroller" in sys.modules

    @cached_property
    def page(self) -> str:
        """Jupyter's id of this kernel; the process's own in a terminal."""
        file = self._shell.config.get("IPKernelApp", {}).get("connection_file", "")
        stem = Path(str(file)).stem.removeprefix("kernel-")
        return stem if file and stem else f"ipython-{os.getpid()}-{int(self.clock.now())}"

    @cached_property
    def endpoints(self) -> Endpoints:
        """SparkMagic's endpoints as stores."""
        from livyguard.kerberos import careful
        from livyguard.livy.wire import session_from
        from livyguard.sparkmagic.endpoints import Endpoints

        return Endpoints(connect, session_from, careful)

    @cached_property
    def notebook(self) -> SparkmagicNotebook:
        """What SparkMagic holds in this kernel."""
        from livyguard.sparkmagic.notebook import SparkmagicNotebook

        return SparkmagicNotebook(self._shell, self.endpoints, self.journal)

    @cached_property
    def cells(self) -> Cells:
        """Which cells ran in this notebook's sessions."""
        from livyguard.cells import Cells

        return Cells()

    def lost_cells(self) -> Ran | None:
        """Return what ran in the last session that this notebook no longer has; None where it lost none."""
        from livyguard.sparkmagic.remembering import key

        held = [key(self.journal, one.store.endpoint, one.session_id) for one in self.notebook.sessions()]
        return self.cells.last_lost(held)

    @cached_property
    def handlers(self) -> Handlers:
        """What stands in front of SparkMagic's methods."""
        from livyguard.cleanup import Cleanup
        from livyguard.livy.answers import body_of, no_json
        from livyguard.livy.faults import fault
        from livyguard.sparkmagic.handlers import Handlers
        from livyguard.sparkmagic.sending import Tell

        return Handlers(
            guard=self.guard,
            journal=self.journal,
            applications=self.applications,
            clock=self.clock,
            display=self.display,
            endpoints=self.endpoints,
            notebook=self.notebook,
            fails_cells=self._fails_cells,
            show_info=self._show_info,
            cleanup=Cleanup(
                self.ledger,
                self.clock,
                self.display,
                self.notebook,
                lambda store: self.whose([store]),
                self.applications,
            ),
            cells=self.cells,
            tell=Tell(
                lambda error, endpoint, method, seconds: str(fault(error, endpoint, method, seconds)),
                lambda answer: no_json(body_of(answer)),
            ),
            rows=self.rows,
        )

    def stores(self, url: str | None = None) -> Sequence[SessionStore]:
        """Return the endpoints to ask: the one named, else this notebook's, else SparkMagic's configured one."""
        known = self.notebook.stores() if self.has_sparkmagic else []
        if url is not None:
            wanted = connect(url)
            return [store for store in known if store.endpoint == wanted.endpoint] or [wanted]
        if known:
            return known
        return [open_store()[0]]

    def _this_notebooks(self) -> Mapping[tuple[str, int], LedgerEntry | None]:
        sessions = self.notebook.sessions() if self.has_sparkmagic else []
        return {(session.store.endpoint, session.session_id): session.entry for session in sessions}

    def _show_info(self, store: SessionStore, decision: Decision) -> None:
        """Show the effective settings, redacted, and my sessions."""
        from livyguard.listing import list_sessions
        from livyguard.views import info
        from livyguard.views.notebook import show

        mine = list_sessions([store], self.ledger, self.clock, mine=True, **self.whose([store]))
        show(info.text(decision, mine), info.html(decision, mine))
