"""Nothing good answers at Livy's address: each route that SparkMagic has to it says why, in a real kernel.

Two kernels, a wrapper kernel and IPython's own, for all routes and all ways to be out of reach; papermill's is a third.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from pytest_httpserver import HTTPServer

from tests import lab as labs

from .conftest import PYSPARK, PYTHON, Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from livyguard.sandbox import Sandbox
    from tests.lab import Kernel

HIDDEN = "Error sending http request and maximum retry encountered."
#: An adapter of the operator's own, which waits for no answer longer than this.
HASTY = """
from requests.adapters import HTTPAdapter

class Hasty(HTTPAdapter):
    def send(self, request, **options):
        return super().send(request, **{**options, "timeout": 0.4})
"""
#: Where SparkMagic writes its log, unless told otherwise: to a file.
LOGGING = {
    "version": 1,
    "handlers": {"file": {"class": "hdijupyterutils.filehandler.MagicsFileHandler", "home_path": "~/.sparkmagic"}},
    "loggers": {"magicsLogger": {"handlers": ["file"], "level": "DEBUG", "propagate": 0}},
}
#: After a POST whose answer is lost, Livy's listing is looked at once and at once, not for the usual seven seconds.
IMPORTS = """
import livyguard.guard
livyguard.guard.ADOPTION_LOOKS = (0.1,)
import sparkmagic.utils.configuration as conf
from sparkmagic.livyclientlib.endpoint import Endpoint
"""
#: The wrapper kernel's own endpoint, and the way to another.
OWN = """%%local
from sparkmagic.livyclientlib.endpoint import Endpoint
km = get_ipython().find_cell_magic("configure").__self__
there = km.endpoint
"""
#: The session of a notebook is behind another address from here on.
MOVED = """
http = {controller}.session_manager.get_session({name}).http_client._http_client
live, http._endpoint = http._endpoint, Endpoint({url!r}, None)
"""
BACK = "http._endpoint = live"
KERNELS = "km.spark_controller", "km.session_name"
MAGICS = "remote.spark_controller", "'one'"
WIDGET = """
from hdijupyterutils.ipywidgetfactory import IpyWidgetFactory
from sparkmagic.controllerwidget.createsessionwidget import CreateSessionWidget
factory, where = IpyWidgetFactory(), Endpoint({url!r}, None)
box = factory.get_dropdown(options={{"there": where}}, value=where)
widget = CreateSessionWidget(remote.spark_controller, factory, remote.ipython_display, box, lambda: None)
widget.lang_widget.value = "python"
"""


@dataclass(frozen=True)
class Place:
    """An address where no Livy answers.

    Attributes:
        url: where that is.
        code: of the hint.
        cause: what livyguard says of it.
    """

    url: str
    code: str
    cause: str

    def is_told(self, said: str) -> bool:
        """Is all of it said, once, and without a traceback?"""
        flat = " ".join(said.split())
        return self.cause in flat and said.count(f"{self.code} ") == 1 and "Traceback (most recent" not in said


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, Place]]:
    """Return one place for each way to be out of reach."""
    with HTTPServer() as proxy, socket.create_server(("127.0.0.1", 0)) as silent:
        page = "<html>\n<head><title>Sign in</title></head></html>"
        proxy.expect_request(re.compile(".*")).respond_with_data(page, content_type="text/html")
        yield {
            "refused": Place("http://127.0.0.1:9", "LG604", "http://127.0.0.1:9 refuses the connection"),
            "time-out": Place(f"http://127.0.0.1:{silent.getsockname()[1]}", "LG605", "did not answer it within"),
            "dns": Place("http://livy.invalid:8998", "LG606", "its name does not resolve"),
            "page": Place(proxy.url_for("").rstrip("/"), "LG610", "a page that says “Sign in”"),
        }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, places: dict[str, Place]) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("unreachable"), sandbox)
    (lab.folder / "hasty.py").write_text(HASTY)
    lab.configure(
        livy_server_heartbeat_timeout_seconds=0,
        configurable_retry_policy_max_retries=0,
        retry_seconds_to_sleep_list=[0.01],
        http_session_config={"adapters": [{"prefix": places["time-out"].url, "adapter": "hasty.Hasty"}]},
        logging_config=LOGGING,
    )
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def wrapper(lab: Lab) -> Kernel:
    """Return a PySpark kernel without a session."""
    kernel = lab.start(PYSPARK)
    kernel.fine(OWN + IMPORTS)
    return kernel


@pytest.fixture(scope="module")
def plain(lab: Lab) -> Kernel:
    """Return an IPython kernel with ``%spark`` and a session, one."""
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.magics")
    kernel.fine(add(lab.url))
    kernel.fine(IMPORTS + "remote = get_ipython().find_cell_magic('spark').__self__")
    return kernel


@pytest.fixture(params=["refused", "time-out", "dns", "page"])
def place(request: pytest.FixtureRequest, places: dict[str, Place]) -> Place:
    return places[request.param]


def add(url: str, name: str = "one") -> str:
    return f"%spark add -s {name} -l python -u {url} -t Basic_Access -a alice -p pw"


def away(kernel: Kernel, place: Place, run: Callable[[], Any]) -> Any:
    """Do something while the session's Livy is out of reach."""
    is_wrapper = kernel.manager.kernel_spec.argv == PYSPARK
    local = "%%local\n" if is_wrapper else ""
    controller, name = KERNELS if is_wrapper else MAGICS
    kernel.fine(local + MOVED.format(controller=controller, name=name, url=place.url).strip())
    try:
        return run()
    finally:
        kernel.fine(local + BACK)


