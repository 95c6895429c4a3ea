"""``livyguard policy install``: only a clean policy, at once and whole, and nothing left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli.main import cli
from livyguard.policy.model import parse

ONE = '[defaults.limits]\n"executors.max" = { max = 4, default = 2 }\n'
TWO = ONE.replace("max = 4", "max = 3")
FAULTY = ONE.replace("default = 2", "default = 9")
FAILING = (
    ONE + '[[test]]\nname = "forty are eight"\nrequest = { numExecutors = 40 }\nexpect = { "executors.max" = 8 }\n'
)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The two places of the machine, as they are looked for, under a temporary root."""
    etc, prefix = tmp_path / "root" / "etc" / "livyguard", tmp_path / "prefix" / "etc" / "livyguard"
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (etc, prefix))
    return {"--etc": etc, "--sys-prefix": prefix}


@pytest.fixture
def policy(tmp_path):
    def policy(text):
        file = tmp_path / "new.toml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return policy


def install(*arguments):
    return CliRunner().invoke(cli, ["policy", "install", *map(str, arguments)])


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_the_real_command_installs_a_policy_that_everybody_can_read(policy, tmp_path):
    target = tmp_path / "etc" / "livyguard"
    command = Path(sys.executable).with_name("livyguard")

    done = subprocess.run(
        ["sh", "-c", 'umask 077; exec "$@"', "sh", command, "policy", "install", policy(ONE), "--to", target],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, f"Installed: {target / 'policy.toml'}\n")
    assert "Traceback" not in done.stderr
    assert names(target) == ["policy.toml"]
    assert (target / "policy.toml").read_text() == ONE
    assert stat.S_IMODE((target / "policy.toml").stat().st_mode) == 0o644
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (target, target.parent)] == [0o755, 0o755]


@pytest.mark.parametrize(
    ("options", "where"), [((), "--etc"), (("--etc",), "--etc"), (("--sys-prefix",), "--sys-prefix")]
)
def test_it_goes_where_policies_are_looked_for(policy, places, options, where):
    result = install(policy(ONE), *options)

    assert result.exit_code == 0
    assert (places[where] / "policy.toml").read_text() == ONE
    assert sum(place.exists() for place in places.values()) == 1


def test_the_places_are_those_of_the_machine_and_this_python(policy, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))

    assert "Would be installed: /etc/livyguard/policy.toml" in install(policy(ONE), "--dry-run").output
    told = install(policy(ONE), "--dry-run", "--sys-prefix").output
    assert f"Would be installed: {tmp_path}/prefix/etc/livyguard/policy.toml" in told


