"""LG7xx: what the policy decided. Not a failure; the codes stand here for their long form."""

from __future__ import annotations

from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

_CHANGED = """
## What it means

The policy of this cluster let the session start with other values than were asked for, or filled in values that were
not given. The table shows each property: what was asked, what is given, and the rule that says so.

## What to do

Nothing is needed: the session runs with what is given. `%%configure -f` with values inside the limits prints no table.
The reason and the contact beside the rule are the operator's: ask there for more.
"""

_DENIED = """
## What it means

The policy refuses this session: nothing was created, and nothing was deleted. A live session and its variables are as
they were. The message names every property that stands in the way, what was asked, and what would pass.

## What to do

- Run the cell at the end of the message: the nearest request that passes.
- Ask the contact that the rule names for more.
"""

_QUOTA = """
## What it means

The session itself is within its limits, but you, or your team, already hold as much as the policy gives to one user or
team over all live sessions.

## What to do

- `%livy_sessions --mine` shows what you hold.
- `%livy_release` frees those of your sessions that lie idle; by number it frees one of them.
"""

ENTRIES = (
    Entry("LG701", "request-changed", "the policy changed what was asked", _CHANGED),
    Entry("LG702", "request-denied", "the policy refuses the request", _DENIED),
    Entry("LG703", "over-quota", "the quota over all your sessions is used up", _QUOTA),
)
