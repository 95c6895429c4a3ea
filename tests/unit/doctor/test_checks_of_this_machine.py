"""config.json, the kernels, the start-up file, the guard, the policy, and who asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livyguard.doctor.ports import GuardFacts, KernelFacts, Settings, SpecFacts, StartupFile
from livyguard.errors import InvalidPolicy
from livyguard.policy.identity import Identity

from .scene import Here, check, examine, policy


def seen(found):
    return found.status, found.hint.code if found.hint else None


def test_everything_is_fine_where_everything_is():
    report = examine()

    assert {found.status for found in report.checks} == {"ok"}
    assert [found.name for found in report.checks] == [
        *("config", "kernelspec", "startup", "guard", "policy", "endpoint", "identity"),
        *("dns", "tcp", "tls", "login", "csrf", "version", "sessions", "access"),
        *("yarn", "queue", "clocks", "heartbeat", "ledger"),
    ]
    assert report.exit_code == 0
    assert report.hints == ()


def test_a_configuration_that_cannot_be_used_fails_with_its_reason():
    fault = "SparkMagic's configuration /home/alice/config.json is no JSON: Expecting value (line 2, column 1)."

    found = check("config", Here(said_settings=Settings("/home/alice/config.json", fault=fault)))

    assert (found.status, found.text, found.exit_code) == ("failure", fault, 1)


@pytest.mark.parametrize(
    ("endpoint", "verifies", "status"),
    [
        (("PySpark", "http://livy.example.com:8998", "Basic_Access as alice"), True, "warning"),
        (("PySpark", "http://localhost:8998", "Basic_Access as alice"), True, "ok"),
        (("PySpark", "https://livy.example.com", "Basic_Access as alice"), True, "ok"),
        (("PySpark", "https://livy.example.com", "no log-in"), False, "warning"),
        (("PySpark", "http://livy.example.com", "no log-in"), False, "ok"),
    ],
)
def test_what_others_could_read_or_answer_is_worth_a_word(endpoint, verifies, status):
    settings = Settings("config.json", endpoints=(endpoint,), verifies=verifies)

    found = check("config", Here(said_settings=settings))

    assert seen(found) == (status, "LG959" if status == "warning" else None)


def test_a_configuration_that_is_not_there_is_no_fault():
    found = check("config", Here(said_settings=Settings("config.json", is_there=False)))

    assert found.status == "ok"
    assert "there is no config.json" in found.text


@pytest.mark.parametrize(
    ("kernels", "expected"),
    [
        (KernelFacts(None), ("failure", "LG951")),
        (KernelFacts("0.23.0"), ("warning", "LG951")),
        (KernelFacts("0.23.0", (SpecFacts("old", "/old/bin/python", has_livyguard=False),)), ("warning", "LG952")),
        (KernelFacts("0.23.0", (SpecFacts("conda", "conda", has_livyguard=None),)), ("ok", None)),
    ],
)
def test_the_kernels_are_there_and_have_livyguard(kernels, expected):
    found = check("kernelspec", Here(said_kernels=kernels))

    assert seen(found) == expected


def test_a_kernel_that_is_not_registered_is_registered_from_where_sparkmagic_is():
    facts = KernelFacts("0.23.0", folder="/opt/my env/sparkmagic/kernels/pysparkkernel")

    (fix,) = check("kernelspec", Here(said_kernels=facts)).hint.fixes

    folder = "'/opt/my env/sparkmagic/kernels/pysparkkernel'"
    assert fix.command == f"jupyter kernelspec install --sys-prefix {folder}"


def test_a_kernel_without_livyguard_is_named_with_what_installs_it():
    spec = SpecFacts("old", "/opt/my env/bin/python", has_livyguard=False)

    found = check("kernelspec", Here(said_kernels=KernelFacts("0.23.0", (spec,))))

    (fix,) = found.hint.fixes
    assert fix.command == "'/opt/my env/bin/python' -m pip install --no-index --find-links WHEELS livyguard"
    assert fix.applicability == "manual"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), ("warning", "LG953")),
        ((StartupFile("50-livyguard.py", is_current=False),), ("warning", "LG953")),
        ((StartupFile("50-livyguard.py", ("strict",)),), ("ok", None)),
    ],
)
def test_the_guard_is_loaded_in_every_kernel_by_a_file_of_this_version(files, expected):
    assert seen(check("startup", Here(said_startup_files=files))) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (None, ("skipped", None)),
        (GuardFacts(is_guarding=False, is_sparkmagic_loaded=False), ("ok", None)),
        (GuardFacts(is_guarding=False, is_sparkmagic_loaded=True), ("failure", "LG954")),
        (GuardFacts(True, True, faults=("this SparkMagic has no LivySession.start",)), ("warning", "LG954")),
        (GuardFacts(False, True, faults=("this SparkMagic has no post_session",)), ("failure", "LG954")),
        (GuardFacts(True, True, covered=("LivySession.start",)), ("failure", "LG954")),
    ],
)
def test_the_guard_is_whole_and_on_top(facts, expected):
    assert seen(check("guard", Here(said_guard=facts))) == expected


def test_what_is_put_over_the_guard_is_named():
    found = check("guard", Here(said_guard=GuardFacts(True, True, covered=("LivySession.start",))))

    assert found.text == "something else has been put over LivySession.start"
    assert found.hint.fixes[0].cell == "%reload_ext livyguard"


def test_an_invalid_policy_fails_with_its_faults_and_the_cluster_is_not_looked_at():
    faults = ["policy.toml: tenant[0]: no name", "policy.toml: cluster.workers: is no number"]

    report = examine(Here(said_policy=InvalidPolicy(faults)))

    by_name = {found.name: found for found in report.checks}
    assert seen(by_name["policy"]) == ("failure", "LG956")
    assert [fact.text for fact in by_name["policy"].hint.evidence] == faults
    assert (by_name["yarn"].status, by_name["yarn"].text) == ("skipped", "not looked at: policy fails")
    assert by_name["sessions"].status == "ok"
    assert report.exit_code == 1


def test_no_policy_is_worth_a_word_and_where_it_was_looked_for():
    found = check("policy", Here(said_policy=None))

    assert seen(found) == ("warning", "LG955")
    assert "/etc/livyguard" in found.text


def test_what_lint_says_of_a_policy_is_counted():
    text = 'version = 1\n[defaults.limits]\n"executors.max" = { max = 4, default = 9 }\n'

    found = check("policy", Here(said_policy=policy(text)))

    assert seen(found) == ("warning", "LG957")
    assert "lint fault" in found.text
    assert found.hint.fixes[0].command == "livyguard policy lint"


def test_who_asks_is_told_with_tenant_and_source():
    found = check("identity")

    assert found.text == "alice, by the login (reported); tenant analysts"


@pytest.mark.parametrize("user", [None, "hadoop"])
def test_a_policy_for_people_and_nobody_in_particular_is_worth_a_word(user):
    found = check("identity", who=lambda: Identity(user, "claimed", "the operating system"))

    assert seen(found) == ("warning", "LG958")


def test_without_a_policy_it_does_not_matter_who_asks():
    found = check("identity", Here(said_policy=None), who=lambda: Identity(None, "claimed", "nobody"))

    assert found.status == "ok"


def test_two_sections_of_a_configuration_are_told_both():
    settings = Settings("c.json", endpoints=(("PySpark", "https://a", "Kerberos"), ("Spark", "https://b", "Kerberos")))

    found = check("config", Here(said_settings=replace(settings, is_there=True)))

    assert found.text == "c.json: https://a for PySpark (Kerberos); https://b for Spark (Kerberos)"