@pytest.mark.parametrize("name", ["policy.toml", "other.toml"])
def test_a_file_may_be_named(policy, tmp_path, name):
    assert install(policy(ONE), "--to", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_text() == ONE


def test_what_changes_is_told_and_the_one_before_is_kept(policy, places):
    install(policy(ONE))

    result = install(policy(TWO))

    target = places["--etc"] / "policy.toml"
    assert result.output.splitlines() == [
        f"Installed: {target}",
        "  defaults.limits.executors.max.max: 4 → 3",
        "  the one before is kept as policy.toml.bak",
    ]
    assert target.read_text() == TWO
    assert names(places["--etc"]) == ["policy.toml", "policy.toml.bak"]
    assert target.with_name("policy.toml.bak").read_text() == ONE


def test_the_one_before_can_be_installed_again(policy, places):
    install(policy(ONE))
    install(policy(TWO))

    assert install(places["--etc"] / "policy.toml.bak").exit_code == 0
    assert (places["--etc"] / "policy.toml").read_text() == ONE


def test_the_same_once_more_is_already_installed(policy, places):
    install(policy(ONE))
    before = (places["--etc"] / "policy.toml").stat()

    result = install(policy(ONE))

    assert (result.exit_code, result.output) == (0, f"Already installed: {places['--etc'] / 'policy.toml'}\n")
    assert (places["--etc"] / "policy.toml").stat().st_ino == before.st_ino
    assert install(places["--etc"] / "policy.toml").output.startswith("Already installed")


def test_the_same_that_not_everybody_can_read_is_made_readable(policy, places):
    install(policy(ONE))
    target = places["--etc"] / "policy.toml"
    target.chmod(0o600)

    assert install(policy(ONE)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_only_another_comment_is_said_to_be_no_more(policy, places):
    install(policy(ONE))

    assert "nothing but comments and the order of the file" in install(policy(f"# new\n{ONE}")).output


def test_many_changes_are_cut_short(policy, places):
    install(policy(ONE))
    tenants = "".join(f'[[tenant]]\nname = "t{number}"\nusers = ["u{number}"]\n' for number in range(30))

    lines = install(policy(ONE + tenants)).output.splitlines()

    assert lines[-2] == "  and 40 more"
    assert len(lines) == 23


def test_an_invalid_one_before_is_replaced_and_kept(policy, places):
    places["--etc"].mkdir(parents=True)
    (places["--etc"] / "policy.toml").write_bytes(b"= \xff")

    result = install(policy(ONE))

    assert result.exit_code == 0
    assert "the one before could not be used" in result.output
    assert (places["--etc"] / "policy.toml.bak").read_bytes() == b"= \xff"


def test_a_dry_run_changes_nothing(policy, places):
    install(policy(ONE))

    result = install(policy(TWO), "--dry-run")

    assert result.exit_code == 0
    assert result.output.splitlines()[:2] == [
        f"Would be installed: {places['--etc'] / 'policy.toml'}",
        "  defaults.limits.executors.max.max: 4 → 3",
    ]
    assert names(places["--etc"]) == ["policy.toml"]
    assert (places["--etc"] / "policy.toml").read_text() == ONE


@pytest.mark.parametrize(
    ("text", "reason", "told"),
    [
        (FAULTY, "lint finds faults", "defaults.limits.executors.max"),
        (FAILING, "tests fail", "FAILED   forty are eight"),
        (f"{FAULTY}[[test]]\nexpect = {{ queue = 'a' }}\n", "lint finds faults and tests fail", "1 failed"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_is_not_clean_is_not_installed(policy, places, text, reason, told, more):
    install(policy(TWO))

    result = install(policy(text), *more)

    assert result.exit_code == 1
    assert reason in result.output.splitlines()[-1]
    assert result.output.splitlines()[-1].startswith("Error: Not installed: ")
    assert told in result.output
    assert (places["--etc"] / "policy.toml").read_text() == TWO
    assert names(places["--etc"]) == ["policy.toml"]


def test_a_warning_does_not_keep_it_from_being_installed(policy, places):
    result = install(policy("version = 1\n"))

    assert result.exit_code == 0
    assert "warning" in result.output
    assert (places["--etc"] / "policy.toml").exists()


@pytest.mark.parametrize("content", [b"a = 1\nb = 2\n", b"\xff", b"= 1"])
def test_an_invalid_policy_is_exit_1_with_every_fault(places, tmp_path, content):
    file = tmp_path / "new.toml"
    file.write_bytes(content)
    command = Path(sys.executable).with_name("livyguard")

    done = subprocess.run(
        [command, "policy", "install", file, "--to", tmp_path / "to"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "The policy cannot be used:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "to").exists()


def test_it_is_judged_with_what_policy_d_drops_in(policy, places):
    drop_in = places["--etc"] / "policy.d" / "10-team.toml"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text('[[tenant]]\nname = "team"\nusers = ["a"]\n')

    twice = install(policy(ONE + '[[tenant]]\nname = "team"\n'))

    assert type(twice.exception).__name__ == "InvalidPolicy"
    assert "has the same name" in str(twice.exception)
    assert install(policy(ONE)).exit_code == 0


def test_a_drop_in_is_judged_with_the_policy_that_it_adds_to(policy, places):
    install(policy(f'{ONE}[[tenant]]\nname = "team"\nusers = ["a"]\n'))
    target = places["--etc"] / "policy.d" / "10-more.toml"

    refused = install(policy('[[tenant]]\nname = "team"\nusers = ["b"]\n'), "--to", target)
    taken = install(policy('[[tenant]]\nname = "two"\ninherits = "team"\nusers = ["b"]\n'), "--to", target)
    again = install(policy('[[tenant]]\nname = "two"\nusers = ["c"]\n'), "--to", target)

    assert "has the same name" in str(refused.exception)
    assert taken.exit_code == 0
    assert again.output.splitlines()[1:] == [
        "  two.users: ['b'] → ['c']",
        "  gone: two.inherits = 'team'",
        "  the one before is kept as 10-more.toml.bak",
    ]
    assert names(target.parent) == ["10-more.toml", "10-more.toml.bak"]


def test_a_drop_in_may_stand_alone(policy, tmp_path):
    target = tmp_path / "policy.d" / "10-more.toml"

    assert install(policy(ONE), "--to", target).exit_code == 0
    assert target.read_text() == ONE


def test_a_drop_in_that_cannot_be_read_is_told_by_its_name(policy, places):
    drop_in = places["--etc"] / "policy.d" / "10-team.toml"
    drop_in.mkdir(parents=True)

    result = install(policy(ONE))

    assert str(result.exception).splitlines()[1:] == [f"  {drop_in}: Is a directory"]


@pytest.mark.parametrize("more", [("--etc", "--sys-prefix"), ("--etc", "--to", "x"), ("--to",), ("--force",)])
def test_a_wrong_use_is_exit_2(policy, places, more):
    assert install(policy(ONE), *more).exit_code == 2
    assert not any(place.exists() for place in places.values())


def test_a_file_that_is_not_there_is_exit_2(places, tmp_path):
    assert install(tmp_path / "none.toml").exit_code == 2
    assert install(tmp_path).exit_code == 2


def test_a_place_that_cannot_be_written_is_one_sentence(policy, tmp_path):
    (tmp_path / "file").write_text("")

    result = install(policy(ONE), "--to", tmp_path / "file" / "policy.toml")

    assert result.exit_code == 1
    assert result.output == (
        f"Error: {tmp_path}/file/policy.toml cannot be written: a file stands where a folder is wanted.\n"
    )


def test_a_folder_in_the_place_is_one_sentence(policy, tmp_path):
    (tmp_path / "etc" / "policy.toml").mkdir(parents=True)

    result = install(policy(ONE), "--to", tmp_path / "etc")

    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/etc/policy.toml cannot be read: Is a directory.\n"


def test_a_right_that_is_missing_is_one_sentence(policy, places, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    result = install(policy(ONE))

    assert result.exit_code == 1
    assert result.output == f"Error: {places['--etc']}/policy.toml cannot be written: Permission denied.\n"


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("moment", ["fsync", "fchmod"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_where_it_is_interrupted_the_old_file_stands_and_nothing_is_left(
    policy, places, monkeypatch, moment, call, fault
):
    install(policy(ONE))
    calls = []
    real = getattr(os, moment)

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise fault
        return real(*arguments)

    monkeypatch.setattr(os, moment, interrupted)
    result = install(policy(TWO))

    assert result.exit_code != 0
    assert len(calls) == call
    assert (places["--etc"] / "policy.toml").read_text() == ONE
    assert names(places["--etc"]) == ["policy.toml"]


def test_who_reads_meanwhile_sees_one_or_the_other_whole(policy, places):
    texts = [f"{ONE}# {'x' * 200_000}\n", f"{TWO}# {'y' * 200_000}\n"]
    install(policy(texts[0]))
    target = places["--etc"] / "policy.toml"
    is_done = threading.Event()
    seen = set()

    def read():
        while not is_done.is_set():
            seen.add(target.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(6):
            install(policy(texts[(turn + 1) % 2]))
    finally:
        is_done.set()
        reader.join()

    assert seen <= set(texts)
    for text in seen:
        parse(text, source="p")


def test_a_link_keeps_pointing_where_it_points(policy, tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "policy.toml"
    real.write_text(TWO)
    link.symlink_to(real)

    assert install(policy(ONE), "--to", link).exit_code == 0

    assert link.is_symlink()
    assert real.read_text() == ONE
