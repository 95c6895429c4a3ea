"""What becomes of the codes of lint's checks that are gone; the others have their pages in ``lint_*``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RETIRED"]

#: Codes of checks that are gone, with what they said. None of them is given to another check.
RETIRED: Mapping[str, str] = MappingProxyType({"LG891": "a quota is read and not enforced"})
