"""Names, owners, states, links and what YARN tells are other people's words: harmless in every output, true in JSON."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from livyguard.bootstrap import Parts, open_store
from livyguard.cli.main import run
from livyguard.errors import EndpointUnreachable, LivyAnswer, ReleaseRefused
from livyguard.listing import list_sessions
from livyguard.release import ReleaseRequest, release
from livyguard.testing import RecordingDisplay
from livyguard.views.notebook import NotebookDisplay
from livyguard.views.progress import Line
from livyguard.views.release import ReleaseView, plan
from livyguard.views.sessions import OrphanTable, SessionTable
from tests.unreliable import Fault, unreliable_livy

WORDS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=alert(1)>'",
    "entity": "&lt;b&gt; &#x3c;i>",
    "clear screen": "\x1b[2J\x1b[1;31mred",
    "terminal link": "\x1b]8;;https://evil.example.com\x1b\\here\x07",
    "C1": "\x9b2J\x9d0;title\x9c",
    "right to left": "abc\u202egpj.exe\u2066x\u2069\u200f",
    "NUL": "a\x00b\x7f",
    "newlines": "a\r\nlivyguard: everything is freed\n\u2028b\u2029c\x0bd\x0ce\x85f\tg",
    "10 kB": "A" * 10_000,
    "10 kB of escapes": "\x1b" * 10_000,
    "lone surrogate": "a\ud800b\udc80",
    "wide": "仕事👩‍👩‍👧 ﷽",
    "combining": "e" + "\u0301" * 500,
    "invisible": "ad\u200bmin\ufeff\u00ad",
    "tags": "a\U000e0041\U000e007f",
    "format": "%s {0} {row} ${HOME} `id`",
    "javascript": "javascript:alert(1)//",
    "data": "data:text/html,<script>alert(1)</script>",
}
#: What a person's eye or terminal never gets, but for the ends of lines.
HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "a", "p"}
ATTRIBUTES = {"class", "style", "scope", "href", "target", "rel"}
LONGEST_LINE = 2_500


def app_id(number: int) -> str:
    return f"application_1700000000000_{number:04}"


def sessions_with(word: str) -> dict[str, dict[str, Any]]:
    """A session for each place where a word can stand."""
    return {
        "name": {"name": word},
        "owner": {"owner": word},
        "proxyUser": {"proxyUser": word},
        "state": {"state": word},
        "kind": {"kind": word},
        "appId": {"appId": word},
        "links": {"appInfo": {"sparkUiUrl": word, "driverLogUrl": word}},
        "links of the web": {"appInfo": {"sparkUiUrl": f"http://h/{word}", "driverLogUrl": f"https://u:p@{word}/"}},
        "claim": {"owner": None, "conf": {"spark.yarn.tags": f"livyguard-user-{word}"}},
        "log": {"log": [word]},
        "in YARN": {},
    }  # fmt: skip


def applications_with(word: str) -> list[dict[str, Any]]:
    """What YARN tells of the last session, of one that nobody lists, and of one that is no Livy's."""
    words = dict.fromkeys(("user", "queue", "name", "diagnostics", "trackingUrl", "amContainerLogs"), word)
    held = {"allocatedMB": 2048, "allocatedVCores": 2, "runningContainers": 2, "startedTime": 1_700_000_000_000}
    last = len(sessions_with(word)) - 1
    return [
        {**words, **held, "id": app_id(last), "state": "RUNNING", "applicationTags": ""},
        {**words, **held, "id": app_id(90), "state": "RUNNING", "applicationTags": "livy-session-90-abcdefgh"},
        {**words, **held, "id": word, "state": "RUNNING", "applicationTags": "livy-session-91-abcdefgh"},
        {**words, **held, "id": app_id(92), "state": "ACCEPTED", "applicationTags": word, "applicationType": word},
    ]


class Cluster:
    """A Livy and a ResourceManager that have a word in every place."""

    def __init__(self, word: str) -> None:
        base = {"owner": "alice", "proxyUser": None, "state": "idle", "kind": "pyspark", "conf": {}, "name": None}
        self.places = list(sessions_with(word))
        self.sessions: dict[int, dict[str, Any]] = {
            number: {"id": number, "appId": app_id(number), **base, **fields}
            for number, fields in enumerate(sessions_with(word).values())
        }
        self.applications = applications_with(word)

    def __call__(self, request: Request) -> Response:
        if request.path.startswith("/ws/"):
            is_listing = request.path.endswith("/apps")
            one = {**self.applications[0], "state": "FINISHED"}
            return _json({"apps": {"app": self.applications}} if is_listing else {"app": one})
        if request.path == "/sessions":
            return _json({"from": 0, "total": len(self.sessions), "sessions": list(self.sessions.values())})
        if request.path.endswith("/statements"):
            return _json({"total_statements": 1, "statements": [{"id": 0, "started": 1_000, "completed": 2_000}]})
        number = int(request.path.rpartition("/")[2])
        if number not in self.sessions:
            return _json({"msg": "not found"}, 404)
        if request.method == "DELETE":
            return _json({"msg": f"deleted {self.sessions.pop(number)['name']}"})
        return _json(self.sessions[number])


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


