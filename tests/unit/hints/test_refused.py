"""What Livy says to a request for a session that it does not want, by version."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

CLASS = "org.apache.livy.server.interactive.CreateInteractiveRequest"
FIELD = 'Unrecognized field "{}" (class {}), not marked as ignorable (14 known properties: "kind"])'


def hint_of(text):
    (hint,) = diagnose(Case(text))
    return hint


@pytest.mark.parametrize(
    ("text", "code", "title"),
    [
        ("Rejected, too many sessions are being created!", "LG118", "Livy is starting as many sessions as it may"),
        ("Duplicate session name: Some(etl) for session 4", "LG120", "A session is named etl already"),
        ("Duplicate session name: etl for session 4", "LG120", "A session is named etl already"),
        (
            "Blacklisted configuration values in session config: spark.master, spark.yarn.jar",
            "LG121",
            "Livy lets nobody set spark.master, spark.yarn.jar",
        ),
        (FIELD.format("idleTimeout", CLASS), "LG122", "Livy knows no field idleTimeout"),
        ("User 'bob' not allowed to impersonate 'Some(alice)'.", "LG123", "Livy does not let bob act for alice"),
        ("User 'bob' not allowed to impersonate 'alice'.", "LG123", "Livy does not let bob act for alice"),
        (
            "AuthorizationException: User: livy is not allowed to impersonate alice",
            "LG123",
            "Hadoop does not let livy act for alice",
        ),
        (
            "requirement failed: Local path /tmp/a.jar cannot be added to user sessions.",
            "LG124",
            "Livy takes no file from /tmp/a.jar",
        ),
    ],
)
def test_each_refusal_is_told_in_the_users_own_words(text, code, title):
    hint = hint_of(f"Livy answered 400: {text}")

    assert (hint.code, hint.title) == (code, title)


def test_a_refusal_is_read_out_of_livys_json():
    (hint,) = diagnose(
        read('{"msg":"Rejected, Reason: Blacklisted configuration values in session config: spark.master"}')
    )

    assert hint.title == "Livy lets nobody set spark.master"


def test_a_property_of_spark_beside_conf_is_shown_where_it_belongs():
    hint = hint_of(FIELD.format("spark.executor.memory", CLASS))

    assert '{"conf": {"spark.executor.memory": "VALUE"}}' in hint.fixes[0].cell


def test_a_field_that_jackson_misses_in_somebodys_own_class_is_their_business():
    assert diagnose(Case(FIELD.format("amount", "com.example.Order"))) == []


def test_a_set_of_ports_that_is_used_up_is_named():
    hint = hint_of("java.io.IOException: Unable to connect to provided ports 10000~10010")

    assert hint.code == "LG119"
    assert "10000~10010" in hint.cause
