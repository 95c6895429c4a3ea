"""The way to Livy, Livy, what stands behind it, and what wears out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livyguard.doctor.cluster import Standing
from livyguard.doctor.ports import Certificate, LedgerFacts, LivyVersion, Manager, Page, QueueFacts, Settings
from livyguard.errors import AuthenticationFailed, ClusterError, EndpointUnreachable, LivyAnswer, NotLivy
from livyguard.testing import FakeYarn, a_session, an_entry

from .scene import DAY, NOW, URL, Here, Livy, Network, ResourceManager, a_server, check, examine


def seen(found):
    return found.status, found.hint.code if found.hint else None


def hers(number, owner="alice", **fields):
    return a_session(number, login=owner, tells_login=True, **fields)


@pytest.mark.parametrize(
    ("network", "broken", "skipped"),
    [
        (Network(said_resolve=EndpointUnreachable("The host is not known.", URL)), "dns", "tcp"),
        (Network(said_connect=EndpointUnreachable("It refuses the connection.", URL)), "tcp", "tls"),
        (Network(said_handshake=EndpointUnreachable("TLS fails: expired.", URL)), "tls", "login"),
    ],
)
def test_what_lies_behind_a_broken_link_is_not_looked_at_and_says_why(network, broken, skipped):
    report = examine(network=network)

    by_name = {found.name: found for found in report.checks}
    label = by_name[broken].label
    assert by_name[broken].status == "failure"
    assert (by_name[skipped].status, by_name[skipped].text) == ("skipped", f"not looked at: {label} fails")
    assert (by_name["sessions"].status, by_name["sessions"].text) == ("skipped", f"not looked at: {label} fails")
    assert by_name["yarn"].status == by_name["ledger"].status == "ok"
    assert report.exit_code == 3


def test_a_certificate_that_is_over_soon_is_worth_a_word():
    found = check("tls", network=Network(said_handshake=Certificate("TLSv1.3", NOW + 13 * DAY)))

    assert seen(found) == ("warning", "LG960")
    assert found.text == "TLSv1.3; the certificate of livy.example.com is valid until 1970-01-25: in 13 days"


def test_a_certificate_that_nobody_looks_at_is_worth_a_word():
    assert seen(check("tls", network=Network(said_handshake=Certificate("TLSv1.2", None)))) == ("warning", "LG959")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"url": "http://livy:8998"}, "http:// goes without"),
        ({"network": Network(said_handshake=None)}, "config.json mounts an adapter of its own"),
    ],
)
def test_a_handshake_that_nobody_can_make_is_left_out_and_stops_nothing(changes, text):
    report = examine(None, a_server(**changes))

    by_name = {found.name: found for found in report.checks}
    assert by_name["tls"].status == "skipped"
    assert by_name["tls"].text.startswith(text)
    assert by_name["login"].status == "ok"


def test_a_proxy_on_the_way_is_named():
    found = check("dns", network=Network(via="proxy:3128"))

    assert found.text == "through the proxy proxy:3128: livy.example.com is 10.0.0.7"


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationFailed(f"{URL} does not accept the log-in of alice (401); it offers Basic.", URL),
        NotLivy("x", URL),
    ],
)
def test_a_door_that_stays_shut_fails_with_the_exit_code_of_an_endpoint(error):
    report = examine(livy=Livy(said_page=error))

    assert [found.name for found in report.checks if found.status == "failure"] == ["login"]
    assert report.exit_code == 3


def test_a_log_in_that_is_refused_has_the_hint_that_a_cell_would_have():
    text = f"{URL} does not accept the log-in of alice (401); it offers Basic."

    found = check("login", livy=Livy(said_page=AuthenticationFailed(text, URL)))

    assert found.hint.code == "LG603"
    assert all(fix.cell != "%livy_recover" for fix in found.hint.fixes)


def test_a_ticket_that_is_over_soon_is_worth_a_word():
    found = check("login", livy=Livy(said_ticket=1_500.0))

    assert seen(found) == ("warning", "LG961")
    assert found.text == "let in as alice; the Kerberos ticket is over in 25 minutes"


def test_a_log_in_without_a_ticket_is_told_by_its_name():
    assert check("login", livy=Livy(said_ticket=None)).text == "let in as alice"
    assert check("login", livy=Livy(said_ticket=None, user=None)).text == "let in without a log-in"


@pytest.mark.parametrize(
    ("wanted", "here", "expected"),
    [
        (None, Here(), "skipped"),
        (False, Here(), "ok"),
        (True, Here(), "ok"),
        (True, Here(said_guard=None), "warning"),
        (True, Here(said_guard=None, said_settings=Settings("config.json", says_who_asks=True)), "ok"),
    ],
)
def test_a_header_that_is_wanted_has_to_be_sent_by_notebooks_without_the_guard_too(wanted, here, expected):
    assert check("csrf", here, livy=Livy(said_header=wanted)).status == expected


def test_a_header_that_is_lost_on_the_way_fails():
    error = LivyAnswer(400, "Missing Required Header for CSRF protection.", url=f"{URL}/version")

    assert check("csrf", livy=Livy(said_header=error)).status == "failure"


@pytest.mark.parametrize(
    ("version", "keys", "status", "text"),
    [
        ("0.9.0-incubating", (), "ok", "0.9.0-incubating; it has idleTimeout and ttl for each session"),
        ("0.10.0-SNAPSHOT", (), "ok", "0.10.0-SNAPSHOT; it has idleTimeout and ttl for each session"),
        (
            "0.8.0-incubating",
            (),
            "ok",
            "0.8.0-incubating; it has ttl for each session (an idle time-out there), no idle",
        ),
        ("0.7.1-incubating", (), "ok", "0.7.1-incubating; it shows no sizes of sessions, and has neither ttl nor idle"),
        (
            "0.7.2.7.2.17.0-334",
            ("name", "conf"),
            "ok",
            "0.7.2.7.2.17.0-334 (a vendor's build); the listing shows names, ",
        ),
        ("0.6.0-incubating", ("name",), "warning", "0.6.0-incubating; the listing shows names"),
        ("trunk", (), "ok", "trunk (a vendor's build)"),
        (None, ("conf",), "ok", "it does not tell its version; the listing shows sizes and settings"),
    ],
)
def test_the_version_and_what_it_brings(version, keys, status, text):
    livy = Livy(said_version=LivyVersion(version), said_page=Page((), 0, keys=frozenset(keys)))

    found = check("version", livy=livy)

    assert found.status == status
    assert found.text.startswith(text)


def test_a_livy_that_tells_no_times_is_worth_a_word():
    livy = Livy(said_version=LivyVersion("0.6.0-incubating"), said_page=Page((), 0, keys=frozenset({"name"})))

    assert seen(check("version", livy=livy)) == ("warning", "LG962")


def test_sessions_are_counted_and_a_short_listing_is_not_asked_for_twice():
    found = check("sessions")

    assert found.text == "2 sessions listed (1 mine)"


def test_a_long_listing_is_read_to_its_end():
    livy = Livy(said_page=Page((hers(0),), 250), said_sessions=[hers(number) for number in range(250)])

    found = check("sessions", livy=livy)

    assert found.text.startswith("250 sessions listed (250 mine), in ")


def test_sessions_of_nobody_that_is_known_are_counted_apart():
    found = check("sessions", livy=Livy(said_page=Page((hers(0), hers(1, None)), 2)))

    assert found.text == "2 sessions listed (1 mine, 1 of nobody that is known)"


@pytest.mark.parametrize(
    ("page", "user", "operator", "expected"),
    [
        (Page((hers(0),), 1, frozenset({0})), "alice", False, ("skipped", None)),
        (Page((hers(0, "bob"),), 1), "alice", False, ("ok", None)),
        (Page((hers(0, "bob"),), 1, frozenset({0})), "alice", False, ("warning", "LG963")),
        (Page((hers(0, "bob"),), 1, frozenset({0})), "alice", True, ("ok", None)),
        (Page((hers(0, None),), 1), None, False, ("warning", "LG963")),
    ],
)
def test_other_peoples_sessions_are_not_open(page, user, operator, expected):
    found = check("access", livy=Livy(said_page=page, user=user), is_operator=lambda: operator)

    assert seen(found) == expected
    assert ("operator" in found.text) == operator


def test_a_cluster_without_a_name_in_the_policy_is_left_out():
    report = examine(None, replace(a_server(), manager=lambda: None))

    by_name = {found.name: found for found in report.checks}
    assert (by_name["yarn"].status, by_name["queue"].status) == ("skipped", "skipped")
    assert by_name["queue"].text == "not looked at: the policy names no ResourceManager"


def test_a_cluster_that_does_not_answer_fails_and_is_no_fault_of_the_endpoint():
    report = examine(manager=ResourceManager(said_info=ClusterError("No connection to the ResourceManager http://rm.")))

    by_name = {found.name: found for found in report.checks}
    assert seen(by_name["yarn"]) == ("failure", "LG964")
    assert by_name["queue"].text == "not looked at: cluster fails"
    assert report.exit_code == 1


def test_a_cluster_that_wants_a_ticket_which_is_over_has_the_tickets_hint():
    text = "The Kerberos ticket has expired, and the ResourceManager http://rm:8088 wants one. Run `kinit` here."

    found = check("yarn", manager=ResourceManager(said_info=ClusterError(text)))

    assert seen(found) == ("failure", "LG602")


def test_a_cluster_without_yarn_is_asked_whether_it_answers():
    holders = FakeYarn.of()
    holders.place = "Kubernetes, namespace spark"

    report = examine(manager=Standing(holders))

    by_name = {found.name: found for found in report.checks}
    assert by_name["yarn"].text == "Kubernetes, namespace spark answers"
    assert (by_name["queue"].status, by_name["clocks"].text) == ("skipped", "Livy has the same time")
    assert holders.calls == [("living", "")]


def test_a_cluster_without_a_node_fails():
    found = check("yarn", manager=ResourceManager(said_info=Manager("the ResourceManager http://rm", active_nodes=0)))

    assert seen(found) == ("failure", "LG966")


@pytest.mark.parametrize(
    ("name", "queue", "expected"),
    [
        ("default", QueueFacts("root.default", "RUNNING", 0.5, 9_000, 3), ("ok", None)),
        ("root.default", QueueFacts("root.default"), ("ok", None)),
        ("users", QueueFacts("root.a.users", "RUNNING", 0.5, 9_000), ("ok", None)),
        ("default", QueueFacts("root.default", "RUNNING", 0.96, 9_000), ("warning", "LG965")),
        ("default", QueueFacts("root.default", "RUNNING", 0.5, 1_000), ("warning", "LG965")),
        ("default", QueueFacts("root.default", "STOPPED", 0.5, 9_000), ("failure", "LG966")),
        ("elsewhere", QueueFacts("root.default", "RUNNING", 0.5, 9_000), ("failure", "LG966")),
    ],
)
def test_the_queue_is_there_and_has_room(name, queue, expected):
    found = check("queue", manager=ResourceManager(said_queues=[queue]), queue=lambda: name)

    assert seen(found) == expected


def test_a_queue_is_told_with_its_room_which_is_never_more_than_the_clusters():
    queue = QueueFacts("root.default", "RUNNING", 0.25, 90 * 1024, 2)

    found = check("queue", manager=ResourceManager(said_queues=[queue]))

    assert found.text == "root.default: 25% used, 40.0 GiB left, 2 applications waiting"


def test_a_cluster_without_queues_is_left_out():
    assert check("queue", manager=ResourceManager(said_queues=[])).status == "skipped"


@pytest.mark.parametrize(
    ("skew", "ticket", "status"),
    [(59.0, None, "ok"), (-61.0, None, "warning"), (301.0, None, "warning"), (-301.0, 600.0, "failure")],
)
def test_clocks_that_disagree_are_worth_a_word_and_too_far_for_kerberos_from_five_minutes_on(skew, ticket, status):
    found = check("clocks", livy=Livy(said_skew=skew, said_ticket=ticket))

    assert seen(found) == (status, None if status == "ok" else "LG967")


def test_the_clocks_of_both_servers_are_told():
    found = check("clocks", livy=Livy(said_skew=70.0), manager=ResourceManager(said_skew=-3.0))

    assert found.text == "Livy is 70 s ahead of this machine, what runs the cluster is 3 s behind this machine"


def test_clocks_that_nobody_tells_are_left_out():
    found = check("clocks", livy=Livy(said_skew=None), manager=ResourceManager(said_skew=None))

    assert (found.status, found.text) == ("skipped", "no server has told its time")


@pytest.mark.parametrize(
    ("timeout", "refresh", "laptop", "status"),
    [
        (60, 30, False, "ok"),
        (60, 30, True, "warning"),
        (7_200, 30, True, "ok"),
        (50, 30, False, "warning"),
        (30, 30, False, "warning"),
        (0, 30, True, "ok"),
    ],
)
def test_heartbeats_leave_room_for_a_pause(timeout, refresh, laptop, status):
    settings = Settings("config.json", heartbeat=timeout, refresh=refresh)

    found = check("heartbeat", Here(said_settings=settings, said_is_laptop=laptop))

    assert seen(found) == (status, None if status == "ok" else "LG968")


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (LedgerFacts("/state", pages=2), "ok"),
        (LedgerFacts("/state", fault="Permission denied"), "warning"),
        (LedgerFacts("/state", pages=1, broken=("kernel-1.json",)), "warning"),
        (LedgerFacts("/state", pages=1, foreign=("kernel-1.json",)), "warning"),
    ],
)
def test_the_ledger_can_be_written_and_read(facts, status):
    assert seen(check("ledger", Here(said_ledger=facts))) == (status, None if status == "ok" else "LG969")


def test_what_the_ledger_remembers_and_livy_no_longer_lists_is_counted():
    entries = (an_entry(1, endpoint=URL), an_entry(77, endpoint=URL, tag="livyguard-1"), an_entry(5, tag="livyguard-2"))

    found = check("ledger", Here(said_ledger=LedgerFacts("/state", pages=3, entries=entries)))

    assert found.status == "ok"
    assert found.text == "/state: 3 sessions on 3 pages; 1 session that Livy no longer lists"


def test_a_server_that_is_no_livy_has_a_code_and_a_way_on():
    text = "http://127.0.0.1:8000 knows no /sessions (404); its base path may be another."

    found = check("login", livy=Livy(said_page=NotLivy(text, URL)))

    assert seen(found) == ("failure", "LG610")
    assert found.hint.fixes[0].command == f"curl -sS {URL}/version"
    assert "base path" in found.hint.fixes[1].label


def test_what_openssl_is_to_look_at_is_filled_in_and_plain_http_is_thought_of():
    expired = EndpointUnreachable(f"TLS with {URL} fails: certificate verify failed: certificate has expired.", URL)
    no_tls = EndpointUnreachable(f"TLS with {URL} fails: [SSL: WRONG_VERSION_NUMBER] wrong version number.", URL)

    over, plain = (check("tls", network=Network(said_handshake=error)) for error in (expired, no_tls))

    commands = [fix.command for fix in over.hint.fixes if fix.command]
    assert any("-connect livy.example.com:8998 -servername livy.example.com <" in command for command in commands)
    assert not any("HOST" in command for command in commands)
    assert plain.hint.fixes[0].label.startswith("Perhaps http:// is meant")
    assert plain.hint.fixes[0].command == "livyguard doctor --url http://livy.example.com:8998"


DEFAULT = "http://localhost:8998"
REFUSED = EndpointUnreachable(
    f"{DEFAULT} refuses the connection (after less than 1 s). Is Livy running there?", DEFAULT
)


def asked_by_default(source="SparkMagic's default", **said):
    settings = Settings("/home/a/config.json", endpoints=(("PySpark", DEFAULT, "no log-in"),), names_none=True, **said)
    server = a_server(Network(said_connect=REFUSED), url=DEFAULT, source=source)
    report = examine(Here(said_settings=settings), server)
    return report, {found.name: found for found in report.checks}


@pytest.mark.parametrize(("is_there", "said"), [(False, "is not there"), (True, "names no Livy")])
def test_a_livy_that_nobody_named_and_that_does_not_answer_is_to_be_written_down_first(is_there, said):
    report, found = asked_by_default(is_there=is_there)

    assert found["config"].status == "warning"
    assert found["config"].text.startswith(f"/home/a/config.json {said}: {DEFAULT}, SparkMagic's own default")
    assert found["tcp"].status == "failure"
    assert [hint.code for hint in report.hints] == [found["tcp"].hint.code]
    assert report.hints[0].fixes[0].label.startswith("Write your Livy's address into /home/a/config.json")
    assert report.exit_code == 3


def test_who_names_the_default_by_hand_means_it():
    _, found = asked_by_default("--url", is_there=False)

    assert found["config"].status == "ok"
    assert not found["tcp"].hint.fixes[0].label.startswith("Write")
