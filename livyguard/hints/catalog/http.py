"""LG604 to LG606 and LG608 to LG611: no answer, or none of Livy's, or a no at its door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import http_text as text
from livyguard.hints.catalog.http_parts import AGAIN, LIVYS_PATH, URLLIB3
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# livyguard's own words (livyguard.livy.faults), then urllib3's.
_REFUSED = re.compile(rf" refuses the connection \(after |{URLLIB3}(?:Connection refused|actively refused it)")
_TIMED_OUT = re.compile(
    rf"accepted the (?:GET|POST|DELETE), and did not answer it within |No connection to \S+ within \d"
    rf"|{URLLIB3}timed out\b|/(?:sessions|batches)\b[^\n]{{0,100}}? failed with '[^\n]{{0,200}}?Read timed out"
    r"|port=8998\): Read timed out\."
)
# livyguard's own words, then SparkMagic's log: an answer that had begun, or was to come, and the connection went.
_CUT = re.compile(
    r"The connection to \S+ was cut before the (?:GET|POST|DELETE) was answered"
    rf"|Request to 'https?://[^\s/']{{1,300}}{LIVYS_PATH}' failed with '\('Connection aborted\.'"
)
_UNRESOLVED = re.compile(
    rf"The host of \S+ is not known: its name does not resolve|{URLLIB3}"
    r"(?:Name or service not known|Failed to resolve|nodename nor servname|getaddrinfo failed|"
    r"Temporary failure in name resolution|No address associated with hostname)"
)
# Livy's access control answers with an empty body; its door, and livyguard, in words.
_FORBIDDEN = re.compile(
    r"""Invalid status code '403' from \S+ with error payload: *(?:""|\{"error": ?"Forbidden"\})? *(?=$|\n)"""
    r"|User not authorised to use Livy|Livy answered 403\b"
    r"|refuses to (?:list its sessions to|create a session for) us \(403\)"
)
# In other words: a gateway's (Knox, an API's), or a later Livy's.
_FORBIDDEN_WORDS = re.compile(r"Invalid status code '403' from \S+ with error payload: *(?:[^\s<]|<\?xml)[^\n]*")
_FORBIDDEN_PAGE = re.compile(r"Invalid status code '403' from \S+ with error payload: *<(?i:!doctype html|html)")
_CSRF = re.compile(r"Missing Required Header for CSRF protection")
_PAGE = re.compile(
    r"with (?:a page that says “|an empty page, not with JSON)"
    r"|Invalid status code '(?:2\d\d|3\d\d|404)' from \S+ with error payload: *<(?i:!doctype html|html)"
    r"|An internal error was encountered\.[^\0]{0,300}?\bExpecting value: line 1 column 1 \(char 0\)"
)
_GATEWAY = re.compile(
    r"Invalid status code '(50[234])' from|answers (50[234]) again and again|Livy answered (50[234])\b"
    r"|Invalid status code '(500)' from \S+ with error payload: *<(?i:!doctype html|html)"
)

_ON_THE_WAY = "the connection"
_ANSWER = "the answer"
_LOOK = Fix("Ask once more, and see whether it answers.", cell="%livy_sessions", terminal="livyguard sessions")
_ADDRESS = Fix(
    "Put the right address into SparkMagic's config.json, then restart the kernel: it is read once.",
    command='"kernel_python_credentials": {"url": "http://livy.example.com:8998"}',
    applicability="manual",
)


def _told(
    pattern: re.Pattern[str], source: str, title: str, cause: str, fixes: tuple[Fix, ...], rank: int
) -> Callable[[Case], Finding | None]:
    def find(case: Case) -> Finding | None:
        match = case.find(pattern)
        if match is None:
            return None
        return Finding(title, cause, (case.quote(match, source),), (*fixes, AGAIN), rank)

    return find


_silent = _told(
    _TIMED_OUT,
    _ON_THE_WAY,
    "Livy did not answer in time",
    "Either nothing answers at the address (a firewall drops what is sent there), or Livy took the request and "
    "is too busy, paused by its memory, or waits for a driver that does not answer.",
    (_LOOK, _ADDRESS),
    70,
)
_cut = _told(
    _CUT,
    _ON_THE_WAY,
    "The connection was cut before Livy had answered",
    "Livy was stopped or restarted midway, or something on the way (a balancer, a proxy, a firewall) closes what takes "
    "it too long. What was asked for may have happened all the same.",
    (_LOOK,),
    65,
)


def _timed_out(case: Case) -> Finding | None:
    return _silent(case) or _cut(case)


_denied = _told(
    _FORBIDDEN,
    _ANSWER,
    "Livy knows who asks, and does not let them",
    "Livy's access control is on: a session is its owner's and its proxyUser's, beside superusers and those in its "
    "lists. An empty 403 is Livy's way to say that the session is somebody else's; at the door it says that the user "
    "is not among those who may use Livy at all.",
    (
        Fix("See whose they are, and which are yours.", cell="%livy_sessions", terminal="livyguard sessions"),
        Fix(
            "For the operator, in livy.conf: who may use Livy, and who may change others' sessions.",
            command="livy.server.access-control.allowed-users, livy.server.access-control.modify-users",
            applicability="manual",
        ),
    ),
    65,
)
_refused = _told(
    _FORBIDDEN_WORDS,
    _ANSWER,
    "Livy, or what stands before it, does not let this request through",
    "The answer is 403, in words that Livy's access control does not use: they say who refuses, and mostly why.",
    (Fix("See whose the sessions are, and which are yours.", cell="%livy_sessions", terminal="livyguard sessions"),),
    55,
)
_shut_out = _told(
    _FORBIDDEN_PAGE,
    _ANSWER,
    "The gateway before Livy does not let this request through",
    "Livy says 403 without a page: this one is of what stands in front of it (Knox, a load balancer, a firewall for "
    "the web). It knows no right of yours to this path, or takes the request for an attack.",
    (
        _LOOK,
        Fix(
            "See whose page it is: its title and the Server header name the program, whose log names the rule.",
            command="curl -sSi http://livy.example.com:8998/sessions",
            applicability="manual",
        ),
    ),
    65,
)


def _forbidden(case: Case) -> Finding | None:
    return _denied(case) or _shut_out(case) or _refused(case)


def _gateway(case: Case) -> Finding | None:
    match = case.find(_GATEWAY)
    if match is None:
        return None
    status = next(found for found in match.groups() if found)
    title, who = f"The gateway before Livy answers {status}", "What stands before Livy (a load balancer, Knox, nginx)"
    if status == "500":  # with a page: Livy's own words come as JSON, but its web server's do not
        title = "A page came with status 500"
        who = "What stands before Livy (a load balancer, Knox, nginx), or Livy's own web server,"
    said = {
        "500": "something failed on the way to Livy's answer",
        "502": "it got no sound answer from Livy",
        "503": "Livy is not ready, or too busy to answer",
        "504": "Livy did not answer it in time",
    }[status]
    cause = (
        f"{who} answers {status}: {said}. A statement that was sent may run all the same. Sessions that Livy keeps "
        "live on; one that is restarted without recovery forgets them."
    )
    return Finding(title, cause, (case.quote(match, _ANSWER),), (_LOOK, AGAIN), 20 if status == "500" else 60)


ENTRIES = (
    Entry(
        "LG604",
        "connection-refused",
        "nothing listens at Livy's address",
        text.REFUSED,
        _told(
            _REFUSED,
            _ON_THE_WAY,
            "Nothing listens where Livy should be",
            "The machine answers and refuses the connection: Livy is down or restarting, the port is another, or the "
            "tunnel that leads there is closed. Sessions that Livy keeps live on; one that is restarted without "
            "recovery forgets them.",
            (_LOOK, _ADDRESS),
            70,
        ),
        yields_to=("LG5",),
        needles=(" refuses the connection (after ", "Max retries exceeded with url"),
    ),
    Entry(
        "LG605",
        "livy-timed-out",
        "Livy did not answer in time",
        text.TIMED_OUT,
        _timed_out,
        yields_to=("LG5",),
        needles=(
            "did not answer it within",
            "No connection to ",
            "timed out",
            " was cut before the ",
            "'Connection aborted.'",
        ),
    ),
    Entry(
        "LG606",
        "host-unknown",
        "Livy's host name does not resolve",
        text.UNRESOLVED,
        _told(
            _UNRESOLVED,
            _ON_THE_WAY,
            "The name of Livy's host does not resolve",
            "The name in the address is misspelt, or is known only inside another network: a VPN is not connected, or "
            "a cluster that was started anew has another name.",
            (_ADDRESS, _LOOK),
            70,
        ),
        needles=("its name does not resolve", "Max retries exceeded with url"),
    ),
    Entry(
        "LG608",
        "access-refused",
        "Livy does not let this user do that",
        text.FORBIDDEN,
        _forbidden,
        yields_to=("LG123",),
        needles=(
            "Invalid status code '403'",
            "User not authorised to use Livy",
            "Livy answered 403",
            "refuses to list its sessions to us",
            "refuses to create a session for us",
        ),
    ),
    Entry(
        "LG609",
        "csrf-header-missing",
        "the request lacks a header that Livy wants",
        text.CSRF,
        _told(
            _CSRF,
            _ANSWER,
            "Livy wants a header that the request does not have",
            "Livy's CSRF protection is on: every POST and DELETE has to carry X-Requested-By, with any value. "
            "livyguard sends it; SparkMagic by itself does not.",
            (
                Fix(
                    "Add the header in SparkMagic's config.json, then restart the kernel: it is read once.",
                    command='"custom_headers": {"X-Requested-By": "sparkmagic"}',
                    applicability="review",
                ),
                Fix(
                    "Or load livyguard in the notebook: SparkMagic's requests then carry the header.",
                    cell="%load_ext livyguard",
                ),
            ),
            90,
        ),
        needles=("Missing Required Header for CSRF protection",),
    ),
    Entry(
        "LG610",
        "page-instead-of-json",
        "something else than Livy answers",
        text.PAGE,
        _told(
            _PAGE,
            _ANSWER,
            "A page came where Livy's JSON should be",
            "Something else than Livy answers at the address: a proxy's error page, a log-in page of a portal, or the "
            "web interface of another program. The address, its path or the way there is not right.",
            (_LOOK, _ADDRESS),
            65,
        ),
        yields_to=("LG609", "LG608", "LG611"),
        needles=(
            "with a page that says “",
            "with an empty page, not with JSON",
            "Invalid status code '",
            "An internal error was encountered.",
        ),
    ),
    Entry(
        "LG611",
        "gateway-error",
        "the gateway before Livy has no answer",
        text.GATEWAY,
        _gateway,
        yields_to=("LG1", "LG5", "LG601", "LG602", "LG603", "LG609"),
        needles=(
            "Invalid status code '50",
            " again and again",
            "Livy answered 50",
        ),
    ),
)
