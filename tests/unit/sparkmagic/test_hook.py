"""The hook on the real SparkMagic: what goes in comes out again, exactly."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.kernels.kernelmagics import KernelMagics
from sparkmagic.livyclientlib.livyreliablehttpclient import LivyReliableHttpClient
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics

from livyguard.sparkmagic.hook import PATCHES, Hook, Patch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handlers:
    """Notes what reached it, and lets it through."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def handle(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
            self.seen.append(name)
            return wrapped(*args, **kwargs)

        return handle


class Wire:
    """Stands for SparkMagic's HTTP below ``post_session``."""

    def post(self, path: str, _codes: list[int], data: object) -> Wire:
        self.sent = (path, data)
        return self

    def json(self) -> dict[str, int]:
        return {"id": 7}


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell()


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def hook(shell: InteractiveShell, handlers: Handlers, complaints: list[str]) -> Iterator[Hook]:
    hook = Hook(lambda: handlers, complaints.append)
    yield hook
    hook.remove(shell)


def methods() -> dict[str, Any]:
    """Every method that the table names, as its class holds it."""
    found = {}
    for patch in PATCHES:
        name, _, method = patch.target.rpartition(".")
        module = importlib.import_module(patch.module)
        found[patch.target] = vars(getattr(module, name) if name else module)[method]
    return found


def table(shell: InteractiveShell) -> dict[tuple[str, str], Any]:
    return {(kind, name): entry for kind, all_ in shell.magics_manager.magics.items() for name, entry in all_.items()}


def test_every_method_of_this_sparkmagic_fits_the_table(shell: InteractiveShell, hook: Hook) -> None:
    hook.install(shell)

    assert hook.faults == []
    assert hook.is_guarding


def test_removing_gives_every_method_and_every_magic_back(shell: InteractiveShell, hook: Hook) -> None:
    shell.register_magics(KernelMagics(shell))
    shell.register_magics(RemoteSparkMagics)
    methods_before, magics_before = methods(), table(shell)

    hook.install(shell)
    during = table(shell)["cell", "configure"]
    hook.remove(shell)

    assert type(during).__name__ == "BoundFunctionWrapper"
    assert methods() == methods_before
    assert table(shell) == magics_before
    assert not hook.is_guarding


def test_a_second_install_changes_nothing(shell: InteractiveShell, hook: Hook) -> None:
    hook.install(shell)
    once = methods()

    hook.install(shell)

    assert methods() == once


def test_it_can_be_put_in_again_after_it_was_taken_out(shell: InteractiveShell, hook: Hook, handlers: Handlers) -> None:
    hook.install(shell)
    hook.remove(shell)
    hook.install(shell)

    LivyReliableHttpClient(Wire(), None).post_session({"kind": "pyspark"})

    assert handlers.seen == ["post_session"]


def test_a_creation_goes_through_the_handler_only_while_guarded(
    shell: InteractiveShell, hook: Hook, handlers: Handlers
) -> None:
    client = LivyReliableHttpClient(Wire(), None)
    hook.install(shell)
    client.post_session({"kind": "pyspark"})
    hook.remove(shell)

    answer = client.post_session({"kind": "pyspark"})

    assert answer == {"id": 7}
    assert handlers.seen == ["post_session"]


def test_magics_registered_before_and_after_are_guarded_alike(
    shell: InteractiveShell, hook: Hook, handlers: Handlers
) -> None:
    shell.register_magics(KernelMagics(shell))
    hook.install(shell)
    shell.register_magics(RemoteSparkMagics)

    shell.find_cell_magic("cleanup")("", "")
    shell.find_line_magic("spark")("info")

    assert handlers.seen == ["cleanup", "spark", "get_manager_sessions_str"]


def test_a_magic_registered_while_guarded_is_sparkmagics_own_again_afterwards(
    shell: InteractiveShell, hook: Hook, handlers: Handlers
) -> None:
    hook.install(shell)
    shell.register_magics(RemoteSparkMagics)
    hook.remove(shell)

    shell.find_line_magic("spark")("info")

    assert handlers.seen == []


def test_a_wrapper_that_somebody_put_over_ours_survives_and_is_let_through(
    shell: InteractiveShell, hook: Hook, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.install(shell)
    ours = vars(LivyReliableHttpClient)["post_session"]
    monkeypatch.setattr(LivyReliableHttpClient, "post_session", lambda self, properties: ours.__get__(self)(properties))
    hook.remove(shell)

    answer = LivyReliableHttpClient(Wire(), None).post_session({})

    assert answer == {"id": 7}
    assert handlers.seen == []


def test_a_patched_sparkmagic_is_not_claimed_to_be_guarded(
    shell: InteractiveShell, hook: Hook, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LivyReliableHttpClient, "post_session", lambda self, properties, tenant: None)

    hook.install(shell)

    assert not hook.is_guarding
    assert "takes (self, properties, tenant), not (self, properties)" in hook.faults[0]
    assert "not guarded" in complaints[0]


def test_a_method_that_is_missing_is_told_and_the_rest_is_guarded(
    shell: InteractiveShell, hook: Hook, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(KernelMagics, "info")

    hook.install(shell)

    assert hook.faults == ["this SparkMagic has no KernelMagics.info"]
    assert hook.is_guarding
    assert complaints == []


def test_a_module_that_comes_later_is_patched_the_moment_it_is_imported(
    shell: InteractiveShell, handlers: Handlers, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "latecomer.py").write_text("class Client:\n    def post(self, body):\n        return body\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    patch = Patch("latecomer", "Client.post", "post_session", ("self", "body"), is_essential=True)
    monkeypatch.setattr("livyguard.sparkmagic.hook.PATCHES", (patch,))
    hook = Hook(lambda: handlers, print)
    hook.install(shell)
    assert not hook.is_guarding

    latecomer = importlib.import_module("latecomer")
    latecomer.Client().post("x")

    assert hook.is_guarding
    assert handlers.seen == ["post_session"]
    hook.remove(shell)
    del sys.modules["latecomer"]
