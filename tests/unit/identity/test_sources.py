"""Which source is believed, whose groups count, and what every source is shown to have said."""

from __future__ import annotations

import pytest

from livyguard.identity.sources import Identities, is_same
from livyguard.policy.identity import Identity, Witness
from livyguard.testing import FakeStore

NOBODY = Identity(None, "claimed", "nobody")
CAROL = Identity("carol", "claimed", "a test")


def hub(user, *groups, note=None):
    return lambda: Witness("JupyterHub", "reported", user, frozenset(groups), note)


def sagemaker(user):
    return lambda: Witness("SageMaker's metadata file", "reported", user)


def absent():
    return None


@pytest.fixture
def store():
    return FakeStore()


def login(user):
    return FakeStore(authenticated_user=user)


def test_what_livy_says_outranks_the_login_and_the_login_outranks_a_claim():
    known, basic, anonymous = login("bob"), login("bob"), FakeStore()
    identities = Identities(CAROL, {known: "alice"}.get)

    told = identities.who(known)

    assert (told.user, told.trust) == ("alice", "reported")
    assert (identities.who(basic).user, identities.who(basic).trust) == ("bob", "reported")
    assert identities.who(anonymous) == CAROL


@pytest.mark.parametrize(
    ("owner", "authenticated", "further", "expected"),
    [
        ("ann", "bob", (hub("dora"), sagemaker("eve")), "ann"),
        (None, "bob", (hub("dora"), sagemaker("eve")), "bob"),
        (None, None, (hub("dora"), sagemaker("eve")), "dora"),
        (None, None, (hub(None, note="The Hub is away."), sagemaker("eve")), "eve"),
        (None, None, (absent, sagemaker("eve")), "eve"),
        (None, None, (absent, absent), "carol"),
        (None, None, (hub(None), sagemaker(None)), "carol"),
    ],
)
def test_the_best_source_that_names_somebody_is_believed(owner, authenticated, further, expected):
    who = Identities(CAROL, lambda _: owner, further).who(login(authenticated))

    assert (who.user, who.trust) == (expected, "claimed" if expected == "carol" else "reported")


@pytest.mark.parametrize(
    ("owner", "authenticated", "further", "expected"),
    [
        ("livy", None, (hub("alice"),), ("alice", "reported")),
        ("livy", "hadoop", (hub("alice"),), ("alice", "reported")),
        (None, "teamlab", (hub("jovyan"), sagemaker("alice")), ("alice", "reported")),
        ("livy", "alice", (), ("alice", "reported")),
        ("", "", (hub("alice"),), ("alice", "reported")),
        ("livy", "hadoop", (hub(None),), ("livy", "reported")),
        (None, "hadoop", (hub("jovyan"),), ("hadoop", "reported")),
    ],
)
def test_a_shared_account_names_nobody_so_the_next_reported_source_is_asked(owner, authenticated, further, expected):
    shared = frozenset({"livy", "hadoop", "jovyan", "teamlab"})
    identities = Identities(CAROL, lambda _: owner, further, lambda: shared)

    who = identities.who(login(authenticated))

    assert (who.user, who.trust) == expected


def test_the_accounts_that_name_nobody_are_known_without_a_policy(store):
    assert Identities(CAROL, None, (hub("jovyan", "ml"), sagemaker("alice"))).who(store).user == "alice"


@pytest.mark.parametrize("authenticated", [None, "alice", "alice@EXAMPLE.COM"])
def test_the_hubs_groups_count_for_the_same_person_by_any_reported_name(authenticated):
    who = Identities(CAROL, None, (hub("alice", "ml", "ops"),)).who(login(authenticated))

    assert (who.user, who.groups) == (authenticated or "alice", {"ml", "ops"})


def test_the_hubs_groups_count_for_the_owner_that_livy_named(store):
    assert Identities(CAROL, lambda _: "alice", (hub("alice@example.com", "ml"),)).who(store).groups == {"ml"}


