"""Share one Spark cluster through Apache Livy and SparkMagic without starving each other.

``%load_ext livyguard`` guards every Livy session that SparkMagic creates from here on with the operator's policy;
``%livy_sessions`` shows who holds the cluster; ``%livy_release`` frees what lies idle. This module imports nothing
heavy: an IPython start-up file may load it in every kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["__version__", "load_ipython_extension", "unload_ipython_extension"]

__version__ = "0.1.0"


def load_ipython_extension(ip: InteractiveShell) -> None:
    """Guard this kernel: what ``%load_ext livyguard`` calls."""
    from livyguard.magics.extension import load  # noqa: PLC0415 - the package itself stays light

    load(ip)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """Undo exactly what loading did: what ``%unload_ext livyguard`` calls."""
    from livyguard.magics.extension import unload  # noqa: PLC0415 - the package itself stays light

    unload(ip)
