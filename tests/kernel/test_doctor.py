"""``%livy_doctor`` in a real PySpark kernel in front of the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from livyguard.startup_file import NAME, source
from tests.lab import PYSPARK

if TYPE_CHECKING:
    from .conftest import Lab

COVER = """%%local
from sparkmagic.livyclientlib.livysession import LivySession
guarded = LivySession.start
LivySession.start = lambda self: guarded(self)"""


@pytest.fixture
def settled(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A machine on which the kernel is registered and the guard is enabled."""
    kernels = lab.folder / "jupyter" / "kernels" / "pysparkkernel"
    kernels.mkdir(parents=True)
    spec = {"argv": ["python", *PYSPARK[1:]], "display_name": "PySpark", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(lab.folder / "jupyter"))
    startup = lab.folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / NAME).write_text(source())
    return lab


def test_a_healthy_chain_is_told_so_by_three_requests_and_what_breaks_later_is_found(settled: Lab) -> None:
    kernel = settled.start(load=False)
    kernel.fine("1 + 1")
    asked = len(settled.sandbox.requests)

    said = kernel.fine("%livy_doctor")

    seen = [f"{one.method} {one.path}" for one in list(settled.sandbox.requests)[asked:]]
    assert [one for one in seen if "/sessions/" not in one] == ["GET /sessions", "POST /version", "GET /version"]
    lines = said.plain[-1].splitlines()
    assert [line for line in lines if line.startswith(("warning", "failure"))] == []
    assert lines[-1].endswith("Nothing is to be mended.")
    assert "ok       guard          every creation of a session is judged" in lines
    assert "ok       sessions       1 session listed (1 mine)" in lines
    assert "<table" in said.html[-1]
    assert kernel.complete("%livy_doctor --j") == ["--json"]
    assert "did you mean --json?" in kernel.fails("%livy_doctor --jason").text
    assert "`%%configure -f`" in kernel.fine("%livy_explain LG965").plain[-1]

    kernel.fine(COVER)
    checks = json.loads(kernel.fine("%livy_doctor --json").stdout)["checks"]

    (guard,) = [check for check in checks if check["check"] == "guard"]
    assert (guard["status"], guard["hint"]["code"]) == ("failure", "LG954")
    assert guard["text"] == "something else has been put over LivySession.start"
    kernel.fine("%reload_ext livyguard")
    lines = kernel.fine("%livy_doctor").plain[-1].splitlines()
    assert "ok       guard          every creation of a session is judged" in lines
