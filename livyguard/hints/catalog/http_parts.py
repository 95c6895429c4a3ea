"""What the hints of a request that failed have in common: whose request it was, and the way on."""

from __future__ import annotations

from livyguard.hints.entry import RECOVER
from livyguard.hints.model import Fix

__all__ = ["AGAIN", "LIVYS_PATH", "URLLIB3"]

#: A path of Livy's own, behind a proxy too; other requests are the user's business.
LIVYS_PATH = r"(?:/[^\s\"'?]{0,200}livy[^\s\"'?]{0,100})?/(?:sessions|batches)(?:[/?][^\s\"']{0,200})?"
#: urllib3's words for a request of such a path.
URLLIB3 = rf"Max retries exceeded with url: {LIVYS_PATH} [^\n]{{0,400}}?"
#: Where nothing was lost: a session that is there stays.
AGAIN = Fix("Where the notebook goes on repeating the error: forget it, and run the cell again.", cell=RECOVER.cell)
