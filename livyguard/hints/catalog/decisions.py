"""LG7xx: what the policy decided. Not a failure; the codes stand here for their long form."""

from __future__ import annotations

from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

_CHANGED = """
## What it means

The policy of this cluster let the session start with other values than were asked for, or filled in values that were
not given. The table shows each property: what was asked, what is given, and the rule that says so.

## What to do

Nothing is needed: the session runs with what is given. `%%configure` with values inside the limits prints no table.
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

The session itself is within its limits. Together with what you hold already, or with what your team holds, it is beyond
the policy's quota over all live sessions at this Livy: `quota` is for each user, `team_quota` for all members of the
tenant together. A quota refuses; it never lowers what was asked.

## What is counted

- Every session in the states `not_started`, `starting`, `recovering`, `idle`, `running` and `busy`. One that lies idle
  counts; one that is dead or shutting down does not, nor the one that the request itself replaces.
- The most that each can ever hold: its executors, and the memory and cores of driver and executors, overheads included.
  What YARN says that it holds now is shown by `%livy_policy`, and not counted.
- The sizes come from Livy (0.8 and later), else from the tag that livyguard put on the session. Where neither tells
  them, the most that its owner may have is assumed, and the message says of which sessions.
- Only sessions whose owner is known. `%livy_policy` says how many are not, and are not counted therefore.

## When it is looked at

Before the request is sent: then nothing is created, and nothing is deleted. And once more when Livy has created the
session: if those with a lower number and this one are beyond the quota together, this one came last and gives way. It
is deleted and its application ended before the cell fails, and the message says so. Run the cell again once there is
room.

## What to do

- Run the `%livy_release` at the end of the hint: it frees the fewest of your idle sessions that have to go, the longest
  idle first. Look at them before, if you are not sure: `%livy_sessions --mine`.
- Or run the cell at the end of the message: the largest request that fits now.
- `%livy_policy` shows what is held of each quota, and how much is left.
- Where a team's quota is used up and nothing idle is yours, somebody else has to let go: `%livy_sessions` shows who
  holds what.

## What cannot be checked

- Where Livy's sessions cannot be listed, nobody knows whether one more fits: nothing is sent, or what was just created
  is taken back. Where the ResourceManager cannot be reached, the end of the application is not seen. Either is said.
- A quota holds at one Livy. Sessions of another one, batches and other applications in the same cluster do not count.
- How large a request gets is not known where it says `${…}`, or where nothing bounds its executors. It is refused, and
  the message says what is missing.
"""

ENTRIES = (
    Entry("LG701", "request-changed", "the policy changed what was asked", _CHANGED, severity="note"),
    Entry("LG702", "request-denied", "the policy refuses the request", _DENIED),
    Entry("LG703", "over-quota", "one more session is beyond the quota over all live sessions", _QUOTA),
)
