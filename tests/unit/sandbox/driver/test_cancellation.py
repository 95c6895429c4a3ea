"""A cancelled statement: Spark is asked to stop its jobs, Python goes on."""

from __future__ import annotations

import os
import signal
import threading

from livyguard.sandbox.driver.cancellation import cancellable


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_jobs_are_cancelled_again_and_again_while_python_goes_on():
    cancelled = threading.Semaphore(0)

    with cancellable(cancelled.release):
        interrupt()
        again = cancelled.acquire(timeout=10) and cancelled.acquire(timeout=10)

    assert again


def test_nothing_is_cancelled_after_the_end():
    cancelled = []

    with cancellable(lambda: cancelled.append(threading.current_thread())):
        interrupt()

    assert not cancelled[0].is_alive()


def test_a_second_interrupt_sets_nothing_more_off():
    cancelling = set()

    with cancellable(lambda: cancelling.add(threading.current_thread())):
        interrupt()
        interrupt()

    assert len(cancelling) == 1


def test_afterwards_an_interrupt_is_what_it_was():
    before = signal.getsignal(signal.SIGINT)

    with cancellable(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before
