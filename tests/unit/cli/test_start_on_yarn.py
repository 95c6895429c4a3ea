"""The command line with a ResourceManager in the policy: why a start fails, and what becomes of its application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.cli.main import run
from livyguard.ledger import FileLedger
from livyguard.sandbox import Sandbox
from livyguard.sessions.model import LedgerEntry
from tests.resource_manager import ResourceManager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Starts no session, and gives each up after a second, or after the parameter of this fixture."""
    with Sandbox(engine="none", slots=0, start_timeout=getattr(request, "param", 1.0)) as server:
        yield server


@pytest.fixture
def yarn(httpserver: HTTPServer) -> ResourceManager:
    return ResourceManager(httpserver)


@pytest.fixture
def machine(tmp_path: Path, sandbox: Sandbox, yarn: ResourceManager, monkeypatch: pytest.MonkeyPatch) -> Path:
    manager = f'[cluster]\nmanager = "yarn"\nresource_manager = "{yarn.url}"\n'
    (tmp_path / "policy.toml").write_text(f"version = 1\n{manager}")
    (tmp_path / "body.json").write_text('{"kind": "pyspark"}')
    monkeypatch.setenv("LIVYGUARD_POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("LIVYGUARD_URL", sandbox.url)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SPARKMAGIC_CONF_DIR", str(tmp_path / "sparkmagic"))
    return tmp_path


def start(machine: Path) -> int:
    return run(["sessions", "--start", str(machine / "body.json")])


def sessions(sandbox: Sandbox) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = requests.get(f"{sandbox.url}/sessions", timeout=10).json()["sessions"]
    return listed


def test_a_start_that_fails_names_yarns_reason_and_ends_the_application(
    machine: Path, sandbox: Sandbox, yarn: ResourceManager, capsys: pytest.CaptureFixture[str]
) -> None:
    code = start(machine)

    said = " ".join(capsys.readouterr().err.split())
    assert code == 1
    ((tag, state),) = yarn.states.items()
    app = yarn.application(tag)
    assert state == "KILLED"
    assert tag.startswith("livyguard-")
    assert f"is deleted. Its application {app} (ACCEPTED in queue root.users) was ended; YARN says KILLED." in said
    assert f"ResourceManager: {app} ACCEPTED in queue root.users: Application is added to the scheduler" in said
    assert sessions(sandbox) == []


def test_an_interrupted_wait_leaves_neither_session_nor_application(
    machine: Path,
    sandbox: Sandbox,
    yarn: ResourceManager,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("livyguard.cli.start.wait_until_up", interrupt)

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        raise SystemExit(start(machine))

    assert list(yarn.states.values()) == ["KILLED"]
    assert sessions(sandbox) == []
    assert "was ended; YARN says KILLED." in capsys.readouterr().err


def test_a_resource_manager_that_is_down_changes_nothing_but_a_sentence(
    machine: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "policy.toml").write_text('version = 1\n[cluster]\nresource_manager = "http://127.0.0.1:9"\n')

    code = start(machine)

    said = " ".join(capsys.readouterr().err.split())
    assert code == 1
    assert "Whether YARN still has an application of it is not known. No connection to the ResourceManager" in said
    assert "`yarn application -kill` ends it." in said
    assert "LG202" in said  # the session's own log tells it, too
    assert sessions(sandbox) == []


@pytest.mark.parametrize("sandbox", [3_600.0], indirect=True, ids=["starting"])
def test_a_release_by_number_ends_the_application_of_a_starting_session(
    machine: Path, sandbox: Sandbox, yarn: ResourceManager, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = "livyguard-0badcafe"
    body = {"kind": "pyspark", "conf": {"spark.yarn.tags": f"livyguard,{tag}"}}
    number = requests.post(f"{sandbox.url}/sessions", json=body, timeout=10).json()["id"]
    entry = LedgerEntry(sandbox.url, number, tag, "kernel-1", 2e9)
    FileLedger(machine / "state" / "livyguard", "kernel-1").record(entry)

    code = run(["release", str(number), "--json"])

    (outcome,) = json.loads(capsys.readouterr().out)["outcomes"]
    assert (code, outcome["result"], outcome["left_over"]) == (0, "released", None)
    assert outcome["reason"].endswith("was ended; YARN says KILLED")
    assert yarn.states == {tag: "KILLED"}
