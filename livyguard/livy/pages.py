"""Reading a list that Livy gives in pages and that changes while it is read."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from types import TracebackType

    Page = tuple[Sequence[Any], int | None]

__all__ = ["PAGE", "read_all"]

#: Livy's own page size.
PAGE = 100
#: A list that changes faster than this many extra requests can follow is taken as it is.
PATIENCE = 20
#: Whole pages that are passed over where a gateway shows a part of the list only, and Livy's total of it.
LEAPS = 200

Kept = TypeVar("Kept")


def read_all(read_page: Callable[[int, int], Page], keep: Callable[[dict[str, Any]], Kept]) -> list[Kept]:
    """Return what is kept of every listed object, each once, in the order of ids.

    Each page begins with the last item of the page before, and is one longer for that. Where it does not, sessions in
    front have gone and the list has moved up under us: the reading steps back until it meets something known, so
    nothing is lost. Where a page has nothing to go on from, though more is promised, the reading goes on a page later:
    a gateway in front of Livy shows each user their own. While one page is cut down to what is kept, the next is on its
    way; there is never more than one request at a time.

    Args:
        read_page: takes an offset and a size, returns the items and the total that Livy tells (None if it does not).
        keep: what to keep of an object; pages themselves are not held beyond their reading, thousands of logs and all.
    """
    found: dict[int, Kept] = {}
    offset, patience, leaps, has_leapt = 0, PATIENCE, LEAPS, False
    with _Ahead(read_page) as pages:
        while True:
            items, total = pages.read(offset)
            if offset > 0 and patience > 0 and not has_leapt and not _meets(items, found):
                offset, patience = max(0, offset - PAGE), patience - 1
                continue
            known, end = len(found), offset + len(items)
            is_last = end >= total if total is not None else len(items) < PAGE
            if not is_last and any(_has_id(item) and item["id"] not in found for item in items):
                pages.expect(end - 1)
            found.update({item["id"]: keep(item) for item in items if _has_id(item)})
            is_stuck = len(items) <= 1 or (len(found) == known and patience == 0)
            has_leapt = is_stuck and total is not None and offset + PAGE < total and leaps > 0
            if is_last or (is_stuck and not has_leapt):
                return [found[number] for number in sorted(found)]
            if has_leapt:
                offset, leaps = offset + PAGE, leaps - 1
                continue
            if len(found) == known:
                patience -= 1
            offset = end - 1


class _Ahead:
    """Reads pages, the one that is expected next in a thread of its own; a list of one page needs none."""

    def __init__(self, read_page: Callable[[int, int], Page]) -> None:
        self._read_page = read_page
        self._pool: ThreadPoolExecutor | None = None
        self._expected: tuple[int, Future[Page]] | None = None

    def __enter__(self) -> _Ahead:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """End the thread; whoever interrupts does not wait for its answer."""
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None or issubclass(kind, Exception), cancel_futures=True)

    def expect(self, offset: int) -> None:
        """Begin to read a page."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1)
        self._expected = offset, self._pool.submit(self._read_page, offset, PAGE + 1)

    def read(self, offset: int) -> Page:
        """Return a page; one that was expected and is not wanted is waited for all the same."""
        expected, self._expected = self._expected, None
        if expected is not None:
            answer = expected[1].result()
            if expected[0] == offset:
                return answer
        return self._read_page(offset, PAGE + 1)


def _meets(items: Sequence[Any], found: Container[int]) -> bool:
    """Tell whether a page begins with something known; what has no id cannot tell, so it passes."""
    return bool(items) and (not _has_id(items[0]) or items[0]["id"] in found)


def _has_id(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), int) and not isinstance(item["id"], bool)
