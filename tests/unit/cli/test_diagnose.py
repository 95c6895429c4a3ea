"""``livyguard diagnose`` and ``livyguard explain`` as a shell sees them."""

from __future__ import annotations

import io
import json

import pytest
from click.testing import CliRunner

from livyguard.cli.diagnose import diagnose, explain

GONE = "Invalid status code '404' from http://h:8998/sessions/13 with error payload: \"Session '13' not found.\"\n"


def run(command, *args, text=None):
    return CliRunner().invoke(command, args, input=text)


def test_standard_input_is_diagnosed_with_or_without_the_dash():
    for args in ([], ["-"]):
        result = run(diagnose, *args, text=GONE)

        assert result.exit_code == 0
        assert result.output.startswith("LG101 Livy no longer knows session 13")
        assert "  more      livyguard explain LG101\n" in result.output


def test_a_notebook_that_has_no_livyguard_yet_is_told_what_loads_it_where_a_magic_of_ours_is_to_run():
    lost, full = run(diagnose, text=GONE).output, run(diagnose, text="Spark Executor Cores 4 8 16").output

    assert "%livy_recover" in lost
    assert lost.rstrip().splitlines()[-1].startswith("A notebook has the %livy_ magics once `%load_ext livyguard` has")
    assert "%load_ext" not in full


def test_fixes_are_commands_where_there_are_such_and_cells_in_json():
    text = run(diagnose, text=GONE).output
    (hint,) = json.loads(run(diagnose, "--json", text=GONE).output)

    assert "livyguard sessions --mine\n" in text
    assert "%livy_sessions" not in text
    assert [fix["cell"] for fix in hint["fixes"]] == ["%livy_recover", "%livy_sessions --mine"]


def test_a_file_is_diagnosed(tmp_path):
    log = tmp_path / "session.log"
    log.write_bytes(b"\xff\xfe broken bytes\nQueue's AM resource limit exceeded.\n")

    (hint,) = json.loads(run(diagnose, str(log), "--json").output)

    assert hint["code"] == "LG202"
    assert list(hint) == ["code", "name", "title", "cause", "evidence", "fixes", "severity", "page"]


def test_text_without_a_failure_is_an_empty_list_and_fine():
    result = run(diagnose, "--json", text="all is well\n")

    assert (result.exit_code, json.loads(result.output)) == (0, [])


def test_text_without_a_failure_is_said_in_a_sentence():
    result = run(diagnose, text="all is well\n")

    assert result.exit_code == 0
    assert result.output.startswith("No failure of Livy, SparkMagic, Spark, YARN, Kubernetes or ")


@pytest.mark.parametrize("text", ["", " \n\r\n\t"])
def test_no_text_at_all_is_said_to_be_none(text):
    assert run(diagnose, text=text).output == "There is no text to look into.\n"
    assert json.loads(run(diagnose, "--json", text=text).output) == []


def code_of(data, tmp_path):
    log = tmp_path / "session.log"
    log.write_bytes(data)
    result = run(diagnose, str(log), "--json")
    assert result.exit_code == 0
    return [hint["code"] for hint in json.loads(result.output)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GONE.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(GONE.encode("utf-8-sig"), id="a byte order mark"),
        pytest.param(("\ufeff" + GONE).encode("utf-16-le"), id="UTF-16 as PowerShell writes it"),
        pytest.param(("\ufeff" + GONE).encode("utf-16-be"), id="UTF-16, the other way round"),
        pytest.param(bytes(range(256)) + b"\n" * 3 + GONE.encode(), id="binary before it"),
        pytest.param(b"x" * 1_000_000 + b" " + GONE.encode(), id="at the end of a line of 1 MB"),
        pytest.param(GONE.encode() + b"x" * 1_000_000, id="before a line of 1 MB"),
        pytest.param(b"ok\n" * 1_000_000 + GONE.encode(), id="after a million lines"),
    ],
)
def test_the_failure_is_found_in_whatever_holds_it(data, tmp_path):
    assert code_of(data, tmp_path) == ["LG101"]


@pytest.mark.parametrize("data", [b"\0" * 1_000, bytes(range(256)) * 4_000, b"http://" * 140_000, b"[" * 1_000_000])
def test_what_is_no_text_holds_no_failure(data, tmp_path):
    assert code_of(data, tmp_path) == []


def test_at_a_terminal_it_says_what_it_waits_for(monkeypatch, capsys):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(io.BytesIO(GONE.encode())))

    diagnose.main(args=[], standalone_mode=False)

    told = capsys.readouterr()
    assert told.err == "Paste the error or the log, then press Ctrl-D on a line of its own.\n"
    assert told.out.startswith("LG101 ")


def test_a_file_that_breaks_off_while_it_is_read_is_told_in_a_sentence(tmp_path):
    result = run(diagnose, "/proc/self/mem")

    assert result.exit_code == 1
    assert result.output.startswith("Error: Could not open file '/proc/self/mem': ")


def test_of_several_failures_the_best_explained_comes_first_and_each_cause_once(tmp_path):
    text = """\
Session 16 did not start up in 60 seconds..
Queue's AM resource limit exceeded.
Session 16 unexpectedly reached final status 'dead'. See logs:
java.io.IOException: Timed out waiting for context to start.
The Kerberos ticket of etl@EXAMPLE.COM has expired
"""

    assert code_of(text.encode(), tmp_path) == ["LG202", "LG602"]


@pytest.mark.parametrize("name", ["missing.log", "."])
def test_a_file_that_cannot_be_read_is_a_usage_error(name):
    result = run(diagnose, name)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_lone_surrogate_in_pasted_json_does_not_break_the_output():
    result = run(diagnose, "--json", text='{"log": ["\\ud800 Session \'13\' not found."]}')

    assert result.exit_code == 0
    assert json.loads(result.output)[0]["evidence"] == ["Livy's answer: \\ud800 Session '13' not found."]


def test_the_long_form_is_printed():
    result = run(explain, "lg101")

    assert result.exit_code == 0
    assert result.output.startswith("# LG101 session-not-found")


def test_a_retired_code_is_explained_and_fine():
    result = run(explain, "LG891")

    assert result.exit_code == 0
    assert result.output.startswith("# LG891, retired: a quota is read and not enforced")


def test_an_unknown_code_names_the_nearest_ones():
    result = run(explain, "LG1O1")

    assert result.exit_code == 2
    assert "did you mean LG101" in result.output


def test_an_unknown_code_far_from_any_names_none():
    result = run(explain, "?")

    assert result.exit_code == 2
    assert "did you mean" not in result.output
