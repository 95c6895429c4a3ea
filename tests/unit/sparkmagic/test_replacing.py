"""A DELETE that failed, and the next creation: SparkMagic's own classes, a Livy that answers as it likes."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import responses
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.exceptions import SessionManagementException
from sparkmagic.livyclientlib.sparkcontroller import SparkController
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics
from sparkmagic.utils import configuration as conf

from livyguard.bootstrap import connect
from livyguard.errors import Refused, SessionGone, SessionNotStarted
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.recovery import recover_one
from livyguard.sparkmagic.configuring import Configuring
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.notebook import SparkmagicNotebook
from livyguard.sparkmagic.replacing import Replacing
from livyguard.testing import FakeClock, FakeLedger, RecordingDisplay
from tests.unit.guard_scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://livy.example.com:8998"
BODY = {"kind": "pyspark"}
STATEMENT = '{"id": 0, "state": "available", "output": {"status": "ok", "data": {"text/plain": ""}}}'


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    conf.override_all(
        {
            "retry_seconds_to_sleep_list": [0.001],
            "configurable_retry_policy_max_retries": 1,
            "livy_server_heartbeat_timeout_seconds": 0,
            "logging_config": {"version": 1, "handlers": {}, "loggers": {}},
        }
    )
    yield
    conf.override_all({})


class Livy:
    """Creates sessions 1, 2, … that are idle at once."""

    def __init__(self, http: responses.RequestsMock) -> None:
        self.alive: list[int] = []
        self.created = 0
        self._http = http
        http.add_callback("POST", f"{URL}/sessions", self._create)

    def _create(self, _request: Any) -> tuple[int, dict[str, str], str]:
        self.created += 1
        self.alive.append(self.created)
        session = f'{{"id": {self.created}, "state": "idle", "kind": "pyspark", "log": []}}'
        where = f"{URL}/sessions/{self.created}"
        self._http.get(where, body=session)
        self._http.post(f"{where}/statements", body=STATEMENT, status=201)
        self._http.get(f"{where}/statements/0", body=STATEMENT)
        return 201, {}, session

    def answers(self, number: int, status: int, body: str) -> None:
        """Answer with this from here on whoever asks for a session."""
        where = f"{URL}/sessions/{number}"
        self._http.replace("GET", where, status=status, body=body, content_type="text/html")

    def loses(self, number: int) -> None:
        """Know nothing of a session any more."""
        self.alive.remove(number)
        self.answers(number, 404, f'{{"msg": "Session \'{number}\' not found."}}')

    def shows(self, number: int, state: str) -> None:
        """Say from here on that a session is in this state."""
        self.answers(number, 200, f'{{"id": {number}, "state": "{state}", "kind": "pyspark", "log": []}}')

    def deletes(self, number: int, status: int) -> None:
        """Answer every DELETE of a session from here on with this status."""

        def delete(_request: Any) -> tuple[int, dict[str, str], str]:
            if status == 200:
                self.alive.remove(number)
            return status, {}, '{"msg": "spark.my.password=hunter2"}'

        self._http.remove("DELETE", f"{URL}/sessions/{number}")
        self._http.add_callback("DELETE", f"{URL}/sessions/{number}", delete)


@pytest.fixture
def livy() -> Iterator[Livy]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        yield Livy(http)


class Notebook:
    """A shell with both magics of SparkMagic, ``add_session`` guarded."""

    def __init__(self, *, fails_cells: bool = True, is_wrapper: bool = True) -> None:
        shell = InteractiveShell()
        if is_wrapper:
            shell.register_magics(KernelMagics(shell))
        shell.register_magics(RemoteSparkMagics)
        notebook = self.sparkmagic = SparkmagicNotebook(
            shell, Endpoints(connect, session_from), Journal(FakeLedger(), FakeClock())
        )
        self.kernel, self.remote = notebook.kernel_magics(), notebook.remote_magics()
        self.display = RecordingDisplay()
        recover = partial(recover_one, notebook)
        self._handler = Replacing(notebook, recover, self.display, lambda: fails_cells)

    def add(self, magics: Any, name: str, *, skip: bool = False) -> None:
        controller = magics.spark_controller
        given = (name, Endpoint(URL, None), skip, dict(BODY))
        self._handler.add_session(controller.add_session, controller, given, {})

    def start(self) -> None:
        """Start the wrapper kernel's session."""
        self.add(self.kernel, self.kernel.session_name)
        self.kernel.session_started = True

    def end(self) -> None:
        """End it as SparkMagic does: whatever comes of it, the kernel takes its session for ended."""
        self.kernel._do_not_call_delete_session("")


@pytest.mark.parametrize("status", [500, 403])
def test_after_a_delete_that_failed_no_session_is_created_beside_the_old(livy: Livy, status: int) -> None:
    notebook = Notebook()
    notebook.start()
    livy.deletes(1, status)

    notebook.end()
    for _ in range(2):
        with pytest.raises(SessionNotStarted, match="session 1 of this notebook was to be deleted") as refused:
            notebook.start()
        assert "hunter2" not in str(refused.value)

    assert livy.alive == [1]
    livy.deletes(1, 200)
    notebook.start()
    assert livy.alive == [2]
    assert notebook.kernel.spark_controller.session_manager.sessions[notebook.kernel.session_name].id == 2


