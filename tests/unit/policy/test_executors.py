"""The executor ceiling: DESIGN's formula, example by example."""

from __future__ import annotations

import pytest

MAX = "spark.dynamicAllocation.maxExecutors"
MIN = "spark.dynamicAllocation.minExecutors"
INITIAL = "spark.dynamicAllocation.initialExecutors"
EIGHT_AND_FIVE = '"executors.max" = { max = 8, default = 5 }'
DYNAMIC = "[cluster]\ndynamic_allocation = true"


def numbers(request):
    """Return N, I, m and M of a body, None where they are not sent."""
    conf = request.get("conf", {})
    return [request.get("numExecutors"), conf.get(INITIAL), conf.get(MIN), conf.get(MAX)]


@pytest.mark.parametrize(
    ("body", "sent", "asked"),
    [
        ({"numExecutors": 40}, [8, None, None, "8"], 40),
        ({"numExecutors": 3}, [3, None, None, "5"], None),
        ({"numExecutors": 7}, [7, None, None, "7"], None),
        ({}, [2, None, None, "5"], None),
        ({"conf": {MIN: 10}}, [2, None, "8", "8"], 10),
        ({"conf": {INITIAL: "20"}}, [2, "8", None, "8"], 20),
        ({"conf": {MAX: 3}}, [2, None, None, "3"], None),
        ({"conf": {MAX: 100}}, [2, None, None, "8"], 100),
        ({"conf": {MAX: 1}}, [1, None, None, "1"], None),
        ({"numExecutors": 3, "conf": {MAX: 2}}, [2, None, None, "2"], 3),
        ({"numExecutors": 3, "conf": {MAX: 100, MIN: 1}}, [3, None, "1", "8"], 100),
        ({"numExecutors": 40, "conf": {MAX: 4, MIN: 50, INITIAL: 6}}, [4, "4", "4", "4"], 50),
        ({"numExecutors": 0}, [0, None, None, "5"], None),
    ],
)
def test_the_formula(limits, body, sent, asked):
    decision = limits(EIGHT_AND_FIVE, body)

    assert numbers(decision.request) == sent
    assert decision.verdict == ("clamp" if asked else "allow")
    executors = [change for change in decision.changes if change.property.startswith("executors.")]
    assert [change.asked for change in executors] in ([asked], [None], [])
    if asked:
        assert (executors[0].property, executors[0].given) == ("executors.max", int(sent[3]))


def test_without_a_default_the_ceiling_is_the_limit(limits):
    assert numbers(limits('"executors.max" = { max = 8 }', {"numExecutors": 3}).request) == [3, None, None, "8"]


def test_a_default_beyond_the_limit_counts_as_the_limit(limits):
    assert numbers(limits('"executors.max" = { max = 4, default = 9 }', {}).request) == [2, None, None, "4"]


def test_with_dynamic_allocation_no_number_is_added(limits):
    assert numbers(limits(EIGHT_AND_FIVE, {}, above=DYNAMIC).request) == [None, None, None, "5"]


def test_a_notebook_that_turns_dynamic_allocation_off_gets_a_number(limits):
    body = {"conf": {"spark.dynamicAllocation.enabled": "false"}}

    assert numbers(limits(EIGHT_AND_FIVE, body, above=DYNAMIC).request) == [2, None, None, "5"]


def test_only_the_cluster_says_that_no_number_is_needed(limits):
    above = '[cluster]\nspark_defaults = { "spark.dynamicAllocation.enabled" = "true" }'

    assert numbers(limits(EIGHT_AND_FIVE, {}, above=above).request) == [2, None, None, "5"]


def test_the_default_of_the_number_itself_is_taken(limits):
    lines = f'{EIGHT_AND_FIVE}\n"executors.count" = {{ default = 4 }}'

    decision = limits(lines, {})

    assert numbers(decision.request) == [4, None, None, "5"]
    assert ("executors.count", None, 4) in [(each.property, each.asked, each.given) for each in decision.changes]


def test_with_dynamic_allocation_the_default_of_the_number_is_not_taken(limits):
    lines = f'{EIGHT_AND_FIVE}\n"executors.count" = {{ default = 4 }}'

    assert numbers(limits(lines, {}, above=DYNAMIC).request) == [None, None, None, "5"]


def test_the_default_of_the_number_stays_below_the_ceiling(limits):
    lines = f'{EIGHT_AND_FIVE}\n"executors.count" = {{ default = 7 }}'

    assert numbers(limits(lines, {}).request) == [5, None, None, "5"]


