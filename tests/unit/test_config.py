"""Where the policy is found, and what happens while somebody saves it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livyguard.capacity.lint import lint
from livyguard.config import PolicyFiles, default_search_path, load, named_policy
from livyguard.errors import InvalidPolicy
from livyguard.policy.identity import Identity
from livyguard.policy.tenancy import is_operator, resolve

LIMIT = '[defaults.limits]\n"executors.max" = {{ max = {} }}\n'


def write(path, text, moment):
    """Write a file with a time of change of its own, however fast the tests run."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (moment, moment))


def most(policy):
    return policy.defaults.limits["executors.max"].max


def ceiling(policy):
    return resolve(policy, Identity("alice", "reported", "test")).rules["executors.max"].max


def test_every_layer_that_is_there_counts_the_operators_first(tmp_path):
    write(tmp_path / "second.toml", LIMIT.format(4), 1)
    write(tmp_path / "third.toml", LIMIT.format(3), 1)
    files = PolicyFiles([tmp_path / "first.toml", tmp_path / "second.toml", tmp_path / "third.toml"])

    policy = files.policy()

    assert [layer.source for layer in policy.layers] == [str(tmp_path / "second.toml"), str(tmp_path / "third.toml")]
    assert ceiling(policy) == 3
    assert files.files == (tmp_path / "second.toml", tmp_path / "third.toml")


def folder(path, **texts):
    (path / "policy.d").mkdir(parents=True)
    for name, text in texts.items():
        write(path / "policy.toml" if name == "policy" else path / "policy.d" / f"{name}.toml", text, 1)
    return path


def test_the_files_of_a_folder_are_one_layer_the_later_ones_limit_in_place_of_the_earlier_ones(tmp_path):
    place = folder(
        tmp_path / "etc",
        policy=LIMIT.format(8) + '[[tenant]]\nname = "a"\nusers = ["bob"]\n[operators]\nusers = ["bob"]',
        b20="[[tenant]]\nname = 'b'\nusers = ['alice']\nlimits.queue.fixed = 'b'\n[operators]\nusers = ['eve']",
        a10='[defaults.limits]\n"executors.max" = { max = 9 }\n"driver.memory" = { max = "2g" }\n',
        c30='[[grant]]\nuser = "alice"\nlimits.queue.fixed = "c"\nuntil = 2099-01-01T00:00:00Z\n',
    )
    (place / "policy.d" / "notes.txt").write_text("no policy")

    policy = PolicyFiles([place]).policy()

    tenancy = resolve(policy, Identity("alice", "reported", "test"), now=0)
    assert [layer.source for layer in policy.layers] == [str(place)]
    assert tenancy.name == "b"
    assert {name: (rule.max or rule.fixed, Path(rule.source).name) for name, rule in tenancy.rules.items()} == {
        "executors.max": (9, "a10.toml"),
        "driver.memory": (2048, "a10.toml"),
        "queue": ("c", "c30.toml"),
    }
    assert policy.operators.users == ["bob", "eve"]


def test_the_faults_of_all_files_of_all_layers_are_told_at_once(tmp_path):
    place = folder(tmp_path / "etc", policy="a = 1", b='[[tenant]]\nname = "x"\nuser = []')
    write(tmp_path / "c.toml", "[", 1)

    with pytest.raises(InvalidPolicy) as error:
        PolicyFiles([place, tmp_path / "c.toml", tmp_path / "d.toml"], required=tmp_path / "d.toml").policy()

    assert [fault.removeprefix(str(tmp_path)).partition(":")[0] for fault in error.value.faults] == [
        "/d.toml",
        "/etc/policy.toml",
        "/etc/policy.d/b.toml",
        "/c.toml",
    ]


def test_what_two_files_of_a_folder_say_against_each_other_is_a_fault_of_the_folder(tmp_path):
    tenant = '[[tenant]]\nname = "a"\nusers = ["bob"]'
    place = folder(tmp_path / "etc", policy=tenant, b=tenant)

    with pytest.raises(InvalidPolicy, match=r"/etc: tenant\[1\] a.name: tenant\[0\] has the same name"):
        PolicyFiles([place]).policy()


def test_a_tenant_may_inherit_from_one_in_another_file_of_the_folder(tmp_path):
    place = folder(
        tmp_path / "etc",
        a=f'[[tenant]]\nname = "a"\n[tenant.limits]\n{LIMIT.format(3).partition(chr(10))[2]}',
        b='[[tenant]]\nname = "b"\nusers = ["alice"]\ninherits = "a"',
    )

    assert ceiling(PolicyFiles([place]).policy()) == 3


