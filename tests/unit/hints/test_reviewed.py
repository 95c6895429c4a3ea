"""Words that somebody pasted, as a review found them: other people's errors have no hint, Livy's own have one."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read
from livyguard.hints.redaction import LONGEST, excerpt, redact

POOL = (
    "HTTPConnectionPool(host='localhost', port={}): Max retries exceeded with url: {} (Caused by "
    "NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))"
)
EVENTS = (
    "{} Normal Scheduled pod/a-driver Successfully assigned spark/a-driver to node-1\n"
    "{} Warning FailedScheduling pod/a-driver 0/3 nodes are available: 3 Insufficient cpu."
)


def codes(text):
    return [hint.code for hint in diagnose(read(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Session 42 not found in store",
        "RuntimeError('Ticket expired')",
        "The referenced credential has expired",
        POOL.format(5000, "/version"),
        POOL.format(8888, "/api/sessions"),
        POOL.format(5000, "/v1/sessions"),
        "botocore: Not authorized to perform sts:AssumeRoleWithWebIdentity",
        'User "system:serviceaccount:jhub:hub" cannot list resource "pods" in API group "" in the namespace "jhub"',
        "{'Status': {'State': 'TERMINATED', 'StateChangeReason': {'Code': 'USER_REQUEST'}}}",
        "spark.dynamicAllocation.enabled true",
        "INFO Creating Interactive session 3: spark.dynamicAllocation.enabled -> true",
        "AnalysisException: Cannot modify the value of a static config: spark.dynamicAllocation.enabled",
        "WARN org.apache.livy.rsc.RSCClient: closing\njava.nio.channels.ClosedChannelException",
        EVENTS.format("1s", "2m"),
        EVENTS.format("", ""),
        "Glue Dev Endpoint (file:///etc/passwd) to become available: unexpected state 'FAILED'",
    ],
)
def test_what_is_somebody_elses_or_over_has_no_hint(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Status 'recovering' not supported by session.", "LG117"),
        ("Status 'shutting_down' not supported by session.", "LG115"),
        ("Request to 'http://livy:8998/sessions/3' failed with '('Connection aborted.', Remote())'", "LG605"),
        ('Invalid status code \'403\' from http://livy/sessions with error payload: {"error":"Forbidden"}', "LG608"),
        ("Invalid status code '403' from http://livy/sessions with error payload: \"\"", "LG608"),
        ('"java.lang.IllegalStateException: Session is in state dead"', "LG114"),
        (EVENTS.format("2m", "1s"), "LG401"),
        (EVENTS.format("1s", "2m").replace("a-driver", "b-driver", 2), "LG401"),
        ("'State': 'TERMINATED', 'StateChangeReason': {'Code': 'BOOTSTRAP_FAILURE'}", "LG502"),
    ],
)
def test_what_livy_and_sparkmagic_say_in_other_words_has_its_hint(text, code):
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "(spark.hadoop.fs.s3a.secret.key,CANARY)",
        "('spark.hadoop.fs.s3a.secret.key', 'CANARY')",
        "spark.hadoop.fs.s3a.secret.key -> CANARY",
        "secret.key->CANARY",
        "<name>fs.s3a.secret.key</name><value>CANARY</value>",
    ],
)
def test_a_secret_in_whatever_way_it_is_written_is_replaced(text):
    assert "CANARY" not in redact(text)


def test_a_secret_behind_a_megabyte_of_its_own_name_is_replaced():
    assert "CANARY" not in excerpt("secret" * 150_000 + " password=CANARY", around="password")
    assert len(excerpt("secret" * 150_000)) == LONGEST


@pytest.mark.parametrize(
    "text",
    [
        "0/3 nodes are available: 3 node(s) password=CANARY\x1b[31m.",
        'Failed to pull image "a?password=CANARY\x1b[31m": denied: x',
        'Pod "a" is invalid: password=CANARY\x1b[31m',
        "Could not load pod from template file\nFileNotFoundException: /token=CANARY\x1b[31m",
    ],
)
def test_no_secret_and_no_control_character_reaches_a_title_or_a_cause(text):
    (hint,) = diagnose(Case(log=(text,)))

    assert "CANARY" not in str(hint.to_json())
    assert "\x1b" not in hint.title + hint.cause


def test_no_pasted_word_is_a_commands_option():
    (ticket,) = diagnose(Case("The Kerberos ticket has expired. Run `kinit -c/home/alice/.bashrc` there."))
    (glue,) = diagnose(read("YarnEndpointAddress EndpointName: --debug Status: FAILED"))

    assert ticket.fixes[0].command == "kinit"
    assert "--debug" not in (glue.fixes[0].command or "")


def test_a_field_that_sparkmagic_adds_itself_is_left_out_in_its_own_settings():
    words = 'Unrecognized field "heartbeatTimeoutInSecond" (class com.cloudera.livy.CreateInteractiveRequest)'
    (hint,) = diagnose(Case(words))

    assert any('"livy_server_heartbeat_timeout_seconds": 0' in (fix.command or "") for fix in hint.fixes)
    assert not any("%%configure" in (fix.cell or "") for fix in hint.fixes)
