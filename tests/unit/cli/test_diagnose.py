"""``livyguard diagnose`` and ``livyguard explain`` as a shell sees them."""

from __future__ import annotations

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
        assert result.output.rstrip().endswith("livyguard explain LG101")


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
    assert result.output == "No failure of Livy, YARN or SparkMagic that livyguard knows.\n"


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