def test_a_drop_in_may_come_and_go(tmp_path):
    place = folder(tmp_path / "etc", policy=LIMIT.format(8))
    files = PolicyFiles([place])
    assert ceiling(files.policy()) == 8

    write(place / "policy.d" / "a.toml", LIMIT.format(5), 2)
    assert ceiling(files.policy()) == 5

    (place / "policy.d" / "a.toml").unlink()
    assert ceiling(files.policy()) == 8


def test_a_drop_in_that_is_half_saved_keeps_the_last_policy(tmp_path):
    said = []
    place = folder(tmp_path / "etc", policy=LIMIT.format(8), a="")
    files = PolicyFiles([place], say=said.append)
    files.policy()

    write(place / "policy.d" / "a.toml", "[defaults", 2)

    assert [ceiling(files.policy()) for _ in range(2)] == [8, 8]
    assert len(said) == 1


def test_a_layer_that_vanishes_keeps_the_last_policy(tmp_path):
    said = []
    write(tmp_path / "a.toml", LIMIT.format(4), 1)
    write(tmp_path / "b.toml", LIMIT.format(3), 1)
    files = PolicyFiles([tmp_path / "a.toml", tmp_path / "b.toml"], say=said.append)
    files.policy()

    (tmp_path / "b.toml").unlink()

    assert [ceiling(files.policy()) for _ in range(2)] == [3, 3]
    assert [sentence.splitlines()[1].strip() for sentence in said] == [f"{tmp_path}/b.toml: the file is gone"]


def test_a_layer_that_comes_holds_at_once(tmp_path):
    write(tmp_path / "a.toml", LIMIT.format(4), 1)
    files = PolicyFiles([tmp_path / "a.toml", tmp_path / "b.toml"])
    assert ceiling(files.policy()) == 4

    write(tmp_path / "b.toml", LIMIT.format(3), 1)

    assert ceiling(files.policy()) == 3


def test_a_file_that_two_places_lead_to_is_one_layer(tmp_path):
    place = folder(tmp_path / "etc", policy=LIMIT.format(4))
    named = place / "policy.toml"
    (tmp_path / "link").symlink_to(place)

    files = PolicyFiles([place, tmp_path / "link", named], required=named)

    assert len(files.policy().layers) == 1


def test_the_users_own_policy_gives_no_rights(tmp_path):
    own = folder(tmp_path / "own", policy=LIMIT.format(4) + '[operators]\nusers = ["alice"]')
    alice = Identity("alice", "reported", "test")

    policy = PolicyFiles([tmp_path / "etc", own], own=own).policy()

    assert ceiling(policy) == 4
    assert not is_operator(policy, alice)
    assert is_operator(PolicyFiles([tmp_path / "etc", own]).policy(), alice)


def test_what_the_users_own_policy_says_in_vain_above_an_operators_can_be_told(tmp_path):
    own = folder(tmp_path / "own", policy='[operators]\nusers = ["alice"]')
    etc = folder(tmp_path / "etc", policy=LIMIT.format(4))

    policy = PolicyFiles([etc, own], own=own).policy()

    assert not is_operator(policy, Identity("alice", "reported", "test"))
    assert [(each.code, each.where) for each in lint(policy)] == [("LG852", f"{own}/policy.toml: operators")]


def test_a_folder_of_drop_ins_that_cannot_be_looked_at_is_a_fault(tmp_path, monkeypatch):
    place = folder(tmp_path / "etc", policy=LIMIT.format(4))

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(InvalidPolicy, match="directory"):
        PolicyFiles([place]).policy()


def test_no_file_is_no_policy(tmp_path):
    files = PolicyFiles([tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "a.toml" / "c.toml"])

    assert files.policy() is None
    assert files.files == ()


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


def test_a_file_in_force_that_has_only_just_changed_is_read_when_the_rest_of_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr("livyguard.config.SETTLED", 3_600)  # else only just is half a second; nothing waits for it here
    path, whole = tmp_path / "policy.toml", LIMIT.format(5) + '"driver.memory" = { max = "2g" }\n'
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path], pause=lambda _: write(path, whole, 3))
    files.policy()

    path.write_text(whole.splitlines()[0] + "\n")  # valid, and without a limit

    assert sorted(files.policy().defaults.limits) == ["driver.memory", "executors.max"]


