"""One piece of work in a process of its own: ``python -m benchmarks.contender NAME URL FOLDER``.

Prints JSON: seconds, how many sessions, MiB of memory beyond what the process held before, threads left behind.
Imports and the making of clients are over before the clock starts; no connection is open.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.livy_listing import HOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 100
KIB = 1_024
#: Who lists: nobody whose sessions there are, so that nobody's last statement is of interest.
WHO = "onlooker"

#: Everybody whose sessions are listed is of one team.
QUOTAS = """
version = 1
[cluster]
manager = "yarn"
dynamic_allocation = true
[[tenant]]
name = "everybody"
users = ["*"]
quota = { sessions = 1000, executors = 10_000 }
team_quota = { executors = 1_000_000, memory = "1000t" }
[tenant.limits]
"executors.max" = { max = 8, default = 5 }
"executor.memory" = { max = "16g", default = "4g" }
"driver.memory" = { max = "8g", default = "2g" }
"""


def plain(url: str, _folder: Path) -> Callable[[], int]:
    """Return plain paged GETs; the JSON of every page is kept, as whoever has no library would."""
    import requests

    http = requests.Session()
    http.auth = (WHO, "any")

    def run() -> int:
        found: list[Any] = []
        while True:
            answer = http.get(f"{url}/sessions", params={"from": len(found), "size": PAGE}, timeout=60).json()
            found += answer["sessions"]
            if len(found) >= answer["total"]:
                return len(found)

    return run


def livyguard(url: str, folder: Path) -> Callable[[], int]:
    """Return the listing of ``livyguard sessions``."""
    from livyguard.bootstrap import SystemClock, connect
    from livyguard.ledger import FileLedger
    from livyguard.listing import list_sessions

    store, ledger = connect(url, auth=(WHO, "any")), FileLedger(folder / "ledger", "benchmark")

    def run() -> int:
        rows = list(list_sessions([store], ledger, SystemClock()))
        if any(row.owner is None or not row.state for row in rows):
            raise SystemExit("A session is listed without its owner or state.")
        if not any(row.session.ceiling.memory_mib for row in rows):
            raise SystemExit("No session is listed with its ceiling.")
        return len(rows)

    return run


def unlocked(url: str, folder: Path) -> Callable[[], int]:
    """Return the least by which a creation can be counted: plain listings before and after a plain POST."""
    count = plain(url, folder)
    import requests

    http = requests.Session()
    http.auth = (WHO, "any")

    def run() -> int:
        count()
        http.post(f"{url}/sessions", json={"kind": "pyspark", "numExecutors": 4}, timeout=60).raise_for_status()
        return count()

    return run


def quota(url: str, folder: Path) -> Callable[[], int]:
    """Return a creation under quotas for one user and for a team of everybody who holds a session there."""
    from livyguard.bootstrap import Parts, connect
    from livyguard.cli.display import TerminalDisplay

    (folder / "policy.toml").write_text(QUOTAS, "utf-8")
    os.environ.update({"HOME": str(folder), "LIVYGUARD_POLICY": str(folder / "policy.toml")})
    store, parts = connect(url, auth=(WHO, "any")), Parts(TerminalDisplay())
    parts.policies.policy()
    guard = parts.guard

    def run() -> int:
        return guard.create(store, {"kind": "pyspark", "numExecutors": 4}).session.id + 1

    return run


def release(url: str, folder: Path) -> Callable[[], int]:
    """Return the release of everything that is idle of mine."""
    from livyguard.bootstrap import SystemClock, connect
    from livyguard.ledger import FileLedger
    from livyguard.release import ReleaseRequest
    from livyguard.release import release as free

    store, ledger = connect(url, auth=(HOLDER, "any")), FileLedger(folder / "ledger", "benchmark")

    def run() -> int:
        report = free([store], ledger, SystemClock(), ReleaseRequest())
        return sum(outcome.result == "released" for outcome in report.outcomes)

    return run


def sparkmagic(url: str, folder: Path) -> Callable[[], int]:
    """Return SparkMagic's listing; its settings are those of its code."""
    controller, endpoint = _controller(url, folder)
    return lambda: len(controller.get_all_sessions_endpoint(endpoint))


def info(url: str, folder: Path) -> Callable[[], int]:
    """Return what ``%%info`` does: the listing, then its table."""
    controller, endpoint = _controller(url, folder)
    from sparkmagic.utils.utils import get_sessions_info_html

    return lambda: get_sessions_info_html(controller.get_all_sessions_endpoint(endpoint), None).count("<tr>") - 1


def cleanup(url: str, folder: Path) -> Callable[[], int]:
    """Return what ``%%cleanup -f`` does beside the notebook's own session."""
    controller, endpoint = _controller(url, folder)
    return lambda: controller.cleanup_endpoint(endpoint) or 0


def silent_cleanup(url: str, folder: Path) -> Callable[[], int]:
    """Return the same without heartbeats, as SparkMagic's example of a configuration has it."""
    (folder / "config.json").write_text(json.dumps({"livy_server_heartbeat_timeout_seconds": 0}), "utf-8")
    return cleanup(url, folder)


def _controller(url: str, folder: Path) -> tuple[Any, Any]:
    os.environ.update({"HOME": str(folder), "SPARKMAGIC_CONF_DIR": str(folder)})
    from hdijupyterutils.ipythondisplay import IpythonDisplay
    from sparkmagic.livyclientlib.endpoint import Endpoint
    from sparkmagic.livyclientlib.sparkcontroller import SparkController

    return SparkController(IpythonDisplay()), Endpoint(url, None)


WORK = {
    each.__name__: each
    for each in (plain, livyguard, unlocked, quota, release, sparkmagic, info, cleanup, silent_cleanup)
}


def main() -> None:
    name, url, folder = sys.argv[1:]
    with contextlib.redirect_stderr(io.StringIO()):  # urllib3 warns of SparkMagic's full pool
        run = WORK[name](url, Path(folder))
        threads, memory, begun = threading.active_count(), _memory("VmRSS"), time.perf_counter()
        number = run()
        seconds = time.perf_counter() - begun
    more = _memory("VmHWM") - memory
    left = threading.active_count() - threads
    print(json.dumps({"seconds": seconds, "sessions": number, "mebibytes": more, "threads": left}), flush=True)
    os._exit(0)  # SparkMagic's heartbeats would go on


def _memory(name: str) -> float:
    """Return this process's resident memory, MiB: now (VmRSS) or at its peak (VmHWM); its peak where there is no /proc.

    ``ru_maxrss`` counts the memory of the process that started this one, too, on Linux.
    """
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / KIB / (KIB if sys.platform == "darwin" else 1)
    return next(float(line.split()[1]) / KIB for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
