import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from livyguard.ledger import FileLedger, default_folder
from livyguard.sessions.model import UNTOLD
from livyguard.testing import an_entry

NOW = 10_000_000.0
DAY = 86_400.0


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "livyguard"


@pytest.fixture
def ledger(folder):
    return FileLedger(folder, "kernel-1", now=lambda: NOW)


def young(session_id=0, tag="livyguard-0badcafe", **fields):
    return an_entry(session_id, tag, created=NOW - 60, **fields)


def test_what_is_recorded_is_there_for_every_kernel_of_this_machine(folder, ledger):
    entry = young(3, app_id="application_1", login="alice", user="alice", notebook="a/b.ipynb", is_busy=True)

    ledger.record(entry)

    assert list(FileLedger(folder, "kernel-2").entries()) == [entry]


def test_the_same_tag_is_replaced_and_another_is_added(ledger):
    ledger.record(young(3))
    ledger.record(young(3, app_id="application_1"))
    ledger.record(young(3, tag="livyguard-11111111"))

    assert sorted((entry.tag, entry.app_id) for entry in ledger.entries()) == [
        ("livyguard-0badcafe", "application_1"),
        ("livyguard-11111111", None),
    ]


def test_files_are_private(folder, ledger):
    ledger.record(young())

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_any_kernel_may_strike_out_an_entry_and_the_others_stay(folder, ledger):
    ledger.record(young(3))
    ledger.record(young(4, tag="livyguard-11111111"))

    FileLedger(folder, "kernel-2", now=lambda: NOW).forget(young().endpoint, 3, "livyguard-0badcafe")

    assert [entry.session_id for entry in ledger.entries()] == [4]


def test_striking_out_needs_endpoint_number_and_tag(ledger):
    ledger.record(young(3))

    ledger.forget("http://other", 3, "livyguard-0badcafe")
    ledger.forget(young().endpoint, 4, "livyguard-0badcafe")
    ledger.forget(young().endpoint, 3, "livyguard-11111111")

    assert len(ledger.entries()) == 1


def test_a_file_without_entries_goes_away(folder, ledger):
    ledger.record(young(3))
    ledger.forget(young().endpoint, 3, "livyguard-0badcafe")

    assert list(folder.glob("*.json")) == []


BROKEN = ["", "{", "[]", '{"entries": 3}', '{"entries": [3]}', '{"entries": [{"endpoint": "http://h"}]}', "\x00"]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_passed_over_and_stays(folder, ledger, content):
    ledger.record(young())
    broken = folder / "other.json"
    broken.write_text(content)

    ledger.record(young(1, tag="livyguard-11111111"))

    assert len(ledger.entries()) == 2
    assert broken.read_text() == content


def test_a_file_that_is_no_text_is_passed_over(folder, ledger):
    ledger.record(young())
    (folder / "other.json").write_bytes(b"\xff\xfe")

    assert len(ledger.entries()) == 1


def test_this_kernels_own_broken_file_is_put_aside(folder, ledger):
    folder.mkdir(parents=True)
    (folder / "kernel-1.json").write_text("{")

    ledger.record(young())

    assert len(ledger.entries()) == 1
    assert (folder / "kernel-1.broken").read_text() == "{"


@pytest.mark.parametrize(
    ("field", "value"),
    [("session_id", "3"), ("tag", None), ("login", 7), ("created", "now"), ("last_statement", "now")],
)
def test_an_entry_with_a_field_of_another_type_is_passed_over(folder, ledger, field, value):
    ledger.record(young())
    file = folder / "kernel-1.json"
    content = json.loads(file.read_text())
    content["entries"][0][field] = value
    file.write_text(json.dumps(content))

    assert ledger.entries() == []


def test_fields_of_a_later_version_are_passed_over(folder, ledger):
    ledger.record(young())
    file = folder / "kernel-1.json"
    content = json.loads(file.read_text())
    content["entries"][0]["colour"] = "green"
    file.write_text(json.dumps(content))

    assert list(ledger.entries()) == [young()]


def test_old_entries_are_dropped_when_their_file_is_written(ledger):
    ledger.record(an_entry(1, "livyguard-11111111", created=NOW - 31 * DAY))
    ledger.record(an_entry(2, "livyguard-22222222", created=NOW - 31 * DAY, last_statement=NOW - DAY))

    ledger.record(young(3))

    assert sorted(entry.session_id for entry in ledger.entries()) == [2, 3]


