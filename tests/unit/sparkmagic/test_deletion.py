"""SparkMagic's own deletes: what is refused or fails says why, and whose session it is decides who deletes it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics

from livyguard.cleanup import Cleanup
from livyguard.errors import EndpointUnreachable, InvalidInput, Refused, ReleaseRefused
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.sparkmagic.deletion import Deletion
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.notebook import SparkmagicNotebook
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, RecordingDisplay, a_session

REFUSES = f"{ENDPOINT} refuses the connection (after 2 s). Is Livy running there?"


class Bench:
    """The handlers in front of a wrapper kernel's magics, and a Livy in memory."""

    def __init__(self, **livy: Any) -> None:
        shell = InteractiveShell()
        shell.register_magics(KernelMagics(shell))
        shell.register_magics(RemoteSparkMagics)
        self.store = FakeStore.of(a_session(7, "idle", login="bob"), authenticated_user="alice", **livy)
        endpoints = Endpoints(lambda _url, **_options: self.store, session_from)
        endpoints.store = lambda _client: self.store  # type: ignore[method-assign]
        ledger, clock = FakeLedger(), FakeClock()
        notebook = SparkmagicNotebook(shell, endpoints, Journal(ledger, clock))
        cleanup = Cleanup(ledger, clock, RecordingDisplay(), notebook, self.whose)
        self.deletion = Deletion(endpoints, cleanup, RecordingDisplay())
        self.magics = notebook.kernel_magics()
        self.by_sparkmagic: list[Any] = []
        self.controller = SimpleNamespace(
            session_manager=SimpleNamespace(sessions={}), _http_client=lambda endpoint: endpoint
        )

    def whose(self, _store: FakeStore) -> Any:
        return {"this": {}, "shared_accounts": frozenset(), "logins": {ENDPOINT: "alice"}}

    def cleans(self, line: str, cell: str = "") -> None:
        self.magics.spark_controller = self.controller
        self.deletion.cleanup(self.magics.cleanup, self.magics, (line, cell), {})

    def deletes(self, number: int | str) -> None:
        """Delete by number, which a widget's button hands over as it was typed."""

        def wrapped(*_args: Any, **given: Any) -> None:
            self.by_sparkmagic.append(given["session_id"])

        given = {"endpoint": ENDPOINT, "session_id": number}
        self.deletion.delete_session_by_id(wrapped, self.controller, (), given)


def test_a_cleanup_asks_for_force_and_takes_no_body() -> None:
    bench = Bench()

    with pytest.raises(InvalidInput, match=r"%%cleanup takes no cell body\."):
        bench.cleans("-f", "1 + 1")
    with pytest.raises(Refused, match="`%%cleanup -f` frees all your sessions"):
        bench.cleans("")
    with pytest.raises(InvalidInput, match="--forec"):
        bench.cleans("--forec")


def test_a_cleanup_that_reaches_nobody_deletes_nothing_and_says_why() -> None:
    bench = Bench(faults={"sessions": [EndpointUnreachable(REFUSES, ENDPOINT)] * 2})

    with pytest.raises(ReleaseRefused) as typed:
        bench.cleans("-f")
    with pytest.raises(ReleaseRefused) as pressed:
        bench.deletion.cleanup_endpoint(None, bench.controller, (ENDPOINT,), {})

    assert str(typed.value) == str(pressed.value) == f"Nothing is deleted. {REFUSES}\nLG604"


def test_a_session_by_its_number_is_freed_only_where_that_is_allowed() -> None:
    bench = Bench()

    with pytest.raises(ReleaseRefused, match=r"Session 7 is not deleted: .*bob"):
        bench.deletes(7)

    assert bench.by_sparkmagic == []
    assert 7 in bench.store.listed


def test_a_session_by_its_number_that_nobody_can_be_asked_about_stays() -> None:
    bench = Bench(faults={"sessions": [EndpointUnreachable(REFUSES, ENDPOINT)]})

    with pytest.raises(ReleaseRefused) as told:
        bench.deletes(7)

    assert str(told.value) == f"Session 7 is not deleted. {REFUSES}\nLG604"


def test_a_session_that_this_controller_manages_is_sparkmagics_to_delete() -> None:
    bench = Bench()
    bench.controller.session_manager.sessions["one"] = SimpleNamespace(id=7, endpoint=ENDPOINT)

    bench.deletes("7")

    assert bench.by_sparkmagic == ["7"]
