"""``%livy_sessions`` and ``%livy_release`` typed in a shell, where sessions hold every hostile word at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.magics.test_policy_magics import SHELL
from tests.unit.test_hostile_words import HARMFUL, WORDS, Cluster, assert_harmless, assert_harmless_page, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer


@pytest.fixture
def type_in(tmp_path: Path, httpserver: HTTPServer):
    """Type cells as alice, in front of the server."""
    url = httpserver.url_for("").rstrip("/")
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[cluster]\nresource_manager = "{url}"\n[defaults.limits]\n"executors.max" = {{ max = 8 }}\n')

    def type_in(*cells: str) -> list[dict[str, Any]]:
        surroundings = {
            **os.environ,
            "HOME": str(tmp_path),
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "LIVYGUARD_URL": url.replace("//", "//alice:s3cret@"),
            "SPARKMAGIC_CONF_DIR": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        command = [sys.executable, "-c", SHELL, json.dumps(cells), str(policy)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
        assert done.returncode == 0, done.stderr
        seen: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["cells"]
        return seen

    return type_in


def every_word_at_once() -> Cluster:
    """The sessions of all words, numbered through."""
    clusters = [Cluster(word) for word in WORDS.values()]
    every = clusters[0]
    sessions = [session for cluster in clusters for session in cluster.sessions.values()]
    every.sessions = {number: {**session, "id": number} for number, session in enumerate(sessions)}
    every.applications = [one for cluster in clusters for one in cluster.applications]
    return every


def test_every_magic_shows_them_harmless_a_line_a_session(type_in, httpserver):
    cluster = every_word_at_once()
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(cluster)
    count = len(cluster.sessions)

    table, as_json, kept, foretold, released = type_in(
        "%livy_sessions",
        "%livy_sessions --json",
        "%livy_sessions -o t\nprint(len(t), len(t.to_frame()), len(repr(t).encode()) > 0)",
        "%livy_release --dry-run --idle-for 1s",
        "%livy_release --idle-for 1s",
    )

    assert [cell["error"] for cell in (table, as_json, kept, foretold, released)] == [None] * 5
    assert len(rows_of(table["bundle"]["text/plain"])) == count
    assert {row["name"] for row in json.loads(as_json["out"])} >= set(WORDS.values())
    assert kept["out"] == f"{count} {count} True\n"
    for cell in (table, foretold, released):
        assert_harmless(cell["bundle"]["text/plain"])
        assert_harmless_page(cell["bundle"]["text/html"])
        for text in cell["shown"]:
            assert HARMFUL.search(text) is None
    assert len(cluster.sessions) < count


@pytest.mark.parametrize("word", ["terminal link", "newlines", "lone surrogate", "10 kB of escapes"])
def test_an_error_of_the_server_fails_the_cell_in_one_harmless_line(type_in, httpserver, word):
    httpserver.expect_request("/sessions").respond_with_json({"msg": WORDS[word]}, 500)
    httpserver.expect_request("/ws/v1/cluster/apps").respond_with_json({"apps": None})

    [listing] = type_in("%livy_sessions")

    assert listing["error"].startswith("Livy answered 500: ")
    assert "\n" not in listing["error"]
    assert_harmless(listing["error"])
