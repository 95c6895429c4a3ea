"""A real Livy behind a real Kerberos realm: with a ticket, without one, and with one that has run out."""

from __future__ import annotations

import json
import os
import pwd
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests_kerberos import HTTPKerberosAuth

from livyguard.errors import AuthenticationFailed
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read
from livyguard.livy.client import LivyClient
from livyguard.livy.transport import Transport
from livyguard.sandbox.livy.server import LivyServer
from tests.lab import Lab
from tests.live.people import PATIENT, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel
    from tests.live.kerberos import Realm

pytestmark = pytest.mark.live

UNREACHABLE = 3
PRESET = 'session_configs = { driverMemory = "512m"'
#: Ten hours later: the cookies by which Livy remembers this kernel's log-in are gone.
TEN_HOURS_LATER = """%%local
import gc, requests
for session in [found for found in gc.get_objects() if isinstance(found, requests.Session)]:
    session.cookies.clear()
"""


class Workplace(Desk):
    """A machine of the realm: SparkMagic logs in with whatever ticket its user has; the environment claims nonsense."""

    def __init__(self, folder: Path, url: str, realm: Realm, user: str) -> None:
        self.realm = realm
        super().__init__(folder, url, user)
        assert self.policy is not None
        named = f'{PRESET}, conf = {{ "spark.livyguard.person" = "{{user}}" }}'
        self.policy.write_text(self.policy.read_text().replace(PRESET, named))

    def configure(self, **settings: Any) -> None:
        login = {"username": "", "password": "", "auth": "Kerberos", "url": self.url}
        Lab.configure(self, user=None, kernel_python_credentials=login, **PATIENT | settings)

    @property
    def environment(self) -> dict[str, str]:
        claims = {"LOGNAME": "mallory", "USER": "mallory"}
        return {**super().environment, **claims, **self.realm.environment(str(self.user))}


