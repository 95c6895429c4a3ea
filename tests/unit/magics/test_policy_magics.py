"""``%livy_policy`` and ``%%livy_check`` typed in a shell of their own, mostly without SparkMagic: nothing is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

POLICY = """
[[tenant]]
name = "analysts"
users = ["alice"]
[tenant.limits]
"executors.max" = { max = 8, default = 5, reason = "10 workers for 12 people" }
"queue" = { fixed = "root.analytics", on_violation = "deny" }
"""
#: Runs each cell of a JSON list under the policy of a file and prints what a person would see of each.
SHELL = """
import json, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell("%load_ext livyguard")
from livyguard.config import PolicyFiles
from livyguard.magics.extension import loaded
loaded(shell).magics.kernel.policies = PolicyFiles([Path(sys.argv[2])])  # none of the machine's
seen = []
for cell in json.loads(sys.argv[1]):
    with capture_output() as said:
        done = shell.run_cell(cell, silent=False, store_history=False)
    error = done.error_before_exec or done.error_in_exec
    value = done.result
    bundle = {} if value is None else value._repr_mimebundle_()
    stb = getattr(error, "_render_traceback_", lambda: [str(error)])()
    shown = [one.data["text/plain"] for one in said.outputs]
    seen.append({"out": said.stdout, "shown": shown, "bundle": bundle, "error": error and "\\n".join(stb)})
