"""What SparkMagic holds in this kernel: its magics, their sessions, its sticky error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics
from sparkmagic.utils import configuration as conf

from livyguard.ports import NotebookSession
from livyguard.sparkmagic.adding import Added

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from livyguard.journal import Journal
    from livyguard.ports import SessionStore
    from livyguard.sparkmagic.endpoints import Endpoints

__all__ = ["SparkmagicNotebook", "detach_heartbeat"]


class SparkmagicNotebook:
    """The ``Notebook`` port over SparkMagic's magics: the wrapper kernels' and ``sparkmagic.magics``' alike.

    The instances are found through the registered magics, because ipykernel has a ``KernelMagics`` of its own that
    takes SparkMagic's place in IPython's registry.
    """

    def __init__(self, shell: InteractiveShell, endpoints: Endpoints, journal: Journal) -> None:
        #: The sessions that cells start by name.
        self.added = Added()
        self._shell = shell
        self._endpoints = endpoints
        self._journal = journal

    def kernel_magics(self) -> Any | None:
        """Return the wrapper kernel's ``KernelMagics``; None in a plain IPython kernel."""
        return self._owner("configure", KernelMagics)

    def remote_magics(self) -> Any | None:
        """Return the ``RemoteSparkMagics`` of ``%load_ext sparkmagic.magics``; None where it is not loaded."""
        return self._owner("spark", RemoteSparkMagics)

    def kind(self) -> str | None:
        """Return what this kernel's sessions are, ``pyspark``; None where no wrapper kernel has said a language."""
        kernel = self.kernel_magics()
        return str(conf.get_livy_kind(kernel.language)) if kernel is not None and kernel.language else None

    def sessions(self) -> list[NotebookSession]:
        """Return the sessions that cells of this notebook run in."""
        return [
            self.session(magics.spark_controller, str(name), session)
            for magics in self._magics()
            for name, session in _sessions_of(magics).items()
            if session.id != -1
        ]

    def replaced(self, store: SessionStore) -> frozenset[int]:
        """Return the number of the session that ``%%configure -f`` would replace: a wrapper kernel's own.

        None at another endpoint than its own: there the number is somebody else's session.
        """
        kernel = self.kernel_magics()
        own = None if kernel is None else _sessions_of(kernel).get(kernel.session_name)
        if own is None or own.id == -1 or self._endpoints.store(own.http_client).endpoint != store.endpoint:
            return frozenset()
        return frozenset({int(own.id)})

    def is_kernels_own(self, controller: Any, name: str) -> bool:
        """Is it the name under which a wrapper kernel itself keeps its one session?"""
        kernel = self.kernel_magics()
        return kernel is not None and controller is kernel.spark_controller and name == kernel.session_name

    def numbers(self, store: SessionStore) -> frozenset[int]:
        """Return the numbers of the sessions that this notebook has at an endpoint."""
        return frozenset(each.session_id for each in self.sessions() if each.store.endpoint == store.endpoint)

    def session(self, controller: Any, name: str, session: Any) -> NotebookSession:
        """Return one of SparkMagic's sessions as the ``Notebook`` port has it."""
        store, number = self._endpoints.store(session.http_client), int(session.id)
        again = None if self.is_kernels_own(controller, name) else self.added.again(name)
        return NotebookSession(name, number, store, self._journal.entry(store.endpoint, number), again)

    def stores(self) -> list[SessionStore]:
        """Return the endpoints that SparkMagic knows in this kernel, the notebook's own first."""
        found: list[SessionStore] = []
        kernel = self.kernel_magics()
        if kernel is not None and kernel.endpoint is not None:
            found.append(self.store_of(kernel, kernel.endpoint))
        found += [session.store for session in self.sessions()]
        remote = self.remote_magics()
        if remote is not None:
            found += [self.store_of(remote, endpoint) for endpoint in remote.manage_widget.endpoints.values()]
        return list({store.endpoint: store for store in reversed(found)}.values())[::-1]

    def store_of(self, magics: Any, endpoint: Any) -> SessionStore:
        """Return the store for one of SparkMagic's ``Endpoint`` objects."""
        return self._endpoints.store(magics.spark_controller._http_client(endpoint))  # noqa: SLF001

    def failed_start(self) -> str | None:
        """Return the error of a failed start that SparkMagic repeats in every cell; None if there is none."""
        kernel = self.kernel_magics()
        return str(kernel.fatal_error_message) if kernel is not None and kernel.fatal_error else None

    def forget_failed_start(self) -> None:
        """Let the next cell try again."""
        kernel = self.kernel_magics()
        if kernel is not None:
            kernel.fatal_error = False
            kernel.fatal_error_message = ""

    def forget(self, session: NotebookSession) -> None:
        """Make SparkMagic forget a session, without a word to Livy; the next cell starts afresh, settings kept."""
        for magics in self._magics():
            held = _sessions_of(magics)
            theirs = held.get(session.name)
            if theirs is None or theirs.id != session.session_id:
                continue
            detach_heartbeat(theirs)
            del held[session.name]
            if isinstance(magics, KernelMagics) and session.name == magics.session_name:
                magics.session_started = False
            else:
                self.added.forgotten(session.name, session.session_id)

    def _magics(self) -> Iterator[Any]:
        yield from (magics for magics in (self.kernel_magics(), self.remote_magics()) if magics is not None)

    def _owner(self, magic: str, kind: type) -> Any | None:
        function = self._shell.find_cell_magic(magic)  # type: ignore[no-untyped-call, unused-ignore] # IPython's
        owner = getattr(function, "__self__", None)
        return owner if isinstance(owner, kind) else None


def _sessions_of(magics: Any) -> dict[str, Any]:
    sessions: dict[str, Any] = magics.spark_controller.session_manager.sessions
    return sessions


def detach_heartbeat(session: Any) -> None:
    """Let SparkMagic's heartbeat thread end by itself: joining it, as SparkMagic does, waits up to 30 s.

    Its session is left to it: a look that is under way, and fails, would find none to write its log with, and die of
    that with a traceback in the cell.
    """
    thread = session._heartbeat_thread  # noqa: SLF001 - SparkMagic has no other way to stop it
    if thread is not None:
        thread.run_at_most = 0
        session._heartbeat_thread = None  # noqa: SLF001
