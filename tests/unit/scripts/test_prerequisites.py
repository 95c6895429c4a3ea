"""The set-up scripts on machines that lack something: a PATH of fakes, so nothing is installed here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"
TOOLS = ("sh", "dirname", "cat", "date", "env", "mktemp", "rm", "tail")


class Machine:
    """A PATH with the tools of every machine and what a test puts beside them."""

    def __init__(self, folder):
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "calls"
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.fake("id", "echo 1000")

    def fake(self, name, body="exit 0"):
        file = self.bin / name
        file.unlink(missing_ok=True)
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{body}\n')
        file.chmod(0o755)

    def python(self, name, version="(3, 11)", *, missing=()):
        """A Python that says it is another version and lacks modules or its headers."""
        lacks = " ".join(missing)
        self.fake(
            name,
            f"""
case "$2" in
  *version_info*"<="*) exec {sys.executable} -c "import sys; sys.exit(not (3, 10) <= {version} <= (3, 12))" ;;
  *version_info*) exec {sys.executable} -c "print('%d.%d' % {version})" ;;
  *Python.h*) case "{lacks}" in *headers*) exit 1 ;; esac ;;
  "import "*) case "{lacks}" in *"${{2#import }}"*) exit 1 ;; esac ;;
esac""",
        )

    def complete(self):
        self.fake("gcc")
        self.fake("krb5-config")
        self.python("python3")

    def run(self, script="prerequisites.sh", **env):
        env = {"PATH": str(self.bin), "TMPDIR": str(self.bin.parent), **env}
        return subprocess.run([SCRIPTS / script], env=env, capture_output=True, text=True, check=False)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_machine_that_has_everything_is_left_alone(machine):
    machine.complete()
    machine.fake("apt-get")

    done = machine.run()

    assert done.returncode == 0
    assert "Python 3.11" in done.stdout
    assert not any(call.startswith("apt-get") for call in machine.calls())


@pytest.mark.parametrize(
    ("lacking", "package"),
    [
        ("gcc", "gcc libc6-dev"),
        ("krb5-config", "libkrb5-dev"),
    ],
)
def test_what_is_missing_is_named_with_the_one_line_for_apt(machine, lacking, package):
    machine.complete()
    (machine.bin / lacking).unlink()
    machine.fake("apt-get")

    done = machine.run()

    assert done.returncode == 1
    assert f"Run: sudo apt-get install -y {package}\n" in done.stderr


@pytest.mark.parametrize(
    ("missing", "package"),
    [("headers", "python3.11-dev"), ("venv", "python3.11-venv"), ("ensurepip", "python3.11-venv")],
)
def test_parts_of_python_are_missing_one_by_one(machine, missing, package):
    machine.complete()
    machine.python("python3", missing=[missing])
    machine.fake("apt-get")

    done = machine.run()

    assert f"Run: sudo apt-get install -y {package}\n" in done.stderr


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("dnf", "Run: sudo dnf install -y gcc krb5-devel python3.11-devel\n"),
        ("brew", "Run: brew install gcc krb5 python@3.11\n"),
        ("conda", "Run: conda install -y -c conda-forge c-compiler krb5 python=3.11\n"),
    ],
)
def test_each_package_manager_has_its_line(machine, manager, line):
    machine.python("python3", missing=["headers"])
    machine.fake(manager)

    done = machine.run()

    assert done.returncode == 1
    assert line in done.stderr


def test_a_machine_without_a_known_package_manager_gets_all_lines(machine):
    machine.python("python3")

    done = machine.run()

    assert all(word in done.stderr for word in ("apt-get install", "dnf install", "brew install", "conda install"))


@pytest.mark.parametrize("root", [True, False])
def test_apt_installs_where_it_may_without_asking(machine, root):
    machine.complete()
    (machine.bin / "krb5-config").unlink()
    machine.fake("id", "echo 0" if root else "echo 1000")
    machine.fake("sudo", 'shift; [ "$1" = true ] && exit 0; exec "$@"')
    (machine.bin / "ln").symlink_to(shutil.which("ln"))
    machine.fake("apt-get", f'case "$1" in install) ln -s gcc "{machine.bin}/krb5-config";; esac')

    done = machine.run()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Installing with apt: libkrb5-dev ... " in done.stdout
    assert [call.split()[1] for call in machine.calls() if call.startswith("apt-get")] == ["update", "install"]
    assert any(call.startswith("sudo") for call in machine.calls()) is not root


def test_sudo_that_would_ask_for_a_password_is_not_used(machine):
    machine.complete()
    (machine.bin / "krb5-config").unlink()
    machine.fake("sudo", "exit 1")
    machine.fake("apt-get")

    done = machine.run()

    assert done.returncode == 1
    assert "Run: sudo apt-get install -y libkrb5-dev\n" in done.stderr
    assert not any(call.startswith("apt-get") for call in machine.calls())


def test_an_installation_that_fails_shows_its_log_and_the_line(machine):
    machine.complete()
    (machine.bin / "krb5-config").unlink()
    machine.fake("id", "echo 0")
    machine.fake("apt-get", 'case "$1" in install) echo "E: no such package"; exit 100;; esac')

    done = machine.run()

    assert done.returncode == 1
    assert "E: no such package" in done.stdout
    assert "Run: sudo apt-get install -y libkrb5-dev\n" in done.stderr


def test_python_in_range_is_preferred_as_python3(machine):
    machine.python("python3", "(3, 10)")
    machine.python("python3.12", "(3, 12)")

    assert machine.run("find-python.sh").stdout.strip() == str(machine.bin / "python3")


def test_another_python_is_found_where_python3_is_out_of_range(machine):
    machine.python("python3", "(3, 13)")
    machine.python("python3.10", "(3, 10)")
    machine.python("python3.12", "(3, 12)")

    assert machine.run("find-python.sh").stdout.strip() == str(machine.bin / "python3.12")


def test_no_python_in_range_is_something_to_install(machine):
    machine.complete()
    machine.python("python3", "(3, 13)")
    machine.fake("dnf")

    done = machine.run()

    assert done.returncode == 1
    assert "Python 3.10, 3.11 or 3.12" in done.stderr
    assert "Run: sudo dnf install -y python3.12 python3.12-devel\n" in done.stderr


def test_a_system_python_out_of_range_is_not_what_apt_is_asked_for(machine):
    machine.complete()
    machine.python("python3", "(3, 13)")
    machine.fake("apt-get")

    assert "Run: sudo apt-get install -y python3.12 python3.12-dev python3.12-venv\n" in machine.run().stderr


def test_the_persons_own_choice_of_python_is_taken_or_refused(machine):
    machine.python("mine", "(3, 12)")
    machine.python("other", "(3, 9)")

    taken, refused = machine.run("find-python.sh", PYTHON="mine"), machine.run("find-python.sh", PYTHON="other")

    assert taken.stdout.strip() == str(machine.bin / "mine")
    assert refused.returncode == 1
    assert "PYTHON=other is no Python 3.10, 3.11 or 3.12" in refused.stderr
