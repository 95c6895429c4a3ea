"""What people type to configure, where it goes wrong: told once, with what explains it, and in SparkMagic's way."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics
from sparkmagic.utils import configuration as conf

from livyguard.errors import EndpointUnreachable, InvalidInput, SessionDenied
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.sparkmagic.configuring import Configuring
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.notebook import SparkmagicNotebook
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger
from tests.unit.guard_scene import Scene

REFUSES = f"{ENDPOINT} refuses the connection (after 2 s). Is Livy running there?"


class Bench:
    """The handlers in front of both kinds of magics."""

    def __init__(self, *, fails_cells: bool = True) -> None:
        it = self.scene = Scene(None)
        shell = InteractiveShell()
        shell.register_magics(KernelMagics(shell))
        shell.register_magics(RemoteSparkMagics)
        endpoints = Endpoints(lambda _url, **_options: it.store, session_from)
        endpoints.store = lambda _client: it.store  # type: ignore[method-assign]
        notebook = SparkmagicNotebook(shell, endpoints, Journal(FakeLedger(), FakeClock()))
        self.kernel, self.remote = notebook.kernel_magics(), notebook.remote_magics()
        self.kernel.language, self.kernel.endpoint = "python", Endpoint(ENDPOINT, None)
        self.configuring = Configuring(it.guard, notebook, it.display, lambda: fails_cells, self.shows)

    def shows(self, _store: Any, _decision: Any) -> None:
        raise EndpointUnreachable(REFUSES, ENDPOINT)

    def info(self, line: str, cell: str = "") -> None:
        self.configuring.info(self.kernel.info, self.kernel, (line, cell), {})


def test_an_info_that_reaches_nobody_says_why() -> None:
    with pytest.raises(EndpointUnreachable) as told:
        Bench().info("")

    assert str(told.value) == f"{REFUSES}\nLG604"


def test_with_fail_cells_off_it_is_printed_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    Bench(fails_cells=False).info("")

    assert capsys.readouterr().err == f"{REFUSES}\nLG604\n"


def test_a_slip_of_the_keyboard_is_told_as_it_is() -> None:
    with pytest.raises(InvalidInput) as told:
        Bench().info("", "1 + 1")

    assert str(told.value) == "%%info takes no cell body."


def test_an_option_that_spark_does_not_have_is_sparkmagics_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()

    bench.configuring.spark(bench.remote.spark, bench.remote, ("--nonsense", "1"), {})

    assert "An error was encountered:\nunrecognized arguments: --nonsense" in capsys.readouterr().err


def test_settings_that_are_no_object_are_told_and_no_type_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "session_configs", lambda: [1])

    with pytest.raises(SessionDenied, match="session_configs is a list, not a JSON object"):
        Bench().configuring.get_session_properties(lambda _language: {}, None, ("python",), {})
