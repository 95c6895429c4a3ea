"""What a listing passes over makes no difference to what a session can hold at most."""

import pytest
from hypothesis import given

from livyguard.policy.footprint import WEIGHTS, bears_on_ceiling, ceiling
from livyguard.policy.options import heap_of
from tests.property.cases import BODIES, CONF
from tests.property.spark_names import ENVIRONMENTS, JVM_VARIABLES, OPTIONS

JAVA = [*OPTIONS, *(f"{prefix}{name}" for prefix in ENVIRONMENTS for name in JVM_VARIABLES)]
WEIGHED = [name.removeprefix("conf.") for name in WEIGHTS]
OTHERS = ["spark.yarn.tags", "spark.app.name", "spark.jars.packages"]
VALUES = ["4g", "0.3", "3", "true", "false", "-Xmx4g", "-Dspark.executor.memory=9g", "-Dspark.executor.instances=7"]
SIZES = {"numExecutors": 3, "executorMemory": "2g", "executorCores": 2, "driverMemory": "1g", "driverCores": 1}
SILENT = {"numExecutors": 3, "conf": {"spark.executor.memory": "2g", "spark.memory.offHeap.size": "1g"}}


@given(body=BODIES)
def test_keys_that_do_not_bear_on_a_ceiling_can_be_left_out(body):
    conf = body.get("conf")
    less = {key: value for key, value in conf.items() if bears_on_ceiling(key)} if isinstance(conf, dict) else conf

    assert ceiling({**body, "conf": less}) == ceiling(body)


@pytest.mark.parametrize("key", sorted({*CONF, *JAVA, *WEIGHED, *OTHERS}))
@pytest.mark.parametrize("body", [{**SIZES, "conf": {}}, {**SILENT, "driverMemory": "1g"}, SILENT])
def test_a_key_that_makes_a_difference_bears_on_the_ceiling(body, key):
    with_it = [ceiling({**body, "conf": {**body["conf"], key: value}}) for value in VALUES]

    assert bears_on_ceiling(key) or with_it == [ceiling(body)] * len(VALUES)


def test_the_java_options_that_are_tried_are_such():
    assert all(heap_of(key) for key in JAVA)
