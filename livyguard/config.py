"""Where the policy is: the files, read again when they change, never lost while somebody saves them."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from livyguard.errors import InvalidPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.policy.model import Policy

__all__ = ["POLICY_VARIABLE", "PolicyFiles", "default_search_path", "load", "named_policy"]

#: Names a policy file where the operator has installed none.
POLICY_VARIABLE = "LIVYGUARD_POLICY"
_FOLDER = Path("etc", "livyguard", "policy.toml")
#: Size, time of the last change and place on the disk: what tells that a file is another one.
_Stamp = tuple[int, int, int]


def named_policy(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the file that ``$LIVYGUARD_POLICY`` names, or None."""
    named = (os.environ if environment is None else environment).get(POLICY_VARIABLE)
    return Path(named).expanduser() if named else None


def default_search_path(environment: Mapping[str, str] | None = None, prefix: str | None = None) -> tuple[Path, ...]:
    """Return where a policy is looked for: the machine's, else this Python's, else the one that a variable names.

    What a user's environment names comes last: it never takes the operator's place.
    """
    named = named_policy(environment)
    operators = (Path("/") / _FOLDER, Path(prefix or sys.prefix) / _FOLDER)
    return operators if named is None else (*operators, named)


def load(path: Path) -> Policy:
    """Read one policy file.

    Raises:
        InvalidPolicy: it cannot be read, or has faults.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not written in UTF-8"
        raise InvalidPolicy([f"{path}: {why or error}"]) from None
    from livyguard.policy.model import parse  # noqa: PLC0415 - pydantic is loaded when there is a policy to read

    return parse(text, source=str(path))


class PolicyFiles:
    """The policy of the first file that is there; the PolicySource port on the file system.

    Args:
        search_path: files, the first that exists counts.
        say: told once when a changed file cannot be used and the policy held before stays in force, and of what a
            policy asks for that this version does not enforce.
    """

    def __init__(
        self, search_path: Sequence[Path], say: Callable[[str], None] | None = None, *, required: Path | None = None
    ) -> None:
        self._search_path = tuple(search_path)
        self._required = required
        self._say = say or logging.getLogger(__name__).warning
        self._path: Path | None = None
        self._stamp: _Stamp | None = None
        self._policy: Policy | None = None
        self._fault: InvalidPolicy | None = None

    @property
    def path(self) -> Path | None:
        """The file that the policy in force came from."""
        return self._path if self._policy is not None else None

    def policy(self) -> Policy | None:
        """Return the policy in force; None if there is none. A file that did not change is not read again.

        Raises:
            InvalidPolicy: the file cannot be used, and none was ever valid.
        """
        path, stamp = self._present()
        if path is None:
            return self._gone()
        if (path, stamp) != (self._path, self._stamp):
            self._read(path, stamp)
        if self._policy is None and self._fault is not None:
            raise self._fault
        return self._policy

    def _present(self) -> tuple[Path | None, _Stamp | None]:
        for path in self._search_path:
            try:
                found = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                return path, None
            return path, (found.st_size, found.st_mtime_ns, found.st_ino)
        return None, None

    def _read(self, path: Path, stamp: _Stamp | None) -> None:
        self._path, self._stamp = path, stamp
        try:
            self._policy, self._fault = load(path), None
        except InvalidPolicy as error:
            self._keep(error)
            return
        from livyguard.policy.unenforced import unenforced  # noqa: PLC0415 - only with a policy

        for sentence in unenforced(self._policy):
            self._say(f"{path}: {sentence}")

    def _gone(self) -> Policy | None:
        """Keep what was valid while an editor replaces the file; a named file that never was there is a fault."""
        if self._policy is None and self._required is not None:
            raise InvalidPolicy([f"{self._required}: there is no such file"])
        if self._path is not None and self._stamp is not None:
            self._stamp = None
            self._keep(InvalidPolicy([f"{self._path}: the file is gone"]))
        return self._policy

    def _keep(self, error: InvalidPolicy) -> None:
        self._fault = error
        if self._policy is not None:
            self._say(f"{error}\nThe policy that was read before stays in force.")