@pytest.mark.parametrize("authenticated", ["bob", "Alice", "alice2", "alice@EXAMPLE.ORG"])
def test_the_hubs_groups_are_not_another_login_s(authenticated):
    identities = Identities(CAROL, None, (hub("alice@EXAMPLE.COM", "platform"),))

    assert identities.who(login(authenticated)).groups == frozenset()
    assert identities.who(login("alice")).groups == {"platform"}


@pytest.fixture
def system(monkeypatch):
    """The operating system's groups of carol."""
    monkeypatch.setattr(
        "livyguard.identity.sources.groups_of", lambda name: frozenset({"staff"} if name == "carol" else ())
    )


def test_the_systems_groups_come_with_the_claimed_account(system, store):
    assert Identities(CAROL).who(store) == Identity("carol", "claimed", "a test", frozenset({"staff"}))


def test_a_claimed_name_that_is_not_the_account_has_no_groups(system, store):
    assert Identities(Identity("alice", "claimed", "a test")).who(store).groups == frozenset()


@pytest.mark.parametrize("further", [(), (hub("carol", "ml"),)])
def test_claimed_groups_never_count_for_a_reported_name(system, further):
    who = Identities(CAROL, None, further).who(login("carol"))

    assert (who.trust, who.groups) == ("reported", {"ml"} if further else frozenset())


def test_a_shared_account_brings_no_groups(system, store):
    identities = Identities(CAROL, None, (), lambda: {"carol"})

    assert identities.who(store) == Identity("carol", "claimed", "a test")


def test_a_shared_account_of_the_hub_brings_no_groups_either(store):
    identities = Identities(NOBODY, None, (hub("teamlab", "platform"),), lambda: {"teamlab"})

    assert identities.who(store) == Identity("teamlab", "reported", "JupyterHub")


def test_nobody_at_all_is_nobody(store):
    assert Identities(NOBODY).who(store) == NOBODY


def test_nobody_is_asked_before_somebody_wants_to_know_and_groups_once(monkeypatch, store):
    asked = []

    def witness():
        asked.append("hub")

    monkeypatch.setattr("livyguard.identity.sources.groups_of", lambda name: asked.append(name) or frozenset())
    identities = Identities(CAROL, None, (witness,))
    assert asked == []

    identities.who(store)
    identities.who(store)

    assert asked == ["hub", "carol", "hub"]


def test_without_anything_else_the_environment_is_read(store):
    assert Identities().who(store).trust == "claimed"


def test_every_source_is_shown_with_what_it_said_and_why_it_does_not_count(system):
    place = login("bob")
    identities = Identities(CAROL, lambda _: "livy", (hub("alice", "ml"), absent, sagemaker(None)))

    told = identities.sources(place)

    assert [(each.user, each.trust, each.counts) for each in told] == [
        ("livy", "reported", False),
        ("bob", "reported", True),
        ("alice", "reported", False),
        (None, "reported", False),
        ("carol", "claimed", False),
    ]
    assert [each.source for each in told] == [
        "the owner that Livy gave to this notebook's session",
        f"the login at {place.endpoint}",
        "JupyterHub",
        "SageMaker's metadata file",
        "a test",
    ]
    assert [each.note for each in told] == [
        "livy is a shared account: it names nobody, and its groups are nobody's.",
        None,
        "Groups of alice are not those of bob.",
        None,
        "What is only claimed adds no groups to a reported user.",
    ]


def test_a_source_that_names_nobody_keeps_its_own_note(store):
    told = Identities(NOBODY, None, (hub(None, note="The Hub is away."),)).sources(store)

    assert [each.note for each in told] == [
        "Livy has named no owner yet.",
        "It names no user.",
        "The Hub is away.",
        "Neither environment nor operating system names a user.",
    ]
    assert [each.counts for each in told] == [False, False, False, True]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("alice", "alice", True),
        ("alice", "alice@EXAMPLE.COM", True),
        ("alice@EXAMPLE.COM", "alice", True),
        ("alice@EXAMPLE.COM", "alice@EXAMPLE.ORG", False),
        ("alice", "ALICE", False),
        ("alice", "alice/admin@EXAMPLE.COM", False),
    ],
)
def test_a_short_name_and_its_principal_are_one_person(one, other, expected):
    assert is_same(one, other) is expected
