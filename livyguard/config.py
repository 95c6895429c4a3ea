"""Where the policy is: the layers' files, read again when they change, never lost while somebody saves them."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from livyguard.errors import InvalidPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.policy.model import Policy

__all__ = ["POLICY_VARIABLE", "PolicyFiles", "default_search_path", "load", "named_policy", "own_folder"]

#: Names a policy file, or a folder of one, beside those of the machine.
POLICY_VARIABLE = "LIVYGUARD_POLICY"
_FOLDER = Path("etc", "livyguard")
#: A file that is older than so many seconds is no longer being saved.
SETTLED = 0.5
_MAIN, _DROP_INS = "policy.toml", "policy.d"
#: Size, time of the last change and place on the disk: what tells that a file is another one; None where it cannot be
#: looked at.
_Stamp = tuple[int, int, int, int] | None
_ABSENT: _Stamp = (-1, -1, -1, -1)


def named_policy(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the file or folder that ``$LIVYGUARD_POLICY`` names, or None."""
    named = (os.environ if environment is None else environment).get(POLICY_VARIABLE)
    return Path(named).expanduser() if named else None


def own_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the user's own policy, ``~/.config/livyguard``."""
    home = (os.environ if environment is None else environment).get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path("~", ".config").expanduser()) / "livyguard"


def default_search_path(environment: Mapping[str, str] | None = None, prefix: str | None = None) -> tuple[Path, ...]:
    """Return where layers are looked for: the machine, this Python, what a variable names, the user's own.

    Of a folder, ``policy.toml`` and then ``policy.d/*.toml`` are one layer. What a user's environment names comes after
    what an operator has installed: it adds limits and takes none away.
    """
    named = named_policy(environment)
    operators = (Path("/") / _FOLDER, Path(prefix or sys.prefix) / _FOLDER)
    return (*operators, *([named] if named is not None else []), own_folder(environment))


def load(place: Path) -> Policy:
    """Read one layer: a file, or a folder with ``policy.toml`` and ``policy.d``.

    Raises:
        InvalidPolicy: a file cannot be read, or has faults; or there is none.
    """
    files = [file for file, _ in _present(place)]
    if not files:
        raise InvalidPolicy([_lacking(place)])
    return _read(place, files)


def _lacking(place: Path) -> str:
    """Say why there is no policy at a place."""
    is_folder = place.is_dir()
    return f"{place}: the folder holds no {_MAIN}" if is_folder else f"{place}: there is no such file"


def _read(place: Path, files: Sequence[Path]) -> Policy:
    faults: list[str] = []
    texts = [(str(file), _text(file, faults)) for file in files]
    from livyguard.policy.reading import read  # noqa: PLC0415 - pydantic is loaded when there is a policy to read

    try:
        policy = read(texts, str(place if len(files) > 1 else files[0]))
    except InvalidPolicy as error:
        faults += error.faults
    if faults:
        raise InvalidPolicy(faults)
    return policy