def test_the_numbers_in_spark_defaults_do_not_exceed_the_ceiling(limits):
    defaults = f'"{MIN}" = "9", "{INITIAL}" = "3", "spark.executor.instances" = "50"'
    above = f"[cluster]\ndynamic_allocation = true\nspark_defaults = {{ {defaults} }}"

    assert numbers(limits(EIGHT_AND_FIVE, {}, above=above).request) == [5, None, "5", "5"]


def test_a_number_filled_in_beside_a_ceiling_that_was_given_is_told(limits):
    decision = limits(EIGHT_AND_FIVE, {"conf": {MAX: 5}})

    assert [(each.property, each.asked, each.given) for each in decision.changes] == [("executors.count", None, 2)]


def test_a_minimum_raises_the_ceiling(limits):
    lines = '"executors.max" = { min = 4, max = 8 }'

    decision = limits(lines, {"conf": {MAX: 1}})

    assert numbers(decision.request) == [2, None, None, "4"]
    assert decision.verdict == "clamp"


def test_a_fixed_ceiling_is_set(limits):
    assert numbers(limits('"executors.max" = { fixed = 6 }', {"numExecutors": 2}).request) == [2, None, None, "6"]


@pytest.mark.parametrize(
    ("body", "ceiling"),
    [({"conf": {MAX: 4}}, "4"), ({"conf": {MAX: 5}}, "2"), ({}, "2")],
)
def test_a_ceiling_outside_the_allowed_is_replaced_by_the_default(limits, body, ceiling):
    lines = '"executors.max" = { allow = [2, 4], max = 8, default = 2 }'

    assert limits(lines, body).request["conf"][MAX] == ceiling


def test_a_ceiling_outside_the_allowed_without_a_default_is_refused(limits):
    decision = limits('"executors.max" = { allow = [2, 4], max = 4 }', {"conf": {MAX: 3}})

    assert decision.verdict == "deny"
    assert decision.violations[0].allowed == [2, 4]


def test_a_default_alone_is_a_preference(limits):
    lines = '"executors.max" = { default = 5 }'

    assert numbers(limits(lines, {}).request) == [2, None, None, "5"]
    assert numbers(limits(lines, {"numExecutors": 40}).request) == [40, None, None, "40"]
    assert numbers(limits(lines, {"conf": {MAX: 100}}).request) == [2, None, None, "100"]


def test_a_minimum_alone_sends_nothing_that_was_not_asked(limits):
    assert limits('"executors.max" = { min = 2 }', {"numExecutors": 1}).request == {"numExecutors": 1}


def test_a_required_ceiling_is_required(limits):
    lines = '"executors.max" = { max = 8, required = true }'

    assert limits(lines, {}).violations[0].what == "is required"
    assert limits(lines, {"numExecutors": 3}).verdict == "allow"


@pytest.mark.parametrize("more", ["", '\n"executors.max" = { min = 1 }'])
def test_the_default_of_the_number_needs_no_ceiling(limits, more):
    assert limits(f'"executors.count" = {{ default = 3 }}{more}', {}).request == {"numExecutors": 3}


def test_a_number_can_be_required_or_fixed(limits):
    assert limits('"executors.count" = { required = true }', {}).verdict == "deny"
    assert limits(
        '"executors.count" = { required = true, default = 3 }\n"executors.max" = { max = 8 }', {}
    ).request == {
        "numExecutors": 3,
        "conf": {MAX: "8"},
    }
    assert limits('"executors.count" = { fixed = 3 }', {}).request == {"numExecutors": 3}


def test_a_forbidden_ceiling_is_left_out(limits):
    decision = limits('"executors.max" = { forbidden = true }', {"numExecutors": 3, "conf": {MAX: 9}})

    assert decision.request == {"numExecutors": 3}
    assert decision.verdict == "clamp"


def test_beyond_a_limit_that_denies_all_is_said_at_once(limits):
    decision = limits('"executors.max" = { max = 8, on_violation = "deny", reason = "r" }', {"numExecutors": 40})

    assert [violation.to_json() for violation in decision.violations] == [
        {
            "property": "executors.max",
            "asked": 40,
            "allowed": "at most 8",
            "code": "LG702",
            "rule": "team.limits.executors.max",
            "reason": "r",
        }
    ]
    assert decision.nearest == {"numExecutors": 8}


