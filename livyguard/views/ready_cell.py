"""A request as a cell that is ready to run, without secrets: outputs are saved with the notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.policy.redact import redact_text, without_secrets
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ready_cell"]


def ready_cell(body: Mapping[str, Any], magic: str) -> tuple[str, list[str]]:
    """Return a body as a ready cell, and sentences on what is left out of it.

    Args:
        body: of a request.
        magic: the cell's first line; empty for the content of a file, on the command line.
    """
    settings, secret = without_secrets(body)
    left_out = []
    if secret:
        names = plain(redact_text(", ".join(secret)), limit=500)
        left_out = [f"Values that look secret are left out of what follows; add them again: {names}."]
    if not magic:
        return json.dumps(settings, indent=2), left_out
    settings.pop("kind", None)  # it comes with the kernel
    return f"{magic}\n{json.dumps(settings, indent=2)}", left_out
