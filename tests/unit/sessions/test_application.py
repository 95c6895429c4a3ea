"""When an application may be killed: each way in which the rule refuses, and the three in which it does not."""

import pytest

from livyguard.sessions.application import unique_tags, why_spared
from livyguard.testing import ENDPOINT, a_session, an_application, an_entry

TAG = "livyguard-0badcafe"
OURS = an_application(tag=TAG)
ENTRY = an_entry(7, tag=TAG, login="alice")
OTHERS = a_session(8, login="bob", tags=frozenset({"livyguard-11111111"}), tells_tags=True)


def test_an_application_whose_session_livy_no_longer_lists_may_be_killed():
    assert why_spared(OURS, TAG, [ENTRY], [OTHERS]) is None


def test_an_application_whose_session_we_have_just_deleted_may_be_killed():
    assert why_spared(OURS, TAG, [ENTRY], None, is_just_deleted=True) is None


def test_an_operator_may_name_one_that_this_machine_knows_nothing_of():
    assert why_spared(OURS, TAG, [], None, is_named_by_operator=True) is None


@pytest.mark.parametrize(("containers", "executors"), [(None, None), (0, 0), (1, 0), (5, 4)])
def test_all_containers_but_the_drivers_are_executors(containers, executors):
    assert an_application(containers=containers).executors == executors


def test_where_the_driver_runs_outside_all_containers_are_executors():
    assert an_application(containers=3, driver_containers=0).executors == 3


@pytest.mark.parametrize("state", ["NEW", "SUBMITTED", "ACCEPTED", "RUNNING", "Pending", "Running", "Unknown"])
def test_what_waits_or_runs_is_not_over(state):
    assert not an_application(state=state).is_over


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "KILLED", "Succeeded", "Failed"])
def test_what_has_ended_is_left_alone_even_by_an_operator(state):
    ended = an_application(state=state, tag=TAG)

    assert why_spared(ended, TAG, [ENTRY], [], is_named_by_operator=True) == f"it has ended ({state})"


@pytest.mark.parametrize(
    "tag", ["livyguard", "livyguard-user-alice", "livyguard-0badcaf", "livyguard-0badcafe0", "livyguard-0BADCAFE", ""]
)
def test_a_tag_that_many_sessions_may_carry_kills_nothing(tag):
    shared = an_application(tag=tag)

    assert why_spared(shared, tag, [an_entry(7, tag=tag)], [], is_just_deleted=True) == (
        f"{tag!r} is not the tag of one session"
    )


def test_an_application_without_the_tag_is_left_alone_whatever_the_server_listed():
    another = an_application(tag="livyguard-11111111")

    assert why_spared(another, TAG, [ENTRY], [], is_just_deleted=True, is_named_by_operator=True) == (
        f"it does not carry the tag {TAG}"
    )


def test_an_application_of_a_session_that_this_machine_did_not_create_is_left_alone():
    known = [an_entry(7, tag="livyguard-11111111")]

    assert why_spared(OURS, TAG, known, [], is_just_deleted=True) == (
        f"this machine has no record of a session tagged {TAG}"
    )


@pytest.mark.parametrize("state", ["starting", "idle", "busy", "error", "dead"])
def test_an_application_whose_session_livy_still_lists_is_left_alone(state):
    listed = [OTHERS, a_session(7, state, login="alice", tags=frozenset({TAG}))]

    assert why_spared(OURS, TAG, [ENTRY], listed) == "Livy still lists its session 7"


def test_a_session_under_another_number_that_carries_the_tag_counts_as_listed():
    assert why_spared(OURS, TAG, [ENTRY], [a_session(3, tags=frozenset({TAG}))]) == "Livy still lists its session 3"


def test_a_number_that_may_still_be_ours_counts_as_listed():
    """Before Livy 0.8 no tags are shown: nothing proves that it is another."""
    assert why_spared(OURS, TAG, [ENTRY], [a_session(7)]) == "Livy still lists its session 7"


def test_a_number_that_belongs_to_another_session_by_now_does_not_count():
    another = a_session(7, login="bob", tags=frozenset({"livyguard-11111111"}), tells_tags=True)

    assert why_spared(OURS, TAG, [ENTRY], [another]) is None


def test_the_same_number_at_another_livy_does_not_count():
    elsewhere = an_entry(7, tag=TAG, endpoint=f"{ENDPOINT}1")

    assert why_spared(OURS, TAG, [elsewhere], [a_session(7)]) is None


def test_where_livy_cannot_be_read_nothing_is_killed():
    assert why_spared(OURS, TAG, [ENTRY], None) == "whether Livy still lists its session is not known"


def test_the_tags_of_one_session_are_told_from_those_of_many():
    tags = ["livyguard", "livyguard-user-alice", TAG, "nightly", "livyguard-user-0badcafe"]

    assert unique_tags(tags) == [TAG]


BOBS = a_session(8, login="bob", tags=frozenset({TAG}))


def test_an_application_that_may_be_anothers_who_copied_the_tag_is_left_alone():
    reason = f"session 8 carries the tag {TAG}, too, so it may be that one's"

    assert why_spared(OURS, TAG, [ENTRY], [OTHERS, BOBS], is_just_deleted=True) == reason


def test_the_deleted_session_itself_may_still_be_listed_for_a_while():
    deleted = a_session(7, "shutting_down", login="alice", tags=frozenset({TAG}))

    assert why_spared(OURS, TAG, [ENTRY], [OTHERS, deleted], is_just_deleted=True) is None


def test_of_several_with_the_tag_nothing_tells_which_is_ours_while_livy_cannot_be_read():
    assert why_spared(OURS, TAG, [ENTRY], None, is_just_deleted=True, carriers=2) == (
        f"2 applications carry the tag {TAG}, and Livy cannot be asked whose they are"
    )
    assert why_spared(OURS, TAG, [ENTRY], [OTHERS], is_just_deleted=True, carriers=2) is None


@pytest.mark.parametrize(("tag", "is_spared"), [("livy-session-12-a1b2c3d4", True), ("livy-session-7-a1b2c3d4", False)])
def test_livys_own_tag_tells_whoever_copied_ours_from_the_session_that_had_it(tag, is_spared):
    application = an_application(1, "RUNNING", TAG, tags=frozenset({TAG, tag}))

    for is_just_deleted in (False, True):
        reason = why_spared(application, TAG, [an_entry(7, TAG)], [], is_just_deleted=is_just_deleted)

        assert ("of another session's number" in (reason or "")) == is_spared
