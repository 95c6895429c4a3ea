"""``make bench``: ratios within one run, on whatever machine; milliseconds are goals, not tests."""

from __future__ import annotations

import argparse

from benchmarks import diagnosis, first_result, loading, policy, sessions, this_notebook, time_to_reason
from demo.world import world


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--loads", type=int, default=21, help="Fresh IPython processes.")
    parser.add_argument("--kernels", type=int, default=3, help="Fresh PySpark kernels of each kind.")
    parser.add_argument("--requests", type=int, default=2_000, help="Requests judged under a large policy.")
    parser.add_argument(
        "--listings", type=int, default=7, help="Fresh processes that list 1,000 sessions, of each kind."
    )
    options = parser.parse_args()
    for line in policy.rows(options.requests):
        print(line, flush=True)
    for line in diagnosis.rows():
        print(line, flush=True)
    for line in loading.rows(options.loads):
        print(line, flush=True)
    for line in sessions.rows(options.listings):
        print(line, flush=True)
    with world() as here:
        for line in first_result.rows(here, options.kernels):
            print(line, flush=True)
        for line in this_notebook.rows(here, options.kernels):
            print(line, flush=True)
    for line in time_to_reason.rows():
        print(line, flush=True)


if __name__ == "__main__":
    main()
