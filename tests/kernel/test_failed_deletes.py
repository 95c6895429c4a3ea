"""A DELETE that Livy does not carry out: no session is created beside the one that should have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from livyguard.sandbox import Sandbox

from .conftest import Lab

if TYPE_CHECKING:
    from pathlib import Path


def ids(sandbox: Sandbox) -> list[int]:
    answer = requests.get(f"{sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return [session["id"] for session in answer.json()["sessions"] if session["state"] != "dead"]


def test_a_session_that_sparkmagic_could_not_delete_goes_before_the_next_is_created(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    before = ids(lab.sandbox)
    own = before[-1]
    lab.sandbox.fail_next("DELETE", f"/sessions/{own}", status=403, times=2)

    kernel.run("%%_do_not_call_delete_session\n ")
    said = kernel.fails("1 + 1")
    kept = ids(lab.sandbox)
    again = kernel.fine("2 + 2")

    assert f"session {own} of this notebook was to be deleted" in said.error
    assert kept == before
    assert "fatal error" not in again.text
    assert len(ids(lab.sandbox)) == len(before)
    assert own not in ids(lab.sandbox)


def test_a_start_that_timed_out_and_could_not_be_deleted_is_taken_back_before_the_next(tmp_path: Path) -> None:
    with Sandbox(engine="none", slots=1) as sandbox:
        lab = Lab(tmp_path, sandbox)
        lab.configure(livy_session_startup_timeout_seconds=2)
        holder = requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).json()["id"]
        sandbox.fail_next("DELETE", f"/sessions/{holder + 1}", status=403)
        kernel = lab.start()
        try:
            said = kernel.fails("1 + 1")
            left = ids(sandbox)
            requests.delete(f"{sandbox.url}/sessions/{holder}", timeout=10)
            kernel.fine("2 + 2")
            after = ids(sandbox)
        finally:
            lab.stop()

    assert "could not be deleted" in said.error
    assert left == [holder, holder + 1]
    assert after == [holder + 2]
