"""The ledger: this machine's own record of the sessions that it created, one small JSON file a kernel.

The folder is private (0700), so are the files (0600). A file is replaced as a whole, so a reader never sees half of
one; a broken file is ignored and never deleted. Where nothing can be written the ledger lives in memory and says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import threading
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livyguard.sessions.model import UNTOLD, LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["FileLedger", "default_folder"]

#: Days after which an entry that nobody used is dropped.
LIFETIME = 30
DAY = 86_400.0
LOCK = ".lock"
SUFFIX = ".json"

_TEXT = {"endpoint", "tag", "kernel"}
_OPTIONAL_TEXT = {"app_id", "login", "user", "notebook", "ceiling"}


def default_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return ``$XDG_STATE_HOME/livyguard``, else ``~/.local/state/livyguard``."""
    environment = os.environ if environment is None else environment
    state = environment.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path(environment.get("HOME") or Path.home()) / ".local" / "state"
    return base / "livyguard"


class FileLedger:
    """Implements :class:`livyguard.ports.Ledger`; kernels may read and write at the same time.

    Args:
        folder: made when it is first written to.
        kernel: id of this kernel; names its file.
        now: seconds since the epoch.
    """

    def __init__(self, folder: Path, kernel: str, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._file = folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', kernel).lstrip('.') or 'kernel'}{SUFFIX}"
        self._now = now
        self._memory: dict[tuple[str, str], LedgerEntry] = {}
        self._turn = threading.Lock()  # a release forgets in several threads
        self._fault: str | None = None
        self._is_swept = False

    @property
    def fault(self) -> str | None:
        """Why the ledger is kept in memory only; None while it is written to its folder."""
        return self._fault

    def entries(self) -> Sequence[LedgerEntry]:
        """Return every entry of every kernel on this machine for this user."""
        written = [entry for file in self._files() for entry in _read(file)]
        with self._turn:
            kept = list(self._memory.values())
        return list({_key(entry): entry for entry in [*written, *kept]}.values())

    def record(self, entry: LedgerEntry) -> None:
        """Add or replace the entry of (endpoint, tag) in this kernel's file."""
        with self._turn:
            self._memory[_key(entry)] = entry

        def add(entries: dict[tuple[str, str], LedgerEntry]) -> None:
            entries[_key(entry)] = entry

        if self._change([self._file], add):
            with self._turn:
                self._memory.pop(_key(entry), None)

    def forget(self, endpoint: str, session_id: int, tag: str) -> None:
        """Drop an entry, whichever kernel wrote it."""

        def is_it(entry: LedgerEntry) -> bool:
            return (entry.endpoint, entry.tag) == (endpoint, tag) and entry.session_id in {session_id, UNTOLD}

        def drop(entries: dict[tuple[str, str], LedgerEntry]) -> None:
            for key in [key for key, entry in entries.items() if is_it(entry)]:
                del entries[key]

        with self._turn:
            drop(self._memory)
        self._change([file for file in self._files() if any(is_it(entry) for entry in _read(file))], drop)

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self._folder.iterdir() if file.suffix == SUFFIX)
        except OSError:
            return []

    def _change(self, files: Sequence[Path], change: Callable[[dict[tuple[str, str], LedgerEntry]], None]) -> bool:
        """Read, change and replace files under the ledger's lock; False where nothing could be written."""
        try:
            with self._lock():
                for file in files:
                    _put_aside_if_broken(file)
                    entries = {_key(entry): entry for entry in _read(file) if self._is_young(entry)}
                    change(entries)
                    _replace(file, list(entries.values()))
                self._sweep()
        except OSError as error:
            self._fault = f"{self._folder} cannot be written ({error.strerror or error})"
            return False
        self._fault = None
        return True

    def _is_young(self, entry: LedgerEntry) -> bool:
        return self._now() - max(entry.created, entry.last_statement or 0.0) < LIFETIME * DAY

    def _sweep(self) -> None:
        """Once in this kernel's life, remove the files of kernels long gone."""
        if self._is_swept:
            return
        self._is_swept = True
        for file in self._files():
            entries = _read(file)
            if entries and not any(self._is_young(entry) for entry in entries):
                file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other kernels from writing meanwhile; they wait some milliseconds."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock_file(handle)
            yield
        finally:
            os.close(handle)


def _lock_file(handle: int) -> None:
    """Lock until the handle is closed; a file system or a system without locks goes without."""
    with contextlib.suppress(ImportError, OSError):
        import fcntl  # noqa: PLC0415 - Windows has none

        fcntl.flock(handle, fcntl.LOCK_EX)


def _key(entry: LedgerEntry) -> tuple[str, str]:
    return entry.endpoint, entry.tag


def _replace(file: Path, entries: Sequence[LedgerEntry]) -> None:
    """Write a file as a whole; one without entries goes away."""
    if not entries:
        file.unlink(missing_ok=True)
        return
    content = json.dumps({"version": 1, "entries": [asdict(entry) for entry in entries]}, indent=1)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")  # 0600 by its own rule
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _put_aside_if_broken(file: Path) -> None:
    """Keep what is no ledger file beside its successor, for somebody to look at."""
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        file.replace(file.with_suffix(".broken"))
    except FileNotFoundError:
        pass


def _read(file: Path) -> list[LedgerEntry]:
    """Return the entries of a file that can be read; a broken file has none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    items = content.get("entries") if isinstance(content, dict) else None
    entries = [_entry(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [entry for entry in entries if entry is not None]


def _entry(item: Mapping[str, Any]) -> LedgerEntry | None:
    """Return an entry, or None where a field is missing or of another type; unknown fields are a later version's."""
    known = {field.name: item[field.name] for field in fields(LedgerEntry) if field.name in item}
    is_sound = (
        all(isinstance(known.get(name), str) for name in _TEXT)
        and all(known.get(name) is None or isinstance(known[name], str) for name in _OPTIONAL_TEXT)
        and isinstance(known.get("session_id"), int)
        and isinstance(known.get("created"), (int, float))
        and isinstance(known.get("last_statement"), (int, float, type(None)))
    )
    return LedgerEntry(**{**known, "is_busy": known.get("is_busy") is True}) if is_sound else None
