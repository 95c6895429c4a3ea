"""Which sessions of a notebook a request replaces, where it knows several Livys with numbers of their own."""

from __future__ import annotations

import threading

import pytest
from hdijupyterutils.ipythondisplay import IpythonDisplay
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.livyclientlib.livysession import LivySession, _HeartbeatThread
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics

from livyguard.bootstrap import connect
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.notebook import SparkmagicNotebook, detach_heartbeat
from livyguard.testing import FakeClock, FakeLedger

HERE, ELSEWHERE = "http://here.example.com:8998", "http://elsewhere.example.com:8998"


@pytest.fixture
def shell() -> InteractiveShell:
    shell = InteractiveShell()
    shell.register_magics(KernelMagics(shell))
    shell.register_magics(RemoteSparkMagics)
    return shell


@pytest.fixture
def notebook(shell: InteractiveShell) -> SparkmagicNotebook:
    return SparkmagicNotebook(shell, Endpoints(connect, session_from), Journal(FakeLedger(), FakeClock()))


def have(magics: KernelMagics | RemoteSparkMagics, name: str, url: str, number: int) -> None:
    """Let SparkMagic hold a session under a name; nobody is asked."""
    client = LivyReliableHttpClient.from_endpoint(Endpoint(url, None))
    session = LivySession(client, {"kind": "pyspark"}, IpythonDisplay(), number)
    magics.spark_controller.session_manager.sessions[name] = session


def test_a_configure_replaces_the_kernels_own_session_and_not_a_strangers_of_the_same_number(
    notebook: SparkmagicNotebook,
) -> None:
    kernel, remote = notebook.kernel_magics(), notebook.remote_magics()
    assert kernel is not None
    assert remote is not None
    have(kernel, kernel.session_name, f"{HERE}/", 7)
    have(remote, "another", HERE, 8)

    assert notebook.replaced(connect(HERE)) == {7}
    assert notebook.replaced(connect(ELSEWHERE)) == frozenset()


@pytest.mark.parametrize("number", [None, -1])
def test_where_no_session_has_started_none_is_replaced(notebook: SparkmagicNotebook, number: int | None) -> None:
    kernel = notebook.kernel_magics()
    assert kernel is not None
    if number is not None:
        have(kernel, kernel.session_name, HERE, number)

    assert notebook.replaced(connect(HERE)) == frozenset()
    assert notebook.numbers(connect(HERE)) == frozenset()


def test_the_sessions_of_a_notebook_are_told_apart_by_their_livy(notebook: SparkmagicNotebook) -> None:
    kernel, remote = notebook.kernel_magics(), notebook.remote_magics()
    assert kernel is not None
    assert remote is not None
    have(kernel, kernel.session_name, HERE, 7)
    have(remote, "one", HERE, 8)
    have(remote, "two", ELSEWHERE, 7)
    have(remote, "three", ELSEWHERE, 9)

    assert notebook.numbers(connect(HERE)) == {7, 8}
    assert notebook.numbers(connect(ELSEWHERE)) == {7, 9}


def test_a_wrapper_kernels_own_session_starts_by_itself_and_any_other_by_the_line_that_was_typed(
    notebook: SparkmagicNotebook,
) -> None:
    kernel, remote = notebook.kernel_magics(), notebook.remote_magics()
    assert kernel is not None
    assert remote is not None
    have(kernel, kernel.session_name, HERE, 7)
    have(remote, "one", HERE, 8)
    notebook.added.typed("one", "add -s one -u http://here.example.com:8998", "")

    own, one = notebook.sessions()
    notebook.forget(own)
    notebook.forget(one)

    assert (own.again, one.again) == (None, "%spark add -s one -u http://here.example.com:8998")
    assert notebook.added.missing(kernel.session_name, []) is None
    assert notebook.added.missing("one", []) is not None


def test_a_heartbeat_that_is_detached_during_a_look_that_fails_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, died = [threading.Event(), threading.Event()], []
    monkeypatch.setattr(threading, "excepthook", died.append)
    session = LivySession(
        LivyReliableHttpClient.from_endpoint(Endpoint(HERE, None)), {"kind": "pyspark"}, IpythonDisplay(), 7
    )

    def look() -> None:
        looks[0].set()
        assert looks[1].wait(10)
        raise ConnectionError

    session.refresh_status_and_info = look
    heartbeat = session._heartbeat_thread = _HeartbeatThread(session, 0, 0)
    heartbeat.daemon = True
    heartbeat.start()
    assert looks[0].wait(10)

    detach_heartbeat(session)
    looks[1].set()
    heartbeat.join(10)

    assert died == []
    assert not heartbeat.is_alive()
