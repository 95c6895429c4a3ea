"""What a kernel and the command line make of it: the Hub asked late and once, by the environment of the load."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from livyguard.bootstrap import Parts
from livyguard.config import PolicyFiles
from livyguard.policy.identity import Identity
from livyguard.testing import FakeStore, RecordingDisplay

USER = "/hub/api/user"
POLICY = """
version = 1
shared_accounts = ["teamlab"]
operators = { groups = ["platform"] }
[defaults]
idle = { after = "1h" }
"""


@pytest.fixture
def hub(httpserver, monkeypatch, tmp_path):
    """A server of alice's in a JupyterHub; return the parts of a kernel in it, with a policy."""

    def parts(policy):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.setenv("JUPYTERHUB_API_URL", httpserver.url_for("/hub/api"))
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "canary-0123456789abcdef")
        monkeypatch.setenv("JUPYTERHUB_USER", "alice")
        built = Parts(RecordingDisplay())
        file = tmp_path / "policy.toml"
        if policy is not None:
            file.write_text(policy)
        built.policies = PolicyFiles([file], built.display.notice)
        return built

    return parts


def alice(httpserver, groups=("ml",)):
    httpserver.expect_request(USER).respond_with_json({"kind": "user", "name": "alice", "groups": list(groups)})


@pytest.mark.parametrize("policy", [None, POLICY, "invalid"])
def test_the_hub_is_asked_when_somebody_wants_to_know_and_once(hub, httpserver, policy):
    alice(httpserver)
    parts = hub(policy)
    identities = parts.identities
    assert len(httpserver.log) == 0

    who = [identities.who(store) for store in (FakeStore(), FakeStore(), FakeStore(authenticated_user="bob"))]

    assert who[:2] == [Identity("alice", "reported", "JupyterHub", frozenset({"ml"}))] * 2
    assert (who[2].user, who[2].groups) == ("bob", frozenset())
    assert len(httpserver.log) == 1


def test_what_a_cell_sets_later_tells_nothing_of_who_is_asking(hub, httpserver, monkeypatch):
    alice(httpserver)
    parts = hub(None)
    for variable in ("JUPYTERHUB_USER", "KERNEL_USERNAME", "USER", "LOGNAME"):
        monkeypatch.setenv(variable, "mallory")
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:9")

    assert [(each.user, each.trust) for each in parts.identities.sources(FakeStore())] == [
        (None, "reported"),
        (None, "reported"),
        ("alice", "reported"),
        ("alice", "claimed"),
    ]


AFTER_THE_LOAD = """
import os
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "livyguard")
os.environ["JUPYTERHUB_USER"] = "mallory"
from livyguard.config import PolicyFiles
from livyguard.magics.extension import loaded
from livyguard.testing import FakeStore
kernel = loaded(shell).magics.kernel
kernel.policies = PolicyFiles([])
print(kernel.identities.who(FakeStore()).user)
"""


def test_a_cell_that_comes_before_the_first_session_is_too_late_to_claim_a_name(tmp_path):
    environment = {**os.environ, "JUPYTERHUB_USER": "alice", "XDG_STATE_HOME": str(tmp_path)}
    environment.pop("JUPYTERHUB_API_URL", None)

    done = subprocess.run(
        [sys.executable, "-c", AFTER_THE_LOAD], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout.splitlines()[-1] == "alice"


def test_an_account_that_the_policy_says_is_shared_names_nobody(hub, httpserver):
    alice(httpserver)
    parts = hub(POLICY)

    assert parts.identities.who(FakeStore(authenticated_user="teamlab")).user == "alice"


def test_operators_are_known_by_a_group_of_the_hub(hub, httpserver):
    alice(httpserver, ["platform"])
    parts = hub(POLICY)

    assert parts.rights(FakeStore()).is_operator
    assert not parts.rights(FakeStore(authenticated_user="bob")).is_operator
    assert parts.rights(FakeStore()).shared_accounts > {"teamlab", "jovyan"}
    assert parts.rights(FakeStore()).idle_after == 3600


def test_an_invalid_policy_gives_no_rights(hub, httpserver):
    rights = hub("invalid").rights(FakeStore())

    assert not rights.is_operator
    assert "jovyan" in rights.shared_accounts
    assert len(httpserver.log) == 0


def test_a_hub_that_is_away_leaves_the_claim_and_says_so(hub, httpserver):
    httpserver.expect_request(USER).respond_with_data("", status=502)
    identities = hub(None).identities

    assert (identities.who(FakeStore()).user, identities.who(FakeStore()).trust) == ("alice", "claimed")
    assert [each.note for each in identities.sources(FakeStore()) if each.source == "JupyterHub"] == [
        "JupyterHub answers HTTP 502, and not who this is."
    ]
    assert len(httpserver.log) == 1
