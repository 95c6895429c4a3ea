"""Folding a body: every spelling names one property."""

from __future__ import annotations

import pytest

from livyguard.policy.fold import fold


@pytest.mark.parametrize(
    "body",
    [
        {"numExecutors": 40},
        {"numExecutors": "40"},
        {" numExecutors ": " 40 "},
        {"conf": {"spark.executor.instances": 40}},
        {"conf": {" spark.executor.instances ": "40"}},
        {"spark.executor.instances": "40"},
        {"conf": {"spark.driver.extraJavaOptions": "-Dspark.executor.instances=40"}},
    ],
)
def test_every_spelling_of_a_count_is_the_same_body(body):
    assert fold(body).to_body() == {"numExecutors": 40}


@pytest.mark.parametrize(
    "body",
    [
        {"executorMemory": "8192M"},
        {"executorMemory": 8192},
        {"conf": {"spark.executor.memory": "8g"}},
        {"conf": {"spark.executor.extraJavaOptions": "-Xmx8g"}},
        {"conf": {"spark.executorEnv.JAVA_TOOL_OPTIONS": "-Xmx8g"}},
    ],
)
def test_every_spelling_of_a_size_is_the_same_body(body):
    assert fold(body).to_body() == {"executorMemory": "8g"}


@pytest.mark.parametrize(
    "key",
    ["livy.rsc.proxy-user", "livy.rsc.proxy_user", "spark.__livy__.livy.rsc.proxy-user"],
)
def test_livys_own_keys_are_the_top_level_field(key):
    assert fold({"conf": {key: "bob"}}).to_body() == {"proxyUser": "bob"}


def test_old_names_are_the_new_ones():
    assert fold({"conf": {"spark.yarn.executor.memoryOverhead": "512"}}).to_body() == {
        "conf": {"spark.executor.memoryOverhead": "512m"}
    }


def test_hadoops_trimmed_names_are_trimmed():
    assert fold({"conf": {"spark.hadoop. fs.s3a.secret.key ": "x"}}).to_body() == {
        "conf": {"spark.hadoop.fs.s3a.secret.key": "x"}
    }


def test_the_top_level_field_wins_and_the_notice_names_the_loser():
    request = fold({"numExecutors": 4, "conf": {"spark.executor.instances": 40}})

    assert request.to_body() == {"numExecutors": 4}
    assert request.notices == ("conf spark.executor.instances is left out: numExecutors says it too, and wins.",)


def test_the_new_name_wins_over_the_old_one():
    conf = {"spark.yarn.executor.memoryOverhead": "9g", "spark.executor.memoryOverhead": "1g"}

    assert fold({"conf": conf}).to_body() == {"conf": {"spark.executor.memoryOverhead": "1g"}}


def test_a_null_spelling_does_not_hide_another_one():
    assert fold({"executorMemory": None, "conf": {"spark.executor.memory": "8g"}}).to_body() == {"executorMemory": "8g"}


def test_null_clears_what_the_operator_says():
    request = fold({"executorMemory": None, "conf": None})

    assert request.cleared == {"executor.memory"}
    assert request.clears_conf


def test_lists_of_both_places_are_put_together_as_livy_does():
    request = fold({"jars": ["a.jar,b.jar"], "conf": {"spark.jars": "c.jar d.jar"}})

    assert request.to_body() == {"jars": ["a.jar", "b.jar", "c.jar", "d.jar"]}


@pytest.mark.parametrize("jars", [3, ["a", 4], {"a": 1}])
def test_a_list_that_is_none_stays_as_it_is(jars):
    request = fold({"jars": jars})

    assert request.entries["jars"].fault is not None
    assert request.to_body() == {"jars": jars}


def test_what_cannot_be_read_stays_as_it_is():
    body = {"numExecutors": "4.5", "conf": {"spark.dynamicAllocation.maxExecutors": True}}

    request = fold(body)

    assert request.entries["executors.count"].fault == "'4.5' is no whole number that Spark reads"
    assert request.to_body() == {"numExecutors": "4.5", "conf": {"spark.dynamicAllocation.maxExecutors": "true"}}


def test_conf_values_become_strings():
    conf = {"spark.a": True, "spark.b": 4, "spark.c": 0.5, "spark.d": "x"}

    assert fold({"conf": conf}).to_body()["conf"] == {
        "spark.a": "true",
        "spark.b": "4",
        "spark.c": "0.5",
        "spark.d": "x",
    }


def test_a_number_too_long_to_be_printed_is_still_no_failure():
    assert fold({"conf": {"spark.a": -(10**5000)}}).to_body() == {"conf": {"spark.a": "-1" + "0" * 5000}}


def test_a_field_that_livy_does_not_know_is_noted():
    request = fold({"numexecutors": 4, "nothing": None})

    assert request.unknown == {"numexecutors"}
    assert fold({"vendor": 4}, origin="").unknown == frozenset()
    assert fold({"vendor": 4}, origin="").notices == (
        "'vendor' is no field that livyguard knows; it goes to Livy as it is.",
    )


def test_a_conf_value_that_is_no_text_is_noted():
    assert fold({"conf": {"spark.a": {"b": 1}}}).entries["conf.spark.a"].is_nested


@pytest.mark.parametrize("body", [[1], "x", None, 4, {"conf": [1]}, {"conf": "x"}])
def test_what_is_no_object_is_misshapen(body):
    assert fold(body).misshapen is not None


def test_kinds_have_aliases():
    assert fold({"kind": "python"}).to_body() == {"kind": "pyspark"}


def test_options_within_options_are_in_doubt_however_deep():
    options = "-Dspark.driver.extraJavaOptions=" * 2_000 + "-Xmx64g"

    request = fold({"conf": {"spark.driver.extraJavaOptions": options}})

    assert [doubt.properties for doubt in request.doubts] == [("driver.memory", "executors.max")]


def test_folding_twice_is_folding_once():
    body = {"spark.a": 1, "conf": {"spark.driver.extraJavaOptions": "-Xmx4g -Da='b c'"}, "ttl": "90s", "idleTimeout": 1}
    body["heartbeatTimeoutInSecond"] = "60"
    once = fold(body).to_body()

    assert once["heartbeatTimeoutInSecond"] == 60
    assert fold(once).to_body() == once
