"""Where a Livy comes from: what is named, else Apache's archive, held against its checksum."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
import requests
import responses

from livyguard.sandbox.livy.archive import RELEASES, NoArchive, home, version_of

NAME = "apache-livy-0.9.0-incubating_2.12-bin"
URL = f"{RELEASES}/0.9.0-incubating/{NAME}.zip"


def packed(version: str = "0.9.0") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"apache-livy-{version}-incubating_2.12-bin/jars/livy-server-{version}-incubating.jar", b"")
    return file.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "given" / f"{NAME}.zip"
    file.parent.mkdir()
    file.write_bytes(packed())
    return file


@pytest.fixture
def apache():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_an_archive_that_is_named_is_unpacked_once(tmp_path: Path, archive: Path) -> None:
    named = {"LIVYGUARD_LIVY_ARCHIVE": f"/elsewhere/other.zip:{archive}"}

    first = home("0.9.0", tmp_path / "cache", named)
    (first / "mark").touch()
    second = home("0.9.0", tmp_path / "cache", named)

    assert version_of(first) == "0.9.0"
    assert (second, (second / "mark").exists()) == (first, True)
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [NAME]


def test_two_may_unpack_the_same_archive_at_once(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    look, looks = Path.is_dir, iter([False])  # not there yet when it is looked for, there when it is to be put there
    (cache / NAME / "jars").mkdir(parents=True)
    monkeypatch.setattr(Path, "is_dir", lambda path: next(looks, None) is None and look(path))

    unpacked = home("0.9.0", cache, {"LIVYGUARD_LIVY_ARCHIVE": str(archive)})

    assert unpacked == cache / NAME
    assert [entry.name for entry in cache.iterdir()] == [NAME]


def test_a_home_that_is_named_is_taken_as_it_is(tmp_path: Path, archive: Path) -> None:
    unpacked = home("0.9.0", tmp_path, {"LIVYGUARD_LIVY_ARCHIVE": str(archive)})

    assert home("0.9.0", tmp_path / "cache", {"LIVY_HOME": str(unpacked)}) == unpacked
    assert not (tmp_path / "cache").exists()


def test_else_it_is_downloaded_and_held_against_its_checksum(tmp_path: Path, apache) -> None:
    digest = hashlib.sha512(packed()).hexdigest()
    apache.get(f"{URL}.sha512", body=f"{NAME}.zip: {digest[:60].upper()}\n  {digest[60:].upper()}\n")
    apache.get(URL, body=packed())

    assert version_of(home("0.9.0", tmp_path, {})) == "0.9.0"


def test_what_is_not_what_its_checksum_says_is_not_kept(tmp_path: Path, apache) -> None:
    apache.get(f"{URL}.sha512", body="0" * 128)
    apache.get(URL, body=packed())

    with pytest.raises(NoArchive, match="sha512 says"):
        home("0.9.0", tmp_path, {})

    assert list(tmp_path.iterdir()) == []


def test_everything_that_was_tried_is_told(tmp_path: Path, archive: Path, apache) -> None:
    apache.get(f"{RELEASES}/0.8.0-incubating/apache-livy-0.8.0-incubating_2.12-bin.zip.sha512", status=404)
    named = {"LIVY_HOME": str(tmp_path), "LIVYGUARD_LIVY_ARCHIVE": f"{archive}:{tmp_path}/gone.zip"}

    with pytest.raises(NoArchive) as told:
        home("0.8.0", tmp_path / "cache", named)

    assert str(told.value) == (
        f"There is no archive of Livy 0.8.0: $LIVY_HOME ({tmp_path}) is Livy of no known version; "
        f"$LIVYGUARD_LIVY_ARCHIVE names {NAME}.zip, another version; "
        f"$LIVYGUARD_LIVY_ARCHIVE names {tmp_path}/gone.zip, which is not there; {RELEASES} answers 404 for it."
    )


def test_without_a_network_one_sentence_says_so(tmp_path: Path, apache) -> None:
    apache.get(f"{URL}.sha512", body=requests.ConnectionError("[Errno -2] Name or service not known"))

    with pytest.raises(NoArchive, match=rf"There is no archive of Livy 0\.9\.0: {RELEASES} cannot be reached\."):
        home("0.9.0", tmp_path, {})


@pytest.mark.parametrize("content", [b"no zip", packed("0.9.0")[:40]], ids=["no zip", "cut off"])
def test_a_broken_archive_leaves_nothing_unpacked(tmp_path: Path, archive: Path, content: bytes) -> None:
    archive.write_bytes(content)

    with pytest.raises(NoArchive, match="cannot be unpacked"):
        home("0.9.0", tmp_path / "cache", {"LIVYGUARD_LIVY_ARCHIVE": str(archive)})

    assert list((tmp_path / "cache").iterdir()) == []


def test_an_archive_of_something_else_is_no_livy(tmp_path: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as other:
        other.writestr(f"{NAME}/README", "")

    with pytest.raises(NoArchive, match="holds no Livy"):
        home("0.9.0", tmp_path / "cache", {"LIVYGUARD_LIVY_ARCHIVE": str(archive)})
