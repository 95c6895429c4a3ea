"""Nobody is let in: which of the reasons, and what to run."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("There is no Kerberos ticket of etl@EXAMPLE.COM, and http://livy wants one.", "LG601"),
        ("SpnegoError (7): No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)", "LG601"),
        ("The Kerberos ticket has expired, and http://livy wants one.", "LG602"),
        ("SpnegoError (12): Major (786432): The referenced context has expired, Minor (100001): Success", "LG602"),
        ("Major (851968): Unspecified GSS failure, Minor (2529638944): Ticket expired", "LG602"),
        ("authGSSClientStep() failed: (('Unspecified GSS failure', 851968), ('Ticket expired', -1765328352))", "LG602"),
        ("kinit: Ticket expired while renewing credentials", "LG602"),
        ("http://livy does not accept the log-in of alice (401); it offers Basic.", "LG603"),
        ("http://livy does not accept a request without a log-in (401); it offers Negotiate.", "LG603"),
    ],
)
def test_each_reason_has_one_hint(text, code):
    assert [hint.code for hint in diagnose(Case(text))] == [code]


def test_the_ticket_explains_more_than_the_401_that_it_led_to():
    text = "Invalid status code '401' from http://livy/sessions\nSpnegoError (7): No Kerberos credentials available"

    assert [hint.code for hint in diagnose(read(text))] == ["LG601"]


OWN = "The Kerberos ticket of etl@A.COM has expired, and http://livy wants one. Run `kinit etl@A.COM` where this runs"


@pytest.mark.parametrize("message", [OWN, f"No session was created. {OWN}"])
def test_the_ticket_to_get_is_that_of_the_principal_that_is_configured(message):
    (hint,) = diagnose(Case(message))

    assert hint.fixes[0].command == "kinit etl@A.COM"


@pytest.mark.parametrize("case", [read(OWN), Case("It failed.", (OWN,)), Case(f"Livy answered 400: {OWN}, then.")])
def test_a_text_of_somebody_elses_names_no_principal_to_give_a_password_for(case):
    (hint,) = diagnose(case)

    assert (hint.code, hint.fixes[0].command) == ("LG602", "kinit")


@pytest.mark.parametrize("whose", ["Invalid status code '401' from http://h/sessions", ""])
def test_a_ticket_that_a_database_wants_is_not_livys(whose):
    said = "Could not start SASL: GSSAPI Error: (No Kerberos credentials available (default cache: FILE:/tmp/x))"

    assert "LG601" not in {hint.code for hint in diagnose(read(f"{whose}\n{said}"))}


CURLS = "* gss_init_sec_context() failed: No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)"
CURL = "$ curl --negotiate -u : "


@pytest.mark.parametrize(
    "before",
    [
        f"{CURL}http://livy.example.com:8998/sessions",
        f"{CURL}https://h.example.com/sessions/3",
        f"{CURL}'http://h:8998/batches'",
        f"{CURL}https://knox:8443/gateway/default/livy/v1/sessions",
        "*   Trying 10.0.0.5:8998...\n* Server auth using Negotiate with user ''",
        "* Connected to h (10.0.0.5) port 8998 (#0)",
        f"{CURL}http://nn:9870/webhdfs/v1\n{CURL}http://h:8998/sessions",
    ],
)
def test_curl_that_asks_livy_without_a_ticket_is_told_so(before):
    (hint,) = diagnose(read(f"{before}\n{CURLS}"))

    assert (hint.code, hint.fixes[0].command) == ("LG601", "kinit")
    assert [fact.text for fact in hint.evidence] == [CURLS]


@pytest.mark.parametrize(
    "before",
    [
        "",
        f"{CURL}http://nn:9870/webhdfs/v1",
        f"{CURL}https://kyuubi:10099/api/v1/sessions",
        f"{CURL}http://h:8998/sessions\n{CURL}http://nn:9870/webhdfs/v1",
        f"{CURL}http://h:8998/sessions" + "\nA line of something else." * 30,
    ],
)
def test_curl_that_asks_somebody_else_is_not_livys(before):
    assert "LG601" not in {hint.code for hint in diagnose(read(f"{before}\n{CURLS}"))}


@pytest.mark.parametrize(
    "line",
    [
        "GSSException: No valid credentials provided (Mechanism level: Failed to find any Kerberos tgt)",
        "WARN Client: Exception encountered while connecting to the server: Client cannot authenticate via:[KERBEROS]",
    ],
)
def test_the_ticket_that_the_driver_lacks_is_not_the_users(line):
    assert not {hint.code for hint in diagnose(Case(log=(line,)))} & {"LG601", "LG602"}
