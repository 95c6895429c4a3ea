"""Running a sandbox: where it listens, what it says it is, how it fails."""

from __future__ import annotations

import builtins
import socket

import pytest
import requests

from livyguard.sandbox import Sandbox
from livyguard.sandbox.seed import InvalidSeed


def test_it_listens_on_loopback_on_a_free_port_and_no_longer_afterwards():
    with Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert requests.get(f"{sandbox.url}/sessions", timeout=10).status_code == 200

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/sessions", timeout=10)


def test_it_says_that_it_is_a_sandbox():
    with Sandbox() as sandbox:
        version = requests.get(f"{sandbox.url}/version", timeout=10).json()
        root = requests.get(sandbox.url, timeout=10).text

    assert "livyguard sandbox" in version["url"]
    assert (version["branch"], version["user"]) == ("livyguard sandbox", "livyguard sandbox")
    assert "no Apache Livy" in root


def test_it_says_so_where_the_package_is_not_installed(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    from importlib.metadata import PackageNotFoundError

    monkeypatch.setattr("livyguard.sandbox.server.version", missing)
    with Sandbox() as sandbox:
        assert requests.get(f"{sandbox.url}/version", timeout=10).json()["revision"] == "unknown"


def test_a_port_that_is_taken_is_told_to_the_caller_and_no_thread_stays():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(OSError, match="in use"), Sandbox(port=taken.getsockname()[1]):
            pass


def test_a_seed_that_is_none_is_told_to_the_caller():
    with pytest.raises(InvalidSeed), Sandbox(seeds=("bob:asleep",)):
        pass


def test_it_works_only_inside_its_block():
    with pytest.raises(RuntimeError, match="only inside its `with` block"):
        Sandbox().kill(0)


def test_a_fault_of_the_sandbox_itself_is_a_500_with_its_text(monkeypatch):
    def broken(*_args):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("livyguard.sandbox.store.SessionStore.all", broken)
    with Sandbox() as sandbox:
        answer = requests.get(f"{sandbox.url}/sessions", timeout=10)

    assert (answer.status_code, answer.json()) == (500, "livyguard sandbox: ZeroDivisionError('inside')")


def test_the_package_offers_the_sandbox_and_nothing_else():
    import livyguard.sandbox

    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        _ = livyguard.sandbox.Server


def test_the_command_can_be_mounted_without_the_extra(monkeypatch):
    import sys

    import livyguard.sandbox

    real_import = builtins.__import__

    def without_extra(name, *args, **kwargs):
        if name.split(".")[0] in {"tornado", "jupyter_client", "pyspark", "zmq"}:
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(livyguard, "sandbox", livyguard.sandbox)  # importing it anew sets the attribute, too
    for name in [name for name in sys.modules if name.startswith("livyguard.sandbox")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_extra)

    from livyguard.sandbox.command import sandbox

    assert sandbox.name == "sandbox"
