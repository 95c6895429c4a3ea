"""What is called safe in the hints of YARN and Spark only reads, or forgets what is lost."""

from __future__ import annotations

import re

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from scripts.hint_pages import case_of

CODES = [entry.code for entry in CATALOG if entry.code[:3] in {"LG2", "LG3"}]
READS = re.compile(
    r"%livy_recover|%livy_sessions(?: --mine| --state starting)?|mapred queue -(?:list|showacls)|yarn node -list -all"
    r"|yarn logs -applicationId application_\d+_\d+|hdfs dfsadmin -safemode get"
)


@pytest.mark.parametrize("code", CODES)
def test_a_safe_fix_changes_nothing_that_lives(code):
    (hint,) = diagnose(case_of(code))

    for fix in hint.fixes:
        run = fix.cell if fix.cell is not None else fix.command
        assert bool(READS.fullmatch(run)) == (fix.applicability == "safe"), run
