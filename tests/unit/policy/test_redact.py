"""Secrets never leave in what is shown."""

from __future__ import annotations

import pytest

from livyguard.errors import InvalidPolicy
from livyguard.policy.fold import fold
from livyguard.policy.model import parse
from livyguard.policy.redact import REDACTED, redact, redact_text, redact_value
from livyguard.policy.units import shown, shown_name


def test_values_of_secret_names_are_replaced():
    body = {
        "conf": {
            "spark.hadoop.fs.s3a.secret.key": "a",
            "spark.my.PASSWORD": "b",
            "spark.access.key": "c",
            "spark.x": "d",
        }
    }

    assert redact(body) == {
        "conf": {
            "spark.hadoop.fs.s3a.secret.key": REDACTED,
            "spark.my.PASSWORD": REDACTED,
            "spark.access.key": REDACTED,
            "spark.x": "d",
        }
    }


def test_values_that_speak_of_secrets_are_replaced_as_in_spark():
    assert redact({"spark.driver.extraJavaOptions": "-Dmy.token=x"}) == {"spark.driver.extraJavaOptions": REDACTED}


def test_users_in_urls_are_replaced():
    assert redact({"jars": ["https://me:pw@repo/x.jar", 3]}) == {"jars": [f"https://{REDACTED}@repo/x.jar", 3]}


def test_a_password_that_holds_an_at_sign_is_replaced_whole():
    assert redact_value("", "https://me:p@w@repo/x@1.jar") == f"https://{REDACTED}@repo/x@1.jar"


def test_a_secret_that_is_a_table_is_replaced_whole():
    assert redact({"conf": {"my.token": {"a": "b"}}}) == {"conf": {"my.token": REDACTED}}


def test_a_secret_in_a_key_is_replaced_and_a_key_that_speaks_of_one_stays():
    body = {"conf": {"password=a": 1, "https://me:a@host": 1, "spark.my.token": None, "spark.token.x": 1}}

    assert list(redact(body)["conf"]) == [
        f"password={REDACTED}",
        f"https://{REDACTED}@host",
        "spark.my.token",
        "spark.token.x",
    ]
    assert redact_text("the token of access keys") == "the token of access keys"


def test_null_and_flags_are_no_secrets():
    assert redact_value("my.token", None) is None
    assert redact_value("my.token", value=True) is True


def test_depth_has_an_end():
    nested: object = "x"
    for _ in range(200):
        nested = [nested]

    assert "…" in str(redact(nested))


def test_anything_is_taken():
    assert redact(3) == 3
    assert redact([("a", "b")]) == [["a", "b"]]


def test_a_repr_names_what_a_request_holds_and_says_no_value():
    request = fold({"queue": "a", "conf": {"spark.my.token": "b"}, "mine": "password=c"})

    assert repr(request) == "SessionRequest(conf.spark.my.token, mine, queue)"
    assert repr(request.entries["queue"]) == "Entry(fault=None, origin=None)"


def test_a_repr_of_a_policy_says_no_secret():
    text = """
    [defaults.limits]
    "conf.spark.my.token" = { fixed = "hunter2" }
    "queue" = { fixed = "a" }
    [defaults]
    session_configs = { conf = { "spark.their.token" = "hunter2", "spark.a" = "b" } }
    """

    shown = repr(parse(text.replace("    ", ""), source="p"))

    assert "hunter2" not in shown
    assert "fixed='a'" in shown
    assert "'spark.a': 'b'" in shown


def test_a_value_in_a_sentence_is_hidden_and_a_name_stays():
    assert shown("-Dmy.password=a") == repr(REDACTED)
    assert shown_name("myPassword") == "'myPassword'"
    assert shown_name("password=a") == f"'password={REDACTED}'"
    assert shown_name("a" * 100) == f"'{'a' * 79}…"


@pytest.mark.parametrize("key", ["conf.spark.my.token", "executor.memory"])
def test_a_limit_that_cannot_be_read_tells_no_secret(key):
    with pytest.raises(InvalidPolicy) as raised:
        parse(f'[defaults.limits]\n"{key}" = {{ max = "password=hunter2" }}', source="p")

    assert "it holds what looks like a secret" in str(raised.value)
    assert "hunter2" not in str(raised.value)
