"""What goes wrong between a notebook and Livy, as a person meets it: a text, a failed cell, and a way on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.sandbox import Sandbox

from .conftest import PYSPARK, PYTHON, Lab

if TYPE_CHECKING:
    from pathlib import Path

POST = ("POST", "/sessions")


def ids(lab: Lab) -> list[int]:
    answer = requests.get(f"{lab.sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return [session["id"] for session in answer.json()["sessions"] if session["state"] != "dead"]


def posts(sandbox: Sandbox) -> int:
    return sum(seen.method == "POST" and seen.path == "/sessions" for seen in sandbox.requests)


def test_a_denied_configure_leaves_the_live_session_and_the_settings_alone(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine('%%configure\n{"numExecutors": 3}')
    kernel.fine("1 + 1")
    before = ids(lab)

    said = kernel.fails('%%configure -f\n{"conf": {"spark.hadoop.fs.s3a.access.key": "AKIA"}}')

    assert "LG702" in said.error
    assert ids(lab) == before
    kernel.fine("2 + 2")
    assert ids(lab) == before
    kernel.fine("%livy_release --this")
    kernel.fine("3 + 3")
    newest = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()
    assert newest["numExecutors"] == 3


@pytest.mark.parametrize(("body", "place"), [("[1]", "line 1, column 1"), ('{"a": 1,\n"b"}', "line 2, column 4")])
def test_a_configure_that_is_no_object_says_where_and_poisons_nothing(lab: Lab, body: str, place: str) -> None:
    kernel = lab.start()

    said = kernel.fails(f"%%configure -f\n{body}")

    assert place in said.error
    kernel.fine("1 + 1")


def test_configure_without_f_does_not_replace_a_live_session(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    before = ids(lab)

    said = kernel.fails('%%configure\n{"numExecutors": 2}')

    assert "%%configure -f" in said.error
    assert ids(lab) == before


def test_configure_that_cannot_delete_the_old_session_changes_nothing(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    before = ids(lab)
    lab.sandbox.fail_next("DELETE", f"/sessions/{before[-1]}", status=403)

    said = kernel.fails('%%configure -f\n{"numExecutors": 2}')

    assert "goes on as it was" in said.error
    kernel.fine("2 + 2")
    assert ids(lab) == before


def test_an_empty_configure_goes_back_to_the_operators_settings(lab: Lab) -> None:
    lab.configure(session_configs={"executorMemory": "2g", "conf": {"spark.x": "operator"}})
    kernel = lab.start()
    kernel.fine('%%configure\n{"executorMemory": "3g", "conf": {"spark.y": "user"}}')
    kernel.fine("1 + 1")
    first = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()

    kernel.fine("%%configure -f\n{}")

    second = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()
    assert (first["executorMemory"], first["conf"]["spark.x"], first["conf"]["spark.y"]) == ("3g", "operator", "user")
    assert (second["executorMemory"], second["conf"]["spark.x"]) == ("2g", "operator")
    assert "spark.y" not in second["conf"]


@pytest.mark.parametrize(
    "fault", [{"processed": True, "cut": True}, {"processed": True, "status": 502, "body": "<html>Bad Gateway</html>"}]
)
def test_a_session_whose_answer_was_lost_is_adopted_not_made_twice(lab: Lab, fault: dict[str, Any]) -> None:
    kernel = lab.start()
    before, sent = ids(lab), posts(lab.sandbox)
    lab.sandbox.fail_next(*POST, **fault)

    said = kernel.fine("1 + 1")

    assert len(ids(lab)) == len(before) + 1
    assert posts(lab.sandbox) == sent + 1
    assert "answer was lost" in said.text


NOT_CREATED = [
    (
        {"status": 503, "body": "<html><title>Service Unavailable</title></html>", "content_type": "text/html"},
        "503",
    ),
    ({"status": 500, "body": '"java.lang.ClassCastException: x"'}, "ClassCastException"),
    ({"status": 400, "body": '{"msg":"Rejected, too many sessions are being created!"}'}, "too many sessions"),
    ({"status": 403, "body": ""}, "403"),
    ({"status": 401, "body": ""}, "401"),
    ({"status": 200, "body": "<html>Log in</html>", "content_type": "text/html"}, "Livy"),
    ({"cut": True}, "connection"),
]


def test_a_creation_that_fails_says_so_posts_once_and_sticks_nowhere(lab: Lab) -> None:
    kernel = lab.start()
    before = ids(lab)

    for fault, word in NOT_CREATED:
        sent = posts(lab.sandbox)
        lab.sandbox.fail_next(*POST, **fault)
        assert word in kernel.fails("1 + 1").error
        assert posts(lab.sandbox) == sent + 1
        assert ids(lab) == before

    assert "fatal error" not in kernel.fine("2 + 2").text


def test_livy_down_is_told_at_once_and_does_not_stick(lab: Lab) -> None:
    kernel = lab.start()
    real = lab.sandbox.url
    kernel.fine(
        "%%local\nfrom sparkmagic.livyclientlib.endpoint import Endpoint\n"
        "km = get_ipython().find_cell_magic('configure').__self__\n"
        "km.endpoint, keep = Endpoint('http://127.0.0.1:9', None), km.endpoint"
    )

    said = kernel.fails("1 + 1")

    assert "127.0.0.1:9" in said.error
    kernel.fine("%%local\nkm.endpoint = keep")
    kernel.fine("2 + 2")
    assert real == lab.sandbox.url


def test_a_session_killed_behind_the_notebook_is_explained_and_recovered_from(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine('%%configure\n{"numExecutors": 3}')
    kernel.fine("1 + 1")
    number = max(ids(lab))
    lab.sandbox.kill(number)

    said = kernel.fails("2 + 2")
    again = kernel.fails("2 + 2")
    recovered = kernel.fine("%livy_recover")

    assert "LG106" in said.error
    assert "%livy_recover" in said.error
    assert "LG106" in again.error
    assert f"no longer knows session {number}" in recovered.text
    kernel.fine("2 + 2")
    newest = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()
    assert newest["id"] != number
    assert newest["numExecutors"] == 3


def test_recover_leaves_a_live_session_alone(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    before = ids(lab)

    said = kernel.fine("%livy_recover")

    assert "alive" in said.text
    assert ids(lab) == before


def test_with_fail_cells_off_sparkmagics_behaviour_is_back_with_the_hint(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("%config LivyGuard.fail_cells = False")
    kernel.fine("1 + 1")
    lab.sandbox.kill(max(ids(lab)))

    said = kernel.fine("2 + 2")

    assert "An error was encountered:\nInvalid status code '404'" in said.stderr
    assert "LG106" in said.stderr


def test_errors_of_the_users_own_code_stay_sparkmagics(lab: Lab) -> None:
    kernel = lab.start()

    said = kernel.run("%%spark --nonsense\n1")

    assert said.status == "ok"
    assert "An error was encountered" in said.stderr


def test_a_start_that_times_out_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with Sandbox(engine="none", slots=1) as sandbox:
        sandbox.seed("bob:idle:4")
        lab = Lab(tmp_path, sandbox)
        lab.configure(livy_session_startup_timeout_seconds=2)
        holder = requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).json()["id"]
        kernel = lab.start()
        try:
            said = kernel.fails("1 + 1")
            left = [number for number in ids(lab) if number not in {0, holder}]
            requests.delete(f"{sandbox.url}/sessions/{holder}", timeout=10)
            after = kernel.fine("2 + 2")
        finally:
            lab.stop()

    assert "did not start up in 2 seconds" in said.error
    assert "AM resource limit" in said.error
    assert "LG2" in said.error
    assert left == []
    assert "fatal error" not in after.text


def test_an_invalid_policy_creates_nothing_while_listing_and_releasing_work(lab: Lab) -> None:
    lab.policy.write_text('version = 1\n[defaults]\nlimits."executors.max" = { maximum = 3 }\n[[tenant]]\nusers = 3\n')
    lab.sandbox.seed("bob:idle:4")
    kernel = lab.start()

    said = kernel.fails("1 + 1")
    listed = kernel.fine("%livy_sessions")
    released = kernel.fine("%livy_release --dry-run")

    assert "maximum" in said.error
    assert "users" in said.error
    assert "bob" in listed.text
    assert released.status == "ok"


def test_without_a_policy_nothing_is_limited_and_that_is_said_once(lab: Lab) -> None:
    lab.policy = None
    kernel = lab.start()

    first = kernel.fine('%%configure -f\n{"numExecutors": 40}')
    second = kernel.fine("1 + 1")

    assert "limits nothing" in first.text
    assert "limits nothing" not in second.text
    newest = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()
    assert newest["numExecutors"] == 40


def test_a_broken_config_json_is_sparkmagics_to_tell_and_no_traceback(lab: Lab) -> None:
    (lab.folder / "config.json").write_text("{broken")
    kernel = lab.start(PYTHON)

    said = kernel.fails("%livy_sessions")

    assert "config.json" in said.error
    assert "line 1, column 2" in said.error


def test_a_missing_config_json_means_sparkmagics_default_endpoint(lab: Lab) -> None:
    (lab.folder / "config.json").unlink()
    kernel = lab.start(PYTHON)

    said = kernel.run("%livy_sessions")

    assert "http://localhost:8998" in said.text
    assert "Traceback" not in said.text


def test_the_notice_of_a_clamp_is_shown_once(lab: Lab) -> None:
    kernel = lab.start()

    first = kernel.fine(f"%%configure\n{json.dumps({'numExecutors': 40})}")
    second = kernel.fine("1 + 1")

    assert "10 workers for 12 people" in first.text
    assert "10 workers for 12 people" not in second.text


def test_ctrl_c_while_starting_leaves_no_session_and_nothing_sticks(tmp_path: Path, until: Any) -> None:
    with Sandbox(engine="none", slots=1) as sandbox:
        holder = requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).json()["id"]
        lab = Lab(tmp_path, sandbox)
        kernel = lab.start()
        try:
            sent = kernel.client.execute("1 + 1", allow_stdin=False)
            until(lambda: len(ids(lab)) == 2)
            kernel.manager.interrupt_kernel()
            interrupted = kernel.finish(sent)
            assert ids(lab) == [holder]
            requests.delete(f"{sandbox.url}/sessions/{holder}", timeout=10)
            after = kernel.fine("2 + 2")
        finally:
            lab.stop()

    assert interrupted.status == "error"
    assert "fatal error" not in after.text


INTERRUPTED_ON_ITS_WAY = """%%local
from livyguard.guard import Guard
create = Guard.create
def interrupted(guard, *arguments):
    Guard.create = create
    create(guard, *arguments)
    raise KeyboardInterrupt
