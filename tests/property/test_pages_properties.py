"""A listing that changes while it is read neither loses nor repeats a session."""

from hypothesis import given
from hypothesis import strategies as st

from livyguard.livy.pages import read_all

#: What happens between two pages: how many of the oldest end, and how many begin.
CHANGES = st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), max_size=8)


@given(count=st.integers(0, 450), changes=CHANGES, positions=st.lists(st.integers(0, 449), max_size=8))
def test_whoever_is_there_all_the_time_is_listed_once(count, changes, positions):
    alive = list(range(count))
    born = [count]
    lasting = set(alive)
    steps = list(zip(changes, positions, strict=False))

    def page(offset, size):
        answer = [{"id": number} for number in alive[offset : offset + size]], len(alive)
        if steps:
            (ending, beginning), position = steps.pop(0)
            gone = alive[position : position + ending]
            lasting.difference_update(gone)
            del alive[position : position + ending]
            alive.extend(range(born[0], born[0] + beginning))
            born[0] += beginning
        return answer

    listed = [item["id"] for item in read_all(page, lambda item: item)]

    assert listed == sorted(set(listed))
    assert lasting <= set(listed)
