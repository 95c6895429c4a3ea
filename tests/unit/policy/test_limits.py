"""What a limit does to a value, by kind of limit."""

from __future__ import annotations

import pytest


def given(decision, name):
    """Return (asked, given) of the one change of a property."""
    return [(change.asked, change.given) for change in decision.changes if change.property == name]


def test_max_lowers(limits):
    decision = limits('"executor.memory" = { max = "16g" }', {"executorMemory": "65536m"})

    assert decision.verdict == "clamp"
    assert decision.request == {"executorMemory": "16g"}
    assert given(decision, "executor.memory") == [("65536m", "16g")]


def test_min_raises(limits):
    decision = limits('"executor.memory" = { min = "1g" }', {"executorMemory": "512m"})

    assert decision.request == {"executorMemory": "1g"}


def test_what_is_within_the_bounds_is_left_alone(limits):
    decision = limits('"executor.memory" = { min = "1g", max = "16g" }', {"executorMemory": "16384m"})

    assert (decision.verdict, decision.changes) == ("allow", ())
    assert decision.request == {"executorMemory": "16g"}


def test_a_default_is_filled_in_as_far_as_the_limit_lets_it(limits):
    decision = limits('"executor.memory" = { max = "4g", default = "8g" }', {})

    assert decision.verdict == "allow"
    assert given(decision, "executor.memory") == [(None, "4g")]


def test_fixed_sets_whether_asked_or_not(limits):
    lines = '"queue" = { fixed = "root.a" }'

    assert limits(lines, {}).verdict == "allow"
    assert limits(lines, {"queue": "root.a"}).changes == ()
    assert given(limits(lines, {"conf": {"spark.yarn.queue": "b"}}), "queue") == [("b", "root.a")]
    assert limits(lines, {"queue": None}).request == {"queue": "root.a"}


def test_forbidden_drops(limits):
    decision = limits('"conf.spark.x" = { forbidden = true }', {"conf": {"spark.x": "1", "spark.y": "2"}})

    assert decision.verdict == "clamp"
    assert decision.request == {"conf": {"spark.y": "2"}}
    assert given(decision, "conf.spark.x") == [("1", None)]


def test_forbidden_with_a_default_is_left_out_all_the_same(limits):
    lines = '"conf.spark.x" = { forbidden = true, default = "2" }'

    assert limits(lines, {"conf": {"spark.x": "1"}}).request == {}
    assert limits(lines, {}).request == {}


def test_a_scalar_outside_the_allowed_becomes_the_default(limits):
    lines = '"queue" = { allow = ["root.a", "root.b"], default = "root.b" }'

    assert limits(lines, {"queue": "root.a"}).changes == ()
    assert given(limits(lines, {"queue": "x"}), "queue") == [("x", "root.b")]


def test_a_scalar_outside_the_allowed_without_a_default_is_refused(limits):
    decision = limits('"queue" = { allow = ["root.a"] }', {"queue": "x"})

    assert decision.verdict == "deny"
    assert decision.violations[0].allowed == ["root.a"]
    assert decision.nearest == {}


def test_allowed_values_are_compared_as_spark_reads_them(limits):
    lines = '"executor.memory" = { allow = ["4g", "8g"] }'

    assert limits(lines, {"executorMemory": "8192M"}).verdict == "allow"
    assert limits(lines, {"executorMemory": "6g"}).violations[0].allowed == ["4g", "8g"]


def test_a_blocked_scalar_is_replaced_or_refused(limits):
    assert limits('"queue" = { block = ["x"] }', {"queue": "x"}).violations[0].allowed == "not x"
    assert limits('"queue" = { block = ["x"], default = "y" }', {"queue": "x"}).request == {"queue": "y"}


def test_a_pattern_is_matched_in_full(limits):
    lines = '"name" = { pattern = "[a-z]+" }'

    assert limits(lines, {"name": "abc"}).verdict == "allow"
    assert limits(lines, {"name": "abc1"}).violations[0].allowed == "what matches [a-z]+"


def test_a_pattern_over_sizes_sees_them_as_they_are_sent(limits):
    assert limits('"executor.memory" = { pattern = "[0-9]+g" }', {"executorMemory": "8192m"}).verdict == "allow"


def test_a_default_that_does_not_pass_is_refused(limits):
    decision = limits('"queue" = { allow = ["a"], default = "b" }', {})

    assert decision.violations[0].what == "has a default that does not pass"


@pytest.mark.parametrize(
    "body", [{"jars": ["a.jar", "evil.jar"]}, {"jars": ["a.jar,evil.jar"]}, {"conf": {"spark.jars": "a.jar evil.jar"}}]
)
def test_lists_are_judged_item_by_item(limits, body):
    decision = limits('"jars" = { block = ["evil.jar"] }', body)

    assert decision.verdict == "clamp"
    assert decision.request == {"jars": ["a.jar"]}


