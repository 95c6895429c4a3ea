from markupsafe import Markup

from livyguard.views import page


def test_cells_are_escaped_unless_they_are_markup():
    shown = page.table("<b>", ["<i>", "B"], [["<u>", Markup("<a>x</a>")]])

    assert "<u>" not in shown
    assert "&lt;u&gt;" in shown
    assert "&lt;b&gt;" in shown
    assert "<a>x</a>" in shown


def test_columns_without_content_are_left_out():
    assert "Empty" not in page.table("t", ["A", "Empty"], [["1", ""], ["2", ""]])


def test_numbers_stand_flush_right():
    shown = page.table("t", ["A", "B"], [["x", "1"]], frozenset({1}))

    assert shown.count("text-align: right") == 2


def test_a_link_needs_the_web():
    assert not page.is_of_the_web(None)
    assert page.link("x", "http://[::1") == ""
    assert page.link("x", "javascript:alert(1)") == ""
    assert 'href="https://h/&#34;"' in page.link("x", 'https://h/"')
