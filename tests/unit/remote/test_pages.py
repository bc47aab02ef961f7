"""Pages of one file in memory."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.remote import PageCache
from lindi_explorer.remote.pages import PAGE

DATA = random.Random(1).randbytes(100 * PAGE + 123)


def _filled(pages: PageCache, offset: int, length: int) -> tuple[bytes, list[tuple[int, int]]]:
    out = bytearray(length)
    return (bytes(out), missing) if (missing := pages.fill(out, offset)) else (bytes(out), [])


def test_gives_back_what_was_put() -> None:
    pages = PageCache(len(DATA), memory_limit=1 << 20)
    pages.put(0, DATA)
    assert _filled(pages, 100, 50_000) == (DATA[100:50_100], [])
    assert _filled(pages, len(DATA) - 10, 10) == (DATA[-10:], [])
    assert pages.memory == len(DATA)


def test_names_what_is_missing() -> None:
    pages = PageCache(len(DATA), memory_limit=1 << 20)
    pages.put(2 * PAGE, DATA[2 * PAGE : 3 * PAGE])
    assert _filled(pages, 100, 5 * PAGE)[1] == [(100, 2 * PAGE), (3 * PAGE, 5 * PAGE + 100)]


def test_parts_of_pages_are_left_out_but_at_the_end_of_the_file() -> None:
    pages = PageCache(len(DATA), memory_limit=1 << 20)
    pages.put(10, DATA[10 : 2 * PAGE + 10])
    assert pages.memory == PAGE
    pages.put(99 * PAGE + 5, DATA[99 * PAGE + 5 :])
    assert pages.memory == PAGE + 123


def test_putting_a_page_twice_counts_once() -> None:
    pages = PageCache(len(DATA), memory_limit=1 << 20)
    pages.put(0, DATA[:PAGE])
    pages.put(0, DATA[:PAGE])
    assert pages.memory == PAGE
    pages.clear()
    assert pages.memory == 0
    assert _filled(pages, 0, 10)[1] == [(0, 10)]


def test_what_was_used_last_stays() -> None:
    group = 32 * PAGE
    pages = PageCache(len(DATA), memory_limit=2 * group)
    pages.put(0, DATA[:group])
    pages.put(group, DATA[group : 2 * group])
    _filled(pages, 0, 10)
    pages.put(2 * group, DATA[2 * group : 3 * group])
    assert _filled(pages, 0, 10) == (DATA[:10], [])
    assert _filled(pages, group, 10)[1] == [(group, group + 10)]


def test_a_thread_that_meets_another_at_work_does_not_wait() -> None:
    pages = PageCache(len(DATA), memory_limit=1 << 20)
    pages.put(0, DATA[:PAGE])
    with pages._turn:
        assert _filled(pages, 0, 10) == (DATA[:10], [])
        pages.put(PAGE, DATA[PAGE : 2 * PAGE])
        pages.clear()
    assert pages.memory == PAGE


@given(
    puts=st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 40 * PAGE)), max_size=10),
    asked=st.tuples(st.integers(0, len(DATA) - 1), st.integers(1, 20 * PAGE)),
    limit=st.sampled_from([0, PAGE, 33 * PAGE, 1 << 20]),
)
def test_present_and_missing_make_up_the_whole(puts, asked, limit) -> None:
    pages = PageCache(len(DATA), memory_limit=limit)
    for offset, length in puts:
        pages.put(offset, DATA[offset : offset + length])
        assert pages.memory <= limit
    offset, length = asked[0], min(asked[1], len(DATA) - asked[0])
    found, missing = _filled(pages, offset, length)
    out = bytearray(found)
    for start, stop in missing:
        assert offset <= start < stop <= offset + length
        out[start - offset : stop - offset] = DATA[start:stop]
    assert bytes(out) == DATA[offset : offset + length]
