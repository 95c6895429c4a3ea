"""How a start is going: the line, the hint under it, and what is left of both."""

from __future__ import annotations

import pytest

from livyguard.hints.model import Evidence, Fix, Hint
from livyguard.hints.start import Start
from livyguard.views.starting import StartView, html, line, text

HINT = Hint(
    "LG202",
    "queue-am-limit",
    "Session 7 waits: <b>no room</b>",
    "The queue is full.",
    (Evidence("bob: 1 session", "held in queue root.narrow"),),
    (Fix("Free your idle session 41.", cell="%livy_release 41", applicability="review"),),
)
WAITS = Start(7, "starting", 14, "YARN", "ACCEPTED", "root.narrow", 3, HINT)


class Pen:
    """Keeps what is drawn; breaks where a test wants it."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.drawn: list[Start] = []
        self.left: list[Start] = []
        self._breaks = breaks

    def draw(self, start: Start) -> None:
        self.drawn.append(start)
        if self._breaks:
            raise OSError

    def leave(self, start: Start) -> None:
        self.left.append(start)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (WAITS, "Session 7 starting · 14 s · YARN ACCEPTED in root.narrow · 3 applications before it"),
        (Start(7, "starting", 2), "Session 7 starting · 2 s"),
        (Start(7, "starting", 2, "YARN", "RUNNING", None, 0), "Session 7 starting · 2 s · YARN RUNNING"),
        (
            Start(7, "idle", 31, "YARN", "RUNNING", "q\x1b[1m", 1),
            "Session 7 idle · 31 s · YARN RUNNING in q\\x1b[1m · 1",
        ),
    ],
)
def test_the_line_says_what_is_known(start: Start, said: str) -> None:
    assert line(start).startswith(said)


def test_the_hint_stands_under_the_line_as_text_and_as_escaped_html() -> None:
    assert text(WAITS).startswith(f"{line(WAITS)}\n\nLG202 Session 7 waits: <b>no room</b>")
    assert html(WAITS).startswith(f"<div>{line(WAITS)}</div><div")
    assert "<b>" not in html(WAITS)
    assert html(Start(7, "idle", 2)) == "<div>Session 7 idle · 2 s</div>"


def test_it_is_drawn_from_the_second_on_and_once_for_the_same() -> None:
    pen = Pen()
    view = StartView(pen)

    for seconds in (0, 1, 1, 2):
        view.show(Start(7, "starting", seconds))

    assert [start.seconds for start in pen.drawn] == [1, 2]


def test_in_the_end_the_line_alone_is_left_and_once() -> None:
    pen = Pen()
    view = StartView(pen)
    view.show(WAITS)

    for _ in range(2):
        view.close(Start(7, "idle", 40, hint=HINT))
    view.show(WAITS)

    assert pen.left == [Start(7, "idle", 40)]
    assert pen.drawn == [WAITS]


@pytest.mark.parametrize(("breaks", "shown"), [(False, []), (True, [WAITS, WAITS])])
def test_what_was_never_drawn_or_cannot_be_leaves_nothing(breaks: bool, shown: list[Start]) -> None:
    pen = Pen(breaks=breaks)
    view = StartView(pen)

    for start in shown:
        view.show(start)
    view.close(Start(7, "idle", 40))

    assert len(pen.drawn) <= 1
    assert pen.left == []
