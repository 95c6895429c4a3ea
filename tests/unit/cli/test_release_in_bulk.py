"""``livyguard release`` as a process: killed in the middle and run again, twice at once, while sessions change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.ledger import FileLedger
from livyguard.testing import an_entry
from tests.unreliable import Fault, UnreliableLivy, unreliable_livy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "livyguard.cli.main"]
PATIENCE = 60.0
HOURS = 3_600.0


@pytest.fixture
def livy() -> Iterator[UnreliableLivy]:
    with unreliable_livy() as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    policy = tmp_path / "policy.toml"
    policy.write_text('operators = { users = ["alice"] }\n[defaults.limits]\n"executors.max" = { max = 8 }\n')
    known = {name: value for name, value in os.environ.items() if not name.startswith(("LIVYGUARD_", "SPARKMAGIC_"))}
    places = {"HOME": "", "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config"}
    return {**known, **{name: str(tmp_path / place) for name, place in places.items()}, "LIVYGUARD_POLICY": str(policy)}


@pytest.fixture
def start(livy: UnreliableLivy, environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``livyguard release`` as alice; what is left running at the end is ended by its pid."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [*COMMAND, "release", "--url", livy.at(), "--json", *arguments]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, Any, str]:
    """Wait for the end: exit code, what was printed as JSON, what was said beside it."""
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    return process.returncode, json.loads(out) if out else None, err


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def results(report: dict[str, Any]) -> dict[int, str]:
    return {one["id"]: one["result"] for one in report["outcomes"]}


def reason(report: dict[str, Any], number: int) -> str:
    return next(one["reason"] for one in report["outcomes"] if one["id"] == number)


def tag(number: int) -> str:
    return f"livyguard-{number:08x}"


def note_in_ledger(folder: Path, livy: UnreliableLivy, numbers: range) -> FileLedger:
    """Note sessions as created by two kernels of this machine, last used two hours ago."""
    ledgers = [FileLedger(folder, kernel) for kernel in ("kernel-a", "kernel-b")]
    for number in numbers:
        livy.add(number, conf={"spark.yarn.tags": f"livyguard,{tag(number)}"})
        used = {"created": time.time() - 3 * HOURS, "last_statement": time.time() - 2 * HOURS}
        ledgers[number % 2].record(an_entry(number, tag(number), endpoint=livy.url, login="alice", **used))
    return ledgers[0]


def test_a_release_that_was_killed_in_the_middle_is_finished_by_the_next(livy, start, tmp_path):
    folder = tmp_path / "state" / "livyguard"
    ledger = note_in_ledger(folder, livy, range(40))
    livy.delete_takes = 0.5
    killed = start()
    wait_until(lambda: sum(livy.deleted.values()) >= 5)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    livy.settle()
    freed = set(livy.deleted)
    assert 5 <= len(freed) < 40

    code, report, told = ended(start())

    assert (code, results(report)) == (0, dict.fromkeys(set(range(40)) - freed, "released"))
    assert told.startswith(f"Freeing {40 - len(freed)} sessions: ")
    assert livy.sessions == {}
    assert livy.deleted == Counter(range(40))
    assert report["freed"]["executors"] == 2 * (40 - len(freed))
    for file in folder.glob("*.json"):
        json.loads(file.read_text("utf-8"))
    assert not list(folder.glob("*.broken"))
    assert {entry.session_id for entry in ledger.entries()} <= freed  # those whose end the killed one saw nobody tell


def test_what_a_killed_release_has_printed_by_cron_is_whole_and_true(livy, start):
    livy.add(*range(40))
    livy.delete_takes = 0.3
    killed = start("--all-users")
    wait_until(lambda: sum(livy.deleted.values()) >= 18)
    os.kill(killed.pid, signal.SIGKILL)
    out, _ = killed.communicate(timeout=PATIENCE)

    lines = [json.loads(line) for line in out.splitlines()]

    assert lines
    assert {line["result"] for line in lines} == {"released"}
    assert {line["id"] for line in lines} <= set(livy.deleted)
    assert max(Counter(line["id"] for line in lines).values()) == 1


def test_an_interrupted_release_says_nothing_of_python_and_is_finished_by_the_next(livy, start):
    livy.add(*range(40))
    livy.delete_takes = 0.5
    interrupted = start()
    wait_until(lambda: sum(livy.deleted.values()) >= 5)
    os.kill(interrupted.pid, signal.SIGINT)

    assert ended(interrupted)[:2] == (130, None)
    assert len(livy.sessions) > 0
    assert ended(start())[0] == 0
    assert livy.deleted == Counter(range(40))


def test_two_who_release_the_same_sessions_at_once_free_each_of_them_once(livy, start):
    livy.add(*range(20))
    livy.delete_takes = 0.2
    both_have_listed = threading.Barrier(2, timeout=PATIENCE)

    def wait_for_the_other(handler: Any, body: bytes) -> None:
        both_have_listed.wait()
        handler.send(body)

    livy.faults = [Fault(wait_for_the_other, times=2)]

    first, second = [ended(process) for process in (start(), start())]

    assert (first[0], second[0]) == (0, 0)
    assert livy.deleted == Counter(range(20))
    told = [results(first[1]), results(second[1])]
    assert [sorted(one) for one in told] == [list(range(20))] * 2
    assert [sorted((told[0][number], told[1][number])) for number in range(20)] == [["gone", "released"]] * 20
    assert sum(one[1]["freed"]["executors"] or 0 for one in (first, second)) == 40


def test_a_session_that_is_used_again_after_the_listing_is_left_alone(livy, start):
    livy.add(*range(4))
    livy.after_listing = lambda server: server.sessions[2].update(state="busy")

    code, report, _ = ended(start())

    assert (code, results(report)) == (0, {0: "released", 1: "released", 2: "skipped", 3: "released"})
    assert reason(report, 2) == "meanwhile it is busy"
    assert list(livy.sessions) == [2]


@pytest.mark.parametrize(
    "restarted",
    [
        {"owner": "bob", "appId": "application_1700000009999_0001"},
        {"owner": "alice", "appId": "application_1700000009999_0001"},
        {"owner": "alice", "appId": None, "state": "starting"},
        {"owner": "alice", "kind": "spark"},
        {"owner": "alice", "conf": {"spark.yarn.tags": "livyguard,livyguard-0badcafe"}},
    ],
    ids=["bobs", "another-application", "none-yet", "another-kind", "another-tag"],
)
def test_a_number_that_belongs_to_another_session_since_livy_was_restarted_is_left_alone(livy, start, restarted):
    livy.add(*range(3))
    livy.after_listing = lambda server: server.add(1, **restarted)

    code, report, _ = ended(start())

    assert (code, results(report)) == (0, {0: "released", 1: "skipped", 2: "released"})
    assert "somebody else's" in reason(report, 1)
    assert list(livy.sessions) == [1]
