from __future__ import annotations

import pytest

from livyguard.cells import Ran
from livyguard.recovery import Recovered, Recovery
from livyguard.views import recovery as view
from livyguard.views.recovery import html, text

GONE = Recovered(7, "forgotten", "Livy no longer knows session 7.")
ALIVE = Recovered(7, "alive", "Session 7 is alive (idle) and stays.")
UNKNOWN = Recovered(7, "unknown", "Session 7 is kept, since Livy cannot be asked: <refused>")


@pytest.mark.parametrize(
    ("recovery", "last"),
    [
        (Recovery(), "There is nothing to recover from: this notebook uses no session yet."),
        (Recovery((ALIVE,)), "There is nothing to recover from. To free it: %livy_release --this"),
        (Recovery((UNKNOWN,)), "Run %livy_recover again when Livy answers."),
        (Recovery((GONE,)), "The next Spark cell starts a new session with the same settings; variables of the old"),
        (
            Recovery((), "fatal"),
            "The next Spark cell starts a new session with the same settings; variables of the old",
        ),
    ],
)
def test_the_last_line_says_what_comes_next(recovery: Recovery, last: str) -> None:
    assert text(recovery).splitlines()[-1].startswith(last)


AGAIN = "%spark add -s one …"
ONE = Recovered(7, "forgotten", "Livy no longer knows session 7.", "one", AGAIN)
TOLD = f"`{AGAIN}` starts session one again; settings are kept, variables of the old one are gone."
ASK = "Run %livy_recover again when Livy answers."
OTHER = Recovered(8, "unknown", "Session 8 is kept, since Livy cannot be asked: down", "two", "%spark add -s two …")


@pytest.mark.parametrize(
    ("recovery", "last"),
    [
        (Recovery((ONE,)), [TOLD]),
        (Recovery((ONE, OTHER)), [TOLD, ASK]),
        (Recovery((ONE, ALIVE)), [TOLD]),
        (Recovery((GONE, ONE)), [TOLD, "The next Spark cell starts a new session with the same settings; "]),
    ],
)
def test_of_a_session_that_no_cell_starts_by_itself_it_is_said_what_starts_it(
    recovery: Recovery, last: list[str]
) -> None:
    said = text(recovery).splitlines()[len(recovery.sessions) :]

    assert len(said) == len(last)
    assert all(line.startswith(words) for line, words in zip(said, last, strict=True))


def test_a_failed_start_is_named() -> None:
    assert "The failed start is forgotten." in text(Recovery((GONE,), "fatal"))


def test_html_says_the_same_escaped() -> None:
    page = html(Recovery((UNKNOWN,)))

    assert "&lt;refused&gt;" in page
    assert page.count("<li>") == len(text(Recovery((UNKNOWN,))).splitlines())


@pytest.mark.parametrize(
    ("ran", "words"),
    [
        (None, "No session in which a cell ran was lost"),
        (Ran(5, ()), "No cell came to a good end in session 5."),
        (Ran(5, ("a = 1",)), "1 cell ran in session 5. To have its variables again run it in this order."),
        (Ran(5, ("a", "b"), failed=2), "2 cells ran in session 5."),
        (Ran(5, ("a", "b"), failed=2), "Left out: 2 that failed or did not end."),
        (Ran(5, ("a",), dropped=9), "Not kept: 9 from before these."),
    ],
)
def test_what_ran_and_what_is_left_out_is_said(ran: Ran | None, words: str) -> None:
    assert words in view.cells_text(ran)
    assert words in view.cells_html(ran)


def test_cells_are_shown_as_they_were_typed_in_their_order() -> None:
    ran = Ran(5, ("df = spark.range(3)\nif df:\n\tdf.show()", "%%sql -o x\nselect '<b>\x1b[2J'"))

    text, html = view.cells_text(ran), view.cells_html(ran)

    assert "── 1 ──\ndf = spark.range(3)\nif df:\n\tdf.show()\n\n── 2 ──\n%%sql -o x\nselect '<b>\\x1b[2J'" in text
    assert "<li><pre>df = spark.range(3)\nif df:\n\tdf.show()</pre></li>" in html
    assert "<b>" not in html
