"""POST /sessions refused: which code, and ``{"msg"}`` or a bare string."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read

CLASS = "org.apache.livy.server.interactive.CreateInteractiveRequest"


def post(livy, body):
    return livy.post("/sessions", body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"kind":"foo"}', f'Invalid kind: foo (through reference chain: {CLASS}["kind"])'),
        ('{"kind":5}', f'requirement failed: Kind should be a string. (through reference chain: {CLASS}["kind"])'),
        ("", ("No content to map due to end-of-input\n at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); "
         "line: 1, column: 0]")),
        ('{"kind":"pyspark"', ("Unexpected end-of-input: expected close marker for Object (start marker at [Source: "
         "(org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 1])\n at [Source: "
         "(org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 18]")),
        ("[1]", (f"Cannot deserialize value of type `{CLASS}` from Array value (token `JsonToken.START_ARRAY`)\n at "
         "[Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 1]")),
        ('"x"', (f"Cannot construct instance of `{CLASS}` (although at least one Creator exists): no String-argument "
         "constructor/factory method to deserialize from String value ('x')\n at [Source: "
         "(org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 1]")),
        ("{'kind':'pyspark'}", ("Unexpected character (''' (code 39)): was expecting double-quote to start field "
         "name\n at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 3]")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_400_with_a_bare_string(livy, body, says):
    answer = post(livy, body)

    assert (answer.status_code, answer.json()) == (400, says)


@pytest.mark.parametrize(("body", "column"), [('{"idle":1}', 10), ('{"kind":null,"idle":1}', 22)])
def test_an_unknown_field_is_400_and_names_the_known_ones(livy, body, column):
    answer = post(livy, body)

    assert answer.status_code == 400
    fields = livy.known("fields of a request")
    known = ", ".join(f'"{field}"' for field in fields)
    assert answer.json() == (
        f'Unrecognized field "idle" (class {CLASS}), not marked as ignorable ({len(fields)} known properties: {known}])'
        "\n at [Source: "
        f"(org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: {column}] (through reference chain: "
        f'{CLASS}["idle"])'
    )


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        ('{"kind":"pyspark",}', "Unexpected character ('}' (code 125)): was expecting double-quote to start"),
        ('{"heartbeatTimeoutInSecond":"x"}', 'Cannot deserialize value of type `int` from String "x": not a valid'),
        ('{"jars":"a.jar"}', ("Cannot deserialize value of type `scala.collection.immutable.List<java.lang.String>` "
         "from String value (token `JsonToken.VALUE_STRING`)")),
        ('{"conf":"a"}', ("Cannot construct instance of `scala.collection.immutable.Map` (although at least one "
         "Creator exists): no String-argument constructor/factory method to deserialize from String value ('a')")),
        ('{"conf":{"a":[1]}}', ("Cannot deserialize value of type `java.lang.String` from Array value (token "
         "`JsonToken.START_ARRAY`)")),
        ('{"driverMemory":[1]}', ("Cannot deserialize value of type `java.lang.String` from Array value (token "
         "`JsonToken.START_ARRAY`)")),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_400_with_a_bare_string(livy, body, begins):
    answer = post(livy, body)

    assert answer.status_code == 400
    assert answer.json().startswith(begins)


def test_a_number_that_is_none_is_400_with_a_bare_string(livy):
    answer = post(livy, '{"kind":NaN}')

    assert answer.status_code == 400
    assert answer.json().startswith(f"Non-standard token 'NaN': enable {livy.known('token of NaN')} to allow")


@pytest.mark.parametrize(
    ("body", "java"),
    [('{"numExecutors":"5"}', "String"), ('{"driverCores":1.5}', "Double"), ('{"executorCores":true}', "Boolean")],
)
def test_a_count_that_is_no_integer_is_500_with_a_bare_string(livy, body, java):
    answer = post(livy, body)

    assert answer.status_code == 500
    assert answer.json() in {
        (
            f"java.lang.ClassCastException: class java.lang.{java} cannot be cast to class java.lang.Integer "
            f"(java.lang.{java} and java.lang.Integer are in module java.base of loader 'bootstrap')"
        ),
        "java.lang.ClassCastException",  # a JVM that has thrown it often leaves the text out
    }


@pytest.mark.parametrize("body", ["null", '{"jars":null}', '{"conf":{"a":null}}'])
def test_a_null_that_livy_does_not_expect_is_500_with_a_bare_string(livy, body):
    answer = post(livy, body)

    assert answer.status_code == 500
    assert answer.json().startswith("java.lang.NullPointerException")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"kind":"pyspark","name":"123"}', "Invalid session name: 123"),
        ('{"kind":"pyspark","name":""}', "Invalid session name: "),
        ('{"kind":"pyspark","ttl":"5x"}', 'Invalid suffix: "x"'),
        ('{"kind":"pyspark","ttl":"abc"}', "Invalid time string: abc"),
        ('{"kind":"pyspark","jars":["a.jar"]}', "requirement failed: Path 'a.jar' is not absolute."),
        ('{"kind":"pyspark","files":["/a"]}', "requirement failed: Local path /a cannot be added to user sessions."),
        (
            '{"kind":"pyspark","conf":{"spark.submit.deployMode":"client"}}',
            "Blacklisted configuration values in session config: spark.submit.deployMode",
        ),
    ],
)
def test_what_livy_will_not_create_is_400_with_the_reason(livy, body, reason):
    answer = post(livy, body)

    assert (answer.status_code, answer.json()) == (400, {"msg": f"Rejected, Reason: {reason}"})


def test_an_idle_timeout_that_is_no_time_is_400(livy):
    answer = post(livy, '{"kind":"pyspark","idleTimeout":"abc"}')

    says = livy.known("idleTimeout that is no time")
    assert answer.status_code == 400
    assert answer.json() == says or answer.json().startswith(says)


def test_a_name_that_is_taken_is_400_and_names_the_id_that_the_new_session_would_have_had(livy):
    first = livy.create(kind="pyspark", name="taken")

    answer = post(livy, '{"kind":"pyspark","name":"taken"}')

    reason = f"Duplicate session name: Some(taken) for session {first['id'] + 1}"
    assert (answer.status_code, answer.json()) == (400, {"msg": f"Rejected, Reason: {reason}"})


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("LG120", '{"kind":"pyspark","name":"given once"}'),
        ("LG121", '{"kind":"pyspark","conf":{"spark.submit.deployMode":"client"}}'),
        ("LG122", '{"idle":1}'),
        ("LG124", '{"kind":"pyspark","files":["/a"]}'),
    ],
)
def test_each_refusal_has_its_hint(livy, code, body):
    if code == "LG120":
        livy.create(kind="pyspark", name="given once")

    answer = post(livy, body)

    said = f"Invalid status code '{answer.status_code}' from {answer.url} with error payload: {answer.text}"
    assert [hint.code for hint in diagnose(read(said))] == [code]
