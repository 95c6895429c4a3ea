"""IPython's own kernel with ``%spark``: what is said after a failure leads on there, too. One kernel for all tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import PYTHON, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.sandbox import Sandbox
    from tests.lab import Cell, Kernel

RESULT = (
    "Py4JJavaError: An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n: "
    "org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of 2 tasks "
    "(1972.5 KiB) is bigger than spark.driver.maxResultSize (1024.0 KiB)"
)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Kernel]:
    lab = Lab(tmp_path_factory.mktemp("plain"), sandbox)
    lab.configure(livy_server_heartbeat_timeout_seconds=0)  # no heartbeat, which would take an answer meant for others
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.magics")
    yield kernel
    lab.stop()


def add(sandbox: Sandbox, name: str) -> str:
    return f"%spark add -s {name} -l python -u {sandbox.url} -t Basic_Access -a alice -p"


def flat(cell: Cell) -> str:
    """Return what a cell shows, on one line."""
    return " ".join(cell.text.split())


def lose(sandbox: Sandbox) -> None:
    """Delete every session behind the notebook's back."""
    for session in requests.get(f"{sandbox.url}/sessions", timeout=10).json()["sessions"]:
        requests.delete(f"{sandbox.url}/sessions/{session['id']}", timeout=10)


def test_the_way_on_from_a_lost_session_leads_to_a_new_one(kernel: Kernel, sandbox: Sandbox) -> None:
    again = add(sandbox, "one")
    kernel.fine(f"{again} pw-1")
    lose(sandbox)

    lost = kernel.fails("%%spark -s one\n1 + 1")
    recovered = kernel.fine("%livy_recover")
    before = [kernel.fails("%%spark -s one\n1 + 1"), kernel.fails("%%spark\n1 + 1")]
    kernel.fine(f"{again} pw-1")
    after = kernel.fine("%%spark -s one\n1 + 1")

    assert "%livy_recover" in lost.error
    assert "Then run `%spark add` and the cell again." in flat(lost)
    assert f"`{again} …` starts session one again" in recovered.text
    assert "next Spark cell" not in recovered.text
    for said in before:
        assert f"`{again} …` starts it again; settings are kept." in said.error
        assert "pw-1" not in said.text
    assert not after.error + after.stderr
    kernel.fine("%spark delete -s one")


@pytest.mark.parametrize("option", ["", " -k"])
def test_the_name_of_a_lost_session_is_free_and_that_of_a_living_one_is_not(
    kernel: Kernel, sandbox: Sandbox, option: str
) -> None:
    again = f"{add(sandbox, 'one')} pw-1"
    kernel.fine(again)
    lose(sandbox)

    lost = kernel.fails("%%spark -s one\n1 + 1")
    started = kernel.fine(again + option)
    after = kernel.fine("%%spark -s one\n1 + 1")
    refused = kernel.fails(again)

    assert "%livy_recover" in lost.error
    assert ". Its name, one, is free for a new one; its variables are gone." in flat(started)
    assert not after.error + after.stderr
    assert "a session named one already" in refused.error
    assert "`%spark delete -s one` ends it" in refused.error
    kernel.fine("%spark delete -s one")


def test_the_ready_cells_of_a_hint_are_ones_that_this_kernel_has(kernel: Kernel, sandbox: Sandbox) -> None:
    kernel.fine(f"{add(sandbox, 'two')} pw-1")
    output = {"status": "error", "ename": "Error", "evalue": RESULT, "traceback": []}
    answer = json.dumps({"id": 1, "state": "available", "output": output})
    sandbox.fail_next("GET", r"/sessions/\d+/statements/\d+", status=200, body=answer)

    said = kernel.run("%%spark -s two\ndf.collect()")
    kernel.fine('%%spark config\n{"conf": {"spark.driver.maxResultSize": "4m"}}')
    kernel.fine("%spark delete -s two")

    assert "LG303" in said.text
    assert "%%spark config\n" in said.text
    assert "`%spark delete -s two` and `%spark add`" in flat(said)
    assert "%%spark -s two\n" in said.text
    assert "%%configure" not in said.text


def test_after_an_add_that_failed_each_cell_of_that_session_fails(kernel: Kernel, sandbox: Sandbox) -> None:
    again = add(sandbox, "three")
    number = sandbox.seed("bob") + 1
    starting = json.dumps({"id": number, "state": "starting", "kind": "pyspark", "log": []})
    sandbox.fail_next("POST", "/sessions", processed=True, status=201, body=starting)
    sandbox.fail_next("GET", f"/sessions/{number}", status=404, body='{"msg": "Session not found."}')

    failed = kernel.fails(f"{again} pw-1")
    run = kernel.fails("%%spark\n1 + 1")

    assert f"`{again} …` starts a new one." in flat(failed)
    assert f"it did not start. `{again} …` starts it." in flat(run)
    assert "pw-1" not in run.text