def test_the_operators_own_number_is_lowered_without_a_clamp(limits):
    lines = '"executors.max" = { max = 8, on_violation = "deny" }'

    decision = limits(lines, {}, operator=[{"numExecutors": 40}])

    assert decision.verdict == "allow"
    assert numbers(decision.request) == [8, None, None, "8"]


@pytest.mark.parametrize("value", ["4.5", "1e3", True, 10**12, -1, [], "${x}"])
def test_a_number_that_spark_cannot_read_is_refused_with_its_reason(limits, value):
    for body in ({"numExecutors": value}, {"conf": {MAX: value}}):
        decision = limits(EIGHT_AND_FIVE, body)

        assert decision.verdict == "deny"
        assert decision.violations[0].reason
        assert decision.nearest == {}


def test_a_ceiling_of_nought_is_refused_as_spark_would(limits):
    assert limits(EIGHT_AND_FIVE, {"conf": {MAX: 0}}).verdict == "deny"


def test_a_limit_on_the_number_and_one_on_the_ceiling_both_hold(limits):
    lines = '"executors.max" = { max = 8 }\n"executors.count" = { max = 4 }'

    assert numbers(limits(lines, {"numExecutors": 40}).request) == [4, None, None, "8"]


def test_limits_that_cannot_both_be_met_are_refused(limits):
    lines = '"executors.max" = { max = 2 }\n"executors.count" = { min = 4 }'

    decision = limits(lines, {"numExecutors": 1})

    assert decision.verdict == "deny"
    assert decision.violations[0].what == "cannot be met"
    assert decision.nearest is None


STREAMING = "spark.streaming.dynamicAllocation."


def test_streamings_own_allocation_stays_below_the_limit(limits):
    conf = {f"{STREAMING}enabled": "true", f"{STREAMING}maxExecutors": "50"}

    decision = limits(EIGHT_AND_FIVE, {"conf": conf})

    assert decision.request == {
        "conf": {f"{STREAMING}enabled": "true", f"{STREAMING}maxExecutors": "8", MAX: "8"},
    }
    assert (decision.changes[0].asked, decision.changes[0].given) == (50, 8)


@pytest.mark.parametrize("number", [4.0, 400.0, "4.0"])
def test_a_number_with_a_point_is_none_that_spark_reads_there_however_it_was_written(limits, number):
    decision = limits(EIGHT_AND_FIVE, {"conf": {f"{STREAMING}maxExecutors": number}})

    assert decision.verdict == "deny"
    assert [each.reason for each in decision.violations] == [f"'{number}' is no whole number that Spark reads."]


def test_streamings_own_allocation_gets_a_ceiling(limits):
    conf = {f"{STREAMING}enabled": "true"}

    assert limits(EIGHT_AND_FIVE, {"conf": conf}).request["conf"][f"{STREAMING}maxExecutors"] == "5"


def test_the_cores_of_a_standalone_cluster_are_executors_times_cores(limits):
    body = {"executorCores": 4, "conf": {"spark.cores.max": 400}}

    decision = limits(EIGHT_AND_FIVE, body)

    assert decision.verdict == "clamp"
    assert decision.request["conf"]["spark.cores.max"] == "32"
    assert decision.changes[0].asked == 100


def test_cores_within_the_limit_are_left_alone(limits):
    body = {"executorCores": 4, "numExecutors": 2, "conf": {"spark.cores.max": 8, MAX: 2}}

    assert limits(EIGHT_AND_FIVE, body).changes == ()


def test_a_standalone_cluster_is_told_its_cores(limits):
    above = '[cluster]\nmanager = "standalone"\nworker = { cores = 2 }'

    assert limits(EIGHT_AND_FIVE, {}, above=above).request["conf"]["spark.cores.max"] == "10"
    assert limits(EIGHT_AND_FIVE, {"executorCores": 3}, above=above).request["conf"]["spark.cores.max"] == "15"


def test_an_environment_variable_for_the_number_is_lowered(limits):
    conf = {"spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES": "99"}

    assert limits(EIGHT_AND_FIVE, {"conf": conf}).request["conf"] == {
        "spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES": "8",
        MAX: "8",
    }


def test_another_key_that_cannot_be_read_is_refused(limits):
    conf = {f"{STREAMING}maxExecutors": "${x}"}

    assert limits(EIGHT_AND_FIVE, {"conf": conf}).verdict == "deny"
