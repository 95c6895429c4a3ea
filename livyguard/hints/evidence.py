"""What is known of one failure: its text, the log, and what this notebook had seen before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livyguard.hints.model import Evidence
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    import re

__all__ = ["RESOURCE_MANAGER", "Case"]

RESOURCE_MANAGER = "ResourceManager"
#: Livy's default for livy.server.session.timeout, seconds.
SESSION_TIMEOUT = 3600.0


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence of one failure. Times are seconds since the epoch; None means that nobody knows.

    Attributes:
        error: the text that reached the notebook.
        log: lines of the session's log, oldest first, or any text that somebody pasted.
        resource_manager: what YARN's ResourceManager says of the application, oldest first.
        app_state: YARN's word for it at the end, ``ACCEPTED``; None where the ResourceManager was not asked, or knows
            of no application.
        session_id: Livy's number of the session that failed.
        endpoint: URL of the Livy.
        app_id: the application that this notebook's session ran as.
        found_app_id: the application that carries the session's number now.
        is_another: another session carries the number now, by its tags, its owner or its application.
        listed_ids: the numbers that Livy lists now.
        last_state: the last state that this notebook saw.
        last_seen: when that was.
        created: when the session was asked for.
        last_statement: end of the last statement; its start while it runs.
        is_busy: a statement of this notebook ran when the session was lost.
        now: when the failure was seen.
        missed: when this notebook first missed the session; None where that is now.
        silent: when Livy last did not answer at all, since it was last seen.
        silence: how it did not: ``refused the connection``, ``502``.
        session_timeout: how long Livy lets a session lie idle, seconds: its own ``idleTimeout`` where Livy told one.
        heartbeat_seconds: how long nobody may have asked for the session before Livy deletes it; 0 for ever.
        ttl_seconds: how long the session may live in all; None where nobody set that.
        answers_again: the address knows the session in one answer and not in another, beyond doubt the same session.
        noted_endpoint: where this machine's ledger says that it was created, where that is another address.
        noted_ids: the numbers that the ledger has at this endpoint.
        was_known: this notebook or the ledger has seen the session; None where nobody looked.
        is_struck_out: the ledger had it and has it no longer: a release on this machine freed it.
        is_renumbered: the ledger has a session that was created later and has a lower number.
        startup_seconds: how long the start was waited for.
        waited: seconds for which a session that still starts has been told to wait for the same; None where it does
            not start any more.
        gave_up: whose clock ``startup_seconds`` is.
        is_cleared: livyguard has deleted the session and the next cell starts afresh: there is nothing to recover.
        text: error, log and the ResourceManager's words as one text, to search in.
    """

    error: str = ""
    log: tuple[str, ...] = ()
    resource_manager: tuple[str, ...] = ()
    app_state: str | None = None
    session_id: int | None = None
    endpoint: str | None = None
    app_id: str | None = None
    found_app_id: str | None = None
    is_another: bool = False
    listed_ids: frozenset[int] | None = None
    last_state: str | None = None
    last_seen: float | None = None
    created: float | None = None
    last_statement: float | None = None
    is_busy: bool | None = None
    now: float | None = None
    missed: float | None = None
    silent: float | None = None
    silence: str = ""
    session_timeout: float = SESSION_TIMEOUT
    heartbeat_seconds: float | None = None
    ttl_seconds: float | None = None
    answers_again: bool = False
    noted_endpoint: str | None = None
    noted_ids: frozenset[int] | None = None
    was_known: bool | None = None
    is_struck_out: bool = False
    is_renumbered: bool = False
    startup_seconds: float | None = None
    waited: float | None = None
    gave_up: str = "SparkMagic"
    is_cleared: bool = False
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join((self.error, *self.log, *self.resource_manager)))

    @property
    def told_by_yarn(self) -> int:
        """Where in ``text`` the ResourceManager's words begin."""
        return len(self.text) - len("\n".join(self.resource_manager)) if self.resource_manager else len(self.text) + 1

    @property
    def last_active(self) -> float | None:
        """When the session was last used, as far as this notebook knows: its last statement, else its creation."""
        return self.last_statement if self.last_statement is not None else self.created

    @property
    def lost(self) -> float | None:
        """When the session was gone for certain: when it was first missed, else now."""
        return self.missed if self.missed is not None else self.now

    @property
    def unused_seconds(self) -> float | None:
        """How long the session had not been used when it was missed."""
        if self.lost is None or self.last_active is None:
            return None
        return max(self.lost - self.last_active, 0.0)

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match in the error or the log."""
        return pattern.search(self.text)

    def find_last(self, pattern: re.Pattern[str], start: int = 0) -> re.Match[str] | None:
        """Return the last match from a place on: what a log says at its end is what held when it ended."""
        last = None
        for match in pattern.finditer(self.text, start):
            last = match
        return last

    def quote(self, match: re.Match[str], source: str) -> Evidence:
        """Return the line of a match as evidence, redacted and cut; YARN's own words as the ResourceManager's."""
        start = self.text.rfind("\n", 0, match.start()) + 1
        end = self.text.find("\n", match.end())
        line = self.text[start : end if end >= 0 else None]
        is_yarns = match.start() >= self.told_by_yarn
        return Evidence(excerpt(line, around=match[0]), RESOURCE_MANAGER if is_yarns else source)
