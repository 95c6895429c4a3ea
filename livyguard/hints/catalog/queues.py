"""LG211 and LG219: the queue does not take the application, for who asks or for how many it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import queues_text as text
from livyguard.hints.entry import FREE, LOOK, MINE, Entry, Finding
from livyguard.hints.fixes import AGAIN, title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_APP = r"application_\d+_\d+"
# Of the capacity scheduler and the fair scheduler, Hadoop 2 and 3.
_DENIED = re.compile(
    rf"User (?P<user>\S{{1,256}}) (?:does not have permission to submit {_APP} to queue|cannot submit applications to "
    r"queue) ?(?P<queue>[\w.\-]{1,200})"
)
_MISPLACED = re.compile(
    rf"{_APP} submitted by user (?P<user>\S{{1,256}}) (?:application )?rejected by placement rules"
    r"|Application rejected by queue placement policy"
)
_PROHIBITED = re.compile(
    rf"{_APP} submission by user : (?P<user>\S{{1,256}}) to specified queue : (?P<queue>[\w.\-]{{1,200}})  is "
    r"prohibited\."
)
_CLOSED = re.compile(rf"Queue (?P<queue>[\w.\-]{{1,200}}) is STOPPED\. Cannot accept submission of application: {_APP}")
_INNER = re.compile(
    r"submitted by user (?:: )?(?P<user>\S{1,256}) to non-leaf queue ?: (?P<queue>[\w.\-]{1,200})"
    r"|Cannot submit application to non-leaf queue: (?P<other>[\w.\-]{1,200})"
)
_FULL = re.compile(
    r"Queue (?P<queue>[\w.\-]{1,200}) already has (?P<count>\d{1,9}) applications(?: from user (?P<user>\S{1,256}))?,? "
    r"cannot accept submission of application: |Maximum system application limit reached, ?cannot accept submission"
)

_YARN = "YARN"
_QUEUE = Fix(
    "Name a queue that takes you; the operator knows them.",
    cell=configure({"queue": "default"}),
    applicability="manual",
)
_ALLOWED = Fix(
    "List the queues and what you may do in each, where the mapred command is at hand.",
    command="mapred queue -showacls",
)


def _refused(case: Case) -> Finding | None:
    if match := case.find(_DENIED):
        who = excerpt(match["user"])
        refusal = f"the queue {match['queue']} does not take {who}"
        cause = f"The queue has a list of who may submit to it, and {who} is not on it."
    elif match := case.find(_MISPLACED):
        who = excerpt(match["user"] or "this user")
        refusal = f"YARN finds no queue for {who}"
        cause = (
            f"YARN's placement rules choose the queue of an application; for {who}, and the queue that the request "
            "names, no rule gives one."
        )
    elif match := case.find(_PROHIBITED):
        who = excerpt(match["user"])
        refusal = f"the queue {match['queue']} does not take {who}"
        cause = f"YARN chooses the queue of an application by its mappings, and none of them gives {who} this one."
    elif match := case.find(_CLOSED):
        refusal = f"the queue {match['queue']} is stopped"
        cause = "The operator has stopped the queue: what runs in it goes on, and nothing new is taken."
    elif match := case.find(_INNER):
        queue = match["queue"] or match["other"]
        refusal = f"the queue {queue} only holds other queues"
        cause = f"Applications go to the queues inside {queue}; name one of those."
    else:
        return None
    return Finding(
        title_of_start(case.session_id, refusal),
        f"{cause} Where Livy does not impersonate, YARN sees Livy's own user.",
        (case.quote(match, _YARN),),
        (_QUEUE, _ALLOWED, AGAIN),
        rank=95,
    )


def _full(case: Case) -> Finding | None:
    match = case.find(_FULL)
    if match is None:
        return None
    if match["queue"] is None:
        refusal, cause = "YARN takes no more applications", "The whole cluster has as many applications as it may."
    else:
        of = f" of {excerpt(match['user'])}" if match["user"] else ""
        refusal = f"the queue {match['queue']} takes no more applications{of}"
        cause = f"It has {int(match['count']):,}{of}, waiting ones included, and may have no more."
    return Finding(
        title_of_start(case.session_id, refusal),
        f"{cause} The next is taken when one of them ends.",
        (case.quote(match, _YARN),),
        (MINE if match["user"] else LOOK, FREE, AGAIN),
        rank=95,
    )


ENTRIES = (
    Entry(
        "LG211",
        "queue-refuses",
        "the queue does not take who asks",
        text.REFUSED,
        _refused,
        needles=(
            " does not have permission to submit application_",
            " cannot submit applications to queue",
            "rejected by placement rules",
            "Application rejected by queue placement policy",
            " to specified queue : ",
            " is STOPPED. Cannot accept submission",
            " to non-leaf queue",
        ),
    ),
    Entry(
        "LG219",
        "queue-full",
        "the queue has as many applications as it may",
        text.FULL,
        _full,
        needles=("cannot accept submission of application: ",),
    ),
)
