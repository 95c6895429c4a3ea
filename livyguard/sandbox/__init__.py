"""A Livy-compatible server for one laptop, with real PySpark behind it. Stands alone.

``livyguard sandbox`` runs it; ``Sandbox`` runs it inside a test::

    with Sandbox(engine="none") as sandbox:
        requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"})

It speaks Livy 0.9's REST for interactive sessions. It is no Livy: no access control, no time-outs, no cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.sandbox.background import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> object:
    """Import the server only when it is used: mounting the command must not need the ``sandbox`` extra."""
    if name == "Sandbox":
        from livyguard.sandbox.background import Sandbox  # noqa: PLC0415 - see the docstring

        return Sandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
