"""What a pasted text tells."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read

GONE = "Invalid status code '404' from http://h:8998/livy/sessions/13 with error payload: \"Session '13' not found.\""


def test_session_and_endpoint_are_read_from_the_error():
    case = read(f"An error was encountered:\n{GONE}")

    assert (case.session_id, case.endpoint) == (13, "http://h:8998/livy")
    assert case.log == ("An error was encountered:", GONE)


def test_session_and_time_out_are_read_from_a_failed_start():
    case = read("Session 16 did not start up in 60 seconds..")

    assert (case.session_id, case.startup_seconds) == (16, 60.0)


def test_livys_json_is_read_line_by_line():
    body = {"id": 3, "state": "dead", "log": ["stderr: ", "YARN Diagnostics: \nQueue's AM resource limit exceeded."]}

    case = read(json.dumps(body))

    assert case.log == ("state: dead", "stderr: ", "YARN Diagnostics: ", "Queue's AM resource limit exceeded.")
    assert [hint.code for hint in diagnose(case)] == ["LG202"]


def test_a_bare_json_string_is_livys_answer_before_0_6():
    assert [hint.code for hint in diagnose(read("\"Session '13' not found.\""))] == ["LG101"]


def test_colours_of_a_terminal_do_not_hide_the_words():
    assert [hint.code for hint in diagnose(read("\x1b[31mSession '13' \x1b[0mnot found."))] == ["LG101"]


@pytest.mark.parametrize("text", ["", "\n", "null", "[]", "{}", "[" * 100_000, "\x00\xff", "Session 99999999999999"])
def test_text_without_a_failure_gives_no_hint(text):
    assert diagnose(read(text)) == []
