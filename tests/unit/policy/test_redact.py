"""Secrets never leave in what is shown."""

from __future__ import annotations

from livyguard.policy.redact import REDACTED, redact, redact_text, redact_value


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
