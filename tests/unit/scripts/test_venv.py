"""scripts/venv.sh with a Python that only pretends: which steps it takes, and when it takes none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

PYTHON = """#!/bin/sh
case "$*" in
  "-m venv --clear "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
  *" show "*) exit 1 ;;
  *"-m pip"*) echo "pip $*" >>"{log}"; [ ! -f "{log}.fail" ] || {{ echo "ERROR: no such version"; exit 1; }} ;;
  "-c import livyguard") ;;
  *) exec {python} "$@" ;;
esac
"""


class Clone:
    """A clone of the project with a pretending Python."""

    def __init__(self, folder):
        self.folder = folder / "clone"
        self.log = folder / "pip.log"
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.python = folder / "python3"
        self.python.write_text(PYTHON.format(log=self.log, python=sys.executable))
        self.python.chmod(0o755)

    def run(self):
        env = {"PATH": "/usr/bin:/bin", "PYTHON": str(self.python)}
        script = self.folder / "scripts" / "venv.sh"
        return subprocess.run([script], env=env, capture_output=True, text=True, check=False)

    def pip_calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_each_step_is_printed_with_its_time(clone):
    done = clone.run()

    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["Making", "Upgrading", "Building", "Installing"]
    assert all(line.endswith(" s") for line in lines)
    assert clone.pip_calls()[-1].endswith(
        "install --find-links .cache/wheels --editable .[docs,sandbox,test] --group lint"
    )


def test_what_has_no_wheels_is_built_first_both_at_a_time(clone):
    clone.run()

    built = {
        call.rpartition(" ")[2] for call in clone.pip_calls() if "wheel --no-deps --wheel-dir .cache/wheels" in call
    }
    assert built == {"gssapi", "krb5"}


@pytest.mark.parametrize("name", ["gssapi", "krb5"])
def test_one_that_cannot_be_built_ends_it_with_its_log(clone, name):
    clone.python.write_text(
        clone.python.read_text().replace('  *" show "*)', f'  *wheel*{name}) echo no headers; exit 1 ;;\n  *" show "*)')
    )

    done = clone.run()

    assert done.returncode == 1
    assert "no headers" in done.stdout
    assert not any("--editable" in call for call in clone.pip_calls())


def test_a_second_run_does_nothing(clone):
    clone.run()
    before = clone.pip_calls()

    done = clone.run()

    assert (done.returncode, done.stdout) == (0, "")
    assert clone.pip_calls() == before


def test_a_changed_pyproject_is_installed_into_the_same_environment(clone):
    clone.run()
    with (clone.folder / "pyproject.toml").open("a") as file:
        file.write("# changed\n")

    done = clone.run()

    assert "Installing" in done.stdout
    assert "Making" not in done.stdout


def test_a_failed_installation_shows_the_end_of_its_log_and_is_tried_again(clone):
    fail = Path(f"{clone.log}.fail")
    fail.touch()

    failed = clone.run()
    fail.unlink()
    again = clone.run()

    assert failed.returncode == 1
    assert "failed" in failed.stdout
    assert "ERROR: no such version" in failed.stdout
    assert again.returncode == 0
    assert "Installing" in again.stdout


def test_an_environment_of_a_python_that_is_gone_is_made_anew(clone):
    clone.run()
    (clone.folder / ".venv" / "bin" / "python").write_text("#!/nowhere/python\n")

    done = clone.run()

    assert done.stdout.startswith("Making")
    assert done.returncode == 0