def test_a_first_cell_says_why_there_is_no_session_and_nothing_sticks(wrapper: Kernel, place: Place) -> None:
    wrapper.fine(f"%%local\nkm.endpoint = Endpoint({place.url!r}, None)")

    said = wrapper.fails("1 + 1")
    again = wrapper.fails("%%sql\nSHOW TABLES")

    wrapper.fine("%%local\nkm.endpoint = there")
    assert place.is_told(said.error), said.error
    assert place.is_told(again.error), again.error
    assert "fatal error" not in again.text


def test_an_add_says_why_there_is_no_session(plain: Kernel, place: Place) -> None:
    said = plain.fails(add(place.url, "two"))

    assert place.is_told(said.error), said.error
    assert "`%spark add -s two " in plain.fails("%%spark -s two\n1 + 1").error


def test_a_cell_of_a_named_session_says_why_and_the_session_stays(plain: Kernel, place: Place) -> None:
    said = away(plain, place, lambda: plain.fails("%%spark -s one\n1 + 1"))

    assert place.is_told(said.error), said.error
    assert (HIDDEN in said.error) == (place.code != "LG610")
    assert not plain.fine("%%spark -s one\n1 + 1").stderr


def test_a_widgets_button_prints_why(plain: Kernel, place: Place) -> None:
    plain.fine(WIDGET.format(url=place.url))

    said = plain.press("widget.submit_widget")

    assert place.is_told(said.stderr), said.text
    assert said.stderr.startswith("Could not add session with")
    assert not said.error


def test_an_endpoint_that_a_widget_adds_is_told_to_be_out_of_reach_and_left_out(
    plain: Kernel, places: dict[str, Place]
) -> None:
    place = places["refused"]
    plain.fine(
        "manager = remote.manage_widget\nadds = manager.add_endpoint\nadds.auth_type.label = 'None'\n"
        f"adds.auth.address_widget.value = {place.url!r}"
    )

    said = plain.press("adds.submit_widget")

    assert HIDDEN in said.error
    assert place.is_told(said.error), said.error
    assert plain.fine(f"print({place.url!r} in manager.endpoints)").stdout == "False\n"


def test_a_session_that_a_widget_cannot_delete_is_told_to_stay(plain: Kernel, places: dict[str, Place]) -> None:
    plain.fine(
        "remote.manage_widget._refresh()\n"
        "rows = [row.children for row in remote.manage_widget.manage_session.children if hasattr(row, 'children')]\n"
        "(delete,) = [one for row in rows for one in row if one.description == 'Delete']"
    )

    said = away(plain, places["refused"], lambda: plain.press("delete"))

    assert HIDDEN in said.error
    assert places["refused"].is_told(said.error), said.error
    assert not plain.fine("%%spark -s one\n1 + 1").stderr


def test_what_fails_no_cell_is_printed_with_its_hint(plain: Kernel, lab: Lab, places: dict[str, Place]) -> None:
    place = places["refused"]

    info = away(plain, place, lambda: plain.fine("%spark info"))
    elsewhere = plain.fine(f"%spark info -u {place.url} -i 0 -t None")
    deleted = away(plain, place, lambda: plain.fine("%spark delete -s one"))
    added = away(plain, place, lambda: plain.fails(add(lab.url)))

    for said in (info, elsewhere, deleted):
        assert said.stderr.startswith(f"An error was encountered:\n{HIDDEN}")
        assert place.is_told(said.stderr), said.stderr
    assert "a session named one already" in added.error
    assert not plain.fine("%%spark -s one\n1 + 1").stderr


