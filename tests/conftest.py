"""Hypothesis's profiles, and how many of the live tests ran.

The profiles: quick on every run, thousands of cases under ``LIVYGUARD_HYPOTHESIS=long``. A deadline would time the
machine, and without them here a test would have one or none by what was collected before it.

Live tests that could not be had are skipped, and counted in the very last line. What became of each stands in
build/live.json, from which ``python -m scripts.seen`` writes docs/versions.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from livyguard.config import default_search_path

if TYPE_CHECKING:
    from pathlib import Path

settings.register_profile("quick", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("LIVYGUARD_HYPOTHESIS", "quick"))

_live: set[str] = set()
_ran: dict[str, str] = {}
_reasons: dict[str, str] = {}


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home in which nobody has configured anything; commands that run in this process take it for theirs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("LIVYGUARD_URL", "LIVYGUARD_POLICY", "SPARKMAGIC_CONF_DIR", "SPARKMAGIC_CONF_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def pytest_sessionstart() -> None:
    """Refuse to run where an operator's policy is installed: the tests' kernels would obey it, as they should."""
    machine = default_search_path({"XDG_CONFIG_HOME": os.devnull})
    if found := [file for place in machine for name in ("policy.toml", "policy.d/*.toml") for file in place.glob(name)]:
        pytest.exit(f"This machine has a policy of its own, in {', '.join(map(str, found))}: take it away.", 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let reports tell what is marked: their keywords hold the names of folders, too."""
    for item in items:
        if item.get_closest_marker("live"):
            item.user_properties.append(("live", True))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note which of those that need the real Livy, YARN or Kerberos ran, and why the others did not."""
    if not dict(report.user_properties).get("live"):
        return
    _live.add(report.nodeid)
    if report.skipped:
        _reasons[report.nodeid] = _reason(report)
    elif report.when == "call":
        _ran[report.nodeid] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what became of each, beside what earlier runs have left there."""
    if _ran and not hasattr(session.config, "workerinput"):  # xdist's workers know a part
        file = session.config.rootpath / "build" / "live.json"
        file.parent.mkdir(exist_ok=True)
        known = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps({**known, **_ran}, indent=1, sort_keys=True), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say before pytest's own summary that all ran."""
    if _live and not _reasons:
        terminalreporter.write_line(f"live: {len(_ran)} of {len(_live)} ran")


def pytest_unconfigure() -> None:
    """Say after it how many did not, and what was missing."""
    if _reasons:
        print(f"live: {len(_ran)} of {len(_live)} ran ({_told(_reasons.values())})")  # noqa: T201 - pytest is done


def _reason(report: pytest.TestReport) -> str:
    """Return what comes before the colon of the reason: ``no Livy archive``."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").partition(":")[0]


def _told(reasons: object) -> str:
    counted = Counter(reasons)
    return "; ".join(reason if len(counted) == 1 else f"{reason}: {count}" for reason, count in counted.most_common())
