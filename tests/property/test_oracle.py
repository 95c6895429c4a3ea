"""The oracle stands on its own, and reads what Spark reads; livyguard reads the same, or refuses."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from livyguard.policy import kinds, units
from livyguard.policy.options import lift
from tests.property import spark_values
from tests.property.oracle import launch

HERE = Path(__file__).parent
OBSERVED = json.loads((HERE / "spark_parsers.json").read_text(encoding="utf-8"))
ORACLE = {
    "size in MiB": lambda text: spark_values.size(text, "m"),
    "size in bytes": lambda text: spark_values.size(text, "b"),
    "whole": spark_values.whole,
    "flag": spark_values.flag,
    "share": spark_values.share,
    "options": lambda text: spark_values.every_split(text)[0],
}
OURS = {
    "size in MiB": kinds.MEBIBYTES.read,
    "size in bytes": kinds.BYTES.read,
    "time in ms": kinds.MILLISECONDS.read,
    "time in s": kinds.SECONDS.read,
    "whole": units.read_count,
    "flag": units.read_flag,
    "share": lambda text: float(kinds.FACTOR.read(text)),
}
#: What Spark reads and livyguard refuses: other scripts' digits, hexadecimal and endless numbers.
REFUSED = {"\uff14\uff10\uff10", "\u0664", "0x1p3", "Infinity", "1e400"}


@pytest.mark.parametrize("module", ["oracle.py", "spark_names.py", "spark_values.py", "attempts.py"])
def test_it_shares_no_code_with_what_it_judges(module):
    tree = ast.parse((HERE / module).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }

    assert not any(name.partition(".")[0] == "livyguard" for name in imported)


def reading(read, text):
    try:
        return read(text)
    except (spark_values.NotReadable, units.Unreadable):
        return None


@pytest.mark.parametrize("kind", ORACLE)
def test_the_oracle_reads_what_spark_reads(kind):
    for text, observed in OBSERVED[kind].items():
        read = reading(ORACLE[kind], text)
        assert read == (float("inf") if observed == "inf" else observed), (kind, text)


@pytest.mark.parametrize("kind", OURS)
def test_livyguard_reads_what_spark_reads_or_refuses(kind):
    for text, observed in OBSERVED[kind].items():
        read = reading(OURS[kind], text)
        is_nought = (kind, text) == ("share", "-0")  # Spark wants more than nought there and does not start
        assert read == observed or (read is None and text in REFUSED) or is_nought, (kind, text)


def test_livyguard_parts_options_as_spark_does_or_refuses():
    for text, observed in OBSERVED["options"].items():
        lifted = lift(text)
        assert (lifted.heap == "8g") == ("-Xmx8g" in observed) or lifted.doubt is not None, text


@pytest.mark.parametrize(
    ("conf", "container"),
    [
        ({}, 1408),
        ({"memory": "8g"}, 9011),
        ({"memory": "3839m"}, 4223),
        ({"memory": "8g", "memoryOverhead": "1g"}, 9216),
        ({"memory": "8g", "pyspark.memory": "1g"}, 10035),
    ],
)
def test_an_executor_is_as_large_as_spark_asks_for(conf, container):
    """The sizes were observed: ResourceProfile.getResourcesForClusterManager of Spark 3.5.9."""
    named = {f"spark.executor.{key}": value for key, value in conf.items()}
    found = launch({"numExecutors": 1, "conf": {**named, "spark.dynamicAllocation.enabled": "false"}})

    assert found.faults == []
    assert found.most["session.memory"] == 1408 + container


@pytest.mark.parametrize(
    ("numbers", "starts"),
    [
        ({"instances": 5, "max": 4}, False),
        ({"initial": 5, "max": 4}, False),
        ({"min": 5, "max": 4}, False),
        ({"min": 3, "initial": 1, "max": 4}, True),
        ({"max": 0}, False),
    ],
)
def test_spark_starts_only_with_executors_between_the_least_and_the_most(numbers, starts):
    """Observed: SchedulerBackendUtils.getInitialTargetExecutorNumber of Spark 3.5.9."""
    conf = {f"spark.dynamicAllocation.{key}Executors": value for key, value in numbers.items() if key != "instances"}
    body = {"numExecutors": numbers.get("instances"), "conf": {**conf, "spark.dynamicAllocation.enabled": True}}

    assert (launch(body).faults == []) is starts
