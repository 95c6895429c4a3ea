"""A pytest plugin that holds the coverage limits: `make test` loads it with ``-p scripts.coverage_gate``.

It fails the run from inside, so that pytest's own summary stays the last line and its exit status tells the truth.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Percent of lines and branches that the tests must reach, by path.
LIMITS = {
    "livyguard/policy": 100.0,
    "livyguard/sessions": 100.0,
    "livyguard/hints": 100.0,
    "livyguard/capacity": 100.0,
    "livyguard": 95.0,
}

_faults: list[str] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """After pytest-cov has combined what all processes wrote, compare; too little fails the run like a test."""
    result = yield
    if not session.config.option.collectonly and not hasattr(session.config, "workerinput"):  # xdist's know a part
        _faults.extend(shortfalls(coverage.Coverage()))
        session.testsfailed += bool(_faults)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count each folder that falls short as a failure in pytest's summary."""
    for fault in _faults:
        report = pytest.TestReport("coverage", ("coverage", None, "coverage"), {}, "failed", fault, "call")
        terminalreporter.stats.setdefault("failed", []).append(report)


def shortfalls(measured: coverage.Coverage) -> list[str]:
    """Return one sentence for each limit that is not reached."""
    measured.load()
    reached = {path: measured.report(include=[f"{path}/*"], file=io.StringIO()) for path in LIMITS}
    return [
        f"Coverage of {path} is {reached[path]:.2f} %; the limit is {limit:g} %."
        for path, limit in LIMITS.items()
        if reached[path] < limit
    ]
