import json
import os
import subprocess
import sys

import click
import pytest

from livyguard import __version__
from livyguard.cli import main as entry
from livyguard.cli.main import cli, run
from livyguard.errors import EndpointUnreachable, InvalidPolicy, SessionDenied


def test_help_names_the_commands(capsys):
    assert run(["--help"]) == 0

    out = capsys.readouterr().out
    assert "sessions" in out
    assert "release" in out


def test_every_listed_command_can_be_imported_and_has_help(capsys):
    context = click.Context(cli)

    for name in cli.list_commands(context):
        assert run([name, "--help"]) == 0

    assert "Usage: livyguard sessions" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    assert run(["--version"]) == 0

    assert __version__ in capsys.readouterr().out


def test_an_unknown_command_is_told_with_the_nearest(capsys):
    assert run(["sesions"]) == 2

    assert "There is no command 'sesions'. Did you mean 'sessions'?" in capsys.readouterr().err


def test_a_command_that_is_like_none_is_told(capsys):
    assert run(["xyzzy"]) == 2

    assert "There is no command 'xyzzy'.\n" in capsys.readouterr().err


def test_a_command_that_this_installation_does_not_hold_is_not_listed(monkeypatch):
    monkeypatch.setitem(entry.COMMANDS, "later", ("livyguard.no_such.command:later", "Not yet."))
    monkeypatch.setitem(entry.COMMANDS, "never", ("livyguard.cli.no_such:never", "Not ever."))

    assert {"later", "never"}.isdisjoint(cli.list_commands(click.Context(cli)))
    assert cli.get_command(click.Context(cli), "later") is None


@pytest.fixture
def command(monkeypatch):
    """Makes ``livyguard broken`` do what a test wants."""

    def make(action):
        monkeypatch.setitem(entry.COMMANDS, "broken", (f"{__name__}:broken", "Breaks."))
        module = type(sys)(__name__)
        module.broken = click.Command("broken", callback=action)
        monkeypatch.setitem(sys.modules, __name__, module)
        monkeypatch.setattr(entry, "_is_there", lambda module: True)

    return make


def raises(error):
    def action():
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, ""),
        (InvalidPolicy(["a: wrong", "b: wrong"]), 1, "The policy cannot be used:\n  a: wrong\n  b: wrong\n"),
        (SessionDenied("denied\nbecause"), 1, "denied\nbecause\n"),
        (ZeroDivisionError("by zero"), 1, "livyguard itself failed: ZeroDivisionError: by zero\n"),
        (SessionDenied("spark.my.password=hunter2"), 1, "spark.my.password=*********(redacted)\n"),
    ],
)
def test_whatever_goes_wrong_is_one_message_and_an_exit_code(command, capsys, error, code, message):
    command(raises(error))

    assert run(["broken"]) == code

    assert capsys.readouterr().err.lstrip("\n") == message


def test_a_fault_that_is_known_is_told_with_what_to_do(command, capsys):
    text = "http://livy:8998 refuses the connection (after less than 1 s). Is Livy running there?"
    command(raises(EndpointUnreachable(text, "http://livy:8998")))

    assert run(["broken"]) == 3

    said = capsys.readouterr().err
    assert said.startswith(f"{text}\n\nLG604 ")
    assert "livyguard sessions" in said
    assert "livyguard explain LG604" in said
    assert "%livy" not in said


def test_a_commands_own_exit_code_counts(command):
    command(lambda: 1)

    assert run(["broken"]) == 1


def test_main_leaves_with_the_code():
    with pytest.raises(SystemExit) as caught:
        entry.main(["xyzzy"])

    assert caught.value.code == 2


def test_a_reader_that_leaves_early_gets_no_traceback():
    script = "import sys; from livyguard.cli.main import main; main(['explain', 'LG101'])"

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors


def test_help_imports_nothing_heavy():
    script = (
        "import json, sys; from livyguard.cli.main import run; run(['--help']);"
        "print(json.dumps([n for n in ('requests', 'pydantic', 'IPython', 'sparkmagic', 'pandas', 'rich', 'tornado')"
        " if n in sys.modules]), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stderr) == []


def test_a_terminal_that_lacks_characters_gets_their_codes():
    script = (
        "import click; from livyguard.cli import main; main.cli.list_commands = lambda _: ['x'];"
        "main.cli.get_command = lambda *_: click.Command('x', callback=lambda: click.echo('…')); main.main(['x'])"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True, env=environment)

    assert (done.stdout, done.stderr, done.returncode) == ("\\u2026\n", "", 0)
