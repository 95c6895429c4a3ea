"""Bodies read as Jackson reads them; the whole list of complaints is in tests/contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livyguard.sandbox.answers import Rejection
from livyguard.sandbox.creation import CreateRequest
from livyguard.sandbox.jackson import JavaClass, read_object


def refusal(body):
    with pytest.raises(Rejection) as refused:
        CreateRequest.parse(body)
    return refused.value.status, refused.value.body


def test_null_is_not_given():
    assert CreateRequest.parse('{"kind": null, "conf": null, "name": null, "heartbeatTimeoutInSecond": null}') == (
        CreateRequest()
    )


def test_the_last_of_two_equal_keys_wins():
    assert CreateRequest.parse('{"queue": "a", "queue": "b"}').queue == "b"


@pytest.mark.parametrize(
    ("conf", "seconds"), [("{}", 30), ('{"livy.rsc.job-cancel.timeout": "2min"}', 120),
                          ('{"livy.rsc.job-cancel.timeout": "500"}', 0.5), ('{"livy.rsc.job-cancel.timeout": "x"}', 30)]
)  # fmt: skip
def test_the_patience_with_a_cancelled_statement_is_livys_unless_asked_for(conf, seconds):
    assert CreateRequest.parse(f'{{"conf": {conf}}}').cancel_seconds == seconds


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"x":"abc"}', "line: 1, column: 7"),
        ('{"x":[1]}', "line: 1, column: 7"),
        ('{"x":true}', "line: 1, column: 10"),
        ('{\n "idle" : 3}', "line: 2, column: 12"),
        ('{"\\u0078":1}', "line: 1, column: 13"),
    ],
)
def test_the_place_of_an_unknown_field_is_where_jackson_stands(body, place):
    assert f"{place}] (through" not in body
    assert place in refusal(body)[1]


def test_an_array_that_does_not_end_is_called_an_array():
    assert refusal("[1, 2")[1].startswith("Unexpected end-of-input: expected close marker for Array")


def test_a_word_is_not_a_value():
    status, body = refusal('{"kind": pyspark}')

    assert status == 400
    assert body.startswith("Unexpected character ('p' (code 112)): was expecting a valid value")


def test_an_object_where_a_list_belongs_names_the_token():
    assert "from Object value (token `JsonToken.START_OBJECT`)" in refusal('{"jars": {}}')[1]


@given(st.text())
def test_whatever_is_sent_is_an_object_or_a_refusal(body):
    try:
        outcome = read_object(body, JavaClass("a.B", ("x",), variable="b", reads="x"))
    except Rejection as refused:
        outcome = refused.status

    assert isinstance(outcome, dict) or outcome in {400, 500}
