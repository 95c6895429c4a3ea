"""LG601 to LG603: nobody is let in. There is no Kerberos ticket, it has run out, or the log-in is not accepted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog.http_parts import AGAIN
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# livyguard's own words, and those of MIT's library on this side; Java's would be of Livy's or the driver's own ticket.
_NO_TICKET = re.compile(
    r"There is no Kerberos ticket(?: of \S+?)?(?: in \S+?)?(?=[,. ]|$)|No Kerberos credentials available"
)
_ENDED = re.compile(
    r"The Kerberos ticket(?: of \S+)? has expired|The referenced (?:credential|context) has expired"
    r"|(?:Minor \(\d{1,12}\): |\(['\"]|kinit: )Ticket expired"
)
#: Whose words they are, in the same line: a ticket or a credential of another kind may end as well.
_KERBEROS = re.compile(r"(?i)kerberos|gss|kinit|krb5|spnego|Major \(\d")
#: SASL's words around MIT's: a database's client, whose ticket Livy has no use for.
_ANOTHERS = re.compile(r"(?i)\bsasl\b|sasl_client")
#: Whose words they are where MIT's library says them alone: the log-in by HTTP of SparkMagic, or Livy's address.
_OF_LIVY = re.compile(r"(?i)There is no Kerberos ticket|spnego|authGSSClient|requests_kerberos|\blivy|sparkmagic")
#: curl's words for it, and the addresses in the lines before them: a URL, or those of `curl -v`.
_CURLS = "gss_init_sec_context() failed"
_ADDRESS = re.compile(r"https?://[^\s'\"<>]{1,400}|\bTrying \S{1,300}:\d{1,5}\b|\bport \d{1,5}\b")
_LIVYS_ADDRESS = re.compile(r"(?i)[: ]8998\b|^https?://[^/]+/sessions\b|livy")
_LINES_BEFORE = 8
#: livyguard's own message from its first word on: what a server said may have the same words further behind.
_OWN = re.compile(
    r"(?:No session was created\. )?The(?:re is no)? Kerberos ticket\b[^\n`]{0,900} wants one\. "
    r"Run `kinit (\w[\w./@-]{0,299})` where this runs\b"
)
_NOT_ACCEPTED = re.compile(
    r"Invalid status code '401'|does not accept (?:the log-in of \S+|a request without a log-in)"
)

_NEAR = 400
_GET = Fix(
    "Get one, in a terminal of the machine that this runs on; it asks for your password. Then run it again.",
    command="kinit",
)
_TICKETS = Fix("See which tickets there are, and until when.", command="klist")

_TICKET = """
## What to do

`kinit`, in a terminal of the machine that the notebook or the command runs on: in JupyterLab, File, New, Terminal. It
asks for the password; `kinit -k -t FILE PRINCIPAL` takes a keytab instead. Then run the cell again: neither a kernel
restart nor a new session is needed.

If there is a ticket all the same, it lies in another cache than the one that was looked at: `klist` in the terminal
shows where, and `KRB5CCNAME` in the kernel's environment says where the kernel looks.
"""

_MISSING_ABOUT = f"""
## What it means

Livy wants a Kerberos ticket, and where the notebook looks there is none. Nothing was sent.

## Why

Nobody has run `kinit` on this machine, `kdestroy` was run, or the cache went with the container that held it.
{_TICKET}"""

_ENDED_ABOUT = f"""
## What it means

The ticket that the notebook would log in with has run out: ten hours after `kinit` where nobody configured another
time. Nothing was sent: for five minutes after its end Livy would still carry a request out, and its answer be lost.

## Why the notebook may have worked for longer

Livy remembers a log-in by a cookie, which lasts ten hours by itself. A session and its variables outlive both.
{_TICKET}
`kinit -R` renews a ticket without the password, as long as `klist` says "renew until".
"""

_REFUSED_ABOUT = """
## What it means

Livy, or a gateway in front of it, answered 401: it does not accept who asks. Sessions that are there are not touched.

