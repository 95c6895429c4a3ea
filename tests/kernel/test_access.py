"""A log-in that Livy no longer accepts: the cell says so, the session lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Lab

PAGE = "<html>\n<title>Error 401 Authentication required</title>\n</html>"


def posts(lab: Lab) -> int:
    return sum(seen.method == "POST" and seen.path == "/sessions" for seen in lab.sandbox.requests)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", r"/sessions/\d+/statements"), ("GET", r"/sessions/\d+/statements/\d+")]
)
def test_a_cell_that_is_not_let_in_fails_and_the_next_one_finds_its_session(lab: Lab, method: str, path: str) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    asked = posts(lab)
    lab.sandbox.fail_next(method, path, status=401, body=PAGE, content_type="text/html")

    said = kernel.fails("2 + 2")

    assert "Invalid status code '401'" in said.error
    assert "<html>" not in said.error
    assert "and its variables are not touched." in said.error
    assert "LG603" in said.error
    kernel.fine("3 + 3")
    assert posts(lab) == asked


def test_sparkmagics_own_way_with_a_failed_cell_is_kept_where_it_is_wanted(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("%config LivyGuard.fail_cells = False")
    kernel.fine("1 + 1")
    lab.sandbox.fail_next("POST", r"/sessions/\d+/statements", status=401, body=PAGE, content_type="text/html")

    said = kernel.run("2 + 2")

    assert "LG603" in said.text
    assert said.status == "ok"
