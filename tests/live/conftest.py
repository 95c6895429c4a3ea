"""What the live tests share: an unpacked Livy, and the count of what could not be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from livyguard.sandbox.livy.archive import NoArchive, home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
