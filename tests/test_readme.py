"""What README.md shows is what the project does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.capacity.lint import lint
from livyguard.cli.main import COMMANDS, cli
from livyguard.cli.policy import policy as policy_group
from livyguard.config import POLICY_VARIABLE, default_search_path
from livyguard.magics.livyguard import LivyGuard
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.expectations import run
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.limit import Limit
from livyguard.policy.model import parse
from livyguard.policy.quota import Held, Usage
from livyguard.policy.report import report
from livyguard.views import decision as decision_view
from livyguard.views import usage as usage_view
from scripts.hint_pages import FAMILIES

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
#: What is installed for the whole machine goes to a folder here: the one command that is not run as it stands.
INSTALL = "sudo $(command -v livyguard) policy install policy.toml"


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return found


def section(title):
    """Return the text below a heading, up to the next one."""
    return re.split(r"^#+ ", README.split(f" {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text):
    """Return the cells of a table's rows, its head left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def in_a_shell(command, folder, home):
    """Return what a command prints to somebody with an empty home."""
    surroundings = {**os.environ, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name in (POLICY_VARIABLE, "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        surroundings.pop(name, None)
    etc = folder / "etc" / "livyguard"
    typed = f"livyguard policy install policy.toml --to {etc}" if command == INSTALL else command
    assert "sudo" not in typed
    done = subprocess.run(
        ["bash", "-c", typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=folder,
        env=surroundings,
    )
    return done.stdout.replace(str(etc), "/etc/livyguard")


def test_every_command_that_is_shown_prints_what_is_shown_one_after_the_other(tmp_path):
    shown = "".join(re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL))
    commands = re.findall(r"^\$ (.*)$", shown, flags=re.MULTILINE)
    folder, home = tmp_path / "here", tmp_path / "home"
    folder.mkdir()
    home.mkdir()

    seen = "".join(f"$ {command}\n{in_a_shell(command, folder, home)}" for command in commands)

    assert INSTALL in commands
    assert seen.splitlines() == shown.splitlines()
    assert list(home.iterdir()) == []


def test_the_policy_of_the_readme_lints_clean_and_passes_its_own_tests():
    policy = parse(block("toml"), source="policy.toml")

    assert lint(policy) == ()
    assert [each.passed for each in run(policy)] == [True, True]


def test_every_command_of_a_policy_is_in_its_table():
    assert set(re.findall(r"`(?:livyguard policy )?(\w+)`", section("On the command line"))) >= set(
        policy_group.commands
    )


@pytest.mark.parametrize("command", sorted(set(re.findall(r"livyguard(?:\))? policy (\w+)", README))))
def test_every_command_of_a_policy_that_is_named_exists(command):
    assert command in policy_group.commands


def test_everything_that_a_limit_may_say_is_told():
    told = section("What a limit does")

    said = set(Limit.model_fields) - {"key", "kind", "cluster"}
    assert {name for name in said if not re.search(rf"`{name}\b", told)} == set()


def test_the_places_of_a_policy_are_told_in_the_order_in_which_they_count():
    places = default_search_path({POLICY_VARIABLE: "/named", "XDG_CONFIG_HOME": "/home/me/.config"}, "/prefix")

    told = [cells[0] for cells in rows(section("Where it is looked for"))]
    parts = ("/etc/livyguard", "etc/livyguard", "$LIVYGUARD_POLICY", "~/.config/livyguard")
    assert [part in cell for part, cell in zip(parts, told, strict=True)] == [True] * len(told)
    assert [str(place) for place in places] == [
        "/etc/livyguard",
        "/prefix/etc/livyguard",
        "/named",
        "/home/me/.config/livyguard",
    ]


def test_the_shared_accounts_that_are_named_are_some():
    (named,) = re.findall(r"A log-in of many people \((.*?)…", section("Whom it holds for"), flags=re.DOTALL)

    assert set(re.findall(r"`(.+?)`", named)) <= SHARED_ACCOUNTS


def test_the_policy_of_the_readme_decides_as_the_readme_says(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(block("toml"))

    result = CliRunner().invoke(
        cli,
        ["policy", "check", "--policy", str(policy), "--user", "alice", "--json", "-"],
        input='{"numExecutors": 40}',
    )

    assert result.exit_code == 0, result.output
    decided = json.loads(result.output)
    shown = json.loads(block("json"))
    assert {name: decided[name] for name in shown} == shown
    assert decided["violations"] == []


def test_a_refusal_over_a_quota_and_the_bars_are_shown_as_they_are():
    policy, alice = parse(block("toml"), source="policy.toml"), Identity("alice", "reported", "a test")
    idle = Held(41, executors=8, memory_mib=76_593, is_idle=True, idle_seconds=52 * 60)
    usage = Usage((Held(37, executors=4, memory_mib=40_549), idle), unowned=3)

    refused = decision_view.text(judge(policy, alice, {"numExecutors": 8}, usage=usage))
    held = usage_view.text(report(policy, alice, usage=usage))

    shown = re.findall(r"```\n(.*?)\n```", section("Quotas"), flags=re.DOTALL)
    assert shown == [refused.partition("\n\n")[2], held]


def test_the_picture_of_a_plan_is_what_the_command_beside_it_draws(tmp_path):
    command = re.findall(
        r"^\$ (livyguard plan .*) \| head", section("How much cluster do you need"), flags=re.MULTILINE
    )[-1]
    drawn = tmp_path / "plan.svg"

    result = CliRunner().invoke(cli, [*command.split()[1:], "--chart", str(drawn)])

    assert result.exit_code == 0, result.output
    shown = (Path(__file__).parents[1] / "docs" / "plan.svg").read_text("utf-8")
    words = [re.findall(r"<text .*?>(.*?)</text>", picture) for picture in (shown, drawn.read_text("utf-8"))]
    assert words[0] == words[1]
    assert "there are 10 workers" in words[0]


def test_each_family_of_codes_is_told_and_leads_to_its_place_in_the_table_of_all():
    told = rows(section("What an error means, and what to do next"))
    anchors = [
        f"[{family}xx](docs/hints/index.md#{re.sub('[^a-z]', '-', FAMILIES[family].lower())})" for family in FAMILIES
    ]

    assert [cells[0] for cells in told] == anchors


def test_every_magic_is_in_its_table():
    named = set(re.findall(r"`%{1,2}(livy_\w+)", README))

    assert named == {name for table in LivyGuard.magics.values() for name in table}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_its_table(command):
    assert f"`livyguard {command}" in README


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`?livyguard (\w+)(?: --|`| \[| CODE| check)", README))))
def test_every_command_that_is_named_exists(command):
    assert command in COMMANDS


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_every_make_target_that_is_named_exists(target):
    makefile = (Path(__file__).parents[1] / "Makefile").read_text("utf-8")

    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"\]\((\w[\w./-]*)\)", README))))
def test_every_linked_file_exists(file):
    assert (Path(__file__).parents[1] / file).exists()