def test_a_list_of_which_nothing_is_left_is_left_out(limits):
    assert limits('"jars" = { allow = ["a.jar"] }', {"jars": ["x", "y"]}).request == {}


def test_packages_in_conf_are_a_list(limits):
    lines = "\"conf.spark.jars.packages\" = { pattern = 'io\\.delta:.*' }"

    decision = limits(lines, {"conf": {"spark.jars.packages": "io.delta:a:1, evil:b:2"}})

    assert decision.request == {"conf": {"spark.jars.packages": "io.delta:a:1"}}
    assert limits(lines, {"conf": {"spark.jars.packages": "io.delta:a:1, io.delta:b:1"}}).verdict == "allow"


def test_a_fixed_list_is_set(limits):
    assert limits('"jars" = { fixed = ["a.jar", "b.jar"] }', {}).request == {"jars": ["a.jar", "b.jar"]}


def test_an_allowed_list_may_be_written_with_commas(limits):
    assert limits('"jars" = { allow = ["a.jar,b.jar"] }', {"jars": ["b.jar"]}).verdict == "allow"


def test_required_takes_the_default_or_refuses(limits):
    assert limits('"name" = { required = true, default = "x" }', {}).request == {"name": "x"}
    assert limits('"name" = { required = true }', {"name": "y"}).verdict == "allow"
    assert limits('"name" = { required = true }', {}).violations[0].what == "is required"


def test_what_denies_refuses_with_reason_and_contact(limits):
    lines = (
        '"driver.memory" = { max = "4g", on_violation = "deny", reason = "small driver", contact = "ops@example.com" }'
    )

    violation = limits(lines, {"driverMemory": "8g"}).violations[0]

    assert violation.to_json() == {
        "property": "driver.memory",
        "asked": "8g",
        "allowed": "at most 4g",
        "code": "LG702",
        "rule": "team.limits.driver.memory",
        "reason": "small driver",
    }
    assert violation.contact == "ops@example.com"
    assert violation.what == "is above the limit"


def test_deny_can_be_the_rule_of_a_tenant_or_of_all(limits):
    lines = '"driver.memory" = { min = "4g" }'

    assert limits(lines, {"driverMemory": "1g"}, tenant='on_violation = "deny"').violations[0].allowed == "at least 4g"
    assert limits(lines, {"driverMemory": "1g"}, above='[defaults]\non_violation = "deny"').verdict == "deny"


def test_all_violations_come_at_once_in_the_order_of_the_properties(limits):
    lines = '"queue" = { allow = ["a"] }\n"name" = { allow = ["b"] }\n"driver.memory" = { max = "1g" }'

    decision = limits(lines, {"queue": "x", "name": "y", "driverMemory": "z"})

    assert [violation.property for violation in decision.violations] == ["driver.memory", "queue", "name"]


@pytest.mark.parametrize("value", ["lots", "1.5g", True, [], {"a": 1}, "0g"])
def test_what_spark_cannot_read_is_refused_with_its_reason(limits, value):
    for lines in ('"executor.memory" = { max = "4g" }', '"queue" = { fixed = "a" }'):
        decision = limits(lines, {"executorMemory": value})

        assert decision.verdict == "deny"
        assert decision.violations[0].reason


@pytest.mark.parametrize(
    "lines", ['"queue" = { fixed = "a" }', '"queue" = { pattern = ".*" }', '"queue" = { required = true }']
)
def test_what_spark_substitutes_is_refused_at_a_limited_property(limits, lines):
    decision = limits(lines, {"queue": "${env:QUEUE}"})

    assert decision.verdict == "deny"
    assert "${…}" in decision.violations[0].reason


def test_what_spark_substitutes_passes_where_nothing_is_limited(limits):
    body = {"queue": "${env:QUEUE}", "executorMemory": "${env:MEMORY}"}

    assert limits('"name" = { pattern = ".*" }', body).request == body


def test_keys_of_conf_have_the_kind_of_their_limit(limits):
    def judged(limit, value):
        decision = limits(f'"conf.spark.{limit[0]}" = {{ max = {limit[1]} }}', {"conf": {f"spark.{limit[0]}": value}})
        return decision.request["conf"][f"spark.{limit[0]}"] if decision.request else decision.verdict

    assert judged(("sql.shuffle.partitions", "200"), "2000") == "200"
    assert judged(("sql.shuffle.partitions", "200"), "lots") == "deny"
    assert judged(("sql.shuffle.partitions", "200"), {"a": 1}) == "deny"
    assert judged(("memory.fraction", "0.75"), "0.9") == "0.75"
    assert judged(("driver.maxResultSize", '"2g"'), "4096m") == "2g"
    assert judged(("network.timeout", '"2m"'), "300") == "2m"
    assert judged(("locality.wait", '"3s"'), "2999") == "2999"
    assert judged(("kryoserializer.buffer.max", '"64m"'), "65") == "64m"


