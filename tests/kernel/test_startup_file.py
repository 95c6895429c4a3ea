"""The start-up file of `livyguard enable` in SparkMagic's own kernel, where it runs after SparkMagic is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from livyguard.cli.enable import source

if TYPE_CHECKING:
    from .conftest import Lab

BROKEN = "def load_ipython_extension(shell):\n    raise RuntimeError('the disk is full')\n"


def enable(lab: Lab, *, strict: bool = False) -> None:
    lab.forks = False  # begun as Jupyter does: this is about what happens when
    startup = lab.folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    text = source()
    (startup / "50-livyguard.py").write_text(text.replace("STRICT = False", "STRICT = True") if strict else text)


@pytest.fixture
def broken_package(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.folder / "shadow" / "livyguard").mkdir(parents=True)
    (lab.folder / "shadow" / "livyguard" / "__init__.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(lab.folder / "shadow"))


def test_a_kernel_is_guarded_from_its_first_cell(lab: Lab) -> None:
    enable(lab)
    kernel = lab.start(load=False)

    said = kernel.fine('%%configure -f\n{"numExecutors": 40}')

    assert "LG701" in said.text
    assert "does not guard" not in said.text


@pytest.mark.usefixtures("broken_package")
def test_a_broken_package_is_said_in_the_first_cell_and_spark_goes_on_unguarded(lab: Lab) -> None:
    enable(lab)
    kernel = lab.start(load=False)

    first, second = kernel.fine("1 + 1"), kernel.fine("2 + 2")

    assert "livyguard does not guard this kernel, so nothing limits its Spark sessions" in first.stderr
    assert "RuntimeError: the disk is full" in first.stderr
    assert "does not guard" not in second.text


@pytest.mark.usefixtures("broken_package")
@pytest.mark.parametrize("cell", ["1 + 1", "%%sql\nselect 1", '%%configure -f\n{"numExecutors": 40}', "%%spark\n1"])
def test_strict_refuses_every_cell_that_reaches_spark_and_no_other(lab: Lab, cell: str) -> None:
    enable(lab, strict=True)
    kernel = lab.start(load=False)
    lab.sandbox.requests.clear()

    refused, local = kernel.fails(cell), kernel.fine("%%local\nprint(6 * 7)")

    assert "so Spark cells are refused" in refused.error
    assert "42" in local.stdout
    assert list(lab.sandbox.requests) == []
