"""What stands between a notebook and an endpoint of AWS: a tunnel, the endpoint's state, executors without a bound."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read


def hints(*lines):
    return diagnose(read("\n".join(lines)))


def codes(*lines):
    return [hint.code for hint in hints(*lines)]


def commands(hint, applicability="safe"):
    return [fix.command for fix in hint.fixes if fix.command and fix.applicability == applicability]


def pool(host, port, path="/sessions"):
    return (
        f"HTTPConnectionPool(host='{host}', port={port}): Max retries exceeded with url: {path} (Caused by "
        "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x1>: Failed to establish a new connection: "
        "[Errno 111] Connection refused'))"
    )


REFUSES = "{} refuses the connection (after less than 1 s). Is Livy running there?"
CUT = "The connection to {} was cut before the GET was answered in full, after 2 s."
ABORTED = (
    "Request to '{}' failed with '('Connection aborted.', RemoteDisconnected('Remote end closed connection without "
    "response'))'"
)


# LG501


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (pool("localhost", 8998), "localhost:8998"),
        (pool("localhost", 8997, "/livy/batches?from=0"), "localhost:8997"),
        (pool("127.0.0.1", 8998, "/version"), "127.0.0.1:8998"),
        (REFUSES.format("http://localhost:8998"), "http://localhost:8998"),
        (REFUSES.format("https://localhost/gateway"), "https://localhost"),
        (REFUSES.format("http://[::1]:8998"), "http://[::1]:8998"),
    ],
)
def test_a_refusal_where_a_tunnel_would_end_is_told_from_any_other(text, where):
    (hint,) = hints(text)

    assert hint.code == "LG501"
    assert hint.title.startswith(f"Nothing listens at {where}: ")
    assert commands(hint) == ["ss --listening --tcp --numeric", "livyguard sessions"]
    assert [command.split()[0] for command in commands(hint, "manual")] == ["ssh"]


@pytest.mark.parametrize(
    "text",
    [
        REFUSES.format("http://livy.example.com:8998"),
        REFUSES.format("http://127.0.0.1:40123"),
        REFUSES.format("http://localhost.example.com:8998"),
        pool("livy.example.com", 8998),
        pool("127.0.0.1", 40123),
        pool("localhost", 5000, "/predict"),
        "localhost refuses the connection",
    ],
)
def test_a_refusal_elsewhere_and_of_a_users_own_server_is_no_tunnels(text):
    assert "LG501" not in codes(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (CUT.format("http://localhost:8998"), "http://localhost:8998"),
        (ABORTED.format("http://localhost:8998/sessions/3/statements/1"), "http://localhost:8998"),
    ],
)
def test_a_tunnel_whose_other_end_does_not_answer_is_told_from_one_that_is_down(text, where):
    (hint,) = hints(text)

    assert hint.code == "LG501"
    assert hint.title.startswith(f"What listens at {where} closes the connection")


def test_what_the_tunnel_says_itself_is_quoted():
    own = "channel 3: open failed: connect failed: Connection refused"
    (alone,) = hints(own)
    (both,) = hints(CUT.format("http://localhost:8998"), own)

    assert alone.title == "The tunnel to Livy is broken"
    assert [fact.text for fact in alone.evidence] == [own]
    assert [fact.text for fact in both.evidence][1:] == [own]
    assert codes("error: lost connection to pod") == ["LG501"]


# LG502


def described(status, **more):
    return json.dumps({"DevEndpoint": {"EndpointName": "team-a", "YarnEndpointAddress": "", "Status": status, **more}})


def test_a_development_endpoint_that_is_coming_up_is_waited_for():
    (hint,) = hints(described("PROVISIONING"))

    assert hint.code == "LG502"
    assert hint.title == "The development endpoint team-a is PROVISIONING"
    assert "which takes some minutes" in hint.cause
    assert commands(hint, "review")[0].startswith("aws glue get-dev-endpoint --endpoint-name team-a ")


def test_one_that_failed_is_told_with_its_reason():
    # https://github.com/boto/boto3/issues/2167, 2019-10-16, and hashicorp/terraform-provider-aws#16232, 2020-11-17
    (hint,) = hints(
        "{ 'DevEndpoint':{ 'EndpointName':'', 'YarnEndpointAddress':'', 'Status':'FAILED', 'GlueVersion':'1.0' }",
        '"FailureReason":"Reverse dns resolution of ip 10.0.1.153 failed"',
    )

    assert hint.title == "The development endpoint is FAILED"
    assert "made anew" in hint.cause
    assert "Reverse dns resolution of ip 10.0.1.153 failed" in hint.evidence[1].text
    assert commands(hint, "review")[0].startswith("aws glue get-dev-endpoints ")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            json.dumps(
                {"Cluster": {"Id": "j-2AXXXXXXGAPLF", "Status": {"State": "BOOTSTRAPPING", "StateChangeReason": {}}}}
            ),
            "The EMR cluster j-2AXXXXXXGAPLF is BOOTSTRAPPING",
        ),
        ('"State": "TERMINATED_WITH_ERRORS", "StateChangeReason": {}', "The EMR cluster is TERMINATED_WITH_ERRORS"),
    ],
)
def test_the_state_of_an_emr_cluster_is_read_from_what_aws_prints(text, title):
    (hint,) = hints(text.replace('"StateChangeReason": {}', '"StateChangeReason": {"Message": "StateChangeReason"}'))

    assert hint.code == "LG502"
    assert hint.title == title
    assert commands(hint, "review")[0].startswith("aws emr ")


@pytest.mark.parametrize(
    ("text", "title", "cause"),
    [
        # The words of sagemaker-studio-analytics-extension, resource/emr_serverless.
        ("Application state TERMINATED of application 00f1abc is invalid ", "is TERMINATED", "made anew"),
        ("State of application 00f1abc is not STARTED Please", "is not STARTED", "longer than was waited for"),
    ],
)
def test_an_application_of_emr_serverless_that_does_not_start_is_named(text, title, cause):
    (hint,) = hints(text)

    assert hint.code == "LG502"
    assert hint.title == f"The EMR Serverless application 00f1abc {title}"
    assert cause in hint.cause
    assert commands(hint, "review") == [
        "aws emr-serverless get-application --application-id 00f1abc --query application.state",
        "aws emr-serverless start-application --application-id 00f1abc",
    ]


@pytest.mark.parametrize(
    "text",
    [
        described("READY"),
        '"YarnEndpointAddress": "10.0.0.4"',
        '"State": "WAITING", "StateChangeReason": {}',
        '"StateChangeReason": {}',
        '{"Status": "FAILED", "job": 7}',
        "Application state RUNNING",
    ],
)
def test_what_is_up_and_other_peoples_states_are_no_failure(text):
    assert codes(text) == []


# LG503


@pytest.mark.parametrize(
    "text",
    [
        # https://github.com/Azure/aztk/issues/371, 2018-02-06
        "`spark.dynamicAllocation.enabled true`",
        "spark.dynamicAllocation.enabled=true",
        "(spark.dynamicAllocation.enabled,true)",
        "('spark.dynamicAllocation.enabled', 'true')",
        '"spark.dynamicAllocation.enabled" -> "true"',
        json.dumps({"id": 3, "state": "idle", "conf": {"spark.dynamicAllocation.enabled": "true"}}),
    ],
)
def test_dynamic_allocation_without_a_maximum_is_a_warning_in_whatever_way_it_is_written(text):
    (hint,) = hints("Glue development endpoint", text)

    assert codes(text) == []
    assert (hint.code, hint.severity) == ("LG503", "warning")
    (bound,) = [fix for fix in hint.fixes if fix.applicability == "review"]
    assert json.loads(bound.cell.partition("\n")[2]) == {"conf": {"spark.dynamicAllocation.maxExecutors": "5"}}


@pytest.mark.parametrize(
    "text",
    [
        # https://github.com/palantir/k8s-spark-scheduler/issues/150, 2020-09-20
        "spark.dynamicAllocation.enabled true\nspark.dynamicAllocation.maxExecutors 50",
        json.dumps({"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "5"}),
        "spark.dynamicAllocation.enabled false",
        (
            "Using initial executors = 2, max of spark.dynamicAllocation.initialExecutors, "
            "spark.dynamicAllocation.minExecutors and spark.executor.instances"
        ),
        "set spark.dynamicAllocation.enabled to true if you like",
    ],
)
def test_a_maximum_and_sparks_own_lines_are_none(text):
    assert codes(text) == []


def test_a_setting_is_no_explanation_of_a_failure_that_has_one():
    assert codes("Glue: spark.dynamicAllocation.enabled true", "0/3 nodes are available: 3 Insufficient cpu.") == [
        "LG401"
    ]


HOSTILE = (
    "HTTPConnectionPool(host='localhost', port=8998): Max retries exceeded with url: " + "/a" * 5000,
    "http://localhost:8998" + "/" * 5000 + " refuses the connection (after",
    "YarnEndpointAddress Status: " + " " * 5000 + "FAILED",
    "YarnEndpointAddress EndpointName: $(reboot) Status: FAILED",
    "spark.dynamicAllocation.enabled" + " " * 5000 + "true",
    "Application state " + "A" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_taken_calmly_and_stand_in_no_command(text):
    for hint in diagnose(Case(log=(text,))):
        assert len(hint.title) < 400
        assert not any(mark in command for command in commands(hint, "review") for mark in "$;<`")
