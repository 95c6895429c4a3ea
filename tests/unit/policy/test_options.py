"""Java options that set what a property sets."""

from __future__ import annotations

import pytest

from livyguard.policy.options import Lifted, heap_of, lift


def test_plain_options_stay_as_they_are():
    assert lift("-XX:+UseG1GC  -Da='b c'").rest == "-XX:+UseG1GC  -Da='b c'"


@pytest.mark.parametrize(
    ("option", "heap"),
    [
        ("-Xmx8g", "8g"),
        ("-Xmx8192m", "8192m"),
        ("-Xmx8589934592", "8589934592b"),
        ("-XX:MaxHeapSize=8g", "8g"),
        ("'-Xmx8g'", "8g"),
    ],
)
def test_the_heap_is_taken_out(option, heap):
    lifted = lift(f"-Da=b {option}")

    assert lifted.heap == heap
    assert lifted.rest == "-Da=b"


def test_the_last_of_several_heaps_counts_as_in_java():
    assert lift("-Xmx1g -Xmx64g").heap == "64g"


def test_spark_properties_are_taken_out():
    lifted = lift("-Dspark.executor.instances=99 -Dlivy.rsc.proxy-user=bob -Dspark.ui.enabled -Dother=1")

    assert lifted.properties == (
        ("spark.executor.instances", "99"),
        ("livy.rsc.proxy-user", "bob"),
        ("spark.ui.enabled", ""),
    )
    assert lifted.rest == "-Dother=1"


@pytest.mark.parametrize(
    "options", ["-Xmx${spark.x}", "'-Xmx8g", "@/tmp/more", "-XX:VMOptionsFile=/tmp/more", "-XX:Flags=.x"]
)
def test_options_that_cannot_be_read_before_they_run_are_in_doubt(options):
    lifted = lift(options)

    assert lifted.doubt is not None
    assert lifted.rest == options


@pytest.mark.parametrize(
    "options",
    [
        "-Da=b\\ -Xmx64g",
        '"-X\\mx64g"',
        "-X\\mx64g",
        "-Xmx64g\\",
        "-Da=b\x0c-Xmx64g",
        "-Da=b\x1f-Xmx64g",
        "-Da=b\u2003-Xmx64g",
        "-Da=b\u2028-Dspark.executor.instances=99",
        "-Da=b\x0b@/tmp/more",
    ],
)
def test_options_that_spark_and_java_part_differently_are_in_doubt(options):
    lifted = lift(options)

    assert lifted.doubt is not None
    assert (lifted.rest, lifted.heap, lifted.properties) == (options, None, ())


@pytest.mark.parametrize(
    "options", ["-Da=b\\ c", '-Dlog="a \\"b\\" c"', "-Da=b\u2003c", "-Da=b\u00a0-Xmx64g", "'-X\\mx64g'", ""]
)
def test_odd_options_that_set_nothing_stay_as_they_are(options):
    assert lift(options) == Lifted(options)


@pytest.mark.parametrize("options", ["-X'mx'64g", '-X""mx64g', "'-Xmx64g'", "''  -Xmx64g -D'a=b c'"])
def test_quotes_hide_no_heap(options):
    assert lift(options).heap == "64g"


@pytest.mark.parametrize(
    ("key", "heap"),
    [
        ("spark.driver.extraJavaOptions", "driver.memory"),
        ("spark.driver.defaultJavaOptions", "driver.memory"),
        ("spark.executor.extraJavaOptions", "executor.memory"),
        ("spark.executorEnv.JAVA_TOOL_OPTIONS", "executor.memory"),
        ("spark.yarn.appMasterEnv._JAVA_OPTIONS", "driver.memory"),
        ("spark.executorEnv.PATH", None),
        ("spark.app.name", None),
    ],
)
def test_which_heap_the_options_of_a_key_set(key, heap):
    assert heap_of(key) == heap
