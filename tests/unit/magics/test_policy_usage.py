"""``%livy_policy`` and ``%%livy_check`` where a quota holds: Livy is asked what is held at that very Livy."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hdijupyterutils.ipythondisplay import IpythonDisplay
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.livyclientlib.livysession import LivySession

from livyguard.bootstrap import Kernel
from livyguard.config import PolicyFiles
from livyguard.magics.policy import check, show

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

    from livyguard.views.policy import PolicyView

LIMITED = """
[[tenant]]
name = "analysts"
users = ["alice"]
[tenant.limits]
"executors.max" = { max = 8, default = 5 }
"""
QUOTA = LIMITED.replace("users", "quota = { sessions = 2, executors = 16 }\nusers")
SESSION = {
    "id": 41,
    "state": "idle",
    "owner": "alice",
    "kind": "pyspark",
    "conf": {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "8"},
}
NOBODYS = {**SESSION, "id": 42, "owner": None}


@pytest.fixture
def livy(httpserver: HTTPServer) -> HTTPServer:
    """A Livy with a session of alice's and one of nobody's."""
    listing = {"from": 0, "total": 2, "sessions": [SESSION, NOBODYS]}
    httpserver.expect_request("/sessions").respond_with_json(listing)
    httpserver.expect_request("/sessions/41/statements").respond_with_json({"total_statements": 0, "statements": []})
    return httpserver


@pytest.fixture
def ask(own_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Ask as alice at a URL, under the text of a policy."""

    def ask(url: str, policy: str = QUOTA, *, as_json: bool = False) -> PolicyView | None:
        (own_home / "policy.toml").write_text(policy)
        monkeypatch.setenv("LIVYGUARD_URL", url.replace("http://", "http://alice:pw@"))
        kernel = Kernel(InteractiveShell(), lambda: True, {})
        kernel.policies = PolicyFiles([own_home / "policy.toml"])
        return show(kernel, SimpleNamespace(url=None, json=as_json))

    return ask


def text(view: Any) -> list[str]:
    lines: list[str] = view.to_text().splitlines()
    return lines


def test_somebody_sees_what_they_hold_of_their_quota_and_what_nobody_counts(ask, livy: HTTPServer) -> None:
    view = ask(livy.url_for(""))

    lines = text(view)
    assert lines.count(f"What is held of the quota at {livy.url_for('').rstrip('/')}") == 1
    assert any(line.startswith("alice  [######------] 1 of 2 sessions") for line in lines)
    assert any(line.startswith("alice  [######------] 8 of 16 executors") for line in lines)
    assert "1 live session here has no owner that is known: it is not counted." in lines
    assert "<meter" in str(view.to_html())


def test_the_json_says_the_same(ask, livy: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(livy.url_for(""), as_json=True) is None

    told = json.loads(capsys.readouterr().out)
    assert [(each["quota"], each["held"], each["left"]) for each in told["usage"]] == [
        ("quota.sessions", 1, 1),
        ("quota.executors", 8, 8),
    ]
    assert (told["unowned"], told["usage_fault"]) == (1, None)


def test_nobody_is_asked_where_no_quota_holds(ask, livy: HTTPServer) -> None:
    view = ask(livy.url_for(""), LIMITED)

    assert livy.log == []
    assert not any("What is held" in line for line in text(view))


def test_a_livy_that_cannot_be_reached_leaves_the_rest_and_is_told_in_one_sentence(ask) -> None:
    view = ask("http://127.0.0.1:9")

    lines = text(view)
    (said,) = [line for line in lines if line.startswith("What is held of the quota is not shown: ")]
    assert "127.0.0.1:9" in said
    assert any("at most 8; 5 unless asked" in line for line in lines)
    assert view.to_json()["usage"] is None
    assert view.to_json()["usage_fault"] in said


@pytest.mark.parametrize(("is_there", "verdict"), [(True, "allow"), (False, "deny")])
def test_a_check_leaves_out_the_session_of_this_notebook_and_none_of_that_number_at_another_livy(
    own_home: Path, livy: HTTPServer, capsys: pytest.CaptureFixture[str], *, is_there: bool, verdict: str
) -> None:
    (own_home / "policy.toml").write_text(QUOTA.replace("sessions = 2", "sessions = 1"))
    asked = livy.url_for("").replace("http://", "http://alice:pw@")
    shell = InteractiveShell()
    magics = KernelMagics(shell)
    shell.register_magics(magics)
    client = LivyReliableHttpClient.from_endpoint(Endpoint(asked if is_there else "http://127.0.0.1:9", None))
    own = LivySession(client, {"kind": "pyspark"}, IpythonDisplay(), SESSION["id"])
    magics.spark_controller.session_manager.sessions[magics.session_name] = own
    kernel = Kernel(shell, lambda: True, {})
    kernel.policies = PolicyFiles([own_home / "policy.toml"])

    check(kernel, SimpleNamespace(url=asked, json=True), '{"numExecutors": 4}')

    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == verdict
    assert [each["property"] for each in told["violations"]] == ([] if is_there else ["quota.sessions"])