@pytest.mark.parametrize("fails_cells", [True, False])
def test_where_all_errors_are_fatal_the_hint_is_in_the_error(
    wrapper: Kernel, plain: Kernel, places: dict[str, Place], *, fails_cells: bool
) -> None:
    place, settings = places["refused"], f"%config LivyGuard.fail_cells = {fails_cells}"
    for kernel, local in ((plain, ""), (wrapper, "%%local\n")):
        kernel.fine(settings)
        kernel.fine(f"{local}conf.override('all_errors_are_fatal', True)")
    wrapper.fine(f"%%local\nkm.endpoint = Endpoint({place.url!r}, None)")

    said = [
        wrapper.run("1 + 1"),
        plain.run(add(place.url, "two")),
        away(plain, place, lambda: plain.run("%%spark -s one\n1 + 1")),
    ]

    wrapper.fine("%%local\nkm.endpoint = there")
    for kernel, local in ((plain, ""), (wrapper, "%%local\n")):
        kernel.fine(f"{local}conf.override('all_errors_are_fatal', False)")
        kernel.fine("%config LivyGuard.fail_cells = True")
    wrapper.fine("%livy_recover")
    assert [cell.status for cell in said] == ["error"] * 3
    for cell in said:
        assert place.cause in " ".join(cell.error.split())
        assert f"{place.code} " in cell.error
        assert ("Traceback (most recent call last)" in cell.error) != fails_cells
    assert HIDDEN in said[2].error


def test_a_heartbeat_that_reaches_nobody_prints_nothing(
    wrapper: Kernel, lab: Lab, places: dict[str, Place], until: Callable[[Callable[[], Any]], Any]
) -> None:
    wrapper.fine(
        "%%local\nfor name, value in {'livy_server_heartbeat_timeout_seconds': 60, 'heartbeat_refresh_seconds': 0.05,"
        " 'heartbeat_retry_seconds': 0.05}.items():\n    conf.override(name, value)"
    )
    wrapper.fine("1 + 1")

    def looks() -> int:
        logs = (lab.folder / ".sparkmagic" / "logs").glob("*.log")
        return sum(file.read_text().count(places["refused"].cause) for file in logs)

    before = looks()

    def beats() -> list[str]:
        until(lambda: looks() >= before + 3)
        return everything(wrapper, "%%local\nprint('mine')")

    said = away(wrapper, places["refused"], beats)

    assert said == ["mine\n"]
    assert wrapper.fine("2 + 2").status == "ok"


def everything(kernel: Kernel, code: str) -> list[str]:
    """Run a cell and return all that reached the notebook up to its end, whichever cell it is said to belong to."""
    sent, shown = kernel.client.execute(code, allow_stdin=False), []
    while True:
        message = kernel.client.get_iopub_msg(timeout=120)
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            shown.append(content["text"])
        elif kind in {"display_data", "update_display_data", "error"}:
            shown.append(str(content))
        elif message["parent_header"].get("msg_id") == sent and content.get("execution_state") == "idle":
            kernel.client.get_shell_msg(timeout=120)
            return shown


def test_a_notebook_that_papermills_engine_runs_stops_there_and_keeps_the_hint(tmp_path: Path) -> None:
    lab = labs.Lab(tmp_path, "http://127.0.0.1:9")
    cells = [nbformat.v4.new_code_cell(code) for code in ("%load_ext livyguard", "1 + 1", "%%local\nprint('never')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    manager = AsyncKernelManager(**lab.sockets())
    manager._kernel_spec = KernelSpec(argv=PYSPARK, display_name="kernel", language="python")

    with pytest.raises(CellExecutionError, match="LG604 "):
        NotebookClient(notebook, km=manager, timeout=120).execute(cwd=str(tmp_path), env=lab.environment)
    lab.stop()

    _, failed, never = notebook.cells
    error = failed.outputs[-1]
    assert error.output_type == "error"
    assert Place("", "LG604", "http://127.0.0.1:9 refuses the connection").is_told("\n".join(error.traceback))
    assert never.outputs == []