def test_a_file_that_changed_some_time_ago_is_read_at_once(tmp_path):
    path, paused = tmp_path / "policy.toml", []
    write(path, LIMIT.format(4), 1)
    files = PolicyFiles([path], pause=paused.append)
    files.policy()

    write(path, LIMIT.format(5), time.time() - 1)

    assert most(files.policy()) == 5
    assert paused == []


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


def test_a_policy_that_limits_nothing_is_said_once(tmp_path):
    path, said = tmp_path / "policy.toml", []
    write(path, "[cluster]\nworkers = 3", 1)
    files = PolicyFiles([path], say=said.append)

    files.policy()
    files.policy()

    assert said == [f"{path}: it holds no limit: nothing is limited."]


@pytest.mark.parametrize("name", ["policy.toml", "policy.d/10.toml"])
def test_a_file_that_is_emptied_while_it_is_saved_lifts_no_limit(tmp_path, name):
    (tmp_path / "policy.d").mkdir()
    path, said = tmp_path / name, []
    write(path, '[defaults]\nlimits."executors.max" = { max = 4 }\n', 1)
    files = PolicyFiles([tmp_path], say=said.append)
    files.policy()
    write(path, "", 2)

    kept = files.policy()
    write(path, '[defaults]\nlimits."executors.max" = { max = 6 }\n', 3)

    assert (most(kept), most(files.policy())) == (4, 6)
    assert len(said) == 1
    assert f"{path}: the file is empty" in said[0]


def test_a_file_that_was_empty_from_the_start_holds_up_no_change_of_another(tmp_path):
    (tmp_path / "policy.d").mkdir()
    write(tmp_path / "policy.d" / "10.toml", "", 1)
    write(tmp_path / "policy.toml", '[defaults]\nlimits."executors.max" = { max = 4 }\n', 1)
    files = PolicyFiles([tmp_path])
    files.policy()
    write(tmp_path / "policy.toml", '[defaults]\nlimits."executors.max" = { max = 3 }\n', 2)

    assert most(files.policy()) == 3


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


def test_an_empty_folder_is_no_layer(tmp_path):
    assert PolicyFiles([tmp_path]).policy() is None
    with pytest.raises(InvalidPolicy, match=r"the folder holds no policy\.toml"):
        load(tmp_path)
    with pytest.raises(InvalidPolicy, match=r"the folder holds no policy\.toml"):
        PolicyFiles([tmp_path], required=tmp_path).policy()


def test_a_place_that_cannot_be_looked_at_is_a_fault(tmp_path):
    name = "x" * 300

    with pytest.raises(InvalidPolicy, match="too long"):
        PolicyFiles([tmp_path / name, tmp_path / "b.toml"]).policy()


def test_a_file_that_leads_nowhere_is_a_fault(tmp_path):
    (tmp_path / "policy.toml").symlink_to(tmp_path / "policy.toml")

    with pytest.raises(InvalidPolicy, match="Too many levels of symbolic links"):
        PolicyFiles([tmp_path]).policy()


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LIMIT.format(4).encode())

    assert most(load(path)) == 4


def test_the_machines_policy_comes_first_and_the_users_own_last():
    environment = {"LIVYGUARD_POLICY": "/home/alice/mine.toml", "XDG_CONFIG_HOME": "/home/alice/conf"}

    assert default_search_path(environment, prefix="/opt/venv") == (
        Path("/etc/livyguard"),
        Path("/opt/venv/etc/livyguard"),
        Path("/home/alice/mine.toml"),
        Path("/home/alice/conf/livyguard"),
    )


def test_where_no_variable_names_a_place_there_are_three(monkeypatch):
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/alice")

    assert named_policy() is None
    assert default_search_path(prefix="/opt/venv") == (
        Path("/etc/livyguard"),
        Path("/opt/venv/etc/livyguard"),
        Path("/home/alice/.config/livyguard"),
    )


def test_the_environment_is_the_process_own_unless_told(monkeypatch):
    monkeypatch.setenv("LIVYGUARD_POLICY", "/a/policy.toml")

    assert named_policy() == Path("/a/policy.toml")


def test_importing_it_stays_light():
    code = "import sys, livyguard.config, livyguard.policy.judge; print({'pydantic', 'packaging'} & set(sys.modules))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "set()"