print(json.dumps({"cells": seen, "sparkmagic": "sparkmagic" in sys.modules}), file=sys.__stdout__)
"""


@pytest.fixture
def type_in(tmp_path: Path, httpserver: HTTPServer):
    """Type cells as alice, under a policy or none, in front of a Livy that counts what it is asked."""

    def type_in(*cells: str, policy: str | None = POLICY, **environment: str) -> list[dict[str, Any]]:
        surroundings = {
            **os.environ,
            "HOME": str(tmp_path),
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "LIVYGUARD_URL": httpserver.url_for("/").replace("http://", "http://alice:pw@"),
            "SPARKMAGIC_CONF_DIR": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "JUPYTERHUB_USER": "bob",
            **environment,
        }
        if policy is not None:
            (tmp_path / "policy.toml").write_text(policy)
        done = subprocess.run(
            [sys.executable, "-c", SHELL, json.dumps(cells), str(tmp_path / "policy.toml")],
            capture_output=True,
            text=True,
            check=False,
            env=surroundings,
        )
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout.splitlines()[-1])
        assert seen["sparkmagic"] == any("sparkmagic" in cell for cell in cells)
        assert httpserver.log == []
        shown: list[dict[str, Any]] = seen["cells"]
        return shown

    return type_in


def text(seen: dict[str, Any]) -> str:
    assert seen["error"] is None, seen
    return str(seen["bundle"]["text/plain"])


def test_somebody_reads_who_they_are_what_holds_and_which_file_says_so(type_in, tmp_path) -> None:
    shown, printed = type_in("%livy_policy", "%livy_policy --json")

    said = text(shown)
    assert "User        alice" in said
    assert "the login at http://localhost" in said
    assert "(reported)" in said
    assert "Tenant      analysts" in said
    assert "at most 8; 5 unless asked" in said
    assert next(line.split() for line in said.splitlines() if line.startswith("the environment variable"))[4] == "bob"
    assert str(tmp_path / "policy.toml") in said
    assert "<table" in shown["bundle"]["text/html"]
    told = json.loads(printed["out"])
    assert (told["user"], told["trust"], told["tenant"]) == ("alice", "reported", "analysts")
    assert [limit["property"] for limit in told["limits"]] == ["executors.max", "queue"]
    assert printed["bundle"] == {}


def test_an_invalid_policy_shows_every_fault_and_is_no_answer_to_a_check(type_in) -> None:
    shown, printed, checked = type_in(
        "%livy_policy", "%livy_policy --json", "%%livy_check\n{}", policy="colour = 1\n[defaults]\nlimit = 2\n"
    )

    for fault in ("colour", "defaults.limit"):
        assert fault in text(shown)
        assert fault in checked["error"]
        assert any(fault in each for each in json.loads(printed["out"])["faults"])
    assert "No session is created until it is mended" in text(shown)
    assert "Traceback" not in checked["error"]


def test_without_a_policy_nothing_is_limited_and_that_is_said(type_in, tmp_path) -> None:
    shown, printed, checked = type_in(
        "%livy_policy", "%livy_policy --json", '%%livy_check\n{"numExecutors": 40}', policy=None
    )

    assert "No policy is installed: nothing is limited. It was looked for in " in text(shown)
    assert json.loads(printed["out"])["searched"] == [str(tmp_path / "policy.toml")]
    assert text(checked).splitlines()[0] == "allow: no policy is installed, so nothing is limited"
    assert '"numExecutors": 40' in text(checked)


def test_a_check_says_what_would_be_done_and_does_not_fail_the_cell(type_in) -> None:
    clamped, denied, allowed = type_in(
        '%%livy_check\n{"numExecutors": 40}',
        '%%livy_check\n{"numExecutors": 40, "queue": "root.admin"}',
        '%%livy_check\n{"numExecutors": 2}',
    )

    assert text(clamped).splitlines()[0] == "clamp: tenant analysts, user alice"
    assert "executors.max  40     8" in text(clamped)
    assert text(denied).splitlines()[0] == "deny: tenant analysts, user alice"
    assert "LG702 queue is fixed" in text(denied)
    assert '%%spark config\n{\n  "numExecutors": 8,\n  "queue": "root.analytics"\n}' in text(denied)
    assert text(allowed).splitlines()[0] == "allow: tenant analysts, user alice"
    assert '"numExecutors": 2' in text(allowed)


def test_a_check_prints_the_contracts_json(type_in) -> None:
    (printed,) = type_in('%%livy_check --json\n{"numExecutors": 40}')

    told = json.loads(printed["out"])
    assert list(told) == ["verdict", "tenant", "user", "request", "changes", "violations"]
    assert (told["verdict"], told["request"]["queue"]) == ("clamp", "root.analytics")


def test_a_body_that_is_no_json_object_is_told_with_its_place(type_in) -> None:
    broken, a_list, empty = type_in('%%livy_check\n{"a": 1,\n "b" 2}', "%%livy_check\n[1]", "%%livy_check\n\n")

    assert "line 2, column 6" in broken["error"]
    assert "a list (line 1, column 1)" in a_list["error"]
    assert empty["error"]


def test_a_check_is_no_decision_to_log(type_in, tmp_path) -> None:
    (tmp_path / "log").mkdir()

    type_in('%%livy_check\n{"queue": "root.admin"}', policy=f'decision_log = "{tmp_path}/log"\n{POLICY}')

    assert list((tmp_path / "log").iterdir()) == []


def test_another_livys_login_is_somebody_else(type_in) -> None:
    shown, checked = type_in(
        "%livy_policy --url http://bob:pw@livy.example.com:8998",
        '%%livy_check --url http://bob:pw@livy.example.com:8998\n{"numExecutors": 40}',
    )

    assert text(shown).splitlines()[0].split() == ["User", "bob"]
    assert "Tenant" in text(shown)
    assert "analysts (" not in text(shown)
    assert "user bob" in text(checked).splitlines()[0]


@pytest.mark.parametrize("magic", ["%livy_policy --jsno", '%%livy_check --jsno\n{"a": 1}'])
def test_an_unknown_option_says_what_was_meant(type_in, magic: str) -> None:
    (said,) = type_in(magic)

    assert "did you mean --json?" in said["error"]


WRAPPER = ("%load_ext sparkmagic.kernels", "%%_do_not_call_change_language -l python\n ")


@pytest.mark.parametrize(
    ("load", "kind"), [(WRAPPER, {"kind": "pyspark"}), (WRAPPER[:1], {})], ids=["wrapper", "no-language"]
)
def test_beside_sparkmagic_a_check_stands_on_the_operators_settings(
    type_in, tmp_path, httpserver: HTTPServer, load: tuple[str, ...], kind: dict[str, str]
) -> None:
    login = {"username": "alice", "password": "pw", "auth": "Basic_Access", "url": httpserver.url_for("")}
    settings = {
        "kernel_python_credentials": login,
        "session_configs": {"executorMemory": "3g"},
        "livy_server_heartbeat_timeout_seconds": 7,
    }
    (tmp_path / "config.json").write_text(json.dumps(settings))
    body = '{"numExecutors": 40, "kind": "sparkr", "heartbeatTimeoutInSecond": 3}'

    *_, shown, printed, denied = type_in(
        *load, f"%%livy_check\n{body}", f"%%livy_check --json\n{body}", '%%livy_check\n{"queue": "root.admin"}'
    )

    sent = json.loads(printed["out"])["request"]
    assert (sent["numExecutors"], sent["executorMemory"], sent["heartbeatTimeoutInSecond"]) == (8, "3g", 7)
    assert {key: sent[key] for key in sent if key == "kind"} == kind
    assert ("kind 'sparkr' has no effect: this kernel's sessions are pyspark." in text(shown)) == bool(kind)
    assert "heartbeatTimeoutInSecond 3 has no effect" in text(shown)
    assert "\n%%configure -f\n" in text(denied)
