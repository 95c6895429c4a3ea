"""Every route by which SparkMagic creates a session ends at the guard: clamped as the policy says, or denied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from .conftest import PYSPARK, PYTHON, Kernel, Lab

if TYPE_CHECKING:
    from collections.abc import Callable

GREEDY = {"numExecutors": 40}
SECRET_KEY = {"conf": {"spark.hadoop.fs.s3a.secret.key": "hunter2"}}

ADD = "%spark add -s one -l python -u {url} -t Basic_Access -a alice -p pw"
OVERRIDE = "import sparkmagic.utils.configuration as conf\nconf.override('session_configs', {body!r})"
WIDGET = """
from sparkmagic.controllerwidget.createsessionwidget import CreateSessionWidget
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.sparkcontroller import SparkController
from sparkmagic.utils.utils import Namespace, initialize_auth
from hdijupyterutils.ipywidgetfactory import IpyWidgetFactory
from hdijupyterutils.ipythondisplay import IpythonDisplay
import json
where = Endpoint({url!r}, initialize_auth(Namespace(auth="Basic_Access", user="alice", password="pw", url={url!r})))
factory, display = IpyWidgetFactory(), IpythonDisplay()
widget = CreateSessionWidget(
    SparkController(display), factory, display,
    factory.get_dropdown(options={{"here": where}}, value=where), lambda: None,
)
widget.lang_widget.value = "python"
widget.properties.value = json.dumps({body!r})
widget.run()
"""
BY_HAND = """
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.livyclientlib.livysession import LivySession
from sparkmagic.utils.utils import Namespace, initialize_auth
from hdijupyterutils.ipythondisplay import IpythonDisplay
where = Endpoint({url!r}, initialize_auth(Namespace(auth="Basic_Access", user="alice", password="pw", url={url!r})))
client = LivyReliableHttpClient.from_endpoint(where)
LivySession(client, {{**{body!r}, "kind": "pyspark"}}, IpythonDisplay()).start()
"""


def configure(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    return run(f"%%configure -f\n{json.dumps(body)}")


def first_cell(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("%%local\n" + OVERRIDE.format(body=body))
    return run("1 + 1")


def sql(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("%%local\n" + OVERRIDE.format(body=body))
    return run("%%sql -q\nselect 1")


def replaced(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("1 + 1")
    return run(f"%%configure -f\n{json.dumps(body)}")


def magics_inside(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("%load_ext sparkmagic.magics")
    kernel.fine("%%local\n" + OVERRIDE.format(body=body))
    return run("%%local\nget_ipython().run_line_magic('spark', '" + ADD.format(url=kernel.url)[7:] + "')")


def widget(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    return run(("%%local\n" if kernel.is_wrapper else "") + WIDGET.format(url=kernel.url, body=body).strip())


def by_hand(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    return run(("%%local\n" if kernel.is_wrapper else "") + BY_HAND.format(url=kernel.url, body=body).strip())


def spark_add(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("%load_ext sparkmagic.magics")
    kernel.fine(OVERRIDE.format(body=body))
    return run(ADD.format(url=kernel.url))


def spark_config(kernel: Kernel, body: dict[str, Any], run: Callable[[str], Any]) -> Any:
    kernel.fine("%load_ext sparkmagic.magics")
    said = run(f"%%spark config\n{json.dumps(body)}")
    kernel.run(ADD.format(url=kernel.url))
    return said


#: Each route, the kernel it exists in, and how a person takes it.
ROUTES = [
    pytest.param(PYSPARK, first_cell, id="first-cell"),
    pytest.param(PYSPARK, sql, id="sql"),
    pytest.param(PYSPARK, replaced, id="configure-f"),
    pytest.param(PYSPARK, magics_inside, id="spark-add-inside-pyspark"),
    pytest.param(PYSPARK, widget, id="widget-in-pyspark"),
    pytest.param(PYSPARK, by_hand, id="livysession-in-pyspark"),
    pytest.param(PYTHON, spark_add, id="spark-add"),
    pytest.param(PYTHON, spark_config, id="spark-config"),
    pytest.param(PYTHON, widget, id="widget"),
    pytest.param(PYTHON, by_hand, id="livysession"),
]


def sessions(lab: Lab) -> list[dict[str, Any]]:
    answer = requests.get(f"{lab.sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return list(answer.json()["sessions"])


def guarded(lab: Lab, argv: list[str]) -> Kernel:
    kernel = lab.start(argv)
    kernel.url, kernel.is_wrapper = lab.sandbox.url, argv is PYSPARK
    return kernel


@pytest.mark.parametrize(("argv", "take"), ROUTES)
def test_a_greedy_request_is_clamped_on_every_route(lab: Lab, argv: list[str], take: Any) -> None:
    kernel = guarded(lab, argv)
    before = len(sessions(lab))

    said = take(kernel, GREEDY, kernel.fine)

    made = sessions(lab)
    session = made[-1]
    assert len(made) == before + (2 if take is replaced else 1) or take is replaced
    assert session["numExecutors"] == 8
    assert session["conf"]["spark.dynamicAllocation.maxExecutors"] == "8"
    assert session["driverMemory"] == "1g"
    assert session["owner"] == "alice"
    if take is not configure:
        assert "40" in said.text
        assert "10 workers for 12 people" in said.text


@pytest.mark.parametrize(("argv", "take"), ROUTES)
def test_a_denied_request_creates_nothing_and_leaves_nothing_behind(lab: Lab, argv: list[str], take: Any) -> None:
    kernel = guarded(lab, argv)
    is_widget = take is widget

    said = take(kernel, SECRET_KEY, kernel.fine if is_widget else kernel.fails)

    assert "LG702" in said.text
    assert "use the role" in said.text
    assert "hunter2" not in said.error
    assert ("%%configure -f" if argv is PYSPARK else "%%spark config") in said.text
    assert not [session for session in sessions(lab) if "spark.hadoop.fs.s3a.secret.key" in session["conf"]]
    if argv is PYSPARK:  # nothing sticks: the next cell works, with settings that pass
        kernel.fine("%%configure -f\n{}")
        assert "fatal error" not in kernel.fine("2 + 2").text
