"""LG212: somebody, or a limit of its life, ended the application in YARN."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.entry import LOOK, RECOVER, Entry, Finding
from livyguard.hints.fixes import whole_log
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# Hadoop 2.8 and 3 name who and from where; before that it was one sentence. The name is looked ahead for and then taken
# whole, with the full stop behind it: no less of it is tried, so that a line takes time by its length.
_KILLED = re.compile(
    r"Application (?P<app>application_\d+_\d+) was killed by user (?=(?P<user>[^\s,;]{1,256}))(?P=user)"
    r"(?=[,;]?(?:\s|$))"
    r"(?: at (?P<host>[\w.:\-]{0,253}\w))?(?: with diagnostic message: (?P<said>[^\n]{1,300}))?"
    r"|Application killed by user\.|Application is killed by ResourceManager as it has exceeded the lifetime period\."
)
#: A start that somebody gave up is killed by whoever gave it up: that is no cause.
_GIVEN_UP = re.compile(r"Timed out waiting for context to start|did not start up in \d{1,9} seconds")

_ABOUT = """
## What it means

The application behind the session was ended from outside: its memory is free, and the variables in it are lost.

## Why

- Somebody, or a script, ran `yarn application -kill`, or pressed the button on the ResourceManager's page. YARN says
  which user did and from which machine; without Kerberos that is only what the client claimed to be.
- Livy did, under the account that it runs as: its session was deleted or did not start in time, or its driver failed
  while it started, and Livy ended what was left of the application.
- The queue limits how long an application may live (`maximum-application-lifetime`).

## What to do

`%livy_recover`, then the cells that made your variables. No kernel restart is needed. If a person killed it, ask them:
mostly the cluster was full, and the session looked idle. `%livy_release` before the lunch break keeps that from
happening.

Where the driver failed, `yarn logs -applicationId … | livyguard diagnose -` finds why, where the yarn command is at
hand: in cluster mode its words reach neither Livy nor YARN's diagnostics.
"""


def _killed(case: Case) -> Finding | None:
    match = case.find_last(_KILLED)
    if match is None or case.find(_GIVEN_UP):
        return None
    if "lifetime" in match[0]:
        title = "YARN ended the application: it had lived as long as its queue lets one live"
        cause = "The queue has a limit for the life of an application (maximum-application-lifetime), and it was over."
    elif match["user"] is None:
        title = "Somebody killed the session's application in YARN"
        cause = "This YARN does not say who: a person, a script, or Livy itself when a session is deleted."
    else:
        user, host = match["user"].removesuffix("."), f" from {match['host']}" if match["host"] else ""
        title = f"{excerpt(user)} killed the session's application in YARN{host}"
        said = f' They left word: "{excerpt(match["said"])}".' if match["said"] else ""
        cause = (
            f"YARN was told to end it by {excerpt(user)}{host}.{said} If that is the account that Livy runs as, the "
            "session was deleted, or its driver failed and Livy ended what was left; its own log says why, then."
        )
    return Finding(title, cause, (case.quote(match, "YARN"),), (RECOVER, *whole_log(case), LOOK), rank=88)


ENTRIES = (
    Entry(
        "LG212",
        "application-killed",
        "somebody killed the application in YARN",
        _ABOUT,
        _killed,
        # Livy ends the application of a session that it deletes for a reason of its own.
        yields_to=("LG102", "LG103", "LG104", "LG108", "LG109", "LG110", "LG202", "LG203", "LG204", "LG209"),
        needles=(" was killed by user ", "Application killed by user.", "Application is killed by ResourceManager"),
    ),
)
