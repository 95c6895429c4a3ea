"""A real ResourceManager behind a real Kerberos realm: with a ticket, without one, and with one that has run out."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

from livyguard.errors import ClusterError
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.testing import FakeStore
from livyguard.yarn.clusters import PolicyClusters
from tests.live.yarn import Yarn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livyguard.policy.model import Policy
    from livyguard.ports import ClusterView
    from tests.live.kerberos import Realm

    Opened = Callable[..., ClusterView]

pytestmark = pytest.mark.live

MEMORY = 1024


class Desk:
    """A policy, and somebody whom Livy reports."""

    def __init__(self, url: str, auth: str | None) -> None:
        said = "" if auth is None else f'resource_manager_auth = "{auth}"'
        self._policy = parse(f'[cluster]\nresource_manager = "{url}"\n{said}', source="policy.toml")

    def policy(self) -> Policy:
        return self._policy

    def who(self, store: object) -> Identity:
        return Identity("alice", "reported", "a test")


@pytest.fixture(scope="module")
def yarn(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yarn]:
    with Yarn(tmp_path_factory.mktemp("yarn") / "yarn", realm.yarn()) as yarn:
        yield yarn


@pytest.fixture(scope="module")
def application(yarn: Yarn) -> Iterator[str]:
    """An application whose master holds memory as long as the module lasts, and never reports to the scheduler."""
    with yarn.occupied("default", MEMORY) as app_id:
        yield app_id


@pytest.fixture
def alice(realm: Realm, monkeypatch: pytest.MonkeyPatch) -> Realm:
    """This process is alice's: it finds her tickets, whether there are any, and the realm."""
    for name, value in realm.environment("alice").items():
        monkeypatch.setenv(name, value)
    return realm


@pytest.fixture
def opened(yarn: Yarn) -> Opened:
    """Open the cluster as the policy says; ``auth`` is its ``resource_manager_auth``."""

    def open_it(auth: str | None = None, url: str | None = None) -> ClusterView:
        desk = Desk(url or yarn.web, auth)
        view = PolicyClusters(desk, desk).view(FakeStore())
        assert view is not None
        return view

    return open_it


@pytest.mark.parametrize("auth", [None, "kerberos"])
def test_with_a_ticket_everybodys_applications_are_shown(
    alice: Realm, opened: Opened, application: str, auth: str | None
) -> None:
    alice.ticket("alice")
    view = opened(auth)

    for _ in range(2):
        (found,) = view.living()
        assert (found.id, found.state, found.type, found.name) == (application, "ACCEPTED", "SLEEP", "occupier")
        assert (found.memory_mib, found.containers, found.executors, found.share) == (MEMORY, 1, 0, 50.0)


@pytest.mark.parametrize("auth", [None, "kerberos"])
def test_with_a_ticket_an_application_is_killed(
    alice: Realm, opened: Opened, yarn: Yarn, application: str, auth: str | None
) -> None:
    alice.ticket("alice")
    view = opened(auth)

    with yarn.occupied("default", 512) as app_id:
        view.kill(app_id)
        yarn.wait_for(app_id, "KILLED")
        assert [one.id for one in view.living()] == [application]
        view.kill(app_id)

    assert view.application("application_1_0001") is None
    assert "alice" in yarn.describe(app_id)["diagnostics"]


@pytest.mark.parametrize("auth", [None, "kerberos"])
@pytest.mark.parametrize("lack", ["missing", "expired"])
def test_without_a_good_ticket_one_sentence_says_what_to_run(
    alice: Realm, opened: Opened, application: str, auth: str | None, lack: str
) -> None:
    place = alice.environment("alice")["KRB5CCNAME"]
    if lack == "missing":
        alice.destroy("alice")
        begins = f"There is no Kerberos ticket in {place}"
    else:
        alice.expired("alice")
        begins = "The Kerberos ticket has expired"
    view = opened(auth)

    with pytest.raises(ClusterError) as caught:
        view.living()

    assert str(caught.value) == f"{begins}, and {view.place} wants one. Run `kinit` where this runs, then try again."
    alice.ticket("alice")
    assert [one.id for one in view.living()] == [application]


@pytest.mark.parametrize("lack", ["missing", "expired"])
def test_without_a_good_ticket_no_connection_is_made(alice: Realm, opened: Opened, lack: str) -> None:
    alice.expired("alice") if lack == "expired" else alice.destroy("alice")
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        view = opened("kerberos", f"http://localhost:{somebody.getsockname()[1]}")

        for ask in (view.living, lambda: view.kill("application_1_0001")):
            with pytest.raises(ClusterError, match="Run `kinit` where this runs"):
                ask()

        somebody.setblocking(False)
        with pytest.raises(BlockingIOError):
            somebody.accept()


@pytest.mark.parametrize("auth", ["simple", "none"])
def test_another_log_in_than_kerberos_is_refused_and_it_is_said_what_is_wanted(
    alice: Realm, opened: Opened, auth: str
) -> None:
    alice.ticket("alice")
    view = opened(auth)

    with pytest.raises(ClusterError) as caught:
        view.living()

    assert str(caught.value).partition(" refuses ")[2] == (
        f'to show applications (401): it wants Kerberos, and the policy says resource_manager_auth = "{auth}".'
    )


def test_a_name_of_the_server_that_the_kdc_does_not_know_is_told(alice: Realm, opened: Opened, yarn: Yarn) -> None:
    alice.ticket("alice")
    url = yarn.web.replace("localhost", "127.0.0.1")

    with pytest.raises(ClusterError) as caught:
        opened("kerberos", url).living()

    told = (
        f"The ResourceManager {url} is not asked: no Kerberos ticket for HTTP@127.0.0.1 can be had: Server .*not found"
    )
    assert re.match(told, str(caught.value))
