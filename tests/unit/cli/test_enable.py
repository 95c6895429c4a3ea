"""``livyguard enable`` and ``disable`` in temporary prefixes, and what the start-up file does in a real IPython."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli import enable as module
from livyguard.cli.enable import disable, enable

NAME = "50-livyguard.py"


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (tmp_path / "prefix").mkdir()
    return {
        "--sys-prefix": tmp_path / "prefix" / "etc" / "ipython" / "startup" / NAME,
        "--user": tmp_path / "ipython" / "profile_default" / "startup" / NAME,
    }


def run(command, *args):
    return CliRunner().invoke(command, args)


@pytest.mark.parametrize("where", ["--sys-prefix", "--user"])
def test_the_start_up_file_is_written_where_ipython_reads_it(places, where):
    result = run(enable, where)

    assert result.exit_code == 0
    assert places[where].read_text() == module.source()
    assert str(places[where]) in result.output


def test_strict_and_kernels_are_variables_of_the_file(places):
    result = run(enable, "--user", "--strict", "--kernels")

    text = places["--user"].read_text()
    assert "\nSTRICT = True\n" in text
    assert "\nKERNELS_ONLY = True\n" in text
    assert "(strict, kernels only)" in result.output


def test_enabling_again_replaces_the_options(places):
    run(enable, "--user", "--strict")
    run(enable, "--user")

    assert places["--user"].read_text() == module.source()


@pytest.mark.parametrize("where", ["--sys-prefix", "--user"])
def test_disable_leaves_nothing_behind(places, where, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    run(enable, where)

    result = run(disable)

    assert result.exit_code == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_disable_keeps_what_others_put_beside_it(places):
    run(enable, "--user")
    other = places["--user"].with_name("10-mine.py")
    other.write_text("x = 1\n")

    run(disable)

    assert other.exists()
    assert not places["--user"].exists()


def test_disable_where_nothing_is_enabled_is_fine(places):
    result = run(disable)

    assert (result.exit_code, result.output) == (0, "Not enabled anywhere; nothing to do.\n")


def test_a_file_of_somebody_else_stays(places):
    places["--user"].parent.mkdir(parents=True)
    places["--user"].write_text("mine\n")

    enabled, disabled = run(enable, "--user"), run(disable)

    assert enabled.exit_code == 1
    assert "not livyguard's" in enabled.output
    assert disabled.exit_code == 0
    assert places["--user"].read_text() == "mine\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(places):
    places["--sys-prefix"].parents[2].write_text("a file where a folder should be")

    result = run(enable, "--sys-prefix")

    assert result.exit_code == 1
    assert "cannot be written" in result.output


def test_a_file_that_cannot_be_removed_is_one_sentence(places, monkeypatch):
    run(enable, "--user")
    monkeypatch.setattr(Path, "unlink", lambda _: (_ for _ in ()).throw(OSError(30, "Read-only file system")))

    result = run(disable)

    assert result.exit_code == 1
    assert "Read-only file system" in result.output


@pytest.mark.parametrize("options", [(), ("--user", "--sys-prefix"), ("--sys-prefix", "--user")])
def test_for_one_place_or_none_the_two_are_named(places, options):
    result = run(enable, *options)

    assert result.exit_code == 2
    assert "--sys-prefix or --user" in result.output
    assert not any(file.exists() for file in places.values())


def test_check_names_the_files_and_tells_an_old_one(places):
    run(enable, "--sys-prefix", "--strict")
    run(enable, "--user")
    places["--user"].write_text(places["--user"].read_text() + "# older\n")

    result = run(enable, "--check")

    lines = result.output.splitlines()
    assert lines[0] == f"Enabled: {places['--sys-prefix']} (strict)"
    assert lines[1].startswith(f"Enabled: {places['--user']}; of another version")


def test_check_where_nothing_is_enabled_ends_with_one(places):
    result = run(enable, "--check")

    assert result.exit_code == 1
    assert result.output.startswith("Not enabled.")


def test_check_says_what_keeps_livyguard_from_loading(places, monkeypatch):
    monkeypatch.setitem(sys.modules, "livyguard.magics.extension", None)
    run(enable, "--user")

    result = run(enable, "--check")

    assert result.exit_code == 1
    assert "does not load" in result.output


IPYTHON = """
import sys
{prepare}
from IPython.terminal.ipapp import TerminalIPythonApp
app = TerminalIPythonApp.instance()
app.initialize(["--no-banner", "--colors=NoColor", "--HistoryManager.enabled=False"])
shell = app.shell
for cell in {cells!r}:
    result = shell.run_cell(cell)
    print("OK" if result.success else "FAILED")
