"""Where a Livy comes from: a home that is there, an archive that is there, or Apache's release archive."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ARCHIVES", "HOME", "NoArchive", "home", "version_of"]

HOME = "LIVY_HOME"
ARCHIVES = "LIVYGUARD_LIVY_ARCHIVE"
RELEASES = "https://archive.apache.org/dist/incubator/livy"
_TIMEOUTS = (10, 60)
_CHUNK = 1 << 20


class NoArchive(Exception):
    """No archive of this Livy can be had."""


def home(version: str, folder: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the home of a Livy: ``$LIVY_HOME``, else unpacked from ``$LIVYGUARD_LIVY_ARCHIVE``, else downloaded.

    Args:
        version: as in ``0.9.0``.
        folder: gets what is unpacked and downloaded; used again next time.
        environ: the environment. ``LIVYGUARD_LIVY_ARCHIVE`` may name several archives, separated as in PATH.

    Returns:
        A folder with ``bin/``, ``jars/``, ``rsc-jars/`` and ``repl_*-jars/``.

    Raises:
        NoArchive: what was tried, and why it was not to be had.
    """
    tried = []
    named = environ.get(HOME)
    if named:
        if version_of(Path(named)) == version:
            return Path(named)
        tried.append(f"${HOME} ({named}) is Livy {version_of(Path(named)) or 'of no known version'}")
    for archive in map(Path, filter(None, environ.get(ARCHIVES, "").split(os.pathsep))):
        if not archive.is_file():
            tried.append(f"${ARCHIVES} names {archive}, which is not there")
        elif f"-{version}-" in archive.name:
            try:
                return unpack(archive, folder)
            except (OSError, zipfile.BadZipFile) as fault:
                raise NoArchive(f"{archive} cannot be unpacked into {folder}: {fault}.") from None
        else:
            tried.append(f"${ARCHIVES} names {archive.name}, another version")
    try:
        return unpack(download(version, folder), folder)
    except (OSError, zipfile.BadZipFile) as fault:  # requests' errors are OSErrors
        tried.append(f"{RELEASES} {_why(fault)}")
        raise NoArchive(f"There is no archive of Livy {version}: {'; '.join(tried)}.") from None


def _why(fault: Exception) -> str:
    if isinstance(fault, requests.HTTPError) and fault.response is not None:
        return f"answers {fault.response.status_code} for it"
    if isinstance(fault, requests.ConnectionError | requests.Timeout):
        return "cannot be reached"
    return f"gives none that is whole: {fault}"


def version_of(livy: Path) -> str | None:
    """Return the version of an unpacked Livy, as its own jar tells it; None where it is none."""
    for jar in sorted(livy.glob("jars/livy-server-*.jar")):
        found = re.match(r"livy-server-(\d+\.\d+\.\d+)", jar.name)
        if found:
            return found[1]
    return None


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive into a folder of its name, whole or not at all, and return that."""
    target = folder / archive.stem
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch, zipfile.ZipFile(archive) as packed:
        packed.extractall(scratch)
        (found,) = Path(scratch).iterdir()
        if version_of(found) is None:
            raise zipfile.BadZipFile(f"{archive} holds no Livy")
        try:
            found.rename(target)
        except OSError:
            if not target.is_dir():  # else somebody else has unpacked it meanwhile
                raise
    return target


def download(version: str, folder: Path) -> Path:
    """Fetch an archive from Apache and hold it against the checksum beside it.

    Raises:
        OSError: it cannot be had, or is not what its checksum says.
    """
    name = f"apache-livy-{version}-incubating_2.12-bin.zip"
    url, target = f"{RELEASES}/{version}-incubating/{name}", folder / name
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha512()
    partial = target.with_suffix(".part")
    told = requests.get(f"{url}.sha512", timeout=_TIMEOUTS)
    told.raise_for_status()
    with requests.get(url, timeout=_TIMEOUTS, stream=True) as answer, partial.open("wb") as file:
        answer.raise_for_status()
        for chunk in answer.iter_content(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() not in "".join(told.text.lower().split()):
        partial.unlink()
        raise OSError(f"{url} is not what {url}.sha512 says")
    return partial.replace(target)
