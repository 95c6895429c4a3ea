"""SparkMagic's own requests: the cause that it drops is told, and what is no JSON is told as that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import requests
from sparkmagic.livyclientlib.endpoint import Endpoint
from sparkmagic.livyclientlib.exceptions import HttpClientException
from sparkmagic.livyclientlib.linearretrypolicy import LinearRetryPolicy
from sparkmagic.livyclientlib.reliablehttpclient import ReliableHttpClient

from livyguard.livy.answers import body_of, no_json
from livyguard.livy.faults import fault
from livyguard.sparkmagic import sending
from livyguard.sparkmagic.sending import Sending, Tell

TELL = Tell(lambda *what: str(fault(*what)), lambda answer: no_json(body_of(answer)))
HIDDEN = "Error sending http request and maximum retry encountered."


def send(url: str, method: str = "get", tell: Tell = TELL, **keywords: Any) -> Any:
    """Send a request by SparkMagic's client with the handler in front, as the hook puts it there."""
    http = ReliableHttpClient(Endpoint(url, None), {}, LinearRetryPolicy(0, 1))
    function = getattr(http._session, method)
    arguments = (f"{url}/sessions", [200, 404], function, keywords.pop("data", None), 0)
    return Sending(tell).send(http._send_request_helper, http, arguments, keywords)


def test_the_cause_that_sparkmagic_drops_stands_behind_its_words():
    with pytest.raises(HttpClientException) as caught:
        send("http://127.0.0.1:9")

    said = str(caught.value)
    assert said.startswith(f"{HIDDEN} http://127.0.0.1:9 refuses the connection (after less than 1 s)")


def test_an_answer_that_is_livys_own_comes_as_it_is(httpserver):
    httpserver.expect_request("/sessions").respond_with_json({"total": 0})

    assert send(httpserver.url_for("").rstrip("/")).json() == {"total": 0}


def test_a_status_that_sparkmagic_does_not_take_is_told_in_its_own_words_alone(httpserver):
    httpserver.expect_request("/sessions").respond_with_data("no", status=400)
    url = httpserver.url_for("").rstrip("/")

    with pytest.raises(HttpClientException) as caught:
        send(url)

    assert str(caught.value) == f"Invalid status code '400' from {url}/sessions with error payload: no"


@pytest.mark.parametrize(
    ("page", "words"),
    [("<html><title>Sign in</title></html>", "a page that says “Sign in”, not with JSON"), ("", "an empty page")],
)
def test_a_page_in_place_of_json_is_an_error_that_says_so(httpserver, page, words):
    httpserver.expect_request("/sessions").respond_with_data(page)

    with pytest.raises(HttpClientException, match=r"Expecting value: line 1 column 1 \(char 0\)\. http") as caught:
        send(httpserver.url_for("").rstrip("/"))

    assert f"answers /sessions with {words}" in str(caught.value)


def test_a_delete_needs_no_answer_in_json(httpserver):
    httpserver.expect_request("/sessions", method="DELETE").respond_with_data("")

    assert send(httpserver.url_for("").rstrip("/"), "delete").status_code == 200


def test_a_request_that_passes_in_the_end_leaves_nothing_of_its_first_try(httpserver):
    httpserver.expect_ordered_request("/sessions").respond_with_data("busy", status=503)
    httpserver.expect_ordered_request("/sessions").respond_with_json({})

    assert send(httpserver.url_for("").rstrip("/")).json() == {}


def test_whatever_requests_meets_is_told_once_and_by_its_last_try():
    met = iter([requests.ConnectTimeout(), requests.exceptions.ChunkedEncodingError()])
    told: list[str] = []
    tell = Tell(lambda error, *_: told.append(type(error).__name__) or type(error).__name__, lambda _: None)  # type: ignore[func-returns-value]

    def twice(*, function: Any, **_: Any) -> None:
        for _attempt in range(2):
            with pytest.raises(requests.RequestException):
                function("http://livy/sessions")
        raise HttpClientException(HIDDEN)

    def get(_url: str) -> None:
        raise next(met)

    http = SimpleNamespace(_endpoint=SimpleNamespace(url="http://livy"))
    with pytest.raises(HttpClientException) as caught:
        Sending(tell).send(twice, http, ("http://livy/sessions", [200], get, None, 0), {})

    assert told == ["ConnectTimeout", "ChunkedEncodingError"]
    assert str(caught.value) == f"{HIDDEN} ChunkedEncodingError"


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (None, "`%livy_recover` forgets this error (LG902)"),
        (SimpleNamespace(_fatal_error=None), "`%livy_recover` forgets this error (LG902)"),
        (SimpleNamespace(_fatal_error="Failed to change language"), "then restart the kernel"),
    ],
)
def test_the_advice_to_restart_is_put_right_where_it_is_wrong(monkeypatch, kernel, words):
    monkeypatch.setattr(sending, "get_ipython", lambda: SimpleNamespace(kernel=kernel))

    said = Sending(TELL).fatal_error_suggestion(lambda: "It failed: {}. c) Restart the kernel.", None, (), {})

    assert said.format("why").startswith("It failed: why. c) Restart the kernel.\n")
    assert words in said
