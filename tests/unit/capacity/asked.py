"""What the tests of the planner ask it: options as text, by name."""

from __future__ import annotations

import pytest

from livyguard.capacity.answer import answer
from livyguard.capacity.asking import Options, read
from livyguard.errors import InvalidInput

YARN = {"worker_memory": "56g", "worker_cores": "16", "executor_memory": "8g", "driver_memory": "4g"}
EKS = {"manager": "kubernetes", "worker_memory": "62g", "worker_cores": "15.5"}
STANDALONE = {"manager": "standalone", "worker_memory": "64g", "worker_cores": "16"}
#: A policy: four people at the worst hold 16 containers, on 8 workers of which each holds one.
SHARED = """
[cluster]
worker_type = "G.1X"
workers = 8
[[tenant]]
name = "analysts"
users = ["a", "b", "c", "d"]
quota = { sessions = 1 }
limits."executors.max" = { max = 3, default = 1 }
"""


def ask(**options):
    """Return the answer to a question; lists are given as they are typed."""
    return answer(read(Options(**options)))


def faults(**options):
    """Return what is wrong with a question, sentence by sentence."""
    with pytest.raises(InvalidInput) as caught:
        ask(**options)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()
