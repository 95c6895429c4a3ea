"""Every route by which SparkMagic creates a session ends at the guard: clamped as the policy says, or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.routes import ROUTES, Notebook, is_clamped, is_refused, replaced

from .conftest import PYSPARK

if TYPE_CHECKING:
    from .conftest import Lab


def sessions(lab: Lab) -> list[dict[str, Any]]:
    answer = requests.get(f"{lab.sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return list(answer.json()["sessions"])


def guarded(lab: Lab, argv: list[str]) -> Notebook:
    return Notebook(lab.start(argv), lab.sandbox.url, is_wrapper=argv is PYSPARK)


@pytest.mark.parametrize(("argv", "take"), ROUTES)
def test_a_greedy_request_is_clamped_on_every_route(lab: Lab, argv: list[str], take: Any) -> None:
    notebook = guarded(lab, argv)
    before = len(sessions(lab))

    session = is_clamped(take, notebook, lambda: sessions(lab)[-1])

    assert session["driverMemory"] == "1g"
    if take is not replaced:
        assert len(sessions(lab)) == before + 1


@pytest.mark.parametrize(("argv", "take"), ROUTES)
def test_a_denied_request_creates_nothing_and_leaves_nothing_behind(lab: Lab, argv: list[str], take: Any) -> None:
    notebook = guarded(lab, argv)

    is_refused(take, notebook)

    assert not [session for session in sessions(lab) if "spark.hadoop.fs.s3a.secret.key" in session["conf"]]
    if notebook.is_wrapper:  # nothing sticks: the next cell works, with settings that pass
        notebook.kernel.fine("%%configure -f\n{}")
        assert "fatal error" not in notebook.kernel.fine("2 + 2").text
