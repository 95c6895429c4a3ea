"""What is looked at on this machine: kernels, start-up files, the ledger's folder, a battery. Nothing is written."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys

import pytest

from livyguard.ledger import FileLedger
from livyguard.probes.kernelspecs import kernels
from livyguard.probes.ledger import looked_at
from livyguard.probes.machine import is_laptop, startup_files
from livyguard.startup_file import source
from livyguard.testing import an_entry


@pytest.fixture
def jupyter(tmp_path, monkeypatch):
    """A folder in which Jupyter alone finds kernels; install one by its argv."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    def install(name, *argv):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": [*argv, "-f", "{connection_file}"], "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))

    return install


WRAPPER = ("-m", "sparkmagic.kernels.pysparkkernel.pysparkkernel")


def script(tmp_path, body):
    """Return an interpreter that does what a test wants."""
    file = tmp_path / "elsewhere" / "python3"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return str(file)


def test_the_kernels_of_sparkmagic_are_found_and_no_others(jupyter, tmp_path):
    jupyter("pyspark", "python", *WRAPPER)
    jupyter("here", sys.executable, *WRAPPER)
    jupyter("plain", "python", "-m", "ipykernel_launcher")

    found = kernels()

    assert found.sparkmagic == importlib.metadata.version("sparkmagic")
    assert [(spec.name, spec.has_livyguard) for spec in found.specs] == [("here", True), ("pyspark", True)]
    assert not (tmp_path / "ipython").exists()
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("body", "has_it"), [("exit 0", True), ("exit 1", False), ("exit 3", None)])
def test_another_python_is_asked_whether_livyguard_is_there(jupyter, tmp_path, body, has_it):
    jupyter("other", script(tmp_path, body), *WRAPPER)

    assert kernels().specs[0].has_livyguard is has_it


def test_what_is_no_python_or_not_there_is_not_known(jupyter, tmp_path):
    jupyter("conda", "/opt/bin/conda", "run", "python", *WRAPPER)
    jupyter("gone", str(tmp_path / "gone" / "python"), *WRAPPER)

    assert [spec.has_livyguard for spec in kernels().specs] == [None, None]


def test_without_sparkmagic_nothing_is_listed(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)

    assert kernels().sparkmagic is None


def test_start_up_files_are_told_with_options_and_whether_they_are_of_this_version(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    home = {"HOME": str(tmp_path)}
    assert startup_files(home) == []
    folder = tmp_path / ".ipython" / "profile_default" / "startup"
    folder.mkdir(parents=True)
    (folder / "50-livyguard.py").write_text(source().replace("\nSTRICT = False\n", "\nSTRICT = True\n"))

    (found,) = startup_files(home)

    assert (found.options, found.is_current) == (("strict",), True)
    (folder / "50-livyguard.py").write_text(source() + "\n# older\n")
    assert [each.is_current for each in startup_files(home)] == [False]
    assert startup_files({"IPYTHONDIR": str(tmp_path / "other")}) == []


def test_a_ledger_that_is_there_is_counted_and_what_is_wrong_with_pages_is_told(tmp_path):
    folder = tmp_path / "livyguard"
    ledger = FileLedger(folder, "kernel-1", now=lambda: 0.0)
    ledger.record(an_entry(7))
    (folder / "broken.json").write_text("{")
    (folder / "open.json").write_text('{"version": 1, "entries": []}')
    (folder / "open.json").chmod(0o666)

    found = looked_at(folder, ledger.entries)

    assert (found.fault, found.pages) == (None, 3)
    assert (found.broken, found.foreign) == (("broken.json",), ("open.json",))
    assert [entry.session_id for entry in found.entries] == [7]


def test_a_ledger_that_is_not_there_yet_is_not_made(tmp_path):
    found = looked_at(tmp_path / "state" / "livyguard", list)

    assert (found.fault, found.pages, found.entries) == (None, 0, ())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_or_is_none_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    assert looked_at(tmp_path / "file" / "livyguard", list).fault in {
        f"{tmp_path / 'file'} is no folder",
        "Not a directory",
    }
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests as root may write everywhere
    assert looked_at(tmp_path / "livyguard", list).fault == "Permission denied"


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ({}, False),
        ({"AC": {"type": "Mains"}}, False),
        ({"AC": {"type": "Mains"}, "BAT0": {"type": "Battery\n"}}, True),
        ({"mouse": {"type": "Battery", "scope": "Device\n"}}, False),
    ],
)
def test_a_laptop_is_told_by_its_own_battery(tmp_path, supplies, expected):
    for name, files in supplies.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)

    assert is_laptop(tmp_path) is expected


def test_nobody_knows_of_a_battery_where_there_is_no_such_folder(tmp_path):
    assert is_laptop(tmp_path / "gone") is False