"""

GONE = """
class Gone:
    @staticmethod
    def find_spec(name, *rest):
        if name == "livyguard":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone)
"""
BROKEN = """
import types
broken = types.ModuleType("livyguard")
def load_ipython_extension(shell):
    raise RuntimeError("the disk is full")
broken.load_ipython_extension = load_ipython_extension
broken.__spec__ = __import__("importlib.machinery").machinery.ModuleSpec("livyguard", None)
sys.modules["livyguard"] = broken
"""
LEFTOVER = "import types; sys.modules['livyguard'] = types.ModuleType('livyguard')"
WORKING = BROKEN.replace('raise RuntimeError("the disk is full")', "shell.user_ns['guarded'] = True")


def ipython(tmp_path, prepare, cells, *options):
    """Run cells in an IPython whose profile holds the start-up file as `livyguard enable` writes it."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    text = module.source()
    for option in options:
        text = text.replace(f"\n{option} = False\n", f"\n{option} = True\n")
    (startup / NAME).write_text(text)
    script = IPYTHON.format(prepare=prepare, cells=cells)
    env = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_kernel_is_guarded_without_a_word(tmp_path):
    output = ipython(tmp_path, WORKING, ["print(guarded)", "print([n for n in dir() if 'ivyguard' in n])"])

    assert "True\nOK" in output
    assert "[]\nOK" in output
    assert "does not guard" not in output


def test_a_package_that_is_gone_is_said_once_in_one_sentence_and_cells_run(tmp_path):
    output = ipython(tmp_path, GONE, ["1", "2"])

    assert output.count("livyguard does not guard this kernel, so nothing limits its Spark sessions") == 1
    assert "it is not installed in" in output
    assert NAME in output
    assert output.count("OK") == 2
    assert "Traceback" not in output


def test_a_package_that_does_not_load_is_said_with_its_reason(tmp_path):
    output = ipython(tmp_path, BROKEN, ["1"])

    assert "it did not load (RuntimeError: the disk is full)" in output
    assert "livyguard enable --check" in output
    assert output.count("OK") == 1


def test_what_an_uninstall_left_is_not_taken_for_a_guard(tmp_path):
    output = ipython(tmp_path, LEFTOVER, ["1"])

    assert "it did not load (ImportError: what is left of it is no extension)" in output


def test_strict_refuses_sparkmagic_and_nothing_else(tmp_path):
    output = ipython(tmp_path, BROKEN, ["%load_ext sparkmagic.magics", "import sparkmagic", "1 + 1"], "STRICT")

    assert output.count("FAILED") == 2
    assert output.count("OK") == 1
    assert "so Spark cells are refused" in output
    assert "Traceback" not in output


def test_strict_refuses_the_magics_of_a_kernel_that_has_sparkmagic_already(tmp_path):
    prepare = BROKEN.replace("raise", "shell.register_magic_function(print, 'cell', 'spark'); raise")

    output = ipython(tmp_path, prepare, ["%%spark\nhello"], "STRICT")

    assert "hello" not in output
    assert output.count("FAILED") == 1


def test_kernels_only_leaves_a_terminal_alone(tmp_path):
    output = ipython(tmp_path, BROKEN, ["1"], "KERNELS_ONLY")

    assert "livyguard" not in output
    assert output.count("OK") == 1
