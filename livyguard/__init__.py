"""Share one Spark cluster through Apache Livy and SparkMagic without starving each other.

``%load_ext livyguard`` guards every Livy session that SparkMagic creates from here on with the operator's policy;
``%livy_sessions`` shows who holds the cluster; ``%livy_release`` frees what lies idle. This module imports nothing
heavy: an IPython start-up file may load it in every kernel.
"""

from __future__ import annotations

from typing import Any

from livyguard._version import __version__

__all__ = ["__version__", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(ip: Any) -> None:
    """Guard this kernel: what ``%load_ext livyguard`` calls with IPython's shell."""
    from livyguard.magics.extension import load  # noqa: PLC0415 - the package itself stays light

    load(ip)


def unload_ipython_extension(ip: Any) -> None:
    """Undo exactly what loading did: what ``%unload_ext livyguard`` calls with IPython's shell."""
    from livyguard.magics.extension import unload  # noqa: PLC0415 - the package itself stays light

    unload(ip)
