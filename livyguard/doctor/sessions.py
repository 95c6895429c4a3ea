"""What Livy lists, and what of other people's it shows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from livyguard.doctor.advice import advice
from livyguard.doctor.model import OK, SKIPPED, WARNING, Finding
from livyguard.doctor.ports import Page
from livyguard.hints.entry import LOOK
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from livyguard.doctor.visit import Visit

__all__ = ["access", "listing"]


def listing(visit: Visit) -> Finding:
    """Count the sessions; the first page is there already, so a short listing costs nothing more."""
    page, server = visit.page or Page((), 0), visit.at
    started = time.monotonic()
    found = page.sessions if page.total <= len(page.sessions) else tuple(server.livy.sessions())
    took = time.monotonic() - started
    visit.listed[server.url] = found
    mine = sum(server.mine(session) is True for session in found)
    unknown = sum(server.mine(session) is None for session in found)
    whose = f"{mine} mine" + (f", {unknown} of nobody that is known" if unknown else "")
    seconds = f", in {took:.1f} s" if found is not page.sessions else ""
    return Finding(OK, f"{counted(len(found), 'session')} listed{f' ({whose})' if found else ''}{seconds}")


def access(visit: Visit) -> Finding:
    """Tell whether other people's sessions are open, by what the listing shows of them; nothing of theirs is asked."""
    page, server = visit.page or Page((), 0), visit.at
    operator = "; the policy makes you an operator" if server.is_operator() else ""
    if server.livy.login() is None and page.sessions and all(session.owner is None for session in page.sessions):
        cause = "It knows nobody: whoever reaches it may run code in every session and delete it."
        return Finding(WARNING, f"Livy lets everybody in without a log-in{operator}", advice("LG963", cause, LOOK))
    others = [session for session in page.sessions if server.mine(session) is False]
    if not others:
        return Finding(SKIPPED, f"nobody else has a session, so nothing shows whether logs are open{operator}")
    open_ones = [session.id for session in others if session.id in page.with_log]
    if not open_ones:
        return Finding(OK, f"other people's logs are not shown ({counted(len(others), 'session')} of theirs){operator}")
    text = f"the logs of {counted(len(open_ones), 'session')} of other people's are shown{operator}"
    if operator:
        return Finding(OK, text)
    cause = "Access control is off there, or you may see and end everybody's. livyguard leaves what is not yours alone."
    return Finding(WARNING, text, advice("LG963", cause, LOOK))
