import pytest

from livyguard.livy.answers import message_of


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"msg": "deleted"}', "deleted"),
        ("\"Session '38' not found.\"", "Session '38' not found."),
        ("", ""),
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