def test_a_configure_whose_delete_failed_changes_nothing_and_quotes_no_secret(livy: Livy) -> None:
    notebook, it = Notebook(), Scene(None)
    notebook.kernel.endpoint, notebook.kernel.language = Endpoint(URL, None), "python"
    notebook.start()
    livy.deletes(1, 500)
    configuring = Configuring(it.guard, notebook.sparkmagic, it.display, lambda: True, lambda *_: None)

    with pytest.raises(Refused, match="Session 1 could not be deleted and goes on as it was") as refused:
        configuring.configure(KernelMagics.configure, notebook.kernel, ("-f", '{"executorCores": 2}'), {})

    assert "spark.my.password=*********(redacted)" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert str(refused.value).endswith(" Run the cell again when Livy answers.")
    assert conf.session_configs() == {}
    assert livy.alive == [1]


def test_a_name_that_is_in_use_creates_nothing_and_harms_nothing(livy: Livy) -> None:
    notebook = Notebook()
    notebook.add(notebook.remote, "one")

    with pytest.raises(SessionNotStarted, match="a session named one already, 1"):
        notebook.add(notebook.remote, "one")

    assert livy.alive == [1]
    assert notebook.remote.spark_controller.session_manager.sessions["one"].id == 1
    notebook.add(notebook.remote, "one", skip=True)
    notebook.add(notebook.remote, "two")
    assert livy.alive == [1, 2]


def test_a_named_session_that_could_not_be_deleted_keeps_its_name(livy: Livy) -> None:
    notebook = Notebook()
    notebook.add(notebook.remote, "one")
    livy.deletes(1, 500)

    notebook.remote.spark("delete -s one")
    with pytest.raises(SessionNotStarted, match="spark delete -s one"):
        notebook.add(notebook.remote, "one")

    assert livy.alive == [1]
    livy.deletes(1, 200)
    notebook.remote.spark("delete -s one")
    notebook.add(notebook.remote, "one")
    assert livy.alive == [2]


def test_with_fail_cells_off_the_error_is_one_that_sparkmagic_prints(livy: Livy) -> None:
    notebook = Notebook(fails_cells=False)
    notebook.add(notebook.remote, "one")

    with pytest.raises(SessionManagementException, match="Nothing is created"):
        notebook.add(notebook.remote, "one")

    assert livy.alive == [1]


@pytest.mark.parametrize("fails_cells", [True, False])
def test_a_cell_whose_session_is_not_there_fails_or_prints_why(
    livy: Livy, capsys: pytest.CaptureFixture[str], fails_cells: bool
) -> None:
    notebook, it = Notebook(is_wrapper=False), Scene(None)
    configuring = Configuring(it.guard, notebook.sparkmagic, it.display, lambda: fails_cells, lambda *_: None)

    def spark(line: str, cell: str = "") -> None:
        configuring.spark(notebook.remote.spark, notebook.remote, (line, cell), {})

    spark(f"add -s one -l python -u {URL} -t None -p pw-1")
    (one,) = notebook.sparkmagic.sessions()
    notebook.sparkmagic.forget(one)
    capsys.readouterr()

    if fails_cells:
        with pytest.raises(SessionGone) as told:
            spark("-s one", "1")
        said = str(told.value)
    else:
        spark("-s one", "1")
        said = capsys.readouterr().err
    assert f"`%spark add -s one -l python -u {URL} -t None -p …` starts it again" in said
    assert "pw-1" not in said


@pytest.mark.parametrize("skips", [False, True])
def test_the_name_of_a_session_that_livy_no_longer_knows_is_free(livy: Livy, *, skips: bool) -> None:
    notebook = Notebook()
    notebook.add(notebook.remote, "one")
    livy.loses(1)

    notebook.add(notebook.remote, "one", skip=skips)

    assert notebook.remote.spark_controller.session_manager.sessions["one"].id == 2
    assert livy.alive == [2]
    assert notebook.display.notices == [
        "Livy no longer knows session 1. Its name, one, is free for a new one; its variables are gone."
    ]


def test_what_is_left_of_a_session_that_has_ended_goes_before_its_name_is_used_again(livy: Livy) -> None:
    notebook = Notebook()
    notebook.add(notebook.remote, "one")
    livy.shows(1, "dead")
    livy.deletes(1, 200)

    notebook.add(notebook.remote, "one")

    assert livy.alive == [2]
    assert notebook.display.notices[0].startswith("Session 1 had ended (dead); what was left of it is deleted.")


@pytest.mark.parametrize("fails_cells", [True, False])
def test_where_livy_cannot_say_whether_a_session_lives_its_name_stays_taken(livy: Livy, *, fails_cells: bool) -> None:
    notebook = Notebook(fails_cells=fails_cells)
    notebook.add(notebook.remote, "one")
    livy.answers(1, 502, "<html><title>Bad Gateway</title></html>")

    notebook.add(notebook.remote, "one", skip=True)
    with pytest.raises(SessionNotStarted if fails_cells else SessionManagementException) as refused:
        notebook.add(notebook.remote, "one")

    assert str(refused.value).startswith("Nothing is created: this notebook has a session named one already, 1. ")
    assert "Session 1 is kept, since Livy cannot be asked" in str(refused.value)
    assert str(refused.value).endswith("\nLG611")
    assert livy.alive == [1]
    assert notebook.remote.spark_controller.session_manager.sessions["one"].id == 1


def test_a_widget_of_its_own_finds_the_name_of_its_lost_session_free(livy: Livy) -> None:
    notebook = Notebook()
    widget = SimpleNamespace(spark_controller=SparkController(notebook.remote.ipython_display))
    notebook.add(widget, "one")
    livy.loses(1)

    notebook.add(widget, "one")

    assert widget.spark_controller.session_manager.sessions["one"].id == 2
