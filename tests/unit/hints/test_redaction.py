"""Quoted lines hold no secrets, no control characters and no novel."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from livyguard.hints.redaction import LONGEST, REDACTED, excerpt, is_whole, redact

CANARY = "hunter2canary"


@pytest.mark.parametrize(
    "text",
    [
        f"--conf spark.hadoop.fs.s3a.secret.key={CANARY}",
        f"spark.hadoop.fs.s3a.access.key = {CANARY}",
        f"aws_access_key_id: {CANARY}",
        f'{{"spark.ssl.keyPassword": "{CANARY}"}}',
        f"{{'DB_PASSWORD': '{CANARY} with blanks'}}",
        f'{{\\"token\\": \\"{CANARY}\\"}}',
        f"MY_TOKEN => {CANARY}",
        f'password="{CANARY} and no closing quote',
        f"Authorization: Basic {CANARY}",
        f"authorization=Bearer {CANARY}",
        f"http://alice:{CANARY}@livy:8998/sessions",
        f"jdbc:x://h/db?user=a&password={CANARY}&ssl=true",
    ],
)
def test_the_value_of_a_secret_is_replaced(text):
    shown = redact(text)

    assert CANARY not in shown
    assert REDACTED in shown


def test_what_is_no_secret_stays():
    text = "spark.executor.memory=8g queue=root.analytics http://alice@livy:8998"

    assert redact(text) == text


def test_a_secret_in_the_line_of_a_failure_never_reaches_the_evidence():
    text = f"spark.my.secret={CANARY} Session '13' not found. password: {CANARY}"

    (hint,) = diagnose(read(text))

    assert CANARY not in str(hint.to_json())
    assert "Session '13' not found." in hint.evidence[0].text


def test_a_secret_is_replaced_before_the_line_is_cut_in_its_middle():
    line = "x" * (LONGEST - 20) + f" token={CANARY}" + "y" * 100

    assert CANARY[:4] not in excerpt(line)


def test_a_long_line_is_cut_around_the_words_that_matter():
    line = "a " * 1000 + "Session '13' not found." + " b" * 1000

    shown = excerpt(line, around="Session '13' not found.")

    assert len(shown) <= LONGEST
    assert "Session '13' not found." in shown
    assert shown.startswith("…")
    assert shown.endswith("…")


def test_the_words_that_matter_may_stand_at_either_end():
    at_start = excerpt("the end. " + "b" * 1000, around="the end.")
    at_end = excerpt("b" * 1000 + " the end.", around="the end.")

    assert at_start.startswith("the end.")
    assert at_end.endswith("the end.")


@pytest.mark.parametrize("before", ["", "abc ", "abc " * 18, "abc " * 100])
def test_words_longer_than_a_line_may_be_are_shown_from_their_beginning(before):
    words = "Permission denied: " + "x" * 400

    shown = excerpt(f"{before}{words}", around=words)

    assert "Permission denied: xxx" in shown
    assert len(shown) == LONGEST
    assert shown.startswith("…") == (len(before) > LONGEST)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("/user/alice/a.jar", True),
        ("x" * LONGEST, True),
        ("x" * (LONGEST + 1), False),
        ("/a?token=hunter2", False),
        ("/a\tb", False),
        ("/a\u202eb", False),
    ],
)
def test_it_is_known_whether_a_text_is_shown_as_it_is(text, whole):
    assert is_whole(text) == whole
    assert not is_whole("abc", longest=2)


def test_a_line_of_a_megabyte_is_cut_like_any_other():
    assert len(excerpt("secret" * 150_000 + "x" * 100_000)) == LONGEST


def test_control_characters_and_hidden_directions_are_shown_not_obeyed():
    assert excerpt("a\x1b[31mb\u202ec\ud800d\te") == "a\\x1b[31mb\\u202ec\\ud800d e"