Guard.create = interrupted
"""


def test_ctrl_c_between_livys_answer_and_sparkmagics_note_of_it_leaves_no_session(lab: Lab) -> None:
    kernel = lab.start()
    before = ids(lab)
    kernel.fine(INTERRUPTED_ON_ITS_WAY)

    interrupted = kernel.run("1 + 1")

    assert interrupted.status == "error"
    assert ids(lab) == before
    assert "fatal error" not in kernel.fine("2 + 2").text
    assert len(ids(lab)) == len(before) + 1


PSEUDO = """
from sparkmagic.auth.customauth import Authenticator

class Pseudo(Authenticator):
    def __call__(self, request):
        request.prepare_url(request.url, {"user.name": "alice"})
        return request
"""


def test_a_custom_authenticator_of_sparkmagic_is_reused_and_tells_who_we_are(lab: Lab) -> None:
    (lab.folder / "pseudo.py").write_text(PSEUDO)
    lab.configure(
        kernel_python_credentials={
            "username": "",
            "password": "",
            "auth": "Pseudo",
            "url": lab.sandbox.url,
        },
        authenticators={"Pseudo": "pseudo.Pseudo"},
    )
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    kernel = lab.start()

    kernel.fine("1 + 1")

    (mine,) = [row for row in json.loads(kernel.fine("%livy_sessions --json").stdout) if row["this_notebook"]]
    assert (mine["owner"], mine["mine"]) == ("alice", True)
    assert "bob" in kernel.fails(f"%livy_release {theirs}").error


def test_a_slow_livy_is_a_time_out_and_no_hang(lab: Lab) -> None:
    kernel = lab.start()
    lab.sandbox.fail_next("GET", "/sessions", delay=60)

    said = kernel.fails("%livy_sessions")

    assert "LG605" in said.error
    assert "15" in said.error
    assert lab.sandbox.url in said.error


NO_LISTING = [
    ({"status": 200, "body": "<html><title>Sign in</title></html>", "content_type": "text/html"}, "else than Livy"),
    ({"status": 200, "body": '"just a string"'}, "else than Livy"),
    ({"status": 403, "body": ""}, "403"),
    ({"status": 401, "body": ""}, "401"),
    ({"status": 500, "body": '"java.lang.IllegalStateException: RPC channel is closed."'}, "RPC channel"),
]


def test_whatever_answers_the_listing_is_told_in_one_message(lab: Lab) -> None:
    kernel = lab.start()

    for fault, word in NO_LISTING:
        lab.sandbox.fail_next("GET", "/sessions", **fault)
        assert word in kernel.fails("%livy_sessions").error


SLIPS = [
    ('%%configure --force-it\n{"numExecutors": 2}', "unrecognized arguments"),
    ("%%info\nsomething", "no cell body"),
    ("%livy_release --this 3", "--this frees this notebook's session"),
    ("%livy_release --idle-for 30", "has no unit"),
    ("%livy_sessions --sort colour", "colour"),
    ("%livy_sessions --url nowhere", "no Livy URL"),
    ("%livy_release --user bob", "Only an operator"),
    ("%livy_release --all-users", "Only an operator"),
    ("%livy_release 3 --all-users", "exclude"),
]


def test_slips_of_the_keyboard_are_one_message_each(lab: Lab) -> None:
    kernel = lab.start()

    for typed, word in SLIPS:
        assert word in kernel.fails(typed).error
    for typed in ('%livy_sessions "unclosed', "%livy_sessions -o for", "%livy_sessions --sate idle"):
        slip = kernel.run(typed)
        assert slip.status == "error"
        assert "Traceback" not in slip.text
    printed = kernel.fine("%config LivyGuard.fail_cells = False") and kernel.fine("%%configure\n[1]")

    assert "line 1, column 1" in printed.stderr


def test_a_kind_that_the_kernel_decides_is_not_dropped_silently(lab: Lab) -> None:
    kernel = lab.start()

    said = kernel.fine('%%configure\n{"kind": "sparkr"}')

    assert "sparkr" in said.text
    assert "pyspark" in said.text


def test_a_heartbeat_that_sparkmagic_decides_is_not_dropped_silently(lab: Lab) -> None:
    kernel = lab.start()

    said = kernel.fine('%%configure\n{"heartbeatTimeoutInSecond": 999}')

    assert "livy_server_heartbeat_timeout_seconds" in said.text


def test_two_logins_in_one_kernel_are_two_people(lab: Lab) -> None:
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.magics")
    add = f"%spark add -s {{0}} -l python -u {lab.sandbox.url} -t Basic_Access -a {{0}} -p pw"
    kernel.fine("import sparkmagic.utils.configuration as conf; conf.override('session_configs', {'numExecutors': 40})")

    given = {}
    for who in ("alice", "bob", "alice2", "alice"):
        kernel.fine(add.format(who).replace("-s alice ", f"-s {who}{len(given)} "))
        newest = requests.get(f"{lab.sandbox.url}/sessions/{max(ids(lab))}", timeout=10).json()
        given[who] = (newest["numExecutors"], newest["conf"]["spark.yarn.tags"].split(",")[-1])

    assert given == {
        "alice": (8, "livyguard-user-alice"),
        "bob": (4, "livyguard-user-bob"),
        "alice2": (4, "livyguard-user-alice2"),
    }


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_settings_that_are_no_object_are_told_and_mended(lab: Lab, argv: list[str]) -> None:
    lab.configure(session_configs=[1])
    kernel = lab.start(argv)
    kernel.fine("%load_ext sparkmagic.magics" if argv is PYTHON else "%livy_sessions")
    start = (
        "1 + 1" if argv is PYSPARK else f"%spark add -s a -l python -u {lab.sandbox.url} -t Basic_Access -a alice -p p"
    )

    said = kernel.fails(start)
    kernel.fine("%%configure -f\n{}" if argv is PYSPARK else "%%spark config\n{}")

    assert "session_configs is a list" in said.error
    kernel.fine(start)


def test_with_fail_cells_off_a_refusal_is_printed_as_sparkmagic_prints(lab: Lab) -> None:
    kernel = lab.start(PYTHON)
    kernel.fine("%config LivyGuard.fail_cells = False")
    kernel.fine("%load_ext sparkmagic.magics")
    add = f"%spark add -s one -l python -u {lab.sandbox.url} -t Basic_Access -a alice -p pw"
    kernel.fine(OVERRIDE)

    denied = kernel.fine(add)
    kernel.fine(OVERRIDE.replace("{'spark.hadoop.fs.s3a.secret.key': 'x'}", "{}"))
    lab.sandbox.fail_next(*POST, status=400, body='{"msg":"Rejected, too many sessions are being created!"}')
    rejected = kernel.fine(add)

    assert "An error was encountered" in denied.stderr
    assert "LG702" in denied.stderr
    assert "Invalid status code '400'" in rejected.stderr
    assert "too many sessions" in rejected.stderr


OVERRIDE = (
    "import sparkmagic.utils.configuration as conf\n"
    "conf.override('session_configs', {'conf': {'spark.hadoop.fs.s3a.secret.key': 'x'}})"
)


def test_after_a_restart_of_livy_nobodys_session_is_mistaken_for_ours(tmp_path: Path) -> None:
    with Sandbox(engine="none") as before:
        lab = Lab(tmp_path, before)
        kernel, forgotten = lab.start(), lab.start()
        kernel.fine("1 + 1")
        forgotten.fine("1 + 1")
        port = int(before.url.rpartition(":")[2])
    with Sandbox(engine="none", port=port) as lab.sandbox:
        theirs = [lab.sandbox.seed("bob:idle:4"), lab.sandbox.seed("bob:idle:4")]

        log = kernel.fails("%%logs")
        missed = kernel.fails("2 + 2")
        recovered = kernel.fine("%livy_recover")
        kernel.fine("3 + 3")
        replaced = forgotten.fine("%%configure -f\n{}")
        ran = [requests.get(f"{lab.sandbox.url}/sessions/{one}/statements", timeout=10).json() for one in theirs]
        lab.stop()
        left = ids(lab)

    assert theirs == [0, 1]
    assert "LG104" in log.error
    assert "LG104" in missed.error
    assert "now belongs to another" in recovered.text
    assert "Starting Spark application" in replaced.text
    assert [answer["statements"] for answer in ran] == [[], []]
    assert left == theirs
