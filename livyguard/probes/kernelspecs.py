"""SparkMagic's kernels as Jupyter lists them, and whether livyguard is where they run."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

from livyguard.doctor.ports import KernelFacts, SpecFacts

__all__ = ["kernels"]

#: How the modules begin that SparkMagic's kernels are.
_WRAPPER = "sparkmagic.kernels."
#: An interpreter says whether livyguard is there, without loading it.
_ASK = "import importlib.util, sys; sys.exit(importlib.util.find_spec('livyguard') is None)"
_SECONDS = 5.0


def kernels() -> KernelFacts:
    """Return SparkMagic and its kernels; an interpreter that is another than this one is asked."""
    try:
        package = importlib.metadata.distribution("sparkmagic")
    except importlib.metadata.PackageNotFoundError:
        return KernelFacts(None)
    from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415 - slow to import, and only for this
    from jupyter_core.paths import jupyter_path  # noqa: PLC0415 - as above

    asked: dict[str, bool | None] = {}
    found = []
    listed = KernelSpecManager(kernel_dirs=jupyter_path("kernels"))  # by itself it would make an IPython folder
    for name, entry in sorted(listed.get_all_specs().items()):
        argv = [str(part) for part in entry.get("spec", {}).get("argv", [])]
        if any(part.startswith(_WRAPPER) for part in argv):
            if argv[0] not in asked:
                asked[argv[0]] = _has_livyguard(argv[0])
            found.append(SpecFacts(name, argv[0], asked[argv[0]]))
    folder = package.locate_file("sparkmagic/kernels/pysparkkernel")
    return KernelFacts(package.version, tuple(found), str(folder))


def _has_livyguard(interpreter: str) -> bool | None:
    """Tell whether it is there; ``python`` without a folder is whatever Jupyter itself runs by."""
    path = Path(interpreter)
    if not path.name.lower().startswith("python"):
        return None
    if not path.is_absolute() or _is_this(path):
        return True
    if shutil.which(interpreter) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - what Jupyter starts by itself for each such notebook
            [interpreter, "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            cwd=os.sep,  # where nothing of ours can be imported by chance
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {0: True, 1: False}.get(done.returncode)


def _is_this(interpreter: Path) -> bool:
    """Tell whether it is this very environment's: a link to the same Python may be another environment's."""
    try:
        return interpreter.parent.resolve() == Path(sys.executable).parent.resolve()
    except OSError:
        return False
