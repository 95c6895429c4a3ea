"""SparkMagic's own text stays beside livyguard's: whole where it prints itself, its end where a cell fails."""

from __future__ import annotations

from livyguard.sparkmagic.running import _GONE
from livyguard.sparkmagic.saying import behind, whole, without_page

SAID = "Session 7 unexpectedly reached final status 'dead'. See logs:\n"


def test_all_that_sparkmagic_says_comes_first_without_its_secrets() -> None:
    log = "\n".join(f"line {number}" for number in range(30))

    assert whole(ValueError(f"{SAID}{log}"), "It is deleted.") == f"{SAID}{log}\nIt is deleted."
    assert whole(ValueError("one line."), "More.") == "one line. More."
    assert "CANARY" not in whole(ValueError("password=CANARY"), "")


def test_a_failed_cell_shows_the_end_of_the_log_and_how_much_stands_before_it() -> None:
    shown = behind(ValueError(SAID + "\n".join(f"line {number}" for number in range(30)) + "\ntoken=CANARY"))

    assert shown.splitlines()[2] == "SparkMagic's log, its last 20 lines (11 before them):"
    assert shown.splitlines()[3] == "  line 11"
    assert "CANARY" not in shown
    assert behind(ValueError(f"{SAID}the end")).splitlines()[2:] == ["SparkMagic's log:", "  the end"]


def test_one_line_and_a_page_have_nothing_behind_them() -> None:
    page = "Invalid status code '401' from http://livy with error payload: <html>\n<body>"

    assert behind(ValueError("one line")) == behind(ValueError(page)) == ""
    assert without_page(page.splitlines()[0]) == "Invalid status code '401' from http://livy."
    assert without_page("'401' from http://livy with error payload: {}").endswith("{}")


def test_a_statement_that_is_missing_is_no_lost_session() -> None:
    answer = "Invalid status code '404' from http://livy/sessions/7/statements/3 with error payload: {}"

    assert not _GONE.search(answer.format('"Statement not found"'))
    assert not _GONE.search(answer.format('{"msg":"Statement 3 not found"}'))
    assert _GONE.search(answer.format("\"Session '7' not found.\""))
    assert _GONE.search('with error payload: "java.lang.IllegalStateException: Session is in state dead"')
