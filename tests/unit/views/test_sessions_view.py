import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from livyguard.errors import ClusterError, EndpointUnreachable
from livyguard.policy.footprint import Footprint
from livyguard.sessions.holders import Orphan, Others
from livyguard.sessions.model import Links
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionList, SessionRow
from livyguard.testing import ENDPOINT, a_session, an_application, an_entry
from livyguard.views.sessions import MIME, OrphanTable, SessionTable, html, text

HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    '"><img src=x onerror=alert(1)>',
    "x" * 10_000,
]


def row(session_id, owner=None, entries=(), idle=None, this=False, held=None, **fields):
    session = a_session(session_id, login=owner, **fields)
    application = None if held is None else an_application(state="RUNNING", containers=held + 1)
    return SessionRow(session, ownership(session, "alice", entries), idle, this, application)


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

    assert [line.split()[:2] for line in part[1:4]] == [["alice", "3"], ["bob", "1"], ["carol", "(claimed)"]]
    assert part[1].split() == ["alice", "3", "2", "of", "?"]


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


def an_orphan(number=1, entry=None, is_asked=True, **fields):
    application = an_application(number, "RUNNING", user="livy", memory_mib=2048, **fields)
    return Orphan(application, "the ResourceManager http://rm", entry, is_asked)


def test_applications_without_a_session_are_a_table_of_their_own():
    ours, theirs = an_orphan(1, an_entry(16)), an_orphan(2, an_entry(9), is_asked=False, cores=4, queue="root.a")
    listing = SessionList((row(1),), (ENDPOINT,), 1, orphans=(ours, theirs, an_orphan(3)))

    shown, page = text(listing, "livyguard release"), str(html(listing))

    caption = "Applications without a session on this endpoint (another Livy may own them)"
    lines = shown.partition(caption)[2].splitlines()
    assert words(lines[2]).endswith("RUNNING livy 2.0 GiB this machine's: session 16, which is gone")
    assert words(lines[3]).endswith(f"root.a 2.0 GiB, 4 cores session 9 on {ENDPOINT}, which was not asked")
    assert lines[4].endswith("not known")
    assert f"is ended by: livyguard release --app {ours.application.id}" in shown
    assert caption in page
    assert "session 16, which is gone" in page


def test_what_is_left_in_kubernetes_is_not_offered_to_a_command_that_ends_yarns():
    left = replace(an_orphan(1, an_entry(16)).application, id="spark-0123", driver_pod="spark/livy-session-16-driver")
    executors = replace(left, id="spark-4567", driver_pod=None)
    listing = SessionList(
        (row(1),), (ENDPOINT,), 1, orphans=tuple(Orphan(one, "K", an_entry(16), True) for one in (left, executors))
    )

    shown = text(listing)

    assert "is ended by: kubectl delete pod --namespace spark livy-session-16-driver" in shown
    assert "--app" not in shown


def test_the_applications_may_stand_by_themselves():
    listing = SessionList((row(1),), (ENDPOINT,), 1, orphans=(an_orphan(1),))

    assert OrphanTable(listing).to_text().startswith("Applications without a session on this endpoint")
    assert OrphanTable(listing).to_json()[0]["app_id"].endswith("_0001")
    assert "<table" in str(OrphanTable(listing).to_html())


def test_where_there_is_none_it_is_said_who_was_asked():
    fault = ClusterError("No connection to the ResourceManager.")

    asked = OrphanTable(SessionList(clusters=("the ResourceManager http://rm",)))
    away = OrphanTable(SessionList(cluster_faults=(fault,)))

    assert asked.to_text() == ("Every application of a Livy in the ResourceManager http://rm has its session here.")
    assert away.to_text().startswith("Which applications have no session is not known.\n\nWhat sessions hold now")
    assert "No connection to the ResourceManager." in str(away.to_html())
    assert OrphanTable(SessionList()).to_text().startswith("No cluster was asked: the policy names no")


