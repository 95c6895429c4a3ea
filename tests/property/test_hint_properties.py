"""Whatever somebody pastes: no error, no secret, nothing unprintable, and lines of reason that stay what they are."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from livyguard.hints.redaction import LONGEST, excerpt
from livyguard.views import hint as view

CANARY = "hunter2canary"
REASONS = {
    "Session '13' not found.": "LG101",
    "Session 16 did not start up in 60 seconds.": "LG201",
    "Session 16 did not start up in 60 seconds. Queue's AM resource limit exceeded. ": "LG202",
    "Application application_1_2 submitted by user alice to unknown queue: q": "LG205",
    "Required AM memory (8192+819 MB) is above the max threshold (6144 MB) of this cluster!": "LG207",
}
KEYS = ("password", "spark.my.secret", "FS_TOKEN", "fs.s3a.access.key", "Secret-Key")
noise = st.text(st.characters(exclude_characters="'\"\\"), max_size=60)


@given(st.text(max_size=2000))
def test_any_text_can_be_read_and_quoted(text):
    for hint in diagnose(read(text)):
        json.dumps(hint.to_json())

    assert len(excerpt(text)) <= LONGEST
    assert excerpt(text).isprintable()


@given(st.sampled_from(list(REASONS)), st.lists(noise, max_size=4), st.lists(noise, max_size=4))
def test_the_lines_around_a_reason_do_not_hide_it(reason, before, after):
    hints = diagnose(read("\n".join([*before, reason, *after])))

    assert REASONS[reason] in [hint.code for hint in hints]


@given(st.sampled_from(list(REASONS)), st.sampled_from(KEYS), st.sampled_from("=:"), st.integers(0, 400))
def test_a_secret_beside_a_reason_is_in_no_output(reason, key, link, blanks):
    line = f"{key}{link}{CANARY}{' x' * blanks} {reason} {key}{link} '{CANARY}'"

    hints = diagnose(read(line))

    assert hints
    for hint in hints:
        assert CANARY not in json.dumps(hint.to_json()) + view.text(hint) + view.html(hint)