@pytest.fixture(scope="module")
def threaded():
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def server(threaded, own_home, monkeypatch):
    threaded.clear()
    url = threaded.url_for("").rstrip("/")
    monkeypatch.setenv("LIVYGUARD_URL", url.replace("//", "//alice:s3cret@"))
    policy = own_home / "policy.toml"
    policy.write_text(
        f'operators = {{ users = ["alice"] }}\n[cluster]\nresource_manager = "{url}"\n'
        '[defaults.limits]\n"executors.max" = { max = 8 }\n'
    )
    monkeypatch.setenv("LIVYGUARD_POLICY", str(policy))
    return threaded


@pytest.fixture
def cluster(server, word):
    cluster = Cluster(word)
    server.expect_request(re.compile("/.*")).respond_with_handler(cluster)
    return cluster


@pytest.fixture
def cells(cluster):
    """What the magics' parts make of it, without a kernel."""
    store, _ = open_store()
    parts = Parts(RecordingDisplay())
    rights = {"shared_accounts": parts.rights(store).shared_accounts}
    listed = list_sessions([store], parts.ledger, parts.clock, clusters=parts.clusters, idle=True, **rights)
    everything = list_sessions([store], parts.ledger, parts.clock, clusters=parts.clusters, **rights)
    asked = ReleaseRequest(ids=tuple(cluster.sessions), dry_run=True, force=True, is_operator=True)
    report = release([store], parts.ledger, parts.clock, asked, applications=parts.applications, **rights)
    return SimpleNamespace(
        idle=SessionTable(listed),
        sessions=SessionTable(everything),
        orphans=OrphanTable(everything),
        report=ReleaseView(report),
    )


every_word = pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)


def assert_harmless(text: str) -> None:
    found = HARMFUL.search(text)
    assert found is None, f"{found[0]!r} in …{text[max(0, found.start() - 60) : found.end() + 60]!r}"
    assert max(map(len, text.split("\n"))) <= LONGEST_LINE


