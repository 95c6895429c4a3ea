"""From a case to its hints: which entries are searched for, which yield, which come first."""

from __future__ import annotations

from dataclasses import dataclass, field

from livyguard.hints.diagnose import diagnose
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.evidence import Case


@dataclass
class Searched:
    """A catalogue that counts which of its entries looked into a case."""

    codes: list[str] = field(default_factory=list)

    def entry(self, code, *, rank=50, finds=True, **options):
        def find(_case):
            self.codes.append(code)
            return Finding(f"title of {code}", "cause", rank=rank) if finds else None

        return Entry(code, code.lower(), "title", "about", find, **options)


def codes(*entries, text="a failure"):
    return [hint.code for hint in diagnose(Case(error=text), entries)]


def test_nothing_is_searched_for_in_a_text_without_its_words():
    searched = Searched()
    catalog = [searched.entry(f"LG{number}", needles=(f"word {number}",)) for number in range(101, 191)]

    hints = diagnose(Case(log=("INFO all is well", "INFO word 777") * 5_000), catalog)

    assert (hints, searched.codes) == ([], [])


def test_only_what_has_a_word_in_the_text_is_searched_for():
    searched = Searched()
    one = searched.entry("LG217", needles=("nowhere", "exit code 137"))
    other = searched.entry("LG218", needles=("exit code 143",))

    assert codes(one, other, text="Container exited with exit code 137.") == ["LG217"]
    assert searched.codes == ["LG217"]


def test_an_entry_without_words_is_told_by_other_things_and_always_looks():
    assert codes(Searched().entry("LG104"), text="") == ["LG104"]


def test_an_entry_that_only_explains_is_never_a_hint():
    assert codes(Entry("LG701", "name", "title", "about")) == []


def test_the_better_explained_comes_first():
    searched = Searched()

    assert codes(searched.entry("LG202", rank=40), searched.entry("LG310", rank=90)) == ["LG310", "LG202"]


def test_no_more_than_five_are_told_and_those_the_best():
    searched = Searched()
    catalog = [searched.entry(f"LG{number}", rank=number - 200) for number in range(201, 211)]

    assert codes(*catalog) == ["LG210", "LG209", "LG208", "LG207", "LG206"]


def test_an_entry_yields_to_a_family_and_to_a_single_code():
    searched = Searched()
    to_family = searched.entry("LG107", rank=99, yields_to=("LG2",))
    to_code = searched.entry("LG108", rank=99, yields_to=("LG202",))
    other = searched.entry("LG109", yields_to=("LG203",))

    assert codes(to_family, to_code, other, searched.entry("LG202")) == ["LG202", "LG109"]


def test_an_entry_that_yields_is_not_searched_for_where_it_would_yield():
    searched = Searched()

    codes(searched.entry("LG107", yields_to=("LG2",)), searched.entry("LG202"))

    assert searched.codes == ["LG202"]


def test_of_entries_that_yield_to_one_another_the_better_explained_stays():
    searched = Searched()
    first = searched.entry("LG107", rank=30, yields_to=("LG1", "LG2"))
    second = searched.entry("LG201", rank=40, yields_to=("LG1", "LG2"))

    assert codes(first, second) == ["LG201"]


def test_an_entry_that_yields_to_its_own_family_stands_where_it_is_alone():
    searched = Searched()

    assert codes(searched.entry("LG101", yields_to=("LG1",)), searched.entry("LG102", finds=False)) == ["LG101"]