def test_a_flag_of_conf_is_read_in_any_case(limits):
    lines = '"conf.spark.shuffle.service.enabled" = { fixed = true }'

    assert limits(lines, {"conf": {"spark.shuffle.service.enabled": "TRUE"}}).changes == ()
    assert limits(lines, {"conf": {"spark.shuffle.service.enabled": "false"}}).request == {
        "conf": {"spark.shuffle.service.enabled": "true"}
    }


def test_a_glob_spans_dots(limits):
    lines = '"conf.spark.hadoop.fs.s3a.*.key" = { forbidden = true }'
    conf = {"spark.hadoop.fs.s3a.bucket.b1.access.key": "a", "spark.hadoop. fs.s3a.secret.key": "b", "spark.key": "c"}

    assert limits(lines, {"conf": conf}).request == {"conf": {"spark.key": "c"}}


def test_the_most_specific_key_wins(limits):
    lines = '"conf.spark.*" = { forbidden = true }\n"conf.spark.sql.*" = { pattern = ".*" }'
    lines += '\n"conf.spark.sql.x" = { fixed = "1" }'
    conf = {"spark.a": "1", "spark.sql.b": "2", "spark.sql.x": "3"}

    assert limits(lines, {"conf": conf}).request == {"conf": {"spark.sql.b": "2", "spark.sql.x": "1"}}


def test_a_narrow_glob_holds_for_the_property_behind_the_key(limits):
    lines = '"conf.spark.executor.mem*" = { max = "4g" }'

    assert limits(lines, {"executorMemory": "8g"}).request == {"executorMemory": "4g"}


def test_a_wide_glob_holds_for_conf_alone(limits):
    assert limits('"conf.*" = { forbidden = true }', {"kind": "pyspark", "queue": "a"}).verdict == "allow"


def test_what_a_glob_says_and_the_property_cannot_take_is_left_out(limits):
    lines = '"conf.spark.executor.*" = { default = "x", allow = ["2", "x"] }'

    assert limits(lines, {"executorCores": 2}).verdict == "allow"
    assert limits('"conf.spark.submit.py*" = { block = ["a.py"] }', {"pyFiles": ["a.py", "b.py"]}).request == {
        "pyFiles": ["b.py"]
    }


def test_an_old_name_of_a_key_is_judged_with_the_new_one(limits):
    conf = {"spark.yarn.keytab": "k"}

    assert limits('"conf.spark.kerberos.keytab" = { forbidden = true }', {"conf": conf}).request == {}
    assert limits('"conf.spark.kerberos.*" = { forbidden = true }', {"conf": conf}).request == {}


def test_unlisted_keys_are_refused_where_only_named_ones_may_be_set(limits):
    lines = '"conf.spark.sql.*" = { pattern = ".*" }'
    more = {"tenant": 'unlisted = "deny"\nsession_configs = { conf = { "spark.mine" = "1" } }'}
    body = {"executorMemory": "1g", "conf": {"spark.sql.a": "1", "spark.other": "2", "spark.mine": "1"}}

    decision = limits(lines, body, **more)

    assert [violation.property for violation in decision.violations] == ["conf.spark.other"]
    assert decision.violations[0].rule == "team.unlisted"
    assert decision.nearest == {"executorMemory": "1g", "conf": {"spark.sql.a": "1", "spark.mine": "1"}}
    assert limits(lines, {"conf": {"spark.mine": "2"}}, **more).verdict == "deny"
    assert limits(lines, {}, operator=[{"conf": {"spark.settings": "1"}}], **more).verdict == "allow"


def test_spark_defaults_beyond_a_limit_are_overwritten(limits):
    above = '[cluster]\nspark_defaults = { "spark.executor.memory" = "64g", "spark.driver.memory" = "1g" }'
    lines = '"executor.memory" = { max = "8g" }\n"driver.memory" = { max = "8g" }\n"queue" = { max = 1 }'

    decision = limits(lines.replace('\n"queue" = { max = 1 }', ""), {}, above=above)

    assert decision.request == {"executorMemory": "8g"}
    assert given(decision, "executor.memory") == [(None, "8g")]


def test_spark_defaults_of_any_key_are_read_as_the_limit_reads_them(limits):
    above = '[cluster]\nspark_defaults = { "spark.sql.shuffle.partitions" = "2000", "spark.y" = "1" }'
    lines = '"conf.spark.sql.shuffle.partitions" = { max = 200 }\n"conf.spark.y" = { forbidden = true }'

    assert limits(lines, {}, above=above).request == {"conf": {"spark.sql.shuffle.partitions": "200"}}