def _text(file: Path, faults: list[str]) -> str:
    """Return what a file holds; what is wrong with it goes to the faults."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        faults.append(f"{file}: {error.strerror or error}")
    except UnicodeDecodeError:
        faults.append(f"{file}: it is not written in UTF-8")
    return ""


def _present(place: Path) -> list[tuple[Path, _Stamp]]:
    """Return the files of a layer that are there, in the order in which they count."""
    try:
        is_folder = stat.S_ISDIR(place.stat().st_mode)
        drop_ins = sorted(place.joinpath(_DROP_INS).iterdir()) if is_folder else []
    except (FileNotFoundError, NotADirectoryError):
        drop_ins = []
        is_folder = place.is_dir()
    except OSError:
        return [(place, None)]  # reading it says why
    files = [place / _MAIN, *(file for file in drop_ins if file.suffix == ".toml")] if is_folder else [place]
    return [(file, found) for file in files if (found := _stamp(file)) is not _ABSENT]


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _ABSENT
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)


def _is_fresh(seen: Mapping[Path, Sequence[tuple[Path, _Stamp]]]) -> bool:
    now = time.time_ns()
    changes = [stamp[1] for files in seen.values() for _, stamp in files if stamp is not None]
    return any(0 <= now - change < SETTLED * 1e9 for change in changes)


def _layer(place: Path, files: Sequence[Path], faults: list[str]) -> Policy | None:
    try:
        return _read(place, files)
    except InvalidPolicy as error:
        faults += error.faults
    return None


class PolicyFiles:
    """The policy of all layers that are there; the PolicySource port on the file system.

    Args:
        search_path: files and folders, each a layer, the operator's first.
        say: told once when a changed file cannot be used and the policy held before stays in force, and of what a
            policy asks for that this version does not enforce.
        required: a place of the search path that has to be there.
        own: the place of the search path that is the user's own: what only an operator may say has no effect in it.
        pause: waits some seconds, where a file in force has only just changed: somebody may be about to save the rest.
    """

    def __init__(
        self,
        search_path: Sequence[Path],
        say: Callable[[str], None] | None = None,
        *,
        required: Path | None = None,
        own: Path | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.search_path = tuple(search_path)
        self._required = required
        self._own = own
        self._pause = pause
        self._say = say or logging.getLogger(__name__).warning
        self._seen: dict[Path, list[tuple[Path, _Stamp]]] | None = None
        self._in_force: dict[Path, list[Path]] = {}
        self._empty: frozenset[Path] = frozenset()
        self._policy: Policy | None = None
        self._fault: InvalidPolicy | None = None

    @classmethod
    def here(cls, say: Callable[[str], None] | None = None) -> PolicyFiles:
        """Return the policy of this machine, this Python, this environment and this user."""
        return cls(default_search_path(), say, required=named_policy(), own=own_folder())

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the policy in force came from, the operator's first."""
        return tuple(file for files in self._in_force.values() for file in files)

    def policy(self) -> Policy | None:
        """Return the policy in force; None if there is none. What did not change is not read again.

        Raises:
            InvalidPolicy: a file cannot be used, and there never was a valid policy.
        """
        seen = self._look()
        if seen != self._seen:
            if self._policy is not None and _is_fresh(seen):
                self._pause(SETTLED)
                seen = self._look()
            self._seen = seen
            self._take({place: [file for file, _ in files] for place, files in seen.items()})
        if self._policy is None and self._fault is not None:
            raise self._fault
        return self._policy

    def _look(self) -> dict[Path, list[tuple[Path, _Stamp]]]:
        """Return the files of each place that has any; a file that two places lead to is the first one's."""
        seen: dict[Path, list[tuple[Path, _Stamp]]] = {}
        known: set[_Stamp] = set()
        for place in self.search_path:
            files = [(file, stamp) for file, stamp in _present(place) if stamp is None or stamp not in known]
            known.update(stamp for _, stamp in files)
            if files:
                seen[place] = files
        return seen

    def _take(self, found: Mapping[Path, Sequence[Path]]) -> None:
        faults = [f"{file}: the file is gone" for file in self._vanished(found)]
        empty = frozenset(
            file for files in (self._seen or {}).values() for file, stamp in files if stamp and not stamp[0]
        )
        faults += [f"{file}: the file is empty" for file in self.files if file in empty - self._empty]
        if self._required is not None and self._policy is None and not _present(self._required):
            faults.append(_lacking(self._required))
        layers = [(place, _layer(place, files, faults)) for place, files in found.items()]
        if faults:
            self._keep(InvalidPolicy(faults))
        elif layers:
            self._put_in_force([(place, layer) for place, layer in layers if layer is not None])
            self._in_force = {place: list(files) for place, files in found.items()}
            self._empty = empty

    def _vanished(self, found: Mapping[Path, Sequence[Path]]) -> list[Path]:
        """Return the files in force that are gone, as while an editor replaces them; a drop-in may be taken away."""
        there = {file for files in found.values() for file in files}
        return [file for file in self.files if file not in there and file.parent.name != _DROP_INS]

    def _put_in_force(self, layers: Sequence[tuple[Path, Policy]]) -> None:
        from livyguard.policy.layers import stacked  # noqa: PLC0415 - only with a policy
        from livyguard.policy.notes import notes  # noqa: PLC0415

        (place, first), *later = layers
        self._policy = stacked([first.without_rights() if place == self._own else first, *(each for _, each in later)])
        self._fault = None
        for sentence in notes(self._policy):
            self._say(sentence)

    def _keep(self, error: InvalidPolicy) -> None:
        self._fault = error
        if self._policy is not None:
            self._say(f"{error}\nThe policy that was read before stays in force.")
