"""``livyguard sessions --start``: judged as in a notebook, waited for, its id printed."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.cli.main import run
from livyguard.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = """
version = 1
[defaults]
limits."executors.max" = { max = 4, default = 2, reason = "10 workers" }
limits."queue" = { forbidden = true, on_violation = "deny" }
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine="none", slots=1, start_timeout=1.0) as server:
        yield server


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policy.toml").write_text(POLICY)
    monkeypatch.setenv("LIVYGUARD_POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("LIVYGUARD_URL", sandbox.url)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SPARKMAGIC_CONF_DIR", str(tmp_path / "sparkmagic"))
    return tmp_path


def sessions(sandbox: Sandbox) -> list[dict[str, Any]]:
    listed = requests.get(f"{sandbox.url}/sessions", timeout=10).json()["sessions"]
    return [session for session in listed if session["state"] != "dead"]


def body(folder: Path, content: object) -> str:
    file = folder / "body.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_a_session_is_clamped_waited_for_and_its_id_printed(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["sessions", "--start", body(machine, {"kind": "pyspark", "numExecutors": 40})])

    (session,) = sessions(sandbox)
    said = capsys.readouterr()
    assert (code, said.out) == (0, f"{session['id']}\n")
    assert (session["state"], session["numExecutors"]) == ("idle", 4)
    assert "10 workers" in said.err


def test_the_body_may_come_from_standard_input(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"kind": "pyspark"}'))

    code = run(["sessions", "--start", "-", "--json"])

    assert (code, json.loads(capsys.readouterr().out)) == (0, {"id": sessions(sandbox)[0]["id"]})


def test_the_operators_presets_count_below_what_the_body_says(machine: Path, sandbox: Sandbox) -> None:
    (machine / "sparkmagic").mkdir()
    presets = {
        "session_configs_defaults": {"driverMemory": "1g", "executorMemory": "1g", "executorCores": 3},
        "session_configs": {"driverMemory": "2g", "executorMemory": "2g"},
    }
    (machine / "sparkmagic" / "config.json").write_text(json.dumps(presets))

    assert run(["sessions", "--start", body(machine, {"kind": "pyspark", "driverMemory": "3g"})]) == 0

    (session,) = sessions(sandbox)
    assert [session[key] for key in ("driverMemory", "executorMemory", "executorCores")] == ["3g", "2g", 3]


def test_a_livy_that_does_not_let_us_create_is_exit_3(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = []
    for status in (401, 403):
        sandbox.fail_next("POST", "/sessions", status=status, body="")
        codes.append(run(["sessions", "--start", body(machine, {"kind": "pyspark"})]))

    said = capsys.readouterr().err
    assert codes == [3, 3]
    assert "does not accept a request without a log-in (401)" in said
    assert "refuses to create a session for us (403)" in said


def test_an_impersonation_that_livy_refuses_is_its_answer(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = json.dumps({"msg": "User 'a' not allowed to impersonate 'Some(b)'."})
    sandbox.fail_next("POST", "/sessions", status=403, body=refusal)

    assert run(["sessions", "--start", body(machine, {"kind": "pyspark", "proxyUser": "b"})]) == 1

    assert "not allowed to impersonate" in capsys.readouterr().err


def test_a_denied_session_is_not_created(machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["sessions", "--start", body(machine, {"queue": "root.admin"})])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert "LG702 queue" in said.err
    assert "livyguard explain LG702" in said.err
    assert sessions(sandbox) == []


@pytest.mark.parametrize("is_named", [True, False])
def test_the_way_out_of_a_quota_can_be_run_as_it_is_shown(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    (machine / "policy.toml").write_text("version = 1\n[defaults]\nquota = { sessions = 1 }\n")
    alices = sandbox.url.replace("http://", "http://alice:pw@")
    monkeypatch.setenv("LIVYGUARD_URL", "http://127.0.0.1:9" if is_named else alices)
    start = ["sessions", "--start", body(machine, {"kind": "pyspark"}), *(["--url", alices] if is_named else [])]
    assert run(start) == 0
    (held,) = sessions(sandbox)

    assert run(start) == 1

    (command,) = re.findall(r"`livyguard (.*)`", capsys.readouterr().err)
    assert command == f"release {held['id']}" + (f" --url {sandbox.url}" if is_named else "")
    assert run(command.split()) == 0
    assert sessions(sandbox) == []


@pytest.mark.parametrize(("content", "place"), [("[1]", "line 1, column 1"), ('{"a" 1}', "line 1, column 6")])
def test_a_body_that_is_no_object_is_a_usage_error(
    machine: Path, capsys: pytest.CaptureFixture[str], content: str, place: str
) -> None:
    code = run(["sessions", "--start", body(machine, content)])

    assert code == 2
    assert place in capsys.readouterr().err


def test_a_body_that_cannot_be_read_is_told(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine / "bytes").write_bytes(b"\xff")

    codes = [run(["sessions", "--start", str(machine / name)]) for name in ("absent", "bytes")]

    said = capsys.readouterr().err
    assert codes == [2, 2]
    assert "No such file" in said
    assert "not UTF-8" in said


def test_a_session_that_does_not_come_up_is_explained_and_deleted(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10)
    before = [session["id"] for session in sessions(sandbox)]

    code = run(["sessions", "--start", body(machine, {"kind": "pyspark"})])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert "AM resource limit" in said.err
    assert "is deleted" in said.err
    assert "livyguard sessions\n" in said.err
    assert "livyguard release\n" in said.err
    assert "%livy" not in said.err
    assert [session["id"] for session in sessions(sandbox)] == before  # its state may have gone on meanwhile


def test_where_livy_fails_while_it_is_waited_for_the_session_is_deleted(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.fail_next("GET", "/sessions/0", status=500, body='"java.lang.IllegalStateException: closed"')

    code = run(["sessions", "--start", body(machine, {"kind": "pyspark"})])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert "IllegalStateException: closed" in said.err
    assert "Session 0 is deleted." in said.err
    assert sessions(sandbox) == []


def test_filters_say_nothing_to_a_start(machine: Path, sandbox: Sandbox) -> None:
    assert run(["sessions", "--start", body(machine, {}), "--mine"]) == 2
    assert sessions(sandbox) == []


def test_no_livy_is_exit_3(machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVYGUARD_URL", "http://127.0.0.1:9")

    code = run(["sessions", "--start", body(machine, {})])

    assert code == 3
    assert "127.0.0.1:9" in capsys.readouterr().err
