"""Figures as no machine writes them: what is pasted may hold any, and no hint fails for it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.sparkmagic.statements import explained
from livyguard.testing import RecordingDisplay
from livyguard.views.notebook import NotebookDisplay
from scripts.hint_pages import case_of

MATCHING = [entry.code for entry in CATALOG if entry.find is not None]
STRANGE = {"nothing": "0", "a version": "1.2.3", "47 digits": "9" * 47, "5,000 digits": "9" * 5_000}
_DIGITS = re.compile(r"\d+")


@pytest.mark.parametrize("figure", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("code", MATCHING)
def test_a_figure_of_any_size_is_read_or_left(code, figure):
    case = case_of(code)
    case = replace(
        case,
        error=_DIGITS.sub(figure, case.error),
        log=tuple(_DIGITS.sub(figure, line) for line in case.log),
        resource_manager=tuple(_DIGITS.sub(figure, line) for line in case.resource_manager),
    )

    hints = diagnose(case)

    assert all(len(fact.text) <= 300 for hint in hints for fact in hint.evidence)
    assert all(len(hint.title) < 500 for hint in hints)


@pytest.mark.parametrize("figure", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("code", [code for code in MATCHING if code.startswith(("LG2", "LG3"))])
def test_a_statement_with_such_a_figure_keeps_its_own_words(code, figure):
    said = _DIGITS.sub(figure, f"py4j.protocol.Py4JJavaError: {case_of(code).text}")
    answer = {"output": {"status": "error", "ename": "X", "evalue": said, "traceback": [said]}}

    shown = explained(answer, NotebookDisplay(), lambda: (said,), 7)["output"]

    assert (shown["evalue"], shown["traceback"][0]) == (said, said)


@pytest.mark.parametrize("text", ["", "py4j "])
def test_a_statement_without_a_failure_of_the_cluster_passes(text):
    answer = {"output": {"status": "error", "evalue": f"{text}{STRANGE['47 digits']}", "traceback": []}}

    assert explained(answer, RecordingDisplay(), tuple) is answer
