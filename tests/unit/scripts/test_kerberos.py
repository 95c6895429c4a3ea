"""The KDC for the tests on machines that have it, lack it and cannot get it: nothing is installed, nothing fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "kerberos.sh"
TOOLS = ("sh", "dirname", "date", "env", "mktemp", "mkdir", "rm", "ln", "tail", "awk", "touch", "chmod")
KDC = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "klist")

SIMULATED = """\
Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])
Inst libverto1 (0.3.1 Debian:12 [amd64])
Inst krb5-config (2.7 Debian:12 [all])
Inst krb5-user (1.20 Debian:12 [amd64])
Inst krb5-kdc (1.20 Debian:12 [amd64])
Conf krb5-kdc (1.20 Debian:12 [amd64])
"""


class Machine:
    """A project folder with the script, and a PATH of fakes."""

    def __init__(self, folder):
        self.bin, self.project, self.log = folder / "bin", folder / "project", folder / "calls"
        self.bin.mkdir()
        (self.project / "scripts").mkdir(parents=True)
        shutil.copy(SCRIPT, self.project / "scripts")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.fake("id", "echo 1000")

    def fake(self, name, body="exit 0"):
        file = self.bin / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{body}\n')
        file.chmod(0o755)

    def apt(self, *, knows=True):
        """An apt that knows the packages, at once or after an update."""
        self.fake(
            "apt-get",
            f"""
case "$*" in
  update*) touch "{self.log}.updated" ;;
  install*--simulate*) {"true" if knows else f'[ -e "{self.log}.updated" ] || exit 100'}; echo "{SIMULATED}" ;;
  download*) shift 2; while [ "$1" = -o ]; do shift 2; done; for name; do touch "$name.deb"; done ;;
esac""",
        )
        self.fake(
            "dpkg-deb",
            """
case "$2" in
  *krb5-kdc*) files="usr/sbin/krb5kdc usr/sbin/kdb5_util usr/sbin/kadmin.local usr/lib/arch/krb5/plugins/kdb/db2.so" ;;
  *krb5-user*) files="usr/bin/kinit.mit usr/bin/klist.mit" ;;
  *) files="usr/lib/arch/libverto.so.1" ;;
esac
for file in $files; do mkdir -p "$3/$(dirname $file)"; touch "$3/$file"; chmod +x "$3/$file"; done""",
        )

    def run(self):
        env = {"PATH": str(self.bin), "TMPDIR": str(self.bin.parent), "SBIN": ""}
        script = self.project / "scripts" / "kerberos.sh"
        return subprocess.run([script], env=env, capture_output=True, text=True, check=False)

    def calls(self, tool):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(f"{tool} ")]

    @property
    def unpacked(self):
        return self.project / ".cache" / "kerberos"


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_machine_with_a_kdc_is_left_alone(machine):
    for tool in KDC:
        machine.fake(tool)
    machine.apt()

    done = machine.run()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.calls("apt-get") == []


def test_a_machine_without_apt_goes_on_without_a_word(machine):
    done = machine.run()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_missing_is_unpacked_and_not_installed(machine):
    machine.apt()

    done = machine.run()

    assert done.returncode == 0
    assert "Unpacking a Kerberos KDC from Debian below .cache/kerberos" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert all(os.access(machine.unpacked / "bin" / tool, os.X_OK) for tool in KDC)
    assert (machine.unpacked / "lib" / "libverto.so.1").exists()
    assert (machine.unpacked / "lib" / "kdb" / "db2.so").exists()
    assert all("--simulate" in call for call in machine.calls("apt-get") if " install " in call)


def test_the_systems_own_c_library_is_never_among_it(machine):
    machine.apt()

    machine.run()

    (download,) = (call for call in machine.calls("apt-get") if " download " in call)
    assert download.split()[-3:] == ["libverto1", "krb5-user", "krb5-kdc"]
    assert "libc6" not in download


def test_what_was_unpacked_once_is_used_again(machine):
    machine.apt()
    machine.run()
    before = machine.calls("apt-get")

    done = machine.run()

    assert done.stdout == ""
    assert machine.calls("apt-get") == before


def test_an_apt_that_knows_no_packages_yet_is_updated_where_that_asks_nobody(machine):
    machine.apt(knows=False)
    machine.fake("id", "echo 0")

    done = machine.run()

    assert " s\n" in done.stdout
    assert (machine.unpacked / "bin" / "krb5kdc").exists()


@pytest.mark.parametrize("sudo", [None, "exit 1"])
def test_where_it_cannot_be_had_the_run_goes_on_and_nothing_stays(machine, sudo):
    machine.apt(knows=False)
    if sudo is not None:
        machine.fake("sudo", sudo)

    done = machine.run()

    assert done.returncode == 0
    assert "those tests will be skipped" in done.stdout
    assert not machine.unpacked.exists()


def test_an_archive_without_a_kdc_is_told_as_that(machine):
    machine.fake("apt-get")
    machine.fake("id", "echo 0")

    done = machine.run()

    assert done.returncode == 0
    assert "not to be had (apt knows no krb5-kdc); those tests will be skipped" in done.stdout
