"""From YARN saying why a session waits to the user seeing it: a full queue of a real YARN, real Livy, real kernels."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox.livy.archive import NoArchive, home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab import Kernel, Lab
    from tests.live.yarn_stack import Stack

LIVY = "0.9.0"
REASON = "Queue's AM resource limit exceeded"
WARNED = "does not have enough YARN resources"
CELL_SECONDS = 180
#: Seconds: goals, and SparkMagic's own clock.
WITH, WITHOUT, SPARKMAGICS = 5.0, 10.0, 60
ALONE = 'version = 1\n[cluster]\nmanager = "yarn"\n'


def rows() -> Iterator[str]:
    """Yield the lines of the report; one line where no Livy or no YARN can be had here."""
    yield "From YARN saying why a session waits to the user seeing it (full queue, real Livy and YARN)"
    try:
        from tests.live.yarn_stack import NARROW, Stack

        livy = home(LIVY, Path.cwd() / ".cache" / "livy")
        with tempfile.TemporaryDirectory() as folder, Stack(livy, Path(folder)) as stack:
            with stack.yarn.occupied(NARROW, 256):
                yield from _measured(stack, Path(folder))
            stack.clear()
    except (NoArchive, pytest.skip.Exception) as fault:
        yield f"  not measured here: {fault}"


def _measured(stack: Stack, folder: Path) -> Iterator[str]:
    for name, policy, goal in (("with a ResourceManager", None, WITH), ("without one", ALONE, WITHOUT)):
        (seconds,) = _waited(stack, folder / name.replace(" ", "-"), policy, ["LG202"])
        verdict = "met" if seconds <= goal else "MISSED"
        yield f"  livyguard, {name:23s} {seconds:6.1f} s   LG202, in YARN's words (goal: {goal:.0f} s)   {verdict}"
    warned, ended = _waited(stack, folder / "alone", "", [WARNED, "did not start up in"], is_guarded=False)
    told = "" if warned == ended else f"; after {warned:.1f} s it warns that resources lack, without queue or figures"
    yield f"  SparkMagic alone {'':17s} {ended:6.1f} s   its clock of {SPARKMAGICS} s since the cell began{told}"


def _waited(
    stack: Stack, folder: Path, policy: str | None, wanted: list[str], *, is_guarded: bool = True
) -> list[float]:
    """Return seconds from YARN's words to the messages that hold what is wanted, the last of which ends the wait."""
    folder.mkdir()
    over = Event()
    with stack.lab(folder) as lab:
        if policy is not None and lab.policy is not None:
            lab.policy.write_text(policy)
        lab.configure(livy_session_startup_timeout_seconds=SPARKMAGICS)
        kernel = _kernel(lab, is_guarded=is_guarded)
        known = {app["id"] for app in stack.yarn.applications()}
        told: list[float] = []
        looking = Thread(target=_look, args=(stack, known, told, over))
        looking.start()
        try:
            seen = _seen(kernel, wanted)
        finally:
            over.set()
            looking.join()
        if is_guarded:
            kernel.manager.interrupt_kernel()
        _end(stack, known)
    if not told:
        raise SystemExit("YARN never said that the queue is full.")
    return [moment - told[0] for moment in seen]


def _kernel(lab: Lab, *, is_guarded: bool) -> Kernel:
    kernel = lab.start(load=is_guarded)
    kernel.fine('%%configure -f\n{"queue": "narrow", "driverMemory": "512m", "executorMemory": "512m"}')
    return kernel


def _seen(kernel: Kernel, wanted: list[str]) -> list[float]:
    """Return when each of the words was first seen; when the last was, for those that were not before it."""
    sent, seen = kernel.client.execute("1 + 1", allow_stdin=False), dict[str, float]()
    while wanted[-1] not in seen:
        message = kernel.client.get_iopub_msg(timeout=CELL_SECONDS)
        if message["parent_header"].get("msg_id") == sent:
            said = _text(message["content"])
            seen |= {words: time.monotonic() for words in wanted if words in said and words not in seen}
    return [seen.get(words, seen[wanted[-1]]) for words in wanted]


def _text(content: dict[str, Any]) -> str:
    shown = content.get("data", {}).get("text/plain", "")
    return "\n".join([content.get("text", ""), shown, *content.get("traceback", [])])


def _look(stack: Stack, known: set[str], told: list[float], over: Event) -> None:
    """Note when YARN first says why an application that was not there before waits."""
    while not told and not over.wait(0.1):
        if any(REASON in app["diagnostics"] for app in stack.yarn.living() if app["id"] not in known):
            told.append(time.monotonic())


def _end(stack: Stack, known: set[str]) -> None:
    """End what SparkMagic, and livyguard without a ResourceManager, leave in the queue."""
    time.sleep(1)
    for app in stack.yarn.living():
        if app["id"] not in known:
            with contextlib.suppress(AssertionError):
                stack.yarn.kill(app["id"])
