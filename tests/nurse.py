"""Imports the modules that it is given, then runs others in processes forked off itself, one for each line it reads.

A line is the JSON of ``argv`` (from the module on), ``env`` and ``cwd``; the answer is the pid.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import sys


def main() -> None:
    # ipykernel reads whose child it is while it is imported, and ends with that process.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    for name in sys.argv[1:]:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads the tests' output means these
    for line in sys.stdin.buffer:
        if os.fork() == 0:
            run(**json.loads(line))
            return


def run(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Become the process that ``python -m`` would be, up to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    os.write(1, b"%d\n" % os.getpid())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    if "COVERAGE_PROCESS_START" in env or "COVERAGE_PROCESS_CONFIG" in env:
        import coverage

        coverage.process_startup()
    sys.path[0] = cwd
    sys.argv[:] = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