@pytest.mark.parametrize(("quiet", "shown"), [(4000, "an hour, holds executors"), (None, "  holds executors")])
def test_a_session_that_holds_executors_while_nothing_runs_is_said_to(quiet, shown):
    listing = SessionList((replace(row(1, "alice", idle=quiet, held=3), at_work="yes"),), (ENDPOINT,), 1)

    assert shown in text(listing)
    assert "dynamic_allocation" not in text(listing)


def test_where_nobody_says_whether_executors_are_held_always_the_policy_is_named():
    listing = SessionList((replace(row(1, "alice", held=3), at_work="perhaps"),), (ENDPOINT,), 1)

    assert "[cluster] dynamic_allocation = true or false in the policy says it." in text(listing)


def test_an_application_that_waits_is_said_to():
    waiting = replace(row(1, "alice", state="starting"), application=an_application(7))

    assert "application_1700000000000_0007 (ACCEPTED)" in text(SessionList((waiting,), (ENDPOINT,), 1))


@pytest.mark.parametrize(
    ("held", "most", "shown"),
    [
        (0.0, None, "0 %"),
        (0.26, None, "0.3 %"),
        (37.5, None, "38 %"),
        (None, 80.0, "80 %"),
        (9.94, 40.0, "9.9 of 40 %"),
    ],
)
def test_a_share_of_the_cluster_is_told_in_two_digits(held, most, shown):
    shared = replace(row(1), application=an_application(share=held), most_share=most)

    assert f" {shown}" in text(SessionList((shared,), (ENDPOINT,), 1))


def test_links_come_from_livy_else_from_the_cluster():
    application = an_application(tracking_url="http://rm/proxy/a", driver_log="http://nm/log")
    links = Links(None, "http://livy/log", "http://shs/history/a/")
    listing = SessionList((replace(row(1, "alice", links=links), application=application),), (ENDPOINT,), 1)

    shown = text(listing)

    assert "1: Spark UI http://rm/proxy/a" in shown
    assert "1: driver log http://livy/log" in shown
    assert "1: history http://shs/history/a/" in shown


def test_what_could_be_freed_and_what_was_not_asked_is_said_below():
    ended = replace(row(3, "alice", state="dead"), application=an_application(5, "ACCEPTED"))
    rows = (row(1, "alice", state="error"), row(2, "bob", state="error"), ended)
    fault = ClusterError("No connection to the ResourceManager http://rm.")
    listing = SessionList(rows, (ENDPOINT,), 3, cluster_faults=(fault,), others=Others(2, 4096, 8), not_looked_at=3)

    lines = text(listing).splitlines()

    assert (
        "Session 1: the interpreter is dead and the driver goes on, until somebody frees it: %livy_release 1" in lines
    )
    assert (
        "Session 3 is dead for Livy, and its application application_1700000000000_0005 goes on: %livy_release 3"
    ) in lines
    assert "2 other applications hold 4.0 GiB and 8 cores: batches, jobs that were submitted without Livy." in lines
    assert any(line.startswith("3 more idle sessions were not asked since when:") for line in lines)
    assert (
        "What sessions hold now, and applications without a session, are not shown: No connection to the "
        "ResourceManager http://rm."
    ) in lines


def test_one_of_each_is_no_plural():
    rows = (row(1, "alice", state="error"), row(2, "alice", state="error"))
    listing = SessionList(rows, (ENDPOINT,), 2, others=Others(1, 1024, 1), not_looked_at=1)

    shown = text(listing)

    assert "Sessions 1, 2: the interpreter is dead" in shown
    assert "1 other application holds 1.0 GiB and 1 core:" in shown
    assert "1 more idle session was not asked since when" in shown


def test_a_notebook_shows_so_many_rows_and_the_text_all():
    listing = SessionList(tuple(row(number, "bob") for number in range(502)), (ENDPOINT,), 502)

    page = str(html(listing))

    assert page.count('scope="row"') == 500 + 1  # and one owner's total
    assert "2 more: --mine, --user and --state narrow the listing down; -o NAME keeps it all." in page
    assert "502 Livy sessions" in page
    assert len([line for line in text(listing).splitlines() if " bob " in f"{line} "]) == 502
    assert len(SessionTable(listing).to_json()) == 502