class Page(HTMLParser):
    """Every tag and attribute of a page is one of ours, and its links are those of the web."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def assert_harmless_page(html: str) -> None:
    page = Page(html)
    assert all(link.startswith(("http://", "https://")) for link in page.links)
    for words in [*page.text, *page.links]:
        assert_harmless(words.replace("\n", ""))
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
    html.encode()


def rows_of(text: str) -> list[str]:
    """The lines of the first table, without caption and headers."""
    return text.partition("\n\n")[0].split("\n")[2:]


@every_word
def test_the_listing_in_a_terminal_is_a_line_a_session(cluster, word, capsys):
    assert run(["sessions"]) == 0

    told = capsys.readouterr()
    assert_harmless(told.out + told.err)
    assert sorted(int(line.split()[0]) for line in rows_of(told.out)) == list(cluster.sessions)


@every_word
def test_the_listing_as_json_keeps_every_word_as_it_is(cluster, word, capsys):
    assert run(["sessions", "--json"]) == 0

    told = capsys.readouterr()
    rows = dict(zip(cluster.places, _by_id(json.loads(told.out)), strict=True))
    assert rows["name"]["name"] == word
    assert rows["owner"]["owner"] == rows["proxyUser"]["owner"] == word
    assert rows["state"]["state"] == word
    assert rows["kind"]["kind"] == word
    assert rows["appId"]["app_id"] == word
    assert rows["links"]["links"]["spark_ui"] == word
    assert rows["in YARN"]["queue"] == word
    assert re.search(r"[^\x20-\x7f\n]", told.out) is None
    assert_harmless(told.err)


def _by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["id"])


@every_word
def test_applications_without_a_session_are_a_line_each(cluster, word, capsys):
    assert run(["sessions", "--orphans"]) == 0
    told = capsys.readouterr()
    assert run(["sessions", "--orphans", "--json"]) == 0
    orphans = json.loads(capsys.readouterr().out)

    assert_harmless(told.out + told.err)
    assert len(told.out.rstrip("\n").split("\n")) == 2 + len(orphans)  # a caption, headers, a line each
    assert orphans[0]["user"] == orphans[0]["queue"] == word


@every_word
@pytest.mark.parametrize(
    "arguments",
    [["--all-users", "--idle-for", "1s"], [*map(str, range(11)), "--force"], ["--user", "WORD", "--idle-for", "1s"]],
    ids=["all", "by-id", "of-a-user"],
)
def test_a_release_is_a_line_a_session_before_and_after(cluster, word, capsys, arguments):
    arguments = [word if argument == "WORD" else argument for argument in arguments]
    foretold = run(["release", "--dry-run", *arguments])
    before = capsys.readouterr()
    code = run(["release", *arguments])
    after = capsys.readouterr()

    assert {foretold, code} <= {0, 1}
    for text in (before.out, before.err, after.err, after.out):
        assert_harmless(text if len(text.split("\n")) > 3 else text[:LONGEST_LINE])
    assert after.err.count("\n") <= 1
    assert "livyguard itself failed" not in before.err + after.err
    if "WORD" not in arguments and word not in arguments:
        assert len(before.out.split("\n")) == len(cluster.places) + 3  # summary, headers, a line each, the end
        assert len(cluster.sessions) < len(cluster.places)


@every_word
def test_a_release_by_cron_is_a_line_an_action_of_true_json(cluster, word, capsys):
    run(["release", "--all-users", "--idle-for", "1s", "--json"])

    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert {line["id"] for line in lines} >= {cluster.places.index("name"), cluster.places.index("links")}
    owners = {line["id"]: line["owner"] for line in lines}
    assert owners[cluster.places.index("owner")] == word
    assert re.search(r"[^\x20-\x7f\n]", told.out) is None
    assert_harmless(told.err)


@every_word
def test_the_notebooks_tables_are_harmless_in_text_and_html(cells, word):
    for table in (cells.idle, cells.sessions, cells.orphans, cells.report):
        assert_harmless(repr(table))
        assert_harmless_page(str(table.to_html()))
    assert len(rows_of(repr(cells.sessions))) == len(sessions_with(word))


@every_word
def test_what_a_kernel_sends_is_utf8_and_true(cells, word):
    for table in (cells.idle, cells.sessions, cells.orphans, cells.report):
        sent = json.dumps(table._repr_mimebundle_(), ensure_ascii=False, allow_nan=False).encode()
        assert sent
    if word.isprintable():
        [bundle] = [content for kind, content in cells.sessions._repr_mimebundle_().items() if "vnd" in kind]
        assert _by_id(bundle)[0]["name"] == word


@every_word
def test_the_frame_keeps_every_word_as_it_is(cells, word):
    frame = cells.sessions.to_frame()

    assert len(frame) == len(sessions_with(word))
    assert word in list(frame["name"])
    assert word in list(frame["owner"])


@every_word
def test_what_is_about_to_be_freed_is_one_line(cells, word):
    line = plan(list(cells.sessions))

    assert "\n" not in line
    assert HARMFUL.search(line) is None


@every_word
def test_an_error_of_the_server_is_one_harmless_line_in_terminal_and_notebook(server, word, capsys):
    server.expect_request("/sessions").respond_with_json({"msg": word}, 500)
    server.expect_request("/ws/v1/cluster/apps").respond_with_json({"RemoteException": {"message": word}}, 403)

    assert run(["sessions"]) == 1

    told = capsys.readouterr().err
    assert_harmless(told)
    assert len(told.splitlines()) == 1
    with pytest.raises(LivyAnswer) as caught:
        open_store()[0].sessions()
    lines = caught.value._render_traceback_()
    assert len(lines) == 1
    assert_harmless(lines[0])


@every_word
def test_what_a_cluster_says_of_a_refusal_is_one_harmless_note(server, word, capsys):
    server.expect_request("/sessions").respond_with_json({"from": 0, "total": 0, "sessions": []})
    server.expect_request("/ws/v1/cluster/apps").respond_with_json({"RemoteException": {"message": word}}, 403)

    assert run(["sessions"]) == 0
    assert run(["sessions", "--json"]) == 0

    told = capsys.readouterr()
    assert_harmless(told.out + told.err)


@every_word
def test_a_notice_and_a_failure_in_a_notebook_are_harmless(word, monkeypatch):
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("livyguard.views.notebook.display", lambda content, **_: shown.append(content))

    NotebookDisplay().notice(f"Session {word} is gone.")

    assert_harmless(shown[0]["text/plain"][:LONGEST_LINE])
    assert_harmless_page(str(shown[0]["text/html"])[:LONGEST_LINE])
    for error in (EndpointUnreachable(f"No {word}.", "http://h"), ReleaseRefused(f"It is {word}'s.\nAnd so on.")):
        lines = error._render_traceback_()
        assert all(HARMFUL.search(line) is None and "\n" not in line for line in lines)


@every_word
def test_the_line_of_progress_is_one_harmless_line(word):
    said: list[str] = []
    pen = SimpleNamespace(draw=lambda text, _: said.append(text), leave=lambda text, _: said.append(text))
    now = iter([0.0, *[5.0] * 20])
    line = Line(pen, lambda: next(now))

    line.show(f"Asking {word}")
    line.close()

    assert said
    for text in said:
        assert_harmless(text)
        assert "\n" not in text


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {"WWW_Authenticate": "\x1b[2J<script>, \x9b2J realm=x"}),
        (307, {"Location": "http://127.0.0.1:1\x1b[2J\x9b/sessions"}),
        (302, {"Location": "http://\x1b]0;x\x07:1/"}),
        (200, {"Content_Type": "text/html; charset=\x1b[2J", "Content_Encoding": "\x1b[2J"}),
    ],
)
def test_headers_of_a_server_are_words_of_others_too(server, capsys, status, headers):
    with unreliable_livy() as livy:
        livy.faults = [Fault(lambda handler, _: handler.send(b"<p>", status, **headers), times=None)]

        assert run(["sessions", "--url", livy.at()]) in {2, 3}

    told = capsys.readouterr().err
    assert_harmless(told)
    assert told
