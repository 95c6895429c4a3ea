"""What the live tests share: an unpacked Livy, a Kerberos realm, and the count of what could not be had."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psutil
import pytest

from livyguard.sandbox.livy.archive import NoArchive, home
from tests.live.failing_livy import OPTIONS, running
from tests.live.kerberos import Realm, missing
from tests.live.mending import configure
from tests.live.people import Person
from tests.live.yarn_stack import ROOMY, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from livyguard.sandbox.livy.server import LivyServer
    from tests.lab import Kernel, Lab


def _processes_below(folder: Path) -> set[psutil.Process]:
    """Return the processes that run in a folder, or name a path below it."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(folder) in " ".join([process.cwd(), *process.cmdline()]):
                found.add(process)
    return found


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every server, driver and kernel of a module has ended when its stack has, on success and on failure."""
    folder = tmp_path_factory.getbasetemp()
    before = _processes_below(folder)
    yield
    left = _processes_below(folder) - before
    assert [process.cmdline() for process in left] == []


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Let coverage follow no process that begins: its limits hold where no Livy is to be had and these are skipped."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module", autouse=True)
def _untraced() -> Iterator[None]:
    with untraced():
        yield


@pytest.fixture(scope="session")
def livy_home(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Return where a version of Livy is unpacked; a test that cannot have it is skipped, and counted."""
    folder = request.config.rootpath / ".cache" / "livy"

    def unpacked(version: str) -> Path:
        try:
            return home(version, folder)
        except NoArchive as fault:
            pytest.skip(f"no Livy archive: {fault}")

    return unpacked


@pytest.fixture(scope="module")
def stack(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run Livy 0.9.0 and YARN with room for several people's sessions; a module that needs another has its own."""
    folder = tmp_path_factory.mktemp("stack")
    with Stack(livy_home("0.9.0"), folder, users=True, memory_mb=ROOMY) as stack:
        yield stack
        stack.clear()


@pytest.fixture(scope="module")
def lab(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A user's machine in front of the module's YARN."""
    with stack.lab(tmp_path_factory.mktemp("alice")) as lab:
        yield lab


@pytest.fixture(scope="module")
def kernel(lab: Lab) -> Kernel:
    """A kernel that lives through all tests of a module."""
    return lab.start()


@pytest.fixture
def notebook(kernel: Kernel) -> Iterator[Kernel]:
    """Yield the notebook, without a session and with nothing configured; its kernel is the same in every test."""
    configure(kernel, {})
    yield kernel
    kernel.fine("%livy_recover")


@pytest.fixture(scope="module")
def server(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivyServer]:
    """Run Livy 0.9.0 on local Spark, which tells users apart and refuses much."""
    with running(OPTIONS, livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        yield server


@pytest.fixture(scope="module")
def admin(server: LivyServer) -> Person:
    """Who may do all in the module's Livy."""
    return Person(server, "admin")


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """A Kerberos realm of its own for each module."""
    lacking = missing()
    if lacking is not None:
        pytest.skip(lacking)
    with Realm(tmp_path_factory.mktemp("realm")) as realm:
        yield realm
