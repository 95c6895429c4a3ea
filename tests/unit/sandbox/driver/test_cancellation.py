"""An interrupt: at once in Python, through Spark while Java is asked."""

from __future__ import annotations

import os
import signal
import threading
import types

import pytest

from livyguard.sandbox.driver.cancellation import cancellable


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_python_is_interrupted_at_once():
    cancelled = threading.Event()

    with pytest.raises(KeyboardInterrupt), cancellable(cancelled.set):
        interrupt()

    assert not cancelled.is_set()


def test_a_call_to_java_goes_on_while_its_jobs_are_cancelled_again_and_again():
    seen = threading.Semaphore(0)
    java = types.ModuleType("py4j.stand_in")
    java.__dict__.update(interrupt=interrupt, seen=seen)
    exec("def call():\n    interrupt()\n    return seen.acquire(timeout=10) and seen.acquire(timeout=10)", vars(java))  # noqa: S102 - a function whose module is py4j's

    with cancellable(seen.release):
        assert java.call()


def test_python_is_interrupted_when_the_call_to_java_was_a_short_one():
    java = types.ModuleType("py4j.stand_in")
    java.__dict__.update(interrupt=interrupt)
    exec("def call():\n    interrupt()\n", vars(java))  # noqa: S102 - a function whose module is py4j's

    def statement():
        java.call()
        threading.Event().wait(timeout=10)

    with pytest.raises(KeyboardInterrupt), cancellable(lambda: None):
        statement()


def test_a_second_interrupt_does_not_disturb_what_the_first_one_set_off():
    with cancellable(lambda: None):
        with pytest.raises(KeyboardInterrupt):
            interrupt()
        interrupt()


def test_afterwards_an_interrupt_is_what_it_was():
    before = signal.getsignal(signal.SIGINT)

    with cancellable(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before
