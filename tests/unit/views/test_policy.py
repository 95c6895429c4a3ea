"""What the policy says of one person, as text, HTML and JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

from livyguard.policy.identity import Witness
from livyguard.policy.report import GrantReport, LayerReport, LimitReport, PolicyReport
from livyguard.views.policy import MIME, PolicyView, html, text

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
LIMIT = LimitReport(
    "executors.max",
    {"max": 8, "default": 5},
    "at most 8; 5 unless asked",
    "clamp",
    "team.limits.executors.max",
    "/etc/livyguard/policy.toml",
    "10 workers",
    "ops@example.com",
)
WHOLE = PolicyReport(
    user="alice",
    trust="reported",
    source="the login at http://livy:8998",
    groups=("ml", "staff"),
    tenant="team",
    why='users: "al*" matches alice',
    layers=(LayerReport("/etc/livyguard", is_operators=True), LayerReport("/opt/policy.toml", is_operators=False)),
    limits=(
        LIMIT,
        LimitReport("queue", {"fixed": "a"}, "always a", "deny", "defaults.limits.queue", "/opt/policy.toml"),
    ),
    session_configs={"driverMemory": "4g"},
    idle_after=1800,
    quota={"sessions": 2, "memory": "192g"},
    team_quota={"executors": 40},
    unlisted="team.unlisted",
    cluster="emr",
    is_operator=True,
    decision_log="/var/log/livyguard",
    grants=(GrantReport("alice", ("executors.max",), "2026-12-24T18:00:00Z", "quarter close"),),
    notes=("policy.toml: it holds no limit: nothing is limited.",),
    witnesses=(
        Witness("the login at http://livy:8998", "reported", "alice", counts=True),
        Witness("JupyterHub", "reported", None, note="It does not answer."),
        Witness("the operating system", "claimed", "alice", frozenset({"staff", "ml"})),
    ),
)
STRANGER = PolicyReport(None, "claimed", "nobody")


def test_everything_is_in_the_text():
    assert text(WHOLE).splitlines() == [
        "User        alice",
        "Known by    the login at http://livy:8998 (reported)",
        "Groups      ml, staff",
        'Tenant      team (users: "al*" matches alice)',
        "Cluster     emr",
        "Policy      /etc/livyguard (the operator's)",
        "Policy      /opt/policy.toml",
        "Logged      every creation, in /var/log/livyguard",
        "Operator    may free other people's sessions",
        "Left alone  a session that is idle for 30 minutes; a release frees it",
        "Quota       sessions 2, memory 192g for each user",
        "Team quota  executors 40 for all together",
        "Other conf  keys that no limit names are refused (team.unlisted)",
        "Grant       executors.max until 2026-12-24T18:00:00Z (quarter close)",
        "",
        "How that is known",
        "Source                         Says    Worth     Groups     Counts  Note",
        "the login at http://livy:8998  alice   reported             yes",
        "JupyterHub                     nobody  reported                     It does not answer.",
        "the operating system           alice   claimed   ml, staff",
        "",
        "What a session may ask for",
        (
            "Property       Allowed                    Otherwise  Why                                 "
            "Rule                       File"
        ),
        (
            "executors.max  at most 8; 5 unless asked  changed    10 workers · more: ops@example.com  "
            "team.limits.executors.max  /etc/livyguard/policy.toml"
        ),
        (
            "queue          always a                   refused                                        "
            "defaults.limits.queue      /opt/policy.toml"
        ),
        "",
        "What the policy sets unless asked otherwise",
        "{",
        '  "driverMemory": "4g"',
        "}",
        "",
        "policy.toml: it holds no limit: nothing is limited.",
    ]


def test_the_html_says_the_same():
    class Words(HTMLParser):
        said = ""

        def handle_data(self, data):
            self.said += data + "\n"

    reader = Words()
    reader.feed(str(html(WHOLE)))

    for line in text(WHOLE).splitlines():
        for piece in filter(None, line.split("  ")):
            assert piece.strip() in reader.said


def test_the_tables_have_captions_and_scopes():
    page = str(html(WHOLE))

    assert page.count("<caption") == page.count("<table") == 3
    assert 'scope="col"' in page
    assert 'scope="row"' in page


def test_a_single_files_name_is_not_repeated_in_every_row():
    file = LayerReport("/etc/livyguard/policy.toml", is_operators=True)
    alone = replace(WHOLE, layers=(file,), limits=(LIMIT, replace(LIMIT, property="queue")))

    assert text(alone).count("/etc/livyguard") == 1
    assert "the operator's" not in text(alone)


def test_the_file_in_a_folder_is_told_in_its_row():
    alone = replace(WHOLE, layers=WHOLE.layers[:1], limits=(LIMIT,))

    assert text(alone).count("/etc/livyguard/policy.toml") == 1
    assert text(replace(alone, limits=WHOLE.limits)).count("/opt/policy.toml") == 1


def test_the_end_of_a_granted_limit_is_told():
    granted = replace(LIMIT, until="2026-12-24T18:00:00Z", reason=None, contact=None)

    assert "until 2026-12-24T18:00:00Z" in text(replace(WHOLE, limits=(granted,), grants=()))


def test_somebody_unknown_and_a_shared_account_are_told_so():
    assert text(STRANGER).splitlines()[:2] == ["User      not known", "Known by  nobody (claimed)"]
    shared = replace(STRANGER, user="jovyan", is_shared=True)
    assert text(shared).splitlines()[0] == "User      jovyan, a shared account: it names nobody"


def test_without_a_policy_it_says_that_nothing_is_limited_and_where_one_was_looked_for():
    searched = replace(STRANGER, searched=("/etc/livyguard/policy.toml", "/opt/etc/livyguard/policy.toml"))

    assert text(STRANGER).endswith("No policy is installed: nothing is limited.")
    assert text(searched).splitlines()[-1] == (
        "No policy is installed: nothing is limited. "
        "It was looked for in /etc/livyguard/policy.toml, /opt/etc/livyguard/policy.toml."
    )


def test_an_invalid_policy_shows_every_fault_and_that_nothing_can_be_created():
    faulty = replace(STRANGER, faults=("policy.toml: defaults.x: unknown", "policy.toml: tenant[0]: no name"))

    for words in (text(faulty), str(html(faulty))):
        assert "No session is created until it is mended" in words
        assert "policy.toml: defaults.x: unknown" in words
        assert "policy.toml: tenant[0]: no name" in words
        assert "nothing is limited" not in words


def test_a_policy_without_a_limit_says_so():
    assert "No limit holds: whatever is asked is given." in text(replace(STRANGER, tenant="defaults"))


def test_foreign_words_are_harmless_everywhere():
    hostile = PolicyReport(
        HOSTILE,
        "claimed",
        HOSTILE,
        (HOSTILE,),
        tenant=HOSTILE,
        why=HOSTILE,
        layers=(LayerReport(HOSTILE, is_operators=True),),
        limits=(LimitReport(*[HOSTILE, {}, HOSTILE, "clamp", *[HOSTILE] * 4]), LIMIT),
        session_configs={HOSTILE: HOSTILE},
        quota={HOSTILE: HOSTILE},
        unlisted=HOSTILE,
        cluster=HOSTILE,
        grants=(GrantReport(HOSTILE, (HOSTILE,), "2026-12-24T18:00:00Z", HOSTILE),),
        notes=(HOSTILE,),
        witnesses=(Witness(HOSTILE, "claimed", HOSTILE, frozenset({HOSTILE}), HOSTILE),),
    )
    faulty = replace(STRANGER, faults=(HOSTILE,))
    nowhere = replace(STRANGER, searched=(HOSTILE,))

    for report in (hostile, faulty, nowhere):
        assert "<script" not in str(html(report))
        assert "&lt;script" in str(html(report))
        for words in (text(report), str(html(report))):
            assert "\x1b" not in words
            assert "\u202e" not in words


def test_a_notebook_gets_text_html_and_json():
    bundle = PolicyView(WHOLE)._repr_mimebundle_()

    assert bundle["text/plain"] == repr(PolicyView(WHOLE)) == text(WHOLE)
    assert bundle["text/html"] == str(html(WHOLE))
    told = json.loads(json.dumps(bundle[MIME]))
    assert told["limits"][0]["says"] == {"max": 8, "default": 5}
    assert told["layers"][0] == {"source": "/etc/livyguard", "is_operators": True}
    assert told["witnesses"][2]["groups"] == ["ml", "staff"]
    assert "application/json" not in bundle