def test_a_default_list_is_filled_in_as_far_as_its_items_pass(limits):
    assert limits('"jars" = { block = ["b"], default = ["a", "b"] }', {}).request == {"jars": ["a"]}


def test_what_the_operator_lets_spark_substitute_passes(limits):
    lines = '"queue" = { fixed = "root.${env:TEAM}" }\n"name" = { default = "${env:TEAM}" }'

    request = limits(lines, {}).request

    assert request == {"name": "${env:TEAM}", "queue": "root.${env:TEAM}"}
    assert limits(lines, request).verdict == "allow"


def test_a_text_that_is_none_is_refused(limits):
    assert limits('"queue" = { pattern = ".*" }', {"queue": {"a": 1}}).verdict == "deny"


def test_secrets_are_redacted_in_changes_and_violations(limits):
    conf = {"conf": {"spark.my.password": "hunter2"}}

    for action in ("clamp", "deny"):
        decision = limits(f'"conf.spark.my.password" = {{ fixed = "abc", on_violation = "{action}" }}', conf)
        assert "hunter2" not in repr((decision.changes, decision.violations))
        assert "abc" not in repr((decision.changes, decision.violations))


def test_ints_are_sent_as_ints_and_times_as_livy_takes_them(limits):
    lines = '"heartbeat_timeout" = { max = "2m" }\n"idle_timeout" = { default = "30m" }'
    lines += '\n"dynamic_allocation" = { fixed = true }'

    decision = limits(lines, {"heartbeatTimeoutInSecond": "600"})

    assert decision.request == {
        "heartbeatTimeoutInSecond": 120,
        "idleTimeout": "30m",
        "conf": {"spark.dynamicAllocation.enabled": "true"},
    }


@pytest.mark.parametrize("value", ["", "  ", "\t"])
def test_blanks_are_not_what_is_required(limits, value):
    assert limits('"name" = { required = true }', {"name": value}).violations[0].what == "is required"
    assert limits('"name" = { required = true, default = "n" }', {"name": value}).request == {"name": "n"}
    assert limits('"jars" = { required = true }', {"jars": []}).verdict == "deny"


def test_a_property_changed_through_two_doors_is_one_change(limits):
    conf = {"spark.executorEnv.SPARK_EXECUTOR_MEMORY": "64g"}

    (change,) = limits('"executor.memory" = { max = "8g", default = "4g" }', {"conf": conf}).changes

    assert (change.property, change.asked, change.given) == ("executor.memory", "64g", "4g")


def test_lists_of_one_property_are_put_together_in_its_change(limits):
    body = {"jars": ["a.jar", "x.jar"], "conf": {"spark.yarn.dist.jars": "y.jar"}}

    (change,) = limits('"jars" = { block = ["x.jar", "y.jar"] }', body).changes

    assert (change.asked, change.given) == (["y.jar", "a.jar", "x.jar"], ["a.jar"])


def test_what_the_operator_set_and_a_rule_forbids_is_no_change(limits):
    decision = limits('"queue" = { forbidden = true }', {}, operator=[{"queue": "a"}])

    assert decision.changes == ()
    assert "left out" in decision.notices[0]


@pytest.mark.parametrize(
    ("limit", "value", "verdict"),
    [
        ('"conf.spark.network.timeout" = { max = 600 }', "120s", "allow"),
        ('"conf.spark.network.timeout" = { max = 600 }', "11min", "clamp"),
        ('"conf.spark.rpc.message.maxSize" = { max = 128 }', "128m", "allow"),
        ('"conf.spark.rpc.message.maxSize" = { max = 128 }', "129", "clamp"),
        ('"conf.spark.memory.fraction" = { max = 0.9 }', ".9", "allow"),
        ('"conf.spark.memory.fraction" = { max = 0.9 }', "0.95d", "clamp"),
        ('"conf.spark.x" = { allow = [true] }', "TRUE", "allow"),
    ],
)
def test_values_are_compared_as_spark_reads_them(limits, limit, value, verdict):
    key = limit.split('"')[1].removeprefix("conf.")

    assert limits(limit, {"conf": {key: value}}).verdict == verdict


@pytest.mark.parametrize(("pattern", "verdict"), [("true", "allow"), ("false", "deny")])
def test_a_pattern_sees_a_flag_as_spark_writes_it(limits, pattern, verdict):
    decision = limits(
        f'"dynamic_allocation" = {{ pattern = "{pattern}" }}', {"conf": {"spark.dynamicAllocation.enabled": True}}
    )

    assert decision.verdict == verdict
