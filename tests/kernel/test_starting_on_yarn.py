"""A notebook whose session waits in YARN's queue: the reason in YARN's words, and nothing of it left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.sandbox import Sandbox
from tests.resource_manager import ResourceManager

from .conftest import PYTHON, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_httpserver import HTTPServer


@pytest.fixture
def yarn(httpserver: HTTPServer) -> ResourceManager:
    return ResourceManager(httpserver)


@pytest.fixture
def lab(tmp_path: Path, yarn: ResourceManager) -> Iterator[Lab]:
    """A Livy with room for one session, and that one taken."""
    with Sandbox(engine="none", slots=1) as sandbox:
        lab = Lab(tmp_path, sandbox)
        lab.policy = tmp_path / "policy.toml"
        lab.policy.write_text(f'version = 1\n[cluster]\nmanager = "yarn"\nresource_manager = "{yarn.url}"\n')
        requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).raise_for_status()
        yield lab
        lab.stop()


def numbers(lab: Lab) -> list[int]:
    listed = requests.get(f"{lab.url}/sessions", timeout=10).json()["sessions"]
    return [session["id"] for session in listed if session["state"] != "dead"]


def test_a_time_out_is_told_in_yarns_words_and_takes_the_application_with_it(lab: Lab, yarn: ResourceManager) -> None:
    lab.configure(livy_session_startup_timeout_seconds=2)
    kernel = lab.start()

    said = kernel.fails("1 + 1")
    left = numbers(lab)
    requests.delete(f"{lab.url}/sessions/0", timeout=10)
    kernel.fine("2 + 2")

    (tag, state), *_ = yarn.states.items()
    text = " ".join(said.error.split())
    assert left == [0]
    assert state == "KILLED"
    assert "LG202" in text
    assert f"ResourceManager: {yarn.application(tag)} ACCEPTED in queue root.users: Application is added" in text
    assert f"Its application {yarn.application(tag)} (ACCEPTED in queue root.users) was ended; YARN says KILLED" in text


def test_ctrl_c_while_it_waits_takes_the_application_with_it(lab: Lab, yarn: ResourceManager, until: Any) -> None:
    kernel = lab.start()
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    until(lambda: yarn.states)

    kernel.manager.interrupt_kernel()
    said = kernel.finish(sent)

    assert said.status == "error"
    assert numbers(lab) == [0]
    assert list(yarn.states.values()) == ["KILLED"]
    assert "was ended; YARN says KILLED" in said.text


def test_a_release_from_another_notebook_does_the_same(lab: Lab, yarn: ResourceManager, until: Any) -> None:
    kernel, other = lab.start(), lab.start(PYTHON)
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    until(lambda: yarn.states)
    (starting,) = set(numbers(lab)) - {0}

    released = other.fine(f"%livy_release {starting}")
    said = kernel.finish(sent)

    assert "was ended; YARN says KILLED" in " ".join(released.text.split())
    assert list(yarn.states.values()) == ["KILLED"]
    assert numbers(lab) == [0]
    assert said.status == "error"
    assert "Traceback" not in said.text


def test_a_start_that_waits_says_why_and_what_makes_room_and_leaves_its_last_line_alone(
    lab: Lab, yarn: ResourceManager, until: Any
) -> None:
    lab.configure(livy_session_startup_timeout_seconds=60)
    kernel = lab.start()
    sent = kernel.client.execute("40 + 2", allow_stdin=False)
    seen: list[dict[str, Any]] = []

    def is_told() -> bool:
        message = kernel.client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") == sent and "data" in message["content"]:
            seen.append(message["content"])
        return any("LG202" in content["data"].get("text/plain", "") for content in seen)

    until(is_told)
    requests.delete(f"{lab.url}/sessions/0", timeout=10)
    said = kernel.finish(sent)

    lines = [content for content in seen if " · YARN ACCEPTED in root.users" in content["data"]["text/plain"]]
    assert said.status == "ok", said.text
    assert "Session 1 waits: the queue has no room for another driver" in lines[-1]["data"]["text/plain"]
    assert "<strong>LG202</strong>" in lines[-1]["data"]["text/html"]
    assert len({content["transient"]["display_id"] for content in lines}) == 1
    (last,) = {plain for plain in said.plain if plain.startswith("Session 1 idle · ")}
    assert "LG202" not in last
    assert "LG202" not in said.error
