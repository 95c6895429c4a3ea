import json
from html.parser import HTMLParser

import pytest

from livyguard.errors import EndpointUnreachable
from livyguard.policy.footprint import Footprint
from livyguard.sessions.model import Links
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionList, SessionRow
from livyguard.testing import ENDPOINT, a_session, an_entry
from livyguard.views.sessions import MIME, SessionTable, html, text

HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    '"><img src=x onerror=alert(1)>',
    "x" * 10_000,
]


def row(session_id, owner=None, entries=(), idle=None, this=False, held=None, **fields):
    session = a_session(session_id, login=owner, **fields)
    return SessionRow(session, ownership(session, "alice", entries), idle, held, this)


def words(line):
    return " ".join(line.split())


@pytest.fixture
def crowd():
    tags = frozenset({"livyguard-0badcafe"})
    rows = (
        row(
            2,
            "alice",
            idle=2700,
            ceiling=Footprint(5, 40_960, 11),
            name="etl",
            app_id="application_1",
            links=Links("http://ui", "javascript:alert(1)"),
        ),
        row(3, "alice", state="busy", this=True, held=2, ceiling=Footprint(8)),
        row(4, "bob", held=1),
        row(5, tags=frozenset({"livyguard-user-carol"})),
        row(6, tags=tags, entries=[an_entry(6, "livyguard-0badcafe", user="alice")]),
        row(7),
    )
    return SessionList(rows, endpoints=(ENDPOINT,), listed=6)


def test_the_text_is_complete(crowd):
    lines = text(crowd).splitlines()

    assert lines[0] == f"6 Livy sessions on {ENDPOINT}, 3 mine"
    assert words(lines[1]) == "Session Owner Whose State Idle for Executors Memory Cores Kind Name Application"
    assert words(lines[2]) == "2 alice mine idle 45 minutes 5 40.0 GiB 11 pyspark etl application_1"
    assert "this notebook" in lines[3]
    assert "2 of 8" in lines[3]
    assert "1 of ?" in lines[4]
    assert "carol (claimed)" in lines[5]
    assert "not known" in lines[7]
    assert "2: Spark UI http://ui" in lines


def test_totals_by_owner_follow(crowd):
    part = text(crowd).partition("At most, by owner\n")[2].splitlines()

    assert [line.split()[:2] for line in part[1:4]] == [["alice", "3"], ["bob", "1"], ["carol", "1"]]
    assert part[1].split() == ["alice", "3", "13", "40.0", "GiB", "11"]


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_html_is_a_table_that_screen_readers_understand(crowd):
    tags = Tags(str(html(crowd))).tags
    names = [name for name, _ in tags]

    assert names.count("table") == names.count("caption") == 2
    assert {attrs.get("scope") for name, attrs in tags if name == "th"} == {"col", "row"}
    assert sum(attrs.get("scope") == "row" for name, attrs in tags if name == "th") == 6 + 4


def test_only_links_of_the_web_are_links(crowd):
    links = [attrs for name, attrs in Tags(str(html(crowd))).tags if name == "a"]

    assert [(link["href"], link["rel"]) for link in links] == [("http://ui", "noopener noreferrer")]


def test_colours_are_the_notebooks_own_and_have_fall_backs(crowd):
    page = str(html(crowd))

    assert "var(--jp-content-font-color1, inherit)" in page
    assert page.count("var(--jp-") == page.count(", inherit)") + page.count(", rgba(128, 128, 128, 0.5))")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["name", "login", "state", "kind", "app_id"])
def test_hostile_words_are_harmless_in_every_output(hostile, field):
    session = a_session(1, **{field: hostile})
    shown = SessionTable(
        SessionList((SessionRow(session, ownership(session, None, [])),), endpoints=(ENDPOINT,), listed=1)
    )

    bundle = shown._repr_mimebundle_()

    page, words = bundle["text/html"], bundle["text/plain"]
    assert "<script" not in page
    assert "<img" not in page
    assert {"\x1b", "\u202e"}.isdisjoint(page + words)
    assert len(page) < 10_000
    assert len(words) < 1_000
    json.dumps(bundle[MIME])


def test_the_bundle_has_text_html_and_json_and_nothing_that_hides_the_table(crowd):
    bundle = SessionTable(crowd)._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle[MIME][0]["id"] == 2


def test_the_table_is_a_sequence_that_prints_itself(crowd):
    table = SessionTable(crowd)

    assert len(table) == 6
    assert table[0].id == 2
    assert [one.id for one in table[4:]] == [6, 7]
    assert repr(table) == text(crowd)


def test_a_frame_has_a_row_a_session(crowd):
    frame = SessionTable(crowd).to_frame()

    assert list(frame["id"]) == [2, 3, 4, 5, 6, 7]
    assert frame.loc[0, "link_spark_ui"] == "http://ui"
    assert frame["executors"].sum() == 13


def test_a_frame_of_nothing_is_empty():
    assert len(SessionTable(SessionList()).to_frame()) == 0


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (SessionList(endpoints=(ENDPOINT,)), f"No Livy session on {ENDPOINT}."),
        (SessionList(endpoints=(ENDPOINT,), listed=3), f"None of the 3 Livy sessions on {ENDPOINT} matches."),
        (SessionList(endpoints=(ENDPOINT,), listed=1), f"The one Livy session on {ENDPOINT} does not match."),
        (SessionList(), "No Livy session on this endpoint."),
    ],
)
def test_nothing_to_list_is_a_sentence(listing, words):
    assert text(listing) == words
    assert words in str(html(listing))
    assert "<table" not in str(html(listing))


def test_a_filtered_listing_says_of_how_many():
    listing = SessionList((row(1, "alice"),), endpoints=(ENDPOINT,), listed=9)

    assert text(listing).startswith(f"1 of 9 Livy sessions on {ENDPOINT}, 1 mine")


def test_one_session_is_no_plural():
    assert text(SessionList((row(1),), (ENDPOINT,), 1)).startswith("1 Livy session on")


def test_what_is_missing_and_what_could_not_be_read_is_told():
    fault = EndpointUnreachable("http://down refuses\x1b the connection.", "http://down")
    listing = SessionList((row(1),), (ENDPOINT, "http://down"), 1, missing=(12,), faults=(fault,))

    assert "Livy lists no session 12." in text(listing)
    assert r"Not listed: http://down refuses\x1b the connection." in text(listing)
    assert "Livy lists no session 12." in str(html(listing))
    assert "Endpoint" in text(listing).splitlines()[1]
