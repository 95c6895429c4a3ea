"""The account of this process, and whose groups the operating system is asked for."""

from __future__ import annotations

import grp
import os
import pwd
import sys

import pytest

from livyguard.identity.system import account, groups_of

ALICE = pwd.struct_passwd(("alice", "x", 4711, 100, "", "/home/alice", "/bin/sh"))
NAMES = {100: "users", 300: "analytics"}


@pytest.fixture
def as_alice(monkeypatch):
    """This process runs as alice, of the groups users, analytics and one that has no name."""

    def named(number):
        return grp.struct_group((NAMES[number], "x", number, []))

    monkeypatch.setattr(os, "getuid", lambda: 4711)
    monkeypatch.setattr(pwd, "getpwuid", {4711: ALICE}.__getitem__)
    monkeypatch.setattr(os, "getgrouplist", lambda name, first: {("alice", 100): [100, 300, 999]}[name, first])
    monkeypatch.setattr(grp, "getgrgid", named)


def test_the_account_is_that_of_the_process_whatever_the_environment_says(as_alice, monkeypatch):
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "mallory")

    assert account() == "alice"


def test_an_account_brings_its_groups_but_those_without_a_name(as_alice):
    assert groups_of("alice") == {"users", "analytics"}


@pytest.mark.parametrize("name", ["bob", "Alice", "", None])
def test_no_other_name_gets_the_groups_of_the_account(as_alice, name):
    assert groups_of(name) == frozenset()


def test_a_number_without_a_name_is_no_account_and_has_no_groups(monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)

    assert account() is None
    assert groups_of("alice") == frozenset()


@pytest.mark.parametrize(("login", "expected"), [(lambda: "alice", "alice"), (os.strerror, None)])
def test_windows_has_an_account_and_no_groups(monkeypatch, login, expected):
    def ask():
        if expected is None:
            raise OSError
        return login()

    monkeypatch.setitem(sys.modules, "pwd", None)
    monkeypatch.setitem(sys.modules, "grp", None)
    monkeypatch.setattr(os, "getlogin", ask)

    assert account() == expected
    assert groups_of("alice") == frozenset()


def test_the_real_system_answers_for_this_very_process():
    name = pwd.getpwuid(os.getuid()).pw_name

    assert account() == name
    assert grp.getgrgid(pwd.getpwuid(os.getuid()).pw_gid).gr_name in groups_of(name)