@pytest.fixture(scope="module")
def url(realm: Realm, livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with LivyServer(realm.livy(), livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        yield server.url.replace("127.0.0.1", "localhost")  # the name in the service's principal


@pytest.fixture(scope="module")
def bob(realm: Realm, url: str, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(tmp_path_factory.mktemp("bob"), url, realm, "bob")


@pytest.fixture(scope="module")
def alice(realm: Realm, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    desk = Workplace(tmp_path_factory.mktemp("alice"), url, realm, "alice")
    yield desk
    desk.stop()


@pytest.fixture
def sessions(realm: Realm, url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[int, dict[str, Any]]]:
    """Return what Livy itself lists, asked without livyguard by the service's own principal."""

    def listed() -> dict[int, dict[str, Any]]:
        with monkeypatch.context() as patch:
            for name, value in realm.service_ticket().items():
                patch.setenv(name, value)
            answer = requests.get(f"{url}/sessions", auth=HTTPKerberosAuth(), timeout=60)
        return {session["id"]: session for session in answer.json()["sessions"]}

    return listed


@pytest.fixture(scope="module")
def bobs(realm: Realm, bob: Workplace) -> int:
    """Return a session that bob created on the command line, with his ticket."""
    realm.ticket("bob")
    body = bob.folder / "body.json"
    body.write_text(json.dumps({"kind": "pyspark", "driverMemory": "512m"}))
    done = bob.command("sessions", "--start", body)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture(scope="module")
def kernel(alice: Workplace) -> Kernel:
    """Return alice's notebook, opened before she got a ticket."""
    alice.realm.destroy("alice")
    return alice.start()


def told(desk: Workplace, lack: str) -> str:
    """Return the one message that says what is missing and what to run."""
    return f"{lack}, and {desk.url} wants one. Run `kinit` where this runs, then try again."


def no_ticket(desk: Workplace) -> str:
    desk.realm.destroy(str(desk.user))
    return told(desk, f"There is no Kerberos ticket in {desk.environment['KRB5CCNAME']}")


def ticket_over(desk: Workplace) -> str:
    desk.realm.expired(str(desk.user))
    return told(desk, "The Kerberos ticket has expired")


def test_a_session_is_its_principals_whatever_the_environment_claims(bob: Workplace, bobs: int) -> None:
    bob.realm.ticket("bob")

    (row,) = [row for row in bob.say("sessions") if row["id"] == bobs]

    assert (row["owner"], row["owner_source"], row["mine"]) == ("bob", "owner", True)


def test_somebody_elses_session_is_shown_and_not_released(
    alice: Workplace, bobs: int, sessions: Callable[[], dict[int, dict[str, Any]]]
) -> None:
    alice.realm.ticket("alice")

    (row,) = [row for row in alice.say("sessions") if row["id"] == bobs]
    done = alice.command("release", bobs, "--force")

    assert (row["owner"], row["mine"]) == ("bob", False)
    assert done.returncode == 1
    assert "it is bob's" in done.stdout
    assert sessions()[bobs]["state"] == "idle"


@pytest.mark.parametrize("lacks", [no_ticket, ticket_over])
def test_without_a_good_ticket_the_command_line_says_to_run_kinit_and_frees_nothing(
    bob: Workplace, bobs: int, sessions: Callable[[], dict[int, dict[str, Any]]], lacks: Callable[[Workplace], str]
) -> None:
    message = lacks(bob)

    for arguments in (("sessions", "--json"), ("release", bobs, "--force"), ("sessions", "--url", bob.url)):
        done = bob.command(*arguments)

        assert done.returncode == UNREACHABLE
        assert message in done.stderr.splitlines()
        assert "Traceback" not in done.stdout + done.stderr
    assert sessions()[bobs]["state"] == "idle"


def test_a_ticket_that_has_run_out_deletes_nothing_in_the_minutes_that_livy_would_still_take_it(
    bob: Workplace,
    bobs: int,
    sessions: Callable[[], dict[int, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = ticket_over(bob)
    store = LivyClient(Transport(bob.url, HTTPKerberosAuth()))
    with monkeypatch.context() as patch:
        for name, value in bob.realm.environment("bob").items():
            patch.setenv(name, value)

        with pytest.raises(AuthenticationFailed, match=re.escape(message)):
            store.delete(bobs)

    assert sessions()[bobs]["state"] == "idle"


def test_a_livy_whose_name_the_kdc_does_not_know_is_told_as_that(
    bob: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = bob.url.replace("localhost", "127.0.0.1")
    with monkeypatch.context() as patch:
        for name, value in bob.realm.ticket("bob").items():
            patch.setenv(name, value)

        with pytest.raises(AuthenticationFailed) as caught:
            LivyClient(Transport(elsewhere, HTTPKerberosAuth())).sessions()

    assert str(caught.value) == (
        f"{elsewhere} does not accept the log-in of bob (401); no Kerberos ticket for HTTP@127.0.0.1 can be had:"
        f" Server HTTP/127.0.0.1@{bob.realm.name} not found in Kerberos database."
    )


def test_the_first_cell_without_a_ticket_says_to_run_kinit_and_creates_nothing(
    alice: Workplace, kernel: Kernel, sessions: Callable[[], dict[int, dict[str, Any]]]
) -> None:
    before, message = set(sessions()), no_ticket(alice)

    configured, said = kernel.fails('%%configure -f\n{"numExecutors": 40}'), kernel.fails("1 + 1")

    assert message in configured.error
    assert message in " ".join(said.error.split())
    assert "LG601" in said.error
    assert "LG701" not in said.text, "somebody was judged whom nobody knows"
    assert set(sessions()) == before


def test_after_kinit_the_same_notebook_gets_its_session_clamped_and_in_its_users_name(
    alice: Workplace, kernel: Kernel, sessions: Callable[[], dict[int, dict[str, Any]]]
) -> None:
    alice.realm.ticket("alice")
    kernel.fine('%%configure -f\n{"numExecutors": 40}')

    kernel.fine("kept = 41")

    (mine,) = [row for row in json.loads(kernel.fine("%livy_sessions --json").stdout) if row["mine"]]
    session = sessions()[mine["id"]]
    assert (session["owner"], session["numExecutors"]) == ("alice", 8)
    assert session["conf"]["spark.livyguard.person"] == "alice"
    assert (mine["owner"], mine["owner_source"]) == ("alice", "owner")


def test_as_long_as_livy_remembers_the_log_in_a_notebook_needs_no_ticket(alice: Workplace, kernel: Kernel) -> None:
    alice.realm.ticket("alice")
    kernel.fine("kept = 41")
    kernel.fine("%livy_sessions")
    alice.realm.destroy("alice")

    assert "41" in kernel.fine("print(kept)").stdout
    assert [row["mine"] for row in json.loads(kernel.fine("%livy_sessions --mine --json").stdout)] == [True]


@pytest.mark.parametrize(("lacks", "code"), [(no_ticket, "LG601"), (ticket_over, "LG602")])
def test_a_cell_without_a_good_ticket_does_not_run_and_the_notebook_goes_on_after_kinit(
    alice: Workplace,
    kernel: Kernel,
    sessions: Callable[[], dict[int, dict[str, Any]]],
    lacks: Callable[[Workplace], str],
    code: str,
) -> None:
    alice.realm.ticket("alice")
    kernel.fine("kept = 41")
    before, message = set(sessions()), lacks(alice)
    kernel.fine(TEN_HOURS_LATER)

    failed, released = kernel.fails("kept += 1"), kernel.fails("%livy_release --this")

    assert message in " ".join(failed.error.split())
    assert code in failed.error
    assert message in " ".join(released.text.split())
    assert set(sessions()) == before
    alice.realm.ticket("alice")
    assert "41" in kernel.fine("print(kept)").stdout


@pytest.fixture(scope="module")
def account(realm: Realm) -> tuple[str, str]:
    """Return as whom ``kinit`` asks where nobody names a principal and no ticket has one, with the password."""
    name = pwd.getpwuid(os.getuid()).pw_name
    return name, realm.welcome(name)


@pytest.mark.long
@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize(("lacks", "code"), [(no_ticket, "LG601"), (ticket_over, "LG602")])
def test_the_commands_of_the_hint_as_they_are_printed_bring_a_ticket_that_livy_takes(
    realm: Realm,
    url: str,
    tmp_path: Path,
    account: tuple[str, str],
    lacks: Callable[[Workplace], str],
    code: str,
    is_named: bool,
) -> None:
    user, password = account
    desk = Workplace(tmp_path, url, realm, user)
    lacks(desk)
    refused = desk.command("sessions")
    assert refused.returncode == UNREACHABLE
    principal = f"{user}@{realm.name}"
    said = refused.stderr
    message = said[said.index("The") :].replace("`kinit`", f"`kinit {principal}`")

    (hint,) = diagnose(Case(message) if is_named else read(said))  # a name is taken from livyguard's own alone
    commands = [fix.command for fix in hint.fixes if fix.command and fix.applicability == "safe"]
    shown = {command: realm.shell(user, command, given=f"{password}\n") for command in commands}

    assert (hint.code, commands) == (code, [f"kinit {principal}" if is_named else "kinit", "klist"])
    assert [done.returncode for done in shown.values()] == [0, 0], shown
    assert principal in shown["klist"].stdout
    assert desk.command("sessions").returncode == 0


def test_the_notebooks_own_session_is_freed(
    alice: Workplace, kernel: Kernel, sessions: Callable[[], dict[int, dict[str, Any]]]
) -> None:
    alice.realm.ticket("alice")
    kernel.fine("kept = 41")
    (mine,) = [number for number, session in sessions().items() if session["owner"] == "alice"]

    kernel.fine("%livy_release --this")

    assert mine not in sessions()


def test_ones_own_session_is_freed_on_the_command_line(
    bob: Workplace, bobs: int, sessions: Callable[[], dict[int, dict[str, Any]]]
) -> None:
    bob.realm.ticket("bob")

    done = bob.command("release", bobs)

    assert done.returncode == 0, done.stderr
    assert bobs not in sessions()
