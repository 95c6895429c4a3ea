"""No answer, or none of Livy's: which of the reasons, in livyguard's words and in those of requests."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

URL = "http://livy.example.com:8998"
POOL = "HTTPConnectionPool(host='livy.example.com', port=8998): Max retries exceeded with url: /sessions (Caused by "
NEW = "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: "
LOST = "An error was encountered:\nError sending http request and maximum retry encountered."
STATUS = "Invalid status code '{}' from " + URL + "/sessions/7 with error payload: "
INTERNAL = """An internal error was encountered.
Please file an issue at https://github.com/jupyter-incubator/sparkmagic
Error:
Expecting value: line 1 column 1 (char 0)"""
PAGE = "<html><head><title>Sign in</title></head></html>"


def codes(text):
    return [hint.code for hint in diagnose(read(text))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{URL} refuses the connection (after less than 1 s). Is Livy running there?", "LG604"),
        (f"{POOL}{NEW}[Errno 111] Connection refused'))", "LG604"),
        (f"Livy at {URL} accepted the POST, and did not answer it within 60 s.", "LG605"),
        (f"No connection to {URL} within 5 s.", "LG605"),
        (f"{POOL}ConnectTimeoutError(<o>, 'Connection to livy.example.com timed out. (connect timeout=5)'))", "LG605"),
        ("HTTPConnectionPool(host='10.0.0.1', port=8998): Read timed out. (read timeout=60)", "LG605"),
        (f"Request to '{URL}/sessions' failed with 'HTTPConnectionPool(host='h', port=1): Read timed out.'", "LG605"),
        (f"The host of {URL} is not known: its name does not resolve.", "LG606"),
        (f"{POOL}{NEW}[Errno -2] Name or service not known'))", "LG606"),
        (f"{POOL}NameResolutionError(\"<o>: Failed to resolve 'livy.example.com'\"))", "LG606"),
        ("TLS with https://livy:8998 fails: [SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired.", "LG607"),
        (f"{POOL}SSLError(SSLCertVerificationError(1, '[SSL] self-signed certificate')))", "LG607"),
        (STATUS.format(403), "LG608"),
        (STATUS.format(403) + "\n", "LG608"),
        ("<title>Error 403 User not authorised to use Livy.</title>", "LG608"),
        (f"{URL} refuses to list its sessions to us (403).", "LG608"),
        ("Livy answered 403.", "LG608"),
        ("<title>Error 400 Missing Required Header for CSRF protection.</title>", "LG609"),
        (STATUS.format(400) + "<html><title>Error 400 Missing Required Header for CSRF protection.", "LG609"),
        (STATUS.format(403) + '{"msg":"something of its own"}', "LG608"),
        (STATUS.format(403) + "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "LG608"),
        (STATUS.format(403) + PAGE, "LG608"),
        (STATUS.format(403) + "<!doctype html>", "LG608"),
        (STATUS.format(404) + "<!DOCTYPE html>", "LG610"),
        (STATUS.format(302) + PAGE, "LG610"),
        (f"{URL} answers /sessions with a page that says “Sign in”, not with JSON. Something else", "LG610"),
        (f"{URL} answers /sessions with an empty page, not with JSON. Something else", "LG610"),
        (INTERNAL, "LG610"),
        (STATUS.format(502) + PAGE, "LG611"),
        (STATUS.format(500) + PAGE, "LG611"),
        (STATUS.format(500) + PAGE + "java.lang.IllegalStateException: RPC channel is closed.", "LG116"),
        (f"{URL} does not list its sessions: it answers 503 again and again.", "LG611"),
        ("Livy answered 504: Gateway Time-out", "LG611"),
    ],
)  # fmt: skip
def test_each_fault_has_one_hint(text, code):
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        f"ConnectionError: {POOL.replace('/sessions', '/v1/rates')}{NEW}[Errno 111] Connection refused'))",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "ssl.SSLCertVerificationError: certificate verify failed: self-signed certificate",
        "java.net.ConnectException: Connection refused",
        "socket.timeout: timed out",
        "requests.exceptions.HTTPError: 502 Server Error: Bad Gateway for url: https://api.example.com",
        STATUS.format(500) + '"java.lang.NullPointerException"',
    ],
)
def test_what_is_not_about_livy_has_none(text):
    assert codes(text) == []


def test_the_cause_that_sparkmagic_hides_takes_the_place_of_its_own_words():
    assert codes(LOST) == ["LG901"]
    assert codes(f"{LOST} {URL} refuses the connection (after less than 1 s). Is Livy running there?") == ["LG604"]


@pytest.mark.parametrize(
    ("said", "cause", "fix"),
    [
        ("certificate verify failed: self-signed certificate", "does not know the authority", "REQUESTS_CA_BUNDLE"),
        ("unable to get local issuer certificate", "does not know the authority", "REQUESTS_CA_BUNDLE"),
        (
            "certificate verify failed: certificate has expired",
            "The time of the server's certificate is over",
            "date -u",
        ),
        ("Hostname mismatch, certificate is not valid for 'a'", "for another name", "kernel_python_credentials"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not speak TLS", "curl -sS http://"),
        ("sslv3 alert handshake failure", "do not agree", "openssl s_client"),
    ],
)
def test_each_fault_of_tls_has_its_own_advice_and_none_is_to_look_away(said, cause, fix):
    (hint,) = diagnose(Case(f"TLS with https://livy:8998 fails: {said}."))
    runs = [part.cell or part.command or "" for part in hint.fixes]

    assert cause in hint.cause
    assert any(fix in run for run in runs)
    assert not any("ignore_ssl" in run or "verify=False" in run or " -k" in run for run in runs)


def test_a_gateway_says_which_of_the_three():
    said = {code: diagnose(Case(STATUS.format(code)))[0].cause for code in (502, 503, 504)}

    assert "no sound answer" in said[502]
    assert "not ready" in said[503]
    assert "in time" in said[504]


def test_a_403_with_a_page_is_the_gateways_unless_the_page_is_of_livys_door():
    door = "<html><head><title>Error 403 User not authorised to use Livy.</title>"
    (gateway,), (livy,) = (diagnose(Case(STATUS.format(403) + page)) for page in (PAGE, door))

    assert gateway.title == "The gateway before Livy does not let this request through"
    assert "what stands in front of it" in gateway.cause
    assert not any("access-control" in (fix.command or "") for fix in gateway.fixes)
    assert livy.title == "Livy knows who asks, and does not let them"


def test_a_page_with_500_is_not_said_to_be_the_gateways_alone():
    (hint,) = diagnose(Case(STATUS.format(500) + PAGE))

    assert hint.title == "A page came with status 500"
    assert "or Livy's own web server, answers 500" in hint.cause


@pytest.mark.parametrize("text", [STATUS.format(502), f"{URL} refuses the connection (after less than 1 s)."])
def test_nobody_is_promised_that_sessions_outlive_a_restart(text):
    (hint,) = diagnose(Case(text))

    assert "Sessions that Livy keeps live on; one that is restarted without recovery forgets them." in hint.cause