def test_files_of_kernels_long_gone_are_swept_away(folder, ledger):
    FileLedger(folder, "long-gone", now=lambda: NOW - 40 * DAY).record(an_entry(1, created=NOW - 40 * DAY))

    ledger.record(young(2))

    assert [file.name for file in folder.glob("*.json")] == ["kernel-1.json"]


def test_where_nothing_can_be_written_memory_serves_and_the_reason_is_told(tmp_path):
    (tmp_path / "state").write_text("a file in the way")
    ledger = FileLedger(tmp_path / "state" / "livyguard", "kernel-1")

    ledger.record(young(3))
    ledger.record(young(4, tag="livyguard-11111111"))
    ledger.forget(young().endpoint, 3, "livyguard-0badcafe")

    assert [entry.session_id for entry in ledger.entries()] == [4]
    assert "cannot be written (Not a directory)" in ledger.fault


def test_a_ledger_that_can_be_written_has_no_fault(ledger):
    ledger.record(young())

    assert ledger.fault is None


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(folder, ledger):
    (folder / "kernel-1.json" / "in the way").mkdir(parents=True)

    ledger.record(young())

    assert ledger.fault is not None
    assert list(ledger.entries()) == [young()]
    assert list(folder.glob(".*.tmp")) == []


def test_a_disk_that_is_full_loses_nothing_that_was_written(folder, ledger, monkeypatch):
    ledger.record(young(3))
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    ledger.record(young(4, tag="livyguard-11111111"))

    assert "No space left on device" in ledger.fault
    assert {entry.session_id for entry in ledger.entries()} == {3, 4}
    assert [entry.session_id for entry in FileLedger(folder, "kernel-2").entries()] == [3]
    assert list(folder.glob(".*.tmp")) == []


@pytest.mark.parametrize("kernel", ["../../etc/passwd", "a/b", "..", "", "ü"])
def test_a_kernels_id_never_leaves_the_folder(folder, kernel):
    FileLedger(folder, kernel, now=lambda: NOW).record(young())

    assert [file.parent for file in folder.glob("*.json")] == [folder]


def test_kernels_that_write_at_the_same_time_lose_nothing(folder):
    numbers = range(40)

    def record(kernel):
        ledger = FileLedger(folder, f"kernel-{kernel % 2}", now=lambda: NOW)
        ledger.record(young(kernel, tag=f"livyguard-{kernel:08x}"))

    threads = [threading.Thread(target=record, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(entry.session_id for entry in FileLedger(folder, "x").entries()) == list(numbers)


def test_what_was_asked_for_is_replaced_once_its_number_is_known_and_forgotten_by_it(folder):
    ledger = FileLedger(folder, "one", now=lambda: NOW)
    ledger.record(young(UNTOLD))
    ledger.record(young(7))
    told = [entry.session_id for entry in ledger.entries()]

    ledger.record(young(UNTOLD))
    ledger.forget(young().endpoint, 7, young().tag)

    assert told == [7]
    assert list(ledger.entries()) == []


def test_forgetting_what_other_kernels_hold_too_leaves_theirs(folder):
    one, two = (FileLedger(folder, name, now=lambda: NOW) for name in ("one", "two"))
    one.record(young(1))
    two.record(replace(young(2), tag="livyguard-22222222"))

    one.forget(young().endpoint, 1, "livyguard-0badcafe")

    assert [entry.session_id for entry in one.entries()] == [2]


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/alice"}, "/state/livyguard"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/alice"}, "/home/alice/.local/state/livyguard"),
        ({"HOME": "/home/alice"}, "/home/alice/.local/state/livyguard"),
    ],
)
def test_the_folder_follows_xdg(environment, folder):
    assert str(default_folder(environment)) == folder


def test_the_folder_of_this_process_is_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert default_folder() == tmp_path / "livyguard"


def test_many_threads_forget_at_once_where_nothing_can_be_written(tmp_path):
    folder = tmp_path / "file"
    folder.write_text("no folder")
    ledger = FileLedger(folder, "k")
    entries = [an_entry(number, f"livyguard-{number:08x}") for number in range(200)]
    for entry in entries:
        ledger.record(entry)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda entry: ledger.forget(entry.endpoint, entry.session_id, entry.tag), entries))

    assert list(ledger.entries()) == []
