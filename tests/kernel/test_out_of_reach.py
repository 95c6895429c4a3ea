"""Livy, or the way to it, does not do as it should, in a real kernel: the cell says why, and the session stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from scripts.hint_pages import case_of

if TYPE_CHECKING:
    from livyguard.sandbox import Sandbox

    from .conftest import Kernel, Lab

HIDDEN = "Error sending http request and maximum retry encountered."
ELSEWHERE = """%%local
from sparkmagic.livyclientlib.endpoint import Endpoint
km = get_ipython().find_cell_magic("configure").__self__
http = km.spark_controller.session_manager.get_session(km.session_name).http_client._http_client
there, http._endpoint = http._endpoint, Endpoint("{}", None)
"""
BACK = "%%local\nhttp._endpoint = there"
AT_ONCE = """%%local
km = get_ipython().find_cell_magic("configure").__self__
km.spark_controller.session_manager.get_session(km.session_name)._wait_for_idle_timeout_seconds = {}
"""
PAGE = "<html><head><title>{}</title></head></html>"
#: SparkMagic sends again what was answered with 500 and above: once, though told to do so never.
TRIES = 2
CSRF = "Error 400 Missing Required Header for CSRF protection."


@pytest.fixture
def kernel(hasty_kernel: Kernel) -> Kernel:
    """Return the kernel, with a session."""
    hasty_kernel.fine("%config LivyGuard.fail_cells = True")
    hasty_kernel.fine("%livy_recover")
    hasty_kernel.fine("1 + 1")
    return hasty_kernel


def newest(sandbox: Sandbox) -> dict[str, Any]:
    answer = requests.get(f"{sandbox.url}/sessions", params={"size": 1000}, timeout=10).json()
    session: dict[str, Any] = answer["sessions"][-1]
    return session


@pytest.mark.parametrize(
    ("url", "code", "cause"),
    [
        ("http://127.0.0.1:9", "LG604", "http://127.0.0.1:9 refuses the connection"),
        ("http://livy.invalid:8998", "LG606", "its name does not resolve"),
    ],
)
def test_the_cause_that_sparkmagic_hides_is_told_and_the_session_stays(
    kernel: Kernel, sandbox: Sandbox, url: str, code: str, cause: str
) -> None:
    before = newest(sandbox)["id"]
    kernel.fine(ELSEWHERE.format(url))

    said = kernel.fails("2 + 2")

    kernel.fine(BACK)
    assert HIDDEN in said.error
    assert cause in said.error
    assert f"{code} " in said.error
    assert f"? Session {before} is not ended by that" in said.error or f". Session {before} is not ended" in said.error
    kernel.fine("3 + 3")
    assert newest(sandbox)["id"] == before


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 403, "body": ""}, "LG608"),
        ({"status": 403, "body": PAGE.format("Forbidden by the gateway")}, "LG608"),
        ({"status": 400, "body": PAGE.format(CSRF)}, "LG609"),
        ({"status": 201, "body": PAGE.format("Sign in")}, "LG610"),
        ({"status": 502, "body": PAGE.format("502 Bad Gateway"), "times": TRIES}, "LG611"),
    ],
)
def test_what_answers_in_livys_place_is_told_and_the_session_stays(
    kernel: Kernel, sandbox: Sandbox, fault: dict[str, Any], code: str
) -> None:
    before = newest(sandbox)["id"]
    sandbox.fail_next("POST", r"/sessions/\d+/statements", **fault, content_type="text/html")

    said = kernel.fails("2 + 2")

    assert f"{code} " in said.error
    assert ("not touched" in said.error) == (code != "LG611")
    assert ("is not ended by that" in said.error) == (code == "LG611")
    assert "internal error" not in said.text
    kernel.fine("3 + 3")
    assert newest(sandbox)["id"] == before


@pytest.mark.parametrize(("state", "code"), [("shutting_down", "LG115"), ("recovering", "LG117")])
def test_a_session_in_between_is_told_and_kept(kernel: Kernel, sandbox: Sandbox, state: str, code: str) -> None:
    session = newest(sandbox)
    kernel.fine(AT_ONCE.format(0.001))
    shown = json.dumps({**session, "state": state})
    sandbox.fail_next("GET", f"/sessions/{session['id']}", status=200, body=shown, times=2)

    said = kernel.fails("2 + 2")

    kernel.fine(AT_ONCE.format(15))
    assert f"Current status is {state}" in said.error
    assert f"{code} " in said.error
    kernel.fine("3 + 3")


def test_a_driver_that_livy_cannot_reach_is_told(kernel: Kernel, sandbox: Sandbox) -> None:
    body = json.dumps("java.lang.IllegalStateException: RPC channel is closed.")
    sandbox.fail_next("POST", r"/sessions/\d+/statements", status=500, body=body, times=TRIES)

    said = kernel.fails("2 + 2")

    assert "RPC channel is closed." in said.error
    assert "LG116 " in said.error
    assert "not touched" not in said.error
    kernel.fine("3 + 3")


def test_a_creation_that_livy_refuses_is_explained(kernel: Kernel, sandbox: Sandbox) -> None:
    kernel.fine("%livy_release --this")
    refusal = json.dumps({"msg": "Rejected, too many sessions are being created!"})
    sandbox.fail_next("POST", "/sessions", status=400, body=refusal)

    said = kernel.fails("2 + 2")

    assert "LG118 " in said.error
    kernel.fine("3 + 3")


def test_an_error_that_sticks_names_the_way_on(kernel: Kernel, sandbox: Sandbox) -> None:
    kernel.fine("%livy_release --this")
    kernel.fine("%config LivyGuard.fail_cells = False")
    sandbox.fail_next("POST", "/sessions", status=500, body='"java.lang.NullPointerException"')

    first, again = kernel.fine("2 + 2"), kernel.fine("2 + 2")

    assert "NullPointerException" in first.stderr
    assert "The code failed because of a fatal error" in again.stderr
    assert "`%livy_recover` forgets this error (LG902)" in again.stderr
    assert [hint.code for hint in diagnose(read(again.stderr))] == ["LG902"]
    kernel.fine("%livy_recover")
    assert "fatal error" not in kernel.fine("3 + 3").text


def test_with_fail_cells_off_the_cause_stands_behind_sparkmagics_own_words(kernel: Kernel) -> None:
    kernel.fine("%config LivyGuard.fail_cells = False")
    kernel.fine(ELSEWHERE.format("http://127.0.0.1:9"))

    said = kernel.fine("2 + 2")

    kernel.fine(BACK)
    assert f"An error was encountered:\n{HIDDEN}" in said.stderr
    assert "LG604 " in said.stderr


def test_a_magic_of_ours_that_reaches_nobody_is_explained(kernel: Kernel) -> None:
    said = kernel.fails("%livy_sessions --url http://127.0.0.1:9")

    assert "refuses the connection" in said.error
    assert "LG604 " in said.error
    assert "livyguard sessions" not in said.error


def test_every_cell_that_these_hints_call_safe_runs_and_leaves_the_session(kernel: Kernel, sandbox: Sandbox) -> None:
    before = newest(sandbox)["id"]
    matching = [entry.code for entry in CATALOG if entry.find is not None and entry.code[:3] in {"LG1", "LG6", "LG9"}]
    hints = [hint for code in matching for hint in diagnose(case_of(code))]
    cells = {fix.cell for hint in hints for fix in hint.fixes if fix.cell and fix.applicability == "safe"}

    for cell in sorted(cells):
        assert kernel.fine(cell).status == "ok"

    assert {"%livy_recover", "%%logs\n ", "%livy_sessions --mine"} <= cells
    kernel.fine("3 + 3")
    assert newest(sandbox)["id"] == before


def test_a_kernel_that_cannot_read_its_settings_is_explained(lab: Lab) -> None:
    broken = {"username": "alice", "base64_password": "no base64", "auth": "Basic_Access", "url": lab.url}
    lab.configure(kernel_python_credentials=broken)
    kernel = lab.start(load=False)

    said = kernel.run("1 + 1")

    assert "Failed to change language to python" in said.stderr
    assert [hint.code for hint in diagnose(read(said.stderr))] == ["LG903"]
