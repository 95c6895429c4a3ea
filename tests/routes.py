"""The routes by which a session is created, as a person takes them; the sandbox and the real Livy are held to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import PYSPARK, PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab import Cell, Kernel

__all__ = ["GREEDY", "ROUTES", "SECRET_KEY", "Notebook", "is_clamped", "is_refused", "replaced", "widget"]

GREEDY = {"numExecutors": 40}
SECRET_KEY = {"conf": {"spark.hadoop.fs.s3a.secret.key": "hunter2"}}

ADD = "%spark add -s one -l python -u {url} -t Basic_Access -a {user} -p pw"
OVERRIDE = "import sparkmagic.utils.configuration as conf\nconf.override('session_configs', {body!r})"
LOG_IN = """
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.utils.utils import Namespace, initialize_auth
from hdijupyterutils.ipythondisplay import IpythonDisplay
where = Endpoint({url!r}, initialize_auth(Namespace(auth="Basic_Access", user={user!r}, password="pw", url={url!r})))
"""
WIDGET = """
from sparkmagic.controllerwidget.createsessionwidget import CreateSessionWidget
from sparkmagic.livyclientlib.sparkcontroller import SparkController
from hdijupyterutils.ipywidgetfactory import IpyWidgetFactory
import json
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
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.livyclientlib.livysession import LivySession
client = LivyReliableHttpClient.from_endpoint(where)
LivySession(client, {{**{body!r}, "kind": "pyspark"}}, IpythonDisplay()).start()
"""


@dataclass(frozen=True)
class Notebook:
    """A guarded kernel, and who logs in from it."""

    kernel: Kernel
    url: str
    is_wrapper: bool
    user: str = "alice"

    def say(self, template: str, **more: Any) -> str:
        """Fill in where to log in, and as whom."""
        return template.format(url=self.url, user=self.user, **more)

    def python(self, code: str) -> str:
        """Return a cell that runs in this very kernel, not in Spark."""
        return ("%%local\n" if self.is_wrapper else "") + code.strip()


def override(notebook: Notebook, body: dict[str, Any]) -> None:
    notebook.kernel.fine(notebook.python(OVERRIDE.format(body=body)))


def first_cell(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    override(notebook, body)
    return run("1 + 1")


def sql(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    override(notebook, body)
    return run("%%sql -q\nselect 1")


def replaced(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    notebook.kernel.fine("1 + 1")
    return run(f"%%configure -f\n{json.dumps(body)}")


def magics_inside(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    notebook.kernel.fine("%load_ext sparkmagic.magics")
    override(notebook, body)
    return run(f"%%local\nget_ipython().run_line_magic('spark', {notebook.say(ADD)[7:]!r})")


def widget(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    return run(notebook.python(notebook.say(LOG_IN + WIDGET, body=body)))


def by_hand(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    return run(notebook.python(notebook.say(LOG_IN + BY_HAND, body=body)))


def spark_add(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    notebook.kernel.fine("%load_ext sparkmagic.magics")
    override(notebook, body)
    return run(notebook.say(ADD))


def spark_config(notebook: Notebook, body: dict[str, Any], run: Callable[[str], Cell]) -> Cell:
    notebook.kernel.fine("%load_ext sparkmagic.magics")
    said = run(f"%%spark config\n{json.dumps(body)}")
    if said.status == "ok":
        notebook.kernel.fine(notebook.say(ADD))
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


def is_clamped(take: Any, notebook: Notebook, newest: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask for too much by a route and return the session that came of it, in Livy's own words."""
    said = take(notebook, GREEDY, notebook.kernel.fine)

    session = newest()
    tags = session["conf"]["spark.yarn.tags"].split(",")
    assert session["numExecutors"] == 8
    assert session["conf"]["spark.dynamicAllocation.maxExecutors"] == "8"
    assert session["owner"] == notebook.user
    assert {"livyguard", f"livyguard-user-{notebook.user}"} <= set(tags)
    assert "40" in said.text
    assert "10 workers for 12 people" in said.text
    return session


def is_refused(take: Any, notebook: Notebook) -> Cell:
    """Ask by a route for what may not be, and return what the cell says."""
    kernel = notebook.kernel
    said: Cell = take(notebook, SECRET_KEY, kernel.fine if take is widget else kernel.fails)

    assert "LG702" in said.text
    assert "use the role" in said.text
    assert "hunter2" not in said.text
    assert ("%%configure -f" if notebook.is_wrapper else "%%spark config") in said.text
    return said
