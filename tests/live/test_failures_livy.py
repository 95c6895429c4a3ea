"""Failures of a real Livy, met by one notebook whose kernel is never restarted: the hint, and that it goes on."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from tests.live.failing_livy import FORBIDDEN, desk_of, ends, running, session
from tests.live.mending import codes, configure, diagnosed, goes_on, shown
from tests.live.people import SMALL, Desk, Person, until
from tests.live.troubled_proxy import BAD_GATEWAY, LOGIN_PAGE, Trouble, TroubledProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from livyguard.sandbox.livy.server import LivyServer
    from tests.lab import Kernel

pytestmark = [pytest.mark.live, pytest.mark.long]

#: Long enough for a start on a busy machine.
IDLE, TTL = "40s", "60s"


@pytest.fixture(scope="module")
def desk(server: LivyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("alice"), server.url) as desk:
        yield desk


@pytest.fixture(scope="module")
def kernel(desk: Desk) -> Kernel:
    return desk.start()


def refusal(notebook: Kernel, body: dict[str, Any]) -> str:
    """Ask for a session that Livy refuses, and return what the cell says; without its cause the notebook goes on."""
    configure(notebook, body)
    said = shown(notebook.run("1 + 1"))
    again = shown(notebook.run("%%sql\nselect 1"))
    assert codes(again) == codes(said)  # asked anew: SparkMagic would repeat itself
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)
    return said


def test_a_session_that_somebody_deletes(notebook: Kernel, desk: Desk, admin: Person) -> None:
    number = session(notebook, admin)
    assert admin.delete(number) == 200

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG106"]
    assert f"Session '{number}' not found" in said
    answer = admin.ask("GET", f"/sessions/{number}").text  # by itself it tells no more than that
    assert list(diagnosed(desk, answer)) == ["LG101"]
    goes_on(notebook, said)


def test_a_name_that_a_living_session_has(notebook: Kernel, admin: Person) -> None:
    taken = admin.create(name="etl", conf={"livy.rsc.server.connect.timeout": "1h"})

    said = refusal(notebook, {"name": "etl"})

    assert codes(said) == ["LG120"]
    assert "Duplicate session name" in said
    admin.delete(taken)


def test_a_setting_that_the_operator_forbids(notebook: Kernel) -> None:
    said = refusal(notebook, {"conf": {FORBIDDEN: "-Dx=y"}})

    assert codes(said) == ["LG121"]
    assert FORBIDDEN in said


def test_a_field_that_livy_does_not_know(notebook: Kernel, desk: Desk) -> None:
    notebook.fine("%unload_ext livyguard")  # it knows the fields itself
    notebook.run('%%configure -f\n{"driverMemroy": "1g"}')
    said = notebook.run("1 + 1").text
    again = notebook.run("2 + 2").text
    notebook.fine("%load_ext livyguard")

    assert "driverMemroy" in said
    assert list(diagnosed(desk, said)) == ["LG122"]
    assert "driverMemroy" in again  # SparkMagic would repeat it until the kernel is restarted
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, "%livy_recover")


def test_a_file_of_livys_own_machine(notebook: Kernel) -> None:
    said = refusal(notebook, {"files": ["/etc/hostname"]})

    assert codes(said) == ["LG124"]
    assert "Local path /etc/hostname cannot be added" in said


def test_a_session_without_a_sign_of_life(notebook: Kernel, admin: Person) -> None:
    notebook.fine(
        "%%local\nimport sparkmagic.utils.configuration as conf\n"
        'conf.override("livy_server_heartbeat_timeout_seconds", 3)\nconf.override("heartbeat_refresh_seconds", 3600)'
    )
    number = session(notebook, admin)
    notebook.fine('%%local\nconf.override("livy_server_heartbeat_timeout_seconds", 0)')
    ends(admin, number)

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG108"]
    goes_on(notebook, said)


@dataclass
class Late:
    """A notebook whose session Livy ends, or has ended, by a clock of its own.

    Attributes:
        kernel: the notebook.
        number: of its session.
        said: what it showed before that.
        sent: a cell that runs meanwhile.
    """

    kernel: Kernel
    number: int
    said: str = ""
    sent: str = ""


@pytest.fixture(scope="module")
def timed_out(desk: Desk, server: LivyServer, admin: Person) -> dict[str, Late]:
    """Return notebooks whose sessions Livy has taken away, by what made it; it looks once a minute."""
    ended = notebook_of(desk, admin, {})
    dies(server, admin, ended.number)
    ended.said = shown(ended.kernel.run("1 + 1"))
    idle, ttl = notebook_of(desk, admin, {"idleTimeout": IDLE}), notebook_of(desk, admin, {"ttl": TTL})
    busy = notebook_of(desk, admin, {"idleTimeout": IDLE})
    busy.sent = busy.kernel.client.execute("import time\ntime.sleep(600)", allow_stdin=False)
    notebooks = {"ended": ended, "idle": idle, "ttl": ttl, "busy": busy}
    for late in notebooks.values():
        ends(admin, late.number)
    return notebooks


def notebook_of(desk: Desk, admin: Person, body: dict[str, Any]) -> Late:
    """Start another notebook, with a session that is asked for like this."""
    kernel = desk.start()
    configure(kernel, body)
    return Late(kernel, session(kernel, admin))


def dies(server: LivyServer, admin: Person, number: int) -> None:
    """Kill the driver of a session, and wait until Livy knows."""
    server.drivers()[number].kill()
    until(lambda: admin.sessions().get(number, {}).get("state") in {"dead", "error"})


def starts_afresh(notebook: Kernel) -> None:
    """Go on with a session that no clock ends."""
    notebook.fine("%livy_recover")
    configure(notebook, {})
    goes_on(notebook)


def test_a_session_that_lay_idle_too_long(timed_out: dict[str, Late]) -> None:
    kernel = timed_out["idle"].kernel

    said = shown(kernel.run("1 + 1"))

    assert codes(said) == ["LG102"]
    starts_afresh(kernel)


def test_a_session_that_lived_out_its_time(timed_out: dict[str, Late]) -> None:
    kernel = timed_out["ttl"].kernel

    said = shown(kernel.run("1 + 1"))

    assert codes(said) == ["LG109"]
    starts_afresh(kernel)


def test_a_statement_that_outlasts_the_time_out_of_its_session(timed_out: dict[str, Late]) -> None:
    busy = timed_out["busy"]

    said = shown(busy.kernel.finish(busy.sent))

    assert codes(said) == ["LG103"]
    assert "skip-busy" in said
    starts_afresh(busy.kernel)


def test_a_session_that_had_ended_before_livy_forgot_it(timed_out: dict[str, Late]) -> None:
    ended = timed_out["ended"]

    said = shown(ended.kernel.run("1 + 1"))

    assert codes(ended.said) == ["LG107"]
    assert codes(said) == ["LG105"]
    starts_afresh(ended.kernel)


def test_a_driver_that_is_killed(notebook: Kernel, server: LivyServer, admin: Person) -> None:
    number = session(notebook, admin)
    dies(server, admin, number)

    said = shown(notebook.run("1 + 1"))

    assert codes(said)[0] in {"LG107", "LG307"}
    goes_on(notebook, said)


def test_ports_that_are_all_taken(notebook: Kernel, admin: Person) -> None:
    other = admin.create(conf={"livy.rsc.server.connect.timeout": "1h"})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(notebook, {"conf": {"livy.rsc.launcher.port.range": f"{port}~{port}"}})

    assert codes(said) == ["LG119"]
    admin.delete(other)


def test_somebody_whom_livy_does_not_let_in(server: LivyServer, tmp_path: Path) -> None:
    mallory = Desk(tmp_path, server.url, "mallory", claims="mallory")
    kernel = mallory.start()

    said = shown(kernel.run("1 + 1"))
    listed = shown(kernel.run("%livy_sessions"))
    mallory.stop()

    assert codes(said) == ["LG608"]
    assert codes(listed) == ["LG608"]


def test_a_log_in_that_livy_does_not_accept(server: LivyServer, tmp_path: Path) -> None:
    nobody = Desk(tmp_path, server.url, None)
    kernel = nobody.start()

    said = shown(kernel.run("1 + 1"))
    nobody.user = "alice"
    nobody.configure()
    other = nobody.start()
    goes_on(other)
    nobody.stop()

    assert codes(said) == ["LG603"]


def test_a_request_without_the_header_that_csrf_protection_wants(server: LivyServer, tmp_path: Path) -> None:
    desk = Desk(tmp_path, server.url)
    kernel = desk.start(load=False)

    said = kernel.run("1 + 1").text
    hints = diagnosed(desk, said)
    kernel.fine("%load_ext livyguard")
    goes_on(kernel, "%livy_recover")  # the guard sends it
    desk.stop()

    assert "fatal error" in said
    assert list(hints) == ["LG609"]


@pytest.fixture
def proxy(server: LivyServer) -> Iterator[TroubledProxy]:
    with TroubledProxy(server.url) as proxy:
        yield proxy


@pytest.mark.parametrize(("trouble", "code"), [(BAD_GATEWAY, "LG611"), (LOGIN_PAGE, "LG610")])
def test_a_proxy_that_answers_itself(proxy: TroubledProxy, tmp_path: Path, trouble: str, code: str) -> None:
    desk = Desk(tmp_path, proxy.url)
    desk.configure(retry_seconds_to_sleep_list=[0.2], configurable_retry_policy_max_retries=2)
    kernel = desk.start()
    proxy.troubles.append(Trouble(trouble, on=".*"))

    said = shown(kernel.run("1 + 1"))
    proxy.troubles.clear()
    goes_on(kernel, said)
    proxy.troubles.append(Trouble(trouble, on=".*"))
    later = shown(kernel.run("1 + 1"))
    proxy.troubles.clear()
    assert "42" in kernel.fine("print(42)").stdout
    desk.stop()

    assert codes(said) == [code]
    assert codes(later) == [code]


def test_a_livy_that_is_stopped_and_started(notebook: Kernel, server: LivyServer, admin: Person) -> None:
    session(notebook, admin)
    server.stop()

    running = shown(notebook.run("1 + 1"))
    notebook.run("%livy_recover")
    server.start()
    back = shown(notebook.run("1 + 1"))

    assert codes(running) == ["LG604"]
    assert codes(back)[0] in {"LG104", "LG101", "LG106"}
    goes_on(notebook, back)


@pytest.fixture(scope="module")
def strict(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivyServer]:
    """Run a Livy that starts one session at a time, and as nobody but who asks."""
    conf = {"livy.impersonation.enabled": "true", "livy.server.session.max-creation": "1"}
    with running(LivyOptions(users=True, conf=conf), livy_home("0.9.0"), tmp_path_factory.mktemp("strict")) as strict:
        yield strict


@pytest.fixture(scope="module")
def impersonated(strict: LivyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    desk = Desk(tmp_path_factory.mktemp("impersonated"), strict.url)
    desk.configure(livy_session_startup_timeout_seconds=300)
    yield desk.start()
    desk.stop()


def test_a_session_in_somebody_elses_name(impersonated: Kernel) -> None:
    said = refusal(impersonated, {"proxyUser": "bob"})

    assert codes(said) == ["LG123"]
    assert "User 'alice' not allowed to impersonate" in said


def test_too_many_sessions_that_start_at_once(impersonated: Kernel, strict: LivyServer) -> None:
    configure(impersonated, {})
    admin = Person(strict, "admin")
    # A local driver is one that starts, for Livy, for as long as it lives; the one before may be just ending.
    until(lambda: admin.ask("POST", "/sessions", SMALL).status_code == 201)

    said = shown(impersonated.run("1 + 1"))
    (other,) = admin.alive()
    admin.delete(other)
    until(lambda: not strict.drivers())

    assert codes(said) == ["LG118"]
    goes_on(impersonated, said)
