"""The decision log: what was asked and given at every creation, one JSON line each, one file a user, append only.

Where it goes is the operator's to say, ``decision_log`` in the policy; without that nothing is written. The folder is
the operator's to make, since who may write there is a decision, too; one under a home, ``~/…``, is made.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from livyguard.errors import InvalidPolicy

if TYPE_CHECKING:
    from livyguard.policy.record import DecisionRecord
    from livyguard.ports import PolicySource

__all__ = ["DecisionFiles", "file_name"]

SUFFIX = ".jsonl"
#: Longer names are cut and get a digest; file systems end at 255 bytes.
LONGEST_NAME = 120
#: No link is followed, nothing is waited for where the name is a pipe's.
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class DecisionFiles:
    """The ``DecisionLog`` port on files.

    Args:
        policies: whose ``decision_log`` names the folder, read anew for each record.
    """

    def __init__(self, policies: PolicySource) -> None:
        self._policies = policies

    def record(self, record: DecisionRecord) -> str | None:
        """Append a line where the policy asks for it; return why that was not possible, else None. Never raises."""
        try:
            policy = self._policies.policy()
        except InvalidPolicy:
            return None
        named = None if policy is None else policy.decision_log
        if named is None:
            return None
        try:
            file = _folder(named) / file_name(record.who.user)
            _append(file, record.to_line().encode("ascii"))
        except (OSError, ValueError, RuntimeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return f"The decision log in {named} cannot be written: {why}"
        return None


def file_name(user: str | None) -> str:
    """Return the name of a user's file: harmless whatever the user is called, and no other user's.

    Where nobody says a name it is this account's number; quoting never makes a ``%`` that is followed by no hexadecimal
    digit, so ``%uid-1000`` and ``%~`` are no user's.
    """
    if not user:
        return f"%uid-{_account()}{SUFFIX}"
    name = quote(user, safe="@+", errors="surrogatepass")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > LONGEST_NAME:
        digest = hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{name[:LONGEST_NAME]}%~{digest}"
    return f"{name}{SUFFIX}"


def _folder(named: str) -> Path:
    folder = Path(named).expanduser()
    if not folder.is_absolute():
        raise ValueError("it is no absolute path")
    if named.startswith("~"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _append(file: Path, line: bytes) -> None:
    """Write a line with one call, so that lines of several kernels never mix."""
    handle = os.open(file, _APPEND, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{file.name} is no file")
        if found.st_uid not in {_account(), 0, file.parent.stat().st_uid}:
            raise ValueError(f"{file.name} is another account's")
        if os.write(handle, line) < len(line):
            raise ValueError("the disk is full")
    finally:
        os.close(handle)


def _account() -> int:
    """Return this process's account; Windows has no numbers."""
    return getattr(os, "geteuid", lambda: 0)()
