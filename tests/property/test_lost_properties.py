"""Whatever is known of a session that is gone: one hint, and a cause that its own evidence does not contradict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case

NOW = 1_800_000_000.0
ERROR = "Invalid status code '404' from http://livy:8998/sessions/13 with error payload: \"Session '13' not found.\""
CAUSES = {f"LG{number}" for number in (*range(101, 107), *range(108, 114))}

maybe = st.none() | st.floats(0, 100_000)
moments = maybe.map(lambda ago: None if ago is None else NOW - ago)
numbers = st.frozensets(st.integers(0, 20), max_size=4)


@st.composite
def cases(draw):
    """Whatever a notebook, its ledger and Livy's listing may have told, in any mixture."""
    created, missed = draw(moments), draw(moments)
    seen, used = (draw(moments.map(lambda when: when if created is None or when is None else max(when, created))),) * 2
    return Case(
        ERROR,
        session_id=13,
        now=NOW,
        created=created,
        last_statement=used if created is not None else None,
        last_seen=seen,
        missed=missed if missed is not None and (seen is None or missed >= seen) else None,
        silent=draw(moments),
        silence="502",
        last_state=draw(st.sampled_from([None, "idle", "busy", "dead", "error", "killed", "success", "shutting_down"])),
        app_state=draw(st.sampled_from([None, "RUNNING", "FAILED", "KILLED", "FINISHED"])),
        is_busy=draw(st.booleans()),
        is_another=draw(st.booleans()),
        is_renumbered=draw(st.booleans()),
        is_struck_out=draw(st.booleans()),
        answers_again=draw(st.booleans()),
        noted_endpoint=draw(st.sampled_from([None, "http://another:8998"])),
        was_known=draw(st.sampled_from([None, True, False])),
        listed_ids=draw(st.none() | numbers),
        noted_ids=draw(st.none() | numbers),
        session_timeout=draw(st.sampled_from([600.0, 3_600.0])),
        heartbeat_seconds=draw(st.sampled_from([None, 0.0, 60.0])),
        ttl_seconds=draw(st.sampled_from([None, 600.0, 28_800.0])),
    )


def contradicts(code: str, case: Case) -> bool:
    """Tell whether what was seen rules the cause out."""
    unused, lost = case.unused_seconds, case.lost if case.lost is not None else NOW
    is_soon = unused is None or unused < case.session_timeout - 120
    gap = None if case.last_seen is None else lost - case.last_seen
    age = None if case.created is None else lost - case.created
    return {
        "LG101": unused is not None,
        "LG102": is_soon or bool(case.is_busy),
        "LG103": is_soon or not case.is_busy,
        "LG104": not (case.is_another or case.is_renumbered),
        "LG105": case.last_state not in {"dead", "error"} and case.app_state != "FAILED",
        "LG106": not case.is_struck_out and not is_soon,
        "LG108": not case.heartbeat_seconds or gap is None or gap < case.heartbeat_seconds or was_away(case),
        "LG109": case.ttl_seconds is None or age is None or age < case.ttl_seconds - 120,
        "LG110": not case.answers_again and case.noted_endpoint is None,
        "LG111": case.last_state != "success",
        "LG112": case.was_known is not False
        or max({*(case.listed_ids or ()), *(case.noted_ids or ())}, default=-1) >= 13,
        "LG113": case.last_state != "killed",
    }[code]


def was_away(case: Case) -> bool:
    """Tell whether Livy did not answer between the last sight and the miss, and has forgotten what it had."""
    if case.silent is None or (case.listed_ids is not None and max(case.listed_ids, default=0) > 13):
        return False
    lost = case.lost if case.lost is not None else NOW
    return (case.last_seen if case.last_seen is not None else 0.0) <= case.silent <= lost


@given(cases())
def test_there_is_one_cause_and_nothing_that_was_seen_rules_it_out(case):
    (hint,) = diagnose(case)

    assert hint.code in CAUSES
    assert not contradicts(hint.code, case)
    assert hint.cause.startswith("Livy itself was away") <= was_away(case)
    assert any("did not answer" in fact.text for fact in hint.evidence) == was_away(case)
    assert hint.evidence[0].source == "Livy's answer"
    assert "%livy_recover" in [fix.cell for fix in hint.fixes]
