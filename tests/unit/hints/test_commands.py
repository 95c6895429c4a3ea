"""What a pasted text names may stand in a command; what it wants a shell to do may not."""

from __future__ import annotations

import shlex

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read
from scripts.hint_pages import case_of

DENIED = (
    'Permission denied: user={}, access=WRITE, inode="{}":hdfs:hdfs:drwxr-xr-x\n'
    "\tat org.apache.spark.deploy.yarn.Client.submitApplication(Client.scala:173)"
)


#: What begins like this shows something and changes nothing.
READS = (
    "aws ecr describe-",
    "aws emr describe-",
    "aws emr list-",
    "aws emr-serverless get-",
    "aws glue get-",
    "kubectl api-versions",
    "kubectl auth can-i ",
    "kubectl describe ",
    "kubectl get ",
    "kubectl version",
    "livyguard sessions",
    "ss --listening ",
)


def commands(text):
    return [fix.command for hint in diagnose(read(text)) for fix in hint.fixes if fix.command]


@pytest.mark.parametrize(
    "text",
    [
        "There is no Kerberos ticket in FILE:/tmp/x, and http://livy wants one. Run `kinit $(reboot)` where this runs.",
        "There is no Kerberos ticket in FILE:/tmp/x, and http://livy wants one. Run `kinit a;reboot` where this runs.",
        DENIED.format("a;reboot", "/user/a;reboot/.sparkStaging"),
        DENIED.format("a", "/user/a/$(reboot)/.sparkStaging"),
        DENIED.format("`reboot`", "/user"),
        'Back-off pulling image "602401143452.dkr.ecr.eu-west-1.amazonaws.com/a;reboot:3"',
        "YarnEndpointAddress EndpointName: $(reboot) Status: FAILED",
    ],
)
def test_a_name_that_is_none_does_nothing_in_a_shell(text):
    offered = commands(text)

    assert offered
    for command in offered:
        words = shlex.shlex(command, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        assert ";" not in list(words)
        unquoted = "".join(part for number, part in enumerate(command.split("'")) if number % 2 == 0)
        assert not any(mark in unquoted for mark in "$`;")


def test_a_principal_and_a_folder_stand_in_the_command_as_they_are():
    told = (
        "The Kerberos ticket of etl/host@EXAMPLE.COM has expired, and http://livy wants one. "
        "Run `kinit etl/host@EXAMPLE.COM` where this runs."
    )
    assert "kinit etl/host@EXAMPLE.COM" in [fix.command for fix in diagnose(Case(told))[0].fixes]
    assert "kinit etl/host@EXAMPLE.COM" not in commands(told), "whoever wrote a text that is pasted"
    assert "hdfs dfs -chown ann /user/ann/.sparkStaging" in commands(DENIED.format("ann", "/user/ann/.sparkStaging"))


@pytest.mark.parametrize(
    "entry", [entry for entry in CATALOG if entry.code[:3] in {"LG4", "LG5"}], ids=lambda entry: entry.code
)
def test_a_command_for_kubernetes_or_aws_that_looks_only_reads_and_is_looked_over_first(entry):
    for hint in diagnose(case_of(entry.code)):
        for fix in hint.fixes:
            if fix.command and fix.label.startswith(("See ", "Look ", "Ask ")):
                assert fix.command.startswith(READS)
                assert shlex.split(fix.command)
                # Whose cluster they ask, kubectl's context and aws' profile say; no test can run them here.
                assert (fix.applicability == "review") == fix.command.startswith(("kubectl ", "aws "))
