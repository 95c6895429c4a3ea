"""Sessions that are gone, in a real kernel: each way to lose one has its own hint. One kernel, one session a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import Kernel, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from livyguard.sandbox import Sandbox

LATER = """%%local
from livyguard.bootstrap import SystemClock
began = getattr(SystemClock, "began", SystemClock.now)
SystemClock.began, SystemClock.now = began, lambda clock: began(clock) + {}
"""
HEARTBEAT = """%%local
import sparkmagic.utils.configuration as conf
conf.override("livy_server_heartbeat_timeout_seconds", {})
"""
ANOTHER_NUMBER = """%%local
km = get_ipython().find_cell_magic("configure").__self__
km.spark_controller.session_manager.get_session(km.session_name).id = {}
"""


class Notebook:
    """One kernel with a session, and the sandbox behind it."""

    def __init__(self, kernel: Kernel, sandbox: Sandbox) -> None:
        self.kernel = kernel
        self.sandbox = sandbox

    def begin(self, heartbeat: int = 0, **settings: object) -> int:
        """Start a session and return its number; no thread of SparkMagic's looks at it again."""
        self.kernel.fine(LATER.format(0))
        self.kernel.fine("%livy_release --this")
        self.kernel.fine(HEARTBEAT.format(heartbeat))
        self.kernel.fine(f"%%configure -f\n{json.dumps(settings)}")
        self.kernel.fine("1 + 1")
        return max(self.sessions())

    def sessions(self) -> dict[int, dict[str, object]]:
        answer = requests.get(f"{self.sandbox.url}/sessions", params={"size": 1000}, timeout=10).json()
        return {session["id"]: session for session in answer["sessions"]}

    def after(self, seconds: float) -> str:
        """Run a cell so much later, and return why it failed."""
        self.kernel.fine(LATER.format(seconds))
        return self.kernel.fails("2 + 2").error


@pytest.fixture(scope="module")
def _kernel(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Kernel]:
    folder: Path = tmp_path_factory.mktemp("lost")
    lab = Lab(folder, sandbox)
    lab.configure(heartbeat_refresh_seconds=10_000, configurable_retry_policy_max_retries=0)
    yield lab.start()
    lab.stop()


@pytest.fixture
def notebook(_kernel: Kernel, sandbox: Sandbox) -> Notebook:
    return Notebook(_kernel, sandbox)


def recovers(notebook: Notebook) -> bool:
    """Run what every hint offers, and see that the next cell runs."""
    notebook.kernel.fine("%livy_recover")
    return notebook.kernel.fine("3 + 3").status == "ok"


def test_a_session_that_nobody_asked_about_in_time_was_ended_by_its_heartbeat(notebook: Notebook) -> None:
    notebook.sandbox.kill(notebook.begin(heartbeat=60))

    said = notebook.after(600)

    assert "LG108" in said
    assert "its heartbeat allows 1 minute" in said
    assert recovers(notebook)


def test_a_session_that_outlived_its_ttl_is_told_so(notebook: Notebook) -> None:
    notebook.sandbox.kill(notebook.begin(ttl="10m"))

    said = notebook.after(660)

    assert "LG109" in said
    assert "its ttl is 10 minutes" in said
    assert recovers(notebook)


def test_a_session_idle_for_longer_than_its_own_time_out_is_told_so(notebook: Notebook) -> None:
    notebook.sandbox.kill(notebook.begin(idleTimeout="15m"))

    said = notebook.after(1_000)

    assert "LG102" in said
    assert "idle for 15 minutes" in " ".join(said.split())


def test_a_session_that_livy_lists_and_denies_is_behind_an_address_of_several_livys(notebook: Notebook) -> None:
    number = notebook.begin()
    body = json.dumps({"msg": f"Session '{number}' not found."})
    notebook.sandbox.fail_next("GET", f"/sessions/{number}", status=404, body=body)

    said = notebook.after(0)

    assert "LG110" in said
    assert notebook.kernel.fine("3 + 3").status == "ok"
    assert max(notebook.sessions()) == number


@pytest.mark.parametrize(("state", "code"), [("success", "LG111"), ("killed", "LG113")])
def test_how_a_session_ended_is_told_from_the_state_that_livy_gave_it(
    notebook: Notebook, state: str, code: str
) -> None:
    number = notebook.begin()
    shown = {**notebook.sessions()[number], "state": state}
    notebook.sandbox.fail_next("GET", f"/sessions/{number}", status=200, body=json.dumps(shown))

    seen = notebook.after(0)
    notebook.sandbox.kill(number)
    gone = notebook.after(700)

    assert code in seen
    assert code in gone
    assert recovers(notebook)


def test_a_number_that_livy_never_gave_is_told_as_such(notebook: Notebook) -> None:
    number = notebook.begin()
    notebook.kernel.fine(ANOTHER_NUMBER.format(number + 90))

    said = notebook.after(0)

    notebook.kernel.fine(ANOTHER_NUMBER.format(number))
    assert "LG112" in said
    assert f"session {number + 90}" in said
    assert notebook.kernel.fine("3 + 3").status == "ok"


def test_a_session_that_is_listed_and_not_active_has_its_own_hint(notebook: Notebook) -> None:
    number = notebook.begin()
    body = json.dumps({"msg": "requirement failed: Session isn't active."})
    notebook.sandbox.fail_next("POST", f"/sessions/{number}/statements", status=400, body=body)

    said = notebook.after(0)

    assert "LG114" in said
    assert "isn't active" in said
    assert "%livy_recover" in said


def test_a_session_that_another_notebook_of_mine_released_is_told_so(notebook: Notebook, tmp_path: Path) -> None:
    number = notebook.begin()
    released = notebook.kernel.run(
        "%%local\nfrom livyguard.bootstrap import Parts, connect\n"
        f"parts = Parts(get_ipython().find_line_magic('livy_release').__wrapped__.__self__.kernel.display)\n"
        f"entry = next(each for each in parts.ledger.entries() if each.session_id == {number})\n"
        f"connect('{notebook.sandbox.url}').delete({number})\n"
        "parts.ledger.forget(entry.endpoint, entry.session_id, entry.tag)"
    )

    said = notebook.after(0)

    assert released.status == "ok", released.text
    assert "LG106" in said
    assert "freed from this machine" in said
    assert recovers(notebook)
