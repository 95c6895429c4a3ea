"""Sizes as Spark and YARN write them, and what a container holds beside its heap."""

from __future__ import annotations

import pytest

from livyguard.hints.memory import LEAST_HEAP, fitting, heap_in, larger_overhead, mib, setting, shown, usual_overhead


@pytest.mark.parametrize(
    ("number", "unit", "amount"),
    [("8.2", "GB", 8396.8), ("2.0", "GiB", 2048), ("264.3", "MB", 264.3), ("512", "KiB", 0.5), ("1", "TB", 1048576)],
)
def test_a_size_is_read_in_any_of_its_spellings(number, unit, amount):
    assert mib(number, unit) == pytest.approx(amount)


def test_bytes_are_sizes_too():
    assert mib("1048576", "B") == 1


@pytest.mark.parametrize(("container", "heap"), [(1408, 1024), (1, 1), (11264, 10240), (2048, 1664)])
def test_the_heap_of_a_container_leaves_the_overhead_that_spark_adds(container, heap):
    assert heap_in(container) == heap


@pytest.mark.parametrize(
    ("container", "used", "overhead"), [(1408, 1409, 768), (11264, 11300, 2304), (11264, 20480, 11520)]
)
def test_the_overhead_doubles_or_holds_what_was_used(container, used, overhead):
    assert larger_overhead(container, used) == overhead
    assert heap_in(container) + overhead > used


@pytest.mark.parametrize(("amount", "spelled"), [(1024, "1g"), (1792, "1792m"), (2.1, "3m"), (2048.0, "2g")])
def test_a_setting_is_whole(amount, spelled):
    assert setting(amount) == spelled


@pytest.mark.parametrize(("amount", "words"), [(8396.8, "8.2 GiB"), (264.3, "264 MiB"), (1023, "1,023 MiB")])
def test_a_size_in_a_sentence_is_short(amount, words):
    assert shown(amount) == words


@pytest.mark.parametrize("most", [640, 896, 1024, 8192, 12288, 65536])
@pytest.mark.parametrize("heap", [200, 512, 1024, 8192, 200_000])
@pytest.mark.parametrize("overhead", [0, 384, 819, 8192, 20_000])
@pytest.mark.parametrize("others", [0, 128])
def test_what_is_offered_fits_and_is_a_heap_that_spark_starts_with(most, heap, overhead, others):
    fits = fitting(most, heap, overhead, others)

    assert fits is not None or most - others < 640
    if fits is not None:
        new_heap, named = fits
        # An overhead that somebody named stays as it is; Spark's usual one goes with the heap.
        beside = usual_overhead(new_heap) if overhead <= usual_overhead(heap) else overhead
        assert new_heap >= LEAST_HEAP
        assert new_heap + (beside if named is None else named) + others <= most


def test_nothing_is_offered_where_no_heap_fits():
    assert fitting(600, 1024, 384) is None
    assert fitting(8192, 1024, 384, others=8192) is None