## Why

A password that is wrong or was changed, a locked account, or a kind of log-in that the server does not offer. What it
offers stands in its answer: `Negotiate` is Kerberos, `Basic` a user name and a password.

## What to do

See to `kernel_python_credentials` in SparkMagic's config.json: `auth` is `None`, `Basic_Access` or `Kerberos`. Then
`livyguard sessions` in a terminal logs in the same way as the notebook and says at once whether it works. A notebook
that was open reads the file when its kernel is restarted.
"""


def _line(case: Case, match: re.Match[str]) -> str:
    """Return the line of a match, as far as its neighbours stand near it."""
    start = max(case.text.rfind("\n", 0, match.start()) + 1, match.start() - _NEAR)
    return case.text[start : match.end() + _NEAR].partition("\n")[0]


def _get_a_ticket(case: Case) -> Fix:
    """Return kinit; for a principal only where livyguard itself names one, and not whoever wrote a text."""
    named = _OWN.match(case.error)
    return _GET if named is None else Fix(_GET.label, command=f"kinit {named[1]}")


def _is_of_livy(case: Case, match: re.Match[str], whose: re.Pattern[str]) -> bool:
    line = _line(case, match)
    return bool(whose.search(line) or (_CURLS in line and _asks_livy(case, match))) and not _ANOTHERS.search(line)


def _asks_livy(case: Case, match: re.Match[str]) -> bool:
    """Tell whether the address that stands last in the lines before a match is Livy's."""
    before = case.text[max(match.start() - _LINES_BEFORE * _NEAR, 0) : match.start()].split("\n")
    addresses = _ADDRESS.findall("\n".join(before[-1 - _LINES_BEFORE :]))
    return bool(addresses and _LIVYS_ADDRESS.search(addresses[-1]))


def _ticket(
    pattern: re.Pattern[str], title: str, cause: str, whose: re.Pattern[str]
) -> Callable[[Case], Finding | None]:
    def find(case: Case) -> Finding | None:
        match = next((each for each in pattern.finditer(case.text) if _is_of_livy(case, each, whose)), None)
        if match is None:
            return None
        return Finding(title, cause, (case.quote(match, "the log-in"),), (_get_a_ticket(case), _TICKETS, AGAIN), 90)

    return find


def _refused(case: Case) -> Finding | None:
    match = case.find(_NOT_ACCEPTED)
    if match is None:
        return None
    look = Fix(
        "See whether the log-in in SparkMagic's config.json works: this uses the same one.",
        command="livyguard sessions",
    )
    cause = "A wrong password, an account that is locked, or another kind of log-in than the server offers."
    title = "Livy does not accept who asks"
    return Finding(title, cause, (case.quote(match, "Livy's answer"),), (look, AGAIN), 40)


ENTRIES = (
    Entry(
        "LG601",
        "kerberos-ticket-missing",
        "there is no Kerberos ticket",
        _MISSING_ABOUT,
        _ticket(
            _NO_TICKET,
            "There is no Kerberos ticket to log in with",
            "Livy wants one, and where this process looks nobody has run kinit, or kdestroy was run since.",
            _OF_LIVY,
        ),
        needles=("There is no Kerberos ticket", "No Kerberos credentials available"),
    ),
    Entry(
        "LG602",
        "kerberos-ticket-expired",
        "the Kerberos ticket has run out",
        _ENDED_ABOUT,
        _ticket(
            _ENDED,
            "The Kerberos ticket has run out",
            "A ticket lasts ten hours unless the site says otherwise; nothing is sent with one that is over.",
            _KERBEROS,
        ),
        needles=(" has expired", "Ticket expired"),
    ),
    Entry(
        "LG603",
        "log-in-not-accepted",
        "Livy does not accept the log-in",
        _REFUSED_ABOUT,
        _refused,
        yields_to=("LG6",),
        needles=("Invalid status code '401'", "does not accept the log-in of ", "does not accept a request without"),
    ),
)
