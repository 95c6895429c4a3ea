"""Where the policy is found, and what happens while somebody saves it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from livyguard.config import PolicyFiles, default_search_path, load, named_policy
from livyguard.errors import InvalidPolicy

LIMIT = '[defaults.limits]\n"executors.max" = {{ max = {} }}\n'


def write(path, text, moment):
    """Write a file with a time of change of its own, however fast the tests run."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (moment, moment))


def most(policy):
    return policy.defaults.limits["executors.max"].max


def test_the_first_file_that_is_there_counts(tmp_path):
    write(tmp_path / "second.toml", LIMIT.format(2), 1)
    write(tmp_path / "third.toml", LIMIT.format(3), 1)
    files = PolicyFiles([tmp_path / "first.toml", tmp_path / "second.toml", tmp_path / "third.toml"])

    assert most(files.policy()) == 2
    assert files.path == tmp_path / "second.toml"


def test_no_file_is_no_policy(tmp_path):
    files = PolicyFiles([tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "a.toml" / "c.toml"])

    assert files.policy() is None
    assert files.path is None


def test_a_file_below_a_file_is_not_there(tmp_path):
    write(tmp_path / "a.toml", "", 1)

    assert PolicyFiles([tmp_path / "a.toml" / "policy.toml", tmp_path / "b.toml"]).policy() is None


def test_a_named_file_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(InvalidPolicy, match="there is no such file"):
        PolicyFiles([tmp_path / "policy.toml"], required=tmp_path / "policy.toml").policy()


def test_an_unchanged_file_is_not_read_again(tmp_path):
    path = tmp_path / "policy.toml"
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path])

    assert files.policy() is files.policy()


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "policy.toml"
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path])
    files.policy()

    write(path, LIMIT.format(5), 2)

    assert most(files.policy()) == 5


def test_a_half_saved_file_keeps_the_last_policy_and_says_so_once(tmp_path):
    path, said = tmp_path / "policy.toml", []
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path], say=said.append)
    files.policy()

    write(path, LIMIT.format(5)[:-9], 2)

    assert [most(files.policy()) for _ in range(3)] == [4, 4, 4]
    assert len(said) == 1
    assert "line 2" in said[0]
    assert "stays in force" in said[0]

    write(path, LIMIT.format(5), 3)

    assert most(files.policy()) == 5
    assert len(said) == 1


def test_a_file_that_vanishes_keeps_the_last_policy_and_says_so_once(tmp_path):
    path, said = tmp_path / "policy.toml", []
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path], say=said.append)
    files.policy()

    path.unlink()

    assert [most(files.policy()) for _ in range(3)] == [4, 4, 4]
    assert len(said) == 1

    write(path, LIMIT.format(6), 1)

    assert most(files.policy()) == 6


def test_a_file_that_was_never_valid_creates_nothing_until_it_is(tmp_path):
    path, said = tmp_path / "policy.toml", []
    write(path, "nonsense = 1", 1)
    files = PolicyFiles([path], say=said.append)

    for _ in range(2):
        with pytest.raises(InvalidPolicy, match="nonsense: unknown key"):
            files.policy()

    write(path, LIMIT.format(4), 2)

    assert most(files.policy()) == 4
    assert said == []


def test_what_a_policy_asks_for_in_vain_is_said_once(tmp_path):
    path, said = tmp_path / "policy.toml", []
    write(path, "[defaults]\nquota = { sessions = 2 }", 1)
    files = PolicyFiles([path], say=said.append)

    files.policy()
    files.policy()

    assert said == [f"{path}: quota is read but not enforced by this version."]


def test_what_is_said_goes_to_the_log_where_nobody_listens(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("livyguard.config"), "disabled", False)  # SparkMagic disables all but its own
    path = tmp_path / "policy.toml"
    write(path, "", 1)
    files = PolicyFiles([path])
    files.policy()
    write(path, "x", 2)

    files.policy()

    assert "stays in force" in caplog.text


@pytest.mark.parametrize(("content", "why"), [(b"\xff\xfe", "not written in UTF-8"), (b"x", "no TOML")])
def test_a_file_that_is_no_text_is_a_fault(tmp_path, content, why):
    path = tmp_path / "policy.toml"
    path.write_bytes(content)

    with pytest.raises(InvalidPolicy, match=why):
        load(path)


def test_a_folder_is_a_fault(tmp_path):
    with pytest.raises(InvalidPolicy, match="directory"):
        PolicyFiles([tmp_path]).policy()


def test_a_place_that_cannot_be_looked_at_is_a_fault(tmp_path):
    name = "x" * 300

    with pytest.raises(InvalidPolicy, match="too long"):
        PolicyFiles([tmp_path / name, tmp_path / "b.toml"]).policy()


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LIMIT.format(4).encode())

    assert most(load(path)) == 4


def test_the_machines_policy_comes_first_and_what_a_user_names_last():
    assert default_search_path({"LIVYGUARD_POLICY": "/home/alice/mine.toml"}, prefix="/opt/venv") == (
        Path("/etc/livyguard/policy.toml"),
        Path("/opt/venv/etc/livyguard/policy.toml"),
        Path("/home/alice/mine.toml"),
    )


def test_where_no_variable_names_one_only_the_operators_are_looked_for(monkeypatch):
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)

    assert named_policy() is None
    assert default_search_path(prefix="/opt/venv") == (
        Path("/etc/livyguard/policy.toml"),
        Path("/opt/venv/etc/livyguard/policy.toml"),
    )


def test_the_environment_is_the_process_own_unless_told(monkeypatch):
    monkeypatch.setenv("LIVYGUARD_POLICY", "/a/policy.toml")

    assert named_policy() == Path("/a/policy.toml")


def test_importing_it_stays_light():
    code = "import sys, livyguard.config, livyguard.policy.judge; print({'pydantic', 'packaging'} & set(sys.modules))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "set()"
