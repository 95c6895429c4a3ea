"""A real Livy that asks nobody's name: only this machine's own record proves whose a session is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.live.people import SMALL, Desk, Person, release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def nobody(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with LivyServer(LivyOptions(), livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        yield Person(server, None)


def test_a_session_of_nobody_known_is_freed_by_number_and_force_while_idle_only(nobody: Person, tmp_path: Path) -> None:
    carols = Desk(tmp_path / "carol", nobody.server.url, None, claims="carol")
    alices = Desk(tmp_path / "alice", nobody.server.url, None)
    alices.rule('operators = { users = ["alice"] }\n')  # whom nothing but the environment names
    body = tmp_path / "body.json"
    body.write_text(json.dumps(SMALL))
    kernel = alices.start()
    waiting = nobody.stuck()
    number = int(carols.command("sessions", "--start", body).stdout)

    rows = {row["id"]: row for row in alices.say("sessions")}
    [known] = carols.say("sessions", "--mine")
    assert (known["id"], known["owner"], known["owner_source"], known["mine"]) == (number, "carol", "ledger", True)
    assert (rows[number]["owner"], rows[number]["owner_source"], rows[number]["mine"]) == ("carol", "claimed", None)
    assert (rows[waiting]["owner"], rows[waiting]["owner_source"], rows[waiting]["mine"]) == (None, None, None)

    nobody.works(number)
    before = nobody.alive()
    for way in (lambda *arguments: release(kernel, *arguments), alices.release):
        for options in ((), ("--force",)):
            said = way(number, waiting, *options)
            assert {one["result"] for one in said.values()} == {"refused"}
            assert "it is busy, and nothing proves whose it is" in said[number]["reason"]
            assert "it is starting, and nothing proves whose it is" in said[waiting]["reason"]
    assert "Only an operator" in alices.command("release", "--user", "carol", "--force").stderr
    assert "Only an operator" in kernel.fails("%livy_release --all-users").error
    assert nobody.alive() == before
    nobody.rests(number)

    assert release(kernel, "--idle-for", "0s") == {}
    kept = [release(kernel, number), alices.release(number)]
    assert [one[number]["result"] for one in kept] == ["refused", "refused"]
    assert "a tag claims that it is carol's" in kept[0][number]["reason"]
    assert "--force frees it nevertheless" in kernel.fails(f"%livy_release {number}").error
    assert "%livy_release" in kernel.fails(f"%%delete -f -s {number}").error
    assert number in nobody.alive()
    freed = release(kernel, number, "--force")
    assert freed[number]["result"] == "released"
    assert "nothing proves whose it is" in freed[number]["reason"]
    assert nobody.alive().keys() == {waiting}
    alices.stop()
    nobody.delete(waiting)
    nobody.server.end_drivers()
