"""The decision log on files: one a user, one line a decision, whatever happens to the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from livyguard.decisions import DecisionFiles, file_name
from livyguard.errors import InvalidPolicy
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.record import DecisionRecord

ALICE = Identity("alice", "reported", "a test")
CREATED = DecisionRecord(1.0, ALICE, judge(None, ALICE, {}), {}, "http://livy:8998", "created", {}, 7)


class Policies:
    def __init__(self, folder: Path | str | None) -> None:
        text = "" if folder is None else f"decision_log = {json.dumps(str(folder))}"
        self.value = parse(text, source="policy.toml")

    def policy(self):
        return self.value


def log(folder: Path | str | None) -> DecisionFiles:
    return DecisionFiles(Policies(folder))


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


def test_each_decision_adds_a_line_to_the_users_file(tmp_path):
    decisions = log(tmp_path)

    assert decisions.record(CREATED) is None
    assert decisions.record(replace(CREATED, session_id=8)) is None
    assert decisions.record(replace(CREATED, who=Identity("bob", "claimed", "a test"))) is None

    assert [line["session_id"] for line in lines(tmp_path / "alice.jsonl")] == [7, 8]
    assert [line["user"] for line in lines(tmp_path / "bob.jsonl")] == ["bob"]


def test_the_file_is_the_users_own(tmp_path):
    log(tmp_path).record(CREATED)

    assert (tmp_path / "alice.jsonl").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_unless_the_policy_asks_for_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Nothing:
        def policy(self):
            return None

    class Invalid:
        def policy(self):
            raise InvalidPolicy(["policy.toml: faulty"])

    for decisions in (log(None), DecisionFiles(Nothing()), DecisionFiles(Invalid())):
        assert decisions.record(CREATED) is None
    assert list(tmp_path.iterdir()) == []


NAMES = [
    "alice",
    "Alice",
    "alice@EXAMPLE.COM",
    "EXAMPLE\\alice",
    "../../etc/passwd",
    "/etc/passwd",
    ".",
    "..",
    "%2E",
    ".hidden",
    "a/b",
    "a%2Fb",
    "a b",
    "a\x00b",
    "a\nb",
    "-rf",
    "~root",
    "é",
    "e\u0301",
    "\ud800",
    "%uid-1000",
    "x" * 300,
    "x" * 301,
    "é" * 300,
    None,
]


def test_every_name_makes_a_harmless_file_of_its_own(tmp_path):
    names = [file_name(user) for user in NAMES]

    assert len(set(names)) == len(NAMES)
    for name in names:
        assert not name.startswith(".")
        assert len(name) < 255
        assert (tmp_path / name).parent == tmp_path
        (tmp_path / name).write_text("")
    assert len(list(tmp_path.iterdir())) == len(NAMES)


@pytest.mark.parametrize("nobody", [None, ""])
def test_somebody_whom_nobody_names_is_logged_as_this_account(tmp_path, nobody):
    log(tmp_path).record(replace(CREATED, who=Identity(nobody, "claimed", "nobody")))

    assert [file.name for file in tmp_path.iterdir()] == [f"%uid-{os.geteuid()}.jsonl"]


def test_a_folder_under_a_home_is_made_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert log("~/logs/decisions").record(CREATED) is None
    fault = log(tmp_path / "elsewhere").record(CREATED)

    assert (tmp_path / "logs" / "decisions" / "alice.jsonl").exists()
    assert (tmp_path / "logs" / "decisions").stat().st_mode & 0o777 == 0o700
    assert fault == f"The decision log in {tmp_path}/elsewhere cannot be written: No such file or directory"


def test_a_relative_folder_is_no_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert "it is no absolute path" in log("decisions").record(CREATED)


def test_no_link_is_followed_and_no_pipe_is_waited_for(tmp_path):
    target = tmp_path / "target"
    (tmp_path / "alice.jsonl").symlink_to(target)
    os.mkfifo(tmp_path / "bob.jsonl")
    reader = os.open(tmp_path / "bob.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "carol.jsonl").mkdir()

    said = [log(tmp_path).record(replace(CREATED, who=replace(ALICE, user=user))) for user in ("alice", "bob", "carol")]
    os.close(reader)

    assert all(said), said
    assert "bob.jsonl is no file" in said[1]
    assert not target.exists()
    assert "no file" not in log(tmp_path).record(replace(CREATED, who=replace(ALICE, user="bob")))


def test_another_accounts_file_is_not_written(tmp_path, monkeypatch):
    file = tmp_path / "alice.jsonl"
    file.write_text("")
    found = os.fstat
    stranger = os.geteuid() + 4711
    monkeypatch.setattr(os, "fstat", lambda handle: os.stat_result((*found(handle)[:4], stranger, *found(handle)[5:])))

    assert "alice.jsonl is another account's" in log(tmp_path).record(CREATED)
    assert file.read_text() == ""


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", lambda _handle, line: len(line) - 1)

    assert log(tmp_path).record(CREATED).endswith("the disk is full")


def test_kernels_that_write_at_once_never_mix_their_lines(tmp_path):
    write = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.unit.test_decisions import CREATED, log, replace
decisions = log({str(tmp_path)!r})
sys.stdin.read()
for number in range(100):
    body = {{"name": sys.argv[1] * 5000}}
    assert decisions.record(replace(CREATED, asked=body, session_id=number)) is None
"""
    kernels = [subprocess.Popen([sys.executable, "-c", write, letter], stdin=subprocess.PIPE) for letter in "abc"]
    for kernel in kernels:
        kernel.stdin.close()

    assert [kernel.wait(120) for kernel in kernels] == [0, 0, 0]
    written = lines(tmp_path / "alice.jsonl")
    assert len(written) == 300
    for letter in "abc":
        ours = [line["session_id"] for line in written if line["asked"]["name"] == letter * 5000]
        assert ours == list(range(100))
