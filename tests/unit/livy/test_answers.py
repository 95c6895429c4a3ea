import gzip

import pytest
import requests

from livyguard.livy.answers import GZIP, body_of, message_of


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"msg": "deleted"}', "deleted"),
        ("\"Session '38' not found.\"", "Session '38' not found."),
        ("", ""),
        ("{}", ""),
        ("  \n", ""),
        ("plain words", "plain words"),
        ('{"message": "of a proxy"}', "of a proxy"),
        ('{"error": 5}', '{"error": 5}'),
        ('{"msg": null}', '{"msg": null}'),
        ("17", "17"),
        ("<html><head><title>Error 400 Missing header</title></head><body>x</body></html>", "Error 400 Missing header"),
        (
            "<html><body><h2>HTTP ERROR 403</h2><script>alert(1)</script><p>No\n entry.</p></body></html>",
            "HTTP ERROR 403 No entry.",
        ),
        ("<title>cut off", "cut off"),
    ],
)
def test_livys_words_are_found_in_every_shape_of_body(body, message):
    assert message_of(body) == message


def test_a_long_body_is_cut():
    message = message_of("x" * 10_000)

    assert len(message) == 500
    assert message.endswith("…")


def an_answer(content: bytes, **headers: str) -> requests.Response:
    response = requests.Response()
    response._content = content
    response.encoding = "utf-8"
    response.headers.update(headers)
    return response


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'"plain"', '"plain"'),
        (gzip.compress(b"", mtime=0), ""),
        (gzip.compress('{"msg":"é"}'.encode(), mtime=0), '{"msg":"é"}'),
        (b"\x1f\x8b but no gzip at all", ""),
        (gzip.compress(b"cut in the middle", mtime=0)[:-9], ""),
    ],
)
def test_a_body_that_is_compressed_without_saying_so_is_read(content: bytes, text: str) -> None:
    assert body_of(an_answer(content)) == text


def test_a_body_that_says_how_it_is_encoded_is_left_to_requests() -> None:
    assert body_of(an_answer(GZIP, **{"Content-Encoding": "identity"})) == "\x1f\ufffd"
